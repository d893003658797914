"""Per-image statistics are those batch norm would use in training on that picture alone."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch

from models.registry import build
from models.spec import ModelSpec
from training.norm_statistics import PerImageRuntime

SPEC = ModelSpec(norm="batch", base_width=4, depth=4, dropout=0.5)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> torch.nn.Module:
    """A small generator whose running statistics are far from any picture's, in place of a file."""
    torch.manual_seed(0)
    network = build(SPEC)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            assert layer.running_mean is not None
            layer.running_mean.fill_(3.0)
    arrays = {name: value.numpy().copy() for name, value in network.state_dict().items()}
    module = ModuleType("models.checkpoint")
    vars(module).update(read_header=lambda path: SimpleNamespace(spec=SPEC), load_arrays=lambda path: arrays)
    monkeypatch.setitem(sys.modules, "models.checkpoint", module)
    return network


def test_each_picture_is_normalised_by_itself_and_nothing_is_dropped(network: torch.nn.Module) -> None:
    runtime = PerImageRuntime(Path("model.safetensors"))
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, 3, 32, 32)).astype(np.float32)
    answers = runtime.run(pictures)
    network.train()
    for layer in network.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0.0
    for picture, answer in zip(pictures, answers, strict=True):
        with torch.no_grad():
            expected = network(torch.from_numpy(picture[None]))[0].numpy()
        np.testing.assert_allclose(answer, expected, atol=1e-5)
    np.testing.assert_array_equal(runtime.run(pictures[1:])[0], runtime.run(pictures)[1])
    assert runtime.spec == SPEC
    assert "statistics" in runtime.title
