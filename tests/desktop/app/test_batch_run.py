"""The batch of the window: real child processes that are listed, run, paused, cancelled, killed and gone on with."""

import csv
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from models.errors import UserError
from sketchsause_desktop.app import batch_store
from sketchsause_desktop.app.batch_child import Ending
from sketchsause_desktop.app.batch_pictures import BatchPictures
from sketchsause_desktop.app.batch_queue import RowState
from sketchsause_desktop.app.batch_run import BatchRun, BatchState, folder_of
from sketchsause_desktop.app.notices import Level
from sketchsause_desktop.batch.lock import locked
from tests.desktop.app.batches import Bench, row, states
from tests.desktop.tiny_model import write_tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny.safetensors")


@pytest.fixture
def bench(tmp_path: Path, model: Path, qtbot: QtBot) -> Bench:
    return Bench(tmp_path, model, qtbot)


@pytest.fixture
def run(bench: Bench) -> Iterator[BatchRun]:
    run = bench.run()
    yield run
    run.close_down()
    run.deleteLater()


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except OSError:
        return False
    return Path(f"/proc/{process_id}/stat").read_text().split(")")[1].split()[0] != "Z"


def test_the_queue_is_the_dry_run(bench: Bench, run: BatchRun) -> None:
    bench.fill(3)
    (bench.out).mkdir()
    (bench.out / "001.png").write_bytes(b"there")
    bench.listed(run, output_folder=bench.out)
    assert run.state is BatchState.READY
    assert states(run) == {"000.png": RowState.WAITING, "001.png": RowState.SKIPPED, "002.png": RowState.WAITING}
    assert "already there" in row(run, "001.png").message
    assert bench.results() == ["001.png"]
    bench.listed(run, output_folder=bench.pages, if_exists="overwrite")
    assert set(states(run).values()) == {RowState.FAILED}  # they would be written over themselves
    assert not run.may_start


def test_what_is_wrong_with_a_job_is_said_in_words(bench: Bench, run: BatchRun) -> None:
    bench.pages.mkdir()
    bench.listed(run)
    assert run.problem == "There are no pictures in what was given."
    run.draft_of(lambda: bench.job(template="{nonsense}.{ext}"))
    assert "no template" in run.problem
    assert not run.may_start
    run.draft_of(lambda: bench.job(output_folder=folder_of("  ")))
    assert "no folder for the results" in run.problem
    run.draft(None)
    assert run.state is BatchState.EMPTY


def test_a_failed_file_is_named_and_the_others_are_done(bench: Bench, run: BatchRun, tmp_path: Path) -> None:
    bench.fill(3)
    (bench.pages / "線画.png").write_bytes(b"no picture")
    bench.listed(run)
    run.start()
    assert run.state is BatchState.STARTING
    bench.wait_for_end(run)
    done = dict.fromkeys(["000.png", "001.png", "002.png"], RowState.DONE)
    assert states(run) == done | {"線画.png": RowState.FAILED}
    failed = row(run, "線画.png")
    assert str(failed.source) in failed.message
    assert failed.short_message.startswith("線画.png is not a picture")
    assert run.end_words() == ("The batch is done. One picture failed.", Level.WARNING)
    assert run.done_now == 4
    assert bench.store.unfinished() is None
    report = tmp_path / "report.csv"
    run.write_report(report)
    with report.open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file))
    assert len(told) == 4
    assert (told[-1]["picture"], told[-1]["state"]) == (str(failed.source), "failed")
    assert told[-1]["message"] == failed.message

    (bench.pages / "線画.png").write_bytes((bench.pages / "000.png").read_bytes())
    done_at = (bench.out / "000.png").stat().st_mtime_ns
    run.retry_failed()
    bench.wait_for_end(run)
    assert set(states(run).values()) == {RowState.DONE}
    assert (bench.out / "000.png").stat().st_mtime_ns == done_at
    assert len(bench.results()) == 4


def test_a_large_picture_moves_the_progress(bench: Bench, run: BatchRun) -> None:
    bench.pages.mkdir()
    page = Image.effect_noise((4100, 4000), 90).convert("RGB")
    page.save(bench.pages / "large.tif")
    bench.listed(run, file_format="tiff", tile=1024)
    seen: list[tuple[float, str]] = []
    run.rows_changed.connect(lambda *_: seen.append((run.share, run.queue.rows[0].state_words)))
    run.start()
    bench.wait_for_end(run)
    assert states(run) == {"large.tif": RowState.DONE}
    assert any(0 < share < 1 and words.startswith("in work, ") for share, words in seen)
    assert run.share == 1


def test_a_batch_pauses_and_goes_on(bench: Bench, run: BatchRun, qtbot: QtBot) -> None:
    bench.fill(40)
    bench.listed(run)
    run.start()
    bench.wait(lambda: run.queue.counts[RowState.DONE])
    run.pause()
    assert run.state is BatchState.PAUSED
    assert run.seconds_left() is None
    bench.wait(lambda: not run.queue.counts[RowState.WORKING])
    qtbot.wait(300)
    at_rest = run.queue.counts[RowState.DONE]
    qtbot.wait(700)
    assert run.queue.counts[RowState.DONE] == at_rest < 40
    run.resume()
    bench.wait_for_end(run)
    assert run.queue.counts[RowState.DONE] == 40
    assert run.end_words() == ("The batch is done.", Level.INFO)


def test_cancel_leaves_nothing_half_written_and_is_not_offered_again(bench: Bench, run: BatchRun) -> None:
    bench.fill(200)
    bench.listed(run)
    run.start()
    bench.wait(lambda: run.queue.counts[RowState.DONE])
    process_id = run.process_id
    assert bench.store.unfinished() is None  # it is at work
    run.cancel()
    assert run.state is BatchState.STOPPING
    bench.wait_for_end(run)
    done = sorted(name for name, state in states(run).items() if state is RowState.DONE)
    assert bench.results() == done
    assert 0 < len(done) < 200
    assert run.queue.counts[RowState.WORKING] == 0
    assert run.end_words()[0] == ""
    assert bench.store.unfinished() is None
    assert not is_alive(process_id)
    assert run.may_start
    run.start()
    bench.wait_for_end(run)
    assert len(bench.results()) == 200


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
def test_a_batch_that_is_killed_is_told_and_offered(bench: Bench, run: BatchRun) -> None:
    bench.fill(200)
    bench.listed(run)
    run.start()
    bench.wait(lambda: run.queue.counts[RowState.DONE])
    os.kill(run.process_id, signal.SIGKILL)
    bench.wait_for_end(run)
    assert run.finish.stopped
    assert "killed" in run.finish.sentence
    assert run.end_words()[1] is Level.ERROR
    offered = bench.store.unfinished()
    assert offered == bench.job()

    other = bench.run()
    try:
        other.draft(offered)
        other.wait_for_listing()
        before = other.queue.counts[RowState.DONE]
        assert 0 < before < 200
        other.start()
        bench.wait_for_end(other)
        assert other.started_with == 200 - before
        assert other.queue.counts[RowState.DONE] == 200
        assert len(bench.results()) == 200
        assert bench.store.unfinished() is None
    finally:
        other.close_down()


def test_on_the_way_out_it_is_stopped_and_kept(bench: Bench) -> None:
    bench.fill(200)
    run = bench.run()
    bench.listed(run)
    run.start()
    bench.wait(lambda: run.queue.counts[RowState.DONE])
    process_id = run.process_id
    run.close_down()
    assert run.state is BatchState.ENDED
    assert not is_alive(process_id)
    assert not [name for name in bench.results() if name.startswith(".")]
    assert bench.store.unfinished() == bench.job()
    run.deleteLater()


def test_a_call_that_cannot_be_is_told(bench: Bench, run: BatchRun) -> None:
    bench.fill(1)
    bench.listed(run)
    bench.out.mkdir()
    with locked(bench.out, None):
        run.start()
        bench.wait_for_end(run)
    assert "Another batch is writing" in run.finish.sentence
    assert states(run) == {"000.png": RowState.WAITING}


def test_a_picture_that_comes_later_gets_a_row(bench: Bench, run: BatchRun) -> None:
    bench.fill(2)
    bench.listed(run)
    bench.fill(3)
    run.start()
    bench.wait_for_end(run)
    assert states(run)["002.png"] is RowState.DONE
    assert run.done_now == run.started_with == 3


def test_very_many_inputs_go_by_a_file(bench: Bench, run: BatchRun, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.fill(5)
    monkeypatch.setattr(batch_store, "_LONGEST_LINE", 10)
    files = tuple(sorted(bench.pages.iterdir()))
    job = bench.job(inputs=files)
    words = bench.store.words_for_child(job)
    assert str(files[0]) not in words
    run.draft(job)
    run.wait_for_listing()
    run.start()
    bench.wait_for_end(run)
    assert len(bench.results()) == 5
    assert not list((bench.folder / "kept").iterdir())


def test_what_is_kept_and_damaged_is_passed_over(bench: Bench) -> None:
    bench.fill(1)
    bench.out.mkdir()
    store = bench.store
    store.keep(bench.job())
    (kept,) = (bench.folder / "kept").glob("*.json")
    whole = kept.read_text()
    for text in (
        "",
        "{",
        '{"version": 9}',
        '{"version": 1, "arguments": ["--nonsense"]}',
        '{"version": 1, "arguments": 3}',
    ):
        kept.write_text(text)
        assert store.unfinished() is None
    kept.write_text(whole)
    assert store.unfinished() == bench.job()
    shutil.rmtree(bench.out)
    assert store.unfinished() is None  # the results are gone, and it with them
    assert not kept.exists()


def test_a_newer_listing_ends_the_older(bench: Bench, run: BatchRun) -> None:
    bench.fill(1200)
    other = bench.folder / "others"
    other.mkdir()
    (other / "only.png").write_bytes((bench.pages / "000.png").read_bytes())
    run.draft(bench.job())
    run.draft(bench.job(inputs=(other,)))
    run.wait_for_listing()
    assert list(states(run)) == ["only.png"]


def test_pictures_before_and_after(bench: Bench, qtbot: QtBot, run: BatchRun) -> None:
    bench.fill(2, size=(300, 200))
    (bench.pages / "bad.png").write_bytes(b"\x89PNG")
    bench.listed(run)
    pictures = BatchPictures()
    told: list[tuple[Any, Any]] = []
    pictures.loaded.connect(lambda before, after: told.append((before, after)))
    job = bench.job()
    pictures.load(row(run, "000.png"), job, 60)
    pictures.load(row(run, "bad.png"), job, 60)
    pictures.wait()
    ((words, nothing),) = told  # the one that was asked for last
    assert words == "bad.png is damaged or cut off."
    assert nothing == ""
    run.start()
    bench.wait_for_end(run)
    told.clear()
    pictures.load(row(run, "000.png"), job, 60)
    pictures.wait()
    ((before, after),) = told
    assert before.shape == after.shape == (40, 60, 3)
    pictures.close_down()


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending(code=0), ""),
        (Ending(code=1, words="one failed"), ""),
        (Ending(code=2, words="There is no model."), "There is no model."),
        (Ending(code=None), "The batch was ended from outside"),
        (Ending(code=-6, words="Aborted"), "Its last words: Aborted"),
    ],
)
def test_how_it_ended_in_words(ending: Ending, words: str) -> None:
    assert words in ending.sentence if words else not ending.sentence


def test_a_report_that_cannot_be_written_is_told(bench: Bench, run: BatchRun) -> None:
    bench.fill(1)
    bench.listed(run)
    with pytest.raises(UserError, match="cannot be written"):
        run.queue.write_report(bench.folder / "none" / "report.csv")
