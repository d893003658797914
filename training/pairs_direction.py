"""Which of two pictures of a pair is the input, told by what they look like."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from models.errors import UserError
from training.pictures import PictureRef, load_picture

Side = Literal["first", "second"]
Reason = Literal["sketch", "photograph"]

SAMPLE_SIZE = 16  # pairs looked at; the verdict is a vote among them
_LOOK_PIXELS = 128
_PAPER_LEVELS = 17  # grey values round the commonest one that count as the same paper


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a picture looks like, in four numbers."""

    tint: float  # mean distance of the colours from the commonest tint: 0 for ink on paper, however tinted the paper
    paper: float  # share of pixels whose grey value is close to the commonest one
    paper_level: int  # that grey value, 0..255
    flat: float  # share of neighbouring pixels that hardly differ


@dataclass(frozen=True)
class Verdict:
    """`input_side` is the side of the pair that is the input, told by its being a `reason`."""

    input_side: Side
    reason: Reason


def look_at(rgb: np.ndarray) -> Look:
    """The looks of a uint8 (H, W, 3) picture."""
    small_image = Image.fromarray(rgb)
    small_image.thumbnail((_LOOK_PIXELS, _LOOK_PIXELS), Image.Resampling.BOX)
    small = np.asarray(small_image).astype(np.float32)
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    tint = np.hypot(red_green - np.median(red_green), yellow_blue - np.median(yellow_blue)).mean()

    grey = (small @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.int64)
    around = np.convolve(np.bincount(grey.ravel(), minlength=256), np.ones(_PAPER_LEVELS), "same")
    steps = np.abs(np.diff(rgb.astype(np.int16), axis=1)).max(axis=-1)
    return Look(
        tint=float(tint),
        paper=float(around.max() / grey.size),
        paper_level=int(around.argmax()),
        flat=float((steps <= 2).mean()) if steps.size else 1.0,
    )


def judge(first: Look, second: Look) -> Verdict | None:
    """The input of one pair, or None where its looks do not tell.

    Ink on paper beside a coloured picture is the sketch. A photograph (hardly two neighbouring pixels alike) beside a
    pale, flat drawing is what the drawing was made from. The limits were set on drawings, aerial photographs and maps.
    """
    if _is_sketch_of(first, second):
        return Verdict("first", "sketch")
    if _is_sketch_of(second, first):
        return Verdict("second", "sketch")
    if _is_photograph_of(first, second):
        return Verdict("first", "photograph")
    if _is_photograph_of(second, first):
        return Verdict("second", "photograph")
    return None


def vote(pairs: Sequence[tuple[PictureRef, PictureRef]]) -> Verdict | None:
    """The verdict of a clear majority of SAMPLE_SIZE pairs spread evenly over `pairs`; None where there is none.

    A picture that cannot be read has no vote.
    """
    step = max(1, len(pairs) // SAMPLE_SIZE)
    verdicts: list[Verdict] = []
    looked_at = 0
    for first, second in pairs[::step][:SAMPLE_SIZE]:
        try:
            verdict = judge(look_at(load_picture(first)), look_at(load_picture(second)))
        except UserError:
            continue
        looked_at += 1
        if verdict:
            verdicts.append(verdict)
    if not verdicts:
        return None
    best = max(set(verdicts), key=verdicts.count)
    agreeing = sum(verdict.input_side == best.input_side for verdict in verdicts)
    return best if agreeing * 2 > looked_at and agreeing * 4 >= len(verdicts) * 3 else None


def _is_sketch_of(sketch: Look, coloured: Look) -> bool:
    return sketch.tint < 4 and sketch.paper > 0.4 and coloured.tint > 2 * sketch.tint + 1.5


def _is_photograph_of(photograph: Look, drawing: Look) -> bool:
    textured = photograph.flat < 0.4 and drawing.flat > photograph.flat + 0.2
    return textured and drawing.paper > 0.4 and drawing.paper_level > 190


def halves_match(pairs: Sequence[tuple[PictureRef, PictureRef]]) -> bool:
    """Whether the two sides show the same thing: the same outlines, or a sketch or photograph and what it became."""
    if vote(pairs):
        return True
    likeness: list[float] = []
    for first, second in pairs[:: max(1, len(pairs) // SAMPLE_SIZE)][:SAMPLE_SIZE]:
        try:
            likeness.append(_likeness(_outlines(load_picture(first)), _outlines(load_picture(second))))
        except UserError:
            continue
    # Median over drawings and their sketches 0.76; over the two halves of single pictures between -0.1 and 0.1.
    return bool(likeness) and float(np.median(likeness)) > 0.35


def _outlines(rgb: np.ndarray) -> np.ndarray:
    """A 32x32 map of how much the picture changes, with the mean taken off."""
    grey = Image.fromarray(rgb).convert("L").resize((64, 64), Image.Resampling.BOX)
    down, across = np.gradient(np.asarray(grey).astype(np.float64))
    changes: np.ndarray = np.hypot(down, across).reshape(32, 2, 32, 2).mean(axis=(1, 3))
    return changes - float(changes.mean())


def _likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation of two maps whose mean is zero."""
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-9))
