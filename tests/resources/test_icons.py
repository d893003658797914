"""Every icon is there, can be drawn, and belongs to one set."""

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

ICONS = Path(__file__).resolve().parents[2] / "resources" / "icons"
FILES = sorted(ICONS.glob("*.svg"))
TOOLBAR = [file for file in FILES if file.stem != "app"]
NAMES = {
    "actual-size",
    "brush",
    "close",
    "colour-once",
    "copy",
    "down",
    "eraser",
    "error",
    "export",
    "eye",
    "eye-off",
    "fill",
    "fit",
    "hand",
    "hint-brush",
    "history",
    "info",
    "layers",
    "live",
    "lock",
    "minus",
    "mirror",
    "new",
    "open",
    "overlay",
    "palette",
    "paste",
    "picker",
    "play",
    "plus",
    "redo",
    "rotate-left",
    "rotate-right",
    "save",
    "settings",
    "split",
    "trash",
    "undo",
    "up",
    "warning",
    "zoom-in",
    "zoom-out",
}


def coverage(svg: Path, size: int) -> tuple[float, float]:
    """Share of the square that is inked, and share of ink on its outermost pixels."""
    renderer = QSvgRenderer(str(svg))
    assert renderer.isValid()
    image = QImage(size, size, QImage.Format.Format_RGBA8888)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    alpha = np.frombuffer(image.constBits(), np.uint8).reshape(size, size, 4)[..., 3] / 255
    edge = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    return float(alpha.mean()), float(edge.max())


def test_no_icon_is_missing() -> None:
    assert {file.stem for file in TOOLBAR} >= NAMES


@pytest.mark.parametrize("svg", TOOLBAR, ids=lambda file: file.stem)
def test_icon_belongs_to_the_set(svg: Path) -> None:
    root = ET.parse(svg).getroot()
    assert root.get("viewBox") == "0 0 24 24"
    assert (root.get("stroke"), root.get("stroke-width")) == ("#000", "1.75")
    painted = {value for element in root.iter() for key in ("fill", "stroke") if (value := element.get(key))}
    assert painted <= {"none", "#000"}, "monochrome, so that it can be tinted"


@pytest.mark.parametrize("svg", TOOLBAR, ids=lambda file: file.stem)
@pytest.mark.parametrize("size", [16, 24, 48])
def test_icon_can_be_seen_and_is_not_cut_off(qapp: QApplication, svg: Path, size: int) -> None:
    inked, edge = coverage(svg, size)
    assert 0.03 < inked < 0.45
    assert edge < 0.5


def test_app_icon_is_drawn_and_has_a_picture(qapp: QApplication) -> None:
    assert coverage(ICONS / "app.svg", 64)[0] > 0.7
    with Image.open(ICONS / "app.png") as picture:
        assert (picture.mode, picture.size) == ("RGBA", (256, 256))
        assert picture.getpixel((0, 0)) == (0, 0, 0, 0)
