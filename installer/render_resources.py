"""Render the pictures in resources/ from their vector sources; run it after changing one of those."""

import os
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

RESOURCES = Path(__file__).resolve().parents[1] / "resources"


def render(svg: Path, size: QSize) -> Image.Image:
    """The drawing at that size, with alpha. Needs a QGuiApplication."""
    renderer = QSvgRenderer(str(svg))
    if not renderer.isValid():
        raise ValueError(f"{svg} is not an SVG file Qt can draw")
    image = QImage(size, QImage.Format.Format_RGBA8888)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return Image.frombytes("RGBA", (size.width(), size.height()), bytes(image.constBits()))


def main() -> None:
    """Portrait: grey on opaque paper, as a scanned page would come. App icon: with its transparent corners."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _application = QGuiApplication([])
    portrait = render(RESOURCES / "samples" / "portrait.svg", QSize(1200, 1600))
    portrait.convert("L").save(RESOURCES / "samples" / "portrait.png", optimize=True)
    render(RESOURCES / "icons" / "app.svg", QSize(256, 256)).save(RESOURCES / "icons" / "app.png", optimize=True)


if __name__ == "__main__":
    main()
