"""Offers to make the picture that was opened the source of a map, when a map model is chosen and there is none."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.source_actions import has_source, make_source, source_candidate

NOTICE = "source"


class SourceOffer(QObject):
    def __init__(
        self,
        editor: Editor,
        live: Live,
        notices: Notices,
        looks_at: Callable[[str], Role],
        parent: QObject | None = None,
    ) -> None:
        """`looks_at` gives the role of the layers that a model sees, by its id."""
        super().__init__(parent)
        self._editor, self._live, self._notices, self._looks_at = editor, live, notices, looks_at
        for signal in (live.model_changed, editor.document_replaced, editor.layers_changed):
            signal.connect(self._show)
        notices.acted.connect(self._on_acted)
        self._show()

    def _show(self, _changed: object = None) -> None:
        model_id = self._live.model_id
        if not model_id or self._looks_at(model_id) is not Role.SOURCE or has_source(self._editor.document):
            self._notices.withdraw(NOTICE)
            return
        layer = self._candidate()
        text = "This model makes a map of a Source layer; there is none yet."
        if layer is None:
            hint = "Open a satellite picture, or choose Layer ▸ Role ▸ Source of a map for one."
            self._notices.post(NOTICE, text, hint, lasts=True)
        else:
            is_opened = layer.role is Role.LINE_ART  # the name its layer was given then would only confuse
            what = "the picture" if is_opened else f"“{layer.name}”"
            self._notices.post(NOTICE, text, action=f"Use {what}", lasts=True)

    def _candidate(self) -> Layer | None:
        return source_candidate(self._editor.document)

    def _on_acted(self, key: str) -> None:
        layer = self._candidate() if key == NOTICE else None
        if layer is not None:
            layer_id = layer.layer_id
            self._editor.do(lambda document: make_source(document, layer_id))
