"""What has not been compared with its text for a while: instruments, rules, figures and the lines of the reporting calendar."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

import pandas as pd

from ..calendar.lines import DUTIES, packaged
from ..errors import UsageError
from ..records.source import as_day
from .registry import RULES, parameters
from .words import shown

FORMATS: Final = ("text", "json")
COLUMNS: Final = ("kind", "name", "value", "effective_from", "certainty", "checked_on", "days", "citation")


def stale(on: Any, days: int) -> pd.DataFrame:
    """What had not been checked for so many days by a day, the longest first.

    Returns
    -------
    pandas.DataFrame
        kind (instrument, rule, figure, line), name, value (of figures), effective_from, certainty, checked_on, days (since then), citation.

    Raises
    ------
    UsageError
        A day that cannot be read, or fewer than no days.
    """
    day = as_day(on)
    if days < 0:
        raise UsageError(f"days = {days}: give 0 or more.")
    lines = [*_instruments(), *_rules(), *_figures(), *_lines()]
    frame = pd.DataFrame(lines, columns=[name for name in COLUMNS if name != "days"]).drop_duplicates(ignore_index=True)
    frame["days"] = [(day - checked).days for checked in frame["checked_on"]]
    old = frame.loc[frame["days"] >= days, list(COLUMNS)]
    return old.sort_values(
        ["days", "kind", "name", "effective_from"], ascending=[False, True, True, True], ignore_index=True
    )


def stale_text(on: Any, days: int, format: str = "text") -> str:
    """`stale` for a terminal, or as JSON.

    Raises
    ------
    UsageError
        Another format; see `stale`.
    """
    if format not in FORMATS:
        raise UsageError.choice("format", format, FORMATS)
    frame = stale(on, days)
    if format == "json":
        told = {"on": as_day(on).isoformat(), "days": days, "stale": frame.astype(object).to_dict("records")}
        return json.dumps(told, ensure_ascii=False, indent=2, default=str)
    if frame.empty:
        return f"nothing has gone unchecked for {days} days 没有超过{days}日未核对的文本"
    return f"{len(frame):,} not checked for {days} days 超过{days}日未核对\n{frame.to_string(index=False)}"


def _instruments() -> list[tuple[Any, ...]]:
    texts = {text.instrument.id: text.instrument for rule in RULES for text in rule.texts}
    texts |= {
        value.citation.instrument.id: value.citation.instrument for one in parameters().values() for value in one.values
    }
    return [
        ("instrument", one.id, "", one.effective_from, one.certainty, one.checked_on, one.zh) for one in texts.values()
    ]


def _rules() -> list[tuple[Any, ...]]:
    return [("rule", one.id, "", one.since, one.certainty, one.checked_on, one.citation.zh) for one in RULES]


def _figures() -> list[tuple[Any, ...]]:
    return [
        (
            "figure",
            one.name,
            shown(value.value, one.unit),
            value.effective_from,
            value.certainty,
            value.checked_on,
            value.citation.zh,
        )
        for one in parameters().values()
        for value in one.values
    ]


def _lines() -> list[tuple[Any, ...]]:
    """The lines of the reporting calendar."""
    told = []
    for duty in DUTIES:
        for line in packaged(duty):
            begins = line.known_from if line.known_from > dt.date.min else None
            name = " ".join(filter(None, [duty, line.authority, line.org_type]))
            value = " ".join(filter(None, [line.registered_by, line.opens, line.due]))
            told.append(("line", name, value, begins, line.certainty, line.checked_on, line.zh))
    return told
