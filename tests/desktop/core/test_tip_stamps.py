import numpy as np
import pytest

from sketchsause_desktop.core.brush import Coverage, Texture
from sketchsause_desktop.core.stamps import Dab, Stamp, tip_stamps

BAR = Texture.of(np.full((40, 160), 255, np.uint8))  # four times as wide as high


def _stamp(dab: Dab, texture: Texture = BAR) -> Stamp:
    (stamp,) = tip_stamps([dab], texture)
    return stamp


def _moments(stamp: Stamp) -> tuple[float, float, float]:
    """Centre, and the direction of the longer axis in degrees (0 to 180, clockwise)."""
    ink = stamp.coverage / stamp.coverage.sum()
    x = stamp.rect.x + np.arange(ink.shape[1]) + 0.5
    y = stamp.rect.y + np.arange(ink.shape[0])[:, np.newaxis] + 0.5
    centre_x, centre_y = (ink * x).sum(), (ink * y).sum()
    xx, yy = (ink * (x - centre_x) ** 2).sum(), (ink * (y - centre_y) ** 2).sum()
    xy = (ink * (x - centre_x) * (y - centre_y)).sum()
    return centre_x, centre_y, float(np.degrees(np.arctan2(2 * xy, xx - yy) / 2) % 180)


@pytest.mark.parametrize("size", [6.0, 30.0, 120.0, 400.0])
@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 134.0, -20.0])
def test_a_tip_is_where_and_as_large_and_turned_as_it_should(size: float, angle: float) -> None:
    stamp = _stamp(Dab(50.25, 80.75, size, 1.0, angle=angle))
    x, y, direction = _moments(stamp)
    tolerance = 0.15 if size <= 64 else 0.6  # a large one is set to whole pixels
    assert (x, y) == pytest.approx((50.25, 80.75), abs=tolerance)
    assert stamp.coverage.sum() / 255 == pytest.approx(size * size / 4, rel=0.08 if size > 10 else 0.25)
    assert min(abs(direction - angle % 180), 180 - abs(direction - angle % 180)) < 3
    rim = np.concatenate([stamp.coverage[[0, -1]].ravel(), stamp.coverage[:, [0, -1]].ravel()])
    assert not rim.any(), "nothing of it is cut off"


def test_a_tip_is_not_mirrored() -> None:
    """Full at the top left; a quarter turn clockwise brings it to the top right."""
    corner: Coverage = np.zeros((32, 32), np.uint8)
    corner[:16, :16] = 255
    texture = Texture.of(corner)
    for angle, left, above in ((0, True, True), (90, False, True), (180, False, False), (270, True, False)):
        x, y, _direction = _moments(_stamp(Dab(60.5, 60.5, 40, 1.0, angle=angle), texture))
        assert (x < 60.5, y < 60.5) == (left, above)


def test_opacity_makes_a_tip_fainter() -> None:
    assert _stamp(Dab(50, 50, 60, 0.5)).coverage.max() == 128


def test_a_fine_pattern_becomes_grey_when_it_is_made_small() -> None:
    chequered = Texture.of(((np.indices((128, 128)).sum(axis=0) % 2) * 255).astype(np.uint8))
    inner = _stamp(Dab(30.5, 30.5, 16, 1.0), chequered).coverage[8:-8, 8:-8]
    assert inner.min() > 110
    assert inner.max() < 145


def test_textures_are_equal_by_their_pixels_and_checked() -> None:
    assert Texture.of(np.full((40, 160), 255, np.uint8)) == BAR
    assert Texture.of(np.full((40, 160), 254, np.uint8)) != BAR
    with pytest.raises(ValueError, match="texture"):
        Texture(width=3, height=3, levels=b"12345678")
    with pytest.raises(ValueError, match="texture"):
        Texture(width=0, height=3, levels=b"")
