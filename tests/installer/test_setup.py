"""The set-up without a network: what is found to be done, what is run for it, and what is said when it fails."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from installer import qt_libraries, setup_venv
from installer.setup_venv import Place

ROOT = Path(__file__).resolve().parents[2]
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="apt is Linux")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A checkout, in a folder that asks for quoting, with a real but empty environment."""
    place = Place(root=tmp_path / "Ölfarben & co")
    setup_venv.make(place, with_pip=False)
    return place


class FakeTool:
    """Installs by making description folders, or fails with the words given."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.locks: list[str] = []
        self.error = ""

    def install(self, place: Place, lock: Path) -> None:
        self.locks.append(lock.name)
        if self.error:
            raise setup_venv.SetupError(self.error)
        names = {"requirements.lock": ["torch"], "requirements-test.lock": ["torch", "pytest"]}[lock.name]
        for name in names:
            add_package(place, name)


def add_package(place: Place, name: str, content: str = "1\n") -> Path:
    folder = place.packages / f"{name}-1.dist-info"
    folder.mkdir(exist_ok=True)
    (place.packages / f"{name}.py").write_text(content)
    (folder / "RECORD").write_text(f"{name}.py,sha256=x,{len(content)}\n{name}.pyc,,\n{name}-1.dist-info/RECORD,,\n")
    (folder / "INSTALLER").write_text("fake")
    return folder


@pytest.fixture
def tool(place: Place, monkeypatch: pytest.MonkeyPatch) -> FakeTool:
    tool = FakeTool(place)
    monkeypatch.setattr(setup_venv, "install", tool.install)
    monkeypatch.setattr(qt_libraries, "missing", list)
    return tool


# --------------------------------------------------------------------------------------------------- what is to be done


def test_the_second_time_nothing_is_done(place: Place, tool: FakeTool, capsys: pytest.CaptureFixture[str]) -> None:
    python = setup_venv.prepare(place, tests=False)
    assert python == place.python
    capsys.readouterr()
    setup_venv.prepare(place, tests=False)
    assert tool.locks == ["requirements.lock"]
    assert capsys.readouterr() == ("", "")


def test_who_has_the_test_tools_has_the_program(place: Place, tool: FakeTool) -> None:
    setup_venv.prepare(place, tests=True)
    setup_venv.prepare(place, tests=False)
    assert tool.locks == ["requirements-test.lock"]


def test_who_has_the_program_still_needs_the_test_tools(place: Place, tool: FakeTool) -> None:
    setup_venv.prepare(place, tests=False)
    setup_venv.prepare(place, tests=True)
    assert tool.locks == ["requirements.lock", "requirements-test.lock"]


def test_a_changed_lock_is_installed(place: Place, tool: FakeTool, tmp_path: Path) -> None:
    setup_venv.prepare(place, tests=False)
    locks = [tmp_path / "a.lock", tmp_path / "b.lock"]
    for lock in locks:
        lock.write_text("torch==2\n")
    assert not setup_venv.is_current(place, tests=False, locks=locks)


def test_line_ends_do_not_change_a_lock(tmp_path: Path) -> None:
    unix, windows = tmp_path / "unix", tmp_path / "windows"
    unix.write_bytes(b"a==1\nb==2\n")
    windows.write_bytes(b"a==1\r\nb==2\r\n")
    assert setup_venv.lock_hash([unix]) == setup_venv.lock_hash([windows])


def test_a_removed_package_is_noticed(place: Place, tool: FakeTool) -> None:
    setup_venv.prepare(place, tests=False)
    (place.packages / "torch-1.dist-info").rename(place.packages / "elsewhere")
    setup_venv.prepare(place, tests=False)
    assert tool.locks == ["requirements.lock"] * 2


def test_a_set_up_that_was_cut_off_goes_on(place: Place, tool: FakeTool) -> None:
    tool.error = "No network."
    with pytest.raises(setup_venv.SetupError):
        setup_venv.prepare(place, tests=False)
    kept = add_package(place, "numpy")
    broken = add_package(place, "pillow")
    (place.packages / "pillow.py").unlink()
    tool.error = ""
    setup_venv.prepare(place, tests=False)
    assert kept.exists()
    assert not broken.exists()  # so that the tool installs it once more
    assert setup_venv.is_current(place, tests=False)


@pytest.mark.parametrize("damage", ["file missing", "file cut short", "no record", "no installer", "record cut short"])
def test_packages_with_something_missing(place: Place, damage: str) -> None:
    folder = add_package(place, "pillow", "12345")
    assert setup_venv.is_complete(folder)
    if damage == "file missing":
        (place.packages / "pillow.py").unlink()
    elif damage == "file cut short":
        (place.packages / "pillow.py").write_text("1")
    elif damage == "record cut short":
        (folder / "RECORD").write_text("pillow.py,sha256=x,wrong\n")
    else:
        (folder / damage.removeprefix("no ").upper()).unlink()
    assert not setup_venv.is_complete(folder)


# ------------------------------------------------------------------------------------------------- a broken environment


def test_a_new_environment_is_sound(place: Place) -> None:
    assert setup_venv.is_sound(place)


@pytest.mark.parametrize("damage", ["no interpreter", "does not start", "other folder", "other version", "not ours"])
def test_a_broken_environment_is_made_anew(place: Place, tool: FakeTool, damage: str) -> None:
    setup_venv.prepare(place, tests=False)
    left = place.venv / "left"
    left.touch()
    base = setup_venv.read_json(place.base)
    if damage == "no interpreter":
        place.python.unlink()
    elif damage == "does not start":
        place.python.unlink()
        place.python.write_text("no program")
    elif damage == "other folder":
        setup_venv.write_json(place.base, base | {"root": "/elsewhere"})
    elif damage == "other version":
        setup_venv.write_json(place.base, base | {"python": "3.10"})
    else:
        place.base.unlink()
    setup_venv.prepare(place, tests=False)
    assert setup_venv.is_sound(place)
    assert not left.exists()
    kept = place.venv.with_name(".venv-old-1") / "left"
    assert kept.exists() == (damage == "not ours")  # somebody's working environment is not thrown away
    assert tool.locks == ["requirements.lock"] * 2


def test_damaged_notes_are_no_notes(tmp_path: Path) -> None:
    for text in ("{", "[]", "\x00"):
        (tmp_path / "notes.json").write_text(text)
        assert setup_venv.read_json(tmp_path / "notes.json") == {}


# ------------------------------------------------------------------------------------------------ tools and their words


def test_both_tools_check_hashes_and_resolve_nothing(place: Place) -> None:
    for uv in ("/usr/bin/uv", None):
        command = setup_venv.install_command(place, Path("requirements.lock"), uv)
        assert {"--require-hashes", "--no-deps"} <= set(command)
        assert command[0] == (uv or str(place.python))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("error: Failed to fetch: x\n  Caused by: dns error: failed to lookup address", "Connect to the network"),
        ("NewConnectionError: Failed to establish a new connection: [Errno -3] Temporary", "Connect to the network"),
        ("OSError: [Errno 28] No space left on device", "Make room"),
        ("client error (Connect)\ninvalid peer certificate: UnknownIssuer", "certificate"),
        ("error: something nobody thought of", "the end of"),
    ],
)
def test_a_failure_is_one_sentence_with_a_way_out(said: str, sentence: str) -> None:
    assert sentence in setup_venv.reason(said.splitlines(), Path("set-up.log"))


def test_the_real_call_of_a_failing_tool(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "print('Downloading torch'); print('dns error'); raise SystemExit(1)"

    def command(place: Place, lock: Path, uv: str | None) -> list[str]:
        return [sys.executable, "-c", words]

    monkeypatch.setattr(setup_venv, "install_command", command)
    assert setup_venv.ready(place, tests=False) is None
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[1:] == [
        "  Downloading torch",
        "The packages could not be downloaded. Connect to the network and run the same command again.",
    ]
    assert "dns error" in place.log.read_text()
    assert not place.stamp.exists()


def test_foreign_settings_do_not_reach_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("KEPT", "yes")
    environment = setup_venv.clean_environment()
    assert "PYTHONPATH" not in environment
    assert environment["KEPT"] == "yes"


@pytest.mark.skipif(os.name == "nt", reason="the launcher of Windows is another")
def test_the_launcher_runs_the_checkout(place: Place, tmp_path: Path) -> None:
    package = place.root / "sketchsause_desktop"
    package.mkdir()
    (package / "__main__.py").write_text("import sys; print(sys.argv[1:])")
    shadow = tmp_path / "sketchsause_desktop"
    shadow.mkdir()
    (shadow / "__main__.py").write_text("print('the wrong one')")
    setup_venv.write_launcher(place)
    result = subprocess.run(
        [place.scripts / "sketchsause", "a b", "ö"], check=True, cwd=tmp_path, capture_output=True, encoding="utf-8"
    )
    assert result.stdout == "['a b', 'ö']\n"


# ----------------------------------------------------------------------------------------------------- system libraries


@LINUX_ONLY
def test_missing_libraries_by_package() -> None:
    missing = qt_libraries.missing(lambda library: "glib" not in library and "thread" not in library)
    assert missing == ["libglib-2.0.so.0", "libgthread-2.0.so.0"]
    assert qt_libraries.packages_of(missing) == ["libglib2.0-0"]


def test_what_the_loader_finds() -> None:
    assert not qt_libraries.loads("libno-such-thing.so.9")


@LINUX_ONLY
@pytest.mark.parametrize("allowed", [True, False])
def test_apt_is_called_only_where_it_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: bool) -> None:
    calls: list[list[str]] = []

    def run(command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        calls.append(list(command))
        return subprocess.CompletedProcess(command, 0 if allowed else 1)

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", run)
    assert qt_libraries.install(["libEGL.so.1"], tmp_path / "log") is allowed
    assert calls[0] == ["/usr/bin/sudo", "-n", "true"]
    assert [call[2:4] for call in calls[1:]] == ([["apt-get", "update"], ["apt-get", "install"]] if allowed else [])
    if allowed:
        assert calls[-1][-1] == "libegl1"


def test_without_apt_the_one_command_is_said_each_time(
    place: Place, tool: FakeTool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tries: list[list[str]] = []

    def install(libraries: list[str], log: Path) -> bool:
        tries.append(libraries)
        return False

    monkeypatch.setattr(qt_libraries, "missing", lambda: ["libEGL.so.1"])
    monkeypatch.setattr(qt_libraries, "install", install)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    for _ in range(2):
        setup_venv.prepare(place, tests=False)
        assert "sudo apt-get install libegl1" in capsys.readouterr().err
    assert len(tries) == 1


# ------------------------------------------------------------------------------------------------------------ the locks


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_locks_have_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "installer" / name).read_text()
    assert "://" not in text
    assert "index-url" not in text
    requirements = text.replace("\\\n", " ").splitlines()
    pinned = [line for line in requirements if line and not line.lstrip().startswith("#")]
    assert len(pinned) > 30
    assert all("==" in line and "--hash=sha256:" in line for line in pinned)


def test_the_test_lock_holds_the_other() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / "installer" / name).read_text().splitlines()
        return {
            line.partition(";")[0].strip(" \\") for line in lines if "==" in line and not line.startswith((" ", "#"))
        }

    assert pins("requirements.lock") < pins("requirements-test.lock")


def test_the_stamp_is_of_both_locks(place: Place, tool: FakeTool) -> None:
    setup_venv.prepare(place, tests=False)
    content = b"\0".join(lock.read_bytes() for lock in setup_venv.LOCKS)
    assert json.loads(place.stamp.read_text())["lock"] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("script", ["run.py", "test.py"])
def test_an_older_python_is_told_so_in_a_sentence(script: str) -> None:
    """Read as Python 3.6 would read it, and stopped before anything that it could not import."""
    code = (ROOT / "installer" / script).read_text()
    compile(code, script, "exec", dont_inherit=True)
    start = f"import sys; sys.version_info = (3, 6, 0); exec({code!r})"
    result = subprocess.run([sys.executable, "-c", start], check=False, capture_output=True, text=True)
    assert result.stderr == "SketchSause needs Python 3.11 or newer; this is 3.6.\n"
    assert result.returncode == 2
