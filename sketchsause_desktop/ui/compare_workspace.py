"""The Compare workspace: two models and pictures at the left, the pictures in the middle, their measures below."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.blind_store import BlindStore
from sketchsause_desktop.app.compare_images import CompareImages, Shown
from sketchsause_desktop.app.compare_job import CompareJob, Side
from sketchsause_desktop.app.comparison import CompareState, Comparison
from sketchsause_desktop.app.notices import Level, Notices, why_not
from sketchsause_desktop.ui.blind_room import BlindRoom
from sketchsause_desktop.ui.compare_form import CompareForm
from sketchsause_desktop.ui.compare_modes import CompareModes
from sketchsause_desktop.ui.compare_strip import CompareStrip
from sketchsause_desktop.ui.compare_table import CompareTable
from sketchsause_desktop.ui.compare_view import CompareView, Mode, Pane
from sketchsause_desktop.ui.compare_words import state_words
from sketchsause_desktop.ui.drop_zone import DropZone
from sketchsause_desktop.ui.fields import WheelGuard, menu_button
from sketchsause_desktop.ui.images import local_files
from sketchsause_desktop.ui.notice_bar import NoticeBar
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.workspace_page import WorkspacePage

_FORM_WIDTH = 316
_HELD = {Qt.Key.Key_A: "a", Qt.Key.Key_B: "b", Qt.Key.Key_I: "input", Qt.Key.Key_T: "truth"}
_STEPS = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_Comma: -1, Qt.Key.Key_PageDown: 1, Qt.Key.Key_Period: 1}
_ZOOMS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
_BEFORE = (
    "A folder of pairs is painted and measured, line art alone is painted.\n"
    "Choose two models or two moments of a training, then press Compare."
)
_KEYS = "Hold A, B, I or T to see A, B, the input or the truth alone. V changes the way of looking, PgDn goes on."


class CompareWorkspace(WorkspacePage):
    def __init__(
        self,
        comparison: Comparison,
        store: BlindStore,
        sides: Callable[[], Sequence[Side]],
        notices: Notices,
        theme: Theme,
    ) -> None:
        """`sides` are the models that there are now."""
        super().__init__()
        self._comparison, self._sides, self._notices = comparison, sides, notices
        self._goes_on = False  # with a blind test, when its pictures are there
        guard = WheelGuard(self)
        self.setAcceptDrops(True)
        self.form = CompareForm(guard)
        self.view = CompareView(theme)
        self.modes = CompareModes(self.view, guard)
        self.strip = CompareStrip()
        self.table = CompareTable()
        self.verdict = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.images = CompareImages(self)
        self.blind = BlindRoom(comparison, store, theme)
        self.state = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(6)
        self.progress.setAccessibleName("Progress of the comparison")
        self._make_buttons()
        self._lay_out()
        self.notice_bar = NoticeBar(notices, self)
        self._connect()
        self.show_sides()
        self.form.show_found(comparison.found, is_looking=False)
        self._show_panes()
        self._show()

    def _make_buttons(self) -> None:
        self.compare = _button("Compare", "Paint the pictures with both models, and measure", self._on_compare)
        self.compare.setDefault(True)
        self.cancel = _button("Cancel", "Stop; what is painted is kept", self._comparison.cancel)
        self.test = _button("Blind test…", "Choose without knowing which is which", self.show_blind)
        menu = QMenu(self)
        self.save_table = menu.addAction("Save &measures…", self._on_save)
        self.copy_command = menu.addAction("&Copy command line", self._on_copy)
        menu.addSeparator()
        self.earlier = menu.addAction("&Earlier blind tests…", self._on_earlier)
        self.more = menu_button(menu, "More to do with this comparison")

    def _lay_out(self) -> None:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.form)
        column.addSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self.compare, self.cancel, self.test):
            row.addWidget(button, 1)
        row.addWidget(self.more)
        column.addLayout(row)
        column.addWidget(self.progress)
        column.addWidget(self.state)
        column.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(side)
        scroll.setFixedWidth(_FORM_WIDTH)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QWidget()
        across = QHBoxLayout(whole)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(scroll)
        self.drop_zone = DropZone("Drop pictures or a folder of pairs here", _BEFORE)
        self._middle = QStackedWidget()
        self._middle.addWidget(self.drop_zone)
        self._middle.addWidget(self._lay_out_pictures())
        across.addWidget(self._middle, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(whole)
        self._pages.addWidget(self.blind)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)

    def _lay_out_pictures(self) -> QWidget:
        looked_at = QWidget()
        row = QHBoxLayout(looked_at)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.view, 1)
        row.addWidget(self.strip)
        self.figures = QWidget()
        below = QVBoxLayout(self.figures)
        below.setContentsMargins(0, 4, 0, 0)
        below.setSpacing(6)
        below.addWidget(self.verdict)
        below.addWidget(self.table, 1)
        middle = QSplitter(Qt.Orientation.Vertical)
        middle.setChildrenCollapsible(False)
        middle.setHandleWidth(7)
        middle.addWidget(looked_at)
        middle.addWidget(self.figures)
        middle.setStretchFactor(0, 1)
        middle.setSizes([480, 168])
        self.keys = QLabel(_KEYS, wordWrap=True)
        self.keys.setObjectName("dim")
        pictures = QWidget()
        column = QVBoxLayout(pictures)
        column.setContentsMargins(8, 10, 14, 10)
        column.setSpacing(8)
        column.addWidget(self.modes)
        column.addWidget(middle, 1)
        column.addWidget(self.keys)
        return pictures

    def _connect(self) -> None:
        comparison = self._comparison
        self.form.inputs_changed.connect(self._on_inputs)
        self.form.changed.connect(self._show)
        self.modes.changed.connect(self._on_mode)
        self.strip.chosen.connect(self._show_picture)
        self.images.loaded.connect(self._on_loaded)
        self.blind.closed.connect(self.leave_blind)
        self.blind.job_asked.connect(self._on_job_asked)
        comparison.looked.connect(self._on_looked)
        comparison.state_changed.connect(self._on_state)
        comparison.reset.connect(self._on_reset)
        comparison.added.connect(self._on_added)
        comparison.progressed.connect(self._on_progress)

    # What there is

    def show_sides(self) -> None:
        """The models and kept states, looked for anew."""
        self.form.show_sides(self._sides())

    def show_job(self, job: CompareJob) -> None:
        if not self._comparison.is_active:
            self.form.show_job(job)

    def close_down(self) -> None:
        self.images.close_down()
        self.strip.close_down()
        self.blind.close_down()

    def _on_inputs(self) -> None:
        self._comparison.look(self.form.inputs.paths)
        self.form.show_found(self._comparison.found, is_looking=self._comparison.is_looking)
        self._show()

    def _on_looked(self) -> None:
        self.form.show_found(self._comparison.found, is_looking=False)
        self._show()

    # The comparison

    def _on_compare(self) -> None:
        job = self.form.job(self._comparison.found)
        if job is None:
            return
        fault = why_not(lambda: self._comparison.start(job))
        if fault:
            self.state.setText(fault)
            self.state.setVisible(True)

    def _on_job_asked(self, job: CompareJob) -> None:
        """A blind test is gone on with: its pictures are painted again, or taken from where they are kept."""
        self.leave_blind()
        if self._comparison.is_active:
            return
        self.form.show_job(job)
        fault = why_not(lambda: self._comparison.start(job))
        self._goes_on = not fault
        self._tell(fault)

    def _tell(self, fault: str) -> None:
        if fault:
            self._notices.post("compare", fault, level=Level.ERROR)

    def _on_reset(self) -> None:
        self.strip.clear()
        self.images.forget()
        self.view.show_words("")
        self._show_measures()
        self.progress.setRange(0, 0)
        job = self._comparison.job
        self.modes.show_truth(job is not None and job.has_truth)
        self._show_panes()

    def _on_added(self, place: int) -> None:
        self.strip.add(self._comparison.pictures[place])
        if place == 0:
            self.strip.setCurrentRow(0)
            if QApplication.focusWidget() in (self, self.compare, self.cancel):
                self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_measures()
        self._show()

    def _on_progress(self, done: int, total: int) -> None:
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(done)

    def _on_state(self) -> None:
        self._show()
        if self._goes_on and not self._comparison.is_active:
            self._goes_on = False
            if self._comparison.state is CompareState.DONE:
                self.show_blind()

    def _show(self) -> None:
        comparison = self._comparison
        is_active = comparison.is_active
        self.compare.setVisible(not is_active)
        self.compare.setEnabled(bool(comparison.found.count) and not comparison.is_looking)
        self.cancel.setVisible(is_active)
        self.test.setEnabled(not is_active and bool(comparison.pictures))
        self.save_table.setEnabled(comparison.measures.count > 0)
        self.copy_command.setEnabled(comparison.job is not None)
        self.progress.setVisible(is_active)
        words = state_words(comparison)
        if self._is_other_job() and not is_active:
            words = f"{words} These are of another choice; Compare shows the present one.".strip()
        self.state.setText(words)
        self.state.setVisible(bool(words))
        self._middle.setCurrentIndex(0 if comparison.job is None else 1)
        if not comparison.pictures:
            self.view.show_words(comparison.fault)

    def _is_other_job(self) -> bool:
        """Whether what is shown was asked for with other settings than those of the form."""
        comparison = self._comparison
        if not comparison.pictures or comparison.job is None or comparison.is_looking:
            return False
        job = self.form.job(comparison.found)
        return job is not None and job.as_json() != comparison.job.as_json()

    # The picture

    def _show_picture(self, place: int) -> None:
        pictures = self._comparison.pictures
        if not 0 <= place < len(pictures):
            return
        self.images.load(pictures[place], self.modes.difference)
        if place + 1 < len(pictures):
            self.images.prepare(pictures[place + 1])
        self._show_measures()

    def _on_loaded(self, shown: Shown) -> None:
        if shown.fault:
            self.view.show_words(shown.fault)
        else:
            self.view.show_images(shown.images)

    def _show_measures(self) -> None:
        measures = self._comparison.measures
        self.table.show_measures(measures, self.strip.currentRow())
        self.verdict.setText(measures.words())
        job = self._comparison.job
        self.figures.setVisible(job is not None and job.has_truth)

    def _on_mode(self) -> None:
        self._show_panes()
        self._show_picture(self.strip.currentRow())

    def _show_panes(self) -> None:
        job = self._comparison.job
        a, b = (f"A   {job.a.title}", f"B   {job.b.title}") if job is not None else ("A", "B")
        panes = [Pane("a", a), Pane("b", b)]
        if self.modes.mode is Mode.DIFFERENCE:
            panes = [Pane("difference", self.modes.pair_words)]
        self.view.set_panes(panes, wiped=self.modes.mode is Mode.SLIDER)

    def _held_pane(self, role: str) -> Pane | None:
        job = self._comparison.job
        if job is None or (role == "truth" and not job.has_truth):
            return None
        words = {"a": f"A   {job.a.title}", "b": f"B   {job.b.title}", "input": "Input", "truth": "Truth"}
        return Pane(role, words[role])

    # The blind test

    def show_blind(self) -> None:
        self.blind.open()
        self._pages.setCurrentWidget(self.blind)

    def _on_earlier(self) -> None:
        self.blind.show_start()
        self._pages.setCurrentWidget(self.blind)

    def leave_blind(self) -> None:
        self._pages.setCurrentIndex(0)
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def shows_blind(self) -> bool:
        return self._pages.currentWidget() is self.blind

    # What is done

    def _on_save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the measures", "measures.csv", "Table (*.csv)")
        if name:
            self._tell(why_not(lambda: self._comparison.write_table(Path(name))))

    def _on_copy(self) -> None:
        if self._comparison.job is not None:
            QGuiApplication.clipboard().setText(self._comparison.job.command_line(self._comparison.folder))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self.shows_blind or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key in _HELD:
            if not event.isAutoRepeat():
                self.view.hold(self._held_pane(_HELD[key]))
        elif key in _STEPS:
            self.strip.step(_STEPS[key])
        elif key in _ZOOMS:
            self.view.step_zoom(_ZOOMS[key])
        elif key == Qt.Key.Key_1:
            self.view.set_zoom(1.0)
        elif key == Qt.Key.Key_2:
            self.view.fit()
        elif key == Qt.Key.Key_V:
            self.modes.next_mode()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if Qt.Key(event.key()) in _HELD and not event.isAutoRepeat():
            self.view.hold(None)
        super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard goes to what is looked at."""
        super().focusInEvent(event)
        if self.shows_blind:
            self.blind.take_focus()
        elif self._comparison.pictures:
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        self.view.hold(None)
        super().hideEvent(event)

    # Drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Taken here in any case: while this is in front, no drop opens a drawing behind it."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.drop_zone.set_lit(bool(local_files(event.mimeData())))

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self.drop_zone.set_lit(False)

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.drop_zone.set_lit(False)
        if not self.shows_blind:
            self.form.inputs.add(local_files(event.mimeData()))


def _button(text: str, tip: str, run: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked=False: run())
    return button
