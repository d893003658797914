"""The trained models as the user chooses among them: title, task, what is told about each."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models.spec import ModelSpec
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.inference.catalogue import ModelEntry

_TASKS = {"lineart": "colours lines", "satmap": "satellite picture to map", "other": "picture to picture"}
NO_CARD = "There is no card beside this model that tells how it was trained."


@dataclass(frozen=True, kw_only=True)
class ModelChoice:
    """`looks_at` is the role of the layers that the model sees: line art, or the source of a map."""

    model_id: str
    title: str
    task: str = _TASKS["lineart"]
    looks_at: Role = Role.LINE_ART
    path: Path | None = None
    licence: str = ""  # of the weights; "" where the file does not tell
    sees_tiles: bool = False  # whether pictures can be shown to it enlarged or reduced
    takes_palette: bool = False  # whether it listens to the colours it is given

    @property
    def full_title(self) -> str:
        return f"{self.title} – {self.task}"


def choices_of(entries: Iterable[ModelEntry]) -> list[ModelChoice]:
    return [
        ModelChoice(
            model_id=entry.id,
            title=entry.spec.title or entry.id,
            task=_TASKS[entry.spec.task],
            looks_at=_looks_at(entry.spec),
            path=entry.path,
            licence=entry.facts.get("licence", ""),
            sees_tiles=entry.spec.sees_tiles,
            takes_palette=entry.spec.palette,
        )
        for entry in entries
    ]


def _looks_at(spec: ModelSpec) -> Role:
    return Role.LINE_ART if spec.task == "lineart" or spec.output == "colour_layer" else Role.SOURCE


def card_of(choice: ModelChoice) -> str:
    """The Markdown file beside the weights, or a sentence where there is none that can be read."""
    if choice.path is None:
        return NO_CARD
    try:
        return choice.path.with_suffix(".md").read_text(encoding="utf-8").strip() or NO_CARD
    except (OSError, UnicodeDecodeError):
        return NO_CARD


def file_of(choice: ModelChoice) -> str:
    """Where the weights lie and how large they are, as one line."""
    if choice.path is None:
        return "unknown"
    try:
        size = choice.path.stat().st_size
    except OSError:
        return f"{choice.path} is not there any more."
    return f"{choice.path}, {size / 1e6:.1f} MB" if size >= 1e5 else f"{choice.path}, {size / 1e3:.0f} kB"
