"""Where a drawing changed since the colours that are shown."""

from sketchsause_desktop.core.geometry import Rect

_MOST = 64  # places that are told apart; a stroke has more in a second


class ChangedPlaces:
    """Kept by revision. However much is noted, little is held and quickly asked for."""

    def __init__(self) -> None:
        self._places: list[tuple[int, Rect]] = []

    def note(self, revision: int, place: Rect) -> None:
        """`revision` is the newest so far."""
        self._places.append((revision, place))
        if len(self._places) > _MOST:
            self._places = [(revision, self.box)]

    @property
    def box(self) -> Rect:
        """Round all of them; empty when there are none."""
        return Rect.union_of(place for _, place in self._places)

    def forget_until(self, revision: int) -> None:
        """The colours of this revision are shown."""
        self._places = [each for each in self._places if each[0] > revision]

    def forget_after(self, revision: int) -> None:
        """What changed since this revision changes no colours."""
        self._places = [each for each in self._places if each[0] <= revision]

    def clear(self) -> None:
        self._places.clear()
