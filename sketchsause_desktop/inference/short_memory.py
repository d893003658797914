"""What to do when memory runs out: a smaller size in the network, half precision, the CPU; each of them is told."""

import dataclasses
from dataclasses import dataclass

from models.errors import UserError

SMALLEST = 64  # pixels of the longer side; smaller pictures are not worth colouring


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a model is run with. `largest`: the working size that memory sufficed for; None = any."""

    device: str
    largest: int | None = None
    is_half: bool = False


def lesser(means: Means, *, size: int, running_on: str) -> tuple[Means, str]:
    """What to try after `size` pixels were too many, and what to tell; `running_on` is the device that ran short.

    The size is halved once, since colours get worse with it. UserError when there is nothing left to try.
    """
    if means.largest is None and size >= 2 * SMALLEST:
        half = size // 2
        return dataclasses.replace(means, largest=half), f"Memory ran short: colours are made at {half} pixels now."
    if running_on != "cpu" and not means.is_half:
        told = "Memory ran short: colours are made in half precision now."
        return dataclasses.replace(means, is_half=True), told
    if running_on != "cpu":
        return Means(
            device="cpu"
        ), f"Memory of the {running_on.upper()} device ran short: colours are made on the CPU now."
    raise UserError(
        "There is not enough memory to colour this drawing.", "Close other programs, or choose a smaller model."
    )
