"""LightGBM's trees as plain arrays, read from the model's own text.

Every split becomes a test "goes left" with LightGBM's semantics: ``value <= threshold`` for numbers, with the three kinds of missing values
(none, zero, NaN) and the default side, or membership of a set for categories. The text carries all 17 digits, so nothing is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from ..errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import lightgbm
    from numpy.typing import NDArray

ZERO = float(np.float32(1e-35))
"""LightGBM takes anything this close to zero as zero."""
CATEGORY, DEFAULT_LEFT, MISSING_ZERO, MISSING_NAN = 1, 2, 4, 8
"""Bits of a split's decision type."""


@dataclass(frozen=True, eq=False)
class Tree:
    """One tree: inner nodes 0 .. n-2, leaves 0 .. n-1; a child below zero is the leaf ``~child``.

    Attributes
    ----------
    feature, threshold, decision, left, right, cover
        One entry an inner node; ``cover`` counts the training rows. The threshold of a category split is empty.
    words_from, words_to, words
        Bits of the categories that go left: ``words[words_from[node]:words_to[node]]``, 32 a word.
    value, leaf_cover
        One entry a leaf.
    """

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    decision: NDArray[np.uint8]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    cover: NDArray[np.float64]
    words_from: NDArray[np.int32]
    words_to: NDArray[np.int32]
    words: NDArray[np.uint32]
    value: NDArray[np.float64]
    leaf_cover: NDArray[np.float64]

    @property
    def arrays(self) -> list[NDArray[Any]]:
        """All of it."""
        return [getattr(self, field.name) for field in fields(self)]

    @cached_property
    def depth(self) -> int:
        """Most splits above a leaf."""
        level, depth = [0] if len(self.left) else [], 0
        while level:
            depth += 1
            level = [c for node in level for c in (int(self.left[node]), int(self.right[node])) if c >= 0]
        return depth


def trees(booster: lightgbm.Booster, weight: float = 1.0) -> list[Tree]:
    """The trees that ``booster.predict`` uses (up to the best iteration where it stopped early), leaf values times ``weight``.

    Raises
    ------
    ModelError
        Several outputs, or linear trees: no sum of contributions per feature is exact for a row then.
    """
    if booster.num_model_per_iteration() != 1:
        raise ModelError(
            f"the booster has {booster.num_model_per_iteration()} outputs; only a model of one output can be explained, "
            "so train one against the rest."
        )
    return [_tree(told, weight) for told in _sections(text_of(booster))]


def text_of(booster: lightgbm.Booster) -> str:
    """The booster's text, of the trees it predicts with, without importances."""
    return str(booster.model_to_string(num_iteration=None, importance_type="split"))


def cut_points(forest: Sequence[Tree], features: int) -> list[NDArray[np.float64]]:
    """For each feature the values where some split changes its mind: x and y of one bin (cut < x, y <= next cut) go the same way everywhere."""
    found: list[list[NDArray[np.float64]]] = [[] for _ in range(features)]
    for tree in forest:
        for node, feature in enumerate(tree.feature.tolist()):
            found[feature].append(_cuts(tree, node))
    return [np.unique(np.concatenate(cuts)) if cuts else np.empty(0) for cuts in found]


def _cuts(tree: Tree, node: int) -> NDArray[np.float64]:
    decision = int(tree.decision[node])
    if decision & CATEGORY:
        words = tree.words[tree.words_from[node] : tree.words_to[node]]
        codes = np.flatnonzero((words[:, None] >> np.arange(32, dtype=np.uint32)) & 1).astype(np.float64)
        below = np.nextafter(codes, -np.inf)
        below[codes == 0] = -1.0  # a fraction above -1 is cut to category 0
        return np.concatenate([below, np.nextafter(codes + 1, -np.inf)])
    threshold = tree.threshold[node : node + 1]
    return np.append(threshold, [np.nextafter(-ZERO, -np.inf), ZERO]) if decision & MISSING_ZERO else threshold


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def goes_left(
    x: float, threshold: float, decision: int, words: NDArray[np.uint32], words_from: int, words_to: int
) -> bool:
    """Whether a value goes left, as LightGBM decides."""
    if decision & CATEGORY:
        if np.isnan(x) or x <= -1.0 or x >= 2147483648.0:
            return False
        code = np.int64(x)
        word = words_from + (code >> 5)
        return bool(word < words_to and (words[word] >> np.uint32(code & 31)) & np.uint32(1))
    if np.isnan(x):
        if decision & MISSING_NAN:
            return bool(decision & DEFAULT_LEFT)
        x = 0.0
    if decision & MISSING_ZERO and abs(x) <= ZERO:
        return bool(decision & DEFAULT_LEFT)
    return bool(x <= threshold)


def _sections(text: str) -> Iterator[dict[str, str]]:
    """The fields of every tree, in order."""
    for part in text.split("\nTree=")[1:]:
        yield dict(line.split("=", 1) for line in part.split("\n\n", 1)[0].splitlines()[1:] if "=" in line)


def _tree(told: dict[str, str], weight: float) -> Tree:
    if int(told.get("is_linear", "0")):
        raise ModelError(
            "the booster has linear trees (linear_tree=true), whose leaves have no exact contributions; train without."
        )
    decision = _numbers(told, "decision_type", np.uint8)
    threshold = _numbers(told, "threshold", np.float64)
    category = (decision & CATEGORY) > 0
    bounds = _numbers(told, "cat_boundaries", np.int32) if category.any() else np.zeros(1, dtype=np.int32)
    place = np.where(category, threshold, 0).astype(np.int64)
    return Tree(
        feature=_numbers(told, "split_feature", np.int32),
        threshold=np.where(category, np.nan, threshold),
        decision=decision,
        left=_numbers(told, "left_child", np.int32),
        right=_numbers(told, "right_child", np.int32),
        cover=_numbers(told, "internal_count", np.float64),
        words_from=np.where(category, bounds[place], 0).astype(np.int32),
        words_to=np.where(category, np.append(bounds, 0)[place + 1], 0).astype(np.int32),
        words=_numbers(told, "cat_threshold", np.uint32) if category.any() else np.zeros(0, dtype=np.uint32),
        value=_numbers(told, "leaf_value", np.float64) * weight,
        leaf_cover=_numbers(told, "leaf_count", np.float64),
    )


def _numbers(told: dict[str, str], name: str, kind: Any) -> NDArray[Any]:
    return np.asarray(told.get(name, "").split(), dtype=np.float64).astype(kind)
