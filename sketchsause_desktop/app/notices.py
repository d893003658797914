"""Notices: what the window tells the user without a dialog. Equal keys update in place instead of piling up."""

import enum
import logging
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from models.errors import UserError

_log = logging.getLogger(__name__)


class Level(enum.Enum):
    INFO = "info"
    WARNING = "warning"  # something did not work, the work went on
    ERROR = "error"  # what was asked for was not done


@dataclass(frozen=True, kw_only=True)
class Notice:
    """`key` says which notice this is: a newer one with the same key takes its place."""

    key: str
    text: str
    hint: str = ""
    level: Level = Level.INFO
    action: str = ""  # words of a button that does something about it; "" = none
    lasts: bool = False  # until its cause is gone or the user closes it; others of level INFO go by themselves


class Notices(QObject):
    """The notices that are shown now. `posted` comes for new and updated ones alike."""

    posted = Signal(object)  # Notice
    withdrawn = Signal(str)  # key
    acted = Signal(str)  # key of the notice whose button was pressed; it is gone by then

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: dict[str, Notice] = {}

    @property
    def shown(self) -> tuple[Notice, ...]:
        """Oldest first."""
        return tuple(self._shown.values())

    def post(
        self,
        key: str,
        text: str,
        hint: str = "",
        level: Level = Level.INFO,
        *,
        action: str = "",
        lasts: bool = False,
    ) -> None:
        notice = Notice(key=key, text=text, hint=hint, level=level, action=action, lasts=lasts)
        if self._shown.get(key) != notice:
            self._shown[key] = notice
            self.posted.emit(notice)

    def report(self, key: str, error: Exception) -> None:
        """Tell of `error`: a UserError in its own words, anything else as a fault of the program, which is logged."""
        if isinstance(error, UserError):
            _log.info("%s: %s", key, error)
        else:
            _log.error("%s failed", key, exc_info=error)
        self.post(key, *describe(error), Level.ERROR)

    def withdraw(self, key: str) -> None:
        """Take a notice away, because its cause is gone or the user closed it; nothing happens if it is not there."""
        if self._shown.pop(key, None) is not None:
            self.withdrawn.emit(key)

    def act(self, key: str) -> None:
        """The user pressed the notice's button."""
        self.withdraw(key)
        self.acted.emit(key)


def why_not(action: Callable[[], object]) -> str:
    """Do it; "" or, in words for the user, why that cannot be."""
    try:
        action()
    except UserError as error:
        return str(error)
    return ""


def describe(error: Exception) -> tuple[str, str]:
    """What to say about `error`, and what to do: a bug has no better words than that it is one."""
    if isinstance(error, UserError):
        return error.sentence, error.hint
    return "Something went wrong inside SketchSause.", "The log has the details."
