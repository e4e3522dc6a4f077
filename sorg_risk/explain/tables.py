"""All trees of a model made ready for look-up: groups, their tables, and the few leaves too deep for one.

`Plan` says what each tree needs and how large it will be; `Tables` are built from plans in parallel, each tree writing to its own place.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from .cells import fill, gauss_legendre
from .deep import Deep, DeepLeaf, starts
from .groups import Groups, groups
from .lookup import look_up
from .paths import Paths, paths
from .weights import weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .bins import Bins
    from .trees import Tree

CAP = 1024
"""Cells of a group of several leaves: small enough that one feature's table stays in the first cache."""
DEEPEST = 12
"""Conditions of a single leaf that still gets a table (4,096 cells)."""


class Plan(NamedTuple):
    """What one tree needs."""

    paths: Paths
    groups: Groups
    cells: NDArray[np.int64]
    deep: NDArray[np.uint8]
    bin_count: NDArray[np.int64]

    @classmethod
    def of(cls, tree: Tree, bins: Bins, cap: int = CAP, deepest: int = DEEPEST) -> Self:
        """Cut a tree into groups; a leaf of more conditions than ``deepest`` is left to `Deep`."""
        found = paths(tree, bins)
        grouped = groups(found, cap, deepest)
        deep = np.diff(found.start)[grouped.first[:-1]] > deepest
        cells = np.array([np.prod(grouped.parts[a:b]) for a, b in pairwise(grouped.start)], dtype=np.int64)
        bin_count = np.diff(bins.sample_start)[found.features]
        return cls(found, grouped, np.where(deep, 0, cells), deep.astype(np.uint8), bin_count)

    @property
    def numbers(self) -> int:
        """Numbers in its tables."""
        return int((self.cells * np.diff(self.groups.start)).sum())

    def deep_leaves(self) -> list[DeepLeaf]:
        """The leaves without a table."""
        p = self.paths
        found = []
        for leaf in self.groups.first[:-1][self.deep == 1].tolist():
            conditions = slice(p.start[leaf], p.start[leaf + 1])
            slot = p.slot[conditions]
            fits = [
                row[p.class_of[s, : self.bin_count[s]]]
                for s, row in zip(slot.tolist(), p.fits[conditions], strict=True)
            ]
            found.append(DeepLeaf(float(p.value[leaf]), p.features[slot], p.ratio[conditions], fits))
        return found


class Layout(NamedTuple):
    """Where everything of many trees lies: ``tree`` and ``group`` count steps, the others have one entry a step and the end."""

    tree: NDArray[np.int64]
    group: NDArray[np.int64]
    feature: NDArray[np.int64]
    offset_start: NDArray[np.int64]
    table_start: NDArray[np.int64]

    @classmethod
    def of(cls, plans: Sequence[Plan]) -> Self:
        """Groups without a table (deep leaves) have no steps."""
        groups = [np.where(p.deep == 1, 0, np.diff(p.groups.start)) for p in plans]
        shown = [np.repeat(p.deep == 0, np.diff(p.groups.start)) for p in plans]
        slots = [p.groups.slot[s] for p, s in zip(plans, shown, strict=True)]
        return cls(
            starts([int(g.sum()) for g in groups]),
            starts(_joined(groups)),
            _joined([p.paths.features[s] for p, s in zip(plans, slots, strict=True)]),
            starts(_joined([p.bin_count[s] for p, s in zip(plans, slots, strict=True)])),
            starts(_joined([np.repeat(p.cells, g) for p, g in zip(plans, groups, strict=True)])),
        )


class Tables(NamedTuple):
    """The groups of many trees, ready for look-up.

    Attributes
    ----------
    start : where each group's steps begin (groups + 1).
    feature, offset_start, table_start : of each step.
    offsets : for each step, what a bin of its feature adds to the number of the cell.
    tables : for each step, the contribution to its feature in every cell.
    deep : the leaves without a table.
    """

    start: NDArray[np.int64]
    feature: NDArray[np.int64]
    offset_start: NDArray[np.int64]
    table_start: NDArray[np.int64]
    offsets: NDArray[np.uint16]
    tables: NDArray[np.float64]
    deep: Deep

    @classmethod
    def of(cls, plans: Sequence[Plan], background: NDArray[np.uint16] | None, threads: int, degree: int = 0) -> Self:
        """Build the tables of some trees; ``background`` (features, rows) holds bins, None means path-dependent.

        ``degree`` other than 0 is for a background only: see `weights`.
        """
        lay = Layout.of(plans)
        offsets = np.zeros(lay.offset_start[-1], dtype=np.uint16)
        tables = np.zeros(lay.table_start[-1], dtype=np.float64)
        node, weight = gauss_legendre(DEEPEST)
        gain, loss = weights(DEEPEST, degree)
        rows = np.empty((0, 0), dtype=np.uint16) if background is None else background

        def built(i: int) -> None:
            p, steps = plans[i].paths, slice(lay.tree[i], lay.tree[i + 1])
            fill(
                *(p.value, p.start, p.slot, p.ratio, p.fits, *plans[i].groups, p.class_of, p.features),
                *(plans[i].bin_count, plans[i].deep, rows, lay.offset_start[steps], lay.table_start[steps]),
                *(node, weight, gain, loss, offsets, tables),
            )

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(built, range(len(plans))))
        deep = Deep.of([leaf for plan in plans for leaf in plan.deep_leaves()], background, degree)
        return cls(lay.group, lay.feature, lay.offset_start[:-1], lay.table_start[:-1], offsets, tables, deep)

    def add(self, bins: NDArray[np.uint16], sums: NDArray[np.float64]) -> None:
        """Add the contributions of a block of rows (both arrays: features, rows)."""
        look_up(bins, self.start, self.feature, self.offset_start, self.table_start, self.offsets, self.tables, sums)
        self.deep.add(bins, sums)


def _joined(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate([*parts, np.empty(0, dtype=np.int64)])
