"""The networks against the figures PRODUCT states: widths, parameters, shapes, receptive field, gradients."""

import pytest
import torch
from torch import nn

from models.discriminator import PatchDiscriminator
from models.generator import UNetGenerator
from models.registry import ARCHITECTURES, build
from models.resnet import ResnetGenerator
from models.spec import ModelSpec

SMALL = [
    ModelSpec(architecture="unet", base_width=4, depth=4),
    ModelSpec(architecture="unet", base_width=4, depth=8, norm="instance"),
    ModelSpec(architecture="unet", base_width=4, depth=4, up="resize", norm="none", condition="hints"),
    ModelSpec(architecture="resunet", base_width=4, depth=4, dropout=0.0, condition="hints", input_channels=1),
    ModelSpec(architecture="resunet", base_width=4, depth=6, dropout=0.0, norm="instance"),
    ModelSpec(architecture="resnet", base_width=4, depth=2, blocks=2, norm="instance"),
    ModelSpec(architecture="resnet", base_width=4, depth=3, blocks=1, up="resize", condition="hints"),
    ModelSpec(base_width=4, depth=4, self_attention=True, attention_gates=True, fusion="learned"),
    ModelSpec(architecture="resunet", base_width=4, depth=3, self_attention=True, attention_gates=True),
    ModelSpec(architecture="resunet", base_width=4, depth=4, fusion="learned"),
    ModelSpec(base_width=4, depth=4, skip="leaky", bottleneck="leaky", padding="reflect"),
]


def test_the_unet_is_the_one_described() -> None:
    network = UNetGenerator(ModelSpec())
    downs = [layer for layer in network.down.modules() if isinstance(layer, nn.Conv2d)]
    ups = [layer for layer in network.up.modules() if isinstance(layer, nn.ConvTranspose2d)]
    assert [conv.out_channels for conv in downs] == [64, 128, 256, 512, 512, 512, 512, 512]
    assert [conv.in_channels for conv in ups] == [512, 1024, 1024, 1024, 1024, 512, 256, 128]
    assert [conv.out_channels for conv in ups] == [512, 512, 512, 512, 256, 128, 64, 3]
    assert all(conv.kernel_size == (4, 4) and conv.stride == (2, 2) for conv in (*downs, *ups))
    assert [isinstance(block.norm, nn.BatchNorm2d) for block in network.down] == [False, *[True] * 6, False]
    assert [isinstance(block.norm, nn.BatchNorm2d) for block in network.up] == [*[True] * 7, False]
    assert [getattr(block.dropout, "p", 0.0) for block in network.up] == [0.5, 0.5, 0.5, 0, 0, 0, 0, 0]
    parameters = sum(each.numel() for each in network.parameters())
    assert round(parameters / 1e6, 1) == 54.4


def test_the_resnet_is_cyclegans() -> None:
    network = build(ModelSpec(architecture="resnet", depth=2, norm="instance"))
    assert isinstance(network, ResnetGenerator)
    kernels = [each for each in network.modules() if isinstance(each, nn.Conv2d | nn.ConvTranspose2d)]
    assert [each.out_channels for each in kernels] == [64, 128, 256, *[256] * 18, 128, 64, 3]
    assert [each.kernel_size[0] for each in kernels] == [7, *[3] * 22, 7]
    parameters = sum(each.numel() for each in network.parameters() if each.ndim > 1)
    assert round(parameters / 1e6, 2) == 11.37


def test_the_smallest_picture_a_resnet_takes() -> None:
    spec = ModelSpec(architecture="resnet", base_width=4, depth=2, blocks=1)
    assert build(spec).eval()(torch.zeros(1, 3, spec.size_multiple, spec.size_multiple)).shape == (1, 3, 8, 8)


def test_dropout_acts_inside_the_blocks_of_a_resnet() -> None:
    network = build(ModelSpec(architecture="resnet", base_width=4, depth=2, blocks=1, norm="none")).train()
    x = torch.randn(1, 3, 16, 16)
    assert not torch.equal(network(x), network(x))
    network.eval()
    assert torch.equal(network(x), network(x))


def test_the_patchgan_is_the_one_described() -> None:
    network = PatchDiscriminator()
    convs = [layer for layer in network.layers if isinstance(layer, nn.Conv2d)]
    assert [(conv.in_channels, conv.out_channels) for conv in convs] == [
        (6, 64),
        (64, 128),
        (128, 256),
        (256, 512),
        (512, 1),
    ]
    assert [conv.stride[0] for conv in convs] == [2, 2, 2, 1, 1]
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in network.layers) == 3
    (scores,) = network(torch.zeros(1, 3, 256, 256), torch.zeros(1, 3, 256, 256))
    assert scores.shape == (1, 1, 30, 30)


@pytest.mark.parametrize("spec", SMALL, ids=lambda spec: f"{spec.architecture}-{spec.depth}-{spec.norm}")
def test_forward_and_backward(spec: ModelSpec) -> None:
    torch.manual_seed(0)
    network = build(spec)
    size = max(spec.size_multiple, 32)
    answer = network(torch.randn(1, spec.network_channels, size, 2 * size))
    assert answer.shape == (1, 3, size, 2 * size)
    assert answer.abs().max() <= 1
    answer.square().mean().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


def test_every_architecture_is_tried() -> None:
    assert {spec.architecture for spec in SMALL} == set(ARCHITECTURES)


def test_instance_norm_is_the_same_in_training_and_in_use() -> None:
    network = build(ModelSpec(base_width=4, depth=3, norm="instance", dropout=0.0))
    x = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(network.train()(x), network.eval()(x))
