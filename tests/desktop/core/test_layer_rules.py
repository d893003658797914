import pytest

from models.errors import UserError
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.core.layer_actions import Place, add, group, remove, set_role
from sketchsause_desktop.core.layer_changes import lists_of
from sketchsause_desktop.core.layer_rules import keeping_roles
from sketchsause_desktop.core.layers import Layer, Role


@pytest.mark.parametrize(("role", "name"), [(Role.LINE_ART, "line-art"), (Role.AI_COLOUR, "AI colour")])
def test_the_last_layer_of_a_needed_role_stays(role: Role, name: str) -> None:
    document = Document.new(Size(20, 20))
    layer = document.topmost(role)
    assert layer is not None
    before = lists_of(document)
    with pytest.raises(UserError, match=name):
        keeping_roles(document, remove(document, layer.layer_id))
    assert lists_of(document) == before
    add(document, Layer(name="Second", role=role), Place(index=1))
    keeping_roles(document, remove(document, layer.layer_id))
    assert document.topmost(role) is not layer


def test_a_group_that_holds_the_last_one_stays_too() -> None:
    document = Document.new(Size(20, 20))
    group(document, [document.line_art.layer_id])
    with pytest.raises(UserError, match="line-art"):
        keeping_roles(document, remove(document, document.layers[-1].layer_id))
    assert document.line_art.name == "Line art"


def test_the_last_line_art_does_not_become_something_else() -> None:
    document = Document.new(Size(20, 20))
    change = set_role(document, document.line_art.layer_id, Role.PAINT)
    assert change is not None
    with pytest.raises(UserError, match="line-art"):
        keeping_roles(document, change)
    assert document.line_art.role is Role.LINE_ART
