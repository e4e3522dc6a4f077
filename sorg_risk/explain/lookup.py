"""A row's contributions: for every group the row's cell, then one addition for each feature.

Rows go through in blocks with features outermost, so that a group's tables, the block's bins and its sums stay in the processor's caches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def look_up(
    bins: NDArray[np.uint16],
    start: NDArray[np.int64],
    feature: NDArray[np.int64],
    offset_start: NDArray[np.int64],
    table_start: NDArray[np.int64],
    offsets: NDArray[np.uint16],
    tables: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    """Add the contributions of a block of rows to ``sums`` (features, rows); ``bins`` has the same shape."""
    # Flat arrays and unsigned numbers: no views are made and no negative index is looked for inside the loops.
    rows = np.uint64(bins.shape[1])
    binned, total = bins.ravel(), sums.ravel()
    cell = np.empty(rows, dtype=np.uint16)
    for g in range(len(start) - 1):
        cell[:] = 0
        for s in range(start[g], start[g + 1]):
            first, offset = np.uint64(feature[s]) * rows, np.uint64(offset_start[s])
            for r in range(rows):
                cell[r] += offsets[offset + np.uint64(binned[first + r])]
        for s in range(start[g], start[g + 1]):
            first, table = np.uint64(feature[s]) * rows, np.uint64(table_start[s])
            for r in range(rows):
                total[first + r] += tables[table + np.uint64(cell[r])]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def add_turned(sums: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Add the sums (features, rows) to the result (rows, features)."""
    for begin in range(0, sums.shape[1], 16):
        end = min(begin + 16, sums.shape[1])
        for f in range(sums.shape[0]):
            for r in range(begin, end):
                out[r, f] += sums[f, r]
