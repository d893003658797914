"""PSD files keep layers, groups and modes both ways; what they hold beside that is said."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, Compression

from models import memory
from models.errors import UserError
from sketchsause_desktop.core.document import SHOWN, Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Blend, Group, Layer, Role
from sketchsause_desktop.core.picture_metadata import Metadata
from sketchsause_desktop.core.psd import read_psd, write_psd
from tests.desktop.core.drawings import described, paint, pixels_of, sample

PROFILE = bytes(16) + b"RGB " + bytes(100)


def as_psd_knows_it(document: Document) -> Document:
    """Without roles, and with opacities in whole steps of 255; one lock is all there is."""
    for node in document.nodes():
        node.opacity = round(node.opacity * 255) / 255
        if isinstance(node, Layer):
            node.role = Role.PAINT
    return document


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    document = as_psd_knows_it(sample())
    write_psd(tmp_path / "a.psd", document.snapshot())
    opened = read_psd(tmp_path / "a.psd")
    assert opened.notices == ()
    nodes = opened.document.layers[1:-1]  # without the blank ones for AI colour and line art; the paper is gone, too
    assert [node.name for node in nodes] == [node.name for node in document.layers]
    for ours, theirs in zip(document.layers, nodes, strict=True):
        assert described(theirs) == described(ours)
    leaves = list(opened.document.leaves())[1:-1]
    for before, after in zip(document.leaves(), leaves, strict=True):
        assert np.array_equal(pixels_of(before), pixels_of(after))


def test_the_merged_picture_is_ours(tmp_path: Path) -> None:
    document = sample()
    write_psd(tmp_path / "a.psd", document.snapshot())
    with Image.open(tmp_path / "a.psd") as merged:  # Pillow's own reader of PSD
        assert np.array_equal(np.asarray(merged.convert("RGB")), document.composite(document.rect, SHOWN)[..., :3])


def test_metadata_goes_both_ways(tmp_path: Path) -> None:
    document = Document.new(Size(20, 10))
    document.metadata = Metadata(icc=PROFILE, xmp=b"<x/>", dpi=(300.0, 150.0))
    write_psd(tmp_path / "a.psd", document.snapshot())
    assert read_psd(tmp_path / "a.psd").document.metadata == document.metadata


def test_what_cannot_be_taken_over_is_said_and_masks_are_applied(tmp_path: Path) -> None:
    psd = PSDImage.new("RGB", (40, 30))
    red = Image.new("RGB", (20, 10), "red")
    psd.create_pixel_layer(red, "Dodge", blend_mode=BlendMode.COLOR_DODGE)
    masked = psd.create_pixel_layer(red, "Masked", top=5, left=7)
    mask = Image.new("L", (20, 10), 0)
    mask.paste(255, (0, 0, 4, 10))
    masked.create_mask(mask)
    clipped = psd.create_pixel_layer(red, "Clipped")
    clipped.clipping = True
    psd.save(tmp_path / "a.psd")
    opened = read_psd(tmp_path / "a.psd")
    assert opened.notices == (
        "1 layer uses a blend mode unknown here and shown as normal: div.",
        "1 layer has a property unknown here and not shown: clipping.",
    )
    layer = next(each for each in opened.document.leaves() if each.name == "Masked")
    seen = np.argwhere(layer.tiles.read(Rect(0, 0, 40, 30))[..., 3])
    assert seen.min(axis=0).tolist() == [5, 7]
    assert seen.max(axis=0).tolist() == [14, 10]


def test_a_layer_without_pixels_opens_blank(tmp_path: Path) -> None:
    psd = PSDImage.new("RGB", (40, 30))
    layer = psd.create_pixel_layer(Image.new("RGB", (9, 9), "red"), "Blank", blend_mode=BlendMode.SCREEN)
    layer._record.bottom = layer._record.right = 0
    for channel, data in zip(layer._record.channel_info, layer._channels, strict=True):
        channel.length, data.data, data.compression = 2, b"", Compression.RAW
    psd.save(tmp_path / "a.psd")
    opened = read_psd(tmp_path / "a.psd")
    assert opened.notices == ()
    _, blank, _ = opened.document.leaves()
    assert (blank.name, blank.blend, len(blank.tiles)) == ("Blank", Blend.SCREEN, 0)


def test_a_file_without_layers_is_one_picture(tmp_path: Path) -> None:
    PSDImage.frompil(Image.new("RGB", (9, 5), (10, 200, 30))).save(tmp_path / "a.psd")
    document = read_psd(tmp_path / "a.psd").document
    assert [layer.name for layer in document.leaves()] == ["AI colour", "Background", "Line art"]
    assert document.composite(document.rect)[2, 3].tolist() == [10, 200, 30, 255]


def test_groups_that_pass_through_stay_so(tmp_path: Path) -> None:
    document = Document.new(Size(30, 20))
    inner = paint(Layer(name="In", role=Role.PAINT, blend=Blend.COLOUR), Rect(0, 0, 9, 9))
    document.layers[:] = [Group(name="Out", pass_through=through, layers=[inner]) for through in (True, False)]
    write_psd(tmp_path / "a.psd", document.snapshot())
    groups = [node for node in read_psd(tmp_path / "a.psd").document.layers if isinstance(node, Group)]
    assert [group.pass_through for group in groups] == [True, False]


def test_too_large_ones_are_refused_by_their_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = b"8BPS\0\1" + bytes(6) + b"\0\3" + (30_000).to_bytes(4) * 2 + b"\0\x08\0\3"
    (tmp_path / "a.psd").write_bytes(header + bytes(100))
    with pytest.raises(UserError, match="30000 x 30000"):
        read_psd(tmp_path / "a.psd")
    write_psd(tmp_path / "b.psd", sample().snapshot())
    monkeypatch.setattr(memory, "physical_memory", lambda: 100_000)
    with pytest.raises(UserError, match="of memory"):
        read_psd(tmp_path / "b.psd")


def test_a_side_that_psd_cannot_hold_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="ends at 30000"):
        write_psd(tmp_path / "a.psd", Document.new(Size(30_001, 1)).snapshot())


def test_groups_nested_too_deeply_are_refused(tmp_path: Path) -> None:
    psd = PSDImage.new("RGB", (4, 4))
    group = psd.create_group(name="0")
    for number in range(66):
        group = group.create_group(name=str(number))
    psd.save(tmp_path / "a.psd")
    with pytest.raises(UserError, match="more layers"):
        read_psd(tmp_path / "a.psd")


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.expects_warnings
@pytest.mark.filterwarnings("ignore")
def test_damaged_bytes_are_a_user_error_or_a_drawing(tmp_path: Path, data: st.DataObject) -> None:
    if not (whole := tmp_path / "whole.psd").exists():
        document = Document.new(Size(16, 16))
        paint(document.line_art, Rect(2, 2, 9, 9))
        write_psd(whole, document.snapshot())
    raw = bytearray(whole.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "a.psd").write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
    try:
        opened = read_psd(tmp_path / "a.psd")
    except UserError:
        return
    assert not opened.document.size.is_empty
