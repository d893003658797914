"""What the wizard puts together, without its pages."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchsause_desktop.app.training_draft import Draft
from sketchsause_desktop.app.training_recipes import Recipe
from training.config import load_config
from training.pairs_split import split_counts


@pytest.mark.parametrize("preset", ["lineart", "anime", "maps", "facades"])
@given(found=st.integers(2, 40), recipe=st.sampled_from(Recipe), held_out=st.sampled_from([0.0, 0.1, 0.3]))
def test_a_batch_is_never_larger_than_what_is_learned_from(
    preset: str, found: int, recipe: Recipe, held_out: float
) -> None:
    learned = split_counts(found, (1 - 2 * held_out, held_out, held_out))[0]
    draft = Draft(preset=preset, data=Path("pages"), run=Path("run"), recipe=recipe, pairs=learned)
    draft.val_share = draft.test_share = held_out
    assert draft.faults() == []
    config = load_config(preset, draft.spec().settings)
    assert 1 <= config.run.batch_size <= learned
    assert config.run.batch_size % config.run.accumulate == 0
