"""A generation as a source whose widest table stays on disk: nights larger than memory.

The fund flows of an authority outnumber everything else it knows a hundred to one. Here they are looked at bucket by
bucket: which rows stand and which are refused, their digest, the features made of them. Only the few rows that somebody
has to see beside all others (``held`` says which) come into memory; all other tables are in memory as ever.

>>> import tempfile
>>> from sorg_risk.records.ledger import Ledger
>>> ledger = Ledger.open(tempfile.mkdtemp())
>>> _ = ledger.bring("data/sample")
>>> view = WideSource(ledger.at(), held=lambda rows, _view: rows.head(0)).as_of("2026-10-31")
>>> len(view.table("fund_flows")), bool(view.counts.equals(ledger.at().as_of("2026-10-31").counts))
(0, True)
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from .. import quarantine, versions
from ..checks import Checked
from ..digest import digests
from ..lookups import within
from ..packed import NEVER, Packed, Packs
from ..schema import TABLES
from ..source import Source, as_day
from ..view import View
from .block import Block
from .bucket import Bucket, among
from .edition import Edition
from .layout import MICROSECONDS_A_DAY
from .spill import bucket_of

Ints = NDArray[np.int64]
Held = Callable[[pd.DataFrame, "WideView"], pd.DataFrame]
"""Given standing rows of some organisations and the view: those of them that are to be held in memory."""

WIDE: Final = "fund_flows"
SHELVES: Final = 256
"""Organisations are digested shelf by shelf: more shelves than buckets, so that the digest knows nothing of buckets."""
_KEPT_DAYS = 2


@dataclass(frozen=True)
class Evening:
    """The wide table at the end of a day: digest of the standing rows, those held, the latest moment, lines of refusal."""

    digest: str
    held: pd.DataFrame
    latest: pd.Timestamp | None
    lines: list[pd.DataFrame]


@dataclass(frozen=True)
class _Refusal:
    """Rows of one bucket that other rows refuse, all by one rule."""

    rule: str
    ordinals: Ints
    rows: pd.DataFrame


class WideSource(Source):
    """An edition of a ledger; ``held``: which rows of the wide table its views show in `View.table`."""

    def __init__(self, edition: Edition, held: Held) -> None:
        checked = edition.checked(set(TABLES) - {WIDE})
        super().__init__(edition.deliveries, edition.code_scheme, edition.calendar, edition.notices, checked)
        self.columns = edition.columns
        self.edition = edition
        self.held = held
        self.evening = lru_cache(_KEPT_DAYS)(self._evening)

    def as_of(self, day: dt.date | str) -> WideView:
        """What was known at the end of a day."""
        return WideView(self, as_day(day))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """As in `Source`, read from the ledger anew, the wide table too: for looking, not for a night."""
        return self.edition.source.tables

    def history(self, name: str) -> pd.DataFrame:
        """As in `Source`; of the wide table there is no whole."""
        if name == WIDE:
            raise NotImplementedError(f"{WIDE} are not in memory; ask `parts` of the view or source.")
        if name not in self._history:
            super().history(name)
            one = self._checked[name]
            self._checked[name] = replace(one, rows=one.rows[TABLES[name].identity])  # what judging still asks for
        return super().history(name)

    def parts(self) -> Iterator[Packs]:
        """All tables packed, bucket by bucket."""
        return (bucket.packs for bucket in self.edition.buckets())

    def _set_aside(self, name: str, one: Checked, day: np.datetime64) -> list[pd.DataFrame]:
        if name != WIDE:
            return super()._set_aside(name, one, day)
        return self.evening(int(day.astype("datetime64[D]").astype(np.int64))).lines

    def _evening(self, day: int) -> Evening:
        """One pass over all buckets."""
        view = self.as_of(dt.date(1970, 1, 1) + dt.timedelta(days=day))
        shelves: dict[int, str] = {}
        held, refused, latest = [], [], []
        moved = _conflicting_strays(self.edition)
        for bucket in self.edition.buckets():
            block, at = bucket.standing(WIDE, day)
            if len(at):
                frame, found = _shelved(block, at)
                shelves |= found
                held.append(self.held(frame, view))
                latest.append(frame["recorded_at"].max())
            refused += _refused(bucket, block, day, moved)
        whole = hashlib.sha256("".join(shelves.get(one, "-") for one in range(SHELVES)).encode()).hexdigest()
        rows = pd.concat(held, ignore_index=True) if held else self._checked[WIDE].rows[TABLES[WIDE].names]
        rows = rows.sort_values(["org_id", TABLES[WIDE].key], kind="stable", ignore_index=True)
        return Evening(whole, rows, max(latest, default=None), list(self._lines(refused)))

    def _lines(self, refused: list[_Refusal]) -> Iterator[pd.DataFrame]:
        """Lines of the quarantine: every place at which a refused row was delivered."""
        declared = TABLES[WIDE]
        for rule, column in (("version_conflict", declared.key), ("unknown_organization", "org_id")):
            found = [one for one in refused if one.rule == rule]
            if found:
                ordinals = np.concatenate([one.ordinals for one in found])
                rows = pd.concat([one.rows for one in found], ignore_index=True)
                order = np.argsort(ordinals)
                which, places = self.edition.places(WIDE, ordinals[order])
                rows = rows.iloc[order[which]]
                reason = quarantine.reason(declared[column], rule)
                keys, values = rows[declared.key], rows[column]
                yield quarantine.lines(WIDE, self.delivery(WIDE), places, keys, column, rule, reason, values)


class WideView(View):
    """What was known at the end of one day, of a `WideSource`."""

    source: WideSource

    def table(self, name: str) -> pd.DataFrame:
        """As in `View`; of the wide table only the rows that are held."""
        if name != WIDE:
            return super().table(name)
        if name not in self._tables:
            rows = self._evening.held
            self._tables[name] = rows if self._only is None else rows[within(rows["org_id"], self._only)]
        return self._tables[name].reset_index(drop=True)

    def of_org(self, name: str, org_id: str) -> pd.DataFrame:
        """As in `View`, of the wide table too."""
        if name != WIDE:
            return super().of_org(name, org_id)
        number = int(bucket_of(pa.array([org_id]), len(self.source.edition))[0])
        block, at = Bucket(self.source.edition, number).standing(WIDE, self.known_day)
        rows = block.frame(at)[TABLES[WIDE].names]
        found: pd.DataFrame = rows[rows["org_id"].eq(org_id)].sort_values(TABLES[WIDE].key, ignore_index=True)
        return found

    def parts(self) -> Iterator[Packs]:
        """All tables packed as known on the day, bucket by bucket."""
        for packs in self.source.parts():
            known = packs_known_by(packs, self.known_day)
            yield known if self._only is None else _some(known, self._only)

    @property
    def last_recorded(self) -> dt.date | None:
        """The latest day on which any row that stands became known."""
        narrow = super().last_recorded
        wide = self._evening.latest
        return narrow if wide is None else max(filter(None, [narrow, wide.date()]))

    def _digest(self, name: str) -> str:
        return self._evening.digest if name == WIDE else super()._digest(name)

    @property
    def known_day(self) -> int:
        """The last day of knowledge, since 1970-01-01."""
        return (self.known_by - dt.date(1970, 1, 1)).days

    @property
    def _evening(self) -> Evening:
        return self.source.evening(self.known_day)


def known_by(packed: Packed, day: int) -> Packed:
    """The same rows as known on a day: what was learnt later never stands, what stands is not taken back later."""
    late = packed.known_from > day
    since = np.where(late, NEVER, packed.known_from)
    until = np.where(packed.known_until > day, NEVER, packed.known_until)
    return packed.clocked(since.astype(np.int32), until.astype(np.int32))


def packs_known_by(packs: Packs, day: int) -> Packs:
    """All tables of some organisations as known on a day."""
    return Packs(packs.orgs, lambda table: known_by(packs.table(table), day))


def _some(packs: Packs, wanted: pd.Index[str]) -> Packs:
    """Of the organisations those that are wanted."""
    at = np.flatnonzero(within(packs.orgs, wanted))
    return packs if len(at) == len(packs.orgs) else Packs(packs.orgs[at], lambda table: packs.table(table).of(at))


def _shelved(block: Block, at: Ints) -> tuple[pd.DataFrame, dict[int, str]]:
    """Some rows of a block as a frame, shelf by shelf, and the digest of each shelf."""
    shelf = bucket_of(block.orgs, SHELVES)[block.owner[at]]
    order = np.argsort(shelf, kind="stable")
    frame = block.frame(at[order])[TABLES[WIDE].names]
    there, starts = np.unique(shelf[order], return_index=True)
    return frame, dict(zip(there.tolist(), digests(frame, [*starts.tolist(), len(frame)])))


def _refused(bucket: Bucket, block: Block, day: int, moved: Ints) -> list[_Refusal]:
    """Rows known by the day that other rows refuse."""
    declared = TABLES[WIDE]
    recorded = (block["recorded_at"] // MICROSECONDS_A_DAY) <= day
    conflict = np.isin(block["ordinal"], moved)
    special = np.flatnonzero(among(block["hash"], block.repeated))
    conflict[special] |= versions.conflicting(declared, block.frame(special))
    orgs = bucket.orgs
    known = versions.known_on(orgs.to_series(), bucket.spans, np.datetime64(day, "D").astype("datetime64[s]"))
    unknown = ~np.append(known, False)[bucket.places(block)]
    found = []
    for rule, bad in (("version_conflict", conflict), ("unknown_organization", unknown & ~conflict)):
        at = np.flatnonzero(bad & recorded)
        if len(at):
            found.append(_Refusal(rule, block["ordinal"][at], block.frame(at)[[declared.key, "org_id"]]))
    return found


def _conflicting_strays(edition: Edition) -> Ints:
    """Ordinals of rows in conflict among the records that moved between buckets."""
    wanted = edition.crossing(WIDE)
    if not len(wanted):
        return np.zeros(0, np.int64)
    frames, ordinals = [], []
    for bucket in edition.buckets():
        block = bucket.block(WIDE)
        at = np.flatnonzero(among(block["hash"], wanted))
        frames.append(block.frame(at))
        ordinals.append(block["ordinal"][at])
    clash = versions.conflicting(TABLES[WIDE], pd.concat(frames, ignore_index=True))
    found: Ints = np.concatenate(ordinals)[clash]
    return found
