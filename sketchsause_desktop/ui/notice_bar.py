"""Notices over the canvas: an icon, one sentence, a button to close; equal ones update in place."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from sketchsause_desktop.app.notices import Level, Notice, Notices
from sketchsause_desktop.ui.icons import icon

INFO_STAYS_MS = 6000
WIDEST = 620  # logical pixels
_ICONS = {Level.INFO: "info", Level.WARNING: "warning", Level.ERROR: "error"}
_WORDS = {Level.INFO: "Note", Level.WARNING: "Warning", Level.ERROR: "Error"}


class _NoticeRow(QFrame):
    def __init__(self, notices: Notices, parent: QWidget) -> None:
        super().__init__(parent)
        self._notices = notices
        self._key = ""
        self.setObjectName("notice")
        self._icon = QLabel()
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = QPushButton()
        self._action.clicked.connect(lambda: notices.act(self._key))
        close = QToolButton()
        close.setIcon(icon("close"))
        close.setIconSize(QSize(14, 14))
        close.setToolTip("Close this notice")
        close.setAccessibleName("Close notice")
        close.clicked.connect(self._on_close)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 6, 7)
        row.setSpacing(10)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._text, 1)
        row.addWidget(self._action, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignVCenter)
        self._timer = QTimer(self, singleShot=True, interval=INFO_STAYS_MS)
        self._timer.timeout.connect(self._on_close)

    def show_notice(self, notice: Notice) -> None:
        self._key = notice.key
        text = f"{notice.text} {notice.hint}".strip()
        self._text.setText(text)
        self._action.setText(notice.action.replace("&", "&&"))
        self._action.setVisible(bool(notice.action))
        self._icon.setPixmap(icon(_ICONS[notice.level]).pixmap(QSize(18, 18), self.devicePixelRatioF()))
        self._icon.setAccessibleName(_WORDS[notice.level])
        self.setAccessibleName(f"{_WORDS[notice.level]}: {text}")
        if notice.level is Level.INFO and not notice.lasts:
            self._timer.start()
        else:
            self._timer.stop()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Between the buttons, too, a click is not for what lies below."""
        event.accept()

    def _on_close(self) -> None:
        self._notices.withdraw(self._key)


class NoticeBar(QWidget):
    """Lies over the lower edge of `over`, takes no room and no clicks where it shows nothing."""

    def __init__(self, notices: Notices, over: QWidget) -> None:
        super().__init__(over)
        self._notices = notices
        self._over = over
        self._rows: dict[str, _NoticeRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        over.installEventFilter(self)
        notices.posted.connect(self._on_posted)
        notices.withdrawn.connect(self._on_withdrawn)
        for notice in notices.shown:
            self._on_posted(notice)
        self._place()

    @property
    def texts(self) -> list[str]:
        return [row.accessibleName() for row in self._rows.values()]

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a row needs another height, with another font for instance
            self._place()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _on_posted(self, notice: Notice) -> None:
        if notice.key not in self._rows:
            self._rows[notice.key] = _NoticeRow(self._notices, self)
            self._column.addWidget(self._rows[notice.key])
            self._rows[notice.key].show()  # else it counts for no height until the event loop turns
        self._rows[notice.key].show_notice(notice)
        self._rows[notice.key].updateGeometry()  # its text counts now, not at the next turn of the event loop
        self._place()

    def _on_withdrawn(self, key: str) -> None:
        row = self._rows.pop(key, None)
        if row is not None:
            self._column.removeWidget(row)
            row.deleteLater()
            self._place()

    def _place(self) -> None:
        self.setVisible(bool(self._rows))
        if not self._rows:
            return
        width = min(WIDEST, self._over.width() - 24)
        height = self._column.heightForWidth(width) if self._column.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry((self._over.width() - width) // 2, self._over.height() - height - 12, width, height)
        self.raise_()
