"""Which row stands on which day: versions of one record, retractions, conflicts, and organisations not yet known.

Each row stands from the day it was recorded until the day a later row of the same key takes its place. A later row that
only retracts leaves the record without a standing row; a row whose organisation is unknown on a day takes no part in
that day. Everything is one sorted pass over whole columns; nothing depends on the order of delivery.

Days are `datetime64[s]`; a row stands on the days d with ``known_from <= d < known_until``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .lookups import within
from .schema import Table

OPEN = np.datetime64("9999-12-31", "s")
"""``known_until`` of a row that still stands."""


def conflicting(table: Table, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows that share key and moment with a row of other content: which is right nobody can say."""
    moment = [table.key, "recorded_at"]
    twice = rows.duplicated(moment, keep=False).to_numpy()
    verdict = np.zeros(len(rows), dtype=bool)
    if twice.any():
        distinct = rows.loc[twice, table.names].drop_duplicates()
        clash = distinct.loc[distinct.duplicated(moment, keep=False), moment].drop_duplicates()
        flagged = rows.loc[twice, moment].merge(clash.assign(clash=True), how="left", on=moment)["clash"]
        verdict[twice] = flagged.notna().to_numpy()
    return verdict


def unbounded_history(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """History of the organisations themselves and of rows of no organisation, which no other table bounds."""
    return _in_order(table, _intervals(table, _collapsed(table, rows)))


def known_spans(organizations: pd.DataFrame) -> pd.DataFrame:
    """Days on which each organisation is known (org_id, known_from, known_until); no gap, no new span."""
    spans = organizations[["org_id", "known_from", "known_until"]].sort_values(["org_id", "known_from"])
    same = spans["org_id"].eq(spans["org_id"].shift()) & spans["known_from"].eq(spans["known_until"].shift())
    grouped = spans.groupby((~same).cumsum().to_numpy())
    return grouped.agg({"org_id": "first", "known_from": "first", "known_until": "last"}).reset_index(drop=True)


def history(table: Table, rows: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    """History of a table, bounded by the days on which its organisations are known."""
    rows = _collapsed(table, rows)
    several = rows[table.key].duplicated(keep=False)
    moved = pd.Series(False, index=rows.index)
    if several.any():
        moved[several] = rows[several].groupby(table.key)["org_id"].transform("nunique").gt(1)
    plain = _within(_intervals(table, rows[~moved]), spans)
    if not moved.any():
        return _in_order(table, plain)
    return _in_order(table, pd.concat([plain, _moved(table, rows[moved], spans)], ignore_index=True))


def known_on(org_ids: pd.Series[str], spans: pd.DataFrame, day: np.datetime64) -> NDArray[np.bool_]:
    """Whether each organisation is known at the end of a day."""
    there = spans[(spans["known_from"] <= day) & (spans["known_until"] > day)]
    return within(org_ids, there["org_id"])


def _collapsed(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Exact duplicates as one row (conflicts are gone by now, so key and moment say it)."""
    return rows[~rows.duplicated([table.key, "recorded_at"])]


def _intervals(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Standing days of each row among the versions of its key, without retractions and rows superseded within a day."""
    start = _day(rows["recorded_at"])
    until = pd.Series(OPEN, index=rows.index, dtype="datetime64[s]")
    several = rows[table.key].duplicated(keep=False)
    if several.any():
        versions = rows.loc[several, [table.key, "recorded_at"]].sort_values([table.key, "recorded_at"])
        following = _day(versions.groupby(table.key)["recorded_at"].shift(-1))
        until.loc[versions.index] = following.fillna(pd.Timestamp(OPEN))
    standing = rows.assign(known_from=start, known_until=until)
    stands: pd.DataFrame = standing[(start < until) & ~rows["voided"].astype("bool")]
    return stands


def _within(rows: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    """Rows cut to the days on which their organisation is known."""
    span = spans.rename(columns={"known_from": "org_from", "known_until": "org_until"})
    met = rows.merge(span, on="org_id", how="inner")
    met["known_from"] = np.maximum(met["known_from"], met["org_from"])
    met["known_until"] = np.minimum(met["known_until"], met["org_until"])
    return met[met["known_from"] < met["known_until"]].drop(columns=["org_from", "org_until"])


def _moved(table: Table, rows: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    """Records whose versions name different organisations: on each stretch of days the newest row that counts."""
    pieces = _within(rows.assign(known_from=_day(rows["recorded_at"]), known_until=OPEN), spans)
    borders = pd.concat(
        [pieces[[table.key, name]].set_axis([table.key, "border"], axis=1) for name in ("known_from", "known_until")]
    )
    borders = borders.drop_duplicates().sort_values([table.key, "border"])
    borders["next"] = borders.groupby(table.key)["border"].shift(-1)
    stretch = pieces.merge(borders.dropna(subset="next"), on=table.key)
    stretch = stretch[(stretch["known_from"] <= stretch["border"]) & (stretch["border"] < stretch["known_until"])]
    newest = stretch.sort_values([table.key, "border", "recorded_at"]).drop_duplicates(
        [table.key, "border"], keep="last"
    )
    newest = newest[~newest["voided"].astype("bool")]
    return newest.assign(known_from=newest["border"], known_until=newest["next"]).drop(columns=["border", "next"])


def _day(moments: pd.Series[Any]) -> pd.Series[Any]:
    days: pd.Series[Any] = moments.dt.floor("D").astype("datetime64[s]")
    return days


def _in_order(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    order = [*table.order, "known_from"]
    return rows[[*table.names, "known_from", "known_until"]].sort_values(order, ignore_index=True)
