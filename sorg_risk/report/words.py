"""Codes as officers say them: Chinese first, English beside."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from ..explain.dossier.words import CODES
from ..watch.diff import CAUSES

WORDS: Final = MappingProxyType(
    {
        **CODES,
        **CAUSES,
        "confirmed": ("复核属实", "confirmed"),
        "false_alarm": ("复核误报", "false alarm"),
        "override": ("人工更改", "overridden"),
        "stable": ("稳定", "stable"),
        "look": ("需留意", "look"),
        "moved": ("明显变化", "moved"),
        "unknown": ("原因不明", "unknown"),
        "citation": ("依据", "citation"),
        "since": ("起始日", "since"),
        "next_step": ("下一步", "next step"),
        "next_step_due": ("下一步期限", "due day"),
        "provisional": ("暂定与否", "provisional or not"),
        "clears_on": ("期满日", "day it clears"),
        "evidence": ("证据", "evidence"),
    }
)


def zh(code: object) -> str:
    """The Chinese word of a code; an unknown code stays as it is.

    >>> zh("abnormal_list"), zh("AL-01")
    ('活动异常名录', 'AL-01')
    """
    return WORDS.get(str(code), (str(code), ""))[0]


def en(code: object) -> str:
    """The English word of a code."""
    return WORDS.get(str(code), ("", str(code)))[1]
