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
from .parameters import TRANSITIONS, Dated, Parameter
from .registry import RULES, applied, lapse
from .rule import ABNORMAL, ALERT, EXIT, SERIOUS, Rule
from .scope import TYPES, Scope
from .words import shown, with_unit

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


LAPSED: Final = (
    "适用至{day}，其后的文本未见；此后的事项暂按原文本判断，均待核实",
    "held until {day}; what followed was not seen; later events are judged by the last text, provisionally",
)
LEVELS: Final = {"": ("", ""), "national": ("，全国性", ", national"), "local": ("，地方", ", local")}


def rulebook(on: Any, format: str = "md") -> str:
    """Exactly what a run of a day applies, each rule with its text, its figures and how sure they are.

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
    """The rules a run of a day applies: promulgated and begun, and still in force where the duty lasts; what ended goes on for old events."""
    return [rule for rule in RULES if applied(rule, day)]


def section(rule: Rule, lang: str | None, day: dt.date | None = None) -> str:
    """One rule as Markdown, in one language or both; of its parameters the values a run of a day applies, or all."""
    title = _said(rule.title("zh", day), rule.title("en", day), lang)
    return "\n".join([f"## {rule.id} {title}\n", *(f"- {line}" for line in _lines(rule, lang, day)), ""])


def _lines(rule: Rule, lang: str | None, day: dt.date | None) -> Iterable[str]:
    label = {"zh": _ZH, "en": _EN}.get(lang or "", _BOTH)
    yield f"{label['effect']}: {_said(*effect(rule), lang)}"
    for text, whom in _texts(rule):
        yield f"{label['citation']}: {_said(text.zh + whom[0], text.en + whom[1], lang)}"
    if rule.clauses:
        said = [(_blank(clause.zh), _blank(clause.en)) for clause in rule.clauses]
        yield f"{label['facts']}: " + _said("；".join(zh for zh, _ in said), "; ".join(en for _, en in said), lang)
    yield f"{label['scope']}: {_said(rule.scope.words('zh'), rule.scope.words('en'), lang)}"
    until = "" if rule.until == OPEN else rule.until.isoformat()
    yield f"{label['force']}: {rule.since} – {until}".rstrip(" –") + f" ({label['issued']} {rule.promulgated})"
    if (last := lapse(rule)) is not None and (day is None or day > last):
        yield f"{label['lapsed']}: " + _said(LAPSED[0].format(day=last), LAPSED[1].format(day=last), lang)
    yield f"{label['certainty']}: {_certainty(rule, lang, day)}, {label['checked']} {rule.checked_on}"
    for parameter in rule.figures:
        for value in parameter.values if day is None else values_applied(parameter, day):
            yield f"{label['parameter']}: {_parameter(parameter, value, lang)}"
    if rule.works_zh:
        yield f"{label['works']}: {_said(rule.works_zh, WORKS[rule.works][1], lang)}"
    for relation in ("same_as", "beside", "instead_of"):
        if getattr(rule, relation):
            yield f"{label[relation]}: {', '.join(getattr(rule, relation))}"


def values_applied(parameter: Parameter[Any], day: dt.date) -> list[Dated[Any]]:
    """The values a run of a day can read: promulgated and begun by then; older ones still hold for older days."""
    return [value for value in parameter.known(day) if value.effective_from <= day and value.promulgated <= day]


def _texts(rule: Rule) -> list[tuple[Citation, tuple[str, str]]]:
    """Every text of a rule, and for whom it is the text where there are several."""
    if not rule.others:
        return [(rule.citation, ("", ""))]
    told = []
    for text in rule.texts:
        types = tuple(name for name in rule.scope.types if name in text.instrument.types)
        whom = Scope(types=types)
        level = LEVELS[text.instrument.level or ("" if len(types) < len(TYPES) else "local")]
        told.append((text, (f"（{whom.words('zh')}{level[0]}）", f" ({whom.words('en')}{level[1]})")))
    return told


def _certainty(rule: Rule, lang: str | None, day: dt.date | None) -> str:
    """The mark of certainty in words, with the open questions about the texts."""
    when = day or OPEN
    told = f"{rule.certainty_on(when)} {_said(*CERTAINTIES[rule.certainty], lang)}"
    open_questions = [text for text in rule.texts if text.instrument.questioned(when) and text.instrument.question]
    for text in open_questions:
        question = text.instrument.question
        assert question is not None
        told += _said(f"；{text.instrument.zh}：{question.zh}", f"; {text.instrument.en}: {question.en}", lang)
    return told


def effect(rule: Rule) -> tuple[str, str]:
    """What follows from the rule, in both languages."""
    return EFFECTS[rule.flag] if rule.flag else WORKS[rule.works]


def _parameter(parameter: Parameter[Any], value: Dated[Any], lang: str | None) -> str:
    until = "" if value.effective_to == OPEN else f" – {value.effective_to}"
    cited = _cited(value.citation, lang)
    name = _said(parameter.zh, parameter.en, lang)
    told = with_unit(value.value, parameter.unit, "en" if lang == "en" else "zh")
    read = _said(*TRANSITIONS[parameter.read_on], lang)
    checked = _said("核对于", "checked on", lang)
    by = _said("适用", "read on", lang)
    return f"{name} = {told} ({value.effective_from}{until}; {cited}; {value.certainty}, {checked} {value.checked_on}; {by} {read})"


def _blank(sentence: str) -> str:
    """A sentence with dots where its facts stand."""
    return re.sub(r"\{\w+\}", "…", sentence)


def _plain(rule: Rule, day: dt.date) -> dict[str, Any]:
    """A rule as JSON."""
    return {
        "id": rule.id,
        "effect": effect(rule)[1],
        "needs_person": rule.person_decides,
        "zh": rule.title("zh", day),
        "en": rule.title("en", day),
        "citation": {"zh": rule.citation.zh, "en": rule.citation.en, "instrument": rule.citation.instrument.id},
        "scope": {"zh": rule.scope.words("zh"), "en": rule.scope.words("en")},
        "effective_from": rule.since.isoformat(),
        "effective_to": None if rule.until == OPEN else rule.until.isoformat(),
        "issued": rule.promulgated.isoformat(),
        "others": [{"zh": text.zh, "en": text.en, "instrument": text.instrument.id} for text in rule.others],
        "lapsed_after": last.isoformat() if (last := lapse(rule)) is not None and day > last else None,
        "certainty": rule.certainty_on(day),
        "checked_on": rule.checked_on.isoformat(),
        "needs_notice": rule.needs_notice if rule.flag in (ABNORMAL, SERIOUS) else None,
        "parameters": [
            {
                "name": parameter.name,
                "value": shown(value.value, parameter.unit),
                "unit": parameter.unit,
                "effective_from": value.effective_from.isoformat(),
                "effective_to": None if value.effective_to == OPEN else value.effective_to.isoformat(),
                "read_on": str(parameter.read_on),
                "citation": value.citation.zh,
                "certainty": value.certainty,
                "checked_on": value.checked_on.isoformat(),
            }
            for parameter in rule.figures
            for value in values_applied(parameter, day)
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
    "lapsed": "文本届满",
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
    "lapsed": "text ended",
    "certainty": "certainty",
    "checked": "checked on",
    "parameter": "parameter",
    "works": "applied",
    "same_as": "same situation as",
    "beside": "beside",
    "instead_of": "instead of",
}
_BOTH: Final = {name: f"{_ZH[name]} {_EN[name]}" for name in _EN}
