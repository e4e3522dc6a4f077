"""What a delivery no longer holds of those before it: records that vanished, and rows rewritten in place.

A source is always the whole registry, so a record that was delivered once, was not withdrawn by a retraction, and is not
delivered now has vanished: nobody said why. A row that comes again under the same key and moment with other content was
rewritten. Both are found bucket by bucket among the hashes of keys; a night that only adds rows costs nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import withheld
from ..identifiers import fold
from ..pii import mask_key
from ..schema import TABLES, Table
from .bucket import among
from .hashing import Hashes, hashes
from .layout import MICROSECONDS_A_DAY, REFUSED
from .runs import Runs

if TYPE_CHECKING:
    from .block import Block
    from .edition import Edition

Ints = NDArray[np.int64]

MOST_DESCRIBED: Final = 200_000
"""Vanished rows of a table that are described; further ones are counted."""
_SHOWN: Final = 10
"""Keys that a sentence names."""
VERSION_COLUMNS: Final = (*withheld.COLUMNS, "voided", "is_recent")
"""``is_recent``: the last delivery compared with had it still."""
REWRITTEN_COLUMNS: Final = ("table", "key", "org_id", "known_from")


@dataclass(frozen=True)
class Losses:
    """Of one delivery against earlier ones.

    ``versions``: every version of the vanished records, see `VERSION_COLUMNS`. ``rewritten``: see `REWRITTEN_COLUMNS`.
    ``counts``: by table the vanished records that the last of them had, ``shares``: the records it had. ``emptied``: tables that had rows there
    and have none. ``hidden``: ordinals of its rows that vanished; ``replaced``: of those rewritten, and of the rows in their place.
    ``since``: the as-of day of the run that published it.
    """

    against: tuple[int, ...] = ()
    since: str = ""
    versions: pd.DataFrame = field(default_factory=lambda: _no_versions())
    rewritten: pd.DataFrame = field(default_factory=lambda: _no_rewritten())
    counts: dict[str, int] = field(default_factory=dict)
    shares: dict[str, int] = field(default_factory=dict)
    emptied: tuple[str, ...] = ()
    hidden: dict[str, Ints] = field(default_factory=dict)
    replaced: dict[str, tuple[Ints, Ints]] = field(default_factory=dict)

    def vanished(self, day: np.datetime64) -> pd.DataFrame:
        """The newest version known at the end of a day of each vanished record that was not withdrawn by then."""
        known = self.versions.loc[self.versions["known_from"].to_numpy() <= day]
        newest = known.drop_duplicates(["table", "key"], keep="last")
        return newest.loc[~newest["voided"].astype(bool)].reset_index(drop=True)

    def rewritten_by(self, day: np.datetime64) -> pd.DataFrame:
        """Rows rewritten in place that were known at the end of a day."""
        return self.rewritten.loc[self.rewritten["known_from"].to_numpy() <= day].reset_index(drop=True)


def losses(edition: Edition, earlier: list[Edition], since: str) -> Losses:
    """What an edition lacks of earlier ones of the same ledger (the last is that of the previous run, published as of ``since``)."""
    last = earlier[-1]
    versions, rewritten, counts, shares = [], [], {}, {}
    hidden: dict[str, Ints] = {}
    replaced: dict[str, tuple[Ints, Ints]] = {}
    for name, table in TABLES.items():
        orders = [one.order(name) for one in earlier]
        found = _gone(edition, table, orders, is_same_reader=last.reader == edition.reader)
        shares[name] = last.rows_read(name)
        if found is None:
            continue
        versions.append(found.versions)
        rewritten.append(found.rewritten)
        counts[name], hidden[name], replaced[name] = found.recent, found.hidden, (found.old, found.new)
    emptied = tuple(name for name in TABLES if last.rows_read(name) and not edition.rows_read(name))
    return Losses(
        tuple(one.number for one in earlier),
        since,
        pd.concat([_no_versions(), *versions], ignore_index=True) if versions else _no_versions(),
        pd.concat([_no_rewritten(), *rewritten], ignore_index=True) if rewritten else _no_rewritten(),
        {name: count for name, count in counts.items() if count},
        shares,
        emptied,
        {name: rows for name, rows in hidden.items() if len(rows)},
        {name: rows for name, rows in replaced.items() if len(rows[0])},
    )


@dataclass(frozen=True)
class _Gone:
    """What is gone of one table."""

    versions: pd.DataFrame
    rewritten: pd.DataFrame
    recent: int
    hidden: Ints
    old: Ints
    new: Ints


def _gone(edition: Edition, table: Table, orders: list[Runs], *, is_same_reader: bool) -> _Gone | None:
    """Rows of a table that earlier orders had and this one has not; None: it has them all."""
    now, last = edition.order(table.name), orders[-1]
    if edition.has_all(table.name):
        return None
    stores = (table.name, table.name + REFUSED)
    ever = Runs.joined(orders)
    gone = [
        _hashed(block, ~now.contains(block["ordinal"]) & ever.contains(block["ordinal"]))
        for block in _blocks(edition, stores)
    ]
    wanted = np.unique(np.concatenate([np.zeros(0, np.uint64), *gone]))
    if not len(wanted):
        return None
    vanished = np.setdiff1d(wanted, _delivered(edition, stores, now, wanted))
    versions, hidden = _described(edition, table, stores, orders, vanished, now)
    nothing = np.zeros(0, np.int64)
    rewritten, old, new = (
        _rewritten(edition, table, now, last) if is_same_reader else (_no_rewritten(), nothing, nothing)
    )
    newest = versions.drop_duplicates("key", keep="last")
    recent = int((newest["is_recent"] & ~newest["voided"]).sum())
    return _Gone(versions, rewritten, recent, hidden, old, new)


def _blocks(edition: Edition, stores: tuple[str, ...]) -> Iterator[Block]:
    """All rows ever kept of some stores, bucket by bucket."""
    for bucket in range(len(edition)):
        for store in stores:
            block = edition.everything(store, bucket)
            if block is not None and len(block):
                yield block


def _hashed(block: Block, rows: NDArray[np.bool_]) -> Hashes:
    return np.asarray(block["hash"][rows], dtype=np.uint64)


def _delivered(edition: Edition, stores: tuple[str, ...], now: Runs, wanted: Hashes) -> Hashes:
    """Of some keys those that are delivered now, wherever their rows lie."""
    found = []
    for block in _blocks(edition, stores):
        at = np.flatnonzero(among(block["hash"], wanted))
        found.append(block["hash"][at[now.contains(block["ordinal"][at])]])
    return np.unique(np.concatenate([np.zeros(0, np.uint64), *found]))


def _described(
    edition: Edition, table: Table, stores: tuple[str, ...], orders: list[Runs], vanished: Hashes, now: Runs
) -> tuple[pd.DataFrame, Ints]:
    """The versions of vanished keys, sorted by key and moment, without those delivered now in another writing; rows the last order had."""
    frames, hidden, rows, ever = [], [], 0, Runs.joined(orders)
    for store in stores:
        for block in _blocks(edition, (store,)):
            at = np.flatnonzero(among(block["hash"], vanished))
            at = at[ever.contains(block["ordinal"][at])]
            recent = orders[-1].contains(block["ordinal"][at])
            hidden.append(block["ordinal"][at[recent]])
            at, recent = at[: max(0, MOST_DESCRIBED - rows)], recent[: max(0, MOST_DESCRIBED - rows)]
            rows += len(at)
            if len(at):
                frames.append(_version(edition, table, block, at, recent))
    if not frames:
        return _no_versions(), np.zeros(0, np.int64)
    versions = pd.concat(frames, ignore_index=True)
    versions = versions.loc[versions["key"].notna()]
    versions = versions.loc[~_delivered_folded(edition, stores, now, versions["key"])]
    order = ["table", "key", "moment", "is_recent", "org_id", "kind", "fiscal_year"]
    versions = versions.sort_values(order, kind="stable", ignore_index=True)
    recent_of_key = versions.groupby("key")["is_recent"].transform("max").astype(bool)
    return versions.assign(is_recent=recent_of_key).loc[:, list(VERSION_COLUMNS)], np.concatenate(hidden)


def _version(edition: Edition, table: Table, block: Block, at: Ints, recent: NDArray[np.bool_]) -> pd.DataFrame:
    """Some rows of a block as `withheld` describes them, with their moment and whether they retract."""
    frame = block.frame(at)
    if block.layout.name.endswith(REFUSED):
        frame = edition.typed_refused(table.name, frame)
    found = withheld.described(table, frame if "org_id" in frame else frame.assign(org_id=np.nan))
    references = [f"vanished:{table.name}:{key}" for key in found["key"]]
    return withheld.referred(found, references).assign(
        voided=frame["voided"].fillna(False).to_numpy(dtype=bool),
        is_recent=recent,
        moment=frame["recorded_at"].to_numpy(dtype="datetime64[us]"),
    )


def _delivered_folded(edition: Edition, stores: tuple[str, ...], now: Runs, keys: pd.Series[str]) -> NDArray[np.bool_]:
    """Keys of an older ledger that are delivered now as they are folded."""
    folded = keys.map(fold)
    differs = (folded != keys).to_numpy(dtype=bool)
    if not differs.any():
        return differs
    hashed = hashes(withheld.words(folded))
    return differs & np.isin(hashed, _delivered(edition, stores, now, np.unique(hashed[differs])))


def _rewritten(edition: Edition, table: Table, now: Runs, last: Runs) -> tuple[pd.DataFrame, Ints, Ints]:
    """Rows that the last order had and this one has otherwise, under the same key and moment; ordinals of both."""
    pairs = []
    for block in _blocks(edition, (table.name,)):
        here, there = now.contains(block["ordinal"]), last.contains(block["ordinal"])
        at = np.flatnonzero(here != there)
        cells = {name: block[name][at] for name in ("hash", "recorded_at", "ordinal")}
        pairs.append(pd.DataFrame(cells).assign(here=here[at]))
    both = (
        pd.concat(pairs, ignore_index=True)
        if pairs
        else pd.DataFrame(columns=["hash", "recorded_at", "ordinal", "here"])
    )
    changed = both.loc[both.groupby(["hash", "recorded_at"])["here"].transform("nunique") > 1]
    is_new = changed["here"].astype(bool)
    old, new = (changed.loc[rows, "ordinal"].to_numpy(dtype=np.int64) for rows in (~is_new, is_new))
    frames = [_named_rows(table, block, new) for block in _blocks(edition, (table.name,))] if len(new) else []
    rows = pd.concat([_no_rewritten(), *frames], ignore_index=True).drop_duplicates(["key", "known_from"])
    return rows.sort_values(["key", "known_from"], kind="stable", ignore_index=True), old, new


def _named_rows(table: Table, block: Block, ordinals: Ints) -> pd.DataFrame:
    """Some rows of a block by key, organisation and day."""
    at = np.flatnonzero(np.isin(block["ordinal"], ordinals))[:MOST_DESCRIBED]
    frame = block.frame(at)
    days = (block["recorded_at"][at] // MICROSECONDS_A_DAY).astype("datetime64[D]").astype("datetime64[s]")
    cells = {"table": table.name, "key": frame[table.key], "org_id": frame.get("org_id", np.nan), "known_from": days}
    return pd.DataFrame(cells).astype({"table": "str", "key": "str", "org_id": "str"})


def _no_versions() -> pd.DataFrame:
    empty = withheld.none()
    return empty.assign(voided=pd.Series([], dtype=bool), is_recent=pd.Series([], dtype=bool)).loc[
        :, list(VERSION_COLUMNS)
    ]


def _no_rewritten() -> pd.DataFrame:
    cells = {
        name: pd.Series([], dtype="datetime64[s]" if name == "known_from" else "str") for name in REWRITTEN_COLUMNS
    }
    return pd.DataFrame(cells)


def loss_notices(found: Losses, day: np.datetime64) -> list[str]:
    """What an officer should know of what is gone or was rewritten, as known at the end of a day; one sentence a table."""
    gone, changed = found.vanished(day), found.rewritten_by(day)
    said = []
    for name in TABLES:
        keys, rows = gone.loc[gone["table"] == name], changed.loc[changed["table"] == name, "key"]
        if name in found.emptied and keys["is_recent"].any():
            said.append(_said_emptied(name, found.since))
        if len(keys):
            said.append(_said_gone(name, keys, found.since))
        if len(rows):
            said.append(_said_rewritten(name, rows, found.since))
    return said


def _said_emptied(name: str, since: str) -> str:
    """Of a table that had rows and has none."""
    zh = f"{TABLES[name].zh}（{name}）：截至{since}的数据中有该表，本次未提供任何记录，请向数据提供单位核实"
    return f"{zh} / {name} had rows as of {since} and has none now"


def _said_rewritten(name: str, keys: pd.Series[str], since: str) -> str:
    """Of rows of one table that were rewritten in place: how many, which."""
    same = f"有{len(keys)}条记录主键和入库时间未变，内容却与截至{since}的数据不同"
    zh = f"{TABLES[name].zh}（{name}）：{same}，请核实改写原因：{_named(keys)}"
    en = f"{len(keys):,} rows of {name} known as of {since} were rewritten under the same key and recorded_at"
    return f"{zh} / {en}: {_named(keys)}"


def _said_gone(name: str, rows: pd.DataFrame, since: str) -> str:
    """Of the vanished records of one table: how many, since when, which."""
    new = rows["is_recent"].astype(bool)
    recent, before = int(new.sum()), int((~new).sum())
    named = _named(pd.concat([rows.loc[new, "key"], rows.loc[~new, "key"]]))
    had = f"截至{since}尚有提供" if not before else f"其中{recent}条截至{since}尚有提供，{before}条此前已不再提供"
    zh = f"{TABLES[name].zh}（{name}）：有{len(rows)}条记录本次不再提供，也未见撤回（{had}），请向数据提供单位核实：{named}"
    known = (
        f"known as of {since}" if not before else f"({recent:,} of them known as of {since}, {before:,} gone before)"
    )
    return f"{zh} / {len(rows):,} records of {name} {known} are no longer delivered and were not withdrawn: {named}"


def _named(keys: pd.Series[str]) -> str:
    """The first keys, without personal numbers, and whether there are more."""
    shown = ", ".join(mask_key(str(key)) for key in keys.head(_SHOWN))
    return f"{shown}, …" if len(keys) > _SHOWN else shown
