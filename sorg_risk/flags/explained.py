"""The scores of one evening with their exact contributions, in points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from .scoring import PART, Scored, explainer_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ..features.executor import Executor
    from ..model import RiskModel


@dataclass(frozen=True)
class Explained:
    """``base + values.sum(axis=1) == score`` for every organisation, within 1e-9 points.

    Attributes
    ----------
    X
        Features, one row an organisation (sorted by code).
    values
        Contributions in points (organisations, features): compared with organisations in good standing.
    base
        Points of an organisation in good standing, on average.
    score, probability
        Unrounded points; calibrated probability.
    """

    X: pd.DataFrame
    values: NDArray[np.float64]
    base: float
    score: NDArray[np.float64]
    probability: NDArray[np.float64]

    @classmethod
    def of(cls, model: RiskModel, X: pd.DataFrame, executor: Executor | None = None) -> Self:
        """Score and explain the rows of a feature matrix; more than fit one part by an executor, if there is one."""
        used = X.loc[:, list(model.columns_.names)]
        if used.empty:
            nothing = np.empty(0)
            return cls(used, np.empty(used.shape), model.offset, nothing, nothing)
        explainer = explainer_of(model)
        where = executor if len(used) > PART else None
        found = Scored.of(model, explainer, used) if where is None else Scored.elsewhere(model, used, where)
        base = model.offset - model.factor * explainer.expected_value
        return cls(used, found.values, float(base), found.score, found.probability)

    @property
    def org_ids(self) -> pd.Index[str]:
        """Organisations, in the order of the rows."""
        return self.X.index

    def of_orgs(self, org_ids: Iterable[str]) -> Self:
        """Some organisations only."""
        at = self.org_ids.get_indexer(pd.Index(list(org_ids)))
        return type(self)(self.X.iloc[at], self.values[at], self.base, self.score[at], self.probability[at])

    def leading(self, org_ids: Iterable[str], most: int) -> pd.DataFrame:
        """The features that lower the score of each organisation most: frame org_id, feature (the largest first)."""
        chosen = self.of_orgs(org_ids)
        order = np.argsort(chosen.values, axis=1, kind="stable")[:, :most]
        below = np.take_along_axis(chosen.values, order, axis=1) < 0
        at, place = np.nonzero(below)
        names = np.asarray(self.X.columns, dtype=object)[order[at, place]]
        return pd.DataFrame({"org_id": chosen.org_ids[at].astype("str"), "feature": pd.Series(names, dtype="str")})
