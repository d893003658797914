"""What a brush looks like: one stroke of it, drawn by the engine that paints, in a small picture."""

import math
from dataclasses import replace

from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.brush import Brush, PenSample, Taper
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.stroke import Stroke
from sketchsause_desktop.core.tiles import Tiles

_SAMPLES = 48
_THICKEST = 0.42  # of the picture's height


def stroke_preview(brush: Brush, width: int, height: int, colour: tuple[int, int, int], scale: float = 1.0) -> Pixels:
    """Premultiplied (height, width, 4): a wave, pressed most in its middle.

    `scale` is how many of its pixels one of the document is. A large brush is drawn smaller and an eraser as ink;
    the stroke's ends are tapered in proportion.
    """
    size = min(brush.size * scale, _THICKEST * height)
    factor = size / brush.size
    taper = Taper(start=min(brush.taper.start * factor, width / 4), end=min(brush.taper.end * factor, width / 4))
    drawn = replace(brush, size=size, colour=colour, taper=taper, erases=False, multiplies=False)
    tiles = Tiles()
    canvas = Rect(0, 0, width, height)
    stroke = Stroke(tiles, drawn, canvas)
    stroke.draw(_wave(width, height, margin=0.5 * size + 2))
    stroke.finish()
    return tiles.read(canvas)


def _wave(width: int, height: int, margin: float) -> list[PenSample]:
    swing = max(height / 2 - margin, 0.0)
    samples = []
    for step in range(_SAMPLES + 1):
        share = step / _SAMPLES
        x = margin + share * (width - 2 * margin)
        y = height / 2 - swing * math.sin(2 * math.pi * share)
        samples.append(PenSample(x, y, 0.15 + 0.85 * math.sin(math.pi * share)))
    return samples
