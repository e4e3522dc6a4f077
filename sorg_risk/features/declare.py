"""What a feature is: a declaration, never a computation.

A feature says which table it reads, which rows (``where``), within which window, how they are brought to one number
(``aggregate``), and what an officer is told. `AGGREGATES` says what each aggregate means; `compute` does the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..errors import CatalogueError, NotFound
from ..records import packed
from ..records.schema import TABLES, Column
from .aggregates import AGGREGATES
from .derived import DERIVED
from .ingredients import COMPARISONS, KNOWN, Condition

FAMILIES = ("filings", "complaints", "fund_flows", "enforcement", "governance", "organisation")

UNITS = ("count", "yuan", "days", "share", "ratio", "flag", "category", "index")

CLOCKS: Mapping[str, str] = MappingProxyType({**packed.CLOCKS, "positions": "office_since"})
"""Event day of each table, where a feature names no other."""


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
    bands: Mapping[str, float] = field(default_factory=dict)
    base: str = ""
    peers: tuple[str, ...] = ()
    statute: str = ""
    ground: str = ""

    @property
    def event(self) -> str:
        """Column of the event day; empty where the day of knowledge is meant."""
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
            if not codes or wanted == KNOWN or (isinstance(wanted, tuple) and wanted[0] in COMPARISONS):
                continue
            for word in wanted if isinstance(wanted, tuple) else (wanted,):
                self._one_of(f"code of {name}", str(word), tuple(codes))

    def _one_of(self, what: str, value: str, known: tuple[str, ...]) -> None:
        if value not in known:
            raise CatalogueError(f"feature {self.name!r}: {NotFound.name(what, value, known)}")
