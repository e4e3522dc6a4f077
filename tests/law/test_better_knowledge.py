"""Better knowledge in the organisation's favour adds no graver flag; the order of rows and other organisations change nothing.

In favour: on the evening it is learnt, an objection or a certificate is granted, or a penalty is voided. Compared is the gravest that stands of
each organisation: a serious listing or recommendation, then an abnormal one; a listing whose removal is recommended counts no more. Not among these registries: where lists are assumed, a situation that started a term
again and is taken back later lets an older duty, never done, run on from its own listing.
"""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

import pandas as pd
import pytest

from sorg_risk.law import statutory
from sorg_risk.law.worked import Rows, exemption
from sorg_risk.records import open as open_source

from .adversarial import registry
from .histories import tables

DAY = "2024-06-17"
COUNT = 60
GRAVE = {"abnormal_list": 1, "serious_dishonesty_list": 2}


def flags_of(rows: Rows, lists: str = "decided") -> pd.DataFrame:
    return statutory(open_source(tables(rows)).as_of(DAY), lists).flags


def gravest(flags: pd.DataFrame) -> pd.Series:
    """How grave the list flags of each organisation are, without listings that are to be undone."""
    rows = flags.loc[flags["flag"].isin(list(GRAVE))]
    off = rows.loc[rows["status"] == "recommend_removal", ["org_id", "flag"]].assign(off=True)
    rows = rows.loc[rows["status"] != "recommend_removal"].merge(off, on=["org_id", "flag"], how="left")
    rows = rows.loc[~((rows["status"] == "listed") & rows["off"].notna())]
    return rows["flag"].map(GRAVE).groupby(rows["org_id"]).max()


def in_favour(rows: Rows, kind: str, seed: int) -> Rows:
    """The same rows, and what is learnt on the day about a record of each organisation."""
    rng = Random(seed)
    newest: dict[str, dict[str, Any]] = {}
    for row in sorted(rows["penalties"], key=lambda row: row["recorded_at"]):
        newest[row["penalty_id"]] = row
    more = [row for row in newest.values() if row["recorded_at"] < DAY and rng.random() < 0.5]
    if kind == "void":
        voided = [{**row, "recorded_at": DAY, "voided": True} for row in more]
        return {**rows, "penalties": [*rows["penalties"], *voided]}
    granted = [
        {**exemption(kind, row["penalty_id"], DAY, row["org_id"])[1], "exemption_id": f"new{number}"}
        for number, row in enumerate(more)
    ]
    return {**rows, "exemptions": [*rows["exemptions"], *granted]}


@pytest.mark.parametrize("kind", ["objection", "no_direct_responsibility", "void"])
@pytest.mark.parametrize("lists", ["decided", "assumed"])
@pytest.mark.parametrize("seed", [11, 12])
def test_better_knowledge_never_adds_a_flag(kind: str, seed: int, lists: str) -> None:
    rows = registry(COUNT, seed, dt.date.fromisoformat(DAY))
    before, after = gravest(flags_of(rows, lists)), gravest(flags_of(in_favour(rows, kind, seed), lists))
    worse = after > before.reindex(after.index).fillna(0)
    assert not worse.any(), list(after.index[worse])


@pytest.mark.parametrize("lists", ["decided", "assumed"])
def test_order_and_company_change_nothing(lists: str) -> None:
    rows = registry(COUNT, 13, dt.date.fromisoformat(DAY))
    flags = flags_of(rows, lists)
    shuffled = {name: Random(1).sample(part, len(part)) for name, part in rows.items()}
    pd.testing.assert_frame_equal(flags_of(shuffled, lists), flags)
    for org_id in flags["org_id"].drop_duplicates().iloc[:3]:
        alone = {name: [row for row in part if row["org_id"] == org_id] for name, part in rows.items()}
        mine = flags.loc[flags["org_id"] == org_id].reset_index(drop=True)
        pd.testing.assert_frame_equal(flags_of({n: p for n, p in alone.items() if p}, lists), mine)
