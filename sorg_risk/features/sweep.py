"""Sweeping all parts of the organisations: here by threads, or bucket by bucket of a ledger wherever an executor works."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..errors import UsageError
from ..records import Source, View
from ..records.ledger import Edition, Ledger
from ..records.ledger.place import Place
from ..records.ledger.wide import WideSource, WideView
from ..records.packed import Packs
from .declare import Feature
from .executor import Executor
from .measure import Ints, Measured, in_parallel, measured
from .registry import feature

Data = View | Source | Edition | Ledger


@dataclass(frozen=True)
class Sweep:
    """The job: a part is a bucket, its result `Measured` as Arrow. Days since 1970-01-01; features by name."""

    place: Place
    days: tuple[int, ...]
    names: tuple[str, ...]

    @property
    def parts(self) -> int:
        """One a bucket."""
        return self.place.buckets

    def __call__(self, part: int) -> pa.Table:
        """Features of the organisations of one bucket."""
        days = np.array(self.days, dtype=np.int64)
        return measured(self.place.packs(part), days, [feature(name) for name in self.names]).to_arrow()


def swept(data: Data, days: list[dt.date], wanted: list[Feature], executor: Executor | None) -> Iterator[Measured]:
    """What is measured of each part, in order; the parts are done by an executor, or by threads (None)."""
    numbers = day_numbers(days)
    if executor is None:
        return in_parallel(lambda packs: measured(packs, numbers, wanted), parts_of(data))
    sweep = Sweep(_place(data), tuple(numbers.tolist()), tuple(one.name for one in wanted))
    return (Measured.from_arrow(table) for table in executor.map(sweep))


def day_numbers(days: list[dt.date]) -> Ints:
    """Days since 1970-01-01."""
    return np.array(days, dtype="datetime64[D]").astype(np.int64)


def parts_of(data: Data) -> Iterator[Packs]:
    """Packed tables of all organisations: what is in memory at once, a ledger bucket by bucket."""
    if isinstance(data, View | Source):
        yield from data.parts()
    else:
        yield from (bucket.packs for bucket in _edition(data).buckets())


def _edition(data: Edition | Ledger) -> Edition:
    return data.at() if isinstance(data, Ledger) else data


def _place(data: Data) -> Place:
    """Where the parts lie, for others to read them there."""
    if isinstance(data, WideView):
        if data.whole is not data:
            raise UsageError("a restricted view is not sent to workers; give the whole view, or no executor.")
        return Place.of(data.source.edition, data.known_day)
    if isinstance(data, WideSource):
        return Place.of(data.edition)
    if isinstance(data, Edition | Ledger):
        return Place.of(_edition(data))
    raise UsageError(
        f"a {type(data).__name__.lower()} in memory is not sent to workers; bring it into a ledger first "
        "(sorg_risk.records.ledger.Ledger.bring), or give no executor."
    )
