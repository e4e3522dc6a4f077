"""SL-01: two full years on the abnormal list (O60 art. 15(1)) 被列入活动异常名录满2年."""

from __future__ import annotations

import pandas as pd

from ..facts import facts
from ..known import Known
from ..membership import on_list
from ..periods import plus_years
from ..rule import O60_FROM, SERIOUS, Case, Clause, Rule, o60

YEARS = 2


def two_years(known: Known) -> pd.DataFrame:
    """Stays on the abnormal list whose second anniversary has come; the term counts from the listing or its restart."""
    stays = on_list(known, "abnormal")
    stays = stays.loc[stays["org_id"].isin(known.active["org_id"])]
    full = plus_years(stays["listed_on"], YEARS)
    stays, full = stays[full <= known.today], full[full <= known.today]
    return facts(
        stays,
        "SL-01",
        full,
        evidence=[[f"listings:{key}"] for key in stays["listing_id"]],
        refers=[[key] for key in stays["listing_id"]],
        values={"day": stays["listed_on"], "full": full},
    )


_ORG = {"org_id": "51440300000000001M", "org_type": "association", "status": "active", "recorded_at": "2020-01-08"}


def _case(story: str, listed: str, since: tuple[str, ...]) -> Case:
    row = {"listing_id": "L1", "org_id": "51440300000000001M", "list": "abnormal", "action": "listed"}
    row |= {"ground": "AL-03", "decided_on": listed, "recorded_at": listed}
    return Case(story, "2025-06-30", {"organizations": [_ORG], "listings": [row]}, since)


RULE = Rule(
    id="SL-01",
    flag=SERIOUS,
    zh="被列入活动异常名录满2年",
    en="two full years on the abnormal list",
    citation=o60("十五", "一"),
    effective_from=O60_FROM,
    clauses=(
        Clause(
            "two_years",
            "自{day}起在活动异常名录，{full}满2年",
            "on the abnormal list since {day}, two full years on {full}",
        ),
    ),
    facts=two_years,
    cases=(
        _case("two years on the day", "2023-06-30", ("2025-06-30",)),
        _case("one day short", "2023-07-01", ()),
        _case("29 February: over on 28 February", "2024-02-29", ()),
    ),
)
