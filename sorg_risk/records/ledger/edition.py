"""One generation of a ledger, to be read: bucket by bucket for sweeps, or whole as a source.

Which row stands on which day is decided here, at reading. Most rows are the only row of their key, of an organisation
known without a gap: they stand from the day they were recorded. The others (versions, retractions, conflicts, records
that moved from one organisation to another) go through the very functions a source in memory uses.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from .. import versions
from ..checks import Checked, check
from ..delivery import Delivery
from ..packed import NEVER, Cells, Packed, Packs, day_numbers, taken
from ..quarantine import Refused, lines
from ..schema import TABLES, Table
from ..source import Source
from ..view import View
from .block import Block, block_of, merged
from .bringing import Older
from .files import read_crossing
from .hashing import Hashes
from .layout import MICROSECONDS_A_DAY, REFUSED, cells, layout, text
from .runs import Runs
from .state import Generation

Ints = NDArray[np.int64]
Days = NDArray[np.int32]

_OPEN_DAY = versions.OPEN.astype("datetime64[D]").astype(np.int32)


class Edition:
    """A generation; ``stored``: rows of each table in the ledger, accepted and refused; ``folder``: of the ledger."""

    def __init__(
        self,
        folder: Path,
        generation: Generation,
        older: Older,
        stored: dict[str, int],
        order: dict[str, Runs],
        origin: dict[str, Runs],
    ) -> None:
        self.folder = folder
        self.number = generation.number
        self.code_scheme = generation.code_scheme
        self.calendar = generation.calendar
        self._generation = generation
        self._older = older
        self._stored = stored
        self._order = order
        self._origin = origin
        self._strays: dict[str, pd.DataFrame] = {}
        self._crossing: dict[str, Hashes] = {}

    def __repr__(self) -> str:
        rows = sum(one.read for one in self._generation.tables.values())
        return f"Edition({self.number}, {rows:,} rows, {len(self)} buckets)"

    def __len__(self) -> int:
        return self._older.buckets

    def buckets(self) -> Iterator[Bucket]:
        """All buckets, each read when it is used."""
        return (Bucket(self, number) for number in range(len(self)))

    @cached_property
    def source(self) -> Source:
        """The whole delivery as a source in memory, row for row as it was brought."""
        return Source(self.deliveries, self.code_scheme, self.calendar, self.notices, self.checked(TABLES))

    @property
    def notices(self) -> tuple[str, ...]:
        """What an officer should know of the delivery."""
        return self._generation.notices

    @property
    def columns(self) -> dict[str, list[str]]:
        """Columns of every table as delivered."""
        tables = self._generation.tables
        return {name: list(tables[name].columns) if name in tables else [] for name in TABLES}

    @cached_property
    def deliveries(self) -> dict[str, Delivery]:
        """Files and number of rows of every delivered table."""
        return {name: self._delivery(name) for name in self._generation.tables}

    def checked(self, names: Iterable[str]) -> dict[str, Checked]:
        """Some tables in memory as the checks had left them; of the others nothing but the refused rows."""
        whole = set(names)
        return {
            name: (self._checked(name) if name in whole else self._refusals(name))
            if name in self._generation.tables
            else _nothing_checked(name)
            for name in TABLES
        }

    def places(self, table: str, ordinals: Ints) -> tuple[Ints, Ints]:
        """Where in its table some delivered rows (ascending ordinals) stood; see `Runs.places`."""
        return self._order[table].places(ordinals)

    def as_of(self, day: dt.date | str) -> View:
        """What was known at the end of a day, of this generation."""
        return self.source.as_of(day)

    def block(self, store: str, bucket: int) -> Block | None:
        """Rows of one store in one bucket that this generation delivered."""
        blocks = self._older.blocks(store, bucket)
        if not blocks:
            return None
        block = merged(blocks)
        order = self._order.get(store.removesuffix(REFUSED))
        if order is None:
            return block.taken(np.zeros(0, np.int64))
        return block if self._is_whole(store.removesuffix(REFUSED)) else block.taken(order.contains(block["ordinal"]))

    def crossing(self, table: str) -> Hashes:
        """Keys of a table that have rows in several buckets."""
        if table not in self._crossing:
            found = [read_crossing(folder, table) for folder, stores in self._older.segments if table in stores]
            self._crossing[table] = np.unique(np.concatenate([np.zeros(0, np.uint64), *found]))
        return self._crossing[table]

    def strays(self, table: str) -> pd.DataFrame:
        """Standing days of the records that moved between buckets, as `Source.history` has them."""
        if table not in self._strays:
            self._strays[table] = self._stray_history(TABLES[table])
        return self._strays[table]

    def _stray_history(self, declared: Table) -> pd.DataFrame:
        wanted = self.crossing(declared.name)
        frames, spans = [], []
        for bucket in self.buckets():
            block = self.block(declared.name, bucket.number)
            if block is not None:
                frames.append(block.frame(np.flatnonzero(among(block["hash"], wanted))))
            spans.append(bucket.spans)
        rows = pd.concat(frames, ignore_index=True)
        rows = rows[~versions.conflicting(declared, rows)]
        return versions.history(declared, rows, pd.concat(spans, ignore_index=True))

    def _is_whole(self, table: str) -> bool:
        start, stop = self._order[table].intervals()
        return int((stop - start).sum()) == self._stored[table]

    def _delivery(self, name: str) -> Delivery:
        told = self._generation.tables[name]
        origin = self._origin[name].ordinals() if name in self._origin else None
        return Delivery(pd.DataFrame(index=range(told.read)), told.files, origin)

    def _checked(self, name: str) -> Checked:
        rows, position = self._placed(name)
        nothing = self._refusals(name)
        return Checked(rows if len(rows) else nothing.rows, position, nothing.refused, ())

    def _refusals(self, name: str) -> Checked:
        nothing = _nothing_checked(name)
        refused, places = self._placed(name + REFUSED)
        return Checked(nothing.rows, nothing.position, _refused(name, self.deliveries[name], refused, places), ())

    def _placed(self, store: str) -> tuple[pd.DataFrame, Ints]:
        """Rows of a store in the order of the delivery, and the place of each."""
        blocks = [
            block for number in range(len(self)) if (block := self.block(store, number)) is not None and len(block)
        ]
        if not blocks:
            return pd.DataFrame(), np.zeros(0, np.int64)
        own = np.concatenate([block["ordinal"] for block in blocks])
        order = np.argsort(own)
        which, places = self.places(store.removesuffix(REFUSED), own[order])
        rows = pd.concat([block.frame() for block in blocks], ignore_index=True)
        return rows.iloc[order[which]].reset_index(drop=True), places


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
        days = {"known_from": since[begins], "known_until": np.minimum(until[ends], _OPEN_DAY)}
        made = {name: pd.Series(found.astype("datetime64[D]").astype("datetime64[s]")) for name, found in days.items()}
        return pd.DataFrame({"org_id": text(self.block("organizations").orgs.take(pa.array(owner[begins]))), **made})

    @property
    def packs(self) -> Packs:
        """The tables of the bucket packed for sweeping; whoever drops them gives their memory back at once."""
        return Packs(self.orgs, lambda table: self._packed(table, self.orgs))

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
        others = self._special(table, block, np.flatnonzero(special))
        row = np.concatenate([rows, others["row"].to_numpy(dtype=np.int64)])
        since = np.concatenate([since[rows], day_numbers(others["known_from"])])
        until = np.concatenate([until[rows], day_numbers(others["known_until"])])
        order = np.lexsort((since, row))
        return row[order], since[order], until[order]

    def _special(self, table: str, block: Block, at: Ints) -> pd.DataFrame:
        """Standing days of versions, retractions, conflicts, moved records, by place in the block (``row``)."""
        declared = TABLES[table]
        frame = block.frame(at)
        rows = frame[~versions.conflicting(declared, frame)]
        if table == "organizations":
            found = versions.organization_history(declared, rows)
        else:
            stray = among(block["hash"][at], self.edition.crossing(table))
            found = versions.history(declared, rows[~stray[rows.index]], self.spans)
            if stray.any():
                moved = self.edition.strays(table)
                found = pd.concat([found, moved[moved["org_id"].isin(self.orgs)]], ignore_index=True)
        moment = list(dict.fromkeys([declared.key, "org_id", "recorded_at"]))
        return found.merge(frame[moment].assign(row=at).drop_duplicates(moment), on=moment)

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


def _refused(name: str, delivery: Delivery, rows: pd.DataFrame, places: Ints) -> Refused:
    """What the check had said of the refused rows, in the order of the delivery."""
    if not len(rows):
        return _nothing_checked(name).refused
    words = [rows[column] for column in ("column", "rule", "reason", "value")]
    return Refused(
        lines(name, delivery, places, rows["primary_key"], *words), rows["recorded_at"].to_numpy(dtype="datetime64[us]")
    )


def _nothing_checked(name: str) -> Checked:
    return check(TABLES[name], Delivery(pd.DataFrame(), ()), "any")


def _empty(table: str) -> Block:
    declared = layout(table)
    return block_of(declared.typed.empty_table(), declared, 0)
