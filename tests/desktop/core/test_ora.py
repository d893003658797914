"""OpenRaster files keep all there is of a drawing, foreign ones open, hostile ones do no harm."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from models import memory
from models.errors import UserError
from sketchsause_desktop.core.document import SHOWN, Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Blend, Group, Layer, Role
from sketchsause_desktop.core.ora_reader import is_whole, read_ora
from sketchsause_desktop.core.ora_writer import write_ora
from sketchsause_desktop.core.picture_metadata import Metadata
from tests.desktop.core.drawings import SIZE, described, documents, paint, pixels_of, sample

PROFILE = bytes(16) + b"RGB " + bytes(100)


def png(width: int = 4, height: int = 4) -> bytes:
    data = io.BytesIO()
    Image.new("RGBA", (width, height), "red").save(data, "PNG")
    return data.getvalue()


def archive(path: Path, stack: str, how: int = ZIP_DEFLATED, **entries: bytes) -> Path:
    """A foreign file: `stack` is what stands in <image>; entries are data/NAME.png."""
    with ZipFile(path, "w", how) as file:
        file.writestr("mimetype", "image/openraster")
        file.writestr("stack.xml", stack if stack.startswith("<?") else f'<image w="8" h="6">{stack}</image>')
        for name, data in entries.items():
            file.writestr(f"data/{name}.png", data)
    return path


def only_foreign(document: Document) -> list[Layer | Group]:
    """Without the layers that every drawing here has."""
    return document.layers[1:-1]


# ----------------------------------------------------------------------------------------------------- what is our own


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents())
def test_what_is_saved_is_what_is_opened_and_saving_again_gives_the_same_bytes(
    tmp_path: Path, document: Document
) -> None:
    first, second = tmp_path / "a.ora", tmp_path / "b.ora"
    write_ora(first, document.snapshot())
    opened = read_ora(first)
    assert opened.notices == ()
    assert [described(node) for node in opened.document.layers] == [described(node) for node in document.layers]
    for ours, theirs in zip(document.leaves(), opened.document.leaves(), strict=True):
        assert np.array_equal(pixels_of(ours), pixels_of(theirs))
    write_ora(second, opened.document.snapshot())
    assert first.read_bytes() == second.read_bytes()


def test_names_metadata_and_blank_tiles_are_kept(tmp_path: Path) -> None:
    document = sample()
    document.metadata = Metadata(icc=PROFILE, xmp="<x>線</x>".encode(), dpi=(300.0, 72.5))
    write_ora(tmp_path / "a.ora", document.snapshot())
    opened = read_ora(tmp_path / "a.ora").document
    assert [node.name for node in opened.nodes()] == [node.name or "Layer" for node in document.nodes()]
    assert opened.metadata.icc == PROFILE
    assert opened.metadata.xmp == document.metadata.xmp
    assert opened.metadata.dpi == pytest.approx((300.0, 72.5), abs=0.02)
    assert [len(layer.tiles) for layer in opened.leaves()] == [len(layer.tiles) for layer in document.leaves()]


def test_the_archive_is_as_the_specification_says(tmp_path: Path) -> None:
    document = sample()
    write_ora(tmp_path / "a.ora", document.snapshot())
    raw = (tmp_path / "a.ora").read_bytes()
    assert raw[30:54] == b"mimetypeimage/openraster"  # first and stored: told by its first bytes
    with ZipFile(tmp_path / "a.ora") as file:
        merged = Image.open(io.BytesIO(file.read("mergedimage.png")))
        thumbnail = Image.open(io.BytesIO(file.read("Thumbnails/thumbnail.png")))
        sizes = {name: Image.open(io.BytesIO(file.read(name))).size for name in file.namelist() if "layer" in name}
        assert file.testzip() is None
    assert np.array_equal(np.asarray(merged), document.composite(document.rect, SHOWN))
    assert thumbnail.size == (256, 171)
    assert (90, 200) in sizes.values()  # cropped to what is painted
    assert is_whole(tmp_path / "a.ora")


def test_the_layers_on_nothing_look_like_the_merged_image(tmp_path: Path) -> None:
    """As another program lays them: the white paper has to be among them, or "screen" would look different."""
    document = Document.new(Size(64, 64))
    document.layers.append(paint(Layer(name="Light", role=Role.PAINT, blend=Blend.SCREEN), Rect(0, 0, 64, 64)))
    write_ora(tmp_path / "a.ora", document.snapshot())
    with ZipFile(tmp_path / "a.ora") as file:
        paper = Image.open(io.BytesIO(file.read("data/paper.png")))
        stack = file.read("stack.xml").decode()
    assert paper.getextrema() == ((255, 255),) * 4
    assert stack.rindex("paper.png") > stack.rindex("layer000.png")  # the lowest stands last


def test_progress_rises_to_one_and_what_it_raises_leaves_the_old_file(tmp_path: Path) -> None:
    path, told = tmp_path / "a.ora", list[float]()
    write_ora(path, sample().snapshot(), told.append)
    before = path.read_bytes()
    assert told == sorted(told)
    assert told[-1] == 1

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_ora(path, sample().snapshot(), stop)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_sentence_and_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ora"
    write_ora(path, sample().snapshot())
    before = path.read_bytes()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile._ZipWriteFile, "write", full)  # type: ignore[attr-defined]
    with pytest.raises(UserError, match="the disk is full"):
        write_ora(path, sample().snapshot())
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("opacity", "blend", "isolation"),
    [(1.0, Blend.NORMAL, "auto"), (0.5, Blend.NORMAL, "isolate"), (0.5, Blend.MULTIPLY, "auto")],
)
def test_a_faded_group_is_isolated_for_others_where_that_looks_the_same(
    tmp_path: Path, opacity: float, blend: Blend, isolation: str
) -> None:
    document = Document.new(SIZE)
    ground = paint(Layer(name="Ground", role=Role.PAINT), Rect(0, 0, 250, 180), 1)
    inside = [paint(Layer(name="In", role=Role.PAINT), Rect(20 * seed, 30, 150, 120), seed) for seed in (2, 3)]
    inside[1].blend = blend
    group = Group(name="Through", pass_through=True, opacity=opacity, layers=[*inside])
    document.layers[1:1] = [ground, group]
    write_ora(tmp_path / "a.ora", document.snapshot())
    written = ET.fromstring(zipfile.ZipFile(tmp_path / "a.ora").read("stack.xml")).find("stack/stack")
    assert written is not None
    assert written.get("isolation") == isolation
    through = document.composite(document.rect).astype(int)
    opened = next(node for node in read_ora(tmp_path / "a.ora").document.layers if isinstance(node, Group))
    assert opened.pass_through
    group.pass_through = False
    away = np.abs(document.composite(document.rect) - through).max()
    assert (away <= 2) == (blend is Blend.NORMAL)


# ------------------------------------------------------------------------------------------------------ what is foreign


def test_a_foreign_file_opens_with_the_layers_where_they_belong(tmp_path: Path) -> None:
    stack = """
        <stack><layer name="top" src="data/a.png" x="2" y="1" opacity="0.5" composite-op="svg:plus" edit-locked="true"/>
        <stack name="Gruppe" visibility="hidden" isolation="auto" x="5" y="5">
        <layer src="data/b.png" x="-2" y="3" composite-op="svg:color"/></stack></stack>"""
    opened = read_ora(archive(tmp_path / "a.ora", stack, a=png(3, 2), b=png(4, 4)))
    group, top = only_foreign(opened.document)
    assert opened.notices == ("1 layer reached beyond the canvas and was cut off there: Layer.",)
    assert opened.document.size == Size(8, 6)
    assert isinstance(group, Group)
    assert (group.name, group.visible, group.pass_through) == ("Gruppe", False, True)
    assert described(group.layers[0])[2] is Blend.COLOUR
    assert isinstance(top, Layer)
    assert (top.opacity, top.blend, top.locked, top.role) == (0.5, Blend.ADD, True, Role.PAINT)
    assert np.array_equal(np.argwhere(top.tiles.read(Rect(0, 0, 8, 6))[..., 3])[[0, -1]], [[1, 2], [2, 4]])
    inner = group.layers[0]
    assert isinstance(inner, Layer)
    assert np.array_equal(np.argwhere(inner.tiles.read(Rect(-8, -8, 32, 32))[..., 3])[[0, -1]] - 8, [[3, 0], [5, 1]])


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (
            '<layer name="A" src="data/a.png" composite-op="krita:dodge"/>',
            "1 layer uses a blend mode unknown here and shown as normal: krita:dodge.",
        ),
        (
            '<layer name="A" src="data/a.png" alpha-preserve="true"/>',
            "1 layer has a property unknown here and not shown: clipping.",
        ),
        ('<layer name="A" src="data/none.png"/>', "1 layer is damaged and now empty: A."),
        ('<layer name="A" src="../../etc/passwd.png"/>', "1 layer is damaged and now empty: A."),
        ('<layer name="A" src="data/bad.png"/>', "1 layer is damaged and now empty: A."),
        ('<layer name="A" src="data/a.svg"/>', "1 layer was left out: A."),
        ('<filter name="Blur"/>', "1 layer was left out: Blur."),
        ('<layer src="data/a.png" opacity="nan"/>', "Some values in the file make no sense and were replaced."),
        ('<layer src="data/a.png" x="1e300"/>', "1 layer reached beyond the canvas and was cut off there: Layer."),
        ('<layer src="data/a.png" y="-inf"/>', "Some values in the file make no sense and were replaced."),
        ('<layer src="data/a.png" x="left"/>', "Some values in the file make no sense and were replaced."),
    ],
)
def test_what_cannot_be_taken_over_is_said(tmp_path: Path, layer: str, sentence: str) -> None:
    path = archive(tmp_path / "a.ora", f"<stack>{layer}</stack>", a=png(), bad=png()[:-30])
    assert read_ora(path).notices == (sentence,)


def test_opacity_beyond_its_range_is_clamped(tmp_path: Path) -> None:
    stack = '<stack><layer src="data/a.png" opacity="7"/><layer src="data/a.png" opacity="-1"/></stack>'
    layers = only_foreign(read_ora(archive(tmp_path / "a.ora", stack, a=png())).document)
    assert [layer.opacity for layer in layers] == [0.0, 1.0]


def test_a_damaged_layer_does_not_cost_the_others(tmp_path: Path) -> None:
    document = sample()
    write_ora(tmp_path / "a.ora", document.snapshot())
    raw = bytearray((tmp_path / "a.ora").read_bytes())
    with ZipFile(tmp_path / "a.ora") as file:
        info = file.getinfo("data/layer000.png")
    raw[info.header_offset + 2000] ^= 0xFF
    (tmp_path / "a.ora").write_bytes(raw)
    assert not is_whole(tmp_path / "a.ora")
    opened = read_ora(tmp_path / "a.ora")
    assert opened.notices == ("1 layer is damaged and now empty: AI colour.",)
    assert np.array_equal(pixels_of(opened.document.line_art), pixels_of(document.line_art))


# ------------------------------------------------------------------------------------------------------ what is hostile


def bomb(path: Path) -> Path:
    """A stack.xml of 20 MB in 20 KB."""
    return archive(path, "<stack>" + " " * 20_000_000 + "</stack>")


def entities(path: Path) -> Path:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    return archive(
        path, f'<?xml version="1.0"?><!DOCTYPE image [{laughs}]><image w="8" h="6"><stack name="&l8;"/></image>'
    )


def outside(path: Path) -> Path:
    stack = '<!DOCTYPE image [<!ENTITY x SYSTEM "file:///etc/passwd">]><image w="8" h="6"><stack name="&x;"/></image>'
    with ZipFile(path, "w") as file:
        file.writestr("stack.xml", stack.encode("utf-16"))
    return path


def nested(path: Path) -> Path:
    return archive(path, "<stack>" * 5_000 + "</stack>" * 5_000)


def many_files(path: Path) -> Path:
    with ZipFile(path, "w") as file:
        for number in range(5_000):
            file.writestr(f"data/{number}", "")
    return path


def rubbish(path: Path) -> Path:
    path.write_bytes(b"PK\3\4" + bytes(100))
    return path


def cut(path: Path) -> Path:
    write_ora(path, sample().snapshot())
    path.write_bytes(path.read_bytes()[:-200])
    return path


HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "bomb": (bomb, "is damaged"),
    "entities": (entities, "is damaged"),
    "outside entities in UTF-16": (outside, "is damaged"),
    "100,000 layers": (
        lambda p: archive(p, "<stack>" + '<layer src="data/a.png"/>' * 100_000 + "</stack>"),
        "more layers",
    ),
    "deeply nested": (nested, "more layers"),
    "many files": (many_files, "holds 5000 files"),
    "cut off": (cut, "is damaged or cut off"),
    "no XML": (lambda p: archive(p, "<stack"), "is damaged"),
    "no stack": (lambda p: archive(p, ""), "is damaged"),
    "another archive": (lambda p: archive(p, "<?xml version='1.0'?><html/>"), "is damaged"),
    "no size": (lambda p: archive(p, "<?xml version='1.0'?><image><stack/></image>"), "is damaged"),
    "NaN": (lambda p: archive(p, "<?xml version='1.0'?><image w='nan' h='6'><stack/></image>"), "is damaged"),
    "huge": (lambda p: archive(p, "<?xml version='1.0'?><image w='1e300' h='6'><stack/></image>"), "more than"),
    "large": (
        lambda p: archive(p, "<?xml version='1.0'?><image w='90000' h='90000'><stack/></image>"),
        "90000 x 90000",
    ),
    "not an archive": (rubbish, "is damaged"),
}


@pytest.mark.parametrize(("make", "words"), HOSTILE.values(), ids=HOSTILE)
def test_each_hostile_file_is_refused_in_one_sentence(tmp_path: Path, make: Callable[[Path], Path], words: str) -> None:
    path = make(tmp_path / "Zeichnung ö.ora")
    with pytest.raises(UserError) as caught:
        read_ora(path)
    assert words in caught.value.sentence
    assert str(path) in caught.value.sentence


def test_layers_beyond_the_memory_are_refused_before_one_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = "".join('<layer src="data/a.png"/>' for _ in range(100))
    path = archive(tmp_path / "a.ora", f"<stack>{layers}</stack>", a=png(2000, 1000))
    monkeypatch.setattr(memory, "physical_memory", lambda: 2**29)
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("a layer was decoded"))
    with pytest.raises(UserError, match=r"would take 0\.7 GB of memory"):
        read_ora(path)


def test_names_in_the_archive_are_no_paths(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(png())
    stack = f'<stack><layer src="{tmp_path / "secret.png"}"/><layer src="../secret.png"/></stack>'
    opened = read_ora(archive(tmp_path / "a.ora", stack))
    assert [len(layer.tiles) for layer in opened.document.leaves()] == [0] * 4
    assert {path.name for path in tmp_path.iterdir()} == {"a.ora", "secret.png"}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_are_a_user_error_or_a_drawing(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "a.ora"
    if not (whole := tmp_path / "whole.ora").exists():
        document = Document.new(Size(16, 16))
        paint(document.line_art, Rect(2, 2, 9, 9))
        write_ora(whole, document.snapshot())
    raw = bytearray(whole.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    try:
        opened = read_ora(path)
    except UserError:
        return
    assert opened.document.line_art.tiles.read(opened.document.rect).dtype == np.uint8
