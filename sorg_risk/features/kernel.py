"""The window kernel: one pass over an organisation's rows answers all as-of days at once.

A row counts on a contiguous range of days ``enter <= k < leave`` (indices into the sorted days). Counts and sums add at
``enter``, subtract at ``leave``, and a running sum over the days gives every answer. What cannot be subtracted (maxima,
distinct words, concentration) gathers the visible rows of an organisation and a day. Whole numbers until the last
division, so that neither the order of rows nor their neighbours can move a result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
F = TypeVar("F", bound=Callable[..., Any])

MAX, RECENCY, GAP, DISTINCT, REPEATS, HHI, TOP_SHARE, TREND, BURST, PASS_THROUGH, BENFORD = range(11)
OPERATIONS = {
    "max": MAX,
    "recency": RECENCY,
    "gap": GAP,
    "distinct": DISTINCT,
    "repeats": REPEATS,
    "hhi": HHI,
    "top_share": TOP_SHARE,
    "trend": TREND,
    "burst": BURST,
    "pass_through": PASS_THROUGH,
    "benford": BENFORD,
}
SLICES = 6
BURST_DAYS = 30
PASS_DAYS = 5
BENFORD_ROWS = 50


def _compiled(function: F) -> F:
    return cast(F, numba.njit(cache=True)(function))


@_compiled
def sweep(owner: Ints, enter: Ints, leave: Ints, value: Ints, organisations: int, days: int) -> Ints:
    """Sums of ``value`` over the rows visible on each day: int64 (organisations, days)."""
    total = np.zeros((organisations, days), np.int64)
    for row in range(owner.size):
        if enter[row] < leave[row]:
            total[owner[row], enter[row]] += value[row]
            if leave[row] < days:
                total[owner[row], leave[row]] -= value[row]
    for i in range(organisations):
        for k in range(1, days):
            total[i, k] += total[i, k - 1]
    return total


@_compiled
def newest(offsets: Ints, enter: Ints, leave: Ints, rank: Ints, back: int, days: int) -> Ints:
    """Index of the visible row of the highest rank (the last of equals), or of exactly ``back`` below; -1 for none."""
    organisations = offsets.size - 1
    found = np.full((organisations, days), -1, np.int64)
    for i in range(organisations):
        for k in range(days):
            best = -1
            for row in range(offsets[i], offsets[i + 1]):
                if enter[row] <= k < leave[row] and (best < 0 or rank[row] >= rank[best]):
                    best = row
            if back > 0 and best >= 0:
                wanted = rank[best] - back
                best = -1
                for row in range(offsets[i], offsets[i + 1]):
                    if enter[row] <= k < leave[row] and rank[row] == wanted:
                        best = row
            found[i, k] = best
    return found


@_compiled
def gather(
    offsets: Ints,
    enter: Ints,
    leave: Ints,
    event: Ints,
    value: Ints,
    group: Ints,
    days: Ints,
    window: int,
    operation: int,
) -> Floats:
    """One ``operation`` over the rows visible on each day, rows sorted by event: float64 (organisations, days)."""
    organisations = offsets.size - 1
    result = np.full((organisations, days.size), np.nan)
    for i in range(organisations):
        size = offsets[i + 1] - offsets[i]
        e, v, g = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64)
        for k in range(days.size):
            n = 0
            for row in range(offsets[i], offsets[i + 1]):
                if enter[row] <= k < leave[row]:
                    e[n], v[n], g[n] = event[row], value[row], group[row]
                    n += 1
            if operation == DISTINCT:
                result[i, k] = _distinct(g[:n])
            elif operation == REPEATS:
                result[i, k] = n - _distinct(g[:n])
            elif n == 0:
                continue
            elif operation == MAX:
                result[i, k] = v[:n].max()
            elif operation == RECENCY:
                result[i, k] = days[k] - e[n - 1]
            elif operation == GAP:
                result[i, k] = _gap(e[:n])
            elif operation in (HHI, TOP_SHARE):
                result[i, k] = _concentration(g[:n], v[:n], operation == TOP_SHARE)
            elif operation == TREND:
                result[i, k] = _trend(e[:n], v[:n], days[k], window)
            elif operation == BURST:
                result[i, k] = _burst(e[:n], v[:n])
            elif operation == PASS_THROUGH:
                result[i, k] = _pass_through(e[:n], v[:n], g[:n])
            else:
                result[i, k] = _benford(v[:n])
    return result


@_compiled
def _distinct(group: Ints) -> int:
    ordered = np.sort(group)
    count = 0
    for j in range(ordered.size):
        if j == 0 or ordered[j] != ordered[j - 1]:
            count += 1
    return count


@_compiled
def _gap(event: Ints) -> float:
    longest = -1
    for j in range(1, event.size):
        longest = max(longest, event[j] - event[j - 1])
    return float(longest) if longest >= 0 else np.nan


@_compiled
def _concentration(group: Ints, value: Ints, top: bool) -> float:
    total = value.sum()
    if total <= 0:
        return np.nan
    order = np.argsort(group, kind="mergesort")
    largest, squares, own = 0, 0.0, 0
    for j in range(order.size):
        own += value[order[j]]
        if j + 1 == order.size or group[order[j + 1]] != group[order[j]]:
            largest = max(largest, own)
            squares += (own / total) ** 2
            own = 0
    return largest / total if top else squares


@_compiled
def _trend(event: Ints, value: Ints, day: int, window: int) -> float:
    total, moved = 0, 0
    for j in range(event.size):
        piece = SLICES - 1 - (day - event[j]) * SLICES // window
        total += value[j]
        moved += (2 * piece - (SLICES - 1)) * value[j]
    return moved / ((SLICES - 1) * total) if total > 0 else np.nan


@_compiled
def _burst(event: Ints, value: Ints) -> float:
    total = value.sum()
    most, own, first = 0, 0, 0
    for j in range(event.size):
        own += value[j]
        while event[j] - event[first] >= BURST_DAYS:
            own -= value[first]
            first += 1
        most = max(most, own)
    return most / total if total > 0 else np.nan


@_compiled
def _pass_through(event: Ints, value: Ints, incoming: Ints) -> float:
    """First in, first out; what comes in on a day may go out on the same day, in whatever order it was booked."""
    left = np.where(incoming == 1, value, 0)
    received, passed, first, start = left.sum(), 0, 0, 0
    while start < event.size:
        stop = start
        while stop < event.size and event[stop] == event[start]:
            stop += 1
        for j in range(start, stop):
            paid = value[j] if incoming[j] == 0 else 0
            while paid > 0 and first < stop:
                if left[first] == 0 or event[start] - event[first] > PASS_DAYS:
                    first += 1
                    continue
                taken = min(paid, left[first])
                left[first] -= taken
                paid -= taken
                passed += taken
        start = stop
    return passed / received if received > 0 else np.nan


@_compiled
def _benford(value: Ints) -> float:
    seen = np.zeros(10, np.int64)
    for j in range(value.size):
        digit = value[j]
        while digit >= 10:
            digit //= 10
        seen[digit] += 1
    rows = value.size - seen[0]
    if rows < BENFORD_ROWS:
        return np.nan
    away = 0.0
    for digit in range(1, 10):
        away += abs(seen[digit] / rows - np.log10(1 + 1 / digit))
    return away / 9
