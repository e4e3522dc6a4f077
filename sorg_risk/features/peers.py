"""Relative features: where an organisation stands among its peers of the same day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .kernel import compiled

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PEERS = 5
"""Fewer peers with a value than this make no percentile."""


def percentiles(value: Floats, peers: Sequence[Floats], active: Bools) -> Floats:
    """Per day (column): (smaller + half of the equals) / all, among active organisations with a value and equal peers.

    What is not known of a peer group is a group of its own.
    """
    found = np.full(value.shape, np.nan)
    for k in range(value.shape[1]):
        group, groups = _groups([np.nan_to_num(one[:, k], nan=-1.0) for one in peers], len(value))
        order = np.argsort(value[:, k], kind="stable")
        known = order[: len(order) - int(np.isnan(value[:, k]).sum())]
        column, crowd = np.ascontiguousarray(value[:, k]), np.ascontiguousarray(active[:, k])
        found[:, k] = _places(known, column, group, crowd, groups, PEERS)
    return found


@compiled
def _places(
    order: NDArray[np.int64], value: Floats, group: NDArray[np.int64], crowd: Bools, groups: int, least: int
) -> Floats:
    """Place of each value among the ``crowd`` of its group, equals counted half; ``order`` sorts the values."""
    found = np.full(value.size, np.nan)
    whole, below, equal = np.zeros(groups, np.int64), np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    for row in order:
        whole[group[row]] += crowd[row]
    start = 0
    while start < order.size:
        stop = start
        while stop < order.size and value[order[stop]] == value[order[start]]:
            equal[group[order[stop]]] += crowd[order[stop]]
            stop += 1
        for at in range(start, stop):
            row = order[at]
            if whole[group[row]] >= least:
                found[row] = (2 * below[group[row]] + equal[group[row]]) / (2 * whole[group[row]])
        for at in range(start, stop):
            own = group[order[at]]
            below[own] += equal[own]
            equal[own] = 0
        start = stop
    return found


def _groups(peers: list[Floats], size: int) -> tuple[NDArray[np.int64], int]:
    """Number of each combination of what the peers share, and how many combinations there are."""
    group = np.zeros(size, dtype=np.int64)
    for one in peers:
        words, place = np.unique(one, return_inverse=True)
        _, group = np.unique(group * len(words) + place, return_inverse=True)
    return group, int(group.max(initial=0)) + 1
