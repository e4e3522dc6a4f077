"""Every worked example of every feature, and what holds of all of them: order, crowd, later news, evidence."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sorg_risk.features import CATALOGUE, evidence_keys, features
from sorg_risk.features.declare import Example, example, row
from sorg_risk.features.examples import AS_OF, Registry
from sorg_risk.features.peers import percentiles
from sorg_risk.records import Source

PLAIN = [name for name, one in CATALOGUE.items() if not one.base]
RELATIVE = [(name, each) for name, one in CATALOGUE.items() if one.base for each in one.examples]


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.of(CATALOGUE.values())


@pytest.fixture(scope="module")
def source(registry: Registry) -> Source:
    found = registry.source()
    assert not len(found.quarantine), found.quarantine[["table", "column", "reason"]]
    return found


@pytest.fixture(scope="module")
def matrix(source: Source) -> pd.DataFrame:
    return features(source.as_of(AS_OF), names=PLAIN)


@pytest.mark.parametrize("name", PLAIN)
def test_worked_examples(name: str, registry: Registry, matrix: pd.DataFrame) -> None:
    for org_id, (one, each) in registry.asked.items():
        if one.name == name:
            assert _same(matrix.loc[org_id, name], each.value), each


def _same(found: Any, value: float | str | None) -> bool:
    if value is None:
        return bool(pd.isna(found))
    return bool(found == value if isinstance(value, str) else found == pytest.approx(value, rel=1e-12))


@pytest.mark.parametrize(("name", "each"), RELATIVE)
def test_worked_examples_of_relative_features(name: str, each: Example) -> None:
    values = np.array([[np.nan if each.own is None else each.own], *([one] for one in each.peers)], dtype=np.float64)
    found = percentiles(values, [np.zeros(values.shape)], np.ones(values.shape, dtype=bool))[0, 0]
    assert _same(found, each.value)


def test_a_row_that_does_not_say_when_it_happened_is_old() -> None:
    one = replace(CATALOGUE["complaints_90d"], examples=(example(0, {"severity": 3}), example(1, row(3))))
    source = Registry.of([one]).source()
    assert source.quarantine.empty
    assert source.tables["complaints"]["received_on"].dt.year.tolist() == [2014, AS_OF.year]
    found = features(source.as_of(AS_OF), names=[one.name])[one.name]
    assert found.tolist() == [each.value for each in one.examples]


def test_the_order_of_rows_changes_nothing(registry: Registry, matrix: pd.DataFrame) -> None:
    frames = {name: frame.sample(frac=1, random_state=7) for name, frame in registry.frames().items()}
    shuffled = features(registry.source(frames).as_of(AS_OF), names=PLAIN)
    pd.testing.assert_frame_equal(shuffled, matrix, check_exact=True)


def test_one_day_is_the_same_among_many_days(source: Source, matrix: pd.DataFrame) -> None:
    days = [AS_OF - dt.timedelta(days=back) for back in (800, 365, 90, 31, 1, 0)]
    many = features(source, [*days, AS_OF + dt.timedelta(days=40)], names=PLAIN)
    pd.testing.assert_frame_equal(many.xs(pd.Timestamp(AS_OF), level="as_of"), matrix, check_exact=True)
    for day in days[:3]:
        one = features(source.as_of(day), names=PLAIN)
        pd.testing.assert_frame_equal(many.xs(pd.Timestamp(day), level="as_of"), one, check_exact=True)


def test_one_organisation_is_the_same_among_many(source: Source, matrix: pd.DataFrame) -> None:
    some = list(matrix.index[::17])
    alone = features(source.as_of(AS_OF).restricted_to(some), names=PLAIN)
    pd.testing.assert_frame_equal(alone, matrix.loc[some], check_exact=True)


def test_nothing_recorded_later_changes_a_value(registry: Registry, matrix: pd.DataFrame) -> None:
    """Later versions, retractions and late news of every row; new rows; a later version of every organisation."""
    later = {name: _with_later_news(name, frame) for name, frame in registry.frames().items()}
    found = features(registry.source(later).as_of(AS_OF), names=PLAIN)
    pd.testing.assert_frame_equal(found, matrix, check_exact=True)


def _with_later_news(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    chance = random.Random(name)
    news = frame.copy()
    news["recorded_at"] = AS_OF + dt.timedelta(days=1)
    news["voided"] = [chance.random() < 0.5 for _ in range(len(news))]
    changed = {"amount": 7.0, "severity": 1, "total_income": 3.0, "status": "revoked", "role": "finance", "grade": "1A"}
    for column, value in changed.items():
        if column in news:
            news[column] = value
    fresh = frame.copy()
    fresh["recorded_at"] = AS_OF + dt.timedelta(days=400)
    key = frame.columns[frame.columns.str.endswith("_id")][0]
    if name != "organizations":
        fresh[key] = fresh[key] + "-new"
    return pd.concat([frame, news, fresh], ignore_index=True)


def test_the_records_behind_a_value_are_those_that_count(source: Source, matrix: pd.DataFrame) -> None:
    view = source.as_of(AS_OF)
    pairs = pd.DataFrame([(org, name) for name in PLAIN for org in matrix.index[::9]], columns=["org_id", "feature"])
    keys = evidence_keys(view, pairs)
    counted = [name for name in PLAIN if CATALOGUE[name].aggregate == "count"]
    for (org, name), records in zip(pairs.itertuples(index=False), keys, strict=True):
        assert len(records) == len(set(records))
        assert all(record.split(":")[0] in (CATALOGUE[name].table, "organizations") for record in records)
        if name in counted:
            assert len(records) == matrix.loc[org, name]
        elif CATALOGUE[name].aggregate not in ("sum", "distinct", "repeats", "share", "missing_years"):
            assert bool(records) or pd.isna(matrix.loc[org, name])


def test_features_do_not_share_their_examples(registry: Registry) -> None:
    """Each pair of examples tells a value from no value or one value from another."""
    dull = [name for name, one in CATALOGUE.items() if len({each.value for each in one.examples}) < 2]
    assert not dull
