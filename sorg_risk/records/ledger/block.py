"""The rows of one bucket of one store: sorted by organisation, event day, key and moment of recording.

A block names its parts: the columns of its layout, ``key``, ``hash`` (of the key) and ``ordinal`` (which delivered row it
was), ``words of`` a text, and ``odd`` amounts (rows and exact values). Parts are read, put together or picked when they
are asked for, so a sweep touches the columns it needs and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..schema import Column
from .hashing import Hashes, hashes, mixed
from .layout import Layout, decoded, encoded, odd, text

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Part = Callable[[str], Any]

WORDS, ODD = "words of ", "odd "


class Block:
    """Rows of a bucket: organisation ``i`` owns the rows ``offsets[i]:offsets[i + 1]``.

    ``repeated``: hashes of keys that have several rows in the bucket, older blocks included.
    """

    def __init__(self, layout: Layout, orgs: pa.Array, offsets: Ints, repeated: Hashes, part: Part) -> None:
        self.layout = layout
        self.orgs = orgs
        self.offsets = offsets
        self.repeated = repeated
        self._part = part
        self._parts: dict[str, Any] = {}

    def __len__(self) -> int:
        return int(self.offsets[-1])

    def __getitem__(self, name: str) -> Any:
        if name not in self._parts:
            self._parts[name] = self._part(name)
        return self._parts[name]

    @property
    def owner(self) -> Ints:
        """Place of each row's organisation in `orgs`."""
        return np.repeat(np.arange(len(self.orgs)), np.diff(self.offsets))

    def words(self, column: Column) -> pa.Array | None:
        """Words of a text, None for any other kind of column."""
        return self[WORDS + column.name] if column.kind == "text" else None

    def taken(self, rows: Ints | Bools) -> Block:
        """Some of the rows, in their order; organisations stay, even those that lose their last row."""
        at = np.flatnonzero(rows) if rows.dtype == bool else rows

        def part(name: str) -> Any:
            if name.startswith(WORDS):
                return self[name]
            if name.startswith(ODD):
                places, values = self[name]
                _, old, new = np.intersect1d(places, at, assume_unique=True, return_indices=True)
                return new, values[old]
            return self[name].take(pa.array(at)) if name == "key" else self[name][at]

        return Block(self.layout, self.orgs, np.searchsorted(at, self.offsets), self.repeated, part)

    def repeating(self, hashed: Hashes) -> Block:
        """The same rows; keys of these hashes have several rows."""
        return Block(self.layout, self.orgs, self.offsets, hashed, self.__getitem__)

    def pruned(self) -> Block:
        """The same rows without organisations and words that none of them has."""
        kept = np.diff(self.offsets) > 0
        texts = set(self.layout.of_kind("text"))

        def part(name: str) -> Any:
            if name in texts:
                used, place = np.unique(self[name], return_inverse=True)
                return (place - int(used[:1].sum() < 0)).astype(np.int32)
            if name.startswith(WORDS):
                used = np.unique(self[name.removeprefix(WORDS)])
                return self[name].take(pa.array(used[used >= 0]))
            return self[name]

        orgs = self.orgs.filter(pa.array(kept))
        return Block(self.layout, orgs, np.append(self.offsets[:-1][kept], len(self)), self.repeated, part)

    def content(self, salt: int) -> Hashes:
        """Hash of everything a row says: equal rows are equal, whatever block they are in."""
        state = mixed(mixed(np.full(len(self), salt, np.uint64), self["hash"]), hashes(self.orgs)[self.owner])
        for column in self.layout.columns:
            values = self[column.name]
            if column.kind == "text":
                values = np.append(hashes(self[WORDS + column.name]), np.uint64(0))[values]
            state = mixed(state, values)
            if column.kind == "money":
                rows, exact = self[ODD + column.name]
                state[rows] = mixed(state[rows], exact.view(np.int64))
        return state

    def frame(self, rows: Ints | None = None) -> pd.DataFrame:
        """Rows as the checks had left them: typed, with key and organisation, in the order of the block."""
        at = np.arange(len(self)) if rows is None else rows
        orgs = text(self.orgs.take(pa.array(self.owner[at])))
        cells = {self.layout.key: text(self["key"].take(pa.array(at))), "org_id": orgs}
        for column in self.layout.columns:
            cells[column.name] = self._typed(column, at)
        return pd.DataFrame(cells)

    def _typed(self, column: Column, at: Ints) -> pd.Series[Any]:
        cells = decoded(self[column.name][at], column, self.words(column))
        if column.kind == "money" and len(self[ODD + column.name][0]):
            places, values = self[ODD + column.name]
            exact = pd.Series(values, index=places).reindex(at).to_numpy()
            cells = cells.where(np.isnan(exact), exact)
        return cells


def block_of(rows: pa.Table, layout: Layout, first: int) -> Block:
    """Sorts and encodes typed rows; ``first``: ordinal of the first row of the delivery."""
    typed = {name: _whole(rows[name]) for name in rows.column_names}
    parts: dict[str, Any] = {"ordinal": np.asarray(typed["position"]) + first, "key": typed[layout.key]}
    parts["hash"] = hashes(parts["key"])
    for column in layout.columns:
        parts[column.name], words = encoded(typed[column.name], column)
        if words is not None:
            parts[WORDS + column.name] = words
        if column.kind == "money":
            parts[ODD + column.name] = odd(np.asarray(typed[column.name].fill_null(np.nan)), parts[column.name])
    return _in_order(layout, typed["org_id"], parts.__getitem__, np.zeros(0, np.uint64))


def merged(blocks: Sequence[Block]) -> Block:
    """Several blocks of one bucket as one, sorted as one."""
    if len(blocks) == 1:
        return blocks[0]
    starts = np.cumsum([0, *map(len, blocks)])

    def part(name: str) -> Any:
        parts = [block[name] for block in blocks]
        if name.startswith(WORDS):
            return _one_vocabulary(parts)[0]
        if name.startswith(ODD):
            rows = [at + start for (at, _), start in zip(parts, starts)]
            return np.concatenate(rows), np.concatenate([values for _, values in parts])
        if WORDS + name in texts:
            places = _one_vocabulary([block[WORDS + name] for block in blocks])[1]
            return np.concatenate([np.append(place, np.int32(-1))[code] for place, code in zip(places, parts)])
        return pa.concat_arrays(parts) if name == "key" else np.concatenate(parts)

    layout = blocks[0].layout
    texts = {WORDS + name for name in layout.of_kind("text")}
    orgs = pa.concat_arrays([block.orgs.take(pa.array(block.owner)) for block in blocks])
    return _in_order(layout, orgs, part, np.unique(np.concatenate([block.repeated for block in blocks])))


def _in_order(layout: Layout, org_ids: pa.Array, part: Part, repeated: Hashes) -> Block:
    """A block of unsorted parts."""
    orgs, owner = _ranked(org_ids)
    recorded = part("recorded_at")
    event = part(layout.clock) if layout.clock in layout.by_name else recorded
    columns = pa.table({"owner": owner, "event": event, "key": part("key"), "recorded": recorded})
    by = [(name, "ascending") for name in columns.column_names]
    order = np.asarray(pc.sort_indices(columns, sort_keys=by)).astype(np.int64)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))

    def sorted_part(name: str) -> Any:
        if name.startswith(WORDS):
            return part(name)
        if name.startswith(ODD):
            rows, values = part(name)
            by_row = np.argsort(place[rows])
            return place[rows][by_row], values[by_row]
        return part(name).take(pa.array(order)) if name == "key" else part(name)[order]

    offsets = np.searchsorted(owner[order], np.arange(len(orgs) + 1)).astype(np.int64)
    return Block(layout, orgs, offsets, repeated, sorted_part)


def _ranked(names: pa.Array) -> tuple[pa.Array, Ints]:
    """Distinct names in order, and the place of each among them."""
    found = names.dictionary_encode()
    order = np.asarray(pc.sort_indices(found.dictionary)).astype(np.int64)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return found.dictionary.take(pa.array(order)), rank[np.asarray(found.indices)] if len(names) else rank


def _one_vocabulary(words: list[pa.Array]) -> tuple[pa.Array, list[NDArray[np.int32]]]:
    """Words of all parts once, and the new place of each part's words."""
    whole = pa.concat_arrays(words).dictionary_encode()
    place = np.asarray(whole.indices).astype(np.int32)
    return whole.dictionary, np.split(place, np.cumsum([len(one) for one in words])[:-1])


def _whole(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return found if isinstance(found, pa.Array) else pa.concat_arrays(found.chunks)
