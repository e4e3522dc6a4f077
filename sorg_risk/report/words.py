"""Codes as officers say them: Chinese first, English beside."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

WORDS: Final = MappingProxyType(
    {
        "abnormal_list": ("活动异常名录", "abnormal list"),
        "serious_dishonesty_list": ("严重违法失信名单", "serious dishonesty list"),
        "exit_candidate": ("退出候选", "exit candidate"),
        "alert": ("提示", "alert"),
        "early_warning": ("预警", "early warning"),
        "recommend_listing": ("建议列入", "recommend listing"),
        "listed": ("在册", "listed"),
        "restart": ("重新计算期限", "restart"),
        "recommend_removal": ("建议移出", "recommend removal"),
        "attention": ("关注", "attention"),
        "issue_notice": ("发出告知书", "issue notice"),
        "await_statement": ("等待陈述申辩", "await statement"),
        "decide": ("作出决定", "decide"),
        "list": ("列入", "list"),
        "remove": ("移出", "remove"),
        "inspect": ("检查", "inspect"),
        "none": ("无", "none"),
        "blue": ("蓝", "blue"),
        "yellow": ("黄", "yellow"),
        "orange": ("橙", "orange"),
        "red": ("红", "red"),
        "confirmed": ("复核属实", "confirmed"),
        "false_alarm": ("复核误报", "false alarm"),
        "override": ("人工更改", "overridden"),
        "stable": ("稳定", "stable"),
        "look": ("需留意", "look"),
        "moved": ("明显变化", "moved"),
        "new_data": ("新数据", "new data"),
        "passing_time": ("期限届至", "passing time"),
        "law_change": ("法规变化", "law change"),
        "model_change": ("模型变化", "model change"),
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
