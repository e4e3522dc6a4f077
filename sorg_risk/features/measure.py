"""Features of one part of the organisations: asked of the kernel together, each finished by its formula."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from typing import Any, Self, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ..records.packed import Packs
from .aggregates import AGGREGATES
from .compute import answers
from .declare import Feature
from .ingredients import Ingredient, Reading, Rows, Span
from .registry import CATALOGUE

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Given = TypeVar("Given")
Made = TypeVar("Made")
Kind = TypeVar("Kind", bound=np.generic)

_REGISTER = Rows("organizations", Span("recorded_at"))
_STATUS = Reading(_REGISTER, "recorded_at", "status")
_KNOWN = Reading(_REGISTER, "recorded_at", "recorded_at")


@dataclass(frozen=True)
class Measured:
    """Values (organisations, days) by feature, and by what relative features compare; who is known, who is active."""

    orgs: pd.Index[str]
    values: dict[str, Floats]
    known: Bools
    active: Bools

    @classmethod
    def joined(cls, parts: Iterable[Measured]) -> Measured:
        """All parts as one, sorted by organisation."""
        found = list(parts)
        if len(found) == 1:
            return found[0]
        orgs = pd.Index(np.concatenate([one.orgs.to_numpy(dtype=object) for one in found]), dtype="str", name="org_id")
        order = np.argsort(orgs.to_numpy(dtype=object), kind="stable")

        def whole(pieces: Iterable[NDArray[Kind]]) -> NDArray[Kind]:
            return np.concatenate(list(pieces))[order]

        values = {name: whole(one.values.pop(name) for one in found) for name in list(found[0].values)}
        return cls(orgs[order], values, whole(one.known for one in found), whole(one.active for one in found))

    def to_arrow(self) -> pa.Table:
        """One row an organisation: ``org_id``, ``known``, ``active``, then the features; each a list of values by day."""
        columns = [_lists(one) for one in (self.known, self.active, *self.values.values())]
        return pa.table([pa.array(self.orgs, pa.string()), *columns], ["org_id", "known", "active", *self.values])

    @classmethod
    def from_arrow(cls, table: pa.Table) -> Self:
        """What `to_arrow` was given, bit for bit."""
        org_id, known, active, *values = (_cells(column) for column in table.columns)
        orgs = pd.Index(org_id, dtype="str", name="org_id")
        return cls(orgs, dict(zip(table.column_names[3:], values)), known, active)


def _lists(values: NDArray[Any]) -> pa.Array:
    """A matrix (organisations, days) as one list an organisation."""
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(values).reshape(-1)), values.shape[1])


def _cells(column: pa.ChunkedArray) -> NDArray[Any]:
    """The matrix again, or the words; writable, as the kernels were compiled for."""
    whole = column.combine_chunks()
    if not pa.types.is_fixed_size_list(column.type):
        return np.array(whole.to_pylist(), dtype=object)
    return np.array(whole.flatten()).reshape(len(whole), column.type.list_size)


def measured(packs: Packs, days: Ints, wanted: Iterable[Feature]) -> Measured:
    """Every feature that is not relative, and everything the relative ones rest on."""
    needed = [one for one in with_bases(wanted) if not one.base]
    recipes = {one.name: AGGREGATES[one.aggregate].recipe(one, days) for one in needed}
    compared = {name for one in wanted for name in one.peers} - set(CATALOGUE)
    readings: dict[str, Ingredient] = {name: Reading(_REGISTER, "recorded_at", name) for name in compared}
    asked = [_STATUS, _KNOWN, *readings.values(), *(part for parts, _ in recipes.values() for part in parts)]
    found = answers(packs, asked, days)
    known = ~np.isnan(found[_KNOWN])
    values = {name: formula(*(found[part] for part in parts)) for name, (parts, formula) in recipes.items()}
    values |= {name: found[one].astype(np.float64) for name, one in readings.items()}
    return Measured(packs.orgs, values, known, known & ~(found[_STATUS] > 0))


def with_bases(wanted: Iterable[Feature]) -> list[Feature]:
    """Features wanted and those that relative ones rest on."""
    found: dict[str, Feature] = {}
    for one in wanted:
        for name in (one.base, *one.peers):
            if name in CATALOGUE:
                found[name] = CATALOGUE[name]
        found[one.name] = one
    return list(found.values())


def in_parallel(make: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
    """Results in order, a few at a time: no more parts are in memory than there are processors."""
    workers = cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        running: deque[Future[Made]] = deque()
        for one in given:
            running.append(pool.submit(make, one))
            if len(running) >= workers:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
