"""What the network makes of one page, with its hints and the batch's palette; with less memory where it runs out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, TypeVar

from models.errors import UserError
from models.memory import is_out_of_memory
from models.spec import ModelSpec
from sketchsause_desktop.batch.coloured import is_coloured
from sketchsause_desktop.batch.job import BatchJob
from sketchsause_desktop.batch.reading import Page
from sketchsause_desktop.batch.scale import View, knows_scale, view_of
from sketchsause_desktop.core.colours import Colour
from sketchsause_desktop.core.depth import AnyPixels, Pixels, shallow
from sketchsause_desktop.core.hint_pull import asks, pulled
from sketchsause_desktop.inference.catalogue import ModelEntry

_SMALLEST = 64  # pixels a side; smaller tiles are not worth colouring

T = TypeVar("T")
Finish = Callable[[], AnyPixels]

_WINDOW = 256  # pixels


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

    @property
    def spec(self) -> ModelSpec: ...

    def predict(
        self,
        image: AnyPixels,
        *,
        hints: Pixels | None = None,
        palette: Sequence[Colour] = (),
        working_size: int | None = None,
        tile: int | None = None,
        overlap: int | None = None,
        scale: float = 1.0,
    ) -> Prediction: ...


def load_painter(job: BatchJob, model: ModelEntry) -> tuple[Painter, str]:
    """The network of `model`, and what runs it in words. Raises UserError."""
    from models.predictor import Predictor
    from models.runtime import load_runtime

    runtime = load_runtime(model.path, job.device)
    return Predictor(runtime, job.self_ensemble), runtime.title


class Rows(Protocol):
    """A page that is read by rows, such as `core.tiff_reader.TiffPixels`."""

    @property
    def shape(self) -> tuple[int, int, int]: ...
    def rows(self, top: int, bottom: int) -> AnyPixels: ...


@dataclass(frozen=True)
class _Means:
    """Pixels a side, None as the model's description says."""

    working_size: int | None
    tile: int | None
    overlap: int | None


class PagePainter:
    """Paints the pages of one batch, one after the other, on one thread."""

    def __init__(self, job: BatchJob, painter: Painter, hints: Pixels | None, palette: Sequence[Colour]) -> None:
        self._job = job
        self._painter = painter
        self._hints = hints
        self._palette = palette
        self._means = _Means(job.working_size, job.tile, job.overlap)

    def view(self, metres: Callable[[], float | None]) -> View:
        """How a picture is seen; `metres` a pixel are asked for only where they matter."""
        spec = getattr(self._painter, "spec", None)  # a painter of a test has none
        return view_of(self._job, spec, metres() if knows_scale(spec) else None) if spec else View()

    def paint(self, page: Page, name: object, scale: float = 1.0) -> Finish:
        """What makes the result, on any thread: as deep as what was read, seen at `scale`.

        The network has done its part by then. `name` is for errors. Raises UserError where the hints do not fit.
        """
        picture, hints = page.picture, self._hints
        if page.hints is not None and self._painter.spec.takes_hints:
            hints = page.hints
        self._check(hints, (picture.height, picture.width), name)
        if self._job.skip_coloured and is_coloured(picture):  # a page of a book, which keeps its place
            return partial(_same, picture.pixels if picture.deep is None else picture.deep)
        paint = partial(
            self._painter.predict,
            picture.pixels if picture.deep is None else picture.deep,
            palette=self._palette,
            working_size=self._means.working_size,
            tile=self._means.tile,
            overlap=self._means.overlap,
            scale=scale,
        )
        prediction = paint(hints=hints)
        if prediction.lines is not None and asks(hints, self._job.pull):
            plain = paint(hints=None).colour
            colour = pulled(prediction.colour, shallow(prediction.lines), hints, self._job.pull, plain)
            prediction = prediction.with_colour(colour)
        return partial(_picture, prediction)

    def paint_bands(self, rows: Rows, name: object, scale: float = 1.0) -> Iterator[AnyPixels]:
        """The same of a page too large to be whole in memory, in bands from the top."""
        from models.bands import Wishes, painted_bands
        from models.predictor import Predictor

        hints = self._hints
        self._check(hints, rows.shape[:2], name)
        assert isinstance(self._painter, Predictor)
        wishes = Wishes(
            hints=None if hints is None else _Held(hints),
            palette=self._palette,
            working_size=self._means.working_size,
            tile=self._means.tile,
            overlap=self._means.overlap,
            scale=scale,
            adjust=self._pulled if hints is not None and self._painter.is_layer else None,
        )
        return painted_bands(self._painter, rows, wishes)

    def sparingly(self, do: Callable[[], T]) -> tuple[T, str]:
        """What `do` returns, and what to tell: while memory runs out, it is done again with smaller tiles.

        What sufficed stays for the pages that follow; what did not help is forgotten. Raises what `do` raises.
        """
        before, told = self._means, ""
        while True:
            try:
                return do(), told
            except Exception as error:
                if is_out_of_memory(error) and (lesser := self._lesser()):
                    self._means, told = lesser
                    continue
                self._means = before
                raise

    @property
    def window(self) -> int:
        """Pixels of the square that the network is best shown of a picture in parts."""
        spec = getattr(self._painter, "spec", None)  # a painter of a test has none
        wanted = self._job.tile or (spec.working_size if spec else _WINDOW)
        multiple = spec.size_multiple if spec else 1
        return -(-wanted // multiple) * multiple

    def paint_window(self, pixels: Pixels, scale: float = 1.0) -> Pixels:
        """(H, W, 3), neither side longer than `window` as it is seen at `scale`, in one pass."""
        prediction = self._painter.predict(pixels, palette=self._palette, tile=self.window, scale=scale)
        return shallow(prediction.picture[..., :3])

    def _lesser(self) -> tuple[_Means, str] | None:
        spec, means = self._painter.spec, self._means
        if means.tile is None and spec.fit == "resize":
            size = (means.working_size or spec.working_size) // 2
            told = f"Memory ran short: colours are made at {size} pixels now."
            return (replace(means, working_size=size), told) if size >= _SMALLEST else None
        size = (means.tile or spec.working_size) // 2
        overlap = None if means.overlap is None else min(means.overlap, size // 4)
        told = f"Memory ran short: tiles have {size} pixels now."
        return (replace(means, tile=size, overlap=overlap), told) if size >= _SMALLEST else None

    def _pulled(self, colour: Any, lines: Any, hints: Any) -> Any:
        return pulled(colour, lines, hints, self._job.pull)

    def _check(self, hints: Pixels | None, shape: tuple[int, int], name: object) -> None:
        if hints is not None and hints.shape[:2] != shape:
            raise UserError(
                f"{name} is {shape[1]} x {shape[0]} pixels, but the hints are {hints.shape[1]} x {hints.shape[0]}.",
                "Draw the hints on a layer of the same size.",
            )


def _same(pixels: AnyPixels) -> AnyPixels:
    return pixels


def _picture(prediction: Prediction) -> AnyPixels:
    return prediction.picture


@dataclass(frozen=True, eq=False)
class _Held:
    pixels: Pixels

    @property
    def shape(self) -> tuple[int, int, int]:
        height, width, channels = self.pixels.shape
        return height, width, channels

    def rows(self, top: int, bottom: int) -> Pixels:
        return self.pixels[top:bottom]
