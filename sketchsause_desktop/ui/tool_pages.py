"""The options of each tool, as rows of controls for the bar. They show the editor's options and change them."""

import enum
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSizePolicy, QWidget

from sketchsause_desktop.app.brush_library import BrushLibrary
from sketchsause_desktop.app.editor import Editor, Tool
from sketchsause_desktop.app.tool_options import (
    MAX_FEATHER,
    FillOptions,
    GradientShape,
    Options,
    SelectMode,
    Source,
    WandOptions,
)
from sketchsause_desktop.app.tools import BRUSHES
from sketchsause_desktop.core.fill import MAX_EXPANSION
from sketchsause_desktop.core.picker import PICK_SIDES
from sketchsause_desktop.core.regions import MAX_GAP
from sketchsause_desktop.ui.brush_dock import take_preset
from sketchsause_desktop.ui.brush_settings import setting_field
from sketchsause_desktop.ui.brush_table import OPACITY, SIZE, Setting
from sketchsause_desktop.ui.fields import ReturnToCanvas, ValueField, WheelGuard
from sketchsause_desktop.ui.preset_list import PresetButton
from sketchsause_desktop.ui.stabiliser_box import StabiliserFields

ROOM_FOR_SLIDERS = 1000
ROOM_FOR_STABILISER = 760
ROOM_FOR_OPACITY = 560

_SOURCES = {Source.LINE_ART: "Line art", Source.LAYER: "This layer", Source.PICTURE: "Picture"}
_MODES = {
    SelectMode.REPLACE: "Replace",
    SelectMode.ADD: "Add",
    SelectMode.SUBTRACT: "Subtract",
    SelectMode.INTERSECT: "Intersect",
}
_SHAPES = {GradientShape.LINEAR: "Linear", GradientShape.RADIAL: "Radial"}
_SIDES = {side: "One pixel" if side == 1 else f"{side} × {side} pixels" for side in PICK_SIDES}
_Fill = TypeVar("_Fill", bound=FillOptions)
_Value = TypeVar("_Value", bound=enum.Enum | int)


class ToolPage(QWidget):
    """One tool's controls in a row."""

    def __init__(self, guard: WheelGuard, returns: ReturnToCanvas) -> None:
        super().__init__()
        self._guard, self._returns = guard, returns
        self.fields: list[ValueField] = []
        self.choices: list[QComboBox] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(12)

    def _add(self, widget: QWidget, stretch: int = 0) -> None:
        self._row.addWidget(widget, stretch)

    def _field(self, field: ValueField) -> ValueField:
        self.fields.append(field)
        field.setMaximumWidth(230)
        self._returns.watch(field.number)
        self._add(field, 2)
        return field

    def _number(self, label: str, highest: int, suffix: str, tip: str, lowest: int = 0, bend: float = 1) -> ValueField:
        return self._field(ValueField(label, lowest, highest, suffix=suffix, guard=self._guard, tip=tip, bend=bend))

    def _choice(self, label: str, titles: Mapping[_Value, str], tip: str) -> QComboBox:
        box = QComboBox()
        for value, title in titles.items():
            box.addItem(title, value)
        box.setToolTip(f"{label}\n{tip}")
        box.setAccessibleName(label)
        self._guard.watch(box)
        self._returns.watch(box)
        text = QLabel(label)
        text.setBuddy(box)
        pair = QWidget()
        row = QHBoxLayout(pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(text)
        row.addWidget(box)
        self._add(pair)
        self.choices.append(box)
        return box

    def _check(self, title: str, tip: str) -> QCheckBox:
        box = QCheckBox(title)
        box.setToolTip(f"{title}\n{tip}")
        self._add(box)
        return box

    def fit(self, width: int) -> None:
        """`width` is that of the whole bar, logical pixels. Where it is short the numbers alone remain."""
        is_wide = width >= ROOM_FOR_SLIDERS
        for field in self.fields:
            field.slider.setVisible(is_wide)
            horizontal = QSizePolicy.Policy.Expanding if is_wide else QSizePolicy.Policy.Maximum
            field.setSizePolicy(horizontal, QSizePolicy.Policy.Preferred)

    def _end(self) -> None:
        self._row.addStretch(1)


class BrushPage(ToolPage):
    """Of brush, eraser and hint brush."""

    def __init__(self, editor: Editor, library: BrushLibrary, guard: WheelGuard, returns: ReturnToCanvas) -> None:
        super().__init__(guard, returns)
        self._editor = editor
        self.presets = PresetButton(library, editor)
        self._add(self.presets)
        self.size_field = self._setting(SIZE)
        self.opacity_field = self._setting(OPACITY)
        self.stabiliser = StabiliserFields(guard, returns, "Stabiliser")
        self._add(self.stabiliser)
        self._end()
        self.presets.chosen.connect(lambda name: take_preset(editor, library.presets[name]))
        self.stabiliser.changed.connect(lambda kind: editor.set_preset(replace(editor.preset, stabiliser=kind)))
        editor.brush_changed.connect(lambda _brush: self._show())
        editor.options_changed.connect(self._show)
        self._show()

    def fit(self, width: int) -> None:
        super().fit(width)
        self.stabiliser.setVisible(width >= ROOM_FOR_STABILISER)
        self.opacity_field.setVisible(width >= ROOM_FOR_OPACITY)

    def _setting(self, setting: Setting) -> ValueField:
        field = self._field(setting_field(setting, self._guard))
        field.value_changed.connect(lambda value: self._editor.set_brush(setting.write(self._editor.brush, value)))
        return field

    def _show(self) -> None:
        preset = self._editor.preset
        self.size_field.set_value(round(SIZE.read(preset.brush)))
        self.opacity_field.set_value(round(OPACITY.read(preset.brush)))
        self.stabiliser.show_stabiliser(preset.stabiliser)


class OptionsPage(ToolPage):
    """Controls for a part of the editor's options."""

    def __init__(self, editor: Editor, guard: WheelGuard, returns: ReturnToCanvas) -> None:
        super().__init__(guard, returns)
        self._editor = editor
        editor.options_changed.connect(self._show)

    @property
    def _options(self) -> Options:
        return self._editor.options

    @abstractmethod
    def _show(self) -> None:
        """What the options are, in the controls."""

    def _region_fields(self, read: Callable[[], _Fill], write: Callable[[_Fill], None]) -> Callable[[], None]:
        """Source, tolerance and gap, which fill and wand have in common; returns what shows them."""
        source = self._choice("Look at", _SOURCES, "What decides where a region ends")
        gap = self._number("Close gap", MAX_GAP, " px", "Openings in the lines up to this wide count as closed")
        tolerance = self._number("Tolerance", 255, "", "How far a colour may be from the one that is clicked")
        source.activated.connect(lambda row: write(replace(read(), source=source.itemData(row))))
        gap.value_changed.connect(lambda value: write(replace(read(), gap=value)))
        tolerance.value_changed.connect(lambda value: write(replace(read(), tolerance=value)))

        def show() -> None:
            options = read()
            _show_choice(source, options.source)
            gap.set_value(options.gap)
            tolerance.set_value(options.tolerance)

        return show


class FillPage(OptionsPage):
    def __init__(self, editor: Editor, guard: WheelGuard, returns: ReturnToCanvas) -> None:
        super().__init__(editor, guard, returns)
        self._show_shared = self._region_fields(lambda: self._options.fill, self._write)
        self.expand = self._number("Expand", MAX_EXPANSION, " px", "How far the fill goes under the lines")
        self.expand.value_changed.connect(lambda value: self._write(replace(self._options.fill, expand=value)))
        self._end()
        self._show()

    def _write(self, options: FillOptions) -> None:
        self._editor.set_options(replace(self._options, fill=options))

    def _show(self) -> None:
        self._show_shared()
        self.expand.set_value(self._options.fill.expand)


class LockPage(OptionsPage):
    """The gap is that of the fill: both look for the same regions."""

    def __init__(self, editor: Editor, guard: WheelGuard, returns: ReturnToCanvas) -> None:
        super().__init__(editor, guard, returns)
        self.gap = self._number("Close gap", MAX_GAP, " px", "Openings in the lines up to this wide count as closed")
        self.gap.value_changed.connect(self._write)
        self._add(dim_label("A click gives a region a hint in the colour chosen under Characters."))
        self._end()
        self._show()

    def _write(self, gap: int) -> None:
        self._editor.set_options(replace(self._options, fill=replace(self._options.fill, gap=gap)))

    def _show(self) -> None:
        self.gap.set_value(self._options.fill.gap)


class SelectPage(OptionsPage):
    """Of rectangle, oval and lasso; with `wand` also of the magic wand."""

    def __init__(self, editor: Editor, guard: WheelGuard, returns: ReturnToCanvas, *, wand: bool = False) -> None:
        super().__init__(editor, guard, returns)
        self.mode = self._choice("Mode", _MODES, "What becomes of the selection that is there")
        self._show_wand: Callable[[], None] | None = None
        if wand:
            self._show_wand = self._region_fields(lambda: self._options.wand, self._write_wand)
            self.everywhere = self._check("Everywhere", "All pixels of that colour, not only those that touch")
            self.everywhere.clicked.connect(lambda on: self._write_wand(replace(self._options.wand, everywhere=on)))
        self.feather = self._number("Feather", round(MAX_FEATHER), " px", "How softly the edge fades", bend=2.0)
        self._end()
        self.mode.activated.connect(lambda row: self._change(mode=_at(self.mode, row)))
        self.feather.value_changed.connect(lambda value: self._change(feather=float(value)))
        self._show()

    def _change(self, **changes: object) -> None:
        select = replace(self._options.select, **changes)  # type: ignore[arg-type]
        self._editor.set_options(replace(self._options, select=select))

    def _write_wand(self, options: WandOptions) -> None:
        self._editor.set_options(replace(self._options, wand=options))

    def _show(self) -> None:
        _show_choice(self.mode, self._options.select.mode)
        self.feather.set_value(round(self._options.select.feather))
        if self._show_wand is not None:
            self._show_wand()
            self.everywhere.setChecked(self._options.wand.everywhere)


class GradientPage(OptionsPage):
    def __init__(self, editor: Editor, guard: WheelGuard, returns: ReturnToCanvas) -> None:
        super().__init__(editor, guard, returns)
        self.shape = self._choice("Shape", _SHAPES, "Along a line, or round its beginning")
        self.fades = self._check("To transparent", "Fade out instead of going to the background colour")
        self.reverse = self._check("Reverse", "Begin with what it else ends with")
        self._end()
        self.shape.activated.connect(lambda row: self._change(shape=_at(self.shape, row)))
        self.fades.clicked.connect(lambda on: self._change(to_transparent=on))
        self.reverse.clicked.connect(lambda on: self._change(reverse=on))
        self._show()

    def _change(self, **changes: object) -> None:
        gradient = replace(self._options.gradient, **changes)  # type: ignore[arg-type]
        self._editor.set_options(replace(self._options, gradient=gradient))

    def _show(self) -> None:
        gradient = self._options.gradient
        _show_choice(self.shape, gradient.shape)
        self.fades.setChecked(gradient.to_transparent)
        self.reverse.setChecked(gradient.reverse)


class PickerPage(OptionsPage):
    def __init__(self, editor: Editor, guard: WheelGuard, returns: ReturnToCanvas) -> None:
        super().__init__(editor, guard, returns)
        self.source = self._choice("Look at", _SOURCES, "Where the colour is taken from")
        self.side = self._choice("Average", _SIDES, "How many pixels are looked at")
        self._end()
        self.source.activated.connect(lambda row: self._change(source=_at(self.source, row)))
        self.side.activated.connect(lambda row: self._change(side=_at(self.side, row)))
        self._show()

    def _change(self, **changes: object) -> None:
        picker = replace(self._options.picker, **changes)  # type: ignore[arg-type]
        self._editor.set_options(replace(self._options, picker=picker))

    def _show(self) -> None:
        _show_choice(self.source, self._options.picker.source)
        _show_choice(self.side, self._options.picker.side)


class WordsPage(ToolPage):
    """For a tool without options: what it does."""

    def __init__(self, words: str, guard: WheelGuard, returns: ReturnToCanvas) -> None:
        super().__init__(guard, returns)
        self._add(dim_label(words))
        self._end()


def dim_label(words: str) -> QLabel:
    label = QLabel(words)
    label.setObjectName("dim")
    return label


def make_pages(
    editor: Editor, brush_page: BrushPage, guard: WheelGuard, returns: ReturnToCanvas
) -> dict[Tool, ToolPage]:
    select = SelectPage(editor, guard, returns)
    return {
        **dict.fromkeys(BRUSHES, brush_page),
        Tool.FILL: FillPage(editor, guard, returns),
        Tool.GRADIENT: GradientPage(editor, guard, returns),
        Tool.PICKER: PickerPage(editor, guard, returns),
        **dict.fromkeys((Tool.RECT_SELECT, Tool.ELLIPSE_SELECT, Tool.LASSO), select),
        Tool.LOCK: LockPage(editor, guard, returns),
        Tool.WAND: SelectPage(editor, guard, returns, wand=True),
        Tool.MOVE: WordsPage("Drag moves the chosen layers, or what is selected of them.", guard, returns),
        Tool.HAND: WordsPage("Drag moves the view. With any other tool hold Space.", guard, returns),
    }


def _at(box: QComboBox, row: int) -> object:
    return box.itemData(row)


def _show_choice(box: QComboBox, value: object) -> None:
    rows: Sequence[object] = [box.itemData(row) for row in range(box.count())]
    box.setCurrentIndex(rows.index(value))
