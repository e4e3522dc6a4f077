"""Whatever is learnt in the organisation's favour, about whichever record, adds no graver flag; see `test_better_knowledge`.

Beside certificates and objections: a penalty corrected to one that is no ground, an order accepted by its deadline, a report that had been
filed in time. And what was taken back and stands again the same day changes nothing at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sorg_risk.law.worked import Rows, exemption, report

from .adversarial import registry
from .second_engine import KEYS
from .test_better_knowledge import DAY, flags_of, gravest

COUNT = 12
LAST = dt.date.fromisoformat(DAY)
Row = dict[str, Any]
News = list[tuple[str, Row]]


def newest(rows: Rows, table: str) -> list[Row]:
    """The last version of each record of a table."""
    last: dict[str, Row] = {}
    for row in sorted(rows.get(table, []), key=lambda row: str(row["recorded_at"])):
        last[row[KEYS[table]]] = row
    return [row for row in last.values() if not row.get("voided") and row["recorded_at"] < DAY]


def granted(kind: str) -> Callable[[Rows], News]:
    """An objection or a certificate about each penalty, order and year."""

    def news(rows: Rows) -> News:
        records = [row for table in ("penalties", "inspections") for row in newest(rows, table)]
        names = [(row["org_id"], row.get("penalty_id") or row["inspection_id"]) for row in records]
        names += [(row["org_id"], f"AL-01:{year}") for row in rows["organizations"] for year in range(2019, LAST.year)]
        return [exemption(kind, name, DAY, org_id) for org_id, name in names]

    return news


def voided(rows: Rows) -> News:
    return [(name, {**row, "voided": True}) for name in ("penalties", "inspections") for row in newest(rows, name)]


def no_ground(rows: Rows) -> News:
    """A penalty was a confiscation only."""
    return [("penalties", {**row, "kind": "confiscation", "amount": None}) for row in newest(rows, "penalties")]


def done_in_time(rows: Rows) -> News:
    """An order was accepted by its deadline."""
    orders = [row for row in newest(rows, "inspections") if row["kind"] == "rectification_order"]
    orders = [row for row in orders if row["issued_on"] <= row["deadline_on"] <= DAY]
    return [("inspections", {**row, "outcome": "accepted", "completed_on": row["issued_on"]}) for row in orders]


def filed_in_time(rows: Rows) -> News:
    """A report of a year had been filed, and accepted, before any deadline."""
    first = {row["org_id"]: row for row in rows["organizations"]}
    return [report(year, org_id) for org_id in first for year in range(2019, LAST.year)]


KINDS: dict[str, Callable[[Rows], News]] = {
    "objection": granted("objection"),
    "certificate": granted("no_direct_responsibility"),
    "void": voided,
    "no_ground": no_ground,
    "done_in_time": done_in_time,
    "filed_in_time": filed_in_time,
}


def with_news(rows: Rows, news: News, seed: int) -> Rows:
    """The same rows and some of the news, learnt on the day."""
    rng = Random(seed)
    after = {name: list(part) for name, part in rows.items()}
    for number, (table, row) in enumerate(news):
        if rng.random() < 0.5:
            key = row.get(KEYS[table]) or f"new{number}"
            after.setdefault(table, []).append({**row, KEYS[table]: key, "recorded_at": DAY})
    return after


@settings(
    max_examples=5, deadline=None, phases=[Phase.generate], derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(seed=st.integers(100, 10_000), kind=st.sampled_from(sorted(KINDS)))
def test_what_is_learnt_in_favour_never_adds_a_graver_flag(seed: int, kind: str) -> None:
    """Where lists are decided; where they are assumed an older duty may run on from its own listing."""
    rows = registry(COUNT, seed, LAST)
    before, after = gravest(flags_of(rows)), gravest(flags_of(with_news(rows, KINDS[kind](rows), seed)))
    worse = after > before.reindex(after.index).fillna(0)
    assert not worse.any(), list(after.index[worse])


@pytest.mark.parametrize("lists", ["decided", "assumed"])
@settings(
    max_examples=1, deadline=None, phases=[Phase.generate], derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(seed=st.integers(100, 10_000))
def test_what_was_taken_back_and_stands_again_is_as_if_it_had_always_stood(lists: str, seed: int) -> None:
    """A day later: the records keep their first evening of knowledge, so nothing moves."""
    rows = registry(COUNT, seed, LAST - dt.timedelta(days=30))
    away, again = (str(LAST - dt.timedelta(days=days)) for days in (20, 10))
    both = {name: list(part) for name, part in rows.items()}
    for table in ("penalties", "inspections"):
        for row in newest(rows, table):
            both[table] += [{**row, "recorded_at": away, "voided": True}, {**row, "recorded_at": again}]
    pd.testing.assert_frame_equal(flags_of(both, lists), flags_of(rows, lists))
