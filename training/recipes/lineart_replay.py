"""Makes the line art that a model remembers by when it learns something new (training.replay).

    python -m training.recipes.lineart_replay --source ZIPS

Lines alone, of drawings whose licences ask for no more than a name; what they looked like in colour, the model that is
fine-tuned says itself.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from models.errors import UserError
from models.files import atomic_path
from training.recipes.lineart import SOURCES, Builder, Plan
from training.replay import shipped_folder

COUNT, SIDE, SEED = 160, 256, 41


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.recipes.lineart_replay", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--source", type=Path, required=True, help="folder that holds the zips")
    parser.add_argument("--out", type=Path, default=shipped_folder())
    parser.add_argument("--count", type=int, default=COUNT)
    given = parser.parse_args(arguments)
    try:
        make(given.source, given.out, given.count)
    except (UserError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def make(source: Path, out: Path, count: int = COUNT, side: int = SIDE) -> None:
    """Write `count` pictures and SOURCE.md; UserError where a zip is missing."""
    free = tuple(kind.name for kind in SOURCES if "BY-SA" not in kind(source).facts()[0].upper())
    builder = Builder(Plan(source=source, out=out, size=side, seed=SEED, only=free))
    out.mkdir(parents=True, exist_ok=True)
    used: dict[str, int] = {}
    for index in range(count):
        lines, _, name = builder.pair("train", index)
        used[name] = used.get(name, 0) + 1
        with atomic_path(out / f"{index:03d}.webp") as path:
            Image.fromarray(lines).save(path, format="webp", lossless=True, method=6)
    with atomic_path(out / "SOURCE.md") as path:
        path.write_text(_sources(builder, used), encoding="utf-8")


def _sources(builder: Builder, used: dict[str, int]) -> str:
    rows = [
        "# Where these lines are from\n",
        "Line art drawn from free pictures by `python -m training.recipes.lineart_replay`. A fine-tuning shows them to",
        "the model it begins with and holds it to its answers. Licence and attribution of each set:\n",
        "| set | pictures | Licence | attribution |",
        "| --- | --- | --- | --- |",
    ]
    facts = {source.name: source.facts() for source in builder.sources}
    rows += [f"| {name} | {used[name]} | {facts[name][0]} | {facts[name][1]} |" for name in sorted(used)]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
