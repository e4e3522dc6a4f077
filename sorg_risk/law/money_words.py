"""Sentences that the spending rules share: one form for each way of falling short."""

from __future__ import annotations

from typing import Final

from .rule import Clause, Remedy

_SPENT_ZH: Final = "{year}年度慈善活动支出{spent}元，低于上年{base_zh}{base}元的{percent}%（{floor}元）"
_SPENT_EN: Final = (
    "charitable spending of {spent} yuan in {year}, below {percent}% of last year's {base_en} of {base} ({floor})"
)
_AVERAGE: Final = ("也低于前三年平均的{percent}%", "and below {percent}% of the average of the three years before")


def floor(base: str) -> tuple[Clause, ...]:
    """Clauses of a floor measured on ``income`` or ``net``."""
    return (
        Clause("below_floor", _SPENT_ZH, _SPENT_EN, f"{base}_floor"),
        Clause("below_floor", _SPENT_ZH, _SPENT_EN, f"{base}_floor_average"),
        Clause("below_average", *_AVERAGE, f"{base}_floor_average"),
    )


CAP: Final = (
    Clause(
        "above_cap",
        "{year}年度管理费用{cost}元，超过当年总支出{whole}元的{percent}%",
        "a management fee of {cost} yuan in {year}, above {percent}% of the year's spending of {whole}",
        "cap",
    ),
)
EXPLAIN: Final = (
    Remedy(
        "explain_spending",
        "向登记管理机关书面说明，并在本年度达到标准",
        "explain in writing, and meet the standard this year",
    ),
)
