"""What a rule may look at: the tables as known on the day, without what a granted objection took out, and the derived frames rules share."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from ..records import TABLES
from .periods import stamp

if TYPE_CHECKING:
    from ..records import View

CITY = slice(2, 6)
SHENZHEN = "4403"


class Known:
    """The evening of a view, prepared for rules. Frames are shared: read, never write."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.day: dt.date = view.day
        self.today = stamp(view.day)
        self.calendar: str = view.source.calendar
        self.foreign: bool = view.source.code_scheme == "any"
        self._tables: dict[str, pd.DataFrame] = {}

    def table(self, name: str) -> pd.DataFrame:
        """Rows that stand on the day, without those a granted objection refers to."""
        if name not in self._tables:
            rows = self.view.table(name)
            out = (
                rows[TABLES[name].key].isin(self.objected)
                if name != "exemptions"
                else pd.Series(False, index=rows.index)
            )
            self._tables[name] = rows.loc[~out].reset_index(drop=True)
        return self._tables[name]

    @cached_property
    def organizations(self) -> pd.DataFrame:
        """Organisations, active or not, with ``city`` (characters 3-6 of the code)."""
        rows = self.table("organizations")
        return rows.assign(city=rows["org_id"].str[CITY])

    @cached_property
    def active(self) -> pd.DataFrame:
        """Organisations neither deregistered nor revoked."""
        gone = self.organizations["status"].isin(["deregistered", "revoked"])
        return self.organizations.loc[~gone].reset_index(drop=True)

    @cached_property
    def objected(self) -> frozenset[str]:
        """What granted objections refer to: keys of records, or names such as AL-01:2024."""
        return self._granted("objection")

    @cached_property
    def not_responsible(self) -> frozenset[tuple[str, str]]:
        """(organisation, what it refers to) of granted certificates of no direct responsibility (O60 art. 12)."""
        rows = self._exempt("no_direct_responsibility")
        return frozenset(zip(rows["org_id"], rows["refers_to"], strict=True))

    @cached_property
    def annual_reports(self) -> pd.DataFrame:
        """One row per organisation and fiscal year whose report is due by now or on file: see `deadlines`."""
        from .deadlines import annual_reports

        return annual_reports(self)

    @cached_property
    def latest_reports(self) -> pd.DataFrame:
        """The latest annual report on file of each organisation, with its figures."""
        rows = self.table("filings")
        filed = rows.loc[(rows["kind"] == "annual_report") & rows["filed_on"].notna() & rows["fiscal_year"].notna()]
        ordered = filed.sort_values(["org_id", "fiscal_year", "filed_on", "recorded_at", "filing_id"], kind="stable")
        return ordered.groupby("org_id").tail(1).reset_index(drop=True)

    def of_active(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Only the rows of active organisations."""
        return rows.loc[rows["org_id"].isin(self.active["org_id"])]

    def _exempt(self, kind: str) -> pd.DataFrame:
        rows = self.view.table("exemptions")
        return rows.loc[(rows["kind"] == kind) & (rows["outcome"] == "granted") & rows["refers_to"].notna()]

    def _granted(self, kind: str) -> frozenset[str]:
        return frozenset(self._exempt(kind)["refers_to"])
