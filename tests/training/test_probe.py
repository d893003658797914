"""A probe says what a training will take and leaves nothing behind."""

import json
import tempfile
from pathlib import Path

import pytest

from tests.training.tiny_runs import squares, tiny_config
from training import cli
from training.config import to_toml
from training.pairs import scan
from training.probe import probe


def test_a_probe_measures_both_paces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    data = squares(tmp_path / "data")
    found = probe(tiny_config(gan={"loss": "bce", "start_step": 8}), scan(data), "cpu")
    assert (found.pairs, found.steps_per_epoch) == (10, 5)
    assert found.seconds_a_step > 0
    assert found.seconds_a_step_with_critic != found.seconds_a_step
    assert found.disk_bytes > 200_000_000
    at_once = probe(tiny_config(), scan(data), "cpu")
    assert at_once.seconds_a_step_with_critic == at_once.seconds_a_step
    assert list((tmp_path / "temporary").glob("sketchsause-*")) == []


def test_the_command_writes_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "tiny.toml"
    config.write_text(to_toml(tiny_config()), encoding="utf-8")
    run = tmp_path / "run"
    words = ["train", str(config), "--data", str(squares(tmp_path / "data")), "--run", str(run), "--probe"]
    assert cli.main([*words, "--device", "cpu"]) == 0
    assert json.loads(capsys.readouterr().out)["device"] == "cpu"
    assert not run.exists()
