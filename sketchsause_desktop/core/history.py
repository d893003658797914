"""Undo and redo by changed tiles, within a budget of bytes."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

from numpy.typing import NDArray

from models.errors import UserError
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.layers import Layer
from sketchsause_desktop.core.tiles import TileMap, TileSnapshot, tile_rect

DEFAULT_BUDGET_BYTES = 512 * 1024 * 1024


class Change(Protocol):
    """One step of the history; made after the change was done."""

    @property
    def name(self) -> str:
        """What it was, for the menu: "Brush"."""

    def undo(self, document: Document) -> Rect:
        """Returns where pixels changed."""

    def redo(self, document: Document) -> Rect: ...

    def held(self) -> Iterator[NDArray[Any]]:
        """The arrays that this step keeps alive; always the same ones."""


@runtime_checkable
class Continuing(Protocol):
    """A change that may go on with the one before it, so that a drag of a slider is one step."""

    def joined_to(self, earlier: Change) -> Change | None:
        """Both as one change; None if this one does not go on with `earlier`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TileChange:
    """Other pixels in one layer: the tiles that changed, as they were and as they became."""

    name: str
    layer_id: int
    before: TileMap
    after: TileMap

    @staticmethod
    def of(name: str, layer: Layer, before: TileSnapshot) -> "TileChange | None":
        """What happened to `layer` since the snapshot `before`; None if nothing did."""
        after = layer.tiles.snapshot()
        keys = after.changed_keys(before)
        if not keys:
            return None
        return TileChange(
            name=name,
            layer_id=layer.layer_id,
            before={key: before.tile(key) for key in keys},
            after={key: after.tile(key) for key in keys},
        )

    @property
    def rect(self) -> Rect:
        return Rect.union_of(tile_rect(key) for key in self.after)

    def undo(self, document: Document) -> Rect:
        return document.layer(self.layer_id).tiles.replace(self.before)

    def redo(self, document: Document) -> Rect:
        return document.layer(self.layer_id).tiles.replace(self.after)

    def held(self) -> Iterator[Pixels]:
        for tiles in (self.before, self.after):
            for tile in tiles.values():
                if tile is not None:
                    yield tile


@dataclass(frozen=True, kw_only=True, eq=False)
class Together:
    """Several changes, in the order in which they were made, as one step."""

    name: str
    changes: tuple[Change, ...]

    def undo(self, document: Document) -> Rect:
        return Rect.union_of([change.undo(document) for change in reversed(self.changes)])

    def redo(self, document: Document) -> Rect:
        return Rect.union_of([change.redo(document) for change in self.changes])

    def held(self) -> Iterator[NDArray[Any]]:
        return itertools.chain.from_iterable(change.held() for change in self.changes)


def done_together(
    document: Document, name: str, actions: Iterable[Callable[[Document], Change | None]]
) -> Change | None:
    """Several actions as one step. A UserError of one of them takes all that was done before it back."""
    changes: list[Change] = []
    try:
        for action in actions:
            change = action(document)
            changes.extend([] if change is None else [change])
    except UserError:
        for change in reversed(changes):
            change.undo(document)
        raise
    if len(changes) > 1:
        return Together(name=name, changes=tuple(changes))
    return changes[0] if changes else None


class _Step(NamedTuple):
    state: int  # names the state of the document after the change
    change: Change


class History:
    """Steps done and steps taken back. The oldest are forgotten once the arrays they hold exceed the budget.

    Arrays that several steps share count once. The newest step is kept whatever its size.
    """

    def __init__(self, budget_bytes: int = DEFAULT_BUDGET_BYTES) -> None:
        self._budget_bytes = budget_bytes
        self._states = itertools.count(1)
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._oldest_state = 0  # the one below the oldest step
        self._holders: Counter[int] = Counter()  # id of an array -> how often steps hold it
        self._held_bytes = 0

    def __len__(self) -> int:
        """How many steps can be undone."""
        return len(self._done)

    @property
    def state(self) -> int:
        """Names the present state: equal again after undoing and redoing, never given twice."""
        return self._done[-1].state if self._done else self._oldest_state

    @property
    def held_bytes(self) -> int:
        return self._held_bytes

    @property
    def undo_name(self) -> str:
        """The step that undo would take back; "" when there is none."""
        return self._done[-1].change.name if self._done else ""

    @property
    def redo_name(self) -> str:
        return self._undone[-1].change.name if self._undone else ""

    @property
    def entries(self) -> tuple[str, ...]:
        """The names of all steps, those taken back too, the oldest first."""
        return tuple(step.change.name for step in (*self._done, *reversed(self._undone)))

    def push(self, change: Change) -> None:
        """Remember a change that has just been made; what had been taken back is gone."""
        if self._done and not self._undone and isinstance(change, Continuing):
            earlier = self._done[-1].change
            both = change.joined_to(earlier)
            if both is not None:
                self._done.pop()
                self._release(earlier)
                change = both
        for step in self._undone:
            self._release(step.change)
        self._undone.clear()
        self._done.append(_Step(next(self._states), change))
        self._hold(change)
        while self._held_bytes > self._budget_bytes and len(self._done) > 1:
            oldest = self._done.pop(0)
            self._oldest_state = oldest.state
            self._release(oldest.change)

    def undo(self, document: Document) -> Rect:
        """Take the newest step back; returns where pixels changed, nothing when there is no step."""
        if not self._done:
            return EMPTY_RECT
        step = self._done.pop()
        self._undone.append(step)
        return step.change.undo(document)

    def redo(self, document: Document) -> Rect:
        if not self._undone:
            return EMPTY_RECT
        step = self._undone.pop()
        self._done.append(step)
        return step.change.redo(document)

    def go_to(self, document: Document, count: int) -> Rect:
        """Undo or redo until just the first `count` of `entries` are done; returns where pixels changed."""
        changed = EMPTY_RECT
        while len(self._done) > max(count, 0):
            changed = changed.united(self.undo(document))
        while len(self._done) < count and self._undone:
            changed = changed.united(self.redo(document))
        return changed

    def _hold(self, change: Change) -> None:
        for array in change.held():
            self._holders[id(array)] += 1
            if self._holders[id(array)] == 1:
                self._held_bytes += array.nbytes

    def _release(self, change: Change) -> None:
        for array in change.held():
            self._holders[id(array)] -= 1
            if self._holders[id(array)] == 0:
                del self._holders[id(array)]
                self._held_bytes -= array.nbytes
