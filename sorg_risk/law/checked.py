"""Inspections whose newest result decides: how long a failing lasted, from the inspection that found it to the one that found it mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ..records.lookups import looked_up

if TYPE_CHECKING:
    from .known import Known


def failings(known: Known, kind: str, failed: str, passed: str) -> pd.DataFrame:
    """One row per run of failed inspections of a kind: org_id, since (the first), ends (the next passed one), known_on, records."""
    rows = known.table("inspections")
    rows = rows.loc[(rows["kind"] == kind) & rows["outcome"].isin([failed, passed])]
    rows = rows.sort_values(["org_id", "issued_on", "completed_on", "recorded_at", "inspection_id"], kind="stable")
    bad = rows["outcome"] == failed
    other = (rows["org_id"] != rows["org_id"].shift()) | (rows["outcome"] != rows["outcome"].shift())
    run = other.cumsum()
    follows = rows["issued_on"].groupby(rows["org_id"]).shift(-1).where(rows["outcome"] != rows["outcome"].shift(-1))
    seen = looked_up(rows["inspection_id"], known.first_known("inspections"))
    rows = rows.assign(run=run, next=follows, seen=seen, record="inspections:" + rows["inspection_id"])
    grouped = rows.loc[bad].groupby("run", sort=True)
    found = grouped.agg(
        org_id=("org_id", "first"), since=("issued_on", "min"), ends=("next", "max"), known_on=("seen", "min")
    )
    return found.assign(records=grouped["record"].agg(list)).reset_index(drop=True)
