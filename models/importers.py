"""Models of other programs: PyTorch checkpoints with a generator -> a model file. Nothing in them is ever run."""

import logging
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from models.checkpoint import save
from models.errors import UserError
from models.export import onnx_graph
from models.foreign import Translation, translate
from models.spec import ModelSpec, Task

log = logging.getLogger(__name__)

_HOLDERS = ("state_dict", "generator", "gen", "netG", "model", "generator_state_dict", "model_state_dict")


def import_checkpoint(source: Path, target: Path, task: Task, title: str) -> None:
    """Write the generator of a PyTorch file as a model with its graph; UserError when there is none we know."""
    state = read_state(source)
    try:
        translation = translate(state, task, title)
    except UserError as error:
        raise UserError(f"{source} cannot be imported: {error.sentence}", error.hint) from error
    arrays = {name: tensor.detach().numpy() for name, tensor in translation.state.items()}
    save(target, translation.spec, arrays, _facts(source, translation), graph=_graph(translation.spec))


def read_state(path: Path) -> dict[str, Tensor]:
    """The state dict in a PyTorch file, by `torch.load(weights_only=True)` and nothing else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's remarks on archives that it then refuses
            content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise UserError(f"{path} does not exist.", "Check the name and the folder.") from error
    except pickle.UnpicklingError as error:
        raise UserError(
            f"{path} holds more than weights, or is damaged: it could run any program and was not opened.",
            "Ask for the generator's state dict alone.",
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    except (RuntimeError, ValueError, EOFError, LookupError, TypeError, AttributeError) as error:
        raise UserError(f"{path} is no PyTorch file, or a damaged one.", "Fetch it again.") from error
    return _state_in(content, path)


def _state_in(content: object, path: Path) -> dict[str, Tensor]:
    while isinstance(content, Mapping):
        if content and all(isinstance(each, Tensor) for each in content.values()):
            parallel = all(str(key).startswith("module.") for key in content)  # torch.nn.DataParallel
            return {str(key).removeprefix("module.") if parallel else str(key): each for key, each in content.items()}
        content = next((content[name] for name in _HOLDERS if isinstance(content.get(name), Mapping)), None)
    raise UserError(f"{path} holds no weights of a generator.", "A state dict is looked for, alone or in a checkpoint.")


def _facts(source: Path, translation: Translation) -> dict[str, str]:
    licence = "that of the file it was imported from"
    return {
        "imported_from": source.name,
        "layout": translation.layout,
        "assumed": translation.assumed,
        "licence": licence,
    }


def _graph(spec: ModelSpec) -> bytes | None:
    try:
        return onnx_graph(spec)
    except Exception:
        log.warning("The graph for ONNX Runtime could not be made: the model is slower on a CPU.", exc_info=True)
        return None
