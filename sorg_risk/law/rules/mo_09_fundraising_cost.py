"""MO-09: the cost of fundraising (rules of 2026; the draft's 3%, final text not seen: provisional)."""

from __future__ import annotations

from ..accounts import above_cap, of_year
from ..facts import Facts
from ..instruments import SPENDING_2026
from ..known import Known
from ..parameters import ReadOn, constant
from ..rule import ALERT, Case, Clause, Rule
from ..scope import Scope
from ..worked import FD, Rows, given, org, report

CAP = constant(
    "fundraising_cost_cap",
    "募捐成本占当年募捐收入的上限",
    "largest fundraising cost",
    "% of the year's fundraising income",
    3.0,
    SPENDING_2026.at(),
    "U",
    ReadOn.FISCAL_YEAR,
)


def costly(known: Known) -> Facts:
    """Fundraising costs above the cap of the donations received in the year."""
    rows = known.book
    read = of_year(known, CAP, rows)
    return above_cap(rows, "MO-09", read.of(), read, cost="fundraising", of="donations")


def _year(year: int, cost: float) -> Rows:
    return given(
        org(FD, is_charity=True, has_public_fundraising=True),
        report(year, FD, donation_income=1_000_000.0, fundraising_cost=cost),
    )


RULE = Rule(
    id="MO-09",
    zh="募捐成本不超过当年募捐收入的规定比例",
    en="fundraising costs stay within a share of the year's fundraising income",
    citation=SPENDING_2026.at(),
    flag=ALERT,
    facts=costly,
    reads=("filings",),
    scope=Scope(charity=True, fundraising=True),
    certainty="U",
    parameters=(CAP,),
    clauses=(
        Clause(
            "cost",
            "{year}年度募捐成本{cost}元，超过募捐收入{whole}元的{percent}%",
            "fundraising costs of {cost} yuan in {year}, above {percent}% of the {whole} raised",
        ),
    ),
    cases=(
        Case("exactly 3%", "2027-06-30", _year(2026, 30_000.0)),
        Case("above it, provisionally", "2027-06-30", _year(2026, 30_000.01), ("alert attention MO-09 2027-03-10",)),
        Case("interest above the cost", "2027-06-30", _year(2026, -30_000.01)),
        Case("not before the fiscal year 2026", "2026-06-30", _year(2025, 500_000.0)),
    ),
)
