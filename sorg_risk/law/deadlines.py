"""Deadlines of the annual report 年度工作报告: by type, authority and fiscal year; who must file; what became of it.

The statutory default is 31 May of the next year for associations and service institutions, 31 March for foundations. Shenzhen asks a
report of every organisation registered by 31 December; its industry associations share the foundations' day; the reports of 2018 were due
one month later. ``due_on`` overrides. A deadline on a rest day moves to the next working day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from .known import SHENZHEN
from .periods import DAY, days
from .workdays import moved

if TYPE_CHECKING:
    from .known import Known

FIRST_YEAR: Final = 2017
MONTH_END: Final = {"association": "05-31", "service_institution": "05-31", "foundation": "03-31"}
SHENZHEN_2018: Final = {"05-31": "06-30", "03-31": "04-30"}
REGISTERED_BY: Final = {"shenzhen": "12-31", "elsewhere": "06-30"}


def annual_reports(known: Known) -> pd.DataFrame:
    """One row per active organisation and fiscal year that was to be reported: deadline and what came of it.

    Columns: org_id, fiscal_year, deadline, provisional, key (the filing that settles it, or missing), filed_on (in time or the first late
    one), accepted_on, state: in_time, late_accepted, open (missing, late and not accepted, or returned), not_due.
    """
    due = _due(known)
    found = due.merge(_filed(known, due), on=["org_id", "fiscal_year"], how="left")
    in_time = found["in_time"].fillna(False).astype(bool)
    accepted = found["accepted_on"].notna()
    past = found["deadline"] < known.today
    found["state"] = np.select([in_time, accepted, past], ["in_time", "late_accepted", "open"], "not_due")
    return found.sort_values(["org_id", "fiscal_year"], kind="stable").reset_index(drop=True)


def _due(known: Known) -> pd.DataFrame:
    """Who must report which year by when."""
    rows = _overrides(known) if known.calendar == "due_on" else _by_law(known)
    if known.calendar == "due_on":
        return rows.assign(deadline=rows["due_on"], provisional=False)
    day, unsure = moved(rows["due_on"])
    return rows.assign(deadline=day, provisional=unsure)


def _overrides(known: Known) -> pd.DataFrame:
    """``due_on`` of annual reports on file, one a year (the newest row that has one)."""
    rows = known.of_active(known.table("filings"))
    rows = rows.loc[(rows["kind"] == "annual_report") & rows["due_on"].notna() & rows["fiscal_year"].notna()]
    newest = rows.sort_values(["recorded_at", "filing_id"], kind="stable").groupby(["org_id", "fiscal_year"]).tail(1)
    return newest.loc[:, ["org_id", "fiscal_year", "due_on"]].reset_index(drop=True)


def _by_law(known: Known) -> pd.DataFrame:
    """Every year an active organisation had to report, with the law's date or the override."""
    orgs = known.active.loc[:, ["org_id", "org_type", "is_industry_association", "city", "registered_on"]]
    orgs = orgs.loc[orgs["registered_on"].notna() & orgs["org_type"].notna()]
    years = pd.DataFrame({"fiscal_year": np.arange(FIRST_YEAR, known.day.year, dtype=np.float64)})
    asked = orgs.merge(years, how="cross")
    asked = asked.loc[_must_report(asked)].reset_index(drop=True)
    asked["by_law"] = _statutory_day(asked)
    override = _overrides(known)
    asked = asked.merge(override, on=["org_id", "fiscal_year"], how="left")
    asked["due_on"] = asked["due_on"].where(asked["due_on"].notna(), asked["by_law"])
    return asked.loc[:, ["org_id", "fiscal_year", "due_on"]]


def _must_report(asked: pd.DataFrame) -> pd.Series:
    """Registered early enough to owe the year's report."""
    here = asked["city"] == SHENZHEN
    limit = np.where(here, REGISTERED_BY["shenzhen"], REGISTERED_BY["elsewhere"])
    last = days([f"{year:.0f}-{end}" for year, end in zip(asked["fiscal_year"], limit, strict=True)])
    last.index = asked.index
    return asked["registered_on"] <= last


def _statutory_day(asked: pd.DataFrame) -> pd.Series:
    """The day of the calendar, before any override and before rest days."""
    here = asked["city"] == SHENZHEN
    ends = asked["org_type"].map(MONTH_END).astype("object")
    industry = here & asked["is_industry_association"].fillna(False).astype(bool)
    ends = ends.where(~industry, "03-31")
    later = here & (asked["fiscal_year"] == 2018)
    ends = ends.where(~later, ends.map(SHENZHEN_2018))
    return days((asked["fiscal_year"].astype(int) + 1).astype(str) + "-" + ends.astype(str))


def _filed(known: Known, due: pd.DataFrame) -> pd.DataFrame:
    """For each organisation and year: a valid report in time, else the acceptance of a late one, and the deciding record."""
    rows = known.table("filings")
    rows = rows.loc[(rows["kind"] == "annual_report") & rows["fiscal_year"].notna()]
    rows = rows.merge(due.loc[:, ["org_id", "fiscal_year", "deadline"]], on=["org_id", "fiscal_year"])
    returned = rows["returned_on"].notna() & ~(rows["accepted_on"] >= rows["returned_on"])
    valid = rows["filed_on"].notna() & ~returned
    rows = rows.assign(
        in_time=valid & (rows["filed_on"] <= rows["deadline"]),
        accepted_on=rows["accepted_on"].where(valid),
        late=valid,
    )
    ordered = rows.sort_values(
        ["in_time", "late", "accepted_on", "filed_on", "filing_id"], ascending=[False, False, True, True, True]
    )
    best = ordered.groupby(["org_id", "fiscal_year"], sort=True).head(1)
    return best.rename(columns={"filing_id": "key"}).loc[
        :, ["org_id", "fiscal_year", "key", "in_time", "filed_on", "accepted_on", "returned_on"]
    ]


def next_due(reports: pd.DataFrame) -> pd.Series:
    """The day after which the following year's report is overdue: how long an accepted late one is still alerted."""
    shifted = reports["deadline"] + pd.DateOffset(years=1)
    return pd.Series(pd.DatetimeIndex(shifted).as_unit("s"), index=reports.index) + DAY
