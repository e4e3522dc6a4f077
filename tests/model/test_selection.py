"""What validation chooses: parts and weights, monotone signs, threads, and what it does with too little."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sorg_risk.errors import ModelError, NotFound
from sorg_risk.model import RiskModel, selection
from sorg_risk.model.boosting import MAX_DEPTH, RECIPES, Rows, worth_threads
from sorg_risk.model.matrix import Columns
from sorg_risk.model.splits import BY_ORGANISATION, BY_TIME

from .made import drawn, fitted


def test_weights_sum_to_one_and_members_are_averaged() -> None:
    model, X = fitted(), drawn().X
    M = model.columns_.matrix(X)
    assert sum(m.weight for m in model.members) == pytest.approx(1)
    assert np.allclose(sum(m.weight * m.margin(M) for m in model.members), model.margin(X))
    assert {(m.booster is None) + (m.scorecard is None) for m in model.members} == {1}


def test_each_recipe_has_its_seeds() -> None:
    model = fitted()
    trees = [p for p in model.selection_["parts"] if p["rounds"]]
    assert sum(m.booster is not None for m in model.members) == model.seeds * len(trees)


def test_depth_is_bounded() -> None:
    for member in fitted().members:
        if member.booster is not None:
            assert member.booster.trees_to_dataframe()["node_depth"].max() <= MAX_DEPTH + 1


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("additive", [False, True])
def test_every_member_obeys_the_sign(sign, additive) -> None:
    made = drawn(orgs=100)
    model = RiskModel(seeds=1, monotone={"income": sign}, additive=additive).fit(made.X, made.y, groups=made.orgs)
    values = np.quantile(made.X["income"].dropna(), np.linspace(0, 1, 15))
    M = model.columns_.matrix(pd.concat([made.X.head(20).assign(income=v) for v in values]))
    for member in model.members:
        steps = np.diff(member.margin(M).reshape(15, 20), axis=0)
        assert (sign * steps >= -1e-12).all()


def test_signs_come_from_the_catalogue() -> None:
    columns = Columns.of(pd.DataFrame({"reports_late_1095d": [0.0], "unknown": [0.0]}))
    assert selection.signs("auto", columns) == [1, 0]
    assert selection.signs(None, columns) is None
    with pytest.raises(NotFound, match="reports_late_1095d"):
        selection.signs({"reports_late_1095": 1}, columns)
    with pytest.raises(ModelError, match="'auto'"):
        selection.signs("yes", columns)


def test_the_last_horizon_says_where_the_level_is_heading() -> None:
    late = selection.latest([2015, 2016, 2016, 2017], 4, 365)
    assert late.tolist() == [False, False, False, True]
    assert selection.latest(None, 2, 365).all()
    assert not selection.telling(np.array([0.0, 1.0, 0.0, 1.0]), late).any()  # one event says nothing
    y, rows = np.tile([0.0, 1.0], 60), np.arange(120) >= 60
    assert selection.telling(y, rows).tolist() == rows.tolist()


def test_held_back_by_organisation_and_by_time() -> None:
    made = drawn()
    y = made.y.astype(float)
    both = selection.held_back(y, made.days, made.orgs, 365, 0)
    assert {f.kind for f in both[0]} == {BY_ORGANISATION, BY_TIME}
    assert {f.kind for f in selection.held_back(y, made.days, None, 365, 0)[0]} == {BY_TIME}
    assert {f.kind for f in selection.held_back(y, None, made.orgs, 365, 0)[0]} == {BY_ORGANISATION}
    assert selection.held_back(np.zeros(50), None, None, 365, 0) == []


def test_repeats_differ_but_hold_back_the_same_rows() -> None:
    made = drawn()
    one, two = selection.held_back(made.y.astype(float), made.days, made.orgs, 365, 0)
    rows = [np.sort(np.concatenate([f.test for f in folds])) for folds in (one, two)]
    assert np.array_equal(*rows)
    assert not np.array_equal(one[0].test, two[0].test)


def test_weights_stay_near_even_where_nothing_speaks_against_it() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=300)
    y = (rng.random(300) < 1 / (1 + np.exp(-truth))).astype(float)
    Z = np.column_stack([truth, truth])
    assert selection.blended(Z, y, np.array([0.5, 0.5])) == pytest.approx([0.5, 0.5], abs=0.05)


def test_weights_leave_a_part_that_is_noise() -> None:
    rng = np.random.default_rng(0)
    truth = 2 * rng.normal(size=20_000)
    y = (rng.random(20_000) < 1 / (1 + np.exp(-truth))).astype(float)
    weights = selection.blended(np.column_stack([truth, rng.normal(size=20_000)]), y, np.array([0.5, 0.5]))
    assert weights[1] < 0.1 * weights[0]


def test_too_few_events_still_give_a_cautious_model() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    model = RiskModel(seeds=1).fit(X, np.arange(60) < 6)
    assert model.selection_["held_back_rows"] == 0
    assert len(model.members) == len(RECIPES)
    assert np.isfinite(model.points(X)).all()


def test_the_result_does_not_depend_on_threads() -> None:
    made = drawn(orgs=60)
    one, two = (RiskModel(seeds=1, threads=t).fit(made.X, made.y, groups=made.orgs) for t in (1, 2))
    assert np.array_equal(one.margin(made.X), two.margin(made.X))
    assert worth_threads(1000) == 1
    assert worth_threads(10**6) == 2


def test_rows_share_weights() -> None:
    rows = Rows(np.zeros((3, 1)), np.array([0.0, 1, 0]), weight=np.array([1.0, 2, 3]))
    assert rows.part(np.array([2])).weight.tolist() == [3]


def test_the_background_is_of_rows_without_an_event() -> None:
    made = drawn()
    model = fitted()
    good = {tuple(np.nan_to_num(row, nan=-1)) for row in model.columns_.matrix(made.X)[made.y == 0]}
    rows = model.columns_.matrix(model.background_)
    assert len(rows) == 1000
    assert all(tuple(np.nan_to_num(row, nan=-1)) in good for row in rows)
