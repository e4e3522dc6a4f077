"""The tautology guard: what is the ground itself is caught and named, honest features are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from sorg_risk.model import guard

from .made import registry_panel


def rows(n: int = 2000, seed: int = 0):
    rng = np.random.default_rng(seed)
    state = rng.random(n) < 0.1
    return rng, state


def test_a_copy_of_the_ground_is_caught_whatever_its_sign_or_gaps() -> None:
    rng, state = rows()
    X = pd.DataFrame(
        {
            "same": state.astype(float),
            "turned": 5.0 - state,
            "gap": np.where(state, np.nan, rng.normal(size=len(state))),
            "near": np.where(rng.random(len(state)) < 0.5, state, rng.random(len(state)) < 0.1).astype(float),
            "word": pd.Categorical(np.where(state, "a", "b")),
        }
    )
    found = guard.beside_grounds(X, {"AL-01": state})
    assert set(found) == {"same", "turned", "gap"}
    assert "AL-01" in found["same"]


def test_a_leak_of_the_label_is_caught() -> None:
    rng, state = rows()
    X = pd.DataFrame(
        {"leak": state + rng.normal(size=len(state)) * 0.05, "honest": state + rng.normal(size=len(state))}
    )
    assert set(guard.beside_label(X, state.astype(int))) == {"leak"}


def test_too_few_to_say() -> None:
    assert guard.beside_label(pd.DataFrame({"x": [0.0, 1.0]}), np.array([0, 1])) == {}


@given(st.integers(0, 10**6))
def test_best_cut_is_the_best_of_all_cuts(seed) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 6, 40).astype(float)
    values[rng.random(40) < 0.2] = np.nan
    state = rng.random(40) < 0.4
    known = np.where(np.isnan(values), -np.inf, values)
    cuts = [side > cut for side in (known, -known) for cut in np.unique(side)[:-1]]
    best = max(f1_score(state, cut, zero_division=0) for cut in cuts)
    assert guard.best_cut(values, state[None, :])[0] == pytest.approx(best)


def test_the_declared_grounds_leave_the_panel_and_are_named() -> None:
    made = registry_panel()
    assert made.guarded["reports_missing_last_year"] == "declared as the ground AL-01"
    assert not set(made.guarded) & set(made.X.columns)
