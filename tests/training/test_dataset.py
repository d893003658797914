import contextlib
import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.errors import UserError
from models.spec import ModelSpec
from training.augment import augment_pair, fit_pair, guided, random_hints, random_palette, recoloured, unevenly_lit
from training.config import DataConfig
from training.dataset import PairLoader, PairSampler, Sample, collate, fixed_batches
from training.pairs import Pair
from training.pictures import PictureRef

SPEC = ModelSpec(base_width=4, depth=4, condition="hints", input_channels=1, output="colour_layer", dropout=0.0)
DATA = DataConfig(load_size=72, crop_size=64)


def _marked(size: int = 100) -> np.ndarray:
    """A picture whose red and green tell x and y, so that geometry can be read off it."""
    ys, xs = np.mgrid[0:size, 0:size]
    return np.stack([xs * 255 // size, ys * 255 // size, np.full((size, size), 7)], 2).astype(np.uint8)


@pytest.fixture
def pairs(tmp_path: Path) -> list[Pair]:
    answer = []
    for number in range(40):
        colour = np.full((80, 80, 3), number * 6, np.uint8)
        for kind in ("in", "out"):
            Image.fromarray(colour).save(tmp_path / f"{number}-{kind}.png")
        refs = [PictureRef(tmp_path / f"{number}-{kind}.png") for kind in ("in", "out")]
        answer.append(Pair(refs[0], refs[1], str(number)))
    return answer


def test_both_pictures_get_the_same_geometry() -> None:
    config = DataConfig(load_size=90, crop_size=64, zoom=0.3)
    for seed in range(10):
        source, target = augment_pair(_marked(), _marked(), config, np.random.default_rng(seed))
        assert source.shape == (64, 64, 3)
        assert np.array_equal(source, target)
    one, other = (augment_pair(_marked(), _marked(), config, np.random.default_rng(s))[0] for s in (1, 2))
    assert not np.array_equal(one, other)


def test_different_sizes_are_brought_together() -> None:
    source, target = augment_pair(_marked(200), _marked(100), DATA, np.random.default_rng(0))
    assert np.abs(source.astype(int) - target).max() <= 8


def test_flips_happen_and_can_be_switched_off() -> None:
    def slopes(flip: bool) -> set[bool]:
        config = DataConfig(load_size=64, crop_size=64, flip=flip)
        crops = [augment_pair(_marked(), _marked(), config, np.random.default_rng(s))[0] for s in range(12)]
        return {bool(crop[0, 0, 0] < crop[0, -1, 0]) for crop in crops}

    assert slopes(True) == {True, False}
    assert slopes(False) == {True}


def test_jitter_changes_the_input_alone() -> None:
    config = DataConfig(load_size=64, crop_size=64, flip=False, jitter=0.4)
    source, target = augment_pair(_marked(64), _marked(64), config, np.random.default_rng(3))
    assert np.array_equal(target, _marked(64))
    assert not np.array_equal(source, target)


def test_hints_have_the_targets_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.augment._CARELESS", 0.0)  # whose mean is of both colours on the border
    target = np.full((64, 64, 3), 255, np.uint8)
    target[:, :32] = (250, 10, 10)
    config = DataConfig(no_hints=0.0, max_hints=60)
    hints = np.concatenate([random_hints(target, config, np.random.default_rng(s)) for s in range(20)])
    target = np.concatenate([target] * 20)
    hinted = hints[..., 3] == 255
    assert 0 < hinted.mean() < 0.5
    away_from_the_border = hinted.copy()
    away_from_the_border[:, 24:40] = False
    assert np.array_equal(hints[away_from_the_border][:, :3], target[away_from_the_border])


def test_some_samples_have_no_hints() -> None:
    config = DataConfig(no_hints=0.5)
    blank = [not random_hints(_marked(), config, np.random.default_rng(s))[..., 3].any() for s in range(60)]
    assert 15 < sum(blank) < 45


def test_only_pairs_of_the_named_kind_come_bare(pairs: list[Pair]) -> None:
    named = [dataclasses.replace(pair, name=f"{n}-house" if n < 20 else str(n)) for n, pair in enumerate(pairs)]
    config = dataclasses.replace(DATA, unhinted="*-house", no_hints=0.7, palettes=0.3)
    spec = dataclasses.replace(SPEC, palette=True, condition="spread_hints")
    bare = {True: 0, False: 0}
    for kind, chosen in ((True, named[:20]), (False, named[20:])):
        loader = PairLoader(spec, config, chosen, 20, seed=1)
        batch = loader.load(0)
        assert batch.palette is not None
        asked = batch.condition[:, 4].flatten(1).any(1) | batch.palette[:, :, 3].any(1)
        bare[kind] = int((~asked).sum())
    assert bare[False] == 0
    assert 2 < bare[True] < 18


def test_a_palette_is_of_the_picture(pairs: list[Pair]) -> None:
    target = np.full((60, 60, 3), 255, np.uint8)
    target[:30] = (200, 30, 40)
    for seed in range(20):
        palette = random_palette(target, np.random.default_rng(seed))
        assert palette.shape == (1, 3)
        assert np.abs(palette[0].astype(int) - (200, 30, 40)).max() < 25


def _rooms() -> tuple[np.ndarray, np.ndarray]:
    """Two closed rooms in line art, and their colours: one flat, one in two shades."""
    lines = np.full((60, 80, 3), 255, np.uint8)
    lines[[5, 54], 5:75] = lines[5:55, [5, 40, 74]] = 0
    colours = np.full((60, 80, 3), 255, np.uint8)
    colours[6:54, 6:40], colours[6:30, 41:74], colours[30:54, 41:74] = (90, 140, 200), (200, 120, 80), (180, 100, 60)
    return lines, colours


def test_recoloured_regions_have_their_hints_colour_and_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.augment._SLIPS", 0.0)  # which ask for a neighbour's colour
    lines, colours = _rooms()
    rooms = (np.s_[6:54, 6:40], np.s_[6:54, 41:74])
    changed = np.zeros(2, np.int64)
    for seed in range(30):
        new, hints = recoloured(lines, colours, np.random.default_rng(seed))
        for number, room in enumerate(rooms):
            asked = hints[room][hints[room][..., 3] > 0]
            if np.array_equal(new[room], colours[room]):
                continue
            changed[number] += 1
            assert len(asked)
            assert np.abs(np.median(new[room], axis=(0, 1)) - asked[0, :3]).max() <= 21  # a shade off the middle
    assert (changed > 0).all()
    assert (changed < 30).all()


def test_uneven_light_leaves_the_paper_white_and_only_hinted_pictures_have_it() -> None:
    colours = np.full((64, 64, 3), 255, np.uint8)
    colours[16:48, 16:48] = (200, 120, 90)
    lit = unevenly_lit(colours, 1.0, np.random.default_rng(3))
    assert (lit[:16] == 255).all()
    assert lit[16:48, 16:48].std(axis=(0, 1)).min() > 2
    bare = DataConfig(no_hints=1.0, max_hints=8, uneven=1.0)
    hinted = dataclasses.replace(bare, no_hints=0.0)
    for seed in range(20):
        target, hints, _ = guided(colours, colours, bare, np.random.default_rng(seed), may_be_bare=True)
        assert not hints.any()
        assert (target == colours).all()
    answers = [guided(colours, colours, hinted, np.random.default_rng(seed), may_be_bare=True) for seed in range(20)]
    assert sum((target != colours).any() for target, _, _ in answers) > 10


def test_shading_stays_in_a_recoloured_region() -> None:
    lines, colours = _rooms()
    for seed in range(40):
        new, _ = recoloured(lines, colours, np.random.default_rng(seed))
        light, dark = new[10, 50].astype(int), new[50, 50].astype(int)
        inside = (np.minimum(light, dark) > 0) & (np.maximum(light, dark) < 255)
        assert (light - dark)[inside].tolist() == [20] * int(inside.sum())


def test_line_art_that_closes_nothing_small_is_left_as_it_is() -> None:
    lines = np.zeros((20, 20, 3), np.uint8)
    colours = np.full((20, 20, 3), 90, np.uint8)
    new, hints = recoloured(lines, colours, np.random.default_rng(0))
    assert np.array_equal(new, colours)
    assert not hints.any()


def test_a_pair_in_random_colours_always_has_a_palette() -> None:
    lines, colours = _rooms()
    config = dataclasses.replace(DATA, palettes=0.2, recoloured=0.5)
    for seed in range(20):
        target, _, palette = guided(lines, colours, config, np.random.default_rng(seed), may_be_bare=False)
        assert palette is not None
        assert target is colours
    given = [guided(lines, colours, config, np.random.default_rng(s), may_be_bare=True) for s in range(40)]
    assert any(palette is not None for *_, palette in given)
    assert any(palette is None and not hints.any() for _, hints, palette in given)
    assert any(not np.array_equal(target, colours) for target, *_ in given)


def test_every_pair_once_an_epoch_in_an_order_of_its_own() -> None:
    sampler = PairSampler(10, 3, seed=1)
    epochs = [[index for n in range(3) for _, index in sampler.batch(3 * e + n)] for e in range(2)]
    assert all(len(set(epoch)) == 9 for epoch in epochs)
    assert epochs[0] != epochs[1]
    again = PairSampler(10, 3, seed=1)
    assert [index for _, index in again.batch(4)] == epochs[1][3:6]  # also when asked for out of order


def test_more_than_the_pairs_in_a_batch_is_refused() -> None:
    with pytest.raises(UserError, match="There are 2 pairs"):
        PairSampler(2, 3, seed=0)


def test_a_batch_depends_on_its_position_alone(pairs: list[Pair]) -> None:
    first = PairLoader(SPEC, DATA, pairs, 4, seed=5)
    batches = [first.load(position) for position in range(12)]
    late = PairLoader(SPEC, DATA, pairs, 4, seed=5).load(11)
    assert torch.equal(late.condition, batches[11].condition)
    assert torch.equal(late.target, batches[11].target)
    assert late.condition.shape == (4, 5, 64, 64)
    assert late.target.shape == (4, 3, 64, 64)
    assert late.lines.shape == (4, 1, 64, 64)
    assert torch.allclose(late.lines * 2 - 1, late.target[:, :1], atol=0.02)  # grey pairs: input = target


def test_one_damaged_pair_is_replaced_and_named(pairs: list[Pair]) -> None:
    pairs[3].input.path.write_bytes(b"not a picture")
    loader = PairLoader(SPEC, DATA, pairs, 4, seed=0)
    for position in range(10):
        assert loader.load(position).target.shape[0] == 4
    assert list(loader.bad) == [3]
    assert "3-in.png" in loader.bad[3]


def test_many_damaged_pairs_stop(pairs: list[Pair]) -> None:
    for pair in pairs[:5]:
        pair.input.path.write_bytes(b"")
    loader = PairLoader(SPEC, DATA, pairs, 4, seed=0)

    def one_epoch() -> None:
        for position in range(10):
            loader.load(position)

    with pytest.raises(UserError, match="of 40 pairs cannot be read"):
        one_epoch()


@pytest.mark.parametrize("workers", [0, 2])
def test_reading_ahead_changes_nothing(pairs: list[Pair], workers: int) -> None:
    loader = PairLoader(SPEC, dataclasses.replace(DATA, workers=workers), pairs, 4, seed=0)
    with contextlib.closing(loader.stream(3)) as batches:  # type: ignore[type-var]
        for position in range(3, 15):
            assert torch.equal(next(batches).condition, loader.load(position).condition)


def test_processes_share_a_batch(pairs: list[Pair]) -> None:
    whole = PairLoader(SPEC, DATA, pairs, 4, seed=0).load(5)
    parts = [PairLoader(SPEC, DATA, pairs, 4, seed=0, share=slice(at, at + 2)).load(5) for at in (0, 2)]
    assert torch.equal(whole.target, torch.cat([part.target for part in parts]))


def test_a_damaged_pair_is_told_by_the_processes_that_read(pairs: list[Pair]) -> None:
    pairs[7].target.path.write_bytes(b"")
    loader = PairLoader(SPEC, dataclasses.replace(DATA, workers=1), pairs, 4, seed=0)
    with contextlib.closing(loader.stream(0)) as batches:  # type: ignore[type-var]
        for _ in range(10):
            next(batches)
    assert list(loader.bad) == [7]
    assert pairs[7].target.path.name in loader.bad[7]


def test_validation_sees_every_pair_once_and_the_same_each_time(pairs: list[Pair]) -> None:
    once, again = (list(fixed_batches(SPEC, DATA, pairs, 16, hinted=True)) for _ in range(2))
    assert sum(batch.target.shape[0] for batch in once) == 40
    assert all(torch.equal(a.condition, b.condition) for a, b in zip(once, again, strict=True))
    unhinted = next(fixed_batches(SPEC, DATA, pairs, 16))
    assert unhinted.condition[:, 4].max() == 0 < once[0].condition[:, 4].max()


def test_the_network_is_trained_on_the_paper_it_will_see() -> None:
    scan = np.full((64, 64, 3), 225, np.uint8)
    scan[20:24] = 30
    sample = Sample.bare(scan, _marked(64))
    lineart = collate(dataclasses.replace(SPEC, task="lineart"), [sample])
    assert (lineart.condition[0, 0, :20] == 1).all()
    assert torch.allclose(lineart.lines[0, 0, :20], torch.tensor(225 / 255))  # the picture's own lines and paper
    assert torch.allclose(collate(SPEC, [sample]).condition[0, 0, :20], torch.tensor(225 / 127.5 - 1))


def test_pairs_are_measured_whole() -> None:
    source, _ = fit_pair(_marked(100), _marked(100), 50)
    assert source.shape == (50, 50, 3)
    assert source[0, 0, 0] < 5
    assert source[-1, -1, 0] > 248
