"""Peers: where a value stands among organisations of the same type on the same evening."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

BY = "org_type"
LEAST = 20
"""With fewer peers of known value nothing is compared."""
STEPS = 4_096
"""So many different values of a feature and type are kept; of more, evenly spaced ones, and then shares are told a little too small."""


class Standing(NamedTuple):
    """Shares of the peers with a smaller, an equal and a larger value, one entry a row; NaN where nothing can be compared."""

    below: NDArray[np.float64]
    equal: NDArray[np.float64]
    above: NDArray[np.float64]


class Known(NamedTuple):
    """Values in order, and how many of the peers lie below each and at or below it."""

    values: NDArray[np.float64]
    below: NDArray[np.int64]
    upto: NDArray[np.int64]

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Self:
        """Count the values that are there."""
        different, counts = np.unique(values, return_counts=True)
        upto = np.cumsum(counts)
        kept = np.unique(np.linspace(0, len(different) - 1, min(len(different), STEPS)).round().astype(np.int64))
        return cls(different[kept], (upto - counts)[kept], upto[kept])

    def standing(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Shares below, equal and above; of a value that is not kept, at least so many lie below and above."""
        at = np.searchsorted(self.values, values)
        inside = np.minimum(at, len(self.values) - 1)
        hit = self.values[inside] == values
        total = self.upto[-1]
        below = np.where(hit, self.below[inside], np.where(at > 0, self.upto[np.maximum(at - 1, 0)], 0))
        equal = np.where(hit, (self.upto - self.below)[inside], 0)
        above = np.where(hit, total - self.upto[inside], np.where(at < len(self.values), total - self.below[inside], 0))
        return below / total, equal / total, above / total


@dataclass(frozen=True)
class Peers:
    """Values of every numeric feature, by organisation type.

    >>> X = pd.DataFrame({"org_type": pd.Categorical(["foundation"] * 40), "late": [0.0] * 30 + [5.0] * 10})
    >>> standing = Peers.of(X).standing("late", X.iloc[-1:])
    >>> standing.below.item(), standing.equal.item(), standing.above.item()
    (0.75, 0.25, 0.0)
    """

    types: tuple[str, ...]
    known: dict[tuple[str, int], Known] = field(repr=False)

    @classmethod
    def none(cls) -> Self:
        """Nobody to compare with."""
        return cls((), {})

    @classmethod
    def of(cls, X: pd.DataFrame) -> Self:
        """Everybody in the matrix, each among its own type (all together where there is no ``org_type``)."""
        types = tuple(sorted(X[BY].dropna().astype(str).unique())) if BY in X else ("",)
        codes = _codes(X, types)
        known: dict[tuple[str, int], Known] = {}
        for name in X.columns:
            if not pd.api.types.is_numeric_dtype(X[name].dtype) or pd.api.types.is_bool_dtype(X[name].dtype):
                continue
            column = X[name].to_numpy(dtype=np.float64, na_value=np.nan)
            for group in range(len(types)):
                values = column[(codes == group) & ~np.isnan(column)]
                if len(values) >= LEAST:
                    known[str(name), group] = Known.of(values)
        return cls(types, known)

    def standing(self, name: str, rows: pd.DataFrame) -> Standing:
        """Where each row's value of a feature stands; NaN where it is missing, no number, or too few peers are known."""
        found = np.full((3, len(rows)), np.nan)
        groups = [group for group in range(len(self.types)) if (name, group) in self.known]
        if groups:
            codes, values = _codes(rows, self.types), rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
            for group in groups:
                here = (codes == group) & ~np.isnan(values)
                found[:, here] = self.known[name, group].standing(values[here])
        return Standing(*found)


def _codes(X: pd.DataFrame, types: tuple[str, ...]) -> NDArray[np.int64]:
    """Group of every row; the number of groups where its type is unknown."""
    if BY not in X:
        return np.zeros(len(X), dtype=np.int64) if types else np.full(len(X), len(types), dtype=np.int64)
    codes = pd.Index(types, dtype=object).get_indexer_for(pd.Index(X[BY], dtype=object))
    return np.where(codes < 0, len(types), codes).astype(np.int64)
