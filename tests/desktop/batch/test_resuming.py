"""Whatever the moment a batch is killed at, the same command goes on: nothing twice, nothing half written."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob, Shard, Status
from sketchsause_desktop.batch.lock import locked, state_path
from sketchsause_desktop.batch.manifest import Manifest
from sketchsause_desktop.batch.output import temporary_of
from sketchsause_desktop.batch.pipeline import run
from sketchsause_desktop.batch.plan import plan
from sketchsause_desktop.core.depth import AnyPixels
from sketchsause_desktop.core.pictures import read_picture
from tests.desktop.tiny_model import write_tiny_model

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench

MODEL = Path("no-file")


def do(bench: "Bench", job: BatchJob, painted_until: int | None = None) -> dict[Status, int]:
    """A run with a manifest, as `session.convert` makes it, cut off at the picture whose red is `painted_until`."""

    def before(pixels: AnyPixels) -> None:
        if pixels[0, 0, 0] == painted_until:
            raise KeyboardInterrupt

    bench.painter.before = before
    bench.out.mkdir(exist_ok=True)
    manifest = Manifest(job, MODEL)
    try:
        return dict(run(job, plan(job, done=manifest.done), bench.painter, record=manifest).counts)
    finally:
        manifest.close(finished=painted_until is None)


@pytest.mark.parametrize("policy", ["skip", "overwrite", "rename"])
def test_what_was_done_before_a_stop_is_not_done_again(bench: "Bench", policy: Any) -> None:
    for number in range(6):
        bench.picture(f"{number}.png", red=number)
    job = bench.job(if_exists=policy)
    with pytest.raises(KeyboardInterrupt):
        do(bench, job, painted_until=4)
    asked = len(bench.painter.asked)
    counts = do(bench, job)
    assert counts == {"skipped": 4, "done": 2}
    assert len(bench.painter.asked) == asked + 2
    assert bench.results() == [f"{number}.png" for number in range(6)]


def test_a_batch_that_ended_is_no_batch_to_go_on_with(bench: "Bench") -> None:
    bench.picture("a.png")
    assert do(bench, bench.job(if_exists="overwrite")) == {"done": 1}
    assert do(bench, bench.job(if_exists="overwrite")) == {"done": 1}
    assert do(bench, bench.job(if_exists="rename")) == {"done": 1}
    assert bench.results() == ["a-2.png", "a.png"]


@pytest.mark.parametrize("change", ["source", "result", "settings"])
def test_what_has_changed_since_is_done_again(bench: "Bench", change: str) -> None:
    for number in range(3):
        bench.picture(f"{number}.png", red=number)
    with pytest.raises(KeyboardInterrupt):
        do(bench, bench.job(if_exists="overwrite"), painted_until=2)
    if change == "source":
        bench.picture("0.png", red=100, size=(30, 30))
    elif change == "result":
        (bench.out / "0.png").write_bytes(b"somebody else's")
    quality = 80 if change == "settings" else None
    counts = do(bench, bench.job(if_exists="overwrite", quality=quality))
    assert counts == ({"done": 3} if change == "settings" else {"done": 2, "skipped": 1})
    assert bench.red("0.png") == (155 if change == "source" else 255)


def test_a_kill_between_the_line_and_the_move_costs_no_second_pass(bench: "Bench") -> None:
    bench.picture("a.png")
    bench.out.mkdir()
    job = bench.job()
    (task,) = plan(job)
    manifest = Manifest(job, MODEL)
    Image.new("RGB", (24, 16), (7, 8, 9)).save(temporary_of(task.target))
    manifest.record_done(task, temporary_of(task.target).stat().st_size)
    manifest.close(finished=False)
    assert do(bench, job) == {"skipped": 1}
    assert (bench.red("a.png"), bench.painter.asked) == (7, [])
    assert not temporary_of(task.target).exists()


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_torn_last_line_is_dropped(bench: "Bench", cut: int) -> None:
    for number in range(4):
        bench.picture(f"{number}.png", red=number)
    job = bench.job(if_exists="overwrite")
    with pytest.raises(KeyboardInterrupt):
        do(bench, job, painted_until=3)
    path = state_path(bench.out, None, ".jsonl")
    path.write_bytes(path.read_bytes()[:-cut])
    assert do(bench, job) == {"done": 2, "skipped": 2}
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_a_manifest_that_is_none_is_begun_anew(bench: "Bench") -> None:
    bench.picture("a.png")
    bench.out.mkdir()
    state_path(bench.out, None, ".jsonl").write_bytes(b"\xff\xfe no JSON\n[1]\n")
    assert do(bench, bench.job()) == {"done": 1}


def test_failures_are_tried_again(bench: "Bench") -> None:
    bench.picture("a.png")
    (bench.folder / "b.png").write_bytes(b"damaged")
    bench.out.mkdir()
    job = bench.job(if_exists="overwrite")
    manifest = Manifest(job, MODEL)
    run(job, plan(job, done=manifest.done), bench.painter, record=manifest)
    manifest.close(finished=False)
    bench.picture("b.png")
    assert do(bench, job) == {"skipped": 1, "done": 1}


# ---------------------------------------------------------------------------------------------------------------- locks


def test_two_batches_into_one_folder_are_refused(bench: "Bench") -> None:
    bench.out.mkdir()
    first, second = Shard(number=1, count=2), Shard(number=2, count=2)
    with locked(bench.out, None):
        for other in (None, first):
            refuses(bench.out, other)
    with locked(bench.out, first), locked(bench.out, second):
        for other in (None, first):
            refuses(bench.out, other)
    with locked(bench.out, None):
        refuses(bench.out, None)


def refuses(folder: Path, shard: Shard | None) -> None:
    with pytest.raises(UserError, match="Another batch is writing into"), locked(folder, shard):
        pass


# ---------------------------------------------------------------------------------------------------------------- kills


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(
    ("pictures", "kills"), [(24, 2), pytest.param(200, 10, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
def test_killed_at_any_moment_it_goes_on(bench: "Bench", tmp_path: Path, pictures: int, kills: int) -> None:
    """Real processes and SIGKILL: as many right results as pictures, each converted once."""
    dice = random.Random(pictures)
    for number in range(pictures):
        bench.picture(f"{number:03}.png", red=number % 256, size=(96, 64))
    model = write_tiny_model(tmp_path / "tiny.safetensors")
    command: list[Any] = [sys.executable, "-m", "sketchsause_desktop", "convert", bench.folder, "-o", bench.out]
    command += ["-m", model, "--device", "cpu", "--if-exists", "overwrite"]
    for kill in range(kills):
        _kill_after(command, bench.out, pictures * (kill + dice.random()) / (kills + 1), dice.random() * 0.02)
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert bench.results() == [f"{number:03}.png" for number in range(pictures)]
    for name in bench.results():
        assert read_picture(bench.out / name).pixels.shape == (64, 96, 3)
    lines = [json.loads(line) for line in (bench.out / ".sketchsause-batch.jsonl").read_text().splitlines()]
    done = Counter(line["target"] for line in lines if line.get("status") == "done")
    assert set(done.values()) == {1}
    assert len(done) == pictures
    again = bench.out / "again"
    subprocess.run([*command[:5], "-o", again, *command[7:]], check=True, capture_output=True, timeout=300)
    for name in bench.results()[:pictures]:
        assert np.array_equal(read_picture(bench.out / name).pixels, read_picture(again / name).pixels)


def _kill_after(command: list[Any], out: Path, results: float, more_seconds: float) -> None:
    """SIGKILL once there are so many results, a moment later."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 120
        while process.poll() is None and len(list(out.glob("[0-9]*.png"))) < results and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(more_seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
