"""The palette that a batch is coloured in: out of a palette file, a character or a picture."""

from pathlib import Path

from models.errors import UserError
from models.spec import PALETTE_COLOURS
from sketchsause_desktop.core.character_files import CHARACTER_SUFFIXES, read_character
from sketchsause_desktop.core.colours import Colour
from sketchsause_desktop.core.palette_files import PALETTE_SUFFIXES, read_palette
from sketchsause_desktop.core.palettes import reference_colours
from sketchsause_desktop.core.pictures import read_picture


def read_colours(path: Path) -> tuple[Colour, ...]:
    """Each colour once, in the file's order; of a picture the eight that it is made of, the commonest first.

    Palettes are told by their suffix, everything else is read as a picture. Raises UserError when that fails.
    """
    suffix = path.suffix.lower()
    if suffix in PALETTE_SUFFIXES:
        return tuple(dict.fromkeys(swatch.colour for swatch in read_palette(path).swatches))
    if suffix in CHARACTER_SUFFIXES:
        colours = read_character(path).palette
        if not colours:
            raise UserError(f"{path} holds no colour.", "Choose another file.")
        return colours
    return reference_colours(read_picture(path).pixels, PALETTE_COLOURS)
