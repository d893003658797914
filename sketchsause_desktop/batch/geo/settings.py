"""What a batch of imagery is asked for beside what every batch is, checked in sentences."""

import re
from fractions import Fraction
from typing import Literal

from models.errors import UserError
from models.scale import checked_scale

TileRows = Literal[
    "auto", "xyz", "tms"
]  # which way the rows of a folder of tiles are counted: from the north, the south
TileStore = Literal["same", "folder", "mbtiles"]
DEFAULT_STRETCH = (2.0, 98.0)
_MOST_METRES = 1e5  # a pixel; the whole earth has 400 of these


def parse_bands(text: str) -> tuple[int, ...]:
    """Out of "4,3,2", counted from 1; raises UserError for anything but one band or three."""
    if not re.fullmatch(r"\s*\d{1,5}\s*(,\s*\d{1,5}\s*)*", text):
        raise _no_bands(text)
    return checked_bands(tuple(int(each) for each in text.split(",")))


def checked_bands(bands: tuple[int, ...]) -> tuple[int, ...]:
    if len(bands) not in (1, 3) or min(bands) < 1:
        raise _no_bands(",".join(map(str, bands)))
    return bands


def parse_stretch(text: str) -> tuple[float, float]:
    """Out of "2,98": the percentiles that become black and white. Raises UserError for anything else."""
    try:
        low, high = (float(each) for each in text.split(","))
    except ValueError as error:
        raise _no_stretch(text) from error
    return checked_stretch((low, high))


def checked_stretch(stretch: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= stretch[0] < stretch[1] <= 100:
        raise _no_stretch(",".join(f"{each:g}" for each in stretch))
    return stretch


def parse_scale(text: str) -> float:
    """Out of "2", "0.5" or "1/2". Raises UserError for anything else, and for a scale that cannot be."""
    try:
        return checked_scale(float(Fraction(text.strip())))
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise UserError(f"{text} is no scale.", "Write how much larger the network sees it: 2, 0.5 or 1/2.") from error


def checked_metres(metres: float) -> float:
    """Metres a pixel; raises UserError where no picture has so many."""
    if not 0 < metres <= _MOST_METRES:
        raise UserError(f"{metres:g} metres a pixel are not possible.", "Write 0.5 for half a metre.")
    return metres


def read_scale(text: str) -> tuple[float | None, float | None]:
    """A scale, or the metres a pixel of "0.5 m", of which at most one is not None; an empty text is neither."""
    text = text.strip().replace(",", ".")
    if not text:
        return None, None
    if not text.endswith("m"):
        return parse_scale(text), None
    try:
        return None, checked_metres(float(text.removesuffix("m")))
    except ValueError as error:
        raise UserError(
            f"{text} is no scale.", "Write 0.5 m for half a metre a pixel, 2 for twice as large."
        ) from error


def scale_text(scale: float | None, metres: float | None) -> str:
    """What `read_scale` reads back."""
    if metres is not None:
        return f"{metres!r} m"
    return "" if scale is None else f"{scale!r}".removesuffix(".0")


def _no_bands(text: str) -> UserError:
    return UserError(f"{text} is no choice of bands.", "Name red, green and blue, counted from 1: 4,3,2; or one band.")


def _no_stretch(text: str) -> UserError:
    return UserError(f"{text} is no pair of percentiles.", "Name what becomes black and what white: 2,98.")
