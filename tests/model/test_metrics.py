"""Metrics against worked values, against scikit-learn, and against chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from sorg_risk.model import metrics


@given(st.integers(0, 10**6))
def test_auc_is_that_of_scikit_learn(seed) -> None:
    rng = np.random.default_rng(seed)
    y, risk = np.append(rng.random(40) < 0.4, [True, False]), rng.integers(0, 9, 42)
    assert metrics.auc(y, risk) == pytest.approx(roc_auc_score(y, risk), abs=1e-12)


def test_one_class_has_no_auc() -> None:
    assert np.isnan(metrics.auc([1, 1], [0.1, 0.2]))
    assert np.isnan(metrics.pr_auc([0, 0], [0.1, 0.2]))
    assert np.isnan(metrics.hits_at([0, 0], [0.1, 0.2], 0.5)).all()


def test_a_constant_score_earns_what_random_inspection_earns() -> None:
    y = np.arange(1000) < 70
    precision, recall, lift = metrics.hits_at(y, np.zeros(1000), 0.03)
    assert (precision, recall, lift) == pytest.approx((0.07, 0.03, 1.0))


def test_hits_with_ties_at_the_line() -> None:
    # one place sure (a hit), one of two tied places left: half a hit
    precision, recall, lift = metrics.hits_at([1, 1, 0, 0], [0.9, 0.5, 0.5, 0.1], 0.5)
    assert (precision, recall, lift) == pytest.approx((0.75, 0.75, 1.5))


def test_brier_and_calibration_error() -> None:
    assert metrics.brier([1, 0], [0.7, 0.2]) == pytest.approx(0.065)
    y = np.tile([1.0, 0, 0, 0], 100)
    assert metrics.calibration_error(y, np.full(400, 0.25), bins=1) == pytest.approx(0)
    assert metrics.calibration_error(y, np.full(400, 0.45), bins=1) == pytest.approx(0.2)


def pairwise_delong(y, one, two) -> tuple[float, float]:
    """DeLong (1988) straight from its definition, pair by pair."""
    good, bad = np.flatnonzero(~y), np.flatnonzero(y)

    def kernel(risk):
        a, b = risk[bad][:, None], risk[good][None, :]
        return (a > b) + 0.5 * (a == b)

    k = [kernel(one), kernel(two)]
    v10 = np.cov([m.mean(axis=1) for m in k])
    v01 = np.cov([m.mean(axis=0) for m in k])
    s = v10 / len(bad) + v01 / len(good)
    gap = k[0].mean() - k[1].mean()
    return gap, s[0, 0] + s[1, 1] - 2 * s[0, 1]


@given(st.integers(0, 10**6))
def test_delong_by_midranks_is_delong_by_pairs(seed) -> None:
    from scipy.stats import norm

    rng = np.random.default_rng(seed)
    y = np.append(rng.random(60) < 0.4, [True, True, False, False])
    one, two = rng.integers(0, 12, 64) + 2.0 * y, rng.integers(0, 12, 64) * 1.0
    gap, variance = pairwise_delong(y, one, two)
    got, p = metrics.delong(y, one, two)
    assert got == pytest.approx(gap, abs=1e-12)
    assert p == pytest.approx(2 * norm.sf(abs(gap) / np.sqrt(variance)), abs=1e-9)


def test_delong_of_one_score_with_itself() -> None:
    assert metrics.delong([0, 1, 0, 1], [1, 2, 3, 4], [1, 2, 3, 4]) == (0.0, 1.0)


def test_delong_is_level_under_no_difference() -> None:
    rng = np.random.default_rng(0)
    small = 0
    for _round in range(200):
        y = rng.random(300) < 0.2
        truth = rng.normal(size=300) + y
        one, two = truth + rng.normal(size=300), truth + rng.normal(size=300)
        small += metrics.delong(y, one, two)[1] < 0.05
    assert small <= 20  # 5 % of 200 is 10


def test_bootstrap_draws_whole_organisations() -> None:
    groups = np.repeat(np.arange(20), [1, 9] * 10)
    for rows in metrics.resampled(groups, rounds=5):
        drawn = np.bincount(groups[rows], minlength=20)
        size = np.bincount(groups)
        assert (drawn % size == 0).all()
        assert (drawn // size).sum() == 20


def test_intervals_are_wider_where_rows_of_one_organisation_agree() -> None:
    rng = np.random.default_rng(1)
    org = np.repeat(np.arange(100), 20)
    risk = rng.normal(size=100)[org]
    y = (risk + rng.normal(size=100)[org] > 1).astype(float)
    by_org = metrics.bootstrap(metrics.auc, y, risk, org, rounds=100)
    by_row = metrics.bootstrap(metrics.auc, y, risk, np.arange(2000), rounds=100)
    assert by_org.high - by_org.low > 2 * (by_row.high - by_row.low)
    assert by_org.low < by_org.value < by_org.high
    assert str(by_org).startswith(f"{by_org.value:.3f} [")
