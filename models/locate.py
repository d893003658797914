"""Where trained models lie on this machine, and the file a name stands for. The headers are not looked at here."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import platformdirs

from models.errors import UserError

SUFFIX = ".safetensors"


def shipped_folder() -> Path:
    """Beside the packages, in a checkout and in an installation alike."""
    return Path(__file__).resolve().parents[1] / "resources" / "weights"


def user_folder() -> Path:
    """Where imported models and those trained in the app are kept."""
    return platformdirs.user_data_path("sketchsause", appauthor=False) / "models"


def named_files(folders: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """(name, file) of every model: the file's stem, numbered where an earlier folder has the same."""
    taken: set[str] = set()
    for folder in folders:
        for path in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ():
            if path.name.startswith("."):  # one that is being written
                continue
            name, number = path.stem, 2
            while name in taken:
                name, number = f"{path.stem}-{number}", number + 1
            taken.add(name)
            yield name, path


def locate_model(name_or_path: str, folders: Sequence[Path] | None = None) -> Path:
    """The file of the model of that name, or at that path; UserError lists the names there are."""
    names = dict(named_files(folders if folders is not None else (shipped_folder(), user_folder())))
    if name_or_path in names:
        return names[name_or_path]
    path = Path(name_or_path)
    if path.is_file():
        return path
    if path.suffix == SUFFIX:
        raise UserError(f"{path} is not there.", "Check the name and the folder.")
    listed = f"The models here are: {', '.join(names)}." if names else "There are no models on this machine yet."
    raise UserError(f"There is no model named {name_or_path}.", listed)
