"""Models that come and go while the program runs."""

import json
from pathlib import Path

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from models.checkpoint import load_arrays, load_graph, read_header, rewrite
from models.errors import UserError
from sketchsause_desktop.app.model_choices import card_of
from sketchsause_desktop.app.model_jobs import ModelJobs
from sketchsause_desktop.app.model_shelf import ModelShelf, picture_of, slug
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.training_spec import TrainingSpec
from sketchsause_desktop.inference.catalogue import Catalogue
from tests.desktop.tiny_model import write_tiny_model

PATIENCE_MS = 60_000


@pytest.fixture
def shelf(tmp_path: Path, qapp: object) -> ModelShelf:
    write_tiny_model(tmp_path / "shipped" / "lineart.safetensors", title="Line art")
    return ModelShelf(Catalogue((tmp_path / "shipped", tmp_path / "mine")), Notices())


@pytest.fixture
def spec(tmp_path: Path) -> TrainingSpec:
    """A run as the trainer leaves it."""
    run = tmp_path / "runs" / "ink"
    spec = TrainingSpec(preset="lineart", data=tmp_path / "pages", run=run, title="My ink", settings={"run.ema": "0.9"})
    spec.keep()
    write_tiny_model(run / "model.safetensors", title="Line art")
    (run / "samples").mkdir()
    Image.new("RGB", (60, 20), "red").save(run / "samples" / "1.png")
    (run / "config.toml").write_text('[run]\nstart_from = "lineart"\n', encoding="utf-8")
    told = [
        {"event": "started", "pairs": 16, "total_steps": 40, "first_step": 0, "device": "cpu"},
        {"event": "measured", "step": 0, "measures": {"psnr": 14.25}},
        {"event": "sample", "step": 40, "path": "samples/1.png"},
        {"event": "measured", "step": 40, "measures": {"psnr": 18.5}},
        {"event": "finished", "step": 40, "reason": "done"},
    ]
    (run / "events.jsonl").write_text("".join(json.dumps(each) + "\n" for each in told), encoding="utf-8")
    return spec


def test_a_run_becomes_a_model_with_its_card_and_its_picture(shelf: ModelShelf, spec: TrainingSpec) -> None:
    seen: list[int] = []
    shelf.changed.connect(lambda: seen.append(len(shelf.choices)))
    choice = shelf.keep_run(spec, is_finished=True)
    assert (choice.title, choice.model_id, seen) == ("My ink", "My-ink", [2])
    assert shelf.choice("My-ink") == choice
    card = card_of(choice)
    for words in ("16 pairs", str(spec.data), "40 steps", "`lineart`", "run.ema = 0.9", "14.250 | 18.500"):
        assert words in card
    picture = picture_of(choice)
    assert picture is not None
    assert picture.read_bytes() == (spec.run / "samples" / "1.png").read_bytes()
    assert shelf.keep_run(spec, is_finished=True) == choice  # the same step is kept once
    assert len(shelf.choices) == 2


def test_an_unfinished_run_is_called_by_its_step_and_none_without_a_model(
    shelf: ModelShelf, spec: TrainingSpec
) -> None:
    assert shelf.keep_run(spec, is_finished=False).title.startswith("My ink, step ")
    (spec.run / "model.safetensors").unlink()
    with pytest.raises(UserError, match="has no model yet"):
        shelf.keep_run(spec, is_finished=True)
    notices: list[str] = []
    shelf._notices.posted.connect(lambda notice: notices.append(notice.text))
    assert shelf.attempt(lambda: shelf.keep_run(spec, is_finished=True)) is None
    assert "has no model yet" in notices[0]


def test_renaming_moves_all_three_files_and_keeps_the_weights(shelf: ModelShelf, spec: TrainingSpec) -> None:
    before = shelf.keep_run(spec, is_finished=True)
    assert before.path is not None
    arrays, graph = load_arrays(before.path), load_graph(before.path)
    after = shelf.rename(before, "Ink: the 2nd")
    assert (after.title, after.model_id) == ("Ink: the 2nd", "Ink-the-2nd")
    assert after.path is not None
    assert sorted(path.name for path in shelf.folder.iterdir()) == [
        "Ink-the-2nd.md",
        "Ink-the-2nd.png",
        "Ink-the-2nd.safetensors",
    ]
    assert all((load_arrays(after.path)[name] == array).all() for name, array in arrays.items())
    assert load_graph(after.path) == graph
    with pytest.raises(UserError, match="needs a name"):
        shelf.rename(after, "  ")


def test_what_came_with_the_program_is_neither_renamed_nor_deleted(shelf: ModelShelf) -> None:
    shipped = shelf.choices[0]
    assert not shelf.is_own(shipped)
    with pytest.raises(UserError, match="came with the program"):
        shelf.delete(shipped)
    with pytest.raises(UserError, match="came with the program"):
        shelf.rename(shipped, "Other")
    assert shipped.path is not None
    assert shipped.path.is_file()


def test_deleting_takes_card_and_picture_along(shelf: ModelShelf, spec: TrainingSpec) -> None:
    shelf.delete(shelf.keep_run(spec, is_finished=True))
    assert list(shelf.folder.iterdir()) == []
    assert [each.model_id for each in shelf.choices] == ["lineart"]
    assert (spec.run / "model.safetensors").is_file()


def test_a_file_is_imported_with_its_card_under_a_name_that_is_free(shelf: ModelShelf, tmp_path: Path) -> None:
    given = write_tiny_model(tmp_path / "given" / "lineart.safetensors", title="From a friend")
    given.with_suffix(".md").write_text("# Theirs", encoding="utf-8")
    choice = shelf.bring(given)
    assert (choice.title, choice.model_id) == ("From a friend", "lineart-2")
    assert card_of(choice) == "# Theirs"
    given.write_bytes(given.read_bytes()[:-50])
    with pytest.raises(UserError, match="damaged"):
        shelf.bring(given)
    assert len(shelf.choices) == 2


def test_names_for_files() -> None:
    assert [slug(each) for each in ("My style / 1", "Häuser", "..", "a" * 90)] == [
        "My-style-1",
        "Häuser",
        "model",
        "a" * 60,
    ]


def test_a_rewritten_header_changes_nothing_else(tmp_path: Path) -> None:
    source = write_tiny_model(tmp_path / "a.safetensors", title="One")
    header = read_header(source)
    rewrite(source, tmp_path / "b.safetensors", header.spec, {"run": "x"})
    assert read_header(tmp_path / "b.safetensors").facts == {"run": "x"}
    assert load_graph(tmp_path / "b.safetensors") == load_graph(source)


@pytest.mark.slow
@pytest.mark.parametrize(("form", "suffix"), [("safetensors", ".safetensors"), ("torchscript", ".pt")])
def test_a_model_is_exported_by_a_child(
    shelf: ModelShelf, tmp_path: Path, qtbot: QtBot, form: str, suffix: str
) -> None:
    notices = Notices()
    jobs = ModelJobs(notices)
    target = tmp_path / f"out{suffix}"
    with qtbot.waitSignal(jobs.ended, timeout=PATIENCE_MS) as ended:
        jobs.export(str(shelf.choices[0].path), "Line art", form, target)
        assert jobs.is_busy
        jobs.export(str(shelf.choices[0].path), "Line art", form, target)  # waits for nobody: it is told
    assert ended.args == [True]
    assert target.stat().st_size > 1000
    assert f"exported to {target}" in notices.shown[-1].text
    with qtbot.waitSignal(jobs.ended, timeout=PATIENCE_MS) as ended:
        jobs.export(str(tmp_path / "none.safetensors"), "None", form, target)
    assert ended.args == [False]
    assert "is not there" in notices.shown[-1].text
    jobs.finish()
    assert not jobs.is_busy
