"""Set up this checkout with the test tools if needed, then run the tests: python3 installer/test.py [PYTEST ARGS].

Paths among the arguments are relative to the checkout.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - before anything that older ones cannot read
    sys.stderr.write("SketchSause needs Python 3.11 or newer; this is %d.%d.\n" % sys.version_info[:2])  # noqa: UP031
    sys.exit(2)

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)

from installer import setup_venv  # noqa: E402


def main() -> int:
    """pytest's exit code; 2 where it cannot be set up, 130 where that was stopped."""
    try:
        python = setup_venv.ready(setup_venv.Place(root=ROOT), tests=True)
    except KeyboardInterrupt:
        setup_venv.say("Stopped. The same command goes on from here.")
        return 130
    if python is None:
        return 2
    os.chdir(ROOT)
    environment = setup_venv.clean_environment() | {"QT_QPA_PLATFORM": "offscreen"}
    return setup_venv.start([python, "-m", "pytest", *sys.argv[1:]], environment)


if __name__ == "__main__":
    sys.exit(main())
