"""What the kernel can be asked for: each ingredient is a question about the rows of one table, answered for all days.

Aggregates are formulas over ingredients. Two features that need the same ingredient share it, so that three shares of
one kind of payment sum these payments once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Condition = str | bool | tuple[Any, ...]
"""A word, one of several words, yes or no, a comparison such as ``(">=", 4)``, or `KNOWN`."""

KNOWN: Condition = ("known",)
"""Anything, as long as the cell is not empty."""

COMPARISONS = ("<", "<=", ">", ">=", "!=", "==")


@dataclass(frozen=True)
class Span:
    """When a row counts on day D: ``D - window < clock <= D``, as long as D is before ``until`` and the row stands."""

    clock: str
    until: str = ""
    window: int = 0

    def of(self, window: int) -> Span:
        """The same with another window."""
        return Span(self.clock, self.until, window)


@dataclass(frozen=True)
class Rows:
    """Rows of a table that satisfy all conditions, and when they count."""

    table: str
    span: Span
    where: tuple[tuple[str, Condition], ...] = ()

    def also(self, conditions: Mapping[str, Condition] | None = None, *, known: str = "") -> Rows:
        """The same rows under further conditions; ``known``: a column that must not be empty."""
        more = {**dict(self.where), **(conditions or {})}
        kept = list(more.items())
        if known and known not in more:
            kept.append((known, KNOWN))
        return Rows(self.table, self.span, tuple(sorted(kept, key=repr)))

    def within(self, window: int) -> Rows:
        """The same rows in another window."""
        return Rows(self.table, self.span.of(window), self.where)


@dataclass(frozen=True)
class Total:
    """Sum of a column over the rows; their number where no column is given."""

    rows: Rows
    value: str = ""


@dataclass(frozen=True)
class Greatest:
    """Largest value of a column."""

    rows: Rows
    value: str
    sign: int = 1


@dataclass(frozen=True)
class Reading:
    """A column of the newest row by ``rank`` (the last of equals), or of the row ranked exactly ``back`` below it."""

    rows: Rows
    rank: str
    column: str
    back: int = 0


@dataclass(frozen=True)
class Spread:
    """How the rows (or their value) spread over the words of ``by``: number of words, sum of squared shares, largest share."""

    rows: Rows
    by: str
    kind: str
    value: str = ""


@dataclass(frozen=True)
class Walk:
    """What needs the visible rows in order: the longest gap, the densest days, money that passes through.

    ``part``: of the money that passes through, the rows by which it comes in.
    """

    rows: Rows
    kind: str
    value: str = ""
    part: Rows | None = None


@dataclass(frozen=True)
class DueDay:
    """The deadline of the annual report of a fiscal year, as the law has it on the day; nothing where none is owed."""

    year: int


RowIngredient = Total | Greatest | Reading | Spread | Walk
Ingredient = RowIngredient | DueDay
