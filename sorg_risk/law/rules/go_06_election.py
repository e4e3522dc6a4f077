"""GO-06, SZ-01: an election overdue: an alert everywhere, for industry associations of Shenzhen a ground for the abnormal list."""

from __future__ import annotations

from typing import Any

from ...calendar.periods import plus_years
from ..absence import day_of
from ..elections import COUNCIL, COUNCIL_TERM, EARLY_MONTHS, TERM_YEARS, overdue
from ..facts import Facts, facts
from ..instruments import CHARTER, CHARTER_SSI, REG_FD, SZ_TRADE
from ..known import Known
from ..parameters import constant
from ..rule import ABNORMAL, ALERT, Case, Clause, Missing, Remedy, Rule
from ..scope import SHENZHEN, Scope
from ..worked import A, clean, filing, given, listing, org, post

POSTPONED = constant(
    "postponement_years", "延期换届的最长年限", "longest postponement of an election", "years", 1, CHARTER.at(), "M"
)


def late_election(known: Known, ground: str) -> Facts:
    """Every term over without an election: since the day after, until one was held."""
    rows = known.once(overdue)
    held = rows["held_on"]
    postponed = known.read(POSTPONED, rows["ended"])
    strong = postponed.after(rows["ended"], plus_years) <= known.today
    return facts(
        rows,
        ground,
        rows["since"],
        evidence=[rows["record"]],
        ends=held,
        alert_until=known.next_report_due(rows["org_id"], held),
        form=held.notna().map({True: "held", False: ""}).where(~strong | held.notna(), "strong").astype("str"),
        values={"ended": rows["ended"], "held": held},
        by=[postponed],
    )


def in_shenzhen(known: Known) -> Facts:
    """The same as a ground of the Regulations of the special zone."""
    return late_election(known, "SZ-01")


def elsewhere(known: Known) -> Facts:
    """The same as an alert."""
    return late_election(known, "GO-06")


_MISSING = (
    Missing("filings", ("election",), after=day_of("ended", -EARLY_MONTHS), columns=("due_on",)),
    Missing("positions", COUNCIL, after=day_of("ended", -EARLY_MONTHS), columns=("term_ends_on",)),
)
_CLAUSES = (
    Clause("term_over", "届期于{ended}届满", "the term was over on {ended}"),
    Clause("no_election", "未按章程换届", "no election was held as the charter requires", ""),
    Clause(
        "over_a_year",
        "超期已满{postponement_years}年",
        "overdue by {postponement_years} years or more",
        "strong",
    ),
    Clause("held_late", "{held}才换届", "it was held only on {held}", "held"),
)
_REMEDY = (Remedy("hold_election", "召开会员（代表）大会或者理事会完成换届并备案", "hold the election and file it"),)
_TERM: dict[str, Any] = {"started": "2020-04-01", "term_ends_on": "2024-03-31"}
_SZ = org(is_industry_association=True)

RULES = (
    Rule(
        id="GO-06",
        zh="届满未按章程换届",
        en="the election is overdue by the charter",
        citation=CHARTER.at(),
        others=(REG_FD.at(20), CHARTER_SSI.at()),
        flag=ALERT,
        facts=elsewhere,
        missing=_MISSING,
        subject="election",
        parameters=(TERM_YEARS, COUNCIL_TERM, POSTPONED),
        certainty="M",
        clauses=_CLAUSES,
        remedies=_REMEDY,
        cases=(
            Case("the last day of the term", "2024-03-31", given(org(), post("chair", **_TERM))),
            Case(
                "the day after",
                "2024-04-01",
                given(org(), post("chair", **_TERM)),
                ("alert attention GO-06 2024-04-01",),
            ),
            Case(
                "held in the last months of the term",
                "2024-06-30",
                given(org(), post("chair", **_TERM), filing("election", "2024-02-01")),
            ),
            Case(
                "the election at the beginning of the term does not count",
                "2024-06-30",
                given(org(), post("chair", **_TERM), filing("election", "2020-04-01")),
                ("alert attention GO-06 2024-04-01",),
            ),
            Case(
                "a new term is on record",
                "2024-06-30",
                given(
                    org(),
                    post("chair", **_TERM),
                    post("chair", person="P2", started="2024-04-01", term_ends_on="2029-03-31"),
                ),
            ),
            Case(
                "an election that was due by a day",
                "2024-06-11",
                given(org(), filing("election", None, due_on="2024-06-07")),
                ("alert attention GO-06 2024-06-08",),
            ),
        ),
    ),
    Rule(
        id="SZ-01",
        zh="深圳经济特区行业协会不按章程规定换届的，载入活动异常名录",
        en="an industry association of Shenzhen that holds no election as its charter requires is put on the abnormal list",
        citation=SZ_TRADE.at(),
        flag=ABNORMAL,
        facts=in_shenzhen,
        missing=_MISSING,
        scope=Scope(industry=True, city=SHENZHEN),
        subject="election",
        instead_of=("GO-06",),
        continuing=True,
        parameters=(TERM_YEARS, COUNCIL_TERM, POSTPONED),
        clauses=_CLAUSES,
        remedies=_REMEDY,
        cases=(
            Case("the last day of the term", "2024-03-31", given(_SZ, post("chair", **_TERM))),
            Case(
                "the day after",
                "2024-04-01",
                given(_SZ, post("chair", **_TERM)),
                ("abnormal_list recommend_listing SZ-01 2024-04-01",),
            ),
            Case("no industry association", "2024-06-30", given(org(), post("chair", **_TERM))),
            Case(
                "held late, never listed",
                "2024-06-30",
                given(_SZ, post("chair", **_TERM), filing("election", "2024-05-20")),
                ("alert attention SZ-01 2024-04-01",),
            ),
            Case(
                "listed, and held since: removal",
                "2024-07-30",
                given(
                    clean(last=2023, is_industry_association=True),
                    post("chair", **_TERM),
                    listing("2024-05-10", "SZ-01"),
                    filing("election", "2024-07-20"),
                ),
                ("abnormal_list listed SZ-01 2024-05-10", "abnormal_list recommend_removal SZ-01 2024-07-20"),
            ),
            Case(
                "the alert of other associations is not raised beside it",
                "2024-06-30",
                given(_SZ, post("chair", **_TERM)),
                shows="GO-06",
            ),
            Case(
                "known by the code, not by the name",
                "2024-06-30",
                given(org(A, is_industry_association=False, name="深圳市某行业协会"), post("chair", **_TERM)),
            ),
        ),
    ),
)
