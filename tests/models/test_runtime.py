"""ONNX Runtime and torch must give the same picture from the same file."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models import checkpoint, runtime
from models.attention import SelfAttention
from models.conditioning import palette_input
from models.errors import UserError
from models.export import onnx_graph
from models.registry import build
from models.runtime import OnnxRuntime, TorchRuntime, load_runtime
from models.spec import ModelSpec

SPECS = [
    ModelSpec(architecture="unet", base_width=4, depth=3),
    ModelSpec(architecture="unet", base_width=4, depth=3, up="resize", norm="instance"),
    ModelSpec(architecture="resunet", base_width=4, depth=3, condition="hints", input_channels=1, dropout=0.0),
    ModelSpec(base_width=8, depth=3, self_attention=True, attention_gates=True, skip="leaky", padding="reflect"),
    ModelSpec(
        architecture="resunet", base_width=8, depth=3, self_attention=True, attention_gates=True, fusion="learned"
    ),
    ModelSpec(architecture="resnet", base_width=4, depth=2, blocks=2),
]


def _write(path: Path, spec: ModelSpec) -> Path:
    torch.manual_seed(1)
    network = build(spec)
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
            torch.nn.init.kaiming_normal_(layer.weight)
        if isinstance(layer, SelfAttention):
            torch.nn.init.ones_(layer.gamma)
    with torch.no_grad():  # batch norms that have seen pictures, so that folding them matters
        network.train()(torch.randn(4, spec.network_channels, 64, 64))
    arrays = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    checkpoint.save(path, spec, arrays, graph=onnx_graph(spec), half=True)
    return path


def weight_bytes(loaded: TorchRuntime) -> int:
    return sum(each.nbytes for each in loaded._network.parameters())


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.architecture}-{spec.up}-{spec.norm}-{spec.fusion}")
def test_both_runtimes_agree(spec: ModelSpec, tmp_path: Path) -> None:
    path = _write(tmp_path / "m.safetensors", spec)
    fast = load_runtime(path, "cpu")
    assert isinstance(fast, OnnxRuntime)
    slow = TorchRuntime(path, "cpu")
    rng = np.random.default_rng(0)
    for batch, height, width in ((1, 64, 64), (2, 8, 40)):
        x = rng.uniform(-1, 1, (batch, spec.network_channels, height, width)).astype(np.float32)
        first, second = fast.run(x), slow.run(x)
        assert first.shape == second.shape == (batch, 3, height, width)
        assert second.std() > 0.05  # the weights show
        assert np.abs(first - second).max() < 1e-4


@pytest.mark.parametrize(
    "spec",
    [*SPECS, ModelSpec(architecture="resunet", base_width=4, depth=3, condition="hints", palette=True)],
    ids=lambda spec: f"{spec.architecture}-{spec.norm}-{spec.fusion}-{spec.palette}",
)
def test_half_precision_paints_the_same_picture_in_half_the_memory(spec: ModelSpec, tmp_path: Path) -> None:
    loaded = TorchRuntime(_write(tmp_path / "m.safetensors", spec), "cpu")
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (1, spec.network_channels, 40, 64)).astype(np.float32)
    palette = palette_input([(200, 30, 30), (20, 200, 90)])
    whole, needed = loaded.run(x, palette), weight_bytes(loaded)
    loaded.halve()
    half = loaded.run(x, palette)
    assert half.dtype == np.dtype(np.float32)
    assert half.shape == whole.shape
    assert 0 < np.abs(half - whole).max() < 0.05
    assert weight_bytes(loaded) < 0.6 * needed


def test_a_card_torch_is_not_built_for_leaves_the_work_to_the_cpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _write(tmp_path / "m.safetensors", SPECS[0])

    class OldCard:
        def __init__(self, path: Path, device: str) -> None:
            self.spec, self.device = checkpoint.read_header(path).spec, device

        def run(self, _x: np.ndarray) -> np.ndarray:
            raise RuntimeError("no kernel image is available for execution on the device")

    monkeypatch.setattr(runtime, "TorchRuntime", OldCard)
    monkeypatch.setattr(runtime, "best_device", lambda: "cuda")
    assert isinstance(load_runtime(path), OnnxRuntime)


def test_without_a_graph_torch_runs_it(tmp_path: Path) -> None:
    spec = ModelSpec(base_width=4, depth=3)
    arrays = {name: tensor.numpy() for name, tensor in build(spec).state_dict().items()}
    checkpoint.save(tmp_path / "m.safetensors", spec, arrays)
    assert isinstance(load_runtime(tmp_path / "m.safetensors", "cpu"), TorchRuntime)


def test_weights_of_another_shape_are_named(tmp_path: Path) -> None:
    arrays = {name: tensor.numpy() for name, tensor in build(ModelSpec(base_width=8, depth=3)).state_dict().items()}
    checkpoint.save(tmp_path / "m.safetensors", ModelSpec(base_width=4, depth=3), arrays)
    with pytest.raises(UserError, match="does not fit"):
        load_runtime(tmp_path / "m.safetensors", "cpu")


def test_unknown_and_missing_devices(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    checkpoint.save(path, ModelSpec(), {})
    with pytest.raises(UserError, match="no device named tpu"):
        load_runtime(path, "tpu")
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="no CUDA device"):
            load_runtime(path, "cuda")
