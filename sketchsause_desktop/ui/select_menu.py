"""The Select menu."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.tool_options import MAX_FEATHER
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import Layer
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.selection_edges import feathered, grown, shrunk
from sketchsause_desktop.ui.actions import Keys, new_action
from sketchsause_desktop.ui.busy import busy

_MOST = 100  # px by which a selection grows or shrinks at once


class SelectMenu(QObject):
    def __init__(self, window: QWidget, editor: Editor) -> None:
        super().__init__(window)
        self._window, self._editor = window, editor
        make = self._make
        self.all = make("&All", self._all, "Ctrl+A", "Select the whole canvas")
        self.none = make("&Deselect", self._none, "Ctrl+Shift+A", "Tools may change everything again")
        self.invert = make("&Invert", self._invert, "Ctrl+Shift+I", "Select what is not selected")
        self.layer = make("&Layer's paint", self._layer, tip="Select what the active layer covers")
        self.feather = make("&Feather…", self._ask_feather, "Shift+F6", "Soften the edge")
        self.grow = make("&Grow…", self._ask_grow, tip="Larger on all sides")
        self.shrink = make("&Shrink…", self._ask_shrink, tip="Smaller on all sides")
        self.outline = new_action(window, "Show &outline", None, tip="Dashes round what is selected", checks=True)
        self.outline.setChecked(True)
        for signal in (editor.selection_changed, editor.active_layer_changed, editor.document_replaced):
            signal.connect(self._show)
        self._show()

    def _make(self, text: str, command: Callable[[], object], keys: Keys = None, tip: str = "") -> QAction:
        action = new_action(self._window, text, keys, tip=tip)
        action.triggered.connect(lambda _checked=False: command())
        return action

    def fill(self, menu: QMenu) -> None:
        groups = ((self.all, self.none, self.invert, self.layer), (self.feather, self.grow, self.shrink))
        for group in groups:
            menu.addActions(list(group))
            menu.addSeparator()
        menu.addAction(self.outline)

    def _show(self) -> None:
        is_selected = self._editor.document.selection is not None
        for action in (self.none, self.feather, self.grow, self.shrink):
            action.setEnabled(is_selected)
        self.layer.setEnabled(isinstance(self._editor.active_layer, Layer))

    def _all(self) -> None:
        self._editor.set_selection(Selection.of_rect(self._editor.document.rect), "Select all")

    def _none(self) -> None:
        self._editor.set_selection(None, "Deselect")

    def _invert(self) -> None:
        document = self._editor.document
        before = document.selection or Selection()
        self._editor.set_selection(before.inverted(document.rect), "Invert selection")

    def _layer(self) -> None:
        document, layer = self._editor.document, self._editor.active_layer
        if isinstance(layer, Layer):
            covered = layer.tiles.bounds().intersected(document.rect)
            selection = Selection.made(covered, lambda part: layer.tiles.read(part)[..., 3])
            self._editor.set_selection(selection, "Select layer")

    def _ask_feather(self) -> None:
        self._ask("Feather selection", "&Soften by", 5, MAX_FEATHER, feathered, decimals=1)

    def _ask_grow(self) -> None:
        self._ask("Grow selection", "&Grow by", 3, _MOST, lambda selection, by, canvas: grown(selection, int(by), canvas))

    def _ask_shrink(self) -> None:
        self._ask(
            "Shrink selection", "&Shrink by", 3, _MOST, lambda selection, by, canvas: shrunk(selection, int(by), canvas)
        )

    def _ask(
        self,
        title: str,
        label: str,
        value: float,
        highest: float,
        change: Callable[[Selection, float, Rect], Selection],
        decimals: int = 0,
    ) -> None:
        from sketchsause_desktop.ui.image_dialogs import AmountDialog  # loaded when first needed

        selection = self._editor.document.selection
        dialog = AmountDialog(self._window, title, label, value, highest, decimals)
        if selection is not None and dialog.ask():
            with busy():
                changed = change(selection, dialog.amount, self._editor.document.rect)
                self._editor.set_selection(changed, title)
