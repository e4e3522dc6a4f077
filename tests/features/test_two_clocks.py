"""From delivered rows to features on many days, against a plain reading of what was known when.

Late rows, corrections, retractions, conflicts, records that move to another organisation, organisations known late: the
plain reading goes day by day through the raw rows and knows nothing of ranges.
"""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorg_risk.features import CATALOGUE, features
from sorg_risk.records import open as open_source

ORGS = ("51440300000000001M", "51440300000000002Q", "53440300000000003M")
START = dt.date(2024, 1, 1)
DAYS = [dt.date(2024, 3, 1), dt.date(2024, 9, 15), dt.date(2025, 2, 1)]
KNOWN_FROM = {ORGS[0]: START - dt.timedelta(days=900), ORGS[1]: START + dt.timedelta(days=200), ORGS[2]: None}
NAMES = [
    *("flows_90d", "money_in_365d", "money_out_365d", "money_out_max_365d", "payees_365d", "related_share_365d"),
    *(
        "payee_hhi_365d",
        "round_share_365d",
        "flow_gap_365d",
        "flow_recency",
        "pass_through_90d",
        "money_in_change_365d",
    ),
]
nan = math.nan


@st.composite
def flow_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for n in range(draw(st.integers(1, 20))):
        day = draw(st.integers(0, 380))
        known = day + draw(st.sampled_from([0, 0, 1, 40, 200]))
        row = {
            "flow_id": f"F{n}",
            "org_id": draw(st.sampled_from(ORGS[:2])),
            "booked_on": START + dt.timedelta(days=day),
            "direction": draw(st.sampled_from(["in", "out"])),
            "amount": draw(st.sampled_from([0.01, 19.99, 100.1, 20_000.0, 0.3])),
            "counterparty_id": draw(st.sampled_from(["p1", "p2", None])),
            "is_related_party": draw(st.booleans()),
            "recorded_at": START + dt.timedelta(days=known),
            "voided": False,
        }
        rows.append(row)
        fate = draw(st.sampled_from(["", "", "", "corrected", "moved", "voided", "conflict", "twice", "unknown"]))
        later = START + dt.timedelta(days=known + draw(st.integers(1, 150)))
        if fate == "corrected":
            rows.append({**row, "amount": 5.5, "recorded_at": later})
        elif fate == "moved":
            rows.append({**row, "org_id": ORGS[1] if row["org_id"] == ORGS[0] else ORGS[0], "recorded_at": later})
        elif fate == "voided":
            rows.append({**row, "recorded_at": later, "voided": True})
        elif fate == "conflict":
            rows += [{**row, "amount": 1.0, "recorded_at": later}, {**row, "amount": 2.0, "recorded_at": later}]
        elif fate == "twice":
            rows.append(dict(row))
        elif fate == "unknown":
            rows.append({**row, "org_id": ORGS[2], "recorded_at": later})
    return rows


def registry(rows: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    register = pd.DataFrame(
        [{"org_id": org, "status": "active", "recorded_at": day} for org, day in KNOWN_FROM.items() if day]
    )
    return {"organizations": register, "fund_flows": pd.DataFrame(rows)}


def known_on(rows: list[dict[str, Any]], day: dt.date) -> list[dict[str, Any]]:
    """The version of each record in force, read row by row."""
    found = []
    for key in sorted({row["flow_id"] for row in rows}):
        versions = [row for row in rows if row["flow_id"] == key]
        clear = [
            row
            for row in versions
            if all(one == row or one["recorded_at"] != row["recorded_at"] for one in versions)
            and row["recorded_at"] <= day
            and (since := KNOWN_FROM[row["org_id"]]) is not None
            and since <= day
        ]
        newest = max(clear, key=lambda row: row["recorded_at"], default=None)
        if newest and not newest["voided"]:
            found.append(newest)
    return found


def _fen(rows: list[dict[str, Any]]) -> int:
    return sum(round(row["amount"] * 100) for row in rows)


def _passed(rows: list[dict[str, Any]]) -> float:
    ins = sorted([row["booked_on"], round(row["amount"] * 100)] for row in rows if row["direction"] == "in")
    received, passed = sum(own for _, own in ins), 0
    for out in sorted((row for row in rows if row["direction"] == "out"), key=lambda row: row["booked_on"]):
        paid = round(out["amount"] * 100)
        for one in ins:
            if 0 <= (out["booked_on"] - one[0]).days <= 5:
                taken = min(paid, one[1])
                one[1], paid, passed = one[1] - taken, paid - taken, passed + taken
    return passed / received if received else nan


def plain(known: list[dict[str, Any]], day: dt.date) -> dict[str, float]:
    def within(days: int) -> list[dict[str, Any]]:
        return [row for row in known if 0 <= (day - row["booked_on"]).days < days]

    year, quarter = within(365), within(90)
    out, come = ([row for row in year if row["direction"] == way] for way in ("out", "in"))
    both = _fen([row for row in within(730) if row["direction"] == "in"])
    whom = [row["counterparty_id"] for row in out if row["counterparty_id"]]
    sums = [_fen([row for row in out if row["counterparty_id"] == name]) for name in sorted(set(whom))]
    days = sorted(row["booked_on"] for row in year)
    return {
        "flows_90d": len(quarter),
        "money_in_365d": _fen(come) / 100,
        "money_out_365d": _fen(out) / 100,
        "money_out_max_365d": max((row["amount"] for row in out), default=nan),
        "payees_365d": len(set(whom)),
        "related_share_365d": _fen([row for row in out if row["is_related_party"]]) / _fen(out) if out else nan,
        "payee_hhi_365d": sum((own / sum(sums)) ** 2 for own in sums) if sums else nan,
        "round_share_365d": sum(row["amount"] % 10_000 == 0 for row in year) / len(year) if year else nan,
        "flow_gap_365d": max(((b - a).days for a, b in pairwise(days)), default=nan),
        "flow_recency": min(((day - row["booked_on"]).days for row in known), default=nan),
        "pass_through_90d": _passed(quarter),
        "money_in_change_365d": (2 * _fen(come) - both) / both if both else nan,
    }


@settings(max_examples=12)
@given(flow_rows())
def test_many_days_are_the_plain_reading_of_each(rows: list[dict[str, Any]]) -> None:
    many = features(open_source(registry(rows)), DAYS, names=NAMES)
    for day in DAYS:
        known = known_on(rows, day)
        for org, since in KNOWN_FROM.items():
            if since is None or since > day:
                assert (pd.Timestamp(day), org) not in many.index
                continue
            for name, value in plain([row for row in known if row["org_id"] == org], day).items():
                got = many.loc[(pd.Timestamp(day), org), name]
                assert got == pytest.approx(value, rel=1e-12, nan_ok=True), (name, day, org)


@settings(max_examples=6)
@given(flow_rows(), st.randoms(use_true_random=False))
def test_order_crowd_number_of_days_and_the_future_change_nothing(rows: list[dict[str, Any]], random: Any) -> None:
    own = [name for name, one in CATALOGUE.items() if one.table == "fund_flows" and not one.base]
    source = open_source(registry(rows))
    many = features(source, DAYS, names=own)
    mixed = random.sample(rows, len(rows))
    pd.testing.assert_frame_equal(many, features(open_source(registry(mixed)), DAYS, names=own), check_exact=True)
    for day in DAYS:
        at, view = many.xs(pd.Timestamp(day), level="as_of"), source.as_of(day)
        pd.testing.assert_frame_equal(features(view, names=own), at, check_exact=True)
        alone = features(view.restricted_to([ORGS[0]]), names=own)
        pd.testing.assert_frame_equal(alone, at.loc[[ORGS[0]]], check_exact=True)
    past = [row for row in rows if row["recorded_at"] <= DAYS[1]]
    if past:
        then = features(open_source(registry(past)).as_of(DAYS[1]), names=own)
        pd.testing.assert_frame_equal(then, many.xs(pd.Timestamp(DAYS[1]), level="as_of"), check_exact=True)


def _reports() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "filing_id": ["r22", "r23", "r23", "a23"],
            "org_id": ORGS[0],
            "kind": ["annual_report", "annual_report", "annual_report", "audit_report"],
            "fiscal_year": [2022, 2023, 2023, 2023],
            "filed_on": ["2023-05-31", "2024-07-10", "2024-07-10", "2024-05-01"],
            "total_income": [100.0, 150.0, 80.0, np.nan],
            "total_spending": [50.0, 30.0, 30.0, np.nan],
            "audit_opinion": ["", "", "", "qualified"],
            "recorded_at": ["2023-06-01", "2024-07-11", "2024-12-01", "2024-05-02"],
        }
    )


def test_accounts_follow_the_newest_report_and_its_corrections() -> None:
    register = pd.DataFrame({"org_id": ORGS[:1], "registered_on": "2019-05-01", "recorded_at": "2019-05-02"})
    source = open_source({"organizations": register, "filings": _reports()})
    own = features(source, days=["2024-07-01", "2024-07-11", "2024-12-01"]).xs(ORGS[0], level="org_id")

    assert own["total_income"].tolist() == [100.0, 150.0, 80.0]
    assert own["spending_to_income"].tolist() == [0.5, 0.2, 0.375]
    assert own["total_income_yearly_change"].tolist() == pytest.approx([nan, 0.5, -0.2], nan_ok=True)
    assert own["report_days_late"].tolist() == [0.0, 40.0, 40.0]
    assert own["reports_missing_last_year"].tolist() == [1.0, 0.0, 0.0]
    assert own["reports_missing_3_years"].tolist() == [2.0, 1.0, 1.0]
    assert own["audit_opinion"].astype("str").tolist() == ["qualified"] * 3
    assert own["organisation_age"].tolist() == [1888.0, 1898.0, 2041.0]


def test_deadlines_other_than_the_laws_are_not_guessed() -> None:
    """Where a mapping leaves deadlines to the rows, a report without one is neither late nor missing."""
    register = pd.DataFrame({"org_id": ["x"], "registered_on": "2019-05-01", "recorded_at": "2019-05-02"})
    filings = _reports().assign(org_id="x", due_on=[None, "2024-07-01", "2024-07-01", None])
    from sorg_risk.records import Source
    from sorg_risk.records.reading import read_frames

    source = Source(read_frames({"organizations": register, "filings": filings}), "any", "due_on")
    own = features(source.as_of("2025-12-31")).loc["x"]

    assert own["report_days_late"] == 9.0
    assert pd.isna(own["report_days_late_before"])
    assert pd.isna(own["reports_missing_3_years"])
