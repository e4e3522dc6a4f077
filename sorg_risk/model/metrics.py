"""Metrics an authority can use, in numpy: ranking, calibration, and what an inspection capacity buys.

Rows are (organisation, day); intervals come from a bootstrap over organisations, because rows of one organisation are not independent.
Ties in the score are shared out evenly, so a constant score earns exactly what random inspection earns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm, rankdata
from sklearn.metrics import average_precision_score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike, NDArray

ROWS_DRAWN, LEAST_ROUNDS, MOST_ROUNDS = 20_000_000, 50, 200


def auc(y: ArrayLike, risk: ArrayLike) -> float:
    """Area under the ROC curve; NaN where only one class is present.

    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    y, risk = np.asarray(y, dtype=bool), np.asarray(risk, dtype=np.float64)
    good, bad = int((~y).sum()), int(y.sum())
    if not good or not bad:
        return float("nan")
    return float((rankdata(risk)[y].sum() - bad * (bad + 1) / 2) / (good * bad))


def pr_auc(y: ArrayLike, risk: ArrayLike) -> float:
    """Average precision; NaN without a positive."""
    y = np.asarray(y, dtype=bool)
    return float(average_precision_score(y, np.asarray(risk))) if y.any() else float("nan")


def brier(y: ArrayLike, probability: ArrayLike) -> float:
    """Mean squared error of the probability."""
    return float(np.mean((np.asarray(probability, dtype=np.float64) - np.asarray(y, dtype=np.float64)) ** 2))


def hits_at(y: ArrayLike, risk: ArrayLike, share: float) -> tuple[float, float, float]:
    """Precision, recall and lift over random inspection when the riskiest share of rows is inspected.

    >>> hits_at([1, 0, 0, 0], [0.9, 0.5, 0.2, 0.1], 0.25)
    (1.0, 1.0, 4.0)
    """
    y, risk = np.asarray(y, dtype=np.float64), np.asarray(risk, dtype=np.float64)
    if not len(y) or not y.any():
        return float("nan"), float("nan"), float("nan")
    places = max(1, round(share * len(y)))
    line = np.partition(risk, len(risk) - places)[len(risk) - places]
    sure, tied = risk > line, risk == line
    found = y[sure].sum() + (places - sure.sum()) * y[tied].mean()
    precision = found / places
    return float(precision), float(found / y.sum()), float(precision / y.mean())


def calibration_error(y: ArrayLike, probability: ArrayLike, bins: int = 10) -> float:
    """Expected calibration error over bins of equal size."""
    y, p = np.asarray(y, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    parts = np.array_split(np.argsort(p, kind="stable"), min(bins, max(len(p), 1)))
    return float(sum(len(i) * abs(y[i].mean() - p[i].mean()) for i in parts if len(i)) / max(len(p), 1))


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval (bootstrap over organisations)."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def resampled(groups: ArrayLike, *, rounds: int | None = None, random_state: int = 0) -> Iterator[NDArray[np.intp]]:
    """Row positions of organisations drawn with replacement, all rows of one together; fewer rounds where rows are very many.

    >>> [rows.tolist() for rows in resampled(["a", "a", "b"], rounds=2)]
    [[2, 2], [2, 0, 1]]
    """
    _, group = np.unique(np.asarray(groups), return_inverse=True)
    if not len(group):
        return
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(group.max() + 2))
    rng = np.random.default_rng(random_state)
    for _round in range(rounds or int(np.clip(ROWS_DRAWN / len(group), LEAST_ROUNDS, MOST_ROUNDS))):
        yield _rows_of(order, starts, rng.integers(0, len(starts) - 1, len(starts) - 1))


def interval(drawn: ArrayLike) -> tuple[float, float]:
    """The 2.5 % and 97.5 % quantiles of drawn values, those that are no number left out."""
    values = np.asarray(drawn, dtype=np.float64)
    kept = values[np.isfinite(values)]
    if not len(kept):
        return float("nan"), float("nan")
    low, high = np.quantile(kept, [0.025, 0.975])
    return float(low), float(high)


def bootstrap(
    metric: Callable[[NDArray[np.float64], NDArray[np.float64]], float],
    y: ArrayLike,
    risk: ArrayLike,
    groups: ArrayLike,
    *,
    rounds: int | None = None,
    random_state: int = 0,
) -> Interval:
    """A metric with its interval, organisations drawn with replacement (all rows of one together)."""
    y, risk = np.asarray(y, dtype=np.float64), np.asarray(risk, dtype=np.float64)
    drawn = [metric(y[rows], risk[rows]) for rows in resampled(groups, rounds=rounds, random_state=random_state)]
    return Interval(metric(y, risk), *interval(drawn))


def delong(y: ArrayLike, first: ArrayLike, second: ArrayLike) -> tuple[float, float]:
    """Paired DeLong test: the difference of two AUCs on the same rows and its two-sided p-value.

    Source: DeLong, DeLong and Clarke-Pearson (1988); midranks after Sun and Xu (2014).
    """
    y = np.asarray(y, dtype=bool)
    placed = [_placements(y, np.asarray(risk, dtype=np.float64)) for risk in (first, second)]
    gap = placed[0][0].mean() - placed[1][0].mean()
    variance = sum(np.var(placed[0][side] - placed[1][side], ddof=1) / len(placed[0][side]) for side in (0, 1))
    if variance <= 0:
        return float(gap), 1.0
    return float(gap), float(2 * norm.sf(abs(gap) / np.sqrt(variance)))


def _placements(y: NDArray[np.bool_], risk: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of goods below each bad, and of bads above each good."""
    together = rankdata(risk)
    bads = (together[y] - rankdata(risk[y])) / max((~y).sum(), 1)
    goods = 1 - (together[~y] - rankdata(risk[~y])) / max(y.sum(), 1)
    return bads, goods


def _rows_of(order: NDArray[np.intp], starts: NDArray[np.intp], chosen: NDArray[np.intp]) -> NDArray[np.intp]:
    """All rows of the chosen groups, in one vector."""
    lengths = starts[chosen + 1] - starts[chosen]
    ends = np.cumsum(lengths)
    inside = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
    rows: NDArray[np.intp] = order[np.repeat(starts[chosen], lengths) + inside]
    return rows
