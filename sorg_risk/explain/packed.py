"""Every leaf with the patterns its background shows: what a single row needs when the weights of the game are not the usual ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numba
import numpy as np

from .bins import Bins
from .deep import Deep
from .tables import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .trees import Tree


class Packed(NamedTuple):
    """All leaves of a forest as `Deep` leaves, and the bins to read a row with."""

    bins: Bins
    leaves: Deep
    deepest: int

    @classmethod
    def of(cls, forest: Sequence[Tree], features: int, background: NDArray[np.float64]) -> Self:
        """Pack a forest against a background."""
        bins = Bins.of(forest, features)
        plans = [Plan.of(tree, bins, 1, -1) for tree in forest]
        leaves = Deep.of([leaf for plan in plans for leaf in plan.deep_leaves()], bins.of_rows(background))
        return cls(bins, leaves, int(np.diff(leaves.start).max(initial=0)))

    def explain(
        self, row: NDArray[np.float64], p: NDArray[np.float64], weight: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Each feature's slope integrated under the weight at the nodes ``p``, and the sizes that `at` reads.

        The sizes ``[m, n]`` are the leaf values, averaged over the background, of all pairs where m conditions are met by the row alone and
        n by the background row alone.
        """
        k = self.deepest
        m = np.arange(k + 1)
        by_row, by_rest = p[:, None] ** m, (1 - p[:, None]) ** m
        gain, loss = np.zeros((k + 1, k + 1)), np.zeros((k + 1, k + 1))
        gain[1:] = np.einsum("q,qm,qn->mn", weight, by_row[:, :-1], by_rest) if k else 0.0
        loss[:, 1:] = np.einsum("q,qm,qn->mn", weight, by_row, by_rest[:, :-1]) if k else 0.0
        leaves = self.leaves
        found, sizes = np.zeros(self.bins.features), np.zeros((k + 1, k + 1))
        _one_row(
            *(self.bins.of_rows(row[None, :])[:, 0], leaves.value / leaves.rows, leaves.start, leaves.feature),
            *(leaves.fits_start, leaves.fits, leaves.pattern_start, leaves.pattern, leaves.times),
            *(gain, loss, found, sizes),
        )
        return found, sizes

    def at(self, sizes: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
        """The score when each feature is known with chance ``p``, less its value when none is."""
        m = np.arange(self.deepest + 1)
        whole = np.einsum("qm,mn,qn->q", p[:, None] ** m, sizes, (1 - p[:, None]) ** m)
        return np.asarray(whole - sizes[0].sum())


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _one_row(
    bins: NDArray[np.uint16],
    value: NDArray[np.float64],
    start: NDArray[np.int64],
    feature: NDArray[np.int64],
    fits_start: NDArray[np.int64],
    fits: NDArray[np.uint8],
    pattern_start: NDArray[np.int64],
    pattern: NDArray[np.uint64],
    times: NDArray[np.float64],
    gain: NDArray[np.float64],
    loss: NDArray[np.float64],
    found: NDArray[np.float64],
    sizes: NDArray[np.float64],
) -> None:
    """Go through every leaf once; only background patterns that meet all the row misses count."""
    one = np.uint64(1)
    total = np.empty(len(gain))
    for leaf in range(len(value)):
        first, k = start[leaf], start[leaf + 1] - start[leaf]
        missed, n = np.uint64(0), 0
        for i in range(k):
            if not fits[fits_start[first + i] + bins[feature[first + i]]]:
                missed |= one << np.uint64(i)
                n += 1
        total[:k] = 0.0
        lost, seen = 0.0, False
        for at in range(pattern_start[leaf], pattern_start[leaf + 1]):
            theirs = pattern[at]
            if theirs & missed != missed:
                continue
            alone, m = ~theirs, 0
            for i in range(k):
                m += int(alone >> np.uint64(i) & one)
            seen = True
            sizes[m, n] += value[leaf] * times[at]
            won = times[at] * gain[m, n]
            lost += times[at] * loss[m, n]
            for i in range(k):
                total[i] += won * np.float64(alone >> np.uint64(i) & one)
        if not seen:
            continue
        for i in range(k):
            share = -lost if missed >> np.uint64(i) & one else total[i]
            found[feature[first + i]] += value[leaf] * share
