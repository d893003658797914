"""Drawings of ours in Krita and GIMP, and theirs here, where those programs are installed.

They round to 8 bits after every layer, as we do; 2/255 is what a few layers add up to, 3/255 what groups of them do in
a pixel out of thousands. GIMP blends the layers of an OpenRaster file in linear light, and no file can tell it not to:
only what is opaque can agree. It isolates every group, and in one it shows some modes only where something lies below.
Out of a PSD file it blends as we do, but for "add" and "colour".
"""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.document import SHOWN, Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Blend, Group, Layer, Node, Role
from sketchsause_desktop.core.ora_reader import read_ora
from sketchsause_desktop.core.ora_writer import write_ora
from sketchsause_desktop.core.psd import read_psd, write_psd
from tests.desktop.core.drawings import paint

SECONDS = 120
SIZE = Size(320, 200)
SINGLE = 100  # rows of the picture without groups
AS_IN_GIMP = frozenset(Blend) - {Blend.ADD, Blend.COLOUR}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(4 * SECONDS)]
needs_krita = pytest.mark.skipif(
    shutil.which("krita") is None or shutil.which("xvfb-run") is None, reason="Krita or xvfb-run is not installed"
)
needs_gimp = pytest.mark.skipif(shutil.which("gimp") is None, reason="GIMP is not installed")


def layer(rect: Rect, blend: Blend = Blend.NORMAL, opacity: float = 1.0, visible: bool = True) -> Layer:
    new = Layer(name=blend.value, role=Role.PAINT, blend=blend, opacity=opacity, visible=visible)
    return paint(new, rect, abs(rect.x) + 1000 * abs(rect.y))


def drawing(blends: Iterable[Blend], group_opacity: float = 0.7) -> Document:
    """A column for each mode: layers, faded layers, and groups that have it, hold it or let it through."""
    nodes: list[Node] = [layer(Rect(0, 0, 320, 180)), layer(Rect(-30, -20, 90, 50)), layer(Rect(290, 170, 90, 50))]
    for number, blend in enumerate(blends):
        x = 40 * number
        faded = Group(
            name="Faded", opacity=group_opacity, blend=blend, layers=[layer(Rect(x, SINGLE, 40, 30), opacity=0.9)]
        )
        isolated = Group(name="Isolated", layers=[layer(Rect(x, 130, 35, 30)), layer(Rect(x + 5, 130, 35, 30), blend)])
        through = Group(name="Through", pass_through=True, layers=[layer(Rect(x, 160, 40, 40), blend)])
        nodes += [layer(Rect(x, 0, 40, 50), blend), layer(Rect(x, 50, 40, 50), blend, 0.8), faded, isolated, through]
    nodes += [
        layer(Rect(0, 0, 99, 99), visible=False),
        Group(name="Off", visible=False, layers=[layer(Rect(0, 0, 9, 9))]),
    ]
    document = Document.new(SIZE)
    document.layers[1:1] = nodes
    return document


def opaque_drawing() -> Document:
    """What looks the same in linear light and with the groups that GIMP knows, too."""
    document = drawing([Blend.NORMAL, Blend.DARKEN, Blend.LIGHTEN], group_opacity=1.0)
    document.layers[:] = [node for node in document.layers if node.name not in ("Isolated", "Through")]
    for each in document.leaves():
        pixels = each.tiles.read(document.rect)
        pixels[pixels[..., 3] < 255] = 0
        each.tiles.write(document.rect, pixels)
        each.opacity = 1.0
    return document


def shown(document: Document) -> Pixels:
    return document.composite(document.rect, SHOWN)[..., :3]


def picture(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def assert_same(one: Pixels, other: Pixels) -> None:
    away = np.abs(one.astype(int) - other).max(axis=-1)
    assert away[:SINGLE].max() <= 2
    assert away.max() <= 3
    assert np.mean(away > 2) < 0.001


# Krita


def krita(source: Path, target: Path) -> Path:
    command = ("xvfb-run", "-a", "krita", str(source), "--export", "--export-filename", str(target))
    subprocess.run(command, timeout=SECONDS, check=True, capture_output=True)
    return target


@needs_krita
def test_krita_shows_the_same_and_its_openraster_opens_here(tmp_path: Path) -> None:
    document = drawing(Blend)
    write_ora(tmp_path / "ours.ora", document.snapshot())
    assert_same(picture(krita(tmp_path / "ours.ora", tmp_path / "out.png")), shown(document))
    opened = read_ora(krita(tmp_path / "ours.ora", tmp_path / "theirs.ora"))
    assert opened.notices == ()
    assert_same(shown(opened.document), shown(document))


@needs_krita
def test_krita_shows_the_same_psd_and_its_psd_opens_here(tmp_path: Path) -> None:
    """But for the opacity of groups, which Krita 5.1 does not read, and their modes, which it does not write."""
    document = drawing(Blend, group_opacity=1.0)
    write_psd(tmp_path / "ours.psd", document.snapshot())
    assert_same(picture(krita(tmp_path / "ours.psd", tmp_path / "out.png")), shown(document))
    for node in document.nodes():
        if isinstance(node, Group):
            node.blend = Blend.NORMAL
    write_psd(tmp_path / "ours.psd", document.snapshot())
    opened = read_psd(krita(tmp_path / "ours.psd", tmp_path / "theirs.psd"))
    assert opened.notices == ()
    assert_same(shown(opened.document), shown(document))


# GIMP


def gimp(source: Path, *targets: Path) -> None:
    """Export `source` as each of `targets`, the last of them flattened; 2.10 and 3.0 are called in different ways."""
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    version = subprocess.run(("gimp", "--version"), env=environment, check=True, capture_output=True, text=True).stdout
    if "version 2." in version:
        interpreter, files = [], '"{0}" "{0}"'
        saved = "image (car (gimp-image-get-active-drawable image))"
    else:
        interpreter, files = ["--batch-interpreter=plug-in-script-fu-eval"], '"{0}"'
        saved = "image"
    saves = [f"(gimp-file-save 1 {saved} {files.format(target)})" for target in targets]
    saves.insert(-1, "(gimp-image-flatten image)")
    script = f"(let* ((image (car (gimp-file-load 1 {files.format(source)})))) {' '.join(saves)})"
    command = ("gimp", "-i", *interpreter, "-b", script, "-b", "(gimp-quit 1)")
    done = subprocess.run(command, env=environment, timeout=SECONDS, check=False, capture_output=True, text=True)
    if "Unknown file type" in done.stdout + done.stderr:
        pytest.skip(f"this GIMP has no plug-in for {source.suffix}")
    assert all(target.exists() for target in targets), done.stderr


@needs_gimp
def test_gimp_shows_the_same_where_all_is_opaque(tmp_path: Path) -> None:
    document = opaque_drawing()
    write_ora(tmp_path / "ours.ora", document.snapshot())
    gimp(tmp_path / "ours.ora", tmp_path / "out.png")
    assert_same(picture(tmp_path / "out.png"), shown(document))


@needs_gimp
def test_openraster_of_gimp_looks_here_as_it_does_there(tmp_path: Path) -> None:
    """When it is opened again: GIMP 3.0 writes layers blank that do not begin in the corner of the canvas."""
    write_ora(tmp_path / "ours.ora", opaque_drawing().snapshot())
    gimp(tmp_path / "ours.ora", tmp_path / "theirs.ora", tmp_path / "out.png")
    gimp(tmp_path / "theirs.ora", tmp_path / "again.png")
    opened = read_ora(tmp_path / "theirs.ora")
    assert opened.notices == ()
    assert_same(picture(tmp_path / "again.png"), shown(opened.document))


@needs_gimp
def test_gimp_shows_the_same_psd_and_its_psd_opens_here(tmp_path: Path) -> None:
    document = drawing([blend for blend in Blend if blend in AS_IN_GIMP])
    write_psd(tmp_path / "ours.psd", document.snapshot())
    gimp(tmp_path / "ours.psd", tmp_path / "theirs.psd", tmp_path / "out.png")
    assert_same(picture(tmp_path / "out.png"), shown(document))
    opened = read_psd(tmp_path / "theirs.psd")
    assert opened.notices == ()
    assert_same(shown(opened.document), shown(document))
