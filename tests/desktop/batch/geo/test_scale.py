"""The scale at which imagery is seen: what it says of its metres, what is asked for, and what stays as it was."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform

from models.errors import UserError
from models.spec import ModelSpec
from sketchsause_desktop.batch.geo import sweep as sweeping
from sketchsause_desktop.batch.geo.ground import metres_beside, metres_of_raster, metres_of_tiles
from sketchsause_desktop.batch.geo.settings import parse_scale, read_scale, scale_text
from sketchsause_desktop.batch.job import BatchJob, Outcome
from sketchsause_desktop.batch.pipeline import run
from sketchsause_desktop.batch.plan import plan
from sketchsause_desktop.batch.scale import check_scale
from sketchsause_desktop.core.pictures import read_picture
from tests.desktop.batch.geo.conftest import UTM, noise
from tests.desktop.batch.geo.test_tiles import picture, read_folder, write_folder

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench
    from tests.desktop.batch.geo.conftest import Make

MAPS = ModelSpec(task="satmap", depth=2, working_size=64, metres_per_pixel=2.0)


def outcome_of(bench: "Bench", *inputs: Path, spec: ModelSpec = MAPS, **settings: Any) -> Outcome:
    bench.painter.spec = spec
    job = bench.job(*inputs, **{"file_format": "tiff", **settings})
    summary = run(job, plan(job), bench.painter)
    assert [outcome.status for outcome in summary.outcomes] == ["done"], summary.outcomes
    return summary.outcomes[0]


def scales(bench: "Bench") -> set[float]:
    return {round(each["scale"], 3) for each in bench.painter.asked}


def metres(path: Path) -> float | None:
    with rasterio.open(path) as source:
        return metres_of_raster(source)


def pixel(crs: str, longitude: float, latitude: float, step: float) -> Affine:
    """Pixels of `step` in the coordinates' own unit at a place."""
    (x,), (y,) = transform("EPSG:4326", crs, [longitude], [latitude])
    return Affine(step, 0, x, 0, -step, y)


@pytest.mark.parametrize(
    ("crs", "longitude", "latitude", "step", "wanted"),
    [
        (UTM, 9.0, 48.0, 10.0, 10.0),
        ("EPSG:2263", -74.0, 40.7, 2.0, 2 * 0.3048),  # New York's own, in feet
        ("EPSG:4326", 10.0, 60.0, 1e-4, 11.12 * math.sqrt(math.cos(math.radians(60)))),  # degrees
        ("EPSG:3857", 10.0, 60.0, 4.0, 2.0),  # the web's map is twice too large there
    ],
)
def test_metres_in_any_coordinates(
    geotiff: "Make", crs: str, longitude: float, latitude: float, step: float, wanted: float
) -> None:
    path = geotiff("a.tif", noise(3, 8, 8), crs=crs, transform=pixel(crs, longitude, latitude, step))
    assert metres(path) == pytest.approx(wanted, rel=0.006)


def test_metres_by_control_points_and_none_without_a_place(geotiff: "Make") -> None:
    points = [GroundControlPoint(r, c, 500_000 + 3 * c, 5_300_000 - 3 * r) for r, c in ((0, 0), (0, 8), (8, 0), (8, 8))]
    path = geotiff("a.tif", noise(3, 8, 8), gcps=points, transform=None)
    assert metres(path) == pytest.approx(3, rel=0.006)
    assert metres(geotiff("b.tif", noise(3, 8, 8), crs=None)) is None


def test_metres_of_zooms() -> None:
    assert metres_of_tiles(0, 256, np.array([[0, 0]])) == pytest.approx(156_543.03, rel=1e-6)
    new_york = np.array([[49_277, 38_598]])  # https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames
    assert metres_of_tiles(17, 256, new_york) == pytest.approx(0.905, abs=0.001)
    assert metres_of_tiles(17, 512, new_york) == pytest.approx(0.453, abs=0.001)
    assert metres_of_tiles(3, 256, np.array([[1, 12]])) is None  # a grid in degrees


def write_world(path: Path, step: float, wkt: str | None) -> None:
    x, y = 500_000.0, 5_300_000.0
    path.with_suffix(".pgw").write_text("\n".join(map(str, (step, 0, 0, -step, x, y))))
    if wkt:
        path.with_suffix(".prj").write_text(wkt)


def test_metres_of_a_picture_with_a_world_file(bench: "Bench") -> None:
    path = bench.picture("a.png")
    assert metres_beside(path) is None
    write_world(path, 5.0, None)
    assert metres_beside(path) is None  # metres, feet or degrees? Nobody knows
    for wkt in (CRS.from_string(UTM).to_wkt(version="WKT1_ESRI"), CRS.from_string(UTM).to_wkt()):
        write_world(path, 5.0, wkt)
        assert metres_beside(path) == pytest.approx(5, rel=0.006)
    write_world(path, 5.0, "nonsense")
    assert metres_beside(path) is None


@pytest.mark.filterwarnings("ignore:Dataset has no geotransform")
def test_metres_of_a_picture_with_an_aux_file(bench: "Bench") -> None:
    path = bench.picture("a.png")
    with rasterio.open(path, "r+") as file:
        file.crs, file.transform = UTM, Affine(7, 0, 500_000, 0, -7, 5_300_000)
    assert path.with_name("a.png.aux.xml").is_file()
    assert metres_beside(path) == pytest.approx(7, rel=0.006)


def test_a_geotiff_is_seen_at_the_models_scale_and_stays_where_it_is(bench: "Bench", geotiff: "Make") -> None:
    source = geotiff("a.tif", noise(3, 100, 333))  # 10 m
    outcome = outcome_of(bench)
    assert outcome.message == "Seen at 5 times its size: its pixels are 10 m, the model learned at 2 m."
    assert scales(bench) == {4.995}  # on a sphere
    assert max(max(each["size"][:2]) for each in bench.painter.asked) == 13  # windows of 64 / 5
    with rasterio.open(bench.out / "a.tif") as made, rasterio.open(source) as given:
        assert (made.crs, made.transform, made.shape) == (given.crs, given.transform, given.shape)
        assert np.abs(made.read().astype(int) + given.read() - 255).max() <= 1  # the negative, where it was


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [({"scale": 1.0}, 1.0), ({"scale": 0.5}, 0.5), ({"metres_per_pixel": 4.0}, 2.0), ({"metres_per_pixel": 2.1}, 1.0)],
)
def test_what_is_asked_for_is_obeyed(bench: "Bench", geotiff: "Make", settings: dict[str, Any], wanted: float) -> None:
    geotiff("a.tif", noise(3, 100, 150))
    outcome = outcome_of(bench, **settings)
    assert scales(bench) == {wanted}
    assert bool(outcome.message) == ("metres_per_pixel" in settings and wanted != 1)


def test_a_model_that_does_not_know_its_scale_sees_things_as_they_are(bench: "Bench", geotiff: "Make") -> None:
    geotiff("a.tif", noise(3, 100, 150))
    assert outcome_of(bench, spec=ModelSpec(task="satmap", depth=2, working_size=64)).message == ""
    assert scales(bench) == {1.0}


def test_imagery_too_coarse_is_told(bench: "Bench", geotiff: "Make") -> None:
    geotiff("a.tif", noise(3, 64, 64), transform=Affine(250, 0, 500_000, 0, -250, 5_300_000))
    assert "no enlarging" in outcome_of(bench).message
    assert scales(bench) == {1.0}


def test_a_picture_with_a_world_file(bench: "Bench") -> None:
    path = bench.picture("a.png", size=(50, 40))
    write_world(path, 5.0, CRS.from_string(UTM).to_wkt())
    outcome = outcome_of(bench, file_format="png")
    assert outcome.scale == pytest.approx(2.5, rel=0.006)
    assert scales(bench) == {round(outcome.scale, 3)}
    assert outcome.message.startswith("Seen at 2.5 times its size")
    assert read_picture(bench.out / "a.png").pixels.shape == (40, 50, 3)
    assert (bench.out / "a.pgw").is_file()


def test_every_zoom_has_its_own_scale(bench: "Bench") -> None:
    """At zoom 5 a tile of 32 pixels has 39 km a pixel on the equator."""
    folder = bench.folder / "tiles"
    for zoom in (5, 6):
        write_folder(folder, picture(zoom=zoom), zoom=zoom)
    spec = ModelSpec(task="satmap", depth=2, working_size=64, metres_per_pixel=10_000.0)
    outcome = outcome_of(bench, folder, spec=spec, file_format="png")
    assert len(scales(bench)) == 2
    assert "Zoom 5: Seen at" in outcome.message
    assert "Zoom 6: Seen at" in outcome.message
    for zoom in (5, 6):
        made = read_folder(bench.out / "tiles", zoom=zoom)
        assert np.abs(made.astype(int) + picture(zoom=zoom) - 255).max() <= 1


def test_strips_of_tall_windows_are_narrow_and_change_nothing(
    bench: "Bench", geotiff: "Make", monkeypatch: pytest.MonkeyPatch
) -> None:
    geotiff("a.tif", noise(3, 300, 1100))
    outcome_of(bench, scale=0.25)
    with rasterio.open(bench.out / "a.tif") as file:
        whole = file.read()
    monkeypatch.setattr(sweeping, "_STRIP_PIXELS", 1)
    outcome_of(bench, scale=0.25, if_exists="overwrite")
    with rasterio.open(bench.out / "a.tif") as file:
        assert np.array_equal(file.read(), whole)


def test_what_people_write() -> None:
    assert [parse_scale(text) for text in ("2", " 0.5", "1/2", "1/16", "16")] == [2, 0.5, 0.5, 1 / 16, 16]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [(" ", (None, None)), ("2", (2, None)), ("1/2", (0.5, None)), ("0,5", (0.5, None)), ("0.5 m", (None, 0.5))],
)
def test_the_field_of_the_window(text: str, wanted: tuple[float | None, float | None]) -> None:
    assert read_scale(text) == wanted
    assert read_scale(scale_text(*wanted)) == wanted


@pytest.mark.parametrize("text", ["m", "0 m", "-1 m", "two", "1 km", "nan m"])
def test_the_field_refuses(text: str) -> None:
    with pytest.raises(UserError, match=r"no scale|not possible"):
        read_scale(text)


@pytest.mark.parametrize("text", ["", "0", "-1", "17", "1/17", "a", "1/0", "nan", "inf", "1e400", "2x"])
def test_no_scale(text: str) -> None:
    with pytest.raises(UserError, match=r"no scale|not possible"):
        parse_scale(text)


@pytest.mark.parametrize(
    "settings",
    [
        {"scale": 0.0},
        {"scale": 20.0},
        {"metres_per_pixel": 0.0},
        {"metres_per_pixel": -1.0},
        {"metres_per_pixel": float("nan")},
        {"scale": 2.0, "metres_per_pixel": 1.0},
    ],
)
def test_a_job_knows_what_cannot_be(settings: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        BatchJob(inputs=(Path("a"),), output_folder=Path("b"), model="m", **settings)


def test_models_that_cannot_be_scaled_are_named() -> None:
    def check(spec: ModelSpec, **settings: Any) -> None:
        check_scale(BatchJob(inputs=(Path("a"),), output_folder=Path("b"), model="m", **settings), spec, "m")

    lines = ModelSpec(task="lineart", fit="resize", output="colour_layer")
    check(lines)
    check(lines, scale=1.0)
    check(MAPS, scale=2.0)
    with pytest.raises(UserError, match="whatever their scale"):
        check(lines, scale=2.0)
    with pytest.raises(UserError, match="does not say at what scale"):
        check(ModelSpec(), metres_per_pixel=1.0)


def test_map_tiles_say_their_metres_themselves(bench: "Bench") -> None:
    write_folder(bench.folder / "tiles", picture())
    job = bench.job(bench.folder / "tiles", metres_per_pixel=1.0)
    bench.painter.spec = MAPS
    (outcome,) = run(job, plan(job), bench.painter).outcomes
    assert outcome.status == "failed"
    assert "zoom says it" in outcome.message


def test_the_same_sentence_is_told_once(bench: "Bench", capsys: pytest.CaptureFixture[str]) -> None:
    from sketchsause_desktop.batch.cli import _Progress

    for name in ("a.png", "b.png"):
        bench.picture(name)
    bench.painter.spec = MAPS
    job = bench.job(metres_per_pixel=4.0)
    with _Progress(job) as progress:
        run(job, plan(job), bench.painter, report=progress.report)
    assert capsys.readouterr().err.count("Seen at 2 times its size") == 1


def test_a_grey_picture_may_be_any_size(bench: "Bench") -> None:
    path = bench.folder / "a.png"
    Image.new("L", (3, 2), 100).save(path)
    outcome_of(bench, scale=1 / 16, file_format="png")
    assert read_picture(bench.out / "a.png").pixels.shape[:2] == (2, 3)
