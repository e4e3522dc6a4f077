"""The rulebook in force on a day, for lawyers: Markdown or JSON, each rule with its text, dates, parameters and certainty.

>>> rulebook("2017-12-31", "json").count('"id": "AL-')
0
>>> rulebook("2026-10-31").splitlines()[0]
'# Rulebook in force on 2026-10-31 · 2026-10-31 有效规则'
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable
from typing import Any, Final

from ..calendar.lines import DUTIES, packaged
from ..errors import UsageError
from ..records.source import as_day
from .instruments import CERTAINTIES, OPEN, Citation
from .parameters import Dated, Parameter
from .registry import RULES
from .rule import ABNORMAL, ALERT, EXIT, SERIOUS, Rule

FORMATS: Final = ("md", "json")
EFFECTS: Final = {
    ABNORMAL: ("列入活动异常名录", "abnormal list"),
    SERIOUS: ("列入严重违法失信名单", "serious-dishonesty list"),
    ALERT: ("提示", "alert"),
    EXIT: ("退出对象", "exit candidate"),
}
WORKS: Final = {
    "person": ("须由人决定", "needs a person"),
    "removal": ("移出", "removal"),
    "lists": ("名单期限", "term of a list"),
    "procedure": ("程序", "procedure"),
    "deadlines": ("期限", "deadline"),
    "money": ("豁免", "exemption"),
    "incentive": ("激励", "incentive"),
}
UNITS: Final = {
    "days": "日",
    "loans": "笔",
    "meetings": "次",
    "member units": "个单位",
    "members": "个",
    "months": "个月",
    "net assets in yuan: % / %": "（净资产，元：支出下限 / 管理费上限）",
    "persons": "人",
    "tiers": "级",
    "working days": "个工作日",
    "years": "年",
    "yuan": "元",
    "% of the year's fundraising income": "%",
}


def rulebook(on: Any, format: str = "md") -> str:
    """The rules in force on a day and promulgated by it.

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
    rules = in_force(day)
    if format == "json":
        told = {"on": day.isoformat(), "rules": [_plain(rule, day) for rule in rules], "deadlines": _deadlines(day)}
        return json.dumps(told, ensure_ascii=False, indent=2)
    head = f"# Rulebook in force on {day} · {day} 有效规则\n"
    return "\n".join([head, *(section(rule, lang=None, day=day) for rule in rules)])


def in_force(day: dt.date) -> list[Rule]:
    """The rules in force and promulgated on a day."""
    return [rule for rule in RULES if rule.in_force(day) and rule.known_on(day)]


def section(rule: Rule, lang: str | None, day: dt.date | None = None) -> str:
    """One rule as Markdown, in one language or both; of its parameters the values of a day, or all."""
    return "\n".join(
        [f"## {rule.id} {_said(rule.zh, rule.en, lang)}\n", *(f"- {line}" for line in _lines(rule, lang, day)), ""]
    )


def _lines(rule: Rule, lang: str | None, day: dt.date | None) -> Iterable[str]:
    label = {"zh": _ZH, "en": _EN}.get(lang or "", _BOTH)
    yield f"{label['effect']}: {_said(*effect(rule), lang)}"
    yield f"{label['citation']}: {_said(rule.citation.zh, rule.citation.en, lang)}"
    if rule.clauses:
        said = [(_blank(clause.zh), _blank(clause.en)) for clause in rule.clauses]
        yield f"{label['facts']}: " + _said("；".join(zh for zh, _ in said), "; ".join(en for _, en in said), lang)
    yield f"{label['scope']}: {_said(rule.scope.words('zh'), rule.scope.words('en'), lang)}"
    until = "" if rule.until == OPEN else rule.until.isoformat()
    yield f"{label['force']}: {rule.since} – {until}".rstrip(" –") + f" ({label['issued']} {rule.promulgated})"
    yield f"{label['certainty']}: {rule.certainty} {_said(*CERTAINTIES[rule.certainty], lang)}, {label['checked']} {rule.checked_on}"
    for parameter in (*rule.parameters, *((rule.stay,) if rule.stay else ())):
        for value in parameter.values:
            if day is None or value.holds(day, day):
                yield f"{label['parameter']}: {_parameter(parameter, value, lang)}"
    if rule.works_zh:
        yield f"{label['works']}: {_said(rule.works_zh, WORKS[rule.works][1], lang)}"
    for relation in ("same_as", "beside", "instead_of"):
        if getattr(rule, relation):
            yield f"{label[relation]}: {', '.join(getattr(rule, relation))}"


def effect(rule: Rule) -> tuple[str, str]:
    """What follows from the rule, in both languages."""
    return EFFECTS[rule.flag] if rule.flag else WORKS[rule.works]


def _parameter(parameter: Parameter[Any], value: Dated[Any], lang: str | None) -> str:
    until = "" if value.effective_to == OPEN else f" – {value.effective_to}"
    cited = _cited(value.citation, lang)
    name = _said(parameter.zh, parameter.en, lang)
    unit = UNITS.get(parameter.unit, parameter.unit) if lang == "zh" else parameter.unit
    return f"{name} = {shown(value.value)} {unit} ({value.effective_from}{until}; {cited}; {value.certainty})"


def _blank(sentence: str) -> str:
    """A sentence with dots where its facts stand."""
    return re.sub(r"\{\w+\}", "…", sentence)


def shown(value: Any) -> str:
    """A value as a lawyer reads it: numbers with thousands, brackets one after another."""
    if hasattr(value, "least"):
        return f"≥ {value.least:,.0f}: {value.floor:g}% / {value.cap:g}%"
    if isinstance(value, tuple):
        return "; ".join(shown(one) for one in value)
    return f"{value:,g}"


def _plain(rule: Rule, day: dt.date) -> dict[str, Any]:
    """A rule as JSON."""
    return {
        "id": rule.id,
        "effect": effect(rule)[1],
        "needs_person": rule.person_decides,
        "zh": rule.zh,
        "en": rule.en,
        "citation": {"zh": rule.citation.zh, "en": rule.citation.en, "instrument": rule.citation.instrument.id},
        "scope": {"zh": rule.scope.words("zh"), "en": rule.scope.words("en")},
        "effective_from": rule.since.isoformat(),
        "effective_to": None if rule.until == OPEN else rule.until.isoformat(),
        "issued": rule.promulgated.isoformat(),
        "certainty": rule.certainty,
        "checked_on": rule.checked_on.isoformat(),
        "needs_notice": rule.needs_notice if rule.flag in (ABNORMAL, SERIOUS) else None,
        "parameters": [
            {
                "name": parameter.name,
                "value": shown(value.value),
                "unit": parameter.unit,
                "citation": value.citation.zh,
                "certainty": value.certainty,
            }
            for parameter in (*rule.parameters, *((rule.stay,) if rule.stay else ()))
            if (value := parameter.find(day)) is not None
        ],
        "cases": [case.story for case in rule.cases],
    }


def _deadlines(day: dt.date) -> list[dict[str, Any]]:
    """Who owes which report by when, as known on a day without the notices of an authority's own."""
    return [
        {
            "duty": line.duty,
            "authority": line.authority,
            "type": line.org_type,
            "charity": line.charity,
            "industry": line.industry,
            "fiscal_years": [None if year in (0, 9998) else year for year in line.years],
            "registered_by": line.registered_by,
            "opens": line.opens,
            "due": line.due,
            "citation": line.zh,
            "known_from": None if line.known_from == dt.date.min else line.known_from.isoformat(),
            "certainty": line.certainty,
        }
        for duty in DUTIES
        for line in packaged(duty)
        if line.known_on(day)
    ]


def _said(zh: str, en: str, lang: str | None) -> str:
    return zh if lang == "zh" else en if lang == "en" else f"{zh} · {en}"


def _cited(citation: Citation, lang: str | None) -> str:
    return citation.en if lang == "en" else citation.zh


_ZH: Final = {
    "effect": "后果",
    "citation": "依据",
    "facts": "事实",
    "scope": "对象",
    "force": "施行",
    "issued": "公布",
    "certainty": "可靠程度",
    "checked": "核对于",
    "parameter": "参数",
    "works": "适用方式",
    "same_as": "与下列规则情形相同",
    "beside": "与下列规则并行",
    "instead_of": "优先于",
}
_EN: Final = {
    "effect": "effect",
    "citation": "text",
    "facts": "facts",
    "scope": "whom",
    "force": "in force",
    "issued": "promulgated",
    "certainty": "certainty",
    "checked": "checked on",
    "parameter": "parameter",
    "works": "applied",
    "same_as": "same situation as",
    "beside": "beside",
    "instead_of": "instead of",
}
_BOTH: Final = {name: f"{_ZH[name]} {_EN[name]}" for name in _EN}
