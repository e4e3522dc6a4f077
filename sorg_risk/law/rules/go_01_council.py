"""GO-01 to GO-03: the council of a foundation: size, term, meetings, relatives, pay (Regulations on Foundations 20-23)."""

from __future__ import annotations

from typing import Any

from ...calendar.periods import plus_years
from ..facts import Facts, facts, together
from ..instruments import REG_FD
from ..known import Known
from ..parameters import constant
from ..rule import ALERT, Case, Clause, Remedy, Rule
from ..scope import Scope
from ..worked import FD, Rows, given, org, post, report

SIZE = constant("council_size", "理事人数", "council members", "persons", (5, 25), REG_FD.at(20), "R")
TERM = constant("council_term", "理事任期上限", "longest term of a council", "years", 5, REG_FD.at(20), "R")
MEETINGS = constant(
    "council_meetings", "理事会每年会议次数下限", "fewest council meetings a year", "meetings", 2, REG_FD.at(21), "R"
)
THIRD = 3
_FOUNDATION = Scope(types=("foundation",))
_COUNCIL = ("chair", "director", "supervisor")


def council(known: Known) -> Facts:
    """Too few or too many directors, too few meetings by the latest report; terms longer than allowed."""
    rows = known.latest_reports
    least, most = SIZE.values[0].value
    sized = rows.loc[(rows["directors"] < least) | (rows["directors"] > most)].reset_index(drop=True)
    met = rows.loc[rows["council_meetings"] < MEETINGS.values[0].value].reset_index(drop=True)
    posts = known.posts
    longest = plus_years(posts["started_on"], TERM.values[0].value)
    long = posts.loc[posts["role"].isin(_COUNCIL) & (posts["term_ends_on"] > longest)].reset_index(drop=True)
    return together(
        [
            facts(
                sized,
                "GO-01",
                sized["filed_on"],
                evidence="filings",
                form="size",
                values={"year": sized["fiscal_year"].map("{:.0f}".format), "count": sized["directors"]},
            ),
            facts(
                met,
                "GO-01",
                met["filed_on"],
                evidence="filings",
                form="meetings",
                values={"year": met["fiscal_year"].map("{:.0f}".format), "count": met["council_meetings"]},
            ),
            facts(
                long,
                "GO-01",
                long["started_on"],
                evidence="positions",
                form="term",
                values={"day": long["started_on"], "until": long["term_ends_on"]},
            ),
        ]
    )


def relatives(known: Known) -> Facts:
    """Related directors: none in a foundation that raises funds publicly, at most a third in others."""
    rows = known.latest_reports
    raising = known.organizations.set_index("org_id")["has_public_fundraising"].fillna(False).astype(bool)
    public = raising.reindex(rows["org_id"]).to_numpy(dtype=bool)
    too_many = (rows["related_directors"] * THIRD > rows["directors"]) | (public & (rows["related_directors"] > 0))
    rows = rows.loc[too_many].reset_index(drop=True)
    return facts(
        rows,
        "GO-02",
        rows["filed_on"],
        evidence="filings",
        values={
            "year": rows["fiscal_year"].map("{:.0f}".format),
            "count": rows["related_directors"],
            "all": rows["directors"],
        },
    )


def paid(known: Known) -> Facts:
    """More than a third of the directors paid, or a paid supervisor."""
    rows = known.latest_reports
    rows = rows.loc[rows["paid_directors"] * THIRD > rows["directors"]].reset_index(drop=True)
    posts = known.posts
    posts = posts.loc[
        (posts["role"] == "supervisor") & posts["is_paid"].fillna(False).astype(bool) & posts["started_on"].notna()
    ].reset_index(drop=True)
    return together(
        [
            facts(
                rows,
                "GO-03",
                rows["filed_on"],
                evidence="filings",
                form="directors",
                values={
                    "year": rows["fiscal_year"].map("{:.0f}".format),
                    "count": rows["paid_directors"],
                    "all": rows["directors"],
                },
            ),
            facts(
                posts,
                "GO-03",
                posts["started_on"],
                evidence="positions",
                form="supervisor",
                values={"day": posts["started_on"]},
            ),
        ]
    )


def _fd(**figures: Any) -> Rows:
    return given(org(FD), report(2024, FD, **figures))


_MEND = (Remedy("mend_council", "依照章程调整理事会并备案", "bring the council in line with the charter and file it"),)

RULES = (
    Rule(
        id="GO-01",
        zh="基金会理事5至25人，任期不超过5年，理事会每年至少2次",
        en="a foundation has 5 to 25 directors, terms of at most five years, two council meetings a year",
        citation=REG_FD.at(20),
        flag=ALERT,
        facts=council,
        scope=_FOUNDATION,
        parameters=(SIZE, TERM, MEETINGS),
        certainty="R",
        clauses=(
            Clause(
                "council_size",
                "{year}年度理事{count}人，不在5至25人之间",
                "{count} directors in {year}, not 5 to 25",
                "size",
            ),
            Clause(
                "meetings",
                "{year}年度理事会会议{count}次，少于2次",
                "{count} council meetings in {year}, fewer than two",
                "meetings",
            ),
            Clause(
                "term", "{day}至{until}的任期超过5年", "a term from {day} to {until}, longer than five years", "term"
            ),
        ),
        remedies=_MEND,
        cases=(
            Case("five directors, two meetings", "2025-06-30", _fd(directors=5, council_meetings=2)),
            Case("four directors", "2025-06-30", _fd(directors=4), ("alert attention GO-01 2025-03-10",)),
            Case("twenty-five directors", "2025-06-30", _fd(directors=25)),
            Case("twenty-six", "2025-06-30", _fd(directors=26), ("alert attention GO-01 2025-03-10",)),
            Case(
                "one meeting", "2025-06-30", _fd(directors=9, council_meetings=1), ("alert attention GO-01 2025-03-10",)
            ),
            Case("a term of five years", "2025-06-30", given(org(FD), post("chair", FD, term_ends_on="2027-03-01"))),
            Case(
                "a day longer",
                "2025-06-30",
                given(org(FD), post("chair", FD, term_ends_on="2027-03-02")),
                ("alert attention GO-01 2022-03-01",),
            ),
        ),
    ),
    Rule(
        id="GO-02",
        zh="基金会有近亲属关系的理事不得超过三分之一；公募的不得同时任理事",
        en="related directors are at most a third of a foundation's council, and none where it raises funds publicly",
        citation=REG_FD.at(20),
        flag=ALERT,
        facts=relatives,
        reads=("filings",),
        scope=_FOUNDATION,
        certainty="R",
        clauses=(
            Clause(
                "related_directors",
                "{year}年度理事{all}人中有近亲属关系的{count}人",
                "{count} of {all} directors in {year} are related",
            ),
        ),
        remedies=_MEND,
        cases=(
            Case("exactly a third", "2025-06-30", _fd(directors=9, related_directors=3)),
            Case(
                "more than a third",
                "2025-06-30",
                _fd(directors=9, related_directors=4),
                ("alert attention GO-02 2025-03-10",),
            ),
            Case(
                "raising funds publicly: none",
                "2025-06-30",
                given(org(FD, has_public_fundraising=True), report(2024, FD, directors=9, related_directors=2)),
                ("alert attention GO-02 2025-03-10",),
            ),
        ),
    ),
    Rule(
        id="GO-03",
        zh="基金会领取报酬的理事不得超过三分之一，监事不得领取报酬",
        en="at most a third of a foundation's directors are paid, and no supervisor",
        citation=REG_FD.at(20),
        flag=ALERT,
        facts=paid,
        scope=_FOUNDATION,
        certainty="R",
        clauses=(
            Clause(
                "paid_directors",
                "{year}年度理事{all}人中领取报酬的{count}人，超过三分之一",
                "{count} of {all} directors in {year} are paid, more than a third",
                "directors",
            ),
            Clause(
                "paid_supervisor",
                "自{day}任职的监事领取报酬",
                "a supervisor in office since {day} is paid",
                "supervisor",
            ),
        ),
        remedies=_MEND,
        cases=(
            Case("exactly a third", "2025-06-30", _fd(directors=9, paid_directors=3)),
            Case(
                "more than a third",
                "2025-06-30",
                _fd(directors=9, paid_directors=4),
                ("alert attention GO-03 2025-03-10",),
            ),
            Case(
                "a paid supervisor",
                "2025-06-30",
                given(org(FD), post("supervisor", FD, is_paid=True)),
                ("alert attention GO-03 2022-03-01",),
            ),
            Case("a paid secretary-general", "2025-06-30", given(org(FD), post("secretary_general", FD, is_paid=True))),
            Case(
                "out of office",
                "2025-06-30",
                given(org(FD), post("supervisor", FD, is_paid=True, ended_on="2024-03-01", recorded_at="2024-03-01")),
            ),
        ),
    ),
)
