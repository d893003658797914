"""How long the Batch workspace takes to list a large folder, and how long the window is deaf meanwhile.

    python -m tests.benchmarks.batch_window [--files 100000]

Prints the time to the first and to the last row, the longest and the 99th percentile gap between two turns of the event
loop that has nothing else to do, the memory that the rows take, and the time to draw the table. Files are empty: only
names are looked at.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=100_000)
    count = parser.parse_args().files
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in range(0, count, 1000):
            (folder / "in" / f"{part:07}").mkdir(parents=True)
            for number in range(part, min(part + 1000, count)):
                (folder / "in" / f"{part:07}" / f"{number:07}.png").touch()
        measure(folder, count)


def measure(folder: Path, count: int) -> None:
    from PySide6.QtWidgets import QApplication

    from sketchsause_desktop.app.batch_run import BatchRun, BatchState
    from sketchsause_desktop.app.batch_store import BatchStore
    from sketchsause_desktop.app.notices import Notices
    from sketchsause_desktop.batch.job import BatchJob
    from sketchsause_desktop.ui.batch_workspace import BatchWorkspace
    from sketchsause_desktop.ui.theme import Theme

    app = QApplication([])
    notices = Notices()
    run = BatchRun(notices, lambda _name: folder / "none", BatchStore(folder / "kept"))
    page = BatchWorkspace(run, (), notices, Theme(app, "dark"))
    page.resize(1366, 680)
    page.show()
    app.processEvents()
    memory = _memory_mb()
    gaps: list[float] = []
    started = last = time.perf_counter()
    first = 0.0
    run.draft(BatchJob(inputs=(folder / "in",), output_folder=folder / "out", model="any", recursive=True))
    while run.state is BatchState.LISTING:
        app.processEvents()
        now = time.perf_counter()
        gaps.append(now - last)
        last = now
        if not first and run.queue.rows:
            first = now - started
        time.sleep(0.001)
    took = time.perf_counter() - started
    drawn = time.perf_counter()
    page.grab()
    drawn = time.perf_counter() - drawn
    gaps.sort()
    assert len(run.queue.rows) == count, run.problem
    print(f"{count} files: first row after {first * 1e3:.0f} ms, all after {took:.2f} s")
    print(f"deaf at most {gaps[-1] * 1e3:.0f} ms, 99 % of turns below {gaps[int(len(gaps) * 0.99)] * 1e3:.0f} ms")
    print(f"{_memory_mb() - memory:.0f} MB more at the peak; drawn in {drawn * 1e3:.0f} ms")
    page.close_down()
    run.close_down()


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
