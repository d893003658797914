"""Small pictures of the layers for their rows, made while nothing else is to be done."""

import time

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.layer_thumbnails import LayerThumbnail
from sketchsause_desktop.ui.images import of_premultiplied

_WAIT_MS = 250  # after the last change
_SLICE_S = 0.004  # of work between two turns of the event loop


class LayerPictures(QObject):
    changed = Signal()

    def __init__(self, editor: Editor, shown_in: QWidget) -> None:
        super().__init__(shown_in)
        self._editor, self._shown_in = editor, shown_in
        self._thumbnails: dict[int, LayerThumbnail] = {}
        self._images: dict[int, QImage] = {}
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timer)
        editor.document_replaced.connect(self._on_replaced)
        for signal in (editor.region_changed, editor.result_changed, editor.layers_changed):
            signal.connect(self.outdate)

    def image(self, layer_id: int) -> QImage | None:
        """None until it is made."""
        return self._images.get(layer_id)

    def outdate(self) -> None:
        if self._shown_in.isVisible():
            self._timer.start(_WAIT_MS)

    def _on_replaced(self) -> None:
        self._thumbnails.clear()
        self._images.clear()
        self.outdate()

    def _on_timer(self) -> None:
        if self._editor.is_drawing:  # a snapshot now would make the stroke copy its tiles once more
            self._timer.start(_WAIT_MS)
            return
        until = time.perf_counter() + _SLICE_S
        before = self._images.copy()
        for layer_id in self._layer_ids():
            if not self._is_made(layer_id, until):
                self._timer.start(0)
                break
        if self._images != before:
            self.changed.emit()

    def _layer_ids(self) -> list[int]:
        ids = [layer.layer_id for layer in self._editor.document.leaves()]
        for gone in self._thumbnails.keys() - set(ids):
            del self._thumbnails[gone]
            self._images.pop(gone, None)
        return ids

    def _is_made(self, layer_id: int, until: float) -> bool:
        """Work on it until then; whether it is whole. Half done it is not shown: repainting the rows costs time."""
        document = self._editor.document
        thumbnail = self._thumbnails.setdefault(layer_id, LayerThumbnail(document.size))
        if thumbnail.update(document.layer(layer_id).tiles.snapshot(), until):
            return False
        self._images[layer_id] = of_premultiplied(thumbnail.pixels)
        return True
