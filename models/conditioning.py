"""How a picture and its hints become the network's input: the one place for training, canvas and batch. numpy only."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from models.hint_spread import spread_hints
from models.spec import PALETTE_CHANNELS, PALETTE_COLOURS, ModelSpec

CLASS_CONTRAST = 8.0  # the likeliest class can have e^16 times the share of the least likely
_PAPER_NOISE = 12  # steps of 255
_MID_GREY = 128
_WHITE = 245  # from here on a colour is paper
_PALETTE_SIDE = 96  # pixels; the size at which a picture's colours are counted
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
_SLAB = 2**16  # pixels whose floats stay in the processor's cache: half the time of a large picture at once


def to_network(pixels: np.ndarray) -> np.ndarray:
    """uint8 (H, W, C) in 0..255 -> float32 (C, H, W) in [-1, 1]."""
    return np.ascontiguousarray(pixels.astype(np.float32).transpose(2, 0, 1)) / 127.5 - 1


def to_pixels(values: np.ndarray) -> np.ndarray:
    """float32 (C, H, W) in [-1, 1] -> uint8 (H, W, C), rounded to the nearest step."""
    scaled = (np.clip(values, -1, 1).transpose(1, 2, 0) + 1) * 127.5
    return np.ascontiguousarray(np.rint(scaled).astype(np.uint8))


def luminance(rgb: np.ndarray) -> np.ndarray:
    """uint8 or uint16 (H, W, 3) -> the same (H, W)."""
    height, width, _ = rgb.shape
    luma = np.empty((height, width), rgb.dtype)
    rows = max(_SLAB // max(width, 1), 1)
    for top in range(0, height, rows):
        values = rgb[top : top + rows].astype(np.float32) @ _LUMA
        luma[top : top + rows] = np.rint(values, out=values)
    return luma


def cleaned(spec: ModelSpec, picture: np.ndarray) -> np.ndarray:
    """What `spec`'s network is shown of a whole picture, in training as in use: uint8 (H, W, 3) -> the same."""
    return white_paper(picture) if spec.task == "lineart" else picture


def white_paper(picture: np.ndarray) -> np.ndarray:
    """Line art with its paper made white: uint8 (H, W, 3) -> the same.

    A scan's paper is grey and a JPEG's is speckled; the networks learn from lines on pure white and take anything else
    for drawing. Paper is the middle of what is lighter than mid grey; what lies at most `_PAPER_NOISE` below it becomes
    white, and the lines are stretched with it, so that black stays black.
    """
    return whitened(picture, paper_level(luminance(picture)))


def whitened(picture: np.ndarray, white: float) -> np.ndarray:
    """`picture` with paper of the lightness `white`, of `paper_level`, made white."""
    stretched: np.ndarray = np.rint(np.minimum(np.arange(256) * (255 / white), 255)).astype(np.uint8)
    answer: np.ndarray = stretched[picture]
    return answer


def paper_level(grey: np.ndarray) -> float:
    """The lightness from which on `grey`, uint8 (H, W), is paper; 255 where nothing is lighter than mid grey."""
    return level_of(np.bincount(grey.ravel(), minlength=256))


def level_of(counts: np.ndarray) -> float:
    """The same by how often there is each lightness, (256,)."""
    counts = counts.copy()
    counts[: _MID_GREY + 1] = 0
    upto = counts.cumsum()
    if not upto[-1]:
        return 255.0
    low, high = np.searchsorted(upto, [(upto[-1] + 1) // 2, upto[-1] // 2 + 1])
    return float(low + high) / 2 - _PAPER_NOISE


def network_input(spec: ModelSpec, picture: np.ndarray, hints: np.ndarray | None = None) -> np.ndarray:
    """The input of `spec`'s network: float32 (spec.network_channels, H, W).

    `picture` is uint8 (H, W, 3); a network with one input channel sees its luminance. `hints` is uint8 (H, W, 4), its
    alpha above one half where a colour is asked for; None means no hints. Hint colours are in [-1, 1] and 0 where there
    is none; the mask is 0 or 1. Spread hints fill their regions, and have their closeness in the mask's place.
    """
    pixels = luminance(picture)[..., None] if spec.input_channels == 1 else picture
    channels = [to_network(pixels)]
    if spec.takes_hints:
        channels.append(_hint_channels(spec, picture, hints))
    return np.concatenate(channels)


def _hint_channels(spec: ModelSpec, picture: np.ndarray, hints: np.ndarray | None) -> np.ndarray:
    if hints is None or not hints[..., 3].max(initial=0) > 127:
        return np.zeros((4, *picture.shape[:2]), np.float32)
    if spec.condition == "spread_hints":
        spread = spread_hints(luminance(picture), hints)
        return np.concatenate([to_network(spread.colours) * (spread.closeness > 0), spread.closeness[None]])
    mask = (hints[..., 3] > 127).astype(np.float32)
    return np.concatenate([to_network(hints[..., :3]) * mask, mask[None]])


def class_colours(spec: ModelSpec) -> np.ndarray:
    """The colours of `spec.classes`: float32 (K, 3) in [-1, 1]."""
    colours: np.ndarray = np.array([list(bytes.fromhex(each[1:])) for each in spec.classes], np.float32)
    return colours / np.float32(127.5) - 1


def mixed_classes(spec: ModelSpec, values: np.ndarray) -> np.ndarray:
    """The picture that classes make: each colour by its share. float32 (K, H, W) in [-1, 1] -> (3, H, W) in [-1, 1].

    Shares are a softmax; a network's values reach from -1 to 1, so `CLASS_CONTRAST` says how sure it can be. With
    `spec.sharpness` a thin road that a network half believes in is drawn instead of being a paler ground.
    """
    powers = np.exp(np.float32(CLASS_CONTRAST * spec.sharpness) * (values - values.max(axis=0)))
    shares = powers / powers.sum(axis=0)
    mixed: np.ndarray = np.einsum("khw,kc->chw", shares, class_colours(spec))
    return mixed


def palette_input(colours: Sequence[Sequence[int]] | np.ndarray | None) -> np.ndarray:
    """Colours, each (red, green, blue) in 0..255, as a network's palette: float32 (8, 4), see `ModelSpec`.

    The order does not matter. More than eight are brought down to the eight that stand for them best; None and an
    empty list mean no palette.
    """
    answer = np.zeros((PALETTE_COLOURS, PALETTE_CHANNELS), np.float32)
    if colours is None or len(colours) == 0:
        return answer
    rgb = np.asarray(colours, np.uint8)[:, :3]
    if len(rgb) > PALETTE_COLOURS:
        rgb = dominant_colours(rgb[None], PALETTE_COLOURS, paper=True)
    answer[: len(rgb), :3] = rgb / np.float32(127.5) - 1
    answer[: len(rgb), 3] = 1
    return answer


def dominant_colours(picture: np.ndarray, count: int, *, paper: bool = False) -> np.ndarray:
    """The colours a picture is made of, the commonest first: uint8 (H, W, 3) -> uint8 (at most `count`, 3).

    By median cut (Heckbert 1982, https://doi.org/10.1145/965145.801294). White paper counts only where `paper` says
    so, or where there is nothing else.
    """
    image = Image.fromarray(np.ascontiguousarray(picture[..., :3]))
    image.thumbnail((_PALETTE_SIDE, _PALETTE_SIDE), Image.Resampling.NEAREST)
    pixels = np.asarray(image).reshape(-1, 3)
    coloured = pixels[pixels.min(axis=1) < _WHITE]
    pixels = pixels if paper or not len(coloured) else coloured
    cut = Image.fromarray(pixels[None]).quantize(count, Image.Quantize.MEDIANCUT)
    table = np.array(cut.getpalette(), np.uint8).reshape(-1, 3)
    frequency = sorted(cut.getcolors() or [], reverse=True)
    return table[[int(index) for _, index in frequency if isinstance(index, int)]][:count]


def under_lines(colour: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """The finished picture: the colour layer, uint8 (H, W, 3), multiplied by the line art, uint8 or uint16 (H, W, 3).

    It is as deep as the lines.
    """
    wide = np.uint16 if lines.dtype == np.uint8 else np.uint32
    product: np.ndarray = (colour.astype(wide) * lines + 127) // 255
    return product.astype(lines.dtype)
