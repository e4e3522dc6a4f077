"""Time to ground: a discrete hazard over stretches of the horizon, for those who ask *when* and not only *whether*.

Each row becomes one row per stretch it survives (the pooled logistic form of Allison 1982), with the stretch as one more feature, and any
`RiskModel` learns whether the event falls in that stretch. From the hazards follow the chance of being without a ground up to a day and the
median day. The plain model is as good at ranking; use this one for planning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import clone

from ..errors import ModelError
from .matrix import as_frame
from .risk_model import RiskModel
from .splits import day_numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

STRETCH = "stretch_of_horizon"


class Hazard:
    """Discrete hazard of a new ground.

    Parameters
    ----------
    model
        The classifier of one stretch; `RiskModel` at its defaults if None.
    stretches
        Into how many equal parts the horizon is cut.
    horizon_days
        Length of the horizon in days.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(500, 2)); wait = rng.exponential(400 * np.exp(-X[:, 0]))
    >>> hazard = Hazard(RiskModel(seeds=1), stretches=4).fit(X, np.where(wait < 365, wait, np.nan))
    >>> survival = hazard.survival(X)
    >>> survival.shape, bool((np.diff(survival, axis=1) <= 0).all())
    ((500, 4), True)
    """

    def __init__(self, model: RiskModel | None = None, *, stretches: int = 4, horizon_days: int = 365) -> None:
        if stretches < 1 or horizon_days < stretches:
            raise ModelError(f"{stretches} stretches of {horizon_days} days; give at least one, each of a day or more.")
        self.model = model if model is not None else RiskModel()
        self.stretches = stretches
        self.horizon_days = horizon_days

    @property
    def ends(self) -> NDArray[np.float64]:
        """Last day of each stretch, in days after the as-of day."""
        return np.arange(1, self.stretches + 1) * self.horizon_days / self.stretches

    def fit(self, X: Any, after: ArrayLike, *, days: ArrayLike | None = None, groups: ArrayLike | None = None) -> Self:
        """Learn from days to the event (``Panel.after``; NaN: none within what is known)."""
        frame = as_frame(X)
        wait = np.nan_to_num(np.asarray(after, dtype=np.float64), nan=np.inf)
        if len(wait) != len(frame):
            raise ModelError(f"X has {len(frame)} rows and after has {len(wait)}; give one a row.")
        begins = self.ends - self.horizon_days / self.stretches
        row, stretch = np.nonzero(wait[:, None] > begins[None, :])
        happens = wait[row] <= self.ends[stretch]
        if not happens.any():
            raise ModelError("no event falls within the horizon; there is no time to learn.")
        self.model_ = clone(self.model).fit(
            self._with(frame.iloc[row], stretch),
            happens.astype(int),
            days=None if days is None else day_numbers(days)[row],
            groups=None if groups is None else np.asarray(groups)[row],
        )
        return self

    def hazards(self, X: Any) -> NDArray[np.float64]:
        """Chance of the event in each stretch, given none before, shape (rows, stretches)."""
        frame = as_frame(X)
        columns = [
            self.model_.event_probability(self._with(frame, np.full(len(frame), k))) for k in range(self.stretches)
        ]
        return np.column_stack(columns)

    def survival(self, X: Any) -> NDArray[np.float64]:
        """Chance of no event up to the end of each stretch, shape (rows, stretches)."""
        return np.asarray(np.cumprod(1 - self.hazards(X), axis=1))

    def probability(self, X: Any) -> NDArray[np.float64]:
        """Chance of an event within the whole horizon."""
        return np.asarray(1 - self.survival(X)[:, -1])

    def median_days(self, X: Any) -> NDArray[np.float64]:
        """Days until an event is more likely than not; infinite where it stays unlikely within the horizon."""
        gone = self.survival(X) <= 0.5
        return np.where(gone.any(axis=1), self.ends[gone.argmax(axis=1)], np.inf)

    def _with(self, frame: pd.DataFrame, stretch: NDArray[Any]) -> pd.DataFrame:
        return frame.assign(**{STRETCH: stretch.astype(np.float64)})
