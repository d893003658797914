"""What a run has told, as curves, samples and sentences; for the dashboard, while it runs and afterwards."""

import contextlib
import json
import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from training.run_files import EVENTS

_BLOCK = 32_768  # characters that are read at once; the window waits for so much
_POINTS_A_WINDOW = 32  # of a smoothed curve: enough for whoever zooms in
_NUMBER = (int, float)  # a tuple: a union would be made anew for every value
_PACES = 5  # that the time left is reckoned from


class Series:
    """A curve that grows: steps and values, as float64."""

    def __init__(self) -> None:
        self._steps, self._values = array("d"), array("d")

    def __len__(self) -> int:
        return len(self._steps)

    def add(self, step: float, value: float) -> None:
        self._steps.append(step)
        self._values.append(value)

    def forget_after(self, step: float) -> None:
        while self._steps and self._steps[-1] > step:
            self._steps.pop()
            self._values.pop()

    @property
    def steps(self) -> np.ndarray:
        """Float64 (N,), a copy."""
        return np.array(self._steps)

    @property
    def values(self) -> np.ndarray:
        return np.array(self._values)

    @property
    def last(self) -> float | None:
        return self._values[-1] if self._values else None


@dataclass
class RunHistory:
    """`take` adds an event. Curves are grouped as they are drawn: "losses", "measures", "rates"."""

    curves: dict[str, dict[str, Series]] = field(default_factory=lambda: {"losses": {}, "measures": {}, "rates": {}})
    samples: list[tuple[int, str]] = field(default_factory=list)  # step, path within the run's folder
    warnings: list[tuple[int, str]] = field(default_factory=list)
    step: int = 0
    epoch: int = 0
    total_steps: int = 0
    pairs: int = 0
    device: str = ""
    memory_mb: int = 0
    device_mb: int = 0
    is_paused: bool = False
    reason: str = ""  # of the end, as events.Finished has it; "" while it runs or was cut off
    failure: str = ""
    model_step: int | None = None  # of the model that lies in the folder
    _paces: list[float] = field(default_factory=list)

    def take(self, event: Mapping[str, Any]) -> None:
        """One event as JSON has it. Fields that are missing or of another kind are passed over."""
        handler = _HANDLERS.get(str(event.get("event")))
        step = event.get("step", self.step)
        if handler is None or not isinstance(step, int):
            return
        if event["event"] != "started":
            self.step = max(self.step, step)
        handler(self, event, step)

    @property
    def steps_per_s(self) -> float:
        """Over the last reports; 0 while unknown."""
        return sum(self._paces) / len(self._paces) if self._paces else 0.0

    @property
    def seconds_left(self) -> float | None:
        pace = self.steps_per_s
        return (self.total_steps - self.step) / pace if pace > 0 and not self.reason else None

    @property
    def fraction(self) -> float:
        return min(1.0, self.step / self.total_steps) if self.total_steps else 0.0

    def _on_started(self, event: Mapping[str, Any], _step: int) -> None:
        """What came after the state that the run goes on from will be told again."""
        first = _whole(event, "first_step")
        for group in self.curves.values():
            for series in group.values():
                series.forget_after(first)
        self.samples = [each for each in self.samples if each[0] <= first]
        self.warnings = [each for each in self.warnings if each[0] <= first]
        self.step, self.reason, self.failure, self.is_paused, self._paces = first, "", "", False, []
        self.total_steps, self.pairs = _whole(event, "total_steps"), _whole(event, "pairs")
        self.device = str(event.get("device", ""))

    def _on_step(self, event: Mapping[str, Any], step: int) -> None:
        self.epoch = _whole(event, "epoch")
        self._add("losses", event.get("losses"), step)
        self._add("rates", event.get("rates"), step)

    def _on_measured(self, event: Mapping[str, Any], step: int) -> None:
        self._add("measures", event.get("measures"), step)

    def _on_sample(self, event: Mapping[str, Any], step: int) -> None:
        self.samples.append((step, str(event.get("path", ""))))

    def _on_saved(self, event: Mapping[str, Any], step: int) -> None:
        if str(event.get("path", "")).endswith(".safetensors"):
            self.model_step = step

    def _on_pace(self, event: Mapping[str, Any], _step: int) -> None:
        pace = event.get("steps_per_s")
        if isinstance(pace, int | float) and pace > 0:
            self._paces = [*self._paces, float(pace)][-_PACES:]
        self.memory_mb, self.device_mb = _whole(event, "memory_mb"), _whole(event, "device_mb")

    def _on_warned(self, event: Mapping[str, Any], step: int) -> None:
        self.warnings.append((step, str(event.get("sentence", ""))))

    def _on_failed(self, event: Mapping[str, Any], _step: int) -> None:
        self.failure = str(event.get("sentence", ""))

    def _on_finished(self, event: Mapping[str, Any], step: int) -> None:
        self.reason, self.model_step, self.is_paused = str(event.get("reason", "")), step, False

    def _on_paused(self, _event: Mapping[str, Any], _step: int) -> None:
        self.is_paused = True

    def _on_resumed(self, _event: Mapping[str, Any], _step: int) -> None:
        self.is_paused, self._paces = False, []

    def _add(self, group: str, values: object, step: int) -> None:
        if not isinstance(values, dict):
            return
        curves = self.curves[group]
        for name, value in values.items():
            if isinstance(value, _NUMBER) and math.isfinite(value):
                if name not in curves:
                    curves[name] = Series()
                curves[name].add(step, value)


_HANDLERS = {
    name.removeprefix("_on_"): handler for name, handler in vars(RunHistory).items() if name.startswith("_on_")
}


def _whole(event: Mapping[str, Any], name: str) -> int:
    value = event.get(name)
    return value if isinstance(value, int) else 0


def read_history(run: Path) -> RunHistory:
    """All that the run's file tells; an empty history where there is none. Lines that are no events are passed over."""
    history = RunHistory()
    try:
        with (run / EVENTS).open(encoding="utf-8", errors="replace") as file:
            while lines := file.readlines(_BLOCK):
                for event in _events(lines):
                    if isinstance(event, dict):
                        history.take(event)
    except OSError:
        pass
    return history


def _events(lines: Sequence[str]) -> list[Any]:
    """What the lines hold: all of them at once, which takes half the time, or one by one where one is no JSON."""
    try:
        events: list[Any] = json.loads(f"[{','.join(lines)}]")
        if len(events) == len(lines):
            return events
    except ValueError:
        pass
    events = []
    for line in lines:
        with contextlib.suppress(ValueError):  # the last one may be cut off
            events.append(json.loads(line))
    return events


def smoothed(values: np.ndarray, share: float) -> np.ndarray:
    """The mean over a window that ends at each point; `share` of all points, 0 to 1, is its length."""
    window = _window(len(values), share)
    if window <= 1:
        return values
    sums = np.concatenate(([0.0], np.cumsum(values)))
    first = np.maximum(np.arange(1, len(values) + 1) - window, 0)
    last = np.arange(1, len(values) + 1)
    means: np.ndarray = (sums[last] - sums[first]) / (last - first)
    return means


def drawable(series: Series, share: float) -> tuple[np.ndarray, np.ndarray]:
    """(steps, values) of the smoothed curve, without the points between which nothing happens; the last one stays."""
    apart = max(1, _window(len(series), share) // _POINTS_A_WINDOW)
    kept = slice((len(series) - 1) % apart, None, apart)
    return series.steps[kept], smoothed(series.values, share)[kept]


def _window(count: int, share: float) -> int:
    return min(count, max(1, round(share * count)))


def duration_words(seconds: float) -> str:
    """ "40 s", "12 min", "3 h 20 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
