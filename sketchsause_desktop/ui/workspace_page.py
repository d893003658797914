"""What workspaces other than Paint have in common: painting's keys do nothing there."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

# Keys that are the whole window's; all others are not painting's while one is here.
_WINDOW_KEYS = (Qt.Key.Key_F11, Qt.Key.Key_Q, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4)


class WorkspacePage(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def event(self, event: QEvent) -> bool:
        """Painting's keys do nothing here."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            with_alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
            if not with_alt and not _is_windows_key(event):
                event.accept()
                return True
        return super().event(event)


def _is_windows_key(event: QKeyEvent) -> bool:
    plain = event.key() == Qt.Key.Key_F11
    return plain or (bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier) and event.key() in _WINDOW_KEYS)
