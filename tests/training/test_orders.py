"""What is asked of a training while it runs."""

import io
import sys
import threading
import time
from pathlib import Path

import pytest

from models.checkpoint import load_arrays
from models.memory import process_memory
from tests.training.tiny_runs import events_of, squares, tiny_config, tiny_trainer
from training.orders import Orders, heard
from training.run_dir import RunDir
from training.run_files import ORDERS, is_resumable, is_running
from training.trainer import Limits, Trainer

SHORT = {"epochs": 2, "decay_epochs": 0}


def wait_until(holds, seconds: float = 20.0) -> None:  # type: ignore[no-untyped-def]
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return squares(tmp_path / "data")


def trainer_of(data: Path, folder: Path) -> Trainer:
    return tiny_trainer(tiny_config(schedule=SHORT, run={"save_every": 0, "sample_every": 0}), data, folder)


def test_words_that_are_no_orders_are_passed_over() -> None:
    orders = Orders()
    for line in ("", "stopp\n", "STOP", "\x00", "save now"):
        orders.take(line)
    assert not any(orders.holds(word) for word in ("stop", "save", "pause"))
    orders.take("  save \n")
    assert orders.fetch("save")
    assert not orders.fetch("save")


def test_orders_come_by_standard_input_and_by_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("sample\n"))
    orders = Orders()
    with heard(orders, tmp_path):
        (tmp_path / ORDERS).write_text("save\nstop-epoch\n", encoding="utf-8")
        wait_until(lambda: orders.holds("stop-epoch"))
    assert orders.fetch("save")
    wait_until(lambda: orders.holds("sample"))
    assert not (tmp_path / ORDERS).exists()


def test_stop_after_the_epoch(data: Path, tmp_path: Path) -> None:
    trainer, orders = trainer_of(data, tmp_path / "run"), Orders()
    orders.take("stop-epoch")
    assert trainer.train(Limits(orders=orders)) == "stop"
    assert trainer.step == 5  # ten pairs, two at once


def test_sample_and_save_at_once(data: Path, tmp_path: Path) -> None:
    trainer, orders = trainer_of(data, tmp_path / "run"), Orders()

    def order(step: int, _total: int, _parts: object) -> None:
        if step == 3:
            orders.take("sample")
            orders.take("save")
        if step == 4:
            assert load_arrays(trainer.run.model)

    trainer.train(Limits(orders=orders), order)
    assert [event["step"] for event in events_of(tmp_path / "run", "sample")] == [0, 3, 10]
    saved = [(event["step"], event["path"]) for event in events_of(tmp_path / "run", "saved")]
    assert (3, "checkpoints/step-00000003.pt") in saved
    assert (3, "model.safetensors") in saved


def test_a_pause_changes_nothing(data: Path, tmp_path: Path) -> None:
    trainer_of(data, tmp_path / "whole").train(Limits())
    trainer, orders = trainer_of(data, tmp_path / "run"), Orders()

    def order(step: int, _total: int, _parts: object) -> None:
        if step == 3:
            orders.take("pause")

    reasons: list[str] = []
    limits = Limits(orders=orders)
    thread = threading.Thread(target=lambda: reasons.append(trainer.train(limits, order)))
    thread.start()
    wait_until(lambda: (tmp_path / "run" / "events.jsonl").exists() and events_of(tmp_path / "run", "paused"))
    time.sleep(0.1)
    assert trainer.step == 3
    orders.take("resume")
    thread.join(60)
    assert reasons == ["done"]
    assert events_of(tmp_path / "run", "step") == events_of(tmp_path / "whole", "step")
    assert events_of(tmp_path / "run", "resumed") == [{"event": "resumed", "step": 3}]


def test_stop_ends_a_pause(data: Path, tmp_path: Path) -> None:
    trainer, orders = trainer_of(data, tmp_path / "run"), Orders()
    orders.take("pause")
    timer = threading.Timer(0.3, orders.take, ["stop"])
    timer.start()
    assert trainer.train(Limits(orders=orders)) == "stop"
    timer.join()
    assert trainer.step == 1
    assert is_resumable(tmp_path / "run")


def test_the_pace_is_told_with_the_losses(data: Path, tmp_path: Path) -> None:
    trainer_of(data, tmp_path / "run").train(Limits())
    paces = events_of(tmp_path / "run", "pace")
    assert [pace["step"] for pace in paces] == [2, 4, 6, 8, 10]
    assert all(pace["steps_per_s"] > 0 and pace["memory_mb"] > 10 for pace in paces)
    assert process_memory() > 10 * 2**20


def test_whether_a_run_is_running_is_told_by_its_lock(tmp_path: Path) -> None:
    assert not is_running(tmp_path / "nothing")
    run = RunDir(tmp_path)
    with run.locked():
        assert is_running(tmp_path)
    assert not is_running(tmp_path)
