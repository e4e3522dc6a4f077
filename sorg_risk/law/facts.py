"""Facts: every occurrence of a rule's situation, in one shape.

Columns: ``org_id``, ``ground`` (the rule id, with its suffix where it has one), ``since`` (the day it arose), ``ends`` (the day from which it no
longer stands; missing: it stands), ``alert_until`` (how long an ended, never listed fact is still alerted; missing: without end), ``evidence``
(``table:key``), ``refers`` (what an exemption may refer to: keys and names such as AL-01:2024), ``provisional``, ``values`` (for the sentences).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS = ("org_id", "ground", "since", "ends", "alert_until", "evidence", "refers", "provisional", "values")
NEVER = pd.Timestamp("9999-12-31").as_unit("s")


def facts(
    rows: pd.DataFrame,
    ground: str | pd.Series,
    since: pd.Series,
    *,
    table: str = "",
    ends: pd.Series | None = None,
    alert_until: pd.Series | pd.Timestamp | None = None,
    evidence: Sequence[list[str]] | None = None,
    refers: Sequence[list[str]] | None = None,
    provisional: bool | pd.Series = False,
    values: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Facts from rows that each show one: evidence is the row itself (``table:key``) unless given."""
    keys = [] if evidence is not None and refers is not None else rows[_key(table)].tolist()
    frame = pd.DataFrame({"org_id": rows["org_id"].to_numpy()}, index=rows.index)
    frame["ground"] = ground
    frame["since"] = since
    frame["ends"] = pd.NaT if ends is None else ends
    frame["alert_until"] = pd.NaT if alert_until is None else alert_until
    frame["evidence"] = pd.Series(
        [[f"{table}:{k}"] for k in keys] if evidence is None else list(evidence), index=rows.index, dtype=object
    )
    frame["refers"] = pd.Series([[k] for k in keys] if refers is None else list(refers), index=rows.index, dtype=object)
    frame["provisional"] = provisional
    frame["values"] = _values(rows.index, values or {})
    return typed(frame)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns in order, with the types every reader relies on."""
    for name in ("since", "ends", "alert_until"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    for name in ("org_id", "ground"):
        frame[name] = frame[name].astype("str")
    frame["provisional"] = frame["provisional"].astype(bool)
    return frame.loc[:, list(COLUMNS)].reset_index(drop=True)


def nothing() -> pd.DataFrame:
    """No fact at all."""
    empty: dict[str, Any] = {name: pd.Series(dtype=object) for name in COLUMNS}
    return typed(pd.DataFrame(empty))


def together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Facts of several rules in one frame."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else (parts[0] if parts else nothing())


def _values(index: pd.Index, values: Mapping[str, Any]) -> pd.Series:
    """One dict of words a row; days as ISO text, whole numbers without a point."""
    columns = {name: _said(pd.Series(given, index=index)) for name, given in values.items()}
    rows = (
        [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
        if columns
        else [{} for _ in index]
    )
    return pd.Series(rows, index=index, dtype=object)


def _said(cells: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return [f"{v:%Y-%m-%d}" if pd.notna(v) else "" for v in cells]
    if pd.api.types.is_float_dtype(cells.dtype):
        return ["" if pd.isna(v) else f"{v:,.2f}".removesuffix(".00") for v in cells]
    return ["" if pd.isna(v) else str(v) for v in cells]


def _key(table: str) -> str:
    from ..records import TABLES

    return TABLES[table].key
