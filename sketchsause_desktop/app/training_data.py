"""The pairs of the wizard: what a folder holds, looked at beside the window; checked, repaired and made by children."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PySide6.QtCore import QObject, Signal

from models.errors import UserError
from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.child_command import ChildCommand
from sketchsause_desktop.app.training_draft import Draft
from training.lineart import extract_lines, style_of
from training.pairs import Pair, Scan, scan
from training.pairs_layout import SPLITS, list_pictures
from training.pairs_unpaired import scan_unpaired
from training.pictures import PictureRef, load_pair, load_picture

_PREVIEWS = 8
_PREVIEW_SIDE = 220  # pixels
_LINES_SIDE = 640


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A pair in small: uint8 (H, W, 3) each; of a sheet also the whole."""

    name: str
    input: np.ndarray
    target: np.ndarray
    sheet: np.ndarray | None = None


@dataclass(frozen=True, kw_only=True)
class DataLook:
    """What a folder holds. `fault` says in a sentence why nothing can be learned from it; "" where it can."""

    fault: str = ""
    stands_alone: bool = False  # pictures that are neither sheets nor in two folders
    summary: str = ""
    is_sheets: bool = False
    is_unpaired: bool = False
    swapped: bool = False  # the right half, or the second folder, is the input
    given_splits: bool = False
    names: dict[str, list[str]] = field(default_factory=dict)  # of the pairs, by split
    pairs_of: dict[Path, tuple[str, ...]] = field(default_factory=dict)  # which pairs a file belongs to
    previews: tuple[Preview, ...] = ()

    @property
    def count(self) -> int:
        return sum(map(len, self.names.values()))

    @property
    def to_learn_from(self) -> int:
        return len(self.names.get("train", ()))


@dataclass(frozen=True, kw_only=True)
class CheckFinding:
    """One finding of `sketchsause pairs check`; `names` are the pairs that could be left out for it."""

    level: str  # "error", "warn", "info"
    kind: str
    sentence: str
    files: tuple[Path, ...]
    names: tuple[str, ...]


class TrainingData(QObject):
    """`look` answers with `looked`; only the newest call is answered. Whoever made this calls `close_down`."""

    looked = Signal(object)  # DataLook
    progressed = Signal(int, int)  # of the child: done, in all
    checked = Signal(object)  # list[CheckFinding]
    repaired = Signal(object, str)  # the copy's folder, a sentence
    made = Signal(object, str)  # the pairs' folder, a sentence
    probed = Signal(object)  # the result, a dict
    failed = Signal(str)  # what a child could not do
    lines_drawn = Signal(object, object)  # picture and lines in small, uint8 (H, W, 3) and (H, W), or None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("training-data", self)
        self._asked = self._asked_lines = 0
        self._child: ChildCommand | None = None
        self._look = DataLook()
        self._names_at_check: dict[Path, tuple[str, ...]] = {}

    @property
    def is_busy(self) -> bool:
        """Whether a child is at work."""
        return self._child is not None

    def wait(self) -> None:
        """Until the threads' work is told."""
        self._background.wait()

    def close_down(self) -> None:
        """End what is at work; nothing is told any more."""
        self.blockSignals(True)
        self.stop()
        self._background.finish()

    # Looking

    def look(self, draft: Draft) -> None:
        self._asked += 1
        number = self._asked
        wanted = Draft(
            preset=draft.preset, data=draft.data, direction=draft.direction, input_half=draft.input_half,
            cut=draft.cut, exclude=draft.exclude, seed=draft.seed, val_share=draft.val_share,
            test_share=draft.test_share,
        )  # fmt: skip
        answer: list[DataLook] = []

        def then(error: Exception | None) -> None:
            if error is not None:
                raise error
            if number == self._asked:
                self._look = answer[0]
                self.looked.emit(answer[0])

        self._background.run(lambda: answer.append(look_at(wanted)), then)

    # Children

    def check(self, draft: Draft) -> None:
        """Look into every file; `checked`, or `failed`."""
        self._names_at_check |= self._look.pairs_of
        words = ["pairs", "check", str(draft.data), *draft.pairs_options(), "--json", "--progress"]
        self._run(words, lambda result: self.checked.emit(_findings(result, self._names_at_check)))

    def names_at_check(self, path: Path) -> tuple[str, ...]:
        """The pairs a file belonged to when it was checked, left out or not."""
        return self._names_at_check.get(path, ())

    def repair(self, draft: Draft, out: Path) -> None:
        """Write a repaired copy to `out`; `repaired`, or `failed`."""
        words = ["pairs", "repair", str(draft.data), "-o", str(out), *draft.pairs_options(), "--json", "--progress"]
        self._run(words, lambda result: self.repaired.emit(out, str(result.get("sentence", ""))))

    def make(self, source: Path, out: Path, style: dict[str, float] | None) -> None:
        """Pairs out of coloured pages; without a `style` each page gets one of its own. `made`, or `failed`."""
        words = ["pairs", "make", str(source), "-o", str(out), "--json", "--progress"]
        words += ["--style", "varied" if style is None else "steady"]
        for name, value in (style or {}).items():
            words += ["--line", f"{name}={value:g}"]
        self._run(words, lambda result: self.made.emit(out, _made_sentence(result)))

    def probe(self, draft: Draft) -> None:
        """Some steps that are thrown away; `probed`, or `failed`."""
        self._run(draft.probe_words(), self.probed.emit)

    def stop(self) -> None:
        """End the child that is at work, if there is one."""
        if self._child is not None:
            self._child.stop()
            self._child.deleteLater()
            self._child = None

    def _run(self, words: list[str], then: Callable[[dict[str, Any]], object]) -> None:
        self.stop()
        self._child = ChildCommand(words, self)
        self._child.progressed.connect(self.progressed)
        self._child.ended.connect(lambda result, reason: self._on_ended(result, reason, then))
        self._child.start()

    def _on_ended(self, result: Any, reason: str, then: Callable[[dict[str, Any]], object]) -> None:
        if self._child is not None:
            self._child.deleteLater()
            self._child = None
        if result is None:
            self.failed.emit(reason)
        else:
            then(result)

    # Line style

    def draw_lines(self, source: Path, number: int, style: dict[str, float]) -> None:
        """The lines of one page of `source`, counted round; `lines_drawn` answers the newest call."""
        self._asked_lines += 1
        asked = self._asked_lines
        answer: list[tuple[np.ndarray, np.ndarray] | None] = []

        def then(error: Exception | None) -> None:
            if error is not None:
                raise error
            if asked == self._asked_lines:
                picture, lines = answer[0] or (None, None)
                self.lines_drawn.emit(picture, lines)

        def draw() -> None:
            newest = asked == self._asked_lines
            answer.append(_lines_of(source, number, style) if newest else None)

        self._background.run(draw, then)


def look_at(draft: Draft) -> DataLook:
    """Scan the draft's folder and read some pairs of it; takes its time."""
    if draft.data is None:
        return DataLook(fault="Choose the folder that holds the pairs.")
    try:
        found = _scan(draft)
    except UserError as error:
        return DataLook(fault=str(error))
    if not found.pairs:
        return _nothing(found)
    return DataLook(
        summary=_summary(found),
        is_sheets=found.layout == "sheets",
        is_unpaired=found.layout == "unpaired",
        swapped=found.direction == "BtoA",
        given_splits=found.given_splits,
        names={split: [pair.name for pair in found.splits[split]] for split in SPLITS},
        pairs_of=_pairs_of(found.pairs),
        previews=tuple(_previews(found)),
    )


def _scan(draft: Draft) -> Scan:
    assert draft.data is not None
    direction = None if draft.direction == "auto" else draft.direction
    if draft.is_unpaired:
        return scan_unpaired(draft.data, direction=direction, seed=draft.seed)
    wanted = draft.told_direction
    half = None if draft.input_half == "auto" else draft.input_half
    return scan(
        draft.data,
        input_half=half,
        direction=None if wanted == "auto" else wanted,
        seed=draft.seed,
        fractions=(1 - draft.val_share - draft.test_share, draft.val_share, draft.test_share),
        cut=draft.cut,
        exclude=draft.exclude,
    )


def _summary(found: Scan) -> str:
    """What was understood, in the window's words."""
    if found.layout == "sheets":
        sides = f"Side-by-side sheets: the {found.input_half} half is given to the model"
    elif found.layout == "folders":
        sides = f"Two folders: {found.input_name} is given to the model, {found.target_name} is wanted"
    else:
        inputs, targets = (len(set(each)) for each in zip(*((p.input, p.target) for p in found.pairs), strict=True))
        return f"Two folders of unmatched pictures: {inputs} in {found.input_name}, {targets} in {found.target_name}."
    return f"{sides} ({found.direction_told_by}). {len(found.pairs)} pairs."


def _nothing(found: Scan) -> DataLook:
    alone = [finding for finding in found.findings if finding.kind == "no-pairs" and finding.files]
    if found.layout == "sheets" and alone:
        fault = (
            f"{len(alone[0].files)} pictures stand alone. Are they sheets with two pictures side by side? Or coloured "
            "pages? Then pairs can be made out of them."
        )
        return DataLook(fault=fault, stands_alone=True)
    faults = [finding.sentence for finding in found.findings if finding.level == "error"]
    return DataLook(fault=faults[0] if faults else "There are no pairs in this folder.")


def _pairs_of(pairs: list[Pair]) -> dict[Path, tuple[str, ...]]:
    found: dict[Path, tuple[str, ...]] = {}
    for pair in pairs:
        for path in dict.fromkeys((pair.input.path, pair.target.path)):
            found[path] = (*found.get(path, ()), pair.name)
    return found


def _previews(found: Scan) -> list[Preview]:
    every = max(1, len(found.pairs) // _PREVIEWS)
    previews = []
    for pair in found.pairs[::every][:_PREVIEWS]:
        try:
            first, second = load_pair(pair.input, pair.target)
            sheet = load_picture(PictureRef(pair.input.path)) if found.layout == "sheets" else None
        except UserError:  # the check will name it
            continue
        whole = _small(sheet, 2 * _PREVIEW_SIDE) if sheet is not None else None
        small = (_small(each, _PREVIEW_SIDE) for each in (first, second))
        previews.append(Preview(name=pair.name, input=next(small), target=next(small), sheet=whole))
    return previews


def _small(rgb: np.ndarray, side: int) -> np.ndarray:
    image = Image.fromarray(rgb)
    image.thumbnail((side, side))
    return np.asarray(image)


def _lines_of(source: Path, number: int, style: dict[str, float]) -> tuple[np.ndarray, np.ndarray] | None:
    try:
        pages = list(list_pictures(source))
        if not pages:
            return None
        rgb = _small(load_picture(PictureRef(pages[number % len(pages)])), _LINES_SIDE)
        return rgb, extract_lines(rgb, style_of(style))
    except UserError:
        return None


def _findings(result: dict[str, Any], names_of: Mapping[Path, tuple[str, ...]]) -> list[CheckFinding]:
    found = []
    for each in result["findings"]:
        files = tuple(Path(text) for text in each["files"])
        names = dict.fromkeys(name for path in files for name in names_of.get(path, ()))
        found.append(
            CheckFinding(
                level=each["level"], kind=each["kind"], sentence=each["sentence"], files=files, names=tuple(names)
            )
        )
    return found


def _made_sentence(result: dict[str, Any]) -> str:
    sentence = f"{result['done'] + result['skipped']} pairs are in {result['out']}."
    failed = result["failed"]
    return f"{sentence} {len(failed)} pages could not be read: {failed[0]['reason']}" if failed else sentence
