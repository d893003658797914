"""When to write a drawing down for after a crash: while the hand rests, and never far behind."""

from collections.abc import Callable

LIMIT_SECONDS = 60.0  # what a crash may cost at most
REST_SECONDS = 2.0  # without a change: the hand rests
SPACING_SECONDS = 15.0  # between two saves while there is no hurry
RETRY_SECONDS = 20.0  # after one that failed, on a full disk say
_SPARING = 10.0  # a save that took 3 s is followed by at least 30 s without one, unless the limit is near
_MARGIN_SECONDS = 5.0  # kept free for the save itself


class AutosaveSchedule:
    """For one drawing: `changed` at each change, `is_due` a few times a second, `started` and `finished` round a save.

    All on one thread; `clock` counts seconds and never goes back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._oldest: float | None = None  # the first change that no finished save holds
        self._newest = 0.0
        self._began: float | None = None
        self._during: float | None = None  # the first change since the running save began
        self._at_leisure = clock()  # not before, unless the limit is near
        self._at_all = clock()  # not before, whatever happens
        self._takes = 0.0

    @property
    def is_behind(self) -> bool:
        """Whether something would be lost now."""
        return self._oldest is not None

    def changed(self) -> None:
        self._newest = self._clock()
        if self._oldest is None:
            self._oldest = self._newest
        if self._began is not None and self._during is None:
            self._during = self._newest

    def is_due(self, *, busy: bool = False) -> bool:
        """Whether to begin a save; while `busy` (the pen is down) only when the limit is near."""
        now = self._clock()
        if self._oldest is None or self._began is not None or now < self._at_all:
            return False
        if now - self._oldest >= LIMIT_SECONDS - max(_MARGIN_SECONDS, 2 * self._takes):
            return True
        return not busy and now - self._newest >= REST_SECONDS and now >= self._at_leisure

    def started(self) -> None:
        """The snapshot has been taken."""
        self._began, self._during = self._clock(), None

    def finished(self, *, saved: bool) -> None:
        assert self._began is not None, "no save was running"
        now = self._clock()
        self._takes = now - self._began
        self._began = None
        if saved:
            self._oldest = self._during
            self._at_leisure = now + max(SPACING_SECONDS, _SPARING * self._takes)
        else:
            self._at_all = now + RETRY_SECONDS

    def forget(self) -> None:
        """The drawing was saved by its user: nothing would be lost."""
        self._oldest = None
        self._during = None
