"""Tables of exact contributions: one number for each cell (joint class) of a group and each of its features.

A leaf of value v under conditions 1 .. k plays the game v(S) = v * prod_{j in S} a_j * prod_{j not in S} b_j, where a_j says whether the
row fits condition j and b_j stands for what is not known of it.

*Path-dependent*: b_j is the cover ratio. The Shapley value of condition i is v * (a_i - b_i) times the integral over t in (0, 1) of
prod_{j != i} (t a_j + (1 - t) b_j), a polynomial of degree k - 1, so ceil(k / 2) Gauss-Legendre nodes are exact; the product is worked out for
all patterns of a at once. Every factor is positive, so no digits are lost.

*Interventional*: b_j says whether a row of the background fits, and the game is averaged over the background. A background row counts only
where it fits whatever the row does not; with m conditions met by the row alone and n by the background row alone, each of the m gets
(m - 1)! n! / (m + n)! and each of the n gets -m! (n - 1)! / (m + n)! (Lundberg et al. 2020). So all that is needed of the background is how
many of its rows fit a given set of conditions and so many in all: a ranked zeta transform of pattern counts, exact in whole numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def gauss_legendre(conditions: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights on (0, 1) for leaves of up to so many conditions: row q holds the rule of q nodes."""
    most = (conditions + 1) // 2
    node, weight = np.zeros((most + 1, most + 1)), np.zeros((most + 1, most + 1))
    for q in range(1, most + 1):
        x, w = np.polynomial.legendre.leggauss(q)
        node[q, :q], weight[q, :q] = (x + 1) / 2, w / 2
    return node, weight


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def fill(
    value: NDArray[np.float64],
    start: NDArray[np.int64],
    slot: NDArray[np.int64],
    ratio: NDArray[np.float64],
    fits: NDArray[np.uint8],
    first: NDArray[np.int64],
    step_start: NDArray[np.int64],
    step_slot: NDArray[np.int64],
    parts: NDArray[np.int64],
    part_of: NDArray[np.int64],
    class_of: NDArray[np.int32],
    features: NDArray[np.int64],
    bin_count: NDArray[np.int64],
    deep: NDArray[np.uint8],
    background: NDArray[np.uint16],
    offset_start: NDArray[np.int64],
    table_start: NDArray[np.int64],
    node: NDArray[np.float64],
    weight: NDArray[np.float64],
    gain: NDArray[np.float64],
    loss: NDArray[np.float64],
    offsets: NDArray[np.uint16],
    tables: NDArray[np.float64],
) -> None:
    """Write the offsets and tables of a tree's groups, deep ones left out.

    ``gain`` and ``loss`` weigh the two sides (see `weights`), ``node`` and ``weight`` integrate (see `gauss_legendre`). ``offset_start``
    and ``table_start`` say where the part of each step of a group that is not deep begins; a background of no rows means
    path-dependent.
    """
    rows = background.shape[1]
    where = np.full(len(features), -1, dtype=np.int64)
    skipped = np.int64(0)
    for g in range(len(first) - 1):
        if deep[g]:
            skipped += step_start[g + 1] - step_start[g]
            continue
        cells = 1
        for s in range(step_start[g], step_start[g + 1]):
            f = step_slot[s]
            where[f] = s - skipped
            for b in range(bin_count[f]):
                offsets[offset_start[s - skipped] + b] = cells * part_of[s, class_of[f, b]]
            cells *= parts[s]
        counts = np.zeros(cells if rows else 0)
        if rows:
            _count(
                background,
                features,
                step_slot,
                step_start[g],
                step_start[g + 1],
                skipped,
                offset_start,
                offsets,
                counts,
            )
        pattern = np.empty(cells, dtype=np.uint16)
        for leaf in range(first[g], first[g + 1]):
            k = start[leaf + 1] - start[leaf]
            _patterns(start[leaf], k, slot, fits, step_start[g], step_start[g + 1], step_slot, parts, part_of, pattern)
            if rows:
                met = np.zeros(1 << k)
                for cell in range(cells):
                    met[pattern[cell]] += counts[cell]
                phi = against_rows(value[leaf], k, met, gain, loss)
            else:
                known = ratio[start[leaf] : start[leaf + 1]]
                phi = against_cover(value[leaf], known, node, weight)
            for i in range(k):
                first_cell = table_start[where[slot[start[leaf] + i]]]
                for cell in range(cells):
                    tables[first_cell + cell] += phi[i, pattern[cell]]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _count(
    background: NDArray[np.uint16],
    features: NDArray[np.int64],
    step_slot: NDArray[np.int64],
    step_from: int,
    step_to: int,
    skipped: int,
    offset_start: NDArray[np.int64],
    offsets: NDArray[np.uint16],
    counts: NDArray[np.float64],
) -> None:
    """How many background rows fall into each cell."""
    cell = np.zeros(background.shape[1], dtype=np.uint16)
    for s in range(step_from, step_to):
        bins = background[features[step_slot[s]]]
        begin = np.uint64(offset_start[s - skipped])
        for r in range(len(cell)):
            cell[r] += offsets[begin + np.uint64(bins[r])]
    for r in range(len(cell)):
        counts[cell[r]] += 1.0


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _patterns(
    entry: int,
    k: int,
    slot: NDArray[np.int64],
    fits: NDArray[np.uint8],
    step_from: int,
    step_to: int,
    step_slot: NDArray[np.int64],
    parts: NDArray[np.int64],
    part_of: NDArray[np.int64],
    pattern: NDArray[np.uint16],
) -> None:
    """For every cell of the group, which of a leaf's conditions it fits (bit i: condition i)."""
    pattern[0] = 0
    size = 1
    most = fits.shape[1]
    for s in range(step_from, step_to):
        at = -1
        for e in range(entry, entry + k):
            if slot[e] == step_slot[s]:
                at = e
        for p in range(parts[s] - 1, -1, -1):
            bit = np.uint16(0)
            if at >= 0:
                for c in range(most):
                    if part_of[s, c] == p:
                        bit = np.uint16(fits[at, c]) << np.uint16(at - entry)
                        break
            for x in range(size):
                pattern[p * size + x] = pattern[x] | bit
        size *= parts[s]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def against_cover(
    value: float, ratio: NDArray[np.float64], node: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Path-dependent contributions of a leaf, [condition, pattern of the row]."""
    k = len(ratio)
    phi = np.empty((k, 1 << k))
    half = 1 << max(k - 1, 0)
    product = np.empty(half)
    total = np.empty(half)
    nodes = (k + 1) // 2
    for i in range(k):
        total[:] = 0.0
        for q in range(nodes):
            t = node[nodes, q]
            product[0] = weight[nodes, q]
            size = 1
            for j in range(k):
                if j == i:
                    continue
                out = (1 - t) * ratio[j]
                for x in range(size):
                    product[size + x] = product[x] * (t + out)
                    product[x] *= out
                size *= 2
            for x in range(half):
                total[x] += product[x]
        _spread(phi[i], i, total, value * (1 - ratio[i]), total, -value * ratio[i])
    return phi


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def against_rows(
    value: float, k: int, counts: NDArray[np.float64], gain: NDArray[np.float64], loss: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Interventional contributions of a leaf, [condition, pattern of the row]; ``counts`` of background rows by pattern."""
    whole = (1 << k) - 1
    ranked = np.zeros(
        (1 << k, k + 1)
    )  # [set of conditions, how many are met in all]: background rows that meet the set
    total = 0.0
    for b in range(1 << k):
        ranked[b, _met(b)] = counts[b]
        total += counts[b]
    for i in range(k):
        for b in range(1 << k):
            if not b >> i & 1:
                for rank in range(k + 1):
                    ranked[b, rank] += ranked[b | 1 << i, rank]
    phi = np.empty((k, 1 << k))
    for a in range(1 << k):
        missed = whole & ~a
        n = k - _met(a)
        won = lost = 0.0
        for rank in range(n, k + 1):
            won += ranked[missed, rank] * gain[k - rank, n]
            lost += ranked[missed, rank] * loss[k - rank, n]
        for i in range(k):
            if a >> i & 1:
                both = 0.0  # background rows that meet condition i too: it makes no difference to them
                for rank in range(n + 1, k + 1):
                    both += ranked[missed | 1 << i, rank] * gain[k - rank, n]
                phi[i, a] = value * (won - both) / total
            else:
                phi[i, a] = -value * lost / total
    return phi


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _met(pattern: int) -> int:
    """How many bits are set."""
    count = 0
    while pattern:
        pattern &= pattern - 1
        count += 1
    return count


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _spread(
    phi: NDArray[np.float64],
    i: int,
    fit: NDArray[np.float64],
    fit_scale: float,
    miss: NDArray[np.float64],
    miss_scale: float,
) -> None:
    """Patterns of the others to patterns of all: the row fits condition i, or it does not."""
    low = (1 << i) - 1
    for x in range(len(fit)):
        pattern = ((x & ~low) << 1) | (x & low)
        phi[pattern | (1 << i)] = fit_scale * fit[x]
        phi[pattern] = miss_scale * miss[x]
