"""The rulebook as pages: ``python -m sorg_risk.law.page`` writes ``docs/rulebook.zh.md`` and ``docs/rulebook.en.md``.

They hold every rule with all its versions and values over time and the table of deadlines; the English one also the stories of the worked cases.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from .due_dates import DEADLINES, DUTIES, Deadline
from .registry import RULES
from .rule import Rule
from .rulebook import section

LANGUAGES: Final = ("zh", "en")
_HEAD: Final = {
    "zh": "# 规则手册\n\n由规则声明生成，请勿手改。“须由人决定”的规则从不自动形成事项；"
    "可靠程度为U的规则或者参数所支持的事项标为待核实（provisional）。\n",
    "en": "# Rulebook\n\nWritten from the declared rules; do not edit. What needs a person never becomes a flag by itself; a flag that rests\n"
    "on a rule or parameter of certainty U is provisional.\n",
}
_RULED: Final = "|---|---|---|---|---|---|"
_TABLE: Final = {
    "zh": f"## 年度报告期限\n\n| 类型 | 登记机关 | 会计年度 | 次年期限 | 依据 | 可靠程度 |\n{_RULED}",
    "en": "## Deadlines of the annual report\n\n| type | authority | fiscal years | due in the next year | text | certainty |\n"
    + _RULED,
}
_OWED: Final = {"zh": "应当报送：{city}{day}（含）以前登记的", "en": "owed by: {city}registered by {day}"}
_CITIES: Final = {"": ("", ""), "4403": ("深圳", "Shenzhen"), "4401": ("广州", "Guangzhou")}
_INDUSTRY: Final = {"zh": "行业协会商会", "en": "industry associations"}
_TYPES: Final = {
    "zh": {"association": "社会团体", "foundation": "基金会", "service_institution": "社会服务机构"},
    "en": {},
}


def page(lang: str) -> str:
    """The whole rulebook in one language, as Markdown."""
    parts = [_HEAD[lang], _deadlines(lang), *(_rule(rule, lang) for rule in RULES)]
    return "\n".join(parts)


def write(folder: Path) -> list[Path]:
    """Write both pages into a folder; returns the files."""
    files = [folder / f"rulebook.{lang}.md" for lang in LANGUAGES]
    for file, lang in zip(files, LANGUAGES, strict=True):
        file.write_text(page(lang), encoding="utf-8")
    return files


def _rule(rule: Rule, lang: str) -> str:
    cases = "; ".join(case.story for case in rule.cases)
    told = section(rule, lang)
    return f"{told}- worked cases: {cases}\n" if cases and lang == "en" else told


def _deadlines(lang: str) -> str:
    place = LANGUAGES.index(lang)
    lines = [_line(line, lang) for line in DEADLINES]
    owed = [
        _OWED[lang].format(
            city=_CITIES[duty.city][place] + (" " if duty.city and lang == "en" else ""), day=duty.registered_by
        )
        for duty in DUTIES
    ]
    return "\n".join([_TABLE[lang], *lines, "", *(f"- {line}" for line in owed), ""])


def _line(line: Deadline, lang: str) -> str:
    place = LANGUAGES.index(lang)
    types = ", ".join(_TYPES[lang].get(name, name) for name in line.types)
    first, last = line.years
    years = "" if first == 0 else str(first) if first == last else f"{first}–{last}"
    cited = line.citation.zh if lang == "zh" else line.citation.en
    cells = (
        _INDUSTRY[lang] if line.industry else types,
        _CITIES[line.city][place],
        years,
        line.month_day,
        cited,
        line.certainty,
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    for written in write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "docs"):
        print(written)
