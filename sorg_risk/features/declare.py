"""What a feature is: a declaration, never a computation.

A feature says which table it reads, which rows (``where``), within which window, how they are brought to one number
(``aggregate``), and what an officer is told. `AGGREGATES` says what each aggregate means; `compute` does the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..errors import CatalogueError, NotFound
from ..records.schema import TABLES, Column
from .derived import DERIVED

FAMILIES = ("filings", "complaints", "fund_flows", "enforcement", "governance", "organisation")

AGGREGATES: Mapping[str, str] = MappingProxyType(
    {
        "count": "number of rows",
        "sum": "sum of the value",
        "mean": "mean of the value",
        "max": "largest value",
        "share": "part of the rows (or of their value) that also satisfies `part`",
        "change": "(this window - the window before) / (both together), from -1 to 1",
        "recency": "days since the newest row",
        "gap": "longest quiet spell in days between two neighbouring rows",
        "distinct": "number of different words in `by`",
        "repeats": "rows beyond the first of each word in `by`",
        "hhi": "concentration of the value over the words of `by`: sum of squared shares",
        "top_share": "share of the largest word of `by` in the value",
        "trend": "value moved from the older to the newer sixths of the window, from -1 to 1",
        "burst": "largest share of the value within any 30 days",
        "pass_through": "share of the money received that was paid out again within 5 days",
        "benford": "mean absolute deviation of first digits from Benford's law, from 50 rows on",
        "latest": "value of the newest row; divided by `over` of the same row where given",
        "yearly_change": "newest fiscal year over the year before, minus 1",
        "age": "days since the day in the newest row",
        "missing_years": "fiscal years of the window that are past 30 June of the next year and have no report",
        "percentile": "share of peers of the same day with a smaller value, ties counted half",
    }
)

UNITS = ("count", "yuan", "days", "share", "ratio", "flag", "category", "index")

CLOCKS: Mapping[str, str] = MappingProxyType(
    {
        "organizations": "",
        "filings": "filed_on",
        "complaints": "received_on",
        "fund_flows": "booked_on",
        "penalties": "decided_on",
        "inspections": "issued_on",
        "positions": "office_since",
        "listings": "decided_on",
        "assessments": "granted_on",
        "exemptions": "decided_on",
        "procedures": "done_on",
    }
)

_ZERO = ("count", "sum", "distinct", "repeats", "missing_years")
_COMPARISONS = ("<", "<=", ">", ">=", "!=")

Condition = str | bool | tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One declared feature.

    ``where``/``part``: column -> word, flag, tuple of words, or a comparison such as ``(">=", 4)``.
    ``window_days`` W keeps rows with ``D - W < event <= D``; None keeps all. ``until`` names the day from which a row no
    longer stands (an end of office, say). ``ground``: the rule this feature *is*, so that a model can leave it out.
    ``base``/``peers``: for percentiles, the feature compared and the column that makes peers.
    """

    name: str
    family: str
    table: str
    aggregate: str
    zh: str
    en: str
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
    base: str = ""
    peers: str = ""
    statute: str = ""
    ground: str = ""

    @property
    def event(self) -> str:
        """Column of the event day; empty where the day of knowledge is meant."""
        return self.clock or CLOCKS[self.table]

    @property
    def missing(self) -> str:
        """What an empty value means."""
        if self.aggregate in _ZERO:
            return "never empty: no rows count as 0"
        return "fewer than five peers or no value" if self.base else "nothing on file to measure"

    @property
    def columns(self) -> dict[str, Column]:
        """Columns that may be named: those of the table and the derived ones."""
        return {**TABLES[self.table].by_name, **DERIVED.get(self.table, {})}

    @property
    def categories(self) -> tuple[str, ...]:
        """Fixed words of a categorical feature."""
        return tuple(self.columns[self.value].codes) if self.unit == "category" else ()

    def check(self) -> None:
        """Raises `CatalogueError` for anything a declaration must not be."""
        self._one_of("table", self.table, tuple(TABLES))
        self._one_of("family", self.family, FAMILIES)
        self._one_of("aggregate", self.aggregate, tuple(AGGREGATES))
        self._one_of("unit", self.unit, UNITS)
        named = [self.value, self.over, self.by, self.event, self.until, *self.where, *self.part]
        for name in filter(None, named):
            self._one_of(f"column of {self.table}", name, tuple(self.columns))
        for conditions in (self.where, self.part):
            self._check_words(conditions)
        for lang, text in (("zh", self.zh), ("en", self.en)):
            if "{value}" not in text:
                raise CatalogueError(f"feature {self.name!r}: its {lang} sentence lacks {{value}}.")
        if self.direction not in (-1, 0, 1):
            raise CatalogueError(f"feature {self.name!r}: direction {self.direction} is not -1, 0 or 1.")
        if self.window_days is not None and self.window_days <= 0:
            raise CatalogueError(f"feature {self.name!r}: window of {self.window_days} days; give 1 or more.")

    def _check_words(self, conditions: Mapping[str, Condition]) -> None:
        for name, wanted in conditions.items():
            codes = self.columns[name].codes
            if not codes or (isinstance(wanted, tuple) and wanted[0] in _COMPARISONS):
                continue
            for word in wanted if isinstance(wanted, tuple) else (wanted,):
                self._one_of(f"code of {name}", str(word), tuple(codes))

    def _one_of(self, what: str, value: str, known: tuple[str, ...]) -> None:
        if value not in known:
            raise CatalogueError(f"feature {self.name!r}: {NotFound.name(what, value, known)}")
