"""What a copy keeps is found after it was killed, by one other copy, and is gone after a clean end."""

import contextlib
import io
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import UserError
from sketchsause_desktop.core import autosave
from sketchsause_desktop.core.autosave import AutosaveStore
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from tests.desktop.core.drawings import sample

ROOT = Path(__file__).resolve().parents[3]
COPY = """
import sys, time
from pathlib import Path
import numpy as np
from sketchsause_desktop.core.autosave import AutosaveStore
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size

store, document = AutosaveStore(Path(sys.argv[1])), Document.new(Size(900, 700))
noise = np.random.default_rng(0).integers(0, 256, (700, 900, 4), np.uint8)
noise[..., 3] = 255
for number in range(int(sys.argv[2])):
    noise[0, 0] = (number % 256, number // 256, 0, 255)
    document.ai_colour.tiles.write(document.rect, noise)
    store.save(1, document.snapshot(), name=f"Drawing {number}", original=Path("/home/ann/drawing.png"))
    print(number, flush=True)
sys.stdin.read()
store.close()
"""


def start(folder: Path, saves: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", COPY, str(folder), str(saves)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def kill(copy: "subprocess.Popen[str]") -> list[int]:
    """End it as a power cut would; the numbers of the saves it had finished."""
    copy.kill()
    told, _ = copy.communicate()
    return [int(line) for line in told.split()]


def number_of(document: Document) -> int:
    low, high, *_ = document.ai_colour.tiles.read(Rect(0, 0, 1, 1))[0, 0].tolist()
    return int(low) + 256 * int(high)


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A folder in which a copy was killed that had saved the sample drawing."""
    script = COPY.replace("document.ai_colour.tiles.write(document.rect, noise)", "pass")
    command = [sys.executable, "-c", script, str(tmp_path), "1"]
    copy = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert copy.stdout is not None
    copy.stdout.readline()
    kill(copy)
    return tmp_path


# --------------------------------------------------------------------------------------------------------- real crashes


def test_nothing_older_than_the_last_finished_save_is_lost_whenever_the_copy_is_killed(tmp_path: Path) -> None:
    rng = random.Random(0)
    for attempt in range(4):
        folder = tmp_path / str(attempt)
        copy = start(folder, 1000)
        assert copy.stdout is not None
        copy.stdout.readline()
        time.sleep(rng.uniform(0, 0.4))
        last = max([0, *kill(copy)])
        store = AutosaveStore(folder)
        (found,) = store.recoverable()
        assert not found.is_damaged
        opened = store.adopt(found, 7)
        assert opened.notices == ()
        assert last <= number_of(opened.document) <= last + 1
        assert int(found.name.split()[1]) in (number_of(opened.document), number_of(opened.document) - 1)
        store.close()
        assert list(folder.iterdir()) == [] or {path.suffix for path in folder.iterdir()} == {".lock"}


def test_a_copy_that_runs_keeps_its_drawings_to_itself_until_it_is_killed(tmp_path: Path) -> None:
    copy = start(tmp_path, 1)
    assert copy.stdout is not None
    copy.stdout.readline()
    store = AutosaveStore(tmp_path)
    assert store.recoverable() == []
    kill(copy)
    assert [each.name for each in store.recoverable()] == ["Drawing 0"]


def test_a_clean_end_leaves_nothing_behind(tmp_path: Path) -> None:
    copy = start(tmp_path, 2)
    copy.communicate()  # its input ends, and it closes
    assert copy.returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="this system has no SIGTERM of this kind")
def test_a_terminated_copy_leaves_its_drawings(tmp_path: Path) -> None:
    copy = start(tmp_path, 1)
    assert copy.stdout is not None
    copy.stdout.readline()
    copy.send_signal(signal.SIGTERM)
    copy.communicate()
    assert len(AutosaveStore(tmp_path).recoverable()) == 1


# ---------------------------------------------------------------------------------------------------- what is recovered


def test_what_is_offered_has_name_time_origin_and_a_picture(left: Path) -> None:
    (found,) = AutosaveStore(left).recoverable()
    assert found.name == "Drawing 0"
    assert found.original == Path("/home/ann/drawing.png")
    assert abs(found.saved_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert found.process_id not in (None, os.getpid())
    assert found.thumbnail is not None
    assert Image.open(io.BytesIO(found.thumbnail)).size == (256, 199)


def test_what_one_copy_adopts_another_cannot_take(left: Path) -> None:
    first, second = AutosaveStore(left), AutosaveStore(left)
    (found,) = first.recoverable()
    assert second.recoverable() == [found]
    first.adopt(found, 3)
    assert second.recoverable() == []
    for take in (lambda: second.adopt(found, 1), lambda: second.discard(found)):
        with pytest.raises(UserError, match="taken by another window"):
            take()
    first.close()
    assert not list(left.glob("*/"))


def test_discarding_deletes_and_forgetting_does_too(left: Path) -> None:
    store = AutosaveStore(left)
    (found,) = store.recoverable()
    store.discard(found)
    assert store.recoverable() == []
    store.save(1, sample().snapshot(), name="A")
    store.save(2, sample().snapshot(), name="B")
    store.forget(1)
    assert sorted(path.name for path in left.glob("*/*")) == ["2.json", "2.ora"]
    store.close()
    assert list(left.iterdir()) == []


def test_a_damaged_one_is_offered_as_such_and_stays(left: Path) -> None:
    (path,) = left.glob("*/*.ora")
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    store = AutosaveStore(left)
    (found,) = store.recoverable()
    assert found.is_damaged
    assert found.name == "Drawing 0"
    with pytest.raises(UserError, match="is damaged"):
        store.adopt(found, 1)
    store.close()
    assert path.exists()
    assert AutosaveStore(left).recoverable() == [found]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}', '{"name": 1, "saved_at": "soon"}', "\0" * 50])
def test_a_damaged_description_does_not_cost_the_drawing(left: Path, text: str) -> None:
    (path,) = left.glob("*/*.json")
    path.write_text(text)
    store = AutosaveStore(left)
    (found,) = store.recoverable()
    assert found.name == "Untitled"
    assert not found.is_damaged
    assert store.adopt(found, 1).notices == ()
    store.close()


def test_unfinished_files_are_neither_offered_nor_left(left: Path) -> None:
    (folder,) = left.glob("*/")
    (folder / ".1-abc.ora").write_bytes(b"PK")
    store = AutosaveStore(left)
    (found,) = store.recoverable()
    store.adopt(found, 1)
    assert not folder.exists()
    store.close()


def test_a_folder_that_holds_only_unfinished_files_goes_unless_its_copy_runs(tmp_path: Path) -> None:
    running = AutosaveStore(tmp_path)
    running.save(1, sample().snapshot(), name="A")
    running.forget(1)
    (tmp_path / "crashed").mkdir()
    (tmp_path / "crashed" / ".1-abc.ora").write_bytes(b"PK")
    other = AutosaveStore(tmp_path)
    assert other.recoverable() == []
    assert len(list(tmp_path.glob("*/"))) == 1
    running.close()
    assert list(tmp_path.iterdir()) == []


# --------------------------------------------------------------------------------------------------------------- saving


def test_a_full_disk_keeps_the_save_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, document = AutosaveStore(tmp_path), Document.new(Size(40, 30))
    store.save(1, document.snapshot(), name="A")
    before = {path: path.read_bytes() for path in tmp_path.glob("*/*")}
    document.line_art.tiles.write(document.rect, np.full((30, 40, 4), 9, np.uint8))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("sketchsause_desktop.core.ora_writer.write_png", full)
        with pytest.raises(UserError, match="the disk is full"):
            store.save(1, document.snapshot(), name="A")
    with monkeypatch.context() as patched:
        patched.setattr(autosave, "atomic_path", full)
        with pytest.raises(UserError, match="cannot be kept"):
            store.save(2, document.snapshot(), name="B")
    assert {path: path.read_bytes() for path in before} == before
    store.close()


def test_nothing_is_written_before_the_first_save(tmp_path: Path) -> None:
    store = AutosaveStore(tmp_path / "state")
    assert store.recoverable() == []
    store.forget(1)
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_the_users_state_folder_is_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    store = AutosaveStore()
    store.save(1, sample().snapshot(), name="A")
    places = list(Path(os.environ["XDG_STATE_HOME"]).rglob("1.ora")) if sys.platform == "linux" else []
    store.close()
    assert len(places) == (sys.platform == "linux")
    with contextlib.suppress(OSError):
        store._root.rmdir()
