"""Working days 工作日 with the swapped days 调休, as published; a year not yet published is never guessed.

The State Council publishes a year's calendar in the autumn before. A deadline that touches an unpublished year keeps its date and is
marked provisional.

>>> import datetime as dt
>>> moved(pd.Series(pd.to_datetime(["2024-03-31", "2024-05-31"])))[0].dt.date.tolist()  # a Sunday moves, a Friday stays
[datetime.date(2024, 4, 1), datetime.date(2024, 5, 31)]
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST_YEAR = 2004


@lru_cache(maxsize=1)
def published_until() -> dt.date:
    """The last day of the last published year."""
    import chinese_calendar

    return dt.date(max(day.year for day in chinese_calendar.constants.holidays), 12, 31)


@lru_cache(maxsize=1)
def _workdays() -> NDArray[np.int64]:
    """All published working days, as days since 1970-01-01."""
    import chinese_calendar

    found = chinese_calendar.get_workdays(dt.date(FIRST_YEAR, 1, 1), published_until())
    return np.array(found, dtype="datetime64[D]").astype(np.int64)


def moved(deadline: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Each deadline moved to the next working day where it falls on a rest day, and whether that is provisional."""
    return _counted(deadline, 0)


def plus_workdays(start: pd.Series, count: int) -> tuple[pd.Series, pd.Series]:
    """The last day of a period of so many working days that begins the day after each start, and whether that is provisional.

    Beyond the published calendar Mondays to Fridays are counted, provisionally.

    >>> plus_workdays(pd.Series(pd.to_datetime(["2025-06-30"])), 10)[0].dt.date.tolist()
    [datetime.date(2025, 7, 14)]
    """
    return _counted(start, count)


def _counted(start: pd.Series, count: int) -> tuple[pd.Series, pd.Series]:
    """``count`` working days after each start; 0: the start itself or the next working day."""
    known = start.notna().to_numpy()
    day = np.zeros(len(start), dtype=np.int64)
    day[known] = start[known].to_numpy().astype("datetime64[D]").astype(np.int64)
    workdays = _workdays()
    at = np.searchsorted(workdays, day, side="right" if count else "left") + max(count - 1, 0)
    inside = at < len(workdays)
    guess = np.busday_offset(day.astype("datetime64[D]"), count, roll="backward").astype(np.int64) if count else day
    found = np.where(inside, workdays[np.minimum(at, len(workdays) - 1)], guess)
    moved_to = pd.Series(found.astype("datetime64[D]").astype("datetime64[s]"), index=start.index, name=start.name)
    unsure = pd.Series(known & ~inside, index=start.index)
    return moved_to.where(pd.Series(known, index=start.index)), unsure
