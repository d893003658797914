"""What the window says about a batch."""

from sketchsause_desktop.app.batch_queue import RowState
from sketchsause_desktop.app.batch_run import BatchRun, BatchState
from sketchsause_desktop.app.run_history import duration_words


def state_words(run: BatchRun) -> str:
    """One sentence or two: where the batch is."""
    if run.state is BatchState.EMPTY:
        return "Nothing to convert yet."
    if run.state is BatchState.LISTING:
        return f"Looking for pictures… {len(run.queue.rows) or ''}".strip()
    if run.state is BatchState.READY:
        return run.problem or plan_words(run)
    if run.state is BatchState.ENDED:
        return _end_words(run)
    done = f"{run.done_now} of {run.started_with}"
    if run.state is BatchState.STARTING:
        return "Starting: the model is being loaded."
    if run.state is BatchState.STOPPING:
        return f"Stopping at {done}: what is begun is finished."
    if run.state is BatchState.PAUSED:
        return f"Paused at {done}. What is begun is still finished."
    left = run.seconds_left()
    return f"{done} pictures" + (f"; about {duration_words(left)} left." if left is not None else ".")


def plan_words(run: BatchRun) -> str:
    """What would happen."""
    counts = run.queue.counts
    parts = [f"{counts[RowState.WAITING]} to convert"]
    parts += [f"{counts[RowState.DONE]} done before"] * bool(counts[RowState.DONE])
    parts += [f"{counts[RowState.SKIPPED]} left alone"] * bool(counts[RowState.SKIPPED])
    parts += [f"{counts[RowState.FAILED]} that cannot be converted"] * bool(counts[RowState.FAILED])
    return ", ".join(parts) + "."


def _end_words(run: BatchRun) -> str:
    counts = run.queue.counts
    parts = [f"{counts[RowState.DONE]} converted"]
    parts += [f"{counts[RowState.SKIPPED]} left alone"] * bool(counts[RowState.SKIPPED])
    parts += [f"{counts[RowState.FAILED]} failed"] * bool(counts[RowState.FAILED])
    parts += [f"{run.queue.unfinished} still to do"] * bool(run.queue.unfinished)
    took = f" in {duration_words(run.seconds)}" if run.seconds and not run.queue.unfinished else ""
    how = "Stopped: " if run.finish.stopped else ""
    return f"{run.finish.sentence} {how}{', '.join(parts)}{took}.".strip()


def short_words(run: BatchRun) -> str:
    """For the status line."""
    done = f"{run.done_now} of {run.started_with}"
    return f"batch paused at {done} ▸" if run.state is BatchState.PAUSED else f"batch {done} ▸"
