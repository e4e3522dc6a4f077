"""Penalties as decisions: what several rules read of them.

A list follows the kind of penalty, not the breach; confiscation 没收 is not a fine; one decision with several penalties counts once; nothing
decided before the Measures came into force counts.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from .parameters import Dated, Parameter
from .periods import stamp
from .rule import O60_FROM, o60

if TYPE_CHECKING:
    from .known import Known

LARGE_FINE: Final = Parameter(
    "large_fine",
    "较大数额罚款",
    "fine that leads to the serious list",
    "yuan",
    (Dated(50_000, o60("十五", "四"), dt.date(2018, 1, 24), certainty="R2"),),
)
"""以上 includes the figure, 不满 excludes it."""


def decided(known: Known, *kinds: str) -> pd.DataFrame:
    """Penalties of some kinds decided since the Measures are in force, of active organisations."""
    rows = known.of_active(known.table("penalties"))
    return rows.loc[rows["kind"].isin(kinds) & (rows["decided_on"] >= stamp(O60_FROM))].reset_index(drop=True)


def fines(known: Known, *, large: bool) -> pd.DataFrame:
    """Fines at or above (below) the line; a fine of unknown amount is neither."""
    rows = decided(known, "fine")
    line = LARGE_FINE.on(known.day).value
    fen = np.rint(rows["amount"] * 100)
    chosen = fen >= line * 100 if large else (fen < line * 100) & (fen > 0)
    found: pd.DataFrame = rows.loc[chosen].reset_index(drop=True)
    return found


def minor(known: Known) -> pd.DataFrame:
    """Decisions with a warning or a fine below the line, one row a decision: org_id, decision, decided_on, keys, has_warning."""
    rows = pd.concat([decided(known, "warning"), fines(known, large=False)], ignore_index=True)
    rows = rows.assign(decision=rows["decision_id"].where(rows["decision_id"].notna(), rows["penalty_id"]))
    rows = rows.sort_values(["org_id", "decision", "penalty_id"], kind="stable")
    grouped = rows.groupby(["org_id", "decision"], sort=True)
    return pd.DataFrame(
        {
            "decided_on": grouped["decided_on"].min(),
            "keys": grouped["penalty_id"].agg(list),
            "has_warning": grouped["kind"].agg(lambda kinds: bool((kinds == "warning").any())),
        }
    ).reset_index()
