"""The ledger: every row an authority ever delivered, kept once, each delivery kept as it was.

>>> import tempfile
>>> import sorg_risk as sr
>>> ledger = Ledger.open(tempfile.mkdtemp())
>>> ledger.bring("data/sample"), ledger.bring("data/sample")   # the same again is the same generation
(1, 1)
>>> ledger.at().as_of("2026-10-31")
View(2026-10-31, 300 organisations)
>>> ledger.verify()
[]
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ..._version import __version__
from ...errors import DataError, LockHeld, NotFound, UsageError, check_path
from .. import disk, identifiers
from ..code import PACKAGE, tree_digest
from ..reading_databases import named
from ..source import Source
from . import leases
from . import state as states
from .arriving import Arrival, Arrivals, arrivals
from .block import Block, merged
from .bringing import Older, bring_table, write_store
from .edition import Edition
from .files import Writer, digest
from .layout import REFUSED
from .runs import Runs
from .spill import bucket_of
from .state import Delivered, Generation, Segment, State

ROWS_A_BUCKET = 2**20
MOST_BUCKETS = 256
MOST_SEGMENTS = 8
"""More segments than this are made one when rows are brought."""

_RUNS = pa.schema([("table", pa.string()), ("kind", pa.string()), ("first", pa.int64()), ("length", pa.int64())])
_ORDER, _ORIGIN = "order", "origin"


class Ledger:
    """An append-only store of deliveries in a folder; see `open`, `bring` and `at`."""

    def __init__(self, folder: Path, announce: states.Announce | None = None) -> None:
        self.folder = folder
        self._lease = leases.take(self, folder)
        self._state = states.load(folder)
        self._announce = announce

    @classmethod
    def open(cls, folder: str | Path, announce: states.Announce | None = None) -> Ledger:
        """Opens the ledger in a folder; an empty or new folder becomes one.

        ``announce`` is told of every new state before it becomes the current one. Raises `DataError` where the folder holds
        anything else, or a ledger that is damaged or of a newer version.
        """
        place = Path(folder)
        check_path("ledger", place)
        if _is_new(place):
            disk.make_folder(place / "segments")
            disk.make_folder(place / "generations")
            states.save(place, State(buckets=0))
        return cls(place, announce)

    def __repr__(self) -> str:
        return f"Ledger({str(self.folder)!r}, {len(self.generations)} generations, {self.rows:,} rows)"

    @property
    def generations(self) -> list[int]:
        """Numbers of all deliveries brought so far, oldest first."""
        return [one.number for one in self._state.generations]

    @property
    def rows(self) -> int:
        """Rows kept, accepted and refused."""
        return sum(sum(segment.stores.values()) for segment in self._state.segments)

    def bring(self, source: Any, mapping: str | Path | None = None, *, complete: bool = True) -> int:
        """Adds a delivery and returns the number of its generation; the same delivery again adds nothing.

        ``source`` is whatever `sorg_risk.open` takes, or a source that is open. Folders and databases are read piece by piece
        and may be larger than memory; files that were brought before are not read again. ``complete=False``: the source
        holds only what is new, everything delivered before still stands. Raises `LockHeld` while another process brings.
        """
        with self._writing(), arrivals(source, mapping) as found:
            if "organizations" not in found.tables and complete:
                raise DataError.missing("table 'organizations'", named(source), "Every source needs this table.")
            self._state = self._brought(found, complete)
        if len(self._state.segments) > MOST_SEGMENTS:
            self.compact()
        return self.generations[-1]

    def at(self, generation: int | None = None) -> Edition:
        """A delivery as it was brought; None: the latest one. Raises `NotFound` for a number there is not."""
        known = {one.number: one for one in self._state.generations}
        if not known:
            raise UsageError(f"ledger {self.folder} is empty; bring a source first.")
        number = max(known) if generation is None else generation
        if number not in known:
            raise NotFound.name("generation", str(generation), map(str, known))
        order, origin = self._runs(known[number])
        stored: dict[str, int] = {}
        for segment in self._state.segments:
            for store, rows in segment.stores.items():
                table = store.removesuffix(REFUSED)
                stored[table] = stored.get(table, 0) + rows
        return Edition(self.folder, known[number], self._older(), stored, order, origin)

    def source(self, generation: int | None = None) -> Source:
        """A delivery as a source in memory, row for row as it was brought."""
        return self.at(generation).source

    def verify(self) -> list[str]:
        """Reads every file; what is missing or was changed, one reason each (empty: nothing)."""
        return states.damaged(self.folder, self._state)

    def compact(self) -> None:
        """Makes all segments one, with as many buckets as the rows ask for; every generation stays as it is."""
        with self._writing():
            self._state = self._compacted()

    def _brought(self, found: Arrivals, complete: bool) -> State:
        state = self._state
        buckets = state.buckets or _buckets(sum(feed.rows for one in found.tables.values() for feed in one.feeds))
        older, before = self._older(buckets), state.generations[-1] if state.generations else None
        order, origin = self._runs(before) if before else ({}, {})
        orders: dict[str, Runs] = {}
        stores: dict[str, int] = {}
        counts: dict[str, dict[int, identifiers.Counts]] = {}
        following = dict(state.next)
        with self._aside() as (segment, temporary):
            for name, arrival in found.tables.items():
                first = state.next.get(name, 0)
                known = self._known(name, arrival, found, before, order, origin)
                orders[name], new, counts[name] = bring_table(name, arrival, known, first, older, segment, temporary)
                stores |= new
                following[name] = first + sum(feed.rows for feed in arrival.feeds)
            tables = {name: _delivered(one, counts[name], name, before) for name, one in found.tables.items()}
            notices = tuple(dict.fromkeys([*found.notices, *_folded(tables)]))
            origins = {name: Runs.of(one.origin) for name, one in found.tables.items() if one.origin is not None}
            if not complete and before:
                tables, orders, origins = _after(before, order, origin, tables, orders, origins)
            number = before.number + 1 if before else 1
            runs = self._write_runs(number, orders, origins)
            generation = Generation(
                number, _reader(), found.code_scheme, found.calendar, found.mapping, notices, tables, runs
            )
            if before and _same(generation, before):
                (self.folder / runs.split(" ")[0]).unlink()
                return state
            segments = state.segments
            if stores:
                segments = (*segments, self._settled(segment, stores))
            made = state.following(
                buckets=buckets, next=following, generations=(*state.generations, generation), segments=segments
            )
            states.save(self.folder, made, self._announce)
        return made

    def _known(
        self,
        name: str,
        arrival: Arrival,
        found: Arrivals,
        before: Generation | None,
        order: dict[str, Runs],
        origin: dict[str, Runs],
    ) -> dict[int, Runs]:
        """Feeds of a table that the last generation had in the very same file, checked in the same way."""
        if before is None or name not in before.tables or name in origin or arrival.origin is not None:
            return {}
        if not arrival.is_stable:
            return {}
        if (before.version, before.code_scheme, before.mapping) != (_reader(), found.code_scheme, found.mapping):
            return {}
        starts = np.cumsum([0, *(file.rows for file in before.tables[name].files)])
        places = {file.sha256: place for place, file in enumerate(before.tables[name].files) if file.sha256}
        same = {}
        for number, feed in enumerate(arrival.feeds):
            place = places.get(feed.files[0].sha256) if len(feed.files) == 1 else None
            if place is not None:
                same[number] = order[name].slice(int(starts[place]), int(starts[place + 1]))
        return same

    def _compacted(self) -> State:
        state = self._state
        buckets = max(state.buckets, _buckets(self.rows))
        older = self._older()
        with self._aside() as (segment, temporary):
            names = sorted({store for one in state.segments for store in one.stores})
            stores = {
                name: write_store(name, _merged(older, name, buckets), Older(buckets, ()), segment, temporary)
                for name in names
            }
            made = state.following(buckets=buckets, segments=(self._settled(segment, stores),) if stores else ())
            states.save(self.folder, made, self._announce)
        return made

    def _older(self, buckets: int | None = None) -> Older:
        segments = tuple((self.folder / "segments" / one.name, frozenset(one.stores)) for one in self._state.segments)
        return Older(self._state.buckets if buckets is None else buckets, segments)

    def _settled(self, aside: Path, stores: dict[str, int]) -> Segment:
        """A segment written aside, now in its place."""
        files = {path.name: digest(path) for path in sorted(aside.iterdir())}
        disk.sync_folder(aside)
        name = f"{self._state.number + 1:06d}"
        disk.move(aside, self.folder / "segments" / name, "ledger-segment")
        return Segment(name, stores, files)

    def _runs(self, generation: Generation) -> tuple[dict[str, Runs], dict[str, Runs]]:
        path = self.folder / generation.runs.split(" ")[0]
        try:
            rows = pa.ipc.open_file(pa.OSFile(str(path))).read_all().to_pandas()
        except (OSError, pa.ArrowException) as problem:
            raise DataError.unreadable(f"ledger file {path}", problem, "Restore the ledger from its copy.") from problem
        found: dict[str, dict[str, Runs]] = {_ORDER: {}, _ORIGIN: {}}
        for (table, kind), own in rows.groupby(["table", "kind"], sort=False):
            found[kind][table] = Runs(own["first"].to_numpy(), own["length"].to_numpy())
        empty = Runs.joined([])
        return {name: found[_ORDER].get(name, empty) for name in generation.tables}, found[_ORIGIN]

    def _write_runs(self, number: int, orders: dict[str, Runs], origins: dict[str, Runs]) -> str:
        path = self.folder / "generations" / f"{number:06d}.arrow"
        with Writer(path, _RUNS) as writer:
            for kind, all_runs in ((_ORDER, orders), (_ORIGIN, origins)):
                for name, runs in sorted(all_runs.items()):
                    count = len(runs.first)
                    writer.write(pa.record_batch([[name] * count, [kind] * count, runs.first, runs.length], _RUNS))
        disk.sync_folder(path.parent)
        return f"generations/{path.name} {digest(path)}"

    @contextmanager
    def _aside(self) -> Iterator[tuple[Path, Path]]:
        """Folders for a new segment and for temporary files; whatever is left of them in the end is removed."""
        place = Path(tempfile.mkdtemp(prefix=".bringing-", dir=self.folder))
        segment, temporary = place / "segment", place / "temporary"
        segment.mkdir()
        temporary.mkdir()
        try:
            yield segment, temporary
        finally:
            shutil.rmtree(place, ignore_errors=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Sole use of the ledger, its present state read anew, and what an interrupted process left behind removed."""
        if self._lease is not None:
            self._lease()
        with disk.open_lock(self.folder / "LOCK") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise LockHeld(f"another process writes to ledger {self.folder}; try again when it is done.") from None
            self._state = states.load(self.folder)
            self._tidy()
            yield
            self._tidy()
        self._lease = leases.take(self, self.folder)

    def _tidy(self) -> None:
        """Removes what no state names: folders of an interrupted process, old states, what a compaction replaced.

        A segment that a state named once stays while a reader may need it; orders of rows are read when a reader opens.
        """
        for path in self.folder.glob(".bringing-*"):
            disk.remove(path)
        states.tidy(self.folder, self._state)
        orders = {one.runs.split(" ")[0] for one in self._state.generations}
        segments = {one.name for one in self._state.segments}
        if leases.are_held(self.folder):
            segments |= {f"{number:06d}" for number in range(self._state.number + 1)}
        for path in (*(self.folder / "generations").iterdir(), *(self.folder / "segments").iterdir()):
            if f"generations/{path.name}" not in orders and path.name not in segments:
                disk.remove(path)


def _reader() -> str:
    """What read and checked a delivery: a file that other code checked is read again."""
    return f"{__version__} {_checks()}"


@cache
def _checks() -> str:
    return tree_digest(PACKAGE / "records")[:12]


def _is_new(folder: Path) -> bool:
    """Whether nothing is there, or only what an interrupted start of a ledger leaves."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    begun = {"segments", "generations", "state-000000.json", f".{states.CURRENT}.new"}
    names = {path.name for path in folder.iterdir()}
    return names <= begun and not any(folder.glob("segments/*")) and not any(folder.glob("generations/*"))


def _buckets(rows: int) -> int:
    """A power of two, so that a bucket has at most about `ROWS_A_BUCKET` rows."""
    return min(MOST_BUCKETS, 1 << max(0, (rows - 1) // ROWS_A_BUCKET).bit_length())


def _delivered(
    arrival: Arrival, counts: dict[int, identifiers.Counts], name: str, before: Generation | None
) -> Delivered:
    """What a generation says of a table; of a file that came before, what was folded in it and left out then."""
    files = tuple(file for feed in arrival.feeds for file in feed.files)
    filtered = [feed.filtered() for feed in arrival.feeds]
    old = before.tables[name] if before and name in before.tables else Delivered(0, ())
    earlier = {file.sha256: folded for file, folded in zip(old.files, old.folded)}
    left_out = {file.sha256: file.filtered for file in old.files}
    folded: list[dict[str, identifiers.Counted]] = []
    for number, feed in enumerate(arrival.feeds):
        one = counts[number] if number in counts else earlier.get(feed.files[0].sha256, {})
        folded += [dict(one), *({} for _ in feed.files[1:])]
        if number not in counts:
            filtered[number] = left_out.get(feed.files[0].sha256, 0)
    if arrival.origin is None:
        files = tuple(
            replace(file, filtered=filtered[number] if len(feed.files) == 1 else 0)
            for number, feed in enumerate(arrival.feeds)
            for file in feed.files
        )
    rows = sum(feed.rows for feed in arrival.feeds)
    return Delivered(rows, files, arrival.columns, tuple(folded), sum(filtered))


def _folded(tables: dict[str, Delivered]) -> list[str]:
    """Notices of what was folded in each table."""
    return [
        notice for name, one in tables.items() for notice in identifiers.told(name, identifiers.together(one.folded))
    ]


def _same(one: Generation, other: Generation) -> bool:
    """The same delivery, whatever the numbers."""
    plain = [replace(each, number=0, runs=each.runs.split(" ")[1]) for each in (one, other)]
    return plain[0] == plain[1]


def _after(
    before: Generation,
    order: dict[str, Runs],
    origin: dict[str, Runs],
    tables: dict[str, Delivered],
    orders: dict[str, Runs],
    origins: dict[str, Runs],
) -> tuple[dict[str, Delivered], dict[str, Runs], dict[str, Runs]]:
    """Everything delivered before and the new delivery behind it."""
    made_tables, made_orders, made_origins = dict(before.tables), dict(order), dict(origin)
    for name, new in tables.items():
        old = before.tables.get(name, Delivered(0, ()))
        columns = tuple(dict.fromkeys([*old.columns, *new.columns]))
        counted = (*old.folded, *({} for _ in old.files[len(old.folded) :]), *new.folded)
        made_tables[name] = Delivered(
            old.read + new.read, old.files + new.files, columns, counted, old.filtered + new.filtered
        )
        made_orders[name] = Runs.joined([order[name], orders[name]] if name in order else [orders[name]])
        if name in origin or name in origins:
            start = sum(file.rows for file in old.files)
            earlier = origin.get(name, Runs.counted(0, old.read))
            later = origins.get(name, Runs.counted(0, new.read))
            made_origins[name] = Runs.joined([earlier, Runs(later.first + start, later.length)])
    return made_tables, made_orders, made_origins


def _merged(older: Older, name: str, buckets: int) -> Iterator[Block]:
    """All rows of a store, bucket by bucket, perhaps in more buckets than before."""
    for bucket in range(older.buckets):
        block = merged(older.blocks(name, bucket))
        part = bucket_of(block.orgs, buckets)[block.owner]
        for number in range(bucket * buckets // older.buckets, (bucket + 1) * buckets // older.buckets):
            yield block.taken(part == number).repeating(block.repeated)
