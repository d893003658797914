"""The last resort: what nobody caught goes to the log and to the user as one notice, never as a traceback."""

import faulthandler
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, Slot, qInstallMessageHandler

from sketchsause_desktop.app.notices import Level, Notices

MAX_LOG_BYTES = 1_000_000
_KEY = "fault"
_log = logging.getLogger(__name__)
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def start_log(folder: Path) -> Path | None:
    """Log into `folder`; the file before the last megabyte is kept beside it. None when it cannot be written."""
    path = folder / "sketchsause.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
            path.replace(path.with_suffix(".old.log"))
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    if handler.stream is not None:
        faulthandler.enable(handler.stream)
    return path


class Faults(QObject):
    """Hooks into Python, its threads and Qt. May be told of a fault on any thread; the notice is posted on its own."""

    _occurred = Signal()

    def __init__(self, log_file: Path | None) -> None:
        super().__init__()
        self._log_file = log_file
        self._notices: Notices | None = None
        self._keep: Callable[[], None] = lambda: None
        self._occurred.connect(self._on_occurred, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        qInstallMessageHandler(_on_qt_message)

    def uninstall(self) -> None:
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        qInstallMessageHandler(None)

    def tell(self, notices: Notices, keep: Callable[[], None] = lambda: None) -> None:
        """From now on the user hears of faults there, and `keep` writes the drawings down for after a crash."""
        self._notices, self._keep = notices, keep

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _log.critical("uncaught", exc_info=(kind, error, trace))
        self._occurred.emit()

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        error = args.exc_value if args.exc_value is not None else args.exc_type()
        self._on_exception(args.exc_type, error, args.exc_traceback)

    @Slot()
    def _on_occurred(self) -> None:
        if self._notices is None:
            return
        self._keep()
        where = f"The details are in {self._log_file}." if self._log_file else ""
        self._notices.post(
            _KEY, "Something went wrong inside SketchSause; your drawing is still here.", where, Level.ERROR
        )


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    category = context.category or "default"
    name = category if category.startswith("qt.") else f"qt.{category}"
    logging.getLogger(name).log(_QT_LEVELS.get(kind, logging.WARNING), "%s", message)
