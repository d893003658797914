"""What a batch is asked to do and what became of it: the same values for the menu, the workspace and the command."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.errors import UserError
from models.scale import checked_scale
from models.self_ensemble import SIZES
from sketchsause_desktop.batch.geo.detect import Kind
from sketchsause_desktop.batch.geo.settings import TileRows, TileStore, checked_bands, checked_metres, checked_stretch
from sketchsause_desktop.core.picture_metadata import OutputFormat

IfExists = Literal["skip", "rename", "overwrite", "ask"]
SheetHalf = Literal["left", "right"]
Status = Literal["done", "skipped", "failed"]

TEMPLATE = "{stem}.{ext}"
_FIELDS = ("stem", "model", "page", "ext")


@dataclass(frozen=True, kw_only=True)
class Shard:
    """The `number`th of `count` parts of a batch, counted from 1."""

    number: int
    count: int

    @staticmethod
    def parse(text: str) -> "Shard":
        """Out of "2/8"; raises UserError for anything else."""
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise UserError(f"{text} is no part of a batch.", "Write the second of eight as 2/8.")
        return Shard(number=int(found[1]), count=int(found[2]))


@dataclass(frozen=True, kw_only=True)
class BatchJob:
    inputs: tuple[Path, ...]  # files and folders
    output_folder: Path
    model: str  # a name of the catalogue or a path
    recursive: bool = False
    include: tuple[str, ...] = ()  # patterns such as page*.png; a file in a folder has to fit one of them, if any
    exclude: tuple[str, ...] = ()  # and none of these
    template: str = TEMPLATE  # of the results' names; {stem}, {model}, {page} and {ext}
    if_exists: IfExists = "skip"
    replace_sources: bool = False  # with "overwrite": a result may take its own source's place
    file_format: OutputFormat | Literal["same"] = "png"
    quality: int | None = None  # 1 to 100, for JPEG and WebP
    hints: Path | None = None  # RGBA, hinted where it is not transparent
    pull: float = 1.0  # how far the results are pulled to the hints, 0 to 1
    skip_coloured: bool = False  # leave pages that are coloured already as they are
    palette: Path | None = None  # a palette, a character or a picture whose colours every page gets
    sheet_half: SheetHalf | None = None  # which half of a side-by-side sheet is the input
    working_size: int | None = None  # pixels of the longer side when a picture is seen whole
    tile: int | None = None  # pixels
    overlap: int | None = None  # pixels
    self_ensemble: int = 1  # in how many orientations the network sees a picture (models.self_ensemble)
    device: str = "auto"
    shard: Shard | None = None
    bands: tuple[int, ...] | None = None  # of imagery: which are red, green and blue, from 1; or one
    stretch: tuple[float, float] | None = None  # of imagery: the percentiles that become black and white
    scale: float | None = None  # how much larger than it is a picture is seen by a network that works in tiles
    metres_per_pixel: float | None = None  # of the pictures, where they do not say it themselves
    tile_rows: TileRows = "auto"
    tile_store: TileStore = "same"  # what sets of map tiles are written as

    def __post_init__(self) -> None:
        """Raises UserError for settings no run could obey."""
        if not self.inputs:
            raise UserError("No input was given.", "Name pictures or folders.")
        self._check_names()
        if self.bands is not None:
            checked_bands(self.bands)
        if self.stretch is not None:
            checked_stretch(self.stretch)
        self._check_scale()
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise UserError(f"A quality of {self.quality} is not possible.", "Choose 1 to 100.")
        if not 0 <= self.pull <= 1:
            raise UserError(f"A hint strength of {self.pull:.0%} is not possible.", "Choose 0 to 100.")
        for name, value, least in (("working size", self.working_size, 16), ("tile", self.tile, 16)):
            if value is not None and value < least:
                raise UserError(f"A {name} of {value} pixels is too small.", f"Choose at least {least}.")
        if self.self_ensemble not in SIZES:
            raise UserError(f"{self.self_ensemble} orientations are not possible.", "Choose 1, 2, 4 or 8.")
        if self.overlap is not None and self.overlap < 0:
            raise UserError(f"An overlap of {self.overlap} pixels is not possible.", "Choose 0 or more.")
        if self.tile is not None and self.overlap is not None and self.overlap >= self.tile:
            raise UserError("The overlap must be smaller than the tile.", "Choose about a quarter of the tile.")

    def _check_scale(self) -> None:
        if self.scale is not None and self.metres_per_pixel is not None:
            raise UserError("A scale and metres a pixel say the same.", "Give one of them.")
        if self.scale is not None:
            checked_scale(self.scale)
        if self.metres_per_pixel is not None:
            checked_metres(self.metres_per_pixel)

    def _check_names(self) -> None:
        if self.replace_sources and self.if_exists != "overwrite":
            raise UserError("Sources are replaced only where results overwrite.", "Add --if-exists overwrite.")
        if self.shard and self.if_exists in ("rename", "ask"):
            raise UserError(
                f"A part of a batch cannot {self.if_exists}: the parts would choose names without each other.",
                "Use --if-exists skip or overwrite.",
            )
        unknown = [name for name in re.findall(r"\{(.*?)\}", self.template) if name not in _FIELDS]
        rest = re.sub(r"\{\w+\}", "", self.template)
        parts = Path(self.template).parts
        if (
            unknown
            or "{" in rest
            or "}" in rest
            or "{stem}" not in self.template
            or not self.template.endswith("{ext}")
        ):
            raise UserError(
                f"{self.template} is no template for names.",
                "Use {stem}, {model} and {page}, and end in .{ext}: {stem}_{model}.{ext}.",
            )
        if Path(self.template).is_absolute() or ".." in parts:
            raise UserError(f"{self.template} leads out of the output folder.", "Leave / at its start and .. away.")


@dataclass(frozen=True, kw_only=True)
class Task:
    """One result of a batch. `refusal` says why it is not made; then nothing is read or written.

    `page` is the page of the source to take, counted from 0; `pages` > 1 means that the result holds all of them.
    """

    index: int
    source: Path
    target: Path
    page: int | None = None
    pages: int = 1
    kind: Kind = "picture"
    skip: str = ""  # why there is nothing to do
    refusal: str = ""

    @property
    def key(self) -> str:
        """The source, and the page of it, by one name wherever the command is started."""
        return task_key(str(self.source.absolute()), self.page)


def task_key(source: str, page: int | None) -> str:
    return source if page is None else f"{source}#{page}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    task: Task
    status: Status
    message: str = ""
    seconds: float = 0.0  # decoding, network and encoding, without the waiting between them
    scale: float = 1.0  # at which the network saw it


@dataclass(frozen=True, kw_only=True)
class Summary:
    """`outcomes` are in the order of the inputs, and empty where they were not to be kept."""

    outcomes: Sequence[Outcome]
    counts: dict[Status, int]
    seconds: float  # wall time
    stopped: bool = False  # before all tasks were done
    reason: str = ""  # why, where it was not the user

    def count(self, status: Status) -> int:
        return self.counts.get(status, 0)

    @property
    def is_good(self) -> bool:
        """Nothing failed, and nothing but the user stopped it."""
        return not self.count("failed") and not self.reason
