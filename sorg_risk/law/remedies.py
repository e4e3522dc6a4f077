"""Remedies: the lawful acts that would end a flag, and the first day on which each could take effect.

Only what the law lets the organisation (or time) do: file, rectify, elect, publish, apply, or wait until a day. Nothing a flag rests on that
cannot be undone is offered as an act.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from .registry import knows, rule_of
from .rule import LISTS, SERIOUS, Remedy

COLUMNS: Final = ("flag_id", "act", "from_day", "text_zh", "text_en")
WAIT: Final = Remedy("wait", "至{day}期满", "wait until {day}")
APPLY: Final = Remedy("apply_for_removal", "申请移出名单", "apply for removal from the list")


def remedies(flags: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """One row per flag and lawful act, in the order of the flags; a flag nothing ends has none."""
    today = pd.Timestamp(day).as_unit("s")
    lines = []
    columns = ["flag_id", "flag", "status", "ground", "clears_on"]
    for key, flag, status, ground, clears in flags.loc[:, columns].itertuples(index=False, name=None):
        if status == "recommend_removal":
            lines.append(_line(key, APPLY, today))
            continue
        rule = rule_of(ground) if knows(ground) else None
        passed = status == "attention" and rule is not None and rule.flag in LISTS
        if rule is not None and not passed and not (status == "listed" and flag == SERIOUS):
            lines += [_line(key, remedy, today) for remedy in rule.remedies]
        if pd.notna(clears):
            lines.append(_line(key, WAIT, clears))
    frame = pd.DataFrame(lines, columns=list(COLUMNS))
    frame["from_day"] = pd.to_datetime(frame["from_day"]).astype("datetime64[s]")
    return frame.astype({"flag_id": "str", "act": "str", "text_zh": "str", "text_en": "str"})


def _line(key: str, remedy: Remedy, day: pd.Timestamp) -> tuple[str, str, pd.Timestamp, str, str]:
    told = f"{day:%Y-%m-%d}"
    return key, remedy.code, day, remedy.zh.format(day=told), remedy.en.format(day=told)
