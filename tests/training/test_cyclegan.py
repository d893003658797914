"""CycleGAN: its losses, its image buffer, two folders of unmatched pictures, and the trainer's promises kept for it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from models.checkpoint import load_arrays, read_header
from models.errors import UserError
from tests.training.tiny_runs import events_of, tiny_config
from training.cli import main
from training.config import TrainConfig, load_config, to_toml
from training.cycle_steps import TwoWays, cycle_generator_step
from training.cyclegan import CycleGan
from training.image_buffer import ImageBuffer
from training.pairs_unpaired import scan_unpaired
from training.run_dir import EventLog, RunDir
from training.split_file import check_split, write_split
from training.trainer import Limits, Trainer
from training.unpaired import UnpairedBatches

RED, BLUE = (200, 60, 60), (60, 60, 200)


@pytest.fixture(autouse=True)
def no_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exporter takes seconds, and is tested elsewhere."""
    monkeypatch.setattr(Trainer, "_graph", lambda _self: None)


def cycle_config(**sections: dict[str, Any]) -> TrainConfig:
    plain: dict[str, Any] = {
        "model": {"architecture": "resnet", "depth": 2, "blocks": 1, "dropout": 0.5},
        "data": {"direction": "auto"},
        "gan": {"loss": "lsgan"},
        "loss": {"l1": 0.0},
        "cycle": {"pool_size": 3},
        "run": {"sample_every": 0, "measure_every": 0},
    }
    wanted = {name: {**plain.get(name, {}), **sections.get(name, {})} for name in {*plain, *sections}}
    return tiny_config(method="cyclegan", **wanted)


def pictures(folder: Path, colour: tuple[int, int, int], count: int, first: int = 0) -> None:
    """Squares of `colour` with some noise; no two are alike."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        noise = np.random.default_rng([number, *colour]).integers(-40, 40, (40, 40, 3))
        Image.fromarray(np.clip(colour + noise, 0, 255).astype(np.uint8)).save(folder / f"{folder.name}-{number}.png")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    pictures(folder / "trainA", RED, 6)
    pictures(folder / "trainB", BLUE, 10)
    pictures(folder / "testA", RED, 2, first=90)
    pictures(folder / "testB", BLUE, 3, first=90)
    return folder


def cycle_trainer(config: TrainConfig, data: Path, folder: Path, *, resume: bool = False) -> Trainer:
    run = RunDir(folder)
    run.open(config, resume=resume)
    return Trainer(config, scan_unpaired(data), run, EventLog(folder, None))


def method_of(trainer: Trainer) -> CycleGan:
    assert isinstance(trainer.method, CycleGan)
    return trainer.method


@pytest.mark.parametrize("identity", [0.0, 0.5])
def test_the_losses_are_the_papers(identity: float, data: Path, tmp_path: Path) -> None:
    config = cycle_config(model={"dropout": 0.0}, cycle={"weight": 7.0, "identity": identity})
    trainer = cycle_trainer(config, data, tmp_path / "run")
    method = method_of(trainer)
    batch = trainer.loader.load(0)
    a, b = batch.condition, batch.target
    g, f = method.cycle.there.generator, method.cycle.back.generator
    d_b, d_a = method.cycle.there.discriminator, method.cycle.back.discriminator
    assert d_a is not None
    assert d_b is not None
    nothing = a[:, :0]
    with torch.no_grad():
        fake_b, fake_a = g(a), f(b)
        adversarial = ((d_b(nothing, fake_b)[0] - 1) ** 2).mean() + ((d_a(nothing, fake_a)[0] - 1) ** 2).mean()
        cycle = (f(fake_b) - a).abs().mean() + (g(fake_a) - b).abs().mean()
        same = (g(b) - b).abs().mean() + (f(a) - a).abs().mean()
        d = [
            0.5 * (((judge(nothing, real)[0] - 1) ** 2).mean() + (judge(nothing, fake)[0] ** 2).mean())
            for judge, real, fake in ((d_a, a, fake_a), (d_b, b, fake_b))
        ]
    before = {name: value.clone() for name, value in trainer.networks.generator.state_dict().items()}
    with trainer.feed.opened():
        parts = method.step(trainer.feed, adversarial=True)
    assert parts["g"] == pytest.approx(float(adversarial + 7 * cycle + 7 * identity * same), rel=1e-4)
    assert parts["cycle"] == pytest.approx(float(cycle), rel=1e-4)
    assert parts["g_adversarial"] == pytest.approx(float(adversarial) / 2, rel=1e-4)
    assert ("identity" in parts) == (identity > 0)
    assert [float(parts["d_a"]), float(parts["d_b"])] == pytest.approx([float(each) for each in d], rel=1e-4)
    assert parts["d"] == pytest.approx(float(d[0] + d[1]) / 2, rel=1e-4)
    after = trainer.networks.generator.state_dict()
    for way in ("there", "back"):
        assert any(not torch.equal(value, after[name]) for name, value in before.items() if name.startswith(way))


def test_a_step_without_a_loss_changes_nothing(data: Path, tmp_path: Path) -> None:
    trainer = cycle_trainer(cycle_config(), data, tmp_path / "run")
    method = method_of(trainer)
    before = [each.clone() for each in trainer.networks.generator.parameters()]
    batch = trainer.loader.load(0)
    batch.target[0, 0, 0, 0] = float("nan")
    cycle_generator_step(trainer.config, method.cycle, trainer.engine, [batch], adversarial=True)
    assert all(torch.equal(a, b) for a, b in zip(before, trainer.networks.generator.parameters(), strict=True))


def test_the_buffer_shows_old_pictures_half_of_the_time() -> None:
    buffer, rng = ImageBuffer(10), np.random.default_rng(0)
    numbered = [torch.full((1, 1, 2, 2), float(number), requires_grad=True) for number in range(1010)]
    shown = [buffer.exchange(picture, rng) for picture in numbered]
    values = [int(each[0, 0, 0, 0]) for each in shown]
    assert values[:10] == list(range(10))  # it fills first
    assert not any(each.requires_grad for each in shown)
    older = [value for number, value in enumerate(values[10:], 10) if value != number]
    assert 430 < len(older) < 570
    assert len(set(older)) == len(older)  # what was shown for a newer one is gone
    # A picture stays for 10 exchanges on average: 20 steps.
    ages = [number - value for number, value in enumerate(values[10:], 10) if value != number]
    assert 15 < np.mean(ages) < 25
    kept = sorted(int(each[0, 0, 0]) for each in buffer.pictures)
    assert set(kept).isdisjoint(older)


def test_a_buffer_of_none_shows_what_is_new_and_keeps_no_faults() -> None:
    rng = np.random.default_rng(0)
    new = torch.rand(2, 3, 4, 4)
    none = ImageBuffer(0)
    assert torch.equal(none.exchange(new, rng), new)
    assert none.pictures == []
    buffer = ImageBuffer(5)
    buffer.exchange(torch.cat([new, new * float("nan")]), rng)
    assert [torch.equal(kept, each) for kept, each in zip(buffer.pictures, new, strict=True)] == [True, True]


def test_every_picture_comes_in_an_epoch_and_couples_change(data: Path) -> None:
    config = cycle_config(data={"load_size": 40, "crop_size": 40, "flip": False})
    pairs = scan_unpaired(data).splits["train"]
    batches = UnpairedBatches(config.model, config.data, pairs, 2, 0, slice(None), None)
    assert batches.batches_per_epoch == 5  # of the larger side: ten pictures

    def couples(epoch: int) -> list[tuple[float, float]]:
        loaded = [batches[epoch * 5 + number][0] for number in range(5)]
        return [
            (float(a.sum()), float(b.sum()))
            for batch in loaded
            for a, b in zip(batch.condition, batch.target, strict=True)
        ]

    first, second = couples(0), couples(1)
    assert len({b for _, b in first}) == 10
    assert len({a for a, _ in first}) == 6
    assert set(first) != set(second)
    halves = [
        UnpairedBatches(config.model, config.data, pairs, 2, 0, slice(at, at + 1), None)[7][0].condition
        for at in range(2)
    ]
    assert torch.equal(torch.cat(halves), batches[7][0].condition)


def test_stop_and_resume_is_no_stop_to_the_bit(data: Path, tmp_path: Path) -> None:
    config = cycle_config(schedule={"epochs": 1, "decay_epochs": 1})
    whole = cycle_trainer(config, data, tmp_path / "whole")
    assert whole.train(Limits()) == "done"
    torch.manual_seed(999)
    halves = cycle_trainer(config, data, tmp_path / "halves")
    assert halves.train(Limits(stop=lambda: halves.step == 5)) == "stop"
    resumed = cycle_trainer(config, data, tmp_path / "halves", resume=True)
    assert resumed.train(Limits()) == "done"
    assert resumed.step == whole.step == whole.total_steps == 10
    for first, second in (
        (whole.networks.generator, resumed.networks.generator),
        (whole.networks.discriminator, resumed.networks.discriminator),
        (whole.shown, resumed.shown),
    ):
        assert first is not None
        assert second is not None
        for name, value in first.state_dict().items():
            assert torch.equal(value, second.state_dict()[name]), name
    for ours, theirs in zip(method_of(whole).buffers, method_of(resumed).buffers, strict=True):
        assert len(ours.pictures) == 3
        assert all(torch.equal(*each) for each in zip(ours.pictures, theirs.pictures, strict=True))
    assert events_of(tmp_path / "whole", "step") == events_of(tmp_path / "halves", "step")


def test_a_shift_of_colour_is_learned_and_both_ways_are_written(data: Path, tmp_path: Path) -> None:
    config = cycle_config(
        model={"dropout": 0.0},
        data={"load_size": 32},
        discriminator={"kind": "pixel", "base_width": 8},
        cycle={"weight": 2.0, "identity": 0.0},
        schedule={"epochs": 6, "decay_epochs": 6},
        run={"ema": 0.0, "samples": 2, "save_every": 0},
    )
    trainer = cycle_trainer(config, data, tmp_path / "run")
    batch = trainer.loader.load(0)

    def far_from_b() -> float:
        """The mean colour's distance from B's, in parts of that of A's."""
        with torch.no_grad():
            there = trainer.shown.eval()(batch.condition).mean((0, 2, 3))
        a, b = (each.mean((0, 2, 3)) for each in (batch.condition, batch.target))
        return float((there - b).abs().sum() / (a - b).abs().sum())

    assert far_from_b() > 0.6
    trainer.train(Limits())
    assert far_from_b() < 0.2
    assert isinstance(trainer.shown, TwoWays)
    for path, network in ((trainer.run.model, trainer.shown.there), ("model-back.safetensors", trainer.shown.back)):
        stored = load_arrays(trainer.run.folder / path)
        state = network.state_dict()
        assert stored.keys() == state.keys()
        assert all(np.allclose(stored[name], value.numpy(), atol=2e-3) for name, value in state.items())
    assert read_header(trainer.run.model).spec == config.model
    sheets = sorted(trainer.run.samples.glob("*.png"))
    with Image.open(sheets[-1]) as sheet:
        assert sheet.width == 5 * 32 + 6 * 4  # and the gaps
    told = [event["sentence"] for event in events_of(trainer.run.folder, "warned")]
    assert sum("Nothing is measured" in sentence for sentence in told) == 1
    assert events_of(trainer.run.folder, "measured") == []


def test_pictures_of_the_same_names_are_measured(data: Path, tmp_path: Path) -> None:
    for side in "AB":
        for path in (data / f"test{side}").iterdir():
            path.rename(path.with_name(path.name.split("-")[1]))
    (data / "testB" / "92.png").unlink()
    trainer = cycle_trainer(cycle_config(run={"best": "psnr"}), data, tmp_path / "run")
    trainer.train(Limits(stop=lambda: trainer.step == 2))
    assert [event["pairs"] for event in events_of(tmp_path / "run", "measured")] == [2]
    assert (tmp_path / "run" / "best-back.safetensors").is_file()


@pytest.mark.parametrize(
    "sections",
    [
        {"gan": {"loss": "wgan-gp", "critic_steps": 2}},
        {"gan": {"loss": "hinge", "start_step": 2}},
        {"discriminator": {"kind": "multiscale", "scales": 2}, "run": {"checkpointing": True}},
    ],
)
def test_the_trainers_switches_work(sections: dict[str, dict[str, Any]], data: Path, tmp_path: Path) -> None:
    config = cycle_config(**sections, schedule={"epochs": 1, "decay_epochs": 0})
    assert config.validate() == []
    trainer = cycle_trainer(config, data, tmp_path / "run")
    judges = trainer.networks.discriminator
    assert judges is not None
    before = [each.clone() for each in judges.parameters()]
    assert trainer.train(Limits()) == "done"
    assert trainer.position == (4 if config.gan.critic_steps == 2 else 5)
    assert sum(not torch.equal(a, b) for a, b in zip(before, judges.parameters(), strict=True)) > len(before) / 2
    losses = events_of(tmp_path / "run", "step")[-1]["losses"]
    assert losses["d"] == pytest.approx((losses["d_a"] + losses["d_b"]) / 2, rel=1e-4)


def test_a_batch_in_parts_is_the_same_batch(data: Path, tmp_path: Path) -> None:
    told = []
    for parts in (1, 2):
        config = cycle_config(
            model={"dropout": 0.0},
            cycle={"pool_size": 0},
            schedule={"epochs": 1, "decay_epochs": 0},
            run={"accumulate": parts, "log_every": 1},
        )
        cycle_trainer(config, data, tmp_path / str(parts)).train(Limits())
        told.append([event["losses"] for event in events_of(tmp_path / str(parts), "step")])
    for whole, in_parts in zip(*(each[:2] for each in told), strict=True):
        assert whole == pytest.approx(in_parts, rel=1e-3)


def test_the_disk_is_asked_for_the_buffers_too(data: Path, tmp_path: Path) -> None:
    sizes = [
        cycle_trainer(cycle_config(cycle={"pool_size": size}), data, tmp_path / str(size)).state_bytes()
        for size in (0, 50)
    ]
    assert sizes[1] - sizes[0] == 2 * 50 * 3 * 32 * 32 * 4
    trainer = cycle_trainer(cycle_config(), data, tmp_path / "run")
    trainer.train(Limits(stop=lambda: trainer.step == 6))
    assert trainer.run.states_bytes() < 2 * trainer.state_bytes() + 400_000


@pytest.mark.parametrize("names", [("trainA", "trainB"), ("horses", "zebras"), ("lines", "colours")])
def test_the_two_folders_are_found(names: tuple[str, str], tmp_path: Path) -> None:
    pictures(tmp_path / names[0], RED, 2)
    pictures(tmp_path / names[1], BLUE, 3)
    found = scan_unpaired(tmp_path)
    assert (found.input_name, found.target_name) == names
    assert len(found.splits["train"]) == 3
    assert "2 and 3 train" in found.summary
    back = scan_unpaired(tmp_path, direction="BtoA")
    assert (back.input_name, back.target_name) == names[::-1]
    assert {pair.target.path.parent.name for pair in back.pairs} == {names[0]}


def test_a_resumed_run_has_the_pictures_it_began_with(data: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    write_split(scan_unpaired(data), tmp_path / "run")
    check_split(scan_unpaired(data), tmp_path / "run")
    assert len(json.loads((tmp_path / "run" / "split.json").read_text())["splits"]["train"]) == 16
    (data / "trainA" / "trainA-3.png").unlink()
    with pytest.raises(UserError, match=r"1 gone \(trainA/trainA-3.png\)"):
        check_split(scan_unpaired(data), tmp_path / "run")


def test_a_damaged_picture_is_left_out(data: Path, tmp_path: Path) -> None:
    pictures(data / "trainA", RED, 20, first=10)
    (data / "trainA" / "trainA-3.png").write_bytes(b"no picture")
    trainer = cycle_trainer(cycle_config(schedule={"epochs": 3, "decay_epochs": 0}), data, tmp_path / "run")
    trainer.train(Limits())
    assert any("trainA-3" in event["sentence"] for event in events_of(tmp_path / "run", "warned"))


def test_a_missing_or_empty_side_and_sheets_are_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(folder: Path, *settings: str) -> str:
        (tmp_path / "c.toml").write_text(to_toml(cycle_config()), encoding="utf-8")
        words = [word for setting in settings for word in ("--set", setting)]
        run = str(tmp_path / "run")
        assert main(["train", str(tmp_path / "c.toml"), "--data", str(folder), "--run", run, *words]) == 2
        assert not (tmp_path / "run").exists()
        return capsys.readouterr().err

    for path in (data / "trainB").iterdir():
        path.unlink()
    assert "trainB holds no pictures" in refused(data)
    (data / "trainB").rmdir()
    assert "no pictures to learn from" in refused(data)
    pictures(tmp_path / "one" / "trainA", RED, 2)
    pictures(tmp_path / "one" / "testA", RED, 2)
    assert "holds no two folders" in refused(tmp_path / "one")
    pictures(tmp_path / "sheets" / "train", RED, 2)
    pictures(tmp_path / "sheets" / "val", RED, 2)
    assert "sheets are not for unpaired training" in refused(tmp_path / "sheets")
    assert "is not a folder" in refused(tmp_path / "nowhere")
    assert "side-by-side sheets" in refused(data, "data.input_half=left")
    pictures(data / "trainB", BLUE, 1)
    assert "1 pictures on a side" in refused(data)


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"loss": {"l1": 100.0, "chroma": 1.0}}, "set loss.l1, loss.chroma to 0"),
        ({"gan": {"loss": "none"}}, "needs an adversarial loss"),
        ({"gan": {"feature_matching": 1.0}}, "compares a pair"),
        ({"model": {"input_channels": 1}}, "RGB pictures both ways"),
    ],
)
def test_what_needs_pairs_is_refused(sections: dict[str, dict[str, Any]], words: str) -> None:
    (sentence,) = cycle_config(**sections).validate()
    assert words in sentence


def test_the_preset_is_the_papers() -> None:
    config = load_config("cyclegan")
    assert (config.method, config.gan.loss, config.cycle.weight, config.cycle.identity) == (
        "cyclegan",
        "lsgan",
        10.0,
        0.5,
    )
    assert (config.model.architecture, config.model.blocks, config.model.norm) == ("resnet", 9, "instance")
    assert (config.schedule.epochs, config.schedule.decay_epochs, config.run.batch_size) == (100, 100, 1)
    assert load_config("anime").method == "pix2pix"
