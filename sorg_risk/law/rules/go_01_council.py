"""GO-01 to GO-03: the council of a foundation: size, term, meetings, relatives, pay (Regulations on Foundations 20-23)."""

from __future__ import annotations

from fractions import Fraction
from operator import attrgetter, itemgetter
from typing import Any

import pandas as pd

from ...calendar.periods import plus_years, year_day
from ..elections import COUNCIL_TERM
from ..facts import Facts, facts, together
from ..instruments import REG_FD
from ..known import Known
from ..parameters import Reading, ReadOn, constant
from ..rule import ALERT, Case, Clause, Remedy, Rule
from ..scope import Scope
from ..worked import FD, Rows, given, org, post, report

SIZE = constant(
    "council_size", "理事人数（下限、上限）", "council members (fewest, most)", "persons", (5, 25), REG_FD.at(20), "R"
)
MEETINGS = constant(
    "council_meetings",
    "理事会每年会议次数下限",
    "fewest council meetings a year",
    "meetings",
    2,
    REG_FD.at(21),
    "R",
    ReadOn.FISCAL_YEAR,
)
RELATED = constant(
    "related_directors_share",
    "有近亲属关系的理事占比上限",
    "largest share of related directors",
    "of the directors",
    Fraction(1, 3),
    REG_FD.at(20),
    "R",
)
PAID = constant(
    "paid_directors_share",
    "领取报酬的理事占比上限",
    "largest share of paid directors",
    "of the directors",
    Fraction(1, 3),
    REG_FD.at(20),
    "R",
)
_FOUNDATION = Scope(types=("foundation",))
_COUNCIL = ("chair", "director", "supervisor")


def council(known: Known) -> Facts:
    """Too few or too many directors, too few meetings by the latest report; terms longer than allowed."""
    rows = known.latest_reports
    size, fewest = known.read(SIZE, rows["filed_on"]), known.read(MEETINGS, year_day(rows["fiscal_year"], "12-31"))
    odd = (rows["directors"] < size.of(itemgetter(0))) | (rows["directors"] > size.of(itemgetter(1)))
    few = rows["council_meetings"] < fewest.of()
    sized, met = rows.loc[odd].reset_index(drop=True), rows.loc[few].reset_index(drop=True)
    posts = known.posts
    term = known.read(COUNCIL_TERM, posts["started_on"])
    over = posts["role"].isin(_COUNCIL) & (posts["term_ends_on"] > term.after(posts["started_on"], plus_years))
    long = posts.loc[over].reset_index(drop=True)
    return together(
        [
            facts(
                sized,
                "GO-01",
                sized["filed_on"],
                evidence="filings",
                form="size",
                values={"year": sized["fiscal_year"].map("{:.0f}".format), "count": sized["directors"]},
                by=[size.rows(odd)],
            ),
            facts(
                met,
                "GO-01",
                met["filed_on"],
                evidence="filings",
                form="meetings",
                values={"year": met["fiscal_year"].map("{:.0f}".format), "count": met["council_meetings"]},
                by=[fewest.rows(few)],
            ),
            facts(
                long,
                "GO-01",
                long["started_on"],
                evidence="positions",
                form="term",
                values={"day": long["started_on"], "until": long["term_ends_on"]},
                by=[term.rows(over)],
            ),
        ]
    )


def relatives(known: Known) -> Facts:
    """Related directors: none in a foundation that raises funds publicly, at most a third in others."""
    rows = known.latest_reports
    raising = known.organizations.set_index("org_id")["has_public_fundraising"].fillna(False).astype(bool)
    public = raising.reindex(rows["org_id"]).to_numpy(dtype=bool)
    share = known.read(RELATED, rows["filed_on"])
    too_many = _above(rows["related_directors"], share, rows["directors"]) | (public & (rows["related_directors"] > 0))
    rows, share = rows.loc[too_many].reset_index(drop=True), share.rows(too_many)
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
        by=[share],
    )


def _above(part: pd.Series, share: Reading[Fraction], of: pd.Series) -> pd.Series:
    """Whether a count is above a share of another, without rounding."""
    above: pd.Series = part * share.of(attrgetter("denominator")) > of * share.of(attrgetter("numerator"))
    return above


def paid(known: Known) -> Facts:
    """More than a third of the directors paid, or a paid supervisor."""
    rows = known.latest_reports
    share = known.read(PAID, rows["filed_on"])
    above = _above(rows["paid_directors"], share, rows["directors"])
    rows, share = rows.loc[above].reset_index(drop=True), share.rows(above)
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
                by=[share],
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
        zh="基金会理事人数（下限、上限）{council_size}，任期不超过{council_term}年，理事会每年至少{council_meetings}次",
        en="directors of a foundation (fewest, most) {council_size}, terms of at most {council_term} years, {council_meetings} council meetings a year",
        citation=REG_FD.at(20),
        flag=ALERT,
        facts=council,
        scope=_FOUNDATION,
        parameters=(SIZE, COUNCIL_TERM, MEETINGS),
        certainty="R",
        clauses=(
            Clause(
                "council_size",
                "{year}年度理事{count}人，不在{council_size_1}至{council_size_2}人之间",
                "{count} directors in {year}, not {council_size_1} to {council_size_2}",
                "size",
            ),
            Clause(
                "meetings",
                "{year}年度理事会会议{count}次，少于{council_meetings}次",
                "{count} council meetings in {year}, fewer than {council_meetings}",
                "meetings",
            ),
            Clause(
                "term",
                "{day}至{until}的任期超过{council_term}年",
                "a term from {day} to {until}, longer than {council_term} years",
                "term",
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
        zh="基金会有近亲属关系的理事不得超过理事人数的{related_directors_share}；公募的不得同时任理事",
        en="related directors are at most {related_directors_share} of a foundation's council, and none where it raises funds publicly",
        parameters=(RELATED,),
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
        zh="基金会领取报酬的理事不得超过理事人数的{paid_directors_share}，监事不得领取报酬",
        en="at most {paid_directors_share} of a foundation's directors are paid, and no supervisor",
        parameters=(PAID,),
        citation=REG_FD.at(20),
        flag=ALERT,
        facts=paid,
        scope=_FOUNDATION,
        certainty="R",
        clauses=(
            Clause(
                "paid_directors",
                "{year}年度理事{all}人中领取报酬的{count}人，超过上限",
                "{count} of {all} directors in {year} are paid, more than allowed",
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
