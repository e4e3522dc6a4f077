"""Rows that were delivered and are not used, as far as they can be read: what is missing may be in one of them.

Such a row was refused (or stands in conflict with another), or it has a cell that was set aside, or it was delivered once
and is no longer delivered although nothing withdrew it. Rules that rest on something missing ask for them; they never
make or end a fact by themselves.

A row counts from the day it was recorded. Where that moment cannot be read, it counts from the latest event day that the
row names, since no row is known before its own events, and from the start where it names none. It no longer counts once a
later usable version of its key, or a retraction, is known.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from .packed import CLOCKS
from .schema import FIRST_YEAR, LAST_YEAR, TABLES, Table

COLUMNS: Final = ("table", "reference", "key", "org_id", "kind", "fiscal_year", "latest", "known_from", "column")
"""``reference``: how evidence names the row, ``quarantine:<table>:<row>`` or ``vanished:<table>:<key>``. ``kind``, ``fiscal_year``: missing
where they cannot be read, so that the row could be of each. ``latest``: the last day on which its event can have been (missing: unknown).
``column``: the cell that was set aside; empty where the whole row is not used."""
KINDS: Final = {
    "filings": "kind",
    "fund_flows": "purpose",
    "penalties": "kind",
    "inspections": "kind",
    "positions": "role",
    "listings": "list",
    "assessments": "grade",
    "exemptions": "kind",
    "procedures": "step",
}
"""The column that says of what kind a row of each table is."""
INCOME: Final = "(income)"
"""Kind of a flow that came in, whatever its purpose."""
_START: Final = np.datetime64(f"{FIRST_YEAR}-01-01", "s")
_TYPES: Final = {"fiscal_year": "float64", "latest": "datetime64[s]", "known_from": "datetime64[s]"}


def columns_read(table: Table) -> list[str]:
    """The columns of a table that `described` looks at."""
    wanted = [table.key, "org_id", "recorded_at", KINDS.get(table.name, ""), "direction", "fiscal_year"]
    days = [column.name for column in table.columns if column.event]
    return [name for name in dict.fromkeys([*wanted, *days]) if name in table.by_name]


def described(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """What can be read of some typed rows (at least `columns_read`): `COLUMNS` without reference and column, index 0..n-1."""
    rows = rows.reset_index(drop=True)
    recorded = rows["recorded_at"].dt.floor("D").astype("datetime64[s]")
    events = pd.DataFrame({column.name: rows[column.name] for column in table.columns if column.event})
    own = _days(rows[CLOCKS[table.name]])
    last = events.apply(_days).max(axis=1).astype("datetime64[s]") if len(events.columns) else own
    year = rows["fiscal_year"] if "fiscal_year" in rows else pd.Series(np.nan, index=rows.index)
    return pd.DataFrame(
        {
            "table": table.name,
            "key": rows[table.key].astype("str"),
            "org_id": rows["org_id"].astype("str"),
            "kind": _kind(table, rows),
            "fiscal_year": year.where(year.between(FIRST_YEAR, LAST_YEAR)).astype("float64"),
            "latest": own.where(own.notna(), _days(recorded)),
            "known_from": recorded.where(recorded.notna(), last).fillna(pd.Timestamp(_START)).astype("datetime64[s]"),
        }
    )


def referred(found: pd.DataFrame, references: list[str], column: Any = "") -> pd.DataFrame:
    """Rows that `described` gave, with their reference and the cell that was set aside."""
    named = found.assign(reference=references, column=column).astype({"reference": "str", "column": "str"})
    return named.loc[:, list(COLUMNS)].reset_index(drop=True)


def none() -> pd.DataFrame:
    """No such row."""
    return pd.DataFrame({name: pd.Series([], dtype=_TYPES.get(name, "str")) for name in COLUMNS})


def joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Several such frames as one, in one order whatever the parts."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return none()
    rows = pd.concat(filled, ignore_index=True)
    order = ["org_id", "reference", "column", "key", "known_from", "kind", "fiscal_year"]
    return rows.sort_values(order, kind="stable", ignore_index=True)


def superseded(
    keys: NDArray[np.generic], since: NDArray[np.int64], later_keys: NDArray[np.generic], days: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which rows (their keys and days) have a usable version or a retraction of a later day among some.

    >>> superseded(np.array([7, 8]), np.array([10, 10]), np.array([7, 8, 9]), np.array([11, 10, 12])).tolist()
    [True, False]
    """
    if not len(keys) or not len(later_keys):
        return np.zeros(len(keys), dtype=bool)
    order = np.lexsort((days, later_keys))
    ordered = later_keys[order]
    at = np.searchsorted(ordered, keys, side="right") - 1
    met = (at >= 0) & (ordered[np.maximum(at, 0)] == keys)
    return np.asarray(met & (days[order][np.maximum(at, 0)] > since), dtype=bool)


def day_number(days: pd.Series) -> NDArray[np.int64]:
    """Days since 1970-01-01 of a column without gaps."""
    return days.to_numpy().astype("datetime64[D]").astype(np.int64)


def words(column: pd.Series) -> pa.Array:
    """A column of text for hashing."""
    found = pa.array(column, pa.large_string(), from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _kind(table: Table, rows: pd.DataFrame) -> pd.Series:
    name = KINDS.get(table.name)
    if name is None:
        return pd.Series(np.nan, index=rows.index, dtype="str")
    kind = rows[name].astype("str")
    kind = kind.where(kind.isin(list(TABLES[table.name][name].codes)))
    if table.name == "fund_flows":
        kind = kind.mask(rows["direction"].eq("in").fillna(False).astype(bool), INCOME)
    return kind.astype("str")


def _days(column: pd.Series) -> pd.Series:
    """Days of a column that a register can hold, others missing."""
    days = column.astype("datetime64[s]")
    return days.where(days.between(_START, np.datetime64(f"{LAST_YEAR}-12-31", "s"))).dt.floor("D")
