"""What every source of drawings has in common: its zip, its licence, its split, its Drawing for a random generator."""

import hashlib
import io
import re
import zipfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from models.errors import UserError
from training.recipes.lineart_compose import Drawing

Split = Literal["train", "val"]


class Archive:
    """A zip of drawings with its SOURCE.md."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise UserError(f"{path.name} is not in {path.parent}.", "Name the folder of the zips with --source.")
        try:
            self.zip = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise UserError(f"{path} is not a readable zip.", "Fetch it again.") from error
        self.names = sorted(name for name in self.zip.namelist() if not name.endswith("/"))

    def read(self, name: str) -> bytes:
        """One file."""
        return self.zip.read(name)

    def image(self, name: str) -> Image.Image:
        """One picture as RGBA."""
        return Image.open(io.BytesIO(self.read(name))).convert("RGBA")

    def ending(self, suffix: str) -> list[str]:
        """Names with that suffix, sorted."""
        return [name for name in self.names if name.endswith(suffix)]

    def facts(self) -> tuple[str, str]:
        """Licence and attribution as SOURCE.md states them."""
        found = [name for name in self.names if name.endswith("SOURCE.md")]
        text = self.read(found[0]).decode("utf-8") if found else ""
        licence = re.search(r"^Licence[^:\n]*:\s*([^\n]+)", text, re.MULTILINE)
        credit = re.search(r"^Attribution[^:\n]*:\s*([^\n]+)", text, re.MULTILINE)
        return licence.group(1).strip() if licence else "", credit.group(1).strip() if credit else ""


class Source(ABC):
    """Drawings of one kind; whole characters or styles are held out for validation."""

    name: str
    weight: float  # share of the pairs, relative to the other sources

    def __init__(self, folder: Path) -> None:
        self.archive = Archive(folder / f"{self.name}.zip")

    def facts(self) -> tuple[str, str]:
        """Licence and attribution."""
        return self.archive.facts()

    @abstractmethod
    def characters(self, split: Split) -> list[str]:
        """What this split may draw from; the two splits share nothing."""

    @abstractmethod
    def draw(self, character: str, rng: np.random.Generator) -> Drawing:
        """A random drawing of that character."""


def held_out(name: str, share: float) -> bool:
    """Whether a name falls into the held-out share: by its digest, the same on every machine."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") / 2**32 < share


def choice(items: list[str], rng: np.random.Generator) -> str:
    """One of them."""
    return items[int(rng.integers(len(items)))]
