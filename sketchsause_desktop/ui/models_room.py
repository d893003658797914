"""Which model colours: the entries of the AI ▸ Model menu, and what is done with models of one's own."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QUrl, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QWidget

from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.model_jobs import ModelJobs
from sketchsause_desktop.app.model_shelf import NOTICE, ModelShelf, slug
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.ui.actions import new_command
from sketchsause_desktop.ui.busy import busy
from sketchsause_desktop.ui.dialogs import ask_to_delete
from sketchsause_desktop.ui.model_card import ModelCard

NOT_RUN = "not run yet"
OURS = ".safetensors"
FOREIGN = (".pth", ".pt", ".pth.tar")
_FORMATS = {
    "SketchSause model (*.safetensors)": ("safetensors", ".safetensors"),
    "ONNX (*.onnx)": ("onnx", ".onnx"),
    "TorchScript (*.pt)": ("torchscript", ".pt"),
}


class ModelsRoom(QObject):
    models_changed = Signal()

    def __init__(
        self,
        window: QWidget,
        live: Live,
        models: Sequence[ModelChoice],
        device: Callable[[], str],
        notices: Notices,
        shelf: ModelShelf | None = None,
    ) -> None:
        """`device` tells in words where the chosen model ran last; "" where it has not. Without a shelf the models stay
        what they are."""
        super().__init__(window)
        self._window, self._live, self.models, self._device = window, live, models, device
        self._notices, self._shelf = notices, shelf
        self.jobs = ModelJobs(notices, self)
        self.about = new_command(window, "About this mo&del…", self.show_card, None, "info", "How it was made")
        self.bring_command = new_command(
            window, "&Import a model…", self._ask_import, None, tip="Bring a model's file to the others"
        )
        if shelf is not None:
            shelf.changed.connect(self._on_shelf_changed)

    @property
    def chosen(self) -> ModelChoice | None:
        return next((each for each in self.models if each.model_id == self._live.model_id), None)

    @property
    def title(self) -> str:
        """That of the chosen one."""
        return "" if self.chosen is None else self.chosen.title

    def fill(self, menu: QMenu) -> None:
        self._menu = menu
        self._show_models()
        self._live.model_changed.connect(self._show)

    def _show_models(self) -> None:
        menu = self._menu
        menu.clear()
        choices = QActionGroup(menu)  # one of them is always chosen
        for model in self.models:
            entry = menu.addAction(model.full_title.replace("&", "&&"))
            entry.setCheckable(True)
            entry.setData(model.model_id)
            choices.addAction(entry)
            entry.triggered.connect(lambda _checked, model_id=model.model_id: self._live.set_model(model_id))
        menu.addSeparator()
        menu.addAction(self.about)
        if self._shelf is not None:
            menu.addAction(self.bring_command)
        menu.setEnabled(bool(self.models) or self._shelf is not None)
        self._show()

    def _show(self, _model_id: str = "") -> None:
        self.about.setEnabled(self.chosen is not None)
        for entry in self._menu.actions():
            entry.setChecked(entry.data() == self._live.model_id)

    def _on_shelf_changed(self) -> None:
        """One that is gone is colouring no more."""
        assert self._shelf is not None
        self.models = self._shelf.choices
        self._show_models()
        self.models_changed.emit()
        if self.chosen is None and self.models:
            self._live.set_model(self.models[0].model_id)

    # What is told about one

    def show_card(self) -> None:
        if self.chosen is None:
            return
        card = ModelCard(self.chosen, self._device() or NOT_RUN, self._window, own=self._is_own(self.chosen))
        card.rename_asked.connect(self._rename)
        card.export_asked.connect(self._export)
        card.delete_asked.connect(self._delete)
        card.exec()
        card.deleteLater()

    def _is_own(self, choice: ModelChoice) -> bool:
        return self._shelf is not None and self._shelf.is_own(choice)

    # What is done with one

    def use(self, choice: ModelChoice) -> None:
        """Let it colour, live."""
        self._live.set_model(choice.model_id)

    def _rename(self, choice: ModelChoice) -> None:
        title, is_wanted = QInputDialog.getText(self._window, "Name", "Name of the model:", text=choice.title)
        if is_wanted and self._shelf is not None:
            is_chosen = choice == self.chosen
            renamed = self._attempt(lambda: self._renamed(choice, title))
            if renamed is not None and is_chosen:
                self.use(renamed)

    def _renamed(self, choice: ModelChoice, title: str) -> ModelChoice:
        assert self._shelf is not None
        return self._shelf.rename(choice, title)

    def _delete(self, choice: ModelChoice) -> None:
        if self._shelf is not None and ask_delete(self._window, choice):
            shelf = self._shelf
            self._attempt(lambda: shelf.delete(choice))

    def _export(self, choice: ModelChoice) -> None:
        if choice.path is None:
            return
        name, kind = QFileDialog.getSaveFileName(
            self._window, "Export the model", str(Path.home() / slug(choice.title)), ";;".join(_FORMATS)
        )
        if name:
            form, suffix = _FORMATS[kind]
            target = Path(name) if name.endswith(suffix) else Path(f"{name}{suffix}")
            self.jobs.export(str(choice.path), choice.title, form, target)

    def _ask_import(self) -> None:
        kinds = f"Models (*{OURS} {' '.join(f'*{each}' for each in FOREIGN)})"
        names, _ = QFileDialog.getOpenFileNames(self._window, "Import models", str(Path.home()), kinds)
        self.bring([Path(name) for name in names])

    def bring(self, paths: Iterable[Path]) -> None:
        """Import files of models, and let the last one colour; what is none is told."""
        shelf = self._shelf
        if shelf is None:
            return
        for path in paths:
            if path.suffix.lower() == OURS:
                choice = self._attempt(partial(shelf.bring, path))
                if choice is not None:
                    self.use(choice)
                    self._notices.post(NOTICE, f"{choice.title} was imported and colours now.")
            else:
                self.jobs.bring(path, slug(path.name.split(".")[0]), shelf.scan)

    def _attempt(self, action: Callable[[], ModelChoice | None]) -> ModelChoice | None:
        assert self._shelf is not None
        with busy():
            return self._shelf.attempt(action)


def is_model(path: Path) -> bool:
    """By its name."""
    return path.name.lower().endswith((OURS, *FOREIGN))


def models_apart(mime: QMimeData) -> tuple[list[Path], QMimeData | None]:
    """Of what was dropped the files of models, and the rest; None where there is no rest."""
    files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    models = [path for path in files if is_model(path)]
    if not models:
        return [], mime
    others = [QUrl.fromLocalFile(str(path)) for path in files if path not in models]
    rest = QMimeData()
    rest.setUrls(others)
    return models, rest if others else None


def ask_delete(parent: QWidget, choice: ModelChoice) -> bool:
    what_goes = "Its file, card and picture go. The training it is from stays, if it is still there."
    return ask_to_delete(parent, f"Delete the model “{choice.title}” for good?", what_goes)
