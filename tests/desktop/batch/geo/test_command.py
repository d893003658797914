"""`sketchsause convert` on imagery, with a real network: the options, the sentences, the exit codes."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from sketchsause_desktop import cli
from tests.desktop.batch.geo.conftest import noise
from tests.desktop.tiny_model import write_tiny_model

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench
    from tests.desktop.batch.geo.conftest import Make


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "tiny.safetensors", task="satmap")


def convert(bench: "Bench", model: Path, *options: object) -> int:
    words = ["convert", bench.folder, "-o", bench.out, "-m", model, "--device", "cpu", *options]
    return cli.main([str(word) for word in words])


def test_bands_and_percentiles_by_the_command(bench: "Bench", geotiff: "Make", model: Path) -> None:
    geotiff("a.tif", noise(5, 90, 100, high=4000, dtype="uint16"), nodata=0)
    assert convert(bench, model, "--format", "tiff", "--bands", "4,3,2", "--stretch", "2,98") == 0
    with rasterio.open(bench.out / "a.tif") as file:
        assert (file.count, file.width, file.height, file.nodata) == (3, 100, 90, 0)
        first = file.read()
    assert convert(bench, model, "--format", "tiff", "--bands", "1,1,1", "--if-exists", "overwrite") == 0
    with rasterio.open(bench.out / "a.tif") as file:
        assert not np.array_equal(file.read(), first)


def test_a_real_network_sees_no_nodata(bench: "Bench", geotiff: "Make", model: Path) -> None:
    """The same picture with two kinds of hole comes out the same beside them."""
    results = []
    for hole in (0, 255):
        bands = noise(3, 150, 150, low=1, high=255)
        bands[:, 40:90, 30:110] = hole
        geotiff("a.tif", bands, nodata=hole)
        assert convert(bench, model, "--format", "tiff", "--if-exists", "overwrite") == 0
        with rasterio.open(bench.out / "a.tif") as file:
            painted = file.read()
        assert (painted[:, 40:90, 30:110] == hole).all()
        painted[:, 40:90, 30:110] = 0
        results.append(painted.astype(int))
    assert abs(results[0] - results[1]).max() <= 1  # a painted 0 or 255 has moved away from the nodata value


@pytest.mark.parametrize(("option", "text"), [("--bands", "4,3"), ("--stretch", "98,2")])
def test_what_cannot_be_read_is_said(
    bench: "Bench", geotiff: "Make", model: Path, capsys: pytest.CaptureFixture[str], option: str, text: str
) -> None:
    geotiff("a.tif", noise(3, 20, 20))
    assert convert(bench, model, option, text) == 2
    assert capsys.readouterr().err.startswith(f"{text} is no ")
    assert not bench.out.exists()


def test_one_bad_raster_is_exit_code_one(
    bench: "Bench", geotiff: "Make", model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = geotiff("a.tif", noise(3, 64, 64))
    (bench.folder / "b.tif").write_bytes(whole.read_bytes()[:-5000])
    (bench.folder / "c.mbtiles").write_bytes(b"nothing of the kind")
    assert convert(bench, model, "--format", "tiff") == 1
    told = capsys.readouterr().err
    assert "b.tif is damaged or cut off." in told
    assert "c.mbtiles is no MBTiles file" in told
    assert bench.results() == ["a.tif"]


def test_what_imagery_lacks_is_told(
    bench: "Bench", geotiff: "Make", model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = geotiff("a.tif", noise(3, 40, 40), crs=None)
    assert convert(bench, model, "--format", "tiff") == 0
    told = capsys.readouterr().err.splitlines()
    assert told == [
        f"{source}: It names no coordinate system (CRS); its place was kept as it is. Assign one in your GIS."
    ]


def test_without_rasterio_it_is_one_sentence(
    bench: "Bench", geotiff: "Make", model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    geotiff("a.tif", noise(3, 20, 20))
    bench.picture("b.png")
    monkeypatch.setitem(sys.modules, "rasterio", None)
    assert convert(bench, model) == 1
    assert "Georeferenced pictures need rasterio, which cannot be loaded" in capsys.readouterr().err
    assert bench.results() == ["b.png"]
