"""How much of the catalogue a source feeds: features that are the same for every organisation, and the columns that are missing for them.

>>> import sorg_risk as sr
>>> coverage(sr.open("data/sample").as_of("2026-10-31")).share < 0.2
True
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pandas as pd

from ..records.schema import TABLES
from ..records.view import View
from .derived import DERIVED
from .matrix import features
from .registry import catalogue

_WORD = re.compile(r"[a-z][a-z_]+")


@dataclass(frozen=True)
class Coverage:
    """Features as of a day: ``features`` has one row each, with ``is_constant`` and the absent columns behind it."""

    features: pd.DataFrame
    organizations: int

    @property
    def share(self) -> float:
        """Share of the features that are the same for every organisation."""
        return float(self.features["is_constant"].mean())

    @property
    def causes(self) -> pd.DataFrame:
        """Absent columns and tables, with the number of constant features that read them; most first."""
        constant = self.features[self.features["is_constant"]]
        counts = Counter(cause for causes in constant["absent"] for cause in causes)
        rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return pd.DataFrame(rows, columns=["absent", "features"])

    def __str__(self) -> str:
        constant = int(self.features["is_constant"].sum())
        head = (
            f"{constant} of {len(self.features)} features ({self.share:.0%}) are the same for all {self.organizations:,} "
            "organisations 特征取值全部相同"
        )
        if self.causes.empty:
            return head
        return f"{head}\n\nabsent, and what they would feed 缺失的表与列:\n{self.causes.to_string(index=False)}"


def coverage(view: View) -> Coverage:
    """Which features are constant as of a day, and which absent columns or tables they read."""
    matrix = features(view)
    described = catalogue().set_index("name")
    absent = {name: _absent_columns(view, name) for name in TABLES}
    rows = []
    for name in matrix.columns:
        table = str(described.loc[name, "table"])
        is_constant = matrix[name].nunique(dropna=False) <= 1
        base = str(described.loc[name, "base"])
        text = " ".join(str(described.loc[one, "definition"]) for one in (name, base) if one in described.index)
        causes = _causes(table, text, absent[table]) if is_constant else []
        rows.append((name, table, is_constant, causes))
    return Coverage(pd.DataFrame(rows, columns=["feature", "table", "is_constant", "absent"]), len(matrix))


def _absent_columns(view: View, name: str) -> list[str] | None:
    """Columns of a table without any value on the day; None: it has no rows."""
    rows = view.table(name)
    if not len(rows):
        return None
    return [column for column in TABLES[name].names if rows[column].isna().all()]


def _causes(table: str, definition: str, absent: list[str] | None) -> list[str]:
    if absent is None:
        return [f"{table} (no rows 无记录)"]
    return [f"{table}.{column}" for column in absent if column in _columns_of(table, definition)]


def _columns_of(table: str, text: str, depth: int = 0) -> set[str]:
    """Columns of a table that a definition names, those behind derived columns with them."""
    words = set(_WORD.findall(text))
    columns = words & set(TABLES[table].names)
    for name, derived in DERIVED.get(table, {}).items():
        if name in words and depth < 3:
            columns |= _columns_of(table, derived.en.replace(name, ""), depth + 1)
    return columns
