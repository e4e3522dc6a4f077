"""Sentences for officers: what a feature says, how it compares, and what it does to the score, in Chinese and English.

The sentence of a feature belongs to its declaration (`sorg_risk.features`); here the comparison and the effect in points are added.

>>> effect(-12.34, "en"), effect(12.34, "zh"), effect(-0.001, "en")
('lowers the score by 12.3 points', '使评分提高12.3分', 'lowers the score by less than 0.1 points')
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..features import CATALOGUE, sentence
from .table import shown

if TYPE_CHECKING:
    from .peers import Standing

BASE = {
    "zh": "基准：对该组织一无所知时为{value}分",
    "en": "reference: {value} points before anything is known of this organisation",
}
BASE_COMPARED = {
    "zh": "基准：状况良好组织的平均分{value}分",
    "en": "reference: {value} points, the mean of organisations in good standing",
}
LINK = {"zh": "，", "en": ": "}
SMALLEST = 0.05
"""A smaller effect in points is said to be less than a tenth."""

_EFFECT = {
    ("zh", True): "使评分提高{points}分",
    ("zh", False): "使评分降低{points}分",
    ("en", True): "raises the score by {points} points",
    ("en", False): "lowers the score by {points} points",
}
_LITTLE = {"zh": "不到0.1", "en": "less than 0.1"}
_REST = {
    "zh": ("其余{count}项指标，{effect}", "其余{count}项指标合计，{effect}"),
    "en": ("the one other feature: {effect}", "the other {count} features together: {effect}"),
}
_COMPARED = {
    ("zh", "above"): "（高于{share}的同类组织）",
    ("zh", "below"): "（低于{share}的同类组织）",
    ("zh", "same"): "（与{share}的同类组织相同）",
    ("zh", "middle"): "（居同类组织中游）",
    ("en", "above"): " (higher than {share} of its peers)",
    ("en", "below"): " (lower than {share} of its peers)",
    ("en", "same"): " (the same as {share} of its peers)",
    ("en", "middle"): " (in the middle of its peers)",
}
_PLAIN = {"zh": "{name}为{value}", "en": "{name} is {value}"}
_MISSING = {"zh": "缺失", "en": "missing"}


def said(feature: str, value: Any, lang: str) -> str:
    """The feature's own sentence; a feature outside the catalogue is named with its value.

    >>> said("complaints_90d", 3.0, "zh"), said("my_own", 2.5, "en"), said("my_own", None, "zh")
    ('近90天收到投诉举报3件', 'my_own is 2.5', 'my_own为缺失')
    """
    if feature in CATALOGUE:
        return sentence(feature, value, lang)
    return _PLAIN[lang].format(name=feature, value=shown(value) or _MISSING[lang])


def compared(standing: Standing | None, lang: str) -> str:
    """Where the value stands among peers, in brackets; nothing where nothing can be compared.

    >>> from sorg_risk.explain.peers import Standing
    >>> compared(Standing(0.971, 0.02, 0.009), "en"), compared(Standing(0.0, 0.8, 0.2), "zh")
    (' (higher than 97% of its peers)', '（与80%的同类组织相同）')
    """
    if standing is None:
        return ""
    how, share = _place(standing)
    return _COMPARED[lang, how].format(share=_percent(share))


def effect(points: float, lang: str) -> str:
    """What a contribution does to the score, to a tenth of a point (the exact figure stands in the table)."""
    size = abs(points)
    return _EFFECT[lang, points >= 0].format(points=_LITTLE[lang] if 0 < size < SMALLEST else f"{size:.1f}")


def rest(count: int, effect: str, lang: str) -> str:
    """The line of all features that are not named."""
    return _REST[lang][count > 1].format(count=count, effect=effect)


def _place(standing: Standing) -> tuple[str, float]:
    """The strongest thing that can be said truthfully."""
    if standing.below > 0.5:
        return "above", standing.below
    if standing.above > 0.5:
        return "below", standing.above
    if standing.equal > 0.5:
        return "same", standing.equal
    return "middle", 0.0


def _percent(share: float) -> str:
    """Whole percents, never rounded up to all: 99.6 % of the peers is not everybody.

    >>> _percent(0.999), _percent(1.0), _percent(0.5049)
    ('99%', '100%', '50%')
    """
    return f"{int(share * 100 + 1e-9)}%"
