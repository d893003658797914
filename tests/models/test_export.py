"""A model exported for other programs paints the same there."""

import json
import warnings
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from models import checkpoint
from models.export import write_onnx, write_torchscript
from models.registry import build
from models.runtime import TorchRuntime
from models.spec import ModelSpec

SPECS = [
    ModelSpec(base_width=8, depth=3, self_attention=True, attention_gates=True, condition="hints"),
    ModelSpec(architecture="resnet", base_width=4, depth=2, blocks=1),
]
INPUTS = [(64, 64), (40, 96)]


def _write(path: Path, spec: ModelSpec) -> TorchRuntime:
    torch.manual_seed(1)
    network = build(spec)
    for values in network.parameters():
        torch.nn.init.normal_(values, std=0.2)
    checkpoint.save(path, spec, {name: tensor.numpy() for name, tensor in network.state_dict().items()})
    return TorchRuntime(path, "cpu")


OUR_FOLDER = str(Path(checkpoint.__file__).parent).encode()


def test_an_onnx_file_runs_alone(tmp_path: Path) -> None:
    spec = SPECS[0]  # the other architectures' graphs are looked at in test_runtime
    ours = _write(tmp_path / "m.safetensors", spec)
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "m.onnx"
    write_onnx(tmp_path / "m.safetensors", target)
    assert [path.name for path in target.parent.iterdir()] == ["m.onnx"]
    assert OUR_FOLDER not in target.read_bytes()  # nobody's folders go along
    session = onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
    described = session.get_modelmeta().custom_metadata_map["sketchsause"]
    assert ModelSpec.from_dict(json.loads(described)) == spec
    for size in INPUTS:
        x = np.random.default_rng(0).uniform(-1, 1, (1, spec.network_channels, *size)).astype(np.float32)
        answer = session.run(None, {"input": x})[0]
        assert answer.std() > 0.01
        assert np.abs(answer - ours.run(x)).max() < 1e-4


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.architecture)
def test_a_torchscript_file_runs_alone(spec: ModelSpec, tmp_path: Path) -> None:
    ours = _write(tmp_path / "m.safetensors", spec)
    write_torchscript(tmp_path / "m.safetensors", tmp_path / "m.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated
        network = torch.jit.load(str(tmp_path / "m.pt"))  # type: ignore[no-untyped-call]
    for size in INPUTS:
        x = np.random.default_rng(0).uniform(-1, 1, (2, spec.network_channels, *size)).astype(np.float32)
        with torch.no_grad():
            answer = network(torch.from_numpy(x.copy())).numpy()
        assert answer.std() > 0.01
        assert np.abs(answer - ours.run(x)).max() < 1e-4


def test_a_torchscript_file_says_nothing_of_the_folders_it_was_made_in(tmp_path: Path) -> None:
    _write(tmp_path / "m.safetensors", SPECS[0])
    target = tmp_path / "Mädchen 線.pt"
    write_torchscript(tmp_path / "m.safetensors", target)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            assert name.startswith("Mädchen 線/")
            assert OUR_FOLDER not in archive.read(name)
            assert str(Path(torch.__file__).parent).encode() not in archive.read(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated
        torch.jit.load(str(target))  # type: ignore[no-untyped-call]
