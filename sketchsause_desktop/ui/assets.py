"""Where the data files that come with the program lie."""

from pathlib import Path

_RESOURCES = Path(__file__).resolve().parents[2] / "resources"


def resource_path(*parts: str) -> Path:
    return _RESOURCES.joinpath(*parts)
