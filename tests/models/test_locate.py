"""A name or a path becomes the one file it stands for."""

from pathlib import Path

import pytest

from models.errors import UserError
from models.locate import locate_model, shipped_folder


def _folders(root: Path) -> list[Path]:
    for name in ("shipped/lineart", "shipped/.half-written", "own/lineart", "own/maps"):
        path = root / f"{name}.safetensors"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return [root / "shipped", root / "own", root / "missing"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("lineart", "shipped/lineart"), ("lineart-2", "own/lineart"), ("maps", "own/maps")],
)
def test_names_are_looked_up_in_the_order_of_the_folders(tmp_path: Path, name: str, expected: str) -> None:
    assert locate_model(name, _folders(tmp_path)) == tmp_path / f"{expected}.safetensors"


def test_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "anything.pth"
    path.touch()
    assert locate_model(str(path), []) == path


def test_what_is_not_there_is_said_with_what_is(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no model named linart.*lineart, lineart-2, maps"):
        locate_model("linart", _folders(tmp_path))
    with pytest.raises(UserError, match="no models on this machine"):
        locate_model("lineart", [])
    with pytest.raises(UserError, match="is not there"):
        locate_model(str(tmp_path / "gone.safetensors"), [])


def test_the_shipped_folder_lies_beside_the_packages() -> None:
    assert shipped_folder().parent.name == "resources"
    assert (shipped_folder().parent.parent / "models" / "locate.py").is_file()
