"""Sentences for officers: what a feature says, how it compares, and what it does to the score, in Chinese and English.

The sentence of a feature belongs to its declaration (`sorg_risk.features`); here the comparison and the effect in points are added.

>>> effect(-12.34, "en"), effect(12.34, "zh"), effect(-0.001, "en")
('lowers the score by 12.3 points', '使评分提高12.3分', 'lowers the score by less than 0.1 points')
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..features import CATALOGUE, sentence
from ..law.registry import RULES
from ..law.trace import ASSUMED, LISTED, NOT_LISTED, ON_LIST, OVER
from .table import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..law.rule import Clause
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
OF_DECISIONS: Final = (LISTED, ASSUMED, ON_LIST, NOT_LISTED, OVER)
"""Clauses that belong to no rule of their own."""
_VALUE: Final = re.compile(r"\{value\}(?:种|类|个年度|[件次天笔人份个项条元])?")
_NAMED: Final = re.compile(r"\{[^}]*\}")
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


def comparisons(standing: Standing) -> tuple[NDArray[np.int64], dict[str, list[str]]]:
    """Where values stand among their peers: for each row which text says it, and the texts in both languages.

    >>> from sorg_risk.explain.peers import Standing
    >>> which, texts = comparisons(Standing(*np.array([[0.971, 0.0, np.nan], [0.02, 0.8, np.nan], [0.009, 0.2, np.nan]])))
    >>> [texts["en"][i] for i in which]
    [' (higher than 97% of its peers)', ' (the same as 80% of its peers)', '']
    """
    shares = np.nan_to_num(np.stack(standing))
    place = np.argmax(shares > 0.5, axis=0)  # of smaller, equal and larger, the one that most are
    most = np.take_along_axis(shares, place[None, :], axis=0)[0]
    percent = (most * 100 + 1e-9).astype(np.int64)  # never rounded up: 99.6 % of the peers is not everybody
    unsaid = np.isnan(standing.below)
    key = np.where(unsaid, -1, np.where(most > 0.5, place * 101 + percent, 303))
    keys, which = np.unique(key, return_inverse=True)
    return which.astype(np.int64), {lang: [_comparison(k, lang) for k in keys.tolist()] for lang in ("zh", "en")}


def _comparison(key: int, lang: str) -> str:
    if key < 0:
        return ""
    return _COMPARED[lang, ("above", "same", "below", "middle")[key // 101]].format(share=f"{key % 101}%")


def effect(points: float, lang: str) -> str:
    """What a contribution does to the score, to a tenth of a point (the exact figure stands in the table)."""
    size = abs(points)
    return _EFFECT[lang, points >= 0].format(points=_LITTLE[lang] if 0 < size < SMALLEST else f"{size:.1f}")


def title(feature: str, lang: str) -> str:
    """A short name of a feature for the axis of a plot: its sentence without the value. Outside the catalogue, the name itself.

    >>> title("complaints_90d", "zh"), title("complaints_90d", "en"), title("my_own", "zh")
    ('近90天收到投诉举报', 'complaints received within 90 days', 'my_own')
    """
    if feature not in CATALOGUE:
        return feature
    text = CATALOGUE[feature].zh if lang == "zh" else CATALOGUE[feature].en
    return _VALUE.sub("", text).strip("：:，, ")


def clause_title(code: str, lang: str) -> str:
    """A short name of a fact of a rule: its sentence without what changes from case to case. An unknown code stays as it is.

    >>> clause_title("on_list", "zh"), clause_title("unheard_of", "en")
    ('其时已在', 'unheard_of')
    """
    clause = _clauses().get(code)
    if clause is None:
        return code
    return _NAMED.sub("…", clause.zh if lang == "zh" else clause.en).strip("…，, ")


@cache
def _clauses() -> dict[str, Clause]:
    """Every clause of the rulebook by code; where several rules share a code, the first."""
    of_rules = [clause for rule in reversed(RULES) for clause in reversed(rule.clauses)]
    return {clause.code: clause for clause in [*of_rules, *OF_DECISIONS]}


def without_effect(text: str, lang: str) -> str:
    """A sentence without what the contribution does to the score, for places where a number or a bar says it.

    >>> without_effect("complaints received within 90 days: 3: lowers the score by 12.3 points", "en")
    'complaints received within 90 days: 3'
    """
    return text.rsplit(LINK[lang], 1)[0]


def rest(count: int, effect: str, lang: str) -> str:
    """The line of all features that are not named."""
    several = effect.replace("raises", "raise").replace("lowers", "lower") if count > 1 else effect
    return _REST[lang][count > 1].format(count=count, effect=several)
