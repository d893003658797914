import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from models.predictor import Predictor
from models.spec import ModelSpec
from models.upsample import enlarged, halved, line_masks

RED, BLUE = (220, 40, 40), (40, 60, 220)


def shrunk(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


def two_sides(side: int, line_width: int, slope: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Line art of one line from top to bottom; its lightness, the colours wanted, and where the line is."""
    image = Image.new("L", (side, side), 255)
    top, bottom = side / 2 - slope * side / 2, side / 2 + slope * side / 2
    ImageDraw.Draw(image).line((top, -1, bottom, side), fill=0, width=line_width)
    lightness = np.asarray(image)
    rows, columns = np.mgrid[:side, :side]
    is_left = columns < top + (bottom - top) * rows / side
    colours = np.where(is_left[..., None], RED, BLUE).astype(np.uint8)
    return lightness, colours, lightness < 160


@pytest.mark.parametrize("slope", [0.0, 0.13, 0.6, -0.9])
@pytest.mark.parametrize(("side", "small"), [(1024, 64), (1000, 60), (513, 100), (300, 290)])
def test_no_colour_bleeds_across_a_line(side: int, small: int, slope: float) -> None:
    lightness, colours, line = two_sides(side, max(6, side // 150), slope)
    size = (small, small)
    answer = enlarged(shrunk(colours, size), shrunk(lightness, size), line_masks(lightness, side / small))
    rim = -(-side // small)  # where the line leaves the picture a side may have no pixel of its own
    beside = ~line
    beside[:rim], beside[-rim:] = False, False
    assert np.count_nonzero(_is_off(answer[..., :3], colours) & beside) <= 0.01 * side
    plain = np.asarray(Image.fromarray(shrunk(colours, size)).resize((side, side), Image.Resampling.BILINEAR))
    if slope and side > 2 * small:
        assert np.count_nonzero(_is_off(plain, colours) & beside) > side


def _is_off(answer: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    is_off: np.ndarray = np.abs(answer.astype(int) - wanted).max(axis=2) > 8
    return is_off


def test_without_lines_it_is_as_smooth_as_plain_scaling() -> None:
    ramp = np.linspace(0, 255, 32).astype(np.uint8)
    small = np.repeat(np.repeat(ramp[None, :, None], 32, 0), 3, 2)
    paper = np.full((256, 256), 255, np.uint8)
    answer = enlarged(small, shrunk(paper, (32, 32)), line_masks(paper, 8))[..., :3]
    plain = np.asarray(Image.fromarray(small).resize((256, 256), Image.Resampling.BILINEAR))
    assert np.abs(answer.astype(int) - plain).max() <= 3
    assert np.abs(np.diff(answer[128, :, 0].astype(int))).max() <= 2


def test_a_part_is_the_same_as_in_the_whole() -> None:
    lightness, colours, _line = two_sides(1024, 8, 0.3)
    small, seen = shrunk(colours, (100, 100)), shrunk(lightness, (100, 100))
    masks = line_masks(lightness, 10.24)
    whole = enlarged(small, seen, masks)
    box = np.s_[256:640, 384:896]
    parts = [mask[256 >> k : 640 >> k, 384 >> k : 896 >> k] for k, mask in enumerate(masks)]
    scale = 100 / 1024
    part = enlarged(small, seen, parts, (384 * scale, 256 * scale, 896 * scale, 640 * scale))
    differences = np.abs(part.astype(int) - whole[box])[32:-32, 32:-32]  # the rim has no neighbours to look at
    assert differences.max() <= 2


@settings(max_examples=60)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(20, 150), st.integers(20, 150), st.integers(0, 2**32 - 1))
def test_a_part_with_its_rims_is_the_same_as_in_the_whole(
    rows: int, columns: int, height: int, width: int, seed: int
) -> None:
    """One pixel of each halved size is all that a part's colours depend on."""
    rng = np.random.default_rng(seed)
    lightness = rng.choice([0, 255], (height, width), p=[0.1, 0.9]).astype(np.uint8)
    size = (width // 9, height // 9)
    small, seen = rng.integers(0, 256, (size[1], size[0], 3)).astype(np.uint8), shrunk(lightness, size)
    masks = line_masks(lightness, 8)
    whole = enlarged(small, seen, masks)
    across, down = size[0] / width, size[1] / height
    top, left = min(8 * rows, height - 1) // 8 * 8, min(8 * columns, width - 1) // 8 * 8
    bottom, right = min(top + 40, height), min(left + 64, width)
    parts = [masks[0][top:bottom, left:right]]
    for k, mask in enumerate(masks[1:], 1):
        parts.append(mask[max((top >> k) - 1, 0) : (top + 40 >> k) + 1, max((left >> k) - 1, 0) : (left + 64 >> k) + 1])
    box = (left * across, top * down, right * across, bottom * down)
    part = enlarged(small, seen, parts, box, (min(left, 1), min(top, 1)))
    assert np.abs(part.astype(int) - whole[top:bottom, left:right]).max() <= 1


@settings(max_examples=60)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_any_drawing_keeps_within_its_colours(height: int, width: int, small: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    lightness = rng.choice([0, 255], (height, width), p=[0.2, 0.8]).astype(np.uint8)
    size = (min(small, width), min(small, height))
    colour = rng.integers(60, 200, (size[1], size[0], 3)).astype(np.uint8)
    factor = min(width / size[0], height / size[1])
    answer = enlarged(colour, shrunk(lightness, size), line_masks(lightness, factor))
    assert answer.shape == (height, width, 4)
    assert (answer[..., 3] == 255).all()
    low, high = colour.min(axis=(0, 1)), colour.max(axis=(0, 1))
    assert (answer[..., :3] >= low).all()
    assert (answer[..., :3] <= high).all()


@given(st.integers(1, 9), st.integers(1, 9))
def test_half_a_mask_has_every_line(height: int, width: int) -> None:
    for place in range(height * width):
        mask = np.zeros(height * width, bool)
        mask[place] = True
        half = halved(mask.reshape(height, width))
        assert half.shape == (-(-height // 2), -(-width // 2))
        assert np.argwhere(half).tolist() == [[place // width // 2, place % width // 2]]


class TwoColours:
    """A network that paints its left half red and its right half blue, blurred over three pixels as networks are."""

    device, title = "cpu", "two colours"

    def __init__(self) -> None:
        self.spec = ModelSpec(task="lineart", output="colour_layer", fit="resize", working_size=64, depth=3)

    def run(self, x: np.ndarray, palette: np.ndarray | None = None) -> np.ndarray:
        height, width = x.shape[2:]
        share = np.clip((np.arange(width) - width / 2 + 1.0) / 1.0, 0, 1)
        sides = [np.array(side, np.float32) / 127.5 - 1 for side in (RED, BLUE)]
        line = sides[0][:, None] * (1 - share) + sides[1][:, None] * share
        return np.repeat(line[None, :, None], height, 2).astype(np.float32)


def test_a_large_drawing_is_coloured_crisply_by_predict() -> None:
    """Batches go this way too."""
    lightness, _colours, line = two_sides(1024, 10, 0.0)
    answer = Predictor(TwoColours()).predict(lightness).picture
    left, right = answer[:, :480], answer[:, 544:]
    assert np.abs(left.astype(int) - RED).max() <= 2
    assert np.abs(right.astype(int) - BLUE).max() <= 2
    beside = answer[:, 500:524][~line[:, 500:524]]
    is_one = (np.abs(beside.astype(int) - RED).max(1) <= 30) | (np.abs(beside.astype(int) - BLUE).max(1) <= 30)
    assert is_one.mean() > 0.99
