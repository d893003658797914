"""Going on from a model without forgetting what it knew: what holds still, what is replayed, when it ends."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from models.checkpoint import load_arrays
from models.conditioning import to_network
from models.errors import UserError
from models.registry import build
from models.spec import ModelSpec
from tests.training.tiny_runs import events_of, squares, tiny_config, tiny_trainer
from training.config import DataConfig, TrainConfig, TuneConfig
from training.replay import Replay, open_replay, shipped_folder
from training.trainer import Limits, Trainer

LINEART = {"task": "lineart", "condition": "hints", "norm": "batch", "dropout": 0.0}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return squares(tmp_path_factory.mktemp("tuning") / "data")


@pytest.fixture(scope="module")
def start(data: Path) -> Path:
    """A model that has learned a little."""
    tiny_trainer(tiny_config(model=LINEART), data, data.parent / "start").train(Limits())
    return data.parent / "start" / "model.safetensors"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Line art to remember by."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(3):
        picture = np.full((48, 48, 3), 255, np.uint8)
        picture[8 + number :: 12] = 0
        picture[:, 6::14] = 0
        Image.fromarray(picture).save(folder / f"{number}.png")
    return folder


def _going_on(start: Path, tune: dict[str, Any], **sections: dict[str, Any]) -> TrainConfig:
    run = {"start_from": str(start), **sections.pop("run", {})}
    return tiny_config("pix2pix", model=LINEART, tune=tune, run=run, **sections)


def _arrays(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in trainer.networks.generator.state_dict().items()}


def test_a_frozen_encoder_stays_as_it_was_and_the_rest_learns(start: Path, data: Path, tmp_path: Path) -> None:
    trainer = tiny_trainer(_going_on(start, {"freeze": "encoder"}), data, tmp_path / "run")
    before = _arrays(trainer)
    trainer.train(Limits())
    changed = {name for name, value in _arrays(trainer).items() if not torch.equal(value, before[name])}
    assert not {name for name in changed if name.startswith("down.")}
    assert {name for name in changed if name.startswith("up.")}


def test_norms_keep_their_statistics_while_their_scales_learn(start: Path, data: Path, tmp_path: Path) -> None:
    trainer = tiny_trainer(_going_on(start, {"keep_norms": True}), data, tmp_path / "run")
    before = _arrays(trainer)
    trainer.train(Limits())
    after = _arrays(trainer)
    statistics = [name for name in before if "running_" in name]
    assert statistics
    assert all(torch.equal(before[name], after[name]) for name in statistics)
    assert any(not torch.equal(before[name], after[name]) for name in before if "norm.weight" in name)


@pytest.mark.parametrize("architecture", ["unet", "resunet", "resnet"])
def test_every_network_says_what_looks_at_the_picture(architecture: Any) -> None:
    network = build(ModelSpec(architecture=architecture, base_width=4, depth=3))
    network.hold_still(network.seeing())
    network.train()
    still = [name for name, each in network.named_parameters() if not each.requires_grad]
    assert 0 < len(still) < len(list(network.parameters()))
    assert all(not part.training for part in network.seeing())
    assert network.training


def _forgotten(trainer: Trainer, start: Path, pages: Path) -> float:
    """How far the model's answers to the pages are from what they were, 0..2."""
    before = build(trainer.config.model)
    before.load_state_dict({name: torch.from_numpy(array) for name, array in load_arrays(start).items()})
    replay = Replay(files=tuple(sorted(pages.iterdir())), share=1.0)
    samples = [replay.sample(DataConfig(load_size=36, crop_size=32), np.random.default_rng(n)) for n in range(8)]
    pictures = torch.stack([torch.from_numpy(to_network(source)) for source, _, _ in samples])
    condition = torch.cat([pictures, torch.zeros(len(samples), 4, 32, 32)], dim=1)
    with torch.no_grad():
        answers = [network.eval()(condition) for network in (before, trainer.networks.generator)]
    return float((answers[0] - answers[1]).abs().mean())


def test_what_is_replayed_is_forgotten_less(start: Path, data: Path, pages: Path, tmp_path: Path) -> None:
    inverted = tmp_path / "inverted"  # the same lines, other colours
    for path in data.rglob("*.png"):
        target = inverted / path.relative_to(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        picture = np.asarray(Image.open(path))
        Image.fromarray(255 - picture if "B" in path.parts else picture).save(target)
    forgotten = []
    for name, tune in (("plain", {"keep_norms": True}), ("replay", {"keep_norms": True, "replay": str(pages)})):
        config = _going_on(start, tune, gan={"loss": "none"}, schedule={"epochs": 12, "decay_epochs": 0})
        trainer = tiny_trainer(config, inverted, tmp_path / name)
        trainer.train(Limits())
        forgotten.append(_forgotten(trainer, start, pages))
    assert forgotten[1] < 0.6 * forgotten[0]


def test_replay_shows_line_art_bare_and_with_hints_in_any_colours(pages: Path) -> None:
    replay = Replay(files=tuple(sorted(pages.iterdir())), share=0.5)
    config = DataConfig(load_size=36, crop_size=32, palettes=1.0)
    samples = [replay.sample(config, np.random.default_rng(number)) for number in range(60)]
    hinted = [bool(hints[..., 3].any()) for _, hints, _ in samples]
    assert 10 < sum(hinted) < 50
    assert any(palette is not None for _, _, palette in samples)
    colours = np.concatenate([hints[hints[..., 3] > 0][:, :3] for _, hints, _ in samples])
    assert np.ptp(colours, axis=0).min() > 150


def test_half_of_the_replayed_drawings_with_blots_lie_on_white_paper(tmp_path: Path) -> None:
    figure = np.full((48, 48, 3), 255, np.uint8)
    figure[12:36, 12:36] = 0
    figure[14:34, 14:34] = 255
    Image.fromarray(figure).save(tmp_path / "figure.png")
    replay = Replay(files=(tmp_path / "figure.png",), share=0.5)
    config = DataConfig(load_size=48, crop_size=48, zoom=0.0, max_hints=60)
    on_paper = []
    for number in range(120):
        source, hints, _ = replay.sample(config, np.random.default_rng(number))
        outside = (hints[..., 3] > 0) & (source.min(axis=2) > 200)
        outside[10:38, 10:38] = False
        if outside.sum() > 150:  # a good part of the paper is hinted: none of the few closed regions
            on_paper.append(float((hints[outside][:, :3].min(axis=1) > 250).mean()) > 0.7)
    assert len(on_paper) > 15
    assert 0.25 < np.mean(on_paper) < 0.75


def test_a_run_with_replay_resumes_to_the_same_weights(start: Path, data: Path, pages: Path, tmp_path: Path) -> None:
    config = _going_on(start, {"replay": str(pages), "freeze": "encoder"}, run={"save_every": 4})
    whole = tiny_trainer(config, data, tmp_path / "whole")
    whole.train(Limits())
    first = tiny_trainer(config, data, tmp_path / "parts")
    first.train(Limits(stop=lambda: first.step == 8))
    second = tiny_trainer(config, data, tmp_path / "parts", resume=True)
    second.train(Limits())
    assert all(torch.equal(value, _arrays(second)[name]) for name, value in _arrays(whole).items())


def test_it_ends_when_it_gets_no_better_and_ships_the_best(
    start: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = {"best": "psnr", "measure_every": 2, "ema": 0.0}
    config = _going_on(start, {"patience": 2}, run=run, schedule={"epochs": 60, "decay_epochs": 0})
    trainer = tiny_trainer(config, data, tmp_path / "run")
    figures = iter([10.0, 12.0, 11.0, 11.5, 13.0])
    monkeypatch.setattr(trainer.method, "watched", lambda _pairs, held_out: _Told(figures))
    assert trainer.train(Limits()) == "early"
    assert trainer.step == 6
    best = load_arrays(tmp_path / "run" / "best.safetensors")
    shipped = load_arrays(tmp_path / "run" / "model.safetensors")
    last = _arrays(trainer)
    assert all(np.array_equal(shipped[name], best[name]) for name in best)
    assert any(not np.allclose(shipped[name], last[name].numpy(), atol=2e-3) for name in best if "weight" in name)
    assert events_of(tmp_path / "run", "finished")[-1]["reason"] == "early"


class _Told:
    """Watched pictures whose measures are known beforehand."""

    pairs = (1,)
    measurable = True

    def __init__(self, figures: Any) -> None:
        self._figures = figures

    def sample(self, _network: object, _path: Path) -> None: ...

    def measure(self, _network: object) -> dict[str, float]:
        return {"psnr": next(self._figures)}


def test_wrong_settings_are_told_in_sentences(tmp_path: Path) -> None:
    alone = tiny_config(model=LINEART, tune={"freeze": "encoder"})
    assert any("run.start_from" in sentence for sentence in alone.validate())
    impatient = tiny_config(tune={"patience": 3})
    assert any("tune.patience" in sentence for sentence in impatient.validate())
    picture = tiny_config(tune={"replay": "shipped"}, run={"start_from": "x"})
    assert any("tune.replay" in sentence for sentence in picture.validate())
    with pytest.raises(UserError, match="no line art"):
        open_replay(TuneConfig(replay=str(tmp_path)))


def test_line_art_to_remember_by_is_shipped_with_its_sources() -> None:
    replay = open_replay(TuneConfig(replay="shipped"))
    assert replay is not None
    assert len(replay.files) >= 100
    assert "Licence" in (shipped_folder() / "SOURCE.md").read_text(encoding="utf-8")
