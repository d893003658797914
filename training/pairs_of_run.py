"""The pairs that a configuration asks for, and whether a folder holds those of a run. Never imports torch."""

from pathlib import Path

from training.config import TrainConfig, load_config
from training.pairs import Scan, scan
from training.pairs_unpaired import scan_unpaired
from training.run_files import CONFIG
from training.split_file import check_split


def scan_for(config: TrainConfig, folder: Path) -> Scan:
    """UserError where there are none."""
    data = config.data
    direction = None if data.direction == "auto" else data.direction
    if config.method == "cyclegan":
        return scan_unpaired(folder, direction=direction, seed=data.seed)
    found = scan(
        folder,
        direction=direction,
        input_half=None if data.input_half == "auto" else data.input_half,
        seed=data.seed,
        fractions=(1 - data.val_share - data.test_share, data.val_share, data.test_share),
        cut=data.cut,
        exclude=data.exclude,
    )
    found.require_pairs()
    return found


def check_moved(run: Path, folder: Path) -> None:
    """UserError where `folder` does not hold the pairs that the run in the folder `run` has begun with."""
    check_split(scan_for(load_config(str(run / CONFIG)), folder), run)
