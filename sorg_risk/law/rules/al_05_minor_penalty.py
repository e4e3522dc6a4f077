"""AL-05: a warning (a), or a fine below 50,000 yuan (b), by any authority (O60 art. 11(5)) 受到警告或者不满5万元罚款处罚."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ...calendar.periods import plus_months
from ..facts import FOREVER, Facts, facts
from ..instruments import O60
from ..known import Known
from ..parameters import Parameter, constant
from ..penalties import LARGE_FINE, fines, penalties
from ..rule import ABNORMAL, Case, Clause, Rule
from ..worked import Rows, clean, given, listing, org, penalty

STAY_WARNING = constant(
    "stay_warning", "因警告列入的期限", "stay on the list for a warning", "months", 6, O60.at(14), "R"
)
STAY_FINE = constant(
    "stay_small_fine", "因小额罚款列入的期限", "stay on the list for a small fine", "months", 6, O60.at(14), "U"
)


def warnings(known: Known) -> Facts:
    """Every warning; the stay it would have brought is over after six months."""
    return _facts("AL-05a", penalties(known, "warning"), STAY_WARNING)


def small_fines(known: Known) -> Facts:
    """Every fine below the line."""
    return _facts("AL-05b", fines(known, large=False), STAY_FINE)


def _facts(ground: str, rows: pd.DataFrame, stay: Parameter[int]) -> Facts:
    return facts(
        rows,
        ground,
        rows["decided_on"],
        evidence="penalties",
        ends=plus_months(rows["decided_on"], stay.values[0].value),
        alert_until=FOREVER,
        known_on=rows["known_on"],
        values={"day": rows["decided_on"], "amount": rows["amount"]},
    )


def _given(kind: str, day: str = "2025-05-12", **more: Any) -> Rows:
    return given(org(registered="2015-01-08"), penalty(kind, day, **more))


RULES = (
    Rule(
        id="AL-05a",
        zh="受到有关部门警告处罚",
        en="received a warning",
        citation=O60.at(11, 5),
        flag=ABNORMAL,
        facts=warnings,
        reads=("penalties",),
        needs_notice=False,
        stay=STAY_WARNING,
        clauses=(Clause("warning", "{day}受到警告", "a warning on {day}"),),
        cases=(
            Case("a warning", "2025-06-30", _given("warning"), ("abnormal_list recommend_listing AL-05a 2025-05-12",)),
            Case("nothing before the Measures", "2018-06-30", _given("warning", "2018-01-23")),
            Case(
                "the first day of the Measures",
                "2018-06-30",
                _given("warning", "2018-01-24"),
                ("abnormal_list recommend_listing AL-05a 2018-01-24",),
            ),
            Case("confiscation is not named", "2025-06-30", _given("confiscation", amount=2_000_000.0)),
            Case(
                "five months and a day: still to be listed",
                "2025-11-11",
                _given("warning"),
                ("abnormal_list recommend_listing AL-05a 2025-05-12",),
            ),
            Case(
                "the six months are over: an alert",
                "2025-11-12",
                _given("warning"),
                ("alert attention AL-05a 2025-05-12",),
            ),
            Case(
                "two warnings share one row",
                "2025-06-30",
                given(org(registered="2015-01-08"), penalty("warning", "2025-02-12"), penalty("warning", "2025-05-12")),
                ("abnormal_list recommend_listing AL-05a 2025-02-12",),
            ),
            Case(
                "listed: not to be recommended again",
                "2025-06-30",
                given(org(), penalty("warning", "2025-05-12"), listing("2025-05-20", "AL-05a")),
                ("abnormal_list listed AL-05a 2025-05-20",),
            ),
            Case(
                "assumed: listed on the day",
                "2025-06-30",
                given(clean(), penalty("warning", "2025-05-12")),
                ("abnormal_list listed AL-05a 2025-05-12",),
                lists="assumed",
            ),
            Case(
                "assumed: off it after six months",
                "2025-11-12",
                given(clean(), penalty("warning", "2025-05-12")),
                lists="assumed",
            ),
        ),
    ),
    Rule(
        id="AL-05b",
        zh="受到有关部门不满5万元罚款处罚",
        en="received a fine below 50,000 yuan",
        citation=O60.at(11, 5),
        flag=ABNORMAL,
        facts=small_fines,
        reads=("penalties",),
        needs_notice=False,
        stay=STAY_FINE,
        parameters=(LARGE_FINE,),
        clauses=(
            Clause(
                "small_fine", "{day}受到罚款{amount}元（不满5万元）", "a fine of {amount} yuan on {day}, below 50,000"
            ),
        ),
        cases=(
            Case(
                "one fen below the line",
                "2025-06-30",
                _given("fine", amount=49_999.99),
                ("abnormal_list recommend_listing AL-05b 2025-05-12",),
            ),
            Case("exactly 50,000 is not below it", "2025-06-30", _given("fine", amount=50_000.0)),
            Case("a fine of nothing is none", "2025-06-30", _given("fine", amount=0.0)),
            Case(
                "removed like a warning, provisionally",
                "2025-11-20",
                given(clean(), penalty("fine", "2025-05-12", amount=20_000.0), listing("2025-05-20", "AL-05b")),
                ("abnormal_list listed AL-05b 2025-05-20", "abnormal_list recommend_removal AL-05b 2025-11-20"),
            ),
        ),
    ),
)
