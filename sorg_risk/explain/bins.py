"""Every value once against the model's own thresholds: after that a row is a few small integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numba
import numpy as np

from ..errors import ModelError
from .trees import ZERO, cut_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .trees import Tree

MOST = 65_000


@dataclass(frozen=True, eq=False)
class Bins:
    """Bins of every feature: (-inf, cut 0], (cut 0, cut 1] ... (last cut, inf), and one for NaN at the end.

    Attributes
    ----------
    cuts, start
        All cut points, feature after feature; ``start`` (features + 1) says where each feature's begin.
    sample
        One value of every bin (NaN for the last of each feature).
    sample_start
        Where each feature's samples begin (features + 1).
    """

    cuts: NDArray[np.float64]
    start: NDArray[np.int64]
    sample: NDArray[np.float64]
    sample_start: NDArray[np.int64]

    @classmethod
    def of(cls, forest: Sequence[Tree], features: int) -> Self:
        """The bins that these trees can tell apart."""
        cuts = cut_points(forest, features)
        most = max((len(c) for c in cuts), default=0)
        if most > MOST:
            raise ModelError(f"a feature is split at {most:,} different values; at most {MOST:,} can be told apart.")
        sample = [np.concatenate([c, [np.inf, np.nan]]) for c in cuts]
        counts = np.array([len(c) for c in cuts], dtype=np.int64)
        start = np.concatenate([[0], np.cumsum(counts)])
        return cls(
            np.concatenate([*cuts, np.empty(0)]),
            start,
            np.concatenate([*sample, np.empty(0)]),
            start + 2 * np.arange(features + 1),
        )

    @property
    def features(self) -> int:
        """Number of features."""
        return len(self.start) - 1

    def of_rows(self, M: NDArray[np.float64]) -> NDArray[np.uint16]:
        """Bin numbers, shape (features, rows)."""
        out = np.empty((self.features, len(M)), dtype=np.uint16)
        place(M, self.cuts, self.start, out)
        return out


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def place(M: NDArray[np.float64], cuts: NDArray[np.float64], start: NDArray[np.int64], out: NDArray[np.uint16]) -> None:
    """Write the bin of every value: the number of cuts below it; NaN comes last. Rows in, features out."""
    for j in range(len(start) - 1):
        first, count = start[j], start[j + 1] - start[j]
        for i in range(len(M)):
            x = M[i, j]
            if np.isnan(x):
                out[j, i] = count + 1
                continue
            if abs(x) <= ZERO:  # LightGBM reads such a value as no value at all, that is as zero
                x = 0.0
            low, left = first, count
            while left > 0:  # halving without an unforeseeable branch
                half = (left + 1) >> 1
                low += half if cuts[low + half - 1] < x else 0
                left -= half
            out[j, i] = low - first
