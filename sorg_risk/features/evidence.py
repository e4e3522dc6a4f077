"""The records behind one value: those of one organisation only, nothing else is computed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..errors import NotFound
from ..records import View
from ..records.packed import NEVER, Packed
from ..records.schema import TABLES
from .compute import Bools, Workshop, pack_table, satisfies
from .declare import Feature
from .registry import feature


def evidence(view: View, org_id: str, name: str) -> pd.DataFrame:
    """Rows that made the value of a feature, newest first, with ``record`` ("table:key") in front.

    Of something missing (a report never filed) the evidence is the organisation's own row. Raises `NotFound` for an
    organisation not known on the day or a feature that does not exist.

    >>> import sorg_risk as sr
    >>> view = sr.open("data/sample").as_of("2026-10-31")
    >>> sr.evidence(view, view.active[0], "org_type")["record"].str.startswith("organizations:").all()
    True
    """
    one = feature(name)
    if org_id not in view.orgs:
        raise NotFound.name(f"organisation on {view.day.isoformat()}", org_id, view.orgs)
    while one.base:
        one = feature(one.base)
    if one.aggregate == "missing_years":
        return _register(view, org_id)
    packed = _packed(view, org_id, one.table, one.event)
    rows = packed.frame[_behind(view, packed, one)].iloc[::-1].reset_index(drop=True)
    rows = rows[[column for column in rows.columns if column in TABLES[one.table].names]]
    rows.insert(0, "record", one.table + ":" + rows[TABLES[one.table].key])
    return rows


def _packed(view: View, org_id: str, table: str, clock: str) -> Packed:
    rows = view.table(table)
    return pack_table(table, rows[rows["org_id"].eq(org_id)], pd.Index([org_id], dtype="str"), clock)


def _behind(view: View, packed: Packed, one: Feature) -> Bools:
    day = np.array([np.datetime64(view.day, "D").astype(np.int64)])
    shop = Workshop(packed.orgs, day, lambda _table, _clock: packed)
    if one.aggregate in ("latest", "yearly_change", "age"):
        keep = np.zeros(len(packed), dtype=bool)
        for back in (0, 1) if one.aggregate == "yearly_change" else (0,):
            found = shop.newest(one, back)[0, 0]
            if found >= 0:
                keep[found] = True
        return keep
    keep = satisfies(packed, one.where) & (packed.event != NEVER)
    if one.aggregate == "share":
        keep &= satisfies(packed, one.part)
    if one.value:
        keep &= packed.numbers(one.value).valid
    stands = _stands(shop, one, 0)
    if one.aggregate == "change":
        stands = stands | _stands(shop, one, 1)
    behind: Bools = keep & stands
    return behind


def _stands(shop: Workshop, one: Feature, back: int) -> Bools:
    enter, leave = shop.visible(one, back)
    return enter < leave


def _register(view: View, org_id: str) -> pd.DataFrame:
    rows = view.table("organizations")
    own = rows[rows["org_id"].eq(org_id)].reset_index(drop=True)
    own.insert(0, "record", "organizations:" + own["org_id"])
    return own
