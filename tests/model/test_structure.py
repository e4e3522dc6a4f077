"""What LightGBM trusts blindly: each kind of harm to a text is seen before it is parsed."""

from __future__ import annotations

import re
from contextlib import suppress

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.model.boosting import MAX_DEPTH
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


def made(*trees: str, **header: str) -> str:
    """A text of two features: a header that fits its trees, unless told otherwise."""
    bodies = [f"Tree={number}\n{tree}\n\n\n" for number, tree in enumerate(trees)]
    told = {
        "version": "v4",
        "num_class": "1",
        "num_tree_per_iteration": "1",
        "label_index": "0",
        "max_feature_idx": "1",
        "objective": "binary sigmoid:1",
        "feature_names": "f0 f1",
        "feature_infos": "[0:9] 0:1:2",
        "tree_sizes": " ".join(str(len(body)) for body in bodies),
        **header,
    }
    lines = "\n".join(f"{name}={value}" for name, value in told.items())
    return f"tree\n{lines}\n\n{''.join(bodies)}end of trees\n"


def chain(inner: int, **more: str) -> str:
    """A tree whose right children are all leaves; its first split is by a category, the others by a number."""
    ones = " ".join(["1"] * inner)
    told = {
        "num_leaves": str(inner + 1),
        "num_cat": "1",
        "split_feature": " ".join(["1", *["0"] * (inner - 1)]),
        "split_gain": ones,
        "threshold": " ".join(["0", *["1.5"] * (inner - 1)]),
        "decision_type": " ".join(["1", *["2"] * (inner - 1)]),
        "left_child": " ".join([*map(str, range(1, inner)), str(-inner - 1)]),
        "right_child": " ".join(str(-1 - node) for node in range(inner)),
        "leaf_value": f"{ones} 1",
        "leaf_weight": f"{ones} 1",
        "leaf_count": f"{ones} 1",
        "internal_value": ones,
        "internal_weight": ones,
        "internal_count": " ".join(str(inner + 1 - node) for node in range(inner)),
        "cat_boundaries": "0 1",
        "cat_threshold": "5",
        "is_linear": "0",
        "shrinkage": "0.1",
        **more,
    }
    return "\n".join(f"{name}={value}" for name, value in told.items())


def test_a_tree_as_deep_as_may_be_with_a_split_by_category_is_sound() -> None:
    sound(made(chain(2), chain(MAX_DEPTH)), 2)
    lightgbm.Booster(model_str=made(chain(2), chain(MAX_DEPTH)))  # the text is one that LightGBM reads


@pytest.mark.parametrize(
    ("harmed", "said"),
    [
        ("trees" + made(chain(2))[4:], "it does not begin as LightGBM text"),
        (made(chain(2), feature_infos="[0:9]"), "feature_infos in the header"),
        (made(chain(2), feature_infos="[0:9] x"), "feature_infos in the header"),
        (made(chain(2), feature_names="f0 f1\nmonotone_constraints=0 2"), "monotone_constraints lies outside -1 to 1"),
        (made(chain(2).replace("split_gain=1 1\n", "")), "tree 0 lacks split_gain"),
        (made(chain(2, leaf_const="1")), "tree 0 holds a strange line"),
        (made(f"{chain(2)}\nodd"), "tree 0 holds a line that is none, or twice"),
        (made(f"{chain(2)}\nshrinkage=1"), "tree 0 holds a line that is none, or twice"),
        (made(chain(2), chain(2, leaf_count="1 1")), "leaf_count of tree 1 is not 3 whole numbers"),
        (made(chain(2, leaf_count="1 1 1.5")), "leaf_count of tree 0 is not 3 whole numbers"),
        (made(chain(2, leaf_value="1 1 one")), "leaf_value of tree 0 is not 3 numbers"),
        (made(chain(2, internal_count="4 2")), "the counts of tree 0 do not add up"),
        (made(chain(MAX_DEPTH + 1)), f"tree 0 is deeper than {MAX_DEPTH}"),
        (made(chain(2, cat_boundaries="0 0")), "cat_boundaries of tree 0 do not rise"),
        (made(chain(2, cat_boundaries="1 2")), "cat_boundaries of tree 0 do not rise"),
        (made(chain(2, threshold="1 1.5")), "the category splits of tree 0 do not point to their sets"),
    ],
)
def test_each_harm_is_said_with_its_place(harmed: str, said: str) -> None:
    with pytest.raises(Broken) as caught:
        sound(harmed, 2)
    assert str(caught.value) == said


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
