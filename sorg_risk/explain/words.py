"""Sentences for officers: what a feature says, and what that does to the score, in Chinese and English.

The sentence of a feature belongs to its declaration (`sorg_risk.features`); here only the effect in points is added.

>>> effect(-12.34, "en"), effect(12.34, "zh")
('lowers the score by 12.3 points', '使评分提高12.3分')
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import pandas as pd

from ..features import sentence

BASE = {
    "zh": "基准分：{value}分（与良好存续组织的平均水平相比）",
    "en": "base: {value} points, before anything is known of this organisation",
}
REST = {"zh": "其余{count}项指标合计{effect}", "en": "the other {count} features together: {effect}"}
_EFFECT = {
    ("zh", True): "使评分提高{points}分",
    ("zh", False): "使评分降低{points}分",
    ("en", True): "raises the score by {points} points",
    ("en", False): "lowers the score by {points} points",
}


def effect(points: float, lang: str) -> str:
    """What a contribution does to the score, rounded to a tenth of a point (the exact figure stands in the table)."""
    return _EFFECT[lang, points >= 0].format(points=_tenths(abs(points)))


def reason(feature: str, value: Any, points: float, lang: str) -> str:
    """One reason: the feature's sentence, then its effect."""
    said = said_of(feature, value, lang)
    return f"{said}，{effect(points, lang)}" if lang == "zh" else f"{said}: {effect(points, lang)}"


@lru_cache(maxsize=100_000)
def said_of(feature: str, value: Any, lang: str) -> str:
    """The feature's own sentence; cached, since most organisations share most values."""
    return sentence(feature, value, lang)


def shown(value: Any) -> str:
    """A value as text: whole numbers without a point, missing as the empty string.

    >>> shown(5.0), shown(0.25), shown(float("nan")), shown("foundation")
    ('5', '0.25', '', 'foundation')
    """
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or math.isnan(value):
        return ""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _tenths(points: float) -> str:
    return f"{points:.1f}" if points >= 0.05 or points == 0 else "<0.1"
