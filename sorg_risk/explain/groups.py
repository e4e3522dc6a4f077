"""Neighbouring leaves in groups whose joint classes stay few, so that one look-up answers for all of them.

Inside a group the classes of a feature are merged again as far as its leaves allow. The cut into groups minimises the work of a row (one
step for each feature of each group) by dynamic programming over the leaves from left to right, under a cap on joint classes (cells).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .paths import Paths

OVERHEAD = 2.0
"""Work of a group itself, in steps."""


class Groups(NamedTuple):
    """The groups of a tree and, for each, its features (steps).

    Attributes
    ----------
    first : first leaf of every group, and the number of leaves at the end.
    start : where each group's steps begin (groups + 1).
    slot : feature of each step, as a position in the tree's features.
    parts : how many classes the group tells apart on that feature.
    part_of : which of them each class of the tree belongs to; (steps, most classes).
    """

    first: NDArray[np.int64]
    start: NDArray[np.int64]
    slot: NDArray[np.int64]
    parts: NDArray[np.int64]
    part_of: NDArray[np.int64]


def groups(paths: Paths, cap: int, deepest: int) -> Groups:
    """Cut a tree's leaves into groups of at most ``cap`` cells; a leaf beyond the cap, or of more conditions than ``deepest``, stands alone."""
    first = cut(paths.start, paths.slot, paths.fits, paths.classes, cap, deepest)
    return Groups(first, *_steps(first, paths.start, paths.slot, paths.fits, paths.classes))


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def cut(
    start: NDArray[np.int64],
    slot: NDArray[np.int64],
    fits: NDArray[np.uint8],
    classes: NDArray[np.int64],
    cap: int,
    deepest: int,
) -> NDArray[np.int64]:
    """First leaf of every group in the cut of least work, and the number of leaves at the end."""
    leaves = len(start) - 1
    most = fits.shape[1]
    part = np.zeros((len(classes), most), dtype=np.int64)
    parts = np.ones(len(classes), dtype=np.int64)
    seen = np.zeros(len(classes), dtype=np.uint8)
    number = np.empty(2 * most, dtype=np.int64)
    best = np.full(leaves + 1, np.inf)
    come = np.zeros(leaves + 1, dtype=np.int64)
    best[0] = 0.0
    for i in range(leaves):
        part[:] = 0
        parts[:] = 1
        seen[:] = 0
        cells, features = 1.0, 0
        for j in range(i, leaves):
            deep = start[j + 1] - start[j] > deepest
            if deep and j > i:
                break
            for e in range(start[j], start[j + 1]):
                f = slot[e]
                features += 1 - seen[f]
                seen[f] = 1
                cells /= parts[f]
                parts[f] = refine(part[f], fits[e], classes[f], number)
                cells *= parts[f]
            if j > i and cells > cap:
                break
            cost = best[i] + OVERHEAD + features
            if cost < best[j + 1]:
                best[j + 1] = cost
                come[j + 1] = i
            if deep or cells > cap:
                break
    bounds: NDArray[np.int64] = _traced(come, leaves)
    return bounds


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def refine(part: NDArray[np.int64], fits: NDArray[np.uint8], classes: int, number: NDArray[np.int64]) -> int:
    """Split the parts of a feature's classes by one more condition; returns how many there are now."""
    number[: 2 * classes] = -1
    found = 0
    for c in range(classes):
        both = 2 * part[c] + fits[c]
        if number[both] < 0:
            number[both] = found
            found += 1
        part[c] = number[both]
    return found


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _traced(come: NDArray[np.int64], leaves: int) -> NDArray[np.int64]:
    """The boundaries of the best cut, in order."""
    count, at = 1, leaves
    while at > 0:
        at = come[at]
        count += 1
    bounds = np.empty(count, dtype=np.int64)
    at = leaves
    for k in range(count - 1, -1, -1):
        bounds[k] = at
        at = come[at]
    return bounds


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _steps(
    first: NDArray[np.int64],
    start: NDArray[np.int64],
    slot: NDArray[np.int64],
    fits: NDArray[np.uint8],
    classes: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The features of every group with their merged classes."""
    most = fits.shape[1]
    room = len(slot)
    step_start = np.zeros(len(first), dtype=np.int64)
    step_slot = np.empty(room, dtype=np.int64)
    parts = np.empty(room, dtype=np.int64)
    part_of = np.zeros((room, most), dtype=np.int64)
    where = np.full(len(classes), -1, dtype=np.int64)
    number = np.empty(2 * most, dtype=np.int64)
    used = 0
    for g in range(len(first) - 1):
        for e in range(start[first[g]], start[first[g + 1]]):
            f = slot[e]
            if where[f] < 0:
                where[f] = used
                step_slot[used] = f
                used += 1
            parts[where[f]] = refine(part_of[where[f]], fits[e], classes[f], number)
        for s in range(step_start[g], used):
            where[step_slot[s]] = -1
        step_start[g + 1] = used
    return step_start, step_slot[:used].copy(), parts[:used].copy(), part_of[:used].copy()
