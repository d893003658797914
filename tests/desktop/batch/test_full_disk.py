"""A disk that runs full: one sentence, nothing half written, and the same command goes on once there is room."""

import errno
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.transform import Affine

from sketchsause_desktop.batch import output, pipeline
from sketchsause_desktop.batch.job import BatchJob, Summary
from sketchsause_desktop.batch.manifest import Manifest
from sketchsause_desktop.batch.pipeline import run
from sketchsause_desktop.batch.plan import plan
from sketchsause_desktop.core.pictures import read_picture
from tests.desktop.tiny_model import write_tiny_model

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench

PICTURES = 30
MODEL = Path("no-file")
Resize = Callable[[str], bool]


@pytest.fixture
def small_disk(bench: "Bench") -> Iterator[Resize]:
    """The folder of results is a disk of its own; a call gives it another size."""
    bench.out.mkdir()
    if not mounted(bench.out, "size=100k"):
        pytest.skip("a small disk can be had by root on Linux only, where mounting is allowed")
    try:
        yield lambda size: mounted(bench.out, f"remount,size={size}")
    finally:
        subprocess.run(["umount", bench.out], check=True)


def mounted(folder: Path, options: str) -> bool:
    if not sys.platform.startswith("linux") or os.geteuid():
        return False
    return not subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False, capture_output=True
    ).returncode


def convert(bench: "Bench", model: Path, *more: object) -> subprocess.CompletedProcess[str]:
    command: list[Any] = [sys.executable, "-m", "sketchsause_desktop", "convert", bench.folder, "-o", bench.out]
    command += ["-m", model, "--device", "cpu", *more]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)


def noise(side: int, seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8))


@pytest.mark.parametrize("file_format", ["png", "jpg", "webp", "tiff"])
def test_a_full_disk_ends_the_batch_and_room_lets_it_go_on(
    bench: "Bench", tmp_path: Path, small_disk: Resize, file_format: str
) -> None:
    for number in range(PICTURES):
        noise(64, number).save(bench.folder / f"{number:02}.png")
    model = write_tiny_model(tmp_path / "tiny.safetensors")
    ended = convert(bench, model, "--format", file_format, "--json", "--if-exists", "overwrite")
    assert ended.returncode == 1, ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("The batch was stopped. ")
    assert "the disk is full. Free some space" in ended.stderr
    told = json.loads(ended.stdout.splitlines()[-1])
    assert (told["failed"], told["stopped"]) == (0, True)
    first = bench.results()
    assert 0 < len(first) == told["converted"] < PICTURES
    for name in first:
        assert read_picture(bench.out / name).pixels.shape == (64, 64, 3)
    times = {name: (bench.out / name).stat().st_mtime_ns for name in first}

    small_disk("20m")
    ended = convert(bench, model, "--format", file_format, "--if-exists", "overwrite")
    assert ended.returncode == 0, ended.stderr
    assert len(bench.results()) == PICTURES
    assert {name: (bench.out / name).stat().st_mtime_ns for name in first} == times
    lines = [json.loads(line) for line in (bench.out / ".sketchsause-batch.jsonl").read_text().splitlines()]
    assert set(Counter(line["target"] for line in lines if "target" in line).values()) == {1}


@pytest.mark.parametrize("kind", ["GeoTIFF", "tiles", "mbtiles", "book"])
def test_what_is_written_piece_by_piece_ends_alike(
    bench: "Bench", tmp_path: Path, small_disk: Resize, kind: str
) -> None:
    if kind == "GeoTIFF":
        place = {"crs": "EPSG:32632", "transform": Affine(10, 0, 500_000, 0, -10, 5_300_000)}
        with rasterio.open(bench.folder / "a.tif", "w", "GTiff", 300, 300, 3, dtype="uint8", **place) as file:
            file.write(np.random.default_rng(0).integers(0, 256, (3, 300, 300), np.uint8))
    elif kind == "book":
        pages = [noise(120, number) for number in range(4)]
        pages[0].save(bench.folder / "a.tif", save_all=True, append_images=pages[1:])
    else:
        for number in range(9):
            path = bench.folder / "a" / "4" / str(number // 3) / f"{number % 3}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            noise(128, number).save(path)
    more = ["--format", "png" if "tiles" in kind else "tiff", "--recursive"]
    more += ["--tiles-as", "mbtiles"] if kind == "mbtiles" else []
    model = write_tiny_model(tmp_path / "tiny.safetensors")
    ended = convert(bench, model, *more)
    assert ended.returncode == 1, ended.stderr
    # Past all its handlers, the TIFF library inside GDAL writes a line of its own for each call that failed.
    (sentence,) = (line for line in ended.stderr.splitlines() if not line.startswith("_tiff"))
    assert "the disk is full. Free some space" in sentence
    assert [name for name in bench.results() if not name.startswith(".")] == []
    small_disk("20m")
    ended = convert(bench, model, *more)
    assert ended.returncode == 0, ended.stderr
    assert bench.results()
    assert [name for name in bench.results() if name.startswith(".")] == []


def test_a_disk_that_is_full_from_the_start_is_an_unusable_call(
    bench: "Bench", tmp_path: Path, small_disk: Resize
) -> None:
    bench.picture("a.png")
    with (bench.out / "other").open("wb", buffering=0) as file:
        while file.write(bytes(4096)) == 4096:
            if os.statvfs(bench.out).f_bavail == 0:
                break
    ended = convert(bench, write_tiny_model(tmp_path / "tiny.safetensors"))
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "the disk is full" in ended.stderr
    assert bench.results() == ["other"]


# ------------------------------------------------------------------------------------------ wherever there is no mount


def do(bench: "Bench", job: BatchJob) -> Summary:
    bench.out.mkdir(exist_ok=True)
    manifest = Manifest(job, MODEL)
    summary = None
    try:
        summary = run(job, plan(job, done=manifest.done), bench.painter, record=manifest)
    finally:
        manifest.close(finished=summary is not None and not summary.stopped)
    return summary


@pytest.mark.parametrize("moment", ["write", "fsync", "record", "replace"])
def test_whatever_the_moment_nothing_is_lost(bench: "Bench", monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    for number in range(8):
        bench.picture(f"{number}.png", red=number)
    job = bench.job(if_exists="overwrite")
    calls = 0

    def full(real: Callable[..., Any]) -> Callable[..., Any]:
        def fails_later(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > 3:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*arguments, **options)

        return fails_later

    owner, name = {
        "write": (pipeline, "encode_picture"),
        "fsync": (output, "_sync"),
        "record": (Manifest, "_write"),
        "replace": (Path, "replace"),
    }[moment]
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, full(getattr(owner, name)))
        summary = do(bench, job)
    assert summary.stopped
    assert "the disk is full" in summary.reason
    assert summary.count("failed") == 0
    done = 2 if moment == "record" else 3  # its first line says by which settings
    assert summary.count("done") == len(bench.results()) == done
    assert do(bench, job).counts == {"skipped": done, "done": 8 - done}
    assert [bench.red(f"{number}.png") for number in range(8)] == [255 - number for number in range(8)]


def test_a_line_that_does_not_fit_is_taken_back(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the next one would be glued to its half."""
    bench.picture("a.png")
    bench.out.mkdir()
    job = bench.job()
    (task,) = plan(job)
    manifest = Manifest(job, MODEL)
    before = manifest.path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            manifest.record_done(task, 12)
    assert manifest.path.read_bytes() == before
    manifest.record_done(task, 13)
    manifest.close(finished=False)
    assert json.loads(manifest.path.read_bytes().splitlines()[1])["size"] == 13


def test_the_window_is_told_why(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    bench.picture("a.png")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pipeline, "encode_picture", full)
    summary = do(bench, bench.job())
    assert (summary.stopped, summary.is_good, list(summary.outcomes)) == (True, False, [])
    assert summary.reason.startswith(str(bench.out / "a.png"))
