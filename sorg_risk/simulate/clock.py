"""The simulated decade: its first and last day, its months, and one stream of chance for each table.

Days are whole numbers since 1970-01-01, so that arithmetic stays plain; ``NONE`` is the day that is not there and turns
into ``NaT`` by itself. Every table draws from its own generator, so that a change in one leaves the others
as they were.
"""

from __future__ import annotations

from typing import TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Texts: TypeAlias = npt.NDArray[np.object_]

NONE = int(np.iinfo(np.int64).min)
FAR = 10**6


def day(text: str) -> int:
    """Days since 1970-01-01 of an ISO day.

    >>> day("1970-01-02")
    1
    """
    return int(np.datetime64(text, "D").astype(np.int64))


START, END = day("2016-11-01"), day("2026-10-31")
MONTHS = 120
MONTH_STARTS: Ints = (np.datetime64("2016-11", "M") + np.arange(MONTHS + 1)).astype("datetime64[D]").astype(np.int64)
FISCAL_YEARS: Ints = np.arange(2016, 2026)


def month_of(days: Ints) -> Ints:
    """The month of the decade (0 is November 2016) in which each day lies; days outside count to the nearest month."""
    found = np.searchsorted(MONTH_STARTS, days, side="right") - 1
    return np.clip(found, 0, MONTHS - 1).astype(np.int64)


def year_of(days: Ints) -> Ints:
    """The calendar year of each day."""
    return days.view("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def day_in_year(years: Ints, month: int, of_month: int) -> Ints:
    """The same calendar day in each of the years."""
    months = (years - 1970) * 12 + (month - 1)
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + (of_month - 1)


def add_years(days: Ints, years: Ints | int) -> Ints:
    """The same day some years on (29 February becomes 1 March)."""
    stamp = days.view("datetime64[D]")
    month = stamp.astype("datetime64[M]")
    within = days - month.astype("datetime64[D]").astype(np.int64)
    moved: Ints = (month.astype(np.int64) + 12 * np.asarray(years)).astype("datetime64[M]").astype("datetime64[D]")
    return moved.astype(np.int64) + within


def chance(seed: int, stream: str) -> np.random.Generator:
    """The generator of one table: fixed by the seed and the table's name alone.

    >>> bool(chance(0, "complaints").random() == chance(0, "complaints").random())
    True
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, crc32(stream.encode())])))


def keys(prefix: str, count: int) -> Texts:
    """Primary keys ``prefix`` + running number.

    >>> keys("SIM-F", 2).tolist()
    ['SIM-F0000001', 'SIM-F0000002']
    """
    return np.array([f"{prefix}{i:07d}" for i in range(1, count + 1)], dtype=object)
