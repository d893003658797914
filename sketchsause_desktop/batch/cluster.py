"""`sketchsause convert --engine dask`: a batch spread over a Dask cluster in parts, by the same shards and manifests.

A part is what `--shard I/N` does. Each worker does one at a time; where a worker dies, Dask gives its part to another,
which goes on by the manifest. The workers have this program, and see the folders under the same names. Dask is loaded
here only (docs/decisions/0006-batch.md).
"""

import json
import logging
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob, Outcome, Shard, Status, Summary, Task
from sketchsause_desktop.batch.lock import TakenError, locked
from sketchsause_desktop.batch.manifest import close_parts, settings_of
from sketchsause_desktop.batch.painter import load_painter
from sketchsause_desktop.batch.session import Finished, Listeners, check, convert
from sketchsause_desktop.inference.catalogue import ModelEntry, default_catalogue

if TYPE_CHECKING:
    from distributed import Client, Event, Future

PARTS = 16  # unless told; more of them are spread more evenly, and each loads the model anew
_LOCAL_WORKERS = 2
_POLL_SECONDS = 0.2
_CONNECT_SECONDS = 15
_PATIENCE_SECONDS = 60  # for a worker to come, for the lock of one that has died, for parts to end when stopped

_one_part_at_a_time = threading.Lock()  # of a worker, however many threads it has


@dataclass(frozen=True, kw_only=True)
class PartEnd:
    """How a part came to its end. `refused` is a UserError's sentence and hint, where nothing could be done."""

    device: str = ""
    stopped: bool = False
    reason: str = ""
    refused: tuple[str, str] | None = None


# ------------------------------------------------------------------------------------------------------- on a worker


def do_part(job: BatchJob, settings: str, topic: str) -> PartEnd:
    """The shard of `job`, on a worker. Outcomes are told under `topic`, which is also the event that says to stop."""
    from distributed import get_worker

    worker = get_worker()

    def report(outcome: Outcome) -> None:
        worker.log_event(topic, _written(outcome))

    with _one_part_at_a_time, _obeying(topic) as stop:
        listeners = Listeners(report=report, stop=stop, keep_outcomes=False)
        try:
            finished = _patiently(job, listeners, settings)
        except UserError as error:
            return PartEnd(refused=(error.sentence, error.hint))
    return PartEnd(device=finished.device, stopped=finished.summary.stopped, reason=finished.summary.reason)


def _patiently(job: BatchJob, listeners: Listeners, settings: str) -> Finished:
    """The lock of a worker that died is free a moment later than Dask knows of its death."""
    model = default_catalogue().find(job.model)
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return convert(job, model, load_painter, listeners, part_of=settings)
        except TakenError:
            if time.monotonic() > until or (listeners.stop and listeners.stop.wait(1)):
                raise


@contextmanager
def _obeying(topic: str) -> Iterator[threading.Event]:
    """An event that is set soon after whoever started the batch wants it to stop."""
    from distributed import Event, get_client

    order, stop, ended = Event(topic, get_client()), threading.Event(), threading.Event()

    def watch() -> None:
        while not ended.wait(1):
            if order.is_set():
                stop.set()
                return

    thread = threading.Thread(target=watch, name="orders", daemon=True)
    thread.start()
    try:
        yield stop
    finally:
        ended.set()
        thread.join()


def _written(outcome: Outcome) -> str:
    task = outcome.task
    about = (task.index, str(task.source), str(task.target), task.page, task.kind)
    return json.dumps([*about, outcome.status, outcome.message, outcome.seconds])


def _read(line: str) -> Outcome:
    index, source, target, page, kind, status, message, seconds = json.loads(line)
    task = Task(index=index, source=Path(source), target=Path(target), page=page, kind=kind)
    return Outcome(task=task, status=status, message=message, seconds=seconds)


# ------------------------------------------------------------------------------------------- where the batch is started


def convert_on_cluster(
    job: BatchJob, model: ModelEntry, listeners: Listeners, scheduler: str | None = None, parts: int = PARTS
) -> Finished:
    """Do `job` on the cluster of `scheduler`, or on one of two workers on this machine. Raises UserError.

    Setting `listeners.stop`, or Ctrl-C, ends it after the pictures that are in work.
    """
    job = replace(_everywhere(job, model), shard=Shard(number=1, count=parts))
    check(job, model)
    with locked(job.output_folder, job.shard):
        pass  # a batch that is at work there is told at once, not by workers that wait for its end
    started = time.perf_counter()
    with _cluster(scheduler) as client:
        spread = _Spread(client, job, settings_of(job, model.path), listeners)
        spread.run()
    summary = Summary(
        outcomes=sorted(spread.outcomes, key=lambda outcome: outcome.task.index),
        counts=dict(spread.counts),
        seconds=time.perf_counter() - started,
        stopped=spread.is_cut_short,
        reason=spread.reason,
    )
    if not summary.stopped and summary.is_good:
        close_parts(job.output_folder, parts)
    return Finished(summary=summary, device=spread.device)


def _everywhere(job: BatchJob, model: ModelEntry) -> BatchJob:
    """With whole paths, since a worker is started in another folder."""
    named = Path(job.model)
    return replace(
        job,
        inputs=tuple(path.absolute() for path in job.inputs),
        output_folder=job.output_folder.absolute(),
        model=str(named.absolute()) if named == model.path else job.model,
        hints=job.hints and job.hints.absolute(),
        palette=job.palette and job.palette.absolute(),
    )


@contextmanager
def _cluster(scheduler: str | None) -> Iterator["Client"]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise UserError(
            "--engine dask needs Dask, which is not installed.",
            'Install it beside SketchSause: pip install "dask[distributed]".',
        ) from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what becomes of workers is said in sentences
    if scheduler is None:
        # Its page of charts on any free port: Dask warns where its own is taken.
        options: dict[str, Any] = {
            "n_workers": _LOCAL_WORKERS,
            "threads_per_worker": 1,
            "dashboard_address": "127.0.0.1:0",
        }
        with LocalCluster(**options, silence_logs=logging.CRITICAL) as cluster, Client(cluster) as client:
            yield client
        return
    try:
        client = Client(scheduler, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise UserError(
            f"There is no Dask scheduler at {scheduler}.",
            "Start one with `dask scheduler`, and workers with `dask worker`.",
        ) from error
    with client:
        yield client


class _Spread:
    """Hands parts out, one to each worker, and gathers what becomes of the pictures."""

    def __init__(self, client: "Client", job: BatchJob, settings: str, listeners: Listeners) -> None:
        assert job.shard
        self._client = client
        self._job = job
        self._settings = settings
        self._listeners = listeners
        self._topic = f"sketchsause-{uuid.uuid4().hex}"
        self._waiting = deque(Shard(number=each, count=job.shard.count) for each in range(1, job.shard.count + 1))
        self._running: dict[Future, str] = {}  # the worker it was given to
        self._told: SimpleQueue[Outcome] = SimpleQueue()
        self._seen: set[int] = set()  # pictures, by a hash; a part that is done again tells of some once more
        self._refused: UserError | None = None
        self._ends: list[PartEnd] = []
        self.outcomes: list[Outcome] = []
        self.counts: Counter[Status] = Counter()
        self.reason = ""

    @property
    def is_cut_short(self) -> bool:
        return bool(self._waiting or self.reason or any(end.stopped for end in self._ends))

    @property
    def device(self) -> str:
        devices = sorted({end.device for end in self._ends if end.device})
        return f"a Dask cluster ({', '.join(devices)})" if devices else "a Dask cluster"

    def run(self) -> None:
        from distributed import Event

        order = Event(self._topic, self._client)
        self._client.subscribe_topic(self._topic, lambda event: self._told.put(_read(event[1])))
        try:
            self._hand_out_all(order)
        except BaseException:
            self._call_off(order)
            raise
        finally:
            self._tell()
        if self._refused and not self.counts.total():
            raise self._refused
        if self._refused:
            self.reason = self.reason or str(self._refused)

    def _hand_out_all(self, order: "Event") -> None:
        alone_since = time.monotonic()
        while self._running or self._waiting:
            if (self._listeners.stop and self._listeners.stop.is_set()) or self.reason or self._refused:
                self._call_off(order)
                return
            workers = self._client.nthreads()
            if workers:
                alone_since = time.monotonic()
            elif time.monotonic() - alone_since > _PATIENCE_SECONDS:
                raise UserError("The Dask cluster has no workers.", "Start some with `dask worker`.")
            for worker in workers:
                if self._waiting and worker not in self._running.values():
                    self._give(self._waiting.popleft(), worker)
            time.sleep(_POLL_SECONDS)
            self._take_in()

    def _give(self, part: Shard, worker: str) -> None:
        """To this worker, or to any other where it dies."""
        job = replace(self._job, shard=part)
        future = self._client.submit(
            do_part, job, self._settings, self._topic, pure=False, workers=[worker], allow_other_workers=True
        )
        self._running[future] = worker

    def _take_in(self) -> None:
        for future in [each for each in self._running if each.done()]:
            del self._running[future]
            self._end(future)
        self._tell()

    def _end(self, future: "Future") -> None:
        from distributed import KilledWorker

        try:
            end: PartEnd = future.result()
        except KilledWorker:
            self.reason = "A part of the batch was given up, since each worker that took it has died."
            return
        self._ends.append(end)
        self.reason = self.reason or end.reason
        if end.refused:
            self._refused = UserError(*end.refused)

    def _call_off(self, order: "Event") -> None:
        """What is begun is finished."""
        order.set()
        until = time.monotonic() + _PATIENCE_SECONDS
        while self._running and time.monotonic() < until:
            time.sleep(_POLL_SECONDS)
            self._take_in()

    def _tell(self) -> None:
        while True:
            try:
                outcome = self._told.get_nowait()
            except Empty:
                return
            name = hash(outcome.task.key)
            if name in self._seen:
                continue
            self._seen.add(name)
            self.counts[outcome.status] += 1
            if self._listeners.keep_outcomes:
                self.outcomes.append(outcome)
            if self._listeners.report:
                self._listeners.report(outcome)
