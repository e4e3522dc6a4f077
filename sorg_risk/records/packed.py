"""Rows of one table, packed for sweeping: sorted by organisation and event day, columns as plain numpy arrays.

A packed table is what a kernel wants: organisation ``i`` owns the rows ``offsets[i]:offsets[i + 1]``, days are whole
numbers since 1970-01-01, money is whole fen, so that sums are exact and the order of rows does not matter.

>>> frame = pd.DataFrame({"org_id": ["b", "a", "a"], "complaint_id": ["3", "2", "1"],
...                       "received_on": pd.to_datetime(["2024-01-03", "2024-01-02", "2024-01-01"])})
>>> packed = pack("complaints", frame, pd.Index(["a", "b"]), clock="received_on")
>>> packed.keys.tolist(), packed.offsets.tolist(), (packed.event - packed.event[0]).tolist()
(['1', '2', '3'], [0, 2, 3], [0, 1, 2])
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .schema import TABLES, Column

NEVER = np.int32(np.iinfo(np.int32).max)
"""A day that does not come: the end of a row that still stands, the event day of a row that has none."""

FEN = 100


@dataclass(frozen=True)
class Numbers:
    """A column of numbers: ``values`` int64 (money in fen), ``valid`` where a value is on file, ``scale`` per unit."""

    values: NDArray[np.int64]
    valid: NDArray[np.bool_]
    scale: int


@dataclass(frozen=True)
class Words:
    """A column of words: ``codes`` int64 into the sorted ``vocabulary``, -1 where nothing is on file."""

    codes: NDArray[np.int64]
    vocabulary: tuple[str, ...]


@dataclass(frozen=True)
class Packed:
    """Sorted rows of one table under one clock (event column); see `pack`."""

    table: str
    orgs: pd.Index[str]
    frame: pd.DataFrame
    owner: NDArray[np.int64]
    event: NDArray[np.int32]
    known_from: NDArray[np.int32]
    known_until: NDArray[np.int32]
    columns: dict[str, Column] = field(default_factory=dict)
    _numbers: dict[str, Numbers] = field(default_factory=dict)
    _words: dict[str, Words] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.owner)

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Where the rows of each organisation begin, and the end of the last: length organisations + 1."""
        return np.searchsorted(self.owner, np.arange(len(self.orgs) + 1)).astype(np.int64)

    @cached_property
    def keys(self) -> NDArray[np.object_]:
        """Primary keys, row by row."""
        return self.frame[TABLES[self.table].key].to_numpy(dtype=object)

    def numbers(self, name: str) -> Numbers:
        """A column of money, whole numbers, flags or days as int64; read once, then kept."""
        if name not in self._numbers:
            self._numbers[name] = _numbers(self.frame[name], self.columns[name].kind)
        return self._numbers[name]

    def words(self, name: str) -> Words:
        """A column of codes or text as whole numbers; read once, then kept."""
        if name not in self._words:
            codes, vocabulary = pd.factorize(self.frame[name], sort=True)
            self._words[name] = Words(codes.astype(np.int64), tuple(str(word) for word in vocabulary))
        return self._words[name]

    def days(self, name: str) -> NDArray[np.int32]:
        """A column of days since 1970-01-01; `NEVER` where there is none."""
        return day_numbers(self.frame[name])


def pack(
    table: str,
    history: pd.DataFrame,
    orgs: pd.Index[str],
    clock: str = "",
    derive: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
    columns: dict[str, Column] | None = None,
) -> Packed:
    """Packs the rows of ``orgs`` (sorted) out of ``history``; rows of other organisations are left out.

    ``clock`` names the event day (empty: the day the row became known). A frame without ``known_from`` and
    ``known_until`` is taken as known all the time. ``derive`` may add columns, declared in ``columns``.
    """
    owner = orgs.get_indexer(pd.Index(history["org_id"]))
    frame, owner = history[owner >= 0], owner[owner >= 0]
    if derive is not None:
        frame = derive(frame)
    since = day_numbers(frame["known_from"]) if "known_from" in frame else np.zeros(len(frame), np.int32)
    until = day_numbers(frame["known_until"]) if "known_until" in frame else np.full(len(frame), NEVER)
    event = day_numbers(frame[clock]) if clock else since
    key = frame[TABLES[table].key].to_numpy(dtype=str)
    order = np.lexsort((since, key, event, owner))
    return Packed(
        table,
        orgs,
        frame.iloc[order].reset_index(drop=True),
        owner[order].astype(np.int64),
        event[order],
        since[order],
        until[order],
        {**TABLES[table].by_name, **(columns or {})},
    )


def day_numbers(days: pd.Series[Any]) -> NDArray[np.int32]:
    """Days since 1970-01-01 as int32; a missing day is `NEVER`."""
    whole = days.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(whole), NEVER, whole.astype(np.int64)).astype(np.int32)


def _numbers(column: pd.Series[Any], kind: str) -> Numbers:
    if kind in ("day", "timestamp"):
        days = day_numbers(column)
        return Numbers(days.astype(np.int64), days != NEVER, 1)
    scale = FEN if kind == "money" else 1
    found = column.to_numpy(dtype=np.float64, na_value=np.nan)
    valid = ~np.isnan(found)
    return Numbers(np.rint(np.where(valid, found, 0.0) * scale).astype(np.int64), valid, scale)
