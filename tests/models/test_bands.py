"""A picture in bands is the picture in one piece."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from models import bands
from models.bands import Wishes, painted_bands
from models.errors import UserError
from models.predictor import Predictor
from models.spec import ModelSpec


@dataclass
class Held:
    """A picture that is whole in memory, read by rows."""

    pixels: np.ndarray

    @property
    def shape(self) -> tuple[int, int, int]:
        height, width, channels = self.pixels.shape
        return height, width, channels

    def rows(self, top: int, bottom: int) -> np.ndarray:
        assert 0 <= top < bottom <= len(self.pixels)
        return self.pixels[top:bottom]


class Tinter:
    """A network whose answer depends on what it sees at each place."""

    device = title = "cpu"

    def __init__(self, **fields: Any) -> None:
        self.spec = ModelSpec.from_dict({"depth": 4, "base_width": 4, "working_size": 64, **fields})

    def run(self, x: np.ndarray, palette: np.ndarray | None = None) -> np.ndarray:
        moved = np.roll(x[:, :3], 3, axis=3) if x.shape[1] >= 3 else np.repeat(x[:, :1], 3, axis=1)
        answer: np.ndarray = np.clip(moved * 0.5 + x[:, -1:] * 0.3, -1, 1)
        return answer


def drawing(width: int, height: int, channels: int = 3, bits: int = 8) -> np.ndarray:
    image = Image.new("RGB", (width, height), (236, 232, 228))
    pen, dice = ImageDraw.Draw(image), np.random.default_rng(width)
    for _ in range(30):
        x, y, a, b = dice.uniform(0, 1, 4) * (width, height, width, height)
        pen.ellipse((min(x, a), min(y, b), max(x, a), max(y, b)), outline=(20, 20, 20), width=int(dice.integers(1, 6)))
    pixels = np.asarray(image)
    if channels == 4:
        pixels = np.dstack([pixels, dice.integers(0, 256, (height, width), np.uint8)])
    return pixels if bits == 8 else pixels * np.uint16(257) - np.uint16(100)


SPECS: dict[str, dict[str, Any]] = {
    "tiles": {"fit": "tile"},
    "tiles of line art": {"fit": "tile", "task": "lineart", "output": "colour_layer", "input_channels": 1},
    "whole": {"fit": "resize"},
    "a layer": {"fit": "resize", "task": "lineart", "output": "colour_layer", "condition": "hints"},
}


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize(
    ("width", "height", "channels", "bits"), [(611, 997, 3, 8), (1301, 259, 4, 8), (700, 301, 4, 16), (67, 2049, 3, 16)]
)
def test_bands_are_the_whole(
    spec: str, width: int, height: int, channels: int, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bands, "_ROWS", 96)
    monkeypatch.setattr(bands, "_BLOCK", 160)
    predictor = Predictor(Tinter(**SPECS[spec]))
    pixels = drawing(width, height, channels, bits)
    hints = None
    if predictor.spec.takes_hints:
        hints = np.zeros((height, width, 4), np.uint8)
        hints[height // 3 : height // 3 + 20, 10:60] = (200, 30, 60, 255)
    whole = predictor.predict(pixels, hints=hints).picture
    parts = list(painted_bands(predictor, Held(pixels), Wishes(hints=None if hints is None else Held(hints))))
    joined = np.concatenate(parts)
    assert len(parts) > 2
    assert joined.shape == whole.shape
    assert joined.dtype == whole.dtype
    step = 1 if bits == 8 else 257
    away = np.abs(joined.astype(int) - whole)
    assert (away > step).mean() < 1e-3
    assert np.median(away) == 0


def test_tile_and_working_size_are_obeyed() -> None:
    predictor = Predictor(Tinter(fit="resize"))
    pixels = drawing(300, 200)
    for wishes in (Wishes(tile=48, overlap=8), Wishes(working_size=150)):
        whole = predictor.predict(
            pixels, tile=wishes.tile, overlap=wishes.overlap, working_size=wishes.working_size
        ).picture
        joined = np.concatenate(list(painted_bands(predictor, Held(pixels), wishes)))
        assert np.abs(joined.astype(int) - whole).max() <= 1


def test_colours_are_adjusted_where_they_are_small() -> None:
    predictor = Predictor(Tinter(fit="resize"))
    wishes = Wishes(adjust=lambda colour, lines, hints: np.full_like(colour, 9))
    joined = np.concatenate(list(painted_bands(predictor, Held(drawing(300, 200)), wishes)))
    assert (joined == 9).all()


def test_hints_of_another_size_are_refused() -> None:
    predictor = Predictor(Tinter(condition="hints"))
    wishes = Wishes(hints=Held(np.zeros((10, 10, 4), np.uint8)))
    with pytest.raises(UserError, match="another size"):
        next(painted_bands(predictor, Held(drawing(300, 200)), wishes))
