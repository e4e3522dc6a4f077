"""From rows to flags: one row per organisation, flag, status and ground; several facts under one ground share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from .absence import CODES
from .citing import citations
from .identity import flag_id
from .procedure import next_steps

if TYPE_CHECKING:
    from .known import Known

FLAG_COLUMNS: Final = (
    "flag_id",
    "org_id",
    "as_of",
    "flag",
    "status",
    "basis",
    "ground",
    "citation",
    "since",
    "next_step",
    "next_step_due",
    "provisional",
    "clears_on",
    "evidence",
)
_UNUSED: Final = rf"\b(?:{'|'.join(CODES.values())})\b"
"""Codes of doubts that ask for a look at a row that is not used."""
SITUATION: Final = ["org_id", "flag", "status", "ground"]
SHAPE: Final = {
    "rule": "str",
    "at": "float64",
    "form": "str",
    "names": "object",
    "removal": "str",
    "applied": "object",
    "key": "str",
    "known_ground": "str",
    "listed_on": "datetime64[s]",
    "clears_on": "datetime64[s]",
    "judged_on": "datetime64[s]",
    "stands": "object",
    "unconfirmed": "str",
    "amended": "str",
}
"""Columns a row may lack, with the type in which they are filled up."""


def flagged(known: Known, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Flags in the published order (with every column of `FLAG_COLUMNS`), and the rows with their ``flag_id``, ``term`` and place."""
    rows = _shaped(rows)
    rows = rows.sort_values([*SITUATION, "since", "rule", "at"], kind="stable", ignore_index=True)
    place = rows.groupby(SITUATION, sort=True).ngroup().to_numpy()
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    flags = rows.iloc[starts].reset_index(drop=True)
    flags["evidence"] = _joined(rows["evidence"], starts)
    flags["names"] = _joined(rows["names"], starts)
    flags["clears_on"] = rows.groupby(place)["clears_on"].max().where(rows["clears_on"].notna().groupby(place).all())
    flags["flag_id"] = pd.Series([flag_id(*told) for told in _told(flags)], dtype="str")
    flags["citation"] = _cited(citations(known, rows), starts)
    flags["done_on"] = flags["since"].where(flags["status"] == "recommend_removal")
    steps = next_steps(known, flags.assign(rule=flags["removal"]))
    doubtful = (rows["unconfirmed"] != "").groupby(place).any().to_numpy(dtype=bool)
    unused = rows["unconfirmed"].str.contains(_UNUSED).groupby(place).any().to_numpy(dtype=bool)
    flags = flags.assign(
        as_of=pd.Series(known.today, index=flags.index, dtype="datetime64[s]"),
        basis="statutory",
        next_step=steps["next_step"].mask(unused, "inspect"),
        next_step_due=steps["next_step_due"].mask(unused),
        provisional=doubtful | steps["unsure"].to_numpy(dtype=bool),
    )
    rows = rows.assign(
        flag_id=flags["flag_id"].to_numpy()[place], place=place, term=np.arange(len(rows)) - starts[place]
    )
    return flags, rows


def _shaped(rows: pd.DataFrame) -> pd.DataFrame:
    """Every column there, in one type."""
    for name, kind in SHAPE.items():
        column = rows[name] if name in rows else pd.Series(None, index=rows.index, dtype=object)
        rows[name] = column.fillna("").astype("str") if kind == "str" else column.astype(np.dtype(kind))
    return rows


def _joined(lists: pd.Series, starts: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> pd.Series:
    """The records of each group of rows, once each and in order."""
    cells = lists.to_numpy(dtype=object)
    ends = np.append(starts, len(cells))[1:]
    found = []
    for first, last in zip(starts, ends, strict=True):
        parts = [cell for cell in cells[first:last] if isinstance(cell, list)]
        found.append(sorted(set().union(*parts)) if len(parts) != 1 or len(parts[0]) > 1 else list(parts[0]))
    return pd.Series(found, dtype=object)


def _told(flags: pd.DataFrame) -> list[tuple[str, str, str, str, pd.Timestamp]]:
    return list(flags.loc[:, [*SITUATION, "since"]].itertuples(index=False, name=None))


def _cited(texts: pd.Series, starts: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> pd.Series:
    """The texts of each group of rows, once each."""
    cells, ends = texts.to_list(), np.append(starts, len(texts))[1:]
    return pd.Series(["；".join(dict.fromkeys(cells[a:b])) for a, b in zip(starts, ends, strict=True)], dtype="str")
