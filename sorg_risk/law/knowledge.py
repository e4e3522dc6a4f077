"""What was known on earlier evenings: the facts of the two lists as the records showed them then, beside those they show now.

An authority decides on what it knows that evening, and learns more later: records are voided, corrected, excused, or come in late. Each pair
of an organisation and an evening is judged here as an organisation of its own, so that all of them are judged in one run of the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from ..calendar.lines import REPORT, Line
from ..calendar.periods import latest
from ..calendar.reports import all_lines
from ..records import TABLES, View
from ..records.lookups import looked_up, within
from ..records.versions import OPEN
from .evaluate import Found, base_rules, find
from .facts import FOREVER, OR
from .instruments import O60
from .known import Known
from .registry import situation
from .rule import Rule

FILINGS, PENALTIES, INSPECTIONS = "filings", "penalties", "inspections"
WATCHED: Final[dict[str, tuple[str, ...]]] = {
    "AL-01": (FILINGS,),
    "AL-02": (INSPECTIONS,),
    "AL-03": (INSPECTIONS,),
    "AL-04": (FILINGS, INSPECTIONS),
    "AL-05": (PENALTIES,),
    "AL-06": (INSPECTIONS,),
    "SL-02": (PENALTIES,),
    "SL-03": (PENALTIES,),
    "SL-04": (PENALTIES,),
    "SL-05": (PENALTIES,),
    "SL-06": (PENALTIES,),
    "SL-07": (PENALTIES,),
    "SZ-01": (FILINGS, "positions"),
}
"""Situation → tables whose rows bring about, change or take away its facts, beside `ALWAYS_WATCHED`."""
ALWAYS_WATCHED: Final = ("organizations", "exemptions")
FILINGS_BEHIND: Final = ("annual_report", "fundraising", "election")
"""Kinds of filings that do."""
BORDERS: Final = ("known_from", "known_until")
SAME: Final = ["org_id", "ground", "identity"]
YEAR_NAME: Final = re.compile(r"[A-Z]{2}-\d\d[a-z]?:\d+")
"""A rule with a fiscal year, as against the key of a record."""
COPY: Final = "#"
"""Sets the number of the evening off from the code of the organisation."""


class PastView(View):
    """Organisations as known on evenings of their own, each under a code that begins with its own and ends with a number.

    ``evenings``: org_id, evening; one row a pair. The clock stands on the day of the view it was made from: a rule that asks whether a
    period is over must be asked again for the evening.
    """

    def __init__(self, view: View, evenings: pd.DataFrame) -> None:
        super().__init__(view.source, view.day, None, view.known_by)
        self._base = view.restricted_to(evenings["org_id"])
        number = pd.Series(np.arange(len(evenings)), index=evenings.index).astype("str")
        self.evenings = evenings.assign(copy=(evenings["org_id"] + COPY + number).astype("str"))

    def table(self, name: str) -> pd.DataFrame:
        """The rows each organisation had on its evening."""
        declared = TABLES[name]
        if "org_id" not in declared.names:
            return self._base.table(name)
        if name not in self._tables:
            rows = self._base.history(name).merge(self.evenings, on="org_id")
            rows = rows.loc[(rows["known_from"] <= rows["evening"]) & (rows["evening"] < rows["known_until"])]
            rows = rows.assign(org_id=rows["copy"])[declared.names]
            order = list(dict.fromkeys(["org_id", declared.key]))
            self._tables[name] = rows.sort_values(order, kind="stable", ignore_index=True)
        return self._tables[name]

    def history(self, name: str) -> pd.DataFrame:
        """Every version each organisation had seen by its evening."""
        declared = TABLES[name]
        rows = self._base.history(name)
        if "org_id" not in declared.names:
            return rows
        rows = rows.merge(self.evenings, on="org_id")
        rows = rows.loc[rows["known_from"] <= rows["evening"]]
        stands = rows["known_until"] > rows["evening"]
        rows = rows.assign(org_id=rows["copy"], known_until=rows["known_until"].mask(stands, OPEN))
        order = list(dict.fromkeys(["org_id", declared.key, "known_from"]))
        return rows[[*declared.names, *BORDERS]].sort_values(order, kind="stable", ignore_index=True)

    @property
    def withheld(self) -> pd.DataFrame:
        """None: whether a fact misses a row that is not used is asked of the evening of the view only."""
        return self._base.withheld.iloc[:0]

    def first_known(self, name: str) -> pd.Series:
        """As of the view it was made from; organisations under the codes they have here."""
        days = self._base.first_known(name)
        if name != "organizations":
            return days
        return pd.Series(looked_up(self.evenings["org_id"], days).to_numpy(), index=self.evenings["copy"])


class PastKnown(Known):
    """The organisations of a `PastView`, prepared for rules: each with the lines of duties that were known on its evening."""

    view: PastView

    def dated_lines(self, duty: str) -> tuple[list[Line], pd.Series | None]:
        """As in `Known`: every line, and the evening of each organisation."""
        evenings = looked_up(self.organizations["org_id"], self.view.evenings.set_index("copy")["evening"])
        return all_lines(self.view.history("report_notices"), duty), evenings


def watched(rows: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, list[Rule], tuple[str, ...]]]:
    """Rows (with ``situation``) that are decided by the same tables, with the rules of their situations and those tables."""
    behind = rows["situation"].map(lambda name: WATCHED.get(name, ()))
    for tables in dict.fromkeys(behind):
        part = rows.loc[[told == tables for told in behind]]
        rules = [rule for rule in base_rules() if situation(rule.id) in set(part["situation"])]
        if rules:
            yield part, rules, tables


def facts_on(known: Known, evenings: pd.DataFrame, rules: list[Rule]) -> pd.DataFrame:
    """The facts of some rules of both lists as known on evenings (org_id, evening): columns of `Found.frame` with ``evening``.

    ``org_id`` is the organisation's own. A fact may arise or end after the evening.
    """
    found, own = _on(known, evenings, rules)
    return found.frame.assign(**own)


def named_facts_on(known: Known, evenings: pd.DataFrame, rules: list[Rule]) -> pd.DataFrame:
    """As `facts_on`, with ``names`` (see `Found.names`) and ``on_record``: a record shows the fact, not the mere lack of one."""
    found, own = _on(known, evenings, rules)
    names = found.names(found.frame, found.evidence(found.frame))
    recorded = [any(not YEAR_NAME.fullmatch(name) for name in called) for called in names]
    return found.frame.assign(**own, names=names, on_record=np.array(recorded, dtype=bool))


def _on(known: Known, evenings: pd.DataFrame, rules: list[Rule]) -> tuple[Found, dict[str, pd.Series]]:
    """The facts under the codes of a `PastView`, and the organisation and evening of each."""
    view = PastView(known.view, evenings.drop_duplicates(["org_id", "evening"]).reset_index(drop=True))
    found = find(PastKnown(view, known.calendar), rules)
    pairs = view.evenings.set_index("copy").reindex(found.frame["org_id"])
    return found, {name: pairs[name].set_axis(found.frame.index) for name in ("org_id", "evening")}


def stretches(known: Known, org_ids: pd.Series, tables: tuple[str, ...]) -> pd.DataFrame:
    """Stretches of evenings on which nothing was learnt about each organisation: org_id, evening (the first), until (the next stretch).

    ``tables``: where, beside `ALWAYS_WATCHED` (of filings, the lines of the annual report too). An exemption may name a decision, which
    penalties resolve: of an organisation with exemptions these are watched whatever is asked.
    """
    part = known.view.restricted_to(org_ids)
    days = [_news_of_duties(known, org_ids)] if FILINGS in tables else []
    for name in (*ALWAYS_WATCHED, *{*tables, PENALTIES}):
        rows = part.history(name)
        if name == FILINGS:
            rows = rows.loc[rows["kind"].isin(FILINGS_BEHIND)]
        if name not in (*ALWAYS_WATCHED, *tables):
            rows = rows.loc[within(rows["org_id"], part.history("exemptions")["org_id"])]
        days += [rows.loc[:, ["org_id", border]].set_axis(["org_id", "evening"], axis=1) for border in BORDERS]
    told = pd.concat(days, ignore_index=True).drop_duplicates()
    told = told.loc[told["evening"] <= known.today].sort_values(["org_id", "evening"], ignore_index=True)
    until = told.groupby("org_id")["evening"].shift(-1).fillna(FOREVER).astype("datetime64[s]")
    return told.assign(evening=told["evening"].astype("datetime64[s]"), until=until)


def _news_of_duties(known: Known, org_ids: pd.Series) -> pd.DataFrame:
    """The days on which lines of the annual report became known since the Measures, for every organisation: org_id, evening."""
    days = {line.known_from for line in known.duty_lines(REPORT) if O60.effective_from < line.known_from}
    notices = known.view.history("report_notices")
    days |= {day.date() for border in BORDERS for day in notices[border] if day <= known.today}
    orgs = pd.DataFrame({"org_id": org_ids.drop_duplicates()})
    return orgs.merge(pd.DataFrame({"evening": pd.to_datetime(sorted(days)).astype("datetime64[s]")}), how="cross")


def known_since(known: Known, found: Found) -> pd.Series:
    """The first evening, from the day each fact arose, on which the same fact as known then stood (missing: it never did).

    The same fact: of the same ground and ``identity``. A fact whose record was voided and restored keeps its first evening.
    """
    frame = found.frame
    days = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
    asked = frame.loc[:, [*SAME, "since", "ends", "known_on"]].reset_index(names="fact")
    asked = asked.assign(
        bound=latest(asked["since"], asked["known_on"]), situation=asked["ground"].map(situation).astype("str")
    )
    for part, rules, tables in watched(asked):
        told = _told_since(known, part, rules, tables)
        days.iloc[part["fact"].to_numpy()] = told.to_numpy()
    return days


def _told_since(known: Known, asked: pd.DataFrame, rules: list[Rule], tables: tuple[str, ...]) -> pd.Series:
    """`known_since` of facts (by ``fact``) that some tables decide: at once where nothing was learnt after the first day it could be known."""
    days = pd.Series(pd.NaT, index=asked["fact"], dtype="datetime64[s]")
    told = stretches(known, asked["org_id"], tables)
    last = looked_up(asked["org_id"], told.groupby("org_id")["evening"].max())
    settled = ~(last > asked["bound"]) & ~(asked["ends"] <= asked["bound"])
    days[settled.to_numpy()] = asked.loc[settled, "bound"].to_numpy()
    open_ = asked.loc[~settled]
    if open_.empty:
        return days
    at_once = open_.loc[:, ["org_id", "bound"]].set_axis(["org_id", "evening"], axis=1).drop_duplicates()
    facts = facts_on(known, at_once, rules).assign(until=lambda then: then["evening"] + pd.Timedelta(days=1))
    first = _first_evening(open_, facts, pd.Series(pd.NaT, index=open_["fact"], dtype="datetime64[s]"))
    late = open_.loc[(first != open_["bound"].to_numpy()).to_numpy()]
    if len(late):
        told = told.loc[told["until"] > looked_up(told["org_id"], late.groupby("org_id")["bound"].min())]
        facts = facts_on(known, told, rules).merge(told, on=["org_id", "evening"])
        first = _first_evening(late, facts, first.where(~first.index.isin(late["fact"])))
    return days.where(days.notna(), first.reindex(days.index))


def _first_evening(asked: pd.DataFrame, facts: pd.DataFrame, days: pd.Series) -> pd.Series:
    """Fill in the first evening on which a fact of the same ground and identity stood, among facts known from ``evening`` to ``until``."""
    then = facts.rename(columns={"since": "arose"}).loc[:, [*SAME, "arose", "ends", "evening", "until"]]
    met = _by_name(asked.loc[:, [*SAME, "fact", "bound"]]).merge(_by_name(then), on=SAME)
    first = latest(latest(met["evening"], met["arose"]), met["bound"])
    stood = (first < met["until"]) & ~(met["ends"] <= first)
    earliest = first[stood].groupby(met.loc[stood, "fact"]).min()
    return days.where(days.notna(), earliest.reindex(days.index).astype("datetime64[s]"))


def _by_name(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each name of a fact's identity."""
    if not frame["identity"].str.contains(OR, regex=False).any():
        return frame
    return frame.assign(identity=frame["identity"].str.split(OR)).explode("identity").astype({"identity": "str"})
