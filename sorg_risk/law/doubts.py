"""What a provisional flag rests on: codes that facts carry, and the words an officer reads.

>>> doubted("calendar", "en")
' (provisional: the public-holiday calendar of that year is not published)'
>>> doubted("", "zh")
''
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from .registry import BY_KEY, RULES, rule_of

FIXED: Final = {
    "notice": ("年度报告通知的印发日期未经核实", "the day of issue of the notice on annual reports is unconfirmed"),
    "calendar": ("当年节假日安排尚未公布", "the public-holiday calendar of that year is not published"),
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
    """The words of one code: ``calendar``, ``rule:<id>``, ``parameter:<name>`` or a reading."""
    kind, _, name = code.partition(":")
    if kind == "rule":
        rule = BY_KEY.get(name) or rule_of(name)
        return f"{rule.id}的条文依据未经核实", f"the text behind {rule.id} is unconfirmed"
    if kind == "parameter":
        zh, en = _parameters()[name]
        return f"{zh}未经核实", f"{en} is unconfirmed"
    return FIXED[code]


@lru_cache(maxsize=1)
def _parameters() -> dict[str, tuple[str, str]]:
    """The words of every parameter a rule names."""
    named = [parameter for rule in RULES for parameter in (*rule.parameters, *((rule.stay,) if rule.stay else ()))]
    return {parameter.name: (parameter.zh, parameter.en) for parameter in named}
