import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sketchsause_desktop.core.blend import Pixels, premultiplied
from sketchsause_desktop.core.compositing import composite_on_nothing, composite_on_paper
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import Blend, Layer, Role
from sketchsause_desktop.core.tiles import TILE

PAGE = Rect(0, 0, TILE + 9, TILE + 5)


def _layer(seed: int, blend: Blend, opacity: float, visible: bool, opaque: bool) -> Layer:
    pixels = np.random.default_rng(seed).integers(0, 256, (40, TILE, 4)).astype(np.uint8)
    if opaque:
        pixels[..., 3] = 255
    layer = Layer(name="", role=Role.PAINT, blend=blend, opacity=opacity, visible=visible)
    layer.tiles.write(Rect(5, TILE - 20, TILE, 20), premultiplied(pixels[:20]))
    layer.tiles.write(Rect(0, 0, TILE, 20), premultiplied(pixels[20:]))
    return layer


layers = st.builds(
    _layer,
    st.integers(0, 20),
    st.sampled_from(Blend),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.booleans(),
    st.booleans(),
)


def _slowly(shown: list[Layer]) -> NDArray[np.float64]:
    result = np.ones((PAGE.height, PAGE.width, 3))
    for layer in shown:
        if not layer.visible:
            continue
        source = layer.tiles.read(PAGE) / 255 * layer.opacity
        colour, alpha = source[..., :3], source[..., 3:]
        result = result * (1 - alpha) + (colour * result if layer.blend is Blend.MULTIPLY else colour)
    return result


@settings(max_examples=40, deadline=None)
@given(st.lists(layers, max_size=4))
def test_layers_lie_on_paper_as_the_formulas_say(shown: list[Layer]) -> None:
    result = composite_on_paper(shown, PAGE)
    assert (result[..., 3] == 255).all()
    assert np.abs(result[..., :3] / 255 - _slowly(shown)).max() <= (len(shown) + 1) / 255


@settings(max_examples=20, deadline=None)
@given(st.lists(layers, max_size=3), st.integers(0, TILE), st.integers(0, TILE), st.integers(1, 9), st.integers(1, 5))
def test_a_part_looks_as_it_does_in_the_whole(shown: list[Layer], x: int, y: int, width: int, height: int) -> None:
    part = Rect(x, y, width, height)
    assert np.array_equal(composite_on_paper(shown, part), composite_on_paper(shown, PAGE)[part.slices(PAGE)])


def test_hints_lie_on_nothing() -> None:
    hint: Pixels = premultiplied(np.full((2, 2, 4), (200, 10, 20, 128), np.uint8))
    layer = Layer(name="", role=Role.HINTS)
    layer.tiles.write(Rect(1, 1, 2, 2), hint)
    result = composite_on_nothing([layer], Rect(0, 0, 4, 4))
    assert np.array_equal(result[1:3, 1:3], hint)
    assert result.sum() == hint.astype(int).sum()
