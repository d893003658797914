"""Exports and conversions of models, which take torch and some seconds, as child processes of this program."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from sketchsause_desktop.app.child_process import own_program, prepare
from sketchsause_desktop.app.notices import Level, Notices

_NOTICE = "models"


class ModelJobs(QObject):
    """One at a time, told by notices. Whoever made this object calls `finish` before it goes."""

    ended = Signal(bool)  # whether it worked

    def __init__(self, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notices = notices
        self._job: tuple[str, Callable[[], object]] | None = None  # what is told at its end, what is done then
        self._process = QProcess(self)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)

    @property
    def is_busy(self) -> bool:
        return self._job is not None

    def export(self, name: str, title: str, form: str, target: Path) -> None:
        """`form` is one of `sketchsause models export`'s."""
        new = target.with_name(f".{target.stem}-new{target.suffix}")  # the old one stays until this is whole
        new.unlink(missing_ok=True)
        words = ["models", "export", name, "--format", form, "-o", str(new)]
        done = f"{title} was exported to {target}."
        self._run(words, f"{title} is being exported.", done, lambda: new.replace(target))

    def bring(self, source: Path, name: str, then: Callable[[], object]) -> None:
        """Import another program's file."""
        words = ["models", "import", str(source), "--as", name]
        self._run(words, f"{source.name} is being read.", f"{source.name} was imported.", then)

    def _run(self, words: list[str], begun: str, done: str, then: Callable[[], object] = lambda: None) -> None:
        if self._job is not None:
            self._notices.post(_NOTICE, "Another model is being written.", "Try again in a moment.", Level.WARNING)
            return
        self._job = (done, then)
        program, first = own_program()
        self._process.setProgram(program)
        self._process.setArguments([*first, *words])
        prepare(self._process)
        self._notices.post(_NOTICE, begun, lasts=True)
        self._process.start()

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        told = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        job, self._job = self._job, None
        if job is None:
            return
        works = code == 0 and status == QProcess.ExitStatus.NormalExit
        if works:
            job[1]()
            self._notices.post(_NOTICE, job[0])
        else:
            sentence = told[-1] if told and code == 2 else "The model could not be written."
            self._notices.post(_NOTICE, sentence, level=Level.ERROR)
        self.ended.emit(works)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._job is not None:
            self._job = None
            words = self._process.errorString()
            self._notices.post(_NOTICE, f"The program could not start itself: {words}.", level=Level.ERROR)
            self.ended.emit(False)

    def finish(self) -> None:
        """End what runs: nothing is left half written."""
        self._job = None
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(2000)
