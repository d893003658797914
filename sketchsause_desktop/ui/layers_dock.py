"""The Layers panel: how the active layer lies on what is below it, the tree of layers, buttons."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QSignalBlocker, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.layer_commands import LayerCommands
from sketchsause_desktop.core.layer_actions import rows_of
from sketchsause_desktop.core.layers import Group, nodes_of
from sketchsause_desktop.ui.fields import ReturnToCanvas, ValueField, WheelGuard, action_button
from sketchsause_desktop.ui.layer_list import BLEND_NAMES, PASS_THROUGH, Column, LayerList
from sketchsause_desktop.ui.layer_menu import LayerMenu
from sketchsause_desktop.ui.layer_pictures import LayerPictures
from sketchsause_desktop.ui.layer_rows import LayerRows, LayerTree

_STATE_WIDTH = 23  # logical pixels
_INDENT = 12
_LOWEST = 76


class LayersPanel(QWidget):
    def __init__(
        self, editor: Editor, commands: LayerCommands, menu: LayerMenu, guard: WheelGuard, returns: ReturnToCanvas
    ) -> None:
        super().__init__()
        self._editor, self._commands, self._menu, self._returns = editor, commands, menu, returns
        self._token = object()  # changes of the opacity with the same one are one step of the history
        self._folded: set[int] = set()
        self._is_showing = False
        self.blend = QComboBox()
        self.blend.setAccessibleName("Blend mode")
        self.blend.setToolTip("How the layer meets what lies below it")
        self.opacity = ValueField("Opacity", 0, 100, suffix=" %", guard=guard, tip="Opacity of the layer")
        guard.watch(self.blend)
        returns.watch(self.blend, self.opacity.number)
        self.model = LayerList(editor, commands, self)
        self.tree = LayerTree()
        self._set_up_tree()
        self._lay_out()
        self._connect()
        self._on_rebuilt()
        self._show_active()

    def _set_up_tree(self) -> None:
        tree = self.tree
        tree.setModel(self.model)
        self.pictures = LayerPictures(self._editor, tree)
        rows = LayerRows(self.pictures, tree)
        tree.setItemDelegate(rows)
        rows.closeEditor.connect(self._returns.give_back)
        tree.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard, and Space, to the canvas
        tree.setAccessibleName("Layers")
        tree.setHeaderHidden(True)
        tree.setTreePosition(Column.NAME)
        tree.setIndentation(_INDENT)
        tree.setUniformRowHeights(True)
        tree.setAllColumnsShowFocus(True)
        tree.setMinimumHeight(_LOWEST)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        triggers = QAbstractItemView.EditTrigger
        tree.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        header = tree.header()
        header.setMinimumSectionSize(_STATE_WIDTH)
        header.setStretchLastSection(False)
        for column in Column:
            is_name = column is Column.NAME
            header.setSectionResizeMode(
                column, QHeaderView.ResizeMode.Stretch if is_name else QHeaderView.ResizeMode.Fixed
            )
            if not is_name:
                header.resizeSection(column, _STATE_WIDTH)

    def _lay_out(self) -> None:
        menu, buttons = self._menu, QHBoxLayout()
        buttons.setSpacing(2)
        for action in (menu.add, menu.add_group, menu.duplicate, menu.merge, None, menu.remove):
            if action is None:
                buttons.addStretch(1)
                continue
            button = action_button(action)
            button.setAccessibleName(action.text().replace("&", ""))
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(6)
        column.addWidget(self.blend)
        column.addWidget(self.opacity)
        column.addWidget(self.tree, 1)
        column.addLayout(buttons)

    def _connect(self) -> None:
        editor = self._editor
        self.model.rebuilt.connect(self._on_rebuilt)
        self.model.dataChanged.connect(self._show_active)
        editor.active_layer_changed.connect(self._show_active)
        editor.document_replaced.connect(self._folded.clear)
        self.pictures.changed.connect(self.tree.viewport().update)
        self.tree.selectionModel().currentRowChanged.connect(self._on_current)
        self.tree.selectionModel().selectionChanged.connect(self._on_chosen)
        self.tree.customContextMenuRequested.connect(self._on_context_menu)
        self.tree.collapsed.connect(lambda index: self._folded.add(index.internalId()))
        self.tree.expanded.connect(lambda index: self._folded.discard(index.internalId()))
        self.blend.activated.connect(self._on_blend)
        self.opacity.value_changed.connect(self._on_opacity)
        self.opacity.slider.sliderPressed.connect(self._begin_step)
        self.opacity.slider.sliderReleased.connect(self._begin_step)
        self._menu.rename_asked.connect(self.rename_active)

    def rename_active(self) -> None:
        """Edit the name in its row, where that is to be seen."""
        if not self.tree.isVisible():
            return
        index = self.model.index_of(self._editor.active_layer.layer_id, Column.NAME)
        self.window().activateWindow()
        self.tree.setFocus()
        self.tree.setCurrentIndex(index)
        self.tree.edit(index)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.pictures.outdate()

    # The editor's state to the widgets

    def _on_rebuilt(self) -> None:
        for node in nodes_of(self._editor.document.layers):
            if isinstance(node, Group):
                self.tree.setExpanded(self.model.index_of(node.layer_id), node.layer_id not in self._folded)
        self._show_active()

    def _show_active(self) -> None:
        layer_id = self._editor.active_layer.layer_id
        index = self.model.index_of(layer_id, Column.NAME)
        if not index.isValid():
            return  # the layers are changing; `rebuilt` follows
        if self.tree.currentIndex().siblingAtColumn(Column.NAME) != index:
            self._begin_step()
        self._show_chosen(index)
        node = self._editor.active_layer
        is_group = isinstance(node, Group)
        names = [*BLEND_NAMES.values(), *([PASS_THROUGH] if is_group else [])]
        with QSignalBlocker(self.blend):
            if names != [self.blend.itemText(row) for row in range(self.blend.count())]:
                self.blend.clear()
                self.blend.addItems(names)
            passes = isinstance(node, Group) and node.pass_through
            self.blend.setCurrentText(PASS_THROUGH if passes else BLEND_NAMES[node.blend])
        if self.opacity.value != round(node.opacity * 100):
            self.opacity.set_value(round(node.opacity * 100))

    def _show_chosen(self, active: QModelIndex) -> None:
        """The rows of all that are chosen, and the active one as the current row."""
        model, selection = self.tree.selectionModel(), QItemSelection()
        rows = [active, *(self.model.index_of(node.layer_id) for node in self._editor.chosen_layers)]
        for row in filter(QModelIndex.isValid, rows):  # a range of no rows ends the program
            selection.select(row, row)
        flags = QItemSelectionModel.SelectionFlag
        with self._quietly():
            if self.tree.currentIndex().siblingAtColumn(Column.NAME) != active:
                model.setCurrentIndex(active, flags.NoUpdate)
                self.tree.scrollTo(active)
            model.select(selection, flags.ClearAndSelect | flags.Rows)

    # What the user does

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """While the tree is told what is chosen it tells the editor nothing."""
        before, self._is_showing = self._is_showing, True
        try:
            yield
        finally:
            self._is_showing = before

    def _on_current(self, current: QModelIndex) -> None:
        if self.tree.selectionModel().isSelected(current):  # else what is chosen is about to change
            self._on_chosen()

    def _on_chosen(self) -> None:
        """The current row is the active layer; where it is not among the chosen ones, the uppermost of them."""
        current = self.tree.currentIndex()
        if self._is_showing or not current.isValid():
            return
        chosen = {index.internalId() for index in self.tree.selectionModel().selectedRows(Column.NAME)}
        rows = [node.layer_id for node in rows_of(self._editor.document.layers) if node.layer_id in chosen]
        active = current.internalId() if current.internalId() in chosen or not rows else rows[0]
        self._editor.set_active_layer(active, chosen)
        self._show_active()  # Qt has no row chosen when the only one was clicked away

    def _on_blend(self, row: int) -> None:
        modes = list(BLEND_NAMES)
        self._commands.set_blend(self._editor.active_layer.layer_id, modes[row] if row < len(modes) else None)

    def _on_opacity(self, percent: int) -> None:
        self._commands.set_opacity(self._editor.active_layer.layer_id, percent / 100, self._token)

    def _begin_step(self) -> None:
        self._token = object()

    def _on_context_menu(self, at: QPoint) -> None:
        menu = self._menu.fill(QMenu(self))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.tree.viewport().mapToGlobal(at))
