"""Ways of training beside each other: seconds each, on squares."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.errors import UserError
from tests.training.tiny_runs import squares
from training import trials as module
from training.cli import main
from training.config import load_config
from training.recipes import lineart, satmap
from training.trials import SELDOM, STEADY, Trials, Variant, markdown, run_trials, settings

PROCESS = module.run_training  # before a test takes its place
TINY = settings(
    STEADY,
    SELDOM,
    {
        "model.architecture": "unet",
        "model.base_width": "4",
        "model.depth": "3",
        "model.working_size": "32",
        "data.load_size": "36",
        "data.crop_size": "32",
        "run.batch_size": "2",
        "gan.loss": "none",
        "data.direction": "AtoB",
    },
)
FIRST = Variant(name="first", preset="pictures", settings=TINY)
WIDER = Variant(name="wider", preset="pictures", settings=settings(TINY, {"model.base_width": "8"}))


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Trains in this process, which has torch loaded already."""

    def run_training(words: Sequence[str]) -> tuple[int, str]:
        code = main(words)
        return code, capsys.readouterr().err

    monkeypatch.setattr(module, "run_training", run_training)


def test_a_process_of_its_own_says_what_is_wrong() -> None:
    code, said = PROCESS(["train", "no-such-preset", "--data", "x", "--run", "y"])
    assert code == 2
    assert "no-such-preset" in said


@pytest.fixture
def trials(tmp_path: Path) -> Trials:
    data = squares(tmp_path / "squares")
    return Trials(variants=(FIRST, WIDER), data=data, out=tmp_path / "out", minutes=0.02, size=32, device="cpu")


def test_each_is_trained_measured_and_not_trained_again(trials: Trials, monkeypatch: pytest.MonkeyPatch) -> None:
    told = run_trials(trials)
    first, wider, *trivial = told["rows"]
    assert (first["name"], wider["name"]) == ("first", "wider")
    assert first["steps"] > 0
    assert first["ssim"] is not None
    assert wider["settings"]["model.base_width"] == "8"
    assert trivial[0]["name"] == "copy the input"
    assert trivial[0]["steps"] is None
    assert told["n"] == 2
    assert json.loads((trials.out / "trials.json").read_text(encoding="utf-8")) == told
    assert "| wider |" in (trials.out / "trials.md").read_text(encoding="utf-8")
    assert (trials.out / "trials.png").is_file()

    def refuse(*_words: Any, **_settings: Any) -> None:
        raise AssertionError("it was trained again")

    monkeypatch.setattr(module, "run_training", refuse)
    assert run_trials(trials) == told
    with pytest.raises(UserError, match="trained otherwise"):
        run_trials(replace(trials, minutes=5))


def test_one_that_fails_is_named_and_a_cut_off_one_begins_anew(trials: Trials) -> None:
    broken = replace(FIRST, name="broken", settings=settings(TINY, {"run.start_from": "nothing-of-this-name"}))
    left = trials.out / "wider" / "config.toml"
    left.parent.mkdir(parents=True)
    left.write_text("a run that was killed")
    told = run_trials(replace(trials, variants=(broken, WIDER)))
    assert "nothing-of-this-name" in told["failed"]["broken"]
    assert told["rows"][0]["name"] == "wider"
    assert "broken failed: " in markdown(told)


def test_nonsense_is_refused_before_anything_is_trained(trials: Trials) -> None:
    for fault in ({"minutes": 0.0}, {"only": "nobody"}):
        with pytest.raises(UserError):
            run_trials(replace(trials, **fault))
    assert not trials.out.exists()


@pytest.mark.parametrize("variant", [*satmap.VARIANTS, *lineart.VARIANTS], ids=lambda each: each.name)
def test_the_variants_of_the_recipes_can_be_trained(variant: Variant) -> None:
    assert load_config(variant.preset, variant.settings).validate() == []


@pytest.mark.parametrize("recipe", [satmap, lineart])
def test_names_are_told_apart(recipe: Any) -> None:
    names = [each.name for each in recipe.VARIANTS]
    assert len(set(names)) == len(names)
