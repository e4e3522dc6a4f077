"""Bringing a delivery into a ledger: spill by bucket, tell new rows from known ones, write the new ones as a segment.

First every piece is checked and written to a temporary file, sorted by bucket inside. Then bucket after bucket is taken
out of it, compared with what the ledger holds of that bucket, and what is new is sorted and encoded. Memory is bounded by
a piece, then by a bucket; the number of rows does not matter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..columns import written
from ..identifiers import Counts, together
from .arriving import Arrival, Feed, Piece
from .aside import packed_cells
from .block import Block, block_of
from .files import StoreWriter, read_block, read_keys, write_crossing, write_keys
from .hashing import Hashes
from .layout import REFUSED, Layout, layout
from .runs import NOWHERE, Runs
from .spill import PairSpill, RowSpill, leading

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

PLACES = 2**22
"""Places of a delivery put in order at a time."""

_TEXT = pa.large_string()
_SALTS = (0, 0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Older:
    """What a ledger holds already: the folder and the stores of each segment."""

    buckets: int
    segments: tuple[tuple[Path, frozenset[str]], ...]

    def blocks(self, store: str, bucket: int) -> list[Block]:
        """Blocks of one bucket of one store, oldest first."""
        return [read_block(folder, store, bucket) for folder, stores in self.segments if store in stores]

    def keys(self, store: str, part: int) -> list[tuple[Hashes, NDArray[np.int32]]]:
        """One part of the keys of every segment."""
        return [read_keys(folder, store, part) for folder, stores in self.segments if store in stores]


def bring_table(
    name: str, arrival: Arrival, known: dict[int, Runs], first: int, older: Older, folder: Path, temporary: Path
) -> tuple[Runs, dict[str, int], dict[int, Counts]]:
    """Brings one table; returns the order of its rows, how many new rows each store got, and what was folded in each feed.

    ``known``: feeds (by number) that came before and need not be read again, with the order of their rows. ``first``:
    ordinal of the row at the first place.
    """
    with ExitStack() as stack:
        stores = {store: RowSpill(temporary / store, layout(store), older.buckets) for store in (name, name + REFUSED)}
        for spill in stores.values():
            stack.callback(spill.close)
        starts = np.cumsum([0, *(feed.rows for feed in arrival.feeds)])
        matches = PairSpill(temporary / "matches", int(starts[-1]) // PLACES + 1)
        stack.callback(matches.close)
        folded = {
            number: _spill(feed, int(starts[number]), stores, matches)
            for number, feed in enumerate(arrival.feeds)
            if number not in known
        }
        new = {}
        for store, spill in stores.items():
            spill.close()
            if spill.rows:
                blocks = _new_blocks(spill, first, older, matches)
                new[store] = write_store(store, blocks, older, folder, temporary)
        order = [
            known[number] if number in known else _order(int(start), int(stop), first, matches)
            for number, (start, stop) in enumerate(pairwise(starts))
        ]
        for path in temporary.iterdir():
            path.unlink()
    return Runs.joined(order), {store: rows for store, rows in new.items() if rows}, folded


def _spill(feed: Feed, start: int, stores: dict[str, RowSpill], matches: PairSpill) -> Counts:
    """Writes the rows of a feed to the temporary files, and returns what was folded in them."""
    good, refused = stores.values()
    counts = []
    with closing(feed.pieces()) as pieces:
        for piece in pieces:
            places = piece.places + start
            good.add(_accepted(piece, places, good.layout))
            if len(piece.checked.refused.lines):
                refused.add(_refused(piece, places, refused.layout))
            if len(piece.left_out):
                nowhere = np.stack([piece.left_out + start, piece.left_out + NOWHERE], axis=1)
                matches.add(nowhere[:, 0] // PLACES, nowhere)
            counts.append(piece.checked.folded)
    return together(counts)


def _accepted(piece: Piece, places: Ints, declared: Layout) -> pa.Table:
    rows = piece.checked.rows if "org_id" in piece.checked.rows else piece.checked.rows.assign(org_id="")
    named = [field for field in declared.typed if field.name in rows]
    columns = [pa.array(rows[field.name], field.type, from_pandas=True) for field in named]
    columns.append(pa.array(packed_cells(piece.checked.cells, len(rows)), pa.large_string(), from_pandas=True))
    return pa.table([pa.array(places[piece.checked.position]), *columns], schema=declared.typed)


def _refused(piece: Piece, places: Ints, declared: Layout) -> pa.Table:
    """Refused rows: every cell as delivered, and what the quarantine says."""
    raw, lines = piece.delivery.frame, piece.checked.refused.lines
    at = np.delete(np.arange(len(raw)), piece.checked.position)
    some = raw.iloc[at]
    cells = pd.DataFrame({name: written(some[name]) for name in some}, index=some.index).where(some.notna(), None)
    words: dict[str, Any] = {name: lines[name] for name in ("primary_key", "column", "rule", "reason", "value")}
    words["cells"] = _as_json(cells)
    words["org_id"] = cells["org_id"].fillna("").to_numpy() if "org_id" in cells else [""] * len(at)
    made = {
        "position": pa.array(places[at]),
        "recorded_at": pa.array(pd.Series(piece.checked.refused.recorded_at), pa.timestamp("us"), from_pandas=True),
        **{name: pa.array(found, pa.large_string(), from_pandas=True) for name, found in words.items()},
    }
    return pa.table([made[field.name] for field in declared.typed], schema=declared.typed)


def _as_json(cells: pd.DataFrame) -> pa.Array:
    """Each row of texts as a JSON object, every distinct text written once."""
    parts: list[Any] = []
    for name in cells:
        place, distinct = pd.factorize(cells[name])
        written = pa.array([*(json.dumps(text, ensure_ascii=False) for text in distinct), "null"], _TEXT)
        begin = f"{', ' if parts else '{'}{json.dumps(str(name), ensure_ascii=False)}: "
        parts += [pa.scalar(begin, _TEXT), written.take(pa.array(place % len(written)))]
    end = pa.scalar("}", _TEXT)
    return (
        pc.binary_join_element_wise(*parts, end, pa.scalar("", _TEXT))
        if parts
        else pa.array(["{}"] * len(cells), _TEXT)
    )


def _new_blocks(spill: RowSpill, first: int, older: Older, matches: PairSpill) -> Iterator[Block]:
    """New rows of one store, bucket by bucket; the places of known rows go to ``matches``."""
    for bucket in range(older.buckets):
        block = block_of(spill.take(bucket), spill.layout, first)
        same, repeated = _compared(block, older.blocks(spill.layout.name, bucket))
        again = same >= 0
        pairs = np.stack([block["ordinal"][again] - first, same[again]], axis=1)
        matches.add(pairs[:, 0] // PLACES, pairs)
        yield (block.taken(~again) if again.any() else block).repeating(repeated)


def write_store(name: str, blocks: Iterator[Block], older: Older, folder: Path, temporary: Path) -> int:
    """Writes the blocks of one store, one a bucket, and the index of their keys; returns the number of rows."""
    rows = 0
    keys = PairSpill(temporary / "keys", older.buckets)
    with closing(keys):
        with StoreWriter(folder, name) as writer:
            for bucket, block in enumerate(blocks):
                writer.write(block.pruned())
                hashed = block["hash"]
                keys.add(leading(hashed, older.buckets), _pairs(hashed, bucket))
                rows += len(block)
        if rows:
            _write_keys(name, keys, older, folder)
    if not rows:
        for path in folder.glob(f"{name}.*"):
            path.unlink()
    return rows


def _compared(block: Block, known: list[Block]) -> tuple[Ints, Hashes]:
    """For each row the ordinal of the equal row that was there before it (else -1); keys with several rows."""
    hashed = np.concatenate([*(one["hash"] for one in known), block["hash"]])
    repeated = _several(hashed, len(block))
    same = np.full(len(block), -1, np.int64)
    if not len(repeated):
        return same, repeated
    blocks = [*known, block]
    picked = [np.flatnonzero(np.isin(one["hash"], repeated)) for one in blocks]
    some = [one.taken(rows) for one, rows in zip(blocks, picked)]
    content, check = (np.concatenate([one.content(salt) for one in some]) for salt in _SALTS)
    ordinal = np.concatenate([one["ordinal"] for one in some])
    order = np.lexsort((np.arange(len(content)), check, content))
    begins = np.append(True, (np.diff(content[order]) != 0) | (np.diff(check[order]) != 0))
    leader = np.empty(len(order), np.int64)
    leader[order] = order[np.flatnonzero(begins)[np.cumsum(begins) - 1]]
    own = np.arange(len(order) - len(picked[-1]), len(order))
    again = leader[own] != own
    same[picked[-1][again]] = ordinal[leader[own[again]]]
    fresh = ~np.isin(np.arange(len(block)), picked[-1][again])
    return same, _several(np.concatenate([hashed[: len(hashed) - len(block)], block["hash"][fresh]]), int(fresh.sum()))


def _several(hashed: Hashes, newest: int) -> Hashes:
    """Hashes that occur more than once, at least once among the last ``newest``."""
    ordered = np.sort(hashed)
    several = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return several[np.isin(several, hashed[len(hashed) - newest :])] if newest < len(hashed) else several


def _pairs(hashed: Hashes, bucket: int) -> Ints:
    return np.stack([hashed.view(np.int64), np.full(len(hashed), bucket)], axis=1)


def _write_keys(name: str, keys: PairSpill, older: Older, folder: Path) -> None:
    """Index of the new keys in order; keys with rows in several buckets are written apart."""
    crossing: list[Hashes] = []

    def parts() -> Iterator[tuple[Hashes, NDArray[np.int32]]]:
        for part in range(older.buckets):
            pairs = keys.take(part)
            hashed, bucket = pairs[:, 0].copy().view(np.uint64), pairs[:, 1].astype(np.int32)
            order = np.argsort(hashed, kind="stable")
            hashed, bucket = hashed[order], bucket[order]
            crossing.append(_crossing(hashed, bucket, older.keys(name, part)))
            yield hashed, bucket

    write_keys(folder, name, parts())
    write_crossing(folder, name, np.concatenate(crossing))


def _crossing(hashed: Hashes, bucket: NDArray[np.int32], older: list[tuple[Hashes, NDArray[np.int32]]]) -> Hashes:
    """New keys that have rows in several buckets."""
    all_hashes, all_buckets = [hashed], [bucket]
    for known, place in older:
        at = np.searchsorted(known, hashed), np.searchsorted(known, hashed, side="right")
        rows = Runs(at[0][at[0] < at[1]], (at[1] - at[0])[at[0] < at[1]]).ordinals()
        all_hashes.append(known[rows])
        all_buckets.append(place[rows])
    whole, where = np.concatenate(all_hashes), np.concatenate(all_buckets)
    order = np.lexsort((where, whole))
    differs = (np.diff(whole[order]) == 0) & (np.diff(where[order]) != 0)
    return np.unique(whole[order][1:][differs])


def _order(start: int, stop: int, first: int, matches: PairSpill) -> Runs:
    """Order of the rows at the places ``start <= place < stop``: new ordinals, or those of known rows."""
    parts = []
    for block in range(start // PLACES, max(stop - 1, start) // PLACES + 1):
        low, high = max(start, block * PLACES), min(stop, (block + 1) * PLACES)
        ordinals = np.arange(first + low, first + high)
        pairs = matches.take(block)
        inside = (pairs[:, 0] >= low) & (pairs[:, 0] < high)
        ordinals[pairs[inside, 0] - low] = pairs[inside, 1]
        parts.append(Runs.of(ordinals))
    return Runs.joined(parts)
