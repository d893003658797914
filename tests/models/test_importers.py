"""Generators of other programs paint the same after they were imported."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from models import importers
from models.checkpoint import read_header
from models.errors import UserError
from models.importers import import_checkpoint
from models.registry import build
from models.runtime import TorchRuntime
from models.spec import ModelSpec
from tests.models.foreign_networks import (
    DescribedUNet,
    NamedUNet,
    NestedUNet,
    NumberedResnet,
    no_norm,
    plain_instance,
)


def _lived_in(network: nn.Module) -> nn.Module:
    """Weights that show in the picture, statistics and scales that are not those of a new network."""
    torch.manual_seed(1)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(layer.weight)
            if layer.bias is not None:
                nn.init.normal_(layer.bias, std=0.3)
        if isinstance(layer, nn.BatchNorm2d):
            for values, low in ((layer.weight, 0.5), (layer.bias, -0.5), (layer.running_mean, -0.5)):
                assert values is not None
                nn.init.uniform_(values, low, low + 1)
            assert layer.running_var is not None
            nn.init.uniform_(layer.running_var, 0.5, 2.0)
    return network.eval()


BATCH = nn.BatchNorm2d
Known = dict[str, tuple[nn.Module, dict[str, Any]]]
NESTED: Known = {
    "unet_128": (NestedUNet(7, 4, BATCH), {"depth": 7}),
    "unet_256": (NestedUNet(8, 4, BATCH), {"depth": 8}),
    "unet_256-instance": (NestedUNet(8, 4, plain_instance), {"depth": 8, "norm": "instance"}),
    "unet_32-none": (NestedUNet(5, 4, no_norm), {"depth": 5, "norm": "none"}),
    "unet_32-grey": (NestedUNet(5, 4, BATCH, inputs=1), {"depth": 5, "input_channels": 1}),
}
RESNETS: Known = {
    "resnet_6": (NumberedResnet(6, 4, plain_instance, False), {"blocks": 6, "norm": "instance", "dropout": 0.0}),
    "resnet_9": (NumberedResnet(9, 4, BATCH, False), {"blocks": 9, "dropout": 0.0}),
    "resnet_6-dropout": (NumberedResnet(6, 4, BATCH, True), {"blocks": 6, "dropout": 0.5}),
}
PLAIN: Known = {
    "named": (NamedUNet(4), {"bottleneck": "relu", "padding": "reflect"}),
    "described": (DescribedUNet(4), {"bottleneck": "leaky"}),
    "described-biased": (DescribedUNet(4, biased=True), {"bottleneck": "leaky"}),
}
EVERY: Known = {
    **NESTED,
    **{
        name: (network, {"architecture": "resnet", "depth": 2, **fields}) for name, (network, fields) in RESNETS.items()
    },
    **{name: (network, {"skip": "leaky", **fields}) for name, (network, fields) in PLAIN.items()},
}


@pytest.fixture(autouse=True)
def _no_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making one takes seconds; test_runtime looks at the graphs of all architectures."""
    monkeypatch.setattr(importers, "onnx_graph", lambda _spec: None)


def _import(content: object, folder: Path) -> Path:
    source, target = folder / "latest_net_G.pth", folder / "model.safetensors"
    torch.save(content, source)
    import_checkpoint(source, target, "satmap", "Maps")
    return target


def _assert_equal(network: nn.Module, target: Path) -> None:
    runtime = TorchRuntime(target, "cpu")
    shape = (1, runtime.spec.input_channels, 256, 512)
    x = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(x.copy())).numpy()
    assert expected.std() > 0.05  # the weights show
    assert np.abs(runtime.run(x) - expected).max() < 1e-5


@pytest.mark.parametrize("name", EVERY)
def test_the_imported_network_paints_the_same(name: str, tmp_path: Path) -> None:
    network, fields = EVERY[name]
    target = _import(_lived_in(network).state_dict(), tmp_path)
    header = read_header(target)
    read = {key: getattr(header.spec, key) for key in ("base_width", "task", "title", *fields)}
    assert read == {"base_width": 4, "task": "satmap", "title": "Maps", **fields}
    assert header.facts["imported_from"] == "latest_net_G.pth"
    _assert_equal(network, target)


@pytest.mark.parametrize("holder", ["state_dict", "model", "generator", "gen"])
def test_a_state_dict_inside_a_checkpoint_is_found(holder: str, tmp_path: Path) -> None:
    network = _lived_in(NestedUNet(5, 4, BATCH))
    parallel = {f"module.{name}": value for name, value in network.state_dict().items()}
    content = {"epoch": 3, "optimizer": {"lr": 0.1}, holder: parallel}
    _assert_equal(network, _import(content, tmp_path))


def test_statistics_that_old_versions_kept_for_instance_norm_are_dropped(tmp_path: Path) -> None:
    network = _lived_in(NumberedResnet(6, 4, plain_instance, False))
    state: dict[str, torch.Tensor] = {}
    for name, value in network.state_dict().items():
        state[name] = value
        number = name.removeprefix("model.").split(".")[0]
        if name.endswith(".bias") and number != "20" and ".conv_block." not in name and value.numel() > 3:
            norm = f"model.{int(number) + 1}"
            state |= {f"{norm}.running_mean": torch.ones_like(value), f"{norm}.running_var": torch.ones_like(value) * 9}
    assert any(name.endswith("running_var") for name in state)
    target = _import(state, tmp_path)
    assert read_header(target).spec.norm == "instance"
    _assert_equal(network, target)


class _Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("zipped", [True, False])
def test_what_would_run_a_program_is_refused(zipped: bool, tmp_path: Path) -> None:
    source, mark = tmp_path / "net.pth", tmp_path / "it-ran"
    content = {"state_dict": NestedUNet(5, 4, BATCH).state_dict(), "extra": _Bomb(mark)}
    if zipped:
        torch.save(content, source)
    else:
        source.write_bytes(pickle.dumps(content))
    with pytest.raises(UserError, match=r"net\.pth holds more than weights.*not opened") as caught:
        import_checkpoint(source, tmp_path / "model.safetensors", "other", "")
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["net.pth"]


FEW = {"a.weight": torch.zeros(4, 3, 4, 4)}
UNET = NestedUNet(5, 4, BATCH).state_dict()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"generator": build(ModelSpec(base_width=4, depth=5)).state_dict()}, "a state of SketchSause's own trainer"),
        ([1, 2], "holds no weights"),
        ({}, "holds no weights"),
        ({"epoch": 3}, "holds no weights"),
        (FEW, "too few convolutions"),
        ({**FEW, "fc.weight": torch.zeros(4, 4)}, "its layer fc is of a kind"),
        ({**UNET, "extra.weight": torch.zeros(4, 3, 4, 4)}, "as many up as down"),
        ({name: value[..., :3] if value.ndim == 4 else value for name, value in UNET.items()}, "has the shape 4x3x4x3"),
        (NestedUNet(5, 4, BATCH, inputs=6).state_dict(), "input_channels must be 1 or 3"),
    ],
    ids=["ours", "list", "empty", "numbers", "few", "linear", "odd", "kernel", "channels"],
)
def test_what_is_no_known_generator_is_refused_in_a_sentence(content: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=words) as caught:
        _import(content, tmp_path)
    assert "latest_net_G.pth" in caught.value.sentence
    assert not (tmp_path / "model.safetensors").exists()


@pytest.mark.parametrize("content", [b"", b"a letter", b"PK\x03\x04 and no more"], ids=["empty", "text", "zip"])
def test_a_file_that_torch_does_not_read_is_refused(content: bytes, tmp_path: Path) -> None:
    source = tmp_path / "net.pth"
    source.write_bytes(content)
    with pytest.raises(UserError, match=r"net\.pth .*damaged"):
        import_checkpoint(source, tmp_path / "model.safetensors", "other", "")
