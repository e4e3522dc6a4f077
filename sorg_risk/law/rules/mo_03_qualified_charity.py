"""MO-03, MO-06: associations and service institutions that may raise funds publicly (Minfa 2016-189 art. 7); the exemption of art. 11."""

from __future__ import annotations

from typing import Any

from ..accounts import EXEMPT, NO_AVERAGE, below_floor, fee_above_cap, of_year
from ..facts import Facts, together
from ..instruments import SPENDING_2016
from ..known import Known
from ..money_words import CAP, EXPLAIN, floor
from ..parameters import ReadOn, constant
from ..rule import ALERT, Case, Rule
from ..scope import Scope
from ..worked import SSI, Rows, given, org, report

FLOOR = constant(
    "qualified_floor",
    "有资格的社会团体、社会服务机构支出下限",
    "least spending of a qualified charity",
    "%",
    70.0,
    SPENDING_2016.at(7),
    read_on=ReadOn.FISCAL_YEAR,
)
FEE = constant(
    "qualified_fee",
    "有资格的社会团体、社会服务机构管理费用上限",
    "largest management fee of a qualified charity",
    "%",
    13.0,
    SPENDING_2016.at(7),
    read_on=ReadOn.FISCAL_YEAR,
)
_SSI = org(SSI, is_charity=True, has_public_fundraising=True)


def qualified(known: Known) -> Facts:
    """Spending below the share of last year's income (or of three years' average), or a management fee above the cap."""
    rows = known.book
    floors, caps = of_year(known, FLOOR, rows), of_year(known, FEE, rows)
    spent = below_floor(rows, "MO-03", floors.of(), "income", by=[floors])
    return together([spent, fee_above_cap(known, rows, "MO-03", caps.of(), caps)])


def _year(year: int = 2024, **figures: Any) -> Rows:
    return given(_SSI, report(year - 1, SSI, total_income=1_000_000.0), report(year, SSI, **figures))


_YES = ("alert attention MO-03 2025-03-10",)

RULES = (
    Rule(
        id="MO-03",
        zh="具有公开募捐资格的社会团体、社会服务机构：支出不低于上年收入的{qualified_floor}%，管理费用不超过{qualified_fee}%",
        en="associations and service institutions with qualification: spend at least {qualified_floor}% of last year's income, fee at most {qualified_fee}%",
        citation=SPENDING_2016.at(7),
        flag=ALERT,
        facts=qualified,
        missing=NO_AVERAGE,
        reads=("filings",),
        scope=Scope(types=("association", "service_institution"), charity=True, fundraising=True),
        subject="spending_floor",
        parameters=(FLOOR, FEE, EXEMPT),
        clauses=(*floor("income"), *CAP),
        remedies=EXPLAIN,
        cases=(
            Case("exactly 70%", "2025-06-30", _year(charitable_spending=700_000.0)),
            Case("one fen less", "2025-06-30", _year(charitable_spending=699_999.99), _YES),
            Case("a fee of exactly 13%", "2025-06-30", _year(total_spending=2_000_000.0, management_fee=260_000.0)),
            Case("one fen more", "2025-06-30", _year(total_spending=2_000_000.0, management_fee=260_000.01), _YES),
            Case(
                "what followed the text of 2016 was not seen: 2026 is judged by it, provisionally",
                "2027-06-30",
                _year(2026, charitable_spending=1.0),
                ("alert attention MO-03 2027-03-10",),
            ),
        ),
    ),
    Rule(
        id="MO-06",
        zh="年度管理费用低于{small_fee}的，不受比例限制",
        en="a management fee below {small_fee} is exempt from the caps",
        citation=SPENDING_2016.at(11),
        works="money",
        works_zh="在MO-02至MO-05中适用",
        parameters=(EXEMPT,),
        certainty="R",
        cases=(
            Case(
                "199,999.99 of 300,000",
                "2025-06-30",
                _year(total_spending=300_000.0, management_fee=199_999.99),
                shows="MO-",
            ),
            Case(
                "200,000 of 300,000",
                "2025-06-30",
                _year(total_spending=300_000.0, management_fee=200_000.0),
                _YES,
                shows="MO-",
            ),
        ),
    ),
)
