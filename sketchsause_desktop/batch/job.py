"""What a batch is asked to do and what became of it: the same values for the command line and the window."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.errors import UserError
from sketchsause_desktop.core.picture_metadata import OutputFormat

IfExists = Literal["skip", "rename", "overwrite"]
SheetHalf = Literal["left", "right"]
Status = Literal["done", "skipped", "failed"]


@dataclass(frozen=True, kw_only=True)
class BatchJob:
    inputs: tuple[Path, ...]  # files and folders
    output_folder: Path
    model: str  # a name of the catalogue or a path
    recursive: bool = False
    if_exists: IfExists = "skip"
    file_format: OutputFormat | Literal["same"] = "png"
    quality: int | None = None  # 1 to 100, for JPEG and WebP
    hints: Path | None = None  # RGBA, hinted where it is not transparent
    pull: float = 1.0  # how far the results are pulled to the hints, 0 to 1
    palette: Path | None = None  # a palette, a character or a picture whose colours every page gets
    sheet_half: SheetHalf | None = None  # which half of a side-by-side sheet is the input
    working_size: int | None = None  # pixels of the longer side when a picture is seen whole
    tile: int | None = None  # pixels
    overlap: int | None = None  # pixels
    device: str = "auto"

    def __post_init__(self) -> None:
        """Raises UserError for settings no run could obey."""
        if not self.inputs:
            raise UserError("No input was given.", "Name pictures or folders.")
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise UserError(f"A quality of {self.quality} is not possible.", "Choose 1 to 100.")
        if not 0 <= self.pull <= 1:
            raise UserError(f"A hint strength of {self.pull:.0%} is not possible.", "Choose 0 to 100.")
        for name, value, least in (("working size", self.working_size, 16), ("tile", self.tile, 16)):
            if value is not None and value < least:
                raise UserError(f"A {name} of {value} pixels is too small.", f"Choose at least {least}.")
        if self.overlap is not None and self.overlap < 0:
            raise UserError(f"An overlap of {self.overlap} pixels is not possible.", "Choose 0 or more.")
        if self.tile is not None and self.overlap is not None and self.overlap >= self.tile:
            raise UserError("The overlap must be smaller than the tile.", "Choose about a quarter of the tile.")


@dataclass(frozen=True, kw_only=True)
class Task:
    """One picture of a batch. `refusal` says why it is not done; then nothing is read or written."""

    index: int
    source: Path
    target: Path
    skip: bool = False
    refusal: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    task: Task
    status: Status
    message: str = ""
    seconds: float = 0.0  # decoding, network and encoding, without the waiting between them


@dataclass(frozen=True, kw_only=True)
class Summary:
    outcomes: Sequence[Outcome]  # in the order of the inputs
    seconds: float  # wall time
    stopped: bool = False  # before all tasks were done

    def count(self, status: Status) -> int:
        return sum(outcome.status == status for outcome in self.outcomes)
