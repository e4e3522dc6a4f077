"""Rows of one table, packed for sweeping: sorted by organisation and event day, columns as plain numpy arrays.

A packed table is what a kernel wants: organisation ``i`` owns the rows ``offsets[i]:offsets[i + 1]``, days are whole
numbers since 1970-01-01, money is whole fen, so that sums are exact and the order of rows does not matter. Where the
rows come from (a view, a source, a bucket of a ledger) makes no difference to it.

>>> frame = pd.DataFrame({"org_id": ["a", "a", "b"], "complaint_id": ["1", "2", "3"],
...                       "received_on": pd.to_datetime(["2024-01-02", "2024-01-01", "2024-01-03"])})
>>> packed = packs_of_frames(pd.Index(["a", "b"]), lambda _table: frame).table("complaints")
>>> packed.keys.tolist(), packed.offsets.tolist()
(['2', '1', '3'], [0, 2, 3])
>>> packed.numbers("received_on").values.tolist()
[19723, 19724, 19725]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from .schema import TABLES, Column

NEVER = np.int32(np.iinfo(np.int32).max)
"""A day that does not come: the end of a row that still stands, the event day of a row that has none."""

FEN = 100
"""Money is held in fen, hundredths of a yuan."""

MOST = 2.0**53
"""No number is taken as larger than this (90 million million yuan): beyond it, floats are no whole numbers."""

FLAGS = ("false", "true")

CLOCKS: Mapping[str, str] = MappingProxyType(
    {
        "organizations": "recorded_at",
        "filings": "filed_on",
        "complaints": "received_on",
        "fund_flows": "booked_on",
        "penalties": "decided_on",
        "inspections": "issued_on",
        "positions": "started_on",
        "listings": "decided_on",
        "assessments": "granted_on",
        "exemptions": "decided_on",
        "procedures": "done_on",
        "report_notices": "recorded_at",
    }
)
"""The event day by which the rows of an organisation are sorted."""


class Numbers:
    """A column of numbers: ``values`` int64 (money in fen), ``valid`` where a value is on file, ``scale`` a unit."""

    def __init__(self, values: NDArray[np.int64], valid: NDArray[np.bool_] | None = None, scale: int = 1) -> None:
        self.values = values
        self.valid = np.ones(len(values), dtype=bool) if valid is None else valid
        self.scale = scale


class Words:
    """A column of words: ``codes`` into the ``vocabulary``, -1 where nothing is on file.

    Codes (and flags, as false and true) keep the order of the schema; free text is numbered in any order.
    """

    def __init__(self, codes: NDArray[np.integer[Any]], vocabulary: tuple[str, ...] | pa.Array) -> None:
        self.codes = codes
        self.vocabulary = vocabulary


Cells = Numbers | Words


class Packed:
    """Sorted rows of one table; ``column`` gives the cells of a declared column, read once and kept."""

    def __init__(
        self,
        table: str,
        orgs: pd.Index[str],
        offsets: NDArray[np.int64],
        known_from: NDArray[np.int32],
        known_until: NDArray[np.int32],
        column: Callable[[str], Cells],
        keys: Callable[[], NDArray[np.object_]],
        calendar: str = "law",
    ) -> None:
        self.table = table
        self.orgs = orgs
        self.offsets = offsets
        self.known_from = known_from
        self.known_until = known_until
        self.calendar = calendar
        self._column = column
        self._keys = keys
        self._cells: dict[str, Cells] = {}

    def __len__(self) -> int:
        return len(self.known_from)

    @property
    def keys(self) -> NDArray[np.object_]:
        """Primary keys, row by row."""
        return self._keys()

    @property
    def owner(self) -> NDArray[np.int64]:
        """Place of each row's organisation in `orgs`."""
        return np.repeat(np.arange(len(self.orgs)), np.diff(self.offsets))

    def column(self, name: str, make: Callable[[Packed], Cells] | None = None) -> Cells:
        """Cells of a column; ``make`` derives one that the table itself does not have."""
        if name not in self._cells:
            self._cells[name] = self._column(name) if make is None else make(self)
        return self._cells[name]

    def own(self, name: str) -> Cells:
        """Cells of a column that whoever made these rows put beside the declared ones."""
        return self._column(name)

    def numbers(self, name: str) -> Numbers:
        """A column of money, whole numbers or days."""
        cells = self.column(name)
        assert isinstance(cells, Numbers), name
        return cells

    def words(self, name: str) -> Words:
        """A column of codes, flags or text."""
        cells = self.column(name)
        assert isinstance(cells, Words), name
        return cells

    def of(self, places: NDArray[np.int64]) -> Packed:
        """The rows of some organisations only (places in `orgs`, ascending)."""
        starts, stops = self.offsets[places], self.offsets[places + 1]
        offsets = np.concatenate([[0], np.cumsum(stops - starts)])
        rows = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], stops - starts)
        return Packed(
            self.table,
            self.orgs[places],
            offsets,
            self.known_from[rows],
            self.known_until[rows],
            lambda name: taken(self.column(name), rows),
            lambda: self.keys[rows],
            self.calendar,
        )

    def clocked(self, known_from: NDArray[np.int32], known_until: NDArray[np.int32]) -> Packed:
        """The same rows, known on other days."""
        return Packed(
            self.table, self.orgs, self.offsets, known_from, known_until, self.column, self._keys, self.calendar
        )

    def days(self, name: str) -> NDArray[np.int32]:
        """A column of days; `NEVER` where there is none."""
        return days_of(self.numbers(name))


def days_of(cells: Numbers) -> NDArray[np.int32]:
    """Days as int32, `NEVER` where nothing is on file."""
    return np.where(cells.valid, cells.values, NEVER).astype(np.int32)


class Packs:
    """Packed tables of a set of organisations (sorted); ``pack`` packs one when it is first asked for.

    ``shared``: gives the rows of a table that belongs to no organisation, a frame with ``known_from`` and ``known_until`` where they are known
    on some days only.
    """

    def __init__(
        self, orgs: pd.Index[str], pack: Callable[[str], Packed], shared: Callable[[str], pd.DataFrame]
    ) -> None:
        self.orgs = orgs
        self.shared = shared
        self._pack = pack
        self._tables: dict[str, Packed] = {}

    def table(self, name: str) -> Packed:
        """One table, packed."""
        if name not in self._tables:
            self._tables[name] = self._pack(name)
        return self._tables[name]


def packs_of_frames(orgs: pd.Index[str], rows: Callable[[str], pd.DataFrame], calendar: str = "law") -> Packs:
    """Packs of tables held as frames.

    ``rows`` gives the rows of a table sorted by organisation, key and day of knowledge, as `View.table` and
    `Source.history` do; rows without ``known_from`` and ``known_until`` are taken as known all the time.
    """
    return Packs(orgs, lambda table: _packed(table, rows(table), orgs, calendar), rows)


def _packed(table: str, rows: pd.DataFrame, orgs: pd.Index[str], calendar: str) -> Packed:
    owner = _owners(rows["org_id"], orgs)
    clock = CLOCKS[table]
    event = day_numbers(rows[clock]) if clock in rows else np.zeros(len(rows), np.int32)
    order = np.argsort((owner << 32) + event, kind="stable")
    order = order[np.searchsorted(owner[order], 0) :]
    offsets = np.searchsorted(owner[order], np.arange(len(orgs) + 1)).astype(np.int64)
    since = day_numbers(rows["known_from"]) if "known_from" in rows else np.full(len(rows), -NEVER)
    until = day_numbers(rows["known_until"]) if "known_until" in rows else np.full(len(rows), NEVER)
    declared = TABLES[table].by_name

    def column(name: str) -> Cells:
        return taken(cells_of(rows[name], declared[name]), order)

    def keys() -> NDArray[np.object_]:
        return rows[TABLES[table].key].to_numpy(dtype=object)[order]

    return Packed(table, orgs, offsets, since[order], until[order], column, keys, calendar)


def _owners(org_ids: pd.Series[str], orgs: pd.Index[str]) -> NDArray[np.int64]:
    """Place of each organisation in the sorted ``orgs``, -1 for any other."""
    found = pc.index_in(_arrow(org_ids), value_set=pa.array(orgs, pa.large_string()))
    return np.asarray(found.fill_null(-1)).astype(np.int64)


def cells_of(column: pd.Series[Any], declared: Column) -> Cells:
    """Typed cells of a frame as a kernel wants them."""
    if declared.kind in ("day", "timestamp"):
        days = day_numbers(column)
        return Numbers(days.astype(np.int64), days != NEVER)
    if declared.kind == "flag":
        return Words(column.to_numpy(dtype=np.int8, na_value=-1), FLAGS)
    if declared.kind in ("code", "text"):
        return coded(_arrow(column), tuple(declared.codes))
    return fen_or_whole(column.to_numpy(dtype=np.float64, na_value=np.nan), declared)


def coded(words: pa.Array, codes: tuple[str, ...]) -> Words:
    """Words as numbers: into the declared codes, or for free text into whatever occurs."""
    if codes:
        found = pc.index_in(words, value_set=pa.array(codes, words.type))
        return Words(np.asarray(found.fill_null(-1)).astype(np.int8), codes)
    encoded = words.dictionary_encode()
    return Words(np.asarray(encoded.indices.fill_null(-1)).astype(np.int32), encoded.dictionary)


def fen_or_whole(found: NDArray[np.float64], declared: Column) -> Numbers:
    """Money to whole fen, other numbers to whole numbers."""
    scale = FEN if declared.kind == "money" else 1
    valid = ~np.isnan(found)
    values = np.clip(np.where(valid, found, 0.0) * scale, -MOST, MOST)
    return Numbers(np.rint(values).astype(np.int64), valid, scale)


def taken(cells: Cells, rows: NDArray[np.int64]) -> Cells:
    """Some rows of a column, in the order asked for."""
    if isinstance(cells, Words):
        return Words(cells.codes[rows], cells.vocabulary)
    return Numbers(cells.values[rows], cells.valid[rows], cells.scale)


def day_numbers(days: pd.Series[Any]) -> NDArray[np.int32]:
    """Days since 1970-01-01 as int32; a missing day is `NEVER`."""
    whole = days.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(whole), NEVER, whole.astype(np.int64)).astype(np.int32)


def _arrow(column: pd.Series[Any]) -> pa.Array:
    words = pa.array(column, type=pa.large_string(), from_pandas=True)
    return words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words
