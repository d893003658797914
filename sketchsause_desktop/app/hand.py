"""What is in hand, remembered between starts: the tool, the preset and size of each brush, the two colours."""

from collections.abc import Mapping
from dataclasses import replace

from models.errors import UserError
from sketchsause_desktop.app.settings import Preferences
from sketchsause_desktop.app.toolbox import Colours, Toolbox
from sketchsause_desktop.app.tools import Tool
from sketchsause_desktop.core.brush import MAX_BRUSH_SIZE
from sketchsause_desktop.core.brush_presets import BrushPreset
from sketchsause_desktop.core.colours import Colour, colour_of_hex, hex_of_colour

FIRST = {Tool.BRUSH: "Ink", Tool.ERASER: "Eraser", Tool.HINT: "Hint brush"}  # the presets in hand at the first start


def take_up(toolbox: Toolbox, kept: Preferences, presets: Mapping[str, BrushPreset]) -> None:
    """Put in hand what was there last; a preset that is gone makes way for the first one, in its own size."""
    toolbox.set_colours(
        Colours(
            foreground=_colour(kept.foreground, toolbox.colours.foreground),
            background=_colour(kept.background, toolbox.colours.background),
        )
    )
    for tool, first in FIRST.items():
        name = kept.brushes.get(tool.value, first)
        if name in presets:
            toolbox.set_preset(_sized(presets[name], kept.brush_sizes.get(tool.value)), tool)
        elif first in presets:
            toolbox.set_preset(presets[first], tool)
    toolbox.set_tool(Tool(kept.tool))


def remembered(toolbox: Toolbox, preferences: Preferences) -> Preferences:
    """`preferences` with what is in hand now."""
    in_hand = {tool.value: toolbox.preset_of(tool) for tool in FIRST}
    return replace(
        preferences,
        tool=toolbox.tool.value,
        brushes={tool: preset.name for tool, preset in in_hand.items()},
        brush_sizes={tool: float(preset.brush.size) for tool, preset in in_hand.items()},
        foreground=hex_of_colour(toolbox.colours.foreground),
        background=hex_of_colour(toolbox.colours.background),
    )


def _sized(preset: BrushPreset, size: float | None) -> BrushPreset:
    """In its own size where the file says nothing that makes sense."""
    if size is None or not 1 <= size <= MAX_BRUSH_SIZE:
        return preset
    return replace(preset, brush=replace(preset.brush, size=float(size)))


def _colour(name: str, otherwise: Colour) -> Colour:
    try:
        return colour_of_hex(name)
    except UserError:
        return otherwise
