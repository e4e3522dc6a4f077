"""Splits never leak: labels end before the test begins, organisations stand on one side."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.errors import ModelError
from sorg_risk.model.splits import (
    BY_TIME,
    LEAST_POSITIVES,
    day_numbers,
    embargoed,
    half_of_organisations,
    organisation_folds,
    temporal_folds,
)


@given(st.integers(1, 800), st.integers(2, 12), st.integers(0, 99))
def test_no_label_of_the_training_side_reaches_the_test_side(horizon, periods, seed) -> None:
    rng = np.random.default_rng(seed)
    days = rng.integers(0, periods, 2000) * 180
    y = rng.random(2000) < 0.3
    for fold in temporal_folds(days, y, horizon):
        assert fold.kind == BY_TIME
        assert days[fold.train].max() + horizon <= days[fold.test].min()
        assert min(y[fold.train].sum(), y[fold.test].sum()) >= LEAST_POSITIVES


def test_test_periods_do_not_overlap_and_keep_a_day_together() -> None:
    days = np.repeat(np.arange(10) * 365, 100)
    y = np.arange(1000) % 3 == 0
    folds = temporal_folds(days, y, 365)
    seen = np.concatenate([f.test for f in folds])
    assert len(folds) == 3
    assert len(np.unique(seen)) == len(seen)
    for fold in folds:
        assert set(days[fold.test]).isdisjoint(set(days) - set(days[fold.test]))


def test_an_embargo_of_the_whole_history_leaves_nothing() -> None:
    assert temporal_folds([0, 10, 20], [1, 0, 1], 365) == []
    assert temporal_folds([], [], 365) == []
    assert len(embargoed([0, 10], 365, first_test_day=10).train) == 0


@given(st.integers(0, 50))
def test_an_organisation_stands_on_one_side(seed) -> None:
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 40, 300)
    folds = organisation_folds(rng.random(300) < 0.4, groups, random_state=seed)
    assert sorted(np.concatenate([f.test for f in folds])) == list(range(300))
    for fold in folds:
        assert set(groups[fold.train]).isdisjoint(groups[fold.test])


def test_without_organisations_events_are_spread_evenly() -> None:
    y = np.arange(100) < 10
    assert [int(y[f.test].sum()) for f in organisation_folds(y, None)] == [2] * 5


def test_too_few_to_split() -> None:
    assert organisation_folds([1, 0, 0], None) == []
    assert organisation_folds([1, 1, 0, 0], ["a"] * 4) == []


def test_halves_do_not_depend_on_the_other_organisations() -> None:
    names = np.array([f"O{i}" for i in range(500)])
    half = half_of_organisations(names)
    assert 0.4 < half.mean() < 0.6
    assert np.array_equal(half_of_organisations(names[::-1])[::-1], half)
    assert np.array_equal(half_of_organisations(names[:50]), half[:50])


@pytest.mark.parametrize(
    "days",
    [
        [dt.date(2020, 12, 31), dt.date(2021, 12, 31)],
        ["2020-12-31", "2021-12-31"],
        np.array(["2020-12-31", "2021-12-31"], dtype="datetime64[s]"),
        pd.Series(pd.to_datetime(["2020-12-31 23:00", "2021-12-31 00:00"])),
        pd.period_range("2020", periods=2, freq="Y"),
        [2020, 2021],
    ],
)
def test_days_of_every_kind(days) -> None:
    assert day_numbers(days).tolist() == [18627, 18992]


@pytest.mark.parametrize("days", [[None, "2020-01-01"], ["soon"], [True, False]])
def test_days_that_are_none(days) -> None:
    with pytest.raises(ModelError, match="days"):
        day_numbers(days)
