"""The libraries of a Linux system that Qt needs and no Python package brings."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# What the Qt of PySide6 asks the loader for (readelf -d), and the Debian and Ubuntu package that has it.
PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def loads(library: str) -> bool:
    """Whether the system's loader finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing(loads: Callable[[str], bool] = loads) -> list[str]:
    """The libraries of Qt that this system lacks; none on macOS and Windows, where Qt brings its own."""
    return [library for library in PACKAGES if not loads(library)] if sys.platform == "linux" else []


def packages_of(libraries: list[str]) -> list[str]:
    return sorted({PACKAGES[library] for library in libraries})


def advice(libraries: list[str]) -> str:
    """What to type, where the set-up may not install them itself."""
    if shutil.which("apt-get"):
        return f"sudo apt-get install {' '.join(packages_of(libraries))}"
    return f"install with your system's package manager what has {', '.join(libraries)}"


def apt_prefix() -> list[str] | None:
    """How apt may be called without asking anybody for a password; None where it may not."""
    if sys.platform != "linux" or not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], check=False, capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def install(libraries: list[str], log: Path) -> bool:
    """Install their packages with apt; False where that is not allowed or did not work."""
    prefix = apt_prefix()
    if prefix is None:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages_of(libraries)]
    with log.open("ab") as output:
        # A list that could not be brought up to date may still be good enough.
        subprocess.run([*prefix, "apt-get", "update", "-q"], check=False, env=quiet, stdout=output, stderr=output)
        done = subprocess.run([*prefix, *install], check=False, env=quiet, stdout=output, stderr=output)
    return done.returncode == 0
