"""SL-01: two full years on the abnormal list (O60 art. 15(1)) 被列入活动异常名录满2年."""

from __future__ import annotations

from ...calendar.periods import plus_years
from ...records.lookups import looked_up
from ..absence import day_of
from ..facts import Facts, facts, none, recorded
from ..instruments import O60
from ..known import Known
from ..rule import ABNORMAL, SERIOUS, Case, Clause, Missing, Rule
from ..stays import YEARS_ABNORMAL
from ..worked import Record, Rows, clean, given, inspection, listing, penalty


def two_years(known: Known) -> Facts:
    """Listings on the abnormal list that reached their second anniversary; the term counts from the listing or its restart.

    A stay from which the law already lets the organisation off by then grows no older, nor does one whose fact is gone as known now. Assumed
    lists grow by themselves.
    """
    if known.lists.assumed:
        return none()
    stays = known.lists.history
    stays = stays.loc[(stays["flag"] == ABNORMAL) & stays["gone_on"].isna()]
    years = known.read(YEARS_ABNORMAL, stays["listed_on"])
    full = years.after(stays["listed_on"], plus_years)
    away = known.lists.removals
    let_off = looked_up(stays["key"], away.loc[away["flag"] == ABNORMAL].set_index("key")["since"])
    reached = (full <= known.today) & ~(stays["until"] < full) & ~(let_off <= full)
    stays, full = stays[reached].reset_index(drop=True), full[reached].reset_index(drop=True)
    return facts(
        stays,
        "SL-01",
        full,
        evidence=[recorded("listings", stays["key"])],
        ends=stays["until"],
        values={"day": stays["listed_on"], "full": full},
        by=[years.rows(reached)],
    )


def _listed(day: str, *more: Record, ground: str = "AL-03") -> Rows:
    order = inspection("rectification_order", "2022-12-05", deadline_on="2022-12-20")
    return given(clean(), order, listing(day, ground), *more)


RULE = Rule(
    id="SL-01",
    zh="被列入活动异常名录满{years_on_abnormal_list}年",
    en="{years_on_abnormal_list} full years on the abnormal list",
    citation=O60.at(15, 1),
    flag=SERIOUS,
    facts=two_years,
    missing=(Missing("listings", ("abnormal",), after=day_of("day")),),
    reads=("listings",),
    continuing=True,
    reads_lists=True,
    subject="years_on_abnormal_list",
    parameters=(YEARS_ABNORMAL,),
    clauses=(
        Clause(
            "two_years",
            "自{day}起在活动异常名录，{full}满{years_on_abnormal_list}年",
            "on the abnormal list since {day}, {years_on_abnormal_list} full years on {full}",
        ),
    ),
    cases=(
        Case(
            "two years on the day",
            "2025-06-30",
            _listed("2023-06-30"),
            ("serious_dishonesty_list recommend_listing SL-01 2025-06-30",),
        ),
        Case("one day short", "2025-06-30", _listed("2023-07-01")),
        Case(
            "29 February: over on 28 February",
            "2026-02-28",
            _listed("2024-02-29"),
            ("serious_dishonesty_list recommend_listing SL-01 2026-02-28",),
        ),
        Case("and not a day before", "2026-02-27", _listed("2024-02-29")),
        Case(
            "the term restarted by a relisting",
            "2025-06-30",
            _listed("2023-06-30", listing("2024-01-10", "AL-05a", "relisted")),
        ),
        Case("removed before", "2025-06-30", _listed("2023-06-30", listing("2025-06-01", "AL-03", "removed"))),
        Case(
            "a stay that was over by time long ago grows no older",
            "2025-06-30",
            given(clean(), penalty("warning", "2023-06-20"), listing("2023-06-30", "AL-05a")),
        ),
        Case(
            "put on the serious list: answered",
            "2025-07-30",
            _listed("2023-06-30", listing("2025-07-10", "SL-01"), listing("2025-07-10", "AL-03", "removed")),
            ("serious_dishonesty_list listed SL-01 2025-07-10",),
        ),
        Case(
            "assumed: on the serious list the same day, and off the other",
            "2025-06-30",
            given(clean(), inspection("rectification_order", "2022-12-05", deadline_on="2022-12-20")),
            ("serious_dishonesty_list listed SL-01 2025-01-05",),
            lists="assumed",
        ),
    ),
)
