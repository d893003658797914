"""The first start: three call-outs beside what they speak of. They go with one click, Escape, or the first stroke."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QPushButton, QVBoxLayout, QWidget

from sketchsause_desktop.ui.actions import Actions, key_text

WIDTH = 270
ARROW = 10


@dataclass(frozen=True, kw_only=True)
class CallOut:
    title: str
    text: str
    at: Callable[[], QRect]  # what it points at, in the window's coordinates
    below: bool  # the bubble is under its target; otherwise over it


def first_call_outs(window: QMainWindow, canvas: QWidget, live_button: QWidget, actions: Actions) -> list[CallOut]:
    """Those of the first start, with the keys that the user has given to the commands."""
    menu = window.menuBar()
    commands = (actions.brush, actions.eraser, actions.hint_brush, actions.live)
    brush, eraser, hint, live = (key_text(command) or "its button" for command in commands)

    def upper_canvas() -> QRect:
        return canvas.rect().adjusted(0, 0, 0, -canvas.height() // 3).translated(canvas.mapTo(window, QPoint()))

    return [
        CallOut(
            title="Draw here",
            text="Draw with mouse or pen: the colours follow your lines. "
            f"Take {brush} for the brush, {eraser} for the eraser.",
            at=upper_canvas,
            below=True,
        ),
        CallOut(
            title="Live colour",
            text=f"Take {hint} for the hint brush and dab a colour: its region becomes that. Enter keeps the colours "
            f"in a layer of your own. {live} switches Live on and off.",
            at=lambda: live_button.rect().translated(live_button.mapTo(window, QPoint())),
            below=True,
        ),
        CallOut(
            title="Keep it",
            text="File, Save keeps the drawing, Export writes the picture. Lines of your own: drop a file here.",
            at=lambda: menu.actionGeometry(menu.actions()[0]).translated(menu.pos()),
            below=True,
        ),
    ]


class Welcome(QWidget):
    """One bubble at a time over `window`."""

    ended = Signal()

    def __init__(self, window: QWidget, call_outs: list[CallOut], room: Callable[[], QRect]) -> None:
        """`room` is where bubbles may lie, in the window's coordinates."""
        super().__init__(window)
        self._window = window
        self._room = room
        self._call_outs = call_outs
        self._place_in_row = 0
        self.setObjectName("welcome")
        self.setAccessibleName("Welcome")
        self._title = QLabel()
        font = self._title.font()
        font.setWeight(QFont.Weight.DemiBold)
        self._title.setFont(font)
        self._text = QLabel(wordWrap=True)
        self._count = QLabel()
        self._count.setObjectName("dim")
        self._skip = QPushButton("Skip", flat=True)
        self._next = QPushButton("Next", default=True)
        self._skip.clicked.connect(self.end)
        self._next.clicked.connect(self.advance)
        self._lay_out()
        window.installEventFilter(self)
        self._show_current()
        self.show()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._count, 1)
        buttons.addWidget(self._skip)
        buttons.addWidget(self._next)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(6)
        self._column.addWidget(self._title)
        self._column.addWidget(self._text)
        self._column.addSpacing(4)
        self._column.addLayout(buttons)

    @property
    def step(self) -> int:
        return self._place_in_row

    def advance(self) -> None:
        if self._place_in_row + 1 >= len(self._call_outs):
            self.end()
        else:
            self._place_in_row += 1
            self._show_current()

    def end(self) -> None:
        self._window.removeEventFilter(self)
        self.hide()
        self.ended.emit()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self._window:
            return False
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._put()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.end()  # no part of the window, the bubble included, had a use for the key
            return True
        return False

    def _show_current(self) -> None:
        call_out = self._call_outs[self._place_in_row]
        self._title.setText(call_out.title)
        self._text.setText(call_out.text)
        last = self._place_in_row + 1 == len(self._call_outs)
        self._count.setText(f"{self._place_in_row + 1} of {len(self._call_outs)}")
        self._next.setText("Start" if last else "Next")
        self._skip.setVisible(not last)
        self._put()

    def _put(self) -> None:
        below = self._call_outs[self._place_in_row].below
        target = self._call_outs[self._place_in_row].at()
        top, bottom = (14 + ARROW, 12) if below else (14, 12 + ARROW)
        self._column.setContentsMargins(16, top, 14, bottom)
        room = self._room().adjusted(8, 8, -8, -8)
        width = min(WIDTH, room.width())
        height = max(self._column.heightForWidth(width), self.minimumSizeHint().height())
        x = min(max(room.left(), target.center().x() - width // 2), room.right() - width)
        y = target.bottom() + 2 if below else target.top() - height - 2
        y = min(max(room.top(), y), room.bottom() - height)
        self.setGeometry(x, y, width, height)
        self._tip_x = min(max(24, target.center().x() - x), width - 24)
        self.raise_()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        below = self._call_outs[self._place_in_row].below
        body = QRectF(self.rect()).adjusted(1, 1 + (ARROW if below else 0), -1, -1 - (0 if below else ARROW))
        edge, tip = (body.top(), body.top() - ARROW + 1) if below else (body.bottom(), body.bottom() + ARROW - 1)
        arrow = QPainterPath(QPointF(self._tip_x - ARROW, edge))
        arrow.lineTo(self._tip_x, tip)
        arrow.lineTo(self._tip_x + ARROW, edge)
        arrow.closeSubpath()
        shape = QPainterPath()
        shape.addRoundedRect(body, 10, 10)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().highlight().color(), 1.5))
        painter.setBrush(_raised(self.palette().window().color()))
        painter.drawPath(shape.united(arrow))
        painter.end()


def _raised(colour: QColor) -> QColor:
    return colour.lighter(125) if colour.lightness() < 128 else QColor("white")
