"""Pictures for the gallery: drawings of our own, coloured by a trained model without hints, with some, with a palette.

    python -m training.recipes.lineart_gallery --out docs/gallery [-m MODEL]

The folder `drawings` in there holds NAME.svg, and NAME.toml with what is asked for:

    palette = ["#f2c9a0", "#31507a"]
    hints = [{at = [0.5, 0.2], colour = "#c0392b"}]

`at` is a place in shares of width and height, `radius`, where it is given, one in shares of the width. Each drawing
becomes NAME.webp. What the network paints is shown as it is, without the program's pull to the hints.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.errors import UserError
from models.files import atomic_path
from models.locate import locate_model

if TYPE_CHECKING:
    from models.predictor import Predictor

DRAWN_WIDTH = 1200  # pixels; as a page that an artist opens
LARGEST_FILE = 150_000  # bytes
RADIUS = 0.015  # of a dab, in shares of the width

Colour: TypeAlias = tuple[int, int, int]

_GAP, _FRAME, _HEADING, _FOOT, _SWATCH = 8, 1, 28, 30, 26  # pixels
_PANEL = (1200 - 3 * _GAP) // 4
_QUALITIES = (86, 78, 70, 60, 50, 40)
_PAPER, _INK, _RIM = (255, 255, 255), (40, 40, 40), (190, 190, 190)
_HEADINGS = ("line art, with the hints", "no hints", "hints", "palette")


@dataclass(frozen=True)
class Dab:
    """A hint: x and y in shares of width and height, its radius in shares of the width, all 0 to 1."""

    x: float
    y: float
    radius: float
    colour: Colour


@dataclass(frozen=True)
class Wish:
    """What is asked of the model for one drawing."""

    hints: tuple[Dab, ...]
    palette: tuple[Colour, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.recipes.lineart_gallery", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the gallery; its drawings are in there")
    parser.add_argument("-m", "--model", default="lineart", help="a model's name or file (default: lineart)")
    given = parser.parse_args(arguments)
    try:
        make_gallery(given.out, locate_model(given.model))
    except (UserError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def make_gallery(folder: Path, model: Path) -> None:
    """All drawings of `folder`/drawings, on the CPU, so that a graphics card makes no difference."""
    from models.predictor import Predictor
    from models.runtime import load_runtime

    wishes = {drawing: read_wish(drawing.with_suffix(".toml")) for drawing in find_drawings(folder)}
    pages = {drawing: draw(drawing) for drawing in wishes}
    for drawing, wish in wishes.items():
        require_inside(wish, pages[drawing], drawing.stem)
    predictor = Predictor(load_runtime(model, device="cpu"))
    if not (predictor.spec.takes_hints and predictor.spec.palette):
        raise UserError(f"{model.stem} does not take both hints and palettes.", "Choose one that does, with -m.")
    for drawing, wish in wishes.items():
        target = folder / f"{drawing.stem}.webp"
        save(sheet(coloured(predictor, pages[drawing], wish), wish), target)
        print(f"{target}: {target.stat().st_size // 1000} kB")


def find_drawings(folder: Path) -> list[Path]:
    """Sorted by name; UserError where there are none."""
    drawings = sorted((folder / "drawings").glob("*.svg"))
    if not drawings:
        raise UserError(f"There is no drawing in {folder / 'drawings'}.", "Put NAME.svg and NAME.toml in there.")
    return drawings


def read_wish(path: Path) -> Wish:
    """UserError names what is missing or malformed."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        hints = tuple(_dab(hint) for hint in told["hints"])
        palette = tuple(_colour(text) for text in told["palette"])
    except FileNotFoundError:
        raise UserError(f"{path} is not there.", "Say in it which hints and palette the drawing gets.") from None
    except (ValueError, LookupError, TypeError) as error:
        raise UserError(f"{path} is not what it should be: {error}.", "Correct it.") from error
    if not hints or not palette:
        raise UserError(f"{path} asks for no hints or no palette.", "Give at least one of each.")
    return Wish(hints, palette)


def _dab(told: dict[str, Any]) -> Dab:
    x, y = (float(share) for share in told["at"])
    return Dab(x, y, float(told.get("radius", RADIUS)), _colour(told["colour"]))


def _colour(text: str) -> Colour:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(f'{text!r} is no colour such as "#c0392b"')
    red, green, blue = bytes.fromhex(text[1:])
    return red, green, blue


def draw(drawing: Path) -> np.ndarray:
    """The drawing as an artist's page: uint8 (H, DRAWN_WIDTH, 3), black on white."""
    from training.recipes.lineart_svg import parse, render

    page = render(parse(drawing.read_text(encoding="utf-8")), DRAWN_WIDTH)
    paper = Image.new("RGBA", page.size, (*_PAPER, 255))
    return np.asarray(Image.alpha_composite(paper, page).convert("RGB"))


def require_inside(wish: Wish, page: np.ndarray, name: str) -> None:
    """UserError names the first hint that does not lie wholly inside `page` (H, W, 3)."""
    height, width = page.shape[:2]
    for dab in wish.hints:
        low = dab.radius * width / height
        if not (dab.radius > 0 and dab.radius <= dab.x <= 1 - dab.radius and low <= dab.y <= 1 - low):
            raise UserError(f"The hint of {name} at {dab.x:g}, {dab.y:g} is not inside the picture.", "Move it.")


def dabs(wish: Wish, height: int, width: int) -> np.ndarray:
    """The hints as the hint brush would leave them: uint8 (height, width, 4), clear where nothing is hinted."""
    hints = np.zeros((height, width, 4), np.uint8)
    rows, columns = np.ogrid[:height, :width]
    for dab in wish.hints:
        near = np.hypot(rows + 0.5 - dab.y * height, columns + 0.5 - dab.x * width) <= dab.radius * width
        hints[near] = (*dab.colour, 255)
    return hints


def coloured(predictor: "Predictor", page: np.ndarray, wish: Wish) -> list[np.ndarray]:
    """The line art, and what the model makes of it without hints, with them, with the palette: uint8 (H, W, 3) each."""
    plain = predictor.predict(page)
    hinted = predictor.predict(page, hints=dabs(wish, *page.shape[:2]))
    in_palette = predictor.predict(page, palette=wish.palette)
    return [page, *(each.picture for each in (plain, hinted, in_palette))]


def sheet(pictures: Sequence[np.ndarray], wish: Wish) -> Image.Image:
    """The four pictures in a row under their headings, the hints on the first, the palette below the last."""
    height = round(_PANEL * pictures[0].shape[0] / pictures[0].shape[1])
    answer = Image.new("RGB", (4 * _PANEL + 3 * _GAP, _HEADING + height + _FOOT), _PAPER)
    pen = ImageDraw.Draw(answer)
    font = ImageFont.load_default(size=17)
    for index, (picture, heading) in enumerate(zip(pictures, _HEADINGS, strict=True)):
        left = index * (_PANEL + _GAP)
        small = Image.fromarray(np.ascontiguousarray(picture)).resize((_PANEL, height), Image.Resampling.LANCZOS)
        answer.paste(small, (left, _HEADING))
        pen.rectangle((left, _HEADING, left + _PANEL - 1, _HEADING + height - 1), outline=_RIM, width=_FRAME)
        pen.text((left + 2, 4), heading, fill=_INK, font=font)
    for dab in wish.hints:
        centre, radius = (dab.x * _PANEL, _HEADING + dab.y * height), dab.radius * _PANEL + 1
        pen.circle(centre, radius, fill=dab.colour, outline=_INK, width=1)
    for index, colour in enumerate(wish.palette):
        left, top = 3 * (_PANEL + _GAP) + index * (_SWATCH + 4), _HEADING + height + 6
        pen.rectangle((left, top, left + _SWATCH, top + _FOOT - 8), fill=colour, outline=_RIM)
    return answer


def save(picture: Image.Image, target: Path) -> None:
    """As WebP, as good as `LARGEST_FILE` allows."""
    with atomic_path(target) as temporary:
        for quality in _QUALITIES:
            picture.save(temporary, format="WEBP", quality=quality, method=6)
            if temporary.stat().st_size <= LARGEST_FILE:
                return


if __name__ == "__main__":
    sys.exit(main())
