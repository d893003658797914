"""How long the real program takes to show its window and the first colours. Prints one JSON line.

    python tests/benchmarks/startup.py [--runs 5] [--platform offscreen|xcb]

Each run is a fresh process with empty settings; one run before them warms the disk. Times are from the start of the
process, read from the milestones in the program's log (one monotonic clock for all processes).
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 60
LIMITS = {"window_s": 1.5, "colour_s": 3.0}
_LINE = re.compile(r"milestone (\w+) at ([\d.]+), torch loaded: (True|False)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--platform", default="offscreen", help="Qt's platform: offscreen, or xcb under an X server")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder)
        start_once(kept, options.platform)
        runs = [start_once(kept, options.platform) for _ in range(options.runs)]
    window = [run["window"][0] for run in runs if "window" in run]
    colour = [run["colour"][0] for run in runs if "colour" in run]
    figures = {"window_s": _median(window), "colour_s": _median(colour)}
    report = {
        "benchmark": "startup",
        "runs": options.runs,
        "platform": options.platform,
        **figures,
        "window_max_s": max(window, default=None),
        "colour_max_s": max(colour, default=None),
        "torch_loaded_at_first_colour": any(run["colour"][1] for run in runs if "colour" in run),
        "limits": LIMITS,
    }
    report["reached"] = not report["torch_loaded_at_first_colour"] and all(
        value is not None and value <= LIMITS[name] for name, value in figures.items()
    )
    print(json.dumps(report))
    return 0


def start_once(kept: Path, platform: str) -> dict[str, tuple[float, bool]]:
    """Milestone -> (seconds after the start of the process, whether torch was loaded then)."""
    state = Path(tempfile.mkdtemp(dir=kept))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    # Settings and log are new each time; what the program remembers to start faster stays, as with a user.
    environment |= {"XDG_CONFIG_HOME": str(state), "XDG_STATE_HOME": str(state), "XDG_CACHE_HOME": str(kept / "cache")}
    environment |= {"QT_QPA_PLATFORM": platform, "PYTHONPATH": str(ROOT)}
    started = time.monotonic()
    program = subprocess.Popen([sys.executable, "-m", "sketchsause_desktop"], cwd=ROOT, env=environment)
    try:
        return _milestones(state, program, started)
    finally:
        program.terminate()
        program.wait(timeout=LIMIT_S)


def _milestones(state: Path, program: subprocess.Popen[bytes], started: float) -> dict[str, tuple[float, bool]]:
    reached: dict[str, tuple[float, bool]] = {}
    while "colour" not in reached and program.poll() is None and time.monotonic() - started < LIMIT_S:
        time.sleep(0.2)  # seldom: the program has the processor
        for log in state.rglob("sketchsause.log"):
            for name, at, torch in _LINE.findall(log.read_text(encoding="utf-8")):
                reached[name] = (round(float(at) - started, 3), torch == "True")
    return reached


def _median(values: list[float]) -> float | None:
    return round(statistics.median(values), 3) if values else None


if __name__ == "__main__":
    sys.exit(main())
