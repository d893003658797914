"""What to colour next: which part of a drawing, at what size inside the network, and how finely.

The network always looks at the whole drawing, shrunk to its working size. So hints and lines that are out of sight
still count, the colours do not change when the view is moved, and no part is coloured otherwise than its neighbour.
What grows with the canvas is the enlarging and the painting afterwards, and that is what is planned here:

- While the pen moves, a *quick* pass: the model's own working size, and of its answer only what lies round the change.
  Fine edges at the lines are left to a later pass where the screen does not show them (`coarse`).
- When nothing else has changed meanwhile, a *wide* pass: what is seen, from the same answer, unless that is more than
  `QUICK_PIXELS`.
- When the pen rests, a *full* pass: what is seen, to the last pixel, at `full_factor` times the working size if the
  machine is quick enough and the drawing has that many pixels.
- Then, if there is more of the drawing than is seen, the *rest*: all of it, from the same answer of the network.

A machine that is so fast that nobody would feel the difference does full passes at once.

Windows begin and end at tiles, so that they do not jitter while the pen moves, and fade into what is there over `RIM`
pixels (`faded_in`), so that two passes meet without a seam. All of it is arithmetic; nothing here has a clock.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sketchsause_desktop.core.blend import Pixels, put
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.requests import Effort
from sketchsause_desktop.core.tiles import TILE, TileReader

QUICK_PIXELS = 1 << 22  # of the document, in a wide pass; their tiles alone take some 15 ms to show
COARSEST = 4
CRISP_PIXELS = 1 << 20  # a screen of 1366 x 768 shows no more, whatever the zoom
MARGIN = 256  # document pixels round a change
NARROW = 128  # where what is seen follows at once
# The shipped network paints other colours at twice its size, and a picture must not change because the pen rests.
FULL_FACTOR = 1
SLOWEST_FULL_MS = 1500.0  # an artist who pauses has not yet gone on
UNFELT_MS = 30.0
NEARLY_ALL = 0.6  # of what is seen; a part as large as that saves too little to be shown first
RIM = 96  # document pixels; at most a tile


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is known when a pass is planned; document pixels. `visible` may be empty when nothing is known of it."""

    canvas: Rect
    visible: Rect = EMPTY_RECT
    changed: Rect = EMPTY_RECT  # since the colours that are shown
    own_size: int = 0  # the model's working size; 0 = not known yet, or it sees everything in tiles
    zoom: float = 1.0  # pixels of the screen for one of the document
    pass_ms: float | None = None  # a quick pass as measured; None = not yet
    full_factor: int = FULL_FACTOR


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`window` in document pixels; `working_size` None = the model's own; `coarse` as in a request."""

    window: Rect
    working_size: int | None = None
    coarse: int = 0


def plan(effort: Effort, scene: Scene) -> Plan:
    if effort in (Effort.QUICK, Effort.WIDE) and not is_unfelt(scene):
        window = _quick_window(scene) if effort is Effort.QUICK else _seen(scene)
        return Plan(window=window, coarse=_coarse(window, scene.zoom))
    window = scene.canvas if effort is Effort.REST else _seen(scene)
    return Plan(window=window, working_size=full_size(scene))


def follow_up(effort: Effort, done: Plan, scene: Scene) -> Effort | None:
    """What is still to be done after a pass as it was `done`, when nothing else has changed but, perhaps, the scene.

    The view may have moved during the pass, and the first pass tells how fast the machine is.
    """
    seen = _seen(scene)
    if effort is Effort.QUICK and not done.window.contains(seen) and seen.size.area <= QUICK_PIXELS:
        return Effort.WIDE
    if effort in (Effort.QUICK, Effort.WIDE) and done != plan(Effort.FULL, scene):
        return Effort.FULL
    return None if done.window.contains(scene.canvas) else Effort.REST


def full_size(scene: Scene) -> int | None:
    """The working size of a full pass, None for the model's own: what the machine can do while an artist pauses."""
    wanted = min(scene.full_factor * scene.own_size, max(scene.canvas.width, scene.canvas.height))
    if wanted <= scene.own_size or scene.pass_ms is None:
        return None
    return wanted if scene.pass_ms * scene.full_factor**2 <= SLOWEST_FULL_MS else None


def is_unfelt(scene: Scene) -> bool:
    """Whether a full pass takes no longer than an artist would notice."""
    return scene.pass_ms is not None and scene.pass_ms * scene.full_factor**2 <= UNFELT_MS


def on_tiles(rect: Rect, canvas: Rect) -> Rect:
    """The smallest rectangle of whole tiles round `rect`, cut off at the canvas."""
    if rect.is_empty:
        return EMPTY_RECT
    left, top = rect.x // TILE * TILE, rect.y // TILE * TILE
    right, bottom = -(-rect.right // TILE) * TILE, -(-rect.bottom // TILE) * TILE
    return Rect.from_edges(left, top, right, bottom).intersected(canvas)


def _seen(scene: Scene) -> Rect:
    """All of a drawing that is not large: then nothing has to follow."""
    if scene.canvas.size.area <= QUICK_PIXELS:
        return scene.canvas
    seen = on_tiles(scene.visible, scene.canvas)
    return scene.canvas if seen.is_empty else seen


def _quick_window(scene: Scene) -> Rect:
    """What lies round the change; what is seen where that is hardly more, or where nothing is known of a change."""
    seen = _seen(scene)
    margin = NARROW if seen.size.area <= QUICK_PIXELS else MARGIN
    near = on_tiles(scene.changed.grown(margin), scene.canvas)
    return seen if near.is_empty or near.size.area > NEARLY_ALL * seen.size.area else near


def _coarse(window: Rect, zoom: float) -> int:
    """How often the finest colours may be halved: nobody sees it at that zoom, or it would take too long."""
    coarse = max(0, math.floor(-math.log2(zoom)))
    while window.size.area >> 2 * coarse > CRISP_PIXELS:
        coarse += 1
    return min(coarse, COARSEST)


def faded_in(pixels: Pixels, rect: Rect, window: Rect, canvas: Rect, shown: TileReader) -> None:
    """Fade `pixels` of `rect`, (height, width, 4), into `shown` at those sides of `window` that the canvas goes beyond.

    `rect` lies in `window`; the array is changed. Where nothing is shown yet there is nothing to fade into.
    """
    for strip, coverage in _rims(window, canvas):
        part = strip.intersected(rect)
        if not part.is_empty:
            below, inside = shown.read(part), part.slices(rect)
            covers = np.where(below[..., 3] == 0, np.uint8(255), coverage[part.slices(strip)])
            pixels[inside] = put(below, np.ascontiguousarray(pixels[inside]), covers)


def _rims(window: Rect, canvas: Rect) -> Iterator[tuple[Rect, Pixels]]:
    """The strips along the sides, each with what covers there: little outside, all of it inside."""
    width, height = min(RIM, window.width), min(RIM, window.height)
    across, down = _ramp(width)[None, :], _ramp(height)[:, None]
    if window.x > canvas.x:
        yield Rect(window.x, window.y, width, window.height), across.repeat(window.height, 0)
    if window.right < canvas.right:
        yield Rect(window.right - width, window.y, width, window.height), across[:, ::-1].repeat(window.height, 0)
    if window.y > canvas.y:
        yield Rect(window.x, window.y, window.width, height), down.repeat(window.width, 1)
    if window.bottom < canvas.bottom:
        yield Rect(window.x, window.bottom - height, window.width, height), down[::-1].repeat(window.width, 1)


def _ramp(length: int) -> Pixels:
    """From nearly nothing to nearly all along half a cosine; uint8."""
    ramp: Pixels = np.rint(127.5 - 127.5 * np.cos(np.pi * (np.arange(length) + 0.5) / length)).astype(np.uint8)
    return ramp
