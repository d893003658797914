"""Pictures for people: grids of results with captions, and the curves of a run."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.errors import UserError
from models.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 4  # pixels
_CAPTION_HEIGHT = 18
_BACKGROUND, _INK = (255, 255, 255), (40, 40, 40)
_SMOOTHING = 0.9  # share of the past in the thick curve
_PLOT_POINTS = 2000  # no more can be told apart
_PLOT_COLUMNS = 2
_FEW_POINTS = 50


def grid(
    rows: Sequence[Sequence[np.ndarray]], captions: Sequence[Sequence[str]] = (), headings: Sequence[str] = ()
) -> Image.Image:
    """uint8 pictures (H, W, 3) in rows, each with its caption below it, columns with their headings above.

    Columns are as wide as their widest picture, rows as high as their highest; nothing is scaled.
    """
    columns = max((len(row) for row in rows), default=0)
    if not columns:
        raise ValueError("a grid needs a picture")
    widths = [max(row[column].shape[1] for row in rows if column < len(row)) for column in range(columns)]
    heights = [max(picture.shape[0] for picture in row) for row in rows]
    caption = _CAPTION_HEIGHT if captions else 0
    top = _CAPTION_HEIGHT if headings else 0
    size = (sum(widths) + _GAP * (columns + 1), sum(heights) + (_GAP + caption) * len(rows) + _GAP + top)
    sheet = Image.new("RGB", size, _BACKGROUND)
    lefts = [_GAP + sum(widths[:column]) + _GAP * column for column in range(columns)]
    for left, width, text in zip(lefts, widths, headings, strict=False):
        _write(sheet, text, left, 2, width)
    y = top + _GAP
    for index, (row, height) in enumerate(zip(rows, heights, strict=True)):
        texts = captions[index] if index < len(captions) else ()
        for left, picture in zip(lefts, row, strict=False):
            sheet.paste(Image.fromarray(np.ascontiguousarray(picture)).convert("RGB"), (left, y))
        for left, width, text in zip(lefts, widths, texts, strict=False):
            _write(sheet, text, left, y + height + 2, width)
        y += height + caption + _GAP
    return sheet


def save_picture(image: Image.Image, target: Path) -> None:
    """Write a PNG, whole or not at all; UserError where it cannot be written."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(target) as temporary:
            image.save(temporary, format="PNG")
    except OSError as error:
        raise UserError(f"{target} cannot be written ({error.strerror}).", "Choose another place.") from error


def plot_curves(events: Path, target: Path) -> None:
    """Draw every loss and measure in a run's `events.jsonl` over its steps, each in a panel of its own, as PNG.

    Each has its own scale: a PSNR beside an SSIM would flatten it. A torn last line is passed over.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    curves = read_curves(events)
    if not curves:
        raise UserError(f"{events} holds no numbers to draw yet.", "Let the training run for some steps.")
    rows = math.ceil(len(curves) / _PLOT_COLUMNS)
    figure = Figure(figsize=(5.5 * _PLOT_COLUMNS, 2.4 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, _PLOT_COLUMNS, squeeze=False).ravel()
    for axis in axes[len(curves) :]:
        axis.set_axis_off()
    for axis, (title, points) in zip(axes, curves.items(), strict=False):
        _plot(axis, points)
        axis.set_title(title, loc="left", fontsize=10)
        axis.set_xlabel("step", fontsize=8)
        axis.tick_params(labelsize=8)
        axis.grid(alpha=0.3)
    try:
        with atomic_path(target) as temporary:
            figure.savefig(temporary, format="png", dpi=100)
    except OSError as error:
        raise UserError(f"{target} cannot be written ({error.strerror}).", "Choose another place.") from error


def read_curves(events: Path) -> dict[str, list[tuple[int, float]]]:
    """{"losses: l1": [(step, value), ...]} for every number in a mapping of an event that has a step."""
    curves: dict[str, list[tuple[int, float]]] = {}
    try:
        text = events.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"{events} cannot be read ({error.strerror}).", "Check the run's folder.") from error
    for line in text.splitlines():
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            continue
        step = event.get("step") if isinstance(event, dict) else None
        if not isinstance(step, int) or isinstance(step, bool):
            continue
        for group, values in event.items():
            for name, value in values.items() if isinstance(values, dict) else ():
                if isinstance(value, int | float) and not isinstance(value, bool):
                    curves.setdefault(f"{group}: {name}", []).append((step, float(value)))
    return dict(sorted(curves.items()))


def _plot(axis: "Axes", points: list[tuple[int, float]]) -> None:
    """Few values are marked; many are drawn thin, with their running mean thick."""
    steps, values = np.array(points, np.float64).T
    if len(points) <= _FEW_POINTS:
        axis.plot(steps, values, marker=".")
        return
    mean, smooth = values[0], np.empty_like(values)
    for index, value in enumerate(values):
        if np.isfinite(value):
            mean = _SMOOTHING * mean + (1 - _SMOOTHING) * value if np.isfinite(mean) else value
        smooth[index] = mean
    every = slice(None, None, max(1, len(points) // _PLOT_POINTS))
    axis.plot(steps[every], values[every], linewidth=0.5, alpha=0.4, color="tab:blue")
    axis.plot(steps[every], smooth[every], linewidth=1.6, color="tab:blue")


def _write(sheet: Image.Image, text: str, x: int, y: int, width: int) -> None:
    """One line of text, shortened to `width` pixels."""
    font = ImageFont.load_default(size=11)
    draw = ImageDraw.Draw(sheet)
    while len(text) > 1 and draw.textlength(text, font=font) > width:
        text = text[:-2] + "…"
    draw.text((x, y), text, fill=_INK, font=font)
