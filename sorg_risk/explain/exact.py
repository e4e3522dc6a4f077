"""`ExactExplainer`: contributions that are exact and say what they are relative to.

Without a background the contributions are path-dependent (LightGBM's own TreeSHAP, the reference of every other engine). With a
background they are interventional: compared with the organisations given, usually those in good standing. Either way ``expected_value``
plus a row's contributions is the row's log-odds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError
from ..model import Member, RiskModel
from ..model.matrix import Columns, as_frame
from .interventional import interventional

if TYPE_CHECKING:
    import lightgbm
    import shap
    from numpy.typing import NDArray


@dataclass(frozen=True)
class _Parts:
    """What every explained thing is: members, columns to read, and the names shown."""

    members: tuple[Member, ...]
    columns: Columns | None
    names: list[str]

    def matrix(self, X: Any) -> NDArray[np.float64]:
        """The rows as the members read them."""
        if self.columns is not None:
            return self.columns.matrix(as_frame(X, self.columns.names))
        return np.ascontiguousarray(as_frame(X).to_numpy(dtype=np.float64))


class ExactExplainer:
    """Explain a LightGBM booster or a `RiskModel` exactly.

    Parameters
    ----------
    model
        A ``lightgbm.Booster`` of one output, a scikit-learn wrapper of one, or a fitted `RiskModel` (its members are averaged in
        log-odds, so their contributions are too).
    background
        None: path-dependent. A frame or array: interventional, relative to all of its rows.

    Attributes
    ----------
    expected_value : float
        Log-odds from which the contributions start.

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

    def __init__(self, model: lightgbm.Booster | RiskModel | Any, background: Any = None) -> None:
        self._parts = _parts(model)
        self._background = None if background is None else self._parts.matrix(background)
        if self._background is not None and not len(self._background):
            raise ModelError("the background has no rows; give the organisations to compare with, or None.")
        self.expected_value = self._base()

    @property
    def feature_names(self) -> list[str]:
        """Names of the features, in the order of the contributions."""
        return self._parts.names

    def shap_values(self, X: Any) -> NDArray[np.float64]:
        """Return contributions in log-odds, shape (rows, features); with `expected_value` they sum to the raw score."""
        M = self._parts.matrix(X)
        values = np.zeros(M.shape)
        for member in self._parts.members:
            part, _base = (
                member.contributions(M) if self._background is None else interventional(member, M, self._background)
            )
            values += member.weight * part
        return values

    def __call__(self, X: Any) -> shap.Explanation:
        """Return a ``shap.Explanation`` that shap's plots draw."""
        import shap

        values = self.shap_values(X)
        return shap.Explanation(
            values=values,
            base_values=np.full(len(values), self.expected_value),
            data=self._parts.matrix(X),
            feature_names=self.feature_names,
        )

    def _base(self) -> float:
        """The start of every row's contributions: the mean score of the background, or the trees' own base."""
        if self._background is not None:
            return float(sum(m.weight * m.margin(self._background).mean() for m in self._parts.members))
        row = np.zeros((1, len(self.feature_names)))
        return float(sum(m.weight * m.contributions(row)[1] for m in self._parts.members))


def _parts(model: Any) -> _Parts:
    """The members of anything explainable."""
    if isinstance(model, RiskModel):
        return _Parts(model.members, model.columns_, list(model.columns_.names))
    booster = getattr(model, "booster_", model)
    if not hasattr(booster, "model_to_string"):
        raise ModelError(f"{type(model).__name__} cannot be explained; give a LightGBM booster or a fitted RiskModel.")
    if booster.num_model_per_iteration() != 1:
        raise ModelError("the booster has several outputs; only a model of one output can be explained.")
    return _Parts((Member(1.0, booster=booster),), None, list(booster.feature_name()))
