"""SL-06: on the court's list of dishonest judgment debtors (O60 art. 15(6)) 被列入失信被执行人名单."""

from __future__ import annotations

import pandas as pd

from ..facts import facts
from ..known import Known
from ..penalties import decided
from ..rule import O60_FROM, SERIOUS, Case, Clause, Rule, o60


def court_listed(known: Known) -> pd.DataFrame:
    """Every entry on the court's list, until it was lifted."""
    rows = decided(known, "court_dishonest")
    return facts(
        rows,
        "SL-06",
        rows["decided_on"],
        table="penalties",
        ends=rows["lifted_on"],
        values={"day": rows["decided_on"]},
    )


_ORG = {"org_id": "51440300000000001M", "org_type": "association", "status": "active", "recorded_at": "2022-01-08"}
_COURT = {
    "penalty_id": "P1",
    "org_id": "51440300000000001M",
    "decided_on": "2025-01-15",
    "kind": "court_dishonest",
    "recorded_at": "2025-01-15",
}

RULE = Rule(
    id="SL-06",
    flag=SERIOUS,
    zh="被人民法院列入失信被执行人名单",
    en="on the court's list of dishonest judgment debtors",
    citation=o60("十五", "六"),
    effective_from=O60_FROM,
    clauses=(Clause("court", "{day}被列入失信被执行人名单", "put on the court's list on {day}"),),
    facts=court_listed,
    needs_notice=False,
    cases=(
        Case("on the court's list", "2025-06-30", {"organizations": [_ORG], "penalties": [_COURT]}, ("2025-01-15",)),
    ),
)
