"""Points: linear in log-odds, never clipped; grades and warnings are cut-offs on them.

With ``pdo`` points doubling the odds and ``base_points`` at odds of ``base_odds`` good to one bad,
``points = offset - factor * log-odds of the bad``. Nothing is rounded or clipped, so the contributions in points sum to the score.
The shares are anchored at published runs of provincial schemes: about 9 % of organisations in the lowest class.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

WARNINGS = ("red", "orange", "yellow", "blue")
SHARES = {"red": 0.01, "orange": 0.04, "yellow": 0.10, "blue": 0.25}
SHARE_A = 0.40
FEWEST_RECENT = 500


@dataclass(frozen=True)
class Scale:
    """The straight line from log-odds to points.

    >>> scale = Scale.of(pdo=40, base_points=600, base_odds=20)
    >>> round(float(scale.points(-math.log(20))), 9), round(float(scale.points(-math.log(40))), 9)
    (600.0, 640.0)
    """

    offset: float
    factor: float

    @classmethod
    def of(cls, pdo: float, base_points: float, base_odds: float) -> Scale:
        """Scale with ``base_points`` at ``base_odds``:1 and ``pdo`` points to double the odds."""
        factor = pdo / math.log(2)
        return cls(base_points - factor * math.log(base_odds), factor)

    def points(self, margin: ArrayLike) -> NDArray[np.float64]:
        """Points of log-odds (higher is better)."""
        return np.asarray(self.offset - self.factor * np.asarray(margin, dtype=np.float64))


@dataclass(frozen=True)
class Bands:
    """Cut-offs in points: warning levels (a score below the cut-off is warned of) and the grade A (a score at or above it)."""

    warning: dict[str, float]
    grade_a: float

    @classmethod
    def of(cls, points: ArrayLike, recent: ArrayLike | None = None) -> Bands:
        """Cut-offs that give the stated shares on these points (held-back ones, so that the shares hold on new organisations).

        Scores move over the years, so only the recent ones count, where they are enough to place the smallest share.
        """
        values = np.asarray(points, dtype=np.float64)
        if recent is not None and np.count_nonzero(recent) >= FEWEST_RECENT:
            values = values[np.asarray(recent)]
        warning = {level: float(np.quantile(values, SHARES[level])) for level in WARNINGS}
        return cls(warning, float(np.quantile(values, 1 - SHARE_A)))

    def warning_of(self, points: ArrayLike) -> NDArray[np.object_]:
        """The warning level of each score: red, orange, yellow, blue or none."""
        values = np.asarray(points, dtype=np.float64)
        found = np.full(values.shape, "none", dtype=object)
        for level in reversed(WARNINGS):
            found[values < self.warning[level]] = level
        return found

    def grade_of(self, points: ArrayLike) -> NDArray[np.object_]:
        """Grade A or B of each score; C and D are the law's."""
        return np.where(np.asarray(points, dtype=np.float64) >= self.grade_a, "A", "B").astype(object)
