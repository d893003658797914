import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import checkpoint
from models.registry import build
from training.config import config_from_dict, to_toml
from training.recipes.lineart_card import main

REPORT: dict[str, Any] = {
    "seed": 4,
    "house": 0.5,
    "counts": {"train": {"a": 7, "b": 2}, "val": {"a": 1}},
    "licences": {"a": "CC0 1.0", "b": "CC BY-SA 4.0"},
    "attributions": {"a": "drawn by Ann | Bo", "b": "drawn by Cy"},
    "share_alike": ["b"],
}
FIGURES = {
    "n": 5,
    "data": "/somewhere/pairs",
    "split": "all",
    "size": 256,
    "rows": [
        {"name": "m (running statistics)", "hints": 0, "statistics": "running", "ssim": 0.71234, "psnr": 14.5},
        {"name": "m (image statistics)", "hints": 0, "statistics": "image", "ssim": 0.1, "psnr": 1.0},
        {"name": "input copied", "hints": None, "statistics": None, "ssim": 0.7, "psnr": 13.0},
    ],
}


def _publish(folder: Path, report: dict[str, Any], *more: str) -> tuple[int, Path]:
    config = config_from_dict({"model": {"base_width": 4, "depth": 3, "title": "Lines"}, "gan": {"loss": "none"}})
    run = folder / "run"
    run.mkdir(exist_ok=True)
    (run / "config.toml").write_text(to_toml(config), encoding="utf-8")
    (run / "events.jsonl").write_text('{"event": "step", "step": 30}\n{"event": "saved", "step": 42}\n')
    arrays = {name: value.numpy() for name, value in build(config.model).state_dict().items()}
    checkpoint.save(
        run / "model.safetensors", config.model, arrays, {"preset": "lineart", "steps": "42"}, graph=b"graph"
    )
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    (folder / "eval.json").write_text("a table\n" + json.dumps(FIGURES), encoding="utf-8")
    words = [str(run), "--set-report", str(folder / "report.json"), "--figures", str(folder / "eval.json")]
    out = folder / "lines.safetensors"
    return main([*words, *more, "--out", str(out)]), out


def test_the_card_names_every_source_and_figure(tmp_path: Path) -> None:
    code, out = _publish(tmp_path, REPORT)
    assert code == 0
    card = out.with_suffix(".md").read_text(encoding="utf-8")
    for told in (
        "CC BY-SA 4.0",
        "drawn by Ann / Bo",
        "drawn by Cy",
        "9 training",
        "42 steps",
        "0.7123",
        "14.50",
        "N = 5",
    ):
        assert told in card
    assert "0.1000" not in card  # statistics the program does not use
    header = checkpoint.read_header(out)
    assert (header.facts["licence"], header.facts["steps"]) == ("CC BY-SA 4.0", "42")
    stored, trained = checkpoint.load_arrays(out), checkpoint.load_arrays(tmp_path / "run" / "model.safetensors")
    assert all(np.allclose(stored[name], value, atol=1e-2) for name, value in trained.items())


def test_without_share_alike_sets_the_licence_is_open(tmp_path: Path) -> None:
    _, out = _publish(tmp_path, {**REPORT, "share_alike": []})
    assert checkpoint.read_header(out).facts["licence"] == "CC BY 4.0"


def test_a_closed_licence_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = _publish(tmp_path, {**REPORT, "licences": {"a": "CC BY-NC 4.0", "b": "CC BY-SA 4.0"}})
    assert code == 2
    assert "licence of a" in capsys.readouterr().err
    assert not out.exists()


def test_a_missing_report_is_one_sentence(tmp_path: Path) -> None:
    words = ["--set-report", str(tmp_path / "none.json"), "--figures", str(tmp_path / "none.json")]
    assert main([str(tmp_path), *words, "--out", str(tmp_path / "x.safetensors")]) == 2


def test_the_card_goes_on_from_that_of_the_weights_it_began_with(tmp_path: Path) -> None:
    _, first = _publish(tmp_path, REPORT)
    before = tmp_path / "before.md"
    before.write_text(first.with_suffix(".md").read_text(encoding="utf-8"), encoding="utf-8")
    code, out = _publish(tmp_path, REPORT, "--started-from", str(before))
    card = out.with_suffix(".md").read_text(encoding="utf-8")
    assert code == 0
    assert "1. 42 steps" in card
    assert "2. 42 steps" in card
    assert card.count("- Set of seed") == 2
    assert checkpoint.read_header(out).facts["steps"] == "84"
    before.write_text("no card", encoding="utf-8")
    assert _publish(tmp_path, REPORT, "--started-from", str(before))[0] == 2
