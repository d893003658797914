"""Runs requests on trained models, loading each when it is asked for. No Qt; torch only where the device needs it."""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from PIL import Image

from models.conditioning import cleaned, luminance
from models.errors import UserError
from models.memory import is_out_of_memory
from models.predictor import Predictor
from models.runtime import Runtime, TorchRuntime, load_runtime
from models.upsample import enlarged
from sketchsause_desktop.core.blend import Pixels, premultiplied, straight
from sketchsause_desktop.core.compositing import composite_on_nothing, composite_on_paper
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.hint_pull import asks, pulled
from sketchsause_desktop.core.line_regions import FineRegions, fine_regions
from sketchsause_desktop.core.requests import Effort, InferenceRequest, InferenceResult
from sketchsause_desktop.core.tiles import TILE, Tiles
from sketchsause_desktop.inference.catalogue import Catalogue
from sketchsause_desktop.inference.planner import faded_in, on_tiles
from sketchsause_desktop.inference.short_memory import Means, lesser
from sketchsause_desktop.inference.sight import Sight

BLOCK = 2048  # document pixels a side that are enlarged at once: some 100 MB
_TILED_MARGIN = 64  # document pixels round a window that a network for tiles sees too


@dataclass(frozen=True)
class _Loaded:
    model_id: str
    runtime: Runtime
    predictor: Predictor


class _Bare:
    """A drawing without its hints, as the network sees it; while only hints change, all of this stays.

    `lines` uint8 (h, w, 3) is the line art at the network's size.
    """

    def __init__(self, request: InferenceRequest, lines: Pixels) -> None:
        self.request = request  # without what does not change it
        self.lines = lines
        self.plain: Pixels | None = None  # what the network paints of it, uint8 (h, w, 3); None = not asked yet

    @cached_property
    def regions(self) -> FineRegions:
        return fine_regions(self.lines)


@dataclass(frozen=True)
class _Answer:
    """What the network said of a drawing, at its own size: colours and lines uint8 (h, w, 3)."""

    request: InferenceRequest  # without what does not change the answer
    colour: Pixels
    lines: Pixels


class Engine:
    """Answers one request at a time; call it from one thread. Faults a user can mend are raised as UserError.

    The model used last stays loaded, and what it said last: another window of the same drawing only has to be enlarged.
    All work that costs time, enlarging and cutting into tiles included, is done here, so that the thread that shows
    the result only exchanges tiles. When memory runs out, less is tried, and the result says so.
    """

    def __init__(
        self, catalogue: Catalogue, device: str = "auto", load: Callable[[Path, str], Runtime] = load_runtime
    ) -> None:
        self._catalogue = catalogue
        self._device = device
        self._load = load
        self._loaded: _Loaded | None = None
        self._means = Means(device=device)
        self._sight = Sight()
        self._document_id = -1
        self._answer: _Answer | None = None
        self._bare: _Bare | None = None

    def run(self, request: InferenceRequest) -> InferenceResult:
        if request.document_id != self._document_id:
            self._document_id, self._sight, self._answer = request.document_id, Sight(), None
        remarks: list[str] = []
        while True:
            loaded = self._model(request.model_id)
            try:
                return dataclasses.replace(self._run(loaded, request), remark=" ".join(remarks[-1:]))
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            remarks.append(self._make_do(loaded, request))

    def _run(self, loaded: _Loaded, request: InferenceRequest) -> InferenceResult:
        started = time.perf_counter()
        spec, network_ms = loaded.runtime.spec, 0.0
        tiles = Tiles()
        if spec.fit == "tile":
            tiles.write(request.window, _tiled(loaded, request))
            network_ms = (time.perf_counter() - started) * 1000
        else:
            answer = self._answered(loaded, request)
            if answer is not self._answer:
                network_ms = (time.perf_counter() - started) * 1000
                self._answer = answer
            self._paint(tiles, answer, request, is_layer=spec.output == "colour_layer")
        return InferenceResult(
            document_id=request.document_id,
            revision=request.revision,
            window=request.window,
            model_id=request.model_id,
            tiles=tiles.snapshot(),
            elapsed_ms=(time.perf_counter() - started) * 1000,
            device=loaded.runtime.device.upper(),
            network_ms=network_ms,
            working_size=0 if spec.fit == "tile" else spec.working_size,
        )

    def _answered(self, loaded: _Loaded, request: InferenceRequest) -> _Answer:
        """What the network says of the whole frame; what it said last, when it is asked the same."""
        size = self._size(loaded, request)
        asked = dataclasses.replace(
            request, revision=0, window=_frame(request), working_size=size, effort=Effort.FULL, coarse=0, shown=None
        )
        if self._answer is not None and self._answer.request == asked:
            return self._answer
        frame, spec = _frame(request), loaded.runtime.spec
        bare = self._without_hints(asked, frame, size)
        paint = partial(loaded.predictor.predict, bare.lines, palette=request.palette, working_size=size)
        height, width = bare.lines.shape[:2]
        hints = self._sight.hints(request.hints, frame, (width, height)) if spec.takes_hints else None
        colour = paint(hints=hints).colour if asks(hints, 1.0) else None
        if bare.plain is None and (colour is None or request.pull):
            bare.plain = paint(hints=None).colour
        if colour is None:
            colour = bare.plain
        elif request.pull:
            colour = pulled(colour, bare.lines, hints, request.pull, bare.plain, bare.regions)
        assert colour is not None
        return _Answer(asked, colour, cleaned(spec, bare.lines))

    def _without_hints(self, asked: InferenceRequest, frame: Rect, size: int) -> _Bare:
        bare = dataclasses.replace(asked, hints=(), pull=0.0)
        if self._bare is None or self._bare.request != bare:
            scale = min(1.0, size / max(frame.width, frame.height))
            small = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
            self._bare = _Bare(bare, self._sight.lines(asked.lines, frame, small))
        return self._bare

    def _size(self, loaded: _Loaded, request: InferenceRequest) -> int:
        size = request.working_size or loaded.runtime.spec.working_size
        return size if self._means.largest is None else min(size, self._means.largest)

    def _paint(self, tiles: Tiles, answer: _Answer, request: InferenceRequest, *, is_layer: bool) -> None:
        """The window's colours, block by block, so that memory does not grow with the canvas."""
        frame, window = _frame(request), request.window
        for block in window.blocks(BLOCK):
            round_it = on_tiles(block.grown(TILE), window)
            if is_layer:
                pixels = self._under_lines(answer, request, round_it)
            else:
                pixels = premultiplied(_plain(answer.colour, frame, round_it))
            pixels = np.array(pixels[block.slices(round_it)])  # a copy that may be written
            if request.shown is not None:
                faded_in(pixels, block, window, frame, request.shown)
            tiles.write(block, pixels)

    def _under_lines(self, answer: _Answer, request: InferenceRequest, rect: Rect) -> Pixels:
        """The colours of `rect`, (height, width, 4), opaque; finest at the size that the request asks for."""
        frame, coarse = _frame(request), request.coarse
        height, width = answer.colour.shape[:2]
        across, down = width / frame.width, height / frame.height
        masks = self._sight.line_masks(request.lines, rect, coarse, 1 / max(across, down))
        rows, columns = masks[0].shape
        left, top = (rect.x - frame.x) * across, (rect.y - frame.y) * down
        box = (left, top, left + (columns << coarse) * across, top + (rows << coarse) * down)
        pixels = enlarged(answer.colour, luminance(answer.lines), masks, box)
        if coarse:
            image = Image.frombuffer("RGBX", (columns, rows), pixels, "raw", "RGBX", 0, 1)
            pixels = np.asarray(image.resize((columns << coarse, rows << coarse), Image.Resampling.NEAREST))
        return pixels[: rect.height, : rect.width]

    def _model(self, model_id: str) -> _Loaded:
        if self._loaded is None or self._loaded.model_id != model_id:
            self._loaded = self._answer = self._bare = None  # its memory is free before the next one is read
            self._means = Means(device=self._device)
            self._loaded = self._load_model(model_id)
        return self._loaded

    def _load_model(self, model_id: str) -> _Loaded:
        runtime = self._load(self._catalogue.find(model_id).path, self._means.device)
        _require_fit(runtime, model_id)
        return _Loaded(model_id, runtime, Predictor(runtime))

    def _make_do(self, loaded: _Loaded, request: InferenceRequest) -> str:
        """Memory ran out: take the next lesser means and say so. UserError when there are none."""
        device = loaded.runtime.device
        means, told = lesser(self._means, size=self._size(loaded, request), running_on=device)
        if means.device != self._means.device:
            self._loaded = None
            self._means = means
            self._loaded = self._load_model(request.model_id)
        elif means.is_half and isinstance(loaded.runtime, TorchRuntime):
            loaded.runtime.halve()
        self._means = means
        return told


def _frame(request: InferenceRequest) -> Rect:
    """What the network looks at; it begins at a tile."""
    frame = request.frame or request.window
    return Rect.from_edges(frame.x // TILE * TILE, frame.y // TILE * TILE, frame.right, frame.bottom)


def _tiled(loaded: _Loaded, request: InferenceRequest) -> Pixels:
    """For networks that see a picture at its own scale: the window with some of what lies round it."""
    seen = request.window.grown(_TILED_MARGIN).intersected(_frame(request))
    lines = np.ascontiguousarray(composite_on_paper(request.lines, seen)[..., :3])
    hints = None
    if loaded.runtime.spec.takes_hints and request.hints:
        hints = straight(composite_on_nothing(request.hints, seen))
    colour = loaded.predictor.predict(lines, hints=hints, palette=request.palette).colour
    if asks(hints, request.pull):
        plain = loaded.predictor.predict(lines, palette=request.palette).colour
        colour = pulled(colour, lines, hints, request.pull, plain)
    return premultiplied(colour[request.window.slices(seen)])


def _plain(colour: Pixels, frame: Rect, rect: Rect) -> Pixels:
    """The part of `colour`, which shows `frame`, that shows `rect`, at full size: a picture has its lines in it."""
    across, down = colour.shape[1] / frame.width, colour.shape[0] / frame.height
    part = rect.moved(-frame.x, -frame.y)
    box = (part.x * across, part.y * down, part.right * across, part.bottom * down)
    image = Image.fromarray(colour).resize((rect.width, rect.height), Image.Resampling.BILINEAR, box)
    return np.asarray(image)


def _require_fit(runtime: Runtime, model_id: str) -> None:
    """UserError when a network does not take or give what its description says; the first pass warms it up as well."""
    spec = runtime.spec
    x = np.zeros((1, spec.network_channels, spec.size_multiple, spec.size_multiple), np.float32)
    try:
        answer = runtime.run(x)
        fits = answer.shape[:2] == (1, spec.output_channels)
    except Exception as error:
        if isinstance(error, UserError) or is_out_of_memory(error):
            raise
        fits = False
    if not fits:
        raise UserError(
            f"The model {model_id} does not take the channels that its description says.", "Fetch or export it again."
        )
