"""The catalogue as a page: ``python -m sorg_risk.features.page > docs/catalogue.md``."""

from __future__ import annotations

import sys

from .aggregates import AGGREGATES
from .declare import FAMILIES, Feature
from .registry import CATALOGUE

_HEAD = """# Catalogue of features 指标目录

Written from the declarations; do not edit. A row counts on day D when it is the current version known on D and its
event day lies within the window, `D - window < event <= D`. Direction: + riskier when higher, - safer when higher.
A *ground* is a statutory fact itself, left out of any prediction of it.
"""
_TITLE = "| name | table | aggregate | window | unit | direction | ground | 中文 | English |\n|---|---|---|---|---|---|---|---|---|"


def page() -> str:
    """The whole page as Markdown."""
    parts = [_HEAD, f"{len(CATALOGUE)} features in {len(FAMILIES)} families.\n"]
    for family in FAMILIES:
        own = [_line(one) for one in CATALOGUE.values() if one.family == family]
        parts.append("\n".join([f"## {family}\n", _TITLE, *own]) + "\n")
    meanings = "\n".join(f"- `{name}`: {one.words}; empty: {one.missing}" for name, one in AGGREGATES.items())
    return "\n".join([*parts, "## Aggregates\n", meanings]) + "\n"


def _line(one: Feature) -> str:
    window = f"{one.window_days} d" if one.window_days else ""
    sign = {1: "+", -1: "-", 0: ""}[one.direction]
    cells = (f"`{one.name}`", one.table, one.aggregate, window, one.unit, sign, one.ground, one.zh, one.en)
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(page())
