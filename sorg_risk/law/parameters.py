"""Parameters of the law: dated values, each with the text it comes from and how sure it is.

Two clocks: a value counts on an event day when it was in force then **and** had been promulgated by the day of judging. A gap, an overlap
or a missing citation fails when the parameter is made, so a rulebook that contradicts itself cannot be imported.
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

from ..errors import LawError

OPEN = dt.date(9999, 12, 31)
CERTAINTIES = ("R", "R2", "M", "U")
"""R read in a public source, R2 read second-hand, M from memory, U unconfirmed: a flag resting on U is provisional."""


@dataclass(frozen=True)
class Citation:
    """Where a text stands: instrument, article, item; and the words an officer quotes."""

    instrument: str
    article: str
    zh: str
    en: str

    def __post_init__(self) -> None:
        if not (self.instrument and self.zh and self.en):
            raise LawError(
                f"a citation of {self.instrument or 'an unnamed instrument'} lacks its instrument or words; add them."
            )

    def __str__(self) -> str:
        return self.zh


@dataclass(frozen=True)
class Dated:
    """One value and the days on which it is the law."""

    value: float
    citation: Citation
    effective_from: dt.date
    effective_to: dt.date = OPEN
    issued: dt.date | None = None
    certainty: str = "R2"
    checked_on: dt.date = dt.date(2026, 11, 23)

    @property
    def promulgated(self) -> dt.date:
        """The day from which anyone could know it (the effective day where the issue day is not on record)."""
        return self.issued or self.effective_from


@dataclass(frozen=True)
class Parameter:
    """A named figure of the law over time.

    >>> text = Citation("O60", "11(5)", "第六十号令第十一条第五项", "Order 60 art. 11(5)")
    >>> line = Parameter("line", "线", "line", "yuan", (Dated(50_000, text, dt.date(2018, 1, 24)),))
    >>> line.on(dt.date(2024, 1, 1)).value
    50000
    """

    name: str
    zh: str
    en: str
    unit: str
    values: tuple[Dated, ...]

    def __post_init__(self) -> None:
        ordered = sorted(self.values, key=lambda v: v.effective_from)
        if not ordered:
            raise LawError(f"parameter {self.name} has no value; give at least one.")
        for value in ordered:
            if value.certainty not in CERTAINTIES:
                raise LawError(
                    f"parameter {self.name}: certainty {value.certainty!r} is not one of {', '.join(CERTAINTIES)}."
                )
        for earlier, later in itertools.pairwise(ordered):
            gap = (later.effective_from - earlier.effective_to).days
            if gap != 1:
                what = "overlap" if gap < 1 else "leave a gap between"
                raise LawError(
                    f"parameter {self.name}: the values of {earlier.effective_from} and {later.effective_from} {what} each other; "
                    f"end the earlier one on {later.effective_from - dt.timedelta(days=1)}."
                )

    def on(self, day: dt.date, known_by: dt.date | None = None) -> Dated:
        """The value in force on a day, promulgated by another (that day itself if None).

        Raises
        ------
        LawError
            No value is in force on the day.
        """
        known_by = known_by or day
        fitting = [v for v in self.values if v.effective_from <= day <= v.effective_to and v.promulgated <= known_by]
        if not fitting:
            raise LawError(f"parameter {self.name} has no value in force on {day} and known by {known_by}.")
        return fitting[-1]
