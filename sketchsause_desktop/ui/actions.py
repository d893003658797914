"""Every command of the window as a QAction: its words, keys, icon and tooltip. What they do is connected elsewhere."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from sketchsause_desktop.app.tools import Tool
from sketchsause_desktop.ui.icons import icon

Key = QKeySequence.StandardKey
Keys = QKeySequence.StandardKey | str | tuple[str, ...] | None


class Actions(QObject):
    """All commands, made once; menus, bars and buttons show the same objects."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._make_file()
        self._make_edit()
        self._make_view()
        self._make_tools()
        self._make_colours()
        self._make_ai()
        self.welcome = self._make("&Welcome", None, tip="Show the call-outs of the first start")
        self.device_report = self._make("&Device report…", None, "settings", "What runs where on this machine")
        self.about = self._make("&About SketchSause", None, "info")
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        self.shortcuts = self._make("&Keyboard shortcuts…", None, "settings", "Give commands other keys")
        self.next_drawing = self._make("Next d&rawing", "Ctrl+Tab", tip="The tab to the right")
        self.previous_drawing = self._make("Previous dra&wing", "Ctrl+Shift+Tab", tip="The tab to the left")
        self.next_panel = self._make("Next panel", "F6", tip="Move the keyboard to the next part of the window")

    def _make_file(self) -> None:
        self.new = self._make("&New…", Key.New, "new", "Start an empty drawing")
        self.open = self._make("&Open…", Key.Open, "open", "Open drawings, or pictures as line art")
        self.save = self._make("&Save", Key.Save, "save", "Write the drawing with all its layers")
        self.save_as = self._make("Save &as…", "Ctrl+Shift+S", tip="Write it to another file and go on with that")
        self.save_copy = self._make("Save a cop&y…", "Ctrl+Alt+S", tip="Write it to another file and go on with this")
        self.export = self._make("&Export…", "Ctrl+Shift+E", "export", "Write the coloured picture to a file")
        self.export_again = self._make("Export a&gain", "Ctrl+Alt+E", tip="Write to the same file once more")
        self.close = self._make("&Close", Key.Close, tip="Close the drawing")
        self.quit = self._make("&Quit", "Ctrl+Q")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)

    def _make_edit(self) -> None:
        self.undo = self._make("&Undo", Key.Undo, "undo")
        self.redo = self._make("&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo")
        self.cut = self._make("Cu&t", "Ctrl+X", tip="Copy what is selected of the layer, and take it away")
        self.copy = self._make("&Copy", Key.Copy, "copy", "Copy what is selected of the layer")
        self.copy_merged = self._make("Copy &merged", "Ctrl+Shift+C", tip="Copy what is seen, without the paper")
        self.paste = self._make("&Paste", Key.Paste, "paste", "Lay a picture from the clipboard on a new layer")
        self.paste_as_line_art = self._make("Paste as &line art", "Ctrl+Alt+V", tip="Lay it on the lines")
        self.paste_as_new = self._make("Paste as &new image", "Ctrl+Shift+V", tip="A drawing of its own")
        self.clear = self._make("Cl&ear", "Del", tip="Empty what is selected of the layer")
        self.fill_foreground = self._make("&Fill with colour", "Shift+Backspace", "fill", "Cover what is selected")

    def _make_view(self) -> None:
        self.zoom_in = self._make("Zoom &in", ("Ctrl++", "Ctrl+="), "zoom-in")
        self.zoom_out = self._make("Zoom &out", Key.ZoomOut, "zoom-out")
        self.fit = self._make("&Fit in window", "2", "fit")
        self.actual_size = self._make("&100 %", "1", "actual-size", "Every pixel of the drawing on one of the screen")
        self.mirror = self._make("&Mirror view", "M", "mirror", "Look at it mirrored; the drawing stays", checks=True)
        self.overlay = self._make("O&verlay", "Shift+F7", "overlay", "Colours under the lines", checks=True)
        self.split = self._make("&Split", "F7", "split", "Your lines beside the coloured picture", checks=True)
        self.view_modes = self._group(self.overlay, self.split)
        self.theme_system = self._make("&System theme", None, checks=True)
        self.theme_dark = self._make("&Dark theme", None, checks=True)
        self.theme_light = self._make("&Light theme", None, checks=True)
        self.themes = self._group(self.theme_system, self.theme_dark, self.theme_light)
        self.canvas_only = self._make("&Canvas only", "Tab", tip="Hide everything but the drawing", checks=True)
        self.full_screen = self._make("F&ull screen", "F11", checks=True)
        self.reset_layout = self._make("&Reset layout", None, tip="Put every panel back in its place")

    def _make_tools(self) -> None:
        self.brush = self._make("&Brush", "B", "brush", "Draw on the layer", checks=True)
        self.eraser = self._make("&Eraser", "E", "eraser", "Take away what is drawn", checks=True)
        self.hand = self._make("&Hand", None, "hand", "Move the view; with any tool hold Space", checks=True)
        self._make_more_tools()
        self.tool_actions = {
            Tool.BRUSH: self.brush,
            Tool.ERASER: self.eraser,
            Tool.HINT: self.hint_brush,
            Tool.LOCK: self.lock_region,
            Tool.FILL: self.fill,
            Tool.GRADIENT: self.gradient,
            Tool.PICKER: self.picker,
            Tool.RECT_SELECT: self.rect_select,
            Tool.ELLIPSE_SELECT: self.ellipse_select,
            Tool.LASSO: self.lasso,
            Tool.WAND: self.wand,
            Tool.MOVE: self.move,
            Tool.HAND: self.hand,
        }
        self.tools = self._group(*self.tool_actions.values())
        self.smaller = self._make("S&maller", "[", "minus", "A smaller brush")
        self.larger = self._make("&Larger", "]", "plus", "A larger brush")

    def _make_more_tools(self) -> None:
        self.hint_brush = self._make("H&int brush", "H", "hint-brush", "Show the model a colour", checks=True)
        self.lock_region = self._make(
            "Loc&k region", "K", "lock-region", "Give a region a hint in a character's colour", checks=True
        )
        self.fill = self._make("&Fill", "G", "fill", "Fill a region of the line art", checks=True)
        self.gradient = self._make("&Gradient", "Shift+G", "gradient", "From one colour to another", checks=True)
        self.picker = self._make("&Colour picker", "I", "picker", "Take a colour; any tool with Ctrl", checks=True)
        self.rect_select = self._make("&Rectangle select", "R", "rect-select", "Select a rectangle", checks=True)
        self.ellipse_select = self._make("Elli&pse select", "Shift+R", "ellipse-select", "Select an oval", checks=True)
        self.lasso = self._make("L&asso", "L", "lasso", "Select what you draw round", checks=True)
        self.wand = self._make("Magic &wand", "W", "wand", "Select a region of one colour", checks=True)
        self.move = self._make("Mo&ve", "T", "move", "Move the layer, or what is selected of it", checks=True)

    def _make_colours(self) -> None:
        self.swap_colours = self._make("S&wap colours", "X", "swap", "Foreground and background change places")
        self.default_colours = self._make("&Default colours", "D", "default-colours", "Black on white")
        self.brush_settings = self._make("Brush se&ttings", "F5", "settings", "Everything that the brush can be set to")

    def _make_ai(self) -> None:
        self.live = self._make("&Live", "F8", "live", "Colour while you draw", checks=True)
        self.colour_once = self._make("&Colour once", "F9", "colour-once", "Colour the drawing as it is now")

    def _make(self, text: str, keys: Keys, icon_name: str = "", tip: str = "", *, checks: bool = False) -> QAction:
        return new_action(self._window, text, keys, icon_name, tip, checks=checks)

    def _group(self, *actions: QAction) -> QActionGroup:
        group = QActionGroup(self)
        for action in actions:
            group.addAction(action)
        return group


def new_action(
    window: QWidget, text: str, keys: Keys = None, icon_name: str = "", tip: str = "", *, checks: bool = False
) -> QAction:
    """A command of `window`, whose keys work while no menu shows."""
    action = QAction(text, window, checkable=checks)
    if icon_name:
        action.setIcon(icon(icon_name))
    if isinstance(keys, tuple):
        action.setShortcuts([QKeySequence(key) for key in keys])
    elif isinstance(keys, str):
        action.setShortcut(QKeySequence(keys))
    elif keys is not None:
        action.setShortcuts(keys)
    action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    name = text.replace("&", "").rstrip("…")
    action.setObjectName(name.casefold().replace(" ", "-"))  # under which the user's own keys are kept
    title = titled(name, action)
    action.setToolTip(f"{title}\n{tip}" if tip else title)
    window.addAction(action)  # so that its key works while no menu shows
    return action


def new_command(
    window: QWidget,
    text: str,
    run: Callable[[], object],
    keys: Keys = None,
    icon_name: str = "",
    tip: str = "",
    *,
    checks: bool = False,
) -> QAction:
    """As `new_action`; `run` is called when the user asks for it."""
    action = new_action(window, text, keys, icon_name, tip, checks=checks)
    action.triggered.connect(lambda _checked=False: run())
    return action


def key_text(action: QAction) -> str:
    """Its first key, as it is called on this system."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def titled(text: str, action: QAction) -> str:
    """The first line of a tooltip: `text` and the key of the command."""
    return f"{text} ({key_text(action)})" if key_text(action) else text
