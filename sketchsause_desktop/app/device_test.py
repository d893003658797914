"""How fast this machine colours, in words: measured with the first passes of the first start, and kept."""

import statistics
from dataclasses import replace

from PySide6.QtCore import QObject

from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.core.live_schedule import FAST_PASS_MS

PASSES = 3  # after the first, which also loads the model
GOOD_MS = 150.0  # colours follow within a blink


def told(device: str, pass_ms: float) -> str:
    """Such as "CPU: 41 ms, good for live"."""
    if pass_ms <= GOOD_MS:
        verdict = "good for live"
    elif pass_ms <= FAST_PASS_MS:
        verdict = "colours follow a little later"
    else:
        verdict = "slow: colours come when the pen rests"
    return f"{device}: {pass_ms:.0f} ms, {verdict}"


class DeviceTest(QObject):
    """Listens to live colour until it knows; the median, so that one slow pass does not decide."""

    def __init__(self, live: Live, settings: Settings, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self._notices = settings, notices
        self._device = ""
        self._passes: list[float] = []
        live.quick_pass_finished.connect(self._on_pass)

    def _on_pass(self, device: str, elapsed_ms: float) -> None:
        known = self._settings.preferences.device
        if known.startswith(f"{device}: "):
            return
        if device != self._device:
            self._device, self._passes = device, []
            return
        self._passes.append(elapsed_ms)
        if len(self._passes) == PASSES:
            words = told(device, statistics.median(self._passes))
            self._settings.change(replace(self._settings.preferences, device=words))
            self._notices.post("device", f"Colouring runs on the {words}.", "Help ▸ Device report has the details.")
