"""Measures through a network work from local files alone; what is missing is said, and nothing is ever fetched.

The networks here have random weights: enough to see that the formulas, the files and the libraries fit together.
"""

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision

from models.errors import UserError
from tests.training.picture_sets import drawing
from training import feature_metrics
from training.feature_metrics import INCEPTION_FILE, LPIPS_FILES, NAMES, VGG_FILES, Measure, find_weights, open_measures


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache, and any attempt to download is an error."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"tried to download {args}")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)
    monkeypatch.setattr("urllib.request.urlopen", refuse)


def _pictures(first: int = 0, count: int = 4) -> list[np.ndarray]:
    return [drawing(number, (64, 64))[1] for number in range(first, first + count)]


def _measure(measure: Measure, outputs: Sequence[np.ndarray], truths: Sequence[np.ndarray]) -> dict[str, float]:
    tally = measure.tally()
    for output, truth in zip(outputs, truths, strict=True):
        tally.add([output], [truth])
    return tally.result()


def _save_features(network: torch.nn.Module, path: Path) -> None:
    """Only the convolutions, which is all that is needed of the large files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({key: value for key, value in network.state_dict().items() if key.startswith("features.")}, path)


def test_without_files_every_measure_says_why_it_is_missing(tmp_path: Path) -> None:
    found = open_measures(tmp_path)
    assert found.measures == []
    assert set(found.unavailable) == set(NAMES)
    assert all(reason.startswith("not available offline: ") for reason in found.unavailable.values())
    assert VGG_FILES["vgg16"] in found.unavailable["vgg_gram"]
    assert str(tmp_path) in found.unavailable["vgg_gram"]


def test_without_the_libraries_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_metrics, "_installed", lambda module: False)
    found = open_measures(tmp_path)
    assert "torchmetrics is not installed" in found.unavailable["lpips"]
    assert "torchmetrics is not installed" in found.unavailable["fid"]


def test_files_are_found_in_the_folder_and_in_the_cache(tmp_path: Path) -> None:
    cached = tmp_path / "cache" / "hub" / "checkpoints" / "a.pth"
    cached.parent.mkdir(parents=True)
    cached.touch()
    assert find_weights("a.pth", tmp_path / "given") == cached
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "a.pth").touch()
    assert find_weights("a.pth", tmp_path / "given") == tmp_path / "given" / "a.pth"
    assert find_weights("b.pth", tmp_path / "given") is None


@pytest.mark.slow
def test_the_vgg_gram_distance_by_hand(tmp_path: Path) -> None:
    torch.manual_seed(0)
    vgg = torchvision.models.vgg16(weights=None).eval()
    _save_features(vgg, tmp_path / VGG_FILES["vgg16"])
    [measure] = [each for each in open_measures(tmp_path).measures if "vgg_gram" in each.definitions]
    output, truth = _pictures(0, 1)[0], _pictures(1, 1)[0]

    def grams(picture: np.ndarray) -> list[torch.Tensor]:
        x = torchvision.transforms.functional.normalize(
            torch.from_numpy(picture.transpose(2, 0, 1).copy()).float() / 255,
            [0.485, 0.456, 0.406], [0.229, 0.224, 0.225],
        )[None]  # fmt: skip
        answer = []
        with torch.no_grad():
            for end in (4, 9, 16, 23):  # after relu1_2, relu2_2, relu3_3, relu4_3
                features = vgg.features[:end](x)[0].flatten(1)
                answer.append(features @ features.T / features.numel())
        return answer

    expected = np.mean([float(((a - b) ** 2).mean()) for a, b in zip(grams(output), grams(truth), strict=True)])
    assert _measure(measure, [output], [truth])["vgg_gram"] == pytest.approx(expected, rel=1e-3)
    assert _measure(measure, [truth], [truth])["vgg_gram"] == 0


def test_lpips_agrees_with_torchmetrics_own_function(tmp_path: Path) -> None:
    functional: Any = pytest.importorskip("torchmetrics.functional.image")
    torch.manual_seed(0)
    cache = tmp_path / "cache" / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    torch.save(torchvision.models.squeezenet1_1(weights=None).state_dict(), cache / LPIPS_FILES["squeeze"])
    [measure] = [each for each in open_measures().measures if "lpips" in each.definitions]
    assert "squeeze" in measure.definitions["lpips"]
    outputs, truths = _pictures(0), _pictures(10)
    batches = [torch.from_numpy(np.stack(each).transpose(0, 3, 1, 2).copy()) / 255 for each in (outputs, truths)]
    expected = functional.learned_perceptual_image_patch_similarity(*batches, net_type="squeeze", normalize=True)
    assert _measure(measure, outputs, truths)["lpips"] == pytest.approx(float(expected), rel=1e-4)
    assert _measure(measure, truths, truths)["lpips"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("content", [b"damaged", b""])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / VGG_FILES["vgg16"]).write_bytes(content)
    with pytest.raises(UserError, match="vgg16-397923af"):
        open_measures(tmp_path)


class _Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise AssertionError('the file ran code')",))


@pytest.mark.parametrize("name", [VGG_FILES["vgg19"], INCEPTION_FILE])
def test_a_file_that_would_run_code_is_refused(tmp_path: Path, name: str) -> None:
    if name == INCEPTION_FILE:
        pytest.importorskip("torchmetrics")
        pytest.importorskip("torch_fidelity")
    (tmp_path / name).write_bytes(pickle.dumps(_Trap()))
    with pytest.raises(UserError, match="no plain file of weights"):
        open_measures(tmp_path)


def _save_random_inception(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """torch-fidelity's Inception takes its weights as it is built; this one is built without and saved."""
    module: Any = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")
    network = module.FeatureExtractorInceptionV3
    with monkeypatch.context() as patch:
        patch.setattr(module, "load_state_dict_from_url", lambda *args, **kwargs: {})
        patch.setattr(network, "load_state_dict", lambda *args, **kwargs: None)
        torch.manual_seed(0)
        built = network("inception-v3-compat", ["2048"])
        for layer in built.modules():
            if isinstance(layer, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(layer.weight)  # so that the features do not fade away
        torch.save(built.state_dict(), path)


@pytest.mark.slow
def test_fid_and_kid_tell_equal_from_different_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torchmetrics")
    _save_random_inception(tmp_path / INCEPTION_FILE, monkeypatch)
    [measure] = [each for each in open_measures(tmp_path).measures if "fid" in each.definitions]
    truths = _pictures()
    same, other = _measure(measure, truths, truths), _measure(measure, [255 - each for each in truths], truths)
    assert set(same) == {"fid", "kid"}
    assert other["fid"] > 1000 * abs(same["fid"])
    assert other["kid"] > same["kid"]
    assert _measure(measure, truths[:1], truths[:1]) == {}
