"""The pictures of a comparison, read on a thread of their own and kept, so that going back and forth is immediate."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QObject, Signal

from models.errors import UserError
from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.compare_difference import difference
from sketchsause_desktop.app.comparison import Compared
from training.pictures import PictureRef, load_picture

BUDGET = 256_000_000  # bytes in memory
ROLES = ("input", "a", "b", "truth")
_Key = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Which two of the roles are set against each other, and how much their difference is multiplied."""

    one: str
    other: str
    gain: int


@dataclass(frozen=True, kw_only=True)
class Shown:
    """uint8 (H, W, 3) by role, "difference" among them where it was asked for; those that are missing failed."""

    picture: Compared
    images: dict[str, np.ndarray]
    fault: str = ""


class CompareImages(QObject):
    """`load` answers with `loaded`, at once where all is kept; only the picture asked for last is told."""

    loaded = Signal(object)  # Shown

    def __init__(self, parent: QObject | None = None, budget: int = BUDGET) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[_Key, np.ndarray] = OrderedDict()
        self._bytes, self._budget = 0, budget
        self._background = Background("compare-images", self)
        self._wanted = 0

    def load(self, picture: Compared, wanted: Difference | None = None) -> None:
        self._wanted += 1
        number = self._wanted
        keys = _keys_of(picture, wanted)
        if all(key in self._kept for key in keys.values()):
            self._tell(picture, {role: self._take(key) for role, key in keys.items()}, "")
            return
        found = {role: self._kept[key] for role, key in keys.items() if key in self._kept}
        faults: list[str] = []

        def read() -> None:
            if number == self._wanted:  # else it is passed over quickly
                _complete(found, picture, wanted, faults)

        def then(error: Exception | None) -> None:
            if error is not None:
                raise error
            for role, image in found.items():
                self._keep(keys[role], image)
            if number == self._wanted:
                self._tell(picture, found, " ".join(faults[:1]))

        self._background.run(read, then)

    def prepare(self, picture: Compared) -> None:
        """Read it for later; nothing is told."""
        keys = _keys_of(picture, None)
        found = {role: self._kept[key] for role, key in keys.items() if key in self._kept}
        if len(found) == len(keys):
            return

        def then(error: Exception | None) -> None:
            if error is not None:
                raise error
            for role, image in found.items():
                self._keep(keys[role], image)

        self._background.run(lambda: _complete(found, picture, None, []), then)

    def forget(self) -> None:
        """What is being read is not told."""
        self._wanted += 1

    def wait(self) -> None:
        self._background.wait()

    def close_down(self) -> None:
        self._background.finish()

    def _tell(self, picture: Compared, images: dict[str, np.ndarray], fault: str) -> None:
        self.loaded.emit(Shown(picture=picture, images=dict(images), fault=fault))

    def _take(self, key: _Key) -> np.ndarray:
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: _Key, image: np.ndarray) -> None:
        if key not in self._kept:
            self._kept[key] = image
            self._bytes += image.nbytes
        self._kept.move_to_end(key)
        while self._bytes > self._budget and len(self._kept) > len(ROLES) + 1:
            _, old = self._kept.popitem(last=False)
            self._bytes -= old.nbytes


class Thumbnails(QObject):
    """Small pictures, one after another on a thread of their own."""

    made = Signal(object, object)  # the path, uint8 (H, W, 3)

    def __init__(self, side: int, parent: QObject | None = None) -> None:
        """`side` is the longest of a small picture, in pixels."""
        super().__init__(parent)
        self._side = side
        self._background = Background("compare-thumbnails", self)

    def ask(self, path: Path) -> None:
        made: list[np.ndarray] = []

        def make() -> None:
            image = Image.fromarray(load_picture(PictureRef(path)))
            image.thumbnail((self._side, self._side), Image.Resampling.BOX)
            made.append(np.asarray(image))

        def then(error: Exception | None) -> None:
            if error is not None and not isinstance(error, UserError | MemoryError | OSError):
                raise error
            if made:  # else its place stays empty; the picture itself says why
                self.made.emit(path, made[0])

        self._background.run(make, then)

    def wait(self) -> None:
        self._background.wait()

    def close_down(self) -> None:
        self._background.finish()


def file_of(picture: Compared, role: str) -> Path | None:
    return {"input": picture.input, "truth": picture.truth, "a": picture.a, "b": picture.b}[role]


def _keys_of(picture: Compared, wanted: Difference | None) -> dict[str, _Key]:
    keys: dict[str, _Key] = {}
    for role in ROLES:
        path = file_of(picture, role)
        if path is not None:
            keys[role] = (path,)
    if wanted is not None and {wanted.one, wanted.other} <= keys.keys():
        keys["difference"] = (*keys[wanted.one], *keys[wanted.other], wanted.gain)
    return keys


def _complete(found: dict[str, np.ndarray], picture: Compared, wanted: Difference | None, faults: list[str]) -> None:
    """Read what is missing in `found`; what cannot be read is named by its role, never by its file."""
    for role in ROLES:
        path = file_of(picture, role)
        if path is not None and role not in found:
            _attempt(lambda path=path: load_picture(PictureRef(path)), role, found, faults)  # type: ignore[misc]
    if wanted is not None and "difference" not in found and {wanted.one, wanted.other} <= found.keys():
        one, other = found[wanted.one], found[wanted.other]
        _attempt(lambda: difference(one, other, wanted.gain), "difference", found, faults)


def _attempt(make: Callable[[], np.ndarray], role: str, found: dict[str, np.ndarray], faults: list[str]) -> None:
    try:
        found[role] = make()
    except (UserError, MemoryError, OSError, ValueError):
        faults.append("A picture cannot be shown: its file is gone or damaged. Compare again.")
