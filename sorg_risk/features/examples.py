"""The worked examples of all features as one small registry: an organisation for each.

Tests compute it once and compare; whoever declares a feature can look at its examples the same way:

>>> from sorg_risk.features import CATALOGUE
>>> registry = Registry.of([CATALOGUE["complaints_90d"]])
>>> registry.frames()["complaints"]["received_on"].astype("str").tolist()
['2026-10-31', '2026-08-03', '2026-08-02']
>>> {org_id: one.value for org_id, (_, one) in registry.asked.items()}
{'511100000000000000': 2, '511100000000000001': 0}
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..records import TABLES, Source
from ..records.codes import SOCIAL
from ..records.packed import CLOCKS
from ..records.reading import read_frames
from ..records.schema import Column, Table
from .declare import Example, Feature, Row

AS_OF = dt.date(2026, 10, 31)
_OLD = dt.date(2014, 1, 1)
_ORGANISATION = {
    "org_type": "association",
    "status": "active",
    "registered_on": "2015-03-01",
}


@dataclass(frozen=True)
class Registry:
    """Examples by the organisation that stands for them."""

    asked: dict[str, tuple[Feature, Example]]

    @classmethod
    def of(cls, features: Iterable[Feature]) -> Registry:
        """The examples of some features; relative features have none of this kind."""
        found = [(one, each) for one in features if not one.base for each in one.examples]
        return cls({_code(each, number): (one, each) for number, (one, each) in enumerate(found)})

    def frames(self) -> dict[str, pd.DataFrame]:
        """The tables, as an authority would deliver them."""
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        for org_id, (one, each) in self.asked.items():
            own = {name: value for name, value in {**_ORGANISATION, **each.org}.items() if name != "code"}
            if "org_type" not in each.org and "code" in each.org:
                own["org_type"] = SOCIAL[each.org["code"]]
            own.setdefault("recorded_at", own["registered_on"] or "2015-03-01")
            rows["organizations"].append(_cells(TABLES["organizations"], own, org_id, 0))
            for number, cells in enumerate(each.rows):
                rows[one.table].append(_cells(TABLES[one.table], cells, org_id, number))
        return {name: pd.DataFrame(found) for name, found in rows.items() if found}

    def source(self, frames: dict[str, pd.DataFrame] | None = None) -> Source:
        """The examples as a source; codes of organisations are made up and not checked."""
        return Source(read_frames(self.frames() if frames is None else frames), "any")


def _code(each: Example, number: int) -> str:
    return f"{each.org.get('code', '51')}1100000{number:09d}"


def _cells(table: Table, cells: Row, org_id: str, number: int) -> dict[str, Any]:
    """A row with everything its table requires, recorded on the latest of its days."""
    given = {table.key: f"{org_id}-{number}", **cells, "org_id": org_id}
    if "ago" in given:
        given[CLOCKS[table.name]] = given.pop("ago")
    made = {name: _cell(table[name], value) for name, value in given.items()}
    for column in table.columns:
        if column.required and column.name not in made and column.name != "recorded_at":
            made[column.name] = _filled(column)
    happened = [
        made[column.name] for column in table.columns if column.event and isinstance(made.get(column.name), dt.date)
    ]
    return {"recorded_at": max(happened, default=AS_OF), **made}


def _cell(column: Column, value: Any) -> Any:
    if column.kind not in ("day", "timestamp") or value is None:
        return value
    return AS_OF - dt.timedelta(days=value) if isinstance(value, int) else dt.date.fromisoformat(value)


def _filled(column: Column) -> Any:
    if column.kind == "day":
        return _OLD
    if column.codes:
        return next(iter(column.codes))
    return 100.0 if column.is_number else "someone"
