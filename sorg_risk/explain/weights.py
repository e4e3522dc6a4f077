"""Weights of the two sides of a leaf: what each condition gets that only the row meets, or only the background row.

With m conditions met by the row alone and n by the background row alone, each of the m gains the integral of p^(m - 1) (1 - p)^n over p from
0 to 1, and each of the n loses that of p^m (1 - p)^(n - 1): the Shapley weights (m - 1)! n! / (m + n)! and m! (n - 1)! / (m + n)!.

Where something else than "every player is equally likely known" weighs the integral (a statutory rule that overrides the score, say), its
weight is a polynomial in p. Written in Legendre polynomials P0, P1, P2 ..., it needs one set of weights for each of them (``degree``); P0 = 1
is the Shapley value itself.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@lru_cache(maxsize=64)
def weights(conditions: int, degree: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gain and loss [m, n] for all m + n <= conditions, else 0; also 0 where nobody is to gain (m = 0) or lose (n = 0).

    >>> gain, loss = weights(3)
    >>> gain[1, 2].item() * 3, loss[1, 2].item() * 6
    (1.0, 1.0)
    """
    gain, loss = np.zeros((conditions + 1, conditions + 1)), np.zeros((conditions + 1, conditions + 1))
    for m in range(conditions + 1):
        for n in range(conditions + 1 - m):
            gain[m, n] = _integral(m - 1, n, degree) if m else 0.0
            loss[m, n] = _integral(m, n - 1, degree) if n else 0.0
    return gain, loss


def legendre(degree: int, p: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Legendre polynomial of a degree, shifted to (0, 1)."""
    return np.asarray(np.polynomial.legendre.legval(2 * p - 1, np.eye(degree + 1)[degree]))


@lru_cache(maxsize=256)
def nodes(degree: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss-Legendre nodes and weights on (0, 1), exact for polynomials of this degree."""
    x, w = np.polynomial.legendre.leggauss(degree // 2 + 1)
    return (x + 1) / 2, w / 2


def _integral(a: int, b: int, degree: int) -> float:
    """The integral of p^a (1 - p)^b times the Legendre polynomial."""
    if degree == 0:
        return 1 / ((a + b + 1) * comb(a + b, a))
    p, w = nodes(a + b + degree)
    return float(w @ (p**a * (1 - p) ** b * legendre(degree, p)))
