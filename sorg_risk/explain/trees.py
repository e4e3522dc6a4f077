"""LightGBM's trees as plain arrays, read from the model's own dump: what the exact engines walk.

Every split becomes a test "goes left" with LightGBM's semantics: ``value <= threshold`` for numbers with the three kinds of missing
values (none, zero, NaN) and the default side, or membership of a set for categories.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import lightgbm
    from numpy.typing import NDArray

ZERO = 1e-35


@dataclass(frozen=True)
class Split:
    """One inner node: which rows go left."""

    feature: int
    threshold: float
    categories: frozenset[int] | None
    missing: str
    default_left: bool

    def left(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each value of the feature goes left."""
        if self.categories is not None:
            whole = np.where(np.isnan(values), -1.0, np.trunc(np.nan_to_num(values, nan=-1.0)))
            return np.isin(whole, list(self.categories))
        known = np.where(np.isnan(values), 0.0, values) if self.missing != "NaN" else values
        absent = np.isnan(known) if self.missing == "NaN" else np.zeros(len(values), dtype=bool)
        if self.missing == "Zero":
            absent = np.abs(known) <= ZERO
        with np.errstate(invalid="ignore"):
            return np.where(absent, self.default_left, known <= self.threshold)


@dataclass(frozen=True)
class Leaf:
    """One leaf: its value and the path to it, (split, goes left) from the root down."""

    value: float
    path: tuple[tuple[Split, bool], ...]


def leaves(booster: lightgbm.Booster) -> list[list[Leaf]]:
    """The leaves of every tree."""
    return [_walk(tree["tree_structure"], ()) for tree in booster.dump_model()["tree_info"]]


def _walk(node: dict[str, Any], path: tuple[tuple[Split, bool], ...]) -> list[Leaf]:
    if "split_feature" not in node:
        return [Leaf(float(node["leaf_value"]), path)]
    split = _split(node)
    return _walk(node["left_child"], (*path, (split, True))) + _walk(node["right_child"], (*path, (split, False)))


def _split(node: dict[str, Any]) -> Split:
    if node["decision_type"] == "==":
        words = frozenset(int(c) for c in str(node["threshold"]).split("||"))
        return Split(int(node["split_feature"]), np.nan, words, "NaN", False)
    return Split(
        int(node["split_feature"]),
        float(node["threshold"]),
        None,
        str(node["missing_type"]),
        bool(node["default_left"]),
    )
