"""Drawings for the tests of the file formats."""

import numpy as np
from hypothesis import strategies as st

from sketchsause_desktop.core.blend import Pixels, premultiplied
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Blend, Group, GroupSnapshot, Layer, LayerSnapshot, Node, NodeSnapshot, Role

SIZE = Size(300, 200)  # cuts tiles on both sides


def paint(layer: Layer, rect: Rect, seed: int = 0) -> Layer:
    """Noise of every alpha, with rows that are opaque and rows that are blank."""
    pixels = np.random.default_rng(seed).integers(0, 256, (rect.height, rect.width, 4), np.uint8)
    pixels[::3, :, 3] = 255
    pixels[1::3, ::2] = 0
    layer.tiles.write(rect, premultiplied(pixels))
    return layer


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    layer = Layer(
        name=draw(st.text(max_size=8)),
        role=draw(st.sampled_from(Role)),
        blend=draw(st.sampled_from(Blend)),
        visible=draw(st.booleans()),
        opacity=draw(st.sampled_from([0.0, 0.25, 1 / 3, 0.999, 1.0])),
        locked=draw(st.booleans()),
        alpha_locked=draw(st.booleans()),
    )
    left, top = draw(st.integers(-150, 290)), draw(st.integers(-150, 190))
    width, height = draw(st.integers(0, 160)), draw(st.integers(1, 140))
    return paint(layer, Rect(left, top, width, height), draw(st.integers(0, 5))) if width else layer


@st.composite
def groups(draw: st.DrawFn, inside: st.SearchStrategy[Node]) -> Group:
    return Group(
        name=draw(st.text(max_size=8)),
        blend=draw(st.sampled_from(Blend)),
        visible=draw(st.booleans()),
        opacity=draw(st.sampled_from([0.5, 1.0])),
        locked=draw(st.booleans()),
        pass_through=draw(st.booleans()),
        layers=draw(st.lists(inside, max_size=2)),
    )


nodes: st.SearchStrategy[Node] = st.recursive(
    layers(), lambda inside: st.one_of(layers(), groups(inside)), max_leaves=4
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """With a layer of each role that a drawing must have."""
    document = Document.new(SIZE)
    document.layers[1:1] = draw(st.lists(nodes, max_size=3))
    return document


def sample() -> Document:
    """A group, most blend modes, every role."""
    document = Document.new(SIZE)
    paint(document.line_art, Rect(10, 20, 200, 150), 1)
    paint(document.ai_colour, Rect(0, 0, 300, 200), 2)
    shade = paint(
        Layer(name="Schatten ö 線", role=Role.PAINT, blend=Blend.MULTIPLY, opacity=0.5), Rect(100, 0, 90, 200), 3
    )
    glow = paint(Layer(name="Glow", role=Role.PAINT, blend=Blend.ADD, alpha_locked=True), Rect(130, 60, 40, 40), 4)
    hidden = paint(Layer(name="Hidden", role=Role.HINTS, visible=False), Rect(0, 0, 50, 50), 5)
    group = Group(name="Figure", opacity=0.75, blend=Blend.SCREEN, locked=True, layers=[shade, glow])
    document.layers[1:1] = [
        group,
        hidden,
        Group(name="Through", pass_through=True, layers=[Layer(name="", role=Role.PAINT)]),
    ]
    return document


def described(node: Node | NodeSnapshot) -> tuple[object, ...]:
    """All that a file must keep of a layer or group but its pixels; names are kept where they can be shown."""
    common = (node.visible, node.opacity, node.blend, node.locked)
    if isinstance(node, Group | GroupSnapshot):
        return (*common, node.pass_through, tuple(described(child) for child in node.layers))
    return (*common, node.role, node.alpha_locked)


def pixels_of(layer: Layer | LayerSnapshot) -> Pixels:
    return layer.tiles.read(Rect.of_size(SIZE))
