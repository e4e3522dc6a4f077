"""Periods of the statute: months and years by the calendar, over on the same day of the month.

A period of n months from day S is over on the same day n months later, on the last day of that month where there is none
(29 February 2024 + 2 years = 28 February 2026), and on that day, as of its end, it is over.

>>> plus_months(days(["2024-02-29", "2024-08-31"]), 24).astype(str).tolist()
['2026-02-28', '2026-08-31']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import datetime as dt

DAY: Final = pd.Timedelta(days=1)
EPOCH: Final = 1970


def days(values: Any) -> pd.Series:
    """Anything day-like as datetime64[s], missing as NaT."""
    return pd.Series(pd.to_datetime(pd.Series(values))).astype("datetime64[s]")


def stamp(day: dt.date | str | pd.Timestamp) -> pd.Timestamp:
    """One day as a timestamp of second precision."""
    return pd.Timestamp(day).as_unit("s")


def plus_months(start: pd.Series, months: int) -> pd.Series:
    """The day on which a period of so many months from each start is over (NaT stays NaT)."""
    moved = pd.DatetimeIndex(start) + pd.DateOffset(months=months)
    return pd.Series(moved.as_unit("s"), index=start.index, name=start.name)


def plus_years(start: pd.Series, years: int) -> pd.Series:
    """The day on which a period of so many years from each start is over."""
    return plus_months(start, 12 * years)


def year_day(years: pd.Series, month_day: str) -> pd.Series:
    """A day of each year (``"03-31"``); a missing year gives NaT."""
    month, day = (int(part) for part in month_day.split("-"))
    first = np.full(len(years), np.datetime64("NaT", "M"))
    known = years.notna().to_numpy()
    first[known] = ((years[known].to_numpy(dtype=np.int64) - EPOCH) * 12 + month - 1).astype("datetime64[M]")
    found = (first.astype("datetime64[D]") + np.timedelta64(day - 1, "D")).astype("datetime64[s]")
    return pd.Series(found, index=years.index)


def not_earlier(day: pd.Series, least: dt.date) -> pd.Series:
    """Each day, or the least one where it is earlier."""
    return day.where(day.isna() | (day >= stamp(least)), stamp(least))


def latest(one: pd.Series, other: pd.Series) -> pd.Series:
    """The later of two days, the known one where the other is missing."""
    return one.where(other.isna() | (one >= other), other)
