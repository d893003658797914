"""A job and its command line are the same job."""

import argparse
import shlex
from dataclasses import fields as fields_of
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.errors import UserError
from sketchsause_desktop.batch import cli
from sketchsause_desktop.batch.command import arguments_of, command_line, read_inputs
from sketchsause_desktop.batch.job import BatchJob, Shard

PLAIN = BatchJob(inputs=(Path("/a b/pages"), Path("/線画.png")), output_folder=Path("/out"), model="lineart")


CASES: list[dict[str, Any]] = [
    {},
    {"inputs": (Path("-o"),)},
    {"recursive": True, "skip_coloured": True, "include": ("page*", "-x"), "exclude": ("old/*",)},
    {"if_exists": "overwrite", "replace_sources": True, "template": "{stem}_{model}.{ext}"},
    {"file_format": "jpg", "quality": 80, "device": "cpu", "shard": Shard(number=2, count=3)},
    {"hints": Path("/h.png"), "pull": 0.35, "palette": Path("/p.gpl"), "sheet_half": "left"},
    {"working_size": 256, "tile": 512, "overlap": 64, "self_ensemble": 8},
    {"scale": 0.3456789012345678},
    {"metres_per_pixel": 0.5},
    {"bands": (4, 3, 2), "stretch": (2.0, 98.5), "tile_rows": "tms", "tile_store": "mbtiles"},
]


def parsed(words: list[str]) -> BatchJob:
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser)
    return cli.job_from(parser.parse_args(words))


@pytest.mark.parametrize("fields", CASES)
def test_what_is_written_is_read_back(fields: dict[str, Any]) -> None:
    job = replace(PLAIN, **fields)
    assert parsed(arguments_of(job)) == job


def test_no_setting_is_forgotten() -> None:
    """A new one that the command line does not carry would be lost between the window and its process."""
    told = {name for case in CASES for name in case} | {"output_folder", "model"}
    assert {field.name for field in fields_of(BatchJob)} == told


def test_what_is_usual_is_not_told() -> None:
    assert arguments_of(PLAIN) == ["/a b/pages", "/線画.png", "-o", "/out", "-m", "lineart"]


@pytest.mark.skipif("os.name == 'nt'", reason="shlex splits as shells of POSIX do")
def test_the_line_is_for_a_shell() -> None:
    assert shlex.split(command_line(PLAIN)) == ["sketchsause", "convert", *arguments_of(PLAIN)]


def test_more_inputs_come_from_a_file(tmp_path: Path) -> None:
    names = [tmp_path / f"page {number} 線.png" for number in range(3)]
    listing = tmp_path / "list.txt"
    listing.write_text("".join(f"{name}\n" for name in names) + "\n", encoding="utf-8")
    job = parsed(["/first.png", "--inputs-from", str(listing), "-o", "/out"])
    assert job.inputs == (Path("/first.png"), *names)
    with pytest.raises(UserError, match="cannot be read"):
        read_inputs(tmp_path / "none.txt")
    with pytest.raises(UserError, match="No input"):
        parsed(["-o", "/out"])
