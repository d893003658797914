"""The sample drawing is line art that a colouring network can use, and agrees with its vector source."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
WIDTH, HEIGHT = 1200, 1600


def rendered(svg: Path, width: int, height: int) -> NDArray[np.uint8]:
    """(H, W, 4), RGBA."""
    renderer = QSvgRenderer(str(svg))
    assert renderer.isValid(), f"{svg.name} cannot be drawn"
    image = QImage(width, height, QImage.Format.Format_RGBA8888)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(height, width, 4).copy()


@pytest.fixture(scope="module")
def portrait() -> NDArray[np.uint8]:
    """(H, W), grey."""
    with Image.open(SAMPLES / "portrait.png") as picture:
        assert picture.mode == "L"
        return np.asarray(picture)


def test_portrait_is_dark_lines_on_white_paper(portrait: NDArray[np.uint8]) -> None:
    assert max(portrait.shape) > 1000
    assert (portrait > 250).mean() > 0.85
    assert 0.02 < (portrait < 80).mean() < 0.12
    border = np.concatenate([portrait[0], portrait[:, 0], portrait[:, -1]])
    assert (border == 255).all(), "the figure may run out of the picture at the bottom only"


def test_lines_survive_the_working_size(portrait: NDArray[np.uint8]) -> None:
    small = np.asarray(Image.fromarray(portrait).resize((384, 512), Image.Resampling.BOX))
    assert (small < 128).mean() > 0.03


def test_portrait_is_its_vector_source(qapp: QApplication, portrait: NDArray[np.uint8]) -> None:
    drawn = rendered(SAMPLES / "portrait.svg", WIDTH, HEIGHT)
    assert (drawn[..., 3] == 255).all()
    difference = np.abs(drawn[..., 0].astype(int) - portrait)
    assert difference.mean() < 1, "run installer/render_resources.py"
    assert (difference > 64).mean() < 0.001


def test_coloured_portrait_has_the_same_lines(qapp: QApplication, portrait: NDArray[np.uint8]) -> None:
    coloured = rendered(SAMPLES / "portrait-colours.svg", WIDTH, HEIGHT)[..., :3]
    ink = coloured.max(axis=2) < 64
    assert (portrait[ink] < 128).mean() > 0.99
    flat = coloured[portrait == 255]
    colours, counts = np.unique(flat, axis=0, return_counts=True)
    large = colours[counts > 0.005 * flat.shape[0]]
    assert len(large) >= 7, "paper, skin, hair, hat, blouse, dress and wood are told apart"
