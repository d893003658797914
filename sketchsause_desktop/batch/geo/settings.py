"""What a batch of imagery is asked for beside what every batch is, checked in sentences."""

import re
from typing import Literal

from models.errors import UserError

TileRows = Literal[
    "auto", "xyz", "tms"
]  # which way the rows of a folder of tiles are counted: from the north, the south
TileStore = Literal["same", "folder", "mbtiles"]
DEFAULT_STRETCH = (2.0, 98.0)


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


def _no_bands(text: str) -> UserError:
    return UserError(f"{text} is no choice of bands.", "Name red, green and blue, counted from 1: 4,3,2; or one band.")


def _no_stretch(text: str) -> UserError:
    return UserError(f"{text} is no pair of percentiles.", "Name what becomes black and what white: 2,98.")
