"""Which pictures a batch converts and where each goes: the dry run of every batch, made while the batch runs.

Sources are never at risk: a target that is a source, its own or another's, is refused.
"""

import hashlib
import math
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from models.errors import UserError
from sketchsause_desktop.batch.geo.detect import MBTILES, kind_of_file
from sketchsause_desktop.batch.geo.tile_folder import is_tile_folder
from sketchsause_desktop.batch.job import BatchJob, Shard, Task
from sketchsause_desktop.batch.naming import Ask, Names, Source, exists, identity, never_ask
from sketchsause_desktop.batch.reading import HINTS_MARK, TIFF_SUFFIXES
from sketchsause_desktop.core.documents_io import OPENABLE_SUFFIXES
from sketchsause_desktop.core.tiff_reader import pages_in

_SUFFIXES = OPENABLE_SUFFIXES | {MBTILES}


def plan(job: BatchJob, *, done: Mapping[str, Path] | None = None, ask: Ask = never_ask) -> Iterator[Task]:
    """The tasks of `job`, or of its shard, in the order of the inputs, by name within a folder.

    `done` is what an earlier run has made of which task (`Task.key`).
    """
    names = Names(job, _model_name(job), _source_test(job), done or {}, ask)
    for index, source in enumerate(_find_sources(job)):
        task = names.assign(index, source)
        if job.shard is None or _is_in(job.shard, source):
            yield task


def count_sources(job: BatchJob, stop_at: float = math.inf, stop: threading.Event | None = None) -> int:
    """How many files there are to convert, about: by their names alone, and a file given twice may count twice."""
    count = 0
    for given in job.inputs:
        for _ in _walk(given, job) if given.is_dir() else (given,):
            count += 1
            if count >= stop_at or (stop and stop.is_set()):
                return count
    return count // (job.shard.count if job.shard else 1)


def _find_sources(job: BatchJob) -> Iterator[Source]:
    """A file given twice is taken once; one that does not exist is kept, so that its task can fail by name."""
    seen: set[str] = set()
    for given in job.inputs:
        found = _walk(given, job) if given.is_dir() else iter((Source(given),))
        for source in found:
            if len(job.inputs) > 1:  # a single folder names each file once
                key = os.path.normcase(os.path.realpath(source.path))
                if key in seen:
                    continue
                seen.add(key)
            yield from _pages(source, job)


def _pages(source: Source, job: BatchJob) -> Iterator[Source]:
    """A TIFF of several pages stays one where the result is a TIFF, and becomes a picture a page elsewhere."""
    pages = 1
    kind = source.kind
    if kind == "picture" and not source.fault:
        kind = kind_of_file(source.path, has_bands=bool(job.bands or job.stretch))
    if kind != "picture":
        yield replace(source, kind=kind)
        return
    if not source.fault and source.path.suffix.lower() in TIFF_SUFFIXES:
        try:
            pages = pages_in(source.path)
        except (UserError, OSError):  # told when it is read
            pages = 1
    if pages == 1:
        yield source
    elif job.file_format in ("tiff", "same"):
        yield Source(source.path, source.folder, pages=pages)
    else:
        yield from (Source(source.path, source.folder, page=page) for page in range(pages))


def _walk(root: Path, job: BatchJob) -> Iterator[Source]:
    """Pictures below `root`. Not hidden ones, and not those of an output folder inside it: they are results.

    Links to folders are not followed, so that a circle of them ends.
    """
    output = identity(job.output_folder)
    faults: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=faults.append):
        here = Path(folder)
        inside = here.relative_to(root)
        if is_tile_folder(here, folders):
            folders.clear()
            yield Source(here, inside.parent, kind="tiles")
            continue
        if job.recursive:
            folders[:] = sorted(
                n for n in folders if not n.startswith(".") and (output is None or identity(here / n) != output)
            )
        else:
            folders.clear()
        for name in sorted(files):
            if _is_wanted(name, inside, job):
                yield Source(here / name, inside)
    for fault in faults:
        sentence = f"{fault.filename} cannot be opened: {fault.strerror}. Check its permissions."
        yield Source(Path(fault.filename), fault=sentence)


def _is_wanted(name: str, inside: Path, job: BatchJob) -> bool:
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a Path for each of a million names takes ten times as long
    if name.startswith(".") or suffix.lower() not in _SUFFIXES or stem.endswith(HINTS_MARK):
        return False
    place = (inside / name).as_posix() if job.include or job.exclude else ""
    return not any(_fits(place, name, each) for each in job.exclude) and (
        not job.include or any(_fits(place, name, each) for each in job.include)
    )


def _fits(place: str, name: str, pattern: str) -> bool:
    """A pattern with a slash is for the place in the folder, one without for the name."""
    return fnmatch(place if "/" in pattern else name, pattern)


def _source_test(job: BatchJob) -> Callable[[Path], bool]:
    """Tells whether a file that is there is one of the sources; looks for them only where results can meet them."""
    if not _may_meet(job):
        return lambda _path: False
    everything = BatchJob(inputs=job.inputs, output_folder=job.output_folder, model=job.model, recursive=job.recursive)
    sources = set()
    for given in everything.inputs:
        for source in _walk(given, everything) if given.is_dir() else (Source(given),):
            sources.add(identity(source.path))
    sources.discard(None)
    return lambda path: identity(path) in sources


def _may_meet(job: BatchJob) -> bool:
    """Whether sources lie in the output folder, or below it. One that is not there yet holds none."""
    output = identity(job.output_folder)
    if output is None:
        return False
    folders = [given if given.is_dir() else given.parent for given in job.inputs]
    return any(output in {identity(each) for each in (path, *path.parents)} for path in map(_real, folders))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _is_in(shard: Shard, source: Source) -> bool:
    """By the source's place in its folder, so that every machine comes to the same answer."""
    name = (source.folder / source.path.name).as_posix().encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(name + str(source.page).encode(), digest_size=8).digest()
    return int.from_bytes(digest) % shard.count == shard.number - 1


def _model_name(job: BatchJob) -> str:
    """For the template: the model's name, or its file's."""
    return Path(job.model).stem if exists(Path(job.model)) or os.sep in job.model else job.model
