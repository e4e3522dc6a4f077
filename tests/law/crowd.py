"""Worked cases put together: every case of one day becomes some organisations of one register, so that all are judged in one run.

Codes, keys and names are made unique per case; whatever a case says of itself must hold in the crowd as it does alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from stdnum.cn import uscc

from sorg_risk.law.rule import Case, Rule
from sorg_risk.records import TABLES

CODE_LENGTH = 18
NAMES = ("person_id", "kin_group", "decision_id", "counterparty_id", "refers_to", "listing_id")


def renamed(case: Case, number: int) -> dict[str, list[dict[str, Any]]]:
    """The rows of a case with codes, keys and names of its own."""
    codes = {row["org_id"]: _code(row["org_id"], number, place) for place, row in enumerate(case.rows["organizations"])}
    keys = {row[TABLES[name].key] for name, rows in case.rows.items() for row in rows}
    return {
        name: [{column: _value(column, value, codes, keys, number) for column, value in row.items()} for row in rows]
        for name, rows in case.rows.items()
    }


def _code(code: str, number: int, place: int) -> str:
    body = f"{code[:8]}{number * 10 + place:09d}"
    return body + uscc.calc_check_digit(body)


def _value(column: str, value: Any, codes: dict[str, str], keys: set[str], number: int) -> Any:
    if not isinstance(value, str):
        return value
    if value in codes:
        return codes[value]
    return f"{number}-{value}" if value in keys or column in NAMES[:4] else value


def crowds(
    cases: Sequence[tuple[Rule, Case]],
) -> Iterator[tuple[str, str, dict[str, pd.DataFrame], dict[int, list[str]]]]:
    """(day, lists, tables, codes of each case by its number) for every day and way of reading the lists."""
    groups: dict[tuple[str, str], list[int]] = {}
    for number, (_, case) in enumerate(cases):
        groups.setdefault((case.day, case.lists), []).append(number)
    for (day, lists), numbers in sorted(groups.items()):
        tables: dict[str, list[dict[str, Any]]] = {}
        codes = {}
        for number in numbers:
            rows = renamed(cases[number][1], number)
            codes[number] = [row["org_id"] for row in rows["organizations"]]
            for name, part in rows.items():
                tables.setdefault(name, []).extend(part)
        yield day, lists, {name: pd.DataFrame(part) for name, part in tables.items()}, codes
