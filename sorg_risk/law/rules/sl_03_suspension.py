"""SL-03: suspension of activities, of any length (O60 art. 15(3)) 受到限期停止活动处罚."""

from __future__ import annotations

from ..facts import FOREVER, Facts, facts
from ..instruments import O60
from ..known import Known
from ..penalties import penalties
from ..rule import SERIOUS, Case, Clause, Rule
from ..stays import YEARS_SERIOUS, serious_over
from ..worked import clean, given, listing, org, penalty


def suspensions(known: Known) -> Facts:
    """Every suspension; its end does not matter, the decision lists."""
    rows = penalties(known, "suspension")
    return facts(
        rows,
        "SL-03",
        rows["decided_on"],
        evidence="penalties",
        ends=serious_over(known, rows["decided_on"]),
        alert_until=FOREVER,
        known_on=rows["known_on"],
        values={"day": rows["decided_on"]},
    )


RULE = Rule(
    id="SL-03",
    zh="受到限期停止活动处罚",
    en="received a suspension of activities",
    citation=O60.at(15, 3),
    flag=SERIOUS,
    facts=suspensions,
    reads=("penalties",),
    needs_notice=False,
    parameters=(YEARS_SERIOUS,),
    clauses=(Clause("suspension", "{day}受到限期停止活动处罚", "suspended on {day}"),),
    cases=(
        Case(
            "a suspension",
            "2025-06-30",
            given(org(), penalty("suspension", "2025-04-15")),
            ("serious_dishonesty_list recommend_listing SL-03 2025-04-15",),
        ),
        Case(
            "over by now: the decision still lists",
            "2025-06-30",
            given(org(), penalty("suspension", "2025-04-15", lifted_on="2025-05-15", recorded_at="2025-05-15")),
            ("serious_dishonesty_list recommend_listing SL-03 2025-04-15",),
        ),
        Case("a warning is none", "2025-06-30", given(org(), penalty("warning", "2025-04-15"))),
        Case(
            "assumed: one day short of two years",
            "2025-06-30",
            given(clean(), penalty("suspension", "2023-07-01")),
            ("serious_dishonesty_list listed SL-03 2023-07-01",),
            lists="assumed",
        ),
        Case(
            "assumed: removed after two clean years",
            "2025-07-01",
            given(clean(), penalty("suspension", "2023-07-01")),
            lists="assumed",
        ),
        Case(
            "listed, and a warning a year later: the term starts again",
            "2025-06-30",
            given(
                clean(),
                penalty("suspension", "2024-04-15"),
                listing("2024-04-20", "SL-03"),
                penalty("warning", "2025-05-12"),
            ),
            ("serious_dishonesty_list listed SL-03 2024-04-20", "serious_dishonesty_list restart AL-05a 2025-05-12"),
            shows="serious_dishonesty_list",
        ),
    ),
)
