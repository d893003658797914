from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sketchsause_desktop.core.blend import Pixels, premultiplied
from sketchsause_desktop.core.compositing import composite_on_nothing, composite_on_paper
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import Blend, Group, Layer, Node, Role, leaves_of, nodes_of, seen_of
from sketchsause_desktop.core.tiles import TILE
from tests.desktop.core import w3c

PAGE = Rect(0, 0, TILE + 9, TILE + 5)
# These pass an error of the ground on as it is; the others let it grow (test_blend_modes has each by itself).
STEADY = [Blend.NORMAL, Blend.MULTIPLY, Blend.SCREEN, Blend.ADD, Blend.DARKEN, Blend.LIGHTEN]


def _layer(seed: int, blend: Blend, opacity: float, visible: bool, opaque: bool) -> Layer:
    pixels = np.random.default_rng(seed).integers(0, 256, (40, TILE, 4)).astype(np.uint8)
    if opaque:
        pixels[..., 3] = 255
    layer = Layer(name="", role=Role.PAINT, blend=blend, opacity=opacity, visible=visible)
    layer.tiles.write(Rect(5, TILE - 20, TILE, 20), premultiplied(pixels[:20]))
    layer.tiles.write(Rect(0, 0, TILE, 20), premultiplied(pixels[20:]))
    return layer


def _group(layers: list[Node], blend: Blend, opacity: float, visible: bool, pass_through: bool) -> Group:
    return Group(name="", layers=layers, blend=blend, opacity=opacity, visible=visible, pass_through=pass_through)


opacities = st.sampled_from([0.0, 0.3, 1.0])
shown = st.sampled_from([True, True, True, False])


def _nodes(modes: list[Blend]) -> st.SearchStrategy[list[Node]]:
    blends = st.sampled_from(modes)
    leaf = st.builds(_layer, st.integers(0, 20), blends, opacities, shown, st.booleans())
    node: st.SearchStrategy[Node] = st.recursive(
        leaf, lambda inner: st.builds(_group, st.lists(inner, max_size=3), blends, opacities, shown, st.booleans())
    )
    return st.lists(node, max_size=4)


def _slowly(nodes: Sequence[Node], ground: w3c.Floats) -> w3c.Floats:
    for node in nodes:
        if not node.visible:
            continue
        if isinstance(node, Group) and node.pass_through:
            ground = ground + (_slowly(node.layers, ground) - ground) * node.opacity
            continue
        nothing = np.zeros_like(ground)
        above = _slowly(node.layers, nothing) if isinstance(node, Group) else node.tiles.read(PAGE) / 255
        ground = w3c.blended(node.blend, ground, above * node.opacity)
    return ground


@settings(max_examples=40, deadline=None)
@given(_nodes(STEADY))
def test_layers_and_groups_lie_on_paper_as_the_formulas_say(nodes: list[Node]) -> None:
    result = composite_on_paper(nodes, PAGE)
    assert (result[..., 3] == 255).all()
    slowly = _slowly(nodes, np.ones((PAGE.height, PAGE.width, 4)))
    assert np.abs(result / 255 - slowly).max() <= (2 * len(list(nodes_of(nodes))) + 1) / 255


@settings(max_examples=40, deadline=None)
@given(_nodes(STEADY))
def test_layers_and_groups_lie_on_nothing_as_the_formulas_say(nodes: list[Node]) -> None:
    result = composite_on_nothing(nodes, PAGE)
    assert (result[..., :3] <= result[..., 3:]).all()
    slowly = _slowly(nodes, np.zeros((PAGE.height, PAGE.width, 4)))
    assert np.abs(result / 255 - slowly).max() <= (2 * len(list(nodes_of(nodes))) + 1) / 255


@settings(max_examples=30, deadline=None)
@given(_nodes(list(Blend)), st.integers(0, TILE), st.integers(0, TILE), st.integers(1, 9), st.integers(1, 5))
def test_a_part_looks_as_it_does_in_the_whole(nodes: list[Node], x: int, y: int, width: int, height: int) -> None:
    part = Rect(x, y, width, height)
    for composite in (composite_on_paper, composite_on_nothing):
        assert np.array_equal(composite(nodes, part), composite(nodes, PAGE)[part.slices(PAGE)])


@settings(max_examples=20, deadline=None)
@given(_nodes(list(Blend)))
def test_a_snapshot_looks_like_the_layers(nodes: list[Node]) -> None:
    snapshots = [node.snapshot() for node in nodes]
    assert np.array_equal(composite_on_nothing(snapshots, PAGE), composite_on_nothing(nodes, PAGE))


@settings(max_examples=20, deadline=None)
@given(_nodes(list(Blend)))
def test_compositing_writes_into_no_layer(nodes: list[Node]) -> None:
    before = [layer.tiles.read(PAGE) for layer in leaves_of(nodes)]
    composite_on_paper(nodes, PAGE)
    for layer, pixels in zip(leaves_of(nodes), before, strict=True):
        assert np.array_equal(layer.tiles.read(PAGE), pixels)


def test_hints_lie_on_nothing() -> None:
    hint: Pixels = premultiplied(np.full((2, 2, 4), (200, 10, 20, 128), np.uint8))
    layer = Layer(name="", role=Role.HINTS)
    layer.tiles.write(Rect(1, 1, 2, 2), hint)
    result = composite_on_nothing([layer], Rect(0, 0, 4, 4))
    assert np.array_equal(result[1:3, 1:3], hint)
    assert result.sum() == hint.astype(int).sum()


def test_only_the_roles_asked_for_are_shown() -> None:
    line = _layer(1, Blend.NORMAL, 1.0, True, True)
    line.role = Role.LINE_ART
    group = Group(name="", layers=[_layer(2, Blend.NORMAL, 1.0, True, True), line])
    only = composite_on_paper([group], PAGE, frozenset({Role.LINE_ART}))
    assert np.array_equal(only, composite_on_paper([line], PAGE))


def test_layers_in_groups_are_seen_as_faded_as_their_groups_make_them() -> None:
    inner = Group(name="", opacity=0.5, layers=[_layer(1, Blend.NORMAL, 0.5, True, True)])
    hidden = Group(name="", visible=False, layers=[_layer(2, Blend.NORMAL, 1.0, True, True)])
    (seen,) = seen_of([hidden, Group(name="", opacity=0.8, layers=[inner])], Role.PAINT)
    assert seen.opacity == 0.2
    assert len(list(seen_of([inner], Role.LINE_ART))) == 0
