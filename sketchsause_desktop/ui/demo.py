"""Without a display: the same window drawn into memory, its drawing coloured, both written as pictures."""

from pathlib import Path
from typing import TextIO

from PySide6.QtCore import QEventLoop, Qt, QTimer

from sketchsause_desktop.app.notices import Level, Notice
from sketchsause_desktop.core.picture_writer import write_picture
from sketchsause_desktop.ui.images import to_pixels
from sketchsause_desktop.ui.main_window import MainWindow, Services

WIDTH, HEIGHT = 1366, 768
WAIT_MS = 120_000


def run_demo(window: MainWindow, services: Services, folder: Path, out: TextIO, reason: str) -> int:
    """Write window.png and the coloured drawing into `folder`; 0 when both are there and in colour.

    `reason` says why there is no window, without a full stop.
    """
    out.write(f"{reason}, so the window is drawn into {folder} instead.\n")
    out.flush()
    window.setWindowState(Qt.WindowState.WindowNoState)  # not as large as a screen that is not there
    window.resize(WIDTH, HEIGHT)
    window.show()
    try:
        coloured = _colour(window, services)
        faults = [notice for notice in services.notices.shown if notice.level is not Level.INFO]
        folder.mkdir(parents=True, exist_ok=True)
        screenshot = folder / "window.png"
        result = folder / f"{services.editor.title}-coloured.png"
        write_picture(screenshot, to_pixels(window.grab().toImage())[..., :3])
        write_picture(result, services.editor.export_pixels())
    finally:
        services.live.shutdown()
        window.close()
    for notice in faults:
        out.write(f"{notice.text} {notice.hint}".strip() + "\n")
    out.write(f"Written: {screenshot} and {result}.\n")
    return 0 if coloured else 1


def _colour(window: MainWindow, services: Services) -> bool:
    """Run the network once; whether its colours arrived on the canvas."""
    if not services.live.model_id:
        return False
    loop = QEventLoop()
    arrived: list[bool] = []

    def on_painted() -> None:
        arrived.append(True)
        loop.quit()

    def on_notice(notice: Notice) -> None:
        if notice.level is Level.ERROR:
            loop.quit()

    window.canvas.result_painted.connect(on_painted)
    services.notices.posted.connect(on_notice)
    QTimer.singleShot(WAIT_MS, loop, loop.quit)
    services.live.set_enabled(True)
    loop.exec()
    return bool(arrived)
