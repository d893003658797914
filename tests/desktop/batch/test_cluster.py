"""A batch on a Dask cluster of two workers on this machine."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sketchsause_desktop.batch.lock import locked
from sketchsause_desktop.core.pictures import read_picture
from tests.desktop.tiny_model import write_tiny_model

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench

distributed = pytest.importorskip("distributed", reason='Dask is not installed: pip install "dask[distributed]"')
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PATIENCE_SECONDS = 280


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "tiny.safetensors")


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[int]]]:
    """The scheduler's address, and the processes of its workers."""
    script = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address="127.0.0.1:0") as cluster:
        print(cluster.scheduler_address, *(worker.pid for worker in cluster.workers.values()), flush=True)
        sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        address, *workers = process.stdout.readline().split()
        yield address, [int(worker) for worker in workers]
        process.communicate()


def command(bench: "Bench", model: Path, *more: object) -> list[str]:
    words: list[Any] = [
        sys.executable,
        "-m",
        "sketchsause_desktop",
        "convert",
        bench.folder,
        "-o",
        bench.out,
        "-m",
        model,
    ]
    return list(map(str, [*words, "--device", "cpu", "--if-exists", "overwrite", *more]))


def convert(bench: "Bench", model: Path, *more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(bench, model, *more), check=False, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )


def done_lines(out: Path) -> list[str]:
    manifests = out.glob(".sketchsause-batch-*-of-*.jsonl")
    lines = [json.loads(line) for path in manifests for line in path.read_text().splitlines()]
    return [line["target"] for line in lines if line.get("status") == "done"]


def test_two_workers_do_the_whole_and_name_what_failed(bench: "Bench", model: Path, tmp_path: Path) -> None:
    for number in range(12):
        bench.picture(f"{number:02}.png", red=number, size=(64, 48))
    parts = ("--engine", "dask", "--parts", 2)
    (bench.folder / "線画.png").write_bytes(b"no picture")
    report = tmp_path / "report.csv"
    ended = convert(bench, model, *parts, "--json", "--report", report)
    assert ended.returncode == 1, ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "線画.png" in ended.stderr
    told = json.loads(ended.stdout.splitlines()[-1])
    assert (told["converted"], told["failed"], told["stopped"]) == (12, 1, False)
    assert [Path(file["input"]).name for file in told["files"]] == [*(f"{n:02}.png" for n in range(12)), "線画.png"]
    assert report.read_text(encoding="utf-8-sig").count("\n") == 14
    assert bench.results() == [f"{number:02}.png" for number in range(12)]
    whole = bench.out / "alone"
    assert convert(bench, model, "-o", whole).returncode == 1
    for number in range(12):
        name = f"{number:02}.png"
        assert np.array_equal(read_picture(bench.out / name).pixels, read_picture(whole / name).pixels)
    bench.picture("線画.png")  # mended: the same command does it, and nothing twice
    ended = convert(bench, model, *parts)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("1 converted, 12 skipped, 0 failed")
    assert set(Counter(done_lines(bench.out)).values()) == {1}
    assert convert(bench, model, *parts).stdout.startswith("13 converted, 0 skipped")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_others_do_what_a_dead_worker_has_left(
    bench: "Bench", model: Path, cluster: tuple[str, list[int]], tmp_path: Path
) -> None:
    pictures = 120
    for number in range(pictures):
        bench.picture(f"{number:03}.png", red=number, size=(200, 200))
    address, workers = cluster
    call = command(bench, model, "--engine", "dask", "--scheduler", address, "--parts", 3, "--json")
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + PATIENCE_SECONDS
        while len(list(bench.out.glob("[0-9]*.png"))) < 20 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        assert process.poll() is None, "it was through before the worker could be killed"
        os.kill(workers[0], signal.SIGKILL)
        said, faults = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, faults
    told = json.loads(said.splitlines()[-1])
    assert told["converted"] + told["skipped"] == pictures
    assert len(told["files"]) == pictures
    assert bench.results() == [f"{number:03}.png" for number in range(pictures)]
    for name in bench.results():
        assert read_picture(bench.out / name).pixels.shape == (200, 200, 3)
    assert Counter(done_lines(bench.out)) == Counter(bench.results())


def test_ctrl_c_stops_what_the_workers_do(bench: "Bench", model: Path) -> None:
    for number in range(400):
        bench.picture(f"{number:03}.png", size=(200, 200))
    call = command(bench, model, "--engine", "dask", "--parts", 2)
    with subprocess.Popen(call, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        while process.poll() is None and len(list(bench.out.glob("[0-9]*.png"))) < 5:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, faults = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert faults.startswith("Stopped after "), faults
    assert "Traceback" not in faults
    assert 5 <= len(bench.results()) < 400
    assert not [name for name in bench.results() if name.startswith(".")]


def test_what_cannot_be_is_one_sentence(bench: "Bench", model: Path) -> None:
    bench.picture("a.png")
    bench.out.mkdir()
    for more, words in (
        (["--scheduler", "tcp://127.0.0.1:9"], "no Dask scheduler at tcp://127.0.0.1:9"),
        (["--shard", "1/2"], "makes the parts of a batch itself"),
        (["--parts", "0"], "cut into 0 parts"),
        (["--if-exists", "rename"], "cannot rename"),
    ):
        ended = convert(bench, model, "--engine", "dask", *more)
        assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
        assert words in ended.stderr
    with locked(bench.out, None):
        ended = convert(bench, model, "--engine", "dask", "--parts", 1)
    assert ended.returncode == 2, ended.stderr
    assert "Another batch is writing into" in ended.stderr
