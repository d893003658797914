"""What a training job is: the words of a command line, as a value that is kept in the run's folder."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from models.errors import UserError
from models.files import atomic_path

_NAME = "job.json"
_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class TrainingSpec:
    """`sketchsause train PRESET --data DATA --run RUN --set KEY=VALUE …`"""

    preset: str
    data: Path
    run: Path
    settings: Mapping[str, str] = field(default_factory=dict)  # section.key -> value, as TOML has it
    device: str = "auto"
    max_minutes: float | None = None
    title: str = ""
    notes: str = ""

    def arguments(self, *, resume: bool = False) -> list[str]:
        """The words after the program's name."""
        words = ["train", self.preset, "--data", str(self.data), "--run", str(self.run)]
        for key, value in self.settings.items():
            words += ["--set", f"{key}={value}"]
        if self.max_minutes is not None:
            words += ["--max-minutes", f"{self.max_minutes:g}"]
        if self.device != "auto":
            words += ["--device", self.device]
        return words + ["--resume"] * resume

    def command_line(self) -> str:
        """For a terminal: the same training, the same losses."""
        return shlex.join(["sketchsause", *self.arguments()])

    @property
    def name(self) -> str:
        return self.title or self.run.name

    def keep(self) -> None:
        """Write it down in the run's folder, which is made. UserError when that cannot be done."""
        fields = {**asdict(self), "version": _VERSION, "data": str(self.data)}
        del fields["run"]  # the folder may be moved
        try:
            self.run.mkdir(parents=True, exist_ok=True)
            with atomic_path(self.run / _NAME) as temporary:
                temporary.write_text(json.dumps(fields, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise UserError(f"{self.run} cannot be written: {error.strerror}.", "Choose another folder.") from error


def read_spec(run: Path) -> TrainingSpec | None:
    """What was kept in the run's folder; None where there is nothing or it is damaged."""
    try:
        fields: dict[str, Any] = json.loads((run / _NAME).read_text(encoding="utf-8"))
        if fields.pop("version") != _VERSION:
            return None
        spec = TrainingSpec(**{**fields, "data": Path(fields["data"]), "run": run})
        spec.arguments()
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return spec


def with_notes(spec: TrainingSpec, *, title: str, notes: str) -> TrainingSpec:
    return replace(spec, title=title, notes=notes)
