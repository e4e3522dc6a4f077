"""What a provisional flag rests on: codes that facts carry, and the words an officer reads.

>>> doubted("calendar", "en")
' (provisional: the public-holiday calendar of that year is not published)'
>>> doubted("", "zh")
''
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from .registry import BY_KEY, lapse, parameters, rule_of

FIXED: Final = {
    "notice": ("年度报告通知的印发日期未经核实", "the day of issue of the notice on annual reports is unconfirmed"),
    "calendar": ("当年节假日安排尚未公布", "the public-holiday calendar of that year is not published"),
    "refused": (
        "有关数据行未能采用，所缺材料可能就在其中，应先核对该行",
        "a row that could not be used may be what is missing: look at it first",
    ),
    "vanished": (
        "有关记录以前提供过，现不再提供且未撤回，应先核对",
        "a record delivered earlier is no longer delivered and was not withdrawn: look for it first",
    ),
    "reading:repair": ("信用修复与移出名单的关系", "how credit repair and removal from the list relate"),
    "reading:approval": ("任职是否经批准不在登记信息内", "whether the post was approved is not on record"),
}


def doubted(codes: str, lang: str) -> str:
    """The words put behind a sentence, empty where nothing is in doubt."""
    if not codes:
        return ""
    words = [_words(code)[0 if lang == "zh" else 1] for code in dict.fromkeys(codes.split(";"))]
    return f"（待核实：{'；'.join(words)}）" if lang == "zh" else f" (provisional: {'; '.join(words)})"


@lru_cache(maxsize=256)
def _words(code: str) -> tuple[str, str]:
    """The words of one code: ``calendar``, ``rule:<id>``, ``parameter:<name>``, ``lapsed:<rule key or parameter>`` or a reading."""
    kind, _, name = code.partition(":")
    if kind == "lapsed":
        return _lapsed(name)
    if kind == "rule":
        rule = BY_KEY.get(name) or rule_of(name)
        return f"{rule.id}的条文依据未经核实", f"the text behind {rule.id} is unconfirmed"
    if kind == "parameter":
        parameter = parameters()[name]
        return f"{parameter.zh}未经核实", f"{parameter.en} is unconfirmed"
    return FIXED[code]


def _lapsed(name: str) -> tuple[str, str]:
    """What is said where a text ended and its successor has not been seen."""
    rule = BY_KEY.get(name)
    if rule is not None:
        text, last = rule.citation, lapse(rule)
    else:
        value = max(parameters()[name].values, key=lambda dated: dated.effective_to)
        text, last = value.citation, value.effective_to
    return (
        f"{text.zh}适用至{last}，其后的文本未见，暂按原文本判断",
        f"{text.en} held until {last}; what followed was not seen, and the last text is read on",
    )
