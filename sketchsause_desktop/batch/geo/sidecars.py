"""The small files beside a picture that say where on earth it lies: taken along under the result's name."""

from pathlib import Path


def take_over(made: Path, target: Path) -> None:
    """Move `made` to `target`; where there is none, what is at `target` tells of an older picture, and goes."""
    if made.exists():
        made.replace(target)
    else:
        target.unlink(missing_ok=True)
