"""Checkpointing changes the memory, not the numbers."""

import pytest
import torch

from models.registry import build
from models.spec import ModelSpec

SPECS = [
    ModelSpec(base_width=4, depth=4, self_attention=True, attention_gates=True),
    ModelSpec(architecture="resunet", base_width=4, depth=3, fusion="learned"),
    ModelSpec(architecture="resnet", base_width=4, depth=2, blocks=2),
]


def _step(spec: ModelSpec, checkpointing: bool) -> tuple[dict[str, torch.Tensor], int]:
    """Gradients and state after a step, and how many values the forward pass kept for the backward one."""
    torch.manual_seed(0)
    network = build(spec).train()
    network.checkpointing = checkpointing
    x = torch.randn(2, 3, 32, 32)
    kept = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.data_ptr()] = tensor.numel()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = (network(x) - 0.3).square().mean()
    torch.autograd.backward(loss)
    values = {f"{name}.grad": each.grad for name, each in network.named_parameters() if each.grad is not None}
    assert len(values) == len(list(network.parameters()))
    return values | dict(network.state_dict()), sum(kept.values())


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.architecture)
def test_gradients_and_statistics_are_those_without(spec: ModelSpec) -> None:
    (plain, much), (recomputed, little) = _step(spec, False), _step(spec, True)
    assert plain.keys() == recomputed.keys()
    for name, value in plain.items():
        assert torch.allclose(value, recomputed[name], atol=1e-6), name
    assert sum(name.endswith("num_batches_tracked") for name in plain) >= 3
    assert little < 0.7 * much


def test_a_second_backward_pass_counts_nothing_either() -> None:
    network = build(SPECS[2]).train()
    network.checkpointing = True
    loss = network(torch.randn(1, 3, 16, 16)).square().mean()
    torch.autograd.backward(loss, retain_graph=True)
    before = {name: value.clone() for name, value in network.named_buffers()}
    torch.autograd.backward(loss)
    assert all(torch.equal(value, before[name]) for name, value in network.named_buffers())
    momenta = {each.momentum for each in network.modules() if isinstance(each, torch.nn.BatchNorm2d)}
    assert momenta == {0.1}
