import dataclasses
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QThread
from pytestqt.qtbot import QtBot

from models.errors import UserError
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.layer_commands import LayerCommands
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layer_actions import Place, add
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.live_schedule import LiveSchedule
from sketchsause_desktop.core.requests import Effort, InferenceRequest, InferenceResult
from sketchsause_desktop.core.result_actions import apply_colours
from tests.desktop.app.fake_engine import FakeEngine, Gate, colour_of

SIZE = Size(200, 150)


@dataclass
class Studio:
    """An editor with live colour on a fake network."""

    editor: Editor
    engine: FakeEngine
    notices: Notices
    live: Live
    shown: list[int] = field(default_factory=list)  # revisions, in the order in which they were shown
    said: list[str] = field(default_factory=list)

    def draw(self, x: float = 50.0, y: float = 50.0) -> None:
        self.editor.begin_stroke(PenSample(x, y))
        self.editor.extend_stroke(PenSample(x + 20, y + 10))
        self.editor.end_stroke()

    def shows(self, revision: int) -> bool:
        tile = self.editor.document.ai_colour.tiles.read(Rect(0, 0, 1, 1))
        return tuple(tile[0, 0].tolist()) == colour_of(revision)

    @property
    def is_up_to_date(self) -> bool:
        return not self.live.busy and self.shows(self.editor.document.revision)


@pytest.fixture
def studio(qapp: QCoreApplication) -> Iterator[Studio]:
    editor, notices, engine = Editor(), Notices(), FakeEngine()
    editor.new(SIZE)
    live = Live(editor, engine, notices)
    live.set_model("fake")
    studio = Studio(editor, engine, notices, live)

    def on_result(_rect: Rect) -> None:
        red, green, _blue, _alpha = editor.document.ai_colour.tiles.read(Rect(0, 0, 1, 1))[0, 0].tolist()
        studio.shown.append(red + 256 * green)

    editor.result_changed.connect(on_result)
    notices.posted.connect(lambda notice: studio.said.append(notice.text))
    yield studio
    live.shutdown()
    assert live.findChildren(QThread)
    assert not any(thread.isRunning() for thread in live.findChildren(QThread))


def _until(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=20_000)


def test_a_stroke_is_coloured(studio: Studio, qtbot: QtBot) -> None:
    studio.live.set_enabled(True)
    with qtbot.waitSignal(studio.live.pass_finished) as finished:
        studio.draw()
    assert finished.args == ["FAKE", 5.0]
    _until(qtbot, lambda: studio.is_up_to_date)
    request = studio.engine.asked[-1]
    assert (request.model_id, request.window) == ("fake", Rect.of_size(SIZE))
    assert [layer.name for layer in request.lines] == ["Line art"]
    assert studio.engine.threads != {"MainThread"}


def test_switching_on_colours_what_is_there(studio: Studio, qtbot: QtBot) -> None:
    studio.draw()
    studio.live.set_enabled(True)
    _until(qtbot, lambda: studio.is_up_to_date)


def test_what_was_asked_stays_as_it_was_while_painting_goes_on(studio: Studio, qtbot: QtBot) -> None:
    gate = Gate()
    studio.engine.script = gate
    studio.draw()
    lines = studio.editor.document.line_art.tiles.read(Rect.of_size(SIZE))
    studio.live.set_enabled(True)
    _until(qtbot, lambda: bool(studio.engine.asked))
    gate.wait_until_entered()
    studio.editor.clear()
    assert np.array_equal(studio.engine.asked[0].lines[0].tiles.read(Rect.of_size(SIZE)), lines)
    gate.let_go(5)


def test_what_is_held_stays_until_the_drawing_changes(studio: Studio, qtbot: QtBot) -> None:
    gate = Gate()
    studio.engine.script = gate
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: bool(studio.engine.asked))
    gate.wait_until_entered()
    studio.live.hold("An earlier result shows.")
    assert studio.live.reason == "An earlier result shows."
    gate.let_go()
    _until(qtbot, lambda: not studio.live.busy)
    qtbot.wait(50)
    assert not studio.shown  # what was on its way came too late
    assert studio.live.is_held
    studio.draw()
    gate.let_go(5)
    _until(qtbot, lambda: studio.is_up_to_date)
    assert (studio.live.is_held, studio.live.reason) == (False, "")


@pytest.mark.parametrize("is_on", [True, False])
def test_colouring_once_ends_the_hold(studio: Studio, qtbot: QtBot, is_on: bool) -> None:
    studio.draw()
    studio.live.set_enabled(is_on)
    studio.live.hold("An earlier result shows.")
    studio.live.run_once()
    _until(qtbot, lambda: studio.is_up_to_date)
    assert (studio.live.is_held, studio.live.reason) == (False, "")


def test_it_goes_on_with_the_same_drawing_when_told_to(studio: Studio, qtbot: QtBot) -> None:
    studio.draw()
    studio.live.set_enabled(True)
    _until(qtbot, lambda: studio.is_up_to_date)
    studio.live.hold("An earlier result shows.")
    studio.editor.clear_result()
    studio.live.go_on()
    _until(qtbot, lambda: studio.is_up_to_date)


def test_only_the_newest_request_waits(studio: Studio, qtbot: QtBot) -> None:
    gate = Gate()
    studio.engine.script = gate
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: bool(studio.engine.asked))
    gate.wait_until_entered()
    for step in range(10):
        studio.draw(50 + step)
        qtbot.wait(20)  # long enough for a request each
    gate.let_go(20)
    _until(qtbot, lambda: studio.is_up_to_date)
    assert len(studio.engine.asked) == 2
    assert studio.shown == sorted(studio.shown)


def test_many_events_in_one_turn_are_merged(studio: Studio, qtbot: QtBot) -> None:
    studio.live.set_enabled(True)
    for step in range(20):
        studio.draw(50 + step)
    _until(qtbot, lambda: studio.is_up_to_date)
    assert len(studio.engine.asked) < 10  # the first stroke at once, others by what comes within some milliseconds


def test_the_same_drawing_is_not_coloured_twice(studio: Studio, qtbot: QtBot) -> None:
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    studio.editor.begin_stroke(PenSample(100, 100))
    studio.editor.cancel_stroke()
    qtbot.wait(60)
    assert len(studio.engine.asked) == 1


def test_off_means_idle_and_the_pass_in_flight_is_not_shown(studio: Studio, qtbot: QtBot) -> None:
    gate = Gate()
    studio.engine.script = gate
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: bool(studio.engine.asked))
    gate.wait_until_entered()
    studio.draw(100)
    qtbot.wait(40)
    studio.live.set_enabled(False)
    gate.let_go(5)
    _until(qtbot, lambda: not studio.live.busy)
    studio.draw(20)
    qtbot.wait(60)
    assert len(studio.engine.asked) == 1
    assert studio.shown == []


def test_answers_of_another_model_are_dropped(studio: Studio, qtbot: QtBot) -> None:
    gate = Gate()
    studio.engine.script = gate
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: bool(studio.engine.asked))
    gate.wait_until_entered()
    with qtbot.waitSignal(studio.live.model_changed) as told:
        studio.live.set_model("other")
    assert told.args == ["other"]
    gate.let_go(5)
    _until(qtbot, lambda: studio.is_up_to_date)
    assert [request.model_id for request in studio.engine.asked] == ["fake", "other"]
    assert len(studio.shown) == 1


def test_answers_for_a_closed_document_are_dropped(studio: Studio, qtbot: QtBot) -> None:
    gate = Gate()
    studio.engine.script = gate
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: bool(studio.engine.asked))
    gate.wait_until_entered()
    studio.editor.new(SIZE)
    gate.let_go(5)
    _until(qtbot, lambda: not studio.live.busy)
    qtbot.wait(40)
    assert studio.shown == []
    assert len(studio.editor.document.ai_colour.tiles) == 0


def test_a_new_document_starts_with_low_revisions_and_is_coloured(studio: Studio, qtbot: QtBot) -> None:
    studio.live.set_enabled(True)
    for step in range(3):
        studio.draw(50 + step)
        _until(qtbot, lambda: studio.is_up_to_date)
    studio.editor.open_pixels(np.zeros((60, 60), np.uint8), "other")
    _until(qtbot, lambda: studio.is_up_to_date and studio.editor.document.revision == 0)
    assert studio.editor.document.document_id == studio.engine.asked[-1].document_id


def test_colour_once_works_while_live_is_off(studio: Studio, qtbot: QtBot) -> None:
    studio.draw()
    studio.live.run_once()
    _until(qtbot, lambda: studio.is_up_to_date)
    studio.draw(90)
    qtbot.wait(50)
    assert len(studio.engine.asked) == 1


def test_colour_once_says_why_it_cannot(studio: Studio) -> None:
    studio.live.run_once()
    assert studio.said == ["Draw some lines to colour."]


@pytest.mark.expects_warnings
def test_a_failure_is_one_notice_that_goes_with_the_next_success(studio: Studio, qtbot: QtBot) -> None:
    failures = [UserError("The model file is gone.", "Import it again."), ValueError("a bug")]

    def fail_twice(_request: InferenceRequest) -> None:
        if failures:
            raise failures.pop(0)

    studio.engine.script = fail_twice
    studio.live.set_enabled(True)
    with qtbot.waitSignal(studio.notices.withdrawn):
        studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    assert studio.said == ["The model file is gone.", "Something went wrong inside SketchSause."]
    assert studio.notices.shown == ()


def test_three_failures_in_a_row_pause_live_and_say_so(studio: Studio, qtbot: QtBot) -> None:
    def fail(_request: InferenceRequest) -> None:
        raise UserError("The model file is gone.", "Import it again.")

    studio.engine.script = fail
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: studio.live.reason != "")
    assert studio.live.reason == "Live colour is paused after three failures."
    (notice,) = studio.notices.shown
    assert notice.level is Level.ERROR
    assert notice.text == "Live colour is paused after three failures. The model file is gone."
    studio.draw(90)
    qtbot.wait(50)
    assert len(studio.engine.asked) == 3
    assert studio.live.enabled
    assert not studio.live.busy
    studio.engine.script = lambda request: None
    studio.live.set_enabled(False)
    assert studio.live.reason == ""
    studio.live.set_enabled(True)
    _until(qtbot, lambda: studio.is_up_to_date)
    assert studio.notices.shown == ()


def test_live_says_what_it_waits_for(studio: Studio, qtbot: QtBot) -> None:
    reasons: list[str] = []
    studio.live.reason_changed.connect(reasons.append)
    studio.live.set_enabled(True)
    _until(qtbot, lambda: studio.live.reason == "Draw some lines to colour.")
    studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    assert studio.live.reason == ""
    studio.live.set_model("")
    _until(qtbot, lambda: studio.live.reason == "Choose a model to colour with.")
    assert studio.shown != []
    assert len(studio.editor.document.ai_colour.tiles) > 0


def test_colours_of_lines_that_are_gone_go_too(studio: Studio, qtbot: QtBot) -> None:
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    studio.editor.clear()
    _until(qtbot, lambda: len(studio.editor.document.ai_colour.tiles) == 0)
    studio.editor.undo()
    _until(qtbot, lambda: studio.is_up_to_date)


def test_colours_of_lines_that_are_only_hidden_stay(studio: Studio, qtbot: QtBot) -> None:
    studio.draw()
    studio.live.set_enabled(True)
    _until(qtbot, lambda: studio.is_up_to_date)
    lines = studio.editor.document.line_art.layer_id
    before = studio.editor.document.ai_colour.tiles.snapshot()
    LayerCommands(studio.editor).set_visible(lines, False)
    _until(qtbot, lambda: "is hidden" in studio.live.reason)
    assert studio.editor.document.ai_colour.tiles.snapshot() == before
    studio.live.run_once()
    assert "is hidden" in studio.said[-1]
    LayerCommands(studio.editor).set_visible(lines, True)
    _until(qtbot, lambda: studio.is_up_to_date)
    assert studio.live.reason == ""


def test_an_answer_that_a_change_of_the_whole_canvas_made_useless_is_asked_for_again(
    studio: Studio, qtbot: QtBot
) -> None:
    studio.draw()
    studio.live.set_enabled(True)
    _until(qtbot, lambda: studio.is_up_to_date)
    gate = Gate()
    studio.engine.script = gate
    asked = len(studio.engine.asked)
    studio.draw(90, 90)
    _until(qtbot, lambda: len(studio.engine.asked) > asked)
    gate.wait_until_entered()
    assert studio.editor.do(apply_colours)  # on a layer that the network does not see
    gate.let_go(5)
    _until(qtbot, lambda: studio.is_up_to_date)
    qtbot.wait(50)
    assert len(studio.engine.asked) <= asked + 3  # not for ever


def test_a_slow_machine_waits_for_a_pause_in_drawing(qapp: QCoreApplication, qtbot: QtBot) -> None:
    editor, engine, now = Editor(), FakeEngine(elapsed_ms=4000), [0.0]
    live = Live(editor, engine, Notices(), schedule=LiveSchedule(lambda: now[0]))
    live.set_model("fake")
    live.set_enabled(True)
    studio = Studio(editor, engine, Notices(), live)
    now[0] += 1
    studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    now[0] += 1
    studio.draw(90)
    assert live.reason == "Waiting for a pause in your drawing."
    qtbot.wait(30)
    assert len(engine.asked) == 1
    now[0] += 1
    _until(qtbot, lambda: studio.is_up_to_date)
    assert live.reason == ""
    live.shutdown()


def test_shutting_down_twice_and_calling_afterwards_is_harmless(studio: Studio, qtbot: QtBot) -> None:
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    studio.live.shutdown()
    studio.live.shutdown()
    studio.draw(90)
    studio.live.run_once()
    qtbot.wait(30)
    assert len(studio.engine.asked) == 1


def test_shutting_down_waits_for_the_pass_in_flight(studio: Studio, qtbot: QtBot) -> None:
    ended: list[bool] = []

    def slowly(_request: InferenceRequest) -> None:
        time.sleep(0.1)
        ended.append(True)

    studio.engine.script = slowly
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: bool(studio.engine.asked))
    studio.live.shutdown()
    assert ended == [True]


def test_results_are_shown_on_the_thread_of_the_editor(studio: Studio, qtbot: QtBot) -> None:
    threads: list[bool] = []
    studio.editor.result_changed.connect(
        lambda _rect: threads.append(QThread.currentThread() == studio.editor.thread())
    )
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    assert threads == [True]


@pytest.mark.parametrize("seed", range(2))
def test_random_edits_with_delays_and_failures(studio: Studio, qtbot: QtBot, seed: int) -> None:
    """Shown revisions only rise, the last edit is always shown, and no thread is left (the fixture looks)."""
    chance = random.Random(seed)
    worker_chance = random.Random(seed + 100)
    in_a_row = 0

    def act_up(_request: InferenceRequest) -> None:
        nonlocal in_a_row
        time.sleep(worker_chance.choice([0, 0, 0.001, 0.01]))
        if in_a_row < 2 and worker_chance.random() < 0.3:
            in_a_row += 1
            raise UserError("The network had no mind to.")
        in_a_row = 0

    studio.engine.script = act_up
    studio.live.set_enabled(True)
    drawn = 0
    for _ in range(1000):
        match chance.choice(["draw", "draw", "draw", "undo", "redo", "wait", "turn", "turn"]):
            case "draw":
                studio.draw(chance.uniform(0, 180), chance.uniform(0, 140))
                drawn += 1
            case "undo":
                studio.editor.undo()
            case "redo":
                studio.editor.redo()
            case "wait":
                qtbot.wait(chance.choice([1, 2, 10]))
            case "turn":
                QCoreApplication.processEvents()
    studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    assert drawn > 50
    assert studio.shown == sorted(studio.shown)
    assert len(studio.shown) == len(set(studio.shown)) > 5
    assert studio.notices.shown == ()


def test_what_runs_the_network_is_started_again_once(studio: Studio, qtbot: QtBot) -> None:
    deaths = [SystemExit(3)]

    def die_once(_request: InferenceRequest) -> None:
        if deaths:
            raise deaths.pop()

    studio.engine.script = die_once
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    assert len(studio.engine.asked) == 2
    assert studio.said == []


def test_what_breaks_down_twice_is_said(studio: Studio, qtbot: QtBot) -> None:
    def die(_request: InferenceRequest) -> None:
        raise SystemExit(3)

    studio.engine.script = die
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: bool(studio.said))
    assert studio.said[-1].startswith("Live colour is paused: what runs the network broke down twice.")
    studio.draw(90)
    qtbot.wait(60)
    assert len(studio.engine.asked) == 2
    assert not studio.live.busy
    studio.engine.script = lambda request: None
    studio.live.set_enabled(False)
    studio.live.set_enabled(True)
    _until(qtbot, lambda: studio.is_up_to_date)


def test_what_is_near_the_stroke_comes_first_and_what_else_is_seen_at_once_afterwards(
    studio: Studio, qtbot: QtBot
) -> None:
    studio.editor.new(Size(1600, 1200))
    studio.live.set_visible(Rect(0, 0, 1600, 1200), 0.5)
    studio.engine.elapsed_ms = 100.0
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    qtbot.wait(400)
    studio.engine.asked.clear()
    studio.draw()
    _until(qtbot, lambda: len(studio.engine.asked) == 3)
    near, seen, full = studio.engine.asked
    assert [near.effort, seen.effort, full.effort] == [Effort.QUICK, Effort.WIDE, Effort.FULL]
    assert (near.window, near.coarse) == (Rect(0, 0, 256, 256), 1)
    assert (seen.window, seen.coarse) == (Rect(0, 0, 1600, 1200), 1)
    assert (full.window, full.coarse) == (Rect(0, 0, 1600, 1200), 0)
    assert near.revision == full.revision


def test_another_palette_colours_all_that_is_seen(studio: Studio, qtbot: QtBot) -> None:
    studio.editor.new(Size(1600, 1200))
    studio.engine.elapsed_ms = 100.0
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    qtbot.wait(400)
    studio.engine.asked.clear()
    studio.live.set_palette(((255, 0, 0),))
    _until(qtbot, lambda: bool(studio.engine.asked))
    assert studio.engine.asked[0].window == Rect(0, 0, 1600, 1200)


def test_of_a_large_drawing_the_rest_follows_what_is_seen(studio: Studio, qtbot: QtBot) -> None:
    studio.editor.new(Size(3000, 3000))
    studio.engine.elapsed_ms = 100.0
    studio.live.set_visible(Rect(0, 0, 1500, 1000))
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: len(studio.engine.asked) == 3)
    _until(qtbot, lambda: studio.is_up_to_date)
    assert [request.effort for request in studio.engine.asked] == [Effort.QUICK, Effort.FULL, Effort.REST]
    windows = [request.window for request in studio.engine.asked]
    assert windows == [Rect(0, 0, 1536, 1024), Rect(0, 0, 1536, 1024), Rect(0, 0, 3000, 3000)]
    assert {request.frame for request in studio.engine.asked} == {Rect(0, 0, 3000, 3000)}


def test_paint_that_the_network_does_not_see_is_no_reason_to_colour_there(studio: Studio, qtbot: QtBot) -> None:
    studio.editor.new(Size(4000, 3000))
    studio.live.set_visible(Rect(0, 0, 4000, 3000))
    studio.engine.elapsed_ms = 100.0
    studio.draw(3500, 2500)
    studio.live.set_enabled(True)
    _until(qtbot, lambda: len(studio.engine.asked) == 2 and not studio.live.busy)
    lines = studio.editor.active_layer.layer_id
    studio.editor.do(lambda document: add(document, Layer(name="Paint", role=Role.PAINT), Place(index=0)))
    studio.editor.set_active_layer(studio.editor.document.layers[0].layer_id)
    for step in range(5):
        studio.draw(200, 200 + step)
        qtbot.wait(20)
    assert not studio.live.busy
    studio.editor.set_active_layer(lines)
    studio.draw(3500, 2500)
    _until(qtbot, lambda: len(studio.engine.asked) == 3)
    assert studio.engine.asked[-1].window.x > 3000


def test_while_a_training_works_passes_wait_for_a_pause(studio: Studio, qtbot: QtBot) -> None:
    studio.live.set_background_load(True)
    studio.live.set_enabled(True)
    studio.draw()
    assert studio.live.reason == "Waiting for a pause in your drawing."
    _until(qtbot, lambda: studio.is_up_to_date)
    studio.live.set_background_load(False)
    for step in range(3):
        studio.draw(60 + step)
        _until(qtbot, lambda: studio.is_up_to_date)
    assert studio.live.reason == ""


def test_what_the_engine_remarks_is_a_notice(studio: Studio, qtbot: QtBot) -> None:
    run = studio.engine.run
    studio.engine.run = lambda request: dataclasses.replace(run(request), remark="Memory ran short.")  # type: ignore[method-assign]
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    assert studio.said == ["Memory ran short."]


def test_a_result_needs_no_copy_to_be_shown(studio: Studio, qtbot: QtBot) -> None:
    results: list[InferenceResult] = []
    run = studio.engine.run

    def kept(request: InferenceRequest) -> InferenceResult:
        results.append(run(request))
        return results[-1]

    studio.engine.run = kept  # type: ignore[method-assign]
    studio.live.set_enabled(True)
    studio.draw()
    _until(qtbot, lambda: studio.is_up_to_date)
    assert studio.editor.document.ai_colour.tiles.snapshot() == results[-1].tiles
