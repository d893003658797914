"""What is inside a foreign generator's state dict: its layers in order -> our description and our names.

Known are the U-Nets and residual generators of https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix, and U-Nets
whose blocks activate after their norm, whatever their classes are called: layers are told by their order and shapes.
Faults are UserErrors that say what was found; the caller names the file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from models.errors import UserError
from models.registry import build
from models.spec import ModelSpec, Norm, Task

_NORM_PARTS = {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}
_HINT = "Generators of pix2pix and CycleGAN can be imported: U-Nets with 4x4 kernels, and resnets."
_UNSEEN_DROPOUT = "dropout leaves no trace in a U-Net's weights: 0.5 as in pix2pix; it acts in training alone"


@dataclass
class Layer:
    """A convolution and the norm that follows it: its tensors by their usual names, none where there is no trace."""

    name: str
    weight: Tensor
    bias: Tensor | None
    norm: Mapping[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class Translation:
    spec: ModelSpec
    state: dict[str, Tensor]  # under the names of `build(spec)`
    layout: str  # for a person
    assumed: str  # what the weights do not tell


def translate(state: Mapping[str, Tensor], task: Task, title: str) -> Translation:
    if "up.0.up.weight" in state or "stem.1.conv.weight" in state or "stem.conv.weight" in state:
        raise UserError("it is a state of SketchSause's own trainer.", "Import the model file beside it.")
    layers = layers_of(state)
    about = {"task": task, "title": title, "fit": "resize" if task == "lineart" else "tile"}
    if any(".conv_block." in layer.name for layer in layers):
        return _resnet(layers, about)
    return _unet(layers, about)


def layers_of(state: Mapping[str, Tensor]) -> list[Layer]:
    """The layers in the order they were made in, which is the order a state dict keeps."""
    modules: dict[str, dict[str, Tensor]] = {}
    for key, tensor in state.items():
        name, _, part = key.rpartition(".")
        modules.setdefault(name, {})[part] = tensor
    layers: list[Layer] = []
    for name, parts in modules.items():
        if parts.keys() <= {"weight", "bias"} and "weight" in parts and parts["weight"].ndim == 4:
            layers.append(Layer(name, parts["weight"].float(), parts.get("bias"), {}))
        elif layers and not layers[-1].norm and parts.keys() <= _NORM_PARTS and _are_rows(parts):
            layers[-1].norm = parts
        else:
            raise UserError(f"its layer {name or next(iter(parts))} is of a kind that is not known.", _HINT)
    if len(layers) < 4:
        raise UserError("it has too few convolutions to be a generator.", _HINT)
    return layers


def _are_rows(parts: Mapping[str, Tensor]) -> bool:
    return all(tensor.ndim == 1 for name, tensor in parts.items() if name != "num_batches_tracked")


def _norm_kind(layers: list[Layer], *, biased_means: Norm) -> Norm:
    """Instance norm without parameters leaves no trace; then the bias of a layer before a norm would tell.

    Running statistics without a scale are what old versions kept for instance norm and never used.
    """
    found = [layer.norm.keys() for layer in layers if layer.norm]
    if any({"weight", "running_mean"} <= keys for keys in found):
        return "batch"
    if found:
        return "instance"
    without: Norm = "none" if biased_means == "instance" else "instance"
    return without if layers[1].bias is None else biased_means


def _spec(**fields: Any) -> ModelSpec:
    return ModelSpec.from_dict(fields)


def _unet(layers: list[Layer], about: Mapping[str, str]) -> Translation:
    """First all layers of the encoder, from the outside in, then those of the decoder, from the inside out."""
    depth, odd = divmod(len(layers), 2)
    if odd:
        raise UserError(f"it has {len(layers)} convolutions, where a U-Net has as many up as down.", _HINT)
    names = [layer.name.lower() for layer in layers]
    nested = all(name.startswith("model.model.") for name in names)  # junyanz: each block holds the next one
    reflected = names[0].startswith("initial_down")
    fields = dict(about)
    if not nested:
        named = any(name.startswith("bottleneck") for name in names)
        fields |= {"skip": "leaky", "bottleneck": "relu" if named else "leaky"}
        fields |= {"padding": "reflect" if reflected else "zeros"}
    spec = _spec(
        architecture="unet",
        depth=depth,
        base_width=layers[0].weight.shape[0],
        input_channels=layers[0].weight.shape[1],
        output_channels=layers[-1].weight.shape[1],
        norm=_norm_kind(layers, biased_means="instance" if nested else "none"),
        working_size=max(1 << depth, 16),
        **fields,
    )
    places = [(f"down.{i}.conv", f"down.{i}.norm") for i in range(depth)]
    places += [(f"up.{i}.up", f"up.{i}.norm") for i in range(depth)]
    # The nested one activates its skips in place, which the decoder's ReLU hides: relu(leaky(x)) = relu(x), as in ours.
    if nested:  # there the skip comes first, here the decoder's features
        for layer in layers[depth + 1 :]:
            layer.weight = torch.cat([*reversed(layer.weight.tensor_split(2))])
    assumed = _UNSEEN_DROPOUT
    if not nested:
        mode = "mirrored" if reflected else "zero"
        assumed += f"; {mode} borders and activations after the norms, by the names of the layers"
    layout = "U-Net of pytorch-CycleGAN-and-pix2pix" if nested else "U-Net with activations after its norms"
    return Translation(spec=spec, state=_fill(spec, layers, places), layout=layout, assumed=assumed)


def _resnet(layers: list[Layer], about: Mapping[str, str]) -> Translation:
    """c7s1, halvings, residual blocks of two convolutions, doublings, c7s1."""
    inner = [layer for layer in layers if ".conv_block." in layer.name]
    blocks = len(inner) // 2
    depth, odd = divmod(len(layers) - len(inner) - 2, 2)
    if odd or len(inner) % 2:
        raise UserError("its residual generator has an unusual number of convolutions.", _HINT)
    dropout = any(re.search(r"\.conv_block\.6$", layer.name) for layer in inner)  # it moves the second one from 5 to 6
    spec = _spec(
        architecture="resnet",
        depth=depth,
        blocks=blocks,
        dropout=0.5 if dropout else 0.0,
        base_width=layers[0].weight.shape[0],
        input_channels=layers[0].weight.shape[1],
        output_channels=layers[-1].weight.shape[0],
        norm=_norm_kind(layers, biased_means="instance"),
        **about,
    )
    places = [("stem.conv", "stem.norm")]
    places += [(f"down.{i}.conv", f"down.{i}.norm") for i in range(depth)]
    places += [(f"blocks.{i}.conv{n}", f"blocks.{i}.norm{n}") for i in range(blocks) for n in (1, 2)]
    places += [(f"up.{i}.up", f"up.{i}.norm") for i in range(depth)]
    places.append(("head", "head.norm"))
    layout = "resnet of pytorch-CycleGAN-and-pix2pix"
    return Translation(spec=spec, state=_fill(spec, layers, places), layout=layout, assumed="mirrored borders")


def _fill(spec: ModelSpec, layers: list[Layer], places: list[tuple[str, str]]) -> dict[str, Tensor]:
    """The state dict of `build(spec)`, every entry from a layer; UserError where a shape or a part does not fit."""
    with torch.device("meta"):
        wanted = cast(dict[str, Tensor], build(spec).state_dict())
    state: dict[str, Tensor] = {}
    for layer, (conv, norm) in zip(layers, places, strict=True):
        parts = {f"{conv}.weight": layer.weight}
        bias = layer.bias
        if f"{conv}.bias" in wanted:
            parts[f"{conv}.bias"] = torch.zeros(wanted[f"{conv}.bias"].shape) if bias is None else bias
            bias = None
        if f"{norm}.weight" in wanted:
            channels = wanted[f"{norm}.weight"].shape[0]
            normed = _norm_parts(layer, spec.norm, bias, channels)
            parts |= {f"{norm}.{part}": tensor for part, tensor in normed.items()}
            bias = None
        elif layer.norm:
            raise UserError(f"its layer {layer.name} has a norm, where ours has none.", _HINT)
        if bias is not None:
            raise UserError(f"its layer {layer.name} has a bias, where ours has none.", _HINT)
        for name, tensor in parts.items():
            if tensor.shape != wanted[name].shape:
                shapes = " where ours has ".join("x".join(map(str, each.shape)) for each in (tensor, wanted[name]))
                raise UserError(f"its layer {layer.name} has the shape {shapes}.", _HINT)
        state |= {name: tensor if tensor.dtype == torch.int64 else tensor.float() for name, tensor in parts.items()}
    assert state.keys() == wanted.keys()
    return state


def _norm_parts(layer: Layer, kind: Norm, bias: Tensor | None, channels: int) -> dict[str, Tensor]:
    """Batch norm takes the mean away, and with it a bias before it: that becomes part of the running mean."""
    given = layer.norm
    if kind == "batch" and not {"running_mean", "running_var"} <= given.keys():
        raise UserError(f"its layer {layer.name} has no batch norm, where ours has one.", _HINT)
    parts = {"weight": given.get("weight", torch.ones(channels)), "bias": given.get("bias", torch.zeros(channels))}
    if kind == "batch":
        mean = given["running_mean"] if bias is None else given["running_mean"] - bias
        parts |= {"running_mean": mean, "running_var": given["running_var"]}
        parts["num_batches_tracked"] = given.get("num_batches_tracked", torch.tensor(0))
    return parts
