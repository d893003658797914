from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.conditioning import network_input, to_network, to_pixels, under_lines
from models.errors import UserError
from models.predictor import Predictor
from models.spec import ModelSpec
from models.tiling import blend_window, tile_boxes


@dataclass
class Echo:
    """Gives back the first three channels of what it is shown, and remembers what that was."""

    spec: ModelSpec
    device: str = "cpu"
    title: str = "echo"
    seen: list[np.ndarray] = field(default_factory=list)

    @property
    def sizes(self) -> list[tuple[int, ...]]:
        return [each.shape[2:] for each in self.seen]

    def run(self, x: np.ndarray, palette: np.ndarray | None = None) -> np.ndarray:
        self.seen.append(x)
        return x[:, :3]


def echo(**fields: object) -> tuple[Predictor, Echo]:
    runtime = Echo(ModelSpec.from_dict({"depth": 4, "base_width": 4, "working_size": 64, **fields}))
    return Predictor(runtime), runtime


def picture(height: int, width: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, channels), np.uint8)


@settings(max_examples=60)
@given(st.integers(1, 200), st.integers(1, 200), st.sampled_from(["tile", "resize"]))
def test_any_size_in_the_same_size_out(height: int, width: int, fit: str) -> None:
    predictor, runtime = echo(fit=fit)
    answer = predictor.predict(picture(height, width))
    assert answer.colour.shape == answer.picture.shape == (height, width, 3)
    assert all(side % 16 == 0 for size in runtime.sizes for side in size)


def test_tiles_are_put_back_where_they_were() -> None:
    predictor, runtime = echo()
    image = picture(150, 230)
    assert np.array_equal(predictor.predict(image).picture, image)
    assert set(runtime.sizes) == {(64, 64)}
    assert len(runtime.sizes) > 6


def test_a_picture_is_shown_in_as_many_orientations_as_asked_for() -> None:
    _, runtime = echo()
    predictor = Predictor(runtime, self_ensemble=4)
    image = picture(40, 60)
    assert np.array_equal(predictor.predict(image).picture, image)
    assert runtime.sizes == [(48, 64), (64, 48), (48, 64), (64, 48)]
    assert not np.array_equal(runtime.seen[0], runtime.seen[2])


def test_blending_leaves_no_seam() -> None:
    """Tiles that differ by a constant are crossed by a slope, not by a step."""
    predictor, runtime = echo()
    brightness = iter(np.linspace(-0.5, 0.5, 40, dtype=np.float32))
    runtime.run = lambda x, palette=None: np.full_like(x[:, :3], next(brightness))  # type: ignore[method-assign]
    answer = predictor.predict(picture(64, 300), overlap=32).picture[:, :, 0].astype(int)
    assert answer.max() - answer.min() > 10
    assert np.abs(np.diff(answer, axis=1)).max() <= 2


@given(st.integers(1, 500), st.integers(1, 500), st.integers(16, 128), st.integers(0, 15))
def test_tiles_cover_everything(height: int, width: int, tile: int, overlap: int) -> None:
    covered = np.zeros((height, width), int)
    for top, left in tile_boxes(height, width, tile, overlap):
        assert top >= 0
        assert left >= 0
        covered[top : top + tile, left : left + tile] += 1
    assert covered.min() >= 1


def test_the_window_is_positive_and_full_in_the_middle() -> None:
    window = blend_window(64, 64, 16)
    assert window.min() > 0
    assert window[32, 32] == pytest.approx(1, abs=1e-3)


def test_alpha_and_grey() -> None:
    predictor, _ = echo()
    rgba = picture(20, 30, 4)
    answer = predictor.predict(rgba).picture
    assert np.array_equal(answer[..., 3], rgba[..., 3])
    rgba[..., 3] = 0
    assert (predictor.predict(rgba).picture[..., :3] == 255).all()  # nothing but paper
    assert predictor.predict(picture(20, 30)[..., 0]).picture.shape == (20, 30, 3)


def test_a_colour_layer_lies_under_the_lines() -> None:
    spec = {"output": "colour_layer", "task": "lineart", "fit": "resize", "input_channels": 1, "condition": "hints"}
    predictor, runtime = echo(**spec)
    runtime.run = lambda x, palette=None: np.full_like(x[:, :3], 0.0)  # type: ignore[method-assign]
    image = np.full((40, 40, 3), 255, np.uint8)
    image[10:12] = 0
    answer = predictor.predict(image)
    assert (answer.colour == 128).all()
    assert (answer.picture[10:12] == 0).all()
    assert (answer.picture[20] == 128).all()


def test_large_line_art_is_seen_whole_at_the_working_size() -> None:
    predictor, runtime = echo(fit="resize")
    predictor.predict(picture(400, 300))
    assert runtime.sizes == [(64, 48)]
    predictor.predict(picture(400, 300), working_size=128)
    assert runtime.sizes[-1] == (128, 96)


def test_a_thin_hint_survives_shrinking_in_its_own_colour() -> None:
    predictor, runtime = echo(fit="resize", condition="hints", task="lineart")
    hints = np.zeros((512, 512, 4), np.uint8)
    hints[100:103, 50:400] = (200, 100, 50, 255)
    predictor.predict(picture(512, 512), hints=hints)
    mask = runtime.seen[0][0, 6] > 0
    assert mask.any(1).sum() in (1, 2)
    colours = to_pixels(runtime.seen[0][0, 3:6])[mask]
    assert np.abs(colours.astype(int) - (200, 100, 50)).max() <= 3


def test_a_hint_of_few_pixels_on_a_large_page_keeps_its_colour() -> None:
    predictor, runtime = echo(fit="resize", condition="hints", task="lineart")
    hints = np.zeros((2048, 2048, 4), np.uint8)
    hints[1000:1006, 1000:1006] = (200, 150, 30, 255)
    predictor.predict(picture(2048, 2048), hints=hints)
    colours = to_pixels(runtime.seen[0][0, 3:6])[runtime.seen[0][0, 6] > 0]
    assert len(colours)
    assert np.abs(colours.astype(int) - (200, 150, 30)).max() <= 1


def test_grey_and_speckled_paper_is_white_to_the_network() -> None:
    predictor, runtime = echo(fit="resize", task="lineart", output="colour_layer")
    scan = np.random.default_rng(0).integers(222, 229, (64, 64, 3)).astype(np.uint8)
    scan[30:33] = 40
    answer = predictor.predict(scan)
    assert (runtime.seen[0][0, :, :30] == 1).all()
    assert runtime.seen[0][0, :, 30:33].max() < -0.5
    assert np.array_equal(answer.picture[:30], scan[:30])  # what the artist scanned stays as it is


def test_bad_shapes_are_refused() -> None:
    predictor, _ = echo(condition="hints")
    for bad in (np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4, 2), np.uint8)):
        with pytest.raises(UserError):
            predictor.predict(bad)
    with pytest.raises(UserError, match="another size"):
        predictor.predict(picture(8, 8), hints=np.zeros((9, 8, 4), np.uint8))
    with pytest.raises(UserError, match="overlap"):
        predictor.predict(picture(300, 300), tile=64, overlap=64)


def test_pixels_survive_the_way_to_the_network_and_back() -> None:
    image = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, 2)
    assert np.array_equal(to_pixels(to_network(image)), image)


def test_hint_channels() -> None:
    spec = ModelSpec(condition="hints", input_channels=1)
    hints = np.zeros((2, 2, 4), np.uint8)
    hints[0, 1] = (255, 0, 0, 255)
    x = network_input(spec, np.full((2, 2, 3), 255, np.uint8), hints)
    assert x.shape == (5, 2, 2)
    assert x[:, 0, 1].tolist() == [1, 1, -1, -1, 1]
    assert x[:, 0, 0].tolist() == [1, 0, 0, 0, 0]


def test_multiplying_keeps_white_and_black() -> None:
    colours, lines = np.array([[[200, 100, 0]]], np.uint8), np.array([[[255, 0, 255]]], np.uint8)
    assert under_lines(colours, lines).tolist() == [[[200, 0, 0]]]


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("output", ["image", "colour_layer"])
def test_sixteen_bits_come_out_as_they_went_in(channels: int, output: str) -> None:
    """The network sees 8 bits; lines and alpha keep their 16, and white stays white."""
    predictor, runtime = echo(output=output, task="lineart" if output == "colour_layer" else "other")
    runtime.run = lambda x, palette=None: np.full_like(x[:, :3], 1.0)  # type: ignore[method-assign]
    deep = np.random.default_rng(1).integers(0, 65536, (30, 40, channels)).astype(np.uint16)
    if channels == 4:
        deep[:15, :, 3] = 65535
    answer = predictor.predict(deep)
    assert answer.picture.dtype == np.uint16
    assert answer.colour.dtype == np.uint8
    wanted = deep[:15, :, :3] if output == "colour_layer" else np.full((15, 40, 3), 65535, np.uint16)
    assert np.array_equal(answer.picture[:15, :, :3], wanted)
    if channels == 4:
        assert np.array_equal(answer.picture[..., 3], deep[..., 3])
