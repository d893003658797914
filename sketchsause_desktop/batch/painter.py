"""What the network makes of one page, with its hints and the batch's palette."""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob
from sketchsause_desktop.batch.reading import Page
from sketchsause_desktop.core.colours import Colour
from sketchsause_desktop.core.depth import AnyPixels, Pixels, shallow
from sketchsause_desktop.core.hint_pull import asks, pulled


class Prediction(Protocol):
    """What `models.predictor.Prediction` is to a batch."""

    @property
    def colour(self) -> Pixels: ...
    @property
    def lines(self) -> AnyPixels | None: ...
    @property
    def picture(self) -> AnyPixels: ...
    def with_colour(self, colour: Pixels) -> "Prediction": ...


class Painter(Protocol):
    """What `models.predictor.Predictor` is to a batch."""

    def predict(
        self,
        image: AnyPixels,
        *,
        hints: Pixels | None = None,
        palette: Sequence[Colour] = (),
        working_size: int | None = None,
        tile: int | None = None,
        overlap: int | None = None,
    ) -> Prediction: ...


class PagePainter:
    """Paints the pages of one batch, one after the other, on one thread."""

    def __init__(self, job: BatchJob, painter: Painter, hints: Pixels | None, palette: Sequence[Colour]) -> None:
        self._job = job
        self._painter = painter
        self._hints = hints
        self._palette = palette

    def paint(self, page: Page, name: object) -> AnyPixels:
        """As deep as what was read. `name` is for errors. Raises UserError where the hints do not fit."""
        picture, hints = page.picture, self._hints
        if hints is not None and hints.shape[:2] != (picture.height, picture.width):
            raise UserError(
                f"{name} is {picture.width} x {picture.height} pixels, but the hints are "
                f"{hints.shape[1]} x {hints.shape[0]}.",
                "Draw the hints on a layer of the same size.",
            )
        job = self._job
        paint = partial(
            self._painter.predict,
            picture.pixels if picture.deep is None else picture.deep,
            palette=self._palette,
            working_size=job.working_size,
            tile=job.tile,
            overlap=job.overlap,
        )
        prediction = paint(hints=hints)
        if prediction.lines is not None and asks(hints, job.pull):
            plain = paint(hints=None).colour
            colour = pulled(prediction.colour, shallow(prediction.lines), hints, job.pull, plain)
            prediction = prediction.with_colour(colour)
        return prediction.picture
