"""A reference picture: its colours as swatches, of which those that are ticked become a palette of the drawing."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.characters import Character, NamedColour, one_line
from sketchsause_desktop.core.colours import Colour, hex_of_colour
from sketchsause_desktop.core.palettes import reference_colours
from sketchsause_desktop.core.pictures import MAX_PIXELS, READABLE_SUFFIXES
from sketchsause_desktop.ui.icons import picture_icon
from sketchsause_desktop.ui.images import has_picture, local_files, to_image, to_pixels

FOUND = 12  # colours that are shown
TAKEN = 8  # that are ticked at first: a network is shown no more
_SIDE = 260  # logical pixels of the preview
_SWATCH = QSize(44, 18)

Read = Callable[[Path], Pixels | None]  # a picture; None when it could not be read, which was said


class ReferenceDialog(QDialog):
    def __init__(self, parent: QWidget, read: Read) -> None:
        super().__init__(parent)
        self._read = read
        self.setWindowTitle("Colours of a reference picture")
        self.setAcceptDrops(True)
        self.picture = QLabel("Drop a picture here, open one, or paste it.", wordWrap=True)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setFixedSize(_SIDE, _SIDE)
        self.picture.setObjectName("dim")
        self.picture.setFrameShape(QFrame.Shape.StyledPanel)
        self.picture.setAccessibleName("Reference picture")
        self.swatches = QListWidget()
        self.swatches.setAccessibleName("Colours of the picture")
        self.swatches.setIconSize(_SWATCH)
        self.swatches.setMinimumWidth(190)
        self.name = QLineEdit("Reference")
        self.name.setAccessibleName("Name of the palette")
        self.told = QLabel()
        self.told.setObjectName("dim")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use = QPushButton("Use for colouring", default=True)
        self.buttons.addButton(self.use, QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.swatches.itemChanged.connect(lambda _item: self._show_count())
        self.name.textChanged.connect(lambda _text: self._show_count())
        self._show_count()

    def _lay_out(self) -> None:
        open_, paste = QPushButton("&Open…"), QPushButton("&Paste")
        open_.clicked.connect(lambda _checked=False: self._ask_open())
        paste.clicked.connect(lambda _checked=False: self.paste())
        for button in (open_, paste):
            button.setAutoDefault(False)
        sources = QHBoxLayout()
        sources.addWidget(open_)
        sources.addWidget(paste)
        title = QLabel("&Name")
        title.setBuddy(self.name)
        named = QHBoxLayout()
        named.addWidget(title)
        named.addWidget(self.name, 1)
        grid = QGridLayout()
        grid.setSpacing(10)
        grid.addWidget(self.picture, 0, 0)
        grid.addLayout(sources, 1, 0)
        grid.addWidget(self.swatches, 0, 1)
        grid.addLayout(named, 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 14)
        column.setSpacing(12)
        column.addLayout(grid)
        column.addWidget(self.told)
        column.addWidget(self.buttons)

    # In

    def _ask_open(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in sorted(READABLE_SUFFIXES))
        name, _ = QFileDialog.getOpenFileName(self, "Open a reference picture", "", f"Pictures ({kinds})")
        if name:
            self.open_path(Path(name))

    def open_path(self, path: Path) -> None:
        pixels = self._read(path)
        if pixels is None:
            self.told.setText(f"{path.name} cannot be read as a picture.")
        else:
            self.show_picture(pixels, path.stem)

    def paste(self) -> None:
        self.take(QGuiApplication.clipboard().mimeData())

    def take(self, mime: QMimeData) -> None:
        """A picture, or the first file, that was dropped or copied."""
        files = local_files(mime)
        image = QImage(mime.imageData()) if mime.hasImage() and not files else QImage()
        if files:
            self.open_path(files[0])
        elif image.isNull():
            self.told.setText("There is no picture in the clipboard. Copy one first.")
        elif image.width() * image.height() > MAX_PIXELS:
            self.told.setText(f"The picture is too large, {image.width()} × {image.height()} pixels.")
        else:
            self.show_picture(to_pixels(image), "Reference")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if has_picture(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.take(event.mimeData())

    def show_picture(self, pixels: Pixels, name: str) -> None:
        """`pixels` is (H, W, 3) or straight (H, W, 4)."""
        ratio = self.devicePixelRatioF()
        side = round(_SIDE * ratio)
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        shown = QPixmap.fromImage(to_image(pixels).scaled(side, side, keep, smooth))
        shown.setDevicePixelRatio(ratio)
        self.picture.setPixmap(shown)
        self.name.setText(one_line(name) or "Reference")
        self._show_swatches(reference_colours(pixels, FOUND))

    def _show_swatches(self, colours: Sequence[Colour]) -> None:
        self.swatches.clear()
        for number, colour in enumerate(colours):
            item = QListWidgetItem(_swatch(colour, self.devicePixelRatioF()), hex_of_colour(colour))
            item.setData(Qt.ItemDataRole.UserRole, colour)
            item.setCheckState(Qt.CheckState.Checked if number < TAKEN else Qt.CheckState.Unchecked)
            self.swatches.addItem(item)
        self.swatches.setCurrentRow(0)
        self._show_count()

    # Out

    @property
    def colours(self) -> tuple[Colour, ...]:
        """Those that are ticked."""
        items = (self.swatches.item(row) for row in range(self.swatches.count()))
        ticked = (item for item in items if item.checkState() is Qt.CheckState.Checked)
        return tuple(tuple(item.data(Qt.ItemDataRole.UserRole)) for item in ticked)

    @property
    def character(self) -> Character:
        colours = (NamedColour(colour=colour, name=hex_of_colour(colour)) for colour in self.colours)
        return Character(name=one_line(self.name.text()), colours=tuple(colours))

    def _show_count(self) -> None:
        count, has_name = len(self.colours), bool(one_line(self.name.text()))
        self.use.setEnabled(count > 0 and has_name)
        if not self.swatches.count():
            self.told.setText("The colours that a picture is made of become a palette of this drawing.")
        elif not has_name:
            self.told.setText("Give the palette a name.")
        elif count > TAKEN:
            self.told.setText(f"{count} colours; the model is shown the {TAKEN} that stand for them best.")
        else:
            self.told.setText(f"{count} of {self.swatches.count()} colours" if count else "Tick a colour.")


def _swatch(colour: Colour, ratio: float) -> QIcon:
    pixmap = QPixmap(_SWATCH * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(128, 128, 128))
    painter.setBrush(QColor(*colour))
    painter.drawRoundedRect(QRectF(0.5, 0.5, _SWATCH.width() - 1, _SWATCH.height() - 1), 3, 3)
    painter.end()
    return picture_icon(pixmap)
