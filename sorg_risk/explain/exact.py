"""`ExactExplainer`: contributions that are exact and say what they are relative to.

Without a background the contributions are path-dependent (what LightGBM's own ``pred_contrib`` gives). With a background they are
interventional: compared with all of its rows, usually organisations in good standing. Either way ``expected_value`` plus a row's
contributions is the row's log-odds.

How it is quick: values are binned once against the model's thresholds (`bins`), neighbouring leaves are brought into groups of few joint
classes (`paths`, `groups`), for each class the contributions are worked out once (`cells`, `tables`), and a row then only looks them up
(`lookup`). The price of a row is the same with and without a background, and whatever the background's size.
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError
from ..model import Member, RiskModel
from . import few
from .engine import Engine
from .reading import Reading
from .trees import trees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import shap
    from numpy.typing import NDArray

    from .trees import Tree

BLOCK = 65_536
"""Rows read at a time."""
FEW = 500
"""Up to so many rows LightGBM's own call is quicker than making tables."""
FEW_COMPARED = 1_000
"""The same with a background: up to so many rows the plain way (`few`) costs a second or two, less than compiling for the tables."""
SHALLOW = 16
"""Splits above a leaf up to which LightGBM's own recursion keeps its digits, and up to which the plain way counts its patterns."""


class ExactExplainer:
    """Explain a LightGBM booster or a `RiskModel` exactly.

    Parameters
    ----------
    model
        A ``lightgbm.Booster`` of one output, a scikit-learn wrapper of one, or a fitted `RiskModel` (its members are averaged in
        log-odds, so their contributions are too).
    background
        None: path-dependent. A frame or array: interventional, relative to the mean of all of its rows (none is left out).
    cache
        Folder to keep tables in: made once, read and checked the next time. None: they are made when needed.
    threads
        Threads to use; the result does not depend on it.

    Attributes
    ----------
    expected_value : float
        Log-odds from which the contributions start.
    forest, reading, background, engine
        The trees (leaf values weighted), how rows are read, the rows compared with as one matrix or None, and the tables.

    Notes
    -----
    What is explained is ``booster.predict(X, raw_score=True)``, up to the best iteration where training stopped early. Of a random forest
    (``boosting="rf"``) LightGBM's raw score is the sum of the trees, not their mean. Linear trees and several outputs are refused.

    Examples
    --------
    >>> import numpy as np
    >>> import sorg_risk as sr
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 3)); y = (X[:, 0] + rng.normal(size=300) > 0).astype(int)
    >>> model = sr.RiskModel(seeds=1).fit(X, y)
    >>> explainer = sr.ExactExplainer(model)
    >>> bool(np.allclose(explainer.shap_values(X).sum(axis=1) + explainer.expected_value, model.margin(X), atol=1e-9))
    True
    """

    def __init__(
        self, model: Any, background: Any = None, *, cache: str | Path | None = None, threads: int | None = None
    ) -> None:
        self._members, self.reading = _parts(model)
        self.background = None if background is None else self.reading.matrix(background)
        if self.background is not None and not len(self.background):
            raise ModelError("the background has no rows; give the organisations to compare with, or None.")
        self.forest = [tree for m in self._members if m.booster is not None for tree in trees(m.booster, m.weight)]
        self.engine = Engine(
            self.forest, len(self.feature_names), self.background, threads or len(os.sched_getaffinity(0)), cache
        )
        self.expected_value = self._base()

    @property
    def feature_names(self) -> list[str]:
        """Names of the features, in the order of the contributions."""
        return list(self.reading.names)

    def prepare(self) -> ExactExplainer:
        """Make the tables now; from then on they also serve the smallest calls."""
        self.engine.prepare()
        return self

    def shap_values(self, X: Any) -> NDArray[np.float64]:
        """Return contributions in log-odds, shape (rows, features); with `expected_value` they sum to the raw score."""
        out = np.zeros((self.reading.count(X), len(self.feature_names)))
        for begin, values in self._explained(X, BLOCK):
            out[begin : begin + len(values)] = values
        return out

    def blocks(self, X: Any, size: int = BLOCK) -> Iterator[NDArray[np.float64]]:
        """Yield the contributions of ``size`` rows at a time, for more rows than memory holds."""
        for _begin, values in self._explained(X, size):
            yield values

    def __call__(self, X: Any) -> shap.Explanation:
        """Return a ``shap.Explanation`` that shap's plots draw."""
        import shap

        values = self.shap_values(X)
        return shap.Explanation(
            values=values,
            base_values=np.full(len(values), self.expected_value),
            data=self.reading.matrix(X),
            feature_names=self.feature_names,
        )

    def _explained(self, X: Any, size: int) -> Iterator[tuple[int, NDArray[np.float64]]]:
        explain = self._way(self.reading.count(X))
        for begin, M in self.reading.blocks(X, size):
            values = explain(M)
            if any(m.scorecard is not None for m in self._members):
                values += self.additive(M)
            yield begin, values

    def _way(self, rows: int) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        """The quickest of the exact ways for so many rows; small jobs neither prepare nor compile anything."""
        if self.engine.ready or self.engine.deepest > SHALLOW:
            return self.engine.contributions
        if self.background is None:
            return self._by_lightgbm if rows <= FEW else self.engine.contributions
        return self._few if rows <= FEW_COMPARED else self.engine.contributions

    def _few(self, M: NDArray[np.float64]) -> NDArray[np.float64]:
        assert self.background is not None
        return few.contributions(self.forest, M, self.background)

    def _by_lightgbm(self, M: NDArray[np.float64]) -> NDArray[np.float64]:
        found = np.zeros(M.shape)
        for m in self._members:
            if m.booster is not None:
                found += m.weight * np.asarray(m.booster.predict(M, pred_contrib=True), dtype=np.float64)[:, :-1]
        return found

    def additive(self, M: NDArray[np.float64]) -> NDArray[np.float64]:
        """Contributions of the scorecards: already a sum over features."""
        found = np.zeros(M.shape)
        for m in self._members:
            if m.scorecard is not None:
                start = 0.0 if self.background is None else m.scorecard.contributions(self.background).mean(axis=0)
                found += m.weight * (m.scorecard.contributions(M) - start)
        return found

    def _base(self) -> float:
        """The mean score of the background, or the trees' own mean over the training rows."""
        if self.background is not None:
            return float(sum(m.weight * m.margin(self.background).mean() for m in self._members))
        cards = sum(m.weight * m.scorecard.intercept for m in self._members if m.scorecard is not None)
        return float(cards + sum(_mean(tree) for tree in self.forest))


def _mean(tree: Tree) -> float:
    """The mean of a tree's leaves over its training rows."""
    if len(tree.value) == 1:
        return float(tree.value[0])
    return math.fsum(tree.value * (tree.leaf_cover / tree.cover[0])) if tree.cover[0] > 0 else 0.0


def _parts(model: Any) -> tuple[tuple[Member, ...], Reading]:
    """The members of anything explainable, and how they read rows."""
    if isinstance(model, RiskModel):
        return model.members, Reading(tuple(model.columns_.names), model.columns_)
    booster = getattr(model, "booster_", model)
    if not hasattr(booster, "model_to_string"):
        raise ModelError(f"{type(model).__name__} cannot be explained; give a LightGBM booster or a fitted RiskModel.")
    return (Member(1.0, booster=booster),), Reading.of_booster(booster)
