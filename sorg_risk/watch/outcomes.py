"""Did the warnings of an earlier night come true, and alike for everybody? Calibration and fairness of published runs.

An organisation's outcome is a new ground of a list that arose after the as-of day and within the horizon, as known now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from ..records import View

LEVELS: Final = ("none", "blue", "yellow", "orange", "red")


def happened(scores: pd.DataFrame, grounds: pd.DataFrame) -> pd.Series[bool]:
    """For each scored organisation whether a ground arose after its as-of day and within its horizon.

    ``grounds``: org_id, since (as `sorg_risk.law.grounds` gives them).
    """
    met = scores[["org_id", "as_of", "horizon_days"]].merge(grounds[["org_id", "since"]], on="org_id")
    days = (pd.to_datetime(met["since"]) - pd.to_datetime(met["as_of"])).dt.days
    struck = met.loc[(days > 0) & (days <= met["horizon_days"]), "org_id"]
    return pd.Series(scores["org_id"].isin(struck).to_numpy(), index=scores.index, name="happened")


def calibration(scores: pd.DataFrame, outcome: pd.Series[bool]) -> pd.DataFrame:
    """Per warning level: organisations, promised and observed probability, and the 95 % interval of the observed one."""
    rows = []
    for level in LEVELS:
        here = (scores["warning"] == level).to_numpy()
        if here.any():
            low, high = wilson(int(outcome[here].sum()), int(here.sum()))
            promised, observed = scores.loc[here, "probability"].mean(), outcome[here].mean()
            rows.append((level, int(here.sum()), float(promised), float(observed), low, high))
    return pd.DataFrame(rows, columns=["warning", "organisations", "promised", "observed", "low", "high"])


def fairness(scores: pd.DataFrame, outcome: pd.Series[bool], group: pd.Series[str]) -> pd.DataFrame:
    """Per group (type, district, size): share warned, share of the unstruck warned of, share of the struck warned of."""
    warned = scores["warning"].isin(LEVELS[2:]).to_numpy()
    struck = outcome.to_numpy(dtype=bool)
    names = group.reindex(scores["org_id"]).fillna("").to_numpy()
    rows = []
    for name in np.unique(names):
        here = names == name
        rows.append(
            (name, int(here.sum()), _share(warned, here), _share(warned, here & ~struck), _share(warned, here & struck))
        )
    return pd.DataFrame(rows, columns=["group", "organisations", "warned", "false_alarms", "caught"])


def matured(view: View, as_of: str, horizon_days: int) -> bool:
    """Whether the horizon of a run is over, so that its outcome is known."""
    return bool(pd.Timestamp(as_of) + pd.Timedelta(days=horizon_days) <= pd.Timestamp(view.day))


def wilson(hits: int, of: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """The Wilson interval of a share (E. B. Wilson, JASA 22, 1927).

    >>> [round(x, 4) for x in wilson(8, 10)]
    [0.4902, 0.9433]
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if not of:
        return 0.0, 1.0
    share, square = hits / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z / (1 + square / of) * float(np.sqrt(share * (1 - share) / of + square / (4 * of * of)))
    return middle - half, middle + half


def _share(warned: np.ndarray, here: np.ndarray) -> float:
    return float(warned[here].mean()) if here.any() else float("nan")
