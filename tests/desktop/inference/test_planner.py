import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.requests import Effort
from sketchsause_desktop.core.tiles import TILE, TileSnapshot
from sketchsause_desktop.inference.planner import QUICK_PIXELS, Plan, Scene, faded_in, follow_up, on_tiles, plan

SMALL, LARGE = Rect(0, 0, 1200, 1600), Rect(0, 0, 4096, 4096)
BOXES = st.builds(Rect, st.integers(-500, 5000), st.integers(-500, 5000), st.integers(0, 5000), st.integers(0, 5000))


def followed(effort: Effort, scene: Scene) -> Effort | None:
    """By what, when the scene is still as it was planned for."""
    return follow_up(effort, plan(effort, scene), scene)


def test_what_lies_round_the_change_comes_first_then_all_of_a_drawing_that_is_not_large() -> None:
    scene = Scene(
        canvas=SMALL, visible=Rect(0, 0, 100, 100), changed=Rect(5, 5, 9, 9), own_size=256, full_factor=2, pass_ms=60
    )
    assert plan(Effort.QUICK, scene) == Plan(window=Rect(0, 0, 256, 256))
    assert plan(Effort.WIDE, scene) == Plan(window=SMALL, coarse=1)
    assert plan(Effort.FULL, scene) == Plan(window=SMALL, working_size=512)
    assert followed(Effort.QUICK, scene) is Effort.WIDE
    assert followed(Effort.WIDE, scene) is Effort.FULL
    assert followed(Effort.FULL, scene) is None


def test_where_nothing_is_known_of_a_change_all_that_is_seen_comes_first() -> None:
    scene = Scene(canvas=SMALL, own_size=256, pass_ms=60)
    assert plan(Effort.QUICK, scene) == Plan(window=SMALL, coarse=1)
    assert followed(Effort.QUICK, scene) is Effort.FULL


@pytest.mark.parametrize(("zoom", "coarse"), [(1.0, 0), (0.51, 0), (0.5, 1), (0.2, 2), (4.0, 0), (0.001, 4)])
def test_passes_are_as_fine_as_the_screen_shows_them(zoom: float, coarse: int) -> None:
    scene = Scene(canvas=SMALL, changed=Rect(5, 5, 9, 9), own_size=256, pass_ms=60, zoom=zoom)
    assert plan(Effort.QUICK, scene).coarse == coarse
    assert plan(Effort.FULL, scene).coarse == 0


def test_of_a_large_drawing_a_quick_pass_colours_what_is_seen() -> None:
    scene = Scene(canvas=LARGE, visible=Rect(1000, 1000, 1300, 700), own_size=256, full_factor=2, pass_ms=60)
    window = plan(Effort.QUICK, scene).window
    assert window == Rect(896, 896, 1408, 896)
    assert plan(Effort.FULL, scene).window == window
    assert followed(Effort.FULL, scene) is Effort.REST
    assert plan(Effort.REST, scene).window == LARGE
    assert followed(Effort.REST, scene) is None


def test_where_all_of_a_large_drawing_is_seen_a_quick_pass_colours_round_the_change() -> None:
    scene = Scene(
        canvas=LARGE, visible=LARGE, changed=Rect(2000, 2000, 40, 40), own_size=256, full_factor=2, pass_ms=60
    )
    quick = plan(Effort.QUICK, scene).window
    assert quick.contains(Rect(1744, 1744, 552, 552))
    assert quick.size.area < QUICK_PIXELS
    assert followed(Effort.FULL, scene) is None


@pytest.mark.parametrize(("pass_ms", "size"), [(None, None), (60, 512), (350, 512), (400, None)])
def test_the_full_size_is_what_the_machine_can_do_in_a_pause(pass_ms: float | None, size: int | None) -> None:
    assert plan(Effort.FULL, Scene(canvas=SMALL, own_size=256, full_factor=2, pass_ms=pass_ms)).working_size == size


def test_a_drawing_with_few_pixels_needs_no_larger_size() -> None:
    scene = Scene(canvas=Rect(0, 0, 300, 200), own_size=256, full_factor=2, pass_ms=60)
    assert plan(Effort.FULL, scene).working_size == 300
    tiny = Scene(canvas=Rect(0, 0, 200, 200), own_size=256, full_factor=2, pass_ms=60)
    assert followed(Effort.QUICK, tiny) is None


def test_a_fast_machine_does_full_passes_at_once() -> None:
    scene = Scene(canvas=SMALL, own_size=256, full_factor=2, pass_ms=5)
    assert plan(Effort.QUICK, scene) == plan(Effort.FULL, scene)
    assert followed(Effort.QUICK, scene) is None


def test_a_machine_that_turns_out_to_be_fast_still_does_a_full_pass_after_its_first() -> None:
    first = plan(Effort.QUICK, Scene(canvas=SMALL, own_size=256))
    assert first.coarse
    assert follow_up(Effort.QUICK, first, Scene(canvas=SMALL, own_size=256, pass_ms=8)) is Effort.FULL


def test_what_came_into_view_during_a_pass_is_coloured_after_it() -> None:
    done = plan(Effort.FULL, Scene(canvas=LARGE, visible=Rect(0, 0, 1300, 700)))
    assert follow_up(Effort.FULL, done, Scene(canvas=LARGE, visible=LARGE)) is Effort.REST


def test_windows_do_not_jitter_while_the_change_moves() -> None:
    scenes = [
        Scene(canvas=LARGE, visible=LARGE, changed=Rect(2000 + x, 2000, 8, 8), own_size=256, full_factor=2)
        for x in range(40)
    ]
    assert len({plan(Effort.QUICK, scene).window for scene in scenes}) <= 2


@given(st.integers(1, 9000), st.integers(1, 9000), BOXES, BOXES, st.sampled_from(list(Effort)))
def test_whatever_is_seen_the_plan_can_be_done(
    width: int, height: int, visible: Rect, changed: Rect, effort: Effort
) -> None:
    canvas = Rect(0, 0, width, height)
    scene = Scene(canvas=canvas, visible=visible, changed=changed, own_size=256, full_factor=2, pass_ms=60)
    window = plan(effort, scene).window
    assert not window.is_empty
    assert canvas.contains(window)
    assert (window.x % TILE, window.y % TILE) == (0, 0)
    assert window == on_tiles(window, canvas)


@given(st.integers(1, 9000), st.integers(1, 9000), BOXES, BOXES)
def test_in_the_end_nothing_is_left_uncoloured(width: int, height: int, visible: Rect, changed: Rect) -> None:
    scene = Scene(
        canvas=Rect(0, 0, width, height), visible=visible, changed=changed, own_size=256, full_factor=2, pass_ms=60
    )
    done = [Effort.QUICK]
    while (following := followed(done[-1], scene)) is not None:
        done.append(following)
        assert len(done) <= 4
    assert plan(done[-1], scene).window == scene.canvas


def test_a_window_fades_in_only_where_the_canvas_goes_on() -> None:
    canvas, window = Rect(0, 0, 1024, 1024), Rect(0, 256, 512, 512)
    shown = TileSnapshot.cut(canvas, np.full((1024, 1024, 4), (0, 0, 0, 255), np.uint8))
    pixels = np.full((512, 512, 4), 255, np.uint8)
    faded_in(pixels, window, window, canvas, shown)
    assert (pixels[256, :400] == 255).all()
    assert pixels[0, 100, 0] <= 1
    assert pixels[-1, 100, 0] <= 1
    assert pixels[256, -1, 0] <= 1
    assert (pixels[..., 3] == 255).all()
    halves = np.full((512, 512, 4), 255, np.uint8)
    for rect in (Rect(0, 256, 512, 200), Rect(0, 456, 512, 312)):
        faded_in(halves[rect.slices(window)], rect, window, canvas, shown)
    assert np.array_equal(halves, pixels)


def test_there_is_nothing_to_fade_into_where_nothing_is_shown() -> None:
    pixels = np.full((256, 256, 4), 255, np.uint8)
    nothing = TileSnapshot.cut(EMPTY_RECT, np.zeros((0, 0, 4), np.uint8))
    faded_in(pixels, Rect(128, 128, 256, 256), Rect(128, 128, 256, 256), Rect(0, 0, 999, 999), nothing)
    assert (pixels == 255).all()
