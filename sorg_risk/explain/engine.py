"""The engine: rows in, contributions of all trees out, with tables held, read from a cache, or made batch by batch."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from . import keeping
from .bins import Bins, place
from .lookup import add_turned
from .tables import Plan, Tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .trees import Tree

ROWS = 8_192
"""Rows of a block: many enough to share the tables' way through the caches, few enough for their sums to stay there."""
HELD = 48 * 1024 * 1024
"""Numbers of tables in memory at a time (384 MB); of larger models the tables are made batch by batch at each call."""


class Engine:
    """Contributions of a sum of trees.

    Parameters
    ----------
    forest
        The trees, leaf values already weighted.
    features
        Columns of the rows.
    background
        Rows to compare with, or None for path-dependent contributions.
    threads
        Threads to use.
    cache
        Folder for the tables, or None.
    degree
        0: contributions. Otherwise their further Legendre moments, see `weights`; only with a background.
    """

    def __init__(
        self,
        forest: Sequence[Tree],
        features: int,
        background: NDArray[np.float64] | None,
        threads: int,
        cache: str | Path | None = None,
        degree: int = 0,
    ) -> None:
        self._forest, self._features, self._threads, self._cache = forest, features, threads, cache
        self._compared = background
        self._degree = degree
        self._held: Tables | None = None

    @property
    def ready(self) -> bool:
        """Whether the tables are there."""
        return self._held is not None

    @cached_property
    def deepest(self) -> int:
        """Most splits above any leaf."""
        return max((tree.depth for tree in self._forest), default=0)

    def moment(self, degree: int) -> Engine:
        """An engine of the same model for a further moment; bins and plans are shared."""
        twin = Engine(self._forest, self._features, self._compared, self._threads, self._cache, degree)
        vars(twin).update(_bins=self._bins, _plans=self._plans, _background=self._background)
        return twin

    def prepare(self) -> None:
        """Make the tables, or read them from the cache, if memory may hold them all."""
        if self._held is None and len(self._batches) <= 1:
            self._held = keeping.kept(self._cache, self._key, self._made) if self._cache else self._made()

    def contributions(self, M: NDArray[np.float64]) -> NDArray[np.float64]:
        """Contributions (rows, features) of rows as the trees read them."""
        out = np.zeros(M.shape)
        if not self._forest:
            return out
        self.prepare()
        for tables in [self._held] if self._held is not None else self._in_turn():
            self._spread(tables, M, out)
        return out

    def _spread(self, tables: Tables, M: NDArray[np.float64], out: NDArray[np.float64]) -> None:
        """All rows, several blocks at a time."""
        begins = range(0, len(M), ROWS)
        if len(begins) == 1:
            self._add(tables, M, 0, out)
            return
        with ThreadPoolExecutor(self._threads) as pool:
            list(pool.map(lambda begin: self._add(tables, M, begin, out), begins))

    def _add(self, tables: Tables, M: NDArray[np.float64], begin: int, out: NDArray[np.float64]) -> None:
        """One block of rows."""
        rows = M[begin : begin + ROWS]
        bins = np.empty((self._features, len(rows)), dtype=np.uint16)
        place(rows, self._bins.cuts, self._bins.start, bins)
        sums = np.zeros(bins.shape)
        tables.add(bins, sums)
        add_turned(sums, out[begin : begin + ROWS])

    def _made(self) -> Tables:
        return Tables.of(self._plans, self._background, self._threads, self._degree)

    def _in_turn(self) -> Iterator[Tables]:
        """The tables of one batch of trees after the other."""
        for first, last in self._batches:
            yield Tables.of(self._plans[first:last], self._background, self._threads, self._degree)

    @cached_property
    def _bins(self) -> Bins:
        return Bins.of(self._forest, self._features)

    @cached_property
    def _plans(self) -> list[Plan]:
        return [Plan.of(tree, self._bins) for tree in self._forest]

    @cached_property
    def _background(self) -> NDArray[np.uint16] | None:
        return None if self._compared is None else self._bins.of_rows(self._compared)

    @cached_property
    def _batches(self) -> list[tuple[int, int]]:
        """First and last tree of every batch."""
        found, first, numbers = [], 0, 0
        for i, plan in enumerate(self._plans):
            if i > first and numbers + plan.numbers > HELD:
                found.append((first, i))
                first, numbers = i, 0
            numbers += plan.numbers
        return [*found, (first, len(self._plans))]

    @property
    def _key(self) -> str:
        """What the tables depend on."""
        return keeping.digest([array for tree in self._forest for array in tree.arrays], self._compared, self._degree)
