"""Where each result goes: by a template, never two to one file, and never over a source."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from models.errors import UserError
from sketchsause_desktop.batch.geo.detect import Kind
from sketchsause_desktop.batch.geo.tile_names import tile_set_target
from sketchsause_desktop.batch.job import BatchJob, Task
from sketchsause_desktop.core.documents_io import LAYERED_SUFFIXES
from sketchsause_desktop.core.picture_metadata import OutputFormat
from sketchsause_desktop.core.picture_writer import format_of

Answer = Literal["skip", "rename", "overwrite"]
Ask = Callable[[Path], Answer]  # what to do about a result that is there

_SUFFIXES: dict[OutputFormat, str] = {"png": ".png", "jpg": ".jpg", "webp": ".webp", "tiff": ".tif"}


@dataclass(frozen=True)
class Source:
    path: Path
    folder: Path = Path()  # where it lay inside the folder that was given; the output keeps this tree
    page: int | None = None  # of a TIFF with several, from 0
    pages: int = 1
    kind: Kind = "picture"
    fault: str = ""


def never_ask(target: Path) -> Answer:
    raise UserError(f"{target} is there, and there is nobody to ask.", "Choose another --if-exists than ask.")


@dataclass
class Names:
    """Gives each source its target, in the order of the sources."""

    job: BatchJob
    model_name: str
    is_source: Callable[[Path], bool]
    done: Mapping[str, Path]  # what an earlier run of this batch made of which task
    ask: Ask = never_ask
    # By hash, since a folder may have a million files. Two that hash alike cost a number in a name, nothing else.
    _taken: set[int] = field(default_factory=set)

    def assign(self, index: int, source: Source) -> Task:
        wanted = self._wanted(source)
        task = Task(
            index=index, source=source.path, target=wanted, page=source.page, pages=source.pages, kind=source.kind
        )
        if earlier := self.done.get(task.key):
            self._take(earlier)
            return replace(task, target=earlier, skip=f"{earlier} was made before this batch was stopped.")
        target = self._numbered(wanted, self._is_taken)
        if source.fault:
            self._take(target)
            return replace(task, target=target, refusal=source.fault)
        return self._settled(task, target)

    def _settled(self, task: Task, target: Path) -> Task:
        """By the policy, where the target is there already."""
        policy = self.job.if_exists
        skip = refusal = ""
        if exists(target) and policy != "rename":
            if self.is_source(target) and not self._is_given_up(task, target):
                refusal = (
                    f"{task.source} would be written over {target}, which is an input. Choose another output folder."
                )
            elif policy == "ask":
                policy = self.ask(target)
        if policy == "rename":
            target = self._numbered(target, lambda path: self._is_taken(path) or exists(path))
        elif policy == "skip" and not refusal and exists(target):
            skip = f"{target} is already there."
        self._take(target)
        return replace(task, target=target, skip=skip, refusal=refusal)

    def _is_given_up(self, task: Task, target: Path) -> bool:
        return self.job.replace_sources and task.page is None and identity(target) == identity(task.source)

    def _wanted(self, source: Source) -> Path:
        if source.kind == "tiles":
            return tile_set_target(source.path, source.folder, self.job, self.model_name)
        stem, page = source.path.stem, f"{(source.page or 0) + 1:03}"
        if source.page is not None and "{page}" not in self.job.template:
            stem = f"{stem}-{page}"
        suffix = self._suffix(source.path).removeprefix(".")
        fields = {"stem": stem, "model": self.model_name, "page": page, "ext": suffix}
        name = re.sub(r"\{(\w+)\}", lambda found: fields[found[1]], self.job.template)
        return self.job.output_folder / source.folder / name

    def _suffix(self, source: Path) -> str:
        if self.job.file_format != "same":
            return _SUFFIXES[self.job.file_format]
        if source.suffix.lower() in LAYERED_SUFFIXES:
            return ".png"
        try:
            format_of(source)
        except UserError:
            return ".png"
        return source.suffix

    def _numbered(self, wanted: Path, is_taken: Callable[[Path], bool]) -> Path:
        target, number = wanted, 2
        while is_taken(target):
            target, number = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}"), number + 1
        return target

    def _is_taken(self, target: Path) -> bool:
        return _hash(target) in self._taken

    def _take(self, target: Path) -> None:
        self._taken.add(_hash(target))


def _hash(target: Path) -> int:
    """Without regard to case, because that is how Windows and macOS compare names."""
    return hash(str(target).casefold())


def exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long for the disk: said when it is written
        return False


def identity(path: Path) -> tuple[int, int] | None:
    """Device and file number, the same for every name the disk takes for the same file; None where there is none.

    Whether letters of both cases mean the same depends on the disk, so names are not compared.
    """
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
