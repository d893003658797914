"""DiceBear avatar definitions (JSON): one variant of each component, a value for every named colour, as SVG."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

import numpy as np

from training.recipes.lineart_svg import SVG


class Style:
    """One avatar style: an endless number of characters out of a few dozen parts."""

    def __init__(self, name: str, text: str | bytes) -> None:
        self.name = name
        data = json.loads(text)
        self.canvas: dict[str, Any] = data["canvas"]
        self.components: dict[str, Any] = data["components"]
        self.colours: dict[str, list[str]] = {k: v["values"] for k, v in data.get("colors", {}).items()}
        self.licence: str = data["meta"]["license"]["name"]
        self.creator: str = data["meta"].get("creator", {}).get("name", "")

    def draw(self, rng: np.random.Generator, colours: Mapping[str, str]) -> ET.Element:
        """A random character with the named colours given."""
        chosen = {name: self._choose(component, rng) for name, component in self.components.items()}
        size = f"0 0 {self.canvas['width']} {self.canvas['height']}"
        root = ET.Element(f"{{{SVG}}}svg", {"viewBox": size, "fill": "none"})
        self._append(root, self.canvas["elements"], chosen, colours)
        return root

    @staticmethod
    def _choose(component: Mapping[str, Any], rng: np.random.Generator) -> list[Any] | None:
        wanted = rng.uniform(0, 100) < component.get("probability", 100)
        names = sorted(component["variants"])
        name = names[int(rng.integers(len(names)))]
        return component["variants"][name]["elements"] if wanted else None

    def _append(self, parent: ET.Element, elements: Any, chosen: Mapping[str, Any], colours: Mapping[str, str]) -> None:
        for element in elements:
            if element["type"] == "component":
                group = ET.SubElement(parent, f"{{{SVG}}}g", _attributes(element, colours))
                self._append(group, chosen.get(element["name"]) or [], chosen, colours)
            elif element["type"] == "element":
                child = ET.SubElement(parent, f"{{{SVG}}}{element['name']}", _attributes(element, colours))
                self._append(child, element.get("children", []), chosen, colours)


def _attributes(element: Mapping[str, Any], colours: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, value in (element.get("attributes") or {}).items():
        if isinstance(value, dict):
            value = colours.get(value.get("name", ""), "#000000")
        found[name] = str(value)
    return found
