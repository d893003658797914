"""A job as the words of a command line: `sketchsause convert …` does the same as the window."""

import os
import shlex
import subprocess
from pathlib import Path

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob

_DEFAULT = BatchJob(inputs=(Path("x"),), output_folder=Path("y"), model="")


def arguments_of(job: BatchJob) -> list[str]:
    """The words after `convert`; what is as it is by default is left out."""
    words = [*map(_word, job.inputs), "-o", _word(job.output_folder), "-m", job.model]
    for option, value, usual in _valued(job):
        if value != usual:
            words += [option, str(value)]
    for option, patterns in (("--include", job.include), ("--exclude", job.exclude)):
        for pattern in patterns:
            words.append(f"{option}={pattern}")
    for option, is_wanted in (
        ("--recursive", job.recursive),
        ("--skip-coloured", job.skip_coloured),
        ("--replace-sources", job.replace_sources),
    ):
        words += [option] * is_wanted
    return words


def _valued(job: BatchJob) -> list[tuple[str, object, object]]:
    """(option, value, value that need not be told)"""
    shard = f"{job.shard.number}/{job.shard.count}" if job.shard else None
    return [
        ("--name", job.template, _DEFAULT.template),
        ("--if-exists", job.if_exists, _DEFAULT.if_exists),
        ("--format", job.file_format, _DEFAULT.file_format),
        ("--quality", job.quality, None),
        ("--hints", job.hints, None),
        ("--hint-strength", round(job.pull * 100), 100),
        ("--palette", job.palette, None),
        ("--sheet-half", job.sheet_half, None),
        ("--working-size", job.working_size, None),
        ("--tile", job.tile, None),
        ("--overlap", job.overlap, None),
        ("--self-ensemble", job.self_ensemble, 1),
        ("--device", job.device, _DEFAULT.device),
        ("--shard", shard, None),
        ("--bands", ",".join(map(str, job.bands or ())), ""),
        ("--stretch", ",".join(f"{each:g}" for each in job.stretch or ()), ""),
        ("--scale", job.scale, None),
        ("--metres-per-pixel", job.metres_per_pixel, None),
        ("--tile-rows", job.tile_rows, _DEFAULT.tile_rows),
        ("--tiles-as", job.tile_store, _DEFAULT.tile_store),
    ]


def command_line(job: BatchJob) -> str:
    """For a terminal of this system."""
    words = ["sketchsause", "convert", *arguments_of(job)]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _word(path: Path) -> str:
    text = str(path)
    return f".{os.sep}{text}" if text.startswith("-") else text


def read_inputs(path: Path) -> list[Path]:
    """A path a line, for more of them than a command line holds. UserError when the file cannot be read."""
    try:
        lines = os.fsdecode(path.read_bytes()).split("\n")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.", "Check its name and permissions.") from error
    return [Path(line.rstrip("\r")) for line in lines if line.strip()]
