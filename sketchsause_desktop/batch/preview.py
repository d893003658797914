"""A picture of a batch and its result, small, to look at."""

import numpy as np
from PIL import Image

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob, Task
from sketchsause_desktop.batch.reading import pixels_of_task, read_page
from sketchsause_desktop.core.pictures import Picture, Pixels, count_pages, read_picture

_MOST_PIXELS = 30_000_000  # decoded for a picture that is hardly larger than a stamp


def small_source(task: Task, job: BatchJob, side: int) -> Pixels:
    """What the network is shown of the task, its longer side at most `side` pixels. Raises UserError."""
    if pixels_of_task(task) > _MOST_PIXELS:
        raise _too_large()
    return _small(read_page(task, job, 0 if task.pages > 1 else None).picture, side)


def small_result(task: Task, side: int) -> Pixels:
    """The first page of what was made of the task. Raises UserError."""
    result = Task(index=0, source=task.target, target=task.target)
    if pixels_of_task(result) > _MOST_PIXELS:
        raise _too_large()
    page = 0 if count_pages(task.target) > 1 else None
    return _small(read_picture(task.target, page=page), side)


def _small(picture: Picture, side: int) -> Pixels:
    image = Image.fromarray(picture.pixels)
    image.thumbnail((side, side), Image.Resampling.BOX)
    return np.asarray(image)


def _too_large() -> UserError:
    return UserError("It is too large to be shown here.", "Open it by itself.")
