"""A weight-of-evidence scorecard: the additive member of the model, and the baseline every other must beat.

Each feature is cut into a few bins (missing is a bin of its own), each bin gets its smoothed weight of evidence, and a ridge-penalised
logistic regression weighs the features. The result is a table anyone can read: feature, bin, log-odds. Scoring *is* looking up that table,
so what is shown and what is used cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .matrix import Columns

MOST_BINS = 8
SMOOTHING = 20.0
UNPENALISED = 1e6


@dataclass(frozen=True)
class Scorecard:
    """Per feature: inner cut points and log-odds of each bin (first entry: missing), plus an intercept.

    ``cuts[j]`` are the upper edges (value <= cut) of a number, or empty for a category whose code is its bin.
    """

    intercept: float
    cuts: tuple[NDArray[np.float64], ...]
    log_odds: tuple[NDArray[np.float64], ...]
    categorical: tuple[int, ...]

    @classmethod
    def fit(
        cls,
        M: NDArray[np.float64],
        y: NDArray[np.float64],
        columns: Columns,
        *,
        penalty: float = 1.0,
        weight: NDArray[np.float64] | None = None,
        signs: Sequence[int] | None = None,
    ) -> Self:
        """Learn bins, weights of evidence and their slopes from a matrix (rows, features).

        A smaller ``penalty`` shrinks more; ``signs`` say of which column the risk may only rise (+1) or fall (-1) with the number.
        """
        return cls.fit_all(M, y, columns, (penalty,), weight, signs)[0]

    @classmethod
    def fit_all(
        cls,
        M: NDArray[np.float64],
        y: NDArray[np.float64],
        columns: Columns,
        penalties: Sequence[float],
        weight: NDArray[np.float64] | None = None,
        signs: Sequence[int] | None = None,
    ) -> list[Self]:
        """One scorecard for each penalty, from the same bins."""
        signs = [0] * M.shape[1] if signs is None else signs
        w = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
        categorical = tuple(columns.categorical)
        cuts = tuple(np.empty(0) if j in categorical else _cuts(M[:, j], len(y)) for j in range(M.shape[1]))
        sizes = [len(columns.words[columns.names[j]]) if j in categorical else len(c) + 1 for j, c in enumerate(cuts)]
        bins = [_bins(M[:, j], cuts[j], j in categorical) for j in range(M.shape[1])]
        woe = [_evidence(b, y, size, w, sign) for b, size, sign in zip(bins, sizes, signs, strict=True)]
        Z = np.column_stack([e[b] for e, b in zip(woe, bins, strict=True)])
        found = []
        for penalty in penalties:
            slopes, intercept = _slopes(Z, y, w, penalty)
            log_odds = tuple(e * s for e, s in zip(woe, slopes, strict=True))
            found.append(cls(intercept, cuts, log_odds, categorical))
        return found

    def contributions(self, M: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds of each cell (rows, features); with the intercept they sum to the margin."""
        out = np.empty(M.shape, dtype=np.float64)
        for j in range(M.shape[1]):
            bins = _bins(M[:, j], self.cuts[j], j in self.categorical)
            out[:, j] = self.log_odds[j][np.minimum(bins, len(self.log_odds[j]) - 1)]
        return out

    def margin(self, M: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds of each row."""
        total: NDArray[np.float64] = self.intercept + self.contributions(M).sum(axis=1)
        return total

    def table(self, columns: Columns) -> pd.DataFrame:
        """The scorecard as a person reads it: feature, bin, log_odds."""
        rows: list[tuple[str, str, float]] = []
        for j, name in enumerate(columns.names):
            labels = ["missing", *_labels(self.cuts[j], columns.words.get(name))]
            rows += [(name, label, float(v)) for label, v in zip(labels, self.log_odds[j], strict=True)]
        return pd.DataFrame(rows, columns=["feature", "bin", "log_odds"])

    def to_json(self) -> dict[str, Any]:
        """Plain data with hexadecimal floats, so that reading gives the same bits."""
        return {
            "intercept": self.intercept.hex(),
            "cuts": [[float(v).hex() for v in c] for c in self.cuts],
            "log_odds": [[float(v).hex() for v in c] for c in self.log_odds],
            "categorical": list(self.categorical),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what `to_json` wrote."""

        def floats(values: list[str]) -> NDArray[np.float64]:
            return np.array([float.fromhex(v) for v in values], dtype=np.float64)

        return cls(
            float.fromhex(data["intercept"]),
            tuple(floats(c) for c in data["cuts"]),
            tuple(floats(c) for c in data["log_odds"]),
            tuple(int(j) for j in data["categorical"]),
        )


def _cuts(values: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    """Inner cut points at quantiles of the known values; each bin holds at least about 3 % of the rows."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.empty(0)
    bins = int(np.clip(len(known) / max(30.0, 0.03 * rows), 1, MOST_BINS))
    edges = (
        np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1], method="lower")) if bins > 1 else np.empty(0)
    )
    return edges[edges < known.max()] if len(edges) else edges


def _bins(values: NDArray[np.float64], cuts: NDArray[np.float64], categorical: bool) -> NDArray[np.intp]:
    """Bin of each value; 0 is missing."""
    known = ~np.isnan(values)
    where = values if categorical else np.searchsorted(cuts, values, side="left")
    return np.where(known, np.nan_to_num(where) + 1, 0).astype(np.intp)


def _slopes(
    Z: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64], penalty: float
) -> tuple[NDArray[np.float64], float]:
    """Slopes of a ridge-penalised logistic regression, none below 0 (a reversed weight of evidence is noise), and the intercept.

    The sum is scaled and centred once more, so that the penalty costs no calibration.
    """
    telling = np.ptp(Z, axis=0) > 0
    slopes = np.zeros(Z.shape[1])
    if telling.any():
        slopes[telling] = np.maximum(_logistic(Z[:, telling], y, w, penalty)[0], 0.0)
    scale, intercept = _logistic((Z @ slopes)[:, None], y, w, UNPENALISED)
    return slopes * max(float(scale[0]), 0.0), intercept


def _logistic(
    Z: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64], penalty: float
) -> tuple[NDArray[np.float64], float]:
    """Coefficients and intercept of a ridge-penalised logistic regression; on one thread, as more only wait for each other here."""
    with threadpool_limits(1, user_api="blas"):
        fitted = LogisticRegression(C=penalty, solver="newton-cholesky", max_iter=200).fit(Z, y, sample_weight=w)
    return np.asarray(fitted.coef_[0], dtype=np.float64), float(fitted.intercept_[0])


def _evidence(
    bins: NDArray[np.intp], y: NDArray[np.float64], size: int, w: NDArray[np.float64], sign: int = 0
) -> NDArray[np.float64]:
    """Smoothed weight of evidence of each bin: ln(odds in the bin / odds overall), shrunk towards 0 where rows are few.

    Bins that go against the sign are pooled with their neighbours (isotonic regression); the bin of missing values stands apart.
    """
    rows = np.bincount(bins, weights=w, minlength=size + 1)
    bad = np.bincount(bins, weights=w * y, minlength=size + 1)
    rate = float(np.average(y, weights=w))
    shrunk = (bad + SMOOTHING * rate) / (rows + SMOOTHING)
    if sign and size:
        pooled = IsotonicRegression(increasing=sign > 0).fit_transform(
            np.arange(size), shrunk[1:], sample_weight=rows[1:] + SMOOTHING
        )
        shrunk[1:] = pooled
    evidence: NDArray[np.float64] = np.log(shrunk / (1 - shrunk)) - np.log(rate / (1 - rate))
    return evidence


def _labels(cuts: NDArray[np.float64], words: tuple[str, ...] | None) -> list[str]:
    if words is not None:
        return list(words)
    edges = [float(c) for c in cuts]
    if not edges:
        return ["any"]
    inner = [f"({low:g}, {high:g}]" for low, high in pairwise(edges)]
    return [f"<= {edges[0]:g}", *inner, f"> {edges[-1]:g}"]
