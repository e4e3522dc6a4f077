"""SL-04: a single fine of 50,000 yuan or more (O60 art. 15(4)) 受到5万元以上罚款处罚."""

from __future__ import annotations

import pandas as pd

from ..facts import facts
from ..known import Known
from ..penalties import fines
from ..periods import plus_years
from ..rule import O60_FROM, SERIOUS, Case, Clause, Rule, o60


def large_fines(known: Known) -> pd.DataFrame:
    """Every fine at or above the line; the stay it would have brought is over after two years."""
    rows = fines(known, large=True)
    return facts(
        rows,
        "SL-04",
        rows["decided_on"],
        table="penalties",
        ends=plus_years(rows["decided_on"], 2),
        values={"day": rows["decided_on"], "amount": rows["amount"]},
    )


_ORG = {"org_id": "51440300000000001M", "org_type": "association", "status": "active", "recorded_at": "2022-01-08"}


def _case(story: str, amount: float, since: tuple[str, ...]) -> Case:
    fine: dict[str, object] = {
        "penalty_id": "P1",
        "org_id": "51440300000000001M",
        "decided_on": "2025-05-12",
        "kind": "fine",
    }
    fine |= {"amount": amount, "recorded_at": "2025-05-12"}
    return Case(story, "2025-06-30", {"organizations": [_ORG], "penalties": [fine]}, since)


RULE = Rule(
    id="SL-04",
    flag=SERIOUS,
    zh="受到5万元以上罚款处罚",
    en="received a single fine of 50,000 yuan or more",
    citation=o60("十五", "四"),
    effective_from=O60_FROM,
    clauses=(
        Clause("fine", "{day}受到罚款{amount}元（5万元以上）", "a fine of {amount} yuan on {day}, 50,000 or more"),
    ),
    facts=large_fines,
    needs_notice=False,
    cases=(
        _case("以上 includes the figure", 50_000.0, ("2025-05-12",)),
        _case("one fen less is not large", 49_999.99, ()),
    ),
)
