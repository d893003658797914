"""Yes or no for each pixel of a picture, 64 in a word, so that growing and shrinking cost microseconds a row of words.

A bitmap has a frame of one pixel round the picture, which says no, and at least 64 spare bits at the end of each row:
shifting all words at once never carries a pixel from one row into the next.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect

Bitmap = NDArray[np.uint64]  # (height + 2, words a row); the first pixel of a word is its lowest bit
Mask = NDArray[np.bool_]  # (height, width)

_WORD = 64
_ONE = np.uint64(1)
_LAST = np.uint64(_WORD - 1)


def packed(mask: Mask) -> Bitmap:
    height, width = mask.shape
    framed = np.zeros((height + 2, width + 2), np.bool_)
    framed[1:-1, 1:-1] = mask
    row_bytes = pitch_of(width) // 8
    result = np.zeros((height + 2, row_bytes), np.uint8)
    row = np.packbits(framed, axis=1, bitorder="little")
    result[:, : row.shape[1]] = row
    return result.view(np.dtype("<u8"))


def unpacked(bitmap: Bitmap, width: int) -> Mask:
    """The picture, without the frame."""
    bits = np.unpackbits(bitmap.view(np.uint8), axis=1, count=width + 1, bitorder="little")
    return bits[1:-1, 1:].view(np.bool_)


def spelled_out(bitmap: Bitmap) -> NDArray[np.uint8]:
    """0 or 1 for each bit, with frame and spare bits: a flat array that positions point into."""
    return np.unpackbits(bitmap.view(np.uint8), bitorder="little")


def taken_in(flat: Mask, shape: tuple[int, int]) -> Bitmap:
    """The bitmap of that shape whose bits are spelled out."""
    return np.packbits(flat, bitorder="little").view(np.dtype("<u8")).reshape(shape)


def pitch_of(width: int) -> int:
    """How many bits lie between two pixels above each other."""
    return _WORD * ((width + 2 + _WORD - 1) // _WORD + 1)


def position_of(column: int, row: int, width: int) -> int:
    """The number of the picture's pixel among all bits."""
    return (row + 1) * pitch_of(width) + column + 1


def has(bitmap: Bitmap, position: int) -> bool:
    return bool(bitmap.ravel()[position // _WORD] >> np.uint64(position % _WORD) & _ONE)


def everywhere(height: int, width: int) -> Bitmap:
    """Yes for the picture, no for its frame."""
    return packed(np.ones((height, width), np.bool_))


def extent(bitmap: Bitmap) -> Rect:
    """The smallest rectangle round its pixels; the picture's first pixel is (0, 0)."""
    rows = np.flatnonzero(bitmap.any(axis=1))
    columns = np.flatnonzero(spelled_out(np.bitwise_or.reduce(bitmap, axis=0)))
    if not len(rows):
        return EMPTY_RECT
    return Rect.from_edges(int(columns[0]) - 1, int(rows[0]) - 1, int(columns[-1]), int(rows[-1]))


def grown(bitmap: Bitmap) -> Bitmap:
    """With the four neighbours of each pixel; the frame is grown into."""
    result = _widened(bitmap)
    result[1:] |= bitmap[:-1]
    result[:-1] |= bitmap[1:]
    return result


def _widened(bitmap: Bitmap) -> Bitmap:
    """With the left and the right neighbour of each pixel."""
    flat = bitmap.ravel()
    result = flat << _ONE
    result |= flat
    result |= flat >> _ONE
    result[1:] |= flat[:-1] >> _LAST
    result[:-1] |= flat[1:] << _LAST
    return result.reshape(bitmap.shape)


class Balls:
    """Where the centre of a ball can be without touching what is not free: an erosion by discs of several radii."""

    def __init__(self, free: Bitmap, height: int, width: int, largest: int) -> None:
        self._inside = everywhere(height, width)
        self._widened = [~free]
        for _ in range(largest):
            self._widened.append(_widened(self._widened[-1]))

    def centres(self, radius: int) -> Bitmap:
        """The pixels that are further than `radius` from every pixel that is not free, and from the frame."""
        return self._inside & ~_disc_grown(self._widened, radius)


def disc_grown(bitmap: Bitmap, radius: int) -> Bitmap:
    """All pixels no further than `radius` from one of the bitmap; the frame is grown into."""
    widened = [bitmap]
    for _ in range(radius):
        widened.append(_widened(widened[-1]))
    return _disc_grown(widened, radius)


def _disc_grown(widened: list[Bitmap], radius: int) -> Bitmap:
    result = widened[radius].copy()
    for dy in range(1, radius + 1):
        row = widened[math.isqrt(radius * radius - dy * dy)]
        result[dy:] |= row[:-dy]
        result[:-dy] |= row[dy:]
    return result


class Components(NamedTuple):
    """The 4-connected pieces of a bitmap, numbered from 0 in reading order, as horizontal runs of pixels."""

    starts: NDArray[np.intp]  # the first pixel of each run, ascending
    ends: NDArray[np.intp]  # the last one
    numbers: NDArray[np.intp]  # the piece that each run belongs to
    first: NDArray[np.intp]  # the first pixel of each piece

    def __len__(self) -> int:
        return len(self.first)

    def at(self, positions: NDArray[np.intp]) -> NDArray[np.intp]:
        """The pieces that hold the pixels, each of which must lie in one."""
        return self.numbers[np.searchsorted(self.starts, positions, side="right") - 1]

    def piece(self, number: int, shape: tuple[int, int]) -> Bitmap:
        """One of them alone, as a bitmap of the shape of that they came from."""
        runs = self.numbers == number
        changes = np.concatenate([self.starts[runs], self.ends[runs] + 1])
        words = np.zeros(shape[0] * shape[1], np.uint64)
        np.bitwise_xor.at(words, changes // _WORD, _ONE << (changes % _WORD).astype(np.uint64))
        for shift in (1, 2, 4, 8, 16, 32):  # each bit becomes the parity of the changes up to it
            words ^= words << np.uint64(shift)
        is_odd = np.bitwise_xor.accumulate(words >> _LAST)
        words[1:] ^= np.uint64(0) - is_odd[:-1]
        return words.reshape(shape)


def components(bitmap: Bitmap) -> Components:
    flat = bitmap.ravel()
    has_left, has_right = flat << _ONE, flat >> _ONE
    has_left[1:] |= flat[:-1] >> _LAST
    has_right[:-1] |= flat[1:] << _LAST
    starts, ends = _positions(flat & ~has_left), _positions(flat & ~has_right)
    roots = _joined(len(starts), *_touching(starts, ends, bitmap.shape[1] * _WORD))
    is_root = roots == np.arange(len(roots))
    numbers = (np.cumsum(is_root) - 1)[roots]
    return Components(starts, ends, numbers, starts[is_root])


def positions(bitmap: Bitmap) -> NDArray[np.intp]:
    """The numbers of its pixels, ascending."""
    return _positions(bitmap.ravel())


def _positions(words: NDArray[np.uint64]) -> NDArray[np.intp]:
    octets = words.view(np.uint8)
    used = np.flatnonzero(octets != 0)
    place = np.flatnonzero(np.unpackbits(octets[used], bitorder="little").view(np.bool_))
    found: NDArray[np.intp] = used[place >> 3] * 8 + (place & 7)
    return found


def _touching(
    starts: NDArray[np.intp], ends: NDArray[np.intp], pitch: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All pairs of runs that lie above each other."""
    first = np.searchsorted(ends, starts + pitch, side="left")
    after = np.searchsorted(starts, ends + pitch, side="right")
    count = np.maximum(after - first, 0)
    upper = np.repeat(np.arange(len(starts)), count)
    before = np.cumsum(count) - count
    lower = np.arange(len(upper)) - np.repeat(before - first, count)
    return upper, lower


def _joined(count: int, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.intp]:
    """The lowest-numbered member of each node's piece, where the pairs say which nodes hang together.

    Hooking and pointer jumping: Shiloach and Vishkin 1982, "An O(log n) parallel connectivity algorithm",
    https://doi.org/10.1016/0196-6774(82)90008-6.
    """
    root = np.arange(count)
    while len(one):
        low, high = np.minimum(one, other), np.maximum(one, other)
        root[high] = low  # a root hangs itself below a lower one, whichever pair comes last
        while True:
            above = root[root]
            if np.array_equal(above, root):
                break
            root = above
        one, other = root[low], root[high]
        apart = one != other
        one, other = one[apart], other[apart]
    return root
