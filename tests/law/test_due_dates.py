"""The table of report deadlines: by type, city, industry and fiscal year; and who owes a report."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from sorg_risk.errors import LawError
from sorg_risk.law.due_dates import DEADLINES, Deadline, checked, due_days, owes
from sorg_risk.law.instruments import REG_SG


def asked(
    org_type: str, city: str, year: int, *, industry: bool = False, registered: str = "2010-01-01"
) -> pd.DataFrame:
    row: dict[str, Any] = {
        "org_type": org_type,
        "city": city,
        "is_industry_association": industry,
        "fiscal_year": float(year),
        "registered_on": pd.Timestamp(registered),
    }
    return pd.DataFrame([row])


@pytest.mark.parametrize(
    ("org_type", "city", "year", "industry", "due"),
    [
        ("association", "4403", 2023, False, "2024-05-31"),
        ("association", "4403", 2023, True, "2024-03-31"),
        ("service_institution", "4403", 2023, False, "2024-05-31"),
        ("foundation", "4403", 2023, False, "2024-03-31"),
        ("association", "4403", 2018, False, "2019-06-30"),
        ("association", "4403", 2018, True, "2019-04-30"),
        ("service_institution", "4403", 2018, False, "2019-06-30"),
        ("foundation", "4403", 2018, False, "2019-04-30"),
        ("association", "4403", 2019, False, "2020-05-31"),
        ("association", "4401", 2018, False, "2019-03-31"),
        ("association", "4401", 2019, False, "2020-05-31"),
        ("association", "1101", 2023, True, "2024-05-31"),
        ("service_institution", "1101", 2023, False, "2024-05-31"),
        ("foundation", "1000", 2023, False, "2024-03-31"),
    ],
)
def test_due(org_type: str, city: str, year: int, industry: bool, due: str) -> None:
    assert due_days(asked(org_type, city, year, industry=industry)).tolist() == [pd.Timestamp(due)]


def test_an_unknown_type_has_no_date() -> None:
    assert due_days(asked("unknown", "4403", 2023)).isna().all()


@pytest.mark.parametrize(
    ("city", "registered", "owed"),
    [
        ("4403", "2023-12-31", True),
        ("4403", "2024-01-01", False),
        ("1101", "2023-06-30", True),
        ("1101", "2023-07-01", False),
    ],
)
def test_who_owes_the_report_of_2023(city: str, registered: str, owed: bool) -> None:
    assert owes(asked("association", city, 2023, registered=registered)).tolist() == [owed]


def test_two_lines_of_equal_right_are_refused() -> None:
    twice = Deadline("06-30", REG_SG.at(28), ("association",))
    with pytest.raises(LawError, match="05-31 and 06-30 both hold for the whole country"):
        checked((*DEADLINES, twice))


def test_a_type_without_a_date_is_refused() -> None:
    with pytest.raises(LawError, match="no deadline for foundation"):
        checked(tuple(line for line in DEADLINES if line.types != ("foundation",)))
