"""The shipped brushes can be read, and their pictures are what installer/render_brushes.py makes."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sketchsause_desktop.core.brush import Follows
from sketchsause_desktop.core.brush_presets import shipped_folder, shipped_presets

SCRIPT = Path(__file__).resolve().parents[2] / "installer" / "render_brushes.py"


@pytest.fixture(scope="module")
def made() -> dict[str, NDArray[np.uint8]]:
    spec = importlib.util.spec_from_file_location("render_brushes", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pictures: dict[str, NDArray[np.uint8]] = module.pictures()
    return pictures


def test_the_pictures_are_those_of_the_script(made: dict[str, NDArray[np.uint8]]) -> None:
    assert {path.stem for path in shipped_folder().glob("*.png")} == set(made)
    for name, expected in made.items():
        with Image.open(shipped_folder() / f"{name}.png") as picture:
            assert picture.mode == "L"
            difference = np.abs(np.asarray(picture).astype(int) - expected)
        assert difference.max() <= 1, "run installer/render_brushes.py"


def test_the_paper_has_no_seam_and_every_height(made: dict[str, NDArray[np.uint8]]) -> None:
    paper = made["paper"].astype(float)
    for axis in (0, 1):
        seam = np.abs(np.take(paper, 0, axis) - np.take(paper, -1, axis)).mean()
        assert seam < 1.2 * np.abs(np.diff(paper, axis=axis)).mean()
    assert np.ptp(np.bincount(made["paper"].ravel(), minlength=256)) == 0


def test_the_presets_are_what_they_are_called() -> None:
    presets = {preset.name: preset for preset in shipped_presets()}
    assert list(presets) == ["Pencil", "Ink", "Flat brush", "Soft brush", "Marker", "Hint brush", "Eraser"]
    assert len(list(shipped_folder().glob("*.json"))) == len(presets)
    pencil, ink, flat, soft, marker, hints, eraser = presets.values()
    assert pencil.brush.grain is not None
    assert pencil.brush.size_by_tilt > 0
    assert ink.brush.taper.end > 0
    assert flat.brush.tip is not None
    assert flat.brush.tip.follows is Follows.STROKE
    assert soft.brush.builds_up
    assert marker.brush.multiplies
    assert not marker.brush.builds_up
    assert [preset.name for preset in presets.values() if preset.for_hints] == [hints.name]
    assert [preset.name for preset in presets.values() if preset.brush.erases] == [eraser.name]
