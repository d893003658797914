"""Every option of a training as a form shows it: its kind, its choices, a sentence. Never imports torch."""

import dataclasses
import json
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from training.config import TrainConfig
from training.setting_words import SENTENCES

Kind = Literal["switch", "choice", "whole", "number", "text", "list"]
_KINDS: dict[type, Kind] = {bool: "switch", int: "whole", float: "number", str: "text"}


@dataclass(frozen=True, kw_only=True)
class Option:
    """One setting. `key` is what stands before the = of --set."""

    key: str
    kind: Kind
    choices: tuple[str, ...] = ()
    sentence: str

    @property
    def section(self) -> str:
        return self.key.rpartition(".")[0]

    @property
    def name(self) -> str:
        return self.key.rpartition(".")[2]


def options() -> list[Option]:
    """In the order of the configuration's fields; `preset` and `method` are no options, they come with the preset."""
    found = []
    for section, kind in get_type_hints(TrainConfig).items():
        if dataclasses.is_dataclass(kind):
            for name, hint in get_type_hints(typing.cast(type, kind)).items():
                found.append(_option(f"{section}.{name}", hint))
    return found


def _option(key: str, hint: Any) -> Option:
    choices = tuple(str(each) for each in get_args(hint)) if get_origin(hint) is Literal else ()
    kind: Kind = "choice" if choices else "list" if get_origin(hint) is tuple else _KINDS[hint]
    return Option(key=key, kind=kind, choices=choices, sentence=SENTENCES[key])


def values_of(config: TrainConfig) -> dict[str, str]:
    """Every option's value as TOML writes it, which is what `--set` takes."""
    return {option.key: as_toml(_value(config, option)) for option in options()}


def as_toml(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def changed(config: TrainConfig, wanted: Mapping[str, str]) -> dict[str, str]:
    """Those of `wanted` that are not what `config` has anyway."""
    there = values_of(config)
    return {key: text for key, text in wanted.items() if there.get(key) != text}


def _value(config: TrainConfig, option: Option) -> Any:
    return getattr(getattr(config, option.section), option.name)
