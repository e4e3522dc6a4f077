"""Facts: every occurrence of a rule's situation, in one shape that every reader relies on.

A rule hands over its rows and says which day and which record each fact rests on. Sentences and lists of evidence are made only for the
facts that end up in a flag, so what is behind a fact is kept as columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, Final

import pandas as pd

from ..records import TABLES
from .parameters import Reading, joined

COLUMNS: Final = (
    "org_id",
    "ground",
    "since",
    "ends",
    "alert_until",
    "known_on",
    "judged_on",
    "identity",
    "unconfirmed",
    "amended",
    "form",
)
"""``since``: the day it arose. ``ends``: the day from which it no longer stands (missing: it stands). ``alert_until``: how long an ended fact
that nobody listed is still alerted (missing: not at all). ``known_on``: a day before which nobody knew the records behind it (missing: the day
it arose). ``identity``: which fact of its ground it is, whatever its records say of its days, now or on an earlier evening: one or several
names, joined by `OR` (empty: the ground is one lasting situation of the organisation).
``judged_on``: the day on which the rule must be in force (missing: the day it arose; of a fiscal year its last day). ``unconfirmed``: what it
rests on that nobody has confirmed, or empty. ``amended``: the amended figures it was judged by, as ``name@day``, or empty. ``form``: see
`Clause.form`."""
DAYS: Final = ("since", "ends", "alert_until", "known_on", "judged_on")
FOREVER: Final = pd.Timestamp("9999-12-31").as_unit("s")
BESIDE: Final = "beside"
"""The column of records shown with a fact that does not rest on them: no exemption or step can mean it by their keys."""
OR: Final = "\x1f"
"""Joins the names by which a fact may be known."""
YEAR: Final = "year"
"""The value that names the fiscal year of a fact; an exemption may then call it ``AL-01:2024``."""

Evidence = str | Sequence[pd.Series] | Sequence[list[str]]


@dataclass(frozen=True)
class Facts:
    """``frame``: one row a fact with `COLUMNS`; ``values``: what its sentences say; ``records``: the records behind it, as ``table:key`` in
    columns that may be missing, or as one column of lists; a column `BESIDE` holds what is shown with it. All with the same index 0..n-1."""

    frame: pd.DataFrame
    values: pd.DataFrame
    records: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)


def facts(
    rows: pd.DataFrame,
    ground: str,
    since: pd.Series,
    *,
    evidence: Evidence,
    beside: pd.Series | None = None,
    ends: pd.Series | None = None,
    alert_until: pd.Series | pd.Timestamp | None = None,
    known_on: pd.Series | None = None,
    judged_on: pd.Series | None = None,
    identity: pd.Series | None = None,
    unconfirmed: pd.Series | str = "",
    form: pd.Series | str = "",
    values: Mapping[str, Any] | None = None,
    by: Sequence[Reading[Any]] = (),
) -> Facts:
    """Facts from rows (with ``org_id``) that each show one.

    Parameters
    ----------
    rows, ground, since
        The rows, the rule id, and the day each fact arose.
    evidence
        The table whose row shows the fact, or columns of records (see `recorded`), or the list of records of each fact.
    beside
        A record shown with each fact that it does not rest on, see `BESIDE`.
    ends, alert_until, known_on, judged_on, unconfirmed, form
        See `COLUMNS`.
    identity
        See `COLUMNS`; by default the fiscal year, else the key of the one record behind it.
    values
        What the sentences say; ``year`` names the fiscal year.
    by
        The figures of the law the facts were judged by, row by row: they bring their doubts, their amended texts, and themselves under
        their names (a pair as ``name_1``, ``name_2``) for the sentences.
    """
    if rows.empty:
        return none()
    doubts = [reading.doubts().set_axis(rows.index) for reading in by]
    given = pd.Series(unconfirmed, index=rows.index, dtype="str").fillna("")
    amended = [reading.amendments().set_axis(rows.index) for reading in by]
    frame = pd.DataFrame(
        {
            "org_id": rows["org_id"],
            "ground": ground,
            "since": since,
            "ends": ends if ends is not None else pd.NaT,
            "alert_until": alert_until if alert_until is not None else pd.NaT,
            "known_on": known_on if known_on is not None else pd.NaT,
            "judged_on": judged_on if judged_on is not None else pd.NaT,
            "identity": identity if identity is not None else _identity(rows, evidence, values or {}),
            "unconfirmed": joined([given, *doubts], rows.index),
            "amended": joined(amended, rows.index),
            "form": form,
        },
        index=rows.index,
    )
    told = pd.DataFrame(dict(values or {}) | _figures(by, rows.index), index=rows.index)
    records = _columns(rows, evidence)
    records = records if beside is None else records.assign(**{BESIDE: beside})
    return Facts(_typed(frame), told.reset_index(drop=True), records.reset_index(drop=True))


def _figures(by: Sequence[Reading[Any]], index: pd.Index) -> dict[str, pd.Series]:
    """What sentences may say of the figures that were read: numbers, and the parts of a pair."""
    told: dict[str, pd.Series] = {}
    for reading in by:
        name, value = reading.parameter.name, reading.dated[0].value
        if isinstance(value, int | float):
            told[name] = reading.of().set_axis(index)
        elif isinstance(value, tuple) and isinstance(value[0], int | float):
            for at in range(len(value)):
                told[f"{name}_{at + 1}"] = reading.of(itemgetter(at)).set_axis(index)
    return told


def _identity(rows: pd.DataFrame, evidence: Evidence, values: Mapping[str, Any]) -> pd.Series | str:
    """The fiscal year, else the key of the one record behind each fact, else nothing."""
    if YEAR in values:
        return pd.Series(values[YEAR], index=rows.index).astype("str")
    return rows[TABLES[evidence].key] if isinstance(evidence, str) else ""


def recorded(table: str, keys: pd.Series) -> pd.Series:
    """Records as ``table:key``, missing where a key is."""
    return f"{table}:" + keys.astype("str")


def together(parts: Sequence[Facts]) -> Facts:
    """The facts of several sources in one."""
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:
        return filled[0] if filled else none()
    joined = [
        pd.concat([getattr(part, name) for part in filled], ignore_index=True)
        for name in ("frame", "values", "records")
    ]
    return Facts(*joined)


def lists_of(records: pd.DataFrame) -> list[list[str]]:
    """The records behind each fact, in the order of the columns."""
    if records.shape[1] == 1 and records.iloc[:, 0].dtype != object:
        return [[cell] for cell in records.iloc[:, 0].tolist()]
    lines = records.astype(object).itertuples(index=False, name=None)
    return [
        [one for cell in line for one in (cell if isinstance(cell, list) else [cell]) if isinstance(one, str)]
        for line in lines
    ]


@cache
def none() -> Facts:
    """No fact at all."""
    return Facts(
        _typed(pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})), pd.DataFrame(), pd.DataFrame()
    )


def _columns(rows: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """The records behind each row, as columns."""
    if isinstance(evidence, str):
        return pd.DataFrame({0: recorded(evidence, rows[TABLES[evidence].key])})
    if len(evidence) and isinstance(evidence[0], pd.Series):
        return pd.DataFrame(dict(enumerate(evidence)), index=rows.index)
    return pd.DataFrame({0: pd.Series(list(evidence), index=rows.index, dtype=object)})


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns in order, with the types every reader relies on."""
    for name in DAYS:
        if frame[name].dtype != "datetime64[s]":
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    for name in ("org_id", "ground", "identity", "unconfirmed", "amended", "form"):
        frame[name] = frame[name].astype("str")
    return frame.reset_index(drop=True)
