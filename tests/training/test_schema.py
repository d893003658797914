"""Every option of the trainer has its sentence, and its value goes through a command line unharmed."""

import pytest

from training.config import TrainConfig, load_config, presets_folder
from training.schema import changed, options, values_of
from training.setting_words import SENTENCES

PRESETS = sorted(path.stem for path in presets_folder().glob("*.toml"))


def test_each_option_has_one_sentence_and_no_sentence_is_left_over() -> None:
    assert {option.key for option in options()} == set(SENTENCES)
    for sentence in SENTENCES.values():
        assert sentence.endswith(".")
        assert len(sentence) < 110


@pytest.mark.parametrize("preset", PRESETS)
def test_values_written_out_are_read_back(preset: str) -> None:
    config = load_config(preset)
    again = load_config(preset, values_of(config))
    assert again == config
    assert changed(config, values_of(config)) == {}


def test_kinds_and_choices() -> None:
    found = {option.key: option for option in options()}
    assert found["data.flip"].kind == "switch"
    assert found["run.batch_size"].kind == "whole"
    assert found["optimiser.rate"].kind == "number"
    assert found["optimiser.betas"].kind == "list"
    assert found["run.start_from"].kind == "text"
    assert "lsgan" in found["gan.loss"].choices
    assert changed(TrainConfig(), {"data.flip": "false", "run.seed": "0"}) == {"data.flip": "false"}
