"""SL-06: on the court's list of dishonest judgment debtors (O60 art. 15(6)) 被列入失信被执行人名单."""

from __future__ import annotations

from ..absence import day_of
from ..facts import Facts, facts
from ..instruments import O60
from ..known import Known
from ..penalties import penalties
from ..rule import SERIOUS, Case, Clause, Missing, Remedy, Rule
from ..worked import clean, given, listing, org, penalty


def court_listed(known: Known) -> Facts:
    """Every entry on the court's list, until the day it left it."""
    rows = penalties(known, "court_dishonest")
    return facts(
        rows,
        "SL-06",
        rows["decided_on"],
        evidence="penalties",
        ends=rows["lifted_on"],
        known_on=rows["known_on"],
        values={"day": rows["decided_on"]},
    )


_COURT = penalty("court_dishonest", "2023-01-15")
_LIFTED = penalty("court_dishonest", "2023-01-15", lifted_on="2025-06-30", recorded_at="2025-06-30")

RULE = Rule(
    id="SL-06",
    zh="被人民法院列入失信被执行人名单",
    en="on the court's list of dishonest judgment debtors",
    citation=O60.at(15, 6),
    flag=SERIOUS,
    facts=court_listed,
    missing=(Missing("penalties", ("court_dishonest",), after=day_of("day")),),
    reads=("penalties",),
    continuing=True,
    needs_notice=False,
    holds=True,
    clauses=(
        Clause("court", "{day}被列入失信被执行人名单，仍在名单", "put on the court's list on {day}, and still on it"),
    ),
    remedies=(
        Remedy(
            "satisfy_judgment",
            "履行生效法律文书，由法院移出名单",
            "satisfy the judgment, so that the court takes it off its list",
        ),
    ),
    cases=(
        Case(
            "on the court's list",
            "2025-06-30",
            given(org(), _COURT),
            ("serious_dishonesty_list recommend_listing SL-06 2023-01-15",),
        ),
        Case("off it on the day", "2025-06-30", given(org(), _LIFTED)),
        Case(
            "still on the court's list: two years do not suffice",
            "2025-06-30",
            given(org(), _COURT, listing("2023-02-01", "SL-06")),
            ("serious_dishonesty_list listed SL-06 2023-02-01",),
        ),
        Case(
            "off the court's list after two full years",
            "2025-06-30",
            given(clean(), _LIFTED, listing("2023-02-01", "SL-06")),
            (
                "serious_dishonesty_list listed SL-06 2023-02-01",
                "serious_dishonesty_list recommend_removal SL-06 2025-06-30",
            ),
        ),
    ),
)
