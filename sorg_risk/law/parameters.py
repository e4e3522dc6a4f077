"""Parameters of the law: dated values, each with the text it comes from and how sure it is.

A value counts on an event day when it was in force then **and** had been promulgated by the day of judging. A gap, an overlap or a missing
citation fails when the parameter is made, so a rulebook that contradicts itself cannot be imported.

>>> from .instruments import O60
>>> line = Parameter("large_fine", "较大罚款", "large fine", "yuan", (Dated(50_000, O60.at(15, 4), dt.date(2018, 1, 24)),))
>>> line.on(dt.date(2024, 1, 1)).value
50000
>>> line.on(dt.date(2017, 1, 1))
Traceback (most recent call last):
    ...
sorg_risk.errors.LawError: parameter large_fine has no value in force on 2017-01-01 and promulgated by 2017-01-01; known from 2018-01-24 on.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from ..errors import LawError
from .instruments import CHECKED_ON, OPEN, Citation, certain

Value = TypeVar("Value")


@dataclass(frozen=True)
class Dated(Generic[Value]):
    """One value and the days on which it is the law.

    ``issued``: when it was promulgated, by default when its instrument was (never later than it took effect).
    """

    value: Value
    citation: Citation
    effective_from: dt.date
    effective_to: dt.date = OPEN
    issued: dt.date | None = None
    certainty: str = "R2"
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
    """A named figure of the law over time. Values follow each other without gap or overlap; the last may be closed (then unknown after)."""

    name: str
    zh: str
    en: str
    unit: str
    values: tuple[Dated[Value], ...]

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

    def on(self, day: dt.date, known_by: dt.date | None = None) -> Dated[Value]:
        """The value in force on a day, promulgated by another (that day itself if None).

        Raises
        ------
        LawError
            No value is in force on the day.
        """
        found = self.find(day, known_by)
        if found is None:
            raise LawError(
                f"parameter {self.name} has no value in force on {day} and promulgated by {known_by or day}; "
                f"known from {min(v.effective_from for v in self.values)} on."
            )
        return found

    def find(self, day: dt.date, known_by: dt.date | None = None) -> Dated[Value] | None:
        """As `on`, or None where no value is in force."""
        return next((value for value in self.values if value.holds(day, known_by or day)), None)

    def near(self, day: dt.date) -> Dated[Value]:
        """The value in force on a day; outside of all, the one nearest in time.

        Facts are laid out before it is asked whether their rule applies, and a foreign register is judged by today's rules on any day;
        both need a figure for days on which the law had none.
        """
        return self.find(day) or min(self.values, key=lambda value: abs((value.effective_from - day).days))

    def of_year(self, year: int, known_by: dt.date) -> Dated[Value] | None:
        """The value for a fiscal year: the text in force on its last day."""
        return self.find(dt.date(year, 12, 31), known_by)


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
    name: str, zh: str, en: str, unit: str, value: Value, citation: Citation, certainty: str = "R2"
) -> Parameter[Value]:
    """A parameter with one value, in force as long as its instrument."""
    text = citation.instrument
    return Parameter(
        name, zh, en, unit, (Dated(value, citation, text.effective_from, text.effective_to, certainty=certainty),)
    )
