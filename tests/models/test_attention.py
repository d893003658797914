"""Attention and fusion against their formulas written out."""

import math

import pytest
import torch
from torch import Tensor

from models.attention import AttentionGate, Join, LearnedFusion, SelfAttention
from models.generator import ResUNetGenerator, UNetGenerator
from models.registry import build
from models.spec import ModelSpec


def _matrix(layer: torch.nn.Conv2d, places: Tensor) -> Tensor:
    """A 1x1 convolution as what it is: a matrix for the channels (C, N) of each place."""
    product = layer.weight[:, :, 0, 0] @ places
    return product if layer.bias is None else product + layer.bias[:, None]


@torch.no_grad()
def test_self_attention_is_a_softmax_over_all_places() -> None:
    torch.manual_seed(0)
    layer = SelfAttention(16)
    layer.gamma.fill_(0.7)
    x = torch.randn(1, 16, 3, 5)
    places = x[0].flatten(1)
    query, key, value = (_matrix(each, places) for each in (layer.query, layer.key, layer.value))
    seen = torch.zeros(2, 15)
    for i in range(15):
        weights = [math.exp(float(query[:, i] @ key[:, j])) for j in range(15)]
        for j in range(15):
            seen[:, i] += value[:, j] * weights[j] / sum(weights)
    expected = places + 0.7 * _matrix(layer.out, seen)
    assert torch.allclose(layer(x)[0].flatten(1), expected, atol=1e-5)


@pytest.mark.parametrize("architecture", ["unet", "resunet"])
def test_self_attention_stands_at_an_eighth_and_begins_as_nothing(architecture: str) -> None:
    spec = ModelSpec.from_dict({"architecture": architecture, "base_width": 4, "depth": 4, "self_attention": True})
    network = build(spec).eval()
    assert isinstance(network, UNetGenerator | ResUNetGenerator)
    shapes: list[tuple[int, ...]] = []
    network.attention.register_forward_hook(lambda _m, inputs, _o: shapes.append(tuple(inputs[0].shape[2:])))
    x = torch.randn(1, 3, 64, 32)
    with torch.no_grad():
        before = network(x)
        assert shapes == [(8, 4)]
        torch.nn.init.constant_(network.attention.get_parameter("gamma"), 1e6)
        after = network(x)
        network.attention = torch.nn.Identity()
        assert torch.equal(before, network(x))
    assert not torch.allclose(before, after, atol=1e-6)


def test_a_gate_is_the_additive_one_and_lies_between_0_and_1() -> None:
    torch.manual_seed(0)
    gate = AttentionGate(6)
    decoder, skip = torch.randn(1, 6, 2, 3), torch.randn(1, 6, 2, 3)
    mixed = _matrix(gate.of_skip, skip[0].flatten(1)) + _matrix(gate.of_decoder, decoder[0].flatten(1))
    score = _matrix(gate.score, mixed.clamp(min=0))
    answer = gate(decoder, skip)
    assert answer.shape == (1, 1, 2, 3)
    assert torch.allclose(answer[0].flatten(1), 1 / (1 + torch.exp(-score)), atol=1e-6)
    extreme = gate(10 * decoder, -10 * skip)
    assert ((extreme > 0) & (extreme < 1)).all()


@pytest.mark.parametrize("architecture", ["unet", "resunet"])
def test_a_closed_gate_removes_the_skip(architecture: str) -> None:
    spec = ModelSpec.from_dict({"architecture": architecture, "base_width": 4, "depth": 4, "attention_gates": True})
    network = build(spec).eval()
    joins = [each for each in network.modules() if isinstance(each, Join)]
    assert len(joins) == 3
    for join in joins:
        assert join.gate is not None
        torch.nn.init.zeros_(join.gate.score.weight)
        torch.nn.init.constant_(join.gate.score.bias, -200.0)  # type: ignore[arg-type] # it has one
    decoder, skip = torch.randn(1, 4, 2, 2), torch.randn(1, 4, 2, 2)
    assert torch.equal(joins[-1](decoder, skip), torch.cat([decoder, torch.zeros_like(skip)], 1))


def test_fusion_lies_between_skip_and_decoder() -> None:
    torch.manual_seed(0)
    fusion = LearnedFusion(8)
    decoder, skip = torch.randn(2, 8, 3, 3), torch.randn(2, 8, 3, 3)
    fused = fusion(decoder, skip)
    share = (fused - skip) / (decoder - skip)
    assert ((share > 0) & (share < 1)).all()
    inner = _matrix(fusion.narrow, (decoder + skip)[0].flatten(1)).clamp(min=0)
    expected = 1 / (1 + torch.exp(-_matrix(fusion.widen, inner)))
    assert torch.allclose(share[0].flatten(1), expected, atol=1e-3)
    for bias, kept in ((200.0, decoder), (-200.0, skip)):
        torch.nn.init.constant_(fusion.widen.bias, bias)  # type: ignore[arg-type] # it has one
        assert torch.allclose(fusion(decoder, skip), kept)


def test_fused_skips_halve_the_inputs_of_the_decoder() -> None:
    plain, fused = build(ModelSpec(base_width=4, depth=4)), build(ModelSpec(base_width=4, depth=4, fusion="learned"))
    assert isinstance(plain, UNetGenerator)
    assert isinstance(fused, UNetGenerator)
    channels = [[block.get_parameter("up.weight").shape[0] for block in each.up] for each in (plain, fused)]
    assert channels == [[32, 32, 16, 8], [32, 16, 8, 4]]
