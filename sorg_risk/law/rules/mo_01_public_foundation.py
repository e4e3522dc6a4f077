"""MO-01, MO-02: foundations that may raise funds publicly: 70% of last year's income spent, management fee at most 10% (Charity Law)."""

from __future__ import annotations

from typing import Any

from ..accounts import EXEMPT, NO_AVERAGE, below_floor, fee_above_cap, of_year
from ..facts import Facts
from ..instruments import CHARITY_2016, CHARITY_2023
from ..known import Known
from ..money_words import CAP, EXPLAIN, floor
from ..parameters import Dated, Parameter, ReadOn
from ..rule import ALERT, Case, Rule
from ..scope import Scope
from ..worked import FD, Rows, given, org, report, reports

_OLD, _NEW = CHARITY_2016.at(60), CHARITY_2023.at(61)


def _both(name: str, zh: str, en: str, value: float) -> Parameter[float]:
    """The same figure in the law of 2016 and, renumbered, in that of 2024."""
    before = Dated(value, _OLD, CHARITY_2016.effective_from, CHARITY_2016.effective_to, certainty="R")
    after = Dated(value, _NEW, CHARITY_2023.effective_from, certainty="R")
    return Parameter(name, zh, en, "%", (before, after), ReadOn.FISCAL_YEAR)


FLOOR = _both("public_fd_floor", "公募基金会支出占上年收入的下限", "least spending of a public foundation", 70)
FEE = _both("public_fd_fee", "公募基金会管理费用占总支出的上限", "largest management fee of a public foundation", 10)
_SCOPE = Scope(types=("foundation",), charity=True, fundraising=True)
_FD = org(FD, is_charity=True, has_public_fundraising=True)


def spending(known: Known) -> Facts:
    """Spending below the floor, by last year's income and by the average of three years."""
    rows = known.book
    read = of_year(known, FLOOR, rows)
    return below_floor(rows, "MO-01", read.of(), "income", by=[read])


def management_fee(known: Known) -> Facts:
    """A management fee above the cap."""
    rows = known.book
    read = of_year(known, FEE, rows)
    return fee_above_cap(known, rows, "MO-02", read.of(), read)


def _years(spent: float, *incomes: float, **more: Any) -> Rows:
    """The report of 2024, after years of these incomes (the latest last)."""
    first = 2024 - len(incomes)
    before = [report(first + n, FD, total_income=income) for n, income in enumerate(incomes)]
    return given(_FD, before, report(2024, FD, charitable_spending=spent, **more))


_YES = ("alert attention MO-01 2025-03-10",)
_FEE = ("alert attention MO-02 2025-03-10",)

RULES = (
    Rule(
        id="MO-01",
        zh="公募基金会慈善活动年度支出不低于上年总收入或者前三年收入平均数的{public_fd_floor}%",
        en="a public foundation spends at least {public_fd_floor}% of last year's income, or of the average of three years",
        citation=_OLD,
        flag=ALERT,
        facts=spending,
        missing=NO_AVERAGE,
        reads=("filings",),
        scope=_SCOPE,
        subject="spending_floor",
        parameters=(FLOOR,),
        clauses=floor("income"),
        remedies=EXPLAIN,
        certainty="R",
        cases=(
            Case(
                "under the law of 2016",
                "2022-06-30",
                given(
                    _FD, report(2020, FD, total_income=1_000_000.0), report(2021, FD, charitable_spending=699_999.99)
                ),
                ("alert attention MO-01 2022-03-10",),
            ),
        ),
    ),
    Rule(
        id="MO-01",
        zh="公募基金会慈善活动年度支出不低于上年总收入或者前三年收入平均数的{public_fd_floor}%",
        en="a public foundation spends at least {public_fd_floor}% of last year's income, or of the average of three years",
        citation=_NEW,
        flag=ALERT,
        facts=spending,
        missing=NO_AVERAGE,
        reads=("filings",),
        scope=_SCOPE,
        subject="spending_floor",
        parameters=(FLOOR,),
        clauses=floor("income"),
        remedies=EXPLAIN,
        certainty="R",
        cases=(
            Case("exactly 70% of last year's income", "2025-06-30", _years(700_000.0, 1_000_000.0)),
            Case("one fen less", "2025-06-30", _years(699_999.99, 1_000_000.0), _YES),
            Case(
                "less than last year's, but 70% of the average of three years",
                "2025-06-30",
                _years(560_000.0, 600_000.0, 800_000.0, 1_000_000.0),
            ),
            Case("less than both", "2025-06-30", _years(559_999.99, 600_000.0, 800_000.0, 1_000_000.0), _YES),
            Case("only two years known: no average", "2025-06-30", _years(560_000.0, 600_000.0, 1_000_000.0), _YES),
            Case(
                "last year's income unknown: no alert",
                "2025-06-30",
                given(_FD, reports(2022, 2023, of=FD), report(2024, FD, charitable_spending=1.0)),
            ),
            Case(
                "an older report is not alerted",
                "2026-06-30",
                given(
                    _FD,
                    report(2023, FD, total_income=1_000_000.0),
                    report(2024, FD, charitable_spending=1.0),
                    report(2025, FD),
                ),
            ),
        ),
    ),
    Rule(
        id="MO-02",
        zh="公募基金会年度管理费用不超过当年总支出的{public_fd_fee}%",
        en="a public foundation's management fee is at most {public_fd_fee}% of the year's spending",
        citation=_OLD,
        flag=ALERT,
        facts=management_fee,
        reads=("filings",),
        scope=_SCOPE,
        subject="management_cap",
        beside=("MO-08",),
        parameters=(FEE, EXEMPT),
        clauses=CAP,
        remedies=EXPLAIN,
        certainty="R",
        cases=(
            Case(
                "under the law of 2016",
                "2022-06-30",
                given(_FD, report(2021, FD, total_spending=3_000_000.0, management_fee=300_000.01)),
                ("alert attention MO-02 2022-03-10",),
            ),
        ),
    ),
    Rule(
        id="MO-02",
        zh="公募基金会年度管理费用不超过当年总支出的{public_fd_fee}%",
        en="a public foundation's management fee is at most {public_fd_fee}% of the year's spending",
        citation=_NEW,
        flag=ALERT,
        facts=management_fee,
        reads=("filings",),
        scope=_SCOPE,
        subject="management_cap",
        beside=("MO-08",),
        parameters=(FEE, EXEMPT),
        clauses=CAP,
        remedies=EXPLAIN,
        certainty="R",
        cases=(
            Case("exactly 10%", "2025-06-30", _years(0.0, total_spending=3_000_000.0, management_fee=300_000.0)),
            Case(
                "one fen more", "2025-06-30", _years(0.0, total_spending=3_000_000.0, management_fee=300_000.01), _FEE
            ),
            Case(
                "a fee of 199,999.99 is exempt",
                "2025-06-30",
                _years(0.0, total_spending=300_000.0, management_fee=199_999.99),
            ),
            Case(
                "a fee of 200,000 is not",
                "2025-06-30",
                _years(0.0, total_spending=300_000.0, management_fee=200_000.0),
                _FEE,
            ),
            Case(
                "interest above the fee",
                "2025-06-30",
                _years(0.0, total_spending=3_000_000.0, management_fee=-300_000.01),
            ),
        ),
    ),
)
