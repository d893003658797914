"""Bands and percentiles in words."""

from pathlib import Path
from typing import Any

import pytest

from models.errors import UserError
from sketchsause_desktop.batch.geo.settings import parse_bands, parse_stretch
from sketchsause_desktop.batch.job import BatchJob


def test_what_people_write() -> None:
    assert parse_bands("4,3,2") == (4, 3, 2)
    assert parse_bands(" 4 , 3,2 ") == (4, 3, 2)
    assert parse_bands("1") == (1,)
    assert parse_stretch("2,98") == (2.0, 98.0)
    assert parse_stretch("0.5, 99.5") == (0.5, 99.5)


@pytest.mark.parametrize("text", ["", "4,3", "0,1,2", "4,3,2,1", "r,g,b", "-1,2,3", "1;2;3"])
def test_no_choice_of_bands(text: str) -> None:
    with pytest.raises(UserError, match="no choice of bands"):
        parse_bands(text)


@pytest.mark.parametrize("text", ["", "2", "98,2", "2,2", "-1,50", "2,101", "a,b", "1,2,3", "nan,5"])
def test_no_pair_of_percentiles(text: str) -> None:
    with pytest.raises(UserError, match="no pair of percentiles"):
        parse_stretch(text)


@pytest.mark.parametrize("settings", [{"bands": (1, 2)}, {"bands": (0,)}, {"stretch": (98.0, 2.0)}])
def test_a_job_knows_what_cannot_be(settings: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        BatchJob(inputs=(Path("a"),), output_folder=Path("b"), model="m", **settings)
