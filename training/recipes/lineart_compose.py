"""From drawings to a training pair: shot, placement, background, lines."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from training.lineart import LineStyle, extract_lines, restyle_lines
from training.recipes.lineart_colour import Colour, in_house, pick_any

Pixels = NDArray[np.uint8]
Resampling = Image.Resampling


@dataclass(frozen=True)
class Raster:
    """One drawing in pixels. Lines are exact where the source has them, else they are extracted."""

    colour: Image.Image  # RGBA
    lines: Image.Image | None = None  # "L", 255 = paper
    plain: Image.Image | None = None  # RGBA before recolouring: lines may be extracted from it


@dataclass(frozen=True)
class Drawing:
    """A character or a thing, in its own units, rasterised on demand."""

    width: float
    height: float
    raster: Callable[[float], Raster]  # pixels per unit wanted -> Raster of any resolution
    head: tuple[float, float, float, float] | None = None  # box of the head
    zoom: tuple[float, float] = (0.8, 1.6)  # range of magnification where there is no head box
    cut: bool = False  # a half figure: it ends at its lower edge, which should lie on the frame's


@dataclass(frozen=True)
class Shot:
    """Which square of the drawing is seen."""

    x: float  # centre, drawing units
    y: float
    side: float
    angle: float = 0.0  # degrees
    flip: bool = False


def beside(shot: Shot, place: int, rng: np.random.Generator) -> Shot:
    """The shot for the left (-1) or right (1) one of two figures, a little farther away."""
    side = shot.side * rng.uniform(1.0, 1.35)
    away = -place if shot.flip else place
    return dataclasses.replace(shot, x=shot.x - away * side * rng.uniform(0.15, 0.27), side=side)


def choose_shot(drawing: Drawing, rng: np.random.Generator) -> Shot:
    """Face, bust, half or full figure; near enough that the square is not empty.

    A figure that is cut off at its lower edge stands on the frame's edge nine times out of ten, as in a drawing.
    """
    shot = _any_shot(drawing, rng)
    lowest = 0.98 * drawing.height - shot.side / 2
    if drawing.cut and rng.uniform() < 0.9 and shot.y > lowest:
        return dataclasses.replace(shot, y=lowest)
    return shot


def _any_shot(drawing: Drawing, rng: np.random.Generator) -> Shot:
    flip, angle = bool(rng.uniform() < 0.5), float(rng.normal(0, 5)) if rng.uniform() < 0.5 else 0.0
    longest = max(drawing.width, drawing.height)
    kind = rng.uniform()
    if drawing.head is None or kind < 0.3:
        low, high = drawing.zoom if drawing.head is None else (0.75, 1.05)
        side = longest / rng.uniform(low, high)
        slack = abs(side - longest) / 2 + 0.05 * longest
        x = drawing.width / 2 + rng.uniform(-slack, slack) * 0.6
        y = drawing.height / 2 + rng.uniform(-slack, slack) * 0.6
        return Shot(x, y, side, angle, flip)
    left, top, right, bottom = drawing.head
    size = max(right - left, bottom - top)
    x, y = (left + right) / 2, (top + bottom) / 2
    if kind < 0.5:
        side = size * rng.uniform(0.95, 1.5)
        y += rng.uniform(-0.1, 0.2) * size
    else:
        side = min(size * rng.uniform(1.5, 3.2), longest * 1.1)
        y += max(0.0, side / 2 - size * rng.uniform(0.55, 0.8))
    return Shot(x + rng.normal(0, 0.08) * side, y, side, angle, flip)


@dataclass(frozen=True)
class Layer:
    """One drawing placed in the square: premultiplied colour and cover, its lines."""

    colour: Pixels  # (S, S, 3), premultiplied
    cover: Pixels  # (S, S)
    lines: Pixels | None
    plain: Pixels | None  # (S, S, 3), premultiplied


def place(drawing: Drawing, shot: Shot, size: int, with_plain: bool) -> Layer:
    """The shot in a square of SIZE pixels; WITH_PLAIN: for lines out of the picture before recolouring."""
    scale = size / shot.side
    raster = drawing.raster(scale)
    own = raster.colour.width / drawing.width
    colour = _warp(raster.colour.convert("RGBa"), own, shot, size, 0)
    lines = None if raster.lines is None else np.asarray(_warp(raster.lines, own, shot, size, 255))
    plain = None
    if with_plain and raster.plain is not None:
        plain = np.asarray(_warp(raster.plain.convert("RGBa"), own, shot, size, 0))
    pixels = np.asarray(colour)
    return Layer(pixels[..., :3], pixels[..., 3], lines, None if plain is None else plain[..., :3])


def _warp(picture: Image.Image, own: float, shot: Shot, size: int, fill: int) -> Image.Image:
    """Crop, turn and mirror: PICTURE has OWN pixels per unit; first shrunk where it is much too large."""
    step = own * shot.side / size  # source pixels per target pixel
    if step > 1.2:
        factor = 1 / step
        wanted = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
        resized = picture.resize(wanted, Resampling.BOX if step > 3 else Resampling.HAMMING)
        own *= resized.width / picture.width
        picture, step = resized, own * shot.side / size
    turn = np.deg2rad(shot.angle)
    mirror = -1.0 if shot.flip else 1.0
    a, b = step * np.cos(turn) * mirror, -step * np.sin(turn)
    d, e = step * np.sin(turn) * mirror, step * np.cos(turn)
    half = size / 2
    matrix = (a, b, shot.x * own - (a + b) * half, d, e, shot.y * own - (d + e) * half)
    fills = fill if picture.mode == "L" else (fill,) * 4
    return picture.transform((size, size), Image.Transform.AFFINE, matrix, Resampling.BICUBIC, fillcolor=fills)


def background(size: int, rng: np.random.Generator) -> Pixels:
    """White three times out of five, in the house palette nine out of ten; else one colour, a gradient, soft blots."""
    kind = rng.uniform()
    if kind < (0.92 if in_house() else 0.62):
        return np.full((size, size, 3), 255, np.uint8)
    first = np.array(_paper(rng), np.float32)
    if kind < 0.78:
        return np.broadcast_to(first, (size, size, 3)).astype(np.uint8)
    second = np.array(_paper(rng), np.float32)
    if kind < 0.9:
        turn = rng.uniform(0, 2 * np.pi)
        axis = np.linspace(-0.7, 0.7, size, dtype=np.float32)
        ramp = np.clip(0.5 + np.cos(turn) * axis[None, :] + np.sin(turn) * axis[:, None], 0, 1)[..., None]
    else:
        blots = rng.random((5, 5), np.float32)
        ramp = np.asarray(Image.fromarray(blots).resize((size, size), Resampling.BICUBIC)).clip(0, 1)[..., None]
    mixed: Pixels = (first * ramp + second * (1 - ramp)).astype(np.uint8)
    return mixed


def _paper(rng: np.random.Generator) -> Colour:
    """A colour to draw on: light mostly."""
    red, green, blue = pick_any(rng)
    light = rng.beta(2.5, 1.5)
    return int(red + (255 - red) * light), int(green + (255 - green) * light), int(blue + (255 - blue) * light)


def compose(layers: list[Layer], paper: Pixels, style: LineStyle, out: int) -> tuple[Pixels, Pixels]:
    """Lines (OUT, OUT) and colours (OUT, OUT, 3) of layers, the last in front, on PAPER."""
    size = paper.shape[0]
    colours = paper
    on_white = np.full((size, size, 3), 255, np.uint8)
    lines = np.full((size, size), 255, np.uint8)
    exact = all(layer.lines is not None for layer in layers)
    for layer in layers:
        colours = _over(layer.colour, layer.cover, colours)
        if exact and layer.lines is not None:
            lines = np.minimum(_over(None, layer.cover, lines), layer.lines)
        else:
            source = layer.colour if layer.plain is None else layer.plain
            on_white = _over(source, layer.cover, on_white)
    lines = restyle_lines(lines, style) if exact else extract_lines(on_white, style)
    return _shrink(lines, out), _shrink(colours, out)


def _over(colour: Pixels | None, cover: Pixels, below: Pixels) -> Pixels:
    """Premultiplied COLOUR over BELOW; None is white."""
    left = (255 - cover).astype(np.uint16)
    if below.ndim == 3:
        left = left[..., None]
    rest = (below * left + 127) // 255
    top = cover.astype(np.uint16) if colour is None else colour.astype(np.uint16)
    result: Pixels = np.minimum(rest + top, 255).astype(np.uint8)
    return result


def _shrink(pixels: Pixels, out: int) -> Pixels:
    if pixels.shape[0] == out:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((out, out), Resampling.HAMMING))


def soften(picture: Image.Image, radius: float) -> Image.Image:
    """Blurred: for shadows."""
    return picture.filter(ImageFilter.GaussianBlur(radius))


def style_for(rng: np.random.Generator, work: float) -> LineStyle:
    """A style for lines drawn WORK times larger than they are kept."""
    style = LineStyle.random(rng)
    if work < 1.3:
        return dataclasses.replace(style, thickness=style.thickness * 0.8)
    return dataclasses.replace(style, thickness=style.thickness * rng.uniform(1.0, 1.35))
