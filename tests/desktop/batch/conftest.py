"""Pictures to feed a batch, and a painter without a network."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.spec import ModelSpec
from sketchsause_desktop.batch import pipeline
from sketchsause_desktop.batch.job import BatchJob
from sketchsause_desktop.core.depth import AnyPixels, Pixels, shallow
from sketchsause_desktop.core.pictures import read_picture


@dataclass(frozen=True)
class FakePrediction:
    picture: AnyPixels
    lines: None = None

    @property
    def colour(self) -> Pixels:
        return shallow(self.picture)

    def with_colour(self, colour: Pixels) -> "FakePrediction":
        return FakePrediction(colour)


class FakePainter:
    """Answers each picture with its negative, keeps what it was asked, and does `before` first."""

    def __init__(self) -> None:
        self.before: Callable[[AnyPixels], None] = lambda pixels: None
        self.spec = ModelSpec(depth=2, condition="hints")
        self.asked: list[dict[str, Any]] = []
        self.threads: set[str] = set()

    def predict(self, image: AnyPixels, **settings: Any) -> FakePrediction:
        self.threads.add(threading.current_thread().name)
        self.asked.append({"size": image.shape, **settings})
        self.before(image)
        negative = image.copy()
        negative[..., :3] = np.iinfo(image.dtype).max - image[..., :3]
        return FakePrediction(negative)


@dataclass
class Bench:
    """A folder of pictures and one for the results."""

    folder: Path
    out: Path
    painter: FakePainter = field(default_factory=FakePainter)

    def picture(self, name: str, red: int = 10, size: tuple[int, int] = (24, 16)) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, (red, 20, 30)).save(path)
        return path

    def job(self, *inputs: Path, **settings: Any) -> BatchJob:
        settings = {"output_folder": self.out, **settings}
        return BatchJob(inputs=inputs or (self.folder,), model="any", **settings)

    def results(self) -> list[str]:
        """Without the batch's own lock and manifest; what is left half written would be here."""
        names = (path.relative_to(self.out).as_posix() for path in self.out.rglob("*") if path.is_file())
        return sorted(name for name in names if not name.startswith(".sketchsause-batch"))

    def red(self, name: str) -> int:
        return int(read_picture(self.out / name).pixels[0, 0, 0])


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(pipeline, "_DECODERS", 1)  # so that the order is known, whatever this machine has
    (tmp_path / "in").mkdir()
    return Bench(tmp_path / "in", tmp_path / "out")
