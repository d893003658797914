"""Characters: the named colours of a figure (hair, skin, cloth), and where a drawing has been locked to them.

All are frozen values: a change is another value, which makes undo an exchange of two.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from models.errors import UserError
from sketchsause_desktop.core.colours import Colour, hex_of_colour
from sketchsause_desktop.core.palettes import Palette, Swatch

MAX_CHARACTERS = 1_000  # in a drawing
MAX_COLOURS = 256  # of a character; a network is shown eight
MAX_DABS = 10_000  # of a colour
LONGEST_NAME = 200  # characters


class HintDab(NamedTuple):
    """A disc on a hints layer, in document pixels."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, kw_only=True)
class NamedColour:
    """`dabs` are the hints that regions of the drawing were locked to this colour with."""

    colour: Colour
    name: str
    dabs: tuple[HintDab, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Character:
    name: str
    colours: tuple[NamedColour, ...] = ()

    def __post_init__(self) -> None:
        if len(self.colours) > MAX_COLOURS:
            raise UserError(
                f"“{self.name}” has {len(self.colours)} colours, and a character has room for {MAX_COLOURS}.",
                "Take fewer, or the picture that they come from as a reference.",
            )

    @property
    def palette(self) -> tuple[Colour, ...]:
        """Each colour once, in their order."""
        return tuple(dict.fromkeys(each.colour for each in self.colours))

    def put(self, index: int, *colours: NamedColour) -> "Character":
        """With these in the place of one; with none it is gone."""
        return replace(self, colours=(*self.colours[:index], *colours, *self.colours[index + 1 :]))

    def moved(self, index: int, to: int) -> "Character":
        """With one of the colours at another place; `to` counts without it."""
        left = self.put(index).colours
        return replace(self, colours=(*left[:to], self.colours[index], *left[to:]))

    def without_dabs(self) -> "Character":
        """As it is outside of this drawing."""
        return replace(self, colours=tuple(replace(each, dabs=()) for each in self.colours))


@dataclass(frozen=True, kw_only=True)
class Cast:
    """The characters of a drawing. `in_use` is the place of the one whose colours the network is given, or None."""

    characters: tuple[Character, ...] = ()
    in_use: int | None = None

    def __post_init__(self) -> None:
        if len(self.characters) > MAX_CHARACTERS:
            raise UserError(f"A drawing has room for {MAX_CHARACTERS} characters.", "Remove some of them first.")
        if self.in_use is not None and not 0 <= self.in_use < len(self.characters):
            raise ValueError(f"character {self.in_use} of {len(self.characters)}")

    @property
    def palette(self) -> tuple[Colour, ...]:
        """What the network is given; () leaves the colours to it."""
        return () if self.in_use is None else self.characters[self.in_use].palette

    def added(self, character: Character) -> "Cast":
        """At the end, under a name that no other has."""
        character = replace(character, name=self.free_name(character.name))
        return replace(self, characters=(*self.characters, character))

    def put(self, index: int, character: Character) -> "Cast":
        characters = (*self.characters[:index], character, *self.characters[index + 1 :])
        return replace(self, characters=characters)

    def removed(self, index: int) -> "Cast":
        in_use = self.in_use
        if in_use is not None and in_use >= index:
            in_use = None if in_use == index else in_use - 1
        return Cast(characters=(*self.characters[:index], *self.characters[index + 1 :]), in_use=in_use)

    def free_name(self, base: str) -> str:
        """`base`, or `base` with the first number that no character has: "Mia 2"."""
        taken = {character.name for character in self.characters}
        numbered = (f"{base} {number}" for number in itertools.count(2))
        return next(name for name in itertools.chain([base], numbered) if name not in taken)

    def with_dabs(self, placed: Callable[[HintDab], HintDab]) -> "Cast":
        """With every dab where `placed` says it is now."""

        def moved(named: NamedColour) -> NamedColour:
            return replace(named, dabs=tuple(map(placed, named.dabs)))

        characters = (replace(each, colours=tuple(map(moved, each.colours))) for each in self.characters)
        return replace(self, characters=tuple(characters))


NO_CAST = Cast()


def one_line(name: str) -> str:
    """A name as it is shown and kept, in whatever script: without control characters; "" where nothing is left."""
    printable = "".join(letter if letter.isprintable() else " " for letter in name[:LONGEST_NAME])
    return " ".join(printable.split())


def character_of(palette: Palette) -> Character:
    """Swatches without a name get that of their colour. Raises UserError when they are too many."""
    colours = (NamedColour(colour=swatch.colour, name=one_line(swatch.title)) for swatch in palette.swatches)
    return Character(name=one_line(palette.name) or "Character", colours=tuple(colours))


def palette_of(character: Character) -> Palette:
    """Colours that are named by their own number are so without a name."""
    swatches = (
        Swatch(colour=each.colour, name="" if each.name == hex_of_colour(each.colour) else each.name)
        for each in character.colours
    )
    return Palette(name=character.name, swatches=tuple(swatches))
