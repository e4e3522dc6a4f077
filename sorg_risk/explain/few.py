"""A few rows against a background, in plain numpy: as exact as the tables, and nothing has to be compiled or prepared first.

The price of a row is higher than that of a look-up, so this serves small jobs only. It goes from the trees themselves (no bins, no groups),
which also makes it an independent check of the tables. The game and its weights are those of `cells`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .trees import CATEGORY, DEFAULT_LEFT, MISSING_NAN, MISSING_ZERO, ZERO
from .weights import weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from .trees import Tree

HELD = 4_000_000
"""Numbers of shares in memory at a time (32 MB)."""


class Leaf(NamedTuple):
    """A leaf: its value, the features of its conditions, and which of them each row meets (bit i: condition i)."""

    value: float
    features: list[int]
    met: NDArray[np.uint16]


def contributions(
    forest: Sequence[Tree], M: NDArray[np.float64], background: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Interventional contributions (rows, features) of a sum of trees, for leaves of up to 16 conditions.

    >>> import lightgbm
    >>> X = np.arange(40.0).reshape(20, 2)
    >>> params = {"verbosity": -1, "min_data_in_leaf": 2, "num_threads": 1}
    >>> booster = lightgbm.train(params, lightgbm.Dataset(X, np.arange(20.0)), 5)
    >>> from sorg_risk.explain.trees import trees
    >>> values = contributions(trees(booster), X, X[:4])
    >>> bool(np.allclose(values.sum(axis=1), booster.predict(X) - booster.predict(X[:4]).mean()))
    True
    """
    both = np.asfortranarray(np.concatenate([M, background]))
    found = np.zeros((M.shape[1], len(M)))
    waiting: dict[int, list[Leaf]] = {}
    for tree in forest:
        for leaf in leaves(tree, both):
            k = len(leaf.features)
            alike = waiting.setdefault(k, [])
            alike.append(leaf)
            if (len(alike) * (k + 1)) << k > HELD:
                _add(waiting.pop(k), len(M), found)
    for alike in waiting.values():
        _add(alike, len(M), found)
    return np.ascontiguousarray(found.T)


def leaves(tree: Tree, M: NDArray[np.float64]) -> Iterator[Leaf]:
    """Every leaf of a tree that has a condition, with what the rows meet of it."""
    if not len(tree.left):
        return
    way: list[tuple[int, dict[int, NDArray[np.bool_]]]] = [(0, {})]
    while way:
        node, met = way.pop()
        feature = int(tree.feature[node])
        left = goes_left(tree, node, M[:, feature])
        for child, side in ((int(tree.left[node]), left), (int(tree.right[node]), ~left)):
            now = met | {feature: met[feature] & side if feature in met else side}
            if child >= 0:
                way.append((child, now))
            else:
                yield Leaf(float(tree.value[~child]), list(now), _as_bits(now.values(), len(M)))


def goes_left(tree: Tree, node: int, x: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which values go left at a node, as LightGBM decides."""
    decision = int(tree.decision[node])
    if decision & CATEGORY:
        words = tree.words[tree.words_from[node] : tree.words_to[node]]
        bits = np.append((words[:, None] >> np.arange(32, dtype=np.uint32)) & np.uint32(1), np.uint32(0)).astype(bool)
        named = (x > -1.0) & (x < len(bits) - 1)
        return np.asarray(bits[np.where(named, x, len(bits) - 1).astype(np.int64)])
    gone = np.isnan(x)
    if not decision & MISSING_NAN:
        x, gone = np.where(gone, 0.0, x), np.zeros(len(x), dtype=bool)
    if decision & MISSING_ZERO:
        gone = np.abs(x) <= ZERO
    x = np.where(np.abs(x) <= ZERO, 0.0, x)
    return np.where(gone, bool(decision & DEFAULT_LEFT), x <= tree.threshold[node])


def shares(value: NDArray[np.float64], k: int, counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Contributions of leaves of k conditions, [leaf, condition, pattern of the row]; ``counts`` of the background by [leaf, pattern]."""
    pattern = np.arange(1 << k)
    size = np.bitwise_count(pattern.astype(np.uint64)).astype(np.int64)
    ranked = np.zeros((len(value), 1 << k, k + 1))  # background rows that meet a set of conditions, by how many in all
    ranked[:, pattern, size] = counts
    for i in range(k):
        halves = ranked.reshape(len(value), -1, 2, 1 << i, k + 1)
        halves[:, :, 0] += halves[:, :, 1]
    gain, loss = weights(k)
    missed, n = pattern[::-1], k - size
    rank = np.arange(k + 1)
    up, down = gain[k - rank, n[:, None]], loss[k - rank, n[:, None]]
    facing = ranked[:, missed]
    worth = value / counts.sum(axis=1)
    won = _weigh(facing, up)
    lost = _weigh(facing, down)
    found = np.empty((len(value), k, 1 << k))
    for i in range(k):
        mine = pattern[(pattern >> i & 1) == 1]
        both = _weigh(ranked[:, missed[mine] | 1 << i], up[mine])  # these meet condition i as well
        found[:, i] = -lost
        found[:, i, mine] = won[:, mine] - both
    return np.asarray(found * worth[:, None, None])


def _weigh(counts: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of counts [leaf, pattern, rank] times weights [pattern, rank] over the ranks, in their order on every processor."""
    total = np.zeros(counts.shape[:2])
    for rank in range(weight.shape[1]):
        total += counts[:, :, rank] * weight[:, rank]
    return total


def _add(alike: list[Leaf], rows: int, found: NDArray[np.float64]) -> None:
    """Add the contributions of leaves with equally many conditions to ``found`` (features, rows)."""
    k = len(alike[0].features)
    counts = np.array([np.bincount(leaf.met[rows:], minlength=1 << k) for leaf in alike], dtype=np.float64)
    phi = shares(np.array([leaf.value for leaf in alike]), k, counts)
    for leaf, share in zip(alike, phi, strict=True):
        found[leaf.features] += share[:, leaf.met[:rows]]


def _as_bits(met: Iterable[NDArray[np.bool_]], rows: int) -> NDArray[np.uint16]:
    found = np.zeros(rows, dtype=np.uint16)
    for i, one in enumerate(met):
        found |= one.astype(np.uint16) << np.uint16(i)
    return found
