"""Files are told by what is in them, and written as their names say."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import UserError
from sketchsause_desktop.core.document import RESULT, SHOWN
from sketchsause_desktop.core.documents_io import OPENABLE_SUFFIXES, open_document, save_document
from sketchsause_desktop.core.picture_metadata import Metadata
from tests.desktop.core.drawings import sample


@pytest.mark.parametrize(
    ("suffix", "renamed"),
    [
        (".ora", ".psd"),
        (".psd", ".ora"),
        (".png", ""),
        (".jpg", ".ora"),
        (".webp", ".psd"),
        (".tif", ".ora"),
        (".Ora", ""),
    ],
)
def test_a_file_opens_whatever_it_is_called(tmp_path: Path, suffix: str, renamed: str) -> None:
    document = sample()
    document.metadata = Metadata(dpi=(300.0, 300.0))
    save_document(tmp_path / f"a{suffix}", document.snapshot(), quality=100)
    path = (tmp_path / f"a{suffix}").rename(tmp_path / f"b{renamed}")
    opened = open_document(path)
    roles = SHOWN if suffix.lower() in (".ora", ".psd") else RESULT
    difference = opened.document.composite(document.rect).astype(int) - document.composite(document.rect, roles)
    assert np.abs(difference).mean() <= (0 if suffix != ".jpg" else 3)
    if suffix != ".webp":
        assert opened.document.metadata.dpi == pytest.approx((300, 300), abs=0.02)


def test_a_picture_on_nothing_keeps_its_alpha(tmp_path: Path) -> None:
    document = sample()
    del document.layers[0]  # what covered all
    save_document(tmp_path / "a.png", document.snapshot(), on_paper=False)
    alpha = np.asarray(Image.open(tmp_path / "a.png"))[..., 3]
    assert alpha.min() == 0
    assert alpha.max() == 255


def test_notices_are_handed_on(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green")]
    pages[0].save(tmp_path / "book.tif", save_all=True, append_images=pages[1:])
    assert open_document(tmp_path / "book.tif").notices == ("Only the first of its 2 pages was read.",)


@pytest.mark.parametrize("data", [b"", b"P", b"PK", b"8BP", b"8BPS", b"hello", bytes(100)])
def test_rubbish_is_refused_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.ora").write_bytes(data)
    with pytest.raises(UserError, match=r"a\.ora"):
        open_document(tmp_path / "a.ora")


def test_a_file_that_is_gone_and_a_name_without_a_format_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        open_document(tmp_path / "a.ora")
    with pytest.raises(UserError, match="ends in no format"):
        save_document(tmp_path / "a.doc", sample().snapshot())
    assert {".ora", ".psd", ".png"} <= OPENABLE_SUFFIXES
