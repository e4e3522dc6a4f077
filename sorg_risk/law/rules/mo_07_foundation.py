"""MO-07, MO-08: the Regulations on Foundations, art. 29: spending of foundations that are no charities, and staff and office costs of all."""

from __future__ import annotations

from typing import Any

from ..accounts import above_cap, below_floor, of_year
from ..facts import Facts, together
from ..instruments import REG_FD
from ..known import Known
from ..money_words import EXPLAIN, floor
from ..parameters import ReadOn, constant
from ..rule import ALERT, Case, Clause, Rule
from ..scope import Scope
from ..worked import FD, Rows, given, org, report

PUBLIC = constant(
    "fd_public_floor",
    "公募基金会支出占上年收入的下限（条例）",
    "least spending of a public foundation (Regulations)",
    "%",
    70.0,
    REG_FD.at(29),
    "R",
    ReadOn.FISCAL_YEAR,
)
NON_PUBLIC = constant(
    "fd_floor",
    "非公募基金会支出占上年基金余额的下限",
    "least spending of a non-public foundation",
    "%",
    8.0,
    REG_FD.at(29),
    "R",
    ReadOn.FISCAL_YEAR,
)
COSTS = constant(
    "fd_costs",
    "工资福利和办公支出占总支出的上限",
    "largest pay and office costs",
    "%",
    10.0,
    REG_FD.at(29),
    "R",
    ReadOn.FISCAL_YEAR,
)


def spending(known: Known) -> Facts:
    """Public foundations below the share of last year's income, others of last year's balance; no averages here."""
    rows = known.book
    orgs = known.organizations.set_index("org_id")["has_public_fundraising"].fillna(False).astype(bool)
    public = orgs.reindex(rows["org_id"]).to_numpy(dtype=bool)
    parts = []
    for mine, parameter, base in ((public, PUBLIC, "income"), (~public, NON_PUBLIC, "net")):
        own = rows.loc[mine].reset_index(drop=True)
        read = of_year(known, parameter, own)
        parts.append(below_floor(own, "MO-07", read.of(), base, by=[read], average=False))
    return together(parts)


def staff_and_office(known: Known) -> Facts:
    """Pay, welfare and office costs above their share of the year's spending."""
    rows = known.book
    read = of_year(known, COSTS, rows)
    return above_cap(rows.assign(costs=rows["pay"] + rows["office"]), "MO-08", read.of(), read, cost="costs")


def _year(last: dict[str, Any], *, public: bool = False, charity: bool = False, **figures: Any) -> Rows:
    orgs = org(FD, has_public_fundraising=public, is_charity=charity)
    return given(orgs, report(2023, FD, **last), report(2024, FD, **figures))


_YES = ("alert attention MO-07 2025-03-10",)

RULES = (
    Rule(
        id="MO-07",
        zh="非慈善组织的基金会：公募的支出不低于上年总收入的{fd_public_floor}%，非公募的不低于上年基金余额的{fd_floor}%",
        en="foundations that are no charities: public ones spend {fd_public_floor}% of last year's income, others {fd_floor}% of last year's balance",
        citation=REG_FD.at(29),
        flag=ALERT,
        facts=spending,
        reads=("filings",),
        scope=Scope(types=("foundation",), charity=False),
        subject="spending_floor",
        parameters=(PUBLIC, NON_PUBLIC),
        clauses=(*floor("income"), *floor("net")),
        remedies=EXPLAIN,
        certainty="R",
        cases=(
            Case("exactly 8%", "2025-06-30", _year({"net_assets": 5_000_000.0}, charitable_spending=400_000.0)),
            Case(
                "one fen less: 7.9999998% is not rounded",
                "2025-06-30",
                _year({"net_assets": 5_000_000.0}, charitable_spending=399_999.99),
                _YES,
            ),
            Case(
                "public: exactly 70%",
                "2025-06-30",
                _year({"total_income": 1_000_000.0}, public=True, charitable_spending=700_000.0),
            ),
            Case(
                "public: one fen less",
                "2025-06-30",
                _year({"total_income": 1_000_000.0}, public=True, charitable_spending=699_999.99),
                _YES,
            ),
            Case(
                "a charity is judged by other rules",
                "2025-06-30",
                _year({"net_assets": 5_000_000.0}, charity=True, charitable_spending=399_999.99),
            ),
            Case("last year's balance unknown", "2025-06-30", _year({}, charitable_spending=1.0)),
        ),
    ),
    Rule(
        id="MO-08",
        zh="基金会工作人员工资福利和行政办公支出不超过当年总支出的{fd_costs}%",
        en="a foundation's pay, welfare and office costs are at most {fd_costs}% of the year's spending",
        citation=REG_FD.at(29),
        flag=ALERT,
        facts=staff_and_office,
        reads=("filings",),
        scope=Scope(types=("foundation",)),
        subject="management_cap",
        parameters=(COSTS,),
        clauses=(
            Clause(
                "costs",
                "{year}年度工资福利和办公支出{cost}元，超过当年总支出{whole}元的{percent}%",
                "pay, welfare and office costs of {cost} yuan in {year}, above {percent}% of the year's spending of {whole}",
                "cap",
            ),
        ),
        remedies=EXPLAIN,
        certainty="R",
        cases=(
            Case(
                "exactly 10%",
                "2025-06-30",
                _year({}, total_spending=1_000_000.0, staff_pay=60_000.0, office_cost=40_000.0),
            ),
            Case(
                "one fen more, in a charity too",
                "2025-06-30",
                _year({}, charity=True, total_spending=1_000_000.0, staff_pay=60_000.0, office_cost=40_000.01),
                ("alert attention MO-08 2025-03-10",),
            ),
            Case(
                "office costs unknown: no alert",
                "2025-06-30",
                _year({}, total_spending=1_000_000.0, staff_pay=600_000.0),
            ),
        ),
    ),
)
