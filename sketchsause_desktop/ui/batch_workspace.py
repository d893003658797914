"""The Batch workspace: settings at the left, the queue in the middle, the chosen picture before and after."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.batch_queue import RowState
from sketchsause_desktop.app.batch_run import BatchRun, BatchState
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.batch.command import command_line
from sketchsause_desktop.batch.job import BatchJob
from sketchsause_desktop.ui.batch_form import BatchForm
from sketchsause_desktop.ui.batch_pair import BatchPair
from sketchsause_desktop.ui.batch_table import BatchTable
from sketchsause_desktop.ui.batch_words import state_words
from sketchsause_desktop.ui.drop_zone import DropZone
from sketchsause_desktop.ui.fields import WheelGuard, icon_button, menu_button
from sketchsause_desktop.ui.images import local_files
from sketchsause_desktop.ui.notice_bar import NoticeBar
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.workspace_page import WorkspacePage

_FORM_WIDTH = 316
_SETTLE_MS = 250  # after the last change of a setting
_BEFORE = (
    "Every picture is converted as it would be on the canvas, and you paint on meanwhile.\n"
    "Nothing is written before you press Convert."
)

_STEPS = 1000  # of the progress bar


class BatchWorkspace(WorkspacePage):
    def __init__(self, run: BatchRun, models: Sequence[ModelChoice], notices: Notices, theme: Theme) -> None:
        super().__init__()
        self._run, self._notices = run, notices
        self._starts_itself = False
        self.setAcceptDrops(True)
        self.form = BatchForm(models, WheelGuard(self))
        self.table = BatchTable(run, theme)
        self.pair = BatchPair(theme)
        self.state = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(6)
        self.progress.setAccessibleName("Progress of the batch")
        self.command = QLineEdit(readOnly=True)
        self.command.setAccessibleName("The same on the command line")
        self.command.setToolTip("The same on the command line")
        self._make_buttons()
        self._lay_out()
        self.notice_bar = NoticeBar(notices, self)
        self._settled = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settled.timeout.connect(self._draft)
        self.form.changed.connect(self._settled.start)
        self.table.chosen.connect(self._show_pair)
        run.state_changed.connect(self._show)
        run.progressed.connect(self._show_progress)
        self._show()

    def _make_buttons(self) -> None:
        run = self._run
        self.convert = _button("Convert", "Begin, or go on with what is left", self._on_convert)
        self.convert.setDefault(True)  # filled, as what one came for
        self.pause = _button("Pause", "Finish what is begun, and wait", run.pause)
        self.resume = _button("Resume", "Go on", run.resume)
        self.cancel = _button("Cancel", "Finish what is begun, and end", self._on_cancel)
        self.retry = _button("Retry failed", "Try the pictures that failed once more", run.retry_failed)
        self.failed_only = _button("Only failed", "Show only the pictures that failed", lambda: None)
        self.failed_only.setCheckable(True)
        self.failed_only.toggled.connect(self.table.show_failed_only)
        self.open_folder = _button("Open folder", "Show the results", self._on_open_folder)
        menu = QMenu(self)
        self.save_report = menu.addAction("Save &report…", self._on_report)
        menu.addSeparator()
        self.clear = menu.addAction("&New batch", self._on_clear)
        self.more = menu_button(menu, "More to do with this batch")
        self.copy = icon_button("copy", "Copy the command line", self._on_copy)

    def _lay_out(self) -> None:
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(self.form)
        scroll.setFixedWidth(_FORM_WIDTH)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.drop_zone = DropZone("Drop pictures or folders here", _BEFORE)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.drop_zone)
        self._pages.addWidget(self._lay_out_queue())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(scroll)
        row.addWidget(self._pages, 1)

    def _lay_out_queue(self) -> QWidget:
        middle = QSplitter(Qt.Orientation.Horizontal)
        middle.setChildrenCollapsible(False)
        middle.setHandleWidth(7)
        middle.addWidget(self.table)
        middle.addWidget(self.pair)
        middle.setStretchFactor(0, 1)
        middle.setSizes([700, 250])
        label = QLabel("Command line")
        label.setObjectName("dim")
        queue = QWidget()
        column = QVBoxLayout(queue)
        column.setContentsMargins(8, 12, 14, 12)
        column.setSpacing(8)
        column.addWidget(self.state)
        column.addWidget(self.progress)
        first = (self.convert, self.pause, self.resume, self.cancel, self.retry)
        column.addLayout(_row(*first, None, self.failed_only, self.open_folder, self.more))
        column.addWidget(middle, 1)
        column.addLayout(_row(label, self.command, self.copy))
        return queue

    def show_job(self, job: BatchJob) -> None:
        """Another job's settings and pictures in the place of those that are here."""
        if not self._run.is_active:
            self.form.show_job(job)
            self._settled.stop()
            self._draft()

    def go_on(self, job: BatchJob) -> None:
        """Show it, and start it when its pictures are listed."""
        self._starts_itself = not self._run.is_active
        self.show_job(job)

    def close_down(self) -> None:
        self._settled.stop()
        self.pair.close_down()

    # What is shown

    def _draft(self) -> None:
        if self._run.is_active:
            return
        self.failed_only.setChecked(False)
        self._run.draft_of(self.form.job)

    def _show(self) -> None:
        run = self._run
        is_active, is_paused = run.is_active, run.state is BatchState.PAUSED
        had_focus = any(button.hasFocus() for button in (self.convert, self.pause, self.resume))
        self._pages.setCurrentIndex(0 if run.state is BatchState.EMPTY else 1)
        self.form.setEnabled(not is_active)
        self.convert.setVisible(not is_active)
        self.convert.setEnabled(run.may_start)
        self.convert.setText("Go on" if run.state is BatchState.ENDED and run.queue.unfinished else "Convert")
        self.pause.setVisible(is_active and not is_paused)
        self.pause.setEnabled(run.state in (BatchState.STARTING, BatchState.RUNNING))
        self.resume.setVisible(is_paused)
        self.cancel.setVisible(is_active)
        self.cancel.setEnabled(run.state is not BatchState.STOPPING or run.may_be_forced)
        self.cancel.setText("End by force" if run.may_be_forced else "Cancel")
        if had_focus:  # else it went on to Cancel
            next(each for each in (self.convert, self.pause, self.resume) if not each.isHidden()).setFocus()
        has_failed = run.queue.counts[RowState.FAILED] > 0
        self.retry.setVisible(run.state is BatchState.ENDED and has_failed)
        self.clear.setEnabled(not is_active)
        self.command.setText(command_line(run.job) if run.job is not None else "")
        self.command.setCursorPosition(0)
        self.copy.setEnabled(run.job is not None)
        self._show_progress()
        if self._starts_itself and run.state is BatchState.READY:
            self._starts_itself = False
            run.start()

    def _show_progress(self) -> None:
        run = self._run
        self.state.setText(state_words(run))
        self.progress.setRange(0, _STEPS)
        self.progress.setValue(int(run.share * _STEPS) if run.is_active or run.state is BatchState.ENDED else 0)
        self.failed_only.setVisible(run.queue.counts[RowState.FAILED] > 0 or self.failed_only.isChecked())
        self.save_report.setEnabled(bool(run.queue.rows))
        self.open_folder.setEnabled(run.job is not None and run.job.output_folder.is_dir())
        self._show_pair(self.table.place)

    def _show_pair(self, place: int) -> None:
        rows = self._run.queue.rows
        self.pair.show_row(rows[place] if 0 <= place < len(rows) else None, self._run.job)

    # What is done

    def _on_convert(self) -> None:
        if self._settled.isActive():  # what was typed last counts, too
            self._settled.stop()
            self._draft()
        self._run.start()

    def _on_cancel(self) -> None:
        if self._run.may_be_forced:
            self._run.force()
        else:
            self._run.cancel()

    def _on_open_folder(self) -> None:
        if self._run.job is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._run.job.output_folder)))

    def _on_report(self) -> None:
        job = self._run.job
        proposed = str(job.output_folder / "report.csv") if job is not None else "report.csv"
        name, _ = QFileDialog.getSaveFileName(self, "Save the report", proposed, "Table (*.csv)")
        if name:
            self._run.write_report(Path(name))

    def _on_clear(self) -> None:
        self.form.clear()
        self._settled.stop()
        self._draft()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.command.text())

    # Drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Taken here in any case: while this is in front, no drop opens a drawing behind it."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        may_add = bool(local_files(event.mimeData())) and not self._run.is_active
        self.drop_zone.set_lit(may_add)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self.drop_zone.set_lit(False)

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.drop_zone.set_lit(False)
        if not self._run.is_active:
            self.form.inputs.add(local_files(event.mimeData()))
        else:
            self._notices.post("batch-drop", "Pictures can be added when this batch has ended.")


def _button(text: str, tip: str, run: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked=False: run())
    return button


def _row(*parts: QWidget | None) -> QHBoxLayout:
    """None is where the spare room goes."""
    row = QHBoxLayout()
    row.setSpacing(6)
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part)
    return row
