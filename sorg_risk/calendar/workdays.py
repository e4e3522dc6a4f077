"""Working days 工作日 with the swapped days 调休, as published; a year not yet published is never guessed.

The State Council publishes a year's calendar in the autumn before. Asked for one day of an unpublished year, the calendar refuses; a
deadline that touches such a year keeps its own date (a period runs on by Mondays to Fridays) and is marked as provisional. A year that the
installed calendar does not know yet can be supplied as a TOML file::

    year = 2027
    rest = ["2027-01-01"]        # days off that fall on Monday to Friday
    work = ["2027-01-03"]        # working days that fall on a weekend

>>> calendar = WorkCalendar()
>>> calendar.is_workday(dt.date(2024, 2, 4)), calendar.is_workday(dt.date(2024, 2, 12))  # a swapped Sunday, Spring Festival
(True, False)
>>> calendar.is_workday(dt.date(2199, 1, 1))
Traceback (most recent call last):
    ...
sorg_risk.errors.LawError: the working days of 2199 are not published (known: 2004 to ...); supply the year's file.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..errors import DataError, LawError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST_YEAR: Final = 2004
SATURDAY: Final = 5


class WorkCalendar:
    """The published working days, year after year without a gap; more years can be added from files.

    >>> WorkCalendar().until == published_until()
    True
    """

    def __init__(self, files: Iterable[str | Path] = ()) -> None:
        years = dict(_published())
        for file in files:
            year, days = read_year(file)
            years[year] = days
        self._years = years
        self._last = FIRST_YEAR
        while self._last + 1 in years:
            self._last += 1

    @property
    def until(self) -> dt.date:
        """The last day up to which every year is known."""
        return dt.date(self._last, 12, 31)

    def is_workday(self, day: dt.date) -> bool:
        """Whether a day is a working day; raises `LawError` for an unpublished year."""
        if day.year not in self._years:
            raise LawError(
                f"the working days of {day.year} are not published (known: {FIRST_YEAR} to {self._last}); supply the year's file."
            )
        return int(np.datetime64(day, "D").astype(np.int64)) in set(self._years[day.year].tolist())

    def moved(self, deadline: pd.Series) -> tuple[pd.Series, pd.Series]:
        """Each deadline moved to the next working day where it falls on a rest day, and whether that is provisional.

        >>> WorkCalendar().moved(pd.Series(pd.to_datetime(["2024-03-31", "2024-05-31"])))[0].dt.date.tolist()  # Sunday, Friday
        [datetime.date(2024, 4, 1), datetime.date(2024, 5, 31)]
        """
        return self._counted(deadline, 0)

    def plus(self, start: pd.Series, count: int) -> tuple[pd.Series, pd.Series]:
        """The last day of a period of so many working days that begins the day after each start, and whether that is provisional.

        >>> WorkCalendar().plus(pd.Series(pd.to_datetime(["2025-06-30"])), 10)[0].dt.date.tolist()
        [datetime.date(2025, 7, 14)]
        """
        return self._counted(start, count)

    @cached_property
    def _workdays(self) -> NDArray[np.int64]:
        """All working days up to `until`, as days since 1970-01-01."""
        return np.concatenate([self._years[year] for year in range(FIRST_YEAR, self._last + 1)])

    def _counted(self, start: pd.Series, count: int) -> tuple[pd.Series, pd.Series]:
        """``count`` working days after each start; 0: the start itself or the next working day."""
        given = start.notna().to_numpy()
        day = np.zeros(len(start), dtype=np.int64)
        day[given] = start[given].to_numpy().astype("datetime64[D]").astype(np.int64)
        at = np.searchsorted(self._workdays, day, side="right" if count else "left") + max(count - 1, 0)
        inside = at < len(self._workdays)
        own = np.busday_offset(day.astype("datetime64[D]"), count, roll="backward").astype(np.int64) if count else day
        found = np.where(inside, self._workdays[np.minimum(at, len(self._workdays) - 1)], own)
        moved = pd.Series(found.astype("datetime64[D]").astype("datetime64[s]"), index=start.index, name=start.name)
        return moved.where(pd.Series(given, index=start.index)), pd.Series(given & ~inside, index=start.index)


def read_year(file: str | Path) -> tuple[int, NDArray[np.int64]]:
    """Working days of one supplied year.

    Raises
    ------
    DataError
        The file is missing or no TOML, lacks ``year``, ``rest`` or ``work``, or names a day outside the year.
    """
    try:
        told = tomllib.loads(Path(file).read_text(encoding="utf-8"))
        year = int(told["year"])
        rest, work = ({dt.date.fromisoformat(str(day)) for day in told[kind]} for kind in ("rest", "work"))
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise DataError.unreadable(
            f"calendar {file}", error, 'It needs: year = 2027, rest = ["…"], work = ["…"].'
        ) from error
    outside = sorted(day for day in rest | work if day.year != year)
    if outside:
        raise DataError.unreadable(f"calendar {file}", f"{outside[0]} is not in {year}", "Keep one year a file.")
    everyday = (dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range(366))
    days = [
        day for day in everyday if day.year == year and (day in work or (day.weekday() < SATURDAY and day not in rest))
    ]
    return year, _numbers(days)


def published_until() -> dt.date:
    """The last day of the last published year."""
    return dt.date(max(_published()), 12, 31)


@lru_cache(maxsize=1)
def _published() -> dict[int, NDArray[np.int64]]:
    """Working days of every published year."""
    import chinese_calendar

    last = max(day.year for day in chinese_calendar.constants.holidays)
    return {
        year: _numbers(chinese_calendar.get_workdays(dt.date(year, 1, 1), dt.date(year, 12, 31)))
        for year in range(FIRST_YEAR, last + 1)
    }


def _numbers(days: list[dt.date]) -> NDArray[np.int64]:
    return np.array(days, dtype="datetime64[D]").astype(np.int64)
