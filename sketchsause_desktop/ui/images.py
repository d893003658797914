"""QImage <-> numpy, where the window meets the clipboard."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def to_pixels(image: QImage) -> NDArray[np.uint8]:
    """(H, W, 4) RGBA with straight alpha; a copy."""
    straight = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(straight.constBits(), np.uint8).reshape(straight.height(), straight.bytesPerLine())
    return rows[:, : straight.width() * 4].reshape(straight.height(), straight.width(), 4).copy()


def to_image(pixels: NDArray[np.uint8]) -> QImage:
    """From (H, W, 3) RGB or (H, W, 4) RGBA with straight alpha; a copy."""
    whole = np.ascontiguousarray(pixels)
    height, width, channels = whole.shape
    kind = QImage.Format.Format_RGB888 if channels == 3 else QImage.Format.Format_RGBA8888
    return QImage(whole.data, width, height, width * channels, kind).copy()
