"""One bucket of an edition: which of its rows stand on which day, and its tables packed for sweeping.

Most rows are the only row of their key, of an organisation known without a gap: they stand from the day they were
recorded. Versions and retractions take each other's place (see `Versions`); conflicts and records that moved from one
organisation to another go through the very functions a source in memory uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from .. import versions
from ..packed import NEVER, Cells, Packed, Packs, day_numbers, taken
from ..schema import TABLES
from .block import Block, block_of
from .hashing import Hashes
from .layout import MICROSECONDS_A_DAY, cells, layout, text
from .several import OPEN_DAY, Standing, Versions

if TYPE_CHECKING:
    from .edition import Edition

Ints = NDArray[np.int64]
Days = NDArray[np.int32]


@dataclass(frozen=True)
class Bucket:
    """Organisations whose codes share the leading bits of their hash: the unit of memory and of parallel work."""

    edition: Edition
    number: int

    @cached_property
    def spans(self) -> pd.DataFrame:
        """Days on which each organisation is known, as `versions.known_spans` has them."""
        owner, since, until = self._register
        begins, ends = _stretches(owner, since, until)
        org_id = text(self.block("organizations").orgs.take(pa.array(owner[begins])))
        return pd.DataFrame({"org_id": org_id, **_standing_days(since[begins], until[ends])})

    @property
    def packs(self) -> Packs:
        """The tables of the bucket packed for sweeping; whoever drops them gives their memory back at once."""
        return Packs(self.orgs, lambda table: self._packed(table, self.orgs), self.edition.shared)

    @cached_property
    def orgs(self) -> pd.Index[str]:
        """Organisations known on some day."""
        ever_known = self.block("organizations").orgs.take(pa.array(np.unique(self._register[0])))
        known: pd.Index[str] = pd.Index(text(ever_known), name="org_id")
        return known

    def block(self, table: str) -> Block:
        """Rows of a table in the bucket, those that stand and those that do not."""
        block = self.edition.block(table, self.number)
        return _empty(table) if block is None else block

    def places(self, block: Block) -> Ints:
        """Place of each row's organisation among those of the bucket; -1 where it was never known."""
        orgs = pd.Index(block.orgs.to_pylist(), dtype="object")
        return np.asarray(self.orgs.get_indexer(orgs)[block.owner], dtype=np.int64)

    def standing(self, table: str, day: int) -> tuple[Block, Ints]:
        """Rows of a table, and which of them stand on a day (since 1970-01-01)."""
        block = self.block(table)
        rows, since, until = self._standing(table, block, self.places(block))
        at = np.flatnonzero((since <= day) & (day < until))
        return block, at if rows is None else rows[at]

    def history(self, table: str) -> pd.DataFrame:
        """Standing days of every row, as `Source.history` has them, in the order of the block."""
        block = self.block(table)
        rows, since, until = self._standing(table, block, self.places(block))
        return block.frame(rows)[TABLES[table].names].assign(**_standing_days(since, until))

    @cached_property
    def _register(self) -> tuple[Ints, Days, Days]:
        """Standing rows of the register, in order: place of the organisation in its block, first day, first day after."""
        block = self.block("organizations")
        rows, since, until = self._standing("organizations", block, np.zeros(len(block), np.int64))
        return block.owner if rows is None else block.owner[rows], since, until

    def _packed(self, table: str, orgs: pd.Index[str]) -> Packed:
        block = self.block(table)
        place = self.places(block)
        rows, since, until = self._standing(table, block, place)
        owner = place if rows is None else place[rows]
        key = block["key"]

        def column(name: str) -> Cells:
            declared = block.layout.by_name[name]
            found = cells(block[name], declared, block.words(declared))
            return found if rows is None else taken(found, rows)

        def keys() -> NDArray[np.object_]:
            return np.array((key if rows is None else key.take(pa.array(rows))).to_pylist(), dtype=object)

        offsets = np.searchsorted(owner, np.arange(len(orgs) + 1)).astype(np.int64)
        return Packed(table, orgs, offsets, since, until, column, keys, self.edition.calendar)

    def _standing(self, table: str, block: Block, place: Ints) -> tuple[Ints | None, Days, Days]:
        """Rows that stand on some day (None: all of them), the first such day, and the first day no longer so."""
        since = (block["recorded_at"] // MICROSECONDS_A_DAY).astype(np.int32)
        special = among(block["hash"], np.union1d(block.repeated, self.edition.crossing(table)))
        if table == "organizations":
            until = np.full(len(block), NEVER, np.int32)
        else:
            known_from, known_until, gaps = self._known
            since, until = np.maximum(since, known_from[place]), known_until[place]
            if gaps.any():
                special |= (place >= 0) & gaps[place]
        plain = (place >= 0) & ~special & (block["voided"] != 1) & (since < until)
        if plain.all():
            return None, since, until
        rows = np.flatnonzero(plain)
        if not special.any():
            return rows, since[rows], until[rows]
        parts = [(rows, since[rows], until[rows]), *self._special(table, block, np.flatnonzero(special), place)]
        row, since, until = (np.concatenate(pieces) for pieces in zip(*parts))
        order = np.lexsort((since, row))
        return row[order], since[order], until[order]

    def _special(self, table: str, block: Block, at: Ints, place: Ints) -> Iterator[Standing]:
        """Standing days of records of several rows, by place in the block: of most by numbers alone."""
        odd = among(block["hash"][at], self.edition.crossing(table))
        if table == "organizations":
            first, last = np.full(len(at), -NEVER), np.full(len(at), NEVER)
        else:
            known_from, known_until, gaps = self._known
            first, last = known_from[place[at]], known_until[place[at]]
            odd |= gaps[place[at]]
        found = Versions.of(block, at, odd)
        yield found.standing(first, last)
        if found.odd.any():
            yield self._judged(table, block, at[found.odd])

    def _judged(self, table: str, block: Block, at: Ints) -> Standing:
        """Standing days of conflicts, moved records and those of organisations known with gaps, as a source in memory has them."""
        declared = TABLES[table]
        frame = block.frame(at)
        rows = frame[~versions.conflicting(declared, frame)]
        if table == "organizations":
            found = versions.unbounded_history(declared, rows)
        else:
            stray = among(block["hash"][at], self.edition.crossing(table))
            found = versions.history(declared, rows[~stray[rows.index]], self.spans)
            if stray.any():
                moved = self.edition.strays(table)
                found = pd.concat([found, moved[moved["org_id"].isin(self.orgs)]], ignore_index=True)
        moment = list(dict.fromkeys([declared.key, "org_id", "recorded_at"]))
        found = found.merge(frame[moment].assign(row=at).drop_duplicates(moment), on=moment)
        row: Ints = found["row"].to_numpy(dtype=np.int64)
        return row, day_numbers(found["known_from"]), day_numbers(found["known_until"])

    @cached_property
    def _known(self) -> tuple[Days, Days, NDArray[np.bool_]]:
        """First day on which each organisation is known, first on which no longer, and who is known with gaps."""
        owner, since, until = self._register
        first = np.diff(owner, prepend=-1) != 0
        last = np.diff(owner, append=-1) != 0
        begins, _ = _stretches(owner, since, until)
        gaps = np.bincount(np.cumsum(first)[begins] - 1, minlength=len(self.orgs)) > 1
        nobody = np.int32(0)
        return np.append(since[first], nobody), np.append(until[last], nobody), np.append(gaps, False)


def _standing_days(since: Days, until: Days) -> dict[str, pd.Series[Any]]:
    """Columns ``known_from`` and ``known_until``; what is open ends on the last of days."""
    days = {"known_from": since, "known_until": np.minimum(until, OPEN_DAY)}
    return {name: pd.Series(found.astype("datetime64[D]").astype("datetime64[s]")) for name, found in days.items()}


def _stretches(owner: Ints, since: Days, until: Days) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Rows that begin and rows that end a stretch of days without a gap."""
    follows = (owner[1:] == owner[:-1]) & (since[1:] == until[:-1])
    return np.append(True, ~follows)[: len(owner)], np.append(~follows, True)[: len(owner)]


def among(hashed: Hashes, wanted: Hashes) -> NDArray[np.bool_]:
    """Which hashes are among some; a table of their last bits rules out nearly all others at once."""
    if not len(wanted):
        return np.zeros(len(hashed), dtype=bool)
    bits = np.uint64(2 ** max(16, int(8 * len(wanted)).bit_length()) - 1)
    table = np.zeros(int(bits) + 1, dtype=bool)
    table[wanted & bits] = True
    found = np.flatnonzero(table[hashed & bits])
    sure = np.zeros(len(hashed), dtype=bool)
    sure[found[np.isin(hashed[found], wanted)]] = True
    return sure


def nothing(table: str) -> pd.DataFrame:
    """No row of a table, typed."""
    return _empty(table).frame()[TABLES[table].names]


def _empty(table: str) -> Block:
    declared = layout(table)
    return block_of(declared.typed.empty_table(), declared, 0)
