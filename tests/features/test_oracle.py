"""Every aggregate against a plain reading of its definition, on small random registries with late rows and corrections."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorg_risk.features import CATALOGUE, evidence, features
from sorg_risk.records import open as open_source

ORGS = ("51440300000000001M", "51440300000000002Q")
START = dt.date(2024, 1, 1)
DAYS = [dt.date(2024, 3, 1), dt.date(2024, 9, 15), dt.date(2025, 2, 1)]


def _registry(**tables: pd.DataFrame) -> dict[str, pd.DataFrame]:
    register = pd.DataFrame(
        {
            "org_id": ORGS,
            "org_type": "association",
            "district": "440305",
            "registered_on": "2019-05-01",
            "status": "active",
            "recorded_at": "2019-05-02",
        }
    )
    return {"organizations": register, **tables}


@st.composite
def flow_rows(draw: st.DrawFn) -> pd.DataFrame:
    rows = []
    for n in range(draw(st.integers(1, 25))):
        day = draw(st.integers(0, 380))
        late = draw(st.sampled_from([0, 0, 1, 40]))
        rows.append(
            {
                "flow_id": f"F{n // draw(st.sampled_from([1, 1, 1, 2]))}",
                "org_id": draw(st.sampled_from(ORGS)),
                "booked_on": START + dt.timedelta(days=day),
                "direction": draw(st.sampled_from(["in", "out"])),
                "amount": draw(st.sampled_from([0.01, 19.99, 100.1, 20_000.0, 0.3])),
                "counterparty_id": draw(st.sampled_from(["p1", "p2", "p3"])),
                "is_related_party": draw(st.booleans()),
                "account": draw(st.sampled_from(["registered", "cash"])),
                "recorded_at": START + dt.timedelta(days=day + late + n % 3),
            }
        )
    return pd.DataFrame(rows)


def _money(rows: list[dict[str, Any]]) -> int:
    return sum(round(row["amount"] * 100) for row in rows)


def _passed(rows: list[dict[str, Any]]) -> float:
    ins = [[r["booked_on"], round(r["amount"] * 100)] for r in rows if r["direction"] == "in"]
    ins.sort()
    received, passed = sum(own for _, own in ins), 0
    for out in sorted((r for r in rows if r["direction"] == "out"), key=lambda r: r["booked_on"]):
        paid = round(out["amount"] * 100)
        for one in ins:
            if 0 <= (out["booked_on"] - one[0]).days <= 5:
                taken = min(paid, one[1])
                one[1] -= taken
                paid -= taken
                passed += taken
    return passed / received if received else math.nan


def _groups(rows: list[dict[str, Any]]) -> list[int]:
    return [
        _money([r for r in rows if r["counterparty_id"] == who]) for who in sorted({r["counterparty_id"] for r in rows})
    ]


def _plain(rows: list[dict[str, Any]], before: list[dict[str, Any]], day: dt.date) -> dict[str, float]:
    out = [r for r in rows if r["direction"] == "out"]
    out_before = [r for r in before if r["direction"] == "out"]
    paid, prior, total, groups = _money(out), _money(out_before), _money(rows), _groups(out)
    days = sorted(r["booked_on"] for r in rows)
    slices = [5 - (day - r["booked_on"]).days * 6 // 365 for r in out]
    bursts = [_money([r for r in rows if 0 <= (r["booked_on"] - first).days < 30]) for first in days]
    nan = math.nan
    return {
        "flows_365d": len(rows),
        "money_out_365d": paid / 100,
        "money_out_max_365d": max((round(r["amount"] * 100) for r in out), default=nan) / 100,
        "payees_365d": len(groups),
        "related_share_365d": _money([r for r in out if r["is_related_party"]]) / paid if paid else nan,
        "round_share_365d": sum(r["amount"] % 10_000 == 0 for r in rows) / len(rows) if rows else nan,
        "payee_hhi_365d": sum((own / paid) ** 2 for own in groups) if paid else nan,
        "payee_top_share_365d": max(groups) / paid if paid else nan,
        "money_out_change_365d": (paid - prior) / (paid + prior) if paid + prior else nan,
        "money_out_trend_365d": sum((2 * s - 5) * round(r["amount"] * 100) for s, r in zip(slices, out)) / (5 * paid)
        if paid
        else nan,
        "flow_burst_365d": max(bursts) / total if total else nan,
        "flow_gap_365d": max(((b - a).days for a, b in itertools.pairwise(days)), default=nan),
        "pass_through_365d": _passed(rows),
    }


@settings(max_examples=8)
@given(flow_rows())
def test_money_features_are_their_definition(rows: pd.DataFrame) -> None:
    source = open_source(_registry(fund_flows=rows))
    names = list(_plain([], [], DAYS[0]))
    many = features(source, days=DAYS, names=names)
    for day in DAYS:
        table = source.as_of(day).table("fund_flows")
        for org in ORGS:
            known = [
                {**row, "booked_on": row["booked_on"].date()}
                for row in table[table["org_id"] == org].to_dict("records")
            ]
            window = [row for row in known if 0 <= (day - row["booked_on"]).days < 365]
            before = [row for row in known if 365 <= (day - row["booked_on"]).days < 730]
            for name, value in _plain(window, before, day).items():
                got = many.loc[(pd.Timestamp(day), org), name]
                assert got == pytest.approx(value, rel=1e-12, nan_ok=True), (name, day, org)


@settings(max_examples=4)
@given(flow_rows(), st.randoms(use_true_random=False))
def test_order_crowd_number_of_days_and_the_future_change_nothing(rows: pd.DataFrame, random: Any) -> None:
    own = [name for name, one in CATALOGUE.items() if one.table == "fund_flows" and not one.base]
    source = open_source(_registry(fund_flows=rows))
    many = features(source, days=DAYS, names=own)

    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = features(open_source(_registry(fund_flows=rows.iloc[order])), days=DAYS, names=own)
    pd.testing.assert_frame_equal(many, shuffled, check_exact=True)
    for day in DAYS:
        view = source.as_of(day)
        at = many.xs(pd.Timestamp(day), level="as_of")
        pd.testing.assert_frame_equal(features(view, names=own), at, check_exact=True)
        alone = features(view.restricted_to([ORGS[1]]), names=own)
        pd.testing.assert_frame_equal(alone, at.loc[[ORGS[1]]], check_exact=True)
    past = rows[rows["recorded_at"] <= DAYS[1]]
    then = features(open_source(_registry(fund_flows=past)).as_of(DAYS[1]), names=own)
    pd.testing.assert_frame_equal(then, many.xs(pd.Timestamp(DAYS[1]), level="as_of"), check_exact=True)


@settings(max_examples=8)
@given(flow_rows())
def test_evidence_of_counts_and_sums_adds_up(rows: pd.DataFrame) -> None:
    view = open_source(_registry(fund_flows=rows)).as_of(DAYS[1])
    X = features(view, names=["flows_365d", "money_in_90d"])
    for org in ORGS:
        assert len(evidence(view, org, "flows_365d")) == X.loc[org, "flows_365d"]
        behind = evidence(view, org, "money_in_90d")
        assert np.rint(behind["amount"] * 100).sum() == round(X.loc[org, "money_in_90d"] * 100)
        assert behind["record"].str.startswith("fund_flows:F").all()


def _filings() -> pd.DataFrame:
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
    X = features(open_source(_registry(filings=_filings())), days=["2024-07-01", "2024-07-11", "2024-12-01"])
    own = X.xs(ORGS[0], level="org_id")

    assert own["total_income"].tolist() == [100.0, 150.0, 80.0]
    assert own["spending_to_income"].tolist() == [0.5, 0.2, 0.375]
    assert own["total_income_yearly_change"].tolist() == pytest.approx([np.nan, 0.5, -0.2], nan_ok=True)
    assert own["report_days_late"].tolist() == [0.0, 40.0, 40.0]
    assert own["reports_missing_last_year"].tolist() == [1.0, 0.0, 0.0]
    assert own["reports_missing_3_years"].tolist() == [2.0, 1.0, 1.0]
    assert own["audit_opinion"].astype("str").tolist() == ["qualified"] * 3
    assert own["organisation_age"].tolist() == [1888.0, 1898.0, 2041.0]


def test_offices_end_and_terms_run_out() -> None:
    positions = pd.DataFrame(
        {
            "position_id": ["1", "2", "3"],
            "person_id": ["a", "a", "b"],
            "org_id": ORGS[0],
            "role": ["director", "finance", "director"],
            "started_on": ["2020-01-01", None, "2021-01-01"],
            "term_ends_on": ["2024-06-30", None, "2030-01-01"],
            "ended_on": [None, None, "2023-12-31"],
            "recorded_at": "2024-01-15",
        }
    )
    X = features(open_source(_registry(positions=positions)), days=["2024-01-14", "2024-06-30", "2024-07-01"])
    own = X.xs(ORGS[0], level="org_id")

    assert own["offices_now"].tolist() == [0.0, 2.0, 2.0]
    assert own["persons_now"].tolist() == [0.0, 1.0, 1.0]
    assert own["offices_doubled"].tolist() == [0.0, 1.0, 1.0]
    assert own["offices_overstayed"].tolist() == [0.0, 0.0, 1.0]
    assert own["offices_ended_365d"].tolist() == [0.0, 1.0, 1.0]
