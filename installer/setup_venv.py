"""Make `.venv` and bring it up to date with the lock; standard library only, on Linux, macOS and Windows.

A set-up that was cut off goes on where it stood: the stamp is written last, packages with files missing are made anew.
"""

import contextlib
import csv
import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from installer import qt_libraries

HERE = Path(__file__).resolve().parent
LOCKS = (HERE / "requirements.lock", HERE / "requirements-test.lock")
SHOWN = ("Collecting ", "Downloading ", "Downloaded ", "Prepared ", "Installing ", "Installed ", "Bytecode compiled ")
TOOL_SETTINGS = {
    "PIP_USER": "0",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "NO_COLOR": "1",
    # Whom the system trusts, uv trusts: offices bring certificates of their own. The second is its old name.
    "UV_SYSTEM_CERTS": "1",
    "UV_NATIVE_TLS": "1",
}
NO_NETWORK = (
    "dns error", "name resolution", "failed to lookup", "getaddrinfo", "network is unreachable", "connection refused",
    "failed to establish a new connection", "error sending request", "failed to fetch", "client error (connect)",
    "network connectivity is disabled", "network was disabled", "proxyerror", "timed out", "connection broken",
    "no route to host", "cannot connect to",
)  # fmt: skip


class SetupError(Exception):
    """One sentence for the user: what went wrong and what to do."""


def say(text: str) -> None:
    """On stderr: stdout belongs to the program that is run afterwards."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, kw_only=True)
class Place:
    """The checkout and what lies where in its `.venv`."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def scripts(self) -> Path:
        return self.venv / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        return self.scripts / ("python.exe" if os.name == "nt" else "python")

    @property
    def base(self) -> Path:
        """What the environment was made for, written right after it was made."""
        return self.venv / "sketchsause-base.json"

    @property
    def stamp(self) -> Path:
        """What is installed, written when everything is."""
        return self.venv / "sketchsause-stamp.json"

    @property
    def log(self) -> Path:
        return self.venv / "set-up.log"

    @property
    def packages(self) -> Path:
        if os.name == "nt":
            return self.venv / "Lib" / "site-packages"
        return next((self.venv / "lib").glob("python3.*/site-packages"), self.venv / "lib" / "site-packages")


# ----------------------------------------------------------------------------------------------- is anything to be done


def read_json(path: Path) -> dict[str, object]:
    """Empty where there is no such file, or a damaged one."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_json(path: Path, content: dict[str, object]) -> None:
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(content, indent=1), "utf-8")
    temporary.replace(path)


def python_of(python: Path) -> str:
    """The version the interpreter says it has; empty where it does not run."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-I", "-S", "-c", code], check=False, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def base_of(place: Place, python: str) -> dict[str, object]:
    return {"root": str(place.root), "python": python, "system": f"{sys.platform} {platform.machine()}"}


def lock_hash(locks: Sequence[Path] = LOCKS) -> str:
    """Both locks in one: whoever has the tests' packages of this hash has the program's."""
    return hashlib.sha256(b"\0".join(lock.read_bytes().replace(b"\r\n", b"\n") for lock in locks)).hexdigest()


def distributions(place: Place) -> list[str]:
    """The installed packages, by the names of their description folders."""
    return sorted(path.name for path in place.packages.glob("*.dist-info"))


def is_sound(place: Place) -> bool:
    """Whether the environment's Python runs and is the one it was made with, in this folder, for this system."""
    version = python_of(place.python)
    return bool(version) and read_json(place.base) == base_of(place, version)


def is_current(place: Place, *, tests: bool, locks: Sequence[Path] = LOCKS) -> bool:
    """Whether all that is asked for was installed, and still is."""
    stamp = read_json(place.stamp)
    return (
        stamp.get("lock") == lock_hash(locks)
        and (not tests or stamp.get("tests") is True)
        and stamp.get("packages") == distributions(place)
        and path_file(place).exists()
    )


# ----------------------------------------------------------------------------------------------------------- the set-up


def prepare(place: Place, *, tests: bool) -> Path:
    """The interpreter to run the program with, everything it needs beside it."""
    with only_one_at_a_time():
        if not is_sound(place):
            make(place, with_pip=shutil.which("uv") is None)
        if not is_current(place, tests=tests):
            update(place, tests=tests)
        care_for_libraries(place)
    return place.python


@contextlib.contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Two set-ups of one checkout would trip over each other; the system ends the lock with the process."""
    if sys.platform == "win32":
        with lock_of_windows():
            yield
        return
    import fcntl

    folder = os.open(HERE, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextlib.contextmanager
def lock_of_windows() -> Iterator[None]:
    import msvcrt

    name = hashlib.sha256(str(HERE).encode()).hexdigest()[:16]
    with (Path(tempfile.gettempdir()) / f"sketchsause-set-up-{name}.lock").open("a+") as file:
        while True:
            with contextlib.suppress(OSError):  # it gives up after ten seconds
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]
                break
        yield


def make(place: Place, *, with_pip: bool) -> None:
    """A new environment, in the place of what is left of an old one."""
    if place.venv.exists():
        if not place.base.exists() and python_of(place.python):
            say(f"The environment in .venv was made by another program; it is kept as {put_aside(place.venv).name}.")
        else:
            say("The environment in .venv does not work here; it is made anew.")
            shutil.rmtree(place.venv)
    try:
        venv.create(place.venv, with_pip=with_pip, symlinks=os.name != "nt")
    except subprocess.CalledProcessError as error:  # Debian keeps ensurepip in a package of its own
        shutil.rmtree(place.venv, ignore_errors=True)
        raise SetupError(
            "This Python cannot make virtual environments. On Debian, type: sudo apt-get install python3-venv"
        ) from error
    write_json(place.base, base_of(place, python_of(place.python)))


def put_aside(folder: Path) -> Path:
    """Give a folder another name beside it."""
    number = 1
    while (other := folder.with_name(f"{folder.name}-old-{number}")).exists():
        number += 1
    return folder.rename(other)


def update(place: Place, *, tests: bool) -> None:
    """Install what the lock holds, and the project itself as a path."""
    place.stamp.unlink(missing_ok=True)
    forget_incomplete(place)
    lock = LOCKS[1] if tests else LOCKS[0]
    say("Setting up .venv: the first time takes minutes, most of them for downloads.")
    install(place, lock)
    write_launcher(place)
    stamp = {"lock": lock_hash(), "tests": tests, "packages": distributions(place)}
    write_json(place.stamp, stamp)


def forget_incomplete(place: Place) -> None:
    """A package with a file missing looks installed; without its description it is installed once more."""
    for description in place.packages.glob("*.dist-info"):
        if not is_complete(description):
            shutil.rmtree(description)


def is_complete(description: Path) -> bool:
    """Whether every file that the package lists is there in its size; compiled files are the machine's own."""
    try:
        with (description / "RECORD").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file) if len(row) == 3 and row[2] and not row[0].endswith(".pyc")]
        return (description / "INSTALLER").exists() and all(
            (description.parent / name).stat().st_size == int(size) for name, _, size in rows
        )
    except (OSError, ValueError):
        return False


def install_command(place: Place, lock: Path, uv: str | None) -> list[str]:
    """The lock is complete, so neither tool resolves anything."""
    options = ["--require-hashes", "--no-deps", "-r", str(lock)]
    if uv:
        return [uv, "pip", "install", "--python", str(place.python), "--compile-bytecode", *options]
    return [str(place.python), "-m", "pip", "install", "--no-input", "--progress-bar", "off", *options]


def install(place: Place, lock: Path) -> None:
    """Run the tool, show what it is at, keep every line in the log."""
    uv = shutil.which("uv")
    if not uv and not (place.packages / "pip").exists():
        subprocess.run([place.python, "-m", "ensurepip"], check=False, capture_output=True)
    environment = clean_environment() | TOOL_SETTINGS
    lines: list[str] = []
    with (
        place.log.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            install_command(place, lock, uv),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.strip())
            log.write(line)
            if lines[-1].startswith(SHOWN):
                say(f"  {lines[-1][:110]}")
    if process.returncode:
        raise SetupError(reason(lines, place.log))


def reason(lines: Sequence[str], log: Path) -> str:
    """One sentence out of what the tool said."""
    text = "\n".join(lines).lower()
    if "no space left" in text or "not enough space" in text:
        return "The disk is full: the packages need about 6 GB. Make room and run the same command again."
    if "certificate" in text and ("unknownissuer" in text or "verify failed" in text):
        return "The package index shows a certificate that this system does not trust. Ask whoever runs your network."
    if any(sign in text for sign in NO_NETWORK):
        return "The packages could not be downloaded. Connect to the network and run the same command again."
    return f"The packages could not be installed; the end of {log} says why. Then run the same command again."


def clean_environment() -> dict[str, str]:
    """The user's, without what would lead an interpreter to other packages."""
    foreign = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    return {name: value for name, value in os.environ.items() if name not in foreign}


def path_file(place: Place) -> Path:
    return place.packages / "sketchsause.pth"


def write_launcher(place: Place) -> None:
    """The checkout becomes importable, and `sketchsause` a command of the environment."""
    encoding = "utf-8" if os.name != "nt" or sys.version_info >= (3, 13) else "locale"
    path_file(place).write_text(f"{place.root}\n", encoding)
    if os.name == "nt":
        text = '@"%~dp0python.exe" -P -m sketchsause_desktop %*\r\n'
        (place.scripts / "sketchsause.cmd").write_text(text, "utf-8", newline="")
        return
    launcher = place.scripts / "sketchsause"
    launcher.write_text(f'#!/bin/sh\nexec {shlex.quote(str(place.python))} -P -m sketchsause_desktop "$@"\n', "utf-8")
    launcher.chmod(0o755)


def care_for_libraries(place: Place) -> None:
    """Install what Qt misses, once; else say what to type, and go on: `convert` needs none of it."""
    missing = qt_libraries.missing()
    if not missing:
        return
    tried = place.venv / "sketchsause-libraries.json"
    if read_json(tried) != {"missing": missing}:
        say("Installing the system libraries that the window needs.")
        if qt_libraries.install(missing, place.log):
            return
        write_json(tried, {"missing": missing})
    say(f"The window will not open until you {as_step(qt_libraries.advice(missing))}")


def as_step(advice: str) -> str:
    return f"type: {advice}" if advice.startswith("sudo") else f"{advice}."


# -------------------------------------------------------------------------------------------------------------- to run


def start(command: Sequence[str | Path], environment: dict[str, str]) -> int:
    """Hand over to the program; its exit code is ours."""
    parts = [str(part) for part in command]
    if os.name != "nt":
        sys.stdout.flush()
        os.execve(parts[0], parts, environment)
    with subprocess.Popen(parts, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the program got it as well, and answers
                continue


def ready(place: Place, *, tests: bool) -> Path | None:
    """`prepare`, its faults told in a sentence."""
    try:
        return prepare(place, tests=tests)
    except SetupError as error:
        say(str(error))
    except OSError as error:
        say(f"The set-up in {place.venv} failed: {error.strerror or error}. Check the folder and run it again.")
    return None
