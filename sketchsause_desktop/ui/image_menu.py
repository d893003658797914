"""The Image menu: the whole canvas cut, enlarged, scaled, turned, mirrored."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core import canvas_actions
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.history import Change
from sketchsause_desktop.ui.actions import new_command
from sketchsause_desktop.ui.busy import busy


class ImageMenu(QObject):
    def __init__(self, window: QWidget, editor: Editor) -> None:
        super().__init__(window)
        self._window, self._editor = window, editor
        make = partial(new_command, self._window)
        self.canvas_size = make(
            "&Canvas size…", self._ask_canvas_size, "Ctrl+Alt+C", tip="Room at the rims, or less of it"
        )
        self.scale = make("&Scale…", self._ask_scale, "Ctrl+Alt+I", tip="The whole picture larger or smaller")
        self.crop = make("Cr&op to selection", self._crop, tip="Only what is selected stays")
        self.clockwise = make("Rotate 90° c&lockwise", lambda: self._rotate(90))
        self.anticlockwise = make("Rotate 90° &anticlockwise", lambda: self._rotate(-90))
        self.half_turn = make("Rotate &180°", lambda: self._rotate(180))
        self.rotate = make("&Rotate…", self._ask_rotate, tip="By any angle")
        self.flip_horizontally = make("Flip &horizontally", lambda: self._do(canvas_actions.flip))
        self.flip_vertically = make(
            "Flip &vertically", lambda: self._do(lambda document: canvas_actions.flip(document, upside_down=True))
        )
        for signal in (editor.selection_changed, editor.document_replaced):
            signal.connect(self._show)
        self._show()

    def fill(self, menu: QMenu) -> None:
        groups = (
            (self.canvas_size, self.scale, self.crop),
            (self.clockwise, self.anticlockwise, self.half_turn, self.rotate),
            (self.flip_horizontally, self.flip_vertically),
        )
        for number, group in enumerate(groups):
            if number:
                menu.addSeparator()
            menu.addActions(list(group))

    def _show(self) -> None:
        self.crop.setEnabled(self._editor.document.selection is not None)

    def _do(self, action: Callable[[Document], Change | None]) -> None:
        with busy():
            self._editor.do(action)

    def _crop(self) -> None:
        selection = self._editor.document.selection
        if selection is not None:
            self._do(lambda document: canvas_actions.crop(document, selection.bounds))

    def _rotate(self, degrees: float) -> None:
        self._do(lambda document: canvas_actions.rotate(document, degrees))

    def _ask_canvas_size(self) -> None:
        from sketchsause_desktop.ui.image_dialogs import CanvasSizeDialog  # here and below: loaded when first needed

        dialog = CanvasSizeDialog(self._window, self._editor.document.size)
        if dialog.ask():
            self._do(lambda document: canvas_actions.resize_canvas(document, dialog.chosen, dialog.anchor))

    def _ask_scale(self) -> None:
        from sketchsause_desktop.ui.image_dialogs import ScaleDialog

        dialog = ScaleDialog(self._window, self._editor.document.size)
        if dialog.ask():
            self._do(lambda document: canvas_actions.scale(document, dialog.chosen, dialog.resampling))

    def _ask_rotate(self) -> None:
        from sketchsause_desktop.ui.image_dialogs import RotateDialog

        dialog = RotateDialog(self._window)
        if dialog.ask():
            self._rotate(dialog.degrees)
