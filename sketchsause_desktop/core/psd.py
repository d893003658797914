"""Layered PSD files in and out, by psd-tools; it is imported when the first such file is opened or written.

What a PSD file can say is far more than a drawing here can hold: what is not taken over is named in a notice.
"""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from models.errors import UserError
from models.files import atomic_path
from models.memory import physical_memory
from sketchsause_desktop.core.blend import Pixels, straight
from sketchsause_desktop.core.document import SHOWN, DocumentSnapshot
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Blend, Group, GroupSnapshot, Layer, LayerSnapshot, Node, NodeSnapshot, Role
from sketchsause_desktop.core.opening import (
    PAPER_NAME,
    Findings,
    Opened,
    check_layers,
    check_pixels,
    checked_size,
    clean_name,
    damaged,
    document_of,
    fill,
)
from sketchsause_desktop.core.ora_writer import picture_rect
from sketchsause_desktop.core.picture_metadata import Metadata
from sketchsause_desktop.core.picture_writer import write_fault
from sketchsause_desktop.core.pictures import open_file

if TYPE_CHECKING:
    from psd_tools import PSDImage
    from psd_tools.api.layers import GroupMixin
    from psd_tools.api.layers import Layer as PsdLayer

SIGNATURE = b"8BPS"
LONGEST_SIDE = 30_000  # what the format can hold
_LONGEST_NAME = 255
_MODES = {  # as the four letters of the format
    Blend.NORMAL: b"norm",
    Blend.MULTIPLY: b"mul ",
    Blend.SCREEN: b"scrn",
    Blend.OVERLAY: b"over",
    Blend.ADD: b"lddg",
    Blend.DARKEN: b"dark",
    Blend.LIGHTEN: b"lite",
    Blend.COLOUR: b"colr",
}
_BLENDS = {mode: blend for blend, mode in _MODES.items()} | {b"pass": Blend.NORMAL}


def read_psd(path: Path) -> Opened:
    """Raises UserError when the file cannot be read, or asks for more than there is."""
    from psd_tools import PSDImage
    from psd_tools.psd.parse_limits import ParseLimitError, ParseLimits

    findings = Findings()
    limit = physical_memory()
    with open_file(path) as file:
        size = _stated_size(path, file.read(26))
        file.seek(0)
        try:
            limits = ParseLimits(max_total_bytes=limit, max_read_bytes=limit)
            psd = PSDImage.open(file, max_alloc_bytes=limit, parse_limits=limits)
        except ParseLimitError as error:
            raise UserError(f"{path} asks for more than this machine has.", "Is it a drawing at all?") from error
        except Exception as error:  # whatever damaged bytes lead to
            raise damaged(path) from error
    all_layers = list(_with_depth(psd))
    check_layers(path, len(all_layers), max((depth for _, depth in all_layers), default=0))
    check_pixels(path, (_rect(layer).size for layer, _ in all_layers if not layer.is_group()))
    reader = _Reader(path, psd, findings)
    nodes = [node for layer in psd for node in reader.nodes(layer)]
    if not all_layers:
        nodes.append(reader.flat())
    return Opened(document=document_of(size, nodes, _metadata(psd)), notices=findings.sentences())


def _stated_size(path: Path, header: bytes) -> Size:
    """By the header, before anything is read: signature, version, six zeros, channels, height, width."""
    if len(header) < 26:
        raise damaged(path)
    return checked_size(path, width=int.from_bytes(header[18:22]), height=int.from_bytes(header[14:18]))


def _with_depth(psd: "PSDImage") -> Iterator[tuple["PsdLayer", int]]:
    """All layers and groups; without recursion, however deep a file nests them."""
    waiting = [(layer, 1) for layer in psd]
    while waiting:
        layer, depth = waiting.pop()
        yield layer, depth
        if layer.is_group():
            waiting.extend((child, depth + 1) for child in layer)  # type: ignore[attr-defined]


def _rect(layer: "PsdLayer") -> Rect:
    return Rect.from_edges(layer.left, layer.top, layer.right, layer.bottom)


class _Reader:
    def __init__(self, path: Path, psd: "PSDImage", findings: Findings) -> None:
        from psd_tools.constants import ColorMode

        self._path, self._psd, self._findings = path, psd, findings
        self._canvas = Rect(0, 0, psd.width, psd.height)
        self._to_srgb = psd.color_mode != ColorMode.RGB  # RGB keeps its profile

    def nodes(self, layer: "PsdLayer") -> Iterator[Node]:
        """One node, or none where the layer holds no pixels (an adjustment, say)."""
        name = clean_name(layer.name, "Layer")
        mode = bytes(layer.blend_mode)
        self._find_unknown(layer, mode)
        common: dict[str, Any] = {
            "name": name,
            "visible": layer.visible,
            "opacity": layer.opacity / 255,
            "blend": _BLENDS.get(mode, Blend.NORMAL),
            "locked": bool(layer.locks and layer.locks.complete),
        }
        if layer.is_group():
            children = [node for child in layer for node in self.nodes(child)]  # type: ignore[attr-defined]
            yield Group(layers=children, pass_through=mode == b"pass", **common)
            return
        is_blank = layer.kind == "pixel" and _rect(layer).is_empty  # as Krita writes it: without any pixels
        pixels = None if is_blank else self._pixels(layer)
        if pixels is None and not is_blank:
            self._findings.left_out.append(name)
            return
        result = Layer(role=Role.PAINT, alpha_locked=bool(layer.locks and layer.locks.transparency), **common)
        if pixels is not None:
            fill(result, _rect(layer), pixels, self._canvas, self._findings)
        yield result

    def _find_unknown(self, layer: "PsdLayer", mode: bytes) -> None:
        if mode not in _BLENDS:
            self._findings.unknown_modes[mode.decode("ascii", "replace").strip()] += 1
        for kind, is_there in (("clipping", layer.clipping), ("effects", layer.has_effects())):
            if is_there:
                self._findings.unknown_properties[kind] += 1

    def _pixels(self, layer: "PsdLayer") -> Pixels | None:
        """Straight RGBA with the layer's mask applied; None where it has no pixels or they are damaged."""
        try:
            image = layer.topil(apply_icc=self._to_srgb) if layer.has_pixels() else None
            if image is None:
                return None
            pixels = np.array(image.convert("RGBA"))
            if layer.has_mask() and layer.mask is not None and not layer.mask.disabled:
                mask = Image.new("L", image.size, layer.mask.background_color)
                shape = layer.mask.topil()
                if shape is not None:
                    mask.paste(shape.convert("L"), (layer.mask.left - layer.left, layer.mask.top - layer.top))
                alpha = pixels[..., 3].astype(np.uint16) * np.array(mask)
                pixels[..., 3] = (alpha + 127) // 255
        except Exception:  # noqa: BLE001 - whatever damaged bytes lead to; the others are not lost with this layer
            return None
        return pixels

    def flat(self) -> Layer:
        """A file without layers is one picture."""
        try:
            image = self._psd.topil(apply_icc=self._to_srgb)
            pixels = np.array(image.convert("RGBA")) if image else None
        except Exception as error:  # whatever damaged bytes lead to
            raise damaged(self._path) from error
        if pixels is None:
            raise damaged(self._path)
        layer = Layer(name="Background", role=Role.PAINT)
        fill(layer, self._canvas, pixels, self._canvas, self._findings)
        return layer


def _metadata(psd: "PSDImage") -> Metadata:
    from psd_tools.constants import Resource

    resources = psd.image_resources
    icc = resources.get_data(Resource.ICC_PROFILE)
    xmp = resources.get_data(Resource.XMP_METADATA)
    resolution = resources.get_data(Resource.RESOLUTION_INFO)
    dpi = (resolution.horizontal / 65536, resolution.vertical / 65536) if resolution else None
    return Metadata(
        icc=icc if isinstance(icc, bytes) and icc[16:20] == b"RGB " else None,
        xmp=xmp if isinstance(xmp, bytes) else None,
        dpi=dpi if dpi and min(dpi) > 0 else None,
    )


def write_psd(path: Path, snapshot: DocumentSnapshot) -> None:
    """Write the file whole or not at all. Raises UserError when it cannot be written."""
    from psd_tools import PSDImage

    class Prepared(PSDImage):
        def is_updated(self) -> bool:
            """No: the merged picture in it is ours; psd-tools would make its own, slowly and without the paper."""
            return False

    if max(snapshot.size.width, snapshot.size.height) > LONGEST_SIDE:
        raise UserError(f"{path} would be too large: PSD ends at {LONGEST_SIDE} pixels.", "Write it as .ora.")
    canvas = Rect.of_size(snapshot.size)
    psd = Prepared.frompil(Image.fromarray(snapshot.composite(canvas, SHOWN)))  # RGBA: in RGB alpha becomes a mask
    _write_metadata(psd, snapshot.metadata)
    psd.create_pixel_layer(Image.new("RGB", (canvas.width, canvas.height), "white"), name=PAPER_NAME)
    _add(psd, snapshot.layers, canvas)
    try:
        with atomic_path(path) as temporary:
            psd.save(temporary)
    except OSError as error:
        raise write_fault(path, error) from error


def _add(parent: "GroupMixin", nodes: Iterable[NodeSnapshot], canvas: Rect) -> None:
    from psd_tools.constants import BlendMode, ProtectedFlags, Tag

    for node in nodes:
        mode, opacity = BlendMode(_MODES[node.blend]), round(node.opacity * 255)
        added: PsdLayer
        if isinstance(node, GroupSnapshot):
            mode = BlendMode.PASS_THROUGH if node.pass_through else mode
            added = group = parent.create_group(opacity=opacity, blend_mode=mode)
            _add(group, node.layers, canvas)
        else:
            rect = picture_rect(node, canvas)
            image = Image.fromarray(straight(node.tiles.read(rect)))
            added = parent.create_pixel_layer(image, top=rect.y, left=rect.x, opacity=opacity, blend_mode=mode)
        added.name = clean_name(node.name, "Layer")[:_LONGEST_NAME]  # here and not above: this also takes 線
        added.visible = node.visible
        is_alpha_locked = isinstance(node, LayerSnapshot) and node.alpha_locked
        locks = ProtectedFlags.COMPLETE if node.locked else ProtectedFlags.TRANSPARENCY if is_alpha_locked else 0
        added.tagged_blocks.set_data(Tag.PROTECTED_SETTING, int(locks))  # `lock` of 1.26 stores nothing the first time


def _write_metadata(psd: "PSDImage", metadata: Metadata) -> None:
    from psd_tools.constants import Resource
    from psd_tools.psd.image_resources import ImageResource

    for key, data in ((Resource.ICC_PROFILE, metadata.icc), (Resource.XMP_METADATA, metadata.xmp)):
        if data:
            psd.image_resources[key] = ImageResource(key=key, data=data)
    if metadata.dpi:
        across, down = (min(round(dots * 65536), 2**32 - 1) for dots in metadata.dpi)
        info = struct.pack(">IHHIHH", across, 1, 1, down, 1, 1)  # dots an inch, shown in inches
        psd.image_resources[Resource.RESOLUTION_INFO] = ImageResource(key=Resource.RESOLUTION_INFO, data=info)
