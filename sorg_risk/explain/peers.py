"""Peers: where a value stands among organisations of the same type on the same evening."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

BY = "org_type"
LEAST = 20
"""With fewer peers of known value nothing is compared."""


class Standing(NamedTuple):
    """Shares of the peers with a smaller, an equal and a larger value; they sum to 1."""

    below: float
    equal: float
    above: float


@dataclass(frozen=True)
class Peers:
    """Sorted values of every numeric feature, by organisation type.

    >>> X = pd.DataFrame({"org_type": pd.Categorical(["foundation"] * 40), "late": [0.0] * 30 + [5.0] * 10})
    >>> Peers.of(X).standing("late", 5.0, 0)
    Standing(below=0.75, equal=0.25, above=0.0)
    """

    types: tuple[str, ...]
    known: dict[tuple[str, int], NDArray[np.float64]] = field(repr=False)

    @classmethod
    def none(cls) -> Self:
        """Nobody to compare with."""
        return cls((), {})

    @classmethod
    def of(cls, X: pd.DataFrame) -> Self:
        """Everybody in the matrix, each among its own type (all together where there is no ``org_type``)."""
        types = tuple(sorted(X[BY].dropna().astype(str).unique())) if BY in X else ("",)
        codes = _codes(X, types)
        known: dict[tuple[str, int], NDArray[np.float64]] = {}
        for name in X.columns:
            if not pd.api.types.is_numeric_dtype(X[name].dtype) or pd.api.types.is_bool_dtype(X[name].dtype):
                continue
            column = X[name].to_numpy(dtype=np.float64, na_value=np.nan)
            for group in range(len(types)):
                values = column[codes == group]
                values = values[~np.isnan(values)]
                if len(values) >= LEAST:
                    known[str(name), group] = np.sort(values)
        return cls(types, known)

    @property
    def groups(self) -> int:
        """How many types there are; this number itself stands for "no peers"."""
        return len(self.types)

    def group_of(self, X: pd.DataFrame, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """The group of the rows at these positions."""
        return _codes(X.iloc[at][[BY]] if BY in X else X.iloc[at][[]], self.types)

    def standing(self, name: str, value: Any, group: int) -> Standing | None:
        """Where a value stands; None where it is missing, no number, or too few peers are known."""
        values = self.known.get((name, group))
        if values is None or value is None or isinstance(value, str):
            return None
        low, high = (int(np.searchsorted(values, float(value), side)) for side in ("left", "right"))
        return Standing(low / len(values), (high - low) / len(values), 1 - high / len(values))


def _codes(X: pd.DataFrame, types: tuple[str, ...]) -> NDArray[np.int64]:
    """Group of every row; the number of groups where its type is unknown."""
    if BY not in X:
        return np.zeros(len(X), dtype=np.int64) if types else np.full(len(X), len(types), dtype=np.int64)
    codes = pd.Index(types, dtype=object).get_indexer_for(pd.Index(X[BY], dtype=object))
    return np.where(codes < 0, len(types), codes).astype(np.int64)
