"""What a run has told becomes curves, samples and sentences."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchsause_desktop.app.run_history import RunHistory, read_history

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**6) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=6), each, max_size=3),
    max_leaves=6,
)
FIELDS = (
    "step",
    "losses",
    "measures",
    "rates",
    "total_steps",
    "first_step",
    "path",
    "steps_per_s",
    "memory_mb",
    "epoch",
)
KINDS = ("started", "step", "measured", "sample", "saved", "warned", "failed", "finished", "paused", "resumed", "pace")


def told(*events: dict[str, Any]) -> RunHistory:
    history = RunHistory()
    for event in events:
        history.take(event)
    return history


def test_curves_grow_and_are_cut_where_a_run_resumes() -> None:
    steps = [{"event": "step", "step": step, "epoch": 0, "losses": {"l1": 1 / step}} for step in (2, 4, 6)]
    history = told({"event": "started", "total_steps": 20, "first_step": 0}, *steps)
    history.take({"event": "sample", "step": 6, "path": "samples/6.png"})
    history.take({"event": "started", "total_steps": 20, "first_step": 4})
    assert list(history.curves["losses"]["l1"].steps) == [2, 4]
    assert history.samples == []
    assert history.step == 4


def test_the_time_left() -> None:
    history = told(
        {"event": "started", "total_steps": 100, "first_step": 0},
        {"event": "pace", "step": 20, "steps_per_s": 4.0, "memory_mb": 500},
    )
    assert history.seconds_left == pytest.approx(20)
    assert history.fraction == pytest.approx(0.2)
    history.take({"event": "finished", "step": 100, "reason": "done"})
    assert history.seconds_left is None


def test_what_is_not_finite_is_no_point() -> None:
    history = told({"event": "step", "step": 1, "losses": {"l1": None, "d": 0.5, "text": "x"}})
    assert set(history.curves["losses"]) == {"d"}


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_no_event_is_too_odd(kind: str, fields: dict[str, Any]) -> None:
    RunHistory().take({**fields, "event": kind})


def test_a_file_with_a_cut_off_line_is_read(tmp_path: Path) -> None:
    lines = [json.dumps({"event": "step", "step": step, "losses": {"l1": 0.5}}) for step in range(1, 5)]
    (tmp_path / "events.jsonl").write_text("\n".join(["nonsense", "[1]", *lines]) + '\n{"event": "st')
    assert len(read_history(tmp_path).curves["losses"]["l1"]) == 4
    assert read_history(tmp_path / "none").step == 0
