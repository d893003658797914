"""When live colour runs: at once where a pass is quick, after a short pause in drawing where it is slow."""

import time
from collections.abc import Callable

FAST_PASS_MS = 500.0  # above this a machine is slow
PAUSE_S = 0.3  # on a slow machine: how long the drawing must rest
COMPANY_PAUSE_S = 0.6  # the same beside other work, which each pass holds up
LONGEST_WAIT_S = 2.0  # and how long a change waits at most while the drawing does not rest
REST_S = 0.25  # on a fast machine: how long the drawing must rest before more than a quick pass is done
MERGE_S = 0.016  # changes within this time of a request go into the next one
_WEIGHT_OF_NEWEST = 0.3
_WORST = 3.0  # times the mean so far


class LiveSchedule:
    """Is told what happened and answers how long to wait. `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pass_ms: float | None = None  # running mean
        self._has_company = False
        self._sent_at = -MERGE_S
        self._changed_at = 0.0
        self._waiting_since: float | None = None  # when the first change came that no request has

    @property
    def pass_ms(self) -> float | None:
        """A quick pass, as measured; None = not yet."""
        return self._pass_ms

    @property
    def is_slow(self) -> bool:
        return self._has_company or (self._pass_ms is not None and self._pass_ms > FAST_PASS_MS)

    def set_company(self, has_company: bool) -> None:
        """Whether something else, such as a training, works on this machine: then passes wait for a pause as well."""
        self._has_company = has_company

    def note_change(self) -> None:
        self._changed_at = self._clock()
        if self._waiting_since is None:
            self._waiting_since = self._changed_at

    def note_request(self) -> None:
        """A request with all changes so far was sent, or there is nothing to send."""
        self._sent_at = self._clock()
        self._waiting_since = None

    def note_pass(self, elapsed_ms: float) -> None:
        if self._pass_ms is None:
            self._pass_ms = elapsed_ms
        else:
            felt_ms = min(elapsed_ms, _WORST * self._pass_ms)  # one that was held up says little of the next
            self._pass_ms += _WEIGHT_OF_NEWEST * (felt_ms - self._pass_ms)

    def forget_passes(self) -> None:
        """Another model: what was measured says nothing about it."""
        self._pass_ms = None

    def delay_s(self) -> float | None:
        """How long to wait before the next request: 0 = send it now, None = nothing to send."""
        if self._waiting_since is None:
            return None
        due = self._sent_at + MERGE_S
        if self.is_slow:
            due = max(due, min(self._changed_at + self._pause_s, self._waiting_since + LONGEST_WAIT_S))
        return max(0.0, due - self._clock())

    def rest_delay_s(self) -> float:
        """How long to wait until the drawing has rested long enough for a pass that takes longer."""
        pause = self._pause_s if self.is_slow else REST_S
        return max(0.0, self._changed_at + pause - self._clock())

    @property
    def _pause_s(self) -> float:
        return COMPANY_PAUSE_S if self._has_company else PAUSE_S
