"""What LightGBM trusts blindly: each kind of harm to a text is seen before it is parsed."""

from __future__ import annotations

import re
from contextlib import suppress

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.model.structure import Broken, sound, trimmed

from . import damage
from .made import drawn, fitted

FEATURES = len(drawn().X.columns)


def text() -> str:
    booster = next(m.booster for m in fitted().members if m.booster is not None)
    return trimmed(booster.model_to_string(num_iteration=-1))


def test_every_member_is_sound_and_scores_the_same_without_its_tail() -> None:
    M = fitted().columns_.matrix(drawn().X)
    for member in fitted().members:
        if member.booster is not None:
            kept = trimmed(member.booster.model_to_string(num_iteration=-1))
            sound(kept, FEATURES)
            again = lightgbm.Booster(model_str=kept).predict(M, raw_score=True, num_threads=1)
            assert np.array_equal(again, member.margin(M))


@pytest.mark.parametrize(
    ("pattern", "other"),
    [
        (r"objective=.*\n", ""),
        (r"objective=.*", "objective=regression"),
        (r"num_class=1", "num_class=7"),
        (r"num_tree_per_iteration=1", "num_tree_per_iteration=0"),
        (r"version=v4", "version=v99"),
        (r"max_feature_idx=\d+", "max_feature_idx=99"),
        (r"split_feature=\d+", "split_feature=9999"),
        (r"left_child=-?\d+", "left_child=0"),
        (r"right_child=-?\d+", "right_child=999"),
        (r"leaf_value=[^ ]+", "leaf_value=nan"),
        (r"leaf_value=[^ ]+", "leaf_value=1e300"),
        (r"threshold=[^ \n]+", "threshold=-inf"),
        (r"internal_count=\d+", "internal_count=0"),
        (r"is_linear=0", "is_linear=1"),
        (r"num_leaves=\d+", "num_leaves=1000"),
        (r"num_cat=\d+", "num_cat=5"),
        (r"Tree=0", "Tree=1"),
        (r"tree_sizes=\d+", "tree_sizes=1"),
        (r"end of trees", "end of tree"),
    ],
)
def test_each_harm_is_seen(pattern, other) -> None:
    whole = text()
    harmed = re.sub(pattern, other, whole, count=1)
    assert harmed != whole
    # the byte length of the tree is put right, so that it is not the length that gives the harm away
    if not pattern.startswith(("tree_sizes", "end")) and "Tree=0" in harmed:
        size = harmed.index("Tree=1\n") - harmed.index("Tree=0\n") if "Tree=1\n" in harmed else 0
        harmed = re.sub(r"tree_sizes=\d+", f"tree_sizes={size}", harmed, count=1) if size > 0 else harmed
    with pytest.raises(Broken):
        sound(harmed, FEATURES)


@given(st.integers(0, 10**6))
def test_any_cut_is_seen(at: int) -> None:
    whole = text()
    with pytest.raises(Broken):
        sound(whole[: at % len(whole)], FEATURES)


@given(st.sampled_from(damage.HARMS), st.integers(0, 10**6))
def test_no_harm_raises_anything_else(harm, seed: int) -> None:
    harmed = harm(text().encode("ascii"), np.random.default_rng(seed)).decode("latin-1")
    with suppress(Broken):
        sound(harmed, FEATURES)
