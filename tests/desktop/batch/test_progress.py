"""A batch that is watched by another program: what it says, and the orders it obeys."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sketchsause_desktop.batch.command import arguments_of
from sketchsause_desktop.batch.job import BatchJob
from sketchsause_desktop.batch.manifest import Manifest, done_before
from sketchsause_desktop.batch.plan import plan
from tests.desktop.tiny_model import write_tiny_model

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench

PATIENCE_SECONDS = 60


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "tiny.safetensors")


@contextmanager
def watched(bench: "Bench", model: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    words = arguments_of(BatchJob(inputs=(bench.folder,), output_folder=bench.out, model=str(model), device="cpu"))
    command = [sys.executable, "-m", "sketchsause_desktop", "convert", *words, "--progress", "json", *more]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    assert process.stdout
    for line in process.stdout:
        yield json.loads(line)


def order(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


def test_every_picture_is_told_of_from_its_beginning_to_its_end(bench: "Bench", model: Path) -> None:
    bench.picture("a.png")
    bench.picture("線画.png")
    (bench.folder / "bad.png").write_bytes(b"no picture")
    with watched(bench, model) as process:
        assert process.stdin
        process.stdin.close()  # without --orders that means nothing
        events = list(told(process))
        assert process.wait(PATIENCE_SECONDS) == 1
    assert events[-1]["event"] == "finished"
    assert [events[-1][key] for key in ("converted", "failed", "stopped")] == [2, 1, False]
    pictures = {Path(event["source"]).name: event for event in events if event["event"] == "picture"}
    assert {name: event["status"] for name, event in pictures.items()} == {
        "a.png": "done",
        "bad.png": "failed",
        "線画.png": "done",
    }
    assert "bad.png" in pictures["bad.png"]["message"]
    assert Path(pictures["線画.png"]["target"]) == bench.out / "線画.png"
    places = [(event["event"], Path(event["source"]).name) for event in events if "source" in event]
    assert all(places.index(("began", name)) < places.index(("picture", name)) for name in pictures)
    assert [event["device"] for event in events if event["event"] == "loaded"]


def test_it_pauses_goes_on_and_stops(bench: "Bench", model: Path) -> None:
    for number in range(60):
        bench.picture(f"{number:02}.png")
    with watched(bench, model, "--orders") as process:
        order(process, "pause")
        order(process, "nonsense")
        events = told(process)
        while next(events)["event"] != "loaded":
            pass
        order(process, "resume")
        while next(events)["event"] != "picture":
            pass
        order(process, "stop")
        last = list(events)[-1]
        assert process.wait(PATIENCE_SECONDS) == 0
    assert last["event"] == "finished"
    assert last["stopped"]
    assert 0 < len(bench.results()) < 60
    job = BatchJob(inputs=(bench.folder,), output_folder=bench.out, model=str(model), device="cpu")
    before = done_before(job, model)
    assert sorted(path.name for path in before.values()) == bench.results()
    waiting = [task for task in plan(job, done=before) if not task.skip]
    assert len(waiting) == 60 - len(before)


def test_it_stops_when_whoever_gave_orders_is_gone(bench: "Bench", model: Path) -> None:
    for number in range(200):
        bench.picture(f"{number:03}.png")
    with watched(bench, model, "--orders") as process:
        events = told(process)
        while next(events)["event"] != "picture":
            pass
        assert process.stdin
        process.stdin.close()
        assert list(events)[-1]["stopped"]
        assert process.wait(PATIENCE_SECONDS) == 0


def test_a_call_that_cannot_be_is_told_too(bench: "Bench", model: Path) -> None:
    with watched(bench, model) as process:
        events = list(told(process))
        assert process.wait(PATIENCE_SECONDS) == 2
    assert events[-1]["event"] == "refused"
    assert "no pictures" in events[-1]["sentence"]


def test_looking_at_what_was_done_changes_nothing(bench: "Bench", model: Path) -> None:
    source = bench.picture("a.png")
    job = bench.job()
    assert done_before(job, model) == {}
    assert not bench.out.exists()
    bench.out.mkdir()
    manifest = Manifest(job, model)
    (task,) = plan(job)
    manifest.record_done(task, size=3)
    manifest.close(finished=False)
    assert done_before(job, model) == {task.key: bench.out / "a.png"}
    source.write_bytes(b"changed")
    assert done_before(job, model) == {}
    manifest = Manifest(job, model)
    manifest.close(finished=True)
    assert done_before(job, model) == {}
