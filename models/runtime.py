"""What runs a network: ONNX Runtime on the CPU, torch on CUDA and MPS (and on the CPU for files without a graph).

Each is imported only when it is chosen, so that a CPU user sees colour before torch was ever loaded.
"""

import ctypes
import json
import platform
import sys
from pathlib import Path
from typing import Protocol

import numpy as np

from models.checkpoint import load_arrays, load_graph, read_header
from models.conditioning import palette_input
from models.errors import UserError
from models.spec import ModelSpec

_FOLDED = "folded_norms"  # models.export.FOLDED, which would import torch
_NORM_EPSILON = 1e-5
_DEVICES = ("auto", "cpu", "cuda", "mps")


class Runtime(Protocol):
    """A loaded network. `device` is "cpu", "cuda" or "mps"; `title` names device and library for a person."""

    spec: ModelSpec
    device: str
    title: str

    def run(self, x: np.ndarray, palette: np.ndarray | None = None) -> np.ndarray:
        """float32 (N, spec.network_channels, H, W) -> float32 (N, spec.output_channels, H, W), both in [-1, 1].

        `palette` float32 (8, 4), of models.conditioning, for all of them; networks without palettes do not look at it.
        """
        ...


def load_runtime(path: Path, device: str = "auto") -> Runtime:
    """Load the model of a file onto a device; "auto" is CUDA where a card answers, MPS on Apple silicon, else the CPU.

    UserError when the file is damaged or the device is not there.
    """
    if device not in _DEVICES:
        raise UserError(f"There is no device named {device}.", f"Choose one of: {', '.join(_DEVICES)}.")
    path = Path(path)
    chosen = best_device() if device == "auto" else device
    if chosen == "cpu":
        graph = load_graph(path)
        return OnnxRuntime(path, graph) if graph else TorchRuntime(path, "cpu")
    if device != "auto":
        return TorchRuntime(path, chosen)
    try:
        runtime = TorchRuntime(path, chosen)
        side = runtime.spec.size_multiple
        runtime.run(np.zeros((1, runtime.spec.network_channels, side, side), np.float32))
    except (UserError, RuntimeError):  # torch is not built for this card, or the card's memory is in use
        return load_runtime(path, "cpu")
    return runtime


def best_device() -> str:
    """The fastest device there seems to be, found without importing torch."""
    if sys.platform == "darwin":
        return "mps" if platform.machine() == "arm64" else "cpu"
    return "cuda" if _cuda_cards() else "cpu"


def _cuda_cards() -> int:
    """How many cards the driver reports; 0 without a driver."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def require_torch_device(device: str) -> None:
    """UserError when torch cannot use "cuda" or "mps" here, whatever the driver says. Imports torch."""
    import torch

    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not available[device]:
        raise UserError(f"This machine has no {device.upper()} device torch can use.", "Choose --device cpu.")


class OnnxRuntime:
    """ONNX Runtime on the CPU; the graph takes its weights from the safetensors file."""

    def __init__(self, path: Path, graph: bytes, threads: int = 0) -> None:
        import onnxruntime

        self.spec = read_header(path).spec
        self.device = "cpu"
        self.title = "CPU, ONNX Runtime"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Threads that spin while they wait take the processor from the pen.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        arrays = _named_initialisers(load_arrays(path), graph)
        # The session reads the arrays while it is made; both lists must stay alive until then.
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in arrays.values()]
        options.add_external_initializers(list(arrays), values)
        try:
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own kinds, without a common base
            raise UserError(f"{path} cannot be run: its graph is damaged.", "Fetch or export it again.") from error

    def run(self, x: np.ndarray, palette: np.ndarray | None = None) -> np.ndarray:
        more = {"palette": _palette_or_none(palette)[None]} if self.spec.palette else {}
        outputs = [self._session.run(None, {"input": np.ascontiguousarray(each[None])} | more)[0] for each in x]
        return np.concatenate(outputs)


class TorchRuntime:
    """Eager torch on `device`, channels-last on CUDA."""

    def __init__(self, path: Path, device: str) -> None:
        require_torch_device(device)
        import torch

        from models.registry import load

        self.spec = read_header(path).spec
        self.device = device
        self.title = f"{device.upper()}, torch"
        self._layout = torch.channels_last if device == "cuda" else torch.contiguous_format
        self._network = load(path).to(device).to(memory_format=self._layout)
        self._type = torch.float32

    def halve(self) -> None:
        """From now on compute in half precision, which takes half the memory."""
        import torch

        self._type = torch.float16
        self._network = self._network.half()

    def run(self, x: np.ndarray, palette: np.ndarray | None = None) -> np.ndarray:
        import torch

        with torch.inference_mode():
            pictures = torch.from_numpy(np.ascontiguousarray(x))
            inputs = [pictures.to(self.device, self._type, memory_format=self._layout)]
            if self.spec.palette:
                colours = torch.from_numpy(_palette_or_none(palette)).to(self.device, self._type)
                inputs.append(colours.expand(len(x), -1, -1))
            answer: np.ndarray = self._network(*inputs).float().cpu().numpy()
        return np.ascontiguousarray(answer)


def _palette_or_none(palette: np.ndarray | None) -> np.ndarray:
    return palette_input(None) if palette is None else palette


def _named_initialisers(arrays: dict[str, np.ndarray], graph: bytes) -> dict[str, np.ndarray]:
    """The graph's weights by name: the state dict with its batch norms folded into the convolutions."""
    import onnx

    try:
        model = onnx.load_model_from_string(graph)
    except Exception as error:  # protobuf's own kind, which is no public name
        raise UserError("The model's graph is damaged.", "Fetch or export the model again.") from error
    folded: list[tuple[str, str]] = next(
        (json.loads(entry.value) for entry in model.metadata_props if entry.key == _FOLDED), []
    )
    for conv, norm in folded:
        _fold(arrays, conv, norm)
    external = [t.name for t in model.graph.initializer if t.data_location == onnx.TensorProto.EXTERNAL]
    dims = {t.name: tuple(t.dims) for t in model.graph.initializer}
    missing = [name for name in external if name not in arrays or arrays[name].shape != dims[name]]
    if missing:
        raise UserError("The model's weights do not fit its graph.", "Export the model again.")
    return {name: np.ascontiguousarray(arrays[name]) for name in external}


def _fold(arrays: dict[str, np.ndarray], conv: str, norm: str) -> None:
    """weight * s and (bias - mean) * s + shift with s = scale / sqrt(variance + epsilon), for each output channel."""
    weight = arrays[f"{conv}.weight"]
    scale = arrays[f"{norm}.weight"] / np.sqrt(arrays[f"{norm}.running_var"] + _NORM_EPSILON)
    # Conv2d keeps its output channels first, ConvTranspose2d second; a square kernel with equal counts is told by name.
    transposed = conv.endswith(".up")
    shape = (1, -1, 1, 1) if transposed else (-1, 1, 1, 1)
    arrays[f"{conv}.weight"] = weight * scale.reshape(shape)
    bias = arrays.get(f"{conv}.bias", np.zeros_like(scale))
    arrays[f"{conv}.bias"] = (bias - arrays[f"{norm}.running_mean"]) * scale + arrays[f"{norm}.bias"]
