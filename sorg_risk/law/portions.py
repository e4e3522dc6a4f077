"""The law of more organisations than memory holds: portion by portion, joined to what it says of all at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from .remedies import remedies
from .statute import Statutory, statutory

if TYPE_CHECKING:
    from ..records import View


@dataclass(frozen=True)
class LawTables:
    """What `Statutory` says as plain tables, without the facts that end up in no flag; the attributes are the same."""

    flags: pd.DataFrame
    members: pd.DataFrame
    clauses: pd.DataFrame
    day: dt.date

    @cached_property
    def remedies(self) -> pd.DataFrame:
        """What would end each flag, and from which day."""
        return remedies(self.flags, self.day)


def statutory_of_all(view: View, lists: str = "decided") -> Statutory | LawTables:
    """`statutory`, with no more than a portion of the organisations in memory at a time.

    >>> import sorg_risk as sr
    >>> statutory_of_all(sr.open("data/sample").as_of("2026-10-31")).flags["basis"].unique().tolist()
    ['statutory']
    """
    parts = []
    for portion in view.portions():
        said = statutory(portion, lists)
        if portion is view:
            return said
        parts.append(LawTables(said.flags, said.members, said.clauses, view.day))
    return _joined(parts, view.day)


def _joined(parts: list[LawTables], day: dt.date) -> LawTables:
    def both(name: str) -> pd.DataFrame:
        found: list[pd.DataFrame] = [getattr(part, name) for part in parts]
        return pd.concat([one for one in found if len(one)] or found[:1], ignore_index=True)

    flags = both("flags").sort_values(["org_id", "flag", "status", "ground"], kind="stable", ignore_index=True)
    members = both("members").sort_values(["org_id", "list", "ground"], kind="stable", ignore_index=True)
    clauses = both("clauses")
    place = pd.Index(flags["flag_id"]).get_indexer(pd.Index(clauses["flag_id"]))
    clauses = clauses.iloc[place.argsort(kind="stable")].reset_index(drop=True)
    return LawTables(flags, members, clauses, day)
