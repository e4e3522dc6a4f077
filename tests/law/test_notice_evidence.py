"""A flag whose deadline a delivered notice sets names the notice; and what a moved supervision changes, from its day on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

import sorg_risk as sr
from sorg_risk.law.known import Known

A = "51440300000000001M"
FD = "534400000000000010"
"""A foundation of the province, by its code."""
TRADE = "514400000000000016"
"""An association of the province, by its code."""


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def report(year: int, filed: str, org_id: str = A) -> dict[str, Any]:
    return {
        "filing_id": f"{org_id}-{year}",
        "org_id": org_id,
        "kind": "annual_report",
        "fiscal_year": year,
        "filed_on": filed,
        "accepted_on": filed,
        "recorded_at": filed,
    }


def association(**more: Any) -> dict[str, Any]:
    return {
        "org_id": A,
        "name": "甲",
        "org_type": "association",
        "registered_on": "2023-06-01",
        "status": "active",
        "recorded_at": "2023-06-01",
        **more,
    }


NOTICE = {
    "notice_id": "N7",
    "authority": "4403",
    "fiscal_year": 2024,
    "due_on": "2025-04-15",
    "document": "示例〔2025〕1号",
    "recorded_at": "2025-01-10",
}


def flags(tables: dict[str, pd.DataFrame], day: str, lists: str = "decided") -> pd.DataFrame:
    return sr.apply_law(sr.open(tables).as_of(day), lists)


def evidence(found: pd.DataFrame, ground: str) -> list[str]:
    (one,) = found.loc[found["ground"] == ground, "evidence"]
    return list(one)


@pytest.mark.parametrize("lists", ["decided", "assumed"])
def test_a_missing_report_names_the_notice_that_set_its_day(lists: str) -> None:
    tables = {
        "organizations": frame(association()),
        "filings": frame(report(2023, "2024-03-01")),
        "report_notices": frame(NOTICE),
    }
    assert evidence(flags(tables, "2025-04-16", lists), "AL-01") == [
        "filings:51440300000000001M-2023",
        f"organizations:{A}",
        "report_notices:N7",
    ]
    without = {**tables, "report_notices": frame({**NOTICE, "due_on": None})}
    found = flags(without, "2025-06-20", lists)
    assert not [record for record in evidence(found, "AL-01") if record.startswith("report_notices")]


def test_a_late_report_names_it_too_and_an_override_does_not() -> None:
    late = report(2024, "2025-05-02") | {"accepted_on": None}
    tables = {
        "organizations": frame(association()),
        "filings": frame(report(2023, "2024-03-01"), late),
        "report_notices": frame(NOTICE),
    }
    assert evidence(flags(tables, "2025-05-10"), "AL-01") == ["filings:51440300000000001M-2024", "report_notices:N7"]
    own = {**tables, "filings": frame(report(2023, "2024-03-01"), late | {"due_on": "2025-04-20"})}
    assert evidence(flags(own, "2025-05-10"), "AL-01") == ["filings:51440300000000001M-2024"]


def test_years_missed_name_every_notice_that_set_one_of_their_days() -> None:
    earlier = NOTICE | {"notice_id": "N6", "fiscal_year": 2023, "due_on": "2024-04-10", "recorded_at": "2024-01-10"}
    tables = {"organizations": frame(association()), "report_notices": frame(earlier, NOTICE)}
    found = flags(tables, "2025-04-20")
    assert {"report_notices:N6", "report_notices:N7"} <= set(evidence(found, "AL-01"))
    several = found.loc[found["ground"].isin(["ZO-02", "AN-06"]), "evidence"]
    assert len(several)
    assert all({"report_notices:N6", "report_notices:N7"} <= set(records) for records in several)


def test_an_objection_that_calls_the_key_of_a_notice_takes_no_report_out() -> None:
    """A notice speaks to everyone: no record of one organisation."""
    objection = {
        "exemption_id": "E1",
        "org_id": A,
        "kind": "objection",
        "refers_to": "N7",
        "decided_on": "2025-04-17",
        "outcome": "granted",
        "recorded_at": "2025-04-17",
    }
    tables = {
        "organizations": frame(association()),
        "filings": frame(report(2023, "2024-03-01")),
        "report_notices": frame(NOTICE),
        "exemptions": frame(objection),
    }
    assert "AL-01" in set(flags(tables, "2025-04-20")["ground"])


HANDED_OVER = "2026-01-15"
"""The day from which Shenzhen supervises the foundation."""


def foundation(**more: Any) -> dict[str, Any]:
    return {
        "org_id": FD,
        "name": "乙",
        "org_type": "foundation",
        "registered_on": "2025-09-10",
        "status": "active",
        "recorded_at": "2025-09-12",
        **more,
    }


def test_a_foundation_handed_to_the_city_owes_by_the_city_from_that_day_on() -> None:
    """Registered on 10 September 2025: of the year the province asks no report, the city does; the city's own notice is its, too."""
    city = {**NOTICE, "notice_id": "C", "fiscal_year": 2025, "due_on": "2026-03-10", "recorded_at": "2026-01-02"}
    tables = {
        "organizations": frame(foundation(), foundation(authority="440300", recorded_at=HANDED_OVER)),
        "report_notices": frame(city),
    }
    source = sr.open(tables)
    before, after = Known(source.as_of("2026-01-14")), Known(source.as_of(HANDED_OVER))
    assert before.organizations["authority"].tolist() == ["440000"]
    assert before.organizations["city"].tolist() == ["4400"]
    assert after.organizations["city"].tolist() == ["4403"]
    assert before.reports_due.query("fiscal_year == 2025").empty
    assert after.reports_due.query("fiscal_year == 2025")["deadline"].dt.date.tolist() == [dt.date(2026, 3, 10)]
    found = sr.apply_law(source.as_of("2026-03-20"))
    assert evidence(found, "AL-01") == [f"organizations:{FD}", "report_notices:C"]
    unmoved = sr.open({**tables, "organizations": frame(foundation())})
    assert "AL-01" not in set(sr.apply_law(unmoved.as_of("2026-03-20"))["ground"])


def test_the_rules_of_the_city_go_by_who_supervises_now() -> None:
    """An industry association of the province, moved to Shenzhen and back."""
    row = association(org_id=TRADE, is_industry_association=True)
    tables = {
        "organizations": frame(
            row,
            {**row, "authority": "440305", "recorded_at": HANDED_OVER},
            {**row, "authority": "44", "recorded_at": "2026-07-01"},
        ),
    }
    source = sr.open(tables)

    def rules(day: str) -> set[str]:
        return set(sr.apply_law(source.as_of(day))["ground"])

    assert "SZ-02" not in rules("2026-01-14")
    assert "SZ-02" in rules(HANDED_OVER)
    assert "SZ-02" in rules("2026-06-30")
    assert "SZ-02" not in rules("2026-07-01")
    assert "AL-01" in rules("2026-07-01")
