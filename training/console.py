"""How the training commands speak: tables and sentences on stdout, progress on the terminal, one last JSON object."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Progress = Callable[[int, int], None]  # done, in all


def say(text: str = "") -> None:
    """A line on stdout, in whatever letters its encoding has."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


def say_json(result: dict[str, Any]) -> None:
    """One object on one line; numbers JSON has no word for become null."""
    sys.stdout.write(json.dumps(_plain(result), allow_nan=False) + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def progress_line(title: str, *, told: bool = False) -> Iterator[Progress]:
    """A progress bar on stderr where that is a terminal; JSON lines on stdout, for another program, if `told`."""
    if told:
        yield lambda done, total: say_json({"event": "progress", "done": done, "total": total})
        return
    from tqdm import tqdm

    with tqdm(desc=title, disable=not sys.stderr.isatty(), leave=False) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text in columns; the first row is the heading, the first column is set left and the others right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return value if value - value == 0 else None  # neither infinite nor NaN
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
