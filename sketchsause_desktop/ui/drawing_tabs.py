"""A tab for each open drawing, over the canvas."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QTabBar

from sketchsause_desktop.app.drawing import Drawing
from sketchsause_desktop.app.editor import Editor

_MARK = " •"  # of a drawing with changes that are not saved


class DrawingTabs(QTabBar):
    close_asked = Signal(object)  # Drawing

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self.setObjectName("drawings")
        self.setAccessibleName("Open drawings")
        self.setDocumentMode(True)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setMovable(True)
        self.setTabsClosable(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._show()
        editor.drawings_changed.connect(self._show)
        self.currentChanged.connect(lambda place: editor.set_current(editor.drawings[place]))
        self.tabMoved.connect(self._on_moved)
        self.tabCloseRequested.connect(lambda place: self.close_asked.emit(editor.drawings[place]))

    def step(self, by: int) -> None:
        """To the next tab, or with -1 to the one before; round and round."""
        self.setCurrentIndex((self.currentIndex() + by) % self.count())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton and place >= 0:
            self.close_asked.emit(self._editor.drawings[place])
        else:
            super().mouseReleaseEvent(event)

    def _on_moved(self, _start: int, _end: int) -> None:
        """The tab in front is the one that is dragged."""
        self._editor.move_drawing(self._editor.current, self.currentIndex())

    def _show(self) -> None:
        drawings = self._editor.drawings
        with QSignalBlocker(self):
            while self.count() > len(drawings):
                self.removeTab(self.count() - 1)
            while self.count() < len(drawings):
                self.addTab("")
            for place, drawing in enumerate(drawings):
                self._show_one(place, drawing)
            self.setCurrentIndex(drawings.index(self._editor.current))

    def _show_one(self, place: int, drawing: Drawing) -> None:
        text = drawing.title.replace("&", "&&") + (_MARK if drawing.is_modified else "")
        if self.tabText(place) != text:
            self.setTabText(place, text)
        where = str(drawing.path) if drawing.path else "Not in a file yet"
        self.setTabToolTip(place, f"{where}\nChanged since it was saved" if drawing.is_modified else where)
