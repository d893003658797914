"""A training that is being put together: what the wizard's pages have chosen, and what is still wrong with it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from models.errors import UserError
from sketchsause_desktop.app.training_recipes import Estimate, Pace, Recipe, estimate, recipe_settings
from sketchsause_desktop.app.training_spec import TrainingSpec
from training.config import TrainConfig, load_config
from training.run_files import CONFIG, is_resumable, is_running
from training.schema import Option, as_toml, changed, options, values_of

Half = Literal["auto", "left", "right"]
Direction = Literal["auto", "AtoB", "BtoA"]
Device = Literal["auto", "cpu", "cuda", "mps"]
DEVICES: dict[Device, str] = {
    "auto": "The fastest there is",
    "cpu": "The processor",
    "cuda": "An NVIDIA graphics card",
    "mps": "An Apple graphics card",
}

_PACE_IS_THE_SAME = re.compile(
    r"schedule\.|run\.(\w+_every|cadence|best|samples|keep|seed)|gan\.start_step|model\.title|optimiser\."
)
# What other pages of the wizard decide, and which.
PAGE_OF = {
    "data.direction": "Data",
    "data.input_half": "Data",
    "data.cut": "Data",
    "data.exclude": "Check",
    "data.seed": "Split",
    "data.val_share": "Split",
    "data.test_share": "Split",
    "run.start_from": "Start from",
    "model.title": "Output",
}


@dataclass(kw_only=True)
class Draft:
    preset: str = "lineart"
    data: Path | None = None
    direction: Direction = "auto"
    input_half: Half = "auto"
    cut: float = 0.5
    exclude: tuple[str, ...] = ()
    seed: int = 0
    val_share: float = 0.1
    test_share: float = 0.1
    start_from: str = ""  # a model's name or file
    start_title: str = ""
    start_settings: Mapping[str, str] = field(default_factory=dict)  # that make the network as the model's is
    recipe: Recipe = Recipe.QUICK
    own: dict[str, str] = field(default_factory=dict)  # settings of Recipe.ADVANCED
    title: str = ""
    notes: str = ""
    device: Device = "auto"
    run: Path | None = None
    pace: Pace | None = None  # measured for `pace_key`
    pairs: int = 0  # to learn from

    @property
    def plain(self) -> TrainConfig:
        """The preset as it is."""
        return load_config(self.preset)

    @property
    def is_unpaired(self) -> bool:
        return self.plain.method == "cyclegan"

    @property
    def told_direction(self) -> Direction:
        """As chosen here, else the preset's own; of sheets whose half was chosen there is none."""
        if self.input_half != "auto":
            return "auto"
        return self.direction if self.direction != "auto" else self.plain.data.direction

    def pairs_options(self) -> list[str]:
        """How the data are read, as `sketchsause pairs` is told."""
        words = [f"--seed={self.seed}"]
        words += [f"--direction={self.told_direction}"] * (self.told_direction != "auto")
        words += [f"--input-half={self.input_half}"] * (self.input_half != "auto")
        words += [f"--cut={self.cut:g}"] * (self.cut != 0.5)
        return words + [f"--exclude={name}" for name in self.exclude]

    def settings(self) -> dict[str, str]:
        """What differs from the preset, as --set takes it."""
        wanted = self._data_settings() | dict(self.start_settings)
        if self.start_from:
            wanted["run.start_from"] = as_toml(self.start_from)
        if self.title:
            wanted["model.title"] = as_toml(self.title)
        plain = load_config(self.preset, wanted)
        wanted |= recipe_settings(plain, self.recipe, self.pace, self.pairs)
        if self.recipe is Recipe.ADVANCED:
            wanted |= self.own
        return changed(self.plain, wanted)

    def _data_settings(self) -> dict[str, str]:
        return {
            "data.direction": as_toml(self.told_direction),
            "data.input_half": as_toml(self.input_half),
            "data.cut": as_toml(self.cut),
            "data.exclude": as_toml(self.exclude),
            "data.seed": as_toml(self.seed),
            "data.val_share": as_toml(self.val_share),
            "data.test_share": as_toml(self.test_share),
        }

    def faults(self) -> list[str]:
        """Sentences about settings that cannot be."""
        try:
            return load_config(self.preset, self.settings()).validate()
        except UserError as error:
            return [error.sentence]

    def doubts(self) -> list[str]:
        """Sentences about what may disappoint."""
        return [] if self.faults() else load_config(self.preset, self.settings()).warnings()

    def values(self) -> dict[str, str]:
        """Every option's value as it would be, as TOML has it."""
        try:
            return values_of(load_config(self.preset, self.settings()))
        except UserError:
            return values_of(self.plain) | self.own

    def estimate(self) -> Estimate | None:
        """Time, memory and disk; None while nothing has been measured or the settings cannot be."""
        if self.pace is None or self.faults():
            return None
        return estimate(load_config(self.preset, self.settings()), self.pace)

    # Where it goes

    def suggest_run(self, folder: Path) -> Path:
        stem = re.sub(r"[^\w-]+", "-", self.title).strip("-") or "training"
        return folder / f"{stem[:40]}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"

    def run_fault(self) -> str:
        """Why the run's folder cannot be taken; "" where it can."""
        run = self.run
        if run is None or not run.is_absolute():
            return "Choose a folder for the results."
        if is_running(run) or is_resumable(run) or (run / CONFIG).is_file():
            return f"{run} already holds a training: choose another folder."
        if run.is_file() or any(each.is_file() for each in run.parents):
            return f"{run} cannot be a folder: there is a file of that name."
        if self.data is not None and run.is_relative_to(self.data):
            return "The results would lie among the pairs: choose a folder elsewhere."
        return ""

    def spec(self) -> TrainingSpec:
        """The job; only when all pages are complete."""
        assert self.data is not None
        assert self.run is not None
        return TrainingSpec(
            preset=self.preset,
            data=self.data,
            run=self.run,
            settings=self.settings(),
            device=self.device,
            title=self.title,
            notes=self.notes,
        )

    # The probe

    @property
    def pace_key(self) -> tuple[str, ...]:
        """The same for drafts that go equally fast."""
        return (self.preset, str(self.data), self.device, *self._paced_settings())

    def _paced_settings(self) -> list[str]:
        return [f"{key}={text}" for key, text in sorted(self.settings().items()) if not _PACE_IS_THE_SAME.match(key)]

    def probe_words(self) -> list[str]:
        """The command that measures the pace."""
        assert self.data is not None
        words = ["train", self.preset, "--data", str(self.data), "--run", str(self.data), "--probe", "--json"]
        for setting in self._paced_settings():
            words += ["--set", setting]
        if not self.is_unpaired:
            words += ["--set", "run.best=psnr"]  # the most that is kept on the disk
        return [*words, "--device", self.device]


def all_options() -> list[Option]:
    """Every option of the trainer, for the Advanced page."""
    return options()


def option_fault(preset: str, key: str, text: str) -> str:
    """Why `text` cannot be that option's value; "" where it can."""
    try:
        load_config(preset, {key: text})
    except UserError as error:
        return error.sentence
    return ""


def option_text(kind: str, text: str) -> str:
    """What a field holds, as TOML has it."""
    if kind in ("text", "choice"):
        return as_toml(text.strip())
    if kind == "list":
        return as_toml([_number_or_text(each) for each in text.split(",") if each.strip()])
    return text.strip()


def option_value(kind: str, text: str) -> str:
    """What TOML has, as a field holds it."""
    value = json.loads(text)
    if kind == "list":
        return ", ".join(str(each) for each in value)
    if kind == "number":
        return f"{value:g}"
    return str(value)


def _number_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text.strip()
