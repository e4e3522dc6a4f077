"""AL-05: a warning (a), or a fine below 50,000 yuan (b), by any authority (O60 art. 11(5)) 受到警告或者不满5万元罚款处罚."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ...calendar.periods import plus_months
from ..facts import FOREVER, Facts, facts
from ..instruments import O60
from ..known import Known
from ..parameters import Parameter, Reading
from ..penalties import LARGE_FINE, fines, penalties
from ..rule import ABNORMAL, Case, Clause, Rule
from ..stays import STAY_FINE, STAY_WARNING
from ..worked import Rows, clean, given, listing, org, penalty


def warnings(known: Known) -> Facts:
    """Every warning, until the stay it would have brought is over."""
    return _facts(known, "AL-05a", penalties(known, "warning"), STAY_WARNING)


def small_fines(known: Known) -> Facts:
    """Every fine below the line."""
    rows = fines(known, large=False)
    return _facts(known, "AL-05b", rows, STAY_FINE, [known.read(LARGE_FINE, rows["decided_on"])])


def _facts(
    known: Known, ground: str, rows: pd.DataFrame, stay: Parameter[int], by: Sequence[Reading[Any]] = ()
) -> Facts:
    """A penalty brings a stay from the day of its decision, by the law of that day."""
    return facts(
        rows,
        ground,
        rows["decided_on"],
        evidence="penalties",
        ends=known.read(stay, rows["decided_on"]).after(rows["decided_on"], plus_months),
        alert_until=FOREVER,
        known_on=rows["known_on"],
        values={"day": rows["decided_on"], "amount": rows["amount"]},
        by=by,
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
        zh="受到有关部门不满{large_fine}罚款处罚",
        en="received a fine below {large_fine}",
        citation=O60.at(11, 5),
        flag=ABNORMAL,
        facts=small_fines,
        reads=("penalties",),
        needs_notice=False,
        stay=STAY_FINE,
        parameters=(LARGE_FINE,),
        clauses=(
            Clause(
                "small_fine",
                "{day}受到罚款{amount}元（不满{large_fine}元）",
                "a fine of {amount} yuan on {day}, below {large_fine}",
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
