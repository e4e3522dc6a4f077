"""The paths of one tree: for every leaf, which bins of which features lead to it, and how wide each step is.

A leaf is reached when every feature of its path lies in the leaf's bins of that feature; several splits on one feature make one condition.
Bins that no condition of the tree tells apart are one *class*, so conditions become short rows of zeros and ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numba
import numpy as np

from .trees import goes_left

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .bins import Bins
    from .trees import Tree


class Paths(NamedTuple):
    """The conditions of a tree's leaves, leaf after leaf from left to right.

    Attributes
    ----------
    value : leaf values.
    start : where each leaf's conditions begin (leaves + 1).
    slot : feature of each condition, as a position in ``features``.
    ratio : share of the training rows that pass the condition's splits (the cover ratio).
    fits : for each condition, which classes of its feature satisfy it; (conditions, most classes) of 0 and 1.
    features : the tree's features.
    classes : how many classes each of them has.
    class_of : class of every bin; (features, most bins).
    """

    value: NDArray[np.float64]
    start: NDArray[np.int64]
    slot: NDArray[np.int64]
    ratio: NDArray[np.float64]
    fits: NDArray[np.uint8]
    features: NDArray[np.int64]
    classes: NDArray[np.int64]
    class_of: NDArray[np.int32]


def paths(tree: Tree, bins: Bins) -> Paths:
    """The paths of a tree, its features in the order in which they first occur."""
    features, slot_of_node = np.unique(tree.feature, return_inverse=True)
    counts = np.diff(bins.sample_start)[features] if len(features) else np.empty(0, dtype=np.int64)
    widest = int(counts.max()) if len(counts) else 1
    sides = _sides(
        *(tree.threshold, tree.decision, tree.words, tree.words_from, tree.words_to),
        *(slot_of_node.astype(np.int64), features.astype(np.int64), bins.sample, bins.sample_start, widest),
    )
    class_of, classes = _classes(sides, slot_of_node.astype(np.int64), counts, len(features), widest)
    found = _conditions(
        *(tree.left, tree.right, tree.cover, tree.leaf_cover, slot_of_node.astype(np.int64)),
        *(sides, class_of, counts, classes, len(features), tree.depth),
    )
    leaf, start, slot, ratio, fits = found
    return Paths(tree.value[leaf], start, slot, ratio, fits, features.astype(np.int64), classes, class_of)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _sides(
    threshold: NDArray[np.float64],
    decision: NDArray[np.uint8],
    words: NDArray[np.uint32],
    words_from: NDArray[np.int32],
    words_to: NDArray[np.int32],
    slot: NDArray[np.int64],
    features: NDArray[np.int64],
    sample: NDArray[np.float64],
    sample_start: NDArray[np.int64],
    widest: int,
) -> NDArray[np.uint8]:
    """For every node, which bins of its feature go left."""
    sides = np.zeros((len(slot), widest), dtype=np.uint8)
    for node in range(len(slot)):
        first = sample_start[features[slot[node]]]
        for b in range(sample_start[features[slot[node]] + 1] - first):
            sides[node, b] = goes_left(
                sample[first + b], threshold[node], decision[node], words, words_from[node], words_to[node]
            )
    return sides


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _classes(
    sides: NDArray[np.uint8], slot: NDArray[np.int64], counts: NDArray[np.int64], features: int, widest: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Bins of a feature that every split of the tree treats alike get one number."""
    class_of = np.zeros((features, widest), dtype=np.int32)
    classes = np.ones(features, dtype=np.int64)
    number = np.empty(2 * widest, dtype=np.int32)
    for node in range(len(slot)):
        f = slot[node]
        number[:] = -1
        found = 0
        for b in range(counts[f]):
            both = 2 * class_of[f, b] + sides[node, b]
            if number[both] < 0:
                number[both] = found
                found += 1
            class_of[f, b] = number[both]
        classes[f] = found
    return class_of, classes


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _conditions(
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    cover: NDArray[np.float64],
    leaf_cover: NDArray[np.float64],
    slot_of_node: NDArray[np.int64],
    sides: NDArray[np.uint8],
    class_of: NDArray[np.int32],
    counts: NDArray[np.int64],
    classes: NDArray[np.int64],
    features: int,
    most_splits: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]:
    """Walk the tree from left to right and write down every leaf's conditions, the first split of the path first."""
    nodes = len(left)
    leaves = nodes + 1
    # Which classes go left, from one bin of each class.
    most = 1
    for f in range(features):
        most = max(most, classes[f])
    goes = np.zeros((nodes, most), dtype=np.uint8)
    for node in range(nodes):
        f = slot_of_node[node]
        for b in range(counts[f]):
            goes[node, class_of[f, b]] = sides[node, b]
    # The way to every leaf: nodes on a stack, and the side taken.
    leaf_of = np.zeros(leaves, dtype=np.int64)
    start = np.zeros(leaves + 1, dtype=np.int64)
    room = leaves * most_splits
    slot = np.empty(room, dtype=np.int64)
    ratio = np.empty(room, dtype=np.float64)
    fits = np.empty((room, most), dtype=np.uint8)
    way = np.empty(nodes + 1, dtype=np.int64)
    taken = np.zeros(nodes + 1, dtype=np.int64)  # 0: not yet, 1: left, 2: right
    where = np.full(features, -1, dtype=np.int64)
    depth, used, done = 0, 0, 0
    if nodes > 0:
        way[0] = 0
        depth = 1
    else:
        done = 1
    while depth > 0:
        node = way[depth - 1]
        taken[depth - 1] += 1
        if taken[depth - 1] > 2:
            taken[depth - 1] = 0
            depth -= 1
            continue
        child = left[node] if taken[depth - 1] == 1 else right[node]
        if child >= 0:
            way[depth] = child
            taken[depth] = 0
            depth += 1
            continue
        first = used
        for d in range(depth):
            f = slot_of_node[way[d]]
            if where[f] < 0:
                where[f] = used
                slot[used] = f
                ratio[used] = 1.0
                fits[used, :] = 1
                used += 1
            at = where[f]
            to = left[way[d]] if taken[d] == 1 else right[way[d]]
            below = cover[to] if to >= 0 else leaf_cover[~to]
            ratio[at] *= below / cover[way[d]] if cover[way[d]] > 0 else 0.0
            for c in range(classes[f]):
                if (goes[way[d], c] == 1) != (taken[d] == 1):
                    fits[at, c] = 0
        for e in range(first, used):
            where[slot[e]] = -1
        leaf_of[done] = ~child
        done += 1
        start[done] = used
    return leaf_of, start, slot[:used].copy(), ratio[:used].copy(), fits[:used].copy()
