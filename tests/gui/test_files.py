"""Opening, dropping, pasting and exporting through the window; every fault is one sentence in a notice."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app import opening
from sketchsause_desktop.app.drawing import Export
from sketchsause_desktop.app.tools import Tool
from sketchsause_desktop.core import layer_actions
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.documents_io import open_document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.opening import Opened
from sketchsause_desktop.ui import dialogs, export_dialog
from sketchsause_desktop.ui.export_dialog import ExportDialog
from tests.gui.conftest import Open


def save(path: Path, colour: tuple[int, int, int] = (20, 20, 20), size: tuple[int, int] = (60, 40)) -> Path:
    Image.new("RGB", size, colour).save(path)
    return path


def pixels_of(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)


def drop(opened: Open, *urls: QUrl) -> None:
    mime = QMimeData()
    mime.setUrls(list(urls))
    buttons, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    action = Qt.DropAction.CopyAction
    place = QPointF(200, 200)
    enter = QDragEnterEvent(place.toPoint(), action, mime, buttons, modifiers)
    QApplication.sendEvent(opened.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(opened.window, QDropEvent(place, action, mime, buttons, modifiers))
    QApplication.processEvents()  # the window asks and opens after the drop has returned
    opened.window.files.opening.wait()


def open_files(opened: Open, *paths: Path) -> None:
    opened.window.files.open_paths(paths)
    opened.window.files.opening.wait()


def scribble(opened: Open) -> None:
    opened.editor.begin_stroke(PenSample(10, 10))
    opened.editor.extend_stroke(PenSample(40, 20))
    opened.editor.end_stroke()


@pytest.fixture(autouse=True)
def _no_export_dialog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_dialog, "ask", lambda _parent, export: export)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[dialogs.Answer]:
    """What the user says when asked about unsaved work, in order."""
    given: list[dialogs.Answer] = []
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda _parent, _title: given.pop(0))
    return given


def test_a_dropped_picture_becomes_the_line_art(opened: Open, tmp_path: Path) -> None:
    path = save(tmp_path / "Ünïcode näme 線画.png", size=(123, 77))
    drop(opened, QUrl.fromLocalFile(str(path)))
    assert opened.editor.document.size == Size(123, 77)
    assert opened.window.windowTitle().startswith("Ünïcode näme 線画")
    assert max(opened.shown_colour(60, 40)) < 40
    assert opened.window.files.recent == [path]


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR cut"])
def test_a_dropped_file_that_is_no_picture_is_one_notice(opened: Open, tmp_path: Path, content: bytes) -> None:
    before = opened.editor.document
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    for _ in range(3):
        drop(opened, QUrl.fromLocalFile(str(path)))
    assert len(opened.notices()) == 1
    assert "broken.png" in opened.notices()[0]
    assert "Traceback" not in opened.notices()[0]
    assert len(opened.window.notice_bar.texts) == 1
    assert opened.editor.document is before


def test_a_picture_that_can_be_read_withdraws_the_notice(opened: Open, tmp_path: Path) -> None:
    drop(opened, QUrl.fromLocalFile(str(tmp_path / "missing.png")))
    assert len(opened.notices()) == 1
    drop(opened, QUrl.fromLocalFile(str(save(tmp_path / "good.png"))))
    assert opened.notices() == []


def test_an_address_on_the_net_is_refused_in_words(opened: Open) -> None:
    drop(opened, QUrl("https://example.org/picture.png"))
    assert opened.notices() == ["Only files on this machine can be opened."]


def test_unsaved_work_is_asked_about_before_its_tab_goes(opened: Open, answers: list[dialogs.Answer]) -> None:
    scribble(opened)
    before = opened.editor.current
    answers.append(dialogs.Answer.CANCEL)
    opened.window.actions_.close.trigger()
    assert opened.editor.current is before
    answers.append(dialogs.Answer.DISCARD)
    opened.window.actions_.close.trigger()
    assert opened.editor.current is not before
    assert opened.editor.document.size == Size(400, 300)  # there is always one
    opened.window.actions_.close.trigger()  # nothing to lose: asking would fail


def test_files_open_in_tabs_and_one_that_is_open_comes_to_the_front(opened: Open, tmp_path: Path) -> None:
    scribble(opened)
    first, second = save(tmp_path / "1.png"), save(tmp_path / "2.png", size=(30, 70))
    drop(opened, *(QUrl.fromLocalFile(str(path)) for path in (first, second)))
    tabs = opened.window.tabs
    assert [tabs.tabText(place) for place in range(tabs.count())] == ["Untitled •", "1", "2"]
    assert opened.canvas.view.size_doc == Size(60, 40)  # the first of them
    open_files(opened, second)
    assert (tabs.count(), tabs.currentIndex()) == (3, 2)
    opened.window.actions_.next_drawing.trigger()
    assert opened.editor.current is opened.editor.drawings[0]
    assert opened.editor.can_undo
    tabs.moveTab(0, 2)
    assert [drawing.title for drawing in opened.editor.drawings] == ["1", "2", "Untitled"]
    tabs.tabCloseRequested.emit(1)
    assert [tabs.tabText(place) for place in range(tabs.count())] == ["1", "Untitled •"]


def test_saving_keeps_layers_and_makes_the_drawing_unmodified(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    target = tmp_path / "mine.ora"

    def answer(_parent: QWidget, _title: str, suggestion: Path) -> Path:
        asked.append(suggestion)
        return target

    monkeypatch.setattr(dialogs, "ask_save", answer)
    scribble(opened)
    opened.window.actions_.save.trigger()
    opened.window.files.saving.wait()
    assert asked[0].suffix == ".ora"
    assert not opened.window.isWindowModified()
    assert opened.editor.current.path == target
    assert opened.window.windowTitle().startswith("mine")
    assert opened.window.files.recent == [target]
    scribble(opened)
    opened.window.actions_.save.trigger()  # asks no more
    opened.window.files.saving.wait()
    assert (len(asked), opened.editor.is_modified) == (1, False)
    shown = opened.editor.export_pixels()
    opened.window.actions_.close.trigger()
    open_files(opened, target)
    assert np.array_equal(opened.editor.export_pixels(), shown)
    assert [layer.name for layer in opened.editor.document.leaves()] == ["AI colour", "Line art"]


def test_changes_made_while_a_drawing_is_being_saved_are_not_taken_for_saved(opened: Open, tmp_path: Path) -> None:
    scribble(opened)
    assert opened.window.files.saving.save(opened.editor.current, tmp_path / "mine.ora")
    assert not opened.window.files.saving.save(opened.editor.current, tmp_path / "other.ora")  # one at a time
    opened.editor.clear()
    opened.window.files.saving.wait()
    said = [opened.editor.is_modified]
    opened.editor.undo()
    assert [*said, opened.editor.is_modified] == [True, False]
    assert not (tmp_path / "other.ora").exists()


def test_a_picture_is_saved_as_a_drawing_of_its_own(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(dialogs, "ask_save", lambda _parent, _title, path: asked.append(path))
    open_files(opened, save(tmp_path / "scan.png"))
    assert not opened.window.files.save()
    assert asked == [tmp_path / "scan.ora"]


def test_saving_on_leaving_waits_for_the_file(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: list[dialogs.Answer]
) -> None:
    monkeypatch.setattr(dialogs, "ask_save", lambda _parent, _title, _path: tmp_path / "mine.ora")
    scribble(opened)
    answers.append(dialogs.Answer.SAVE)
    assert opened.window.files.may_leave()
    assert (tmp_path / "mine.ora").is_file()
    scribble(opened)
    answers.append(dialogs.Answer.SAVE)
    (tmp_path / "mine.ora").unlink()
    (tmp_path / "mine.ora").mkdir()  # which cannot be replaced
    monkeypatch.setattr(dialogs, "ask_replace", lambda _parent, _name: True)
    assert not opened.window.files.may_leave()
    assert any("mine.ora" in notice for notice in opened.notices())


def test_a_file_that_others_changed_or_removed_is_told_and_asked_about(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, path = opened.window.files, tmp_path / "mine.ora"
    scribble(opened)
    own.saving.save(opened.editor.current, path)
    own.saving.wait()
    own.look_after()
    assert opened.notices() == [f"Saved to {path}."]
    whole = path.read_bytes()
    path.write_bytes(b"other")
    own.look_after()
    assert "mine.ora was changed by another program." in opened.notices()
    monkeypatch.setattr(dialogs, "ask_replace", lambda _parent, _name: False)
    assert not own.save()
    assert path.read_bytes() == b"other"
    path.unlink()
    own.look_after()
    assert "mine.ora was removed." in opened.notices()
    assert own.save()
    own.saving.wait()
    assert len(path.read_bytes()) == pytest.approx(len(whole), rel=0.1)


def test_an_export_that_lacks_layers_does_not_count_as_saved(opened: Open, tmp_path: Path) -> None:
    layer = Layer(name="Colours", role=Role.PAINT)
    layer.tiles.write(Rect(0, 0, 9, 9), np.full((9, 9, 4), 255, np.uint8))
    opened.editor.do(lambda document: layer_actions.add(document, layer, Place(index=1)))
    scribble(opened)
    opened.window.files.saving.export(opened.editor.current, Export(path=tmp_path / "flat.png"))
    opened.window.files.saving.wait()
    assert (tmp_path / "flat.png").is_file()
    assert opened.editor.is_modified


def test_what_a_reader_says_is_shown(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Opened(document=Document.new(Size(9, 9)), notices=("One layer is odd.", "Another is damaged."))
    monkeypatch.setattr(opening, "open_document", lambda _path: found)
    open_files(opened, tmp_path / "foreign.ora")
    assert opened.notices() == ["foreign.ora: One layer is odd.", "foreign.ora: Another is damaged."]


def test_closing_the_window_with_unsaved_work_can_be_cancelled(opened: Open, answers: list[dialogs.Answer]) -> None:
    scribble(opened)
    answers.append(dialogs.Answer.CANCEL)
    assert not opened.window.close()
    assert opened.window.isVisible()


def test_a_picture_of_the_clipboard_is_laid_on_the_lines(opened: Open) -> None:
    scribble(opened)
    image = QImage(50, 50, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0))
    QGuiApplication.clipboard().setImage(image)
    opened.window.actions_.paste.trigger()
    middle = opened.editor.document.size
    assert max(opened.shown_colour(middle.width / 2, middle.height / 2)) < 10
    assert opened.editor.undo_text == "Paste"


def test_an_empty_clipboard_is_said(opened: Open) -> None:
    QGuiApplication.clipboard().setText("words")
    opened.window.actions_.paste.trigger()
    assert opened.notices() == ["The clipboard holds no picture."]


def test_copy_merged_holds_what_the_export_holds(opened: Open) -> None:
    scribble(opened)
    opened.window.actions_.copy_merged.trigger()
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (400, 300)
    exported = opened.editor.export_pixels()
    assert image.pixelColor(12, 11).red() == exported[11, 12, 0]


def test_export_writes_what_is_shown_and_export_again_the_same_file(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scribble(opened)
    target = tmp_path / "out.png"
    monkeypatch.setattr(dialogs, "ask_export", lambda _parent, _suggestion: target)
    assert not opened.window.actions_.export_again.isEnabled()
    opened.window.actions_.export.trigger()
    opened.window.files.saving.wait()
    assert np.array_equal(pixels_of(target), opened.editor.export_pixels())
    assert not opened.window.isWindowModified()
    opened.editor.clear()
    opened.window.actions_.export_again.trigger()
    opened.window.files.saving.wait()
    assert pixels_of(target).min() == 255


def test_an_export_that_fails_leaves_the_old_file_and_says_so(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scribble(opened)
    monkeypatch.setattr(dialogs, "ask_export", lambda _parent, _suggestion: tmp_path / "no" / "such" / "out.png")
    opened.window.actions_.export.trigger()
    opened.window.files.saving.wait()
    assert len(opened.notices()) == 1
    assert "out.png" in opened.notices()[0]
    assert opened.window.isWindowModified()


def test_file_dialogs_ask_before_the_file_they_really_write(opened: Open, tmp_path: Path) -> None:
    dialog = dialogs.file_dialog(opened.window, "Export", tmp_path / "x.jpg", dialogs.PICTURES)
    assert dialog.defaultSuffix() == "jpg"
    assert not dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
    assert dialog.selectedFiles() == [str(tmp_path / "x.jpg")]
    dialog.filterSelected.emit(dialogs.PICTURES[-1])
    assert dialog.defaultSuffix() == "psd"
    dialog.deleteLater()


def test_an_export_before_the_colours_are_ready_does_not_count_as_saved(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "ask_export", lambda _parent, _suggestion: tmp_path / "out.png")
    scribble(opened)
    opened.services.live.set_enabled(True)
    assert opened.services.live.is_late
    opened.window.actions_.export.trigger()
    opened.window.files.saving.wait()
    assert (tmp_path / "out.png").is_file()
    assert opened.window.isWindowModified()
    assert "not ready" in opened.notices()[-1]
    opened.services.live.set_enabled(False)
    assert not opened.services.live.is_late


def test_an_error_while_closing_keeps_the_window(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> bool:
        raise MemoryError

    event = QCloseEvent()
    assert event.isAccepted()
    with monkeypatch.context() as patch:
        patch.setattr(opened.window.files, "may_leave", fail)
        with pytest.raises(MemoryError):
            opened.window.closeEvent(event)
    assert not event.isAccepted()


def test_a_picture_dragged_out_of_a_browser_is_pasted(opened: Open) -> None:
    scribble(opened)
    image = QImage(50, 50, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0))
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/picture.png")])
    mime.setImageData(image)
    opened.window.files.drop(mime)
    assert opened.editor.undo_text == "Paste"


def test_a_drop_is_a_copy_and_opens_only_after_it_has_returned(opened: Open, tmp_path: Path, qtbot: QtBot) -> None:
    path = save(tmp_path / "dropped.png")
    scribble(opened)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    actions = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier  # which asks for a move
    event = QDropEvent(QPointF(50, 50), actions, mime, button, keys)
    opened.window.dropEvent(event)
    assert opened.editor.title == "Untitled"
    assert event.isAccepted()
    assert event.dropAction() == Qt.DropAction.CopyAction
    qtbot.waitUntil(lambda: opened.editor.title == "dropped")


def test_recent_files_are_listed_newest_first_and_can_be_forgotten(opened: Open, tmp_path: Path) -> None:
    first, second = save(tmp_path / "1.png"), save(tmp_path / "2.png")
    for path in (first, second, first):
        open_files(opened, path)
    assert opened.window.files.recent == [first, second]
    opened.window.files.forget_recent()
    assert opened.window.files.recent == []


@pytest.mark.parametrize(("name", "asks"), [("a.png", "paper"), ("a.jpg", "quality"), ("a.webp", "quality paper")])
def test_an_export_asks_what_its_format_can(opened: Open, name: str, asks: str) -> None:
    dialog = ExportDialog(opened.window, Export(path=Path(name), quality=80))
    shown = {"quality": dialog.quality.isVisibleTo(dialog), "paper": dialog.paper.isVisibleTo(dialog)}
    assert [word for word, is_shown in shown.items() if is_shown] == asks.split()
    dialog.paper.setChecked(False)
    dialog.quality.number.setValue(55)
    assert dialog.chosen == Export(path=Path(name), quality=55, on_paper=False)
    dialog.deleteLater()


def test_without_paper_the_picture_is_transparent_where_nothing_is(opened: Open, tmp_path: Path) -> None:
    scribble(opened)
    saving = opened.window.files.saving
    saving.export(opened.editor.current, Export(path=tmp_path / "bare.png", on_paper=False))
    saving.wait()
    alpha = pixels_of(tmp_path / "bare.png")[..., 3]
    assert (alpha[200:].max(), alpha[11, 12]) == (0, 255)


def test_an_untouched_sample_gives_way_to_the_first_file(opened: Open, tmp_path: Path) -> None:
    opened.window.files.open_sample(save(tmp_path / "sample.png"))
    open_files(opened, save(tmp_path / "mine.png"))
    assert [drawing.title for drawing in opened.editor.drawings] == ["mine"]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Files are read as soon as it is set."""
    gate, read = threading.Event(), open_document

    def wait_and_read(path: Path) -> Opened:
        assert gate.wait(20)
        return read(path)

    monkeypatch.setattr(opening, "open_document", wait_and_read)
    yield gate
    gate.set()


def test_one_paints_on_while_a_file_is_read(opened: Open, tmp_path: Path, gate: threading.Event, qtbot: QtBot) -> None:
    scribble(opened)
    opened.window.files.open_paths([save(tmp_path / "large.png")])
    qtbot.waitUntil(lambda: opened.notices() == ["Opening large.png…"])
    opened.editor.begin_stroke(PenSample(10, 10))
    opened.editor.extend_stroke(PenSample(90, 90))
    gate.set()
    opened.window.files.opening.wait()
    assert opened.editor.is_drawing  # the stroke goes on
    opened.editor.end_stroke()
    assert [drawing.title for drawing in opened.editor.drawings] == ["Untitled", "large"]
    assert opened.editor.title == "Untitled"
    assert opened.notices() == ["large.png is open in the last tab."]
    assert opened.canvas.view.size_doc == Size(400, 300)


def test_a_question_is_about_the_drawing_in_front_also_when_a_file_comes(
    opened: Open, tmp_path: Path, gate: threading.Event, qtbot: QtBot
) -> None:
    opened.window.files.open_paths([save(tmp_path / "large.png")])
    dialog = QDialog(opened.window)
    dialog.setModal(True)
    dialog.show()
    gate.set()
    qtbot.waitUntil(lambda: len(opened.editor.drawings) == 2)
    assert opened.editor.title == "Untitled"
    dialog.close()
    dialog.deleteLater()


def test_a_drag_goes_on_when_a_file_comes(opened: Open, tmp_path: Path, gate: threading.Event) -> None:
    scribble(opened)
    opened.editor.set_tool(Tool.RECT_SELECT)
    QTest.mousePress(opened.canvas, Qt.MouseButton.LeftButton, pos=opened.at(50, 50).toPoint())
    QTest.mouseMove(opened.canvas, opened.at(150, 120).toPoint())
    opened.window.files.open_paths([save(tmp_path / "large.png")])
    gate.set()
    opened.window.files.opening.wait()
    QTest.mouseRelease(opened.canvas, Qt.MouseButton.LeftButton, pos=opened.at(150, 120).toPoint())
    assert (len(opened.editor.drawings), opened.editor.title) == (2, "Untitled")
    assert opened.editor.selection is not None


def test_closing_the_notice_stops_the_opening(
    opened: Open, tmp_path: Path, gate: threading.Event, qtbot: QtBot
) -> None:
    opened.window.files.open_paths([save(tmp_path / "large.png")])
    qtbot.waitUntil(lambda: bool(opened.window.notice_bar.texts))
    close = next(b for b in opened.window.notice_bar.findChildren(QToolButton) if b.accessibleName() == "Close notice")
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    gate.set()
    opened.window.files.opening.wait()
    assert opened.editor.title == "Untitled"
    assert opened.window.files.recent == []


def test_the_window_closes_while_a_file_is_read(opened: Open, tmp_path: Path, gate: threading.Event) -> None:
    opened.window.files.open_paths([save(tmp_path / "large.png"), save(tmp_path / "second.png")])
    gate.set()
    assert opened.window.close()
    QApplication.processEvents()
    assert opened.editor.title == "Untitled"
