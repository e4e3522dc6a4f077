"""SL-02: a change registration obtained by fraud and revoked (O60 art. 15(2)) 弄虚作假办理变更登记，被撤销变更登记."""

from __future__ import annotations

from ..facts import FOREVER, Facts, facts
from ..instruments import O60
from ..known import Known
from ..penalties import penalties
from ..rule import SERIOUS, Case, Clause, Rule
from ..stays import YEARS_SERIOUS, serious_over
from ..worked import filing, given, org, penalty


def revoked_changes(known: Known) -> Facts:
    """Every revocation of a change registration; the stay it would have brought is over after two years."""
    rows = penalties(known, "change_revoked")
    return facts(
        rows,
        "SL-02",
        rows["decided_on"],
        evidence="penalties",
        ends=serious_over(known, rows["decided_on"]),
        alert_until=FOREVER,
        known_on=rows["known_on"],
        values={"day": rows["decided_on"]},
    )


_GIVEN = given(org(), penalty("change_revoked", "2025-01-15"))

RULE = Rule(
    id="SL-02",
    zh="弄虚作假办理变更登记，被撤销变更登记",
    en="a change registration obtained by fraud was revoked",
    citation=O60.at(15, 2),
    flag=SERIOUS,
    facts=revoked_changes,
    reads=("penalties",),
    needs_notice=False,
    parameters=(YEARS_SERIOUS,),
    clauses=(Clause("change_revoked", "{day}被撤销变更登记", "the change registration was revoked on {day}"),),
    cases=(
        Case("revoked", "2025-06-30", _GIVEN, ("serious_dishonesty_list recommend_listing SL-02 2025-01-15",)),
        Case(
            "a change registration that stands", "2025-06-30", given(org(), filing("change_registration", "2025-01-15"))
        ),
        Case(
            "a day short of two years",
            "2027-01-14",
            _GIVEN,
            ("serious_dishonesty_list recommend_listing SL-02 2025-01-15",),
        ),
        Case("two years on, never listed: an alert", "2027-01-15", _GIVEN, ("alert attention SL-02 2025-01-15",)),
    ),
)
