"""The trained models on this machine: which files there are and what their headers say. No weights are read here.

A damaged file never hides the others: it is listed beside them with a sentence.
"""

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.checkpoint import load_arrays, read_header
from models.errors import UserError
from models.files import atomic_path
from models.locate import SUFFIX, locate_model, named_files, shipped_folder, user_folder
from models.spec import ModelSpec, Task

TORCH_SUFFIXES = (".pth.tar", ".pth", ".pt")
_HEADER_START = 8  # a safetensors file starts with the length of its header, then a JSON object
_FOREIGN_MARKS = (
    (b"PK\x03\x04", "a PyTorch checkpoint or another zip archive"),
    (b"\x80", "a Python pickle, which could run any program"),
    (b"\x89HDF", "a Keras file"),
    (b"\x08", "an ONNX file"),
)


@dataclass(frozen=True)
class ModelEntry:
    id: str  # the name it is chosen by: its file's, numbered where two folders have the same
    path: Path
    spec: ModelSpec
    facts: Mapping[str, str]  # what the file tells of its training: data, steps, figures, licence


@dataclass(frozen=True)
class ModelFault:
    """A file that should be a model and is none that can be used."""

    id: str
    path: Path
    sentence: str


@dataclass(frozen=True)
class Listing:
    entries: tuple[ModelEntry, ...]
    faults: tuple[ModelFault, ...]


class Catalogue:
    """The models of some folders, the earlier folder first; a missing folder counts as an empty one."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)

    def scan(self) -> Listing:
        """Look at the folders anew, since a training may have finished meanwhile."""
        entries, faults = [], []
        for name, path in named_files(self.folders):
            try:
                entries.append(read_entry(path, name))
            except UserError as error:
                faults.append(ModelFault(name, path, str(error)))
        return Listing(tuple(entries), tuple(faults))

    def entries(self) -> tuple[ModelEntry, ...]:
        return self.scan().entries

    def find(self, name_or_path: str | Path) -> ModelEntry:
        """Raises UserError when there is none of that name, or when its file is damaged."""
        path = locate_model(str(name_or_path), self.folders)
        names = {file: name for name, file in named_files(self.folders)}
        return read_entry(path, names.get(path))


def read_entry(path: Path, name: str | None = None) -> ModelEntry:
    """Raises UserError when the file is no model of ours; a pickle is refused whatever its name says."""
    _refuse_foreign(path)
    header = read_header(path)
    return ModelEntry(id=name or path.stem, path=path, spec=header.spec, facts=header.facts)


def _refuse_foreign(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(_HEADER_START + 1)
    except FileNotFoundError as error:
        raise UserError(f"{path} does not exist.", "Check the name and the folder.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    if start[_HEADER_START:] == b"{":
        return
    for mark, kind in _FOREIGN_MARKS:
        if start.startswith(mark):
            raise UserError(
                f"{path} is {kind}, not a SketchSause model, and was not opened.",
                "Use a .safetensors file made by SketchSause.",
            )
    raise UserError(f"{path} is no model file, or a damaged one.", "Fetch or export the model again.")


def import_model(source: Path, catalogue: Catalogue, name: str | None = None, task: Task | None = None) -> ModelEntry:
    """Bring a model into the user's folder, checked to its last byte, whole or not at all.

    A model file is copied as it is; of a PyTorch checkpoint the generator is kept, for `task` ("other" unless told).
    """
    foreign = next((suffix for suffix in TORCH_SUFFIXES if source.name.lower().endswith(suffix)), None)
    name = name or source.name[: -len(foreign or source.suffix) or None]
    if foreign is None:
        if task is not None:
            raise UserError(f"{source} says itself what it is for.", "Leave --task out.")
        read_entry(source)
    _require_free(name, catalogue)
    target = catalogue.folders[-1] / f"{name}{SUFFIX}"
    if foreign is None:
        load_arrays(source)
        copy_model(source, target)
    else:
        from models.importers import import_checkpoint

        with writing(target):
            import_checkpoint(source, target, task or "other", title=name)
    return read_entry(target)


def _require_free(name: str, catalogue: Catalogue) -> None:
    if not name or name.startswith(".") or any(mark in name for mark in '/\\:*?"<>|'):
        raise UserError(f"{name} cannot be a model's name.", "Use letters, digits, spaces and dashes.")
    if name in dict(named_files(catalogue.folders)):
        raise UserError(f"There is already a model named {name}.", "Give another name with --as.")


def copy_model(source: Path, target: Path) -> None:
    with writing(target), atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)


@contextlib.contextmanager
def writing(target: Path) -> Iterator[None]:
    """Makes the target's folder; what the system says against writing there becomes a sentence."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise UserError(f"{target} cannot be written: {error.strerror or error}.", "Choose another folder.") from error


def default_catalogue() -> Catalogue:
    return Catalogue((shipped_folder(), user_folder()))
