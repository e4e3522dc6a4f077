"""The records behind a value: rows of the organisation that its ingredients counted on the day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import NotFound
from ..records import View
from ..records.packed import NEVER, Packed, Packs
from ..records.schema import TABLES
from .aggregates import AGGREGATES
from .compute import newest_rows
from .deadlines import DatedPacks
from .declare import Feature
from .ingredients import DueDay, Reading, RowIngredient
from .kinds import rows_satisfying
from .plan import packed_days
from .registry import feature

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def evidence(view: View, org_id: str, name: str) -> pd.DataFrame:
    """Rows that made the value of a feature, newest first, with ``record`` ("table:key") in front.

    Of a share these are the rows of its part; of something missing (a report never filed) the organisation's own row.
    Raises `NotFound` for an organisation not known on the day or a feature that does not exist.

    >>> import sorg_risk as sr
    >>> view = sr.open("data/sample").as_of("2026-10-31")
    >>> sr.evidence(view, view.active[0], "org_type")["record"].str.startswith("organizations:").tolist()
    [True]
    """
    one = _measured(name)
    _require(view, [org_id])
    (packed,) = (
        _dated(view, packs).table(_table(one)).of(packs.orgs.get_indexer(pd.Index([org_id])))
        for packs in view.parts()
        if org_id in packs.orgs
    )
    keys = packed.keys[_behind(view, one, packed)][::-1]
    key, own = TABLES[packed.table].key, view.of_org(packed.table, org_id)
    found: pd.DataFrame = own.iloc[pd.Index(own[key]).get_indexer(pd.Index(keys))].reset_index(drop=True)
    found.insert(0, "record", packed.table + ":" + found[key])
    return found


def evidence_keys(view: View, pairs: pd.DataFrame) -> pd.Series:
    """For each pair (``org_id``, ``feature``) the records behind the value: a list of "table:key", newest first.

    Aligned with the rows of ``pairs``; thousands of pairs cost little more than their features. Raises `NotFound` as
    `evidence` does.
    """
    _require(view, pairs["org_id"])
    found: pd.Series = pd.Series([[]] * len(pairs), index=range(len(pairs)), dtype=object)
    plain = pairs.reset_index(drop=True)
    for packs in view.parts():
        own = plain[plain["org_id"].isin(packs.orgs)]
        if len(own):
            found[own.index] = pd.Series(_keys_of_part(view, packs, own), index=own.index, dtype=object)
    return found.set_axis(pairs.index)


def _keys_of_part(view: View, packs: Packs, pairs: pd.DataFrame) -> list[list[str]]:
    """`evidence_keys` for pairs of organisations of one part."""
    asked, place = np.unique(packs.orgs.get_indexer(pd.Index(pairs["org_id"])), return_inverse=True)
    dated = _dated(view, packs)
    packed: dict[str, Packed] = {}
    found: list[list[str]] = [[] for _ in place]
    for name, members in pairs.reset_index(drop=True).groupby("feature").indices.items():
        one = _measured(str(name))
        table = _table(one)
        packed.setdefault(table, dated.table(table).of(asked.astype(np.int64)))
        rows = _behind(view, one, packed[table])
        records = [f"{table}:{key}" for key in packed[table].keys[rows]]
        bounds = np.searchsorted(packed[table].owner[rows], np.arange(len(asked) + 1))
        for member in members:
            start, stop = bounds[place[member] : place[member] + 2]
            found[member] = records[start:stop][::-1]
    return found


def _measured(name: str) -> Feature:
    """The feature itself, or what a relative one compares."""
    one = feature(name)
    return feature(one.base) if one.base else one


def _require(view: View, org_ids: Sequence[str] | pd.Series[str]) -> None:
    """Every organisation must be known on the day."""
    unknown = ~pd.Index(org_ids).isin(view.orgs)
    if unknown.any():
        org_id = str(list(org_ids)[int(np.argmax(unknown))])
        raise NotFound.name(f"organisation on {view.day.isoformat()}", org_id, view.orgs)


def _table(one: Feature) -> str:
    """Table of the evidence: of something missing, the register."""
    return "organizations" if one.aggregate == "missing_years" else one.table


def _dated(view: View, packs: Packs) -> DatedPacks:
    return DatedPacks(packs, np.array([view.day], dtype="datetime64[D]").astype(np.int64))


def _behind(view: View, one: Feature, packed: Packed) -> Ints:
    """Rows of a packed table that made the value of any of its organisations, in their order."""
    day = np.array([view.day], dtype="datetime64[D]").astype(np.int64)
    parts, _ = AGGREGATES[one.aggregate].recipe(one, day)
    behind = np.zeros(len(packed), dtype=bool)
    for part in parts[:1] if one.aggregate == "share" else parts:
        if not isinstance(part, DueDay) and part.rows.table == packed.table:
            behind |= _counted(part, packed, day)
    return np.flatnonzero(behind)


def _counted(part: RowIngredient, packed: Packed, day: Ints) -> Bools:
    counted = np.zeros(len(packed), dtype=bool)
    if isinstance(part, Reading):
        newest = newest_rows(packed, part, day)[:, 0]
        counted[newest[newest >= 0]] = True
        return counted
    span, event = part.rows.span, packed_days(packed, part.rows.span.clock)
    end = packed_days(packed, span.until) if span.until else packed.known_until
    stands = (packed.known_from <= day) & (day < packed.known_until) & (day < end)
    within = (event <= day) & (event != NEVER) & ((event > day - span.window) if span.window else True)
    return np.asarray(rows_satisfying(packed, part.rows) & stands & within, dtype=bool)
