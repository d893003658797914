import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from skimage import measure

from sketchsause_desktop.core import fill, sampling
from sketchsause_desktop.core.blend import Pixels, premultiplied
from sketchsause_desktop.core.fill import Area, FillOptions, fill_enclosed, flood, similar_everywhere
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.sampling import Sample

CRISP = FillOptions(smooth=False)


def label(picture: NDArray[np.generic], background: int | None = None) -> NDArray[np.intp]:
    """The 4-connected pieces after scikit-image, numbered in reading order from 1; 0 = background."""
    pieces: NDArray[np.intp] = measure.label(picture, background=background, connectivity=1)  # type: ignore[no-untyped-call]
    return pieces


def reader(pixels: Pixels) -> Sample:
    """Of straight RGBA, RGB or grey; refuses what lies outside, as a document does."""
    picture = premultiplied(pixels)
    canvas = canvas_of(pixels)

    def read(rect: Rect) -> Pixels:
        assert canvas.contains(rect)
        assert not rect.is_empty
        return np.ascontiguousarray(picture[rect.slices(canvas)])

    return read


def canvas_of(pixels: Pixels) -> Rect:
    return Rect(0, 0, pixels.shape[1], pixels.shape[0])


def spread_out(area: Area, canvas: Rect) -> NDArray[np.uint8]:
    assert canvas.contains(area.rect)
    assert area.coverage.shape == (area.rect.height, area.rect.width)
    result = np.zeros((canvas.height, canvas.width), np.uint8)
    if not area.rect.is_empty:
        for rim in (area.coverage[0], area.coverage[-1], area.coverage[:, 0], area.coverage[:, -1]):
            assert rim.any()  # no larger than need be
        result[area.rect.slices(canvas)] = area.coverage
    return result


def filled(pixels: Pixels, seed: tuple[int, int], options: FillOptions = CRISP) -> NDArray[np.uint8]:
    return spread_out(flood(reader(pixels), canvas_of(pixels), seed, options), canvas_of(pixels))


def smooth_drawing(side: int, gap_degrees: float = 0, pen: int = 3) -> Pixels:
    """A circle of anti-aliased ink on white paper, with a gap at the right; (side, side) grey."""
    scale = 4
    image = Image.new("L", (side * scale, side * scale), 255)
    rim = side * scale // 8
    box = (rim, rim, side * scale - rim, side * scale - rim)
    ImageDraw.Draw(image).arc(box, gap_degrees / 2, 360 - gap_degrees / 2, fill=0, width=pen * scale)
    return np.array(image.resize((side, side), Image.Resampling.BOX))


@settings(max_examples=60)
@given(st.integers(0, 9999), st.integers(0, 255), st.sampled_from([(1, 1), (9, 30), (40, 7), (30, 30)]))
def test_a_plain_fill_takes_the_connected_pixels_of_similar_colour(
    number: int, tolerance: int, shape: tuple[int, int]
) -> None:
    random = np.random.default_rng(number)
    pixels = random.choice(random.integers(0, 256, (4, 3), np.uint8), shape)
    row, column = (int(random.integers(0, length)) for length in shape)
    apart = pixels.astype(float) - pixels[row, column]
    similar = np.rint(np.sqrt((apart**2).mean(axis=2))) <= tolerance
    pieces = label(similar)
    expected = pieces == pieces[row, column]
    result = filled(pixels, (column, row), FillOptions(tolerance=tolerance, smooth=False))
    assert np.array_equal(result, np.where(expected, 255, 0))


def test_transparent_paper_ends_at_ink_and_at_white_paint() -> None:
    pixels = np.zeros((1, 9, 4), np.uint8)
    pixels[0, 3] = (0, 0, 0, 255)
    pixels[0, 7] = (255, 255, 255, 255)
    assert np.flatnonzero(filled(pixels, (5, 0))[0]).tolist() == [4, 5, 6]


@settings(max_examples=25)
@given(st.integers(0, 9999), st.sampled_from([0, 1, 4, 9, 20]), st.sampled_from([0, 2, 5]))
def test_a_window_that_grows_finds_what_the_whole_picture_shows(number: int, gap: int, expand: int) -> None:
    random = np.random.default_rng(number)
    image = Image.new("L", (190, 150), 255)
    draw = ImageDraw.Draw(image)
    for _ in range(10):
        x, y = random.integers(0, 150, 2).tolist()
        width, height, start = random.integers(10, 90, 3).tolist()
        draw.arc((x, y, x + width, y + height), start * 4, start * 4 + 335, fill=0, width=int(random.integers(1, 4)))
    pixels = np.array(image)
    seed = (int(random.integers(0, 190)), int(random.integers(0, 150)))
    options = FillOptions(gap=gap, expand=expand)
    whole = filled(pixels, seed, options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fill, "_FIRST_REACH", 30)
        patch.setattr(sampling, "_BLOCK", 24)
        differs = filled(pixels, seed, options) != whole
    # Where in a gap the border runs may depend on what lies far behind it; which region is filled must not.
    assert np.bincount(label(differs).ravel())[1:].max(initial=0) <= (gap + 2) ** 2 * (gap > 0)


def test_only_what_is_needed_is_read() -> None:
    pixels = np.full((3000, 3000), 255, np.uint8)
    pixels[1000:1400, 1000:1400] = 0
    pixels[1003:1397, 1003:1397] = 255
    pixels[1200:1210, 1397:1400] = 255
    source, read = reader(pixels), []

    def watched(rect: Rect) -> Pixels:
        read.append(rect)
        return source(rect)

    area = flood(watched, canvas_of(pixels), (1200, 1200), FillOptions(gap=12))
    assert Rect(990, 990, 420, 420).contains(area.rect)
    assert len(read) == len(set(read))
    assert sum(rect.size.area for rect in read) < 3 * 512 * 512


@pytest.mark.parametrize("pen", [1, 2, 3])
@pytest.mark.parametrize("seed", [(150, 150), (45, 150), (150, 47)])
def test_a_smooth_line_with_a_gap_holds_the_colour_on_its_side(pen: int, seed: tuple[int, int]) -> None:
    """Seeds: in the middle, and close beside the line."""
    pixels = smooth_drawing(300, gap_degrees=5, pen=pen)  # an opening of about 10 px
    rows, columns = np.indices(pixels.shape)
    from_centre = np.hypot(columns - 149.5, rows - 149.5)
    far_outside = (from_centre > 114) & ~((columns > 255) & (abs(rows - 150) < 12))
    assert filled(pixels, seed, FillOptions(expand=3))[far_outside].any()  # without gap closing it leaks
    result = filled(pixels, seed, FillOptions(gap=14, expand=3))
    assert not result[far_outside].any()
    assert (result[from_centre < 112.5 - pen - 1] == 255).all()


@pytest.mark.parametrize("width", range(1, 10))
def test_both_sides_of_a_line_meet_in_its_middle(width: int) -> None:
    pixels = np.full((30, 60), 255, np.uint8)
    pixels[:, 20 : 20 + width] = 0
    options = FillOptions(expand=20)
    left, right = filled(pixels, (3, 3), options), filled(pixels, (55, 3), options)
    assert (left[:, : 20 + (width + 1) // 2] == 255).all()
    assert not left[:, 20 + (width + 1) // 2 :].any()
    assert np.array_equal(left[:, : 20 + width][:, ::-1], right[:, 20 : 20 + 20 + width])


@pytest.mark.parametrize("expand", [1, 2, 3, 20])
def test_under_the_line_there_is_no_halo_and_no_leak(expand: int) -> None:
    pixels = smooth_drawing(200, pen=4)
    inside = filled(pixels, (100, 100), FillOptions(expand=expand))
    outside = filled(pixels, (2, 2), FillOptions(expand=expand))
    paper = pixels == 255
    assert ((inside == 255) | (outside == 255))[paper].all()
    assert not ((inside > 0) & (outside > 0) & (pixels > 40)).any()  # they meet in the dark
    if expand >= 3:
        assert ((inside == 255) | (outside == 255)).all()


def test_expansion_stops_at_the_line_where_the_other_side_is_painted() -> None:
    pixels = np.full((20, 60, 3), 255, np.uint8)
    pixels[:, 20:23] = 0
    pixels[:, 23:] = (230, 40, 30)
    assert filled(pixels, (3, 3), FillOptions(expand=15))[:, 23:].max() == 0


def test_a_smooth_edge_has_the_share_that_the_line_leaves() -> None:
    pixels = np.full((5, 10), 255, np.uint8)
    pixels[:, 4], pixels[:, 5:8] = 128, 0
    row = filled(pixels, (0, 0), FillOptions(tolerance=20))[2].tolist()
    assert row == [255] * 4 + [128] + [0] * 5
    crisp = np.where(pixels == 128, np.uint8(0), pixels)
    assert np.array_equal(filled(crisp, (0, 0), FillOptions()), filled(crisp, (0, 0)))


@pytest.mark.parametrize("gap", [0, 2, 20])
def test_a_seed_on_the_line_colours_the_line(gap: int) -> None:
    pixels = np.full((40, 60), 255, np.uint8)
    pixels[10:13] = 0
    pixels[5:25, 20:26] = 0  # a blot on it
    assert np.array_equal(filled(pixels, (50, 11), FillOptions(gap=gap, expand=3)) == 255, pixels == 0)


@pytest.mark.parametrize("shape", [(1, 1), (1, 20_000), (20_000, 1), (3, 700), (1300, 1300)])
@pytest.mark.parametrize("options", [FillOptions(), FillOptions(gap=20, expand=20)])
def test_an_empty_canvas_is_filled_whole(shape: tuple[int, int], options: FillOptions) -> None:
    assert (filled(np.full(shape, 255, np.uint8), (0, 0), options) == 255).all()


@pytest.mark.parametrize("seed", [(-1, 0), (0, -1), (10, 0), (0, 5)])
def test_a_seed_beside_the_canvas_fills_nothing(seed: tuple[int, int]) -> None:
    pixels = np.full((5, 10), 255, np.uint8)
    for choose in (flood, similar_everywhere):
        area = choose(reader(pixels), canvas_of(pixels), seed, FillOptions())
        assert area.rect == EMPTY_RECT
        assert area.coverage.size == 0


def test_a_selection_is_a_wall_and_fades_what_it_covers_in_part() -> None:
    pixels = np.full((1, 12), 255, np.uint8)
    selected = np.array([[255] * 3 + [0] + [255] * 3 + [200] + [100] + [255] * 3], np.uint8)

    def limit(rect: Rect) -> NDArray[np.uint8]:
        return selected[rect.slices(canvas_of(pixels))]

    area = flood(reader(pixels), canvas_of(pixels), (5, 0), CRISP, limit)
    assert spread_out(area, canvas_of(pixels))[0].tolist() == [0] * 4 + [255] * 3 + [200] + [0] * 4
    assert flood(reader(pixels), canvas_of(pixels), (3, 0), CRISP, limit).rect == EMPTY_RECT
    everywhere = similar_everywhere(reader(pixels), canvas_of(pixels), (5, 0), CRISP, limit)
    assert (spread_out(everywhere, canvas_of(pixels))[0] > 0).tolist() == (selected[0] >= 128).tolist()


def test_the_wand_takes_a_colour_wherever_it_is() -> None:
    random = np.random.default_rng(5)
    pixels = random.choice(np.array([[250, 250, 250], [20, 90, 200], [200, 30, 30]], np.uint8), (300, 301))
    area = similar_everywhere(reader(pixels), canvas_of(pixels), (7, 9), CRISP)
    expected = (pixels == pixels[9, 7]).all(axis=2)
    assert np.array_equal(spread_out(area, canvas_of(pixels)) == 255, expected)


def test_a_lasso_fills_the_regions_that_lie_wholly_inside() -> None:
    pixels = np.full((200, 400), 255, np.uint8)
    for left in (20, 120, 250):
        pixels[40:160, left : left + 80] = 0
        pixels[43:157, left + 3 : left + 77] = 255
    pixels[90:96, 97:100] = 255  # a gap in the first
    rect = Rect(10, 10, 290, 180)
    lasso = Area(rect, np.full((rect.height, rect.width), 255, np.uint8))
    canvas = canvas_of(pixels)

    def enclosed(gap: int) -> NDArray[np.uint8]:
        options = FillOptions(gap=gap, smooth=False)
        return spread_out(fill_enclosed(reader(pixels), canvas, lasso, options), canvas)

    closed = enclosed(8)
    assert (closed[43:157, 23:97] == 255).all()
    assert (closed[43:157, 123:197] == 255).all()
    assert not closed[:, 250:].any()  # cut by the lasso
    assert not closed[:40].any()
    assert not enclosed(0)[:, :110].any()  # the first is open
    nothing = Area(Rect(500, 500, 10, 10), np.full((10, 10), 255, np.uint8))
    assert fill_enclosed(reader(pixels), canvas, nothing, FillOptions()).rect == EMPTY_RECT


def test_the_canvas_closes_a_region_under_the_lasso() -> None:
    pixels = np.full((50, 50), 255, np.uint8)
    pixels[20] = 0
    lasso = Area(Rect(-5, -5, 60, 30), np.full((30, 60), 255, np.uint8))
    area = fill_enclosed(reader(pixels), canvas_of(pixels), lasso, CRISP)
    assert area.rect == Rect(0, 0, 50, 20)
    assert (area.coverage == 255).all()


@pytest.mark.parametrize("wrong", [{"tolerance": 256}, {"tolerance": -1}, {"gap": 21}, {"expand": -1}])
def test_options_beyond_their_limits_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="outside"):
        FillOptions(**wrong)  # type: ignore[arg-type]
