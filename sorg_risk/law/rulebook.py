"""The rulebook in force on a day, for lawyers: Markdown or JSON, each rule with its text, dates and certainty.

>>> rulebook("2017-12-31").splitlines()[-1]
'No rule was in force and promulgated on this day.'
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ..errors import UsageError
from ..records.source import as_day
from .registry import RULES

if TYPE_CHECKING:
    import datetime as dt

    from .rule import Rule

FORMATS: Final = ("md", "json")


def rulebook(on: Any, format: str = "md") -> str:
    """The rules in force and promulgated on a day.

    Parameters
    ----------
    on
        The day.
    format
        ``"md"`` or ``"json"``.

    Raises
    ------
    UsageError
        Another format, or a day that cannot be read.
    """
    if format not in FORMATS:
        raise UsageError.choice("format", format, FORMATS)
    day = as_day(on)
    rules = [rule for rule in RULES if rule.in_force(day) and rule.known_on(day)]
    return _json(rules, day) if format == "json" else _markdown(rules, day)


def _markdown(rules: list[Rule], day: dt.date) -> str:
    head = f"# Rulebook in force on {day} 规则\n"
    if not rules:
        return f"{head}\nNo rule was in force and promulgated on this day."
    return "\n".join([head, *(_section(rule) for rule in rules)])


def _section(rule: Rule) -> str:
    return "\n".join(
        [
            f"## {rule.id} {rule.zh}\n",
            f"{rule.en}\n",
            f"- {rule.citation.zh} · {rule.citation.en}",
            f"- in force from {rule.effective_from}, certainty {rule.certainty}\n",
        ]
    )


def _json(rules: list[Rule], day: dt.date) -> str:
    told = [
        {
            "id": rule.id,
            "flag": rule.flag,
            "zh": rule.zh,
            "en": rule.en,
            "citation_zh": rule.citation.zh,
            "citation_en": rule.citation.en,
            "effective_from": rule.effective_from.isoformat(),
            "certainty": rule.certainty,
        }
        for rule in rules
    ]
    return json.dumps({"on": day.isoformat(), "rules": told}, ensure_ascii=False, indent=2)
