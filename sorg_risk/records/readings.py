"""Readings of cells on which features and law must agree: each stands here once, and both take it from here.

A column that may be empty has to be read somehow; where a feature and a rule read it differently, the model learns from something that the
law does not see.

>>> decision_of(pd.Series(["D1", None]), pd.Series(["P1", "P2"])).tolist()
['D1', 'P2']
>>> day, yes = np.array([3, 3]), np.array([True, True])
>>> settled_on(day, yes, np.array([5, 5]), np.array([True, False]), never=99).tolist()
[3, 99]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

ACCEPTED: Final = "accepted"
"""Outcome of an order to rectify that ends it; whatever else was found, it stays open."""


def decision_of(decision_id: pd.Series[Any], penalty_id: pd.Series[Any]) -> pd.Series[Any]:
    """The decision of each penalty: its number, and where none is on record the penalty is a decision of its own."""
    found: pd.Series[Any] = decision_id.where(decision_id.notna(), penalty_id)
    return found


def settled_on(
    completed_on: NDArray[Any],
    has_day: NDArray[np.bool_],
    recorded_on: NDArray[Any],
    accepted: NDArray[np.bool_],
    *,
    never: Any,
) -> NDArray[Any]:
    """Day on which each order to rectify was settled: completed, and accepted as such.

    Where no day of completion is on record, the day on which the acceptance was recorded; ``never`` where it was not accepted. Days may be
    numbers or datetime64.
    """
    return np.where(accepted, np.where(has_day, completed_on, recorded_on), never)
