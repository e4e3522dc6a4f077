"""The largest contributions of every row, exactly ordered, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW = 1_000
"""Up to so many rows a plain sort is quick enough, and nothing is compiled."""


def largest(
    values: NDArray[np.float64], order: NDArray[np.intp], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The ``most`` largest entries of every row by size, zeros left out, ties by ``order`` of the columns.

    Returns
    -------
    row, place, column
        One entry each, row after row, place 0 the largest.

    Examples
    --------
    >>> row, place, column = largest(np.array([[1.0, -3.0, 0.0, 3.0]]), np.arange(4), 2)
    >>> column.tolist()
    [1, 3]
    """
    values = np.ascontiguousarray(values, dtype=np.float64)
    places = np.ascontiguousarray(order, dtype=np.int64)
    small = len(values) <= FEW or most >= values.shape[1]
    columns = _sorted(values, places)[:, :most] if small else _selected(values, places, most)
    row, place = np.nonzero(columns >= 0)
    return row.astype(np.int64), place.astype(np.int64), columns[row, place]


def _sorted(values: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """All columns of every row by size, -1 for zeros."""
    by_size = np.argsort(-np.abs(values[:, order]), axis=1, kind="stable")
    columns = np.asarray(order[by_size], dtype=np.int64)
    columns[np.take_along_axis(values, columns, axis=1) == 0] = -1
    return columns


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _selected(values: NDArray[np.float64], order: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Columns of the largest entries by insertion, -1 where a row has fewer than ``most``."""
    found = np.full((len(values), most), -1, dtype=np.int64)
    for i in range(len(values)):
        for j in order:
            size = abs(values[i, j])
            if size == 0.0:
                continue
            last = found[i, most - 1]
            if last >= 0 and abs(values[i, last]) >= size:
                continue
            k = most - 1
            while k > 0 and (found[i, k - 1] < 0 or abs(values[i, found[i, k - 1]]) < size):
                found[i, k] = found[i, k - 1]
                k -= 1
            found[i, k] = j
    return found
