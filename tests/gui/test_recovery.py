"""After a crash: the dialog with what was left, and what becomes of each drawing."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMessageBox, QWidget

from sketchsause_desktop.app.autosaving import Autosaving
from sketchsause_desktop.core.autosave import AutosaveStore
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.ui import recovery
from sketchsause_desktop.ui.recovery import RecoveryDialog
from sketchsause_desktop.ui.status import StatusLine
from tests.gui.conftest import Open


@pytest.fixture
def keeper(opened: Open, tmp_path: Path) -> Iterator[Autosaving]:
    """Two drawings were left by a copy that crashed."""
    crashed = AutosaveStore(tmp_path / "autosave")
    for key, name in enumerate(("portrait", "castle"), 1):
        document = Document.new(Size(40 * key, 30))
        document.line_art.tiles.write(Rect(0, 0, 10, 10), document.composite(Rect(0, 0, 10, 10)) // 3)
        crashed.save(key, document.snapshot(), name=name, original=tmp_path / f"{name}.ora")
    assert crashed._lock is not None
    crashed._lock.close()  # the system does so when a copy is killed
    keeper = Autosaving(opened.editor, opened.services.notices, AutosaveStore(tmp_path / "autosave"))
    yield keeper
    keeper.close()


def answer(monkeypatch: pytest.MonkeyPatch, act: Callable[[RecoveryDialog], None]) -> None:
    monkeypatch.setattr(RecoveryDialog, "exec", act)


def test_all_are_offered_with_thumbnail_name_and_time(opened: Open, keeper: Autosaving) -> None:
    dialog = RecoveryDialog(opened.window, keeper.recoverable())
    texts = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert [text.splitlines()[0] for text in texts] == ["castle", "portrait"]  # the newest first
    assert all("today" in text for text in texts)
    size = dialog.list.iconSize()
    for icon in (dialog.list.item(row).icon() for row in range(2)):
        assert not icon.isNull()
        assert icon.pixmap(size, QIcon.Mode.Selected).toImage() == icon.pixmap(size).toImage()  # not tinted
    assert dialog.open_button.text() == "Open all"
    dialog.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.open_button.text() == "Open 1"
    assert [each.name for each in dialog.chosen] == ["portrait"]
    dialog.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert not dialog.open_button.isEnabled()
    dialog.deleteLater()


def test_opened_ones_are_modified_and_keep_their_file(
    opened: Open, keeper: Autosaving, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer(monkeypatch, lambda dialog: dialog.open_button.click())
    recovery.offer(opened.window, keeper)
    drawings = {drawing.title: drawing for drawing in opened.editor.drawings}
    assert drawings.keys() == {"portrait", "castle"}  # in place of the drawing that was never touched
    assert all(drawing.is_modified for drawing in drawings.values())
    assert drawings["castle"].path == tmp_path / "castle.ora"
    assert drawings["castle"].document.size == Size(80, 30)
    assert keeper.recoverable() == []
    recovery.offer(opened.window, keeper)  # nothing is asked again
    assert len(opened.editor.drawings) == 2


def test_later_leaves_all_and_discarding_asks_first(
    opened: Open, keeper: Autosaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, lambda dialog: dialog.later_button.click())
    recovery.offer(opened.window, keeper)
    assert len(keeper.recoverable()) == 2
    asked: list[str] = []

    def refuse(_parent: QWidget, names: str) -> bool:
        asked.append(names)
        return len(asked) > 1

    monkeypatch.setattr(recovery, "ask_discard", refuse)
    answer(monkeypatch, lambda dialog: dialog.discard_button.click())
    recovery.offer(opened.window, keeper)
    assert (asked, len(keeper.recoverable())) == (["2 drawings"], 2)
    recovery.offer(opened.window, keeper)
    assert keeper.recoverable() == []
    assert len(opened.editor.drawings) == 1


def test_deleting_is_not_the_default(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def close(box: QMessageBox) -> int:
        said.append(box.defaultButton().text())
        box.close()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", close)
    assert not recovery.ask_discard(opened.window, "“castle”")
    assert said == ["Cancel"]


def test_the_status_line_tells_of_saving_and_of_the_last_autosave(opened: Open) -> None:
    status = opened.window.statusBar()
    assert isinstance(status, StatusLine)
    assert not status.kept_label.isVisible()
    status.show_autosaved(datetime(2026, 5, 4, 14, 2).astimezone())
    status.show_saving(0.4)
    assert (status.kept_label.text(), status.saving_label.text()) == ("autosaved 14:02", "saving 40 %")
    status.show_saving(1.0)
    assert (status.kept_label.isVisible(), status.saving_label.isVisible()) == (True, False)
