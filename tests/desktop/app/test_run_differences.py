"""What differs between trainings."""

from pathlib import Path

from sketchsause_desktop.app.run_differences import differences
from sketchsause_desktop.app.training_spec import TrainingSpec
from training.config import load_config, to_toml


def spec(folder: Path, preset: str = "lineart", data: str = "pages", **settings: str) -> TrainingSpec:
    named = {key.replace("__", "."): value for key, value in settings.items()}
    return TrainingSpec(preset=preset, data=folder / data, run=folder / f"run-{data}-{preset}", settings=named)


def test_begun_and_not_begun_runs_are_told_alike(tmp_path: Path) -> None:
    one = spec(tmp_path, data="one", run__batch_size="4", model__title='"A"', data__exclude='["a", "b"]')
    two = spec(tmp_path, data="two", run__batch_size="4", model__title='"B"', data__flip="false")
    one.run.mkdir()
    (one.run / "config.toml").write_text(to_toml(load_config(one.preset, one.settings)), encoding="utf-8")
    found = {each.name: each.values for each in differences([one, two])}
    assert found == {
        "pairs of": (str(tmp_path / "one"), str(tmp_path / "two")),
        "data: exclude": ("a, b", "–"),
        "data: flip": ("yes", "no"),
    }
    assert all(each.sentence for each in differences([one, two])[1:])


def test_a_damaged_or_missing_preset_is_passed_over(tmp_path: Path) -> None:
    one, two = spec(tmp_path, data="one"), spec(tmp_path, preset=str(tmp_path / "none.toml"), data="one")
    assert {"model: architecture", "run: batch size"} <= {each.name for each in differences([one, two])}
    two.run.mkdir(parents=True)
    (two.run / "config.toml").write_text("[run", encoding="utf-8")
    assert differences([two, two]) == []
