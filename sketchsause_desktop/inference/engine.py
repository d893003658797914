"""Runs requests on trained models, loading each when it is asked for. No Qt; torch only where the device needs it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.predictor import Predictor
from models.runtime import Runtime, load_runtime
from sketchsause_desktop.core.blend import Pixels, premultiplied, straight
from sketchsause_desktop.core.compositing import composite_on_nothing, composite_on_paper
from sketchsause_desktop.core.hint_pull import pulled
from sketchsause_desktop.core.requests import InferenceRequest, InferenceResult
from sketchsause_desktop.core.tiles import TileSnapshot
from sketchsause_desktop.inference.catalogue import Catalogue


@dataclass(frozen=True)
class _Loaded:
    model_id: str
    runtime: Runtime
    predictor: Predictor


class Engine:
    """Answers one request at a time; call it from one thread. Faults a user can mend are raised as UserError.

    The model used last stays loaded. All work that costs time, enlarging and cutting into tiles included, is done here,
    so that the thread that shows the result only exchanges tiles.
    """

    def __init__(
        self, catalogue: Catalogue, device: str = "auto", load: Callable[[Path, str], Runtime] = load_runtime
    ) -> None:
        self._catalogue = catalogue
        self._device = device
        self._load = load
        self._loaded: _Loaded | None = None

    def run(self, request: InferenceRequest) -> InferenceResult:
        loaded = self._model(request.model_id)
        started = time.perf_counter()
        lines = np.ascontiguousarray(composite_on_paper(request.lines, request.window)[..., :3])
        hints = _hints(request) if loaded.runtime.spec.takes_hints else None
        prediction = loaded.predictor.predict(
            lines, hints=hints, palette=request.palette, working_size=request.working_size
        )
        colour = pulled(prediction.colour, lines, hints, request.pull)
        tiles = TileSnapshot.cut(request.window, premultiplied(colour))
        return InferenceResult(
            document_id=request.document_id,
            revision=request.revision,
            window=request.window,
            model_id=request.model_id,
            tiles=tiles,
            elapsed_ms=(time.perf_counter() - started) * 1000,
            device=loaded.runtime.device.upper(),
        )

    def _model(self, model_id: str) -> _Loaded:
        if self._loaded is None or self._loaded.model_id != model_id:
            self._loaded = None  # its memory is free before the next one is read
            runtime = self._load(self._catalogue.find(model_id).path, self._device)
            self._loaded = _Loaded(model_id, runtime, Predictor(runtime))
        return self._loaded


def _hints(request: InferenceRequest) -> Pixels | None:
    return straight(composite_on_nothing(request.hints, request.window)) if request.hints else None
