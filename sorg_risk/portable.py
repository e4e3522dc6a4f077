"""Elementary functions with the same bits on every processor.

``exp`` and ``log`` of the C library and of numpy choose an implementation by the processor they run on and may differ in the
last bit; so may a dot product of BLAS. Here they are computed from additions, multiplications and divisions of IEEE 754
doubles alone, one array operation at a time, so that nothing is fused or reordered. They serve wherever a published number
or a decision depends on them; elsewhere numpy's own are quicker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_LN2_HIGH: Final = float.fromhex("0x1.62e42feep-1")
"""The leading 32 bits of ln 2: its product with an exponent is exact."""
_LN2_LOW: Final = float.fromhex("0x1.a39ef35793c76p-33")
_LARGEST_EXPONENT: Final = 745.2
_EXP_TERMS: Final = 14
_LOG_TERMS: Final = 12
_SQRT_HALF: Final = float.fromhex("0x1.6a09e667f3bcdp-1")


def exp(x: ArrayLike) -> NDArray[np.float64]:
    """e to the power x, within 2 units in the last place; 0 below -745.2, infinity above 709.8, missing stays missing.

    >>> exp([0.0, 1.0, -1000.0]).round(12).tolist()
    [1.0, 2.718281828459, 0.0]
    """
    clipped = np.clip(np.asarray(x, dtype=np.float64), -_LARGEST_EXPONENT, _LARGEST_EXPONENT)
    halvings = np.rint(clipped / (_LN2_HIGH + _LN2_LOW))
    rest = clipped - halvings * _LN2_HIGH
    rest = rest - halvings * _LN2_LOW
    total = np.ones_like(rest)
    for term in range(_EXP_TERMS, 0, -1):
        total = 1.0 + total * rest / term
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(np.ldexp(total, np.nan_to_num(halvings).astype(np.int64)))


def log(x: ArrayLike) -> NDArray[np.float64]:
    """The natural logarithm of positive finite numbers, within 2 units in the last place; missing for any other.

    >>> log([1.0, 2.0, 10.0]).round(12).tolist()
    [0.0, 0.69314718056, 2.302585092994]
    """
    values = np.asarray(x, dtype=np.float64)
    usable = (values > 0) & np.isfinite(values)
    mantissa, exponent = np.frexp(np.where(usable, values, 1.0))
    small = mantissa < _SQRT_HALF
    mantissa = np.where(small, mantissa + mantissa, mantissa)
    power = exponent.astype(np.float64) - small
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square = ratio * ratio
    series = np.zeros_like(square)
    for term in range(_LOG_TERMS, 0, -1):
        series = (series + 1.0 / (2 * term + 1)) * square
    total = power * _LN2_HIGH + (power * _LN2_LOW + 2.0 * ratio * series + 2.0 * ratio)
    return np.asarray(np.where(usable, total, np.nan))


def logistic(x: ArrayLike) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)): the probability of log-odds.

    >>> logistic([0.0, -40.0]).tolist()
    [0.5, 4.248354255291589e-18]
    """
    return np.asarray(1.0 / (1.0 + exp(-np.asarray(x, dtype=np.float64))))
