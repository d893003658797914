"""stack.xml, the list of layers in an OpenRaster file: https://www.openraster.org/baseline/layer-stack-spec.html.

In the file the uppermost layer comes first; in the program the lowest. What the specification has no word for (roles,
locked alpha, the paper) stands in attributes of a name space of our own, which other programs pass over. Locked alpha
is none of the file's `alpha-preserve`: there it means that a layer shows only where something lies below it.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from xml.etree import ElementTree as ET

from sketchsause_desktop.core.document import DocumentSnapshot
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.core.layers import Blend, GroupSnapshot, NodeSnapshot, Role
from sketchsause_desktop.core.opening import (
    PAPER_NAME,
    Findings,
    check_layers,
    checked_size,
    clean_name,
    damaged,
)

OPERATORS = {
    Blend.NORMAL: "svg:src-over",
    Blend.MULTIPLY: "svg:multiply",
    Blend.SCREEN: "svg:screen",
    Blend.OVERLAY: "svg:overlay",
    Blend.ADD: "svg:plus",
    Blend.DARKEN: "svg:darken",
    Blend.LIGHTEN: "svg:lighten",
    Blend.COLOUR: "svg:color",
}
_BLENDS = {operator: blend for blend, operator in OPERATORS.items()} | {"svg:add": Blend.ADD}  # the latter: old Krita
_OURS = "urn:sketchsause:openraster"
_VERSION = "1"  # of our own attributes
_PAPER = "paper"
PAPER_SOURCE = "data/paper.png"
ET.register_namespace("sketchsause", _OURS)


@dataclass(frozen=True, kw_only=True)
class LayerEntry:
    """A layer as the file describes it; its pixels are in `source`, their first one at (x, y)."""

    name: str
    visible: bool
    opacity: float
    blend: Blend
    locked: bool
    alpha_locked: bool
    role: Role
    source: str
    x: int
    y: int


@dataclass(frozen=True, kw_only=True)
class GroupEntry:
    """`entries` lists the lowest first."""

    name: str
    visible: bool
    opacity: float
    blend: Blend
    locked: bool
    pass_through: bool
    entries: "tuple[Entry, ...]"


Entry: TypeAlias = LayerEntry | GroupEntry


@dataclass(frozen=True, kw_only=True)
class Stack:
    size: Size
    dpi: tuple[float, float] | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Where the pixels of a layer are in the archive, and where they belong."""

    source: str
    x: int
    y: int


# Out


def write_stack(snapshot: DocumentSnapshot, placed: Mapping[int, Placed]) -> bytes:
    """`placed` names the picture of each layer by its id."""
    size = snapshot.size
    image = ET.Element("image", {"version": "0.0.6", "w": str(size.width), "h": str(size.height)})
    image.set(_own("version"), _VERSION)
    if snapshot.metadata.dpi:
        x, y = snapshot.metadata.dpi
        image.attrib |= {"xres": str(round(x)), "yres": str(round(y))}  # some programs read whole numbers only
    stack = ET.SubElement(image, "stack")
    for node in reversed(snapshot.layers):
        _add(stack, node, placed)
    paper = {"name": PAPER_NAME, "src": PAPER_SOURCE, "x": "0", "y": "0", "opacity": "1", "visibility": "visible"}
    ET.SubElement(stack, "layer", paper | {"composite-op": "svg:src-over", _own("role"): _PAPER})
    data: bytes = ET.tostring(image, encoding="UTF-8", xml_declaration=True)
    return data


def _add(parent: ET.Element, node: NodeSnapshot, placed: Mapping[int, Placed]) -> None:
    attributes = {
        "name": clean_name(node.name, "Layer"),
        "opacity": str(float(node.opacity)),
        "visibility": "visible" if node.visible else "hidden",
        "composite-op": OPERATORS[node.blend],
    }
    if node.locked:
        attributes["edit-locked"] = "true"
    if isinstance(node, GroupSnapshot):
        attributes["isolation"] = "auto" if node.pass_through and not _may_isolate(node) else "isolate"
        if node.pass_through:
            attributes[_own("pass-through")] = "true"
        group = ET.SubElement(parent, "stack", attributes)
        for child in reversed(node.layers):
            _add(group, child, placed)
        return
    place = placed[node.layer_id]
    attributes |= {"src": place.source, "x": str(place.x), "y": str(place.y), _own("role"): node.role.value}
    if node.alpha_locked:
        attributes[_own("alpha-locked")] = "true"
    ET.SubElement(parent, "layer", attributes)


def _may_isolate(group: GroupSnapshot) -> bool:
    """Whether a faded group looks the same isolated; else no two programs agree on it."""
    return group.opacity < 1 and _is_plain(group)


def _is_plain(node: NodeSnapshot) -> bool:
    """Whether the layers in it, as far as they meet what lies below it, are all laid over that."""
    if node.blend is not Blend.NORMAL:
        return False
    return not isinstance(node, GroupSnapshot) or not node.pass_through or all(map(_is_plain, node.layers))


def _own(name: str) -> str:
    return f"{{{_OURS}}}{name}"


# In


class _NoDoctype(ET.TreeBuilder):
    """No OpenRaster file has a document type; one that has means to define entities (billion laughs, local files)."""

    def doctype(self, *_: str | None) -> None:
        raise ValueError("a document type")


def read_stack(data: bytes, path: Path, findings: Findings) -> Stack:
    """Raises UserError where the list cannot be used at all; what can be mended is mended and goes into `findings`."""
    try:
        parser = ET.XMLParser(target=_NoDoctype())
        parser.feed(data)
        image = parser.close()
    except (ET.ParseError, ValueError, LookupError) as error:
        raise damaged(path) from error
    stack = image.find("stack")
    if image.tag != "image" or stack is None:
        raise damaged(path)
    check_layers(path, *_count(stack))
    reader = _Reader(findings)
    width, height = (reader.number(image, name, 0.0) for name in ("w", "h"))
    dpi = reader.number(image, "xres", 0.0), reader.number(image, "yres", 0.0)
    return Stack(
        size=checked_size(path, round(width), round(height)),
        dpi=dpi if min(dpi) > 0 else None,
        entries=tuple(reader.entries(stack)),
    )


def _count(stack: ET.Element) -> tuple[int, int]:
    """Layers and groups in all, and how deep they are nested; without recursion, whatever the file holds."""
    count, depth, level = 0, 0, [stack]
    while level:
        level = [child for element in level for child in element]
        count += len(level)
        depth += bool(level)
    return count, depth


class _Reader:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def entries(self, stack: ET.Element) -> Iterator[Entry]:
        for element in reversed(stack):
            name = clean_name(element.get("name", ""), "Layer")
            if element.tag == "stack":
                yield self._group(element, name)
            elif element.tag != "layer" or not element.get("src", "").lower().endswith(".png"):
                self._findings.left_out.append(name)
            elif element.get(_own("role")) != _PAPER:
                yield self._layer(element, name)

    def _layer(self, element: ET.Element, name: str) -> LayerEntry:
        roles = {role.value: role for role in Role}
        return LayerEntry(
            name=name,
            visible=element.get("visibility") != "hidden",
            opacity=self._opacity(element),
            blend=self._blend(element),
            locked=_is_true(element, "edit-locked"),
            alpha_locked=_is_true(element, _own("alpha-locked")),
            role=roles.get(element.get(_own("role"), ""), Role.PAINT),
            source=element.get("src", ""),
            x=round(self.number(element, "x", 0.0)),
            y=round(self.number(element, "y", 0.0)),
        )

    def _group(self, element: ET.Element, name: str) -> GroupEntry:
        opacity, blend = self._opacity(element), self._blend(element)
        # A group that is faded or blended is isolated whatever it says; ours may pass through all the same.
        plain = opacity == 1 and blend is Blend.NORMAL and element.get("isolation") == "auto"
        return GroupEntry(
            name=name,
            visible=element.get("visibility") != "hidden",
            opacity=opacity,
            blend=blend,
            locked=_is_true(element, "edit-locked"),
            pass_through=plain or _is_true(element, _own("pass-through")),
            entries=tuple(self.entries(element)),
        )

    def number(self, element: ET.Element, name: str, otherwise: float) -> float:
        text = element.get(name)
        if text is None:
            return otherwise
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return value
        self._findings.odd_values += 1
        return otherwise

    def _opacity(self, element: ET.Element) -> float:
        return min(1.0, max(0.0, self.number(element, "opacity", 1.0)))

    def _blend(self, element: ET.Element) -> Blend:
        operator = element.get("composite-op", OPERATORS[Blend.NORMAL])
        if _is_true(element, "alpha-preserve"):
            self._findings.unknown_properties["clipping"] += 1
        if operator not in _BLENDS:
            self._findings.unknown_modes[clean_name(operator, "?")] += 1
        return _BLENDS.get(operator, Blend.NORMAL)


def _is_true(element: ET.Element, name: str) -> bool:
    return element.get(name) in ("true", "1")
