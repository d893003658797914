"""The settings of a batch: what is converted by which model, and where the results go."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.batch_run import folder_of
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.batch.geo.settings import read_scale, scale_text
from sketchsause_desktop.batch.job import TEMPLATE, BatchJob
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.ui.batch_inputs import BatchInputs
from sketchsause_desktop.ui.fields import WheelGuard, icon_button

_NAMES = (TEMPLATE, "{stem}_{model}.{ext}", "{stem}-coloured.{ext}", "{model}/{stem}.{ext}")
_FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WebP", "tiff": "TIFF", "same": "As the picture"}
_WITH_QUALITY = ("jpg", "webp", "same")
_QUALITY = 92
_CAREFUL = 4  # orientations
_IF_EXISTS = {"skip": "Leave it", "rename": "Write beside it", "overwrite": "Replace it"}
_NAMES_TIP = (
    "{stem} is the picture's name without its ending, {ext} the new ending, {model} the model's name,\n"
    "{page} the page of a TIFF of several. A slash makes folders."
)


_SCALE_TIP = (
    "How much larger the network sees the pictures: 2, 1/2, or their metres a pixel, such as 0.5 m.\n"
    "Automatic: as large as those it learned from, where a picture says its metres; 1: as they are."
)


class BatchForm(QWidget):
    changed = Signal()

    def __init__(self, models: Sequence[ModelChoice], guard: WheelGuard) -> None:
        super().__init__()
        self._models = {model.model_id: model for model in models}
        self._is_own_output = False  # chosen by the user, who then keeps it
        self.inputs = BatchInputs()
        self.model = QComboBox()
        for model in models:
            self.model.addItem(model.title, model.model_id)
            self.model.setItemData(self.model.count() - 1, model.full_title, Qt.ItemDataRole.ToolTipRole)
        self.output = QLineEdit(placeholderText="A folder for the results")
        self.names = QComboBox(editable=True)
        self.names.addItems(_NAMES)
        self.names.setToolTip(_NAMES_TIP)
        self._names_line = self.names.lineEdit() or QLineEdit()
        self.format = _choice(_FORMATS)
        self.quality = QSpinBox(minimum=1, maximum=100, value=_QUALITY, prefix="quality ")
        self.if_exists = _choice(_IF_EXISTS)
        self.recursive = QCheckBox("Folders inside the folders, too")
        self.recursive.setChecked(True)
        self.skip_coloured = QCheckBox("Leave out pages that are coloured")
        self.skip_coloured.setToolTip("Coloured pencil lines and tinted paper do not count as colour")
        self.is_careful = QCheckBox("Look four times: surer, and as much slower")
        self.is_careful.setToolTip("Each picture is seen as it is, upside down and on either side; the mean is taken")
        self.colours = QLineEdit(placeholderText="None: the model chooses")
        self.colours.setClearButtonEnabled(True)
        self.colours.setToolTip("Every page in the colours of a palette, a character or a picture")
        self.scale = QLineEdit(placeholderText="Automatic")
        self.scale.setClearButtonEnabled(True)
        self.scale.setToolTip(_SCALE_TIP)
        for field in (self.output, self.colours, self.scale, self._names_line):
            field.setAcceptDrops(False)  # what is dropped goes to the list
        guard.watch(self.model, self.names, self.format, self.quality, self.if_exists)
        self._lay_out()
        self._connect()
        self._show_fields()

    def _lay_out(self) -> None:
        fields = QFormLayout()
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setHorizontalSpacing(10)
        fields.setVerticalSpacing(8)
        fields.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        fields.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        look_for = icon_button("folder", "Choose the folder for the results", self._on_output)
        fields.addRow("Model", self.model)
        self._palette_row = _row(self.colours, icon_button("palette", "Choose the palette", self._on_palette))
        fields.addRow("Palette", self._palette_row)
        fields.addRow("Scale", self.scale)
        fields.addRow("Into", _row(self.output, look_for))
        fields.addRow("Names", self.names)
        fields.addRow("Format", _row(self.format, self.quality))
        fields.addRow("If there", self.if_exists)
        self.if_exists.setToolTip("What becomes of a result that is there already")
        self._fields = fields
        heading = QLabel("Pictures and folders")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(heading)
        column.addWidget(self.inputs)
        column.addSpacing(6)
        column.addLayout(fields)
        column.addSpacing(2)
        column.addWidget(self.recursive)
        column.addWidget(self.skip_coloured)
        column.addWidget(self.is_careful)
        column.addStretch(1)
        for label, field in (("Model", self.model), ("Names", self.names), ("Format", self.format)):
            field.setAccessibleName(label)
        self.output.setAccessibleName("Folder for the results")
        self.quality.setAccessibleName("Quality")
        self.if_exists.setAccessibleName("If a result is there")
        self.colours.setAccessibleName("Palette")
        self.scale.setAccessibleName("Scale")

    def _connect(self) -> None:
        self.inputs.changed.connect(self._on_inputs)
        self.output.textEdited.connect(self._on_output_edited)
        self.model.currentIndexChanged.connect(self._on_model)
        self.format.currentIndexChanged.connect(self._on_changed)
        self.names.editTextChanged.connect(self._on_changed)
        self.colours.textChanged.connect(self._on_changed)
        self.scale.textChanged.connect(self._on_changed)
        self.quality.valueChanged.connect(self._on_changed)
        self.if_exists.currentIndexChanged.connect(self._on_changed)
        self.recursive.toggled.connect(self._on_changed)
        self.skip_coloured.toggled.connect(self._on_changed)
        self.is_careful.toggled.connect(self._on_changed)

    # The job

    def job(self) -> BatchJob | None:
        """None where there is nothing to convert. UserError for what cannot be."""
        if not self.inputs.paths:
            return None
        file_format = self.format.currentData()
        palette = self.colours.text().strip() if self._takes_palette else ""
        scale, metres = read_scale(self.scale.text()) if self._sees_tiles else (None, None)
        return BatchJob(
            inputs=self.inputs.paths,
            output_folder=folder_of(self.output.text()),
            model=self.model.currentData() or "",
            recursive=self.recursive.isChecked(),
            template=self.names.currentText().strip(),
            if_exists=self.if_exists.currentData(),
            file_format=file_format,
            quality=self.quality.value() if file_format in _WITH_QUALITY else None,
            palette=Path(palette).expanduser() if palette else None,
            skip_coloured=self.skip_coloured.isChecked(),
            scale=scale,
            metres_per_pixel=metres,
            self_ensemble=_CAREFUL if self.is_careful.isChecked() and self._sees_tiles else 1,
        )

    def show_job(self, job: BatchJob) -> None:
        """Fill the fields; nobody is told."""
        with QSignalBlocker(self):
            self.inputs.set_paths(job.inputs)
            self._is_own_output = True
            self.output.setText(str(job.output_folder))
            self.choose_model(job.model)
            self.names.setEditText(job.template)
            self.format.setCurrentIndex(self.format.findData(job.file_format))
            self.quality.setValue(job.quality or _QUALITY)
            self.if_exists.setCurrentIndex(max(0, self.if_exists.findData(job.if_exists)))
            self.colours.setText(str(job.palette or ""))
            self.scale.setText(scale_text(job.scale, job.metres_per_pixel))
            self.recursive.setChecked(job.recursive)
            self.skip_coloured.setChecked(job.skip_coloured)
            self.is_careful.setChecked(job.self_ensemble > 1)
            self._show_fields()

    def choose_model(self, model_id: str) -> None:
        """One that is not there any more is named nevertheless, and refused when the batch is listed."""
        if self.model.findData(model_id) < 0:
            self.model.addItem(model_id, model_id)
        self.model.setCurrentIndex(self.model.findData(model_id))

    def clear(self) -> None:
        """No pictures, and no folder of the user's own; the other settings stay."""
        self.inputs.set_paths(())
        self._is_own_output = False
        self.output.clear()
        self.changed.emit()

    # What the user does

    def _on_inputs(self) -> None:
        if not self._is_own_output:
            self.output.setText(self._proposed_output())
        self._on_changed()

    def _on_model(self) -> None:
        self._show_fields()
        self._on_inputs()

    def _on_changed(self) -> None:
        self._show_fields()
        self.changed.emit()

    def _on_output_edited(self, text: str) -> None:
        self._is_own_output = bool(text.strip())
        self._on_changed()

    def _on_output(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder for the results", self.output.text())
        if name:
            self.output.setText(name)
            self._on_output_edited(name)

    def _on_palette(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "A palette, a character or a picture")
        if name:
            self.colours.setText(name)

    def _proposed_output(self) -> str:
        """Beside the first input, named after it."""
        if not self.inputs.paths:
            return ""
        first = self.inputs.paths[0]
        model = self._models.get(self.model.currentData())
        word = "map" if model is not None and model.looks_at is not Role.LINE_ART else "coloured"
        if first.is_dir():
            return str(first.with_name(f"{first.name} {word}")) if first.name else ""
        return str(first.parent / word)

    @property
    def _takes_palette(self) -> bool:
        model = self._models.get(self.model.currentData())
        return model is not None and model.takes_palette

    @property
    def _sees_tiles(self) -> bool:
        model = self._models.get(self.model.currentData())
        return model is not None and model.sees_tiles

    def _show_fields(self) -> None:
        self._fields.setRowVisible(self.scale, self._sees_tiles)
        self.is_careful.setVisible(self._sees_tiles)
        self._fields.setRowVisible(self._palette_row, self._takes_palette)
        self.quality.setVisible(self.format.currentData() in _WITH_QUALITY)
        self.output.setToolTip(self.output.text() or "A folder for the results")


def _choice(words: dict[str, str]) -> QComboBox:
    box = QComboBox()
    for value, text in words.items():
        box.addItem(text, value)
    return box


def _row(first: QWidget, second: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(first, 1)
    row.addWidget(second)
    return holder
