import numpy as np

from sketchsause_desktop.core import layer_actions
from sketchsause_desktop.core.blend import premultiplied
from sketchsause_desktop.core.document import OWN_PAINT, RESULT, Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layers import Blend, Group, Layer, Role
from sketchsause_desktop.core.source_actions import has_source, make_source, source_candidate

GREEN, GREY = (30, 90, 40), (200, 200, 200)


def photograph() -> Document:
    return Document.from_line_art(np.full((90, 120, 3), GREEN, np.uint8))


def roles(document: Document) -> list[Role]:
    return [layer.role for layer in document.leaves()]


def colour(document: Document, which: frozenset[Role]) -> tuple[int, ...]:
    return tuple(document.composite(Rect(50, 50, 1, 1), which)[0, 0, :3].tolist())


def test_an_opened_photograph_becomes_the_source_in_one_step() -> None:
    document = photograph()
    photo = document.line_art
    change = make_source(document, photo.layer_id)
    assert change is not None
    assert roles(document) == [Role.SOURCE, Role.AI_COLOUR, Role.LINE_ART]
    assert (photo.name, photo.blend, document.ai_colour.name) == ("Source", Blend.NORMAL, "AI map")
    assert has_source(document)
    change.undo(document)
    assert roles(document) == [Role.AI_COLOUR, Role.LINE_ART]
    assert (photo.name, photo.blend, document.ai_colour.name) == ("Line art", Blend.MULTIPLY, "AI colour")
    change.redo(document)
    assert roles(document) == [Role.SOURCE, Role.AI_COLOUR, Role.LINE_ART]
    assert make_source(document, photo.layer_id) is None


def test_the_map_covers_its_source_and_is_not_darkened_by_it() -> None:
    document = photograph()
    make_source(document, document.line_art.layer_id)
    assert colour(document, RESULT) == GREEN  # as long as there is no map
    document.ai_colour.tiles.write(document.rect, premultiplied(np.full((90, 120, 3), GREY, np.uint8)))
    assert colour(document, RESULT) == GREY
    assert colour(document, OWN_PAINT) == GREEN


def test_names_given_by_the_user_and_lower_layers_stay() -> None:
    document = photograph()
    ground = Layer(name="Berlin", role=Role.PAINT)
    layer_actions.add(document, ground, Place(index=0))
    document.ai_colour.name = "Mine"
    make_source(document, ground.layer_id)
    assert [layer.name for layer in document.leaves()] == ["Berlin", "Mine", "Line art"]


def test_a_source_out_of_a_group_comes_to_lie_under_the_result() -> None:
    document = photograph()
    photo = document.line_art
    document.layers.remove(photo)
    document.layers.append(Group(name="Pictures", layers=[photo]))
    make_source(document, photo.layer_id)
    assert roles(document) == [Role.SOURCE, Role.AI_COLOUR, Role.LINE_ART]
    assert document.layers[0] is photo


def test_only_what_covers_the_canvas_is_offered() -> None:
    empty = Document.new(Size(120, 90))
    assert source_candidate(empty) is None
    empty.line_art.tiles.write(Rect(0, 0, 60, 90), np.full((90, 60, 4), 255, np.uint8))
    assert source_candidate(empty) is None
    document = photograph()
    assert source_candidate(document) is document.line_art
    document.line_art.visible = False
    assert source_candidate(document) is None
