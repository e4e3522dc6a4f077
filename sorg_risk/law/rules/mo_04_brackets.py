"""MO-04, MO-05: charities without public-fundraising qualification, by brackets of last year's net assets (Minfa 2016-189 art. 8, 9)."""

from __future__ import annotations

from typing import Any

from ..accounts import EXEMPT, NO_AVERAGE, Bracket, below_floor, bracketed, fee_above_cap, of_year
from ..facts import Facts, together
from ..instruments import SPENDING_2016
from ..known import Known
from ..money_words import CAP, EXPLAIN, floor
from ..parameters import Parameter, ReadOn, constant
from ..penalties import FEN
from ..rule import ALERT, Case, Rule
from ..scope import Scope
from ..worked import FD, SSI, Record, Rows, given, org, report

Brackets = tuple[Bracket, ...]

BY_FOUNDATION: Parameter[Brackets] = constant(
    "fd_brackets",
    "无资格基金会的支出下限和管理费用上限",
    "floors and caps of foundations without qualification",
    "net assets in yuan: % / %",
    (Bracket(60_000_000, 6, 12), Bracket(8_000_000, 6, 13), Bracket(4_000_000, 7, 15), Bracket(0, 8, 20)),
    SPENDING_2016.at(8),
    "M",
    ReadOn.FISCAL_YEAR,
)
BY_OTHERS: Parameter[Brackets] = constant(
    "other_brackets",
    "无资格社会团体、社会服务机构的支出下限和管理费用上限",
    "floors and caps of associations and service institutions without qualification",
    "net assets in yuan: % / %",
    (Bracket(10_000_000, 6, 13), Bracket(5_000_000, 7, 14), Bracket(1_000_000, 8, 15), Bracket(0, 8, 20)),
    SPENDING_2016.at(9),
    "R",
    ReadOn.FISCAL_YEAR,
)
SMALL = constant(
    "small_charity",
    "另须支出上年收入一半的净资产上限",
    "net assets below which half the income must be spent too",
    "yuan",
    1_000_000,
    SPENDING_2016.at(9, 4),
    "R",
    ReadOn.FISCAL_YEAR,
)
HALF = constant(
    "half_income",
    "净资产低于该上限的支出占上年收入的下限",
    "least share of last year's income below that line",
    "%",
    50.0,
    SPENDING_2016.at(9, 4),
    "R",
    ReadOn.FISCAL_YEAR,
)


def foundations(known: Known) -> Facts:
    """Foundations below the floor or above the cap of their bracket."""
    return _by_bracket(known, "MO-04", BY_FOUNDATION)


def others(known: Known) -> Facts:
    """Associations and service institutions; the smallest must spend half of last year's income too."""
    rows = known.book
    share, line = of_year(known, HALF, rows), of_year(known, SMALL, rows)
    small = share.of().where(rows["net_1"] < line.of() * FEN)
    half = below_floor(rows, "MO-05", small, "income", by=[share, line])
    return together([_by_bracket(known, "MO-05", BY_OTHERS), half])


def _by_bracket(known: Known, ground: str, parameter: Parameter[Brackets]) -> Facts:
    rows = known.book
    read = of_year(known, parameter, rows)
    floors, caps = bracketed(rows["net_1"], read)
    spent = below_floor(rows, ground, floors, "net", by=[read])
    return together([spent, fee_above_cap(known, rows, ground, caps, read)])


def _case(of: str, net: float, **figures: Any) -> Rows:
    income = figures.pop("income", None)
    last: Record = report(2023, of, net_assets=net, total_income=income)
    return given(org(of, is_charity=True), last, report(2024, of, **figures))


def _pairs(of: str, ground: str, net: float, floor_: float, cap: float) -> tuple[Case, ...]:
    """Just inside and just outside of a bracket's floor and cap."""
    yes = (f"alert attention {ground} 2025-03-10",)
    least, spent = net * floor_ / 100, 10_000_000.0
    told = f"net assets of {net:,.2f}"
    return (
        Case(f"{told}: exactly {floor_}%", "2025-06-30", _case(of, net, charitable_spending=least)),
        Case(f"{told}: one fen below {floor_}%", "2025-06-30", _case(of, net, charitable_spending=least - 0.01), yes),
        Case(
            f"{told}: a fee of exactly {cap}%",
            "2025-06-30",
            _case(of, net, total_spending=spent, management_fee=spent * cap / 100),
        ),
        Case(
            f"{told}: one fen above {cap}%",
            "2025-06-30",
            _case(of, net, total_spending=spent, management_fee=spent * cap / 100 + 0.01),
            yes,
        ),
    )


RULES = (
    Rule(
        id="MO-04",
        zh="不具有公开募捐资格的慈善基金会：支出下限和管理费用上限按上年末净资产分档",
        en="charitable foundations without qualification: floor and cap by brackets of last year's net assets",
        citation=SPENDING_2016.at(8),
        flag=ALERT,
        facts=foundations,
        missing=NO_AVERAGE,
        reads=("filings",),
        scope=Scope(types=("foundation",), charity=True, fundraising=False),
        subject="spending_floor",
        parameters=(BY_FOUNDATION, EXEMPT),
        clauses=(*floor("net"), *CAP),
        remedies=EXPLAIN,
        cases=(
            *_pairs(FD, "MO-04", 60_000_000.0, 6, 12),
            *_pairs(FD, "MO-04", 59_999_900.0, 6, 13),
            *_pairs(FD, "MO-04", 8_000_000.0, 6, 13),
            *_pairs(FD, "MO-04", 7_999_900.0, 7, 15),
            *_pairs(FD, "MO-04", 4_000_000.0, 7, 15),
            *_pairs(FD, "MO-04", 3_999_900.0, 8, 20),
            Case(
                "below last year's share, but not below the average's",
                "2025-06-30",
                given(
                    org(FD, is_charity=True),
                    report(2021, FD, net_assets=1_000_000.0),
                    report(2022, FD, net_assets=1_000_000.0),
                    report(2023, FD, net_assets=3_000_000.0),
                    report(2024, FD, charitable_spending=140_000.0),
                ),
            ),
        ),
    ),
    Rule(
        id="MO-05",
        zh="不具有公开募捐资格的慈善社会团体、社会服务机构：支出下限和管理费用上限按上年末净资产分档",
        en="charitable associations and service institutions without qualification: floor and cap by brackets of last year's net assets",
        citation=SPENDING_2016.at(9),
        flag=ALERT,
        facts=others,
        missing=NO_AVERAGE,
        reads=("filings",),
        scope=Scope(types=("association", "service_institution"), charity=True, fundraising=False),
        subject="spending_floor",
        parameters=(BY_OTHERS, SMALL, HALF, EXEMPT),
        clauses=(*floor("net"), *floor("income"), *CAP),
        remedies=EXPLAIN,
        certainty="R",
        cases=(
            *_pairs(SSI, "MO-05", 10_000_000.0, 6, 13),
            *_pairs(SSI, "MO-05", 9_999_900.0, 7, 14),
            *_pairs(SSI, "MO-05", 5_000_000.0, 7, 14),
            *_pairs(SSI, "MO-05", 4_999_900.0, 8, 15),
            *_pairs(SSI, "MO-05", 1_000_000.0, 8, 15),
            *_pairs(SSI, "MO-05", 999_900.0, 8, 20),
            Case(
                "small: 8% of the net assets, and half of the income",
                "2025-06-30",
                _case(SSI, 900_000.0, charitable_spending=500_000.0, income=1_000_000.0),
            ),
            Case(
                "small: not half of the income",
                "2025-06-30",
                _case(SSI, 900_000.0, charitable_spending=499_999.99, income=1_000_000.0),
                ("alert attention MO-05 2025-03-10",),
            ),
            Case(
                "not small: half of the income is not asked",
                "2025-06-30",
                _case(SSI, 1_000_000.0, charitable_spending=400_000.0, income=1_000_000.0),
            ),
        ),
    ),
)
