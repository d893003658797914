"""The models on a machine are found by their headers, and what is none of ours is refused in a sentence."""

import io
import json
import pickle
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from models import export
from models.checkpoint import load_graph
from models.errors import UserError
from sketchsause_desktop import cli
from sketchsause_desktop.inference import catalogue as module
from sketchsause_desktop.inference.catalogue import Catalogue, default_catalogue, import_model, read_entry
from tests.desktop.tiny_model import write_tiny_model
from tests.models.foreign_networks import NestedUNet


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """A shipped model, a model of the user's and the damaged rest of one."""
    write_tiny_model(tmp_path / "shipped" / "lineart.safetensors", condition="hints", output="colour_layer")
    write_tiny_model(tmp_path / "mine" / "map ü.safetensors", task="satmap", title="Maps")
    damaged = write_tiny_model(tmp_path / "mine" / "broken.safetensors")
    damaged.write_bytes(damaged.read_bytes()[:-100])
    found = Catalogue((tmp_path / "shipped", tmp_path / "mine"))
    monkeypatch.setattr(module, "default_catalogue", lambda: found)
    return found


def pickle_bytes() -> bytes:
    return pickle.dumps({"weights": list(range(100))})


def zip_bytes() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickle_bytes())
    return buffer.getvalue()


def foreign_safetensors() -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4)


# ------------------------------------------------------------------------------------------------------------- listing


def test_damaged_files_are_listed_beside_the_good_ones(catalogue: Catalogue) -> None:
    listing = catalogue.scan()
    assert [entry.id for entry in listing.entries] == ["lineart", "map ü"]
    assert [entry.spec.task for entry in listing.entries] == ["lineart", "satmap"]
    (fault,) = listing.faults
    assert fault.id == "broken"
    assert "broken.safetensors" in fault.sentence


def test_equal_names_in_two_folders_stay_apart(catalogue: Catalogue) -> None:
    second = write_tiny_model(catalogue.folders[1] / "lineart.safetensors")
    assert catalogue.find("lineart").path.parent == catalogue.folders[0]
    assert catalogue.find("lineart-2").path == second


def test_missing_folders_are_empty_ones(tmp_path: Path) -> None:
    assert Catalogue((tmp_path / "nowhere",)).entries() == ()
    with pytest.raises(UserError, match="There is no model named lineart"):
        Catalogue((tmp_path / "nowhere",)).find("lineart")


def test_models_are_found_by_name_and_by_path(catalogue: Catalogue, tmp_path: Path) -> None:
    assert catalogue.find("map ü").spec.title == "Maps"
    elsewhere = write_tiny_model(tmp_path / "elsewhere" / "run.safetensors")
    assert catalogue.find(elsewhere).path == elsewhere
    with pytest.raises(UserError, match=r"no model named satmap\. The models here are: .*lineart.*map ü"):
        catalogue.find("satmap")
    with pytest.raises(UserError, match=r"broken\.safetensors"):
        catalogue.find("broken")


def test_the_default_folders_are_the_shipped_and_the_users() -> None:
    shipped, mine = default_catalogue().folders
    assert shipped == Path(cli.__file__).parents[1] / "resources" / "weights"
    assert mine.name == "models"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pickle_bytes(), "a Python pickle"),
        (zip_bytes(), "a PyTorch checkpoint or another zip archive"),
        (b"", "no model file, or a damaged one"),
        (b"Dear reader, this is a letter.", "no model file"),
        (foreign_safetensors(), ""),
        (struct.pack("<Q", 1 << 60) + b"{}", ""),
        (struct.pack("<Q", 40) + b'{"__metadata__": [1, 2', ""),
    ],
    ids=["pickle", "zip", "empty", "text", "foreign safetensors", "huge header", "cut header"],
)
def test_what_is_no_model_of_ours_is_refused_by_name(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "disguised.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_entry(path)
    assert str(path) in str(caught.value)
    assert words in caught.value.sentence
    assert "\n" not in str(caught.value)
    assert [fault.id for fault in Catalogue((tmp_path,)).scan().faults] == ["disguised"]


# ------------------------------------------------------------------------------------------------------------ importing


def test_import_checks_and_copies(catalogue: Catalogue, tmp_path: Path) -> None:
    source = write_tiny_model(tmp_path / "trained.safetensors")
    entry = import_model(source, catalogue, "my model")
    assert entry.path == catalogue.folders[1] / "my model.safetensors"
    assert entry.path.read_bytes() == source.read_bytes()
    assert catalogue.find("my model") == entry


def test_import_refuses_taken_names_odd_names_and_damage(catalogue: Catalogue, tmp_path: Path) -> None:
    source = write_tiny_model(tmp_path / "lineart.safetensors")
    before = sorted(catalogue.folders[1].iterdir())
    for name, words in ((None, "already a model named lineart"), ("../up", "cannot be"), (".x", "cannot be")):
        with pytest.raises(UserError, match=words):
            import_model(source, catalogue, name)
    source.write_bytes(source.read_bytes()[:-1])
    with pytest.raises(UserError):
        import_model(source, catalogue, "new")
    assert sorted(catalogue.folders[1].iterdir()) == before


# ----------------------------------------------------------------------------------------------------- the command line


def test_models_lists_a_table_and_the_unusable(catalogue: Catalogue, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models"]) == 0
    head, first, second, rest = capsys.readouterr().out.splitlines()
    assert head.split() == ["NAME", "TASK", "HINTS", "SIZE", "TITLE"]
    assert first.startswith("lineart  lineart  yes")
    assert second.startswith("map ü    satmap   no")
    assert rest.startswith("Not usable: ")

    for arguments in (["models", "--json"], ["models", "list", "--json"]):
        assert cli.main(arguments) == 0
        listed = json.loads(capsys.readouterr().out)
        assert [model["name"] for model in listed["models"]] == ["lineart", "map ü"]
        assert [model["name"] for model in listed["unusable"]] == ["broken"]


def test_info_tells_the_description_and_the_facts(catalogue: Catalogue, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "info", "lineart"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if " " in line.strip())
    assert lines["condition"] == "hints"
    assert lines["steps"] == "0"
    assert cli.main(["models", "info", "lineart", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["spec"]["output"] == "colour_layer"
    assert cli.main(["models", "info", "nothing"]) == 2


def test_export_and_import_from_the_command_line(
    catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["models", "export", "lineart"]) == 0
    assert Path("lineart.safetensors").read_bytes() == catalogue.find("lineart").path.read_bytes()
    assert cli.main(["models", "export", "lineart"]) == 2
    assert "already there" in capsys.readouterr().err
    assert cli.main(["models", "import", "lineart.safetensors", "--as", "copy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "copy"
    assert cli.main(["models", "import", str(tmp_path / "net.pth")]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_generator_of_pix2pix_is_imported_with_its_graph(
    catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "latest_net_G.pth.tar"
    torch.save({"state_dict": NestedUNet(5, 4, torch.nn.BatchNorm2d).state_dict()}, source)
    assert cli.main(["models", "import", str(source), "--task", "lineart"]) == 0
    told = capsys.readouterr().out
    assert "U-Net of pytorch-CycleGAN-and-pix2pix, 5 halvings, base width 4, norm: batch" in told
    assert "dropout leaves no trace" in told
    entry = catalogue.find("latest_net_G")
    assert (entry.spec.task, entry.spec.fit, entry.path.parent) == ("lineart", "resize", catalogue.folders[1])
    assert load_graph(entry.path) is not None

    assert cli.main(["models", "import", str(source)]) == 2
    assert "already a model named latest_net_G" in capsys.readouterr().err
    ours = write_tiny_model(tmp_path / "ours.safetensors")
    assert cli.main(["models", "import", str(ours), "--task", "other"]) == 2
    assert "Leave --task out" in capsys.readouterr().err


def test_a_checkpoint_that_would_run_a_program_leaves_nothing(
    catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, before = tmp_path / "net.pt", sorted(catalogue.folders[1].iterdir())
    source.write_bytes(pickle.dumps({"gen": print}))
    assert cli.main(["models", "import", str(source), "--as", "new"]) == 2
    captured = capsys.readouterr()
    assert "was not opened" in captured.err
    assert captured.err.count("\n") == 1
    assert sorted(catalogue.folders[1].iterdir()) == before


@pytest.mark.parametrize(("file_format", "suffix"), [("onnx", ".onnx"), ("torchscript", ".pt")])
def test_export_for_other_programs(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_format: str, suffix: str
) -> None:
    written: list[Path] = []
    monkeypatch.setattr(export, f"write_{file_format}", lambda source, target: written.append(target))
    monkeypatch.chdir(tmp_path)
    assert cli.main(["models", "export", "map ü", "--format", file_format]) == 0
    assert cli.main(["models", "export", "map ü", "--format", file_format, "-o", "deep/down" + suffix]) == 0
    assert written == [Path(f"map ü{suffix}"), Path(f"deep/down{suffix}")]
    assert Path("deep").is_dir()
    written[0].touch()
    assert cli.main(["models", "export", "map ü", "--format", file_format]) == 2


def test_a_listing_does_not_load_torch() -> None:
    code = "import sys; from sketchsause_desktop.cli import main; main(['models']); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False).returncode == 0
