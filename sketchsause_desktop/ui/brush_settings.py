"""Everything that a brush can be set to, in sections from top to bottom."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QVBoxLayout, QWidget

from sketchsause_desktop.core.brush import Brush, Grain, Texture, Tip
from sketchsause_desktop.core.brush_presets import BrushPreset
from sketchsause_desktop.ui.brush_table import FELT, FOLLOWS, GRAIN, STROKE, TAPER, TILT, TIP, Felt, Setting
from sketchsause_desktop.ui.curve_editor import CurveEditor
from sketchsause_desktop.ui.fields import ReturnToCanvas, ValueField, WheelGuard
from sketchsause_desktop.ui.stabiliser_box import StabiliserFields
from sketchsause_desktop.ui.texture_box import TextureBox


class BrushSettings(QWidget):
    """Shows one preset; `changed` tells of the user's changes only."""

    changed = Signal(object)  # BrushPreset
    refused = Signal(str)

    def __init__(self, guard: WheelGuard, returns: ReturnToCanvas) -> None:
        super().__init__()
        self._guard, self._returns = guard, returns
        self._preset = BrushPreset(name="Brush", brush=Brush())
        self._rows: list[tuple[ValueField, Setting]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._add_settings(STROKE)
        self._make_pressure()
        self._make_stabiliser()
        self._heading("Tapered ends")
        self._add_settings(TAPER)
        self._make_tip()
        self._make_grain()
        self._heading("Tilt of the pen")
        self._add_settings(TILT)
        self._multiplies = self._check("Darkens like a marker", "Multiply with what is there instead of covering it")
        self._smooths = self._check("Smooth curves", "Draw curves through the places that the pen tells")
        self._multiplies.clicked.connect(lambda on: self._change(replace(self._preset.brush, multiplies=on)))
        self._smooths.clicked.connect(lambda on: self._tell(replace(self._preset, smooths=on)))
        self.show_preset(self._preset)

    # Parts

    def _heading(self, title: str) -> None:
        label = QLabel(title)
        label.setObjectName("dim")
        label.setContentsMargins(0, 6, 0, 0)
        self._column.addWidget(label)

    def _add_settings(self, settings: Sequence[Setting]) -> list[ValueField]:
        return [self._add_setting(setting) for setting in settings]

    def _add_setting(self, setting: Setting) -> ValueField:
        field = self._field(setting)
        field.value_changed.connect(lambda value: self._change(setting.write(self._preset.brush, value)))
        self._rows.append((field, setting))
        self._column.addWidget(field)
        return field

    def _field(self, setting: Setting) -> ValueField:
        """All in line, whatever they say."""
        field = setting_field(setting, self._guard)
        metrics = field.fontMetrics()
        field.label.setFixedWidth(metrics.horizontalAdvance("Hardness") + 4)
        field.number.setFixedWidth(metrics.horizontalAdvance("1000 px") + 22)
        self._returns.watch(field.number)
        return field

    def _check(self, title: str, tip: str) -> QCheckBox:
        box = QCheckBox(title)
        box.setToolTip(tip)
        self._column.addWidget(box)
        return box

    def _make_pressure(self) -> None:
        self._heading("Pressure changes")
        self.felt_box = QComboBox()
        self.felt_box.addItems([felt.title for felt in FELT])
        self.felt_box.setToolTip("What pressure changes")
        self.felt_box.setAccessibleName("What pressure changes")
        self._guard.watch(self.felt_box)
        self.felt_box.currentIndexChanged.connect(lambda _row: self.show_preset(self._preset))
        self._column.addWidget(self.felt_box)
        self.amount = self._field(FELT[0].share)
        self.amount.value_changed.connect(lambda value: self._change(self._felt.share.write(self._preset.brush, value)))
        self._column.addWidget(self.amount)
        self.curve = CurveEditor("Pressure curve")
        self.curve.changed.connect(lambda curve: self._change(self._felt.with_curve(self._preset.brush, curve)))
        self._column.addWidget(self.curve)

    @property
    def _felt(self) -> Felt:
        return FELT[self.felt_box.currentIndex()]

    def _make_stabiliser(self) -> None:
        self._heading("Stabiliser")
        self.stabiliser = StabiliserFields(self._guard, self._returns)
        self.stabiliser.changed.connect(lambda kind: self._tell(replace(self._preset, stabiliser=kind)))
        self._column.addWidget(self.stabiliser)

    def _make_tip(self) -> None:
        self._heading("Tip")
        self.tip_box = TextureBox("Shape of the tip", "Round", ("chisel", "bristles"), self._guard)
        self.tip_box.chosen.connect(self._on_tip)
        self.tip_box.refused.connect(self.refused)
        self._column.addWidget(self.tip_box)
        self.follows_box = QComboBox()
        self.follows_box.setToolTip("What turns the tip")
        self.follows_box.setAccessibleName("What turns the tip")
        for follows, title in FOLLOWS.items():
            self.follows_box.addItem(title, follows)
        self._guard.watch(self.follows_box)
        self.follows_box.activated.connect(self._on_follows)
        self._column.addWidget(self.follows_box)
        self._tip_fields = [self.follows_box, *self._add_settings(TIP)]

    def _make_grain(self) -> None:
        self._heading("Paper")
        self.grain_box = TextureBox("Grain of the paper", "Smooth", ("paper",), self._guard)
        self.grain_box.chosen.connect(self._on_grain)
        self.grain_box.refused.connect(self.refused)
        self._column.addWidget(self.grain_box)
        self._grain_field = self._add_setting(GRAIN)

    # State

    def show_preset(self, preset: BrushPreset) -> None:
        self._preset = preset
        brush = preset.brush
        for field, setting in self._rows:
            field.set_value(round(setting.read(brush)))
        self.amount.set_value(round(self._felt.share.read(brush)))
        self.curve.show_curve(self._felt.curve(brush))
        self.stabiliser.show_stabiliser(preset.stabiliser)
        self.tip_box.show_texture(brush.tip.texture if brush.tip else None)
        self.grain_box.show_texture(brush.grain.texture if brush.grain else None)
        with QSignalBlocker(self.follows_box):
            self.follows_box.setCurrentIndex(list(FOLLOWS).index(brush.tip.follows) if brush.tip else 0)
        for widget in self._tip_fields:
            widget.setVisible(brush.tip is not None)
        self._grain_field.setVisible(brush.grain is not None)
        self._multiplies.setChecked(brush.multiplies)
        self._smooths.setChecked(preset.smooths)

    def _change(self, brush: Brush) -> None:
        self._tell(replace(self._preset, brush=brush))

    def _tell(self, preset: BrushPreset) -> None:
        if preset != self._preset:
            self._preset = preset
            self.changed.emit(preset)

    def _on_tip(self, texture: Texture | None) -> None:
        brush = self._preset.brush
        tip = brush.tip or Tip(texture=texture) if texture is not None else None
        self._change(replace(brush, tip=replace(tip, texture=texture) if tip and texture else None))

    def _on_follows(self, row: int) -> None:
        brush = self._preset.brush
        if brush.tip is not None:
            self._change(replace(brush, tip=replace(brush.tip, follows=self.follows_box.itemData(row))))

    def _on_grain(self, texture: Texture | None) -> None:
        brush = self._preset.brush
        if texture is None:
            self._change(replace(brush, grain=None))
        else:
            strength = brush.grain.strength if brush.grain else 0.5
            self._change(replace(brush, grain=Grain(texture=texture, strength=strength)))


def setting_field(setting: Setting, guard: WheelGuard) -> ValueField:
    return ValueField(
        setting.label,
        setting.lowest,
        setting.highest,
        suffix=setting.suffix,
        guard=guard,
        bend=setting.bend,
        tip=setting.tip,
    )
