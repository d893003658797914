"""Georeferenced rasters through the whole batch: what came in goes out, and nodata stays where and what it was."""

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from PIL import Image, ImageCms
from rasterio.control import GroundControlPoint
from rasterio.enums import ColorInterp

from sketchsause_desktop.batch.job import Summary
from sketchsause_desktop.batch.pipeline import run
from sketchsause_desktop.batch.plan import plan
from sketchsause_desktop.core.pictures import read_picture
from tests.desktop.batch.geo.conftest import PLACE, UTM, gdalinfo, noise

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench
    from tests.desktop.batch.geo.conftest import Make


def convert(bench: "Bench", *inputs: Path, **settings: Any) -> Summary:
    job = bench.job(*inputs, **{"file_format": "tiff", "tile": 64, **settings})
    return run(job, plan(job), bench.painter)


def done(bench: "Bench", *inputs: Path, **settings: Any) -> str:
    """The note of a batch of one raster that has to succeed."""
    summary = convert(bench, *inputs, **settings)
    assert [outcome.status for outcome in summary.outcomes] == ["done"], summary.outcomes
    return summary.outcomes[0].message


def failed(bench: "Bench", *inputs: Path, **settings: Any) -> str:
    summary = convert(bench, *inputs, **settings)
    assert [outcome.status for outcome in summary.outcomes] == ["failed"]
    assert bench.results() == []
    return summary.outcomes[0].message


def read(path: Path) -> NDArray[Any]:
    with rasterio.open(path) as file:
        return np.asarray(file.read())


def place_of(path: Path) -> tuple[Any, ...]:
    told = gdalinfo(path)
    bands = [band.get("noDataValue") for band in told["bands"]]
    return told["coordinateSystem"]["wkt"], told["geoTransform"], told["size"], bands


def code_and_place_of(path: Path) -> tuple[Any, ...]:
    """As GDAL's small file beside a PNG holds them: with the EPSG code, without remarks on where it is used."""
    wkt, transform, size, _ = place_of(path)
    return re.findall(r'ID\["EPSG",(\d+)\]', wkt)[-1], transform, size


def test_size_place_and_nodata_as_gdal_sees_them(bench: "Bench", geotiff: "Make") -> None:
    bands = noise(3, 100, 333)
    bands[:, 20:40, 50:90] = 0
    source = geotiff(
        "a.tif", bands, nodata=0, tags={"AREA_OR_POINT": "Point", "TIFFTAG_DATETIME": "2024:05:06 07:08:09"}
    )
    assert done(bench) == ""
    result = bench.out / "a.tif"
    assert place_of(result) == place_of(source)
    metadata = gdalinfo(result)["metadata"][""]
    assert (metadata["AREA_OR_POINT"], metadata["TIFFTAG_DATETIME"]) == ("Point", "2024:05:06 07:08:09")
    painted = read(result)
    hole = np.zeros((100, 333), bool)
    hole[20:40, 50:90] = True
    assert (painted[:, hole] == 0).all()
    assert np.array_equal(painted[:, ~hole], np.maximum(255 - bands[:, ~hole], 1))


def test_no_painted_pixel_turns_into_nodata(bench: "Bench", geotiff: "Make") -> None:
    bands = np.full((3, 40, 40), 255, np.uint8)  # whose negative is the nodata value
    bands[:, :5] = 0
    geotiff("a.tif", bands, nodata=0)
    done(bench)
    with rasterio.open(bench.out / "a.tif") as file:
        assert (file.dataset_mask()[5:] == 255).all()
        assert (file.dataset_mask()[:5] == 0).all()


@pytest.mark.parametrize("hole", [0, 200])
def test_nodata_does_not_bleed(bench: "Bench", geotiff: "Make", hole: int) -> None:
    """The picture is one colour: whatever the hole holds, the painter must see nothing else."""
    bands = np.full((3, 90, 90), 50, np.uint8)
    bands[:, 30:60, 30:60] = hole
    geotiff("a.tif", bands, nodata=hole)
    seen: set[int] = set()
    bench.painter.before = lambda pixels: seen.update(np.unique(pixels).tolist())
    done(bench)
    assert seen == {50}


def test_an_alpha_band_stays(bench: "Bench", geotiff: "Make") -> None:
    bands = noise(4, 50, 60)
    bands[3] = 255
    bands[3, :10] = 0
    bands[3, 10:20] = 90
    geotiff("a.tif", bands, photometric="RGB", alpha="NON-PREMULTIPLIED")
    done(bench)
    with rasterio.open(bench.out / "a.tif") as file:
        assert file.colorinterp[3] is ColorInterp.alpha
        painted = file.read()
    assert np.array_equal(painted[3], bands[3])
    assert np.array_equal(painted[:3, 10:], 255 - bands[:3, 10:])
    assert np.array_equal(painted[:3, :10], bands[:3, :10])


def test_a_mask_stays(bench: "Bench", geotiff: "Make") -> None:
    mask = np.full((300, 50), 255, np.uint8)
    mask[100:280, 20:] = 0
    source = geotiff("a.tif", noise(3, 300, 50), mask=mask)
    done(bench)
    with rasterio.open(bench.out / "a.tif") as file:
        assert np.array_equal(file.dataset_mask(), mask)
        assert file.nodata is None
    assert gdalinfo(bench.out / "a.tif")["bands"][0]["mask"] == gdalinfo(source)["bands"][0]["mask"]
    assert [path.name for path in bench.out.iterdir()] == ["a.tif"]


def test_sixteen_bits_keep_a_nodata_value_that_eight_cannot_hold(bench: "Bench", geotiff: "Make") -> None:
    bands = noise(3, 40, 40, low=300, high=900, dtype="uint16")
    bands[:, :8] = 65535
    source = geotiff("a.tif", bands, nodata=65535)
    assert "percentiles 2 and 98" in done(bench)
    assert place_of(bench.out / "a.tif") == place_of(source)
    painted = read(bench.out / "a.tif")
    assert (painted[:, :8] == 65535).all()
    assert painted[:, 8:].max() < 65535
    assert painted[:, 8:].max() > 65535 * 0.95


@pytest.mark.parametrize(("nodata", "named"), [(-9999.0, "-9999"), (float("nan"), "nan")])
def test_other_nodata_becomes_zero_and_is_told(bench: "Bench", geotiff: "Make", nodata: float, named: str) -> None:
    bands = np.random.default_rng(2).random((1, 40, 40), np.float32)
    bands[:, :8] = nodata
    geotiff("a.tif", bands, nodata=nodata)
    assert f"nodata value {named} fits no picture; in the result it is 0" in done(bench)
    with rasterio.open(bench.out / "a.tif") as file:
        assert file.nodata == 0
        assert not file.dataset_mask()[:8].any()
        assert file.dataset_mask()[8:].all()


def test_a_raster_without_crs_is_told_and_keeps_its_place(bench: "Bench", geotiff: "Make") -> None:
    geotiff("a.tif", noise(3, 30, 30), crs=None)
    assert "names no coordinate system (CRS); its place was kept" in done(bench)
    with rasterio.open(bench.out / "a.tif") as file:
        assert file.crs is None
        assert file.transform == PLACE


def test_ground_control_points_stay(bench: "Bench", geotiff: "Make") -> None:
    points = [GroundControlPoint(r, c, 8 + c / 900, 47 - r / 900) for r in (0, 30) for c in (0, 30)]
    geotiff("a.tif", noise(3, 30, 30), crs="EPSG:4326", transform=None, gcps=points)
    assert done(bench) == ""
    with rasterio.open(bench.out / "a.tif") as file:
        found, crs = file.gcps
    assert crs.to_epsg() == 4326
    assert [(p.row, p.col, p.x, p.y) for p in found] == [(p.row, p.col, p.x, p.y) for p in points]


def test_bands_are_chosen_and_stretched_alike_everywhere(bench: "Bench", geotiff: "Make") -> None:
    """A ramp from left to right: were each window stretched by itself, it would begin anew in each."""
    ramp = np.linspace(1000, 3000, 200).astype(np.uint16)
    bands = np.zeros((5, 100, 200), np.uint16)
    bands[3] = ramp
    bands[1] = 7000
    geotiff("a.tif", bands)
    assert done(bench, bands=(4, 4, 2), stretch=(0.0, 100.0)) == ""
    painted = 255 - read(bench.out / "a.tif").astype(int)
    wanted = (ramp - 1000.0) / 2000 * 255
    assert abs(painted[0] - wanted).max() <= 2
    assert np.array_equal(painted[0], painted[1])
    assert (painted[2] == 0).all()


def test_what_the_stretch_leaves_out_is_black_or_white(bench: "Bench", geotiff: "Make") -> None:
    bands = np.arange(10_000, dtype=np.float32).reshape(1, 100, 100)
    bands[0, 0, 0] = np.nan
    geotiff("a.tif", bands)
    done(bench, stretch=(10.0, 90.0))
    painted = read(bench.out / "a.tif").astype(int)
    assert (painted[:, 0, 1:] == 255).all()
    assert (painted[:, 99] == 1).all()  # black would be nodata
    assert (painted[:, 0, 0] == 0).all()


def test_a_colour_table_is_looked_up(bench: "Bench", geotiff: "Make") -> None:
    source = geotiff("a.tif", np.array([[[1, 2] * 10] * 20], np.uint8), photometric="palette")
    with rasterio.open(source, "r+") as file:
        file.write_colormap(1, {1: (10, 20, 30, 255), 2: (40, 50, 60, 255)})
    done(bench)
    assert read(bench.out / "a.tif")[:, 0, :2].T.tolist() == [[245, 235, 225], [215, 205, 195]]


@pytest.mark.parametrize("as_format", ["png", "webp"])
def test_other_formats_hold_nodata_as_transparency_and_their_place_beside_them(
    bench: "Bench", geotiff: "Make", as_format: str
) -> None:
    bands = noise(3, 50, 70)
    bands[:, :9] = 0
    source = geotiff("a.tif", bands, nodata=0)
    done(bench, file_format=as_format, quality=100)
    assert bench.results() == [f"a.{as_format}", f"a.{as_format}.aux.xml"]
    result = bench.out / f"a.{as_format}"
    assert code_and_place_of(result) == code_and_place_of(source)
    pixels = read_picture(result).pixels
    assert (pixels[:9, :, 3] == 0).all()
    assert (pixels[9:, :, 3] == 255).all()
    assert np.array_equal(pixels[9:, :, :3], 255 - np.moveaxis(bands, 0, -1)[9:])


def test_jpeg_tells_that_it_cannot_hold_nodata(bench: "Bench", geotiff: "Make") -> None:
    bands = noise(3, 48, 64)
    bands[:, :16] = 0
    source = geotiff("a.tif", bands, nodata=0)
    assert "JPEG holds no nodata" in done(bench, file_format="jpg")
    assert code_and_place_of(bench.out / "a.jpg") == code_and_place_of(source)
    assert read_picture(bench.out / "a.jpg").pixels[:14].min() > 200


def test_overviews_are_no_pages(bench: "Bench", geotiff: "Make") -> None:
    source = geotiff("a.tif", noise(3, 300, 300), tiled=True, blockxsize=64, blockysize=64)
    with rasterio.open(source, "r+") as file:
        file.build_overviews([2, 4])
    done(bench)
    assert bench.results() == ["a.tif"]
    assert read(bench.out / "a.tif").shape == (3, 300, 300)


def test_the_picture_is_seen_in_windows_and_no_seam_is_left(bench: "Bench", geotiff: "Make") -> None:
    bands = noise(3, 300, 500)
    geotiff("a.tif", bands)
    done(bench, tile=96, overlap=32)
    assert np.array_equal(read(bench.out / "a.tif"), 255 - bands)
    assert {asked["size"] for asked in bench.painter.asked} == {(96, 96, 3)}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"bands": (4, 3, 2)}, "has 3 bands, and no band 4"),
        ({"hints": Path("h.png")}, "no hints"),
        ({"sheet_half": "left"}, "no half"),
    ],
)
def test_what_cannot_be_is_said(bench: "Bench", geotiff: "Make", settings: dict[str, Any], words: str) -> None:
    geotiff("a.tif", noise(3, 20, 20))
    assert words in failed(bench, **settings)


def test_a_damaged_raster_is_one_sentence_and_the_others_go_on(bench: "Bench", geotiff: "Make") -> None:
    whole = geotiff("a.tif", noise(3, 200, 200))
    (bench.folder / "b.tif").write_bytes(whole.read_bytes()[:-40_000])
    summary = convert(bench)
    assert [outcome.status for outcome in summary.outcomes] == ["done", "failed"]
    assert summary.outcomes[1].message.endswith("b.tif is damaged or cut off. Copy, download or export it again.")
    assert bench.results() == ["a.tif"]


def test_a_result_that_is_stopped_leaves_nothing_and_is_done_the_next_time(bench: "Bench", geotiff: "Make") -> None:
    import threading

    geotiff("a.tif", noise(3, 200, 200))
    stop = threading.Event()
    job = bench.job(file_format="tiff", tile=64)
    bench.painter.before = lambda pixels: stop.set()
    summary = run(job, plan(job), bench.painter, stop=stop)
    assert summary.stopped
    assert not summary.outcomes
    assert bench.results() == []
    bench.painter.before = lambda pixels: None
    done(bench)


def test_an_ordinary_tiff_stays_an_ordinary_picture(bench: "Bench") -> None:
    bench.picture("a.tif")
    done(bench, tile=None)
    assert bench.painter.asked[0]["tile"] is None


def test_a_jpeg_2000_that_knows_its_place(bench: "Bench", geotiff: "Make") -> None:
    source = geotiff("a.jp2", noise(3, 80, 90), driver="JP2OpenJPEG", quality="100", reversible="YES")
    done(bench, bands=None)
    (name,) = bench.results()
    assert code_and_place_of(bench.out / name) == code_and_place_of(source)
    assert np.array_equal(read(bench.out / name), 255 - read(source))


def test_profile_and_resolution_stay(bench: "Bench", geotiff: "Make") -> None:
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    resolution = {"TIFFTAG_XRESOLUTION": "300", "TIFFTAG_YRESOLUTION": "300", "TIFFTAG_RESOLUTIONUNIT": "2"}
    profile = base64.b64encode(icc).decode()
    geotiff("a.tif", noise(3, 40, 40), tags=resolution, photometric="RGB", source_icc_profile=profile)
    done(bench)
    with Image.open(bench.out / "a.tif") as image:
        assert image.info["icc_profile"] == icc
        assert image.info["dpi"] == (300, 300)


def test_the_crs_is_that_of_the_source(bench: "Bench", geotiff: "Make") -> None:
    geotiff("a.tif", noise(3, 20, 20))
    done(bench)
    with rasterio.open(bench.out / "a.tif") as file:
        assert file.crs == UTM


def test_notes_of_gdal_make_no_imagery_of_a_picture(bench: "Bench") -> None:
    notes = {42112: '<GDALMetadata><Item name="a">b</Item></GDALMetadata>'}
    Image.new("RGB", (20, 20)).save(bench.folder / "a.tif", tiffinfo=notes)
    done(bench, tile=None)
    assert bench.painter.asked[0]["tile"] is None


def test_percentiles_leave_out_what_is_masked(bench: "Bench", geotiff: "Make") -> None:
    bands = np.full((3, 60, 60), 60_000, np.uint16)
    bands[:, :30] = np.linspace(100, 200, 60).astype(np.uint16)
    mask = np.zeros((60, 60), np.uint8)
    mask[:30] = 255
    geotiff("a.tif", bands, mask=mask)
    done(bench, stretch=(0.0, 100.0))
    with rasterio.open(bench.out / "a.tif") as file:
        painted = file.read()
        assert np.array_equal(file.dataset_mask(), mask)
    assert (painted[:, :30].min(), painted[:, :30].max()) == (0, 255)
