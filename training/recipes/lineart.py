"""Builds the line-art training set out of freely licensed drawings: python -m training.recipes.lineart build."""

import argparse
import json
import multiprocessing
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from models.errors import UserError
from models.files import atomic_path
from training.recipes.lineart_colour import house_palette
from training.recipes.lineart_compose import background, beside, choose_shot, compose, place, style_for
from training.recipes.lineart_dedupe import find_duplicates, remove
from training.recipes.lineart_painted import LearnToCode, NobleAvatars, RenpyDemo
from training.recipes.lineart_pictures import Art4Apps, RoboHash
from training.recipes.lineart_sources import Source, Split, choice
from training.recipes.lineart_symbols import BeanHeads, EmojiTwo, Faces, Mulberry
from training.recipes.lineart_vector import DiceBear, OpenMojiPeople
from training.trials import SELDOM, STEADY, Variant, add_arguments, compare, settings

SOURCES: tuple[type[Source], ...] = (
    *(LearnToCode, RenpyDemo, NobleAvatars, RoboHash, Art4Apps),
    *(DiceBear, OpenMojiPeople, Mulberry, EmojiTwo, Faces, BeanHeads),
)
REPORT, PLAN = "report.json", "plan.json"
Picture = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be built."""

    source: Path
    out: Path
    count: int = 6000
    val: int = 300
    size: int = 288
    seed: int = 0
    only: tuple[str, ...] = ()
    form: str = "png"
    house: float = 0.0  # share of the training pairs in the house palette

    def path(self, split: Split, part: str, index: int) -> Path:
        """Where one picture goes; PART is lines or colours."""
        return self.out / split / part / f"{self.stem(split, index)}.{self.form}"

    def stem(self, split: Split, index: int) -> str:
        """The pair's name; one in the house palette says so, for `data.unhinted`."""
        return f"{index:06d}-house" if self.is_house(split, index) else f"{index:06d}"

    def is_house(self, split: Split, index: int) -> bool:
        """Held-out pairs never are."""
        chance = np.random.default_rng([self.seed, 2, index]).uniform()
        return split == "train" and bool(chance < self.house)


class Builder:
    """Makes any pair of the plan by its split and number: the same pair whoever makes it, in whatever order."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        wanted = [kind for kind in SOURCES if not plan.only or kind.name in plan.only]
        if not wanted:
            names = ", ".join(kind.name for kind in SOURCES)
            raise UserError("None of the sources named with --only is known.", f"Known sources: {names}.")
        self.sources = [kind(plan.source) for kind in wanted]
        splits: tuple[Split, Split] = ("train", "val")
        self._characters = {(s.name, split): s.characters(split) for s in self.sources for split in splits}

    def choose(self, split: Split, rng: np.random.Generator) -> Source:
        """A source by its weight, out of those that have something for this split."""
        usable = [source for source in self.sources if self._characters[source.name, split]]
        weights = np.array([source.weight for source in usable])
        return usable[int(rng.choice(len(usable), p=weights / weights.sum()))]

    def pair(self, split: Split, index: int) -> tuple[Picture, Picture, str]:
        """Lines (S, S), colours (S, S, 3) and the source's name."""
        rng = np.random.default_rng([self.plan.seed, 0 if split == "train" else 1, index])
        source = self.choose(split, rng)
        with house_palette(self.plan.is_house(split, index)):
            lines, colours = self._try(source, split, rng)
            for _ in range(7):
                if _is_good(lines, colours):
                    break
                lines, colours = self._try(source, split, rng)
        return lines, colours, source.name

    def _try(self, source: Source, split: Split, rng: np.random.Generator) -> tuple[Picture, Picture]:
        work = float(rng.choice([1.0, 1.5, 2.0], p=[0.25, 0.25, 0.5]))
        size = round(self.plan.size * work)
        before_recolouring = bool(rng.uniform() < 0.5)
        layers = []
        for where in (-1, 1) if rng.uniform() < 0.1 else (0,):
            drawing = source.draw(choice(self._characters[source.name, split], rng), rng)
            shot = choose_shot(drawing, rng)
            if where:
                shot = beside(shot, where, rng)
            layers.append(place(drawing, shot, size, before_recolouring))
        return compose(layers, background(size, rng), style_for(rng, work), self.plan.size)


def _is_good(lines: Picture, colours: Picture) -> bool:
    """Neither empty nor black."""
    inked = float((lines < 200).mean())
    return 0.006 < inked < 0.45 and float(colours.std()) > 8


_builder_of = lru_cache(maxsize=1)(Builder)  # one in each process


def _make(job: tuple[Plan, Split, int]) -> None:
    plan, split, index = job
    _write(_builder_of(plan), split, index)


def _write(builder: Builder, split: Split, index: int) -> None:
    """Colours first, lines last: a pair whose lines are there is finished."""
    lines, colours, _ = builder.pair(split, index)
    for part, pixels in (("colours", colours), ("lines", lines)):
        target = builder.plan.path(split, part, index)
        with atomic_path(target) as path:
            quality = {"lossless": True} if builder.plan.form == "webp" else {"compress_level": 4}
            Image.fromarray(pixels).save(path, format=builder.plan.form, **quality)


def build(plan: Plan, workers: int = 2) -> dict[str, object]:
    """Make what is missing, take out what repeats, write report.json, return the report."""
    builder = Builder(plan)  # complains about missing zips before anything is written
    _keep_plan(plan)
    val = min(plan.val, plan.count // 10)
    jobs: list[tuple[Split, int]] = [("val", i) for i in range(val)] + [("train", i) for i in range(plan.count - val)]
    for split in ("train", "val"):
        for part in ("lines", "colours"):
            (plan.out / split / part).mkdir(parents=True, exist_ok=True)
    removed = _removed_before(plan)
    jobs = [job for job in jobs if f"{job[0]}/{plan.stem(*job)}" not in removed]
    _make_all(builder, [job for job in jobs if not plan.path(job[0], "lines", job[1]).is_file()], workers)
    repeated = find_duplicates(plan.out, plan.form)
    remove(plan.out, repeated, plan.form)
    removed |= set(repeated)
    jobs = [job for job in jobs if f"{job[0]}/{plan.stem(*job)}" not in removed]
    report = describe(builder, jobs) | {"repeated": sorted(removed)}
    with atomic_path(plan.out / REPORT) as path:
        path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return report


def _keep_plan(plan: Plan) -> None:
    """Write the plan down; UserError when the folder was begun with another, whose pairs would be taken for these."""
    facts = {"seed": plan.seed, "size": plan.size, "house": plan.house, "only": list(plan.only), "format": plan.form}
    facts |= {"count": plan.count, "val": plan.val}
    path = plan.out / PLAN
    if path.is_file() and json.loads(path.read_text(encoding="utf-8")) != facts:
        raise UserError(f"{plan.out} was begun with other options.", f"Give those in {PLAN}, or another folder.")
    plan.out.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(facts) + "\n", encoding="utf-8")


def _removed_before(plan: Plan) -> set[str]:
    """The pairs that an earlier run of the same seed and size took out as repetitions."""
    try:
        report = json.loads((plan.out / REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(report, dict):
        return set()
    same = (report.get("seed"), report.get("size"), report.get("house")) == (plan.seed, plan.size, plan.house)
    return {str(name) for name in report.get("repeated", [])} if same else set()


def _make_all(builder: Builder, missing: list[tuple[Split, int]], workers: int) -> None:
    if workers <= 1:
        for done, job in enumerate(missing):
            _write(builder, *job)
            _tell(done + 1, len(missing))
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        jobs_of_plan = [(builder.plan, *job) for job in missing]
        for done, _ in enumerate(pool.imap_unordered(_make, jobs_of_plan, chunksize=8)):
            _tell(done + 1, len(missing))


def _tell(done: int, total: int) -> None:
    if done % 100 == 0 or done == total:
        print(f"{done} of {total}", file=sys.stderr, flush=True)


def describe(builder: Builder, jobs: Sequence[tuple[Split, int]]) -> dict[str, object]:
    """Counts by source and split, what is held out, licences and attributions."""
    counts: dict[str, dict[str, int]] = {"train": {}, "val": {}}
    for split, index in jobs:
        rng = np.random.default_rng([builder.plan.seed, 0 if split == "train" else 1, index])
        name = builder.choose(split, rng).name
        counts[split][name] = counts[split].get(name, 0) + 1
    facts = {source.name: source.facts() for source in builder.sources}
    return {
        "seed": builder.plan.seed,
        "size": builder.plan.size,
        "house": builder.plan.house,
        "counts": counts,
        "held_out": {source.name: sorted(set(source.characters("val"))) for source in builder.sources},
        "licences": {name: licence for name, (licence, _) in facts.items()},
        "attributions": {name: credit for name, (_, credit) in facts.items()},
        "share_alike": sorted(name for name, (licence, _) in facts.items() if "BY-SA" in licence.upper()),
    }


_ALIKE = settings(STEADY, SELDOM, {"gan.loss": "none", "gan.start_step": "0", "loss.ssim": "0"})
_FEATURES = {"discriminator.spectral_norm": "true", "discriminator.norm": "none", "gan.feature_matching": "10"}


def _variant(name: str, **fields: str) -> Variant:
    """Names of settings with two underscores for their dot."""
    given = {key.replace("__", "."): value for key, value in fields.items()}
    return Variant(name=name, preset="lineart", settings=settings(_ALIKE, given))


# Each differs from `l1` in one thing: batch norm, resize-convolution, width 24, no attention.
VARIANTS = (
    _variant("l1"),
    _variant("l1-ssim", loss__ssim="1"),  # as shipped
    _variant("cgan-l1", gan__loss="bce"),
    _variant("lsgan-l1", gan__loss="lsgan"),
    Variant(name="hinge-sn-fm", preset="lineart", settings=settings(_ALIKE, _FEATURES, {"gan.loss": "hinge"})),
    _variant("instance-norm", model__norm="instance"),
    _variant("transpose", model__up="transpose"),
    _variant("width-32", model__base_width="32"),
    _variant("width-48", model__base_width="48"),
    _variant("self-attention", model__self_attention="true"),
    _variant("attention-gates", model__attention_gates="true"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.recipes.lineart", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("build", help="make the pairs that are missing; run it again to resume")
    make.add_argument("--source", type=Path, required=True, help="folder that holds the zips")
    make.add_argument("--out", type=Path, required=True, help="folder for train/, val/ and report.json")
    make.add_argument("--count", type=int, default=6000, help="pairs in all")
    make.add_argument("--val", type=int, default=300, help="pairs of held-out characters and styles")
    make.add_argument("--size", type=int, default=288, help="side of the pictures, pixels")
    make.add_argument("--seed", type=int, default=0)
    make.add_argument("--house", type=float, default=0.0, help="share of the training pairs in the house palette, 0..1")
    make.add_argument("--only", default="", help="names of sources, separated by commas")
    make.add_argument("--format", choices=("png", "webp"), default="png", help="both without loss")
    make.add_argument("--workers", type=int, default=2, help="processes")
    comparing = commands.add_parser("compare", help="ways of training beside each other, each for the same time")
    add_arguments(comparing, VARIANTS)
    given = parser.parse_args(arguments)
    if given.command == "compare":
        return _compare(given)
    only = tuple(name.strip() for name in given.only.split(",") if name.strip())
    plan = Plan(
        source=given.source,
        out=given.out,
        count=given.count,
        val=given.val,
        size=given.size,
        seed=given.seed,
        only=only,
        form=given.format,
        house=given.house,
    )
    try:
        report = build(plan, given.workers)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report["counts"]))
    return 0


def _compare(given: argparse.Namespace) -> int:
    try:
        compare(given, VARIANTS, hints=(0, 16))
    except (UserError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
