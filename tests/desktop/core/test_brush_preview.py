from dataclasses import replace

import numpy as np
import pytest

from sketchsause_desktop.core.brush import Brush
from sketchsause_desktop.core.brush_presets import BrushPreset, shipped_presets
from sketchsause_desktop.core.brush_preview import stroke_preview


@pytest.mark.parametrize("preset", shipped_presets(), ids=lambda preset: preset.name)
def test_each_shipped_brush_can_be_seen_and_fits(preset: BrushPreset) -> None:
    pixels = stroke_preview(preset.brush, 100, 36, (255, 0, 0))
    assert pixels.shape == (36, 100, 4)
    assert pixels[..., 3].max() > 25
    assert not pixels[..., 1:3].any()
    assert not pixels[[0, -1]].any()  # nothing is cut off above or below
    assert pixels[:, 20:80, 3].any(axis=0).mean() > 0.9  # from the left to the right


def test_a_larger_brush_looks_thicker_up_to_a_limit() -> None:
    def inked(size: float) -> int:
        return int(np.count_nonzero(stroke_preview(Brush(size=size), 100, 40, (0, 0, 0))[..., 3]))

    assert inked(2) < inked(6) < inked(14)
    assert inked(100) == inked(1000)


def test_on_a_finer_screen_it_has_more_pixels_and_the_same_look() -> None:
    brush = Brush(size=8.0)
    coarse = stroke_preview(brush, 100, 40, (0, 0, 0))[..., 3].mean()
    fine = stroke_preview(brush, 200, 80, (0, 0, 0), scale=2.0)[..., 3].mean()
    assert fine == pytest.approx(coarse, rel=0.12)


def test_an_eraser_is_shown_as_ink() -> None:
    brush = Brush(size=8.0)
    assert np.array_equal(
        stroke_preview(replace(brush, erases=True), 80, 30, (9, 9, 9)), stroke_preview(brush, 80, 30, (9, 9, 9))
    )
