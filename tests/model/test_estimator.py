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
        found = check_estimator(RiskModel(seeds=1, event=max), on_skip=None, on_fail=None)
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
    plain = RiskModel(seeds=1).fit(made.X, made.y)
    for bad, good in (("late", "in time"), ("bad", "good"), (1, 2)):
        model = RiskModel(seeds=1, event=bad).fit(made.X, np.where(made.y == 1, bad, good))
        assert model.classes_.tolist() == sorted([bad, good])
        assert model.event_ == bad
        assert np.array_equal(model.points(made.X), plain.points(made.X))
        assert np.array_equal(model.event_probability(made.X), plain.predict_proba(made.X)[:, 1])
        at = model.classes_.tolist().index(bad)
        assert np.array_equal(model.predict_proba(made.X)[:, at], plain.predict_proba(made.X)[:, 1])
        assert np.array_equal(model.predict(made.X) == bad, plain.predict(made.X) == 1)


@pytest.mark.parametrize("labels", [("bad", "good"), (1, 2), (-1, 1), ("0", "1"), (0.5, 1)])
def test_labels_that_do_not_say_which_is_the_event_must_name_it(labels) -> None:
    y = np.array(labels, dtype=object if isinstance(labels[0], str) else None)[drawn(orgs=40).y]
    with pytest.raises(ValueError, match=r"name it, for example|continuous"):
        RiskModel(seeds=1).fit(drawn(orgs=40).X, y)


def test_an_event_that_is_no_label_is_refused() -> None:
    made = drawn(orgs=40)
    with pytest.raises(ModelError, match="'gone' is not among the labels of y, 0 and 1"):
        RiskModel(event="gone").fit(made.X, made.y)


def test_missing_labels_are_refused_with_their_number() -> None:
    made = drawn(orgs=40)
    y = pd.array(made.y, dtype="Int64")
    y[:3] = pd.NA
    with pytest.raises(ModelError, match="3 of 240 labels are missing"):
        RiskModel(seeds=1).fit(made.X, y)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seeds": 0},
        {"seeds": 1.5},
        {"pdo": 0},
        {"pdo": -20.0},
        {"base_odds": 0},
        {"base_points": float("inf")},
        {"random_state": "7"},
        {"random_state": -1},
        {"horizon_days": 0},
        {"threads": 0},
        {"additive": "yes"},
        {"monotone": "both"},
        {"monotone": {"late": 2}},
        {"max_unseen": 5},
    ],
    ids=str,
)
def test_parameters_out_of_bounds_are_named_with_what_is_allowed(wrong) -> None:
    made = drawn(orgs=40)
    with pytest.raises(ModelError, match=next(iter(wrong))) as raised:
        RiskModel(**wrong).fit(made.X, made.y)
    assert isinstance(raised.value, ValueError)


def test_a_seed_may_be_drawn() -> None:
    made = drawn(orgs=60)
    one, two = (RiskModel(random_state=np.random.RandomState(5), seeds=1).fit(made.X, made.y) for _ in range(2))
    assert np.array_equal(one.margin(made.X), two.margin(made.X))
    same = RiskModel(random_state=one.random_seed_, seeds=1).fit(made.X, made.y)
    assert np.array_equal(one.margin(made.X), same.margin(made.X))
    assert RiskModel(random_state=None, seeds=1).fit(made.X, made.y).random_seed_ >= 0
    RiskModel(random_state=2**32 - 1, seeds=2).fit(made.X, made.y)


def test_what_no_matrix_can_hold_is_named() -> None:
    made = drawn(orgs=40)
    model = RiskModel(seeds=1).fit(made.X, made.y)
    cases = {
        "'late' holds infinity in 2 rows": made.X.assign(late=[np.inf, -np.inf, *made.X["late"][2:]]),
        "'when' holds datetime": made.X.assign(when=pd.Timestamp("2024-01-01")),
        "one name: late": pd.concat([made.X, made.X[["late"]]], axis=1),
        "collect": pl.from_pandas(made.X).lazy(),
        "no word": made.X.assign(several=[[1]] * len(made.X)),
    }
    for message, X in cases.items():
        with pytest.raises(ModelError, match=message):
            RiskModel(seeds=1).fit(X, made.y)
        if "when" not in message and "no word" not in message:
            with pytest.raises(ModelError, match=message):
                model.margin(X)
    with pytest.raises(ModelError, match="held numbers when the model was fitted"):
        model.margin(made.X.assign(late="often"))


def test_numbers_in_an_object_column_are_numbers() -> None:
    made = drawn(orgs=60)
    X = made.X.astype({"late": object})
    assert np.array_equal(
        RiskModel(seeds=1).fit(X, made.y).margin(X), RiskModel(seeds=1).fit(made.X, made.y).margin(made.X)
    )


def test_a_model_fitted_again_forgets_what_was_true_of_the_first(tmp_path) -> None:
    made = drawn(orgs=60)
    model = RiskModel.load(RiskModel(seeds=1).fit(made.X, made.y, days=made.days).save(tmp_path / "m"))
    assert model.last_knowledge_day_ == "2021-12-31"
    model.fit(made.X[["late", "income"]], made.y)
    assert model.last_knowledge_day_ is None
    assert not hasattr(model, "digest_")
    again = RiskModel.load(model.save(tmp_path / "n"))
    assert np.array_equal(again.margin(made.X[["late", "income"]]), model.margin(made.X[["late", "income"]]))


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
