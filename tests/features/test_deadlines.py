"""The deadline a feature counts from is the law's, whoever the organisation is, whatever was known when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sorg_risk as sr
from sorg_risk.features import features
from sorg_risk.law.known import Known

A = "51440300000000001M"
FEATURES = (
    "report_days_late",
    "report_due_age",
    "reports_missing_last_year",
    "reports_missing_3_years",
    "reports_late_ever",
)
EPOCH = pd.Timestamp("1970-01-01")

days = st.dates(dt.date(2020, 6, 30), dt.date(2026, 10, 31))
authority = st.sampled_from([None, "440300", "4403", "440311", "440000", "44", "100000", "110100", "330200", "350600"])
flags = st.sampled_from([None, True, False])


@st.composite
def registries(draw: st.DrawFn) -> dict[str, pd.DataFrame]:
    """One organisation with versions, its annual reports, and some notices."""
    first = draw(st.dates(dt.date(2015, 1, 1), dt.date(2023, 12, 31)))
    versions = [
        {
            "org_id": A,
            "org_type": draw(st.sampled_from([None, "association", "foundation", "service_institution"])),
            "authority": draw(authority),
            "is_charity": draw(flags),
            "is_industry_association": draw(flags),
            "registered_on": first,
            "status": "active",
            "recorded_at": known,
        }
        for known in [first, *draw(st.lists(st.dates(first, dt.date(2026, 10, 31)), max_size=2, unique=True))]
    ]
    filings: list[dict[str, Any]] = []
    for number, year in enumerate(draw(st.lists(st.integers(2016, 2025), max_size=5))):
        filed = draw(st.one_of(st.none(), st.dates(dt.date(year + 1, 1, 1), dt.date(year + 1, 12, 31))))
        due = draw(st.one_of(st.none(), st.dates(dt.date(year + 1, 2, 1), dt.date(year + 1, 11, 30))))
        known = max(filed or first, first) + dt.timedelta(days=draw(st.integers(0, 90)))
        row = {"filing_id": f"F{number}", "org_id": A, "kind": "annual_report", "fiscal_year": year}
        filings.append({**row, "filed_on": filed, "due_on": due, "recorded_at": known})
        if draw(st.booleans()):
            later = known + dt.timedelta(days=draw(st.integers(1, 400)))
            filings.append({**row, "filed_on": filed, "due_on": draw(st.one_of(st.none(), days)), "recorded_at": later})
    notices = [
        {
            "notice_id": f"N{number}",
            "authority": draw(st.sampled_from([None, "44", "4403", "440300", "440311", "11"])),
            "org_type": draw(st.sampled_from([None, "association", "foundation"])),
            "is_charity": draw(flags),
            "is_industry_association": draw(flags),
            "fiscal_year": year,
            "registered_by": draw(st.one_of(st.none(), st.dates(dt.date(year, 1, 1), dt.date(year, 12, 31)))),
            "due_on": draw(st.one_of(st.none(), st.dates(dt.date(year + 1, 2, 1), dt.date(year + 1, 11, 30)))),
            "recorded_at": draw(st.dates(dt.date(year, 11, 1), dt.date(year + 1, 12, 31))),
        }
        for number, year in enumerate(draw(st.lists(st.integers(2016, 2025), max_size=4)))
    ]
    tables = {"organizations": versions, "filings": filings, "report_notices": notices}
    return {name: pd.DataFrame(rows) for name, rows in tables.items() if rows}


def by_law(view: sr.records.View) -> dict[str, float]:
    """What the features should say, from the law's own tables."""
    known = Known(view)
    due = known.reports_due.set_index("fiscal_year")["deadline"]
    rows = view.table("filings")
    filed = rows.loc[(rows["kind"] == "annual_report") & (rows["filed_on"] <= pd.Timestamp(view.day))]
    filed = filed.sort_values(["fiscal_year", "filed_on"], kind="stable")
    late = filed["filed_on"] - filed["fiscal_year"].map(due)
    passed = sorted(year for year, deadline in due.items() if deadline < pd.Timestamp(view.day))
    there = set(filed["fiscal_year"])
    newest = due.get(filed["fiscal_year"].iloc[-1]) if len(filed) else None
    return {
        "report_days_late": late.iloc[-1].days if len(filed) else np.nan,
        "report_due_age": np.nan if newest is None else (pd.Timestamp(view.day) - newest).days,
        "reports_missing_last_year": float(sum(year not in there for year in passed[-1:])),
        "reports_missing_3_years": float(sum(year not in there for year in passed[-3:])),
        "reports_late_ever": float((late.dt.days > 0).sum()),
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(registries(), st.lists(days, min_size=1, max_size=6, unique=True).map(sorted))
def test_the_features_deadline_is_the_laws_on_every_day(tables, when) -> None:
    source = sr.open(tables)
    when = [day for day in when if len(source.as_of(day).orgs)]
    if not when:
        return
    at_once = features(source, days=when, names=FEATURES)
    for day in when:
        view = source.as_of(day)
        wanted = by_law(view)
        alone = features(view, names=FEATURES).loc[A]
        swept = at_once.loc[(pd.Timestamp(day), A)]
        for name in FEATURES:
            np.testing.assert_equal(float(alone[name]), wanted[name], f"{name} of {day}")
            np.testing.assert_equal(float(swept[name]), wanted[name], f"{name} of {day}, all days at once")


def test_a_trade_association_of_shenzhen_is_late_by_law_and_by_feature() -> None:
    register = {"org_id": A, "org_type": "association", "is_industry_association": True, "registered_on": "2015-01-01"}
    row = {"filing_id": "F", "org_id": A, "kind": "annual_report", "fiscal_year": 2024, "filed_on": "2025-04-18"}
    source = sr.open(
        {
            "organizations": pd.DataFrame([{**register, "status": "active", "recorded_at": "2015-01-02"}]),
            "filings": pd.DataFrame([{**row, "recorded_at": "2025-04-18"}]),
        }
    )
    assert features(source.as_of("2025-04-30"), names=FEATURES).loc[A, "report_days_late"] == 18


@pytest.mark.parametrize("day", ["2026-06-14", "2026-06-15", "2026-07-20"])
def test_the_rows_behind_a_late_report_follow_the_notice_of_the_day(day: str) -> None:
    row = {"filing_id": "F", "org_id": A, "kind": "annual_report", "fiscal_year": 2025, "filed_on": "2026-06-10"}
    notice = {"notice_id": "N", "authority": "4403", "fiscal_year": 2025, "due_on": "2026-06-30"}
    source = sr.open(
        {
            "organizations": pd.DataFrame([{"org_id": A, "org_type": "association", "registered_on": "2015-01-01", "recorded_at": "2015-01-02"}]),
            "filings": pd.DataFrame([{**row, "recorded_at": "2026-06-10"}]),
            "report_notices": pd.DataFrame([{**notice, "recorded_at": "2026-06-15"}, {"notice_id": "N", "fiscal_year": 2025, "voided": True, "recorded_at": "2026-07-01"}]),
        }
    )  # fmt: skip
    extended = day == "2026-06-15"
    view = source.as_of(day)
    assert features(view, names=FEATURES).loc[A, "reports_late_ever"] == (0 if extended else 1)
    assert sr.evidence(view, A, "reports_late_ever")["record"].tolist() == ([] if extended else ["filings:F"])
