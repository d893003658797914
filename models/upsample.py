"""Colours enlarged under the lines of a drawing, so that none bleeds across a line.

A network sees a page at a fraction of its size; a pixel of its answer that a line runs through mixes the colours of
both sides, and plain enlarging smears that mixture over the paper beside the line. Guided filters (Kopf et al. 2007,
"Joint Bilateral Upsampling", https://doi.org/10.1145/1276377.1276497) do not help: paper is as white on one side of a
line as on the other. Here the size is doubled again and again. Each time a pixel takes the bilinear mean of those of
its four parents that no line runs through; as a line gets thinner with each step, the ones that are left lie on the
pixel's own side. Where there is no such
parent, as in hatching, the plain mean has to do, and the next step tries again.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels of the small picture

LINE = 160  # lightness below which a pixel of the full picture belongs to a line
PAPER = 250  # lightness from which on a pixel of the small picture has no line in it; a speck of ink in 50
_LEAST_SHARE = 1e-3  # rounding


def line_masks(lightness: np.ndarray, factor: float) -> list[np.ndarray]:
    """Where lines are: uint8 (H, W) -> bool (H, W), then its halves (sides rounded up), down to 1 / `factor`."""
    masks = [lightness < LINE]
    while 2 ** len(masks) <= factor:
        masks.append(halved(masks[-1]))
    return masks


def halved(mask: np.ndarray) -> np.ndarray:
    """True where one of the four pixels is; bool (H, W) -> (ceil(H / 2), ceil(W / 2))."""
    height, width = mask.shape
    if height % 2 or width % 2:
        mask = np.pad(mask, ((0, height % 2), (0, width % 2)))
    rows = mask[::2] | mask[1::2]
    answer: np.ndarray = rows[:, ::2] | rows[:, 1::2]
    return answer


def enlarged(
    colour: np.ndarray,
    lightness: np.ndarray,
    masks: Sequence[np.ndarray],
    box: Box | None = None,
    rim: tuple[int, int] = (0, 0),
) -> np.ndarray:
    """`colour` uint8 (h, w, 3) at the size of `masks[0]`: uint8 (H, W, 4), its last channel 255.

    `lightness` uint8 (h, w) is that of the lines that the network saw; `masks` tell where lines are in the large
    picture, then in its halves, the last of them at most twice as large as the small picture. `box` is the part of the
    small picture that the large one shows; all of it unless told.

    A part of a picture comes out as in the whole when its sides lie on pixels of the last mask and the masks after the
    first reach one pixel of their own beyond it: `rim` says how many they have on the left and above.
    """
    height, width = masks[0].shape
    left, top, right, bottom = box or (0, 0, colour.shape[1], colour.shape[0])
    # The halves may reach one pixel beyond the picture, so the small one gets a rim.
    image = _opaque(np.pad(colour, ((1, 1), (1, 1), (0, 0)), mode="edge"))
    unsure = np.pad(lightness < PAPER, 1, mode="edge")
    step = ((right - left) / width * 2 ** (len(masks) - 1), (bottom - top) / height * 2 ** (len(masks) - 1))
    origin = (left + 1.0, top + 1.0)  # where the part begins in `image`
    for level, mask in reversed(list(enumerate(masks))):
        before = rim if level else (0, 0)
        start = (origin[0] - before[0] * step[0], origin[1] - before[1] * step[1])
        image, unsure = _larger(image, unsure, mask, start, step)
        origin, step = (float(before[0]), float(before[1])), (0.5, 0.5)
    return np.asarray(image)


def _larger(
    image: Image.Image, unsure: np.ndarray, lines: np.ndarray, origin: tuple[float, float], step: tuple[float, float]
) -> tuple[Image.Image, np.ndarray]:
    """One step: the picture at the size of `lines`, and where its colours are not to be handed on.

    `unsure` are the pixels of `image` whose colour may be a mixture; a pixel of the answer is `step` of theirs wide.
    """
    height, width = lines.shape
    box = (*origin, origin[0] + width * step[0], origin[1] + height * step[1])
    plain = np.array(image.resize((width, height), Image.Resampling.BILINEAR, _within(box, image.size)))
    down, across = (
        _parents(length, start, each, limit)
        for length, start, each, limit in zip((height, width), origin[::-1], step[::-1], unsure.shape, strict=True)
    )
    doubtful = _any_parent(unsure, down[0], across[0])
    places = np.flatnonzero(doubtful & ~lines)
    found, colours = _mean_of_sure(np.asarray(image), unsure, places, down, across)
    plain.reshape(-1, 4).view(np.uint32)[places[found], 0] = colours.view(np.uint32)[:, 0]
    still = lines.copy()
    still.reshape(-1)[places[~found]] = True
    return Image.frombuffer("RGBX", (width, height), plain, "raw", "RGBX", 0, 1), still


Parents = tuple[np.ndarray, np.ndarray]  # the first of the two along one side, int; the share of the second, float32


def _parents(length: int, origin: float, step: float, limit: int) -> Parents:
    """For each of `length` pixels along one side; those of bilinear scaling by pixel centres."""
    place = np.clip(origin + (np.arange(length) + 0.5) * step - 0.5, 0, limit - 1)
    first = np.minimum(place.astype(np.intp), max(limit - 2, 0))
    return first, (place - first).astype(np.float32)


def _any_parent(unsure: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    padded = np.pad(unsure, ((0, 1), (0, 1)))
    rows = padded[:-1] | padded[1:]
    quads = rows[:, :-1] | rows[:, 1:]
    answer: np.ndarray = quads.take(down, 0).take(across, 1)
    return answer


def _mean_of_sure(
    image: np.ndarray, unsure: np.ndarray, places: np.ndarray, down: Parents, across: Parents
) -> tuple[np.ndarray, np.ndarray]:
    """Which of `places` have a sure parent, and the bilinear mean of the sure ones: bool (n,), uint8 (found, 4)."""
    rows, columns = np.divmod(places, len(across[0]))
    height, width = unsure.shape
    pixels, sure = image.reshape(-1, 4), ~unsure.reshape(-1)
    share_down, share_across = down[1][rows], across[1][columns]
    total, weights = np.zeros((len(places), 4), np.float32), np.zeros(len(places), np.float32)
    for below in (0, 1):
        for right in (0, 1):
            row, column = down[0][rows] + below, across[0][columns] + right
            parent = np.minimum(row, height - 1) * width + np.minimum(column, width - 1)
            weight = (share_down if below else 1 - share_down) * (share_across if right else 1 - share_across)
            weight *= sure[parent]
            total += pixels[parent] * weight[:, None]
            weights += weight
    farthest = np.minimum(share_down, 1 - share_down) * np.minimum(share_across, 1 - share_across)
    found = weights > farthest + _LEAST_SHARE  # the farthest alone may lie across a line that runs between the others
    colours = np.rint(total[found] / weights[found, None]).astype(np.uint8)
    return found, colours


def _within(box: Box, size: tuple[int, int]) -> Box:
    """Pillow refuses a box that rounding made a trifle larger than the picture."""
    return max(box[0], 0.0), max(box[1], 0.0), min(box[2], size[0]), min(box[3], size[1])


def _opaque(colour: np.ndarray) -> Image.Image:
    """Four bytes a pixel, as Pillow keeps colours and as tiles do; without it each step would pack and unpack them."""
    filled = np.full((*colour.shape[:2], 4), 255, np.uint8)
    filled[..., :3] = colour
    return Image.frombuffer("RGBX", (colour.shape[1], colour.shape[0]), filled, "raw", "RGBX", 0, 1)
