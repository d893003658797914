"""The trainer on pairs made here: it learns, it resumes to the bit, and it says what goes wrong."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from models.checkpoint import load_arrays, read_header
from models.errors import UserError
from models.predictor import Predictor
from models.runtime import load_runtime
from tests.training.tiny_runs import events_of, squares, tiny_config, tiny_trainer
from training.cli import main
from training.config import to_toml
from training.pairs import scan
from training.run_dir import RunDir
from training.steps import generator_step
from training.trainer import Limits, rate_factor, update_average


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return squares(tmp_path / "data")


def test_stop_and_resume_is_no_stop_to_the_bit(data: Path, tmp_path: Path) -> None:
    whole = tiny_trainer(tiny_config(), data, tmp_path / "whole")
    assert whole.train(Limits()) == "done"
    torch.manual_seed(999)  # whatever else the process did must not matter
    halves = tiny_trainer(tiny_config(), data, tmp_path / "halves")
    assert halves.train(Limits(stop=lambda: halves.step == 7)) == "stop"
    resumed = tiny_trainer(tiny_config(), data, tmp_path / "halves", resume=True)
    assert resumed.train(Limits()) == "done"
    assert resumed.step == whole.step == whole.total_steps == 20
    for first, second in ((whole.networks.generator, resumed.networks.generator), (whole.shown, resumed.shown)):
        for name, value in first.state_dict().items():
            assert torch.equal(value, second.state_dict()[name]), name
    assert events_of(tmp_path / "whole", "step") == events_of(tmp_path / "halves", "step")


def test_what_was_logged_after_the_last_save_is_told_once(data: Path, tmp_path: Path) -> None:
    """As after SIGKILL: events up to step 7, a state of step 4, and a last line that was cut off."""
    folder = tmp_path / "run"
    first = tiny_trainer(tiny_config(), data, folder)
    first.train(Limits(stop=lambda: first.step == 7))
    (folder / "checkpoints" / "step-00000007.pt").unlink()
    with (folder / "events.jsonl").open("a") as file:
        file.write('{"event": "st')
    tiny_trainer(tiny_config(), data, folder, resume=True).train(Limits())
    assert [event["step"] for event in events_of(folder, "step")] == list(range(2, 21, 2))


def test_a_damaged_state_falls_back_to_the_one_before(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first = tiny_trainer(tiny_config(), data, folder)
    first.train(Limits(stop=lambda: first.step == 8))
    (folder / "checkpoints" / "step-00000008.pt").write_bytes(b"cut off")
    state = RunDir(folder).load_state()
    assert state is not None
    assert state["step"] == 4
    for path in (folder / "checkpoints").glob("*.pt"):
        path.write_bytes(b"cut off")
    for _ in range(2):  # the second call must not take the run for a new one
        with pytest.raises(UserError, match="None of the states"):
            RunDir(folder).load_state()
    assert len(list((folder / "checkpoints").glob("*.damaged"))) == 2  # nothing is lost


def test_a_new_state_is_never_the_one_that_goes(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    run.checkpoints.mkdir()
    for step in (1000, 2000, 250, 300):
        assert run.save_state({"step": step}, step, keep=2).is_file()
    assert [path.name for path in run._states()] == ["step-00000300.pt", "step-00002000.pt"]


def test_a_damaged_picture_to_validate_with_is_left_out(data: Path, tmp_path: Path) -> None:
    for folder in ("A", "B"):  # four, of which two are to test with
        for number in (2, 3):
            shutil.copy(data / "val" / folder / "1.png", data / "val" / folder / f"{number}.png")
    cut = data / "val" / "B" / f"{scan(data, direction='AtoB').splits['val'][0].name}.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)).save(cut)
    cut.write_bytes(cut.read_bytes()[:2000])  # its header is whole, so the scan takes it
    trainer = tiny_trainer(
        tiny_config(schedule={"epochs": 1, "decay_epochs": 0}, run={"measure_every": 2}), data, tmp_path / "r"
    )
    assert trainer.train(Limits()) == "done"
    assert cut.name in events_of(tmp_path / "r", "warned")[0]["sentence"]
    assert events_of(tmp_path / "r", "measured")[0]["pairs"] == 1


def test_epochs_are_counted_whatever_a_step_takes(data: Path, tmp_path: Path) -> None:
    """Five batches an epoch, three a step: the second, fourth and sixth epoch end in steps 4, 7 and 10."""
    config = tiny_config(
        gan={"loss": "wgan-gp", "critic_steps": 3},
        schedule={"epochs": 6, "decay_epochs": 0},
        run={"cadence": "epochs", "sample_every": 2, "save_every": 0, "measure_every": 0},
    )
    trainer = tiny_trainer(config, data, tmp_path / "run")
    trainer.train(Limits())
    assert trainer.total_steps == 10
    sampled = [event["step"] for event in events_of(tmp_path / "run", "sample")]
    assert sampled == [0, 4, 7, 10]  # the last is the end's as well


def test_zero_switches_off_what_is_done_now_and_then(data: Path, tmp_path: Path) -> None:
    off = {"log_every": 0, "sample_every": 0, "save_every": 0, "measure_every": 0, "samples": 0}
    trainer = tiny_trainer(tiny_config(schedule={"epochs": 1, "decay_epochs": 0}, run=off), data, tmp_path / "run")
    trainer.train(Limits())
    assert [event["event"] for event in events_of(tmp_path / "run")] == ["started", "measured", "saved", "finished"]
    assert trainer.run.model.is_file()


def test_without_its_graph_a_model_is_still_saved(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_spec: object) -> bytes:
        raise RuntimeError("the exporter is broken")

    monkeypatch.setattr("models.export.onnx_graph", broken)
    trainer = tiny_trainer(tiny_config(schedule={"epochs": 1, "decay_epochs": 0}), data, tmp_path / "run")
    trainer.train(Limits())
    assert "exporter is broken" in events_of(tmp_path / "run", "warned")[-1]["sentence"]
    assert load_arrays(trainer.run.model)


def test_it_learns_and_the_file_it_leaves_paints_the_same(data: Path, tmp_path: Path) -> None:
    config = tiny_config(
        gan={"loss": "none"}, model={"dropout": 0.0}, schedule={"epochs": 60, "decay_epochs": 0}, run={"ema": 0.0}
    )
    trainer = tiny_trainer(config, data, tmp_path / "run")
    trainer.train(Limits())
    losses = [event["losses"]["l1"] for event in events_of(tmp_path / "run", "step")]
    assert losses[-1] < 0.15 * losses[0]
    measured = events_of(tmp_path / "run", "measured")
    assert measured[-1]["measures"]["psnr"] > 18 > measured[0]["measures"]["psnr"]
    painted = Predictor(load_runtime(trainer.run.model, "cpu")).predict(
        np.asarray(Image.open(data / "val" / "A" / "0.png").resize((32, 32)))
    )
    truth = np.asarray(Image.open(data / "val" / "B" / "0.png").resize((32, 32))).astype(int)
    assert np.abs(painted.picture - truth).mean() < 30
    assert read_header(trainer.run.model).facts["steps"] == str(trainer.total_steps)


@pytest.mark.parametrize("loss", ["bce", "lsgan", "hinge", "wgan-gp"])
def test_every_adversarial_loss_trains(loss: str, data: Path, tmp_path: Path) -> None:
    config = tiny_config(
        gan={"loss": loss, "critic_steps": 2, "start_step": 2}, schedule={"epochs": 2, "decay_epochs": 0}
    )
    trainer = tiny_trainer(config, data, tmp_path / "run")
    before = [each.clone() for each in trainer.networks.discriminator.parameters()]  # type: ignore[union-attr]
    trainer.train(Limits())
    assert trainer.position == 2 + 2 * (trainer.step - 2)  # a fresh batch for each critic step
    after = trainer.networks.discriminator.parameters()  # type: ignore[union-attr]
    assert any(not torch.equal(a, b) for a, b in zip(before, after, strict=True))
    last = events_of(tmp_path / "run", "step")[-1]["losses"]
    assert {"l1", "g_adversarial", "d"} <= last.keys()
    assert ("gradient_norm" in last) == (loss == "wgan-gp")


def test_three_steps_of_nan_stop_with_a_sentence(data: Path, tmp_path: Path) -> None:
    trainer = tiny_trainer(tiny_config(), data, tmp_path / "run")
    with torch.no_grad():
        next(trainer.networks.generator.parameters()).fill_(float("nan"))
    with pytest.raises(UserError, match="not a number for 3 steps"):
        trainer.train(Limits())
    assert len(events_of(tmp_path / "run", "warned")) == 3
    assert not trainer.run.model.exists()


def test_a_step_without_a_loss_changes_nothing(data: Path, tmp_path: Path) -> None:
    trainer = tiny_trainer(tiny_config(gan={"loss": "none"}), data, tmp_path / "run")
    before = [each.clone() for each in trainer.networks.generator.parameters()]
    batch = trainer.loader.load(0)
    batch.target[0, 0, 0, 0] = float("nan")
    generator_step(trainer.config, trainer.networks, trainer.engine, [batch], adversarial=False)
    after = trainer.networks.generator.parameters()
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert not list((tmp_path / "run" / "checkpoints").iterdir())


def test_time_is_kept(data: Path, tmp_path: Path) -> None:
    trainer = tiny_trainer(tiny_config(), data, tmp_path / "run")
    assert trainer.train(Limits(max_minutes=0)) == "time"
    assert trainer.step == 1
    assert trainer.run.load_state() is not None


def test_a_training_starts_from_a_models_weights(data: Path, tmp_path: Path) -> None:
    first = tiny_trainer(tiny_config(), data, tmp_path / "first")
    first.train(Limits(stop=lambda: first.step == 3))
    second = tiny_trainer(tiny_config(run={"start_from": str(first.run.model), "seed": 5}), data, tmp_path / "second")
    stored = load_arrays(first.run.model)
    for network in (second.networks.generator, second.shown):
        assert all(np.array_equal(value.numpy(), stored[name]) for name, value in network.state_dict().items())
    second.train(Limits(stop=lambda: second.step == 4))
    first.run.model.unlink()  # no longer needed
    resumed = tiny_trainer(second.config, data, tmp_path / "second", resume=True)
    resumed.train(Limits(stop=lambda: resumed.step == 5))
    shutil.copy(second.run.model, first.run.model)
    with pytest.raises(UserError, match="another shape \\(base_width\\)"):
        tiny_trainer(
            tiny_config(run={"start_from": str(first.run.model)}, model={"base_width": 5}), data, tmp_path / "third"
        )


def test_a_model_without_palettes_may_learn_about_them(data: Path, tmp_path: Path) -> None:
    first = tiny_trainer(tiny_config(), data, tmp_path / "first")
    first.train(Limits(stop=lambda: first.step == 1))
    config = tiny_config(
        run={"start_from": str(first.run.model)}, model={"palette": True}, data={"palettes": 0.9, "unhinted": "none"}
    )
    second = tiny_trainer(config, data, tmp_path / "second")
    stored = load_arrays(first.run.model)
    state = second.networks.generator.state_dict()
    assert all(np.array_equal(state[name].numpy(), values) for name, values in stored.items())
    levels = [values for name, values in state.items() if name.startswith("style.levels")]
    assert levels
    assert not any(values.any() for values in levels)
    second.train(Limits(stop=lambda: second.step == 2))
    after = second.networks.generator.state_dict()
    assert any(values.any() for name, values in after.items() if name.startswith("style.levels"))


def test_rates_follow_the_schedule() -> None:
    linear = tiny_config(schedule={"kind": "linear", "epochs": 1, "decay_epochs": 1, "warmup_steps": 0})
    assert [round(rate_factor(linear, step, 8), 2) for step in range(8)] == [1, 1, 1, 1, 1, 0.8, 0.6, 0.4]
    cosine = tiny_config(schedule={"kind": "cosine", "warmup_steps": 2})
    factors = [rate_factor(cosine, step, 100) for step in range(101)]
    assert factors[0] == pytest.approx(1 / 3)
    assert factors[50] == pytest.approx(0.5)
    assert factors[100] == pytest.approx(0, abs=1e-9)


def test_the_average_is_the_exponential_one() -> None:
    average, network = torch.nn.Linear(1, 1, bias=False), torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(average.weight, 0.0)
    torch.nn.init.constant_(network.weight, 1.0)
    update_average(average, network, 0.9, step=1000)
    assert average.weight.item() == pytest.approx(0.1)
    update_average(average, network, 0.9, step=0)  # quicker at the start: keeps 1/10
    assert average.weight.item() == pytest.approx(0.1 + 0.9 * 0.9)


def test_a_folder_with_another_run_is_refused(data: Path, tmp_path: Path) -> None:
    tiny_trainer(tiny_config(), data, tmp_path / "run")
    with pytest.raises(UserError, match="already holds a run"):
        RunDir(tmp_path / "run").open(tiny_config(), resume=False)
    with pytest.raises(UserError, match="another configuration"):
        RunDir(tmp_path / "run").open(tiny_config(run={"seed": 3}), resume=True)
    with pytest.raises(UserError, match="no run to resume"):
        RunDir(tmp_path / "mistyped").open(tiny_config(), resume=True)
    assert not (tmp_path / "mistyped").exists()
    RunDir(tmp_path / "run").open(tiny_config(optimiser={"rate": 1e-5}, run={"save_every": 9}), resume=True)


def test_two_trainings_in_one_folder_are_refused(data: Path, tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    with (
        run.locked(),
        pytest.raises(UserError, match="Another training is running"),
        RunDir(tmp_path).locked(),
    ):
        pass
    with run.locked():  # free again, though the file is still there
        assert (tmp_path / ".lock").is_file()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["train", "nothing", "--data", "{data}", "--run", "{run}"], "There is no preset named nothing"),
        (["train", "{config}", "--data", "{run}/none", "--run", "{run}"], "is not a folder"),
        (["train", "{config}", "--data", "{data}", "--run", "{run}", "--set", "run.ema"], "has no value"),
        (["train", "{config}", "--data", "{data}", "--run", "{run}", "--set", "data.load_size=16"], "load_size"),
        (["train", "{config}", "--data", "{data}", "--run", "{run}", "--set", "run.batch_size=99"], "99"),
        (["train", "{config}", "--data", "{data}", "--run", "{run}", "--device", "mps"], "no MPS device"),
    ],
)
def test_an_unusable_call_is_one_sentence(
    words: list[str], sentence: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.toml").write_text(to_toml(tiny_config()), encoding="utf-8")
    values = {"data": str(data), "run": str(tmp_path / "run"), "config": str(tmp_path / "c.toml")}
    assert main([word.format(**values) for word in words]) == 2
    errors = capsys.readouterr().err
    assert sentence in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "run").exists()  # the corrected call finds the folder free


def _child(data: Path, folder: Path, config: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "training", "train", str(config), "--data", str(data), "--run", str(folder)]
    resume = ["--resume"] if folder.exists() else []
    return subprocess.Popen(
        [*command, *resume, "--json", "--device", "cpu"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_a_stop_line_and_a_kill_leave_a_run_that_goes_on(data: Path, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text(to_toml(tiny_config(schedule={"epochs": 400, "decay_epochs": 0})), encoding="utf-8")
    child = _child(data, tmp_path / "run", config)
    assert child.stdin is not None
    assert child.stdout is not None
    _wait_for(child, "saved")
    child.send_signal(signal.SIGKILL)
    child.wait(30)
    child.stdout.close()
    child.stdin.close()
    second = _child(data, tmp_path / "run", config)
    assert second.stdin is not None
    assert second.stdout is not None
    started = _wait_for(second, "started")
    assert started["first_step"] >= 4
    _wait_for(second, "step")
    second.stdin.write("stop\n")
    second.stdin.flush()
    finished = _wait_for(second, "finished")
    assert (second.wait(60), finished["reason"]) == (0, "stop")
    second.stdout.close()
    second.stdin.close()
    steps = [event["step"] for event in events_of(tmp_path / "run", "step")]
    assert steps == sorted(set(steps))


def _wait_for(child: "subprocess.Popen[str]", kind: str) -> dict[str, Any]:
    assert child.stdout is not None
    deadline = time.monotonic() + 240
    for line in child.stdout:
        event: dict[str, Any] = json.loads(line)
        if event["event"] == kind:
            return event
        assert time.monotonic() < deadline
    pytest.fail(f"the training ended without {kind}")
