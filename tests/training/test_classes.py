"""Pictures of few colours: shares, labels, weights."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from models import checkpoint
from models.conditioning import class_colours, mixed_classes, to_pixels
from models.errors import UserError
from models.export import onnx_graph
from models.predictor import Predictor
from models.registry import build
from models.runtime import load_runtime
from models.spec import ModelSpec
from tests.training.tiny_runs import events_of, squares, tiny_config, tiny_trainer
from training.classes import class_loss, classes_of
from training.losses import weighted_l1
from training.steps import finished
from training.trainer import Limits

COLOURS = ("#dc1e1e", "#28a03c", "#0000ff")
SPEC = ModelSpec(base_width=4, depth=3, output="classes", output_channels=3, classes=COLOURS, dropout=0.0)
MODEL = {"output": "classes", "output_channels": 3, "classes": list(COLOURS), "dropout": 0.0}


def _sure(labels: np.ndarray) -> np.ndarray:
    """What a network says that is sure of these labels (H, W): (3, H, W)."""
    return np.where(np.arange(3)[:, None, None] == labels, 1.0, -1.0).astype(np.float32)


def test_a_network_that_is_sure_paints_the_colour_of_the_class() -> None:
    labels = np.random.default_rng(0).integers(0, 3, (9, 7))
    painted = to_pixels(mixed_classes(SPEC, _sure(labels)))
    exact = np.array([(0xDC, 0x1E, 0x1E), (0x28, 0xA0, 0x3C), (0, 0, 0xFF)])[labels]
    assert np.abs(painted.astype(int) - exact).max() <= 1


def test_a_network_that_is_not_sure_mixes() -> None:
    mixed = mixed_classes(SPEC, np.zeros((3, 2, 2), np.float32))
    assert np.allclose(mixed[:, 0, 0], class_colours(SPEC).mean(0), atol=1e-6)


def test_a_sharper_network_is_surer_and_no_other_takes_a_sharpness() -> None:
    values = np.stack([np.full((2, 2), value, np.float32) for value in (0.1, 0.0, -1.0)])
    away = [
        float(
            np.abs(
                mixed_classes(dataclasses.replace(SPEC, sharpness=sharpness), values)[:, 0, 0] - class_colours(SPEC)[0]
            ).max()
        )
        for sharpness in (0.5, 1.0, 2.0, 8.0)
    ]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 0.01 < away[1]
    with pytest.raises(UserError, match="sharpness must lie"):
        dataclasses.replace(SPEC, sharpness=0.0)
    with pytest.raises(UserError, match="sharpness is a setting of classes"):
        ModelSpec(sharpness=2.0)


@pytest.mark.parametrize("sharpness", [1.0, 2.5])
def test_training_and_use_mix_alike(sharpness: float) -> None:
    values = np.random.default_rng(1).uniform(-1, 1, (3, 8, 8)).astype(np.float32)
    spec = dataclasses.replace(SPEC, sharpness=sharpness)
    in_training = finished(spec, torch.from_numpy(values)[None], torch.ones(1))[0].numpy()
    assert np.allclose(in_training, mixed_classes(spec, values), atol=1e-5)


def test_rare_classes_count_for_more_and_the_mean_stays() -> None:
    target = np.full((40, 40, 3), (0x28, 0xA0, 0x3C), np.uint8)
    target[:4, :4] = (0xD0, 0x20, 0x20)  # nearest to the first class
    even, fair = (classes_of(SPEC, [target], rare) for rare in (0.0, 0.5))
    assert torch.allclose(even.weights, torch.ones(3))
    red, green, blue = fair.weights.tolist()
    assert red > 3 * green
    assert blue == pytest.approx(10, rel=0.5)  # hardly there: limited
    shares = torch.tensor([17.0, 1585.0, 1.0]) / 1603
    assert float((fair.weights * shares).sum()) == pytest.approx(1, abs=1e-3)


def test_the_loss_is_least_where_the_classes_are_right() -> None:
    labels = np.random.default_rng(2).integers(0, 3, (8, 8))
    target = torch.from_numpy(mixed_classes(SPEC, _sure(labels)))[None]
    classes = classes_of(SPEC, [], 0.0)
    right = class_loss(classes, torch.from_numpy(_sure(labels))[None], target)
    wrong = class_loss(classes, torch.from_numpy(_sure((labels + 1) % 3))[None], target)
    assert right < 1e-4
    assert wrong > 10
    assert torch.equal(classes.labels(target)[0], torch.from_numpy(labels))
    assert weighted_l1(finished(SPEC, torch.from_numpy(_sure(labels))[None], target), target) < 1e-3


@pytest.mark.parametrize(
    "change",
    [{"classes": COLOURS[:2]}, {"classes": ("red", "green", "blue")}, {"output": "image"}, {"classes": ()}],
    ids=["too few", "no colours", "not of classes", "none"],
)
def test_classes_that_do_not_fit_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(UserError, match="class"):
        dataclasses.replace(SPEC, **change)  # type: ignore[arg-type]


def test_a_description_with_classes_survives_its_file() -> None:
    assert ModelSpec.from_json(SPEC.to_json()) == SPEC


def test_a_model_of_classes_paints_pictures(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    arrays = {name: values.numpy() for name, values in build(SPEC).eval().state_dict().items()}
    checkpoint.save(path, SPEC, arrays, graph=onnx_graph(SPEC))
    answer = Predictor(load_runtime(path, "cpu")).predict(np.full((70, 90, 3), 128, np.uint8), tile=64)
    assert answer.picture.shape == (70, 90, 3)


def test_it_learns_which_colour_is_where(tmp_path: Path) -> None:
    model = {**MODEL, "architecture": "resunet", "norm": "batch", "up": "resize", "base_width": 8}
    config = tiny_config(
        model=model, gan={"loss": "none"}, loss={"l1": 1.0, "classes": 1.0}, schedule={"epochs": 30, "decay_epochs": 0}
    )
    trainer = tiny_trainer(config, squares(tmp_path / "data"), tmp_path / "run")
    trainer.train(Limits(stop=lambda: trainer.step == 60))
    losses = [event["losses"]["classes"] for event in events_of(tmp_path / "run", "step")]
    assert losses[-1] < 0.2 < losses[0]


def test_the_loss_asks_for_a_model_of_classes() -> None:
    assert any("loss.classes" in fault for fault in tiny_config(loss={"classes": 1.0}).validate())


def test_a_model_of_colours_may_become_one_of_classes(tmp_path: Path) -> None:
    data = squares(tmp_path / "data")
    plain = {"architecture": "resunet", "norm": "batch", "up": "resize", "dropout": 0.0}
    first = tiny_trainer(tiny_config(model=plain), data, tmp_path / "first")
    first.train(Limits(stop=lambda: first.step == 1))
    start = {"start_from": str(first.run.model)}
    second = tiny_trainer(tiny_config(model=plain | MODEL, run=start), data, tmp_path / "second")
    stored, state = checkpoint.load_arrays(first.run.model), second.networks.generator.state_dict()
    kept = [name for name, values in state.items() if np.array_equal(values.numpy(), stored[name])]
    assert {name.partition(".")[0] for name in set(state) - set(kept)} == {"head"}
