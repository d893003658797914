"""What the list of layers must never lose: live colour reads the line art and writes into the AI colour layer."""

from typing import TypeVar

from models.errors import UserError
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.history import Change
from sketchsause_desktop.core.layers import Role

_NEEDED = {Role.LINE_ART: "line-art", Role.AI_COLOUR: "AI colour"}
C = TypeVar("C", bound=Change)


def keeping_roles(document: Document, change: C) -> C:
    """The change that has just been made; one that took the last layer of a needed role is taken back and refused."""
    for role, name in _NEEDED.items():
        if document.topmost(role) is None:
            change.undo(document)
            raise UserError(
                f"A drawing keeps at least one {name} layer.",
                f"Make another layer {name} first, or hide this one.",
            )
    return change
