"""Pin every dependency with its hashes, for all systems and Pythons at once, after a change in pyproject.toml.

Needs uv. Versions already pinned stay where they are; `python installer/lock.py --upgrade` moves them all.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCKS = {"requirements.lock": (), "requirements-test.lock": ("--extra", "test")}


def command(lock: str, extra: tuple[str, ...], arguments: list[str]) -> list[str]:
    """The index's address stays out of the file: every machine asks the index it is set up for."""
    options = [
        "--universal",
        "--generate-hashes",
        "--python-version",
        "3.11",
        "--no-emit-index-url",
        "--no-emit-find-links",
    ]
    options += ["--custom-compile-command", "python installer/lock.py", "--quiet", "--output-file", str(HERE / lock)]
    return ["uv", "pip", "compile", *options, *extra, *arguments, str(HERE.parent / "pyproject.toml")]


def main() -> int:
    """The test lock is made after the other, so that what both hold has one version."""
    for lock, extra in LOCKS.items():
        constraints = ("--constraints", str(HERE / "requirements.lock")) if extra else ()
        finished = subprocess.run(command(lock, (*extra, *constraints), sys.argv[1:]), check=False)
        if finished.returncode:
            return finished.returncode
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
