"""SL-05: two or more warnings or fines below 50,000 yuan within three years (O60 art. 15(5)) 三年内两次以上受到警告或者不满5万元罚款处罚."""

from __future__ import annotations

import pandas as pd

from ..facts import facts, nothing
from ..known import Known
from ..penalties import minor
from ..periods import plus_years
from ..rule import O60_FROM, SERIOUS, Case, Clause, Rule, o60

YEARS = 3


def repeated(known: Known) -> pd.DataFrame:
    """Every decision that follows another within three years; the anniversary is over, so it no longer counts (unconfirmed: provisional)."""
    rows = minor(known).sort_values(["org_id", "decided_on", "decision"], kind="stable").reset_index(drop=True)
    if rows.empty:
        return nothing()
    before = rows.groupby("org_id")[["decided_on", "keys"]].shift()
    over = plus_years(before["decided_on"], YEARS)
    second = before["decided_on"].notna() & (rows["decided_on"] <= over)
    edge = rows["decided_on"] == over
    rows, before, edge = rows[second], before[second], edge[second]
    keys = [a + b for a, b in zip(before["keys"], rows["keys"], strict=True)]
    return facts(
        rows,
        "SL-05",
        rows["decided_on"],
        ends=plus_years(rows["decided_on"], 2),
        evidence=[[f"penalties:{k}" for k in pair] for pair in keys],
        refers=keys,
        provisional=edge,
        values={"first": before["decided_on"], "second": rows["decided_on"]},
    )


_ORG = {"org_id": "51440300000000001M", "org_type": "association", "status": "active", "recorded_at": "2018-01-08"}


def _case(story: str, first: str, since: tuple[str, ...], **change: object) -> Case:
    one = {"penalty_id": "P1", "org_id": "51440300000000001M", "decision_id": "D1", "kind": "warning"}
    one |= {"decided_on": first, "recorded_at": first}
    two = (
        one
        | {"penalty_id": "P2", "decision_id": "D2", "decided_on": "2025-06-10", "recorded_at": "2025-06-10"}
        | change
    )
    return Case(story, "2025-06-30", {"organizations": [_ORG], "penalties": [one, two]}, since)


RULE = Rule(
    id="SL-05",
    flag=SERIOUS,
    zh="三年内两次以上受到警告或者不满5万元罚款处罚",
    en="two or more warnings or fines below 50,000 yuan within three years",
    citation=o60("十五", "五"),
    effective_from=O60_FROM,
    clauses=(
        Clause("first_penalty", "{first}第一次受到处罚", "penalised a first time on {first}"),
        Clause("second_penalty", "三年内于{second}再次受到处罚", "again on {second}, within three years"),
    ),
    facts=repeated,
    needs_notice=False,
    cases=(
        _case("a day inside three years", "2022-06-11", ("2025-06-10",)),
        _case("a day outside", "2022-06-09", ()),
        _case("one decision counts once", "2025-06-10", (), decision_id="D1"),
    ),
)
