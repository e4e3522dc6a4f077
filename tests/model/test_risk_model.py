"""The model as a whole: it learns, it is deterministic, its points are a straight line and its parts sum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sorg_risk.errors import ModelError
from sorg_risk.model import RiskModel
from sorg_risk.model.bundle import packed
from sorg_risk.model.metrics import auc

from .made import drawn, fitted


def test_it_learns() -> None:
    made = drawn(seed=1)
    assert auc(made.y, fitted().margin(made.X)) > 0.64


def test_probability_is_calibrated() -> None:
    made = drawn(seed=1)
    assert abs(fitted().predict_proba(made.X)[:, 1].mean() - made.y.mean()) < 0.03


def test_points_are_linear_in_log_odds() -> None:
    model, X = fitted(), drawn().X
    assert np.allclose(model.points(X), model.offset - model.factor * model.margin(X), rtol=0, atol=1e-9)


def test_contributions_sum() -> None:
    model, X = fitted(), drawn().X
    values, base = model.contributions(X)
    assert np.abs(values.sum(axis=1) + base - model.margin(X)).max() < 1e-9


def test_same_data_and_seed_same_bytes() -> None:
    made = drawn(orgs=80)
    one, two = (RiskModel(seeds=2).fit(made.X, made.y, days=made.days, groups=made.orgs) for _ in range(2))
    assert packed(one) == packed(two)


def test_columns_are_matched_by_name() -> None:
    X = drawn().X
    assert np.array_equal(fitted().margin(X), fitted().margin(X[X.columns[::-1]]))


@pytest.mark.parametrize("change", ["drop", "add"])
def test_other_columns_are_refused_by_name(change: str) -> None:
    X = drawn().X
    other = X.drop(columns="late") if change == "drop" else X.assign(strange=1.0)
    with pytest.raises(ModelError, match="late" if change == "drop" else "strange"):
        fitted().margin(other)


def test_unknown_word_counts_as_missing() -> None:
    X = drawn().X.head(20)
    new = X.assign(kind=pd.Categorical(["something else"] * 20))
    empty = X.assign(kind=pd.Categorical([None] * 20, categories=X["kind"].cat.categories))
    assert np.array_equal(fitted().margin(new), fitted().margin(empty))


def test_saved_and_loaded(tmp_path) -> None:
    model, X = fitted(), drawn().X
    loaded = RiskModel.load(model.save(tmp_path / "m"))
    assert np.array_equal(loaded.margin(X), model.margin(X))
    assert np.array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert np.array_equal(loaded.warning(X), model.warning(X))
    assert packed(loaded) == packed(model)
