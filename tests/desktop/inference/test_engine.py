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
from models.runtime import Runtime, TorchRuntime
from models.spec import ModelSpec
from sketchsause_desktop.core.blend import Pixels, premultiplied
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.requests import Effort, InferenceRequest
from sketchsause_desktop.core.tiles import TileSnapshot
from sketchsause_desktop.inference.catalogue import Catalogue, ModelEntry
from sketchsause_desktop.inference.engine import Engine
from tests.desktop.tiny_model import write_tiny_model


@dataclass
class FakeRuntime:
    """Paints everything in the mean of what it sees."""

    spec: ModelSpec
    device: str = "cpu"
    title: str = "fake"
    seen: list[NDArray[np.float32]] = field(default_factory=list)

    def run(self, x: NDArray[np.float32], palette: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
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
    seen = workshop.runtime.seen[-1]
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
    assert [seen.shape[1] for seen in (*blind.runtime.seen[1:], *seeing.runtime.seen[1:])] == [3, 7, 7]
    hinted, unhinted = seeing.runtime.seen[1:]  # the first is a test whether the channels fit
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


def test_another_window_of_the_same_drawing_asks_the_network_nothing() -> None:
    workshop, document = _workshop(), Document.new(Size(512, 512))
    document.line_art.tiles.write(Rect(0, 0, 512, 512), np.full((512, 512, 4), 255, np.uint8))
    request = dataclasses.replace(_request(document), window=Rect(0, 0, 128, 128), frame=document.rect)
    first = workshop.engine.run(request)
    second = workshop.engine.run(dataclasses.replace(request, window=document.rect, effort=Effort.REST))
    assert len(workshop.runtime.seen) == 2  # the test of the channels, one pass
    assert (first.network_ms > 0, second.network_ms) == (True, 0)
    assert (second.tiles.read(document.rect) == (159, 159, 159, 255)).all()


def test_a_window_fades_into_what_is_shown() -> None:
    document = Document.new(Size(640, 256))
    shown = TileSnapshot.cut(document.rect, np.full((256, 640, 4), (0, 0, 0, 255), np.uint8))
    request = dataclasses.replace(_request(document), window=Rect(256, 0, 384, 256), frame=document.rect, shown=shown)
    row = _workshop().engine.run(request).tiles.read(document.rect)[100, :, 0].astype(int)
    assert row[256] <= 2
    assert (np.diff(row[256:352]) >= 0).all()
    assert np.abs(np.diff(row[256:])).max() <= 4
    assert (row[352:] == 159).all()  # the canvas ends on the right: nothing to fade into


def test_a_coarse_pass_has_the_colours_of_a_fine_one() -> None:
    document = Document.from_line_art(np.full((300, 500), 255, np.uint8))
    fine, coarse = (
        _workshop().engine.run(dataclasses.replace(_request(document), coarse=level)).tiles.read(document.rect)
        for level in (0, 2)
    )
    assert np.array_equal(fine, coarse)


@dataclass
class Starved(FakeRuntime):
    """Has memory for pictures of so many pixels a side."""

    largest: int = 32

    def run(self, x: NDArray[np.float32], palette: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        if max(x.shape[2:]) > self.largest:
            raise RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : bad allocation")
        return super().run(x, palette)


def _starved(largest: int, device: str = "cpu") -> tuple[Engine, list[str]]:
    spec = ModelSpec(task="lineart", output="colour_layer", fit="resize", working_size=128, depth=4)
    devices: list[str] = []

    def load(_path: Path, wanted: str) -> Runtime:
        devices.append(wanted)
        runs_on = device if wanted == "auto" else wanted
        room = largest if runs_on == device else 1024
        return cast(Runtime, Starved(spec, device=runs_on, largest=room))

    return Engine(FakeCatalogue(spec), "auto", load), devices


def test_short_memory_makes_the_size_smaller_and_says_so() -> None:
    engine, _devices = _starved(64)
    document = Document.from_line_art(np.full((500, 500), 255, np.uint8))
    first, second = (engine.run(_request(document)) for _ in range(2))
    assert first.remark == "Memory ran short: colours are made at 64 pixels now."
    assert second.remark == ""
    assert (first.tiles.read(document.rect) == (159, 159, 159, 255)).all()


def test_a_card_without_memory_is_left_for_the_cpu() -> None:
    engine, devices = _starved(16, device="cuda")
    document = Document.from_line_art(np.full((500, 500), 255, np.uint8))
    result = engine.run(_request(document))
    assert result.device == "CPU"
    assert devices == ["auto", "cpu"]
    assert result.remark == "Memory of the CUDA device ran short: colours are made on the CPU now."


class Card(TorchRuntime):
    """A card that has memory for small pictures, or in half precision for larger ones; the CPU works in its place."""

    def __init__(self, path: Path, largest: int) -> None:
        super().__init__(path, "cpu")
        self.device, self._largest = "cuda", largest
        self.types: list[object] = []

    def halve(self) -> None:
        super().halve()
        self._largest *= 2

    def run(self, x: NDArray[np.float32], palette: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        if max(x.shape[2:]) > self._largest:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        self.types.append(str(next(self._network.parameters()).dtype))
        self.device = "cpu"
        answer = super().run(x, palette)
        self.device = "cuda"
        return answer


def test_a_card_with_little_memory_computes_in_half_precision_before_it_is_left(tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "small.safetensors", working_size=128, output="colour_layer", fit="resize")
    cards: list[Card] = []

    def load(path: Path, device: str) -> Runtime:
        assert device == "auto"
        cards.append(Card(path, largest=32))
        return cards[-1]

    engine = Engine(Catalogue((tmp_path,)), "auto", load)
    lines = np.full((500, 500), 255, np.uint8)
    lines[100:400, 248:252] = 0
    document = Document.from_line_art(lines)
    result = engine.run(_request(document, path.stem))
    assert result.remark == "Memory ran short: colours are made in half precision now."
    assert result.device == "CUDA"
    again = engine.run(dataclasses.replace(_request(document, path.stem), palette=((1, 2, 3),)))
    assert again.remark == ""
    (card,) = cards
    assert card.types == ["torch.float32", "torch.float16", "torch.float16"]  # the first warmed it up
    whole = Engine(Catalogue((tmp_path,)), "cpu").run(
        dataclasses.replace(_request(document, path.stem), working_size=64)
    )
    seen = [each.tiles.read(document.rect).astype(int) for each in (result, whole)]
    assert np.abs(seen[0] - seen[1]).max() <= 4


def test_memory_that_is_short_everywhere_is_said() -> None:
    engine, _devices = _starved(16)
    document = Document.from_line_art(np.full((500, 500), 255, np.uint8))
    with pytest.raises(UserError, match="not enough memory to colour"):
        engine.run(_request(document))


def test_a_model_whose_channels_do_not_fit_is_refused_in_words() -> None:
    workshop = _workshop()

    def run(x: NDArray[np.float32], palette: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        raise RuntimeError("Got invalid dimensions for input: input")

    workshop.runtime.run = run  # type: ignore[method-assign]
    with pytest.raises(UserError, match="does not take the channels"):
        workshop.engine.run(_request(Document.new(Size(8, 8))))


def test_a_model_file_that_is_removed_while_in_use_goes_on_until_another_is_chosen(tmp_path: Path) -> None:
    kept, other = (write_tiny_model(tmp_path / f"{name}.safetensors") for name in ("kept", "other"))
    engine = Engine(Catalogue((tmp_path,)), "cpu")
    document = Document.from_line_art(np.full((40, 40), 255, np.uint8))
    engine.run(_request(document, "kept"))
    kept.unlink()
    other.unlink()
    assert engine.run(_request(document, "kept")).model_id == "kept"
    with pytest.raises(UserError, match="other"):
        engine.run(_request(document, "other"))


@pytest.mark.parametrize("size", [(1, 1), (1, 20000), (20000, 1), (700, 3)])
def test_extreme_sizes_with_hints_inside_and_outside(size: tuple[int, int]) -> None:
    workshop = _workshop(condition="hints")
    document = Document.from_line_art(np.zeros((size[1], size[0]), np.uint8))
    hints = Layer(name="Hints", role=Role.HINTS)
    red = premultiplied(np.full((4, 4, 4), (255, 0, 0, 255), np.uint8))
    for place in (Rect(0, 0, 4, 4), Rect(-60, -60, 4, 4), Rect(30000, 30000, 4, 4)):
        hints.tiles.write(place, red)
    pixels = workshop.engine.run(_request(document, hints=(hints,))).tiles.read(document.rect)
    assert (pixels == (159, 159, 159, 255)).all()


def test_torch_is_not_imported_for_the_cpu() -> None:
    """In a fresh process, since another test may have imported it here."""
    program = (
        "import sys, sketchsause_desktop.inference.engine; print('torch' in sys.modules, 'PySide6' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["False", "False"]


def test_a_drawing_without_its_hints_is_asked_for_once_while_only_hints_change() -> None:
    document = Document.new(Size(64, 64))
    workshop = _workshop(condition="hints")
    workshop.engine.run(_request(document))  # without hints: what the regions without any will keep
    counts = [len(workshop.runtime.seen)]
    hints = Layer(name="Hints", role=Role.HINTS)
    for column in (8, 24, 40):
        hints.tiles.write(Rect(column, 20, 8, 8), premultiplied(np.full((8, 8, 4), (255, 0, 0, 255), np.uint8)))
        workshop.engine.run(_request(document, hints=(hints,)))
        counts.append(len(workshop.runtime.seen))
    assert np.diff(counts).tolist() == [1, 1, 1]
    document.line_art.tiles.write(Rect(0, 0, 32, 4), np.full((4, 32, 4), (0, 0, 0, 255), np.uint8))
    workshop.engine.run(_request(document, hints=(hints,)))
    assert len(workshop.runtime.seen) == counts[-1] + 2  # other lines
