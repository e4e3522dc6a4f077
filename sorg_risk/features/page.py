"""The catalogue as a page: ``python -m sorg_risk.features.page > docs/catalogue.md``."""

from __future__ import annotations

import sys

from .aggregates import AGGREGATES
from .declare import Feature
from .definitions import definition, examples
from .derived import DERIVED
from .registry import CATALOGUE

_HEAD = """# Catalogue of features 指标目录

Written from the declarations; do not edit. All features are as of the end of a day D.

- **Rows.** A record counts by the version in force on D: the newest one recorded by then, unless that one retracts it; its
  organisation must be known on D. *Within W days* means `D - W < event day <= D`; *ever* means `event day <= D`. A row
  whose event day is empty does not count. *Until c* means that D lies before the day `c`, or `c` is empty.
- **Conditions.** An empty cell satisfies none. *Part* is a further condition on the rows.
- **Values.** A row whose value is empty does not count. Money is in yuan, added up in whole fen. Of equal newest rows the
  last counts: by event day, then key, then moment of recording.
- **Sign**: + riskier when higher, - safer when higher, none: no opinion. **Ground**: the rule that the feature itself *is*;
  it is left out of any prediction of that ground.
- **Examples**: value ← the rows of an organisation that has no others, by the days before D = 2026-10-31 on which they
  happened (a number at any other day means the same; negative: after D). They are tests.
"""
_TITLE = "| name | definition | unit | sign | empty | ground | 中文 | English | examples |\n|---|---|---|---|---|---|---|---|---|"


def page() -> str:
    """The whole page as Markdown."""
    families = list(dict.fromkeys(one.family for one in CATALOGUE.values()))
    parts = [_HEAD, f"{len(CATALOGUE)} features in {len(families)} families.\n"]
    for family in families:
        own = [_line(one) for one in CATALOGUE.values() if one.family == family]
        parts.append("\n".join([f"## {family}\n", _TITLE, *own]) + "\n")
    aggregates = [f"- **{name}**: {one.words}. Empty: {one.missing}." for name, one in AGGREGATES.items()]
    parts.append("\n".join(["## Aggregates\n", *aggregates]) + "\n")
    columns = [f"- `{table}.{name}`: {one.en}." for table, own in DERIVED.items() for name, one in own.items()]
    return "\n".join([*parts, "## Derived columns\n", *columns]) + "\n"


def _line(one: Feature) -> str:
    sign = {1: "+", -1: "-", 0: ""}[one.direction]
    ground = " ".join(filter(None, [one.ground, one.statute]))
    cells = (f"`{one.name}`", definition(one), one.unit, sign, one.missing, ground, one.zh, one.en, examples(one))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(page())
