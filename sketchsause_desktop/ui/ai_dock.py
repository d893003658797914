"""The AI panel: how the colours are looked at, how strong they are, and what live colouring is doing, in words."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from sketchsause_desktop.app.live import Live
from sketchsause_desktop.ui.actions import Actions
from sketchsause_desktop.ui.fields import ReturnToCanvas, ValueField, WheelGuard
from sketchsause_desktop.ui.live_state import mark, report_of
from sketchsause_desktop.ui.theme import Theme


class AiPanel(QWidget):
    strength_changed = Signal(int)  # per cent

    def __init__(
        self, *, actions: Actions, live: Live, theme: Theme, guard: WheelGuard, returns: ReturnToCanvas
    ) -> None:
        super().__init__()
        self._live, self._theme = live, theme
        self._timing = ""
        self.strength = ValueField(
            "Strength",
            0,
            100,
            suffix=" %",
            guard=guard,
            tip="How strongly the colours show, on screen and in the export",
        )
        self.strength.set_value(100)
        self.strength.value_changed.connect(self.strength_changed)
        returns.watch(self.strength.number)
        self.hint_strength = ValueField(
            "Hint strength",
            0,
            100,
            suffix=" %",
            guard=guard,
            tip="How far the colours are pulled to your hints, each in its region; 0 leaves them to the model",
        )
        returns.watch(self.hint_strength.number)
        self._mark = QLabel()
        self._mark.setFixedWidth(16)
        self._words = QLabel(wordWrap=True)
        self._words.setAccessibleName("State of live colouring")
        self._timing_label = QLabel(wordWrap=True)
        self._timing_label.setObjectName("dim")
        self._lay_out(actions)
        for signal in (live.enabled_changed, live.busy_changed, live.reason_changed, live.model_changed):
            signal.connect(self._show_live)
        live.pass_finished.connect(self._on_pass)
        theme.changed.connect(self._show_live)
        self._show_live()

    def _lay_out(self, actions: Actions) -> None:
        modes = QHBoxLayout()
        modes.setSpacing(4)
        for action in (actions.overlay, actions.split):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setIconSize(QSize(18, 18))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setObjectName("segment")
            modes.addWidget(button)
        once = QPushButton(actions.colour_once.icon(), "Colour once")
        once.setToolTip(actions.colour_once.toolTip())
        once.clicked.connect(actions.colour_once.trigger)
        actions.colour_once.enabledChanged.connect(once.setEnabled)
        state = QHBoxLayout()
        state.setSpacing(6)
        state.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        state.addWidget(self._words, 1)
        rule = QFrame()
        rule.setFrameShape(QFrame.Shape.HLine)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 10)
        column.setSpacing(10)
        column.addLayout(modes)
        column.addWidget(self.strength)
        column.addWidget(self.hint_strength)
        column.addWidget(once)
        column.addWidget(rule)
        column.addLayout(state)
        column.addWidget(self._timing_label)
        column.addStretch(1)

    def show_strength(self, strength: float) -> None:
        self.strength.set_value(round(strength * 100))

    def _on_pass(self, device: str, elapsed_ms: float) -> None:
        self._timing = f"Last pass: {elapsed_ms:.0f} ms on {device}"
        self._show_live()

    def _show_live(self) -> None:
        report = report_of(self._live)
        self._words.setText(report.words)
        self._mark.setPixmap(mark(report.state, self._theme, self.devicePixelRatioF()).pixmap(QSize(14, 14)))
        self._timing_label.setText(self._timing)
