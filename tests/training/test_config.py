from pathlib import Path
from typing import Any

import pytest

from models.errors import UserError
from training.config import TrainConfig, config_from_dict, load_config, presets_folder, to_toml


@pytest.mark.parametrize("name", sorted(path.stem for path in presets_folder().glob("*.toml")))
def test_every_preset_is_usable_and_survives_toml(name: str, tmp_path: Path) -> None:
    config = load_config(name)
    assert config.preset == name
    assert config.validate() == []
    (tmp_path / "config.toml").write_text(to_toml(config), encoding="utf-8")
    assert load_config(str(tmp_path / "config.toml")) == config


def test_the_presets_are_the_descriptions() -> None:
    anime, maps = load_config("anime"), load_config("maps")
    assert (anime.gan.loss, anime.loss.l1, anime.run.batch_size) == ("bce", 100.0, 1)
    assert (anime.optimiser.rate, anime.optimiser.betas) == (2e-4, (0.5, 0.999))
    assert (anime.schedule.epochs, anime.schedule.decay_epochs) == (50, 50)
    assert (anime.data.load_size, anime.data.crop_size, anime.data.flip) == (286, 256, True)
    assert (maps.gan.loss, maps.gan.lambda_gp, maps.gan.critic_steps, maps.loss.l1) == ("wgan-gp", 10.0, 3, 100.0)
    assert (maps.optimiser.rate, maps.optimiser.betas, maps.run.batch_size) == (1e-4, (0.0, 0.9), 32)
    assert (maps.schedule.epochs, maps.run.cadence, maps.run.sample_every, maps.run.measure_every) == (
        200,
        "epochs",
        25,
        1,
    )
    assert load_config("maps-as-run").warnings()
    for config in (anime, maps):
        assert (config.model.architecture, config.model.base_width, config.model.depth) == ("unet", 64, 8)


def test_settings_override_the_preset() -> None:
    config = load_config("lineart", {"run.batch_size": "3", "gan.loss": "hinge", "optimiser.betas": "[0.1, 0.2]"})
    assert (config.run.batch_size, config.gan.loss, config.optimiser.betas) == (3, "hinge", (0.1, 0.2))
    assert config.model.architecture == "resunet"  # the rest of the preset stays


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("run.batchsize", "3", r"no setting named run\.batchsize.*Did you mean run\.batch_size"),
        ("gan.loss", "hinged", "Did you mean hinge"),
        ("run.batch_size", "many", "whole number"),
        ("run.batch_size", "1.5", "whole number"),
        ("data.flip", "1", "true or false"),
        ("optimiser.rate", "-1.0", "not be below 0"),
        ("optimiser.betas", "[0.5]", "list of 2"),
        ("optimiser.rate", "nan", "finite"),
        ("model.depth", "99", "depth must lie"),
        ("loss", "3", "section"),
    ],
)
def test_a_bad_setting_is_named_with_the_nearest_good_one(key: str, value: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        load_config("lineart", {key: value})


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(UserError, match="Did you mean lineart"):
        load_config("linart")


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("run = [", encoding="utf-8")
    with pytest.raises(UserError, match=r"a\.toml is not a readable TOML file"):
        load_config(str(tmp_path / "a.toml"))
    with pytest.raises(UserError, match="not there"):
        load_config(str(tmp_path / "b.toml"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"data": {"crop_size": 200, "load_size": 286}}, "multiple of 256"),
        ({"data": {"load_size": 128}}, "load_size"),
        ({"gan": {"loss": "wgan-gp"}}, "batch norm"),
        ({"run": {"batch_size": 0}}, "batch_size"),
        ({"schedule": {"epochs": 0, "decay_epochs": 0}}, "epochs"),
        ({"gan": {"critic_steps": 0}}, "critic_steps"),
        ({"run": {"ema": 1.0}}, "ema"),
        ({"optimiser": {"rate": 0.0}}, "rates"),
        ({"optimiser": {"betas": [1.5, 0.9]}}, "betas"),
        ({"data": {"zoom": 1.0}}, "zoom"),
        ({"discriminator": {"layers": 7}}, "too deep"),
        ({"model": {"output_channels": 1}}, "output_channels"),
    ],
)
def test_what_cannot_work_is_said_before_the_first_step(fields: dict[str, object], words: str) -> None:
    (sentence,) = config_from_dict(fields).validate()
    assert words in sentence


def test_the_descriptions_generator_loss_is_warned_of() -> None:
    config = config_from_dict({"gan": {"loss": "wgan-gp", "generator_loss": "bce"}})
    assert any("vanishes" in sentence for sentence in config.warnings())
    assert not any("vanishes" in sentence for sentence in TrainConfig().warnings())


def test_batch_norm_on_single_pictures_is_warned_of() -> None:
    def warned(model: str, **run: int) -> bool:
        sentences = config_from_dict({"model": {"norm": model}, "run": run}).warnings()
        return any("single pictures" in sentence for sentence in sentences)

    assert warned("batch", batch_size=1)
    assert warned("batch", batch_size=4, accumulate=4)
    assert not warned("batch", batch_size=4)
    assert not warned("instance", batch_size=1)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"loss": {"rare_colours": 0.5, "l1": 0.0, "chroma": 1.0}}, "weighs the pixels"),
        ({"loss": {"l1": 0.0}, "gan": {"loss": "none"}}, "nothing to learn from"),
        ({"data": {"crop_size": 0}}, "at least 16"),
        ({"data": {"jitter": 1.5}}, "jitter"),
        ({"discriminator": {"base_width": 0}}, "base_width must be at least 1"),
        ({"run": {"compile": True, "checkpointing": True}}, "cannot be used together"),
        ({"model": {"architecture": "resunet", "depth": 6, "dropout": 0.0}, "data": {"crop_size": 64}}, "single pixel"),
        ({"run": {"batch_size": 4, "accumulate": 3}}, "divide run.batch_size"),
        ({"gan": {"loss": "none", "feature_matching": 1.0}}, "feature_matching needs"),
        ({"discriminator": {"kind": "multiscale", "scales": 3, "layers": 5}}, "too deep"),
    ],
)
def test_what_would_fail_later_is_told_at_the_start(fields: dict[str, Any], words: str) -> None:
    assert words in " ".join(config_from_dict(fields).validate())


def test_a_setting_inside_something_that_is_no_section_is_refused() -> None:
    with pytest.raises(UserError, match="preset"):
        load_config("anime", {"preset.x": "1"})
