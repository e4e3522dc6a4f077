"""The model among scikit-learn's estimators: its own checks, pipelines, grids, clones, and frames of several makers."""

from __future__ import annotations

import warnings
from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone, is_classifier
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator

from sorg_risk.errors import ModelError
from sorg_risk.model import RiskModel

from .made import drawn, fitted

KNOWN = {
    "check_sample_weight_equivalence_on_dense_data": "folds and early stopping see rows, not weights",
    "check_array_api_input": "skipped by scikit-learn itself",
}


def test_checks_of_scikit_learn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(RiskModel(seeds=1), on_skip=None, on_fail=None)
    counted = Counter(line["status"] for line in found)
    assert counted["passed"] >= 60, counted
    assert {line["check_name"] for line in found if line["status"] != "passed"} <= set(KNOWN)


def test_clone_keeps_parameters_and_forgets_the_fit() -> None:
    model = fitted()
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        copy.margin(drawn().X)


def test_it_is_a_classifier() -> None:
    assert is_classifier(RiskModel())
    assert fitted().classes_.tolist() == [0, 1]


def test_pipeline_with_missing_values_and_categories() -> None:
    made = drawn(orgs=80)
    chosen = make_column_transformer(
        ("passthrough", ["late", "income", "kind"]), verbose_feature_names_out=False
    ).set_output(transform="pandas")
    pipe = make_pipeline(chosen, RiskModel(seeds=1)).fit(made.X, made.y)
    p = pipe.predict_proba(made.X)
    assert p.shape == (len(made.X), 2)
    assert np.allclose(p.sum(axis=1), 1)
    assert pipe[-1].columns_.words["kind"] == ("association", "foundation", "service_institution")


def test_grid_search() -> None:
    made = drawn(orgs=60)
    pipe = make_pipeline(FunctionTransformer(), RiskModel(seeds=1))
    grid = GridSearchCV(pipe, {"riskmodel__additive": [True, False]}, cv=GroupKFold(2), scoring="roc_auc")
    grid.fit(made.X, made.y, groups=made.orgs)
    assert grid.best_score_ > 0.5
    assert "riskmodel__additive" in grid.best_params_


def test_cross_validation_passes_days_and_groups_along() -> None:
    made = drawn(orgs=60)
    found = cross_val_score(
        RiskModel(seeds=1),
        made.X,
        made.y,
        groups=made.orgs,
        cv=GroupKFold(2),
        params={"days": made.days},
        scoring="roc_auc",
    )
    assert np.isfinite(found).all()


@pytest.mark.parametrize("make", [pl.from_pandas, pa.Table.from_pandas], ids=["polars", "arrow"])
def test_other_frames_give_the_same(make) -> None:
    X = drawn().X
    assert np.array_equal(fitted().margin(make(X)), fitted().margin(X))


def test_fit_on_polars() -> None:
    made = drawn(orgs=60)
    one = RiskModel(seeds=1).fit(pl.from_pandas(made.X), made.y)
    two = RiskModel(seeds=1).fit(made.X, made.y)
    assert np.array_equal(one.margin(made.X), two.margin(made.X))


def test_labels_may_be_words() -> None:
    made = drawn(orgs=60)
    model = RiskModel(seeds=1).fit(made.X, np.where(made.y == 1, "late", "in time"))
    assert model.classes_.tolist() == ["in time", "late"]
    assert set(model.predict(made.X)) <= {"in time", "late"}


def test_nullable_and_boolean_columns() -> None:
    made = drawn(orgs=60)
    X = made.X.assign(late=made.X["late"].astype("Int64"), flag=made.X["noise_0"] > 0)
    X.loc[0, "late"] = pd.NA
    model = RiskModel(seeds=1).fit(X, made.y)
    assert np.isfinite(model.margin(X)).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: {"y": m.y[:-1]}, "one label a row"),
        (lambda m: {"y": np.zeros(len(m.y))}, "two classes"),
        (lambda m: {"y": np.arange(len(m.y)) % 3}, "Only binary"),
        (lambda m: {"days": m.days[:-1]}, "days has"),
        (lambda m: {"groups": m.orgs[:-1]}, "groups has"),
    ],
)
def test_what_does_not_fit_is_named(change, message) -> None:
    made = drawn(orgs=40)
    given = {"X": made.X, "y": made.y} | change(made)
    with pytest.raises((ModelError, ValueError), match=message):
        RiskModel(seeds=1).fit(**given)
