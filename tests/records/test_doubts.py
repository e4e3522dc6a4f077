"""Numbers that can hardly be meant are told, and used all the same."""

from __future__ import annotations

import pytest

from sorg_risk.records.doubts import doubts

from .made import A, source


def report(key: str, year: int, **amounts):
    plain = {
        "filing_id": key,
        "org_id": A,
        "kind": "annual_report",
        "fiscal_year": year,
        "recorded_at": f"{year + 1}-06-01",
    }
    return plain | amounts


USUAL = {"total_income": 3e6, "total_spending": 2.8e6, "total_assets": 9e6, "net_assets": 8e6}


def rules(*rows, day: str = "2026-12-31") -> list[tuple[str, str]]:
    found = doubts(source((A,), filings=list(rows)).as_of(day))
    return [tuple(pair) for pair in found[["primary_key", "rule"]].to_numpy()]


@pytest.mark.parametrize("factor", [1e-4, 1e4])
def test_a_slip_of_ten_thousand_between_two_years(factor):
    slipped = {name: value * factor * 1.2 for name, value in USUAL.items()}
    assert rules(report("1", 2023, **USUAL), report("2", 2024, **slipped)) == [("2", "unit_slip")]


@pytest.mark.parametrize("factor", [1.0, 0.01, 100.0, 0.0])
def test_growth_and_decline_are_no_slip(factor):
    other = {name: value * factor for name, value in USUAL.items()}
    assert rules(report("1", 2023, **USUAL), report("2", 2024, **other)) == []


@pytest.mark.parametrize(
    ("amounts", "rule"),
    [
        ({"total_income": 100, "donation_income": 60, "fee_income": 60}, "parts_exceed_total_income"),
        ({"total_spending": 100, "management_fee": 60, "charitable_spending": 60}, "parts_exceed_total_spending"),
        ({"total_assets": 100, "net_assets": 120}, "parts_exceed_total_assets"),
        ({"directors": 3, "paid_directors": 5}, "parts_exceed_directors"),
    ],
)
def test_parts_above_their_whole(amounts, rule):
    assert rules(report("1", 2024, **amounts)) == [("1", rule)]


def test_a_missing_whole_and_rounding_are_no_doubt():
    assert rules(report("1", 2024, donation_income=5), report("2", 2023, total_income=100, fee_income=100.9)) == []


def test_a_verdict_owes_a_name_and_an_end():
    verdict = {
        "procedure_id": "v",
        "org_id": A,
        "step": "override",
        "done_on": "2026-01-01",
        "recorded_at": "2026-01-01",
    }
    rows = [
        verdict,
        verdict | {"procedure_id": "w", "author": "王", "expires_on": "2026-12-31"},
        verdict | {"procedure_id": "x", "step": "verified"},
    ]
    found = doubts(source((A,), procedures=rows).as_of("2026-12-31"))
    assert found[["table", "primary_key", "rule"]].to_numpy().tolist() == [
        ["procedures", "v", "verdict_without_author"],
        ["procedures", "v", "verdict_without_expires_on"],
    ]


def test_only_what_was_known_is_doubted():
    assert rules(report("1", 2024, total_assets=1, net_assets=99), day="2025-05-31") == []
