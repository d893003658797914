import dataclasses
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from models.errors import UserError
from models.runtime import Runtime
from models.spec import ModelSpec
from sketchsause_desktop.core.blend import Pixels, premultiplied
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.requests import InferenceRequest
from sketchsause_desktop.inference.catalogue import Catalogue, ModelEntry
from sketchsause_desktop.inference.engine import Engine


@dataclass
class FakeRuntime:
    """Paints everything in the mean of what it sees."""

    spec: ModelSpec
    device: str = "cpu"
    title: str = "fake"
    seen: list[NDArray[np.float32]] = field(default_factory=list)

    def run(self, x: NDArray[np.float32], palette: object = None) -> NDArray[np.float32]:
        self.seen.append(x)
        batch, _channels, height, width = x.shape
        return np.full((batch, 3, height, width), 0.25, np.float32)


class FakeCatalogue(Catalogue):
    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(())
        self._spec = spec

    def find(self, name_or_path: str | Path) -> ModelEntry:
        if name_or_path == "missing":
            raise UserError("There is no model named missing.")
        return ModelEntry(id=str(name_or_path), path=Path(name_or_path), spec=self._spec, facts={})


@dataclass
class Workshop:
    engine: Engine
    loaded: list[tuple[Path, str]]
    runtime: FakeRuntime


def _workshop(**spec: object) -> Workshop:
    values: dict[str, object] = {"task": "lineart", "output": "colour_layer", "fit": "resize", "working_size": 64}
    runtime = FakeRuntime(ModelSpec(**{**values, **spec}))  # type: ignore[arg-type]
    loaded: list[tuple[Path, str]] = []

    def load(path: Path, device: str) -> Runtime:
        loaded.append((path, device))
        return cast(Runtime, runtime)

    return Workshop(Engine(FakeCatalogue(runtime.spec), "cpu", load), loaded, runtime)


def _request(document: Document, model_id: str = "m", hints: tuple[Layer, ...] = ()) -> InferenceRequest:
    return InferenceRequest(
        document_id=document.document_id,
        revision=7,
        window=document.rect,
        lines=(document.line_art.snapshot(),),
        hints=tuple(layer.snapshot() for layer in hints),
        model_id=model_id,
    )


@pytest.mark.parametrize("size", [(300, 200), (1, 1), (1, 700), (129, 128)])
def test_the_answer_has_the_colours_of_the_window_and_the_names_of_the_request(size: tuple[int, int]) -> None:
    document = Document.from_line_art(np.full((size[1], size[0]), 255, np.uint8))
    result = _workshop().engine.run(_request(document))
    pixels = result.tiles.read(document.rect)
    assert (pixels == (159, 159, 159, 255)).all()
    assert document.rect.contains(document.rect.intersected(result.tiles.bounds()))
    assert (result.document_id, result.revision, result.model_id) == (document.document_id, 7, "m")
    assert (result.window, result.device) == (document.rect, "CPU")
    assert result.elapsed_ms > 0


def test_a_window_inside_the_canvas_is_answered_in_its_place() -> None:
    document = Document.new(Size(400, 400))
    request = dataclasses.replace(_request(document), window=Rect(150, 30, 100, 50))
    pixels = _workshop().engine.run(request).tiles.read(document.rect)
    assert (pixels[30:80, 150:250, 3] == 255).all()
    assert np.count_nonzero(pixels[..., 3]) == 100 * 50


def test_the_network_sees_the_lines_on_white_paper() -> None:
    document = Document.new(Size(64, 64))
    ink: Pixels = np.full((64, 32, 4), (0, 0, 0, 128), np.uint8)
    document.line_art.tiles.write(Rect(0, 0, 32, 64), ink)
    workshop = _workshop()
    workshop.engine.run(_request(document))
    (seen,) = workshop.runtime.seen
    assert seen.min() == pytest.approx(127 / 127.5 - 1, abs=0.05)
    assert seen.max() == pytest.approx(1)


def test_hints_go_to_networks_that_want_them() -> None:
    document = Document.new(Size(64, 64))
    hints = Layer(name="Hints", role=Role.HINTS)
    hints.tiles.write(Rect(0, 0, 64, 64), premultiplied(np.full((64, 64, 4), (255, 0, 0, 255), np.uint8)))
    blind, seeing = _workshop(), _workshop(condition="hints")
    blind.engine.run(_request(document, hints=(hints,)))
    seeing.engine.run(_request(document, hints=(hints,)))
    seeing.engine.run(_request(document))
    assert [seen.shape[1] for seen in (*blind.runtime.seen, *seeing.runtime.seen)] == [3, 7, 7]
    hinted, unhinted = seeing.runtime.seen
    assert hinted[0, 3:, 32, 32].tolist() == [1, -1, -1, 1]
    assert unhinted[0, 3:, 32, 32].tolist() == [0, 0, 0, 0]


def test_the_answer_is_pulled_to_the_hints_as_far_as_asked() -> None:
    document = Document.from_line_art(np.full((64, 64), 255, np.uint8))
    hints = Layer(name="Hints", role=Role.HINTS)
    hints.tiles.write(Rect(20, 20, 8, 8), premultiplied(np.full((8, 8, 4), (255, 0, 0, 255), np.uint8)))
    request, engine = _request(document, hints=(hints,)), _workshop(condition="hints").engine
    answers = {pull: engine.run(dataclasses.replace(request, pull=pull)) for pull in (0.0, 0.5, 1.0)}
    seen = {pull: answer.tiles.read(document.rect)[24, 24, :3].tolist() for pull, answer in answers.items()}
    assert seen == {0.0: [159, 159, 159], 0.5: [207, 80, 80], 1.0: [255, 0, 0]}


def test_a_model_is_loaded_when_it_is_first_asked_for_and_kept() -> None:
    workshop, document = _workshop(), Document.new(Size(8, 8))
    assert workshop.loaded == []
    for model_id in ("a", "a", "b", "b"):
        workshop.engine.run(_request(document, model_id))
    assert workshop.loaded == [(Path("a"), "cpu"), (Path("b"), "cpu")]


def test_a_missing_model_is_a_fault_the_user_can_mend() -> None:
    with pytest.raises(UserError, match="no model named missing"):
        _workshop().engine.run(_request(Document.new(Size(8, 8)), "missing"))


def test_torch_is_not_imported_for_the_cpu() -> None:
    """In a fresh process, since another test may have imported it here."""
    program = (
        "import sys, sketchsause_desktop.inference.engine; print('torch' in sys.modules, 'PySide6' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["False", "False"]
