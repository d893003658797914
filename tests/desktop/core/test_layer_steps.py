"""Layers one place up and down, as the list shows them."""

from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.core.layer_actions import Place, move, outermost, rows_of, step, step_place
from sketchsause_desktop.core.layers import Group, Layer, Node, Role


def paint(name: str) -> Layer:
    return Layer(name=name, role=Role.PAINT)


def rows(document: Document) -> list[str]:
    """Names from the top; those in a group behind its name."""

    def named(nodes: list[Node], before: str) -> list[str]:
        return [
            name
            for node in reversed(nodes)
            for name in (
                before + node.name,
                *(named(node.layers, f"{before}{node.name}/") if isinstance(node, Group) else ()),
            )
        ]

    return named(document.layers, "")


def stepped(document: Document, node: Node, up: bool) -> bool:
    place = step_place(document, node.layer_id, up)
    if place is not None:
        move(document, [node.layer_id], place)
    return place is not None


def test_a_layer_walks_through_groups_and_back() -> None:
    document = Document(size=Size(10, 10), layers=[])
    walker = paint("x")
    document.layers = [walker, paint("a"), Group(name="G", layers=[paint("b"), Group(name="H")]), paint("c")]
    seen = [rows(document)]
    while stepped(document, walker, up=True):
        seen.append(rows(document))
    assert seen == [
        ["c", "G", "G/H", "G/b", "a", "x"],
        ["c", "G", "G/H", "G/b", "x", "a"],
        ["c", "G", "G/H", "G/b", "G/x", "a"],
        ["c", "G", "G/H", "G/x", "G/b", "a"],
        ["c", "G", "G/H", "G/H/x", "G/b", "a"],
        ["c", "G", "G/x", "G/H", "G/b", "a"],
        ["c", "x", "G", "G/H", "G/b", "a"],
        ["x", "c", "G", "G/H", "G/b", "a"],
    ]
    back = [rows(document)]
    while stepped(document, walker, up=False):
        back.append(rows(document))
    assert back == seen[::-1]


def test_several_go_together_and_keep_their_order() -> None:
    document = Document(size=Size(10, 10), layers=[])
    a, b, c, d = (paint(name) for name in "abcd")
    document.layers = [a, b, Group(name="G", layers=[c]), d]
    seen, changes, chosen = [rows(document)], [], [b.layer_id, a.layer_id]
    while change := step(document, chosen, up=True):
        seen.append(rows(document))
        changes.append(change)
    assert seen == [
        ["d", "G", "G/c", "b", "a"],
        ["d", "G", "G/c", "G/b", "G/a"],
        ["d", "G", "G/b", "G/a", "G/c"],
        ["d", "b", "a", "G", "G/c"],
        ["b", "a", "d", "G", "G/c"],
    ]
    for change, before in zip(reversed(changes), seen[-2::-1], strict=True):
        change.undo(document)
        assert rows(document) == before
    assert step(document, [b.layer_id, d.layer_id], up=True) is None  # the one could, the other cannot
    assert rows(document) == seen[0]


def test_several_are_put_into_a_group_between_others() -> None:
    document = Document(size=Size(10, 10), layers=[])
    a, b, c, d = (paint(name) for name in "abcd")
    group = Group(name="G", layers=[b, c])
    document.layers = [a, group, d]
    assert outermost(document, [b.layer_id, d.layer_id, group.layer_id]) == [group, d]
    move(document, [d.layer_id, c.layer_id, a.layer_id], Place(group_id=group.layer_id, index=1))
    assert rows(document) == ["G", "G/d", "G/c", "G/a", "G/b"]


def test_rows_show_the_uppermost_first_and_groups_before_what_they_hold() -> None:
    document = Document(size=Size(10, 10), layers=[paint("a"), Group(name="G", layers=[paint("b"), paint("c")])])
    assert [node.name for node in rows_of(document.layers)] == ["G", "c", "b", "a"]
