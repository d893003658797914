"""Which settings of some trainings differ, for comparing what they came to."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.errors import UserError
from sketchsause_desktop.app.training_spec import TrainingSpec
from training.config import load_config, to_toml
from training.run_files import CONFIG
from training.setting_words import SENTENCES

_NOTHING = "–"
_THEIR_NAMES = ("model.title",)  # what runs are told apart by anyway


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`values` has one for each run, in their order; `sentence` says what the setting does, where there is one."""

    name: str
    values: tuple[str, ...]
    sentence: str = ""


def differences(specs: Sequence[TrainingSpec]) -> list[Difference]:
    """The data first, then the settings in the configuration's order."""
    found = [Difference(name="pairs of", values=tuple(str(spec.data) for spec in specs))]
    settings = [_settings(spec) for spec in specs]
    for key in dict.fromkeys(key for each in settings for key in each):
        if key not in _THEIR_NAMES:
            values = tuple(each.get(key, _NOTHING) for each in settings)
            name = key.replace(".", ": ").replace("_", " ")
            found.append(Difference(name=name, values=values, sentence=SENTENCES.get(key, "")))
    return [each for each in found if len(set(each.values)) > 1]


def _settings(spec: TrainingSpec) -> dict[str, str]:
    """Of the run as it was begun, or as it would be; none where its file is damaged."""
    try:
        if (spec.run / CONFIG).is_file():
            stored = (spec.run / CONFIG).read_text(encoding="utf-8")
        else:
            stored = to_toml(load_config(spec.preset, spec.settings))
        return dict(_flat(tomllib.loads(stored)))
    except (OSError, ValueError, UserError):
        return {}


def _flat(sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in sections.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{name}", each) for name, each in _flat(value))
        else:
            yield key, _words(value)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_words, value)) or _NOTHING
    return f"{value:g}" if isinstance(value, float) else str(value) or _NOTHING
