"""Points are a straight line in log-odds; bands hold their shares."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.model.points import SHARE_A, SHARES, Bands, Scale

from .made import drawn, fitted


@given(st.floats(-500, 500), st.floats(5, 100), st.floats(0, 1000), st.floats(0.5, 100))
def test_a_straight_line_without_ends(margin, pdo, base, odds) -> None:
    scale = Scale.of(pdo, base, odds)
    doubled = float(scale.points(margin - math.log(2)))
    assert doubled - float(scale.points(margin)) == pytest.approx(pdo, rel=1e-6, abs=1e-6)
    assert float(scale.points(-math.log(odds))) == pytest.approx(base, rel=1e-9, abs=1e-6)


def test_bands_hold_their_shares() -> None:
    points = np.random.default_rng(0).normal(600, 40, 100_000)
    bands = Bands.of(points)
    warned = bands.warning_of(points)
    reached = {"red": ["red"], "orange": ["red", "orange"], "yellow": ["red", "orange", "yellow"]}
    for level, levels in reached.items():
        assert np.isin(warned, levels).mean() == pytest.approx(SHARES[level], abs=1e-4)
    assert (bands.grade_of(points) == "A").mean() == pytest.approx(SHARE_A, abs=1e-4)


def test_recent_scores_place_the_bands_where_they_are_enough() -> None:
    points, recent = np.arange(2000.0), np.arange(2000) >= 1000
    assert Bands.of(points, recent).warning["yellow"] == pytest.approx(1099.9)
    assert Bands.of(points, np.arange(2000) >= 1990).warning["yellow"] == pytest.approx(199.9)  # ten rows place nothing


def test_on_the_line_is_not_below_it() -> None:
    bands = Bands({"red": 1.0, "orange": 2.0, "yellow": 3.0, "blue": 4.0}, 5.0)
    assert bands.warning_of([0.9, 1.0, 2.0, 3.0, 4.0]).tolist() == ["red", "orange", "yellow", "blue", "none"]
    assert bands.grade_of([4.9, 5.0]).tolist() == ["B", "A"]


def test_shares_on_organisations_the_model_has_not_met() -> None:
    made = drawn(orgs=1000, seed=3)
    warned = np.isin(fitted().warning(made.X), ["red", "orange", "yellow"]).mean()
    assert 0.05 < warned < 0.17  # stated share: 0.10


def test_calibration_touches_the_probability_only() -> None:
    model, X = fitted(), drawn().X
    before = model.points(X).copy()
    kept = model.platt_
    try:
        model.platt_ = (0.3, -9.0)
        assert np.array_equal(model.points(X), before)
        assert model.predict_proba(X)[:, 1].max() < 0.01
    finally:
        model.platt_ = kept


def test_ranking_by_probability_is_ranking_by_points() -> None:
    model, X = fitted(), drawn().X
    assert np.array_equal(np.argsort(model.margin(X), kind="stable"), np.argsort(-model.points(X), kind="stable"))
    p = model.predict_proba(X)[np.argsort(model.margin(X), kind="stable"), 1]
    assert (np.diff(p) >= 0).all()
