"""How long a fresh clone takes to be set up with its packages cached: prints one JSON line.

    python tests/benchmarks/setup.py [--script run.py|test.py]

Clones the checkout this file lies in into a temporary folder and calls the installer there. Packages that were never
fetched on this machine are downloaded, so run it twice to measure the second. The figure to reach: 120 seconds.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 120.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--script", choices=("run.py", "test.py"), default="run.py")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT.parent) as folder:  # on the same disk as the checkout
        clone = Path(folder, "clone")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        call = [sys.executable, str(clone / "installer" / options.script), "--version"]
        first, again = (timed(call, clone) for _ in range(2))
    report = {
        "benchmark": "setup",
        "script": options.script,
        "installs_with": "uv" if shutil.which("uv") else "pip",
        "fresh_s": round(first, 1),
        "nothing_changed_s": round(again, 2),
        "limit_s": LIMIT_S,
        "reached": first <= LIMIT_S and again <= 1.0,
    }
    print(json.dumps(report))
    return 0 if report["reached"] else 1


def timed(call: list[str], folder: Path) -> float:
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    started = time.perf_counter()
    subprocess.run(call, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
