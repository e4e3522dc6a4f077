"""Deadlines of filings as the law reads them on each as-of day: the same lines, overrides and rest days as in `sorg_risk.law`.

The deadline of a report rests on its organisation (type, authority, charity …), on the notices known, and on the ``due_on`` of any row of its
year; each of them may change while rows stand. So the as-of days are cut into *stretches* in which the deadline of an organisation and year is
one day, and a row that stands through several stretches is swept as several rows, one after the other.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..calendar.lines import NO_DAY, Line, in_order, noticed, packaged
from ..calendar.reports import authorities, day_numbers, report_days, stamps
from ..calendar.workdays import WorkCalendar
from ..records.codes import SOCIAL
from ..records.packed import NEVER, Cells, Numbers, Packed, Packs, Words, taken

Ints = NDArray[np.int64]
REPORT = "annual_report"
NOTICES = "report_notices"
_YEARS = 10_000


class DatedPacks(Packs):
    """Packs whose filings carry ``due_day`` as known on each of some as-of days (ascending, since 1970-01-01)."""

    def __init__(self, packs: Packs, days: Ints) -> None:
        self.plain = packs
        self.deadlines = Deadlines(packs, days)
        super().__init__(packs.orgs, self._dated, packs.shared)

    def _dated(self, table: str) -> Packed:
        packed = self.plain.table(table)
        return self.deadlines.dated(packed) if table == "filings" else packed


@dataclass(frozen=True)
class Stretches:
    """Stretches of as-of days, in order: ``code`` is place of the report x days + place of the first day; ``due`` its deadline or `NO_DAY`."""

    code: Ints
    due: Ints


class Deadlines:
    """Deadlines of the organisations of some packs on some as-of days."""

    def __init__(self, packs: Packs, days: Ints) -> None:
        self.packs = packs
        self.days = days
        self.by_law = packs.table("organizations").calendar == "law"

    def dated(self, filings: Packed) -> Packed:
        """The filings with ``due_day``; rows whose deadline changes on some as-of day cut in two."""
        due_on = filings.numbers("due_on")
        if not self.by_law:
            return _with_due(filings, np.arange(len(filings)), filings.known_from, filings.known_until, due_on)
        due = np.where(due_on.valid, due_on.values, NO_DAY)
        at = np.flatnonzero(_reports(filings))
        if not len(at):
            return _with_due(filings, np.arange(len(filings)), filings.known_from, filings.known_until, _numbers(due))
        report, place = np.unique(_pairs(filings)[at], return_inverse=True)
        stretches = self.stretches(report)
        first, last = self._span(filings, at)
        count = len(self.days)
        start = np.searchsorted(stretches.code, place * count + first, side="right") - 1
        stop = np.searchsorted(stretches.code, place * count + np.maximum(last, first + 1))
        pieces = np.ones(len(filings), dtype=np.int64)
        pieces[at] = stop - start
        rows = np.repeat(np.arange(len(filings)), pieces)
        turn = np.arange(len(rows)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        stretch = np.full(len(filings), -1, dtype=np.int64)
        stretch[at] = start
        own = np.where(stretch[rows] >= 0, stretch[rows] + turn, -1)
        begins = np.append(stretches.code % count, 0)
        since, until = filings.known_from[rows].copy(), filings.known_until[rows].copy()
        later = turn > 0
        since[later] = self.days[begins[own[later]]]
        until[:-1] = np.where(later[1:], since[1:], until[:-1])
        due = np.where(own >= 0, np.append(stretches.due, NO_DAY)[own], due[rows])
        return _with_due(filings, rows, since, until, _numbers(due))

    def of_year(self, year: int) -> NDArray[np.float64]:
        """(organisations, days) the deadline of the report of a fiscal year; NaN where none is owed."""
        orgs, count = len(self.packs.orgs), len(self.days)
        if not self.by_law:
            return np.full((orgs, count), np.nan)
        stretches = self.stretches(np.arange(orgs) * _YEARS + year)
        length = np.diff(np.append(stretches.code, orgs * count))
        due = np.repeat(stretches.due, length).reshape(orgs, count)
        return np.where(due == NO_DAY, np.nan, due.astype(np.float64))

    def stretches(self, report: Ints) -> Stretches:
        """Stretches of some reports (ascending: place of the organisation x 10,000 + fiscal year), equal neighbours as one."""
        count, org, year = len(self.days), report // _YEARS, report % _YEARS
        overrides = self._overrides(report)
        base = np.arange(len(report)) * count
        parts = [base, overrides.first, overrides.last[overrides.last % count != 0]]
        for day in range(1, count):
            changed = self._rows[:, day] != self._rows[:, day - 1]
            touched = changed[org]
            for line in self._toggled(day):
                touched |= (year >= line.years[0]) & (year <= line.years[1])
            parts.append(base[touched] + day)
        code = np.unique(np.concatenate(parts))
        due = self._days_by_law(org[code // count], year[code // count], code % count)
        for first, last, day in zip(
            np.searchsorted(code, overrides.first), np.searchsorted(code, overrides.last), overrides.due, strict=True
        ):
            due[first:last] = day
        due = _moved(due)
        kept = np.append(True, (np.diff(code // count) != 0) | (np.diff(due) != 0))[: len(code)]
        return Stretches(code[kept], due[kept])

    def _days_by_law(self, org: Ints, year: Ints, day: Ints) -> Ints:
        """The day by statutes and notices for each organisation, fiscal year and place of an as-of day."""
        due = np.full(len(org), NO_DAY, dtype=np.int64)
        row = self._rows[org, day]
        state = self._states[day]
        for one in np.unique(state):
            here = np.flatnonzero((state == one) & (row >= 0))
            lines = [
                line for line in self._lines if line.known_on(self._date(int(np.flatnonzero(self._states == one)[0])))
            ]
            due[here] = day_numbers(report_days(self._forms, row[here], year[here], lines)["due_on"])
        return due

    def _overrides(self, report: Ints) -> _Overrides:
        """``due_on`` of reports on file, by report and in the order in which the law prefers them, the last one most."""
        filings = self.packs.table("filings")
        due_on = filings.numbers("due_on")
        at = np.flatnonzero(_reports(filings) & due_on.valid)
        pair = _pairs(filings)[at]
        place = np.searchsorted(report, pair)
        wanted = (
            (place < len(report)) & (report[np.minimum(place, len(report) - 1)] == pair) if len(report) else pair < 0
        )
        first, last = self._span(filings, at)
        wanted &= first < last
        at, place, first, last = at[wanted], place[wanted], first[wanted], last[wanted]
        if not len(at):
            return _Overrides(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
        order = np.lexsort((filings.keys[at].astype(str), filings.numbers("recorded_at").values[at], place))
        count = len(self.days)
        code = (place * count)[order]
        return _Overrides(code + first[order], code + last[order], due_on.values[at][order])

    def _span(self, packed: Packed, rows: Ints) -> tuple[Ints, Ints]:
        """Place of the first as-of day on which each row stands, and of the first one after."""
        since, until = packed.known_from[rows], packed.known_until[rows]
        return np.searchsorted(self.days, since), np.searchsorted(self.days, until)

    @cached_property
    def _rows(self) -> Ints:
        """(organisations, days) the row of the register that stands, -1 for none."""
        register = self.packs.table("organizations")
        found = np.full((len(self.packs.orgs), len(self.days)), -1, dtype=np.int64)
        owner = register.owner
        for place, day in enumerate(self.days):
            stands = np.flatnonzero((register.known_from <= day) & (day < register.known_until))
            found[owner[stands], place] = stands
        return found

    @cached_property
    def _forms(self) -> pd.DataFrame:
        """What the lines ask of each row of the register; gaps filled as the law fills them."""
        register = self.packs.table("organizations")
        codes = self.packs.orgs.to_series().reset_index(drop=True)
        kind = _text(register, "org_type")
        by_code = codes.str[:2].map(SOCIAL).to_numpy(dtype=object)[register.owner]
        given = pd.Series(_text(register, "authority"), dtype="str")
        registered = register.numbers("registered_on")
        first = (
            np.minimum.reduceat(register.known_from, register.offsets[:-1]) if len(register) else register.known_from
        )
        seen = first.astype(np.int64)[register.owner]
        day = np.where(registered.valid, registered.values, np.where(seen > -NEVER, seen, NO_DAY))
        return pd.DataFrame(
            {
                "org_type": pd.Series(np.where(kind == None, by_code, kind), dtype="str"),  # noqa: E711
                "authority": authorities(given, codes.take(register.owner).reset_index(drop=True)),
                "is_charity": register.words("is_charity").codes == 1,
                "is_industry_association": register.words("is_industry_association").codes == 1,
                "registered_on": stamps(day),
            }
        )

    @cached_property
    def _lines(self) -> list[Line]:
        return in_order((*packaged(), *noticed(self.packs.shared(NOTICES))))

    @cached_property
    def _known(self) -> NDArray[np.bool_]:
        """(lines, days) whether each line is known."""
        dates = [self._date(place) for place in range(len(self.days))]
        return np.array([[line.known_on(date) for date in dates] for line in self._lines], dtype=bool)

    @cached_property
    def _states(self) -> Ints:
        """For each as-of day which lines are known, as a number."""
        changes = (self._known[:, 1:] != self._known[:, :-1]).any(axis=0)
        return np.cumsum(np.append(0, changes)).astype(np.int64)

    def _toggled(self, place: int) -> list[Line]:
        """Lines known on an as-of day and not on the one before, or the other way."""
        return [self._lines[one] for one in np.flatnonzero(self._known[:, place] != self._known[:, place - 1])]

    def _date(self, place: int) -> dt.date:
        return dt.date(1970, 1, 1) + dt.timedelta(days=int(self.days[place]))


@dataclass(frozen=True)
class _Overrides:
    """Codes (see `Stretches`) between which each override holds, and its day."""

    first: Ints
    last: Ints
    due: Ints


def _reports(filings: Packed) -> NDArray[np.bool_]:
    """Rows of annual reports that name their year."""
    kind = filings.words("kind")
    return np.asarray((kind.codes == list(kind.vocabulary).index(REPORT)) & filings.numbers("fiscal_year").valid)


def _pairs(filings: Packed) -> Ints:
    """Organisation and fiscal year of each row as one number."""
    return np.asarray(filings.owner * _YEARS + filings.numbers("fiscal_year").values, dtype=np.int64)


def _with_due(filings: Packed, rows: Ints, since: NDArray[np.int32], until: NDArray[np.int32], due: Numbers) -> Packed:
    """Rows of the filings (ascending, some perhaps several times) with their deadlines and the days on which they stand."""
    same = len(rows) == len(filings)

    def column(name: str) -> Cells:
        if name == "due_day":
            return due
        return filings.column(name) if same else taken(filings.column(name), rows)

    offsets = np.searchsorted(rows, filings.offsets).astype(np.int64)
    return Packed(
        filings.table, filings.orgs, offsets, since, until, column, lambda: filings.keys[rows], filings.calendar
    )


def _moved(due: Ints) -> Ints:
    """Deadlines on rest days moved to the next working day."""
    distinct, place = np.unique(due, return_inverse=True)
    moved, _ = WorkCalendar().moved(pd.Series(stamps(distinct)))
    return day_numbers(moved)[place]


def _numbers(days: Ints) -> Numbers:
    valid = days != NO_DAY
    return Numbers(np.where(valid, days, 0), valid)


def _text(packed: Packed, name: str) -> NDArray[np.object_]:
    """A column of words as text, None where nothing is on file."""
    words: Words = packed.words(name)
    vocabulary = words.vocabulary if isinstance(words.vocabulary, tuple) else words.vocabulary.to_pylist()
    return np.asarray(np.array([*vocabulary, None], dtype=object)[words.codes], dtype=object)
