"""The Characters panel: named colours of a drawing's figures, given to the model or locked to regions."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QColor, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.characters import Characters
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.core.characters import Character, NamedColour
from sketchsause_desktop.core.pictures import READABLE_SUFFIXES
from sketchsause_desktop.ui.character_menu import CharacterMenu
from sketchsause_desktop.ui.colour_list import NOBODY, ColourList
from sketchsause_desktop.ui.fields import WheelGuard, icon_button
from sketchsause_desktop.ui.images import has_picture, local_files

SHOWN_TO_MODEL = 8  # colours
_NO_CHARACTER = "Keep the colours of a figure here, such as hair, skin and cloth: add the first one with +."
_NO_COLOUR = "No colours yet: add the one in hand with +."


class CharactersPanel(QWidget):
    def __init__(
        self,
        *,
        editor: Editor,
        characters: Characters,
        live: Live,
        models: Sequence[ModelChoice],
        lock: QAction,
        ask_reference: Callable[[QMimeData | Path | None], None],
        guard: WheelGuard,
    ) -> None:
        """`lock` is the command of the lock tool; `ask_reference` begins with a picture, or with none."""
        super().__init__()
        self._editor, self._characters, self._live = editor, characters, live
        self._takes_palette = {model.model_id: model.takes_palette for model in models}
        self._ask_reference = ask_reference
        self.setAcceptDrops(True)
        self.box = QComboBox()
        self.box.setToolTip("Character")
        self.box.setAccessibleName("Character")
        self.box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box.setMinimumContentsLength(8)
        guard.watch(self.box)
        self.menu = CharacterMenu(self, characters, self.ask_new, lambda: ask_reference(None))
        self.menu_button = icon_button("more", "More: new, library, import, export, reference picture")
        self.menu_button.setObjectName("more")
        self.menu_button.setMenu(self.menu)
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.list = ColourList("Colours of the character")
        self.empty = QLabel(wordWrap=True)
        self.empty.setObjectName("dim")
        self._make_buttons(lock)
        self.use = QCheckBox("Use for colouring")
        self.use.setToolTip("Give the model these colours as its palette; off leaves the colours to it")
        self.told = QLabel(wordWrap=True)
        self.told.setObjectName("dim")
        self.told.setAccessibleName("What the model does with the colours")
        self._lay_out()
        self._connect()
        self._show()

    def show_models(self, models: Sequence[ModelChoice]) -> None:
        """Those that there are now."""
        self._takes_palette = {model.model_id: model.takes_palette for model in models}
        self._show()

    def _make_buttons(self, lock: QAction) -> None:
        self.add_button = icon_button("plus", "Add the foreground colour", self.add_colour)
        self.pick_button = icon_button("picker", "Pick a colour from the drawing, and add it")
        self.pick_button.setCheckable(True)
        self.remove_button = icon_button("trash", "Remove the chosen colour (Del)", self._remove_chosen)
        self.lock_button = QToolButton()
        lock.setIconText("Lock")  # there is no room for more
        self.lock_button.setDefaultAction(lock)
        self.lock_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.lock_button.setIconSize(QSize(16, 16))
        self.lock_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.lock_button.setObjectName("segment")

    def _lay_out(self) -> None:
        upper = QHBoxLayout()
        upper.setSpacing(2)
        upper.addWidget(self.box, 1)
        upper.addSpacing(4)
        upper.addWidget(self.menu_button)
        middle = QHBoxLayout()
        middle.setSpacing(2)
        for button in (self.add_button, self.pick_button, self.lock_button):
            middle.addWidget(button)
        middle.addStretch(1)
        middle.addWidget(self.remove_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 8)
        column.setSpacing(6)
        column.addLayout(upper)
        column.addWidget(self.empty)
        column.addWidget(self.list, 1)
        column.addLayout(middle)
        column.addWidget(self.use)
        column.addWidget(self.told)

    def _connect(self) -> None:
        characters = self._characters
        self.box.activated.connect(characters.show)
        self.list.current_changed.connect(characters.choose)
        self.list.chosen.connect(characters.take_in_hand)
        self.list.renamed.connect(self._later(self._rename_colour))
        self.list.moved.connect(self._later(characters.move_colour))
        self.list.remove_wanted.connect(self._later(characters.remove_colour))
        self.list.menu_wanted.connect(self._on_menu_wanted)
        self.pick_button.clicked.connect(characters.set_picking)
        self.use.clicked.connect(characters.use)
        characters.changed.connect(self._show)
        characters.chosen_changed.connect(self._show)
        characters.picking_changed.connect(self.pick_button.setChecked)
        self._live.model_changed.connect(lambda _model: self._show_use())

    def _later(self, change: Callable[..., object]) -> Callable[..., None]:
        """After the list has done with its own event, since it is built anew by the change."""
        return lambda *values: QTimer.singleShot(0, self, lambda: change(*values))

    # What is shown

    def _show(self) -> None:
        characters, character = self._characters, self._characters.character
        with QSignalBlocker(self.box):
            self.box.clear()
            self.box.addItems([each.name for each in characters.cast.characters])
            self.box.setCurrentIndex(characters.shown if character else NOBODY)
        self.box.setEnabled(character is not None)
        self.box.setPlaceholderText("No character yet")
        colours = character.colours if character else ()
        had_focus = self.list.hasFocus()
        self.list.show_colours(colours, characters.chosen)
        self.list.setVisible(bool(colours))
        self.empty.setVisible(not colours)
        self.empty.setText(_NO_COLOUR if character else _NO_CHARACTER)
        if had_focus and not colours:
            self.add_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.remove_button.setEnabled(bool(colours))
        self._show_use()

    def _show_use(self) -> None:
        cast, character = self._characters.cast, self._characters.character
        self.use.setEnabled(bool(character and character.colours))
        self.use.setChecked(character is not None and self._characters.is_in_use)
        used = cast.characters[cast.in_use] if cast.in_use is not None else None
        self.told.setText(self._words(used))

    def _words(self, used: Character | None) -> str:
        if used is None or not used.palette:
            return "The model chooses freely."
        if not self._takes_palette.get(self._live.model_id, False):
            return "This model takes no palette: only locked regions get these colours."
        count = len(used.palette)
        if count > SHOWN_TO_MODEL:
            return f"Colouring with the {SHOWN_TO_MODEL} colours that stand for “{used.name}” best."
        return f"Colouring in the colours of “{used.name}”."

    # What the user does

    def add_colour(self) -> None:
        """And ask for its name in place."""
        if self._characters.add_colour(self._editor.colours.foreground):
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
            if self.list.isVisible():
                self.list.edit(self.list.currentIndex())

    def ask_new(self) -> None:
        name, given = QInputDialog.getText(self, "New character", "Name:")
        if given and name.strip():
            self._characters.add(Character(name=" ".join(name.split())))

    def _rename_colour(self, row: int, name: str) -> None:
        self._characters.rename_colour(row, name)
        self._show()  # the name may have been refused

    def _remove_chosen(self) -> None:
        if self.list.currentRow() != NOBODY:
            self._characters.remove_colour(self.list.currentRow())

    def _on_menu_wanted(self, row: int, place: QPoint) -> None:
        if row == NOBODY:
            self.menu.popup(place)
            return
        menu = self.colour_menu(row)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def colour_menu(self, row: int) -> QMenu:
        characters, menu = self._characters, QMenu(self)
        named = self._named(row)
        menu.addAction("&Rename", lambda: self.list.edit(self.list.model().index(row, 0)))
        foreground = self._editor.colours.foreground
        menu.addAction("&Take the foreground colour", lambda: characters.set_colour(row, foreground))
        menu.addAction("&Change colour…", partial(self._ask_colour, row))
        menu.addSeparator()
        for title, to in (("Move &up\tAlt+Up", row - 1), ("Move &down\tAlt+Down", row + 1)):
            move = menu.addAction(title, partial(characters.move_colour, row, to))
            move.setEnabled(0 <= to < self.list.count())
        menu.addSeparator()
        unlock = menu.addAction("&Unlock its regions", lambda: characters.unlock(row))
        unlock.setEnabled(bool(named.dabs))
        menu.addSeparator()
        menu.addAction("Re&move", lambda: characters.remove_colour(row))
        return menu

    def _named(self, row: int) -> NamedColour:
        character = self._characters.character
        if character is None:
            raise LookupError(f"colour {row} of no character")
        return character.colours[row]

    def _ask_colour(self, row: int) -> None:
        named = self._named(row)
        dialog = QColorDialog(self)
        dialog.setCurrentColor(QColor(*named.colour))
        dialog.setWindowTitle(f"Colour of {named.name}")
        if dialog.exec():
            colour = dialog.selectedColor()
            self._characters.set_colour(row, (colour.red(), colour.green(), colour.blue()))

    # Dropped files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if has_picture(event.mimeData()) or local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """The program it comes from waits until this returns, so what it asks for is asked afterwards."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        given, kept = event.mimeData(), QMimeData()
        if given.hasUrls():
            kept.setUrls(given.urls())
        if given.hasImage():
            kept.setImageData(given.imageData())
        QTimer.singleShot(0, self, lambda: self.take(kept))

    def take(self, mime: QMimeData) -> None:
        """Palettes and characters are imported; a picture is a reference."""
        files = local_files(mime)
        pictures = [path for path in files if path.suffix.lower() in READABLE_SUFFIXES]
        for path in files:
            if path not in pictures:
                self._characters.import_file(path)
        if pictures:
            self._ask_reference(pictures[0])
        elif mime.hasImage() and not files:
            self._ask_reference(mime)
