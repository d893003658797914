"""Line art on which a model that learns something new shall answer as before. numpy.

Nothing is known of it but the lines: the answers are the model's own, so any folder of drawings will do. Hints and
palettes are drawn at random, in any colours, since obeying them is the first thing to be forgotten.
"""

import colorsys
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from models.conditioning import luminance
from models.errors import UserError
from models.hint_spread import LINE
from training.augment import augment_pair, random_hints, random_palette, recoloured
from training.config import DataConfig, TuneConfig
from training.pairs_layout import list_pictures
from training.pictures import PictureRef, load_picture

SHIPPED = "shipped"
# Up to here a sample has neither hint nor palette, up to here closed regions are hinted. Few are bare: it is the pages
# that say how bare lines are painted from now on, and each answer of the start to such lines speaks against them.
_BARE, _REGIONS = 0.15, 0.55
_ON_PAPER = 0.5  # of those with hints in blots: white around the drawing, as most drawings are
_FIELD = 7  # blots of colour along a side


def shipped_folder() -> Path:
    return Path(__file__).resolve().parents[1] / "resources" / "replay" / "lineart"


@dataclass(frozen=True, kw_only=True)
class Replay:
    """`share` of a training's samples are these."""

    files: tuple[Path, ...]
    share: float

    @cached_property
    def _pictures(self) -> list[np.ndarray]:
        return [load_picture(PictureRef(path)) for path in self.files]

    def sample(self, config: DataConfig, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Line art, uint8 (crop, crop, 3), hints (crop, crop, 4) and a palette (K, 3) or None."""
        picture = self._pictures[int(rng.integers(len(self._pictures)))]
        source, _ = augment_pair(picture, picture, config, rng)
        kind = rng.random()
        if kind < _BARE:
            return source, np.zeros((*source.shape[:2], 4), np.uint8), None
        if kind < _REGIONS:
            return source, recoloured(source, np.full_like(source, 255), rng)[1], None
        colours = _any_colours(source.shape[:2], rng)
        if rng.random() < _ON_PAPER:
            colours[_around(source)] = 255
        hints = random_hints(colours, replace(config, no_hints=0.3), rng)
        return source, hints, random_palette(colours, rng) if rng.random() < config.palettes else None


def open_replay(config: TuneConfig) -> Replay | None:
    """None where nothing is to be replayed; UserError when the folder holds no pictures."""
    if not config.replay or not config.replay_share:
        return None
    folder = shipped_folder() if config.replay == SHIPPED else Path(config.replay)
    files = tuple(list_pictures(folder)) if folder.is_dir() else ()
    if not files:
        raise UserError(f"{folder} holds no line art to remember by.", "Give another folder as tune.replay, or none.")
    return Replay(files=files, share=config.replay_share)


def _around(source: np.ndarray) -> np.ndarray:
    """bool (H, W): what lies outside of the drawing, as far as its lines are closed."""
    from scipy import ndimage

    regions, _ = ndimage.label(luminance(source) >= LINE)
    border = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
    outside: np.ndarray = np.isin(regions, border[border > 0])
    return outside


def _any_colours(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Blots in any colours, uint8 (H, W, 3): what hints are picked from."""
    blots = [[colorsys.hsv_to_rgb(*rng.uniform((0, 0, 0.2), 1)) for _ in range(_FIELD)] for _ in range(_FIELD)]
    small = Image.fromarray(np.rint(np.array(blots) * 255).astype(np.uint8))
    return np.array(small.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))
