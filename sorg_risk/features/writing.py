"""The matrix of more organisations and days than memory holds: parquet files, one a part of the organisations."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ..errors import UsageError
from ..records import Source
from ..records.ledger import Edition, Ledger
from ..records.packed import Packs
from .declare import Feature
from .executor import Executor
from .matrix import chosen_days, chosen_features, finished
from .measure import Measured, in_parallel, measured
from .peers import percentiles
from .sweep import day_numbers, parts_of, swept

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def write(
    data: Source | Edition | Ledger,
    days: Iterable[dt.date | str],
    out: str | Path,
    *,
    names: Iterable[str] | None = None,
    executor: Executor | None = None,
) -> list[Path]:
    """Writes what `features` would give for active organisations as parquet files into a new folder.

    Columns ``as_of``, ``org_id`` and one a feature; rows of a file by day, then organisation. Only one part of the
    organisations (a bucket of the ledger) a processor is in memory at a time. ``executor`` as in `features`; the files are
    the same, and written here. Raises `UsageError` where the folder is there already and not empty.

    >>> import tempfile
    >>> import sorg_risk as sr
    >>> files = write(sr.open("data/sample"), ["2026-09-30", "2026-10-31"], tempfile.mkdtemp(), names=["flows_90d"])
    >>> pd.read_parquet(files[0]).columns.tolist()
    ['as_of', 'org_id', 'flows_90d']
    """
    folder, chosen, wanted = Path(out), chosen_days(days), chosen_features(names)
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"folder {folder} is not empty; name a new one.")
    folder.mkdir(parents=True, exist_ok=True)
    relative = [one for one in wanted if one.base]
    if not relative:
        return _files(data, chosen, wanted, folder, executor)
    with tempfile.TemporaryDirectory(prefix=".parts-", dir=folder) as aside:
        found = swept(data, chosen, wanted, executor)
        parts = [_Part.kept(Path(aside) / str(number), one) for number, one in enumerate(found)]
        for one in relative:
            _compare(one, parts)
        return [_file(folder, number, part.measured, chosen, wanted) for number, part in enumerate(parts)]


@dataclass(frozen=True)
class _Part:
    """What was measured of one part of the organisations, put aside until all parts are known."""

    place: Path
    orgs: pd.Index[str]
    known: Bools
    active: Bools
    names: list[str]

    @classmethod
    def kept(cls, place: Path, found: Measured) -> _Part:
        place.mkdir()
        for name, values in found.values.items():
            np.save(place / f"{name}.npy", values)
        return cls(place, found.orgs, found.known, found.active, list(found.values))

    def value(self, name: str) -> Floats:
        values: Floats = np.load(self.place / f"{name}.npy")
        return values

    @property
    def measured(self) -> Measured:
        return Measured(self.orgs, {name: self.value(name) for name in self.names}, self.known, self.active)


def _compare(one: Feature, parts: list[_Part]) -> None:
    """A relative feature, over all parts at once."""
    base, *peers = (np.concatenate([part.value(name) for part in parts]) for name in (one.base, *one.peers))
    found = percentiles(base, peers, np.concatenate([part.active for part in parts]))
    for part, values in zip(parts, np.split(found, np.cumsum([len(part.orgs) for part in parts])[:-1])):
        np.save(part.place / f"{one.name}.npy", values)
        part.names.append(one.name)


def _files(
    data: Source | Edition | Ledger,
    days: list[dt.date],
    wanted: list[Feature],
    folder: Path,
    executor: Executor | None,
) -> list[Path]:
    """Files of features that need no other part: here each is written by the thread that measured it."""
    if executor is not None:
        found = enumerate(swept(data, days, wanted, executor))
        return [_file(folder, number, one, days, wanted) for number, one in found]
    numbers = day_numbers(days)

    def file(numbered: tuple[int, Packs]) -> Path:
        number, packs = numbered
        return _file(folder, number, measured(packs, numbers, wanted), days, wanted)

    return list(in_parallel(file, enumerate(parts_of(data))))


def _file(folder: Path, number: int, part: Measured, days: list[dt.date], wanted: list[Feature]) -> Path:
    day_at, org_at = np.nonzero(part.active.T)
    place = org_at * len(days) + day_at
    columns = {
        "as_of": pa.array(np.array(days, dtype="datetime64[D]")[day_at]),
        "org_id": pa.array(part.orgs, pa.string()).take(pa.array(org_at)),
        **{one.name: _nullable(finished(one, part.values[one.name].take(place))) for one in wanted},
    }
    path = folder / f"part-{number:05d}.parquet"
    pq.write_table(pa.table(columns), path, compression="lz4", use_dictionary=["org_id"])
    return path


def _nullable(values: pd.Series | Floats) -> pa.Array:
    """A column in which nothing is null, as others than pandas expect it."""
    if isinstance(values, pd.Series):
        return pa.array(values, from_pandas=True)
    nothing = np.isnan(values)
    return pa.array(values, mask=nothing if nothing.any() else None)
