"""The PNG writer against Pillow's reader, and its checksum against zlib's."""

import io
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.core.png import adler_joined, write_png


def picture(kind: str, height: int, width: int) -> Pixels:
    rng = np.random.default_rng(0)
    pixels = np.zeros((height, width, 4), np.uint8)
    if kind == "noise":
        pixels = rng.integers(0, 256, pixels.shape, np.uint8)
    elif kind == "soft":
        pixels[...] = (np.add.outer(np.arange(height), np.arange(width)) % 256)[..., None]
    return pixels


@pytest.mark.parametrize("kind", ["noise", "soft", "blank"])
@pytest.mark.parametrize(("height", "width", "rows"), [(1, 1, 128), (7, 300, 3), (300, 65, 128), (128, 5, 128)])
def test_pillow_reads_the_same_pixels(kind: str, height: int, width: int, rows: int) -> None:
    pixels = picture(kind, height, width)
    bands = [partial(np.array, pixels[top : top + rows]) for top in range(0, height, rows)]
    file = io.BytesIO()
    with ThreadPoolExecutor(2) as workers:
        write_png(file, Size(width, height), bands, workers)
    image = Image.open(file)
    assert image.mode == "RGBA"
    assert np.array_equal(np.asarray(image), pixels)
    image = Image.open(file)
    image.verify()  # the checksums of the chunks


def test_a_band_that_is_repeated_is_made_once() -> None:
    made = []

    def band() -> Pixels:
        made.append(True)
        return picture("noise", 2, 9)

    file = io.BytesIO()
    with ThreadPoolExecutor(2) as workers:
        write_png(file, Size(9, 40), [band] * 20, workers)
    assert len(made) == 1
    assert np.array_equal(np.asarray(Image.open(file)), np.tile(picture("noise", 2, 9), (20, 1, 1)))


@given(first=st.binary(max_size=300), second=st.binary(max_size=300), repeats=st.integers(0, 400))
def test_checksums_join(first: bytes, second: bytes, repeats: int) -> None:
    second *= repeats
    joined = adler_joined(zlib.adler32(first), zlib.adler32(second), len(second))
    assert joined == zlib.adler32(first + second)
