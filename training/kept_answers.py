"""Answers of models kept as PNG files, named by the content they come from, so that none is painted twice."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.errors import UserError
from models.files import atomic_path
from training.evaluation import Answerer, Example
from training.pictures import PictureRef, load_picture

SUFFIX = ".png"
_QUICK = 1  # of zlib: the folder is a cache
_BLOCK = 1 << 20


@dataclass(frozen=True)
class AnswerFolder:
    """Files are whole or not there; whoever needs room deletes any of them."""

    folder: Path

    def file_of(self, *parts: bytes) -> Path:
        digest = hashlib.blake2b(digest_size=20)
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return self.folder / f"{digest.hexdigest()}{SUFFIX}"

    def keep_picture(self, pixels: np.ndarray) -> Path:
        """uint8 (H, W, 3), as the file of its content."""
        path = self.file_of(b"picture", *_bytes_of(pixels))
        if not path.is_file():
            self.write(path, pixels)
        else:
            _touch(path)
        return path

    def read(self, path: Path) -> np.ndarray | None:
        """None where it is not there, or damaged."""
        try:
            pixels = load_picture(PictureRef(path))
        except UserError:
            return None
        _touch(path)
        return pixels

    def write(self, path: Path, pixels: np.ndarray) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with atomic_path(path) as temporary:
                Image.fromarray(pixels).save(temporary, "PNG", compress_level=_QUICK)
        except OSError as error:
            sentence = f"{self.folder} cannot be written: {error.strerror or error}."
            raise UserError(sentence, "Free some room on the disk.") from error


@dataclass(frozen=True)
class KeptAnswer:
    """`answer`, asked only for what is not in the folder. `mark` tells the model and its settings from all others."""

    answer: Answerer
    folder: AnswerFolder
    mark: str
    sees_truth: bool = False  # the hints are taken from it

    def __call__(self, example: Example) -> np.ndarray:
        path = self.file_of(example)
        kept = self.folder.read(path) if path.is_file() else None
        if kept is not None and kept.shape == example.target.shape:
            return kept
        pixels = self.answer(example)
        self.folder.write(path, pixels)
        return pixels

    def file_of(self, example: Example) -> Path:
        """Where its answer lies, once it was asked for."""
        hinted = (example.name.encode(), *_bytes_of(example.target)) if self.sees_truth else ()
        size = repr(example.target.shape).encode()
        return self.folder.file_of(self.mark.encode(), size, *_bytes_of(example.input), *hinted)


def hash_of_file(path: Path) -> str:
    """SHA-256, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _bytes_of(pixels: np.ndarray) -> tuple[bytes, bytes]:
    return repr(pixels.shape).encode(), np.ascontiguousarray(pixels).tobytes()


def _touch(path: Path) -> None:
    """Used just now: the last to go."""
    try:
        os.utime(path)
    except OSError:  # gone meanwhile, or another's
        return
