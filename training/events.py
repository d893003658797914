"""What a training says while it runs: one JSON object a line, the same on stdout and in the run's events.jsonl."""

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Event:
    def to_json(self) -> str:
        """One line; the key `event` holds the kind. Numbers JSON has no word for become null."""
        return json.dumps({"event": type(self).__name__.lower(), **_plain(dataclasses.asdict(self))}, allow_nan=False)


@dataclass(frozen=True, kw_only=True)
class Started(Event):
    pairs: int
    total_steps: int
    first_step: int
    parameters: int
    device: str
    processes: int = 1


@dataclass(frozen=True, kw_only=True)
class Step(Event):
    """The means since the last such event."""

    step: int
    epoch: int
    losses: dict[str, float] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Measured(Event):
    step: int
    epoch: int
    pairs: int
    measures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sample(Event):
    step: int
    path: str


@dataclass(frozen=True, kw_only=True)
class Saved(Event):
    step: int
    path: str


@dataclass(frozen=True, kw_only=True)
class Pace(Event):
    """Of the steps since the last such event; apart from Step, which is the same for the same configuration."""

    step: int
    steps_per_s: float
    memory_mb: int  # that this process takes
    device_mb: int = 0  # of a graphics card's, at most so far


@dataclass(frozen=True, kw_only=True)
class Paused(Event):
    step: int


@dataclass(frozen=True, kw_only=True)
class Resumed(Event):
    step: int


@dataclass(frozen=True, kw_only=True)
class Warned(Event):
    step: int
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    step: int
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Finished(Event):
    """`reason` is "done", "early" (it got no better), "time", "stop" or "failed"."""

    step: int
    reason: str
    model: str


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
