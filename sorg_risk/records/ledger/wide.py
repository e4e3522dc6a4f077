"""A generation as a source that stays on disk: nights larger than memory.

Nothing but the register and what is asked for comes into memory, and whoever goes through all organisations does it
portion by portion, each portion some buckets. Of the widest table, the fund flows, views show only the few rows that a
rule may look at (``held`` says which); the others are digested and swept where they lie.

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
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from .. import withheld
from ..checks import Checked
from ..lookups import within
from ..packed import NEVER, Packed, Packs
from ..schema import SHARED, TABLES
from ..source import Source, as_day
from ..view import View
from ..withheld import KINDS
from .bucket import Bucket, nothing
from .edition import Edition
from .evening import WIDE, Evening, evening
from .losses import Losses, loss_notices
from .shelf import Shelf
from .spill import bucket_of

Ints = NDArray[np.int64]
Held = Callable[[pd.DataFrame, View], pd.DataFrame]
"""Given standing rows of some organisations and their view: those of them that views show."""

PORTION = 20_000
"""Organisations in memory at once, about: enough that the pass over them outweighs what every portion costs."""
_KEPT_DAYS = 2


class WideSource(Source):
    """An edition of a ledger; ``held``: which rows of the wide table its views show in `View.table`."""

    def __init__(self, edition: Edition, held: Held) -> None:
        refused = edition.checked(SHARED)
        super().__init__(edition.deliveries, edition.code_scheme, edition.calendar, edition.notices, refused)
        self.columns = edition.columns
        self.edition = edition
        self.held = held
        self.losses = Losses()
        self.shelf = Shelf(edition)
        self.evening = lru_cache(_KEPT_DAYS)(self._evening)
        self._view = lru_cache(_KEPT_DAYS)(lambda day: WideView(self, day))

    def as_of(self, day: dt.date | str) -> WideView:
        """What was known at the end of a day; of the latest days asked for, the same view."""
        return self._view(as_day(day))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """As in `Source`, all in memory: for looking, not for a night."""
        return self.edition.source.tables

    @property
    def last_recorded(self) -> dt.date | None:
        """As in `Source`."""
        return self.edition.source.last_recorded

    def history(self, name: str) -> pd.DataFrame:
        """As in `Source`, all in memory: for looking, not for a night (but what belongs to no organisation)."""
        return super().history(name) if name in SHARED else self.edition.source.history(name)

    def parts(self) -> Iterator[Packs]:
        """All tables packed, bucket by bucket."""
        return (bucket.packs for bucket in self.edition.buckets())

    def _set_aside(self, name: str, one: Checked, day: np.datetime64) -> list[pd.DataFrame]:
        if name in SHARED:
            return super()._set_aside(name, one, day)
        return self.evening(int(day.astype("datetime64[D]").astype(np.int64))).lines[name]

    def _evening(self, day: int) -> Evening:
        whole = self.as_of(dt.date(1970, 1, 1) + dt.timedelta(days=day))
        return evening(
            self.edition,
            day,
            lambda rows, bucket: self.held(rows, whole.restricted_to(bucket.orgs)),
            self._unused,
        )

    @cached_property
    def _unused(self) -> dict[str, pd.DataFrame]:
        """The rows refused by themselves, as far as they can be read."""
        refused = {name: self.checked(name).refused for name in KINDS}
        return {name: self._described(name, one.typed) for name, one in refused.items() if len(one.lines)}

    def withheld(self, day: np.datetime64) -> pd.DataFrame:
        """As in `Source`, with what vanished."""
        rows = self.evening(int(day.astype("datetime64[D]").astype(np.int64))).withheld
        known = rows[rows["known_from"].to_numpy() <= day]
        gone = self.vanished(day)
        return withheld.joined([known, gone.loc[gone["table"].isin(list(KINDS)), list(withheld.COLUMNS)]])

    def against(self, losses: Losses) -> WideSource:
        """The same delivery beside what it lacks of earlier ones."""
        made = copy(self)
        made.losses = losses
        made._view = lru_cache(_KEPT_DAYS)(lambda day: WideView(made, day))
        return made

    def vanished(self, day: np.datetime64) -> pd.DataFrame:
        """As in `Source`."""
        return self.losses.vanished(day)

    def rewritten(self, day: np.datetime64) -> pd.DataFrame:
        """As in `Source`."""
        return self.losses.rewritten_by(day)

    def loss_notices(self, day: np.datetime64) -> list[str]:
        """As in `Source`."""
        return loss_notices(self.losses, day)


class WideView(View):
    """What was known at the end of one day, of a `WideSource`."""

    source: WideSource
    _wider: Shelf | None = None

    def table(self, name: str) -> pd.DataFrame:
        """As in `View`; of the wide table only the rows that are held."""
        if name != WIDE:
            return super().table(name)
        if name not in self._tables:
            rows = self._evening.held
            self._tables[name] = self._own(rows, np.ones(len(rows), dtype=bool)).reset_index(drop=True)
        return self._tables[name]

    def of_org(self, name: str, org_id: str) -> pd.DataFrame:
        """As in `View`, of the wide table all rows."""
        number = int(bucket_of(pa.array([org_id]), len(self.source.edition))[0])
        block, at = Bucket(self.source.edition, number).standing(name, self.known_day)
        rows = block.frame(at)[TABLES[name].names]
        found: pd.DataFrame = rows[rows["org_id"].eq(org_id)].sort_values(TABLES[name].key, ignore_index=True)
        return found

    def with_keys(self, name: str, keys: pd.Series) -> pd.DataFrame:
        """As in `View`; of the wide table the keys are looked up where they lie."""
        if name != WIDE:
            return super().with_keys(name, keys)
        declared, wanted = TABLES[name], pa.array(keys.unique(), pa.large_string())
        found = []
        for number in np.unique(self._shelf.numbers(self.orgs)):
            block, at = Bucket(self.source.edition, int(number)).standing(name, self.known_day)
            met = pc.is_in(block["key"].take(pa.array(at)), value_set=wanted)
            found.append(block.frame(at[np.asarray(met, dtype=bool)])[declared.names])
        rows = pd.concat(found, ignore_index=True) if found else nothing(name)
        rows = rows.loc[within(rows["org_id"], self.orgs)]
        return rows.sort_values(["org_id", declared.key], ignore_index=True)

    def portions(self) -> Iterator[View]:
        """The same view, some buckets of organisations at a time."""
        orgs = self.orgs
        number = self._shelf.numbers(orgs)
        parts = min(-(-len(orgs) // PORTION), len(np.unique(number)))
        if parts < 2:
            yield self
            return
        for some in np.array_split(np.unique(number), parts):
            yield self.restricted_to(orgs[np.isin(number, some)])

    def parts(self) -> Iterator[Packs]:
        """All tables packed as known on the day, bucket by bucket."""
        for bucket in self._shelf.buckets:
            known = packs_known_by(bucket.packs, self.known_day)
            yield known if self._only is None else _some(known, self._only)

    @property
    def last_recorded(self) -> dt.date | None:
        """The latest day on which any row that stands became known."""
        shared = [self.table(name)["recorded_at"].max() for name in SHARED if len(self.table(name))]
        latest = [moment for moment in (self._evening.latest, *shared) if moment is not None]
        return max(latest).date() if latest else None

    @cached_property
    def _shelf(self) -> Shelf:
        whole = self.source.shelf
        return whole if self._only is None else Shelf(self.source.edition, self._only, self._wider or whole)

    def restricted_to(self, org_ids: Iterable[str]) -> WideView:
        """The same day for some organisations only; what was read for this view is not read for that again."""
        made = super().restricted_to(org_ids)
        assert isinstance(made, WideView)
        made._wider = self._shelf
        return made

    def _versions(self, name: str) -> pd.DataFrame:
        """As in `View`, perhaps of more organisations than its own."""
        return self.source.history(name) if name in SHARED else self._shelf.history(name)

    def _everywhere(self, name: str) -> pd.DataFrame:
        own, edition = self._versions(name), self.source.edition
        return pd.concat([own, edition.strays(name)], ignore_index=True) if len(edition.crossing(name)) else own

    def _digest(self, name: str) -> str:
        return super()._digest(name) if name in SHARED else self._evening.digests[name]

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
    return Packs(
        packs.orgs, lambda table: known_by(packs.table(table), day), lambda name: _rows_known(packs.shared(name), day)
    )


def _rows_known(rows: pd.DataFrame, day: int) -> pd.DataFrame:
    """Rows of no organisation as they stand on a day, whatever was learnt later."""
    end = np.datetime64(day, "D").astype("datetime64[s]")
    stands = (rows["known_from"] <= end) & (rows["known_until"] > end)
    standing: pd.DataFrame = rows.loc[stands].drop(columns=["known_from", "known_until"]).reset_index(drop=True)
    return standing


def _some(packs: Packs, wanted: pd.Index[str]) -> Packs:
    """Of the organisations those that are wanted."""
    at = np.flatnonzero(within(packs.orgs, wanted))
    if len(at) == len(packs.orgs):
        return packs
    return Packs(packs.orgs[at], lambda table: packs.table(table).of(at), packs.shared)
