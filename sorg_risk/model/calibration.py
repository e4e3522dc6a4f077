"""From log-odds to a probability that holds next year: a slope from the embargoed periods, a level between all periods and the last.

A model learnt on early periods carries their level into a later one, where the event is commoner or rarer. So on rows held back by time only
the *slope* is judged (how far apart good and bad really lie), each period at its own level. The *level* is that of rows held back by
organisation, whose models have seen every period, moved half of the way to the level of the latest period: levels move, and about half of a
year's move lasts. Nothing here touches the ranking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

if TYPE_CHECKING:
    from numpy.typing import NDArray

LASTS = 0.5
STEPS = 8
LARGEST_STEP = 3.0
LEAST_SLOPE = 1e-3


def platt(
    y: NDArray[np.float64], margin: NDArray[np.float64], block: NDArray[np.int64] | None = None
) -> tuple[float, NDArray[np.float64]]:
    """Slope, and the intercept of each block (Platt 1999), held to slope 1 by a weak ridge; never reverses the ranking.

    >>> platt(np.zeros(5), np.arange(5.0))  # one class: nothing to learn
    (1.0, array([0.]))
    """
    _, at = np.unique(np.zeros(len(y)) if block is None else block, return_inverse=True)
    blocks = int(at.max()) + 1

    def loss(p: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = p[0] * margin + p[1:][at]
        residual = expit(z) - y
        value = float(np.sum(np.logaddexp(0, z) - y * z) + (p[0] - 1) ** 2)
        return value, np.append(residual @ margin + 2 * (p[0] - 1), np.bincount(at, residual, blocks))

    start = np.append(1.0, np.zeros(blocks))
    if len(np.unique(y)) < 2:
        return 1.0, start[1:]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(LEAST_SLOPE, None)] + [(-30, 30)] * blocks)
    return float(found.x[0]), found.x[1:]


def shift(y: NDArray[np.float64], margin: NDArray[np.float64]) -> float:
    """What must be added to the log-odds so that as many events are expected as there were (0 where only one class is present).

    >>> round(float(shift(np.array([0.0, 0.0, 0.0, 1.0]), np.zeros(4))), 6)  # -ln 3
    -1.098612
    """
    if not 0 < y.mean() < 1:
        return 0.0
    found = 0.0
    for _step in range(STEPS):
        p = expit(margin + found)
        found += float(np.clip((y - p).sum() / max((p * (1 - p)).sum(), 1e-12), -LARGEST_STEP, LARGEST_STEP))
    return found


def levelled(y: NDArray[np.float64], margin: NDArray[np.float64], block: NDArray[np.int64]) -> NDArray[np.float64]:
    """Margins with each block (a period held back, or all organisations) at its own level."""
    found = np.array(margin, dtype=np.float64)
    for one in np.unique(block):
        rows = block == one
        found[rows] += shift(y[rows], found[rows])
    return found


def slope(y: NDArray[np.float64], margin: NDArray[np.float64], block: NDArray[np.int64]) -> float:
    """The slope on the periods held back (blocks above 0) where there are any, else on all rows."""
    late = block > 0 if (block > 0).any() else np.ones(len(block), dtype=bool)
    return platt(y[late], margin[late], block[late])[0]


def level(y: NDArray[np.float64], margin: NDArray[np.float64], recent: NDArray[np.bool_]) -> float:
    """The intercept: half-way between the level of all rows and that of the recent ones (where there are any)."""
    everywhere = shift(y, margin)
    if not recent.any() or recent.all():
        return everywhere
    return everywhere + LASTS * (shift(y[recent], margin[recent]) - everywhere)


def log_loss(y: NDArray[np.float64], margin: NDArray[np.float64]) -> float:
    """Mean log-loss of log-odds."""
    return float(np.mean(np.logaddexp(0, margin) - y * margin))
