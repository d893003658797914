"""Measuring models on pairs, with the trivial answers beside them. Pictures go through in small groups."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from models.errors import UserError
from training import baselines, metrics
from training.console import Progress
from training.feature_metrics import NAMES as FEATURE_NAMES
from training.feature_metrics import FeatureMeasures, Tally
from training.map_measures import NAMES as MAP_NAMES
from training.pairs import Pair
from training.pictures import load_picture

HINT_RADIUS = 5  # pixels at a size of 256; larger pictures get larger dabs
_GROUP = 8  # pictures
_HINT_SIZE = 256

PIXEL_DEFINITIONS = {
    "ssim": "structural similarity, Gaussian window 11, sigma 1.5, range 1, the border reflected, mean of RGB and of "
    "the pictures; higher is better",
    "psnr": "dB, range 1, mean of the pictures' values (not of the mean error); higher is better",
    "l1": "mean absolute difference, range 1",
    "delta_e": "mean CIEDE2000 of the pixels, mean of the pictures; 1 can just be seen",
    "gram_rgb": "mean squared difference of the raw RGB Gram matrices (3x3, / (c*h*w)), mean of the pictures; tells "
    "colour statistics only",
}
PIXEL_MEASURES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "ssim": metrics.ssim,
    "psnr": metrics.psnr,
    "l1": metrics.mean_absolute_error,
    "delta_e": metrics.colour_difference,
    "gram_rgb": metrics.gram_distance,
}
_MEASURES = (*PIXEL_MEASURES, *FEATURE_NAMES, *MAP_NAMES)


@dataclass(frozen=True, kw_only=True)
class Example:
    """A pair at the size it is measured at, uint8 (H, W, 3)."""

    name: str
    input: np.ndarray
    target: np.ndarray


class Answerer(Protocol):
    """Whatever answers an example: a model with some number of hints, or a baseline. uint8 (H, W, 3)."""

    def __call__(self, example: Example) -> np.ndarray: ...


@dataclass(kw_only=True)
class Row:
    """One line of the table."""

    name: str
    answer: Answerer
    hints: int | None = None  # None where hints make no sense
    model: str | None = None  # None for a baseline
    statistics: str | None = None  # of batch norm: "running" or "image"
    per_picture: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PIXEL_MEASURES})
    tallies: list[Tally] = field(default_factory=list)
    values: dict[str, float | None] = field(
        default_factory=lambda: dict.fromkeys((*PIXEL_MEASURES, *FEATURE_NAMES, *MAP_NAMES))
    )

    @property
    def kind(self) -> str:
        return "model" if self.model else "baseline"

    def add(
        self, answers: Sequence[np.ndarray], truths: Sequence[np.ndarray], values: Iterable[dict[str, float]]
    ) -> None:
        """`values` are the pixel measures of each answer."""
        for each in values:
            for name, value in each.items():
                self.per_picture[name].append(value)
        for tally in self.tallies:
            for answer, truth in zip(answers, truths, strict=True):
                tally.add([answer], [truth])  # one by one, since at their own sizes they differ

    def finish(self) -> None:
        """Turn what was gathered into `values`."""
        self.values |= {name: float(np.mean(each)) for name, each in self.per_picture.items() if each}
        for tally in self.tallies:
            self.values.update(tally.result())


@dataclass(kw_only=True)
class Measured:
    """A finished table, and some of the pictures behind it."""

    rows: list[Row]
    count: int
    failed: dict[Path, str]
    sheet: list[tuple[Example, list[np.ndarray]]]  # the rows' answers to the first examples


def load_example(pair: Pair, size: int | None) -> Example:
    """Both pictures squashed to `size` x `size` by bicubic filtering, or at the target's own size."""
    lines, target = load_picture(pair.input), load_picture(pair.target)
    height, width = (size, size) if size else target.shape[:2]
    return Example(name=pair.name, input=_resized(lines, height, width), target=_resized(target, height, width))


def load_examples(pairs: Sequence[Pair], size: int | None, failed: dict[Path, str]) -> Iterator[Example]:
    """Those that can be read and are large enough; the others are put into `failed` with the reason."""
    for pair in pairs:
        try:
            example = load_example(pair, size)
        except UserError as error:
            failed[pair.target.path] = error.sentence
            continue
        if min(example.target.shape[:2]) < 11:
            failed[pair.target.path] = f"{pair.target.path} is smaller than SSIM's window of 11 pixels."
            continue
        yield example


def measure(
    rows: list[Row],
    pairs: Sequence[Pair],
    *,
    size: int | None,
    features: FeatureMeasures,
    sheet_rows: int = 0,
    progress: Progress | None = None,
    told: Callable[[Example, int], None] | None = None,
) -> Measured:
    """Fill the rows' values over all pairs that can be read. `told` gets each example, and its place in the rows'
    values, as soon as it is measured."""
    measured = Measured(rows=rows, count=0, failed={}, sheet=[])
    for row in rows:
        row.tallies = [each.tally() for each in features.measures]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for group in _groups(load_examples(pairs, size, measured.failed), 1 if told else _GROUP):
            answers = [[row.answer(example) for example in group] for row in rows]
            truths = [example.target for example in group]
            values = [pool.map(_pixel_values, each, truths) for each in answers]
            for row, row_answers, row_values in zip(rows, answers, values, strict=True):
                row.add(row_answers, truths, row_values)
            if told:
                for place, example in enumerate(group, measured.count):
                    told(example, place)
            wanted = group[: max(0, sheet_rows - len(measured.sheet))]
            measured.sheet += [(example, [each[index] for each in answers]) for index, example in enumerate(wanted)]
            measured.count += len(group)
            if progress:
                progress(measured.count + len(measured.failed), len(pairs))
    for row in rows:
        row.finish()
    return measured


def _pixel_values(answer: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    a, b = metrics.unit_picture(answer), metrics.unit_picture(truth)
    return {name: measure_pixels(a, b) for name, measure_pixels in PIXEL_MEASURES.items()}


def trivial_rows(pairs: Sequence[Pair], size: int | None, hints: Sequence[int], seed: int) -> list[Row]:
    """The answers every model has to beat: the input itself, the best single colour, hints spread without a network."""
    rows = [Row(name="copy the input", answer=lambda example: example.input)]
    colour = baselines.mean_colour(
        metrics.unit_picture(example.target) for example in load_examples(pairs, size, failed={})
    )
    flat = np.rint(colour * 255).astype(np.uint8)
    rows.append(
        Row(
            name=f"one colour #{flat[0]:02x}{flat[1]:02x}{flat[2]:02x}",
            answer=lambda example: np.broadcast_to(flat, example.target.shape),
        )
    )
    spread = [Row(name="spread hints", answer=_Spreader(n, seed), hints=n) for n in hints if n]
    return rows + spread


def hints_of(example: Example, count: int, seed: int) -> np.ndarray:
    """uint8 (H, W, 4): the dabs an example is measured with, the same for every model."""
    height, width = example.target.shape[:2]
    radius = max(1, round(HINT_RADIUS * min(height, width) / _HINT_SIZE))
    name = int.from_bytes(hashlib.sha256(example.name.encode()).digest()[:8], "big")
    placed = baselines.place_hints(example.target, count, radius, np.random.SeedSequence([seed, name]))
    return baselines.hint_layer(placed, height, width)


@dataclass(frozen=True)
class _Spreader:
    count: int
    seed: int

    def __call__(self, example: Example) -> np.ndarray:
        hints = hints_of(example, self.count, self.seed)
        spread = baselines.spread_hints(metrics.unit_picture(example.input), hints)
        answer: np.ndarray = np.rint(spread * 255).astype(np.uint8)
        return answer


def _resized(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    if pixels.shape[:2] == (height, width):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))


def _groups(examples: Iterator[Example], size: int) -> Iterator[list[Example]]:
    group: list[Example] = []
    for example in examples:
        group.append(example)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
