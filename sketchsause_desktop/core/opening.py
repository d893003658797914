"""What opening a drawing yields, and what no file may ask for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from models.errors import UserError
from models.memory import require_memory
from sketchsause_desktop.core.blend import Pixels, is_transparent, is_white, premultiplied
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Blend, Layer, Node, Role
from sketchsause_desktop.core.picture_metadata import Metadata
from sketchsause_desktop.core.pictures import MAX_PIXELS
from sketchsause_desktop.core.tiles import tiles_of

PAPER_NAME = "Paper"  # of the layer that is written for the white ground of every drawing
MAX_LAYERS = 2_000
MAX_DEPTH = 64  # groups inside groups
_LONGEST_NAME = 500
_NAMED = 3  # how many names a notice lists


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A drawing out of a file. `notices` are sentences about what could not be taken over as it was."""

    document: Document
    notices: tuple[str, ...] = ()


@dataclass
class Findings:
    """What a reader met that the user should know; one sentence for each kind, however often it was met."""

    unknown_modes: Counter[str] = field(default_factory=Counter)
    unknown_properties: Counter[str] = field(default_factory=Counter)  # effects, clipping
    left_out: list[str] = field(default_factory=list)  # layers that hold no pixels: text, filters, linked files
    damaged: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    odd_values: int = 0
    characters: str = ""  # why they cannot be used

    def sentences(self) -> tuple[str, ...]:
        found = []
        if modes := sorted(self.unknown_modes):
            layers = _layers(self.unknown_modes.total(), "uses a blend mode", "use blend modes")
            found.append(f"{layers} unknown here and shown as normal: {_listed(modes)}.")
        if properties := sorted(self.unknown_properties):
            layers = _layers(self.unknown_properties.total(), "has a property", "have properties")
            found.append(f"{layers} unknown here and not shown: {_listed(properties)}.")
        if self.left_out:
            found.append(f"{_layers(len(self.left_out), 'was', 'were')} left out: {_listed(self.left_out)}.")
        if self.damaged:
            found.append(f"{_layers(len(self.damaged), 'is', 'are')} damaged and now empty: {_listed(self.damaged)}.")
        if self.cut:
            beyond = "reached beyond the canvas and"
            layers = _layers(len(self.cut), f"{beyond} was", f"{beyond} were")
            found.append(f"{layers} cut off there: {_listed(self.cut)}.")
        if self.odd_values:
            found.append("Some values in the file make no sense and were replaced.")
        if self.characters:
            found.append(f"{self.characters} The drawing was opened without them.")
        return tuple(found)


def _layers(count: int, one: str, many: str) -> str:
    return f"{count} layer {one}" if count == 1 else f"{count} layers {many}"


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:_NAMED]) + (" and others" if len(names) > _NAMED else "")


def damaged(path: Path) -> UserError:
    return UserError(f"{path} is damaged or cut off.", "Open a copy of it, if there is one.")


def checked_size(path: Path, width: int, height: int) -> Size:
    """The canvas a file asks for; UserError where no drawing has that size."""
    if width <= 0 or height <= 0:
        raise damaged(path)
    if width * height > MAX_PIXELS:
        raise UserError(
            f"{path} is {width} x {height} pixels, which is more than SketchSause opens.",
            "Scale it down with the program it was made with.",
        )
    return Size(width, height)


def check_layers(path: Path, count: int, depth: int) -> None:
    if count > MAX_LAYERS or depth > MAX_DEPTH:
        raise UserError(
            f"{path} has more layers than SketchSause opens ({MAX_LAYERS}, in groups {MAX_DEPTH} deep).",
            "Merge some of them with the program it was made with.",
        )


def check_pixels(path: Path, sizes: Iterable[Size]) -> None:
    """UserError when the layers of a file are more than this machine can hold; asked before the first is decoded."""
    require_memory(path, sum(4 * size.area for size in sizes))


def clean_name(name: str, otherwise: str) -> str:
    """A name to show and to write into XML: one line, without control characters."""
    return "".join(letter for letter in name if letter.isprintable())[:_LONGEST_NAME].strip() or otherwise


def fill(layer: Layer, rect: Rect, pixels: Pixels, canvas: Rect, findings: Findings) -> None:
    """Put a picture, (height, width, 3) or straight RGBA, at `rect` of a blank layer, as far as it is on the canvas.

    What is transparent takes no memory.
    """
    inside = rect.intersected(canvas)
    if inside != rect and _has_more(pixels, pixels[inside.slices(rect)]):
        findings.cut.append(layer.name)
    for _, part in tiles_of(inside):
        block = premultiplied(np.ascontiguousarray(pixels[part.slices(rect)]))
        if not is_transparent(block):
            layer.tiles.write(part, block)


def _has_more(pixels: Pixels, part: Pixels) -> bool:
    """Whether something is to be seen outside of `part`."""
    return pixels.shape[2] == 3 or bool(np.count_nonzero(pixels[..., 3]) > np.count_nonzero(part[..., 3]))


def document_of(size: Size, nodes: list[Node], metadata: Metadata) -> Document:
    """A drawing of these layers, bottom first, with blank ones for the roles that every drawing has.

    A white sheet at the bottom that bears the name of ours is the paper, which no drawing here keeps as a layer.
    """
    document = Document(size=size, layers=nodes, metadata=metadata)
    if nodes and _is_paper(nodes[0], document.rect):
        del nodes[0]
    present = {layer.role for layer in document.leaves()}
    blank = Document.new(size)
    if Role.AI_COLOUR not in present:
        nodes.insert(0, blank.ai_colour)
    if Role.LINE_ART not in present:
        nodes.append(blank.line_art)
    return document


def _is_paper(node: Node, canvas: Rect) -> bool:
    if not isinstance(node, Layer) or node.name != PAPER_NAME or not node.visible or node.opacity < 1:
        return False
    return node.blend is Blend.NORMAL and all(is_white(node.tiles.read(band)) for band in canvas.bands(1024))
