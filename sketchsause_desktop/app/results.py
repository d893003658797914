"""The colours that live colour came to: kept, shown again, applied."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.core.layer_thumbnails import LayerThumbnail
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.core.result_actions import apply_colours
from sketchsause_desktop.core.tiles import TileSnapshot

MOST = 24  # results kept for a drawing, besides those its user asked to keep
BUDGET_BYTES = 256 * 1024 * 1024  # of all results of a drawing; the oldest that nobody asked to keep go first
REST_MS = 1200  # colours that stay for so long are a result; others were on the way to one
_SLICE_S = 0.004


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """`thumbnail` is premultiplied (height, width, 4), the colours alone."""

    number: int  # counts up
    tiles: TileSnapshot
    thumbnail: Pixels
    model: str
    made_at: datetime
    size: Size  # of the canvas then
    is_kept: bool = False


class Results(QObject):
    """Those of the drawing in front, newest first. Closing a drawing forgets its results."""

    changed = Signal()
    shown_again = Signal()  # an earlier result is in place of the present one

    def __init__(self, editor: Editor, model: Callable[[], str], parent: QObject | None = None) -> None:
        """`model` gives the title of what colours now."""
        super().__init__(parent)
        self._editor, self._model = editor, model
        self._results: dict[int, tuple[Result, ...]] = {}  # by document_id
        self._count = 0
        self._waiting: tuple[LayerThumbnail, TileSnapshot] | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._on_rest)
        self._slices = QTimer(self, interval=0)
        self._slices.timeout.connect(self._on_slice)
        editor.result_changed.connect(self._on_result_changed)
        editor.document_replaced.connect(self._on_document_replaced)
        editor.drawings_changed.connect(self._forget_closed)

    @property
    def all(self) -> tuple[Result, ...]:
        """Those of the canvas as large as it is now; undoing a crop brings the others back."""
        return tuple(each for each in self._all if each.size == self._editor.document.size)

    @property
    def _all(self) -> tuple[Result, ...]:
        return self._results.get(self._id, ())

    @property
    def _id(self) -> int:
        return self._editor.document.document_id

    # What the user does

    def apply(self) -> bool:
        """Into the layer of applied colours right above; False, with `refused`, where there are none."""
        return self._editor.do(apply_colours)

    def apply_as_layer(self) -> bool:
        return self._editor.do(lambda document: apply_colours(document, as_new=True))

    def show_again(self, number: int) -> None:
        """In place of the present colours, until the next change of the drawing is coloured; no step of the history."""
        self._editor.show_colours(self._find(number).tiles)
        self.shown_again.emit()

    def keep(self, number: int, kept: bool) -> None:
        """Whether it stays however many come after it."""
        self._put(replace(each, is_kept=kept) if each.number == number else each for each in self._all)

    def discard(self, number: int) -> None:
        self._put(each for each in self._all if each.number != number)

    def _find(self, number: int) -> Result:
        return next(each for each in self.all if each.number == number)

    # Gathering

    def _on_result_changed(self, _rect: object) -> None:
        self._drop_waiting()
        self._rest.start()

    def _on_document_replaced(self) -> None:
        self._drop_waiting()
        self._rest.stop()
        self.changed.emit()

    def _drop_waiting(self) -> None:
        self._slices.stop()
        self._waiting = None

    def _on_rest(self) -> None:
        layer = self._editor.document.topmost(Role.AI_COLOUR)
        if layer is None or not len(layer.tiles):
            return
        tiles = layer.tiles.snapshot()
        if any(tiles == each.tiles for each in self.all):
            return
        self._waiting = LayerThumbnail(self._editor.document.size), tiles
        self._slices.start()

    def _on_slice(self) -> None:
        assert self._waiting is not None
        thumbnail, tiles = self._waiting
        if thumbnail.update(tiles, time.perf_counter() + _SLICE_S):
            return
        self._drop_waiting()
        self._count += 1
        made = Result(
            number=self._count,
            tiles=tiles,
            thumbnail=thumbnail.pixels,
            model=self._model(),
            made_at=datetime.now().astimezone(),
            size=self._editor.document.size,
        )
        self._put((made, *self._all))

    def _put(self, results: Iterable[Result]) -> None:
        self._results[self._id] = _within_bounds(tuple(results))
        self.changed.emit()

    def _forget_closed(self) -> None:
        there = {drawing.document.document_id for drawing in self._editor.drawings}
        self._results = {each: results for each, results in self._results.items() if each in there}


def _within_bounds(results: tuple[Result, ...]) -> tuple[Result, ...]:
    """Without the oldest ones that nobody asked to keep, as far as there are too many or they hold too much."""
    answer: list[Result] = []
    sizes: dict[int, int] = {}  # bytes by array: results share tiles
    passing = 0
    for result in results:
        more = {id(tile): tile.nbytes for tile in result.tiles.arrays()}
        is_too_much = passing >= MOST or sum((sizes | more).values()) > BUDGET_BYTES
        if answer and is_too_much and not result.is_kept:
            continue
        passing += not result.is_kept
        sizes |= more
        answer.append(result)
    return tuple(answer)
