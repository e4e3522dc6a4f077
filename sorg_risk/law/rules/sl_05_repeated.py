"""SL-05: two or more warnings or fines below 50,000 yuan within three years (O60 art. 15(5)) 三年内两次以上受到警告或者不满5万元罚款处罚."""

from __future__ import annotations

from typing import Any

from ...calendar.periods import plus_years
from ..facts import FOREVER, Facts, facts
from ..instruments import O60
from ..known import Known
from ..parameters import constant
from ..penalties import LARGE_FINE, minor_decisions
from ..rule import SERIOUS, Case, Clause, Rule
from ..stays import YEARS_SERIOUS, serious_over
from ..worked import Record, Rows, exemption, given, org, penalty

YEARS = constant(
    "repeated_years", "再次处罚的年限", "years within which a second penalty counts", "years", 3, O60.at(15, 5)
)


def repeated(known: Known) -> Facts:
    """Every decision that follows another within three years; on the anniversary they are over."""
    rows = minor_decisions(known).sort_values(["org_id", "decided_on", "decision"], kind="stable", ignore_index=True)
    before = rows.groupby("org_id")[["decided_on", "records"]].shift()
    years = known.read(YEARS, rows["decided_on"])
    second = rows["decided_on"] < years.after(before["decided_on"], plus_years)
    rows, before, years = rows[second], before[second], years.rows(second)
    return facts(
        rows,
        "SL-05",
        rows["decided_on"],
        evidence=[earlier + later for earlier, later in zip(before["records"], rows["records"], strict=True)],
        ends=serious_over(known, rows["decided_on"]),
        alert_until=FOREVER,
        identity=rows["decision"],
        values={"first": before["decided_on"], "second": rows["decided_on"]},
        by=[years, known.read(LARGE_FINE, rows["decided_on"])],
    )


def _two(first: str, second: str = "2025-06-10", *more: Record, **change: Any) -> Rows:
    one = penalty("warning", first, decision_id="D1")
    two = penalty(**{"kind": "warning", "day": second, "decision_id": "D2", **change})
    return given(org(registered="2015-01-08"), one, two, *more)


_YES = ("serious_dishonesty_list recommend_listing SL-05 2025-06-10",)

RULE = Rule(
    id="SL-05",
    zh="{repeated_years}年内两次以上受到警告或者不满{large_fine}罚款处罚",
    en="two or more warnings or fines below {large_fine} within {repeated_years} years",
    citation=O60.at(15, 5),
    flag=SERIOUS,
    facts=repeated,
    reads=("penalties",),
    needs_notice=False,
    parameters=(YEARS, LARGE_FINE, YEARS_SERIOUS),
    clauses=(
        Clause("first_penalty", "{first}第一次受到处罚", "penalised a first time on {first}"),
        Clause(
            "second_penalty",
            "{repeated_years}年内于{second}再次受到处罚",
            "again on {second}, within {repeated_years} years",
        ),
    ),
    cases=(
        Case("a day inside three years", "2025-06-30", _two("2022-06-11"), _YES),
        Case("on the anniversary the three years are over", "2025-06-30", _two("2022-06-10")),
        Case(
            "one decision with two penalties counts once",
            "2025-06-30",
            _two("2025-06-10", decision_id="D1", kind="fine", amount=20_000.0),
        ),
        Case("a warning and a small fine", "2025-06-30", _two("2024-06-10", kind="fine", amount=49_999.99), _YES),
        Case("a large fine is another ground", "2025-06-30", _two("2024-06-10", kind="fine", amount=50_000.0)),
        Case("the first before the Measures does not count", "2018-12-01", _two("2018-01-23", "2018-11-26")),
        Case(
            "the first taken out by an objection",
            "2025-06-30",
            _two("2024-06-10", "2025-06-10", exemption("objection", "PEN1", "2025-06-20")),
        ),
    ),
)
