"""Periods by the calendar: over on the same day of the month."""

from __future__ import annotations

import pandas as pd
import pytest

from sorg_risk.calendar.periods import days, latest, not_earlier, plus_months, plus_years, stamp, year_day

NEVER = pd.Timestamp("2262-01-01")


@pytest.mark.parametrize(
    ("start", "months", "over"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 24, "2026-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2025-02-28", 12, "2026-02-28"),
        ("2023-02-28", 12, "2024-02-28"),
        ("2024-08-31", 6, "2025-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2024-12-31", 6, "2025-06-30"),
        ("2025-01-30", 1, "2025-02-28"),
        ("2025-06-30", 6, "2025-12-30"),
        ("2024-03-31", -12, "2023-03-31"),
    ],
)
def test_months(start: str, months: int, over: str) -> None:
    assert plus_months(days([start]), months).tolist() == [pd.Timestamp(over)]


def test_years_are_twelve_months_and_a_missing_start_stays_missing() -> None:
    found = plus_years(days(["2024-02-29", None]), 2)
    assert found.fillna(NEVER).tolist() == [pd.Timestamp("2026-02-28"), NEVER]
    assert found.dtype == "datetime64[s]"


def test_the_index_and_the_precision_are_kept() -> None:
    start = days(["2024-01-01", "2024-06-30"]).set_axis([7, 3])
    assert plus_months(start, 6).index.tolist() == [7, 3]
    assert stamp("2024-01-01").unit == "s"


def test_a_day_of_each_year() -> None:
    found = year_day(pd.Series([2024.0, None], index=[5, 6]), "03-31")
    assert found.fillna(NEVER).to_dict() == {5: pd.Timestamp("2024-03-31"), 6: NEVER}


def test_the_later_of_two_days() -> None:
    one, other = days(["2024-01-01", None, "2024-03-01", None]), days(["2024-02-01", "2024-02-01", None, None])
    assert told(latest(one, other)) == ["2024-02-01", "2024-02-01", "2024-03-01", ""]
    assert told(not_earlier(one, stamp("2024-02-01").date())) == ["2024-02-01", "", "2024-03-01", ""]


def told(found: pd.Series) -> list[str]:
    return ["" if pd.isna(day) else str(day.date()) for day in found]
