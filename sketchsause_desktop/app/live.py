"""Live colour: while it is on, the drawing is coloured under the pen by a worker thread that never holds up painting."""

from PySide6.QtCore import QObject, Signal

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.core.requests import InferenceEngine


class Live(QObject):
    """Sends the newest state of the drawing to the worker and shows what comes back. Lives on the GUI thread.

    The worker starts with the first request. Whoever made this object calls `shutdown` before it goes.
    """

    enabled_changed = Signal(bool)
    busy_changed = Signal(bool)  # a pass is running or waiting
    reason_changed = Signal(str)  # why live is on but waits, as a sentence; "" when it does not wait
    pass_finished = Signal(str, float)  # device for the user, milliseconds of the pass
    model_changed = Signal(str)  # model id

    def __init__(
        self, editor: Editor, engine: InferenceEngine, notices: Notices, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)

    @property
    def enabled(self) -> bool:
        raise NotImplementedError

    def set_enabled(self, enabled: bool) -> None:
        """Off means idle within one forward pass; a pass that is still running is not shown."""
        raise NotImplementedError

    @property
    def busy(self) -> bool:
        raise NotImplementedError

    @property
    def reason(self) -> str:
        raise NotImplementedError

    @property
    def model_id(self) -> str:
        """ "" while no model is chosen."""
        raise NotImplementedError

    def set_model(self, model_id: str) -> None:
        """Use another model of the catalogue and colour anew; answers of the old one are dropped."""
        raise NotImplementedError

    def run_once(self) -> None:
        """Colour the drawing as it is now, also while live is off."""
        raise NotImplementedError

    def shutdown(self) -> None:
        """Stop and join the worker; waits for the pass in flight. Safe to call twice."""
        raise NotImplementedError
