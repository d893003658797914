"""Which handler belongs to which tool."""

from collections.abc import Callable, Mapping

from sketchsause_desktop.app.brush_tool import BrushTool
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.fill_tools import FillTool, GradientTool, PickerTool
from sketchsause_desktop.app.select_tools import EllipseTool, LassoTool, MoveTool, RectangleTool, WandTool
from sketchsause_desktop.app.tools import Tool, ToolHandler


def make_handlers(editor: Editor, slack: Callable[[], float]) -> Mapping[Tool, ToolHandler]:
    """One for each tool but the hand, which moves the view, and the lock, which needs characters.

    `slack` as for `BrushTool`.
    """
    brush = BrushTool(editor, slack)
    return {
        Tool.BRUSH: brush,
        Tool.ERASER: brush,
        Tool.HINT: brush,
        Tool.FILL: FillTool(editor),
        Tool.GRADIENT: GradientTool(editor, slack),
        Tool.PICKER: PickerTool(editor),
        Tool.RECT_SELECT: RectangleTool(editor, slack),
        Tool.ELLIPSE_SELECT: EllipseTool(editor, slack),
        Tool.LASSO: LassoTool(editor, slack),
        Tool.WAND: WandTool(editor),
        Tool.MOVE: MoveTool(editor),
    }
