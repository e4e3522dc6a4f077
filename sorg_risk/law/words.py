"""Figures of the law in words: money as money, periods and shares as numbers, brackets line by line.

>>> money(2_000_000, "zh"), money(49_999.5, "en")
('200万元', '49,999.50 yuan')
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .parameters import Dated, Parameter

YUAN: Final = "yuan"
WAN: Final = 10_000
UNITS: Final = {
    "days": "日",
    "loans": "笔",
    "meetings": "次",
    "member units": "个单位",
    "members": "个",
    "months": "个月",
    "of the directors": "（占理事人数）",
    "persons": "人",
    "tiers": "级",
    "working days": "个工作日",
    "years": "年",
    "% of the year's fundraising income": "%（占当年募捐收入）",
    "month-day": "",
    "months by class": "个月（最短至最长）",
}
CLASSES: Final = {"minor": "轻微", "general": "一般", "serious": "严重"}


def money(amount: float, lang: str) -> str:
    """An amount in yuan, in Chinese by ten thousands where they are whole."""
    if lang == "zh" and amount and amount % WAN == 0:
        return f"{amount / WAN:,.0f}万元"
    return f"{plain_money(amount)}{'元' if lang == 'zh' else ' yuan'}"


def plain_money(amount: float) -> str:
    """The digits of an amount: thousands parted, fen only where there are any.

    >>> plain_money(2_000_000), plain_money(0.5)
    ('2,000,000', '0.50')
    """
    return f"{amount:,.2f}".removesuffix(".00")


def figure(parameter: Parameter[Any], dated: Dated[Any], lang: str) -> str:
    """A value within a sentence, without its unit unless it is money."""
    value = dated.value
    if parameter.unit == YUAN and not isinstance(value, tuple):
        return money(value, lang)
    return shown(value, parameter.unit)


def shown(value: Any, unit: str = "") -> str:
    """A value as a lawyer reads it: money with thousands, brackets one after another."""
    if hasattr(value, "least"):
        return f"≥ {plain_money(value.least)}: {value.floor:g}% / {value.cap:g}%"
    if isinstance(value, dict):
        return "; ".join(f"{name} {least}–{most}" for name, (least, most) in value.items())
    if isinstance(value, tuple):
        return "; ".join(shown(one, unit) for one in value)
    if isinstance(value, str | Fraction):
        return str(value)
    return plain_money(value) if unit == YUAN else f"{value:,g}"


def with_unit(value: Any, unit: str, lang: str) -> str:
    """A value with its unit behind it."""
    if unit == YUAN:
        return f"{shown(value, unit)} {'元' if lang == 'zh' else 'yuan'}"
    if hasattr(value, "least") or (isinstance(value, tuple) and hasattr(value[0], "least")):
        head = (
            "净资产（元）：支出下限 / 管理费上限 "
            if lang == "zh"
            else "net assets in yuan: least spending / largest fee "
        )
        return head + shown(value)
    told = shown(value, unit)
    if lang == "zh":
        for name, zh in CLASSES.items():
            told = told.replace(name, zh)
    return f"{told} {UNITS.get(unit, unit) if lang == 'zh' else unit}".rstrip()
