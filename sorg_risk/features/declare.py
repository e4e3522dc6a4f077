"""What a feature is: a declaration, never a computation.

A feature says which table it reads, which rows (``where``), within which window, how they are brought to one number
(``aggregate``), what an officer is told, and two worked examples, which are tests. Everything else follows from this:
the values for one or many days, the records behind each, the definition in words, the checks for leakage and order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..errors import CatalogueError, NotFound
from ..records import packed
from ..records.schema import TABLES, Column
from .aggregates import AGGREGATES
from .derived import DERIVED
from .ingredients import COMPARISONS, KNOWN, Condition

UNITS = ("count", "yuan", "days", "share", "ratio", "flag", "category", "index")

CLOCKS: Mapping[str, str] = MappingProxyType({**packed.CLOCKS, "positions": "office_since"})
"""Event day of each table, where a feature names no other."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Example:
    """What a feature is for an organisation with these rows and no others.

    A row names its cells; ``ago`` sets the event day that many days before the as-of day, any day column may be a number
    of days before it too (negative: after it). Cells that the table requires and the row does not name are filled in.
    ``org`` names cells of the organisation itself. ``peers``: of a relative feature, the values of the others it is
    compared with, and ``own`` its own.
    """

    value: float | str | None
    rows: tuple[Row, ...] = ()
    org: Row = field(default_factory=dict)
    own: float | None = None
    peers: tuple[float, ...] = ()


def example(value: float | str | None, *rows: Row, **org: Any) -> Example:
    """An example: the value, then the rows; cells of the organisation by name."""
    return Example(value, rows, org)


def row(ago: int | None = None, **cells: Any) -> Row:
    """A row of an example whose event lies ``ago`` days back."""
    return cells if ago is None else {"ago": ago, **cells}


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One declared feature.

    ``where``/``part``: column -> word, flag, tuple of words, a comparison such as ``(">=", 4)``, or `KNOWN`.
    ``window_days`` W keeps rows with ``D - W < event <= D``; None keeps all. ``until`` names the day from which a row no
    longer counts (an end of office, say). ``ground``: the rule this feature *is*, so that a model can leave it out.
    ``base``/``peers``: for relative features, the feature compared, and what makes organisations peers: categorical
    features or columns of the register.
    """

    name: str
    table: str
    aggregate: str
    zh: str
    en: str
    examples: tuple[Example, ...]
    unit: str = "count"
    direction: int = 0
    window_days: int | None = None
    value: str = ""
    over: str = ""
    by: str = ""
    where: Mapping[str, Condition] = field(default_factory=dict)
    part: Mapping[str, Condition] = field(default_factory=dict)
    clock: str = ""
    until: str = ""
    bands: Mapping[str, float] = field(default_factory=dict)
    base: str = ""
    peers: tuple[str, ...] = ()
    statute: str = ""
    ground: str = ""
    family: str = ""

    @property
    def event(self) -> str:
        """Column of the event day."""
        return self.clock or CLOCKS[self.table]

    @property
    def missing(self) -> str:
        """What an empty value means."""
        return AGGREGATES[self.aggregate].missing

    @property
    def columns(self) -> dict[str, Column]:
        """Columns that may be named: those of the table and the derived ones."""
        derived = {name: one.column for name, one in DERIVED.get(self.table, {}).items()}
        return {**TABLES[self.table].by_name, **derived}

    @property
    def categories(self) -> tuple[str, ...]:
        """Fixed words of a categorical feature."""
        return tuple(self.bands or self.columns[self.value].codes) if self.unit == "category" else ()

    def check(self) -> None:
        """Raises `CatalogueError` for anything a declaration must not be."""
        self._one_of("table", self.table, tuple(TABLES))
        self._one_of("aggregate", self.aggregate, tuple(AGGREGATES))
        self._one_of("unit", self.unit, UNITS)
        named = [self.value, self.over, self.by, self.event, self.until, *self.where, *self.part]
        for name in filter(None, named):
            self._one_of(f"column of {self.table}", name, tuple(self.columns))
        for name, wanted in (*self.where.items(), *self.part.items()):
            self._check_condition(self.columns[name], wanted)
        self._check_aggregate()
        for lang, text in (("zh", self.zh), ("en", self.en)):
            if "{value}" not in text:
                self._wrong(f"its {lang} sentence lacks {{value}}")
        if self.direction not in (-1, 0, 1):
            self._wrong(f"direction {self.direction} is not -1, 0 or 1")
        if self.window_days is not None and self.window_days <= 0:
            self._wrong(f"window of {self.window_days} days; give 1 or more")
        if len(self.examples) < 2:
            self._wrong("it has fewer than two worked examples")

    def _check_condition(self, column: Column, wanted: Condition) -> None:
        """Words for codes, numbers for numbers, yes or no for flags."""
        if wanted == KNOWN:
            return
        compares = isinstance(wanted, tuple) and wanted[0] in COMPARISONS
        if compares != (column.is_number or column.kind in ("day", "timestamp")):
            self._wrong(f"{wanted!r} is no condition for {column.name}, a column of kind {column.kind}")
        if isinstance(wanted, bool) != (column.kind == "flag"):
            self._wrong(f"{wanted!r} is no condition for {column.name}, a column of kind {column.kind}")
        if column.codes and not compares:
            for word in wanted if isinstance(wanted, tuple) else (wanted,):
                self._one_of(f"code of {column.name}", str(word), tuple(column.codes))

    def _check_aggregate(self) -> None:
        """The aggregate finds what it needs, and nothing is named that it does not use."""
        aggregate = AGGREGATES[self.aggregate]
        for name in ("value", "over", "by", "part", "bands", "base", "window_days"):
            given = bool(getattr(self, name))
            if name in aggregate.needs and not given:
                self._wrong(f"aggregate {self.aggregate!r} needs {name!r}")
            if given and name not in (*aggregate.needs, *aggregate.takes):
                self._wrong(f"aggregate {self.aggregate!r} has no use for {name!r}")
        if aggregate.in_order and self.event != packed.CLOCKS[self.table]:
            self._wrong(f"aggregate {self.aggregate!r} goes by {packed.CLOCKS[self.table]!r} alone")

    def _wrong(self, why: str) -> None:
        raise CatalogueError(f"feature {self.name!r}: {why}.")

    def _one_of(self, what: str, value: str, known: tuple[str, ...]) -> None:
        if value not in known:
            raise CatalogueError(f"feature {self.name!r}: {NotFound.name(what, value, known)}")
