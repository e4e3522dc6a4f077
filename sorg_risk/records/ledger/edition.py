"""One generation of a ledger, to be read: bucket by bucket for sweeps, or whole as a source.

Which row stands on which day is decided at reading, bucket by bucket (see `Bucket`).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import versions
from ..checks import Checked, check, typed_again
from ..delivery import Delivery
from ..quarantine import Refused, lines
from ..schema import TABLES, Table
from ..source import Source
from ..view import View
from . import leases
from .aside import unpacked_cells
from .block import Block, merged
from .bringing import Older
from .bucket import Bucket, among
from .files import read_crossing
from .hashing import Hashes
from .layout import ASIDE, REFUSED
from .runs import Runs
from .state import Generation

Ints = NDArray[np.int64]
Days = NDArray[np.int32]


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
        self._lease = leases.take(self, folder)
        self._strays: dict[str, pd.DataFrame] = {}
        self._crossing: dict[str, Hashes] = {}
        self._hidden: dict[str, Ints] = {}
        self._beside: dict[str, Ints] = {}
        self._shared: dict[str, pd.DataFrame] = {}

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

    def shared(self, name: str) -> pd.DataFrame:
        """Standing days of the rows of a table that belongs to no organisation, as `Source.history` has them."""
        if name not in self._shared:
            rows = self.checked((name,))[name].rows
            self._shared[name] = versions.unbounded_history(
                TABLES[name], rows[~versions.conflicting(TABLES[name], rows)]
            )
        return self._shared[name]

    def places(self, table: str, ordinals: Ints) -> tuple[Ints, Ints]:
        """Where in its table some delivered rows (ascending ordinals) stood; see `Runs.places`."""
        return self._order[table].places(ordinals)

    @property
    def reader(self) -> str:
        """What read and checked the delivery."""
        return self._generation.version

    def order(self, table: str) -> Runs:
        """The rows of a table in the order in which they were delivered."""
        return self._order.get(table, Runs.joined([]))

    def rows_read(self, table: str) -> int:
        """Delivered rows of a table, repetitions included."""
        return self._generation.tables[table].read if table in self._generation.tables else 0

    def has_all(self, table: str) -> bool:
        """Whether every row of a table that the ledger ever kept is in this delivery."""
        return table not in self._stored or (table in self._order and self._is_whole(table))

    def everything(self, store: str, bucket: int) -> Block | None:
        """All rows of one store in one bucket, whatever delivery they are of."""
        blocks = self._older.blocks(store, bucket)
        return merged(blocks) if blocks else None

    def typed_refused(self, table: str, rows: pd.DataFrame) -> pd.DataFrame:
        """Refused rows as they are kept, as typed cells as far as they can be read."""
        return typed_again(TABLES[table], _delivered(rows["cells"]), self.code_scheme)

    def altered(self, hidden: Mapping[str, Ints], beside: Mapping[str, Ints]) -> Edition:
        """The same delivery as if some rows (by ordinal) were not in it and others of the ledger were: for what-ifs."""
        made = copy(self)
        made._hidden, made._beside = dict(hidden), dict(beside)
        made._strays = {}
        made.__dict__.pop("source", None)
        return made

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
        table = store.removesuffix(REFUSED)
        if table in self._hidden or table in self._beside:
            nothing = np.zeros(0, np.int64)
            own = order.contains(block["ordinal"]) & ~np.isin(block["ordinal"], self._hidden.get(table, nothing))
            return block.taken(own | np.isin(block["ordinal"], self._beside.get(table, nothing)))
        return block if self._is_whole(table) else block.taken(order.contains(block["ordinal"]))

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
        rows = pd.DataFrame(index=range(told.read - told.filtered))
        # which rows a mapping left out is not kept, only how many
        return Delivery(rows, told.files, origin, np.zeros(told.filtered, dtype=np.int64))

    def _checked(self, name: str) -> Checked:
        rows, position = self._placed(name)
        nothing = self._refusals(name)
        if not len(rows):
            return Checked(nothing.rows, position, nothing.refused, ())
        return Checked(rows[TABLES[name].names], position, nothing.refused, (), unpacked_cells(rows[ASIDE]))

    def _refusals(self, name: str) -> Checked:
        nothing = _nothing_checked(name)
        refused, places = self._placed(name + REFUSED)
        found = _refused(name, self.deliveries[name], refused, places, self.code_scheme)
        return Checked(nothing.rows, nothing.position, found, ())

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


def _refused(name: str, delivery: Delivery, rows: pd.DataFrame, places: Ints, code_scheme: str) -> Refused:
    """What the check had said of the refused rows, in the order of the delivery."""
    if not len(rows):
        return _nothing_checked(name).refused
    words = [rows[column] for column in ("column", "rule", "reason", "value")]
    found = lines(name, delivery, places, rows["primary_key"], *words)
    recorded_at = rows["recorded_at"].to_numpy(dtype="datetime64[us]")
    return Refused(found, recorded_at, lambda: typed_again(TABLES[name], _delivered(rows["cells"]), code_scheme))


def _delivered(cells: pd.Series) -> pd.DataFrame:
    """Rows as they were delivered, from the text of their cells."""
    return pd.DataFrame([json.loads(one) for one in cells]).astype("str")


def _nothing_checked(name: str) -> Checked:
    return check(TABLES[name], Delivery(pd.DataFrame(), ()), "any")
