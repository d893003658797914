"""The whole program: with a network to order in process, and as a child without a display."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.errors import UserError
from sketchsause_desktop import bootstrap
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.app.training_job import JobState, TrainingJob
from sketchsause_desktop.app.training_spec import TrainingSpec
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.core.requests import InferenceRequest
from sketchsause_desktop.inference.catalogue import Catalogue, Listing, ModelFault, default_catalogue
from sketchsause_desktop.ui.demo import run_demo
from tests.desktop.app.fake_engine import FakeEngine


@dataclass
class Spec:
    output: str = "colour_layer"
    title: str = ""
    task: str = "lineart"
    palette: bool = False
    sees_tiles: bool = False


@dataclass
class Entry:
    id: str
    spec: Spec = field(default_factory=Spec)
    path: Path = Path("weights.safetensors")
    facts: dict[str, str] = field(default_factory=dict)


class Shelf(Catalogue):
    """A catalogue without files."""

    def __init__(self, *entries: Entry, faults: tuple[ModelFault, ...] = ()) -> None:
        super().__init__((Path("shipped"), Path("own")))
        self._listing = Listing(entries, faults)  # type: ignore[arg-type]

    def scan(self) -> Listing:
        return self._listing


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    engine = FakeEngine()
    monkeypatch.setattr(bootstrap, "_LateEngine", lambda _catalogue: engine)
    return engine


@pytest.fixture
def make(qapp: QApplication, tmp_path: Path, engine: FakeEngine) -> Iterator["Maker"]:
    maker = Maker(qapp, tmp_path)
    yield maker
    for program in maker.made:
        program.services.live.shutdown()
        for drawing in program.services.editor.drawings:
            drawing.mark_saved()
        program.window.close()
        program.window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@dataclass
class Maker:
    app: QApplication
    folder: Path
    made: list[bootstrap.Program] = field(default_factory=list)

    def __call__(self, catalogue: Catalogue) -> bootstrap.Program:
        program = bootstrap.build(self.app, Settings(self.folder / "settings"), catalogue, None)
        self.made.append(program)
        return program


def pixels_of(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)


def texts(program: bootstrap.Program) -> list[str]:
    return [notice.text for notice in program.services.notices.shown]


def test_the_sample_opens_when_there_is_no_file(make: Maker) -> None:
    program = make(Shelf(Entry("lineart")))
    program.open_first([])
    assert program.services.editor.title == "portrait"
    assert min(program.services.editor.document.size.width, program.services.editor.document.size.height) > 1000
    assert program.window.files.recent == []


def test_named_files_open_and_a_bad_one_leaves_the_sample(make: Maker, tmp_path: Path) -> None:
    program = make(Shelf(Entry("lineart")))
    Image.new("RGB", (50, 60)).save(tmp_path / "mine.png")
    Image.new("RGB", (70, 20)).save(tmp_path / "second.png")
    program.open_first([tmp_path / name for name in ("mine.png", "other.png", "second.png")])
    program.window.files.opening.wait()
    assert [drawing.title for drawing in program.services.editor.drawings] == ["mine", "second"]
    assert program.services.editor.title == "mine"
    assert "other.png" in texts(program)[0]
    second = make(Shelf(Entry("lineart")))
    second.open_first([tmp_path / "missing.png"])
    second.window.files.opening.wait()
    assert second.services.editor.title == "portrait"
    assert "missing.png" in texts(second)[0]


def test_the_model_used_last_is_used_again(make: Maker) -> None:
    shelf = Shelf(Entry("a map", Spec(output="image", task="satmap")), Entry("first"), Entry("second"))
    program = make(shelf)
    assert program.services.live.model_id == "first"
    program.services.live.set_model("second")
    assert make(shelf).services.live.model_id == "second"
    assert make(Shelf(Entry("other"))).services.live.model_id == "other"


def test_the_window_knows_which_models_take_a_palette(make: Maker) -> None:
    program = make(Shelf(Entry("plain"), Entry("styled", Spec(palette=True))))
    assert [model.takes_palette for model in program.services.models] == [False, True]


def test_live_steps_back_while_a_training_takes_the_processor(make: Maker, tmp_path: Path) -> None:
    program = make(Shelf(Entry("lineart")))
    trainings = program.services.trainings
    assert trainings is not None
    job = TrainingJob(TrainingSpec(preset="lineart", data=tmp_path, run=tmp_path / "run"), parent=trainings)
    trainings._jobs[tmp_path / "run"] = job
    steps_back = []
    for state in JobState:
        job.state = state
        trainings.changed.emit()
        steps_back += [state] * program.services.live._schedule.is_slow
    assert steps_back == [JobState.STARTING, JobState.RUNNING, JobState.STOPPING]
    job.state = JobState.ENDED


def test_a_map_model_offers_to_take_the_opened_photograph_as_its_source(
    make: Maker, tmp_path: Path, engine: FakeEngine, qtbot: QtBot
) -> None:
    program = make(Shelf(Entry("lineart"), Entry("map", Spec(output="classes", task="satmap"))))
    services, editor = program.services, program.services.editor
    Image.new("RGB", (70, 20), (30, 90, 40)).save(tmp_path / "photo.png")
    program.open_first([tmp_path / "photo.png"])
    program.window.files.opening.wait()
    assert not any("Source" in text for text in texts(program))
    services.live.set_model("map")
    (notice,) = [notice for notice in services.notices.shown if notice.action]
    assert "Source" in notice.text
    services.live.run_once()
    assert any("Layer ▸ Role ▸ Source" in text for text in texts(program))
    assert engine.asked == []

    services.notices.act(notice.key)
    assert not any(notice.action for notice in services.notices.shown)
    assert [(layer.role, layer.name) for layer in editor.document.leaves()] == [
        (Role.SOURCE, "Source"),
        (Role.AI_COLOUR, "AI map"),
        (Role.LINE_ART, "Line art"),
    ]
    with qtbot.waitSignal(services.live.pass_finished):
        services.live.run_once()
    assert [layer.name for layer in engine.asked[-1].lines] == ["Source"]
    assert editor.export_pixels()[5, 5].tolist()[2] == 77  # the fake network's blue, opaque over the source
    editor.undo()
    assert [layer.role for layer in editor.document.leaves()] == [Role.AI_COLOUR, Role.LINE_ART]
    assert any(notice.action for notice in services.notices.shown)


def test_without_a_model_the_user_is_told_where_to_put_one(make: Maker) -> None:
    fault = ModelFault("bad", Path("bad.safetensors"), "bad.safetensors is damaged.")
    program = make(Shelf(faults=(fault,)))
    assert "bad.safetensors is damaged." in texts(program)
    assert any("No model is installed" in text for text in texts(program))
    assert any("own" in notice.hint for notice in program.services.notices.shown)


def test_the_demo_writes_the_window_and_the_coloured_drawing(make: Maker, tmp_path: Path) -> None:
    program = make(Shelf(Entry("lineart")))
    program.open_first([])
    out = io.StringIO()
    assert run_demo(program.window, program.services, tmp_path / "demo", out, "There is no display") == 0
    window = pixels_of(tmp_path / "demo" / "window.png")
    assert window.shape[:2] == (768, 1366)
    result = pixels_of(tmp_path / "demo" / "portrait-coloured.png")
    assert result[5, 5].tolist()[2] == 77  # the fake network's blue
    assert result.shape == (1600, 1200, 3)
    assert "no display" in out.getvalue().splitlines()[0]
    assert 77 in window[200:600, 400:700, 2]


def test_a_demo_without_colours_says_why(make: Maker, tmp_path: Path, engine: FakeEngine) -> None:
    def fail(_request: InferenceRequest) -> None:
        raise UserError("The model file is damaged.", "Install it again.")

    engine.script = fail
    program = make(Shelf(Entry("lineart")))
    program.open_first([])
    out = io.StringIO()
    assert run_demo(program.window, program.services, tmp_path / "demo", out, "There is no display") == 1
    assert "The model file is damaged. Install it again." in out.getvalue()
    assert (tmp_path / "demo" / "window.png").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has machines without a display")
@pytest.mark.parametrize("display", [None, ":987"], ids=["none", "unreachable"])
def test_the_program_without_a_display(tmp_path: Path, display: str | None) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("CONFIG", "STATE", "CACHE", "DATA")}
    environment |= {"PYTHONPATH": str(Path(__file__).parents[2])}
    if display:
        environment["DISPLAY"] = display
    code = "import sys; from sketchsause_desktop.bootstrap import run_window; sys.exit(run_window([]))"
    result = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
    )
    has_model = any(entry.spec.output == "colour_layer" for entry in default_catalogue().entries())
    reason = "There is no display" if display is None else f"The display {display} cannot be used"
    assert result.stdout.startswith(reason + ", so ")
    assert "Traceback" not in result.stdout + result.stderr
    assert result.returncode == (0 if has_model else 1), result.stdout + result.stderr
    assert pixels_of(tmp_path / "sketchsause-demo" / "window.png").shape[:2] == (768, 1366)
    coloured = pixels_of(tmp_path / "sketchsause-demo" / "portrait-coloured.png")
    assert has_model == bool(np.ptp(coloured, axis=2).max() > 20)  # in colour, not in grey
