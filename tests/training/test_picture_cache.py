"""Decoded pairs are kept within a budget, in memory or on disk."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.memory import physical_memory
from training.pairs import Pair
from training.picture_cache import Decoder, DiskCache, MemoryCache, open_cache
from training.pictures import PictureRef

SIDE = 40
PAIR_BYTES = 2 * SIDE * SIDE * 3


@pytest.fixture
def pairs(tmp_path: Path) -> list[Pair]:
    made = []
    for number in range(6):
        refs = []
        for side in "ab":
            path = tmp_path / f"{number}{side}.png"
            Image.new("RGB", (SIDE, SIDE), (number * 40, 0, 0)).save(path)
            refs.append(PictureRef(path))
        made.append(Pair(refs[0], refs[1], str(number)))
    return made


def test_memory_keeps_the_latest(pairs: list[Pair]) -> None:
    cache = MemoryCache(Decoder(pairs, SIDE), budget=3 * PAIR_BYTES)
    for index in (0, 1, 2, 0, 3):
        assert cache[index][0][0, 0, 0] == index * 40
    for pair in pairs:
        pair.input.path.unlink()
    assert [index for index in range(6) if index in cache._kept] == [0, 2, 3]
    assert cache[0][1][0, 0, 0] == 0


def test_a_disk_is_read_instead_of_the_files(pairs: list[Pair], tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    first = DiskCache(Decoder(pairs, SIDE), folder, budget=2 * PAIR_BYTES)
    for index in range(4):
        assert first[index][0][0, 0, 0] == index * 40
    assert len(list(folder.iterdir())) == 4  # two pairs: then the budget was used up
    times = pairs[0].input.path.stat()
    pairs[0].input.path.write_bytes(b"x" * times.st_size)
    os.utime(pairs[0].input.path, ns=(times.st_atime_ns, times.st_mtime_ns))
    other = DiskCache(Decoder(pairs, SIDE), folder, budget=0)
    assert other[0][0].shape == (SIDE, SIDE, 3)  # the file itself could not be read
    Image.new("RGB", (SIDE, SIDE), (7, 7, 7)).save(pairs[1].input.path)
    assert other[1][0][0, 0, 0] == 7  # changed, so not the stored one


def test_a_damaged_cache_file_is_read_anew(pairs: list[Pair], tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    DiskCache(Decoder(pairs, SIDE), folder, budget=9 * PAIR_BYTES)[2]
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:200])
    assert DiskCache(Decoder(pairs, SIDE), folder, budget=0)[2][0][0, 0, 0] == 80


def test_large_pictures_are_kept_small(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.fromarray(np.zeros((500, 1000, 3), np.uint8)).save(path)
    pair = Pair(PictureRef(path), PictureRef(path), "large")
    assert Decoder([pair], 64)[0][0].shape == (128, 256, 3)
    assert Decoder([pair], 300)[0][0].shape == (500, 1000, 3)


def test_the_budget_is_a_share_of_this_machine(pairs: list[Pair], tmp_path: Path) -> None:
    assert 2**28 < physical_memory() < 2**46
    cache = open_cache(pairs, SIDE, "memory", 0, tmp_path)
    assert isinstance(cache, MemoryCache)
    assert cache._budget == physical_memory() // 4
    assert isinstance(open_cache(pairs, SIDE, "none", 1, tmp_path), Decoder)


def test_a_picture_on_its_own_is_kept_once(pairs: list[Pair], tmp_path: Path) -> None:
    alone = [Pair(pair.target, pair.target, pair.name) for pair in pairs]
    memory = MemoryCache(Decoder(alone, SIDE), budget=9 * PAIR_BYTES)
    assert memory[2][0] is memory[2][1]
    assert memory._bytes == PAIR_BYTES // 2
    folder = tmp_path / "cache"
    DiskCache(Decoder(alone, SIDE), folder, budget=9 * PAIR_BYTES)[2]
    assert len(list(folder.iterdir())) == 1
    again = DiskCache(Decoder(alone, SIDE), folder, budget=0)[2]
    assert again[1] is again[0]
    assert again[0].shape == (SIDE, SIDE, 3)
