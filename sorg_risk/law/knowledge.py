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
from ..records import TABLES, View
from ..records.lookups import looked_up
from ..records.versions import OPEN
from .evaluate import Found, base_rules, find
from .facts import FOREVER, OR
from .instruments import O60
from .known import Known

TABLES_BEHIND: Final = ("organizations", "filings", "penalties", "inspections", "positions", "exemptions")
"""Tables whose rows bring about, change or take away a ground of the lists."""
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

    def first_known(self, name: str) -> pd.Series:
        """As of the view it was made from; organisations under the codes they have here."""
        days = self._base.first_known(name)
        if name != "organizations":
            return days
        return pd.Series(looked_up(self.evenings["org_id"], days).to_numpy(), index=self.evenings["copy"])


class PastKnown(Known):
    """The organisations of a `PastView`, prepared for rules: each with the lines of duties that were known on its evening."""

    view: PastView

    def by_duty_lines(self, duty: str) -> Iterator[tuple[pd.DataFrame, list[Line]]]:
        """As in `Known`, by evening."""
        evening = looked_up(self.organizations["org_id"], self.view.evenings.set_index("copy")["evening"])
        lines = {day: tuple(self.duty_lines(duty, day.date())) for day in evening.unique()}
        numbers = {known: number for number, known in enumerate(dict.fromkeys(lines.values()))}
        part = evening.map({day: numbers[known] for day, known in lines.items()})
        for known, number in numbers.items():
            yield self.organizations.loc[part == number].reset_index(drop=True), list(known)


def facts_on(known: Known, evenings: pd.DataFrame) -> pd.DataFrame:
    """The facts of both lists as known on evenings (org_id, evening): columns of `Found.frame` with ``evening``.

    ``org_id`` is the organisation's own. A fact may arise or end after the evening.
    """
    found, own = _on(known, evenings)
    return found.frame.assign(**own)


def named_facts_on(known: Known, evenings: pd.DataFrame) -> pd.DataFrame:
    """As `facts_on`, with ``names`` (see `Found.names`) and ``on_record``: a record shows the fact, not the mere lack of one."""
    found, own = _on(known, evenings)
    names = found.names(found.frame, found.evidence(found.frame))
    recorded = [any(not YEAR_NAME.fullmatch(name) for name in called) for called in names]
    return found.frame.assign(**own, names=names, on_record=np.array(recorded, dtype=bool))


def _on(known: Known, evenings: pd.DataFrame) -> tuple[Found, dict[str, pd.Series]]:
    """The facts under the codes of a `PastView`, and the organisation and evening of each."""
    view = PastView(known.view, evenings.drop_duplicates(["org_id", "evening"]).reset_index(drop=True))
    found = find(PastKnown(view, known.calendar), base_rules())
    pairs = view.evenings.set_index("copy").reindex(found.frame["org_id"])
    return found, {name: pairs[name].set_axis(found.frame.index) for name in ("org_id", "evening")}


def stretches(known: Known, org_ids: pd.Series) -> pd.DataFrame:
    """Stretches of evenings on which nothing was learnt about each organisation: org_id, evening (the first), until (the next stretch)."""
    part = known.view.restricted_to(org_ids)
    days = [_news_of_duties(known, org_ids)]
    for name in TABLES_BEHIND:
        rows = part.history(name)
        if name == "filings":
            rows = rows.loc[rows["kind"].isin(FILINGS_BEHIND)]
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
    asked = frame.loc[:, [*SAME, "since", "known_on"]].reset_index(names="fact")
    asked = asked.assign(bound=latest(asked["since"], asked["known_on"]))
    at_once = asked.loc[:, ["org_id", "bound"]].set_axis(["org_id", "evening"], axis=1).drop_duplicates()
    days = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
    if frame.empty:
        return days
    facts = facts_on(known, at_once).assign(until=lambda then: then["evening"] + pd.Timedelta(days=1))
    days = _first_evening(asked, facts, days)
    days = days.where(days == asked["bound"].to_numpy())
    late = asked.loc[days.isna().to_numpy()]
    if len(late):
        told = stretches(known, late["org_id"])
        told = told.loc[told["until"] > looked_up(told["org_id"], late.groupby("org_id")["bound"].min())]
        facts = facts_on(known, told).merge(told, on=["org_id", "evening"])
        days = _first_evening(late, facts, days)
    return days


def _first_evening(asked: pd.DataFrame, facts: pd.DataFrame, days: pd.Series) -> pd.Series:
    """Fill in the first evening on which a fact of the same ground and identity stood, among facts known from ``evening`` to ``until``."""
    then = facts.rename(columns={"since": "arose"}).loc[:, [*SAME, "arose", "ends", "evening", "until"]]
    met = _by_name(asked).merge(_by_name(then), on=SAME)
    first = latest(latest(met["evening"], met["arose"]), met["bound"])
    stood = (first < met["until"]) & ~(met["ends"] <= first)
    earliest = first[stood].groupby(met.loc[stood, "fact"]).min()
    return days.where(days.notna(), earliest.reindex(days.index).astype("datetime64[s]"))


def _by_name(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each name of a fact's identity."""
    if not frame["identity"].str.contains(OR, regex=False).any():
        return frame
    return frame.assign(identity=frame["identity"].str.split(OR)).explode("identity").astype({"identity": "str"})
