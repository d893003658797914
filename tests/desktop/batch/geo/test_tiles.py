"""Sets of map tiles through the whole batch: folders in both row orders, MBTiles, seams, damage, kills."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sketchsause_desktop import cli
from sketchsause_desktop.batch.geo.mbtiles import mbtiles_source
from sketchsause_desktop.batch.geo.tile_folder import folder_store
from sketchsause_desktop.batch.geo.tile_sets import Place
from sketchsause_desktop.batch.job import BatchJob, Summary
from sketchsause_desktop.batch.pipeline import run
from sketchsause_desktop.batch.plan import count_sources, plan
from sketchsause_desktop.batch.session import Listeners, convert
from sketchsause_desktop.core.depth import AnyPixels
from sketchsause_desktop.core.pictures import read_picture
from sketchsause_desktop.inference.catalogue import Catalogue
from tests.desktop.batch.conftest import FakePainter, FakePrediction
from tests.desktop.batch.geo.conftest import gdal, gdalinfo
from tests.desktop.tiny_model import write_tiny_model

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench

SIDE = 32
ZOOM, LEFT, TOP = 5, 16, 9  # where on the map the picture below begins, in tiles


def picture(rows: int = 3, columns: int = 4, zoom: int = ZOOM) -> NDArray[np.uint8]:
    return np.random.default_rng(zoom).integers(0, 256, (rows * SIDE, columns * SIDE, 3), np.uint8)


def cut(whole: NDArray[np.uint8]) -> dict[tuple[int, int], NDArray[np.uint8]]:
    """(column, row from the north) -> the tile."""
    rows, columns = whole.shape[0] // SIDE, whole.shape[1] // SIDE
    return {
        (LEFT + column, TOP + row): whole[row * SIDE :, column * SIDE :][:SIDE, :SIDE]
        for row in range(rows)
        for column in range(columns)
    }


def write_folder(path: Path, whole: NDArray[np.uint8], *, tms: bool = False, zoom: int = ZOOM) -> Path:
    for (column, row), tile in cut(whole).items():
        file = path / str(zoom) / str(column) / f"{2**zoom - 1 - row if tms else row}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(tile).save(file)
    return path


def write_mbtiles(path: Path, whole: NDArray[np.uint8], **words: str) -> Path:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE metadata (name text, value text)")
    database.execute("CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)")
    words = {"name": "Aerial", "format": "png", "attribution": "© somebody", **words}
    database.executemany("INSERT INTO metadata VALUES (?, ?)", words.items())
    for (column, row), tile in cut(whole).items():
        data = BytesIO()
        Image.fromarray(tile).save(data, "PNG")
        database.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", (ZOOM, column, 2**ZOOM - 1 - row, data.getvalue()))
    database.commit()
    database.close()
    return path


def read_folder(path: Path, *, tms: bool = False, zoom: int = ZOOM, suffix: str = ".png") -> NDArray[np.uint8]:
    files = list((path / str(zoom)).rglob(f"*{suffix}"))
    places = {(int(each.parent.name), 2**zoom - 1 - int(each.stem) if tms else int(each.stem)): each for each in files}
    return joined({place: read_picture(each).pixels[..., :3] for place, each in places.items()})


def read_mbtiles(path: Path) -> NDArray[np.uint8]:
    database = sqlite3.connect(path)
    found = database.execute("SELECT tile_column, tile_row, tile_data FROM tiles WHERE zoom_level = ?", (ZOOM,))
    tiles = {(c, 2**ZOOM - 1 - r): np.asarray(Image.open(BytesIO(data)).convert("RGB")) for c, r, data in found}
    database.close()
    return joined(tiles)


def joined(tiles: dict[tuple[int, int], NDArray[np.uint8]]) -> NDArray[np.uint8]:
    rows, columns = (max(place[axis] for place in tiles) + 1 - low for axis, low in ((1, TOP), (0, LEFT)))
    whole = np.zeros((rows * SIDE, columns * SIDE, 3), np.uint8)
    for (column, row), tile in tiles.items():
        whole[(row - TOP) * SIDE :, (column - LEFT) * SIDE :][:SIDE, :SIDE] = tile
    return whole


def batch(bench: "Bench", *inputs: Path, **settings: Any) -> Summary:
    job = bench.job(*inputs, **{"tile": 48, "overlap": 16, **settings})
    return run(job, plan(job), bench.painter)


def done(bench: "Bench", *inputs: Path, **settings: Any) -> None:
    summary = batch(bench, *inputs, **settings)
    assert [outcome.status for outcome in summary.outcomes] == ["done"], summary.outcomes


def test_a_folder_of_tiles_is_one_task_and_keeps_its_tree(bench: "Bench") -> None:
    whole = picture()
    source = write_folder(bench.folder / "aerial", whole)
    write_folder(source, picture(2, 2, 6), zoom=6)
    assert count_sources(bench.job(source)) == 1
    done(bench, source)
    assert np.array_equal(read_folder(bench.out / "aerial"), 255 - whole)
    assert np.array_equal(read_folder(bench.out / "aerial", zoom=6), 255 - picture(2, 2, 6))
    words = json.loads((bench.out / "aerial" / "metadata.json").read_text())
    assert (words["minzoom"], words["maxzoom"], words["format"], words["scheme"]) == ("5", "6", "png", "xyz")
    assert len(bench.results()) == 12 + 4 + 1


def test_a_set_is_found_inside_a_folder_among_pictures(bench: "Bench") -> None:
    bench.picture("page.png")
    write_folder(bench.folder / "maps" / "aerial", picture())
    summary = batch(bench, recursive=True)
    assert summary.counts == {"done": 2}
    assert "page.png" in bench.results()
    assert f"maps/aerial/{ZOOM}/{LEFT}/{TOP}.png" in bench.results()


def test_pages_in_folders_of_numbers_are_no_tiles(bench: "Bench") -> None:
    bench.picture("1/2/3.png", size=(24, 16))
    bench.picture("1/7/9.png", size=(16, 16))
    summary = batch(bench, recursive=True, tile=None, overlap=None)
    assert summary.counts == {"done": 2}
    assert bench.results() == ["1/2/3.png", "1/7/9.png"]


@pytest.mark.parametrize("kind", ["xyz", "tms", "mbtiles"])
def test_the_network_sees_the_neighbours_the_right_way_up(bench: "Bench", kind: str) -> None:
    """A painter that moves everything down by a pixel shows on which side each tile was thought to lie."""
    whole = picture()
    if kind == "mbtiles":
        source = write_mbtiles(bench.folder / "a.mbtiles", whole)
    else:
        source = write_folder(bench.folder / "a", whole, tms=kind == "tms")

    class Mover(FakePainter):
        def predict(self, image: AnyPixels, **settings: Any) -> FakePrediction:
            return FakePrediction(np.roll(image, 1, axis=0))

    bench.painter = Mover()
    done(bench, source, tile=48, overlap=0, tile_rows="tms" if kind == "tms" else "auto")
    result = (
        read_mbtiles(bench.out / "a.mbtiles") if kind == "mbtiles" else read_folder(bench.out / "a", tms=kind == "tms")
    )
    moved = np.roll(whole, 1, axis=0)
    for row in (SIDE, 2 * SIDE):  # the rows right below a border between tiles, where no window of 48 pixels begins
        if (TOP * SIDE + row) % 48:
            assert np.array_equal(result[row], moved[row]), row


def test_no_seam_between_tiles(bench: "Bench") -> None:
    """Each window gets a brightness of its own; borders of tiles must show it no more than other places."""
    source = write_folder(bench.folder / "a", picture(6, 6))
    number = iter(range(10_000))

    class Moody(FakePainter):
        def predict(self, image: AnyPixels, **settings: Any) -> FakePrediction:
            return FakePrediction(np.full_like(image, 40 if next(number) % 2 else 200))

    bench.painter = Moody()
    done(bench, source, tile=64, overlap=32)
    steps = abs(np.diff(read_folder(bench.out / "a").astype(int), axis=1)).max(axis=(0, 2))
    assert steps.max() < 25
    assert steps[SIDE - 1 :: SIDE].max() <= steps.max()


def test_rows_from_the_south_are_told_by_the_file_beside_them(bench: "Bench") -> None:
    whole = picture()
    source = write_folder(bench.folder / "a", whole, tms=True)
    text = '<TileMap><TileFormat width="32" height="32" mime-type="image/png" extension="png"/></TileMap>'
    (source / "tilemapresource.xml").write_text(text)
    done(bench, source, file_format="webp", quality=100)
    assert np.array_equal(read_folder(bench.out / "a", tms=True, suffix=".webp"), 255 - whole)
    assert 'extension="webp"' in (bench.out / "a" / "tilemapresource.xml").read_text()
    assert json.loads((bench.out / "a" / "metadata.json").read_text())["scheme"] == "tms"
    done(bench, source, tile_store="mbtiles")
    assert np.array_equal(read_mbtiles(bench.out / "a.mbtiles"), 255 - whole)


def test_mbtiles_keep_their_words(bench: "Bench") -> None:
    whole = picture()
    source = write_mbtiles(bench.folder / "a.mbtiles", whole, bounds="1,2,3,4")
    done(bench, bench.folder, file_format="jpg", quality=100, template="{stem}_{model}.{ext}")
    result = bench.out / "a_any.mbtiles"
    assert bench.results() == ["a_any.mbtiles"]
    assert abs(read_mbtiles(result).astype(int) - (255 - whole)).mean() < 20
    with mbtiles_source(source) as before, mbtiles_source(result) as after:
        assert after.words == before.words | {
            "format": "jpg",
            "minzoom": "5",
            "maxzoom": "5",
            "type": "baselayer",
            "version": "1",
        }


def test_from_mbtiles_to_a_folder_and_back(bench: "Bench", tmp_path: Path) -> None:
    whole = picture()
    done(bench, write_mbtiles(bench.folder / "a.mbtiles", whole), tile_store="folder")
    assert np.array_equal(read_folder(bench.out / "a"), 255 - whole)
    done(bench, bench.out / "a", tile_store="mbtiles", output_folder=tmp_path / "again")
    assert np.array_equal(read_mbtiles(tmp_path / "again" / "a.mbtiles"), whole)
    with mbtiles_source(tmp_path / "again" / "a.mbtiles") as source:
        assert source.words["attribution"] == "© somebody"
        assert "scheme" not in source.words


def test_gdal_opens_the_mbtiles_and_its_tiles_fit(bench: "Bench", tmp_path: Path) -> None:
    side = 256  # the only one that GDAL's driver reads
    whole = np.random.default_rng(0).integers(0, 256, (2 * side, 3 * side, 3), np.uint8)
    folder = bench.folder / "a"
    for row in range(2):
        for column in range(3):
            file = folder / "4" / str(8 + column) / f"{5 + row}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(whole[row * side :, column * side :][:side, :side]).save(file)
    done(bench, folder, tile=256, overlap=32, tile_store="mbtiles")
    result = bench.out / "a.mbtiles"
    told = gdalinfo(result)
    assert told["driverShortName"] == "MBTiles"
    assert told["size"] == [3 * side, 2 * side]
    assert 'ID["EPSG",3857]' in told["coordinateSystem"]["wkt"]
    tile_metres = 2 * 20037508.342789244 / 16
    assert told["geoTransform"][0] == pytest.approx(0, abs=1)
    assert told["geoTransform"][3] == pytest.approx((8 - 5) * tile_metres, abs=1)
    gdal("gdal_translate", "-q", "-of", "PNG", result, tmp_path / "whole.png")
    assert np.array_equal(read_picture(tmp_path / "whole.png").pixels[..., :3], 255 - whole)


def test_transparency_stays_and_does_not_bleed(bench: "Bench") -> None:
    source = bench.folder / "a"
    tile = np.full((SIDE, SIDE, 4), 50, np.uint8)
    tile[..., 3] = 255
    tile[:8] = (250, 0, 0, 0)
    tile[8:12, :, 3] = 120
    file = source / "3" / "4" / "2.png"
    file.parent.mkdir(parents=True)
    Image.fromarray(tile).save(file)
    seen: set[int] = set()
    bench.painter.before = lambda pixels: seen.update(np.unique(pixels).tolist())
    done(bench, source)
    assert seen == {50}
    result = read_picture(bench.out / "a" / "3" / "4" / "2.png").pixels
    assert np.array_equal(result[..., 3], tile[..., 3])
    assert (result[8:, :, :3] == 205).all()
    assert (result[:8, :, :3] == (250, 0, 0)).all()


def test_damaged_tiles_are_named_and_counted_and_the_others_are_there(bench: "Bench") -> None:
    source = write_folder(bench.folder / "a", picture())
    (source / "5/17/10.png").write_bytes(b"\x89PNG broken")
    Image.new("RGB", (SIDE * 2, SIDE * 2)).save(source / "5/18/10.png")
    summary = batch(bench, source)
    (outcome,) = summary.outcomes
    assert outcome.status == "failed"
    assert "Tile 5/17/10 of" in outcome.message
    assert "2 tiles could not be read; the others were converted" in outcome.message
    assert len(list((bench.out / "a").rglob("*.png"))) == 10


def gzipped(path: Path) -> None:
    write_mbtiles(path, picture())
    database = sqlite3.connect(path)
    database.execute("DELETE FROM metadata")
    database.execute("UPDATE tiles SET tile_data = ?", (b"\x1f\x8bvector",))
    database.commit()
    database.close()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: write_mbtiles(path, picture(), format="pbf"), "holds vector tiles, which are no pictures"),
        (gzipped, "holds vector tiles, which are no pictures"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(90)), "is no MBTiles file, or it is damaged"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: write_mbtiles(path, picture()[:0]), "There are no tiles in"),
        (lambda path: sqlite3.connect(path).executescript("CREATE TABLE a (b)").close(), "holds no map tiles"),
    ],
)
def test_what_is_no_set_of_pictures_is_said(bench: "Bench", make: Callable[[Path], object], words: str) -> None:
    make(bench.folder / "a.mbtiles")
    (outcome,) = batch(bench).outcomes
    assert outcome.status == "failed"
    assert words in outcome.message
    assert bench.results() == []


@pytest.mark.parametrize(("settings", "words"), [({"file_format": "tiff"}, "TIFF"), ({"bands": (1, 2, 3)}, "bands")])
def test_what_tiles_cannot_be_is_said(bench: "Bench", settings: dict[str, Any], words: str) -> None:
    source = write_folder(bench.folder / "a", picture())
    (outcome,) = batch(bench, source, **settings).outcomes
    assert words in outcome.message
    assert bench.results() == []


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    write_tiny_model(tmp_path / "models" / "any.safetensors")
    return Catalogue((tmp_path / "models",))


def start(bench: "Bench", job: BatchJob, catalogue: Catalogue, stop: threading.Event | None = None) -> Summary:
    listeners = Listeners(stop=stop)
    return convert(job, catalogue.find("any"), lambda job, model: (bench.painter, "a fake"), listeners).summary


def test_it_tells_how_far_a_set_is(bench: "Bench", catalogue: Catalogue) -> None:
    job = bench.job(write_folder(bench.folder / "a", picture(8, 8)), tile=48, overlap=16)
    shares: list[float] = []
    listeners = Listeners(progress=lambda _task, share: shares.append(share))
    convert(job, catalogue.find("any"), lambda job, model: (bench.painter, "a fake"), listeners)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert len(shares) >= 5


@pytest.mark.parametrize("kind", ["folder", "mbtiles"])
def test_a_set_that_was_stopped_goes_on_where_it_was(bench: "Bench", catalogue: Catalogue, kind: Any) -> None:
    whole = picture(8, 8)
    job = bench.job(write_folder(bench.folder / "a", whole), tile=48, overlap=16, tile_store=kind)
    count = 0

    class Dies(FakePainter):
        def predict(self, image: AnyPixels, **settings: Any) -> FakePrediction:
            nonlocal count
            count += 1
            if count == 75:
                raise KeyboardInterrupt
            return super().predict(image, **settings)

    bench.painter = Dies()
    with pytest.raises(KeyboardInterrupt):
        start(bench, job, catalogue)
    target = bench.out / ("a.mbtiles" if kind == "mbtiles" else "a")
    assert not target.exists()
    bench.painter = FakePainter()
    assert start(bench, job, catalogue).counts == {"done": 1}
    result = read_mbtiles(target) if kind == "mbtiles" else read_folder(target)
    assert np.array_equal(result, 255 - whole)
    assert 20 < len(bench.painter.asked) < 60  # windows, of about a hundred
    assert not [name for name in bench.results() if name.startswith(".")]
    assert start(bench, job, catalogue).counts == {"skipped": 1}


def test_half_written_tiles_of_a_killed_run_are_gone(tmp_path: Path) -> None:
    for content in (b"whole", None):
        with folder_store(tmp_path / "set", "the same", None, "png") as store:
            if content:
                store.write(Place(zoom=3, column=2, row=1), content)
                (tmp_path / "set" / "3" / "2" / ".1-0jwk3kye.png").write_bytes(b"half")
    assert [each.name for each in tmp_path.rglob("*.png")] == ["1.png"]
    assert (tmp_path / "set" / ".sketchsause-tiles").is_file()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("kind", ["folder", "mbtiles"])
def test_killed_at_any_moment_the_set_is_what_one_run_makes(bench: "Bench", tmp_path: Path, kind: str) -> None:
    source = write_folder(bench.folder / "a", picture(14, 14))
    model = write_tiny_model(tmp_path / "tiny.safetensors")

    def words(out: Path) -> list[str]:
        model_and_device = ("-m", str(model), "--device", "cpu", "--tile", "48", "--tiles-as", kind)
        return ["convert", str(source), "-o", str(out), *model_and_device]

    command = [sys.executable, "-m", "sketchsause_desktop", *words(bench.out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + 120
        while process.poll() is None and not any(bench.out.glob(".*.part*")) and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(0.3)  # by then some tiles are there
        process.kill()
        process.communicate(timeout=60)
    for out in (bench.out, tmp_path / "again"):
        assert cli.main(words(out)) == 0
    results = []
    for out in (bench.out, tmp_path / "again"):
        results.append(read_folder(out / "a") if kind == "folder" else read_mbtiles(out / "a.mbtiles"))
        assert not list(out.glob(".*part*"))
    assert results[0].shape == (14 * SIDE, 14 * SIDE, 3)
    assert np.array_equal(results[0], results[1])


def test_a_kill_before_the_move_loses_neither_the_old_set_nor_the_new(bench: "Bench", catalogue: Catalogue) -> None:
    source = write_folder(bench.folder / "a", picture())
    assert start(bench, bench.job(source, tile=48), catalogue).counts == {"done": 1}
    (bench.out / "a" / "old.txt").write_text("old")
    job = bench.job(source, tile=48, if_exists="overwrite")
    replace = Path.replace

    def killed(path: Path, target: Path) -> Path:
        if path.name.endswith(".part"):
            raise KeyboardInterrupt
        return replace(path, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            start(bench, job, catalogue)
    asked = len(bench.painter.asked)
    assert start(bench, job, catalogue).counts == {"skipped": 1}
    assert len(bench.painter.asked) == asked
    assert np.array_equal(read_folder(bench.out / "a"), 255 - picture())
    assert not (bench.out / "a" / "old.txt").exists()


def test_what_was_begun_with_other_settings_is_not_mixed_in(bench: "Bench", catalogue: Catalogue) -> None:
    whole = picture(6, 6)
    source = write_folder(bench.folder / "a", whole)
    stop = threading.Event()

    class Grey(FakePainter):
        def predict(self, image: AnyPixels, **settings: Any) -> FakePrediction:
            self.asked.append(settings)
            if len(self.asked) == 30:
                stop.set()
            return FakePrediction(np.full_like(image, 99))

    bench.painter = Grey()
    summary = start(bench, bench.job(source, tile=48, overlap=16), catalogue, stop)
    assert (summary.stopped, summary.outcomes) == (True, [])
    bench.painter = FakePainter()
    assert start(bench, bench.job(source, tile=64, overlap=16), catalogue).counts == {"done": 1}
    assert np.array_equal(read_folder(bench.out / "a"), 255 - whole)


def test_overwriting_takes_the_place_of_the_old_set(bench: "Bench") -> None:
    source = write_folder(bench.folder / "a", picture())
    done(bench, source)
    (bench.out / "a" / "old.txt").write_text("old")
    assert batch(bench, source).counts == {"skipped": 1}
    done(bench, source, if_exists="overwrite")
    assert not (bench.out / "a" / "old.txt").exists()
    assert np.array_equal(read_folder(bench.out / "a"), 255 - picture())
    done(bench, source, if_exists="rename")
    assert (bench.out / "a-2").is_dir()


def test_a_set_is_never_written_over_itself(bench: "Bench") -> None:
    source = write_folder(bench.folder / "a", picture())
    (outcome,) = batch(bench, source, output_folder=bench.folder, if_exists="overwrite").outcomes
    assert outcome.status == "failed"
    assert "which is an input" in outcome.message
    assert np.array_equal(read_folder(source), picture())
