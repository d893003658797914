"""Runs requests on trained models, loading each when it is first asked for. No Qt; torch only where the device needs it."""

from typing import TYPE_CHECKING

from sketchsause_desktop.core.requests import InferenceRequest, InferenceResult

if TYPE_CHECKING:
    from sketchsause_desktop.inference.catalogue import Catalogue


class Engine:
    """Answers one request at a time; call it from one thread. Faults a user can mend are raised as UserError."""

    def __init__(self, catalogue: "Catalogue", device: str = "auto") -> None:
        self._catalogue = catalogue
        self._device = device

    def run(self, request: InferenceRequest) -> InferenceResult:
        raise NotImplementedError
