"""Colours of a picture with an ICC profile -> those of the screen, which is taken to be sRGB: Qt does not tell more."""

from PySide6.QtCore import QByteArray, QLoggingCategory
from PySide6.QtGui import QColorSpace, QColorTransform

SCREEN = QColorSpace.NamedColorSpace.SRgb
# Qt warns of all that is odd in a profile, but no check of ours or of littlecms foresees which profiles it will refuse;
# the picture is shown all the same, so there is nothing to warn of.
_QUIET = "qt.gui.icc.warning=false"


def to_screen(icc: bytes | None) -> QColorTransform | None:
    """None where nothing is to be done: no profile, sRGB itself, or one that is damaged or not of RGB colours."""
    if not icc:
        return None
    QLoggingCategory.setFilterRules(_QUIET)
    space = QColorSpace.fromIccProfile(QByteArray(icc))
    if not space.isValid() or space.colorModel() is not QColorSpace.ColorModel.Rgb:
        return None
    transform = space.transformationToColorSpace(QColorSpace(SCREEN))
    return None if transform.isIdentity() else transform
