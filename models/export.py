"""Networks for other programs: the ONNX graph that goes into a model file, and whole ONNX and TorchScript files.

The graph in a model file is without weights: these stay in the safetensors file and are handed in at run time.

Batch norms are folded into the convolutions before them, in the graph here and in the weights when they are loaded, so
that ONNX Runtime sees plain convolutions. The graph names what was folded in its metadata.
"""

import copy
import json
import logging
import warnings
import zipfile
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from models.checkpoint import read_header
from models.files import atomic_path
from models.registry import build, load
from models.spec import PALETTE_CHANNELS, PALETTE_COLOURS, ModelSpec

FOLDED = "folded_norms"


def onnx_graph(spec: ModelSpec) -> bytes:
    """A graph whose initialisers are external and named as the state dict.

    Inputs: input (1, C, H, W), H and W free, and palette (1, 8, 4) where the spec has one.
    """
    with torch.random.fork_rng(devices=[]):  # a training's random numbers are not to move
        network = build(spec).eval()
    _scramble(network)
    folded = fold_batch_norms(network)
    model = _export(network, spec)
    names = dict(network.state_dict())
    for tensor in model.graph.initializer:
        if tensor.name in names:
            _make_external(tensor)
            names.pop(tensor.name)
    if names:  # the exporter has made something else of them, whose values would be the scrambled ones
        raise RuntimeError(f"the graph does not name its weights: {', '.join(names)}")
    entry = model.metadata_props.add()
    entry.key, entry.value = FOLDED, json.dumps(folded)
    answer: bytes = model.SerializeToString()
    return answer


def write_onnx(source: Path, target: Path) -> None:
    """A model file as one ONNX file: weights and, as metadata, description inside. Inputs as in `onnx_graph`."""
    spec = read_header(source).spec
    model = _export(load(source), spec)
    entry = model.metadata_props.add()
    entry.key, entry.value = "sketchsause", spec.to_json()
    with atomic_path(target) as temporary:
        temporary.write_bytes(model.SerializeToString())


def write_torchscript(source: Path, target: Path) -> None:
    """A model file as one that `torch.jit.load` reads without our classes. Input (N, C, H, W), all but C free,
    and palette (N, 8, 4) where the spec has one."""
    spec = read_header(source).spec
    with warnings.catch_warnings(), torch.no_grad():
        # Deprecated in torch, but still what C++ and mobile programs read.
        warnings.filterwarnings("ignore", r"`torch\.jit\.\w+` is (deprecated|not supported)", Warning)
        traced = torch.jit.trace(load(source), _examples(spec), check_trace=False)  # type: ignore[no-untyped-call]
        with atomic_path(target) as temporary:
            torch.jit.save(traced, str(temporary))
            _drop_debug_files(temporary, target.stem)


def _drop_debug_files(path: Path, name: str) -> None:
    """Take out what the exporter notes beside each line of code, the Python files it came from with their folders.

    `torch.jit.save` has no switch for it, and its readers do without (pytorch issue 123066). Everything lies in a
    folder of the archive that is named after the file: `name`, no longer the temporary one.
    """
    with zipfile.ZipFile(path) as archive:
        entries = {info.filename.partition("/")[2]: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in entries.items():
            if not entry.endswith(".debug_pkl"):
                archive.writestr(zipfile.ZipInfo(f"{name}/{entry}"), content)


def _examples(spec: ModelSpec) -> tuple[torch.Tensor, ...]:
    """What the network is called with: a picture, and a palette where it takes one."""
    side = max(spec.size_multiple, 64)
    picture = torch.zeros(1, spec.network_channels, side, side)
    return (picture, torch.zeros(1, PALETTE_COLOURS, PALETTE_CHANNELS)) if spec.palette else (picture,)


def _scramble(network: nn.Module) -> None:
    """Make all weights differ: the exporter joins initialisers of equal values, such as zero biases of a new net."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in [*network.parameters(), *network.buffers()]:
            if tensor.is_floating_point():
                tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)


def fold_batch_norms(network: nn.Module) -> list[tuple[str, str]]:
    """Fold each batch norm of an eval-mode network into its convolution, in place; returns (convolution, norm) names.

    The blocks name a norm after its convolution: `conv` and `norm`, `conv1` and `norm1`, `up` or `up.1` and `norm`.
    """
    modules = dict(network.named_modules())
    pairs = []
    for name, norm in modules.items():
        if not isinstance(norm, nn.BatchNorm2d):
            continue
        block, _, leaf = name.rpartition(".")
        candidates = [leaf.replace("norm", "conv"), "up", "up.1"]
        conv_name = next(
            full
            for full in (f"{block}.{candidate}" for candidate in candidates)
            if isinstance(modules.get(full), nn.Conv2d | nn.ConvTranspose2d)
        )
        conv = modules[conv_name]
        assert isinstance(conv, nn.Conv2d | nn.ConvTranspose2d)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        transpose = isinstance(conv, nn.ConvTranspose2d)
        conv.weight, conv.bias = fuse_conv_bn_weights(
            conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias, transpose
        )
        network.get_submodule(block).register_module(leaf, nn.Identity())
        pairs.append((conv_name, name))
    return pairs


def _export(network: nn.Module, spec: ModelSpec):  # type: ignore[no-untyped-def] # onnx.ModelProto, imported late
    free = torch.export.Dim.DYNAMIC
    for name in ("torch.onnx", "onnxscript", "onnx_ir"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        program = torch.onnx.export(
            copy.deepcopy(network),
            _examples(spec),
            dynamo=True,
            input_names=["input", "palette"][: 1 + spec.palette],
            output_names=["output"],
            dynamic_shapes=({2: free, 3: free}, None) if spec.palette else ({2: free, 3: free},),
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    _forget_origin(model)
    return model


def _forget_origin(model) -> None:  # type: ignore[no-untyped-def] # onnx.ModelProto, imported late
    """Take out what the exporter notes beside each node, such as the folders of the machine it ran on."""
    graph = model.graph
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""


def _make_external(tensor) -> None:  # type: ignore[no-untyped-def] # onnx.TensorProto, imported late
    """Take the values out; ONNX Runtime gets them by name (`SessionOptions.add_external_initializers`)."""
    import onnx

    count = len(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", "weights"), ("offset", "0"), ("length", str(count))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
