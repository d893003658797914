import json
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from models import checkpoint
from models.errors import UserError
from models.spec import ModelSpec

ARRAYS: dict[str, np.ndarray] = {
    "a.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "a.count": np.array(3, np.int64),
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "línea 線.safetensors"
    checkpoint.save(path, ModelSpec(base_width=8), ARRAYS, {"licence": "MIT"}, graph=b"graph")
    return path


def test_what_is_saved_is_read_back(model: Path) -> None:
    header = checkpoint.read_header(model)
    assert header == checkpoint.Header(ModelSpec(base_width=8), {"licence": "MIT"})
    arrays = checkpoint.load_arrays(model)
    assert arrays.keys() == ARRAYS.keys()
    assert all(np.array_equal(arrays[name], ARRAYS[name]) for name in ARRAYS)
    assert checkpoint.load_graph(model) == b"graph"


def test_without_a_graph(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "m.safetensors", ModelSpec(), ARRAYS)
    assert checkpoint.load_graph(tmp_path / "m.safetensors") is None


def test_half_halves_kernels_only(tmp_path: Path) -> None:
    arrays = {"w": np.full((4, 4), 0.1, np.float32), "b": np.full(4, 0.1, np.float32)}
    checkpoint.save(tmp_path / "m.safetensors", ModelSpec(), arrays, half=True)
    back = checkpoint.load_arrays(tmp_path / "m.safetensors")
    assert back["w"].dtype == back["b"].dtype == np.float32
    assert np.array_equal(back["w"], arrays["w"].astype(np.float16).astype(np.float32))
    assert np.array_equal(back["b"], arrays["b"])


@pytest.mark.parametrize("kept", [0, 5, 40, -1])
def test_a_cut_off_file_is_named(model: Path, kept: int) -> None:
    model.write_bytes(model.read_bytes()[:kept])
    for read in (checkpoint.read_header, checkpoint.load_arrays, checkpoint.load_graph):
        with pytest.raises(UserError, match=r"線\.safetensors is no model file, or a damaged one"):
            read(model)


class _Trap:
    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("the pickle was opened",))


def test_a_pickle_in_disguise_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "trap.safetensors"
    path.write_bytes(pickle.dumps(_Trap()))
    for read in (checkpoint.read_header, checkpoint.load_arrays):
        with pytest.raises(UserError, match="trap"):
            read(path)


def test_a_foreign_safetensors_is_named(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"x": np.zeros(2, np.float32)}, tmp_path / "f.safetensors")
    with pytest.raises(UserError, match="does not say what network"):
        checkpoint.read_header(tmp_path / "f.safetensors")


@pytest.mark.parametrize(
    "header",
    [
        {"a": "x"},
        {"a": {}},
        {"a": {"data_offsets": [0]}},
        {"__metadata__": {"sketchsause": 3}},
        {"__metadata__": {"sketchsause": json.dumps({"format_version": "2", "spec": {}})}},
        {"__metadata__": [1]},
    ],
)
def test_an_odd_header_is_one_sentence(header: dict[str, object], tmp_path: Path) -> None:
    text = json.dumps(header).encode()
    path = tmp_path / "odd.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    with pytest.raises(UserError, match=r"odd\.safetensors"):
        checkpoint.read_header(path)


def test_a_newer_format_says_update(tmp_path: Path) -> None:
    about = json.dumps({"format_version": 99, "spec": {}})
    header = json.dumps({"__metadata__": {"sketchsause": about}}).encode()
    path = tmp_path / "new.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(UserError, match="newer version"):
        checkpoint.read_header(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not there"):
        checkpoint.read_header(tmp_path / "none.safetensors")


def test_a_failed_save_leaves_the_old_file(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = model.read_bytes()
    monkeypatch.setattr("safetensors.numpy.save_file", _fail)
    with pytest.raises(OSError, match="full"):
        checkpoint.save(model, ModelSpec(), ARRAYS)
    assert model.read_bytes() == before
    assert list(model.parent.iterdir()) == [model]


def _fail(*_args: object, **_options: object) -> None:
    raise OSError("the disk is full")
