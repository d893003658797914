"""`python -m training …`: the trainer without the desktop program, for servers and torchrun."""

import sys

from training.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
