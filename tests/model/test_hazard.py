"""When, not only whether: the discrete hazard."""

from __future__ import annotations

import numpy as np
import pytest

from sorg_risk.errors import ModelError
from sorg_risk.model import Hazard, RiskModel, metrics


@pytest.fixture(scope="module")
def waits():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 2))
    return X, rng.exponential(500 * np.exp(-1.2 * X[:, 0]))


@pytest.fixture(scope="module")
def hazard(waits) -> Hazard:
    X, wait = waits
    return Hazard(RiskModel(additive=True)).fit(X, np.where(wait <= 365, wait, np.nan))


def test_survival_falls_and_matches_what_happened(waits, hazard) -> None:
    X, wait = waits
    survival = hazard.survival(X)
    assert (np.diff(survival, axis=1) <= 0).all()
    for k, end in enumerate(hazard.ends):
        assert survival[:, k].mean() == pytest.approx((wait > end).mean(), abs=0.05)


def test_probability_ranks(waits, hazard) -> None:
    X, wait = waits
    assert metrics.auc(wait <= 365, hazard.probability(X)) > 0.75


def test_median_days_fall_with_risk(waits, hazard) -> None:
    X, _ = waits
    days = hazard.median_days(X)
    assert np.isinf(days[X[:, 0] < -1]).mean() > 0.9
    assert np.isfinite(days[X[:, 0] > 1.5]).mean() > 0.8
    assert set(days[np.isfinite(days)]) <= set(hazard.ends)


@pytest.mark.parametrize(("after", "message"), [([1.0], "one a row"), ([np.nan] * 3, "no event")])
def test_what_cannot_be_learnt(after, message) -> None:
    with pytest.raises(ModelError, match=message):
        Hazard().fit(np.zeros((3, 1)), after)


def test_stretches() -> None:
    with pytest.raises(ModelError, match="stretches"):
        Hazard(stretches=0)
