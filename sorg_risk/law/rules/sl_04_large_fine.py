"""SL-04: a single fine of 50,000 yuan or more (O60 art. 15(4)) 受到5万元以上罚款处罚."""

from __future__ import annotations

from ..facts import FOREVER, Facts, facts
from ..instruments import O60
from ..known import Known
from ..penalties import LARGE_FINE, fines
from ..rule import SERIOUS, Case, Clause, Rule
from ..stays import YEARS_SERIOUS, serious_over
from ..worked import Rows, given, org, penalty


def large_fines(known: Known) -> Facts:
    """Every fine at or above the line; the stay it would have brought is over after two years."""
    rows = fines(known, large=True)
    return facts(
        rows,
        "SL-04",
        rows["decided_on"],
        evidence="penalties",
        ends=serious_over(known, rows["decided_on"]),
        alert_until=FOREVER,
        known_on=rows["known_on"],
        values={"day": rows["decided_on"], "amount": rows["amount"]},
        by=[known.read(LARGE_FINE, rows["decided_on"])],
    )


def _fined(*amounts: float, kind: str = "fine") -> Rows:
    return given(org(), *(penalty(kind, "2025-05-12", amount=amount) for amount in amounts))


RULE = Rule(
    id="SL-04",
    zh="受到{large_fine}以上罚款处罚",
    en="received a single fine of {large_fine} or more",
    citation=O60.at(15, 4),
    flag=SERIOUS,
    facts=large_fines,
    reads=("penalties",),
    needs_notice=False,
    parameters=(LARGE_FINE, YEARS_SERIOUS),
    clauses=(
        Clause(
            "fine",
            "{day}受到罚款{amount}元（{large_fine}元以上）",
            "a fine of {amount} yuan on {day}, {large_fine} or more",
        ),
    ),
    cases=(
        Case(
            "以上 includes the figure",
            "2025-06-30",
            _fined(50_000.0),
            ("serious_dishonesty_list recommend_listing SL-04 2025-05-12",),
        ),
        Case("one fen less is not large", "2025-06-30", _fined(49_999.99)),
        Case("two smaller ones do not add up", "2025-06-30", _fined(30_000.0, 30_000.0)),
        Case("confiscation is not a fine", "2025-06-30", _fined(1_180_000.0, kind="confiscation")),
    ),
)
