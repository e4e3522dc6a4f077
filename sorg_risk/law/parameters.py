"""Parameters of the law: dated values, each with the text it comes from, the day it is read on, and how sure it is.

Two clocks. A value counts on the day it is read on when it was in force then **and** had been promulgated by the day of judging; a value
ends by its successor only once the successor is promulgated. After the end of the last value nothing newer has been seen: the last one is
read on, and what rests on it is provisional. A gap, an overlap or a missing citation fails when the parameter is made, so a rulebook that
contradicts itself cannot be imported.

An amendment is one call behind the parameter, where it is declared; nothing else has to change:

>>> import datetime as dt
>>> from .instruments import O60
>>> line = constant("large_fine", "较大罚款", "large fine", "yuan", 50_000, O60.at(15, 4))
>>> line = line.then(100_000, O60.at(15, 4), dt.date(2027, 1, 1), issued=dt.date(2026, 11, 20))
>>> line.on(dt.date(2026, 12, 31)).value, line.on(dt.date(2027, 1, 1)).value
(50000, 100000)
>>> line.on(dt.date(2027, 1, 1), known_by=dt.date(2026, 11, 19)).value
50000
>>> line.on(dt.date(2017, 1, 1))
Traceback (most recent call last):
    ...
sorg_risk.errors.LawError: parameter large_fine has no value in force on 2017-01-01 and promulgated by 2017-01-01; known from 2018-01-24 on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, Generic, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import LawError
from .instruments import CHECKED_ON, OPEN, Certainty, Citation, certain

Value = TypeVar("Value")


class ReadOn(StrEnum):
    """The transition rule of a parameter: the day whose law gives its value."""

    EVENT = "event"
    LISTING = "listing"
    FISCAL_YEAR = "fiscal_year"
    AS_OF = "as_of"


TRANSITIONS: Final = {
    ReadOn.EVENT: ("事实发生之日", "the day of the event"),
    ReadOn.LISTING: ("列入之日或者期限重新起算之日", "the day of the listing, or the day its term began again"),
    ReadOn.FISCAL_YEAR: ("会计年度的最后一日", "the last day of the fiscal year"),
    ReadOn.AS_OF: ("判断之日", "the day of judging"),
}


@dataclass(frozen=True)
class Dated(Generic[Value]):
    """One value and the days on which it is the law.

    ``issued``: when it was promulgated, by default when its instrument was (never later than it took effect).
    ``checked_on``: when the value was last compared with its text.
    """

    value: Value
    citation: Citation
    effective_from: dt.date
    effective_to: dt.date = OPEN
    issued: dt.date | None = None
    certainty: Certainty = "R2"
    checked_on: dt.date = CHECKED_ON

    @property
    def promulgated(self) -> dt.date:
        """The day from which anyone could know the value."""
        return self.issued or self.citation.instrument.promulgated

    def holds(self, day: dt.date, known_by: dt.date) -> bool:
        """Whether the value is in force on a day, and promulgated by another."""
        return self.effective_from <= day <= self.effective_to and self.promulgated <= known_by


@dataclass(frozen=True)
class Parameter(Generic[Value]):
    """A named figure of the law over time. Values follow each other without gap or overlap; the last may be closed (then unknown after).

    ``read_on``: which day's law gives the value, see `ReadOn`.
    """

    name: str
    zh: str
    en: str
    unit: str
    values: tuple[Dated[Value], ...]
    read_on: ReadOn = ReadOn.EVENT

    def __post_init__(self) -> None:
        if not self.values:
            raise LawError(f"parameter {self.name} has no value; give at least one with its citation.")
        for value in self.values:
            certain(value.certainty, f"parameter {self.name}")
            if not isinstance(value.citation, Citation):
                raise LawError(
                    f"parameter {self.name}: the value of {value.effective_from} lacks its citation; add it."
                )
            if value.effective_to < value.effective_from:
                raise LawError(f"parameter {self.name}: the value of {value.effective_from} ends before it begins.")
        for earlier, later in pairwise(sorted(self.values, key=lambda value: value.effective_from)):
            follow(f"parameter {self.name}: the values", earlier, later)

    def then(
        self,
        value: Value,
        citation: Citation,
        effective_from: dt.date,
        *,
        issued: dt.date | None = None,
        certainty: Certainty = "R",
        checked_on: dt.date = CHECKED_ON,
    ) -> Parameter[Value]:
        """The parameter as amended: the last value ends the day before the new one begins."""
        *earlier, last = sorted(self.values, key=lambda dated: dated.effective_from)
        ended = replace(last, effective_to=effective_from - dt.timedelta(days=1))
        new = Dated(value, citation, effective_from, issued=issued, certainty=certainty, checked_on=checked_on)
        return replace(self, values=(*earlier, ended, new))

    def known(self, known_by: dt.date) -> tuple[Dated[Value], ...]:
        """The values promulgated by a day, oldest first; the oldest alone where none was."""
        ordered = sorted(self.values, key=lambda value: value.effective_from)
        return tuple(value for value in ordered if value.promulgated <= known_by) or (ordered[0],)

    def on(self, day: dt.date, known_by: dt.date | None = None) -> Dated[Value]:
        """The value in force on a day, promulgated by another (that day itself if None).

        Raises
        ------
        LawError
            No value is in force on the day.
        """
        dated = self.find(day, known_by)
        if dated is None:
            raise LawError(
                f"parameter {self.name} has no value in force on {day} and promulgated by {known_by or day}; "
                f"known from {min(v.effective_from for v in self.values)} on."
            )
        return dated

    def find(self, day: dt.date, known_by: dt.date | None = None) -> Dated[Value] | None:
        """As `on`, or None where no value is in force."""
        begun = [dated for dated in self.known(known_by or day) if dated.effective_from <= day]
        if not begun or begun[-1].promulgated > (known_by or day):
            return None
        return begun[-1] if day <= self._end(begun[-1], known_by or day) else None

    def near(self, day: dt.date, known_by: dt.date | None = None) -> Dated[Value]:
        """The value in force on a day; before the first and after the last, the one nearest in time.

        Facts are laid out before it is asked whether their rule applies, and a foreign register is judged by today's rules on any day;
        both need a figure for days on which the law had none.
        """
        known = self.known(known_by or day)
        return next((dated for dated in reversed(known) if dated.effective_from <= day), known[0])

    def read(self, days: pd.Series, known_by: dt.date) -> Reading[Value]:
        """The value of each day as `near`, by the texts promulgated by ``known_by``; a missing day reads the oldest value."""
        known = self.known(known_by)
        begins = np.array([dated.effective_from for dated in known], dtype="datetime64[D]")
        given = days.to_numpy().astype("datetime64[D]")
        missing = np.isnat(given)
        place = np.maximum(np.searchsorted(begins, np.where(missing, begins[0], given), side="right") - 1, 0)
        lapsed = ~missing & (given > np.datetime64(self._end(known[-1], known_by), "D"))
        return Reading(self, known, days.index, place, lapsed)

    def over(
        self, start: pd.Series, move: Callable[[pd.Series, Value], pd.Series], known_by: dt.date
    ) -> tuple[pd.Series, Reading[Value]]:
        """The first day on which, by the law of that day, a period from each start is over; and what was read.

        ``move``: gives the day on which a period of a value is over. A change of the law meets every period that is still running.
        """
        known = self.known(known_by)
        first = pd.Series(pd.NaT, index=start.index, dtype="datetime64[s]")
        for dated in reversed(known):
            over = move(start, dated.value)
            if dated is not known[0]:
                begins = pd.Timestamp(dated.effective_from).as_unit("s")
                over = over.where(over.isna() | (over >= begins), begins)
            if dated is not known[-1]:
                over = over.where(over <= pd.Timestamp(dated.effective_to).as_unit("s"))
            first = over.where(over.notna(), first)
        return first, self.read(first, known_by)

    def _end(self, dated: Dated[Value], known_by: dt.date) -> dt.date:
        """The last day of a value as known on a day: what ends by a successor goes on until the successor is promulgated."""
        unknown = any(v.promulgated > known_by and v.effective_from > dated.effective_to for v in self.values)
        return OPEN if unknown else dated.effective_to


@dataclass(frozen=True)
class Reading(Generic[Value]):
    """A parameter read for many rows: ``place``, which of the known values each row reads; ``lapsed``, whether the text had ended by then."""

    parameter: Parameter[Value]
    dated: tuple[Dated[Value], ...]
    index: pd.Index
    place: NDArray[np.intp]
    lapsed: NDArray[np.bool_]

    def of(self, pick: Callable[[Value], Any] | None = None) -> pd.Series:
        """The value of each row, or what ``pick`` takes of it."""
        told = [dated.value if pick is None else pick(dated.value) for dated in self.dated]
        return pd.Series(np.array(told)[self.place], index=self.index)

    def groups(self) -> Iterator[tuple[Value, NDArray[np.bool_]]]:
        """Every value that is read, and which rows read it."""
        for number, dated in enumerate(self.dated):
            here = self.place == number
            if here.any():
                yield dated.value, here

    def after(self, start: pd.Series, move: Callable[[pd.Series, Value], pd.Series]) -> pd.Series:
        """Each start moved on by its own value."""
        over = pd.Series(pd.NaT, index=start.index, dtype="datetime64[s]")
        for value, here in self.groups():
            over[here] = move(start[here], value)
        return over

    def rows(self, chosen: pd.Series | NDArray[np.bool_]) -> Reading[Value]:
        """The reading of some rows, numbered anew."""
        at = np.flatnonzero(np.asarray(chosen, dtype=bool))
        return replace(self, index=pd.RangeIndex(len(at)), place=self.place[at], lapsed=self.lapsed[at])

    def doubts(self) -> pd.Series:
        """What each row rests on that nobody has confirmed, as a code (empty: nothing)."""
        unsure = np.array([dated.certainty == "U" for dated in self.dated])[self.place]
        code = np.where(unsure, f"parameter:{self.parameter.name}", "").astype(object)
        code[self.lapsed & ~unsure] = f"lapsed:{self.parameter.name}"
        return pd.Series(code, index=self.index, dtype="str")

    def amendments(self) -> pd.Series:
        """The amended value each row reads, as ``name@day`` (empty: the first value)."""
        keys = ["", *(f"{self.parameter.name}@{dated.effective_from}" for dated in self.dated[1:])]
        return pd.Series(np.array(keys, dtype=object)[self.place], index=self.index, dtype="str")


def joined(codes: list[pd.Series], index: pd.Index) -> pd.Series:
    """Codes of several sources in one cell, each once, with semicolons between."""
    filled = [code for code in codes if (code != "").any()]
    if len(filled) < 2:
        return filled[0] if filled else pd.Series("", index=index, dtype="str")
    lines = zip(*(code.to_list() for code in filled), strict=True)
    return pd.Series([";".join(dict.fromkeys(filter(None, line))) for line in lines], index=index, dtype="str")


def follow(whose: str, earlier: Dated[Value], later: Dated[Value]) -> None:
    """Refuse two dated things that overlap or leave days without any."""
    gap = (later.effective_from - earlier.effective_to).days
    if gap != 1:
        what = "overlap" if gap < 1 else "leave a gap"
        raise LawError(
            f"{whose} of {earlier.effective_from} and {later.effective_from} {what}; "
            f"end the earlier one on {later.effective_from - dt.timedelta(days=1)}."
        )


def constant(
    name: str,
    zh: str,
    en: str,
    unit: str,
    value: Value,
    citation: Citation,
    certainty: Certainty = "R2",
    read_on: ReadOn = ReadOn.EVENT,
) -> Parameter[Value]:
    """A parameter with one value, in force as long as its instrument."""
    text = citation.instrument
    dated = Dated(value, citation, text.effective_from, text.effective_to, certainty=certainty)
    return Parameter(name, zh, en, unit, (dated,), read_on)
