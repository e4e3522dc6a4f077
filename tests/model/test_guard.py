"""The tautology guard: what is the ground itself is caught and named, honest features are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

import sorg_risk as sr
from sorg_risk.model import guard, panel

from .made import registry, registry_panel


def rows(n: int = 2000, seed: int = 0):
    rng = np.random.default_rng(seed)
    state = rng.random(n) < 0.1
    return rng, state


def test_a_copy_of_the_event_is_caught_whatever_its_sign_or_gaps() -> None:
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
    found = guard.beside_label(X, state.astype(int))
    assert set(found) == {"same", "turned", "gap"}
    assert "same: tells the event by itself" in guard.notice(found)


@pytest.fixture(scope="module")
def lasting() -> pd.DataFrame:
    """Events that last, told by the newest complaint: whoever had one is in the state until it is 200 days old."""
    received = registry().tables["complaints"].groupby("org_id")["received_on"].max().dropna()
    frame = pd.DataFrame({"org_id": received.index, "event_on": received.to_numpy()})
    return frame.assign(ends_on=frame["event_on"] + pd.Timedelta(days=200))


def test_a_recency_that_tells_only_who_is_in_the_state_stays(lasting) -> None:
    days = ["2023-06-30", "2024-06-30"]
    made = panel(registry(), days, outcome=lasting)
    assert made.not_at_risk > 0
    assert "complaint_recency" in made.X
    assert made.guarded == {}


def test_what_restates_the_event_is_removed_and_named() -> None:
    view = registry().as_of("2024-06-30")
    X = sr.features(view)
    planted = X.index[X["organisation_age"] >= X["organisation_age"].median()]
    events = pd.DataFrame({"org_id": planted, "event_on": "2024-08-01"})
    with pytest.warns(guard.GuardNotice, match="organisation_age: tells the event by itself"):
        made = panel(registry(), ["2024-06-30"], outcome=events)
    assert "organisation_age" not in made.X
    assert "left out by the guard: " in repr(made)
    assert all(name in repr(made) and name in made._repr_html_() for name in made.guarded)
    assert "organisation_age" in panel(registry(), ["2024-06-30"], outcome=events, guard=False).X


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
