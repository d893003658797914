"""World files, projections and .aux.xml beside ordinary pictures, and what GDAL makes of the results."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sketchsause_desktop.batch.geo.sidecars import place_only, world_suffix
from sketchsause_desktop.batch.job import Summary
from sketchsause_desktop.batch.pipeline import run
from sketchsause_desktop.batch.plan import plan
from tests.desktop.batch.geo.conftest import UTM, gdal, gdalinfo

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench

WORLD = "10\n0\n0\n-10\n500005.25\n5299995.5\n"
AUX = b"""<PAMDataset>
  <SRS dataAxisToSRSAxisMapping="1,2">EPSG:32632</SRS>
  <GeoTransform>5.0e+05, 1.0e+01, 0, 5.3e+06, 0, -1.0e+01</GeoTransform>
  <Metadata><MDI key="PyramidResamplingType">NEAREST</MDI></Metadata>
  <PAMRasterBand band="1"><Metadata><MDI key="STATISTICS_MAXIMUM">9</MDI></Metadata></PAMRasterBand>
</PAMDataset>"""


def convert(bench: "Bench", **settings: Any) -> Summary:
    job = bench.job(**settings)
    summary = run(job, plan(job), bench.painter)
    assert summary.count("done") == len(summary.outcomes), summary.outcomes
    return summary


@pytest.mark.parametrize(
    ("picture", "world", "as_format", "wanted"),
    [
        ("a.jpg", "a.jgw", "png", "a.pgw"),
        ("a.jpeg", "a.jpegw", "png", "a.pgw"),
        ("a.tif", "a.TFW", "tiff", "a.tfw"),
        ("a.tiff", "a.tfw", "jpg", "a.jgw"),
        ("a.png", "a.wld", "png", "a.wld"),
        ("a.png", "a.pgw", "webp", "a.wpw"),
    ],
)
def test_world_files_go_along_under_the_name_of_the_result(
    bench: "Bench", picture: str, world: str, as_format: str, wanted: str
) -> None:
    bench.picture(picture)
    (bench.folder / world).write_text(WORLD)
    convert(bench, file_format=as_format)
    assert (bench.out / wanted).read_text() == WORLD
    (result,) = (path for path in bench.out.iterdir() if path.name != wanted)
    if as_format != "webp":  # GDAL reads no world file of a WebP; other programs do
        assert gdalinfo(result)["geoTransform"] == [500000.25, 10.0, 0.0, 5300000.5, 0.0, -10.0]


def test_all_of_it_goes_along_and_a_template_names_it(bench: "Bench") -> None:
    bench.picture("sub/a.jpg")
    for name, data in {"a.jgw": WORLD.encode(), "a.prj": b"PROJCS[]", "a.jpg.aux.xml": AUX, "b.jgw": b"other"}.items():
        (bench.folder / "sub" / name).write_bytes(data)
    convert(bench, recursive=True, template="{stem}_map.{ext}")
    assert bench.results() == [f"sub/a_map.{each}" for each in ("pgw", "png", "png.aux.xml", "prj")]
    assert (bench.out / "sub/a_map.prj").read_bytes() == b"PROJCS[]"
    told = gdalinfo(bench.out / "sub/a_map.png")
    assert told["coordinateSystem"]["wkt"] == gdalinfo(bench.folder / "sub/a.jpg")["coordinateSystem"]["wkt"]


def test_a_place_that_gdal_wrote_is_read_by_gdal_again(bench: "Bench") -> None:
    plain = bench.picture("plain.png")
    placed = ("-a_srs", UTM, "-a_ullr", 500000, 5300000, 500240, 5299840)
    gdal("gdal_translate", "-q", "-of", "JPEG", *placed, plain, bench.folder / "a.jpg")
    plain.unlink()
    convert(bench)
    first, second = gdalinfo(bench.folder / "a.jpg"), gdalinfo(bench.out / "a.png")
    assert first["geoTransform"] == second["geoTransform"] == [500000.0, 10.0, 0.0, 5300000.0, 0.0, -10.0]
    assert first["coordinateSystem"] == second["coordinateSystem"]


def test_statistics_of_other_pixels_stay_behind() -> None:
    kept = place_only(AUX)
    assert kept
    assert b"GeoTransform" in kept
    assert b"STATISTICS" not in kept


@pytest.mark.parametrize(
    "data",
    [b"", b"<PAMDataset", b"<PAMDataset/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><PAMDataset><SRS>&b;</SRS></PAMDataset>"],
)
def test_an_aux_file_that_says_nothing_is_left_out(bench: "Bench", data: bytes) -> None:
    bench.picture("a.png")
    (bench.folder / "a.png.aux.xml").write_bytes(data)
    convert(bench)
    assert bench.results() == ["a.png"]


def test_a_half_of_a_sheet_lies_elsewhere(bench: "Bench") -> None:
    bench.picture("a.png")
    (bench.folder / "a.pgw").write_text(WORLD)
    convert(bench, sheet_half="left")
    assert bench.results() == ["a.png"]


def test_a_picture_that_takes_its_sources_place_keeps_its_world_file(bench: "Bench") -> None:
    bench.picture("a.png")
    world = bench.folder / "a.pgw"
    world.write_text(WORLD)
    convert(bench, output_folder=bench.folder, if_exists="overwrite", replace_sources=True)
    assert world.read_text() == WORLD


def test_world_suffixes() -> None:
    assert [world_suffix(each) for each in (".png", ".JPG", ".tiff", ".jp2")] == [".pgw", ".jgw", ".tfw", ".j2w"]


def test_nothing_beside_a_picture_means_nothing_beside_its_result(bench: "Bench") -> None:
    bench.picture("a.png")
    Path(bench.folder / "a.txt").write_text("notes")
    convert(bench)
    assert bench.results() == ["a.png"]
