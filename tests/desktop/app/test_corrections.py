"""Corrected drawings become pairs that the trainer reads, and a training that learns them."""

import dataclasses
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.errors import UserError
from sketchsause_desktop.app.corrections import Corrections, is_name
from sketchsause_desktop.app.fine_tuning import FEWEST, STEPS, tuning_spec
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.app.training_runs import TrainingRuns
from sketchsause_desktop.app.training_spec import TrainingSpec
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.training_pages import count_pages, page_of, write_page
from tests.desktop.tiny_model import write_tiny_model
from training.cli import main
from training.config import load_config
from training.pairs import scan
from training.pairs_split import assign_splits
from training.run_files import MODEL


def drawing(*, coloured: bool = True, hinted: bool = True) -> Document:
    """A black square on paper, blue inside, with a red hint."""
    lines = np.full((60, 80, 3), 255, np.uint8)
    lines[10:50, 10:12] = lines[10:50, 60:62] = lines[10:12, 10:62] = lines[48:50, 10:62] = 0
    document = Document.from_line_art(np.dstack([lines, np.full((60, 80), 255, np.uint8)]))
    if coloured:
        document.ai_colour.tiles.write(Rect(0, 0, 80, 60), np.full((60, 80, 4), (40, 80, 220, 255), np.uint8))
    if hinted:
        hints = Layer(name="Hints", role=Role.HINTS)
        document.layers.append(hints)
        hints.tiles.write(Rect(20, 20, 5, 5), np.full((5, 5, 4), (255, 0, 0, 255), np.uint8))
    return document


@pytest.fixture
def corrections(tmp_path: Path, qapp: object):  # type: ignore[no-untyped-def]
    corrections = Corrections(Notices(), tmp_path / "corrections")
    yield corrections
    corrections.finish()


def test_a_page_has_the_lines_alone_and_the_colours_without_hints() -> None:
    page = page_of(drawing().snapshot())
    assert tuple(page.lines[30, 30]) == (255, 255, 255)
    assert tuple(page.lines[30, 10]) == (0, 0, 0)
    assert tuple(page.colours[22, 22]) == (40, 80, 220)
    assert tuple(page.colours[30, 10]) == (0, 0, 0)
    assert page.hints is not None
    assert tuple(page.hints[22, 22]) == (255, 0, 0, 255)
    assert page.hints[40, 40, 3] == 0
    assert page_of(drawing(hinted=False).snapshot()).hints is None


def test_what_cannot_be_learned_from_is_told() -> None:
    with pytest.raises(UserError, match="no colours to learn"):
        page_of(drawing(coloured=False).snapshot())
    with pytest.raises(UserError, match="no line art"):
        page_of(Document.new(Size(40, 40)).snapshot())


def test_the_trainer_reads_a_collection_as_pairs(corrections: Corrections) -> None:
    said: list[str] = []
    corrections.changed.connect(lambda: said.append("changed"))
    for number in range(5):
        corrections.add(drawing(hinted=number > 0).snapshot(), "Page: one", "Ink & wash")
    corrections.wait()
    (collection,) = corrections.all()
    assert (collection.name, collection.pages, len(said)) == ("Ink & wash", 5, 5)
    assert sorted(path.name for path in (collection.folder / "lines").iterdir()) == [
        "Page-one-2.png",
        "Page-one-3.png",
        "Page-one-4.png",
        "Page-one-5.png",
        "Page-one.png",
    ]
    assert len(list((collection.folder / "hints").iterdir())) == 4
    found = scan(collection.folder)
    assert len(found.pairs) == 5
    assert (found.input_name, found.target_name) == ("lines", "colours")
    assert not [finding for finding in found.findings if finding.level == "error"]
    pair = found.pairs[0]
    assert np.asarray(Image.open(pair.target.path))[30, 30].tolist() == [40, 80, 220]
    assert "has 5 pages now" in corrections._notices.shown[-1].text


def test_a_page_that_cannot_be_written_leaves_nothing(
    corrections: Corrections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sketchsause_desktop.core import training_pages

    written: list[Path] = []

    def full(path: Path, pixels: np.ndarray) -> None:
        if path.parent.name == "lines":
            raise UserError("The disk is full.", "Free some space.")
        path.write_bytes(pixels.tobytes())
        written.append(path)

    monkeypatch.setattr(training_pages, "write_picture", full)
    corrections.add(drawing().snapshot(), "one", "Mine")
    corrections.wait()
    assert len(written) == 2
    assert not any(path.exists() for path in written)
    assert corrections.all() == []
    notice = corrections._notices.shown[-1]
    assert (notice.text, notice.level) == ("The disk is full.", Level.ERROR)


def test_names_that_are_no_folders_are_refused(corrections: Corrections, tmp_path: Path) -> None:
    assert is_name("My pages 2")
    assert not any(is_name(name) for name in ("", " ", "../up", "a:b", "x.", ".."))
    corrections.add(drawing().snapshot(), "one", "../up")
    assert "cannot be a collection's name" in corrections._notices.shown[-1].text
    assert not (tmp_path / "up").exists()


def test_deleting_leaves_what_is_not_ours(corrections: Corrections) -> None:
    corrections.add(drawing().snapshot(), "one", "Mine")
    corrections.wait()
    (collection,) = corrections.all()
    (collection.folder / "notes.txt").write_text("keep")
    corrections.delete(collection)
    assert corrections.all() == []
    assert [path.name for path in collection.folder.iterdir()] == ["notes.txt"]


def test_the_training_goes_on_from_the_model_in_its_own_shape(tmp_path: Path) -> None:
    base = write_tiny_model(tmp_path / "base.safetensors", task="lineart", condition="hints", norm="batch")
    spec = tuning_spec(data=tmp_path, pages=20, base=base, run=tmp_path / "run", title="Mine")
    config = load_config(spec.preset, spec.settings)
    assert config.validate() == []
    assert (config.model.architecture, config.model.base_width, config.model.depth) == ("unet", 4, 3)
    assert (config.model.title, config.run.start_from) == ("Mine", str(base))
    assert (config.tune.freeze, config.tune.replay) == ("encoder", "shipped")
    assert config.run.batch_size == 8
    assert 0.9 * STEPS <= config.schedule.epochs * (16 // 8) <= 1.1 * STEPS
    few = tuning_spec(data=tmp_path, pages=3, base=base, run=tmp_path / "run", title="Mine")
    assert load_config(few.preset, few.settings).run.batch_size == 1
    with pytest.raises(UserError, match="2 of the 3 pages"):
        tuning_spec(data=tmp_path, pages=2, base=base, run=tmp_path / "run", title="Mine")
    maps = write_tiny_model(tmp_path / "maps.safetensors", task="satmap", title="Maps")
    with pytest.raises(UserError, match="Maps does not colour line art"):
        tuning_spec(data=tmp_path, pages=20, base=maps, run=tmp_path / "run", title="Mine")


@given(st.integers(FEWEST, 200))
def test_a_batch_is_never_larger_than_what_is_learned_from(pages: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = write_tiny_model(Path(folder) / "base.safetensors", task="lineart")
        spec = tuning_spec(data=Path(folder), pages=pages, base=base, run=Path(folder) / "run", title="Mine")
    config = load_config(spec.preset, spec.settings)
    shares = 1 - config.data.val_share - config.data.test_share, config.data.val_share, config.data.test_share
    learned = list(assign_splits([str(page) for page in range(pages)], 0, shares).values()).count("train")
    assert 1 <= config.run.batch_size <= learned
    assert 0.8 * STEPS <= config.schedule.epochs * (learned // config.run.batch_size) <= 1.2 * STEPS


@pytest.mark.slow
@pytest.mark.parametrize("pages", [3, 4, 5])
def test_the_smallest_collections_are_learned(tmp_path: Path, pages: int) -> None:
    for number in range(pages):
        write_page(page_of(drawing().snapshot()), tmp_path / "pages", f"page {number}")
    base = write_tiny_model(tmp_path / "base.safetensors", task="lineart", condition="hints", norm="batch")
    spec = tuning_spec(data=tmp_path / "pages", pages=pages, base=base, run=tmp_path / "run", title="Mine")
    short = dataclasses.replace(spec, settings={**spec.settings, "schedule.epochs": "1"}, device="cpu")
    assert main(short.arguments()) == 0
    assert (tmp_path / "run" / MODEL).is_file()


def test_teaching_begins_a_training_or_says_why_not(
    corrections: Corrections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = write_tiny_model(tmp_path / "base.safetensors", task="lineart")
    choice = ModelChoice(model_id="base", title="Base", path=base)
    for number in range(2):
        write_page(page_of(drawing().snapshot()), corrections.folder / "Mine", f"page {number}")
    runs = TrainingRuns(Notices(), tmp_path / "runs")
    begun: list[TrainingSpec] = []
    monkeypatch.setattr(runs, "start", begun.append)
    assert not corrections.teach(corrections.all()[0], choice, runs)
    assert "2 of the 3 pages" in corrections._notices.shown[-1].text
    write_page(page_of(drawing().snapshot()), corrections.folder / "Mine", "page 3")
    assert count_pages(corrections.folder / "Mine") == 3
    assert corrections.teach(corrections.all()[0], choice, runs)
    assert begun[0].title == "Mine, from Base"
    assert begun[0].run.parent == runs.folder
