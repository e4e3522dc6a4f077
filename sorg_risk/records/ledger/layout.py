"""How typed rows lie on disk: every column as one plain array of numbers, words numbered, money in fen.

Days are int32 since 1970-01-01, moments int64 microseconds, money int64 fen, whole numbers int64, flags and declared
codes int8, free text int32 into the words of its bucket. Nothing on file has a number of its own, so a column needs no
second array to say where it is empty. Money that is no whole number of fen keeps its exact value beside.

Refused rows are laid out the same way: their cells as delivered, and what the quarantine says of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..packed import CLOCKS, FEN, FLAGS, NEVER, Cells, Numbers, Words, fen_or_whole
from ..schema import TABLES, Column

EMPTY = np.iinfo(np.int64).min
"""No number on file."""

MICROSECONDS_A_DAY = 86_400_000_000
ASIDE = "cells set aside"
"""Column of the cells of a row that could not be used, as JSON: column, rule and value of each."""
REFUSED = ".refused"
"""Ends the name of the store of refused rows of a table."""

_PHYSICAL = {
    "day": pa.int32(),
    "timestamp": pa.int64(),
    "money": pa.int64(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "flag": pa.int8(),
    "code": pa.int8(),
    "text": pa.int32(),
}
_TYPED = {
    "day": pa.timestamp("s"),
    "timestamp": pa.timestamp("us"),
    "money": pa.float64(),
    "integer": pa.float64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "code": pa.large_string(),
    "text": pa.large_string(),
}


@dataclass(frozen=True)
class Layout:
    """Columns of one store: key and organisation apart, the others in order; ``clock`` sorts the rows of a key owner."""

    name: str
    key: str
    clock: str
    columns: tuple[Column, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def typed(self) -> pa.Schema:
        """Rows on their way to disk: typed as the checks leave them, with their place in the delivery."""
        text = [(name, pa.large_string()) for name in dict.fromkeys([self.key, "org_id"])]
        columns = [(column.name, _TYPED[column.kind]) for column in self.columns]
        return pa.schema([("position", pa.int64()), *text, *columns])

    @cached_property
    def rows(self) -> pa.Schema:
        """Rows on disk."""
        head = [("key", pa.large_string()), ("hash", pa.uint64()), ("ordinal", pa.int64())]
        columns = [(column.name, _PHYSICAL[column.kind]) for column in self.columns]
        codes = {column.name: list(column.codes) for column in self.columns if column.codes}
        return pa.schema([*head, *columns], metadata={"codes": json.dumps(codes, ensure_ascii=False)})

    @cached_property
    def lists(self) -> pa.Schema:
        """What a bucket has once: organisations and their rows, words of texts, odd amounts, keys of several rows."""
        text, money = self.of_kind("text"), self.of_kind("money")
        return pa.schema(
            [
                ("orgs", pa.large_list(pa.large_string())),
                ("offsets", pa.large_list(pa.int64())),
                ("repeated", pa.large_list(pa.uint64())),
                *((f"words of {name}", pa.large_list(pa.large_string())) for name in text),
                *((f"odd {name} at", pa.large_list(pa.int64())) for name in money),
                *((f"odd {name}", pa.large_list(pa.float64())) for name in money),
            ]
        )

    def of_kind(self, kind: str) -> list[str]:
        """Names of the columns of a kind."""
        return [column.name for column in self.columns if column.kind == kind]


def layout(name: str) -> Layout:
    """Layout of a store: a table, or its refused rows."""
    return _refused_layout(name) if name.endswith(REFUSED) else _table_layout(name)


@cache
def _table_layout(name: str) -> Layout:
    table = TABLES[name]
    columns = [column for column in table.columns if column.name not in (table.key, "org_id")]
    return Layout(name, table.key, CLOCKS[name], (*columns, Column(ASIDE, "text")))


@cache
def _refused_layout(name: str) -> Layout:
    words = [Column(word, "text") for word in ("cells", "column", "rule", "reason", "value")]
    return Layout(name, "primary_key", "recorded_at", (Column("recorded_at", "timestamp"), *words))


def encoded(cells: pa.Array, column: Column) -> tuple[NDArray[Any], pa.Array | None]:
    """A typed column as on disk, and the words of a text."""
    if column.kind == "day":
        return np.asarray(cells.cast(pa.date32()).cast(pa.int32()).fill_null(int(NEVER))), None
    if column.kind == "timestamp":
        return np.asarray(cells.cast(pa.int64()).fill_null(EMPTY)), None
    if column.kind == "flag":
        return np.asarray(cells.cast(pa.int8()).fill_null(-1)), None
    if column.kind == "code":
        codes = pc.index_in(cells, value_set=pa.array(list(column.codes), cells.type))
        return np.asarray(codes.fill_null(-1)).astype(np.int8), None
    if column.kind == "text":
        words = cells.dictionary_encode()
        return np.asarray(words.indices.fill_null(-1)).astype(np.int32), words.dictionary
    numbers = np.asarray(cells.fill_null(np.nan))
    return (numbers if column.kind == "number" else whole(numbers, column)), None


def whole(numbers: NDArray[np.float64], column: Column) -> NDArray[np.int64]:
    """Money as fen, other numbers as they are; `EMPTY` where nothing is on file."""
    found = fen_or_whole(numbers, column)
    return np.where(found.valid, found.values, EMPTY)


def odd(numbers: NDArray[np.float64], fen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows whose amount is no whole number of fen, and their exact amounts."""
    rows = np.flatnonzero(~np.isnan(numbers) & (fen / FEN != numbers))
    return rows, numbers[rows]


def decoded(values: NDArray[Any], column: Column, words: pa.Array | None = None) -> pd.Series[Any]:
    """A column from disk as the checks had left it."""
    if column.kind == "day":
        days = np.where(values == NEVER, np.datetime64("NaT"), values.astype("datetime64[D]"))
        return pd.Series(days.astype("datetime64[s]"))
    if column.kind == "timestamp":
        return pd.Series(values.astype("datetime64[us]"))
    if column.kind == "flag":
        return pd.Series(pd.array(np.where(values == 1, True, False), dtype="boolean")).mask(values < 0)
    if column.kind in ("code", "text"):
        known = pa.array(list(column.codes), pa.large_string()) if words is None else words
        return text(known.take(pa.array(values, mask=values < 0)))
    if column.kind == "number":
        return pd.Series(values)
    scale = FEN if column.kind == "money" else 1
    return pd.Series(np.where(values == EMPTY, np.nan, values / scale))


def text(words: pa.Array) -> pd.Series[Any]:
    """Words as a frame holds them."""
    return pd.Series(pd.array(words.cast(pa.large_string()), dtype="str"))


def cells(values: NDArray[Any], column: Column, words: pa.Array | None = None) -> Cells:
    """A column from disk as a kernel wants it."""
    if column.kind == "day":
        return Numbers(values.astype(np.int64), values != NEVER)
    if column.kind == "timestamp":
        return Numbers(values // MICROSECONDS_A_DAY, values != EMPTY)
    if column.kind == "flag":
        return Words(values, FLAGS)
    if column.kind in ("code", "text"):
        return Words(values, tuple(column.codes) if words is None else words)
    return Numbers(values, values != EMPTY, FEN if column.kind == "money" else 1)
