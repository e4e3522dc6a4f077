"""Has the population moved? Population stability index and Kolmogorov-Smirnov distance, in plain numpy.

PSI = sum over bands of (now - then) * ln(now / then), on shares. The usual reading: below 0.1 stable, 0.1 to 0.25 look,
above 0.25 moved (N. Siddiqi, Credit Risk Scorecards, 2006, ch. 9).

>>> round(psi_of_shares([0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25]), 4)
0.0
>>> ks([1, 2, 3, 4], [3, 4, 5, 6])
0.5
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..portable import log

BANDS: Final = 10
STABLE, MOVED = 0.1, 0.25
FLOOR: Final = 1e-4
"""Share given to an empty band, so that one organisation in a new band does not make the index infinite."""


def psi_of_shares(then: ArrayLike, now: ArrayLike) -> float:
    """The index of two lists of shares over the same bands."""
    before = np.maximum(np.asarray(then, dtype=np.float64), FLOOR)
    after = np.maximum(np.asarray(now, dtype=np.float64), FLOOR)
    return float(((after - before) * log(after / before)).sum())


def psi(then: ArrayLike, now: ArrayLike, bands: int = BANDS) -> float:
    """The index of two samples of numbers, in bands of equal share of the first; missing is a band of its own.

    So is a value that many of either sample share (a tie): what falls or rises out of it is seen wherever it goes.

    >>> psi([0.0] * 100, [1.0] * 100) == psi([0.0] * 100, [-1.0] * 100) > MOVED
    True
    """
    before, after = np.asarray(then, dtype=np.float64), np.asarray(now, dtype=np.float64)
    if not len(before) or not len(after):
        return 0.0
    edges = _edges(before[~np.isnan(before)], after[~np.isnan(after)], bands)
    return psi_of_shares(_shares(before, edges), _shares(after, edges))


def _edges(before: NDArray[np.float64], after: NDArray[np.float64], bands: int) -> NDArray[np.float64]:
    """Where bands end, each edge within the band below it: quantiles of the first sample, and both sides of every tie."""
    cuts = np.quantile(before, np.linspace(0, 1, bands + 1)[1:-1]) if len(before) else np.empty(0)
    tied = np.concatenate([_ties(before, bands), _ties(after, bands)])
    return np.unique(np.concatenate([cuts, tied, np.nextafter(tied, -np.inf)]))


def _ties(values: NDArray[np.float64], bands: int) -> NDArray[np.float64]:
    """Values that hold at least half a band of a sample."""
    distinct, counts = np.unique(values, return_counts=True)
    return distinct[(counts > 1) & (2 * bands * counts >= len(values))]


def _shares(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    place = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left"))
    counts: NDArray[np.float64] = np.bincount(place, minlength=len(edges) + 2) / len(values)
    return counts


def psi_of_words(then: pd.Series[Any], now: pd.Series[Any]) -> float:
    """The index of two samples of words (grades, warnings); missing is a word of its own."""
    before, after = (cells.astype("str").fillna("").value_counts(normalize=True) for cells in (then, now))
    words = before.index.union(after.index)
    return psi_of_shares(before.reindex(words, fill_value=0.0), after.reindex(words, fill_value=0.0))


def ks(then: ArrayLike, now: ArrayLike) -> float:
    """Largest distance between the two cumulative distributions, 0 to 1; missing values take no part."""
    before, after = (np.sort(np.asarray(x, dtype=np.float64)) for x in (then, now))
    before, after = before[~np.isnan(before)], after[~np.isnan(after)]
    if not len(before) or not len(after):
        return 0.0
    places = np.concatenate([before, after])
    steps = [np.searchsorted(sample, places, side="right") / len(sample) for sample in (before, after)]
    return float(np.abs(steps[0] - steps[1]).max())


def verdict(index: float) -> str:
    """The index in a word: stable, look, moved."""
    return "stable" if index < STABLE else "look" if index < MOVED else "moved"


def drift(then: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Every common column of two frames (scores, or feature matrices): column, psi, ks (numbers only), verdict."""
    rows = []
    for name in [name for name in then.columns if name in now.columns]:
        number = pd.api.types.is_numeric_dtype(then[name].dtype) and pd.api.types.is_numeric_dtype(now[name].dtype)
        index = psi(then[name], now[name]) if number else psi_of_words(then[name], now[name])
        rows.append((name, index, ks(then[name], now[name]) if number else np.nan, verdict(index)))
    found = pd.DataFrame(rows, columns=["column", "psi", "ks", "verdict"])
    return found.sort_values(["psi", "column"], ascending=[False, True], kind="stable", ignore_index=True)
