"""The rulebook as pages: ``python -m sorg_risk.law.page`` writes ``docs/rulebook.zh.md`` and ``docs/rulebook.en.md``.

They hold every rule with all its versions and values over time and the table of deadlines; the English one also the stories of the worked cases.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from ..calendar.lines import DUTIES, Line, packaged
from .instruments import CERTAINTIES
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
_MARKED: Final = {
    "zh": "可靠程度：{marks}；标“/U”的，条文如前所见，但其后可能已修改而修改文本未见，所支持的事项不因此标为待核实。"
    "参数按“适用”所写之日的法律取值，且须在判断之日已经公布；文本届满而其后的文本未见的，暂按原文本判断并标为待核实。\n",
    "en": "Certainty: {marks}; with /U behind it, the text was read as marked but may have been amended since, unseen, which makes no flag\n"
    "provisional. A figure is taken from the law of the day behind “read on”, if promulgated by the day of judging; where a text ended and\n"
    "what followed was not seen, the last one is read on, provisionally.\n",
}
_RULED: Final = "|---|---|---|---|---|---|---|---|---|"
_TABLE: Final = {
    "zh": "## 报送期限\n\n| 报送 | 对象 | 登记管理机关 | 会计年度 | 当年此日前登记 | 次年起 | 次年期限 | 依据 | 可靠程度 |\n"
    + _RULED,
    "en": "## Deadlines of reports\n\n| duty | whom | authority | fiscal years | registered by (of the year) | from (next year) | "
    "due (next year) | text | certainty |\n" + _RULED,
}
_AUTHORITY: Final = {
    "zh": "\n登记管理机关用区划代码：六位为该机关本身（100000为民政部，440000为广东省），四位、二位为其下各机关，空白为全国。"
    "机关从细，对象从细，年度从细；空白处由下一条补足。慈善组织无论何种形式，以其本身期限和慈善组织期限中较早者为准。"
    "印发日期不详的年度通知自次年1月1日起视为已知，可靠程度为U。登记管理机关自己的通知（report_notices）优先。\n",
    "en": "\nAuthorities by GB/T 2260: six digits mean that body itself (100000 the ministry, 440000 the province of Guangdong), four or two\n"
    "every body under it, none the whole country. The narrowest authority decides, then the narrowest class, then the year; what a line\n"
    "leaves out the next one says. A charity of any form has the earlier of its own day and the charity's. A yearly notice of unknown day of\n"
    "issue counts as known from 1 January of the next year, certainty U. Notices an authority delivers itself (report_notices) go first.\n",
}
_DUTY: Final = {"annual_report": ("年度报告", "annual report"), "disclosure": ("信息公开", "publication")}
_WHOM: Final = {
    "association": ("社会团体", "associations"),
    "foundation": ("基金会", "foundations"),
    "service_institution": ("社会服务机构", "service institutions"),
    "": ("", ""),
}
_CHARITY: Final = {True: ("慈善组织", "charities"), False: ("慈善组织除外", "no charities"), None: ("", "")}
_INDUSTRY: Final = {
    True: ("行业协会商会", "industry associations"),
    False: ("行业协会商会除外", "no industry associations"),
    None: ("", ""),
}
_ALL: Final = ("全部", "all")


def page(lang: str) -> str:
    """The whole rulebook in one language, as Markdown."""
    parts = [_HEAD[lang], _marks(lang), _deadlines(lang), *(_rule(rule, lang) for rule in RULES)]
    return "\n".join(parts)


def _marks(lang: str) -> str:
    """What the marks of certainty mean, and which day's law a figure is taken from."""
    place = LANGUAGES.index(lang)
    told = ("；" if lang == "zh" else "; ").join(f"{mark} {words[place]}" for mark, words in CERTAINTIES.items())
    return _MARKED[lang].format(marks=told)


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
    lines = [_line(line, LANGUAGES.index(lang)) for duty in DUTIES for line in packaged(duty)]
    return "\n".join([_TABLE[lang], *lines, _AUTHORITY[lang]])


def _line(line: Line, place: int) -> str:
    whom = [_WHOM[line.org_type][place], _CHARITY[line.charity][place], _INDUSTRY[line.industry][place]]
    first, last = line.years
    years = "" if first == 0 else str(first) if first == last else f"{first}–{last}"
    cells = (
        _DUTY[line.duty][place],
        ", ".join(filter(None, whom)) or _ALL[place],
        line.authority,
        years,
        line.registered_by,
        line.opens,
        line.due,
        (line.zh, line.en)[place],
        line.certainty,
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    for written in write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "docs"):
        print(written)
