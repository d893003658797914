"""Pictures for people: grids of results with captions, and the curves of a run."""

import json
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
    """Draw the losses and the measures in a run's `events.jsonl` over its steps, one panel for each kind, as PNG.

    Values that belong to one kind share a panel: their names up to the first "/" are the same, or they lie in the same
    mapping of the event. A last line that is only half written is passed over.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = read_curves(events)
    if not panels:
        raise UserError(f"{events} holds no numbers to draw yet.", "Let the training run for some steps.")
    figure = Figure(figsize=(9, 2.8 * len(panels)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(panels), 1, squeeze=False)[:, 0]
    for axis, (title, curves) in zip(axes, sorted(panels.items()), strict=True):
        for name, points in sorted(curves.items()):
            _plot(axis, name, points)
        axis.set_title(title, loc="left", fontsize=10)
        axis.set_xlabel("step")
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8, loc="upper right")
    try:
        with atomic_path(target) as temporary:
            figure.savefig(temporary, format="png", dpi=100)
    except OSError as error:
        raise UserError(f"{target} cannot be written ({error.strerror}).", "Choose another place.") from error


def read_curves(events: Path) -> dict[str, dict[str, list[tuple[int, float]]]]:
    """{panel: {curve: [(step, value), ...]}} out of the events that have a step."""
    panels: dict[str, dict[str, list[tuple[int, float]]]] = {}
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
        for panel, values in event.items():
            if not isinstance(values, dict):
                continue
            for name, value in values.items():
                if isinstance(value, int | float) and not isinstance(value, bool):
                    panels.setdefault(panel, {}).setdefault(name, []).append((step, float(value)))
    return panels


def _plot(axis: "Axes", name: str, points: list[tuple[int, float]]) -> None:
    """The values as they are, thin, and their running mean, thick; few points are only marked."""
    few = len(points) <= 50
    steps, values = np.array(points, np.float64).T
    if few:
        axis.plot(steps, values, marker=".", label=name)
        return
    mean, smooth = values[0], np.empty_like(values)
    for index, value in enumerate(values):
        if np.isfinite(value):
            mean = _SMOOTHING * mean + (1 - _SMOOTHING) * value if np.isfinite(mean) else value
        smooth[index] = mean
    every = slice(None, None, max(1, len(points) // _PLOT_POINTS))
    [thick] = axis.plot(steps[every], smooth[every], linewidth=1.6, label=name)
    axis.plot(steps[every], values[every], linewidth=0.5, alpha=0.35, color=thick.get_color())


def _write(sheet: Image.Image, text: str, x: int, y: int, width: int) -> None:
    """One line of text, shortened to `width` pixels."""
    font = ImageFont.load_default(size=11)
    draw = ImageDraw.Draw(sheet)
    while len(text) > 1 and draw.textlength(text, font=font) > width:
        text = text[:-2] + "…"
    draw.text((x, y), text, fill=_INK, font=font)
