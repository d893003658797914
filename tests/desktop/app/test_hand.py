from dataclasses import replace
from pathlib import Path

import pytest

from sketchsause_desktop.app.hand import remembered, take_up
from sketchsause_desktop.app.settings import Preferences, Settings
from sketchsause_desktop.app.toolbox import Colours, Toolbox
from sketchsause_desktop.app.tools import Tool
from sketchsause_desktop.core.brush_presets import BrushPreset, shipped_presets

pytestmark = pytest.mark.usefixtures("qapp")
PRESETS = {preset.name: preset for preset in shipped_presets()}


def sized(name: str, size: float) -> BrushPreset:
    return replace(PRESETS[name], brush=replace(PRESETS[name].brush, size=size))


def taken_up(kept: Preferences) -> Toolbox:
    toolbox = Toolbox()
    take_up(toolbox, kept, PRESETS)
    return toolbox


def test_the_next_start_has_the_same_in_hand(tmp_path: Path) -> None:
    toolbox = taken_up(Preferences())
    assert (toolbox.preset.name, toolbox.preset.brush.size) == ("Ink", PRESETS["Ink"].brush.size)
    toolbox.set_preset(sized("Marker", 77.5), Tool.BRUSH)
    toolbox.set_preset(sized("Eraser", 12), Tool.ERASER)
    toolbox.set_colours(Colours(foreground=(1, 2, 3), background=(250, 0, 9)))
    toolbox.set_tool(Tool.ERASER)
    settings = Settings(tmp_path)
    settings.change(remembered(toolbox, settings.preferences))
    again = taken_up(Settings(tmp_path).preferences)
    assert (again.tool, again.colours) == (toolbox.tool, toolbox.colours)
    for tool in (Tool.BRUSH, Tool.ERASER, Tool.HINT):
        assert again.preset_of(tool) == toolbox.preset_of(tool)


def test_a_preset_that_is_gone_makes_way_for_the_first_in_its_own_size() -> None:
    toolbox = taken_up(Preferences(brushes={"brush": "Deleted"}, brush_sizes={"brush": 300.0}))
    assert toolbox.preset == replace(PRESETS["Ink"], brush=PRESETS["Ink"].coloured((0, 0, 0)))


@pytest.mark.parametrize("size", [0.0, -3.0, 1e9, float("nan")])
def test_what_makes_no_sense_in_the_file_is_left_out(size: float) -> None:
    kept = Preferences(brushes={"brush": "Marker", "axe": "Ink"}, brush_sizes={"brush": size}, foreground="mauve")
    toolbox = taken_up(kept)
    assert toolbox.preset.brush.size == PRESETS["Marker"].brush.size
    assert toolbox.colours == Colours()
