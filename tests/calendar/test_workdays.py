"""Working days: public holidays, swapped days, years nobody knows yet, and years supplied as a file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import chinese_calendar
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.calendar.periods import days
from sorg_risk.calendar.workdays import WorkCalendar, published_until, read_year
from sorg_risk.errors import DataError, LawError

CALENDAR = WorkCalendar()
UNKNOWN = published_until().year + 1


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2024-02-04", True),  # a Sunday worked for the Spring Festival
        ("2024-02-12", False),
        ("2025-05-31", False),  # Dragon Boat Festival
        ("2025-06-02", False),
        ("2025-06-03", True),
        ("2025-06-28", False),
    ],
)
def test_published_days(day: str, works: bool) -> None:
    assert CALENDAR.is_workday(dt.date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("deadline", "moved"),
    [
        ("2024-03-31", "2024-04-01"),
        ("2024-05-31", "2024-05-31"),
        ("2025-05-31", "2025-06-03"),
        ("2026-05-31", "2026-06-01"),
        ("2023-09-29", "2023-10-07"),  # a Saturday worked after the holidays
    ],
)
def test_a_deadline_on_a_rest_day_moves_on(deadline: str, moved: str) -> None:
    found, unsure = CALENDAR.moved(days([deadline]))
    assert found.tolist() == [pd.Timestamp(moved)]
    assert not unsure.any()


@given(st.dates(dt.date(2019, 1, 1), dt.date(2025, 11, 1)), st.integers(1, 25))
def test_counting_day_by_day_gives_the_same(start: dt.date, count: int) -> None:
    day = start
    for _ in range(count):
        day += dt.timedelta(days=1)
        while not chinese_calendar.is_workday(day):
            day += dt.timedelta(days=1)
    found, unsure = CALENDAR.plus(days([start]), count)
    assert found.dt.date.tolist() == [day]
    assert not unsure.any()


def test_an_unpublished_year_is_never_guessed() -> None:
    with pytest.raises(LawError, match=f"{UNKNOWN} are not published"):
        CALENDAR.is_workday(dt.date(UNKNOWN, 5, 4))
    sunday = next(d for d in pd.date_range(f"{UNKNOWN}-05-25", periods=7) if d.weekday() == 6)
    found, unsure = CALENDAR.moved(days([sunday]))
    assert (found.tolist(), unsure.tolist()) == ([sunday], [True])


def test_a_period_that_runs_into_an_unpublished_year_is_provisional() -> None:
    start = days([f"{UNKNOWN - 1}-12-24", f"{UNKNOWN - 1}-11-02", None])
    found, unsure = CALENDAR.plus(start, 10)
    assert unsure.tolist() == [True, False, False]
    assert found.iloc[0].year == UNKNOWN
    assert pd.isna(found.iloc[2])


def test_a_year_can_be_supplied(tmp_path: Path) -> None:
    file = tmp_path / "year.toml"
    file.write_text(f'year = {UNKNOWN}\nrest = ["{UNKNOWN}-01-01"]\nwork = []\n', encoding="utf-8")
    calendar = WorkCalendar([file])
    assert calendar.until == dt.date(UNKNOWN, 12, 31)
    assert not calendar.is_workday(dt.date(UNKNOWN, 1, 1))
    _, unsure = calendar.moved(days([f"{UNKNOWN}-05-31"]))
    assert not unsure.any()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("year = 2099", "rest"),
        ('year = 2099\nrest = ["2098-01-01"]\nwork = []', "2098-01-01 is not in 2099"),
        ('year = 2099\nrest = ["soon"]\nwork = []', "soon"),
        ("year", "calendar"),
    ],
)
def test_a_file_that_is_wrong_says_why(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "year.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_year(file)
