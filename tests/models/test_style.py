"""Palettes inside a network."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models import checkpoint
from models.conditioning import dominant_colours, palette_input
from models.export import onnx_graph
from models.predictor import Predictor
from models.registry import build
from models.runtime import OnnxRuntime, TorchRuntime
from models.spec import PALETTE_COLOURS, ModelSpec

SPECS = [
    ModelSpec(base_width=4, depth=3, palette=True),
    ModelSpec(architecture="resunet", base_width=4, depth=3, dropout=0.0, palette=True, condition="spread_hints"),
]
WARM = [(200, 40, 30), (250, 180, 60), (120, 60, 20)]


def _awake(spec: ModelSpec) -> torch.nn.Module:
    """A network whose styles have learned something."""
    torch.manual_seed(3)
    network = build(spec).eval()
    for values in network.parameters():
        torch.nn.init.normal_(values, std=0.2)
    return network


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.architecture)
def test_a_palette_changes_the_picture_whatever_its_order_and_none_changes_nothing(spec: ModelSpec) -> None:
    network = _awake(spec)
    x = torch.randn(3, spec.network_channels, 32, 32)
    palettes = torch.from_numpy(np.stack([palette_input(WARM), palette_input(WARM[::-1]), palette_input(None)]))
    with torch.no_grad():
        plain, styled = network(x), network(x, palettes)
        turned = network(x, palettes[[1, 0, 2]])
    assert (plain - styled)[:2].abs().amax() > 1e-4
    assert torch.equal(plain[2], styled[2])
    assert torch.allclose(styled, turned, atol=1e-6)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.architecture)
def test_a_network_that_has_not_learned_yet_does_not_look_at_palettes(spec: ModelSpec) -> None:
    network = build(spec).eval()
    x = torch.randn(1, spec.network_channels, 16, 16)
    with torch.no_grad():
        assert torch.equal(network(x), network(x, torch.from_numpy(palette_input(WARM))[None]))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.architecture)
def test_onnx_runtime_and_torch_paint_alike_with_a_palette(spec: ModelSpec, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    arrays = {name: values.numpy() for name, values in _awake(spec).state_dict().items()}
    checkpoint.save(path, spec, arrays, graph=onnx_graph(spec))
    x = np.random.default_rng(0).uniform(-1, 1, (2, spec.network_channels, 32, 48)).astype(np.float32)
    graph = checkpoint.load_graph(path)
    assert graph is not None
    onnx, eager = OnnxRuntime(path, graph), TorchRuntime(path, "cpu")
    for palette in (None, palette_input(WARM)):
        assert np.abs(onnx.run(x, palette) - eager.run(x, palette)).max() < 1e-3  # an eighth of a step of 255
    assert np.abs(eager.run(x) - eager.run(x, palette_input(WARM))).max() > 1e-3


def test_the_predictor_hands_the_palette_on(tmp_path: Path) -> None:
    spec = ModelSpec(base_width=4, depth=3, palette=True)
    path = tmp_path / "m.safetensors"
    checkpoint.save(path, spec, {name: values.numpy() for name, values in _awake(spec).state_dict().items()})
    predictor = Predictor(TorchRuntime(path, "cpu"))
    image = np.random.default_rng(1).integers(0, 256, (40, 40, 3), np.uint8)
    plain, warm = predictor.predict(image), predictor.predict(image, palette=WARM)
    assert not np.array_equal(plain.colour, warm.colour)
    assert np.array_equal(plain.colour, predictor.predict(image, palette=[]).colour)


def test_a_palette_for_the_network() -> None:
    values = palette_input([(255, 0, 127)])
    assert values.shape == (PALETTE_COLOURS, 4)
    assert values[0] == pytest.approx([1, -1, -0.004, 1], abs=1e-3)
    assert not values[1:].any()
    assert not palette_input([]).any()


def test_a_long_palette_is_brought_down_to_what_stands_for_it() -> None:
    reds = [(200 + i % 3, 10, 10) for i in range(30)]
    values = palette_input([*reds, (0, 0, 250)])
    present = values[values[:, 3] > 0]
    assert 2 <= len(present) <= PALETTE_COLOURS
    assert present[:, 2].max() > 0.9  # the one blue is among them


def test_paper_is_no_colour_of_a_picture_unless_there_is_nothing_else() -> None:
    picture = np.full((50, 50, 3), 255, np.uint8)
    assert dominant_colours(picture, 4).tolist() == [[255, 255, 255]]
    picture[:20, :20] = (180, 20, 20)
    picture[30:35, 30:35] = (20, 20, 180)
    colours = dominant_colours(picture, 4)
    assert np.abs(colours[0].astype(int) - (180, 20, 20)).max() <= 2
    assert np.abs(colours[1].astype(int) - (20, 20, 180)).max() <= 2
    assert len(colours) == 2
