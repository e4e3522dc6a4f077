"""When the annual report is due: a table by type, authority and fiscal year, as dated data with citations.

Yearly notices move the dates, so a line may name a city (characters 3-6 of the code) and years; the statute is the default. The most
particular line wins: industry associations before types, a city before the country, named years before open ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..calendar.periods import year_day
from ..errors import LawError
from .instruments import REG_FD, REG_SG, REG_SSI, SZ_REPORT, Citation, Instrument
from .scope import SHENZHEN, TYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

LAST: Final = 9998


@dataclass(frozen=True)
class Deadline:
    """One line of the table: the day of the following year by which the report must be in."""

    month_day: str
    citation: Citation
    types: tuple[str, ...] = TYPES
    city: str = ""
    industry: bool = False
    years: tuple[int, int] = (0, LAST)
    certainty: str = "R"

    @property
    def particular(self) -> tuple[bool, bool, bool]:
        """How particular the line is; a larger one wins."""
        return (bool(self.city), self.years != (0, LAST), self.industry)

    def holds(self, asked: pd.DataFrame) -> NDArray[np.bool_]:
        """Whether it speaks of each asked report (columns org_type, city, is_industry_association, fiscal_year)."""
        held = (asked["org_type"].isin(self.types) & asked["fiscal_year"].between(*self.years)).to_numpy(
            dtype=bool, copy=True
        )
        if self.city:
            held &= (asked["city"] == self.city).to_numpy(dtype=bool)
        if self.industry:
            held &= asked["is_industry_association"].fillna(False).to_numpy(dtype=bool)
        return held

    def meets(self, other: Deadline) -> bool:
        """Whether both can speak of one report with equal right."""
        return (
            self.particular == other.particular
            and self.city == other.city
            and bool(set(self.types) & set(other.types))
            and self.years[0] <= other.years[1]
            and other.years[0] <= self.years[1]
        )


_GUANGZHOU: Final = Instrument(
    "GZ_2018",
    "《广州市民政局关于2018年度社会组织年度报告的通知》",
    "Guangzhou notice on the annual reports of 2018",
    REG_SG.effective_from,
    certainty="R",
)

DEADLINES: Final = (
    Deadline("05-31", REG_SG.at(28), ("association",)),
    Deadline("05-31", REG_SSI.at(23), ("service_institution",)),
    Deadline("03-31", REG_FD.at(36), ("foundation",)),
    Deadline("03-31", SZ_REPORT.at(), city=SHENZHEN, industry=True),
    Deadline("06-30", SZ_REPORT.at(), ("association", "service_institution"), city=SHENZHEN, years=(2018, 2018)),
    Deadline("04-30", SZ_REPORT.at(), ("foundation",), city=SHENZHEN, years=(2018, 2018)),
    Deadline("04-30", SZ_REPORT.at(), city=SHENZHEN, industry=True, years=(2018, 2018)),
    Deadline("03-31", _GUANGZHOU.at(), city="4401", years=(2018, 2018)),
)


@dataclass(frozen=True)
class Duty:
    """Who owes the report of a year: registered by this day of it."""

    registered_by: str
    citation: Citation
    city: str = ""
    certainty: str = "R"


DUTIES: Final = (
    Duty("06-30", REG_SG.at(28), certainty="R2"),
    Duty("12-31", SZ_REPORT.at(), city=SHENZHEN),
)
"""Outside Shenzhen the cut-off is local practice (registered before 1 July of the year)."""


def checked(table: tuple[Deadline, ...]) -> tuple[Deadline, ...]:
    """The table, or a `LawError` that names two lines of equal right, or a type the country's lines leave out."""
    for one, other in combinations(table, 2):
        if one.meets(other):
            raise LawError(
                f"deadlines {one.month_day} and {other.month_day} both hold for {one.city or 'the whole country'}; "
                "narrow one by years or types."
            )
    national = {name for line in table if not any(line.particular) for name in line.types}
    if set(TYPES) - national:
        raise LawError(f"no deadline for {', '.join(sorted(set(TYPES) - national))}; add the statutory default.")
    return tuple(sorted(table, key=lambda line: line.particular))


_ORDERED: Final = checked(DEADLINES)


def owes(asked: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each organisation (org_type, city, registered_on) owes the report of ``fiscal_year``."""
    by = np.full(len(asked), DUTIES[0].registered_by, dtype=object)
    for duty in DUTIES[1:]:
        by[(asked["city"] == duty.city).to_numpy(dtype=bool)] = duty.registered_by
    owed = np.zeros(len(asked), dtype=bool)
    for month_day in sorted(set(by)):
        here = by == month_day
        owed[here] = (asked["registered_on"] <= year_day(asked["fiscal_year"], month_day)).to_numpy(dtype=bool)[here]
    return owed


def due_days(asked: pd.DataFrame) -> pd.Series:
    """The day each asked report is due by the table, before any override and before rest days (missing: no type)."""
    month_day = np.full(len(asked), None, dtype=object)
    for line in _ORDERED:
        month_day[line.holds(asked)] = line.month_day
    due = pd.Series(pd.NaT, index=asked.index, dtype="datetime64[s]")
    for found in sorted({told for told in month_day if told is not None}):
        here = month_day == found
        due[here] = year_day(asked.loc[here, "fiscal_year"] + 1, found)
    return due
