"""SL-03: suspension of activities, of any length (O60 art. 15(3)) 受到限期停止活动处罚."""

from __future__ import annotations

import pandas as pd

from ..facts import facts
from ..known import Known
from ..penalties import decided
from ..periods import plus_years
from ..rule import O60_FROM, SERIOUS, Case, Clause, Rule, o60


def suspensions(known: Known) -> pd.DataFrame:
    """Every suspension; its end does not matter, the decision lists."""
    rows = decided(known, "suspension")
    return facts(
        rows,
        "SL-03",
        rows["decided_on"],
        table="penalties",
        ends=plus_years(rows["decided_on"], 2),
        values={"day": rows["decided_on"]},
    )


_ORG = {"org_id": "51440300000000001M", "org_type": "association", "status": "active", "recorded_at": "2022-01-08"}
_SUSPENDED = {
    "penalty_id": "P1",
    "org_id": "51440300000000001M",
    "decided_on": "2025-04-15",
    "kind": "suspension",
    "recorded_at": "2025-04-15",
}

RULE = Rule(
    id="SL-03",
    flag=SERIOUS,
    zh="受到限期停止活动处罚",
    en="received a suspension of activities",
    citation=o60("十五", "三"),
    effective_from=O60_FROM,
    clauses=(Clause("suspension", "{day}受到限期停止活动处罚", "suspended on {day}"),),
    facts=suspensions,
    needs_notice=False,
    cases=(
        Case("a suspension", "2025-06-30", {"organizations": [_ORG], "penalties": [_SUSPENDED]}, ("2025-04-15",)),
        Case(
            "a warning is none",
            "2025-06-30",
            {"organizations": [_ORG], "penalties": [_SUSPENDED | {"kind": "warning"}]},
        ),
    ),
)
