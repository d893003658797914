"""Ways of training beside each other: seconds each, on squares."""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.errors import UserError
from tests.desktop.tiny_model import write_tiny_model
from tests.training.tiny_runs import squares
from training import trials as module
from training.cli import main
from training.config import TrainConfig, load_config
from training.recipes import lineart, satmap
from training.run_dir import RunDir
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


def test_the_same_pairs_by_another_path_are_the_same(trials: Trials, monkeypatch: pytest.MonkeyPatch) -> None:
    only_first = replace(trials, variants=(FIRST,))
    told = run_trials(only_first)
    monkeypatch.chdir(trials.data.parent)
    assert run_trials(replace(only_first, data=Path(trials.data.name))) == told
    elsewhere = squares(trials.data.parent / "elsewhere")
    monkeypatch.chdir(elsewhere)
    with pytest.raises(UserError, match="trained otherwise"):
        run_trials(replace(only_first, data=Path()))


def test_a_preset_that_changed_since_is_noticed(trials: Trials, monkeypatch: pytest.MonkeyPatch) -> None:
    run_trials(replace(trials, variants=(FIRST,)))

    def changed(name: str, overrides: Mapping[str, str] | None = None) -> TrainConfig:
        config = load_config(name, overrides)
        return config if name.endswith(".toml") else replace(config, optimiser=replace(config.optimiser, rate=0.5))

    monkeypatch.setattr(module, "load_config", changed)
    with pytest.raises(UserError, match="trained otherwise"):
        trials.check()


def ending(folder: Path, reason: str) -> None:
    folder.mkdir(parents=True)
    write_tiny_model(folder / "model.safetensors")
    (folder / "events.jsonl").write_text(json.dumps({"event": "finished", "step": 3, "reason": reason}) + "\n")


@pytest.mark.parametrize("reason", ["stop", "done", ""])
def test_one_that_did_not_learn_all_its_time_does_not_count(
    trials: Trials, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    def run_training(words: Sequence[str]) -> tuple[int, str]:
        ending(Path(words[words.index("--run") + 1]), reason)
        time.sleep(1.5)  # longer than its time: what comes before the first step takes some, too
        return 0, ""

    monkeypatch.setattr(module, "run_training", run_training)
    with pytest.raises(UserError, match="ended before its time"):
        run_trials(replace(trials, variants=(FIRST,)))
    assert not (trials.out / "first" / "trial.json").exists()


@pytest.mark.parametrize(
    ("code", "said", "words"),
    [
        (2, "12 pairs.\nThere is no room.\n", "There is no room"),
        (1, "Traceback\nValueError: odd\n", "ValueError: odd"),
        (-9, "12 pairs.\n", "ended with code -9"),
        (1, "", "ended with code 1"),
    ],
)
def test_why_a_training_failed_is_told(
    trials: Trials, monkeypatch: pytest.MonkeyPatch, code: int, said: str, words: str
) -> None:
    monkeypatch.setattr(module, "run_training", lambda _words: (code, said))
    with pytest.raises(UserError, match=words):
        run_trials(trials)


def test_one_whose_model_is_missing_does_not_stop_the_others(trials: Trials, monkeypatch: pytest.MonkeyPatch) -> None:
    here = module.run_training

    def run_training(words: Sequence[str]) -> tuple[int, str]:
        answer = here(words)
        if "model.base_width=8" in words:
            (Path(words[words.index("--run") + 1]) / "model.safetensors").unlink()
        return answer

    monkeypatch.setattr(module, "run_training", run_training)
    told = run_trials(trials)
    assert told["rows"][0]["name"] == "first"
    assert "model.safetensors" in told["failed"]["wider"]


def test_what_is_no_training_is_not_deleted(trials: Trials) -> None:
    precious = trials.out / "first" / "thesis.txt"
    precious.parent.mkdir(parents=True)
    precious.write_text("years of work")
    with pytest.raises(UserError, match="something else than a training"):
        run_trials(trials)
    assert precious.is_file()


def test_a_training_that_still_runs_is_left_alone(trials: Trials) -> None:
    run = RunDir(trials.out / "first")
    with run.locked(), pytest.raises(UserError, match="Another training is running"):
        run_trials(trials)
    assert run.folder.is_dir()


def test_pairs_of_which_none_is_held_out_are_refused_before_anything_is_trained(trials: Trials) -> None:
    keeps_all = settings(TINY, {"data.val_share": "0", "data.test_share": "0"})
    shutil.rmtree(trials.data / "val")
    with pytest.raises(UserError, match="held out"):
        run_trials(replace(trials, variants=(replace(FIRST, settings=keeps_all),)))
    assert not trials.out.exists()


def test_a_perfect_answer_is_nothing_json_cannot_say(trials: Trials) -> None:
    for path in sorted(trials.data.rglob("A/*.png")):
        path.write_bytes((path.parents[1] / "B" / path.name).read_bytes())
    told = run_trials(replace(trials, variants=(FIRST,)))
    copied = next(row for row in told["rows"] if row["name"] == "copy the input")
    assert copied["ssim"] == pytest.approx(1)
    assert copied["psnr"] is None
    assert "Infinity" not in (trials.out / "trials.json").read_text(encoding="utf-8")


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
