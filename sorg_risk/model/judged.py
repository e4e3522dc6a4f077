"""What officers found where a back-test would have sounded an alarm: their verdicts on early warnings, known today.

A verdict counts for the alarms of the horizon before it; of several on one organisation the newest counts. Alarms that
nobody judged stay out of the precision, which therefore speaks of the judged ones alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS: Final = {"verdict_confirmed": "confirmed", "verdict_false_alarm": "false_alarm"}


def judged(days: NDArray[Any], orgs: NDArray[Any], horizon_days: int, procedures: pd.DataFrame) -> dict[str, Any]:
    """Alarms (one a day and organisation) by what officers said of them.

    Returns
    -------
    dict
        ``alarms``, ``confirmed``, ``false_alarm``, and ``precision``: confirmed of the judged ones, NaN where none was judged.

    >>> said = {"org_id": ["a", "b"], "list": "none", "ground": None, "done_on": pd.Timestamp("2024-03-01"),
    ...         "step": ["verdict_confirmed", "verdict_false_alarm"], "recorded_at": pd.Timestamp("2024-03-01")}
    >>> day = pd.to_datetime(["2024-01-31"] * 3).to_numpy()
    >>> judged(day, pd.Index(["a", "b", "c"]).to_numpy(), 365, pd.DataFrame(said).assign(procedure_id=["1", "2"]))
    {'alarms': 3, 'confirmed': 1, 'false_alarm': 1, 'precision': 0.5}
    """
    of_warnings = procedures["list"].fillna("none").eq("none") & procedures["ground"].fillna("").eq("")
    said = procedures[of_warnings & procedures["step"].isin(list(STEPS))]
    alarms = pd.DataFrame({"day": days.astype("datetime64[s]"), "org_id": pd.Series(orgs, dtype="str")})
    met = alarms.merge(said[["org_id", "done_on", "recorded_at", "procedure_id", "step"]], on="org_id")
    after = (met["done_on"] - met["day"]).dt.days
    met = met[(after > 0) & (after <= horizon_days)].sort_values(["done_on", "recorded_at", "procedure_id"])
    counts = met.drop_duplicates(["day", "org_id"], keep="last")["step"].map(STEPS).value_counts()
    confirmed, false_alarm = int(counts.get("confirmed", 0)), int(counts.get("false_alarm", 0))
    precision = confirmed / (confirmed + false_alarm) if confirmed + false_alarm else math.nan
    return {"alarms": len(alarms), "confirmed": confirmed, "false_alarm": false_alarm, "precision": precision}
