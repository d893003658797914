"""`python -m sketchsause_desktop` is the command `sketchsause`."""

import sys

from sketchsause_desktop.cli import main

if __name__ == "__main__":
    sys.exit(main())
