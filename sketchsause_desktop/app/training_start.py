"""Which models a training can begin with, and in words why the others cannot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from models.errors import UserError
from models.spec import ModelSpec
from sketchsause_desktop.inference.catalogue import ModelEntry, default_catalogue, read_entry
from training.config import TrainConfig
from training.schema import as_toml

_TASKS = {"lineart": "colouring line art", "satmap": "maps", "other": "other pictures"}
# What a network sees and answers; all else may be as the model has it.
_SEEN = {
    "input_channels": ("It looks at colours, this training at light and dark.",
                       "It looks at light and dark alone, this training at colours."),
    "condition": ("It sees hints in another way, or none.",) * 2,
    "output": ("It answers in another way.",) * 2,
    "output_channels": ("It answers in other colours or classes.",) * 2,
}  # fmt: skip
_ITS_OWN = ("title", "task", "fit", "working_size", "dropout", "classes", "palette")  # what the training keeps


@dataclass(frozen=True, kw_only=True)
class StartChoice:
    """`name` is what run.start_from takes. `settings` make the network as the model's is."""

    name: str
    title: str
    fits: bool
    words: str
    settings: Mapping[str, str] = field(default_factory=dict)


def start_choices(config: TrainConfig, runs: Iterable[tuple[str, Path]] = ()) -> list[StartChoice]:
    """The models in the list of this machine and those of `runs`, (title, file); those that fit first.

    Damaged files are among those that do not fit.
    """
    listing = default_catalogue().scan()
    found = [_judged(config, entry, entry.id) for entry in listing.entries]
    found += [StartChoice(name=fault.id, title=fault.id, fits=False, words=fault.sentence) for fault in listing.faults]
    for title, path in runs:
        try:
            found.append(_judged(config, read_entry(path), str(path), f"Training “{title}”"))
        except UserError as error:
            found.append(StartChoice(name=str(path), title=title, fits=False, words=error.sentence))
    return sorted(found, key=lambda choice: not choice.fits)


def _judged(config: TrainConfig, entry: ModelEntry, name: str, title: str = "") -> StartChoice:
    spec, wanted = entry.spec, config.model
    title = title or spec.title or entry.id
    why_not = _why_not(spec, wanted, method=config.method)
    if why_not:
        return StartChoice(name=name, title=title, fits=False, words=why_not)
    shape = {
        f"model.{each.name}": as_toml(getattr(spec, each.name))
        for each in fields(ModelSpec)
        if each.name not in _ITS_OWN and getattr(spec, each.name) != getattr(wanted, each.name)
    }
    words = "Fits: the training goes on from what it has learned."
    if spec.task != wanted.task:
        words = f"Fits, but it was made for {_TASKS[spec.task]}."
    elif spec.classes != wanted.classes:
        words = "Fits; it learns the colours of this map anew."
    if spec.palette and not wanted.palette:
        shape["model.palette"] = "true"
    return StartChoice(name=name, title=title, fits=True, words=words, settings=shape)


def _why_not(spec: ModelSpec, wanted: ModelSpec, *, method: str) -> str:
    if method == "cyclegan":
        return "" if spec == wanted else "Training on unmatched pictures begins with a network of its own."
    for name, (more, less) in _SEEN.items():
        theirs, ours = getattr(spec, name), getattr(wanted, name)
        if theirs != ours:
            return more if isinstance(theirs, int) and theirs > ours else less
    return ""
