"""Any sequence of actions can be undone to the first document and redone to the last."""

import dataclasses
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest

from models.errors import UserError
from sketchsause_desktop.core import canvas_actions as canvas
from sketchsause_desktop.core import layer_actions as actions
from sketchsause_desktop.core.brush import Brush
from sketchsause_desktop.core.clipboard import copy_merged, cut, paste_as_layer, paste_as_line_art
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Point, Rect, Size
from sketchsause_desktop.core.history import Change, History, TileChange
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layer_changes import Properties, select
from sketchsause_desktop.core.layer_pixels import clear, fill, flatten_group, merge_down
from sketchsause_desktop.core.layers import Blend, Group, Layer, Node, NodeSnapshot, Role
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.selection_edges import feathered, grown, shrunk
from sketchsause_desktop.core.selection_shapes import ellipse, polygon
from sketchsause_desktop.core.stroke import Stroke

COUNT = 200
State: TypeAlias = tuple[Size, tuple[NodeSnapshot, ...], Selection | None, bytes]


class Painter:
    """Does one thing after another, as chance will have it."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        scan = self.rng.integers(0, 256, (200, 300)).astype(np.uint8)
        self.document = Document.from_line_art(scan)
        self.document.ai_colour.tiles.write(Rect(0, 0, 300, 200), np.full((200, 300, 4), 90, np.uint8))

    def act(self) -> Change | None:
        does: Callable[[], Change | None] = self.rng.choice(
            np.array(
                [self._paint, self._paint, self._arrange, self._set, self._change_canvas, self._select, self._paste]
            )
        )
        try:
            return does()
        except UserError:  # what is locked, hidden or has no room
            return None

    def state(self) -> State:
        document = self.document
        picture = document.composite(document.rect).tobytes()
        return document.size, document.snapshot().layers, document.selection, picture

    def _rect(self) -> Rect:
        width, height = self.document.size.width, self.document.size.height
        left, top = int(self.rng.integers(-20, width)), int(self.rng.integers(-20, height))
        return Rect(left, top, int(self.rng.integers(1, width + 20)), int(self.rng.integers(1, height + 20)))

    def _points(self, count: int) -> list[Point]:
        scale = (self.document.size.width + 40, self.document.size.height + 40)
        return [Point(*(place * scale - 20)) for place in self.rng.random((count, 2))]

    def _some(self, nodes: list[Node]) -> Node:
        return nodes[int(self.rng.integers(len(nodes)))]

    def _leaf(self) -> Layer:
        leaves = list(self.document.leaves())
        return leaves[int(self.rng.integers(len(leaves)))]

    def _paint(self) -> Change | None:
        layer = self._leaf()
        match self.rng.integers(4):
            case 0:
                return fill(self.document, layer.layer_id, tuple(self.rng.integers(0, 256, 4).tolist()))
            case 1:
                return clear(self.document, layer.layer_id)
            case _:
                brush = Brush(size=float(self.rng.uniform(1, 60)), opacity=0.6, erases=bool(self.rng.integers(2)))
                stroke = Stroke(layer.tiles, brush, self.document.rect)
                start, end = self._points(2)
                stroke.begin(start, 1)
                stroke.extend(end, 0.5)
                return TileChange.of("Brush", layer, stroke.before)

    def _arrange(self) -> Change | None:
        document = self.document
        node = self._some(list(document.nodes()))
        match self.rng.integers(10):
            case 0:
                made: Node = Group(name="Group") if self.rng.integers(2) else Layer(name="Layer", role=Role.PAINT)
                return actions.add(document, made, actions.place_above(document, node.layer_id))
            case 1 if isinstance(node, Layer) and len(list(document.leaves())) > 3:
                return actions.remove(document, node.layer_id)
            case 2 if sum(1 for _ in document.nodes()) < 25:
                return actions.duplicate(document, node.layer_id)
            case 3:
                return self._move(node)
            case 4:
                others = [self._some(list(document.nodes())).layer_id for _ in range(3)]
                return actions.group(document, others)
            case 5 if isinstance(node, Group):
                return actions.ungroup(document, node.layer_id)
            case 6 if isinstance(node, Group) and node.layers:
                return flatten_group(document, node.layer_id)
            case 7:
                some = [node.layer_id, self._some(list(document.nodes())).layer_id]
                return actions.step(document, some, up=bool(self.rng.integers(2)))
            case _:
                return merge_down(document, node.layer_id)

    def _move(self, node: Node) -> Change | None:
        groups = [other for other in self.document.nodes() if isinstance(other, Group) and other is not node]
        target = self._some([*groups]) if groups and self.rng.integers(2) else None
        held = len(target.layers if isinstance(target, Group) else self.document.layers)
        place = Place(group_id=None if target is None else target.layer_id, index=int(self.rng.integers(held + 1)))
        try:
            other = self._some(list(self.document.nodes()))
            return actions.move(self.document, [node.layer_id, other.layer_id], place)
        except ValueError:  # into itself
            return None

    def _set(self) -> Change | None:
        node = self._some(list(self.document.nodes()))
        properties = Properties.of(node)
        match self.rng.integers(5):
            case 0:
                new = dataclasses.replace(properties, opacity=float(self.rng.random()))
            case 1:
                new = dataclasses.replace(properties, blend=list(Blend)[self.rng.integers(len(Blend))])
            case 2:
                new = dataclasses.replace(properties, visible=not properties.visible)
            case 3:
                new = dataclasses.replace(properties, pass_through=not properties.pass_through, locked=False)
            case _:
                return actions.rename(self.document, node.layer_id, "Name " + str(self.rng.integers(9)))
        token = "drag" if self.rng.integers(2) else None
        return actions.change_properties(self.document, node.layer_id, new, "Property", token)

    def _change_canvas(self) -> Change | None:
        size = Size(int(self.rng.integers(150, 320)), int(self.rng.integers(120, 280)))
        match self.rng.integers(6):
            case 0:
                return canvas.crop(self.document, self._rect())
            case 1:
                return canvas.resize_canvas(self.document, size, (float(self.rng.random()), 0.5))
            case 2:
                return canvas.scale(self.document, size)
            case 3:
                return canvas.flip(self.document, bool(self.rng.integers(2)))
            case 4:
                return canvas.rotate(self.document, 90 * int(self.rng.integers(4)))
            case _:
                turned = canvas.rotate(self.document, float(self.rng.uniform(-45, 45)))
                assert turned is not None
                return turned

    def _select(self) -> Change | None:
        document, rect = self.document, self.document.rect
        now = document.selection or Selection()
        match self.rng.integers(7):
            case 0:
                new = now.united(ellipse(self._rect(), rect))
            case 1:
                new = now.without(Selection.of_rect(self._rect().intersected(rect)))
            case 2:
                new = polygon(self._points(6), rect)
            case 3:
                new = now.inverted(rect)
            case 4:
                new = feathered(now, 4, rect)
            case 5:
                new = grown(now, 5, rect) if self.rng.integers(2) else shrunk(now, 5, rect)
            case _:
                return select(document, None, "Deselect")
        return select(document, new)

    def _paste(self) -> Change | None:
        document = self.document
        match self.rng.integers(3):
            case 0:
                return cut(document, self._leaf().layer_id)[1]
            case 1:
                clip = copy_merged(document)
                return None if clip is None else paste_as_layer(document, clip, self._leaf().layer_id)
            case _:
                clip = copy_merged(document)
                if clip is None or document.topmost(Role.LINE_ART) is None:
                    return None
                return paste_as_line_art(document, clip)


class Session:
    """A painter with a history, who remembers what each state was like."""

    def __init__(self, seed: int) -> None:
        self.painter, self.history = Painter(seed), History()
        self.known = {self.history.state: self.painter.state()}

    def act(self) -> None:
        change = self.painter.act()
        if change is not None:
            self.history.push(change)
            self.known[self.history.state] = self.painter.state()

    def go_to(self, count: int) -> None:
        """The state must be what it was, and what changed must have been told."""
        document = self.painter.document
        size, _, _, picture = self.painter.state()
        told = self.history.go_to(document, count).intersected(document.rect)
        now = self.painter.state()
        assert now == self.known[self.history.state]
        if now[0] == size:
            before, after = (np.frombuffer(each, np.uint32).reshape(size.height, -1) for each in (picture, now[3]))
            changed = before != after
            changed[told.slices(document.rect)] = False
            assert not changed.any()


@pytest.mark.parametrize("seed", range(4))
def test_any_actions_can_be_undone_and_redone(seed: int) -> None:
    session = Session(seed)
    painter, history = session.painter, session.history
    first = painter.state()
    while len(history) < COUNT:
        session.act()
        if painter.rng.random() < 0.05:
            session.go_to(len(history) - 3)
            if painter.rng.random() < 0.5:
                session.go_to(len(history) + 2)
    last = painter.state()
    for count in reversed(range(COUNT)):
        session.go_to(count)
    assert painter.state() == first
    for count in range(COUNT + 1):
        session.go_to(count)
    assert painter.state() == last
    for count in (17, 150, 3, COUNT):
        session.go_to(count)
    assert painter.state() == last
