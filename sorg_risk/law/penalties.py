"""Penalties as decisions: what several rules read of them.

A list follows the kind of penalty, not the breach; confiscation 没收 is not a fine; one decision with several penalties counts once; nothing
decided before the Measures counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..calendar.periods import stamp
from ..records.lookups import looked_up
from ..records.readings import decision_of
from .instruments import O60
from .parameters import constant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .known import Known

LARGE_FINE: Final = constant("large_fine", "较大罚款数额", "amount of a large fine", "yuan", 50_000, O60.at(15, 4))
"""以上 includes the figure, 不满 excludes it."""
FEN: Final = 100


def penalties(known: Known, *kinds: str) -> pd.DataFrame:
    """Penalties of some kinds since the Measures are in force, with ``known_on``: the first day each was known."""
    rows = known.table("penalties")
    counts = (rows["decided_on"] >= stamp(O60.effective_from)) | known.due_on
    rows = rows.loc[rows["kind"].isin(kinds) & counts].reset_index(drop=True)
    return rows.assign(known_on=looked_up(rows["penalty_id"], known.first_known("penalties")))


def fines(known: Known, *, large: bool) -> pd.DataFrame:
    """Fines at or above (below) the line; a fine of unknown amount is neither."""
    rows = penalties(known, "fine")
    fen = in_fen(rows["amount"])
    line = known.read(LARGE_FINE, rows["decided_on"]).of() * FEN
    return rows.loc[(fen >= line) if large else (fen > 0) & (fen < line)].reset_index(drop=True)


def in_fen(amount: pd.Series) -> NDArray[np.float64]:
    """Money as whole fen, missing as NaN: what is compared, never rounded ratios."""
    fen: NDArray[np.float64] = np.rint(amount.to_numpy(dtype=np.float64) * FEN)
    return fen


def minor_decisions(known: Known) -> pd.DataFrame:
    """Decisions with a warning or a fine below the line, one row a decision: org_id, decision, decided_on, records."""
    rows = pd.concat([penalties(known, "warning"), fines(known, large=False)], ignore_index=True)
    rows = rows.assign(decision=decision_of(rows["decision_id"], rows["penalty_id"]))
    rows = rows.sort_values(["org_id", "decision", "penalty_id"], kind="stable")
    grouped = rows.groupby(["org_id", "decision"], sort=True)
    records = ("penalties:" + rows["penalty_id"]).groupby([rows["org_id"], rows["decision"]], sort=True).agg(list)
    decided = grouped.agg(decided_on=("decided_on", "min"))
    return decided.assign(records=records).reset_index()
