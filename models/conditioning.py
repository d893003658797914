"""How a picture and its hints become the network's input: the one place for training, canvas and batch. numpy only."""

import numpy as np

from models.spec import ModelSpec

_PAPER_NOISE = 12  # steps of 255
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def to_network(pixels: np.ndarray) -> np.ndarray:
    """uint8 (H, W, C) in 0..255 -> float32 (C, H, W) in [-1, 1]."""
    return np.ascontiguousarray(pixels.astype(np.float32).transpose(2, 0, 1)) / 127.5 - 1


def to_pixels(values: np.ndarray) -> np.ndarray:
    """float32 (C, H, W) in [-1, 1] -> uint8 (H, W, C), rounded to the nearest step."""
    scaled = (np.clip(values, -1, 1).transpose(1, 2, 0) + 1) * 127.5
    return np.ascontiguousarray(np.rint(scaled).astype(np.uint8))


def luminance(rgb: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> uint8 (H, W)."""
    luma: np.ndarray = np.rint(rgb.astype(np.float32) @ _LUMA)
    return luma.astype(np.uint8)


def cleaned(spec: ModelSpec, picture: np.ndarray) -> np.ndarray:
    """What `spec`'s network is shown of a whole picture, in training as in use: uint8 (H, W, 3) -> the same."""
    return white_paper(picture) if spec.task == "lineart" else picture


def white_paper(picture: np.ndarray) -> np.ndarray:
    """Line art with its paper made white: uint8 (H, W, 3) -> the same.

    A scan's paper is grey and a JPEG's is speckled; the networks learn from lines on pure white and take anything else
    for drawing. Paper is the middle of what is lighter than mid grey; what lies at most `_PAPER_NOISE` below it becomes
    white, and the lines are stretched with it, so that black stays black.
    """
    grey = luminance(picture)
    light = grey[grey > 128]
    if not light.size:
        return picture
    white = max(float(np.median(light)) - _PAPER_NOISE, 1.0)
    stretched: np.ndarray = np.rint(np.minimum(np.arange(256) * (255 / white), 255)).astype(np.uint8)
    whitened: np.ndarray = stretched[picture]
    return whitened


def network_input(spec: ModelSpec, picture: np.ndarray, hints: np.ndarray | None = None) -> np.ndarray:
    """The input of `spec`'s network: float32 (spec.network_channels, H, W).

    `picture` is uint8 (H, W, 3); a network with one input channel sees its luminance. `hints` is uint8 (H, W, 4), its
    alpha above one half where a colour is asked for; None means no hints. Hint colours are in [-1, 1] and 0 where there
    is none; the mask is 0 or 1.
    """
    pixels = luminance(picture)[..., None] if spec.input_channels == 1 else picture
    channels = [to_network(pixels)]
    if spec.condition == "hints":
        channels.append(_hint_channels(hints, picture.shape[:2]))
    return np.concatenate(channels)


def _hint_channels(hints: np.ndarray | None, size: tuple[int, ...]) -> np.ndarray:
    if hints is None:
        return np.zeros((4, *size), np.float32)
    mask = (hints[..., 3] > 127).astype(np.float32)
    return np.concatenate([to_network(hints[..., :3]) * mask, mask[None]])


def under_lines(colour: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """The finished picture: the colour layer, uint8 (H, W, 3), multiplied by the line art, uint8 (H, W, 3)."""
    product: np.ndarray = (colour.astype(np.uint16) * lines + 127) // 255
    return product.astype(np.uint8)
