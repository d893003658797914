"""SVG drawings as colour and line art: recolour fills, keep or draw the ink, render with resvg."""

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping

from PIL import Image

SVG = "http://www.w3.org/2000/svg"
SHAPES = frozenset({"path", "circle", "ellipse", "rect", "polygon", "polyline", "line"})
HIDDEN = frozenset({"defs", "mask", "clipPath", "linearGradient", "radialGradient", "filter", "pattern", "symbol"})
NAMED = {
    "black": "#000000",
    "white": "#ffffff",
    "red": "#ff0000",
    "green": "#008000",
    "blue": "#0000ff",
    "yellow": "#ffff00",
    "gray": "#808080",
    "grey": "#808080",
    "orange": "#ffa500",
    "pink": "#ffc0cb",
    "brown": "#a52a2a",
}
ET.register_namespace("", SVG)
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")

_STYLE_PAINT = re.compile(r"(?<![\w-])(fill|stroke|stop-color)\s*:\s*([^;\"}]+)")
_HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})")


def tag(element: ET.Element) -> str:
    """The element's name without its namespace."""
    name: object = element.tag  # a function for comments
    return name.rsplit("}", 1)[-1] if isinstance(name, str) else ""


def colour_key(paint: str) -> str | None:
    """A paint as "#rrggbb", or None where it is not a plain colour (none, url(...), currentColor)."""
    paint = paint.strip().lower()
    paint = NAMED.get(paint, paint)
    if not _HEX.fullmatch(paint):
        return None
    return "#" + "".join(2 * c for c in paint[1:]) if len(paint) == 4 else paint


def luminance(key: str) -> float:
    """Rec. 601 luma of "#rrggbb", 0 to 255."""
    red, green, blue = (int(key[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def parse(text: str) -> ET.Element:
    """The root element; style sheets and style attributes are turned into attributes first."""
    root = ET.fromstring(text)
    rules: dict[str, dict[str, str]] = {}
    for element in root.iter():
        if tag(element) == "style" and element.text:
            for names, body in re.findall(r"([^{}]+)\{([^}]*)\}", element.text):
                for name in names.split(","):
                    rules.setdefault(name.strip().lstrip("."), {}).update(_declarations(body))
            element.text = ""
    for element in root.iter():
        found: dict[str, str] = {}
        for name in element.get("class", "").split():
            found.update(rules.get(name, {}))
        found.update(_declarations(element.attrib.pop("style", "")))
        element.attrib.update(found)
    return root


def _declarations(body: str) -> dict[str, str]:
    pairs = (part.split(":", 1) for part in body.split(";") if ":" in part)
    return {name.strip(): value.strip() for name, value in pairs}


def paints(root: ET.Element) -> dict[str, int]:
    """How often each plain colour is used as a fill, stroke or gradient stop; a missing fill is black."""
    counts: dict[str, int] = {}
    for element in root.iter():
        for name in ("fill", "stroke", "stop-color"):
            key = colour_key(element.get(name, ""))
            if key:
                counts[key] = counts.get(key, 0) + 1
    return counts


def recolour(root: ET.Element, mapping: Mapping[str, str]) -> None:
    """Replace plain colours in place."""
    for element in root.iter():
        for name in ("fill", "stroke", "stop-color"):
            key = colour_key(element.get(name, ""))
            if key is not None and key in mapping:
                element.set(name, mapping[key])


def ink_only(root: ET.Element, is_ink: Callable[[str], bool]) -> None:
    """Every paint that is not ink turns white, in place: the drawing keeps only its own lines."""
    for element in root.iter():
        for name in ("fill", "stroke", "stop-color"):
            paint = element.get(name)
            if paint is None or paint == "none":
                continue
            key = colour_key(paint)
            element.set(name, "#000000" if key and is_ink(key) else "#ffffff")
        _drop_transparency(element)


def outline(root: ET.Element, width: float, is_ink: Callable[[str], bool]) -> None:
    """Every visible shape is drawn white with a black stroke of WIDTH user units, in painter's order, in place."""
    _outline(root, "#000000", width, is_ink, 1.0)


def _outline(element: ET.Element, inherited: str, width: float, is_ink: Callable[[str], bool], scale: float) -> None:
    name = tag(element)
    if name in HIDDEN:
        return
    fill = element.get("fill", inherited)
    scale *= _scale(element.get("transform", ""))
    if _is_shade(element):
        element.attrib.update({"fill": "none", "stroke": "none", "opacity": "0"})
        return
    _drop_transparency(element)
    if name in SHAPES:
        key = colour_key(fill)
        filled = fill != "none"
        dark = filled and key is not None and is_ink(key)
        element.set("fill", "#000000" if dark else "#ffffff" if filled else "none")
        if filled or element.get("stroke", "none") != "none":
            element.attrib.update({"stroke": "#000000", "stroke-width": f"{width / scale:.4g}"})
            element.attrib.update({"stroke-linejoin": "round", "stroke-linecap": "round"})
            if dark:
                element.set("stroke-width", f"{width / scale / 3:.4g}")
    else:
        element.attrib.pop("stroke", None)
    for child in element:
        _outline(child, fill, width, is_ink, scale)


def _is_shade(element: ET.Element) -> bool:
    """Whether a shape is a shadow or a blush over others rather than a thing with an outline."""
    see_through = [element.get(name, "1") for name in ("opacity", "fill-opacity")]
    return "mix-blend-mode" in element.attrib or any(_number(value) < 0.55 for value in see_through)


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 1.0


def _scale(transform: str) -> float:
    """The mean scale of a transform attribute."""
    scale = 1.0
    for name, body in re.findall(r"(matrix|scale)\(([^)]*)\)", transform):
        values = [float(v) for v in re.findall(r"-?\d*\.?\d+(?:e-?\d+)?", body)]
        if name == "scale" and values:
            scale *= abs(values[0])
        elif len(values) >= 4:
            scale *= abs(values[0] * values[3] - values[1] * values[2]) ** 0.5
    return max(scale, 1e-3)


def _drop_transparency(element: ET.Element) -> None:
    for name in ("opacity", "fill-opacity", "stroke-opacity", "filter"):
        element.attrib.pop(name, None)


def scale_strokes(root: ET.Element, factor: float) -> None:
    """Multiply every stroke width, in place."""
    for element in root.iter():
        found = re.match(r"\d*\.?\d+", element.get("stroke-width", ""))
        if found:
            element.set("stroke-width", f"{float(found.group()) * factor:.4g}")
        elif element.get("stroke", "none") != "none" and tag(element) in SHAPES:
            element.set("stroke-width", f"{factor:.4g}")


def render(root: ET.Element, width: int) -> Image.Image:
    """The drawing WIDTH pixels wide as RGBA."""
    import resvg_py

    data = resvg_py.svg_to_bytes(svg_string=ET.tostring(root, encoding="unicode"), width=width, skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(data))).convert("RGBA")
