"""What a rule may look at: the tables as known on the day without what a granted objection took out, and the frames rules share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ..calendar.periods import stamp
from ..calendar.reports import authorities, known_lines
from ..calendar.workdays import WorkCalendar
from ..records import TABLES, references
from ..records.codes import SOCIAL
from ..records.lookups import looked_up, placed, within
from . import deadlines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..calendar.lines import Line
    from ..records import View
    from .lists import Lists
    from .parameters import Parameter, Reading

GONE: Final = ("deregistered", "revoked")
CITY_DIGITS: Final = 4
KIND: Final = slice(0, 2)
"""The first two characters of a code name the type of organisation."""


class Known:
    """The evening of a view, prepared for rules. Frames are shared: read, never write.

    ``lists`` is set once membership is known; only rules that declare ``reads_lists`` may look at it.
    """

    lists: Lists

    def __init__(self, view: View, calendar: WorkCalendar | None = None) -> None:
        self.view = view
        self.day: dt.date = view.day
        self.today = stamp(view.day)
        self.calendar = calendar or WorkCalendar()
        self.due_on: bool = view.source.calendar == "due_on"
        self.foreign: bool = view.source.code_scheme == "any"
        self._tables: dict[str, pd.DataFrame] = {}
        self._first_known: dict[str, pd.Series] = {}
        self._made: dict[Callable[[Known], pd.DataFrame], pd.DataFrame] = {}

    def table(self, name: str) -> pd.DataFrame:
        """Rows that stand on the day, without those a granted objection refers to."""
        if name not in self._tables:
            rows = self.view.table(name)
            out = self._objected(rows, name)
            self._tables[name] = rows.loc[~out].reset_index(drop=True) if out.any() else rows
        return self._tables[name]

    @cached_property
    def organizations(self) -> pd.DataFrame:
        """All organisations, with ``city``, ``left_on`` (the day it was deregistered or revoked), and gaps filled from what is sure.

        The type is taken from the code where it is missing, and so is the authority (six digits); its first four are the ``city``. Of a foreign
        register nothing is read from codes and authorities. An organisation without a registration day was registered when first known.
        """
        rows = self.view.table("organizations")
        kind = rows["org_type"].where(rows["org_type"].notna(), rows["org_id"].str[KIND].map(SOCIAL)).astype("str")
        seen = looked_up(rows["org_id"], self.first_known("organizations"))
        left = rows["status_on"].where(rows["status_on"].notna(), rows["recorded_at"].dt.floor("D"))
        authority = authorities(rows["authority"], rows["org_id"])
        authority = authority.str[:0] if self.foreign else authority
        return rows.assign(
            authority=authority,
            city=authority.str[:CITY_DIGITS],
            org_type=kind,
            registered_on=rows["registered_on"].where(rows["registered_on"].notna(), seen),
            left_on=left.where(rows["status"].isin(GONE)).astype("datetime64[s]"),
        )

    @cached_property
    def active(self) -> pd.DataFrame:
        """Organisations neither deregistered nor revoked."""
        return self.organizations.loc[self.organizations["left_on"].isna()].reset_index(drop=True)

    def duty_lines(self, duty: str, evening: dt.date | None = None) -> list[Line]:
        """Who owes a report (or another duty) by when, as known on the day (or an earlier evening), in order of precedence."""
        return known_lines(self.view.history("report_notices"), evening or self.view.known_by, duty)

    def dated_lines(self, duty: str) -> tuple[list[Line], pd.Series | None]:
        """The lines of a duty, and the evening by which each organisation is judged by them (None: all lines are known)."""
        return self.duty_lines(duty), None

    @cached_property
    def filed_reports(self) -> pd.DataFrame:
        """See `deadlines.filed_reports`."""
        return deadlines.filed_reports(self)

    @cached_property
    def reports_due(self) -> pd.DataFrame:
        """See `deadlines.reports_due`."""
        return deadlines.reports_due(self)

    @cached_property
    def annual_reports(self) -> pd.DataFrame:
        """See `deadlines.annual_reports`."""
        return deadlines.annual_reports(self)

    @cached_property
    def year_reports(self) -> pd.DataFrame:
        """The report that tells each year's figures, one row per organisation and year: the last sound one, else the last filed."""
        filed = self.filed_reports.loc[self.filed_reports["filed_on"].notna()]
        ordered = filed.sort_values(["number", "sound", "filed_on", "recorded_at"], kind="stable")
        return ordered.drop_duplicates("number", keep="last").reset_index(drop=True)

    @cached_property
    def latest_reports(self) -> pd.DataFrame:
        """The latest annual report on file of each organisation, with its figures."""
        return self.year_reports.drop_duplicates("org_id", keep="last").reset_index(drop=True)

    @cached_property
    def posts(self) -> pd.DataFrame:
        """Positions held on the day."""
        rows = self.table("positions")
        over = rows["ended_on"] <= self.today
        return rows.loc[~over].reset_index(drop=True)

    @cached_property
    def representatives(self) -> pd.DataFrame:
        """Legal representatives of all active organisations with their ``org_type``, also beyond a restricted view: posts meet across them."""
        return self.view.gathered(_representatives)

    @cached_property
    def exemptions(self) -> pd.DataFrame:
        """Granted exemptions, one row a record or rule they name: with ``granted_on``, ``table`` (empty: any) and ``name``."""
        rows = self.view.table("exemptions")
        rows = rows.loc[(rows["outcome"] == "granted") & rows["refers_to"].notna()].reset_index(drop=True)
        on = rows["decided_on"].where(rows["decided_on"].notna(), rows["recorded_at"].dt.floor("D"))
        rows = rows.assign(granted_on=on.astype("datetime64[s]"))
        meant = references.resolved(self.view, rows)
        meant = meant.astype({"table": "str", "name": "str"})
        named = rows.iloc[meant["at"].to_numpy(dtype=np.int64)].reset_index(drop=True)
        return named.assign(table=meant["table"], name=meant["name"])

    def read(self, parameter: Parameter[Any], days: pd.Series) -> Reading[Any]:
        """A parameter by the law of each day, as known on the evening; a foreign register is judged by today's law on any day."""
        return parameter.read(days.mask(days.notna(), self.today) if self.due_on else days, self.day)

    def over(
        self, parameter: Parameter[Any], start: pd.Series, move: Callable[[pd.Series, Any], pd.Series]
    ) -> tuple[pd.Series, Reading[Any]]:
        """See `Parameter.over`; of a foreign register by today's law."""
        if not self.due_on:
            return parameter.over(start, move, self.day)
        reading = self.read(parameter, start)
        return reading.after(start, move), reading

    def workdays_after(self, parameter: Parameter[int], start: pd.Series) -> tuple[pd.Series, pd.Series]:
        """The last day of a term of working days from each start, by the law of the start, and whether that is provisional."""
        day = pd.Series(pd.NaT, index=start.index, dtype="datetime64[s]")
        unsure = pd.Series(False, index=start.index)
        for count, here in self.read(parameter, start).groups():
            day[here], unsure[here] = self.calendar.plus(start[here], count)
        return day, unsure

    def place(self, org_ids: pd.Series) -> NDArray[np.int64]:
        """The row of each organisation in `organizations`, -1 where it is unknown."""
        return placed(org_ids, self.organizations["org_id"])

    def exempt(self, kind: str, table: str = "") -> pd.MultiIndex:
        """(organisation, what is named) of the granted exemptions of a kind.

        ``table``: the names are keys of that table (or rules of a year); else a key that is meant in one table only is
        written ``table:key``.
        """
        rows = self.exemptions.loc[self.exemptions["kind"] == kind]
        if table:
            rows = rows.loc[rows["table"].isin(["", table])]
            return pd.MultiIndex.from_frame(rows.loc[:, ["org_id", "name"]])
        names = rows["name"].where(rows["table"] == "", rows["table"] + ":" + rows["name"])
        return pd.MultiIndex.from_arrays([rows["org_id"], names])

    @cached_property
    def book(self) -> pd.DataFrame:
        """See `accounts.book`."""
        from .accounts import book

        return book(self)

    def once(self, make: Callable[[Known], pd.DataFrame]) -> pd.DataFrame:
        """What a function makes of this evening, made once for all rules that ask."""
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]

    def first_known(self, name: str) -> pd.Series:
        """See `View.first_known`."""
        if name not in self._first_known:
            self._first_known[name] = self.view.first_known(name)
        return self._first_known[name]

    def next_report_due(self, org_ids: pd.Series, after: pd.Series) -> pd.Series:
        """See `deadlines.next_report_due`."""
        return deadlines.next_report_due(self, org_ids, after)

    def _objected(self, rows: pd.DataFrame, table: str) -> NDArray[np.bool_]:
        """Rows a granted objection refers to (a listing stays a decision until it is undone)."""
        named = self.exempt("objection", table)
        if named.empty or table == "listings":
            return np.zeros(len(rows), dtype=bool)
        touched = within(rows["org_id"], named.get_level_values(0))
        key = TABLES[table].key
        touched[touched] = pd.MultiIndex.from_frame(rows.loc[touched, ["org_id", key]]).isin(named)
        return touched


def _representatives(view: View) -> pd.DataFrame:
    known = Known(view)
    posts = known.posts
    posts = posts.loc[(posts["role"] == "legal_representative") & posts["started_on"].notna()]
    orgs = known.active.loc[:, ["org_id", "org_type"]]
    return posts.loc[:, ["org_id", "person_id", "started_on", "position_id"]].merge(orgs, on="org_id")
