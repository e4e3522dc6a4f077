"""Periods of the statute: months and years by the calendar, over on the same day of the month.

A period of n months from day S is over on the same day n months later, on the last day of that month where there is none
(29 February 2024 + 2 years = 28 February 2026), and on that day, as of its end, it is over.

>>> plus_months(days(["2024-02-29", "2024-08-31"]), 24).astype(str).tolist()
['2026-02-28', '2026-08-31']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import datetime as dt

DAY = pd.Timedelta(days=1)


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


def full_years(start: pd.Series, day: pd.Timestamp) -> pd.Series:
    """Full years from each start to the day (-1 where the start is missing)."""
    years = (day.year - start.dt.year).fillna(-1).astype(int)
    not_yet = np.zeros(len(start), dtype=bool)
    for count in sorted(set(years[years > 0])):
        here = (years == count).to_numpy()
        not_yet[here] = (plus_years(start[here], int(count)) > day).to_numpy()
    full: pd.Series = years - not_yet
    return full


def looked_up(keys: pd.Series, found: pd.Series) -> pd.Series:
    """The value of each key in a series indexed by key, missing where there is none."""
    return pd.Series(found.reindex(pd.Index(keys)).to_numpy(), index=keys.index, dtype=found.dtype)
