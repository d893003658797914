"""Which pictures are taken, where each result goes, and that no source is ever at risk."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob, Shard, Task
from sketchsause_desktop.batch.naming import Answer
from sketchsause_desktop.batch.plan import plan as lazily

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench


def plan(job: BatchJob) -> list[Task]:
    return list(lazily(job))


def targets(bench: "Bench", *inputs: Path, **settings: object) -> list[str]:
    return [task.target.relative_to(bench.out).as_posix() for task in plan(bench.job(*inputs, **settings))]


def test_a_folder_gives_its_pictures_by_name_and_nothing_else(bench: "Bench") -> None:
    for name in ("b.png", "a.jpg", "ü 線.PNG", ".hidden.png", "sub/c.png"):
        bench.picture(name)
    (bench.folder / "notes.txt").write_text("no picture")
    assert targets(bench) == ["a.png", "b.png", "ü 線.png"]


def test_recursive_keeps_the_tree(bench: "Bench") -> None:
    for name in ("a.png", "one/a.png", "one/two/b.png", ".git/c.png"):
        bench.picture(name)
    assert targets(bench, recursive=True) == ["a.png", "one/a.png", "one/two/b.png"]


def test_a_named_file_is_taken_whatever_its_name_and_only_once(bench: "Bench") -> None:
    odd = bench.picture("scan.png").rename(bench.folder / "scan.dat")
    named = bench.picture("a.png")
    assert targets(bench, odd, named, bench.folder) == ["scan.png", "a.png"]


def test_another_name_for_the_same_file_is_that_file(bench: "Bench") -> None:
    """As on disks that do not tell Page.PNG from Page.png; a second name of one file stands for it here."""
    page = bench.picture("Page.PNG")
    os.link(page, bench.folder / "Page.png")
    (task,) = plan(bench.job(page, output_folder=bench.folder, if_exists="overwrite"))
    assert "is an input" in task.refusal


def test_results_inside_the_input_folder_are_not_taken_again(bench: "Bench") -> None:
    bench.picture("a.png")
    bench.picture("out/a.png")
    inside = [task.source for task in plan(bench.job(recursive=True, output_folder=bench.folder / "out"))]
    assert inside == [bench.folder / "a.png"]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="this system has no links")
def test_a_circle_of_links_ends(bench: "Bench") -> None:
    bench.picture("sub/a.png")
    (bench.folder / "sub" / "again").symlink_to(bench.folder, target_is_directory=True)
    assert targets(bench, recursive=True) == ["sub/a.png"]


def test_two_sources_never_share_a_target(bench: "Bench") -> None:
    sources = [bench.picture(name) for name in ("x/a.png", "y/a.jpg", "z/A.png")]
    assert targets(bench, *sources) == ["a.png", "a-2.png", "A-3.png"]


@pytest.mark.parametrize(
    ("policy", "name", "skip"), [("skip", "a.png", True), ("rename", "a-3.png", False), ("overwrite", "a.png", False)]
)
def test_existing_results_by_policy(bench: "Bench", policy: str, name: str, skip: bool) -> None:
    source = bench.picture("a.png")
    bench.out.mkdir()
    for there in ("a.png", "a-2.png"):
        (bench.out / there).write_text("an earlier result")
    (task,) = plan(bench.job(source, if_exists=policy))
    assert (task.target.name, bool(task.skip), task.refusal) == (name, skip, "")


@pytest.mark.parametrize("policy", ["skip", "overwrite"])
def test_a_source_is_never_its_own_target(bench: "Bench", policy: str) -> None:
    source = bench.picture("out/a.png")
    (task,) = plan(bench.job(source, if_exists=policy, output_folder=source.parent))
    assert str(source) in task.refusal
    assert "another output folder" in task.refusal


def test_another_source_is_no_target_either(bench: "Bench") -> None:
    """a.jpg would be written over a.png, which is read later."""
    bench.picture("a.jpg")
    bench.picture("a.png")
    first, second = plan(bench.job(bench.folder, if_exists="overwrite", output_folder=bench.folder))
    assert "is an input" in first.refusal
    assert second.target.name == "a-2.png"
    assert not second.refusal


def test_with_rename_results_may_lie_beside_their_sources(bench: "Bench") -> None:
    source = bench.picture("a.png")
    (task,) = plan(bench.job(source, if_exists="rename", output_folder=bench.folder))
    assert (task.target.name, task.refusal) == ("a-2.png", "")


def test_the_same_format_where_it_can_be_written(bench: "Bench") -> None:
    for name in ("a.JPG", "b.webp", "c.gif", "d.tiff"):
        bench.picture(name)
    assert targets(bench, file_format="same") == ["a.JPG", "b.webp", "c.png", "d.tiff"]
    assert targets(bench, file_format="jpg") == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open every folder")
def test_a_folder_without_permission_is_named(bench: "Bench") -> None:
    bench.picture("a.png")
    closed = bench.picture("closed/b.png").parent
    closed.chmod(0)
    try:
        _, refused = plan(bench.job(recursive=True))
    finally:
        closed.chmod(0o700)
    assert f"{closed} cannot be opened: Permission denied" in refused.refusal


def test_a_folder_that_cannot_be_opened_is_named(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    bench.picture("a.png")
    bench.picture("closed/b.png")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    done, closed = plan(bench.job(recursive=True))
    assert done.refusal == ""
    assert "closed cannot be opened: Permission denied" in closed.refusal


@pytest.mark.parametrize(
    "settings",
    [
        {"tile": 4},
        {"overlap": -1},
        {"tile": 64, "overlap": 64},
        {"quality": 0},
        {"self_ensemble": 3},
        {"quality": 101},
        {"working_size": 3},
    ],
)
def test_settings_that_cannot_be_obeyed_are_refused(bench: "Bench", settings: dict[str, int]) -> None:
    with pytest.raises(UserError):
        bench.job(**settings)


# ---------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{stem}_{model}.{ext}", "{a}_any.png"),
        ("{model}/{stem}.{ext}", "any/{a}.png"),
        ("{stem}-p{page}.{ext}", "{a}-p001.png"),
    ],
)
def test_results_are_named_by_a_template(bench: "Bench", template: str, name: str) -> None:
    bench.picture("sub/{a}.jpg")
    assert targets(bench, recursive=True, template=template) == [f"sub/{name}"]


@pytest.mark.parametrize(
    "template", ["{stem}", "{name}.{ext}", "a.{ext}", "../{stem}.{ext}", "/{stem}.{ext}", "{{stem}.{ext}"]
)
def test_a_template_that_cannot_be_is_refused(bench: "Bench", template: str) -> None:
    with pytest.raises(UserError):
        bench.job(template=template)


def test_patterns_take_and_leave_out(bench: "Bench") -> None:
    for name in ("page1.png", "page2.png", "cover.png", "old/page1.png", "new/page9.jpg"):
        bench.picture(name)
    assert targets(bench, recursive=True, include=("page*",), exclude=("old/*",)) == [
        "page1.png",
        "page2.png",
        "new/page9.png",
    ]


def test_a_source_is_replaced_when_that_is_said_twice(bench: "Bench") -> None:
    source, other = bench.picture("a.png"), bench.picture("a.jpg")
    job = bench.job(source, output_folder=bench.folder, if_exists="overwrite", replace_sources=True)
    (task,) = plan(job)
    assert (task.target, task.refusal) == (source, "")
    (task,) = plan(bench.job(other, source, output_folder=bench.folder, if_exists="overwrite", replace_sources=True))[
        :1
    ]
    assert "is an input" in task.refusal
    with pytest.raises(UserError, match="--if-exists overwrite"):
        bench.job(replace_sources=True)


def test_who_starts_the_batch_is_asked_about_each_result(bench: "Bench") -> None:
    for name in ("a.png", "b.png", "c.png", "d.png"):
        bench.picture(name)
    bench.out.mkdir()
    for name in ("a.png", "b.png", "c.png"):
        (bench.out / name).write_text("an earlier result")
    answers: dict[str, Answer] = {"a.png": "skip", "b.png": "rename", "c.png": "overwrite"}
    tasks = list(lazily(bench.job(if_exists="ask"), ask=lambda target: answers[target.name]))
    assert [(task.target.name, bool(task.skip)) for task in tasks] == [
        ("a.png", True),
        ("b-2.png", False),
        ("c.png", False),
        ("d.png", False),
    ]


# ----------------------------------------------------------------------------------------------------- pages and shards


def test_a_book_stays_one_as_tiff_and_becomes_pages_elsewhere(bench: "Bench") -> None:
    pages = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    pages[0].save(bench.folder / "book.tif", save_all=True, append_images=pages[1:])
    bench.picture("single.tif")
    assert targets(bench) == ["book-001.png", "book-002.png", "book-003.png", "single.png"]
    assert targets(bench, template="{page}_{stem}.{ext}")[:2] == ["001_book.png", "002_book.png"]
    book, single = plan(bench.job(file_format="tiff"))
    assert (book.target.name, book.pages, single.pages) == ("book.tif", 3, 1)


def test_hints_are_no_pages(bench: "Bench") -> None:
    bench.picture("page01.png")
    bench.picture("page01.hints.png")
    assert targets(bench) == ["page01.png"]


def test_shards_share_a_batch_without_a_word_between_them(bench: "Bench") -> None:
    for number in range(40):
        bench.picture(f"{number:02}.png")
    bench.picture("one/00.png")
    whole = targets(bench, recursive=True)
    parts = [targets(bench, recursive=True, shard=Shard(number=i, count=3)) for i in (1, 2, 3)]
    assert sorted(name for part in parts for name in part) == sorted(whole)
    assert all(len(part) > 5 for part in parts)
    bench.picture("later.png")
    assert set(parts[1]) <= set(targets(bench, recursive=True, shard=Shard(number=2, count=3)))


@pytest.mark.parametrize("text", ["0/3", "4/3", "1/0", "one/3", "1", "-1/3", "1/3/5"])
def test_what_is_no_shard_is_said(text: str) -> None:
    with pytest.raises(UserError, match="is no part of a batch"):
        Shard.parse(text)


def test_the_plan_is_made_while_the_batch_runs(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    """The first task is there before the second folder is looked into."""
    bench.picture("a/a.png")
    bench.picture("b/b.png")
    looked: list[str] = []
    scandir = os.scandir

    def watched(path: str) -> object:
        looked.append(Path(path).name)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", watched)
    tasks = lazily(bench.job(recursive=True))
    assert next(tasks).source.name == "a.png"
    assert looked == ["in", "a"]
    assert [task.source.name for task in tasks] == ["b.png"]
