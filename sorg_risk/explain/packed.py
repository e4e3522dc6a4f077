"""Every leaf with what its background shows: what a single row needs when the weights of the game are not the usual ones.

For a leaf all that matters of the background is how many of its rows meet a given set of conditions and so many in all (see `cells`). Those
counts are kept for every set, so a row costs a few numbers a leaf; leaves too deep for that keep the patterns themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numba
import numpy as np

from .bins import Bins
from .deep import Deep, starts
from .tables import DEEPEST, Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .trees import Tree


class Packed(NamedTuple):
    """All leaves of a forest, and the bins to read a row with.

    Attributes
    ----------
    leaves, counts, counts_start
        The shallow leaves; for each, background rows by [set of conditions met, how many met in all].
    deep, met
        The deep leaves, and how many conditions each of their patterns meets.
    deepest
        Most conditions of a leaf.
    """

    bins: Bins
    leaves: Deep
    counts: NDArray[np.float32]
    counts_start: NDArray[np.int64]
    deep: Deep
    met: NDArray[np.uint8]
    deepest: int

    @classmethod
    def of(cls, forest: Sequence[Tree], features: int, background: NDArray[np.float64]) -> Self:
        """Pack a forest against a background."""
        bins = Bins.of(forest, features)
        rows = bins.of_rows(background)
        every = [leaf for tree in forest for leaf in Plan.of(tree, bins, 1, -1).deep_leaves()]
        leaves = Deep.of([leaf for leaf in every if len(leaf.feature) <= DEEPEST], rows)
        deep = Deep.of([leaf for leaf in every if len(leaf.feature) > DEEPEST], rows)
        k = np.diff(leaves.start)
        begins = starts(((k + 1) << k).astype(np.int64))
        counts = np.zeros(begins[-1], dtype=np.float32)
        _count(leaves.start, leaves.pattern_start, leaves.pattern, leaves.times, begins, counts)
        deepest = max((len(leaf.feature) for leaf in every), default=0)
        return cls(bins, leaves, counts, begins, deep, np.bitwise_count(deep.pattern).astype(np.uint8), deepest)

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
        found, sizes = np.zeros(self.bins.features), np.zeros((k + 1, k + 1))
        row_bins = self.bins.of_rows(row[None, :])[:, 0]
        result = (gain, loss, found, sizes)
        _by_size(row_bins, *_conditions(self.leaves), self.counts_start, self.counts, *result)
        if len(self.deep.value):
            patterns = (self.deep.pattern_start, self.deep.pattern, self.deep.times, self.met)
            _by_pattern(row_bins, *_conditions(self.deep), *patterns, *result)
        return found, sizes

    def at(self, sizes: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
        """The score when each feature is known with chance ``p``, less its value when none is."""
        m = np.arange(self.deepest + 1)
        whole = np.einsum("qm,mn,qn->q", p[:, None] ** m, sizes, (1 - p[:, None]) ** m)
        return np.asarray(whole - sizes[0].sum())


def _conditions(leaves: Deep) -> tuple[Any, ...]:
    """What both ways of summing read of the leaves, values averaged over the background."""
    return (leaves.value / leaves.rows, leaves.start, leaves.feature, leaves.fits_start, leaves.fits)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _count(
    start: NDArray[np.int64],
    pattern_start: NDArray[np.int64],
    pattern: NDArray[np.uint64],
    times: NDArray[np.float64],
    counts_start: NDArray[np.int64],
    counts: NDArray[np.float32],
) -> None:
    """Background rows that meet at least a set of conditions, by how many they meet in all."""
    for leaf in range(len(start) - 1):
        k = start[leaf + 1] - start[leaf]
        mine = counts[counts_start[leaf] : counts_start[leaf + 1]].reshape(1 << k, k + 1)
        for at in range(pattern_start[leaf], pattern_start[leaf + 1]):
            bits = 0
            for i in range(k):
                bits += int(pattern[at] >> np.uint64(i) & np.uint64(1))
            mine[pattern[at], bits] += np.float32(times[at])
        for i in range(k):
            for b in range(1 << k):
                if not b >> i & 1:
                    for rank in range(k + 1):
                        mine[b, rank] += mine[b | 1 << i, rank]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _by_size(
    bins: NDArray[np.uint16],
    value: NDArray[np.float64],
    start: NDArray[np.int64],
    feature: NDArray[np.int64],
    fits_start: NDArray[np.int64],
    fits: NDArray[np.uint8],
    counts_start: NDArray[np.int64],
    counts: NDArray[np.float32],
    gain: NDArray[np.float64],
    loss: NDArray[np.float64],
    found: NDArray[np.float64],
    sizes: NDArray[np.float64],
) -> None:
    """Go through every leaf once, from the counts of background rows that meet all the row misses."""
    for leaf in range(len(value)):
        first, k = start[leaf], start[leaf + 1] - start[leaf]
        missed, n = 0, 0
        for i in range(k):
            if not fits[fits_start[first + i] + bins[feature[first + i]]]:
                missed |= 1 << i
                n += 1
        begin = counts_start[leaf]
        row = begin + missed * (k + 1)
        won = lost = 0.0
        for rank in range(n, k + 1):
            times = np.float64(counts[row + rank])
            sizes[k - rank, n] += value[leaf] * times
            won += times * gain[k - rank, n]
            lost += times * loss[k - rank, n]
        if won == 0.0 and lost == 0.0:
            continue
        for i in range(k):
            if missed >> i & 1:
                found[feature[first + i]] -= value[leaf] * lost
            else:
                both, row = 0.0, begin + (missed | 1 << i) * (k + 1)
                for rank in range(n + 1, k + 1):
                    both += np.float64(counts[row + rank]) * gain[k - rank, n]
                found[feature[first + i]] += value[leaf] * (won - both)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _by_pattern(
    bins: NDArray[np.uint16],
    value: NDArray[np.float64],
    start: NDArray[np.int64],
    feature: NDArray[np.int64],
    fits_start: NDArray[np.int64],
    fits: NDArray[np.uint8],
    pattern_start: NDArray[np.int64],
    pattern: NDArray[np.uint64],
    times: NDArray[np.float64],
    met: NDArray[np.uint8],
    gain: NDArray[np.float64],
    loss: NDArray[np.float64],
    found: NDArray[np.float64],
    sizes: NDArray[np.float64],
) -> None:
    """The same for deep leaves, from the patterns themselves; only those that meet all the row misses count."""
    zero, one = np.uint64(0), np.uint64(1)
    total = np.empty(len(gain))
    for leaf in range(len(value)):
        first, k = start[leaf], start[leaf + 1] - start[leaf]
        missed, n = zero, 0
        for i in range(k):
            if not fits[fits_start[first + i] + bins[feature[first + i]]]:
                missed |= one << np.uint64(i)
                n += 1
        lost, seen = 0.0, False
        for at in range(pattern_start[leaf], pattern_start[leaf + 1]):
            theirs = pattern[at]
            if theirs & missed != missed:
                continue
            if not seen:
                total[:k] = 0.0
                seen = True
            m = k - met[at]
            sizes[m, n] += value[leaf] * times[at]
            won = times[at] * gain[m, n]
            lost += times[at] * loss[m, n]
            i = 0
            while m > 0:  # the conditions met by the row alone
                if theirs & one == zero:
                    total[i] += won
                    m -= 1
                theirs >>= one
                i += 1
        if not seen:
            continue
        for i in range(k):
            share = -lost if missed >> np.uint64(i) & one else total[i]
            found[feature[first + i]] += value[leaf] * share
