"""The two lists read from the statute once more, in plain Python: one evening after another, one fact after another.

Written from the articles and not from the product, so that the tests may compare both. A fact is a dict: ``serious`` (its list), ``enter``
(the first day it could be listed), ``ends`` (the day it stands no more, None: it stands), ``duty`` (something to be done or lifted, else
it passes by time).
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

Fact = dict[str, Any]
Stay = dict[str, Any]
DAY = dt.timedelta(days=1)


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day of the month so many months later, the last one where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return dt.date(day.year + years, month + 1, min(day.day, last))


def evenings(facts: Sequence[Fact], last: dt.date) -> Iterator[tuple[dt.date, Stay | None, Stay | None]]:
    """Every evening from the first fact on: (day, stay on the abnormal list, stay on the serious list)."""
    if not facts:
        return
    abnormal: Stay | None = None
    serious: Stay | None = None
    day = min(fact["enter"] for fact in facts)
    while day <= last:
        if serious and _let_off_serious(serious, day):
            serious = None
        if abnormal and _let_off_abnormal(abnormal, day):
            abnormal = None
        if abnormal and day >= months_after(abnormal["since"], 24):
            facts_behind = [*(serious["facts"] if serious else []), *abnormal["facts"]]
            serious, abnormal = {"since": day, "facts": facts_behind}, None
        for fact in sorted((fact for fact in facts if fact["enter"] == day), key=lambda fact: fact["serious"]):
            if fact["ends"] is not None and fact["ends"] <= day:
                continue
            on_serious = serious is not None
            if fact["serious"] or on_serious:
                serious = {"since": day, "facts": [*(serious["facts"] if serious else []), fact]}
            if not fact["serious"] and (abnormal or not on_serious):
                abnormal = {"since": day, "facts": [*(abnormal["facts"] if abnormal else []), fact]}
        yield day, abnormal, serious
        day += DAY


def _let_off_abnormal(stay: Stay, day: dt.date) -> bool:
    """Art. 14: all duties done; and where something passes by time, six months from the day the term began."""
    passing = any(not fact["duty"] for fact in stay["facts"])
    return _done(stay, day) and (not passing or day >= months_after(stay["since"], 6))


def _let_off_serious(stay: Stay, day: dt.date) -> bool:
    """Art. 17: two full years from the day the term began, and nothing left undone."""
    return _done(stay, day) and day >= months_after(stay["since"], 24)


def _done(stay: Stay, day: dt.date) -> bool:
    return all(fact["ends"] is not None and fact["ends"] <= day for fact in stay["facts"] if fact["duty"])
