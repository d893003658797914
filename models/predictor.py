"""Any size in, the same size out: pad, normalise, forward, unpad, blend tiles. numpy in, numpy out, no torch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from PIL import Image

from models.conditioning import (
    cleaned,
    luminance,
    mixed_classes,
    network_input,
    palette_input,
    to_pixels,
    under_lines,
)
from models.errors import UserError
from models.runtime import Runtime
from models.scale import Lens, checked_scale, lens, resized
from models.self_ensemble import averaged
from models.tiling import Box, blended_bands, tile_boxes
from models.upsample import enlarged, line_masks

Progress = Callable[[float], None]  # called with the share that is done, 0..1

_PAPER = 255
_LARGEST_SIDE = 8192  # of one forward pass
_DEEP_STEP = 257  # of 16 bits in one of 8


@dataclass(frozen=True)
class Prediction:
    """`colour` uint8 (H, W, 3): what the network painted, a layer without lines where the spec says so.

    It is made when it is first asked for, by any thread: a network that sees a page made small need not wait until its
    colours are enlarged. `lines` (H, W, 3) is what such a layer lies under, None where the network paints the lines
    too; `alpha` (H, W) is the input's, if it has one. Both have the input's depth, and so has the finished picture.
    """

    make: Callable[[], np.ndarray]  # the colour
    lines: np.ndarray | None = None
    alpha: np.ndarray | None = None
    is_deep: bool = False  # 16 bits

    @cached_property
    def colour(self) -> np.ndarray:
        return self.make()

    @property
    def picture(self) -> np.ndarray:
        """The finished picture: (H, W, 3), or (H, W, 4) with the input's alpha; uint8, or uint16 as the input was."""
        if self.lines is not None:
            picture = under_lines(self.colour, self.lines)
        else:
            picture = self.colour * np.uint16(_DEEP_STEP) if self.is_deep else self.colour
        return picture if self.alpha is None else np.dstack([picture, self.alpha])

    def with_colour(self, colour: np.ndarray) -> "Prediction":
        return replace(self, make=lambda: colour)


@dataclass(frozen=True)
class Guide:
    """What an artist asks of a pass: hints uint8 (H, W, 4) and a network's palette float32 (8, 4), or None."""

    hints: np.ndarray | None
    palette: np.ndarray | None

    def cut(self, box: tuple[slice, slice]) -> "Guide":
        return self if self.hints is None else replace(self, hints=self.hints[box])

    def shrunk(self, size: tuple[int, int]) -> "Guide":
        return self if self.hints is None else replace(self, hints=shrink_hints(self.hints, size))

    def seen(self, size: tuple[int, int]) -> "Guide":
        """At another size, (width, height): enlarged as they are, or shrunk so that a thin stroke stays one."""
        if self.hints is None or self.hints.shape[1::-1] == size:
            return self
        if size[0] < self.hints.shape[1]:
            return self.shrunk(size)
        enlarged_hints = np.asarray(Image.fromarray(self.hints).resize(size, Image.Resampling.NEAREST))
        return replace(self, hints=enlarged_hints)

    def padded(self, pads: Sequence[tuple[int, int]]) -> "Guide":
        return self if self.hints is None else replace(self, hints=np.pad(self.hints, pads))


class Predictor:
    """Colours pictures of any size with one loaded network. Not to be called from two threads at once.

    `self_ensemble` is in how many orientations a picture is shown (models.self_ensemble): as many times as slow.
    """

    def __init__(self, runtime: Runtime, self_ensemble: int = 1) -> None:
        self.runtime = runtime
        self.spec = runtime.spec
        self._self_ensemble = self_ensemble

    def predict(
        self,
        image: np.ndarray,
        *,
        hints: np.ndarray | None = None,
        palette: Sequence[Sequence[int]] | np.ndarray | None = None,
        working_size: int | None = None,
        tile: int | None = None,
        overlap: int | None = None,
        scale: float = 1.0,
        progress: Progress | None = None,
    ) -> Prediction:
        """`image` uint8 or uint16 (H, W), (H, W, 3) or (H, W, 4); `hints` uint8 (H, W, 4), alpha above one half where
        hinted.

        `palette` is colours (red, green, blue) in 0..255 that the picture should be in, where the network knows of it.
        `tile` (pixels) makes the picture go through in overlapping tiles at its own scale, whatever the spec says;
        `working_size` is the longer side a picture is seen at when it is not tiled. Tiles are seen enlarged or reduced
        by `scale`. UserError for other shapes, and for a scale where there are no tiles.
        """
        deep, alpha = split_alpha(image)
        rgb = shallow(deep)
        if hints is not None and (hints.ndim != 3 or hints.shape != (*rgb.shape[:2], 4)):
            raise UserError("The hints have another size than the picture.", "Give hints of the picture's size.")
        guide = Guide(hints, palette_input(palette) if self.spec.palette else None)
        colour: Callable[[], np.ndarray]
        if self.is_tiled(tile):
            tiled = self._tiled(cleaned(self.spec, rgb), guide, self.lens(tile, overlap, scale), progress)
            colour = partial(_same, tiled)
        elif scale != 1:
            raise no_scale()
        else:
            colour = self._whole(rgb, guide, working_size)
        if progress:
            progress(1.0)
        lines = lines_of(deep, self.spec.input_channels) if self.is_layer else None
        return Prediction(colour, lines, alpha, is_deep=deep.dtype == np.uint16)

    @property
    def is_layer(self) -> bool:
        return self.spec.output == "colour_layer"

    def _whole(self, rgb: np.ndarray, guide: Guide, working_size: int | None) -> Callable[[], np.ndarray]:
        """One pass at the working size; smaller pictures at their own. What is returned enlarges its colours."""
        height, width = rgb.shape[:2]
        size = self.small_size(width, height, working_size)
        if size == (width, height):
            return partial(_same, self.pass_through(cleaned(self.spec, rgb), guide))
        small = cleaned(self.spec, np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX)))
        colour = self.pass_through(small, guide.shrunk(size))
        return partial(_enlarged, colour, rgb, small if self.is_layer else None)

    def _tiled(self, rgb: np.ndarray, guide: Guide, lens: Lens, progress: Progress | None) -> np.ndarray:
        """Overlapping tiles, blended with weights that fall to zero at a tile's rim."""
        height, width = rgb.shape[:2]
        tile, overlap = lens.tile, lens.overlap
        if height <= tile and width <= tile:
            return self.seen_through(lens, rgb, guide)
        done = 0

        def paint(box: Box) -> np.ndarray:
            nonlocal done
            colour = self.seen_through(lens, rgb[box], guide.cut(box))
            done += 1
            if progress:
                progress(done / count)
            return colour

        count = len(list(tile_boxes(height, width, tile, overlap)))
        return np.concatenate(list(blended_bands(height, width, tile, overlap, paint)))

    def tiles(self, tile: int | None, overlap: int | None) -> tuple[int, int]:
        """The tile and the overlap in pixels that a wish for them comes to. UserError where they do not fit."""
        side = _round_up(max(tile or self.spec.working_size, self.spec.size_multiple), self.spec.size_multiple)
        overlap = side // 4 if overlap is None else overlap
        if not 0 <= overlap < side:
            raise UserError(f"An overlap of {overlap} pixels does not fit tiles of {side}.", "Choose a smaller one.")
        return side, overlap

    def lens(self, tile: int | None, overlap: int | None, scale: float) -> Lens:
        """How tiles lie on a picture that is seen at `scale`. UserError as `tiles`, and for a scale that cannot be."""
        return lens(*self.tiles(tile, overlap), checked_scale(scale))

    def is_tiled(self, tile: int | None) -> bool:
        """Whether a picture goes through at its own scale, in tiles; otherwise it is seen whole, made small."""
        return tile is not None or self.spec.fit == "tile"

    def small_size(self, width: int, height: int, working_size: int | None) -> tuple[int, int]:
        """The (width, height) at which a picture is seen whole; its own where that is small enough."""
        scale = min(1.0, min(working_size or self.spec.working_size, _LARGEST_SIDE) / max(height, width))
        return max(1, round(width * scale)), max(1, round(height * scale))

    def seen_through(self, lens: Lens, rgb: np.ndarray, guide: Guide) -> np.ndarray:
        """One forward pass of at most a tile: at the lens's size, the answer at the picture's own."""
        height, width = rgb.shape[:2]
        size = lens.size(width, height)
        return resized(self.pass_through(resized(rgb, size), guide.seen(size)), (width, height))

    def pass_through(self, rgb: np.ndarray, guide: Guide) -> np.ndarray:
        """One forward pass, padded to the network's multiple: paper for line art, mirrored for anything else."""
        height, width = rgb.shape[:2]
        multiple = self.spec.size_multiple
        pads = ((0, -height % multiple), (0, -width % multiple), (0, 0))
        if self.spec.task == "lineart":
            rgb = np.pad(rgb, pads, constant_values=_PAPER)
        else:
            rgb = np.pad(rgb, pads, mode="symmetric")
        asked = guide.padded(pads)
        shown = network_input(self.spec, rgb, asked.hints)[None]
        answer = averaged(lambda x: self.runtime.run(x, asked.palette), shown, self._self_ensemble)[0]
        answer = answer[:, :height, :width]
        pixels = to_pixels(mixed_classes(self.spec, answer) if self.spec.output == "classes" else answer)
        return pixels if pixels.shape[2] == 3 else np.repeat(pixels[..., :1], 3, axis=2)


def no_scale() -> UserError:
    return UserError("This model sees pictures whole, whatever their scale.", "Leave the scale out.")


def _same(colour: np.ndarray) -> np.ndarray:
    return colour


def _enlarged(colour: np.ndarray, rgb: np.ndarray, small: np.ndarray | None) -> np.ndarray:
    """`colour` at the size of `rgb`, under its lines where `small`, what the network saw of it, is given."""
    height, width = rgb.shape[:2]
    if small is None:
        return np.asarray(Image.fromarray(colour).resize((width, height), Image.Resampling.BILINEAR))
    masks = line_masks(luminance(rgb), max(height, width) / max(small.shape[:2]))
    return enlarged(colour, luminance(small), masks)[..., :3]


def split_alpha(image: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """(RGB on white paper, alpha or None), both as deep as the picture. UserError for what is no picture."""
    if image.dtype not in (np.uint8, np.uint16) or image.ndim not in (2, 3) or 0 in image.shape:
        raise UserError("A picture must have 8 or 16 bits a channel and a pixel at least.", "Convert it to PNG first.")
    if image.ndim == 2:
        return np.repeat(image[..., None], 3, axis=2), None
    if image.shape[2] == 3:
        return image, None
    if image.shape[2] != 4:
        raise UserError("A picture must be grey, RGB or RGBA.", "Convert it to PNG first.")
    alpha, white = image[..., 3], int(np.iinfo(image.dtype).max)
    opacity = alpha[..., None].astype(np.uint16 if image.dtype == np.uint8 else np.uint32)
    rgb = (image[..., :3] * opacity + white * (white - opacity) + white // 2) // white
    return rgb.astype(image.dtype), alpha


def shallow(picture: np.ndarray) -> np.ndarray:
    """16 bits rounded to 8, which is what networks see; 8 bits as they are."""
    if picture.dtype == np.uint8:
        return picture
    rounded: np.ndarray = (picture.astype(np.uint32) + _DEEP_STEP // 2) // _DEEP_STEP
    return rounded.astype(np.uint8)


def lines_of(rgb: np.ndarray, input_channels: int) -> np.ndarray:
    """What the colour layer is multiplied by: the lines as the network saw them, grey for a luminance input."""
    return np.repeat(luminance(rgb)[..., None], 3, axis=2) if input_channels == 1 else rgb


def shrink_hints(hints: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Shrink so that a thin stroke of a hint stays one: uint8 (H, W, 4) -> the same at `size` (width, height)."""
    shrinking = ShrinkingHints(hints.shape[:2], size)
    shrinking.add(0, hints)
    return shrinking.small()


class ShrinkingHints:
    """Hints made small band by band. `shape` is (height, width) before, `size` (width, height) afterwards.

    A small pixel is hinted where any of its pixels was, in the mean colour of those. Hints are few, so that what it
    costs goes with their pixels, not with the picture's.
    """

    def __init__(self, shape: tuple[int, ...], size: tuple[int, int]) -> None:
        self._shape = shape
        self._size = size
        self._counts = np.zeros(size[0] * size[1], np.int64)
        self._sums = np.zeros((3, size[0] * size[1]))

    def add(self, top: int, hints: np.ndarray) -> None:
        """The rows of the hints from `top` on, uint8 (h, W, 4)."""
        rows, columns = np.nonzero(hints[..., 3] > 127)
        self.add_pixels(rows + top, columns, hints[rows, columns, :3])

    def add_pixels(self, rows: np.ndarray, columns: np.ndarray, colours: np.ndarray) -> None:
        """Hinted pixels: where they are, int (N,), and their colours, uint8 (N, 3)."""
        width, height = self._size
        places = rows * height // self._shape[0] * width + columns * width // self._shape[1]
        self._counts += np.bincount(places, minlength=len(self._counts))
        for channel, sums in enumerate(self._sums):
            sums += np.bincount(places, colours[:, channel], minlength=len(sums))

    def small(self) -> np.ndarray:
        """uint8 (height, width, 4)."""
        width, height = self._size
        hinted = np.flatnonzero(self._counts)
        small = np.zeros((width * height, 4), np.uint8)
        small[hinted, 3] = 255
        small[hinted, :3] = np.rint(self._sums[:, hinted] / self._counts[hinted]).T
        return small.reshape(height, width, 4)


def _round_up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
