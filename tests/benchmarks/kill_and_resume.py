"""Kills a training with SIGKILL at random moments, resumes it, and compares it with one that was never stopped.

    python tests/benchmarks/kill_and_resume.py PRESET --data DIR --out DIR [--kills 5] [--seed 0] [--set KEY=VALUE ...]

Both run on the CPU as child processes of the same command; OUT gets the two run folders. Equal means: every step event,
every measure and every warning, and the bytes of the model's weights. Exit code 0 when all is equal.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from models.checkpoint import load_arrays

ROOT = Path(__file__).resolve().parents[2]
_COMPARED = ("step", "measured", "warned", "sample")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", dest="settings", action="append", default=[])
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "training", "train", args.preset, "--data", args.data, "--device", "cpu", "--json"]
    command += [word for setting in args.settings for word in ("--set", setting)]
    started = time.monotonic()
    run(command, args.out / "whole", None)
    whole_s = time.monotonic() - started
    print(f"never stopped: {whole_s:.0f} s")
    dice = random.Random(args.seed)
    for kill in range(args.kills):
        after = dice.uniform(0.1, 1.0) * whole_s / args.kills
        last = run(command, args.out / "killed", after)
        print(f"kill {kill + 1} after {after:.1f} s, in step {last}")
    run(command, args.out / "killed", None)
    return report(args.out / "whole", args.out / "killed")


def run(command: list[str], folder: Path, kill_after_s: float | None) -> int:
    """Run to the end, or kill so long after the training has begun; returns the last step that was told."""
    resume = ["--resume"] if (folder / "config.toml").is_file() else []
    child = subprocess.Popen(
        [*command, "--run", str(folder), *resume], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    last = 0
    deadline = None
    for line in child.stdout:
        event = json.loads(line)
        last = event.get("step", last)
        if event["event"] == "started" and kill_after_s is not None:
            deadline = time.monotonic() + kill_after_s
        if deadline is not None and time.monotonic() > deadline:
            child.send_signal(signal.SIGKILL)
            break
    child.wait()
    if kill_after_s is None and child.returncode:
        raise SystemExit(f"the training ended with {child.returncode}")
    return last


def report(whole: Path, killed: Path) -> int:
    first, second = ([event for event in events(folder) if event["event"] in _COMPARED] for folder in (whole, killed))
    # What is sampled where the run was stopped in words is a sample too, but SIGKILL has no words.
    same_events = first == second
    a, b = (load_arrays(folder / "model.safetensors") for folder in (whole, killed))
    same_weights = a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)
    print(f"{len(first)} events, equal: {same_events}; {len(a)} arrays of weights, equal: {same_weights}")
    return 0 if same_events and same_weights else 1


def events(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main())
