"""Presets and settings: they show the brush in hand, and change it."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.brush_library import BrushLibrary
from sketchsause_desktop.app.editor import Editor, Tool
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.core.brush import Brush, Follows
from sketchsause_desktop.core.brush_presets import BrushPreset
from sketchsause_desktop.core.pointer_path import PulledString, WeightedAverage
from sketchsause_desktop.core.pressure import LINEAR, PressureCurve
from sketchsause_desktop.ui.brush_dock import BrushPanel
from sketchsause_desktop.ui.brush_settings import BrushSettings
from sketchsause_desktop.ui.brush_table import FELT, GRAIN, STROKE, TAPER, TILT, TIP, Setting
from sketchsause_desktop.ui.curve_editor import CLOSEST, CurveEditor
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard
from sketchsause_desktop.ui.texture_box import shipped_texture


@pytest.fixture
def ground(qtbot: QtBot) -> QWidget:
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.resize(240, 900)
    return ground


@pytest.fixture
def library(tmp_path: Path) -> BrushLibrary:
    return BrushLibrary(tmp_path / "brushes", Notices())


@pytest.fixture
def panel(ground: QWidget, editor: Editor, library: BrushLibrary) -> BrushPanel:
    editor.set_preset(library.presets["Ink"], Tool.BRUSH)
    panel = BrushPanel(
        library=library, editor=editor, notices=Notices(), guard=WheelGuard(ground), returns=ReturnToCanvas(ground)
    )
    panel.setParent(ground)
    panel.resize(240, 900)
    ground.show()
    return panel


@pytest.fixture
def settings_panel(ground: QWidget) -> BrushSettings:
    settings = BrushSettings(WheelGuard(ground), ReturnToCanvas(ground))
    settings.setParent(ground)
    ground.show()
    return settings


# Presets


def test_a_preset_brings_its_tool_and_keeps_the_colour(panel: BrushPanel, editor: Editor) -> None:
    editor.set_foreground((200, 30, 40))
    panel.take("Eraser")
    assert (editor.tool, editor.preset.name) == (Tool.ERASER, "Eraser")
    panel.take("Hint brush")
    assert editor.tool is Tool.HINT
    panel.list.chosen.emit("Pencil")
    assert (editor.tool, editor.preset.name) == (Tool.BRUSH, "Pencil")
    assert editor.brush.colour == (200, 30, 40)


def test_the_grid_marks_the_preset_in_hand(panel: BrushPanel, editor: Editor) -> None:
    assert panel.list.currentItem().text() == "Ink"
    editor.set_tool(Tool.ERASER)
    panel.take("Marker")
    assert panel.list.currentItem().text() == "Marker"
    with_pictures = [panel.list.item(row).icon().isNull() for row in range(panel.list.count())]
    assert len(with_pictures) == 7
    assert not any(with_pictures)


def test_changes_are_marked_saved_and_taken_back(panel: BrushPanel, editor: Editor, library: BrushLibrary) -> None:
    assert panel.name.text() == "Ink"
    assert not panel.save_button.isEnabled()
    editor.set_brush(replace(editor.brush, size=55.0))
    assert panel.name.text() == "Ink *"
    panel.revert()
    assert editor.brush.size == 12
    editor.set_brush(replace(editor.brush, size=55.0))
    panel.save_button.click()
    assert panel.name.text() == "Ink"
    assert library.presets["Ink"].brush.size == 55
    panel.remove_button.click()
    assert editor.brush.size == 12
    assert not panel.remove_button.isEnabled()


def test_a_duplicate_is_in_hand_and_can_be_renamed(panel: BrushPanel, editor: Editor, library: BrushLibrary) -> None:
    panel.duplicate_button.click()
    assert editor.preset.name == "Ink 2"
    panel.rename("Fine liner")
    assert editor.preset.name == "Fine liner"
    assert "Ink 2" not in library.presets
    assert panel.list.names[-1] == "Fine liner"


def test_brushes_are_exported_and_imported(panel: BrushPanel, editor: Editor, tmp_path: Path) -> None:
    panel.take("Flat brush")
    brush = editor.brush
    panel.export(tmp_path / "flat.sketchbrush")
    panel.import_file(tmp_path / "flat.sketchbrush")
    assert editor.preset.name == "Flat brush 2"
    assert editor.brush == brush


# Settings


def all_numbers() -> list[Setting]:
    return [*STROKE, *TIP, GRAIN, *TAPER, *TILT, *(felt.share for felt in FELT)]


@pytest.mark.parametrize("setting", all_numbers(), ids=lambda setting: setting.tip[:24])
def test_each_number_is_read_as_it_was_written(setting: Setting, library: BrushLibrary) -> None:
    flat = library.presets["Flat brush"].brush  # has a tip and a grain
    for value in (setting.lowest, (setting.lowest + setting.highest) // 2, setting.highest):
        written = setting.write(flat, value)
        assert round(setting.read(written)) == value
        assert written == flat or round(setting.read(flat)) != value


def test_fields_show_the_brush_and_change_it(settings_panel: BrushSettings, qtbot: QtBot) -> None:
    preset = BrushPreset(name="A", brush=Brush(size=40.0, hardness=0.25))
    settings_panel.show_preset(preset)
    shown = {setting.label: field for field, setting in settings_panel._rows}
    assert (shown["Size"].value, shown["Hardness"].value) == (40, 25)
    with qtbot.waitSignal(settings_panel.changed) as changed:
        shown["Flow"].number.setValue(30)
    assert changed.args == [replace(preset, brush=replace(preset.brush, flow=0.3))]


def test_pressure_curves_are_shown_and_bent_one_by_one(settings_panel: BrushSettings, qtbot: QtBot) -> None:
    bent = PressureCurve(points=((0.0, 0.0), (0.5, 0.2), (1.0, 1.0)))
    settings_panel.show_preset(BrushPreset(name="A", brush=Brush(opacity_curve=bent, opacity_by_pressure=0.7)))
    assert settings_panel.curve.curve == LINEAR
    settings_panel.felt_box.setCurrentIndex(1)
    assert settings_panel.curve.curve == bent
    assert settings_panel.amount.value == 70
    with qtbot.waitSignal(settings_panel.changed) as changed:
        settings_panel.curve._remove(1)
    brush = changed.args[0].brush
    assert (brush.opacity_curve, brush.size_curve) == (LINEAR, LINEAR)


def test_stabilisers_are_chosen_and_made_stronger(settings_panel: BrushSettings, qtbot: QtBot) -> None:
    fields = settings_panel.stabiliser
    settings_panel.show_preset(BrushPreset(name="A", brush=Brush(), stabiliser=WeightedAverage(samples=7)))
    assert (fields.box.currentText(), fields.strength.value()) == ("Average", 7)
    with qtbot.waitSignal(settings_panel.changed) as changed:
        fields.box.activated.emit(2)
    assert changed.args[0].stabiliser == PulledString()
    with qtbot.waitSignal(settings_panel.changed) as changed:
        fields.strength.setValue(400)
    assert changed.args[0].stabiliser == PulledString(length=400.0)
    with qtbot.waitSignal(settings_panel.changed) as changed:
        fields.box.activated.emit(0)
    assert changed.args[0].stabiliser is None
    assert not fields.strength.isEnabled()


def test_tip_and_grain_are_chosen(settings_panel: BrushSettings, qtbot: QtBot) -> None:
    settings_panel.show_preset(BrushPreset(name="A", brush=Brush()))
    assert settings_panel.tip_box.currentText() == "Round"
    assert not settings_panel.follows_box.isVisible()
    with qtbot.waitSignal(settings_panel.changed) as changed:
        settings_panel.tip_box.activated.emit(1)
    settings_panel.show_preset(changed.args[0])
    assert changed.args[0].brush.tip.texture == shipped_texture("chisel")
    assert settings_panel.follows_box.isVisible()
    with qtbot.waitSignal(settings_panel.changed) as changed:
        settings_panel.follows_box.activated.emit(1)
    assert changed.args[0].brush.tip.follows is Follows.STROKE
    with qtbot.waitSignal(settings_panel.changed) as changed:
        settings_panel.grain_box.activated.emit(1)
    assert changed.args[0].brush.grain.texture == shipped_texture("paper")
    with qtbot.waitSignal(settings_panel.changed) as changed:
        settings_panel.tip_box.activated.emit(0)
    assert changed.args[0].brush.tip is None


def test_a_picture_that_is_none_is_refused(settings_panel: BrushSettings, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "tip.png").write_bytes(b"no picture")
    for name in ("tip.png", "missing.png"):
        with qtbot.waitSignal(settings_panel.refused) as refused, qtbot.assertNotEmitted(settings_panel.changed):
            settings_panel.tip_box.take_picture(tmp_path / name)
        assert name in refused.args[0]


# The curve


@pytest.fixture
def curve(qtbot: QtBot) -> CurveEditor:
    editor = CurveEditor("Pressure curve")
    qtbot.addWidget(editor)
    editor.resize(200, 110)
    editor.show()
    return editor


def test_a_click_adds_a_point_there_and_a_pull_takes_it_away(curve: CurveEditor) -> None:
    place = curve._to_view((0.4, 0.8)).toPoint()
    QTest.mousePress(curve, Qt.MouseButton.LeftButton, pos=place)
    assert curve.curve.points[1] == pytest.approx((0.4, 0.8), abs=0.02)
    QTest.mouseMove(curve, QPoint(place.x(), -60))
    QTest.mouseRelease(curve, Qt.MouseButton.LeftButton)
    assert curve.curve == LINEAR


def test_points_stay_in_order_and_in_range_wherever_they_are_dragged(curve: CurveEditor) -> None:
    curve.show_curve(PressureCurve(points=((0.0, 0.0), (0.3, 0.3), (0.6, 0.6), (1.0, 1.0))))
    curve._move(1, 0.9, 7.0)
    curve._move(2, -3.0, -3.0)
    curve._move(0, 0.5, 0.25)
    points = curve.curve.points
    assert points[0] == (0.0, 0.25)
    assert points[1] == pytest.approx((0.6 - CLOSEST, 1.0))
    assert points[2] == pytest.approx((0.6, 0.0))


def test_the_curve_is_bent_by_keys(curve: CurveEditor, qtbot: QtBot) -> None:
    with qtbot.waitSignal(curve.changed):
        QTest.keyClick(curve, Qt.Key.Key_Insert)
    assert curve.curve.points[1] == (0.5, 0.5)
    QTest.keyClick(curve, Qt.Key.Key_Up)
    assert curve.curve.points[1][1] > 0.5
    QTest.keyClick(curve, Qt.Key.Key_Space)
    QTest.keyClick(curve, Qt.Key.Key_Down)
    assert curve.curve.points[2][1] < 1
    QTest.mouseDClick(curve, Qt.MouseButton.LeftButton, pos=curve._to_view((0.5, 0.1)).toPoint())
    assert curve.curve == LINEAR


def test_showing_a_curve_tells_nobody(curve: CurveEditor, qtbot: QtBot) -> None:
    bent = PressureCurve(points=((0.0, 0.2), (0.5, 0.9), (1.0, 1.0)))
    with qtbot.assertNotEmitted(curve.changed):
        curve.show_curve(bent)
    assert curve.curve == bent
    assert curve._of_view(curve._to_view((0.5, 0.9))) == pytest.approx((0.5, 0.9))
    assert isinstance(curve._to_view((0, 0)), QPointF)
