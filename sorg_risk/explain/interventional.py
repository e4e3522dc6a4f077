"""Interventional contributions, exactly: compared with every row of a background, all at once.

For one leaf, a row and a background row, the features of the path fall into those only the row satisfies, those only the background
row satisfies, and those both do (any feature neither satisfies rules the leaf out). With a of the first kind and b of the second, the
Shapley value of the leaf is ``value * (a-1)! b! / (a+b)!`` for each of the a, and ``-value * a! (b-1)! / (a+b)!`` for each of the b
(Lundberg et al. 2020, algorithm 3). So a leaf needs the background only through how many of its rows satisfy which of the path's
features: a pattern count, whatever the size of the background.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from .trees import Leaf, leaves

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..model import Member

DEEPEST = 12


def interventional(
    member: Member, M: NDArray[np.float64], background: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Contributions of a member's rows relative to a background, in log-odds, and their base.

    Raises
    ------
    ModelError
        A leaf lies under more than twelve different features; train with ``max_depth`` of at most 12.
    """
    if member.scorecard is not None:
        mean = member.scorecard.contributions(background).mean(axis=0)
        return member.scorecard.contributions(M) - mean, float(member.scorecard.intercept + mean.sum())
    values = np.zeros(M.shape)
    for tree in leaves(member.booster):
        for leaf in tree:
            _add(leaf, M, background, values)
    return values, float(member.margin(background).mean())


def _add(leaf: Leaf, M: NDArray[np.float64], background: NDArray[np.float64], values: NDArray[np.float64]) -> None:
    """Add one leaf's share to every row."""
    features = sorted({split.feature for split, _ in leaf.path})
    if not features:
        return
    if len(features) > DEEPEST:
        raise ModelError(
            f"a leaf depends on {len(features)} features, at most {DEEPEST} can be explained; train with less depth."
        )
    table = _table(np.bincount(_pattern(leaf, features, background), minlength=1 << len(features)), len(features))
    shares = leaf.value / len(background) * table[_pattern(leaf, features, M)]
    values[:, features] += shares


def _pattern(leaf: Leaf, features: list[int], M: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each row, which of the path's features it satisfies, as bits."""
    bits = np.zeros(len(M), dtype=np.int64)
    for k, feature in enumerate(features):
        fits = np.ones(len(M), dtype=bool)
        for split, left in leaf.path:
            if split.feature == feature:
                fits &= split.left(M[:, feature]) == left
        bits |= fits.astype(np.int64) << k
    return bits


def _table(counts: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    """Shares of a leaf of value 1: [pattern of the row, feature], for the background's pattern counts."""
    whole = (1 << k) - 1
    table = np.zeros((1 << k, k))
    seen = np.flatnonzero(counts)
    rows = np.arange(1 << k)
    for other in seen.tolist():
        possible = (rows | other) == whole
        mine, theirs = rows & ~other, other & ~rows
        gain, loss = _weights(k)
        a, b = np.bitwise_count(mine), np.bitwise_count(theirs)
        for j in range(k):
            up = possible & ((mine >> j) & 1 == 1)
            down = possible & ((theirs >> j) & 1 == 1)
            table[up, j] += counts[other] * gain[a[up], b[up]]
            table[down, j] -= counts[other] * loss[a[down], b[down]]
    return table


@lru_cache(maxsize=DEEPEST + 1)
def _weights(k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(a-1)! b! / (a+b)! and a! (b-1)! / (a+b)! for all a, b up to k."""
    gain, loss = np.zeros((k + 1, k + 1)), np.zeros((k + 1, k + 1))
    for a in range(k + 1):
        for b in range(k + 1 - a):
            gain[a, b] = 1 / (a * comb(a + b, a)) if a else 0.0
            loss[a, b] = 1 / (b * comb(a + b, b)) if b else 0.0
    return gain, loss
