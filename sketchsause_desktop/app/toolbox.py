"""What the artist has in hand: the tool, its brush, two colours, the options of all tools."""

import dataclasses
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from sketchsause_desktop.app.tool_options import Options
from sketchsause_desktop.app.tools import BRUSHES, Tool
from sketchsause_desktop.core.brush import Brush
from sketchsause_desktop.core.brush_presets import BrushPreset

Rgb = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Colours:
    foreground: Rgb = (0, 0, 0)
    background: Rgb = (255, 255, 255)


class Toolbox(QObject):
    """Brush, eraser and hint brush have a preset each; all paint with the foreground colour."""

    tool_changed = Signal(object)  # Tool
    brush_changed = Signal(object)  # Brush: that of the tool in hand, in the foreground colour
    colours_changed = Signal()
    options_changed = Signal()  # `options`, or the preset in hand: its name, stabiliser, smoothing

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tool = Tool.BRUSH
        self._colours = Colours()
        self._options = Options()
        self._presets = {
            Tool.BRUSH: BrushPreset(name="Brush", brush=Brush()),
            Tool.ERASER: BrushPreset(name="Eraser", brush=Brush(size=30.0, erases=True)),
            Tool.HINT: BrushPreset(name="Hint brush", brush=Brush(size=16.0, hardness=1.0), for_hints=True),
        }

    @property
    def tool(self) -> Tool:
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        if tool is self._tool:
            return
        brush, preset = self.brush, self.preset
        self._tool = tool
        self.tool_changed.emit(tool)
        if self.brush != brush:
            self.brush_changed.emit(self.brush)
        if self.preset != preset:
            self.options_changed.emit()

    # Brushes

    @property
    def _brush_owner(self) -> Tool:
        return self._tool if self._tool in BRUSHES else Tool.BRUSH

    @property
    def preset(self) -> BrushPreset:
        """That of the tool in hand; tools without a brush have that of the brush."""
        return self.preset_of(self._brush_owner)

    def preset_of(self, tool: Tool) -> BrushPreset:
        """In the foreground colour; `tool` is one of `BRUSHES`."""
        preset = self._presets[tool]
        return dataclasses.replace(preset, brush=preset.coloured(self._colours.foreground))

    def set_preset(self, preset: BrushPreset, tool: Tool | None = None) -> None:
        """Give the tool (None = that in hand) another brush; a stroke in progress goes on with what it began with.

        The colour stays; an eraser stays an eraser, and nothing else becomes one.
        """
        owner = tool or self._brush_owner
        brush = dataclasses.replace(preset.coloured(self._colours.foreground), erases=owner is Tool.ERASER)
        preset = dataclasses.replace(preset, brush=brush, for_hints=owner is Tool.HINT)
        before = self.preset_of(owner)
        self._presets[owner] = preset
        if owner is not self._brush_owner or preset == before:
            return
        if preset.brush != before.brush:
            self.brush_changed.emit(self.brush)
        if dataclasses.replace(preset, brush=before.brush) != before:
            self.options_changed.emit()

    @property
    def brush(self) -> Brush:
        return self.preset.brush

    def set_brush(self, brush: Brush) -> None:
        """Change the brush of the tool in hand and, if it has another colour, the foreground colour."""
        self.set_foreground(brush.colour)
        self.set_preset(dataclasses.replace(self.preset, brush=brush))

    # Colours

    @property
    def colours(self) -> Colours:
        return self._colours

    def set_colours(self, colours: Colours) -> None:
        if colours == self._colours:
            return
        before, self._colours = self._colours, colours
        self.colours_changed.emit()
        if colours.foreground != before.foreground:
            self.brush_changed.emit(self.brush)

    def set_foreground(self, colour: Rgb) -> None:
        self.set_colours(dataclasses.replace(self._colours, foreground=colour))

    def set_background(self, colour: Rgb) -> None:
        self.set_colours(dataclasses.replace(self._colours, background=colour))

    def swap_colours(self) -> None:
        self.set_colours(Colours(foreground=self._colours.background, background=self._colours.foreground))

    def default_colours(self) -> None:
        self.set_colours(Colours())

    # Options

    @property
    def options(self) -> Options:
        return self._options

    def set_options(self, options: Options) -> None:
        if options != self._options:
            self._options = options
            self.options_changed.emit()
