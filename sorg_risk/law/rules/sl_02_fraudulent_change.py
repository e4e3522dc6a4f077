"""SL-02: a change registration obtained by fraud and revoked (O60 art. 15(2)) 弄虚作假办理变更登记，被撤销变更登记."""

from __future__ import annotations

import pandas as pd

from ..facts import facts
from ..known import Known
from ..penalties import decided
from ..periods import plus_years
from ..rule import O60_FROM, SERIOUS, Case, Clause, Rule, o60


def revoked_changes(known: Known) -> pd.DataFrame:
    """Every revocation of a change registration."""
    rows = decided(known, "change_revoked")
    return facts(
        rows,
        "SL-02",
        rows["decided_on"],
        table="penalties",
        ends=plus_years(rows["decided_on"], 2),
        values={"day": rows["decided_on"]},
    )


_ORG = {"org_id": "51440300000000001M", "org_type": "association", "status": "active", "recorded_at": "2022-01-08"}
_REVOKED = {
    "penalty_id": "P1",
    "org_id": "51440300000000001M",
    "decided_on": "2025-01-15",
    "kind": "change_revoked",
    "recorded_at": "2025-01-15",
}

RULE = Rule(
    id="SL-02",
    flag=SERIOUS,
    zh="弄虚作假办理变更登记，被撤销变更登记",
    en="a change registration obtained by fraud was revoked",
    citation=o60("十五", "二"),
    effective_from=O60_FROM,
    clauses=(Clause("change_revoked", "{day}被撤销变更登记", "the change registration was revoked on {day}"),),
    facts=revoked_changes,
    needs_notice=False,
    cases=(Case("revoked", "2025-06-30", {"organizations": [_ORG], "penalties": [_REVOKED]}, ("2025-01-15",)),),
)
