"""What the model cards of our recipes tell alike: what each run did."""

import re
from pathlib import Path

from models.checkpoint import read_header
from models.errors import UserError
from training.config import TrainConfig, load_config


def runs_told_in(card: Path) -> tuple[str, ...]:
    """The lines of the runs in the card of the weights that a run began with. UserError where there are none."""
    runs = re.findall(r"^\d+\. (\d+ steps .*)$", card.read_text(encoding="utf-8"), re.MULTILINE)
    if not runs:
        raise UserError(f"{card} tells of no run.", "Give the model card of the weights the run began with.")
    return tuple(runs)


def steps_told(line: str) -> int:
    return int(line.split(maxsplit=1)[0])


def steps_of(run: Path) -> int:
    """Of the model that the run left."""
    return int(read_header(run / "model.safetensors").facts["steps"])


def told(run: Path) -> str:
    """What a run did, in a line that begins with its steps."""
    config = load_config(str(run / "config.toml"))
    return (
        f"{steps_of(run)} steps of {config.run.batch_size} pictures of {config.data.crop_size} pixels a side, "
        f"{config.optimiser.kind} {config.optimiser.rate:g}, {_losses(config, steps_of(run))}; two CPU cores, shared."
    )


def _losses(config: TrainConfig, steps: int) -> str:
    loss, gan = config.loss, config.gan
    words = f"{loss.l1:g} L1"
    if loss.chroma:
        words += f" + {loss.chroma:g} chroma"
    if loss.ssim:
        words += f" + {loss.ssim:g} SSIM"
    if loss.classes:
        words += f" + {loss.classes:g} cross-entropy of palette classes, weights of rare ones {loss.rare_classes:g}"
    if loss.rare_colours:
        words += f", weights of rare colours {loss.rare_colours:g}"
    if gan.loss != "none" and gan.start_step < steps:
        words += f" + {gan.weight:g} {gan.loss} from step {gan.start_step} on"
    return words
