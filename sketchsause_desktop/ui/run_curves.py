"""The curves of one run, a group at a time."""

from collections.abc import Mapping

from sketchsause_desktop.app.run_history import RunHistory, Series
from sketchsause_desktop.ui.curve_plot import CurvePlot, curve_title
from sketchsause_desktop.ui.fields import WheelGuard
from sketchsause_desktop.ui.theme import Theme

_GROUPS = {"losses": "Losses", "measures": "Measures on held-out pairs", "rates": "Learning rate"}


class CurvesView(CurvePlot):
    def __init__(self, theme: Theme, guard: WheelGuard) -> None:
        nothing = "The curves begin with the first reports."
        super().__init__(theme, guard, choice_name="Which curves", nothing=nothing)
        self._history = RunHistory()
        for name, title in _GROUPS.items():
            self.choice.addItem(title, name)

    def show_history(self, history: RunHistory) -> None:
        """Draw what `history` holds now; another run's curves go."""
        if history is not self._history:
            self._history = history
            self.draw_anew()
        else:
            self.draw()

    def curves(self) -> Mapping[str, Series]:
        return self._history.curves.get(self.choice.currentData(), {})

    def title(self, name: str) -> str:
        return curve_title(name)
