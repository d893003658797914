"""Live colour: while it is on, the drawing is coloured under the pen by a worker that never holds up painting."""

import dataclasses
import math
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from models.errors import UserError
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.live_worker import Answer, LiveWorker
from sketchsause_desktop.app.notices import Level, Notices, describe
from sketchsause_desktop.app.threads import require_own_thread
from sketchsause_desktop.core.changed_places import ChangedPlaces
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.core.live_schedule import LiveSchedule
from sketchsause_desktop.core.requests import Effort, InferenceEngine, InferenceRequest, InferenceResult, Rgb
from sketchsause_desktop.inference.planner import Plan, Scene, follow_up, plan

FAILURES_UNTIL_PAUSE = 3
_SHOWING_MS = 10  # a quick pass is put on the screen before the next pass takes the processor from it
_NOTICE = "live"
_MEMORY_NOTICE = "live-memory"
_NO_MODEL = "Choose a model to colour with."
_NOTHING_SEEN = {  # by what the model looks at
    Role.LINE_ART: "Draw some lines to colour.",
    Role.SOURCE: "This model needs a Source layer: choose Layer ▸ Role ▸ Source of a map.",
}
_HIDDEN = {
    Role.LINE_ART: "The line art is hidden: show its layer, and colouring goes on.",
    Role.SOURCE: "The Source layer is hidden: show it, and colouring goes on.",
}
_RESTING = "Waiting for a pause in your drawing."
_PAUSED = "Live colour is paused after three failures."
_DIED_TWICE = "Live colour is paused: what runs the network broke down twice."
_HOW_TO_GO_ON = "Switch it off and on to try again."


class Live(QObject):
    """Sends the newest state of the drawing to the worker and shows what comes back. Lives on the GUI thread.

    The worker starts with the first request. Whoever made this object calls `shutdown` before it goes.
    """

    enabled_changed = Signal(bool)
    busy_changed = Signal(bool)  # a pass is running or waiting
    reason_changed = Signal(str)  # why live is on but waits, as a sentence; "" when it does not wait
    pass_finished = Signal(str, float)  # device for the user, milliseconds of the pass
    quick_pass_finished = Signal(str, float)  # the same, of passes that follow the pen only
    model_changed = Signal(str)  # model id

    def __init__(
        self,
        editor: Editor,
        engine: InferenceEngine,
        notices: Notices,
        parent: QObject | None = None,
        schedule: LiveSchedule | None = None,
        looks_at: Callable[[str], Role] = lambda _model_id: Role.LINE_ART,
    ) -> None:
        """`looks_at` gives the role of the layers that a model sees, by its id."""
        super().__init__(parent)
        self._looks_at = looks_at
        self._editor = editor
        self._notices = notices
        self._schedule = schedule if schedule is not None else LiveSchedule()
        self._enabled = False
        self._model_id = ""
        self._palette: tuple[Rgb, ...] = ()
        self._pull = 1.0
        self._reason = ""
        self._is_held = False  # what is shown stays until the drawing changes
        self._failures = 0  # in a row
        self._unanswered = 0
        self._forced: InferenceRequest | None = None  # what `run_once` asked for
        self._sent: InferenceRequest | None = None  # the newest, unless it came to nothing
        self._shown_revision = -1
        self._changes = ChangedPlaces()  # whose colours are not shown yet
        self._visible, self._zoom = EMPTY_RECT, 1.0
        self._own_size = 0
        self._next: Effort | None = None  # what is to follow when the drawing rests
        self._has_died = False
        self._is_shut_down = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_due)
        self._worker = LiveWorker(engine, self)
        self._worker.answered.connect(self._on_answered, Qt.ConnectionType.QueuedConnection)
        self._worker.died.connect(self._on_died, Qt.ConnectionType.QueuedConnection)
        editor.region_changed.connect(self._on_region_changed)
        editor.history_changed.connect(self._on_step)
        editor.document_replaced.connect(self._on_document_replaced)

    @property
    def enabled(self) -> bool:
        return self._enabled

    def set_enabled(self, enabled: bool) -> None:
        """Off means idle within one forward pass; a pass that is still running is not shown.

        On ends a pause after failures as well, so it does something while live is already on.
        """
        require_own_thread(self)
        changed, self._enabled = enabled != self._enabled, enabled
        self._failures = 0
        self._has_died = False
        self._withdraw()
        if enabled:
            self._colour_anew()
        else:
            self._set_reason("")
        if changed:
            self.enabled_changed.emit(enabled)

    @property
    def busy(self) -> bool:
        return self._unanswered > 0

    @property
    def is_late(self) -> bool:
        """Whether the colours of what was drawn are still to come; not when live is off or paused."""
        return self._enabled and (self.busy or self._timer.isActive())

    @property
    def reason(self) -> str:
        return self._reason

    @property
    def model_id(self) -> str:
        """ "" while no model is chosen."""
        return self._model_id

    def set_model(self, model_id: str) -> None:
        """Use another model of the catalogue and colour anew; answers of the old one are dropped."""
        require_own_thread(self)
        if model_id == self._model_id:
            return
        self._model_id = model_id
        self._failures = self._own_size = 0
        self._schedule.forget_passes()
        self._withdraw()
        self._colour_anew()
        self.model_changed.emit(model_id)

    @property
    def palette(self) -> tuple[Rgb, ...]:
        return self._palette

    def set_palette(self, palette: tuple[Rgb, ...]) -> None:
        """The colours that the picture should be in, at most eight of which count; () leaves them to the network."""
        require_own_thread(self)
        if palette != self._palette:
            self._palette = palette
            self._colour_anew()

    @property
    def pull(self) -> float:
        return self._pull

    def set_pull(self, pull: float) -> None:
        """How far the result is pulled to the hints, 0..1."""
        require_own_thread(self)
        if pull != self._pull:
            self._pull = pull
            self._colour_anew()

    def set_visible(self, visible: Rect, zoom: float = 1.0) -> None:
        """What the window shows of the drawing, in document pixels, and pixels of the screen for one of those.

        Passes colour that first, and no finer than the screen shows it.
        """
        self._visible, self._zoom = visible, zoom

    def set_background_load(self, has_load: bool) -> None:
        """Whether a training, say, works beside: then passes wait for a pause, and their thread steps further back."""
        require_own_thread(self)
        self._schedule.set_company(has_load)
        self._worker.set_company(has_load)

    def run_once(self) -> None:
        """Colour the drawing as it is now, also while live is off."""
        require_own_thread(self)
        request = self._request(Effort.REST)
        if request is None:
            self._notices.post(_NOTICE, self._nothing_seen())
            return
        self._failures = 0
        self._end_hold()
        self._forced = request
        self._send(request)

    @property
    def is_held(self) -> bool:
        """Whether live is on but leaves what is shown, as `hold` asked for."""
        return self._enabled and self._is_held

    def hold(self, reason: str) -> None:
        """Leave what is shown until the drawing changes, or `go_on`; passes on their way are not shown."""
        require_own_thread(self)
        self._withdraw()
        self._is_held = True
        if self._enabled:
            self._set_reason(reason)

    def go_on(self) -> None:
        """Colour the drawing as it is now after `hold`, if live is on."""
        require_own_thread(self)
        self._colour_anew()

    def _end_hold(self) -> None:
        if self._is_held:
            self._is_held = False
            self._set_reason("")

    def shutdown(self) -> None:
        """Stop and join the worker; waits for the pass in flight. Safe to call twice."""
        self._is_shut_down = True
        self._timer.stop()
        self._worker.finish()

    # What happens to the drawing

    @Slot(object)
    def _on_region_changed(self, rect: Rect) -> None:
        self._end_hold()
        self._note_change(rect)
        self._schedule.note_change()
        self._plan()

    @Slot()
    def _on_step(self) -> None:
        """A stroke has ended, say: its colours need not wait until the window has painted it."""
        if self._timer.isActive() and self._schedule.delay_s() == 0:
            self._timer.stop()
            self._on_due()

    @Slot()
    def _on_document_replaced(self) -> None:
        self._shown_revision = -1
        self._changes.clear()
        self._withdraw()
        self._colour_anew()

    def _colour_anew(self) -> None:
        self._end_hold()
        self._sent = None
        self._note_change(self._editor.document.rect)
        self._schedule.note_change()
        self._plan()

    def _note_change(self, rect: Rect) -> None:
        if self._enabled:  # switching it on colours everything
            self._changes.note(self._editor.document.revision, rect)

    # When to send what

    def _plan(self) -> None:
        """Set the timer to when the next request is due, and the reason why it is not now."""
        if not self._enabled or self._is_shut_down:
            return
        if self._failures >= FAILURES_UNTIL_PAUSE:
            self._set_reason(_PAUSED)
            return
        delay_s = self._schedule.delay_s()
        if delay_s is None:
            if self._next is not None and not self.busy:
                self._timer.start(_SHOWING_MS if self._next is Effort.WIDE else self._rest_ms())
            return
        self._set_reason(_RESTING if delay_s > 0 and self._schedule.is_slow else "")
        self._timer.start(math.ceil(delay_s * 1000))

    @Slot()
    def _on_due(self) -> None:
        delay_s = self._schedule.delay_s()
        if delay_s is None and self._next is not None and not self.busy:
            if self._next is Effort.WIDE or not self._rest_ms():
                self._follow_up(self._next)
            else:
                self._plan()
            return
        if delay_s != 0:
            self._plan()  # the clock of the schedule and that of the timer are not the same
            return
        self._schedule.note_request()
        request = self._request(Effort.QUICK)
        if request is None:
            self._do_without()
            return
        self._set_reason("")
        if self._sent is not None and _ask_the_same(request, self._sent):
            self._changes.forget_after(self._sent.revision)
        else:
            self._send(request)

    def _rest_ms(self) -> int:
        """How long to wait until the drawing rests."""
        return math.ceil(self._schedule.rest_delay_s() * 1000)

    def _follow_up(self, effort: Effort) -> None:
        """The drawing rests: more of it, or better."""
        self._next = None
        request = self._request(effort)
        if request is not None:
            self._send(request)

    def _do_without(self) -> None:
        """Nothing can be sent: say why, and take away the colours of lines that are gone, not only hidden."""
        self._withdraw()
        if self._model_id and not self._hides_all:
            self._shown_revision = self._editor.document.revision
            self._editor.clear_result()
        self._set_reason(self._nothing_seen())

    @property
    def _hides_all(self) -> bool:
        """Whether there is something to colour, but hidden."""
        layers = self._editor.document.with_role(self._looks_at(self._model_id))
        return any(len(layer.tiles) for layer in layers)

    def _nothing_seen(self) -> str:
        if self._model_id and self._hides_all:
            return _HIDDEN[self._looks_at(self._model_id)]
        return _NOTHING_SEEN[self._looks_at(self._model_id)] if self._model_id else _NO_MODEL

    def _scene(self) -> Scene:
        return Scene(
            canvas=self._editor.document.rect,
            visible=self._visible,
            changed=self._changes.box,
            own_size=self._own_size,
            zoom=self._zoom,
            pass_ms=self._schedule.pass_ms,
        )

    def _request(self, effort: Effort) -> InferenceRequest | None:
        """The drawing as it is now; None when there is nothing to colour or nothing to colour with."""
        document = self._editor.document
        if not self._model_id:
            return None
        lines = document.seen(self._looks_at(self._model_id))
        if not lines:
            return None
        planned = plan(effort, self._scene())
        result_layer = document.topmost(Role.AI_COLOUR)
        return InferenceRequest(
            document_id=document.document_id,
            revision=document.revision,
            window=planned.window,
            frame=document.rect,
            effort=effort,
            coarse=planned.coarse,
            shown=result_layer.tiles.snapshot() if result_layer is not None else None,
            working_size=planned.working_size,
            lines=lines,
            hints=document.seen(Role.HINTS),
            palette=self._palette,
            pull=self._pull,
            model_id=self._model_id,
        )

    def _send(self, request: InferenceRequest) -> None:
        if self._is_shut_down:
            return
        self._sent, self._next = request, None
        if self._worker.post(request) is None:
            self._count_unanswered(+1)

    def _withdraw(self) -> None:
        """Forget what waits; what is being answered will be dropped, for nobody asks for it any more."""
        self._timer.stop()
        self._forced = self._sent = self._next = None
        if self._worker.withdraw() is not None:
            self._count_unanswered(-1)

    def _count_unanswered(self, change: int) -> None:
        was_busy = self.busy
        self._unanswered += change
        if self.busy != was_busy:
            self.busy_changed.emit(self.busy)

    def _set_reason(self, reason: str) -> None:
        if reason != self._reason:
            self._reason = reason
            self.reason_changed.emit(reason)

    # What comes back

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        require_own_thread(self)
        if self._is_shut_down:
            return
        self._count_unanswered(-1)
        is_forced = answer.request is self._forced
        if is_forced:
            self._forced = None
        if answer.request.model_id != self._model_id or self._is_held or not (self._enabled or is_forced):
            return
        if answer.result is not None:
            self._show(answer.request, answer.result)
        elif answer.error is not None:
            self._fail(answer.request, answer.error)
        self._plan()

    @Slot(object)
    def _on_died(self, answer: Answer) -> None:
        """The thread is gone: once, another takes its place; then the user is told."""
        assert answer.error is not None
        self._worker.wait()
        if self._is_shut_down:
            return
        self._count_unanswered(-1)
        self._withdraw()
        if self._has_died:
            self._failures = FAILURES_UNTIL_PAUSE
            self._notices.post(_NOTICE, f"{_DIED_TWICE} {describe(answer.error)[0]}", _HOW_TO_GO_ON, Level.ERROR)
            self._plan()
            return
        self._has_died = True
        self._colour_anew()

    def _show(self, request: InferenceRequest, result: InferenceResult) -> None:
        self._failures = 0
        self._notices.withdraw(_NOTICE)
        if result.remark:
            self._notices.post(_MEMORY_NOTICE, result.remark, level=Level.WARNING)
        self._own_size = result.working_size
        if request.effort is Effort.QUICK:
            self._schedule.note_pass(result.elapsed_ms)
            self.quick_pass_finished.emit(result.device, result.elapsed_ms)
        self.pass_finished.emit(result.device, result.elapsed_ms)
        if result.document_id != self._editor.document.document_id or result.revision < self._shown_revision:
            return
        self._shown_revision = result.revision
        done = Plan(window=request.window, working_size=request.working_size, coarse=request.coarse)
        self._next = follow_up(request.effort, done, self._scene())
        self._changes.forget_until(result.revision)
        if not self._editor.show_result(result) and self._editor.document.topmost(Role.AI_COLOUR) is not None:
            self._sent = None  # the canvas may lie otherwise by now: ask again, however little else changed
            self._schedule.note_change()

    def _fail(self, request: InferenceRequest, error: Exception) -> None:
        """Try again unless a newer request does so anyway, but not for ever."""
        self._failures += 1
        self._notices.report(_NOTICE, error)
        if not self._enabled:
            return
        if self._failures >= FAILURES_UNTIL_PAUSE:
            self._withdraw()
            advice = error.hint if isinstance(error, UserError) else ""
            self._notices.post(_NOTICE, f"{_PAUSED} {describe(error)[0]}", advice or _HOW_TO_GO_ON, Level.ERROR)
        elif request is self._sent:
            self._sent = None
            self._schedule.note_change()


def _ask_the_same(request: InferenceRequest, earlier: InferenceRequest) -> bool:
    """Whether both see the same; the revision may have gone on without a change to what the network sees."""
    return _seen_by_the_network(request) == _seen_by_the_network(earlier)


def _seen_by_the_network(request: InferenceRequest) -> InferenceRequest:
    return dataclasses.replace(
        request, revision=0, window=EMPTY_RECT, effort=Effort.QUICK, coarse=0, shown=None, working_size=None
    )
