"""The card and the weights of the satellite model, from runs that hold a tiny network."""

import json
from pathlib import Path

import numpy as np

from models import checkpoint
from models.registry import build
from training.config import config_from_dict, to_toml
from training.recipes.satmap import main

FIGURES = {
    "n": 80,
    "data": "/somewhere/maps",
    "split": "all",
    "size": 256,
    "rows": [{"name": "m", "ssim": 0.7123, "psnr": 26.5, "road_f1": 0.61, "water_iou": 0.8, "park_iou": None}],
}
MODEL = {
    "architecture": "resunet",
    "base_width": 4,
    "depth": 3,
    "output": "classes",
    "output_channels": 2,
    "classes": ["#ffffff", "#b2d1fd"],
}


def _run(folder: Path, *, value: float) -> Path:
    """A run whose weights are all `value`, and its counts 3."""
    losses = {"ssim": 1.2, "classes": 0.5}
    config = config_from_dict({"model": MODEL, "loss": losses, "gan": {"loss": "none"}})
    folder.mkdir()
    (folder / "config.toml").write_text(to_toml(config), encoding="utf-8")
    arrays = {
        name: np.full(each.shape, value if each.is_floating_point() else 3, each.numpy().dtype)
        for name, each in build(config.model).state_dict().items()
    }
    facts = {"preset": "satmap", "steps": "42", "pairs": "1060"}
    checkpoint.save(folder / "model.safetensors", config.model, arrays, facts, graph=b"graph")
    return folder


def test_the_card_goes_on_from_that_of_the_weights_it_began_with(tmp_path: Path) -> None:
    first, second = _run(tmp_path / "a", value=0.25), _run(tmp_path / "b", value=0.75)
    (tmp_path / "old.md").write_text("## Training\n\n1. 100 steps of old.\n", encoding="utf-8")
    (tmp_path / "eval.json").write_text("a table\n" + json.dumps(FIGURES), encoding="utf-8")
    out = tmp_path / "map.safetensors"
    words = ["publish", first, second]
    words += ["--started-from", tmp_path / "old.md", "--figures", tmp_path / "eval.json"]
    words += ["--sharpness", 1.6, "--out", out]
    assert main([str(word) for word in words]) == 0
    header = checkpoint.read_header(out)
    assert (header.spec.sharpness, header.facts["steps"]) == (1.6, "184")
    arrays = checkpoint.load_arrays(out)
    assert all(np.all(each == (0.75 if each.dtype == np.float32 else 3)) for each in arrays.values())
    card = out.with_suffix(".md").read_text(encoding="utf-8")
    for told in ("1. 100 steps of old.", "3. 42 steps", "1.2 SSIM", "0.712"):
        assert told in card
