"""The plain way for few rows: the same numbers as the tables, from the trees alone."""

from __future__ import annotations

from itertools import pairwise
from math import factorial
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.explain import ExactExplainer, exact, few
from sorg_risk.explain.trees import trees

from .made import grown, rows, target, with_categories


def both_ways(booster: lgb.Booster, X: np.ndarray, background: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    explainer = ExactExplainer(booster, background)
    plain = explainer.shap_values(X)
    assert not explainer.engine.ready
    return plain, explainer.prepare().shap_values(X)


@pytest.mark.parametrize(
    "params",
    [{}, {"zero_as_missing": True}, {"use_missing": False}, {"num_leaves": 63, "max_depth": 8}, {"num_leaves": 2}],
    ids=["nan", "zero", "none", "many leaves", "stumps"],
)
def test_equals_the_tables(params: dict[str, Any]) -> None:
    X = rows()
    booster = grown(X, target(X), **params)
    asked = np.vstack(
        [rows(50, seed=9), np.zeros((1, 8)), np.full((1, 8), np.nan), np.full((1, 8), np.inf), np.full((1, 8), 1e-36)]
    )
    plain, tabled = both_ways(booster, asked, rows(80, seed=4))
    assert np.abs(plain - tabled).max() <= 1e-12


@pytest.mark.parametrize("params", [{}, {"max_cat_to_onehot": 40}, {"zero_as_missing": True}])
def test_equals_the_tables_with_categories(params: dict[str, Any]) -> None:
    X = with_categories()
    y = (np.isin(X[:, 1] % 7, [1, 4]) ^ (X[:, 4] == 1)).astype(int)
    booster = grown(X, y, categories=[1, 4], min_data_per_group=5, cat_smooth=1.0, **params)
    odd = np.tile(X[0], (9, 1))
    odd[:, 1] = [-1, -0.5, 0, 0.9, 39.7, 40, 1000, 3e9, np.nan]
    plain, tabled = both_ways(booster, np.vstack([X[:40], odd]), with_categories(60, seed=7))
    assert np.abs(plain - tabled).max() <= 1e-12


def test_values_at_and_beside_thresholds_go_the_right_way() -> None:
    X = rows()
    booster = grown(X, target(X), trees=10)
    cuts = booster.trees_to_dataframe()["threshold"].dropna().astype(float).unique()[:40]
    asked = np.vstack([np.tile(v, (1, 8)) for c in cuts for v in (c, np.nextafter(c, np.inf))])
    plain, tabled = both_ways(booster, asked, X[:30])
    assert np.abs(plain - tabled).max() <= 1e-12


def test_many_leaves_are_added_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    X = rows()
    forest = trees(grown(X, target(X)))
    whole = few.contributions(forest, X[:20], X[20:60])
    monkeypatch.setattr(few, "HELD", 500)
    assert np.abs(few.contributions(forest, X[:20], X[20:60]) - whole).max() <= 1e-13


@given(st.integers(1, 5), st.integers(0, 1000))
def test_shares_of_one_leaf_are_its_shapley_values(k: int, seed: int) -> None:
    """By the definition, over all orders of the conditions and all background rows."""
    from itertools import permutations

    counts = np.random.default_rng(seed).integers(0, 3, (1, 1 << k)).astype(float)
    counts[0, 0] += 1
    found = few.shares(np.array([2.0]), k, counts)[0]
    for mine in range(1 << k):
        wanted = np.zeros(k)
        for theirs in range(1 << k):
            for order in permutations(range(k)):
                mixed = [theirs]
                for i in order:
                    mixed.append((mixed[-1] & ~(1 << i)) | (mine & (1 << i)))
                for i, (before, after) in zip(order, pairwise(mixed), strict=True):
                    full = (1 << k) - 1
                    wanted[i] += 2.0 * counts[0, theirs] * (int(after == full) - int(before == full))
        wanted /= factorial(k) * counts.sum()
        assert np.abs(found[:, mine] - wanted).max() <= 1e-12


def test_size_of_the_job_chooses_the_way_and_changes_nothing() -> None:
    X = np.tile(rows(500), (3, 1))
    booster = grown(X[:500], target(X[:500]), trees=5)
    explainer = ExactExplainer(booster, X[:50])
    small = explainer.shap_values(X[: exact.FEW_COMPARED])
    assert not explainer.engine.ready
    large = explainer.shap_values(X)
    assert explainer.engine.ready
    assert np.abs(large[: exact.FEW_COMPARED] - small).max() <= 1e-12


def test_a_tree_without_a_split_contributes_nothing() -> None:
    X = rows(100)
    forest = trees(grown(X, np.zeros(100)))
    assert not few.contributions(forest, X[:3], X[3:9]).any()
    assert few.contributions([], X[:3], X[3:9]).shape == (3, 8)
