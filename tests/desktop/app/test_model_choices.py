from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import NO_CARD, card_of, choices_of, file_of
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.core.documents_io import open_document, save_document
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.core.source_actions import make_source
from sketchsause_desktop.inference.catalogue import Catalogue
from sketchsause_desktop.inference.engine import Engine
from tests.desktop.tiny_model import write_tiny_model


def test_choices_say_what_a_model_is_for_and_what_it_looks_at(tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "lines.safetensors", output="colour_layer")
    write_tiny_model(tmp_path / "map.safetensors", task="satmap", title="A tiny map")
    write_tiny_model(tmp_path / "shoes.safetensors", task="other", title="")
    lines, satmap, other = choices_of(Catalogue((tmp_path,)).entries())
    assert (lines.looks_at, satmap.looks_at, other.looks_at) == (Role.LINE_ART, Role.SOURCE, Role.SOURCE)
    assert satmap.full_title == "A tiny map – satellite picture to map"
    assert other.title == "shoes"
    assert file_of(satmap).endswith(" kB")


def test_the_card_is_read_from_beside_the_weights(tmp_path: Path) -> None:
    (choice,) = choices_of(Catalogue((write_tiny_model(tmp_path / "m.safetensors").parent,)).entries())
    assert card_of(choice) == NO_CARD
    (tmp_path / "m.md").write_text("# Tiny\n\nTrained on nothing.", encoding="utf-8")
    assert card_of(choice) == "# Tiny\n\nTrained on nothing."
    (tmp_path / "m.md").write_bytes(b"\xff\xfe\xff")
    assert card_of(choice) == NO_CARD
    (tmp_path / "m.safetensors").unlink()
    assert "not there" in file_of(choice)


@pytest.mark.parametrize("output", ["image", "classes"])
def test_a_map_model_maps_the_source_layer(qapp: QCoreApplication, qtbot: QtBot, tmp_path: Path, output: str) -> None:
    fields = {"classes": ("#fba028", "#00ff00", "#0000ff")} if output == "classes" else {}
    write_tiny_model(tmp_path / "map.safetensors", task="satmap", output=output, **fields)
    catalogue = Catalogue((tmp_path,))
    looks_at = {choice.model_id: choice.looks_at for choice in choices_of(catalogue.entries())}
    editor = Editor()
    editor.open_pixels(np.random.default_rng(0).integers(0, 255, (70, 90, 3), dtype=np.uint8), "photo")
    live = Live(editor, Engine(catalogue, "cpu"), Notices(), looks_at=looks_at.__getitem__)
    try:
        live.set_model("map")
        live.set_enabled(True)
        qtbot.waitUntil(lambda: "Source" in live.reason, timeout=10_000)
        editor.do(lambda document: make_source(document, document.line_art.layer_id))
        qtbot.waitUntil(lambda: len(editor.document.ai_colour.tiles) > 0, timeout=60_000)
        assert live.reason == ""
    finally:
        live.shutdown()
    document = editor.document
    shown = document.ai_colour.tiles.read(document.rect)
    assert (shown[..., 3] == 255).all()
    assert np.array_equal(editor.export_pixels(), shown[..., :3])  # neither lines nor source on it

    save_document(tmp_path / "map.ora", document.snapshot())
    again = open_document(tmp_path / "map.ora").document
    assert [layer.role for layer in again.leaves()] == [layer.role for layer in document.leaves()]
    assert again.topmost(Role.SOURCE) is not None
