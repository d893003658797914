"""QImage <-> numpy, where the window meets the clipboard, and what pictures something dropped or copied holds."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from sketchsause_desktop.core.pictures import READABLE_SUFFIXES


def local_files(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def has_picture(mime: QMimeData) -> bool:
    return mime.hasImage() or any(path.suffix.lower() in READABLE_SUFFIXES for path in local_files(mime))


def to_pixels(image: QImage) -> NDArray[np.uint8]:
    """(H, W, 4) RGBA with straight alpha; a copy."""
    return _read(image, QImage.Format.Format_RGBA8888)


def to_image(pixels: NDArray[np.uint8]) -> QImage:
    """From (H, W, 3) RGB or (H, W, 4) RGBA with straight alpha; a copy."""
    whole = np.ascontiguousarray(pixels)
    height, width, channels = whole.shape
    kind = QImage.Format.Format_RGB888 if channels == 3 else QImage.Format.Format_RGBA8888
    return QImage(whole.data, width, height, width * channels, kind).copy()


def to_premultiplied(image: QImage) -> NDArray[np.uint8]:
    """(H, W, 4) RGBA, premultiplied; a copy."""
    return _read(image, QImage.Format.Format_RGBA8888_Premultiplied)


def of_premultiplied(pixels: NDArray[np.uint8]) -> QImage:
    """From (H, W, 4) RGBA, premultiplied; a copy."""
    height, width, _ = pixels.shape
    kind = QImage.Format.Format_RGBA8888_Premultiplied
    return QImage(np.ascontiguousarray(pixels).data, width, height, 4 * width, kind).copy()


def _read(image: QImage, kind: QImage.Format) -> NDArray[np.uint8]:
    ready = image.convertToFormat(kind)
    rows = np.frombuffer(ready.constBits(), np.uint8).reshape(ready.height(), ready.bytesPerLine())
    return rows[:, : ready.width() * 4].reshape(ready.height(), ready.width(), 4).copy()
