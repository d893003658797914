"""Weights files: safetensors whose header describes the network, so that one file is all there is to a model.

Layout: tensors under the names of the network's state dict (matrices and kernels as float16 where asked for), the ONNX
graph without its weights under `onnx_graph`, and in the metadata one JSON object under `sketchsause`. Nothing is ever
unpickled. Format: https://huggingface.co/docs/safetensors
"""

import errno
import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import UserError
from models.files import atomic_path
from models.spec import FORMAT_VERSION, ModelSpec

_KEY = "sketchsause"
_GRAPH = "onnx_graph"
_MAX_HEADER_BYTES = 50_000_000


@dataclass(frozen=True)
class Header:
    spec: ModelSpec
    facts: dict[str, str]  # what is told of the training: data, steps, figures, licence


def save(
    path: Path,
    spec: ModelSpec,
    arrays: Mapping[str, np.ndarray],
    facts: Mapping[str, str] | None = None,
    *,
    graph: bytes | None = None,
    half: bool = False,
) -> None:
    """Write a model whole or not at all. `half` stores kernels as float16 (they are read back as float32)."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    tensors = {name: np.asarray(_stored(array, half), order="C") for name, array in arrays.items()}
    if graph is not None:
        tensors[_GRAPH] = np.frombuffer(graph, np.uint8)
    about = {"format_version": FORMAT_VERSION, "spec": asdict(spec), "facts": dict(facts or {})}
    with atomic_path(Path(path)) as temporary:
        try:
            save_file(tensors, temporary, metadata={_KEY: json.dumps(about, ensure_ascii=False)})
        except SafetensorError as error:  # a full disk
            raise OSError(errno.EIO, str(error)) from error


def rewrite(source: Path, target: Path, spec: ModelSpec, facts: Mapping[str, str]) -> None:
    """Write a model with another description, whole or not at all; its arrays stay as they are."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    tensors = _load(source)
    about = {"format_version": FORMAT_VERSION, "spec": asdict(spec), "facts": dict(facts)}
    with atomic_path(Path(target)) as temporary:
        try:
            save_file(tensors, temporary, metadata={_KEY: json.dumps(about, ensure_ascii=False)})
        except SafetensorError as error:  # a full disk
            raise OSError(errno.EIO, str(error)) from error


def _stored(array: np.ndarray, half: bool) -> np.ndarray:
    return array.astype(np.float16) if half and array.dtype == np.float32 and array.ndim > 1 else array


def read_header(path: Path) -> Header:
    """The description of a model, without reading its weights; UserError names a file that is damaged or foreign."""
    try:
        fields = _read_json_header(Path(path))
        about = json.loads(fields.get("__metadata__", {}).get(_KEY, "null"))
    except (ValueError, LookupError, TypeError, AttributeError, struct.error, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(about, dict) or not isinstance(about.get("spec"), dict):
        raise UserError(f"{path} does not say what network it holds.", "Use a model file made by SketchSause.")
    version = about.get("format_version")
    if not isinstance(version, int):
        raise _damaged(path)
    if version > FORMAT_VERSION:
        raise UserError(f"{path} was made by a newer version.", "Update SketchSause.")
    try:
        spec = ModelSpec.from_dict(about["spec"])
    except (UserError, TypeError) as error:
        raise UserError(f"{path} cannot be used: {error}") from error
    facts = about.get("facts")
    return Header(spec, {str(k): str(v) for k, v in facts.items()} if isinstance(facts, dict) else {})


def _read_json_header(path: Path) -> dict[str, Any]:
    """Raises ValueError or struct.error for anything that is not a whole safetensors file."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > _MAX_HEADER_BYTES:
                raise ValueError("the header is too long")
            fields = json.loads(file.read(length))
            size = file.seek(0, 2)
    except FileNotFoundError as error:
        raise UserError(f"{path} is not there.", "Check the name and the folder.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    if not isinstance(fields, dict):
        raise ValueError("the header is no object")
    ends = [entry["data_offsets"][1] for name, entry in fields.items() if name != "__metadata__"]
    if 8 + length + max(ends, default=0) != size:
        raise ValueError("the file is cut off")
    return fields


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """The network's state dict, floating-point arrays as float32."""
    return {
        name: array.astype(np.float32) if array.dtype == np.float16 else array
        for name, array in _load(path).items()
        if name != _GRAPH
    }


def load_graph(path: Path) -> bytes | None:
    """The ONNX graph without its weights, or None where the file holds none."""
    from safetensors import SafetensorError, safe_open

    read_header(path)
    try:
        with safe_open(path, framework="numpy") as file:
            return file.get_tensor(_GRAPH).tobytes() if _GRAPH in file.keys() else None  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError) as error:
        raise _damaged(path) from error


def _load(path: Path) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    read_header(path)
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> UserError:
    return UserError(f"{path} is no model file, or a damaged one.", "Fetch or export the model again.")
