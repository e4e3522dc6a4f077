"""Every aggregate against a plain reading of its definition, on packed rows with two clocks and any as-of days."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorg_risk.features.declare import Feature
from sorg_risk.features.ingredients import KNOWN
from sorg_risk.features.measure import measured
from sorg_risk.records.packed import packs_of_frames
from sorg_risk.records.schema import TABLES

ORGS = ["a", "b"]
FIRST = 19_000
nan = math.nan


class Flow(NamedTuple):
    org: int
    event: int
    known: int
    until: int
    fen: int
    way: str
    other: str
    related: bool | None


def _flow(last: int) -> st.SearchStrategy[Flow]:
    day = st.integers(FIRST, FIRST + last)
    return st.builds(
        lambda org, event, late, stays, fen, way, other, related: Flow(
            org, event, event + late, event + late + stays, fen, way, other, related
        ),
        st.integers(0, 1),
        day,
        st.sampled_from([0, 0, 0, 2, 50]),
        st.sampled_from([1, 40, 9999, 9999]),
        st.sampled_from([1, 100, 999, 5_000_000, 2**45 + 1]),
        st.sampled_from(["in", "out"]),
        st.sampled_from(["p", "q", "r", ""]),
        st.sampled_from([True, False, None]),
    )


FLOWS = st.lists(_flow(400), max_size=25)
DAYS = st.lists(st.integers(FIRST - 5, FIRST + 500), min_size=1, max_size=6, unique=True).map(sorted)


def _feature(aggregate: str, window: int | None, **given: Any) -> Feature:
    words: dict[str, Any] = {"zh": "{value}", "en": "{value}", "examples": ()}
    return Feature(name="x", table="fund_flows", aggregate=aggregate, window_days=window, **words, **given)


def _frame(flows: Sequence[Flow]) -> pd.DataFrame:
    """Rows as a source would keep them, sorted by organisation, key and day of knowledge."""
    days = {
        name: pd.Series([getattr(one, name) for one in flows], dtype="int64") for name in ("event", "known", "until")
    }
    frame = pd.DataFrame(
        {
            "flow_id": pd.Series([f"{n:03d}" for n in range(len(flows))], dtype="str"),
            "org_id": pd.Series([ORGS[one.org] for one in flows], dtype="str"),
            "booked_on": _day(days["event"]),
            "direction": pd.Series([one.way for one in flows], dtype="str"),
            "amount": pd.Series([one.fen / 100 for one in flows], dtype="float64"),
            "counterparty_id": pd.Series([one.other or None for one in flows], dtype="str"),
            "is_related_party": pd.Series([one.related for one in flows], dtype="boolean"),
            "recorded_at": _day(days["known"]),
            "known_from": _day(days["known"]),
            "known_until": _day(days["until"]),
        }
    )
    for name in TABLES["fund_flows"].names:
        if name not in frame:
            frame[name] = pd.Series([None] * len(frame), dtype="str")
    return frame.sort_values(["org_id", "flow_id"], ignore_index=True)


def _day(numbers: pd.Series) -> pd.Series:
    return pd.Series(numbers.to_numpy().astype("datetime64[D]").astype("datetime64[s]"))


def _values(one: Feature, flows: Sequence[Flow], days: Sequence[int]) -> np.ndarray:
    return _together([one], flows, days)["x"]


def _together(ones: Sequence[Feature], flows: Sequence[Flow], days: Sequence[int]) -> dict[str, np.ndarray]:
    register = pd.DataFrame({"org_id": pd.Series(ORGS, dtype="str"), "recorded_at": pd.Timestamp("2000-01-01")})
    register = register.assign(**{name: pd.Series([None, None], dtype="str") for name in ("status", "district")})
    packs = packs_of_frames(
        pd.Index(ORGS, dtype="str"), lambda table: register if table == "organizations" else _frame(flows)
    )
    return measured(packs, np.array(days, dtype=np.int64), ones).values


def _visible(flows: Sequence[Flow], org: int, day: int, window: int | None) -> list[Flow]:
    """Rows that count on a day, by event and key."""
    rows = [
        one
        for one in flows
        if one.org == org
        and one.known <= day < one.until
        and one.event <= day
        and (not window or day - window < one.event)
    ]
    return sorted(rows, key=lambda one: (one.event, flows.index(one)))


Reading = Callable[[list[Flow], int, int], float]


def _money(rows: Sequence[Flow]) -> int:
    return sum(one.fen for one in rows)


def _trend(rows: list[Flow], day: int, window: int) -> float:
    weights = [Fraction(5 - 2 * ((day - one.event) * 6 // window), 5) for one in rows]
    return float(sum(w * one.fen for w, one in zip(weights, rows)) / _money(rows)) if rows else nan


def _gap(rows: list[Flow], _day: int, _window: int) -> float:
    return max((later.event - one.event for one, later in pairwise(rows)), default=nan)


def _burst(rows: list[Flow], _day: int, _window: int) -> float:
    sums = [_money([one for one in rows if start.event <= one.event < start.event + 30]) for start in rows]
    return max(sums) / _money(rows) if rows else nan


def _revival(rows: list[Flow], _day: int, _window: int) -> float:
    gaps = [later.event - one.event for one, later in pairwise(rows)]
    if not rows or max(gaps, default=0) < 90:
        return 0.0 if rows else nan
    begins = rows[gaps.index(max(gaps)) + 1].event
    return _money([one for one in rows if begins <= one.event < begins + 30]) / _money(rows)


def _pass_through(rows: list[Flow], _day: int, _window: int) -> float:
    """Each payment takes from what came in at most five days before it, oldest first."""
    left = {place: one.fen for place, one in enumerate(rows) if one.way == "in"}
    received, passed = sum(left.values()), 0
    for out in (one for one in rows if one.way == "out"):
        paid = out.fen
        for place in sorted(left, key=lambda at: rows[at].event):
            if 0 <= out.event - rows[place].event <= 5:
                taken = min(paid, left[place])
                left[place], paid, passed = left[place] - taken, paid - taken, passed + taken
    return passed / received if received else nan


def _shares(rows: list[Flow]) -> list[Fraction]:
    named = [one for one in rows if one.other]
    sums = Counter[str]()
    for one in named:
        sums[one.other] += one.fen
    return [Fraction(own, _money(named)) for own in sums.values()]


def _related(rows: list[Flow], _day: int, _window: int) -> float:
    return _money([one for one in rows if one.related]) / _money(rows) if rows else nan


def _known_related(rows: list[Flow], _day: int, _window: int) -> float:
    known = [one for one in rows if one.related is not None]
    return sum(one.related is True for one in known) / len(known) if known else nan


OUT = {"direction": "out"}
PLAIN: dict[str, tuple[dict[str, Any], Reading]] = {
    "count": ({}, lambda rows, d, w: len(rows)),
    "sum": ({"value": "amount"}, lambda rows, d, w: _money(rows) / 100),
    "mean": ({"value": "amount"}, lambda rows, d, w: _money(rows) / (100 * len(rows)) if rows else nan),
    "max": ({"value": "amount"}, lambda rows, d, w: max((one.fen for one in rows), default=nan) / 100),
    "min": ({"value": "amount"}, lambda rows, d, w: min((one.fen for one in rows), default=nan) / 100),
    "range": (
        {"value": "amount"},
        lambda rows, d, w: (max(one.fen for one in rows) - min(one.fen for one in rows)) / 100 if rows else nan,
    ),
    "recency": ({}, lambda rows, d, w: d - rows[-1].event if rows else nan),
    "seniority": ({}, lambda rows, d, w: d - rows[0].event if rows else nan),
    "latest": ({"value": "amount"}, lambda rows, d, w: rows[-1].fen / 100 if rows else nan),
    "gap": ({}, _gap),
    "burst": ({"value": "amount"}, _burst),
    "revival": ({"value": "amount"}, _revival),
    "pass_through": ({"value": "amount", "part": {"direction": "in"}}, _pass_through),
    "distinct": ({"by": "counterparty_id"}, lambda rows, d, w: len({one.other for one in rows if one.other})),
    "repeats": (
        {"by": "counterparty_id"},
        lambda rows, d, w: sum(bool(one.other) for one in rows) - len({one.other for one in rows if one.other}),
    ),
    "hhi": (
        {"value": "amount", "by": "counterparty_id"},
        lambda rows, d, w: float(sum(own**2 for own in _shares(rows))) if _shares(rows) else nan,
    ),
    "top_share": (
        {"value": "amount", "by": "counterparty_id"},
        lambda rows, d, w: float(max(_shares(rows), default=nan)),
    ),
    "share": ({"value": "amount", "part": {"is_related_party": True}}, _related),
    "trend": ({"value": "amount"}, _trend),
}


@pytest.mark.parametrize("aggregate", PLAIN)
@settings(max_examples=20)
@given(flows=FLOWS, days=DAYS, window=st.sampled_from([1, 7, 30, 91, 365]), only_out=st.booleans())
def test_each_aggregate_is_its_definition(
    aggregate: str, flows: list[Flow], days: list[int], window: int, only_out: bool
) -> None:
    given_, plain = PLAIN[aggregate]
    where = OUT if only_out and aggregate != "pass_through" else {}
    found = _values(_feature(aggregate, window, where=where, **given_), flows, days)
    for org in range(len(ORGS)):
        for k, day in enumerate(days):
            rows = [one for one in _visible(flows, org, day, window) if not where or one.way == "out"]
            assert found[org, k] == pytest.approx(plain(rows, day, window), rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("aggregate", ["count", "sum", "max", "recency", "distinct", "hhi", "gap", "latest"])
@settings(max_examples=10)
@given(flows=FLOWS, days=DAYS)
def test_without_a_window_all_rows_count(aggregate: str, flows: list[Flow], days: list[int]) -> None:
    given_, plain = PLAIN[aggregate]
    found = _values(_feature(aggregate, None, **given_), flows, days)
    for org in range(len(ORGS)):
        for k, day in enumerate(days):
            value = plain(_visible(flows, org, day, None), day, 0)
            assert found[org, k] == pytest.approx(value, rel=1e-12, nan_ok=True)


@settings(max_examples=60)
@given(
    flows=st.lists(_flow(60), min_size=4, max_size=12),
    days=st.lists(st.integers(FIRST, FIRST + 120), min_size=3, max_size=9, unique=True).map(sorted),
)
def test_windows_asked_together_are_each_its_definition(flows: list[Flow], days: list[int]) -> None:
    names, windows = ["count", "sum", "max", "distinct", "hhi", "top_share"], [None, 91, 30, 7]
    asked = {
        f"{name}_{window}": replace(_feature(name, window, **PLAIN[name][0]), name=f"{name}_{window}")
        for name in names
        for window in windows
    }
    found = _together(list(asked.values()), flows, days)
    for name, one in asked.items():
        for org in range(len(ORGS)):
            for k, day in enumerate(days):
                rows = _visible(flows, org, day, one.window_days)
                value = PLAIN[one.aggregate][1](rows, day, one.window_days or 0)
                assert found[name][org, k] == pytest.approx(value, rel=1e-12, nan_ok=True), name


def test_a_row_known_after_it_left_the_window_leaves_no_trace() -> None:
    late = Flow(0, FIRST, FIRST + 65, FIRST + 999, 100, "in", "p", None)
    rows = [late, Flow(0, FIRST + 20, FIRST + 20, FIRST + 999, 100, "in", "p", None)]
    days = [FIRST + 25, FIRST + 60, FIRST + 70, FIRST + 80]
    for aggregate, given_ in (("distinct", {}), ("hhi", {"value": "amount"})):
        found = _values(_feature(aggregate, 30, by="counterparty_id", **given_), rows, days)[0]
        np.testing.assert_array_equal(found, [1, nan, nan, nan] if given_ else [1, 0, 0, 0])


@settings(max_examples=20)
@given(flows=FLOWS, days=DAYS, window=st.sampled_from([7, 91]))
def test_change_compares_two_windows(flows: list[Flow], days: list[int], window: int) -> None:
    found = _values(_feature("change", window, value="amount"), flows, days)
    for org in range(len(ORGS)):
        for k, day in enumerate(days):
            now, both = (_money(_visible(flows, org, day, w)) for w in (window, 2 * window))
            value = (2 * now - both) / both if both else nan
            assert found[org, k] == pytest.approx(value, rel=1e-12, nan_ok=True)


@settings(max_examples=20)
@given(flows=FLOWS, days=DAYS)
def test_conditions_on_flags_know_yes_no_and_unknown(flows: list[Flow], days: list[int]) -> None:
    one = _feature("share", 91, where={"is_related_party": KNOWN}, part={"is_related_party": True})
    found = _values(one, flows, days)
    for org in range(len(ORGS)):
        for k, day in enumerate(days):
            value = _known_related(_visible(flows, org, day, 91), day, 91)
            assert found[org, k] == pytest.approx(value, rel=1e-12, nan_ok=True)


@given(flows=st.lists(_flow(60), min_size=45, max_size=70))
@settings(max_examples=10)
def test_benford_is_the_mean_distance_of_nine_shares(flows: list[Flow]) -> None:
    day = FIRST + 120
    found = _values(_feature("benford", 365, value="first_digit"), flows, [day])
    for org in range(len(ORGS)):
        digits = [int(str(one.fen)[0]) for one in _visible(flows, org, day, 365)]
        away = [abs(digits.count(d) / len(digits) - math.log10(1 + 1 / d)) for d in range(1, 10)] if digits else [nan]
        value = sum(away) / 9 if len(digits) >= 50 else nan
        assert found[org, 0] == pytest.approx(value, rel=1e-12, nan_ok=True)


def test_concentration_is_exact_where_floats_are_not() -> None:
    """Squares of sums beyond 2**63, in any order of words."""
    amounts = [2**45 + n for n in range(5)]
    names = ["p", "q", "r", "s", "t"]
    flows = [Flow(0, FIRST, FIRST, FIRST + 999, fen, "in", name, None) for fen, name in zip(amounts, names)]
    one = _feature("hhi", 30, value="amount", by="counterparty_id")
    found = {_values(one, order, [FIRST])[0, 0] for order in (flows, flows[::-1], [*flows[2:], *flows[:2]])}
    exact = Fraction(sum(own * own for own in amounts), sum(amounts) ** 2)
    assert len(found) == 1
    assert found.pop() == pytest.approx(float(exact), rel=1e-15)
