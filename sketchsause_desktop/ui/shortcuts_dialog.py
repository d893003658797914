"""The dialog in which every command can be given other keys."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.ui.shortcuts import Command, Keys, Shortcuts, held_for, is_key, native, owner_of

_NAME = Qt.ItemDataRole.UserRole
_KEYS = 1  # column


class ShortcutsDialog(QDialog):
    """Works on a copy, which is kept with OK."""

    def __init__(self, shortcuts: Shortcuts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        free = self.screen().availableGeometry()
        self.resize(min(540, round(free.width() * 0.9)), min(600, round(free.height() * 0.85)))
        self._shortcuts = shortcuts
        self._commands = {command.name: command for command in shortcuts.commands}
        self._keys: dict[str, Keys] = dict(shortcuts.present)
        self._rooms: dict[str, QTreeWidgetItem] = {}
        self._items: dict[str, QTreeWidgetItem] = {}
        self._wanted = ""  # a key that another command has
        self.search = QLineEdit(placeholderText="Search a command or a key", clearButtonEnabled=True)
        self.list = QTreeWidget()
        self.edit = QKeySequenceEdit()
        self.take = QPushButton("Take it")
        self.reset = QPushButton("Reset")
        self.remove = QPushButton("No key")
        self.note = QLabel()
        self.buttons = QDialogButtonBox()
        self._make_controls()
        self._lay_out()
        self._fill()
        self._connect()
        self._show_current()

    def _make_controls(self) -> None:
        self.search.setAccessibleName("Search a command or a key")
        self.list.setHeaderLabels(["Command", "Keys"])
        self.list.setAccessibleName("Commands and their keys")
        self.list.setUniformRowHeights(True)
        self.list.setIndentation(14)
        self.list.setStyleSheet("QTreeWidget::item { padding: 2px 0; }")
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(_KEYS, QHeaderView.ResizeMode.ResizeToContents)
        self.list.header().setStretchLastSection(False)
        self.edit.setMaximumSequenceLength(1)
        self.edit.setAccessibleName("New key")
        self.edit.setToolTip("Press the key that the command shall have")
        self.take.setToolTip("Give the key to this command and take it from the other")
        self.reset.setToolTip("The keys with which the command came")
        self.remove.setToolTip("The command is reached through its menu alone")
        self.note.setWordWrap(True)
        self.note.setMinimumHeight(2 * self.fontMetrics().height())
        box = QDialogButtonBox.StandardButton
        self.buttons.setStandardButtons(box.Ok | box.Cancel | box.RestoreDefaults)
        restore = self.buttons.button(box.RestoreDefaults)
        restore.setText("Reset all")
        restore.setToolTip("All commands get the keys with which they came")

    def _lay_out(self) -> None:
        self._label = QLabel()
        self._label.setBuddy(self.edit)
        row = QHBoxLayout()
        row.addWidget(self._label)
        row.addWidget(self.edit, 1)
        for button in (self.remove, self.reset):
            button.setAutoDefault(False)
            row.addWidget(button)
        told = QHBoxLayout()
        told.addWidget(self.note, 1)
        told.addWidget(self.take)
        self.take.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        column.addLayout(told)
        column.addWidget(self.buttons)

    def _fill(self) -> None:
        for command in self._shortcuts.commands:
            if command.room not in self._rooms:
                self._rooms[command.room] = self._add_room(command.room)
            item = QTreeWidgetItem(self._rooms[command.room], [command.title])
            item.setData(0, _NAME, command.name)
            self._items[command.name] = item
            self._show_keys(command.name)
        self.list.expandAll()
        self.list.setCurrentItem(next(iter(self._items.values())))

    def _add_room(self, title: str) -> QTreeWidgetItem:
        room = QTreeWidgetItem(self.list, [title])
        room.setFlags(Qt.ItemFlag.ItemIsEnabled)
        room.setFirstColumnSpanned(True)
        font = room.font(0)
        font.setBold(True)
        room.setFont(0, font)
        return room

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.list.currentItemChanged.connect(self._show_current)
        self.list.itemActivated.connect(lambda _item: self.edit.setFocus())
        self.edit.keySequenceChanged.connect(self._on_key)
        self.take.clicked.connect(self._on_take)
        self.reset.clicked.connect(self._on_reset)
        self.remove.clicked.connect(lambda: self._give(()))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults).clicked.connect(self._on_reset_all)

    def accept(self) -> None:
        self._shortcuts.keep(self._keys)
        super().accept()

    def choose(self, name: str) -> None:
        self.list.setCurrentItem(self._items[name])

    @property
    def _current(self) -> Command | None:
        item = self.list.currentItem()
        return self._commands.get(item.data(0, _NAME)) if item is not None else None

    def _filter(self, text: str) -> None:
        """Rows whose command or keys hold `text`; a room without any is hidden."""
        wanted = text.casefold().strip()
        for item in self._items.values():
            item.setHidden(wanted not in f"{item.text(0)}\n{item.text(_KEYS)}".casefold())
        seen = {self._commands[name].room for name, item in self._items.items() if not item.isHidden()}
        for title, room in self._rooms.items():
            room.setHidden(title not in seen)

    def _show_current(self) -> None:
        command = self._current
        for widget in (self.edit, self.remove, self.reset):
            widget.setEnabled(command is not None)
        self._label.setText(f"{command.title}:" if command is not None else "")
        self._show_key(next(iter(self._keys[command.name]), "") if command is not None else "")
        self._tell("")

    def _show_key(self, key: str) -> None:
        self.edit.blockSignals(True)
        self.edit.setKeySequence(QKeySequence(key))
        self.edit.blockSignals(False)

    def _on_key(self, sequence: QKeySequence) -> None:
        key, command = sequence.toString(QKeySequence.SequenceFormat.PortableText), self._current
        if command is None or not is_key(key) or key in self._keys[command.name]:
            self._tell("")
            return
        held, owner = held_for(key), owner_of(key, self._keys)
        if held:
            self._tell(f"{native([key])} {held} and cannot be given away.")
        elif owner:
            self._tell(f"{native([key])} is a key of {self._commands[owner].title}.", key)
        else:
            self._give((key,))

    def _tell(self, sentence: str, wanted: str = "") -> None:
        """`wanted` is a key that can be taken from the command that has it."""
        self.note.setText(sentence)
        self._wanted = wanted
        self.take.setVisible(bool(wanted))

    def _on_take(self) -> None:
        owner = owner_of(self._wanted, self._keys)
        self._keys[owner] = tuple(key for key in self._keys[owner] if key != self._wanted)
        self._show_keys(owner)
        self._give((self._wanted,))

    def _on_reset(self) -> None:
        """The usual keys come back, from whatever command has them now."""
        command = self._current
        if command is None:
            return
        taken = [owner for key in command.usual if (owner := owner_of(key, self._keys)) not in ("", command.name)]
        for owner in taken:
            self._keys[owner] = tuple(key for key in self._keys[owner] if key not in command.usual)
            self._show_keys(owner)
        self._give(command.usual)
        if taken:
            titles = ", ".join(self._commands[owner].title for owner in taken)
            self._tell(f"{native(command.usual)} was taken back from {titles}.")

    def _on_reset_all(self) -> None:
        for command in self._commands.values():
            self._keys[command.name] = command.usual
            self._show_keys(command.name)
        self._show_current()

    def _give(self, keys: Keys) -> None:
        command = self._current
        if command is not None:
            self._keys[command.name] = keys
            self._show_keys(command.name)
            self._show_key(next(iter(keys), ""))
            self._tell("")

    def _show_keys(self, name: str) -> None:
        """Keys that are not the usual ones stand out."""
        item, keys = self._items[name], self._keys[name]
        item.setText(_KEYS, native(keys))
        font = item.font(_KEYS)
        font.setBold(keys != self._commands[name].usual)
        item.setFont(_KEYS, font)
        changed = "Changed; the usual keys are " + (native(self._commands[name].usual) or "none")
        item.setToolTip(_KEYS, changed if font.bold() else "")
