"""Worked cases put together: every case of one day becomes some organisations of one register, so that all are judged in one run.

Codes, keys and names are made unique per case; whatever a case says of itself must hold in the crowd as it does alone.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd
from stdnum.cn import uscc

from sorg_risk.law import apply_law
from sorg_risk.law.rule import Case
from sorg_risk.law.worked import Record, given
from sorg_risk.records import TABLES
from sorg_risk.records import open as open_source

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


class Crowd:
    """Cases collected while tests are read, and judged together when the first of them is asked for."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def add(self, day: str, *records: Record | list[Record], lists: str = "decided") -> int:
        """One more case, by the number under which its rows are found."""
        return self.take(Case("", day, given(*records), lists=lists))

    def take(self, case: Case) -> int:
        """One more case that is written already."""
        self.cases.append(case)
        return len(self.cases) - 1

    def __getitem__(self, number: int) -> pd.DataFrame:
        """The flags of a case."""
        return self.flags[number]

    @cached_property
    def flags(self) -> dict[int, pd.DataFrame]:
        """The flags of every case by its number."""
        groups: dict[tuple[str, str], list[int]] = {}
        for number, case in enumerate(self.cases):
            groups.setdefault((case.day, case.lists), []).append(number)
        found = {}
        for (day, lists), numbers in sorted(groups.items()):
            tables: dict[str, list[dict[str, Any]]] = {}
            codes = {}
            for number in numbers:
                rows = renamed(self.cases[number], number)
                codes[number] = [row["org_id"] for row in rows["organizations"]]
                for name, part in rows.items():
                    tables.setdefault(name, []).extend(part)
            source = open_source({name: pd.DataFrame(part) for name, part in tables.items()})
            assert source.quarantine.empty, source.quarantine.to_string()
            flags = apply_law(source.as_of(day), lists)
            found |= {number: flags.loc[flags["org_id"].isin(own)] for number, own in codes.items()}
        return found
