"""At what scale the network sees the pictures of a batch: what was asked for, or what their metres a pixel come to."""

from dataclasses import dataclass

from models.errors import UserError
from models.scale import MOST, scale_between
from models.spec import ModelSpec
from sketchsause_desktop.batch.job import BatchJob


@dataclass(frozen=True)
class View:
    """`scale` is how much larger than it is a picture is seen; `told` says why, where nobody asked for it."""

    scale: float = 1.0
    told: str = ""


def view_of(job: BatchJob, spec: ModelSpec, metres: float | None) -> View:
    """Of a picture of so many `metres` a pixel, None where it does not say."""
    if job.scale is not None:
        return View(job.scale)
    metres = job.metres_per_pixel or metres
    if not knows_scale(spec) or not metres:
        return View()
    scale = scale_between(metres, spec.metres_per_pixel)
    pixels = f"its pixels are {_metres(metres)}, the model learned at {_metres(spec.metres_per_pixel)}"
    if scale == 1:
        is_coarse = metres / spec.metres_per_pixel > MOST
        return View(1.0, f"Seen at its own size: {pixels}, which no enlarging bridges." if is_coarse else "")
    return View(scale, f"Seen at {scale:.2g} times its size: {pixels}.")


def knows_scale(spec: ModelSpec) -> bool:
    return spec.sees_tiles and spec.metres_per_pixel > 0


def check_scale(job: BatchJob, spec: ModelSpec, name: str) -> None:
    """UserError where the model `name` cannot be obeyed."""
    if job.scale not in (None, 1) and not spec.sees_tiles:
        raise UserError(f"The model {name} colours pages, whatever their scale.", "Leave --scale out.")
    if job.metres_per_pixel and not knows_scale(spec):
        raise UserError(f"The model {name} does not say at what scale it was trained.", "Give --scale instead.")


def _metres(metres: float) -> str:
    return f"{metres:.2g} m" if metres < 100 else f"{metres:.0f} m"
