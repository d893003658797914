"""Decoded pairs of a data set, kept in memory or on disk within a budget, so that files are decoded once."""

import contextlib
import hashlib
import shutil
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from models.files import atomic_path
from models.memory import physical_memory
from training.pairs import Pair
from training.pictures import PictureRef, load_pair, load_picture

Pictures = tuple[np.ndarray, np.ndarray]  # input and target, uint8 (H, W, 3), not to be written


class PictureSource(Protocol):
    def __getitem__(self, index: int) -> Pictures:
        """The pair's pictures; UserError where a file cannot be read."""


class Decoder:
    """Reads pairs from their files. Pictures far larger than what is cut out of them are made smaller here.

    A picture on its own is a pair with itself; it is read and kept once.
    """

    def __init__(self, pairs: Sequence[Pair], load_size: int) -> None:
        self.pairs = pairs
        self._most = 2 * load_size

    def __getitem__(self, index: int) -> Pictures:
        pair = self.pairs[index]
        if pair.input == pair.target:
            return (self._smaller(load_picture(pair.input)),) * 2
        first, second = load_pair(pair.input, pair.target)
        return self._smaller(first), self._smaller(second)

    def _smaller(self, picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        if min(height, width) <= self._most:
            return picture
        size = tuple(max(1, round(side * self._most / min(height, width))) for side in (width, height))
        return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))


class MemoryCache:
    """The least recently used pair is dropped beyond the budget of bytes."""

    def __init__(self, source: PictureSource, budget: int) -> None:
        self._source, self._budget = source, budget
        self._bytes = 0
        self._kept: OrderedDict[int, Pictures] = OrderedDict()

    def __getitem__(self, index: int) -> Pictures:
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        pictures = self._source[index]
        self._kept[index] = pictures
        self._bytes += _bytes(pictures)
        while self._bytes > self._budget and len(self._kept) > 1:
            self._bytes -= _bytes(self._kept.popitem(last=False)[1])
        return pictures


class DiskCache:
    """A file for each picture, mapped into memory; processes may share the folder. Full, it reads from the source."""

    def __init__(self, source: Decoder, folder: Path, budget: int) -> None:
        self._source, self._folder, self._left = source, folder, budget

    def __getitem__(self, index: int) -> Pictures:
        pair = self._source.pairs[index]
        path = self._folder / _key(pair)
        with contextlib.suppress(OSError, ValueError, KeyError):
            return _mapped(path, alone=pair.input == pair.target)
        pictures = self._source[index]
        if self._left >= _bytes(pictures):
            self._left -= _bytes(pictures)
            with contextlib.suppress(OSError):  # a full disk costs time, not the training
                self._folder.mkdir(parents=True, exist_ok=True)
                for number, picture in enumerate(_distinct(pictures)):
                    with atomic_path(path.with_suffix(f".{number}.npy")) as temporary, temporary.open("wb") as file:
                        np.save(file, picture)
        return pictures


def open_cache(
    pairs: Sequence[Pair], load_size: int, kind: str, gigabytes: float, folder: Path, *, sharers: int = 1
) -> PictureSource:
    """The cache of `DataConfig.cache`; 0 gigabytes are a quarter of this machine's memory. Each of `sharers` processes
    gets its part."""
    source = Decoder(pairs, load_size)
    budget = (round(gigabytes * 1e9) if gigabytes else physical_memory() // 4) // sharers
    if kind == "memory":
        return MemoryCache(source, budget)
    return DiskCache(source, folder, min(budget, _disk_left(folder) // sharers)) if kind == "disk" else source


def _disk_left(folder: Path) -> int:
    """Half of the free space: the other half is for the states."""
    with contextlib.suppress(OSError):
        there = next(each for each in (folder, *folder.resolve().parents) if each.is_dir())
        return shutil.disk_usage(there).free // 2
    return 0


def _mapped(path: Path, *, alone: bool) -> Pictures:
    first = np.load(path.with_suffix(".0.npy"), mmap_mode="r")
    return first, first if alone else np.load(path.with_suffix(".1.npy"), mmap_mode="r")


def _distinct(pictures: Pictures) -> Sequence[np.ndarray]:
    first, second = pictures
    return (first,) if second is first else pictures


def _bytes(pictures: Pictures) -> int:
    return sum(picture.nbytes for picture in _distinct(pictures))


def _key(pair: Pair) -> str:
    """Another one when a file was changed."""

    def facts(ref: PictureRef) -> str:
        with contextlib.suppress(OSError):
            state = ref.path.stat()
            return f"{ref.path}|{ref.half}|{ref.cut}|{state.st_mtime_ns}|{state.st_size}"
        return str(ref.path)

    return hashlib.sha256(f"{facts(pair.input)}|{facts(pair.target)}".encode()).hexdigest()[:32]
