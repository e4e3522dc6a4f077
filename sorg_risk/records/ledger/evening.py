"""One pass over a generation, bucket by bucket: what an evening is told by, without its rows being held.

The digest of every table, the latest moment at which anything that stands became known, the lines of the quarantine, and
of the widest table the few rows that somebody wants to see.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import quarantine, versions, withheld
from ..digest import digests
from ..schema import SHARED, TABLES, Table
from .aside import unpacked_cells
from .block import Block
from .bucket import Bucket, among, nothing
from .edition import Edition
from .hashing import Hashes, hashes
from .layout import ASIDE, MICROSECONDS_A_DAY
from .spill import bucket_of

Ints = NDArray[np.int64]

WIDE: Final = "fund_flows"
"""The table that outnumbers all others a hundred to one."""
SHELVES: Final = 256
"""Organisations are digested shelf by shelf: more shelves than buckets, so that the digest knows nothing of buckets."""


@dataclass(frozen=True)
class Evening:
    """All tables of organisations at the end of a day.

    Digests of the standing rows, those held of `WIDE`, the latest moment, lines of refusal; ``withheld``: see `Source.withheld`.
    """

    digests: dict[str, str]
    held: pd.DataFrame
    latest: pd.Timestamp | None
    lines: dict[str, list[pd.DataFrame]]
    withheld: pd.DataFrame


@dataclass(frozen=True)
class _Refusal:
    """Rows of one bucket that other rows refuse, all by one rule."""

    rule: str
    ordinals: Ints
    rows: pd.DataFrame


@dataclass
class _Told:
    """What the pass gathers of one table; ``aside``: rows of which cells were set aside.

    ``later``: hash of the key and day of usable rows that may supersede a row that is not used.
    """

    shelves: dict[int, str] = field(default_factory=dict)
    held: list[pd.DataFrame] = field(default_factory=list)
    latest: list[pd.Timestamp] = field(default_factory=list)
    refused: list[_Refusal] = field(default_factory=list)
    aside: list[_Refusal] = field(default_factory=list)
    later: list[tuple[Hashes, Ints]] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return hashlib.sha256("".join(self.shelves.get(one, "-") for one in range(SHELVES)).encode()).hexdigest()


def evening(
    edition: Edition,
    day: int,
    held: Callable[[pd.DataFrame, Bucket], pd.DataFrame],
    unused: Mapping[str, pd.DataFrame],
) -> Evening:
    """An evening (day since 1970-01-01) of a generation; ``held``: which standing rows of `WIDE` of a bucket to hold.

    ``unused``: the rows of each table that were refused by themselves, as `withheld` describes them.
    """
    asked = {name: hashes(withheld.words(rows["key"])) for name, rows in unused.items()}
    told: dict[str, _Told] = defaultdict(_Told)
    names = [name for name in TABLES if name not in SHARED]
    moved = {name: _conflicting_strays(edition, TABLES[name]) for name in names}
    for bucket in edition.buckets():
        for name in names:
            one = told[name]
            block, at = bucket.standing(name, day)
            if len(at):
                frame, shelves = _shelved(name, block, at)
                one.shelves |= shelves
                one.latest.append(frame["recorded_at"].max())
                if name == WIDE:
                    one.held.append(held(frame, bucket))
            refused, aside, usable = _refused(TABLES[name], bucket, block, day, moved[name])
            one.refused += refused
            one.aside += aside
            if name in withheld.KINDS:
                one.later.append(_later(TABLES[name], edition, block, usable, asked.get(name), [*refused, *aside]))
    return Evening(
        {name: one.digest for name, one in told.items()},
        _in_order(told[WIDE].held),
        max((moment for one in told.values() for moment in one.latest), default=None),
        {name: list(_lines(edition, TABLES[name], one)) for name, one in told.items()},
        withheld.joined([_withheld(edition, TABLES[name], told[name], unused.get(name)) for name in withheld.KINDS]),
    )


def _later(
    declared: Table, edition: Edition, block: Block, usable: Ints, asked: Hashes | None, unused: list[_Refusal]
) -> tuple[Hashes, Ints]:
    """Usable rows of a bucket whose key is that of a row that is not used."""
    own = [hashes(withheld.words(one.rows[declared.key])) for one in unused if one.rule != "unknown_organization"]
    wanted = np.concatenate([np.zeros(0, np.uint64) if asked is None else asked, *own])
    if not len(wanted):
        return wanted, np.zeros(0, np.int64)
    wanted = np.unique(np.concatenate([wanted, edition.crossing(declared.name)]))
    at = usable[among(block["hash"][usable], wanted)]
    return block["hash"][at], block["recorded_at"][at] // MICROSECONDS_A_DAY


def _withheld(edition: Edition, declared: Table, told: _Told, refused: pd.DataFrame | None) -> pd.DataFrame:
    """Rows of one table that are not used, without those that a later row supersedes; see `Source.withheld`."""
    parts = [] if refused is None else [refused]
    delivery = edition.deliveries.get(declared.name)
    clash = [one for one in told.refused if one.rule == "version_conflict"]
    for some, is_cell in ((clash, False), (told.aside, True)):
        if some and delivery is not None:
            rows, places = _delivered(edition, declared, some)
            if is_cell:
                cells = unpacked_cells(rows[ASIDE])
                at = cells["row"].to_numpy(dtype=np.int64)
                rows, places = rows.iloc[at], places[at]
            named = [f"quarantine:{declared.name}:{row}" for row in delivery.source_and_row(places)[1]]
            column = cells["column"].to_numpy() if is_cell else ""
            parts.append(withheld.referred(withheld.described(declared, rows), named, column))
    found = withheld.joined(parts)
    hashed = np.concatenate([np.zeros(0, np.uint64), *(one for one, _ in told.later)])
    days = np.concatenate([np.zeros(0, np.int64), *(one for _, one in told.later)])
    since = withheld.day_number(found["known_from"])
    return found[~withheld.superseded(hashes(withheld.words(found["key"])), since, hashed, days)]


def _in_order(held: list[pd.DataFrame]) -> pd.DataFrame:
    declared = TABLES[WIDE]
    rows = pd.concat(held, ignore_index=True) if held else nothing(WIDE)
    return rows.sort_values(["org_id", declared.key], kind="stable", ignore_index=True)


def _shelved(name: str, block: Block, at: Ints) -> tuple[pd.DataFrame, dict[int, str]]:
    """Some rows of a block as a frame, shelf by shelf, and the digest of each shelf."""
    shelf = bucket_of(block.orgs, SHELVES)[block.owner[at]]
    order = np.argsort(shelf, kind="stable")
    frame = block.frame(at[order])[TABLES[name].names]
    there, starts = np.unique(shelf[order], return_index=True)
    return frame, dict(zip(there.tolist(), digests(frame, [*starts.tolist(), len(frame)])))


def _refused(
    declared: Table, bucket: Bucket, block: Block, day: int, moved: Ints
) -> tuple[list[_Refusal], list[_Refusal], Ints]:
    """Rows known by the day that other rows refuse, those of the others of which cells were set aside, and places of the usable."""
    recorded = (block["recorded_at"] // MICROSECONDS_A_DAY) <= day
    conflict = np.isin(block["ordinal"], moved)
    special = np.flatnonzero(among(block["hash"], block.repeated))
    conflict[special] |= versions.conflicting(declared, block.frame(special))
    unknown = ~conflict & ~_of_known(declared, bucket, block, day)
    found = []
    for rule, bad in (("version_conflict", conflict), ("unknown_organization", unknown)):
        at = np.flatnonzero(bad & recorded)
        if len(at):
            rows = block.frame(at)[withheld.columns_read(declared)]
            found.append(_Refusal(rule, block["ordinal"][at], rows))
    at = np.flatnonzero((block[ASIDE] >= 0) & recorded & ~conflict & ~unknown)
    aside = [_Refusal("", block["ordinal"][at], block.frame(at)[[*withheld.columns_read(declared), ASIDE]])]
    return found, aside if len(at) else [], np.flatnonzero(recorded & ~conflict)


def _of_known(declared: Table, bucket: Bucket, block: Block, day: int) -> NDArray[np.bool_]:
    """Rows whose organisation is known on the day; of the register all."""
    if declared.key == "org_id":
        return np.ones(len(block), dtype=bool)
    known = versions.known_on(bucket.orgs.to_series(), bucket.spans, np.datetime64(day, "D").astype("datetime64[s]"))
    return np.append(known, False)[bucket.places(block)]


def _conflicting_strays(edition: Edition, declared: Table) -> Ints:
    """Ordinals of rows in conflict among the records that moved between buckets."""
    wanted = edition.crossing(declared.name)
    if not len(wanted):
        return np.zeros(0, np.int64)
    frames, ordinals = [], []
    for bucket in edition.buckets():
        block = bucket.block(declared.name)
        at = np.flatnonzero(among(block["hash"], wanted))
        frames.append(block.frame(at))
        ordinals.append(block["ordinal"][at])
    clash = versions.conflicting(declared, pd.concat(frames, ignore_index=True))
    found: Ints = np.concatenate(ordinals)[clash]
    return found


def _lines(edition: Edition, declared: Table, told: _Told) -> Iterator[pd.DataFrame]:
    """Lines of the quarantine: every place at which a refused row, or one of which a cell was set aside, was delivered."""
    for rule, column in (("version_conflict", declared.key), ("unknown_organization", "org_id")):
        found = [one for one in told.refused if one.rule == rule]
        if found:
            rows, places = _delivered(edition, declared, found)
            reason = quarantine.reason(declared[column], rule)
            keys, values = rows[declared.key], rows[column]
            delivery = edition.deliveries[declared.name]
            yield quarantine.lines(declared.name, delivery, places, keys, column, rule, reason, values)
    if told.aside:
        rows, places = _delivered(edition, declared, told.aside)
        cells = unpacked_cells(rows[ASIDE])
        yield quarantine.cell_lines(declared, edition.deliveries[declared.name], rows, places, cells)


def _delivered(edition: Edition, declared: Table, some: list[_Refusal]) -> tuple[pd.DataFrame, Ints]:
    """Some rows, once for every place at which they were delivered, and the places."""
    ordinals = np.concatenate([one.ordinals for one in some])
    rows = pd.concat([one.rows for one in some], ignore_index=True)
    order = np.argsort(ordinals)
    which, places = edition.places(declared.name, ordinals[order])
    return rows.iloc[order[which]], places
