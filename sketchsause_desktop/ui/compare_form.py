"""What is compared: two models, pictures, hints, and the size they are seen at."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from sketchsause_desktop.app.compare_inputs import Found, suffixes
from sketchsause_desktop.app.compare_job import MOST, CompareJob, Side
from sketchsause_desktop.app.compare_sides import first_two
from sketchsause_desktop.ui.batch_inputs import BatchInputs
from sketchsause_desktop.ui.fields import WheelGuard, icon_button

_NOBODY = Side(title="", file="")
_HINTS = {0: "None", 16: "16 dabs of the truth's colours"}
_SIZES = {None: "Their own size", 256: "256 × 256, squashed"}
_SIZE_TIP = (
    "The size at which the models are seen and measured.\n"
    "Figures of papers are mostly of pictures squashed to 256 × 256, as those of `sketchsause compare` are by default."
)


class CompareForm(QWidget):
    changed = Signal()  # anything
    inputs_changed = Signal()

    def __init__(self, guard: WheelGuard) -> None:
        super().__init__()
        self._sides: list[Side] = []
        self.a, self.b = _side_box("A"), _side_box("B")
        self.swap = icon_button("swap", "Swap A and B", self._on_swap)
        self.inputs = BatchInputs("compare", suffixes())
        self.found = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.found.setObjectName("dim")
        self.found.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.found.setMinimumHeight(2 * self.found.fontMetrics().height())  # what lies below stays where it is
        self.hints = _choice(_HINTS, "Hints")
        self.hints.setToolTip("Given to models that take hints; both get the same")
        self.size_ = _choice(_SIZES, "Size")
        self.size_.setToolTip(_SIZE_TIP)
        self.most = QSpinBox(minimum=1, maximum=999, value=MOST, suffix=" pictures")
        self.most.setAccessibleName("At most so many pictures")
        self.most.setToolTip("Of more pictures so many are taken, evenly spaced")
        guard.watch(self.a, self.b, self.hints, self.size_, self.most)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        models = QFormLayout()
        models.setContentsMargins(0, 0, 0, 0)
        models.setHorizontalSpacing(10)
        models.setVerticalSpacing(8)
        models.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for letter, box in (("A", self.a), ("B", self.b)):
            label = QLabel(letter)
            font = label.font()
            font.setBold(True)
            label.setFont(font)
            models.addRow(label, box)
        pair = QHBoxLayout()
        pair.setSpacing(6)
        pair.addLayout(models, 1)
        pair.addWidget(self.swap)
        self._fields = QFormLayout()
        self._fields.setContentsMargins(0, 0, 0, 0)
        self._fields.setHorizontalSpacing(10)
        self._fields.setVerticalSpacing(8)
        self._fields.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for words, field in (("Hints", self.hints), ("Size", self.size_), ("At most", self.most)):
            self._fields.addRow(words, field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(pair)
        column.addSpacing(4)
        column.addWidget(QLabel("Pictures, or a folder of pairs"))
        column.addWidget(self.inputs)
        column.addWidget(self.found)
        column.addLayout(self._fields)

    def _connect(self) -> None:
        for box in (self.a, self.b, self.hints, self.size_):
            box.currentIndexChanged.connect(self.changed)
        self.most.valueChanged.connect(self.changed)
        self.inputs.changed.connect(self.inputs_changed)

    # The two sides

    def show_sides(self, sides: Sequence[Side]) -> None:
        """Those that there are now; what is chosen stays, also when it is not among them."""
        chosen = self.side(self.a), self.side(self.b)
        self._sides = list(sides)
        for box, side in zip((self.a, self.b), chosen, strict=True):
            with QSignalBlocker(box):
                box.clear()
                for each in self._sides:
                    _add(box, each)
                if side.file:
                    self.choose(box, side)
        if not chosen[0].file:
            with QSignalBlocker(self.a), QSignalBlocker(self.b):
                for box, side in zip((self.a, self.b), first_two(self._sides), strict=False):
                    self.choose(box, side)
        self.changed.emit()

    def side(self, box: QComboBox) -> Side:
        side = box.currentData()
        return side if isinstance(side, Side) else _NOBODY

    def choose(self, box: QComboBox, side: Side) -> None:
        """One that is not there any more is named nevertheless, and refused when it comes to that."""
        place = next((row for row in range(box.count()) if box.itemData(row).file == side.file), -1)
        if place < 0:
            _add(box, side)
            place = box.count() - 1
        box.setCurrentIndex(place)

    def _on_swap(self) -> None:
        a, b = self.side(self.a), self.side(self.b)
        with QSignalBlocker(self):
            self.choose(self.a, b)
            self.choose(self.b, a)
        self.changed.emit()

    # The job

    def show_found(self, found: Found, *, is_looking: bool) -> None:
        self.found.setText("Looking …" if is_looking else found.fault or found.words)
        self._fields.setRowVisible(self.hints, found.has_truth)

    def job(self, found: Found) -> CompareJob | None:
        """None where there is nothing to compare on."""
        if not found.count:
            return None
        return CompareJob(
            a=self.side(self.a),
            b=self.side(self.b),
            inputs=self.inputs.paths,
            has_truth=found.has_truth,
            hints=self.hints.currentData() if found.has_truth else 0,
            size=self.size_.currentData(),
            most=self.most.value(),
        )

    def show_job(self, job: CompareJob) -> None:
        with QSignalBlocker(self):
            self.choose(self.a, job.a)
            self.choose(self.b, job.b)
            self.inputs.set_paths(job.inputs)
            self.hints.setCurrentIndex(max(0, self.hints.findData(job.hints)))
            self.size_.setCurrentIndex(max(0, self.size_.findData(job.size)))
            self.most.setValue(job.most)
        self.inputs_changed.emit()


def _side_box(letter: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(f"Model {letter}")
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    return box


def _add(box: QComboBox, side: Side) -> None:
    box.addItem(side.title, side)
    box.setItemData(box.count() - 1, side.about or side.file, Qt.ItemDataRole.ToolTipRole)


def _choice(words: dict[int, str] | dict[int | None, str], name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for value, text in words.items():
        box.addItem(text, value)
    return box
