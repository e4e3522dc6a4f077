"""Records of one organisation that are no longer delivered, or were rewritten in place: what they said, and which flags fell with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..explain.dossier.evening import Evening, plain_rows
from ..records.schema import TABLES, Column
from . import ledger

if TYPE_CHECKING:
    import pandas as pd

    from ..records.ledger.wide import WideView

_UNTOLD: Final = ("org_id", "recorded_at", "voided")
_FLAGS: Final = {True: "是", False: "否"}


@dataclass(frozen=True)
class PastRun:
    """An earlier run: its manifest, and what it said of the organisation."""

    manifest: dict[str, Any]
    evening: Evening


def lost_records(
    view: WideView, org_id: str, now: Evening, earlier: Sequence[PastRun], folder: Path
) -> list[dict[str, Any]]:
    """The lost records of an organisation as a dossier holds them; ``earlier``: the runs before, the latest first; ``folder``: of the ledger.

    ``how``: vanished or rewritten. ``last``: the latest day on which a run still had the record, ``since``: that of the run after it
    (None: beyond the runs that are kept). ``cells``: what the record said, and says now. ``cleared``: flags that rested on it and fell then.
    """
    history = _History(org_id, earlier, folder)
    evenings = [now, *(past.evening for past in earlier)]
    found = []
    for how, rows in (("vanished", view.vanished), ("rewritten", view.rewritten)):
        for table, key in _keys(rows, org_id):
            place, row = history.latest(table, key)
            new = _row(view, table, org_id, key) if how == "rewritten" else None
            told = {"how": how, "table": table, "table_zh": TABLES[table].zh, "key": key}
            days = {"last": None, "since": None} if place is None else _days(evenings, place)
            fallen = [] if place is None else _fallen(evenings[place + 1], evenings[place], f"{table}:{key}")
            found.append({**told, **days, "cells": list(_cells(table, row, new)), "cleared": fallen})
    return found


def _keys(rows: pd.DataFrame, org_id: str) -> list[tuple[str, str]]:
    """Tables and keys of the organisation's among some records, each once."""
    own = rows.loc[rows["org_id"] == org_id, ["table", "key"]].drop_duplicates()
    return list(own.itertuples(index=False, name=None))


class _History:
    """The rows of an organisation as earlier runs had them; each delivery is looked at once."""

    def __init__(self, org_id: str, earlier: Sequence[PastRun], folder: Path) -> None:
        self._org_id = org_id
        self._earlier = earlier
        self._folder = folder
        self._views: dict[int, WideView] = {}

    def latest(self, table: str, key: str) -> tuple[int | None, dict[str, Any] | None]:
        """The place of the latest run whose delivery had a record, and the record."""
        for place in range(len(self._earlier)):
            row = _row(self._view(place), table, self._org_id, key)
            if row is not None:
                return place, row
        return None, None

    def _view(self, place: int) -> WideView:
        if place not in self._views:
            manifest = self._earlier[place].manifest
            source = ledger.delivery(manifest, self._folder)
            self._views[place] = source.as_of(dt.date.fromisoformat(manifest["as_of"]))
        return self._views[place]


def _row(view: WideView, table: str, org_id: str, key: str) -> dict[str, Any] | None:
    rows = view.of_org(table, org_id)
    found = plain_rows(rows.loc[rows[TABLES[table].key] == key])
    return found[0] if found else None


def _days(evenings: Sequence[Evening], place: int) -> dict[str, str]:
    return {"last": evenings[place + 1].as_of, "since": evenings[place].as_of}


def _fallen(then: Evening, after: Evening, record: str) -> list[dict[str, Any]]:
    """Flags of one evening that rested on a record and that the evening after has not."""
    standing = {_key(flag) for flag in after.flags}
    return [flag for flag in then.flags if record in flag["evidence"] and _key(flag) not in standing]


def _key(flag: dict[str, Any]) -> tuple[Any, ...]:
    return flag["flag"], flag["status"], flag["ground"]


def _cells(table: str, row: dict[str, Any] | None, new: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    """The cells of a record that say something; of one that was rewritten, those that differ, with what they say now."""
    declared = TABLES[table]
    for column in declared.columns:
        before, now = ((one or {}).get(column.name) for one in (row, new))
        is_told = before != now if new is not None and row is not None else before is not None
        if column.name in (declared.key, *_UNTOLD) or not is_told:
            continue
        yield {
            "column": column.name,
            "zh": column.zh or column.name,
            **_both("value", column, before),
            **_both("now", column, now),
        }


def _both(name: str, column: Column, value: Any) -> dict[str, Any]:
    """A cell as it is written, and as Chinese says it."""
    chinese = _FLAGS[value] if isinstance(value, bool) else column.codes.get(str(value), value)
    return {name: value, f"{name}_zh": chinese}
