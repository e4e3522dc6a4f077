"""AL-05: a warning, or a fine below 50,000 yuan, by any authority (O60 art. 11(5)) 受到警告或者不满5万元罚款处罚."""

from __future__ import annotations

import pandas as pd

from ..facts import facts, together
from ..known import Known
from ..penalties import decided, fines
from ..periods import plus_months
from ..rule import ABNORMAL, O60_FROM, Case, Clause, Rule, o60

STAY_MONTHS = 6


def minor_penalties(known: Known) -> pd.DataFrame:
    """Every warning (AL-05a) and small fine (AL-05b); the stay each would have brought is over after six months."""
    parts = (("AL-05a", decided(known, "warning")), ("AL-05b", fines(known, large=False)))
    return together([_facts(ground, rows) for ground, rows in parts])


def _facts(ground: str, rows: pd.DataFrame) -> pd.DataFrame:
    return facts(
        rows,
        ground,
        rows["decided_on"],
        table="penalties",
        ends=plus_months(rows["decided_on"], STAY_MONTHS),
        provisional=False,
        values={
            "day": rows["decided_on"],
            "what_zh": "警告" if ground == "AL-05a" else "罚款" + _yuan(rows) + "元（不满5万元）",
            "what_en": "a warning" if ground == "AL-05a" else "a fine of " + _yuan(rows) + " yuan, below 50,000",
        },
    )


def _yuan(rows: pd.DataFrame) -> pd.Series:
    return pd.Series([f"{v:,.2f}" for v in rows["amount"]], index=rows.index, dtype="str")


_ORG = {"org_id": "51440300000000001M", "org_type": "association", "status": "active", "recorded_at": "2022-01-08"}
_WARNING = {
    "penalty_id": "P1",
    "org_id": "51440300000000001M",
    "decided_on": "2025-05-12",
    "kind": "warning",
    "recorded_at": "2025-05-12",
}


def _case(story: str, since: tuple[str, ...], **change: object) -> Case:
    return Case(story, "2025-06-30", {"organizations": [_ORG], "penalties": [_WARNING | change]}, since)


RULE = Rule(
    id="AL-05",
    flag=ABNORMAL,
    zh="受到有关部门警告或者不满5万元罚款处罚",
    en="received a warning or a fine below 50,000 yuan",
    citation=o60("十一", "五"),
    effective_from=O60_FROM,
    clauses=(Clause("penalty", "{day}受到{what_zh}", "{what_en} on {day}"),),
    facts=minor_penalties,
    needs_notice=False,
    clears_after_months=STAY_MONTHS,
    cases=(
        _case("a warning", ("2025-05-12",)),
        _case("a fine one fen below the line", ("2025-05-12",), kind="fine", amount=49_999.99),
        _case("a fine of exactly 50,000 is not below it", (), kind="fine", amount=50_000.0),
        _case("confiscation is not a fine", (), kind="confiscation", amount=2_000_000.0),
        _case("nothing before the Measures", (), decided_on="2018-01-23"),
        _case("the first day of the Measures", ("2018-01-24",), decided_on="2018-01-24"),
    ),
)
