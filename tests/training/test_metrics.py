"""The measures agree with independent implementations and with what follows from their definitions."""

import importlib
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.picture_sets import aerial, drawing
from training import metrics

color: Any = importlib.import_module("skimage.color")  # scikit-image's functions have no types
reference: Any = importlib.import_module("skimage.metrics")


def _pairs() -> list[tuple[np.ndarray, np.ndarray]]:
    random = np.random.default_rng(0)
    noise = random.random((2, 40, 57, 3))
    pictures = [drawing(1, (64, 48)), aerial(2), drawing(3)]
    return [(noise[0], noise[1]), *((metrics.unit_picture(a), metrics.unit_picture(b)) for a, b in pictures)]


@pytest.mark.parametrize(("a", "b"), _pairs())
def test_ssim_with_cropped_border_agrees_with_scikit_image(a: np.ndarray, b: np.ndarray) -> None:
    expected = reference.structural_similarity(
        a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1, channel_axis=2
    )
    assert metrics.ssim(a, b, border="crop") == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("a", "b"), _pairs())
def test_ssim_counts_the_border_by_reflection(a: np.ndarray, b: np.ndarray) -> None:
    """scikit-image crops after filtering, so reflecting first and cropping by as much keeps every pixel."""
    padding = ((10, 10), (10, 10), (0, 0))
    wide_a, wide_b = np.pad(a, padding, mode="reflect"), np.pad(b, padding, mode="reflect")
    _, values = reference.structural_similarity(
        wide_a, wide_b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1, channel_axis=2,
        full=True,
    )  # fmt: skip
    assert metrics.ssim(a, b) == pytest.approx(values[10:-10, 10:-10].mean(), abs=1e-6)


@pytest.mark.parametrize(("a", "b"), _pairs())
def test_ssim_agrees_with_torchmetrics(a: np.ndarray, b: np.ndarray) -> None:
    torchmetrics = pytest.importorskip("torchmetrics.functional.image")
    as_batch = [torch.from_numpy(each).permute(2, 0, 1)[None] for each in (a, b)]
    expected = torchmetrics.structural_similarity_index_measure(*as_batch, data_range=1.0)
    assert metrics.ssim(a, b) == pytest.approx(float(expected), abs=1e-4)


def test_ssim_of_equal_and_of_opposite_pictures() -> None:
    a, _ = _pairs()[1]
    assert metrics.ssim(a, a) == pytest.approx(1.0)
    assert metrics.ssim(a, 1 - a) < 0.3


def test_ssim_refuses_what_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        metrics.ssim(np.zeros((20, 20, 3)), np.zeros((20, 21, 3)))
    with pytest.raises(ValueError, match="at least 11x11"):
        metrics.ssim(np.zeros((10, 20, 3)), np.zeros((10, 20, 3)))


@pytest.mark.parametrize(("a", "b"), _pairs())
def test_psnr_agrees_with_scikit_image(a: np.ndarray, b: np.ndarray) -> None:
    assert metrics.psnr(a, b) == pytest.approx(reference.peak_signal_noise_ratio(a, b, data_range=1), abs=1e-9)


def test_psnr_by_hand() -> None:
    assert metrics.psnr(np.full((4, 4, 3), 0.5), np.full((4, 4, 3), 0.6)) == pytest.approx(20.0)
    assert metrics.psnr(np.ones((4, 4, 3)), np.ones((4, 4, 3))) == float("inf")


def test_gram_distance_is_the_description_s_formula() -> None:
    a, b = _pairs()[0]

    def gram(picture: np.ndarray) -> torch.Tensor:
        tensor = torch.from_numpy(picture).permute(2, 0, 1)  # (C, H, W)
        channels, height, width = tensor.shape
        flat = tensor.reshape(channels, height * width)
        return flat @ flat.t() / (channels * height * width)

    expected = torch.nn.functional.mse_loss(gram(a), gram(b))
    assert metrics.gram_distance(a, b) == pytest.approx(float(expected), rel=1e-9)


def test_gram_distance_ignores_where_colours_are() -> None:
    a, b = _pairs()[0]
    assert metrics.gram_distance(a, b[::-1, ::-1]) == pytest.approx(metrics.gram_distance(a, b))


@pytest.mark.parametrize(("a", "b"), _pairs())
def test_colour_difference_agrees_with_scikit_image(a: np.ndarray, b: np.ndarray) -> None:
    expected = color.deltaE_ciede2000(color.rgb2lab(a), color.rgb2lab(b)).mean()
    assert metrics.colour_difference(a, b) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # Sharma, Wu, Dalal 2005, table 1: hue turns over 180 degrees, greys, blues, dark colours.
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
        ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_ciede2000_of_the_published_pairs(first: tuple[float, ...], second: tuple[float, ...], expected: float) -> None:
    assert float(metrics.ciede2000(np.array(first), np.array(second))) == pytest.approx(expected, abs=1e-4)


def test_signed_batches_become_unit_pictures() -> None:
    batch = torch.tensor([-1.0, 0.0, 1.0, 1.5]).reshape(1, 1, 2, 2).expand(2, 3, 2, 2).requires_grad_()
    pictures = metrics.unit_pictures(batch)
    assert pictures.shape == (2, 2, 2, 3)
    np.testing.assert_allclose(pictures[0, ..., 0], np.array([[0, 0.5], [1, 1]]))
