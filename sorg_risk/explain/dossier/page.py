"""The dossier as HTML: one self-contained part for a notebook, or a whole page that prints on A4. No script, everything escaped."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..html import environment
from ..words import without_effect
from . import text
from .words import label, numbered, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BAR = 150
"""Width of the bars, in pixels."""


def html(d: Mapping[str, Any], lang: str, *, whole: bool) -> str:
    """A dossier as HTML; ``whole`` makes a page of its own."""
    template = environment("sorg_risk.explain.dossier").get_template("page.html" if whole else "dossier.html")
    said = {
        "w": partial(word, lang=lang),
        "label": partial(label, lang=lang),
        "said": lambda row: row[f"text_{lang}"],
        "short": lambda row: without_effect(row[f"text_{lang}"], lang),
        "changes": list(text.changes(d["changes"], lang)),
        "lost": [list(text.lost(one, lang)) for one in d["lost"]],
        "caps": [text.cap(one, lang) for one in d["caps"]],
        "groups": partial(text.groups, lang=lang),
        "bars": bars([row for row in d["reasons"] if row["feature"] != "(base)"]),
        "subjects": bars(d["concepts"]),
        "line": line(d["history"]),
    }
    return template.render(d=d, lang=lang, sign=numbered, **said)


def bars(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each row with where its bar begins and how wide it is: from the middle, to the left what lowers the score.

    >>> bars([{"contribution": -4.0}, {"contribution": 2.0}])[0]["bar_width"]
    75.0
    """
    largest = max((abs(row["contribution"]) for row in rows), default=0.0) or 1.0
    found = []
    for row in rows:
        width = round(BAR / 2 * abs(row["contribution"]) / largest, 1)
        lowers = row["contribution"] < 0
        found.append({**row, "bar_x": BAR / 2 - width if lowers else BAR / 2, "bar_width": width, "lowers": lowers})
    return found


def line(history: Sequence[Mapping[str, Any]], width: int = 640, height: int = 110) -> list[dict[str, Any]]:
    """Where the points of the scores lie in a drawing of this size; nothing for fewer than two."""
    if len(history) < 2:
        return []
    scores = [row["score"] for row in history]
    low, span = min(scores), (max(scores) - min(scores)) or 1.0
    step = (width - 80) / (len(history) - 1)
    return [
        {**row, "x": round(40 + i * step, 1), "y": round(24 + (height - 58) * (1 - (row["score"] - low) / span), 1)}
        for i, row in enumerate(history)
    ]
