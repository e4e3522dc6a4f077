"""Leaves under too many conditions for a table, row by row: as exact, only slower.

A table doubles with every condition; beyond a dozen it no longer pays. Path-dependent such a leaf is integrated over the same Gauss-Legendre
nodes for each row; interventional it is summed over the different patterns that the background shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numba
import numpy as np

from ..errors import ModelError
from .cells import gauss_legendre
from .weights import weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WIDEST = 64


class Deep(NamedTuple):
    """Deep leaves of all trees, one after the other.

    Attributes
    ----------
    value : leaf values.
    start : where each leaf's conditions begin (leaves + 1).
    feature, ratio : of each condition.
    fits_start : where the condition's bins begin in ``fits`` (0 or 1 a bin).
    pattern_start : where each leaf's background patterns begin (leaves + 1); all 0 when path-dependent.
    pattern, times : the different patterns of the background and how often each occurs.
    gain, loss : weights of the two sides, see `weights`.
    rows : background rows.
    """

    value: NDArray[np.float64]
    start: NDArray[np.int64]
    feature: NDArray[np.int64]
    ratio: NDArray[np.float64]
    fits_start: NDArray[np.int64]
    fits: NDArray[np.uint8]
    pattern_start: NDArray[np.int64]
    pattern: NDArray[np.uint64]
    times: NDArray[np.float64]
    gain: NDArray[np.float64]
    loss: NDArray[np.float64]
    rows: int

    @classmethod
    def of(cls, leaves: Sequence[DeepLeaf], background: NDArray[np.uint16] | None, degree: int = 0) -> Self:
        """All deep leaves together, with what the background shows of them."""
        widest = max((len(leaf.feature) for leaf in leaves), default=0)
        if background is not None and widest > WIDEST:
            raise ModelError(
                f"a leaf depends on {widest} features; with a background at most {WIDEST} can be explained exactly. "
                "Train with less depth (max_depth of 8 to 10), or explain without a background."
            )
        fits = [row for leaf in leaves for row in leaf.fits]
        rows = 0 if background is None else background.shape[1]
        shown = [_shown(leaf, background) for leaf in leaves]
        return cls(
            np.array([leaf.value for leaf in leaves], dtype=np.float64),
            starts([len(leaf.feature) for leaf in leaves]),
            np.concatenate([leaf.feature for leaf in leaves] or [np.empty(0, np.int64)]),
            np.concatenate([leaf.ratio for leaf in leaves] or [np.empty(0)]),
            starts([len(row) for row in fits])[:-1],
            np.concatenate(fits or [np.empty(0, np.uint8)]),
            starts([len(pattern) for pattern, _ in shown]),
            np.concatenate([pattern for pattern, _ in shown] or [np.empty(0, np.uint64)]),
            np.concatenate([times for _, times in shown] or [np.empty(0)]),
            *weights(widest if rows else 0, degree),
            rows,
        )

    def add(self, bins: NDArray[np.uint16], sums: NDArray[np.float64]) -> None:
        """Add the contributions of a block of rows (both arrays: features, rows)."""
        if not len(self.value):
            return
        conditions = (self.value, self.start, self.feature)
        if self.rows:
            _against_rows(
                bins,
                *conditions,
                self.fits_start,
                self.fits,
                self.pattern_start,
                self.pattern,
                self.times,
                self.gain,
                self.loss,
                float(self.rows),
                sums,
            )
        else:
            node, weight = gauss_legendre(int(np.diff(self.start).max()))
            _against_cover(bins, *conditions, self.ratio, self.fits_start, self.fits, node, weight, sums)


class DeepLeaf(NamedTuple):
    """One leaf: its conditions, and for each the bins that fit."""

    value: float
    feature: NDArray[np.int64]
    ratio: NDArray[np.float64]
    fits: list[NDArray[np.uint8]]

    def patterns(self, bins: NDArray[np.uint16]) -> NDArray[np.uint64]:
        """For each row, which conditions it fits, as bits."""
        found = np.zeros(bins.shape[1], dtype=np.uint64)
        for i, (feature, fits) in enumerate(zip(self.feature.tolist(), self.fits, strict=True)):
            found |= fits[bins[feature]].astype(np.uint64) << np.uint64(i)
        return found


def _shown(leaf: DeepLeaf, background: NDArray[np.uint16] | None) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """The different patterns of the background and how often each occurs."""
    if background is None:
        return np.empty(0, np.uint64), np.empty(0)
    pattern, times = np.unique(leaf.patterns(background), return_counts=True)
    return pattern, times.astype(np.float64)


def starts(lengths: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of several parts laid end to end begins, and the end of the last."""
    return np.concatenate([[0], np.cumsum(np.asarray(lengths, dtype=np.int64))]).astype(np.int64)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _against_cover(
    bins: NDArray[np.uint16],
    value: NDArray[np.float64],
    start: NDArray[np.int64],
    feature: NDArray[np.int64],
    ratio: NDArray[np.float64],
    fits_start: NDArray[np.int64],
    fits: NDArray[np.uint8],
    node: NDArray[np.float64],
    weight: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    """Path-dependent: for every node the products of all conditions but one, from the left and from the right."""
    met = np.empty(len(ratio))
    before = np.empty(len(ratio))
    factor = np.empty(len(ratio))
    total = np.empty(len(ratio))
    for leaf in range(len(value)):
        first, k = start[leaf], start[leaf + 1] - start[leaf]
        nodes = (k + 1) // 2
        for r in range(bins.shape[1]):
            for i in range(k):
                met[i] = fits[fits_start[first + i] + bins[feature[first + i], r]]
                total[i] = 0.0
            for q in range(nodes):
                t = node[nodes, q]
                product = 1.0
                for i in range(k):
                    before[i] = product
                    factor[i] = t * met[i] + (1 - t) * ratio[first + i]
                    product *= factor[i]
                after = weight[nodes, q]
                for i in range(k - 1, -1, -1):
                    total[i] += after * before[i]
                    after *= factor[i]
            for i in range(k):
                sums[feature[first + i], r] += value[leaf] * (met[i] - ratio[first + i]) * total[i]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _against_rows(
    bins: NDArray[np.uint16],
    value: NDArray[np.float64],
    start: NDArray[np.int64],
    feature: NDArray[np.int64],
    fits_start: NDArray[np.int64],
    fits: NDArray[np.uint8],
    pattern_start: NDArray[np.int64],
    pattern: NDArray[np.uint64],
    count: NDArray[np.float64],
    gain: NDArray[np.float64],
    loss: NDArray[np.float64],
    rows: float,
    sums: NDArray[np.float64],
) -> None:
    """Interventional: every background pattern that fits whatever the row does not, with the weight of its sizes."""
    one = np.uint64(1)
    for leaf in range(len(value)):
        first, k = start[leaf], start[leaf + 1] - start[leaf]
        whole = (one << np.uint64(k)) - one if k < 64 else ~np.uint64(0)
        total = np.empty(k)
        for r in range(bins.shape[1]):
            mine = np.uint64(0)
            for i in range(k):
                mine |= np.uint64(fits[fits_start[first + i] + bins[feature[first + i], r]]) << np.uint64(i)
            total[:] = 0.0
            for p in range(pattern_start[leaf], pattern_start[leaf + 1]):
                theirs = pattern[p]
                if (mine | theirs) != whole:
                    continue
                alone, others = mine & ~theirs, theirs & ~mine
                m, n = _bits(alone), _bits(others)
                up, down = count[p] * gain[m, n], count[p] * loss[m, n]
                for i in range(k):
                    bit = one << np.uint64(i)
                    if alone & bit:
                        total[i] += up
                    elif others & bit:
                        total[i] -= down
            for i in range(k):
                sums[feature[first + i], r] += value[leaf] * total[i] / rows


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _bits(pattern: np.uint64) -> int:
    count = 0
    while pattern:
        pattern &= pattern - np.uint64(1)
        count += 1
    return count
