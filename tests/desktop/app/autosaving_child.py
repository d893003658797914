"""A copy of the program without a window: draws a dot after the other, until it is killed.

    python -m tests.desktop.app.autosaving_child FOLDER

Each time the drawing was kept it prints how many dots there were when that save began, at least.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer

from sketchsause_desktop.app import autosaving
from sketchsause_desktop.app.autosaving import Autosaving
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.core import autosave_schedule
from sketchsause_desktop.core.autosave import AutosaveStore
from sketchsause_desktop.core.brush import Brush, PenSample
from sketchsause_desktop.core.geometry import Size

SIDE, STEP = 300, 10


def main(folder: Path) -> int:
    autosaving._LOOK_MS = 5
    autosave_schedule.REST_SECONDS = 0.0
    autosave_schedule.SPACING_SECONDS = 0.02
    autosave_schedule._SPARING = 0.5
    app = QCoreApplication([])
    editor = Editor()
    editor.new(Size(SIDE, SIDE))
    editor.set_brush(Brush(size=6, size_by_pressure=0, hardness=1))
    keeper = Autosaving(editor, Notices(), AutosaveStore(folder))
    dots = [0, 0]  # drawn; drawn when the save in progress began, at least

    def draw() -> None:
        place = dots[0] % (SIDE // STEP) ** 2
        editor.begin_stroke(PenSample(place % 30 * STEP + 5, place // 30 * STEP + 5))
        editor.end_stroke()
        dots[0] += 1

    def tell(_moment: object) -> None:
        print(dots[1], flush=True)
        dots[1] = dots[0]

    keeper.saved.connect(tell)
    pen = QTimer(interval=7)
    pen.timeout.connect(draw)
    pen.start()
    keeper.start()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
