import dataclasses

import numpy as np
import pytest

from models.errors import UserError
from sketchsause_desktop.core import layer_actions as actions
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect, Size
from sketchsause_desktop.core.history import Change, History
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layer_changes import Properties
from sketchsause_desktop.core.layer_pixels import clear, fill, flatten_group, merge_down
from sketchsause_desktop.core.layers import Blend, Group, Layer, Node, NodeSnapshot, Role
from sketchsause_desktop.core.selection_shapes import ellipse
from sketchsause_desktop.core.tiles import TILE

SIZE = Size(TILE + 40, TILE + 20)


def _noisy(seed: int, name: str) -> Layer:
    rng = np.random.default_rng(seed)
    alpha = rng.integers(0, 256, (60, 70, 1))
    layer = Layer(name=name, role=Role.PAINT)
    layer.tiles.write(Rect(seed * 10, 90, 70, 60), (rng.random((60, 70, 4)) ** [1, 1, 1, 0] * alpha).astype(np.uint8))
    return layer


def _drawing() -> tuple[Document, list[Layer]]:
    document = Document.new(SIZE)
    layers = [_noisy(seed, f"Layer {seed}") for seed in range(3)]
    document.layers[1:1] = layers
    return document, layers


def _names(nodes: list[Node]) -> list[object]:
    return [_names(node.layers) if isinstance(node, Group) else node.name for node in nodes]


def _assert_undone_and_redone(document: Document, change: Change, before: object) -> None:
    """`before` is the composite and the tree from before the change."""
    after = _state(document)
    change.undo(document)
    assert _state(document) == before
    change.redo(document)
    assert _state(document) == after


def _state(document: Document) -> tuple[bytes, tuple[NodeSnapshot, ...]]:
    return document.composite(document.rect).tobytes(), document.snapshot().layers


def test_layers_come_and_go() -> None:
    document, layers = _drawing()
    before = _state(document)
    added = actions.add(document, _noisy(5, "Layer 1"), Place(index=2))
    assert _names(document.layers) == ["AI colour", "Layer 0", "Layer 1 2", "Layer 1", "Layer 2", "Line art"]
    _assert_undone_and_redone(document, added, before)
    before = _state(document)
    removed = actions.remove(document, layers[0].layer_id)
    assert "Layer 0" not in _names(document.layers)
    _assert_undone_and_redone(document, removed, before)


def test_a_copy_shares_its_pixels_and_is_independent() -> None:
    document, (layer, *_) = _drawing()
    before = _state(document)
    change = actions.duplicate(document, layer.layer_id)
    copied = document.layers[document.layers.index(layer) + 1]
    assert isinstance(copied, Layer)
    assert copied.tiles.snapshot() == layer.tiles.snapshot()
    assert (copied.name, copied.layer_id != layer.layer_id) == ("Layer 0 2", True)
    _assert_undone_and_redone(document, change, before)
    clear(document, copied.layer_id)
    assert len(copied.tiles.snapshot().keys()) == 0
    assert layer.tiles.read(document.rect).any()


def test_a_copy_of_what_the_network_coloured_is_for_painting() -> None:
    document, _ = _drawing()
    actions.duplicate(document, document.ai_colour.layer_id)
    copied = document.layers[1]
    assert isinstance(copied, Layer)
    assert (copied.role, copied.locked) == (Role.PAINT, False)
    assert document.ai_colour is document.layers[0]


def test_layers_move_into_groups_and_out() -> None:
    document, (bottom, middle, top) = _drawing()
    start = _state(document)
    grouped = actions.group(document, [top.layer_id, bottom.layer_id])
    (made,) = [node for node in document.layers if isinstance(node, Group)]
    assert _names(document.layers) == ["AI colour", "Layer 1", ["Layer 0", "Layer 2"], "Line art"]
    _assert_undone_and_redone(document, grouped, start)
    before = _state(document)
    moved = actions.move(document, [middle.layer_id], Place(group_id=made.layer_id, index=1))
    assert moved is not None
    assert _names(document.layers) == ["AI colour", ["Layer 0", "Layer 1", "Layer 2"], "Line art"]
    _assert_undone_and_redone(document, moved, before)
    shown = np.frombuffer(start[0], np.uint8).reshape(SIZE.height, SIZE.width, 4).astype(int)
    assert np.abs(document.composite(document.rect) - shown).max() <= 2
    out = actions.move(document, [top.layer_id], Place(index=0))
    assert out is not None
    assert _names(document.layers) == ["Layer 2", "AI colour", ["Layer 0", "Layer 1"], "Line art"]
    before = _state(document)
    ungrouped = actions.ungroup(document, made.layer_id)
    assert _names(document.layers) == ["Layer 2", "AI colour", "Layer 0", "Layer 1", "Line art"]
    _assert_undone_and_redone(document, ungrouped, before)


def test_a_group_goes_with_all_it_holds_but_not_into_itself() -> None:
    document, (bottom, middle, _) = _drawing()
    actions.group(document, [bottom.layer_id, middle.layer_id])
    outer = document.siblings(bottom.layer_id)
    actions.group(document, [bottom.layer_id])
    (inner,) = [node for node in outer if isinstance(node, Group)]
    (group,) = [node for node in document.layers if isinstance(node, Group)]
    with pytest.raises(ValueError, match="itself"):
        actions.move(document, [group.layer_id], Place(group_id=inner.layer_id, index=0))
    with pytest.raises(ValueError, match="no group"):
        actions.move(document, [group.layer_id], Place(group_id=document.line_art.layer_id, index=0))
    before = _state(document)
    both = actions.group(document, [bottom.layer_id, group.layer_id])
    assert _names(document.layers)[1] == [[["Layer 0"], "Layer 1"]]
    _assert_undone_and_redone(document, both, before)
    before = _state(document)
    removed = actions.remove(document, group.layer_id)
    assert len(list(removed.held())) == len(bottom.tiles) + len(middle.tiles)
    _assert_undone_and_redone(document, removed, before)


def test_moving_to_where_it_is_is_no_step() -> None:
    document, (layer, *_) = _drawing()
    assert actions.move(document, [layer.layer_id], Place(index=document.layers.index(layer))) is None


def test_a_drag_of_a_slider_is_one_step() -> None:
    document, (layer, other, _) = _drawing()
    history, start = History(), _state(document)
    drag = object()
    for opacity in (0.9, 0.5, 0.2):
        _set(history, document, layer, drag, opacity=opacity)
    assert history.entries == ("Opacity",)
    state = history.state
    _set(history, document, other, drag, opacity=0.5)
    _set(history, document, other, object(), opacity=0.4)
    _set(history, document, other, None, opacity=0.3)
    _set(history, document, other, None, opacity=0.2)
    assert len(history) == 5
    assert history.go_to(document, 1).contains(other.tiles.bounds())
    assert (history.state, layer.opacity, other.opacity) == (state, 0.2, 1.0)
    _set(history, document, layer, drag, opacity=0.1)  # after an undo a new step begins
    assert len(history) == 2
    history.go_to(document, 0)
    assert _state(document) == start


def _set(history: History, document: Document, layer: Layer, token: object, *, opacity: float) -> None:
    properties = dataclasses.replace(Properties.of(layer), opacity=opacity)
    change = actions.change_properties(document, layer.layer_id, properties, "Opacity", token)
    assert change is not None
    history.push(change)


def test_every_property_can_be_changed_and_taken_back() -> None:
    document, (layer, *_) = _drawing()
    actions.group(document, [layer.layer_id])
    group = document.node(document.layers[1].layer_id)
    for node in (layer, group):
        before = _state(document)
        other = Properties(
            name="Other",
            visible=False,
            opacity=0.25,
            blend=Blend.SCREEN,
            locked=True,
            role=Role.HINTS,
            alpha_locked=True,
            pass_through=True,
        )
        change = actions.change_properties(document, node.layer_id, other, "All")
        assert change is not None
        _assert_undone_and_redone(document, change, before)
        change.undo(document)
    with pytest.raises(ValueError, match="outside"):
        dataclasses.replace(Properties.of(layer), opacity=1.5)


def test_only_what_changes_the_picture_is_painted_again() -> None:
    document, (layer, *_) = _drawing()
    renamed = actions.rename(document, layer.layer_id, "  Sky   blue ")
    assert renamed is not None
    assert layer.name == "Sky blue"
    assert renamed.undo(document) == EMPTY_RECT
    assert actions.rename(document, layer.layer_id, "  ") is None
    hidden = dataclasses.replace(Properties.of(layer), visible=False)
    change = actions.change_properties(document, layer.layer_id, hidden, "Hide")
    assert change is not None
    assert change.undo(document) == layer.tiles.bounds()


def test_undoing_a_name_leaves_what_was_set_outside_the_history() -> None:
    document, _ = _drawing()
    renamed = actions.rename(document, document.ai_colour.layer_id, "Colours")
    document.ai_colour.opacity = 0.3
    assert renamed is not None
    renamed.undo(document)
    assert (document.ai_colour.name, document.ai_colour.opacity) == ("AI colour", 0.3)


def test_roles_bring_what_goes_with_them() -> None:
    document, (layer, *_) = _drawing()
    assert actions.set_role(document, layer.layer_id, Role.LINE_ART) is not None
    assert (layer.blend, layer.locked) == (Blend.MULTIPLY, False)
    colours = document.ai_colour
    detached = actions.set_role(document, colours.layer_id, Role.PAINT)
    assert not colours.locked
    assert document.topmost(Role.AI_COLOUR) is None
    with pytest.raises(LookupError, match="ai_colour"):
        _ = document.ai_colour
    assert detached is not None
    detached.undo(document)
    assert document.ai_colour.locked
    assert actions.set_role(document, layer.layer_id, Role.LINE_ART) is None


@pytest.mark.parametrize("opacity", [1.0, 0.6])
@pytest.mark.parametrize("blend", Blend)
def test_merging_down_keeps_the_look(opacity: float, blend: Blend) -> None:
    document, (bottom, middle, _) = _drawing()
    bottom.opacity, middle.blend, middle.opacity = opacity, blend, 0.7
    fill(document, bottom.layer_id, (250, 200, 90, 255))
    before = _state(document)
    shown = document.composite(document.rect).astype(int)
    change = merge_down(document, middle.layer_id)
    assert _names(document.layers) == ["AI colour", "Layer 0", "Layer 2", "Line art"]
    if opacity == 1:  # else what is above now meets only that layer, not the paper that shows through it
        assert np.abs(document.composite(document.rect) - shown).max() <= 2
    _assert_undone_and_redone(document, change, before)


def test_what_cannot_be_merged_is_said() -> None:
    document, (bottom, middle, _) = _drawing()
    with pytest.raises(UserError, match="no layer below"):
        merge_down(document, document.ai_colour.layer_id)
    with pytest.raises(UserError, match="“AI colour” is locked"):
        merge_down(document, bottom.layer_id)
    bottom.visible = False
    with pytest.raises(UserError, match="hidden"):
        merge_down(document, middle.layer_id)
    actions.group(document, [bottom.layer_id])
    with pytest.raises(UserError, match="Flatten the group"):
        merge_down(document, middle.layer_id)


@pytest.mark.parametrize("pass_through", [True, False])
def test_flattening_a_group_keeps_its_look(pass_through: bool) -> None:
    document, (bottom, middle, top) = _drawing()
    middle.blend = Blend.NORMAL if pass_through else Blend.OVERLAY
    actions.group(document, [bottom.layer_id, middle.layer_id])
    group = document.layers[1]
    assert isinstance(group, Group)
    group.opacity, group.pass_through = 1.0 if pass_through else 0.6, pass_through
    before, shown = _state(document), document.composite(document.rect).astype(int)
    change = flatten_group(document, group.layer_id)
    assert _names(document.layers) == ["AI colour", "Group", "Layer 2", "Line art"]
    assert np.abs(document.composite(document.rect) - shown).max() <= 2
    _assert_undone_and_redone(document, change, before)
    with pytest.raises(ValueError, match="no group"):
        flatten_group(document, top.layer_id)


@pytest.mark.parametrize(
    ("roles", "becomes"),
    [
        ([Role.LINE_ART, Role.LINE_ART], Role.LINE_ART),
        ([Role.HINTS], Role.HINTS),
        ([Role.AI_COLOUR], Role.PAINT),
        ([Role.AI_COLOUR, Role.LINE_ART], Role.PAINT),
        ([], Role.PAINT),
    ],
)
def test_a_flattened_group_keeps_the_role_of_all_its_layers(roles: list[Role], becomes: Role) -> None:
    document = Document.new(SIZE)
    group = Group(name="Group", layers=[Layer(name="", role=role) for role in roles])
    document.layers.append(group)
    flatten_group(document, group.layer_id)
    flat = document.layers[-1]
    assert isinstance(flat, Layer)
    assert flat.role is becomes


def test_filling_and_clearing_keep_to_the_selection() -> None:
    document, (layer, *_) = _drawing()
    selection = ellipse(Rect(30, 20, 120, 110), document.rect)
    weight = selection.coverage(document.rect)[..., np.newaxis] / 255
    was = layer.tiles.read(document.rect)
    document.selection = selection
    before = _state(document)
    filled = fill(document, layer.layer_id, (200, 100, 50, 128))
    expected = was * (1 - weight) + np.array([200 * 128 / 255, 100 * 128 / 255, 50 * 128 / 255, 128]) * weight
    assert np.abs(layer.tiles.read(document.rect) - expected).max() <= 1.5
    assert filled is not None
    _assert_undone_and_redone(document, filled, before)
    filled.undo(document)
    assert clear(document, layer.layer_id) is not None
    assert np.abs(layer.tiles.read(document.rect) - was * (1 - weight)).max() <= 0.5


def test_filling_keeps_a_locked_alpha() -> None:
    document, (layer, *_) = _drawing()
    layer.alpha_locked = True
    document.selection = ellipse(Rect(0, 40, 100, 100), document.rect)
    was = layer.tiles.read(document.rect)
    fill(document, layer.layer_id, (255, 0, 0, 255))
    now = layer.tiles.read(document.rect)
    assert np.array_equal(now[..., 3], was[..., 3])
    assert (now[..., 0] > was[..., 0]).any()
    assert (now[..., :3] <= now[..., 3:]).all()
    with pytest.raises(UserError, match="alpha"):
        clear(document, layer.layer_id)


def test_what_is_locked_is_not_painted_on() -> None:
    document, (layer, *_) = _drawing()
    actions.group(document, [layer.layer_id])
    document.layers[1].locked = True
    with pytest.raises(UserError, match="locked"):
        fill(document, layer.layer_id, (0, 0, 0, 255))
    with pytest.raises(UserError, match="locked"):
        clear(document, document.ai_colour.layer_id)


def test_a_fill_of_one_colour_takes_little_memory() -> None:
    document = Document.new(Size(8 * TILE, 8 * TILE))
    layer = document.line_art
    change = fill(document, layer.layer_id, (0, 0, 0, 0))
    assert change is None
    change = fill(document, layer.layer_id, (9, 8, 7, 255))
    assert change is not None
    assert len({id(tile) for tile in layer.tiles.snapshot().arrays()}) == 1
