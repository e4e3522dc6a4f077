"""The annual report 年度工作报告 of every organisation and year: when it is due, and what came of it.

Statutes and notices say when (`sorg_risk.calendar`); ``due_on`` overrides them; with ``calendar = "due_on"`` (foreign records) nothing else
is judged. A deadline on a rest day moves to the next working day; a report filed on the deadline is in time.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..calendar.periods import DAY, plus_years
from ..calendar.reports import FORM, report_days
from ..records.lookups import within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from .known import Known

FIRST_YEAR: Final = 2016
"""The first fiscal year of which a report could still be missed under the Measures of 2018 is 2017; one more for consecutive years."""
REPORT: Final = ["org_id", "fiscal_year"]
DUE: Final = [*REPORT, "due_on", "doubt", "learnt_on", "notice"]
EARLIEST: Final = dt.date(1970, 1, 1)
CENTURIES: Final = 10_000
CALENDAR: Final = "calendar"
"""Code of doubt: the rest days of the year are not published."""
NOTICE: Final = "notice"
"""Code of doubt: the notice that sets the day is unconfirmed."""


def filed_reports(known: Known) -> pd.DataFrame:
    """Annual reports on file by organisation and year, with ``sound`` (filed, not returned for good) and ``number`` (see `_number`)."""
    rows = known.table("filings")
    rows = rows.loc[(rows["kind"] == "annual_report") & rows["fiscal_year"].notna()]
    returned = rows["returned_on"].notna() & ~(rows["accepted_on"] > rows["returned_on"])
    rows = rows.assign(sound=rows["filed_on"].notna() & ~returned, number=_number(known, rows))
    return rows.sort_values(["number", "filed_on", "recorded_at", "filing_id"], kind="stable", ignore_index=True)


def reports_due(known: Known) -> pd.DataFrame:
    """Who must report which year by when: org_id, fiscal_year, deadline, doubt, learnt_on, notice; next year's deadline too.

    ``doubt``: what the deadline rests on that nobody has confirmed (see `doubts`). ``learnt_on``: the day on which it was known to be this one.
    ``notice``: the record of a delivered notice that sets the day (``report_notices:key``), or missing.
    """
    given = _overrides(known)
    rows = given if known.due_on or known.foreign else _by_law(known, given)
    if known.due_on:
        return rows.assign(deadline=rows["due_on"])
    deadline, unsure = known.calendar.moved(rows["due_on"])
    unpublished = unsure.astype(bool)
    doubt = rows["doubt"].mask(unpublished & (rows["doubt"] == ""), CALENDAR)
    doubt = doubt.mask(unpublished & (rows["doubt"] != ""), CALENDAR + ";" + rows["doubt"])
    return rows.assign(deadline=deadline, doubt=doubt)


def annual_reports(known: Known) -> pd.DataFrame:
    """One row per report that was due by now: its deadline and what came of it.

    Columns: org_id, fiscal_year, deadline, doubt, learnt_on, notice, key (the filing that settles it, or missing) with its filed_on,
    accepted_on, returned_on, recorded_at; empty_key (a row without a filing day); state: in_time, late_accepted, late (filed late, not
    accepted), returned, corrected (in time, but accepted only after it was returned and the deadline had passed), missing, excused (by an
    objection).
    """
    due = known.reports_due
    due = due.loc[due["deadline"] < known.today, [*REPORT, "deadline", "doubt", "learnt_on", "notice"]]
    due = due.assign(number=_number(known, due))
    found = due.merge(_settling(known, due), on="number", how="left")
    in_time = found["in_time"].fillna(False).to_numpy(dtype=bool)
    sound = found["sound"].fillna(False).to_numpy(dtype=bool)
    filed, accepted = found["filed_on"].notna(), found["accepted_on"].notna()
    corrected = in_time & found["returned_on"].notna() & (found["accepted_on"] > found["deadline"])
    states = ["excused", "corrected", "in_time", "late_accepted", "late", "returned"]
    conditions = [_objected(known, found), corrected, in_time, sound & accepted, sound, filed]
    found["state"] = np.select([np.asarray(c, dtype=bool) for c in conditions], states, "missing")
    return found.sort_values("number", kind="stable", ignore_index=True).drop(columns="number")


def _number(known: Known, rows: pd.DataFrame) -> NDArray[np.int64]:
    """Organisation and fiscal year in one number, in the order of both: joined and sorted many times."""
    number: NDArray[np.int64] = known.place(rows["org_id"]) * CENTURIES + rows["fiscal_year"].to_numpy(dtype=np.int64)
    return number


def next_report_due(known: Known, org_ids: pd.Series, after: pd.Series) -> pd.Series:
    """The first day on which the next report after each day is overdue (a year later where no deadline is known)."""
    asked = pd.DataFrame({"org_id": org_ids, "after": after, "at": np.arange(len(org_ids))}).dropna()
    due = known.reports_due.loc[:, ["org_id", "deadline"]].dropna().sort_values("deadline", kind="stable")
    found = pd.merge_asof(
        asked.sort_values("after", kind="stable"),
        due,
        left_on="after",
        right_on="deadline",
        by="org_id",
        direction="forward",
        allow_exact_matches=False,
    ).set_index("at")["deadline"]
    following = pd.Series(found.reindex(range(len(org_ids))).to_numpy(), index=org_ids.index, dtype="datetime64[s]")
    return following.where(following.notna(), plus_years(after, 1)) + DAY


def _objected(known: Known, reports: pd.DataFrame) -> NDArray[np.bool_]:
    """Years whose lateness a granted objection took out, by name (AL-01:2024) or by the key of the report."""
    named = known.exempt("objection", "filings")
    out = np.zeros(len(reports), dtype=bool)
    at = np.flatnonzero(within(reports["org_id"], named.get_level_values(0)))
    if not len(at):
        return out
    rows = known.view.table("filings")
    rows = rows.loc[within(rows["org_id"], named.get_level_values(0)) & (rows["kind"] == "annual_report")]
    rows = rows.loc[pd.MultiIndex.from_frame(rows.loc[:, ["org_id", "filing_id"]]).isin(named)]
    years = pd.MultiIndex.from_frame(reports.loc[:, REPORT].iloc[at])
    names = [f"AL-01:{year:.0f}" for year in reports["fiscal_year"].iloc[at]]
    by_name = pd.MultiIndex.from_arrays([reports["org_id"].iloc[at], names]).isin(named)
    out[at] = by_name | years.isin(pd.MultiIndex.from_frame(rows.loc[:, REPORT]))
    return out


def _overrides(known: Known) -> pd.DataFrame:
    """``due_on`` of annual reports on file, one a year (the newest row that has one)."""
    rows = known.table("filings")
    rows = rows.loc[(rows["kind"] == "annual_report") & rows["due_on"].notna() & rows["fiscal_year"].notna()]
    newest = rows.sort_values(["recorded_at", "filing_id"], kind="stable").drop_duplicates(REPORT, keep="last")
    learnt = newest["recorded_at"].dt.floor("D").astype("datetime64[s]")
    notice = pd.Series(None, index=newest.index, dtype="str")
    return newest.assign(doubt="", learnt_on=learnt, notice=notice).loc[:, DUE].reset_index(drop=True)


def _by_law(known: Known, given: pd.DataFrame) -> pd.DataFrame:
    """Every year an organisation had to report, by the lines known on the day or the override; and the coming deadline."""
    due = duty_days(known, "annual_report", range(FIRST_YEAR, known.day.year + 2))
    if given.empty:
        return due
    return pd.concat([due, given], ignore_index=True).drop_duplicates(REPORT, keep="last", ignore_index=True)


def duty_days(known: Known, duty: str, years: Iterable[int]) -> pd.DataFrame:
    """Who owes a duty of some fiscal years by when, as known on the day, before overrides and rest days: `DUE`, by organisation and year."""
    fiscal_years = np.array(list(years), dtype=np.int64)
    orgs = known.organizations
    lines, evenings = known.dated_lines(duty)
    flags = ("is_charity", "is_industry_association")
    forms = orgs.loc[:, [*FORM, "registered_on"]].assign(
        **{name: orgs[name].fillna(False).astype(bool) for name in flags}
    )
    place, year = np.repeat(np.arange(len(orgs)), len(fiscal_years)), np.tile(fiscal_years, len(orgs))
    due = report_days(forms, place, year, lines, evenings)
    sources = pd.Series([line.source or None for line in lines], dtype="str")
    learnt = np.array([np.datetime64(max(line.known_from, EARLIEST), "s") for line in lines], dtype="datetime64[s]")
    due = due.assign(
        org_id=orgs["org_id"].to_numpy()[place],
        fiscal_year=year.astype(np.float64),
        doubt=pd.Series(np.where(due["unconfirmed"], NOTICE, ""), dtype="str"),
        learnt_on=learnt[due["line"].to_numpy()],
        notice=sources.take(due["line"].to_numpy()).array,
    )
    return due.loc[due["due_on"].notna(), DUE].reset_index(drop=True)


def _settling(known: Known, due: pd.DataFrame) -> pd.DataFrame:
    """For each report the filing that decides: one in time, else the first accepted, else the last filed; and a row without a filing day."""
    rows = known.filed_reports.merge(due.loc[:, ["number", "deadline"]], on="number")
    empty = rows.loc[rows["filed_on"].isna()].drop_duplicates("number").loc[:, ["number", "filing_id"]]
    rows = rows.loc[rows["filed_on"].notna()]
    rows = rows.assign(
        in_time=rows["sound"] & (rows["filed_on"] <= rows["deadline"]),
        accepted_on=rows["accepted_on"].where(rows["sound"]),
        reverse=np.arange(len(rows), 0, -1),
    )
    order = ["in_time", "sound", "accepted_on", "reverse"]
    best = rows.sort_values(order, ascending=[False, False, True, True], kind="stable").drop_duplicates("number")
    names = ["number", "key", "in_time", "sound", "filed_on", "accepted_on", "returned_on", "recorded_at"]
    told = best.rename(columns={"filing_id": "key"}).loc[:, names]
    return told.merge(empty.rename(columns={"filing_id": "empty_key"}), on="number", how="outer")
