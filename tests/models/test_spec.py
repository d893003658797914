import json

import pytest

from models.errors import UserError
from models.spec import ModelSpec


def test_json_round_trip() -> None:
    spec = ModelSpec(architecture="resunet", condition="hints", input_channels=1, output="colour_layer", title="線画")
    assert ModelSpec.from_json(spec.to_json()) == spec


def test_older_files_may_lack_settings() -> None:
    assert ModelSpec.from_json('{"base_width": 8}') == ModelSpec(base_width=8)


def test_channels_and_multiple() -> None:
    assert ModelSpec(architecture="resnet", depth=2).size_multiple == 8  # its innermost features need two pixels
    spec = ModelSpec(condition="hints", input_channels=1, depth=6)
    assert (spec.network_channels, spec.size_multiple) == (5, 64)


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"base_width": '])
def test_a_damaged_description_is_named(text: str) -> None:
    with pytest.raises(UserError, match="damaged"):
        ModelSpec.from_json(text)


def test_a_newer_setting_says_update() -> None:
    with pytest.raises(UserError, match=r"sparkle.*Update"):
        ModelSpec.from_json(json.dumps({"sparkle": 1}))


@pytest.mark.parametrize(
    "fields",
    [
        {"norm": "layer"},
        {"architecture": "gan"},
        {"depth": 1},
        {"base_width": 0},
        {"base_width": True},
        {"dropout": 1.0},
        {"input_channels": 2},
        {"working_size": 4},
        {"output": "colour_layer", "output_channels": 1},
        {"self_attention": 1},
        {"self_attention": True, "depth": 2},
        {"fusion": "sum"},
        {"architecture": "resnet"},
        {"architecture": "resnet", "depth": 2, "blocks": 0},
    ],
)
def test_values_out_of_range_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(UserError):
        ModelSpec.from_dict(fields)


@pytest.mark.parametrize(
    ("architecture", "setting", "value"),
    [
        ("unet", "blocks", 6),
        ("resunet", "blocks", 6),
        ("resunet", "skip", "leaky"),
        ("resunet", "bottleneck", "leaky"),
        ("resunet", "padding", "reflect"),
        ("resnet", "self_attention", True),
        ("resnet", "attention_gates", True),
        ("resnet", "fusion", "learned"),
    ],
)
def test_what_an_architecture_does_not_have_is_refused(architecture: str, setting: str, value: object) -> None:
    with pytest.raises(UserError, match=f"{setting} is a setting of .*, {architecture} has none"):
        ModelSpec.from_dict({"architecture": architecture, "depth": 4, setting: value})
