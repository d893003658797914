"""What the trainer's switches change, and what they must not change."""

import contextlib
import copy
import errno
import functools
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from models.checkpoint import read_header
from models.errors import UserError
from tests.training.tiny_runs import events_of, squares, tiny_config, tiny_trainer
from training.cli import main
from training.config import load_config, to_toml
from training.networks import compile_networks, restore_optimiser
from training.pairs import scan
from training.run_dir import EventLog, RunDir
from training.split_file import check_split, write_split
from training.trainer import Limits, Trainer
from training.vgg import VggFeatures, find_vgg, perceptual_loss
from training.watch import Watch

STEADY = {"dropout": 0.0}  # each process, each part of a batch draws its own dropout
SHORT = {"epochs": 1, "decay_epochs": 0}
WGAN = {"loss": "wgan-gp", "critic_steps": 2}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return squares(tmp_path / "data")


def _losses(trainer: Trainer) -> list[dict[str, float]]:
    trainer.train(Limits())
    return [event["losses"] for event in events_of(trainer.run.folder, "step")]


def _same(a: list[dict[str, float]], b: list[dict[str, float]], relative: float = 1e-4, steps: int = 4) -> None:
    """The first steps alone: rounding grows from step to step.

    A Wasserstein critic's scores have no zero: nothing but rounding moves its last bias, and Adam makes a full step of
    it. What does not hang on that zero is compared, and less closely.
    """
    assert len(a) == len(b) >= steps
    steps = 2 if "gp" in a[0] else steps
    for first, second in zip(a[:steps], b[:steps], strict=True):
        is_critic = "gp" in first
        names = {"d", "gp", "gradient_norm", "l1"} & first.keys() if is_critic else first.keys()
        assert {name: first[name] for name in names} == pytest.approx(
            {name: second[name] for name in names}, rel=max(relative, 5e-3) if is_critic else relative, abs=1e-5
        )


@pytest.mark.parametrize("gan", [{"loss": "bce"}, WGAN])
def test_a_batch_in_parts_is_the_same_batch(gan: dict[str, Any], data: Path, tmp_path: Path) -> None:
    whole = tiny_config(model=STEADY, gan=gan, run={"batch_size": 4, "log_every": 1})
    parts = tiny_config(model=STEADY, gan=gan, run={"batch_size": 4, "log_every": 1, "accumulate": 4})
    _same(_losses(tiny_trainer(whole, data, tmp_path / "w")), _losses(tiny_trainer(parts, data, tmp_path / "p")))


def test_reckoning_activations_again_changes_nothing(data: Path, tmp_path: Path) -> None:
    """With batch norm and dropout: neither counts twice."""
    model = {"norm": "batch", "dropout": 0.5}
    plain = tiny_trainer(tiny_config(model=model, run={"log_every": 1}), data, tmp_path / "plain")
    again = tiny_trainer(
        tiny_config(model=model, run={"log_every": 1, "checkpointing": True}), data, tmp_path / "again"
    )
    _same(_losses(plain), _losses(again))
    statistics = plain.networks.generator.state_dict()
    for name, value in again.networks.generator.state_dict().items():
        assert torch.allclose(value.float(), statistics[name].float(), rtol=1e-3, atol=1e-4), name


@pytest.mark.expects_warnings
@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_learns_about_the_same(precision: str, data: Path, tmp_path: Path) -> None:
    def trainer_with(run: dict[str, Any], name: str) -> Trainer:
        config = tiny_config(model=STEADY, gan=WGAN, schedule=SHORT, run={"log_every": 1, **run})
        return tiny_trainer(config, data, tmp_path / name)

    exact = _losses(trainer_with({}, "exact"))
    trainer = trainer_with({"precision": precision}, "half")
    half = _losses(trainer)
    assert half[0]["l1"] != exact[0]["l1"]
    _same([{"l1": each["l1"]} for each in exact], [{"l1": each["l1"]} for each in half], relative=0.05, steps=2)
    assert any(precision in event["sentence"] for event in events_of(tmp_path / "half", "warned"))
    assert all(each.dtype == torch.float32 for each in trainer.networks.generator.parameters())
    assert (trainer.engine.scaler.get_scale() > 1) == (precision == "fp16")


def test_the_penalty_is_reckoned_in_float32_whatever_the_precision(data: Path, tmp_path: Path) -> None:
    kinds = []
    trainer = tiny_trainer(tiny_config(gan=WGAN, schedule=SHORT, run={"precision": "bf16"}), data, tmp_path / "run")
    assert trainer.networks.discriminator is not None
    trainer.networks.discriminator.register_forward_hook(
        lambda _module, inputs, outputs: kinds.append((inputs[1].requires_grad and inputs[1].is_leaf, outputs[0].dtype))
    )
    trainer.train(Limits(stop=lambda: True))
    between = {kind for leaf, kind in kinds if leaf}
    assert between == {torch.float32}
    assert torch.bfloat16 in {kind for leaf, kind in kinds if not leaf}


def test_processes_and_the_disk_bring_the_same_pictures(data: Path, tmp_path: Path) -> None:
    plain = tiny_trainer(tiny_config(schedule=SHORT), data, tmp_path / "plain")
    config = tiny_config(schedule=SHORT, data={"workers": 1, "cache": "disk"})
    other = tiny_trainer(config, data, tmp_path / "other")
    assert _losses(plain) == _losses(other)
    assert not (tmp_path / "other" / "cache").exists()  # cleared when the run is done


def test_the_best_state_is_kept(data: Path, tmp_path: Path) -> None:
    config = tiny_config(model=STEADY, run={"best": "psnr", "measure_every": 4, "ema": 0.0})
    trainer = tiny_trainer(config, data, tmp_path / "run")
    trainer.train(Limits())
    measured = {event["step"]: event["measures"]["psnr"] for event in events_of(tmp_path / "run", "measured")}
    best = max(measured, key=lambda step: measured[step])
    stored = torch.load(tmp_path / "run" / "checkpoints" / "best.pt", weights_only=True)
    assert (stored["step"], stored["best"]) == (best, measured[best])
    assert read_header(trainer.run.best_model).facts["steps"] == str(best)
    resumed = trainer.run.load_state()
    assert resumed is not None
    assert resumed["step"] == trainer.step  # not the best one


def test_a_resumed_run_has_the_pairs_it_began_with(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    write_split(scan(data, direction="AtoB"), folder)
    moved = tmp_path / "moved"
    shutil.move(data, moved)
    check_split(scan(moved, direction="AtoB"), folder)
    with pytest.raises(UserError, match="directed in another way"):
        check_split(scan(moved, direction="BtoA"), folder)
    for side in "AB":
        shutil.move(moved / "train" / side / "3.png", moved / "train" / side / "new.png")
    with pytest.raises(UserError, match=r"1 gone \(3\) and 1 new \(new\)"):
        check_split(scan(moved, direction="AtoB"), folder)


def test_a_disk_that_cannot_hold_the_states_is_told_before(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = tiny_trainer(tiny_config(), data, tmp_path / "run")
    trainer.require_disk_space()
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 10**6))
    with pytest.raises(UserError, match=r"need 0.2 GB and 0.0 GB are free"):
        trainer.require_disk_space()


def test_a_full_disk_keeps_the_state_before(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = tiny_trainer(tiny_config(), data, tmp_path / "run")
    save = torch.save

    def full(state: dict[str, Any], path: Path) -> None:
        if state["step"] > 4:
            path.write_bytes(b"half a state")
            raise OSError(errno.ENOSPC, "No space left on device")
        save(state, path)

    monkeypatch.setattr("torch.save", full)
    with pytest.raises(UserError, match=r"No space left on device\. The one before it is still there"):
        trainer.train(Limits())
    state = trainer.run.load_state()
    assert state is not None
    assert state["step"] == 4
    assert len(list(trainer.run.checkpoints.iterdir())) == 1
    told = [event["sentence"] for event in events_of(tmp_path / "run", "warned")]
    assert len(told) == 4  # at 8, 12, 16 and 20, and the training went on in between


@pytest.mark.parametrize("written", ["split", "events", ".lock"])
def test_a_full_disk_before_the_first_step_is_told_in_a_sentence(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    run = tmp_path / "run"
    config = tmp_path / "tiny.toml"
    config.write_text(to_toml(tiny_config(schedule={"epochs": 1, "decay_epochs": 0})), encoding="utf-8")
    words = ["train", str(config), "--data", str(data), "--run", str(run), "--device", "cpu"]
    assert main(words) == 0
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    open_file = Path.open

    def full(path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if written in path.name and mode[0] in "wa":
            raise OSError(errno.ENOSPC, "No space left on device")
        return open_file(path, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", full)
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        assert main([*words, "--resume"]) == 2
    monkeypatch.undo()
    assert "No space left on device" in said.getvalue().splitlines()[-1]
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} == before


def test_the_penalty_holds_the_critics_gradient_near_one(data: Path, tmp_path: Path) -> None:
    """Near 1 + W / (2 lambda), where it balances a distance W of pictures that stay as they are; without it there is no
    end to the growth."""

    def balance(penalty: float) -> tuple[float, float]:
        config = tiny_config(
            model=STEADY,
            gan={"loss": "wgan-gp", "critic_steps": 3, "lambda_gp": penalty},
            optimiser={"rate": 1e-9, "discriminator_rate": 2e-3, "betas": [0.0, 0.9]},
            discriminator={"base_width": 8, "layers": 2, "norm": "none"},
            schedule={"epochs": 66, "decay_epochs": 0},
            run={"batch_size": 5, "log_every": 11, "measure_every": 0, "sample_every": 0, "save_every": 0},
        )
        last = _losses(tiny_trainer(config, data, tmp_path / f"run-{penalty}"))[-1]
        norm = last["gradient_norm"]
        return norm, 1 + (-last["d"] / norm) / (2 * penalty) if penalty else 1.0

    norm, expected = balance(10.0)
    assert norm == pytest.approx(expected, rel=0.07)
    norm, _ = balance(100.0)
    assert norm == pytest.approx(1, abs=0.2)
    norm, _ = balance(0.0)
    assert norm > 100


@pytest.mark.parametrize(
    ("discriminator", "gan"),
    [
        ({"kind": "pixel"}, {"loss": "hinge"}),
        ({"kind": "multiscale", "scales": 2}, {"loss": "lsgan", "feature_matching": 10.0}),
        ({"spectral_norm": True, "norm": "none"}, {"loss": "hinge"}),
        ({"norm": "batch"}, {"loss": "bce", "discriminator_weight": 2.0}),
        ({"kind": "multiscale", "scales": 2, "norm": "none"}, WGAN),
    ],
)
def test_every_discriminator_trains(
    discriminator: dict[str, Any], gan: dict[str, Any], data: Path, tmp_path: Path
) -> None:
    losses = {"total_variation": 0.1, "ssim": 0.5}
    config = tiny_config(discriminator=discriminator, gan=gan, schedule=SHORT, loss=losses)
    assert config.validate() == []
    trainer = tiny_trainer(config, data, tmp_path / "run")
    assert trainer.networks.discriminator is not None
    before = [each.clone() for each in trainer.networks.discriminator.parameters()]
    last = _losses(trainer)[-1]
    assert any(not torch.equal(a, b) for a, b in zip(before, trainer.networks.discriminator.parameters(), strict=True))
    assert {"total_variation", "ssim", "g_adversarial"} <= last.keys()
    assert ("feature_matching" in last) == ("feature_matching" in gan)


def test_rare_colours_are_learned_sooner(data: Path, tmp_path: Path) -> None:
    """The red squares cover a quarter of the green pictures."""
    errors = []
    for strength in (0.0, 1.0):
        config = tiny_config(
            model=STEADY,
            gan={"loss": "none"},
            loss={"rare_colours": strength},
            schedule={"epochs": 8, "decay_epochs": 0},
            run={"ema": 0.0},
        )
        trainer = tiny_trainer(config, data, tmp_path / f"run-{strength}")
        trainer.train(Limits())
        batch = trainer.loader.load(0)
        red = batch.target[:, :1] > 0.5
        with torch.no_grad():
            error = (trainer.networks.generator.eval()(batch.condition) - batch.target).abs()
        errors.append(error[red.expand_as(error)].mean().item())
    assert errors[1] < 0.9 * errors[0]


def _vgg_file(folder: Path) -> Path:
    import torchvision

    torch.manual_seed(0)
    path = folder / "vgg16-test.pth"
    torch.save(torchvision.models.vgg16(weights=None).features[:23].state_dict(prefix="features."), path)
    return path


def test_the_perceptual_loss_is_that_of_the_features(data: Path, tmp_path: Path) -> None:
    path = _vgg_file(tmp_path)
    network = VggFeatures("vgg16", path)
    a, b = torch.rand(1, 3, 32, 32) * 2 - 1, torch.rand(1, 3, 32, 32) * 2 - 1
    scaled = [(x + 1) / 2 for x in (a, b)]
    mean, std = torch.tensor([0.485, 0.456, 0.406])[:, None, None], torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    terms, (x, y) = [], [(each - mean) / std for each in scaled]
    for index, layer in enumerate(network.layers):
        x, y = layer(x), layer(y)
        if index in (3, 8, 15, 22):
            terms.append(float((x - y).abs().mean()))
    assert perceptual_loss(network, a, b).item() == pytest.approx(sum(terms) / 4, rel=1e-5)
    config = tiny_config(loss={"perceptual": 1.0, "vgg": str(path)}, schedule=SHORT)
    trainer = tiny_trainer(config, data, tmp_path / "run")
    assert _losses(trainer)[-1]["perceptual"] > 0
    assert all(each.grad is None for each in trainer.networks.vgg.parameters())  # type: ignore[union-attr]


def test_without_its_weights_the_perceptual_loss_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="needs the weights of VGG"):
        find_vgg("")
    with pytest.raises(UserError, match="is not there"):
        tiny_trainer(tiny_config(loss={"perceptual": 1.0, "vgg": "nowhere.pth"}), data, tmp_path / "run")
    (tmp_path / "other.pth").write_bytes(b"no weights")
    with pytest.raises(UserError, match="damaged"):
        VggFeatures("vgg16", tmp_path / "other.pth")


@pytest.mark.parametrize(
    ("loss", "values", "words"),
    [
        ("bce", {"d": 0.001}, "never deceived"),
        ("lsgan", {"d": 0.25}, "cannot tell"),
        ("wgan-gp", {"d": -3.0, "gradient_norm": 0.01}, "flat"),
        ("wgan-gp", {"d": -3.0, "gradient_norm": 50.0}, "far above 1"),
        ("hinge", {"d": 1.2}, None),
        ("none", {"l1": 1.0}, None),
    ],
)
def test_a_sick_critic_is_told_once_in_words(loss: Any, values: dict[str, float], words: str | None) -> None:
    watch = Watch(loss)
    said = [watch.look(values) for _ in range(30)]
    told = [(number, sentence) for number, sentence in enumerate(said) if sentence]
    assert len(told) == (words is not None)
    if words:
        assert told[0][0] == 9
        assert words in told[0][1]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_a_compiled_network_learns_the_same(data: Path, tmp_path: Path) -> None:
    code = f"""
import warnings; warnings.simplefilter("ignore")
from pathlib import Path
from tests.training.tiny_runs import *
from training.trainer import Limits
data = Path({str(data)!r})
for compiled in (False, True):
    config = tiny_config(model={{"dropout": 0.0}}, schedule={{"epochs": 1, "decay_epochs": 0}},
                         run={{"compile": compiled, "log_every": 1}})
    tiny_trainer(config, data, data.parent / str(compiled)).train(Limits())
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=500)
    plain, compiled = ([each["losses"] for each in events_of(tmp_path / name, "step")] for name in ("False", "True"))
    _same(plain, compiled, relative=1e-2)


def test_compiling_leaves_the_critic_of_a_penalty_alone(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrapped(function: Any) -> Any:
        return functools.partial(function)

    monkeypatch.setattr("torch.compile", wrapped)
    trainer = tiny_trainer(tiny_config(gan=WGAN), data, tmp_path / "run")
    compile_networks(trainer.config, trainer.networks)
    assert trainer.networks.judge is trainer.networks.discriminator
    assert trainer.networks.paint is not trainer.networks.generator


def test_a_machine_without_a_compiler_is_told_so(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_function: object) -> Any:
        def fails(*_: object) -> None:
            raise RuntimeError("Failed to find C compiler.\nand a long trace")

        return fails

    monkeypatch.setattr("torch.compile", broken)
    trainer = tiny_trainer(tiny_config(), data, tmp_path / "run")
    with pytest.raises(UserError, match=r"does not work here: Failed to find C compiler\. Set run\.compile to false"):
        compile_networks(trainer.config, trainer.networks)


@pytest.mark.parametrize("gan", [{"loss": "bce"}, WGAN])
def test_two_processes_learn_what_one_learns(gan: dict[str, Any], data: Path, tmp_path: Path) -> None:
    config = tiny_config(model=STEADY, gan=gan, run={"batch_size": 4, "log_every": 1, "save_every": 2})
    path = tmp_path / "c.toml"
    path.write_text(to_toml(config), encoding="utf-8")
    assert load_config(str(path)) == config
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--nnodes", "1"]
    words = ["train", str(path), "--data", str(data), "--run", str(tmp_path / "two")]
    command = [*launcher, "--standalone", "-m", "training", "--", *words]
    done = subprocess.run(
        [*command, "--json", "--device", "cpu", "--set", "data.direction=AtoB"],
        check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    started = events_of(tmp_path / "two", "started")
    assert [event["processes"] for event in started] == [2]  # one log, by one process
    assert done.stdout.count('"event": "finished"') == 1
    alone = _losses(tiny_trainer(config, data, tmp_path / "one"))
    _same(alone, [event["losses"] for event in events_of(tmp_path / "two", "step")])
    # What two processes saved, one goes on with.
    state = RunDir(tmp_path / "two").load_state()
    assert state is not None
    assert len(state["random"]) == 2
    assert json.loads((tmp_path / "two" / "split.json").read_text())["splits"]["train"]
    resumed = Trainer(config, scan(data, direction="AtoB"), RunDir(tmp_path / "two"), EventLog(tmp_path / "two", None))
    assert resumed.train(Limits()) == "done"


def test_a_batch_that_cannot_be_shared_is_refused() -> None:
    from training.world import World

    assert World(size=2, rank=1).share_of(4) == slice(2, 4)
    with pytest.raises(UserError, match="batch of 3 cannot be shared among 2"):
        World(size=2, rank=0).share_of(3)


@pytest.mark.slow
def test_the_anime_preset_learns_eight_pairs_by_heart(tmp_path: Path) -> None:
    """Its network and losses at a quarter of the width and of the size, which two cores can do in a minute."""
    data = squares(tmp_path / "data")
    settings = {
        "model.base_width": "16", "model.depth": "6", "model.dropout": "0.0", "data.load_size": "64",
        "data.crop_size": "64", "data.flip": "false", "discriminator.base_width": "16", "discriminator.layers": "2",
        "schedule.epochs": "60", "schedule.decay_epochs": "60", "run.measure_every": "0", "run.sample_every": "0",
        "run.save_every": "0", "optimiser.rate": "1e-3",
    }  # fmt: skip
    for side in "AB":
        for number in (8, 9):
            (data / "train" / side / f"{number}.png").unlink()
    config = load_config("anime", settings)
    trainer = tiny_trainer(config, data, tmp_path / "run")
    assert len(trainer.train_pairs) == 8
    assert _losses(trainer)[-1]["l1"] < 0.03


def test_moments_follow_the_layout_of_the_weights(data: Path, tmp_path: Path) -> None:
    """As after a change of device: the state was saved with another order in memory."""
    trainers = [tiny_trainer(tiny_config(), data, tmp_path / name) for name in ("a", "b")]
    first, second = (each.networks for each in trainers)
    trainers[0].train(Limits(stop=lambda: trainers[0].step == 3))
    state = copy.deepcopy(first.generator_optimiser.state_dict())
    for moments in state["state"].values():
        for name in ("exp_avg", "exp_avg_sq"):
            if moments[name].dim() == 4:
                moments[name] = moments[name].to(memory_format=torch.channels_last)
    second.generator.load_state_dict(first.generator.state_dict())
    restore_optimiser(second.generator_optimiser, state)
    for networks in (first, second):
        torch.manual_seed(0)
        for parameter in networks.generator.parameters():
            parameter.grad = torch.randn(parameter.shape)
        networks.generator_optimiser.step()
    for a, b in zip(first.generator.parameters(), second.generator.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-7)


def test_a_spoilt_step_leaves_no_trace_in_batch_norm(data: Path, tmp_path: Path) -> None:
    config = tiny_config(model={"norm": "batch"}, discriminator={"norm": "batch"})
    trainer = tiny_trainer(config, data, tmp_path / "run")
    step = trainer.method.step

    def spoilt(feed: Any, *, adversarial: bool) -> Any:
        if trainer.step == 2:
            real = feed.next

            def with_nan() -> Any:
                batches = real()
                batches[0].condition[...] = float("nan")
                return batches

            feed.next = with_nan
            try:
                return step(feed, adversarial=adversarial)
            finally:
                feed.next = real
        return step(feed, adversarial=adversarial)

    trainer.method.step = spoilt  # type: ignore[method-assign]
    assert trainer.train(Limits()) == "done"
    for network in (trainer.networks.generator, trainer.networks.discriminator, trainer.average):
        assert network is not None
        assert all(torch.isfinite(value).all() for value in network.state_dict().values())
    assert len(events_of(tmp_path / "run", "warned")) == 1
    assert all(value is not None for event in events_of(tmp_path / "run", "step") for value in event["losses"].values())


def test_what_was_learned_is_saved_when_the_data_break(data: Path, tmp_path: Path) -> None:
    trainer = tiny_trainer(tiny_config(data={"cache": "none"}, run={"save_every": 0}), data, tmp_path / "run")

    def break_them() -> bool:
        if trainer.step == 6:
            for number in range(8):
                (data / "train" / "A" / f"{number}.png").write_bytes(b"")
        return False

    with pytest.raises(UserError, match="cannot be read"):
        trainer.train(Limits(stop=break_them))
    state = trainer.run.load_state()
    assert state is not None
    assert state["step"] >= 6


def test_the_way_out_of_too_little_memory_is_no_other_run(data: Path, tmp_path: Path) -> None:
    run = RunDir(tmp_path / "run")
    run.open(tiny_config(run={"batch_size": 4}), resume=False)
    run.check(
        tiny_config(run={"batch_size": 4, "accumulate": 2, "checkpointing": True}, data={"workers": 2}), resume=True
    )
    with pytest.raises(UserError, match="another configuration"):
        run.check(tiny_config(run={"batch_size": 2}), resume=True)


def test_half_written_states_are_removed(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    run.checkpoints.mkdir()
    left = run.checkpoints / ".step-00000004-abcdef.pt"
    left.write_bytes(b"half")
    own = tmp_path / ".notes-of-mine.txt"
    own.write_text("keep")
    run.forget_unfinished()
    assert not left.exists()
    assert own.exists()
