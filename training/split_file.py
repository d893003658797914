"""Which pairs a run learns from, watches and is measured on, kept in its folder, so that a resumed run has the same."""

import json
from pathlib import Path
from typing import Any

from models.errors import UserError
from models.files import atomic_path
from training.pairs import Pair, Scan

_NAME = "split.json"
_SHOWN = 3  # names in a sentence


def check_split(scan: Scan, folder: Path) -> None:
    """UserError when the run in `folder` began with other pairs, or another direction, than are found now."""
    try:
        stored = json.loads((folder / _NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return  # a run of an earlier version
    except (OSError, ValueError) as error:
        raise UserError(f"{folder / _NAME} is damaged.", "Delete it, if the data are what they were.") from error
    if not isinstance(stored, dict):
        raise UserError(f"{folder / _NAME} is damaged.", "Delete it, if the data are what they were.")
    found = _as_object(scan)
    if stored.get("splits") == found["splits"] and stored.get("input") == found["input"]:
        return
    before, now = (_names(each) for each in (stored, found))
    changes = [
        f"{len(names)} {word} ({', '.join(sorted(names)[:_SHOWN])}{', …' if len(names) > _SHOWN else ''})"
        for names, word in ((before - now, "gone"), (now - before, "new"))
        if names
    ]
    raise UserError(
        f"{scan.folder} does not hold the pairs this run began with: "
        f"{' and '.join(changes) or 'they are divided or directed in another way'}.",
        "Bring the pairs back, or begin a new run, with run.start_from for what was learned.",
    )


def write_split(scan: Scan, folder: Path) -> None:
    """UserError where it cannot be written."""
    text = json.dumps(_as_object(scan), ensure_ascii=False, indent=1) + "\n"
    try:
        with atomic_path(folder / _NAME) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}.", "Free some space on its disk.") from error


def _as_object(scan: Scan) -> dict[str, Any]:
    """The pairs' names are relative to the data's folder, which may move."""
    return {
        "seed": scan.seed,
        "input": scan.input_half or scan.input_name,
        "splits": {split: _listed(scan, pairs) for split, pairs in scan.splits.items()},
    }


def _listed(scan: Scan, pairs: list[Pair]) -> list[str]:
    """By name; where chance made the pairs, the pictures."""
    if scan.layout != "unpaired":
        return [pair.name for pair in pairs]
    paths = {picture.path for pair in pairs for picture in (pair.input, pair.target)}
    return sorted(path.relative_to(scan.folder).as_posix() for path in paths)


def _names(stored: dict[str, Any]) -> set[str]:
    return {str(name) for names in stored.get("splits", {}).values() for name in names}
