"""Drawings of ours in the programs that OpenRaster was made for, where they are installed."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sketchsause_desktop.core.document import SHOWN, Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Blend, Group, Layer, Role
from sketchsause_desktop.core.ora_writer import write_ora
from tests.desktop.core.drawings import paint

pytestmark = pytest.mark.slow
SECONDS = 120


def drawing(folder: Path) -> tuple[Document, Path]:
    """Every blend mode over each other, some of them in a group."""
    document = Document.new(Size(300, 200))
    modes = list(Blend)
    layers = [
        paint(Layer(name=mode.value, role=Role.PAINT, blend=mode, opacity=0.8), Rect(30 * number, 20, 90, 160), number)
        for number, mode in enumerate(modes)
    ]
    document.layers[1:1] = [*layers[:4], Group(name="Group", opacity=0.7, layers=[*layers[4:]])]
    write_ora(folder / "drawing.ora", document.snapshot())
    return document, folder / "drawing.ora"


def assert_same(document: Document, exported: Path) -> None:
    with Image.open(exported) as image:
        theirs = np.asarray(image.convert("RGB")).astype(int)
    ours = document.composite(document.rect, SHOWN)[..., :3]
    assert np.abs(theirs - ours).max() <= 2


def run(*command: str) -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    subprocess.run(command, env=environment, timeout=SECONDS, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("krita") is None, reason="Krita is not installed")
def test_krita_shows_the_same(tmp_path: Path) -> None:
    document, path = drawing(tmp_path)
    run("krita", str(path), "--export", "--export-filename", str(tmp_path / "out.png"))
    assert_same(document, tmp_path / "out.png")


@pytest.mark.skipif(shutil.which("gimp") is None, reason="GIMP is not installed")
def test_gimp_shows_the_same(tmp_path: Path) -> None:
    document, path = drawing(tmp_path)
    source, target = str(path), str(tmp_path / "out.png")
    script = (
        f'(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{source}" "{source}")))'
        f" (merged (car (gimp-image-flatten image))))"
        f' (gimp-file-save RUN-NONINTERACTIVE image merged "{target}" "{target}"))'
    )
    run("gimp", "-i", "-b", script, "-b", "(gimp-quit 0)")
    assert_same(document, tmp_path / "out.png")
