"""The theme that changes while Python has widgets to collect: in a child process, for a failure is a crash of it."""

import os
import subprocess
import sys
from pathlib import Path

_CHILD = """
import gc
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from sketchsause_desktop.ui.theme import Theme


class Restless(QWidget):
    def changeEvent(self, event: QEvent) -> None:
        if gc.isenabled() and event.type() == QEvent.Type.StyleChange:
            gc.collect()  # as Python does by itself whenever enough objects were made
        super().changeEvent(event)


def leave_garbage() -> None:
    for _ in range(20):
        widget = QWidget()
        widget.itself = widget
        layout = QVBoxLayout(widget)
        for _ in range(10):
            layout.addWidget(QLabel("left behind", widget))
        widget.show()


gc.set_threshold(10**6)  # the collection comes in the middle or not at all
app = QApplication([])
restless = Restless()
restless.show()
theme = Theme(app, "dark", Path("look"))
for _ in range(8):
    leave_garbage()
    theme.choose("light" if theme.shade == "dark" else "dark")
    app.processEvents()
print("lived", theme.shade)
"""


def test_a_theme_changes_while_there_are_widgets_to_collect(tmp_path: Path) -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(Path(__file__).parents[2])}
    result = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", _CHILD],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == "lived dark\n"
