"""`RiskModel`: the probability that a new ground arises, as a scikit-learn classifier that can be read and trusted.

Fitting reads like this: hold back by time with an embargo (or by organisation, or by strata), let each recipe of small trees and the
weight-of-evidence scorecard show what they are worth there, average them in log-odds by that showing, grow the chosen trees again on
everything with several seeds, and calibrate the probability on what was held back. The ranking always uses the raw score; calibration
touches the probability only. Ties rank by the order of rows given (by organisation in a run).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, column_or_1d, validate_data

from ..errors import ModelError
from ..portable import logistic
from . import calibration, selection
from .boosting import Rows, grow, raw
from .matrix import Columns, as_frame
from .points import Bands, Scale
from .printed import Printed
from .scorecard import Scorecard

if TYPE_CHECKING:
    import lightgbm
    from numpy.typing import ArrayLike, NDArray

MOST_BACKGROUND = 1000


@dataclass(frozen=True)
class Member:
    """One part of the ensemble and its weight; exactly one of ``booster`` and ``scorecard`` is set."""

    weight: float
    booster: lightgbm.Booster | None = None
    scorecard: Scorecard | None = None

    def margin(self, M: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds of each row."""
        if self.scorecard is not None:
            return self.scorecard.margin(M)
        assert self.booster is not None
        return raw(self.booster, M)

    def contributions(self, M: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Exact contributions in log-odds (rows, features) and their base."""
        if self.scorecard is not None:
            return self.scorecard.contributions(M), self.scorecard.intercept
        assert self.booster is not None
        shap = np.asarray(self.booster.predict(M, pred_contrib=True), dtype=np.float64)
        return shap[:, :-1], float(shap[0, -1]) if len(shap) else 0.0


class RiskModel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Risk of a new ground within the horizon: regularised LightGBM of several seeds beside a weight-of-evidence scorecard.

    Parameters
    ----------
    random_state
        Seed of everything drawn; the same data and seed give the same model.
    seeds
        Boosters averaged for each chosen recipe.
    monotone
        ``"auto"``: the risk may only rise (fall) with a feature whose catalogue direction is +1 (-1); a mapping of feature to -1, 0, 1; or None.
    horizon_days
        How far ahead a label looks; the embargo of the temporal split.
    pdo, base_points, base_odds
        The points scale: ``base_points`` at ``base_odds`` good to one bad, ``pdo`` points double the odds.
    threads
        Threads of LightGBM; the result does not depend on it.
    additive
        Only the scorecard: a table that can be printed, at some loss of ranking.

    Attributes
    ----------
    members_ : tuple of Member
        Parts averaged in log-odds (`members` without the underscore is the same).
    background_ : DataFrame
        Up to 1,000 training rows without an event, as the columns read them: whom an explanation compares with.
    classes_, n_features_in_, feature_names_in_ : as in scikit-learn.
    selection_ : dict
        What validation chose, and the log-loss it saw.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 3)); y = (X[:, 0] + rng.normal(size=400) > 1).astype(int)
    >>> model = RiskModel(seeds=1).fit(X, y)
    >>> values, base = model.contributions(X)
    >>> bool(np.allclose(values.sum(axis=1) + base, model.margin(X), atol=1e-9))
    True
    """

    def __init__(
        self,
        random_state: int = 0,
        *,
        seeds: int = 3,
        monotone: str | dict[str, int] | None = "auto",
        horizon_days: int = 365,
        pdo: float = 40.0,
        base_points: float = 600.0,
        base_odds: float = 20.0,
        threads: int = 2,
        additive: bool = False,
    ) -> None:
        self.random_state = random_state
        self.seeds = seeds
        self.monotone = monotone
        self.horizon_days = horizon_days
        self.pdo = pdo
        self.base_points = base_points
        self.base_odds = base_odds
        self.threads = threads
        self.additive = additive

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        *,
        days: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Fit on rows of (organisation, day).

        Parameters
        ----------
        X
            Frame or array (rows, features): numbers, booleans, categories; missing values are fine.
        y
            Two classes; the second in sorted order is the event.
        days
            As-of day of each row: validation then is on later time with an embargo of one horizon.
        groups
            Organisation of each row: validation then never shares one between its sides.
        sample_weight
            Weight of each row.

        Raises
        ------
        ModelError
            More or fewer than two classes, or lengths that differ.
        """
        frame = self._frame(X, reset=True)
        target = self._target(y, len(frame))
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, frame)
        self.columns_ = Columns.of(frame)
        rows = Rows(
            self.columns_.matrix(frame),
            target,
            self.columns_.categorical,
            selection.signs(self.monotone, self.columns_),
            weight,
            self.threads,
        )
        repeats = selection.held_back(target, days, groups, self.horizon_days, self.random_state)
        chosen = selection.choose(rows, self.columns_, repeats, additive=self.additive, random_state=self.random_state)
        self.members_ = self._grown(rows, chosen)
        apart = chosen.block == 0
        at, held = (chosen.rows[apart], chosen.margin[apart]) if apart.any() else (slice(None), self._margin(rows.M))
        late = selection.latest(days, len(target), self.horizon_days)
        recent = selection.telling(target, late)
        self.platt_ = (chosen.slope, calibration.level(target[at], chosen.slope * held, recent[at]))
        self.bands_ = Bands.of(self.scale.points(held), late[at])
        self.selection_ = chosen.told()
        self.background_ = self.columns_.frame(_good_standing(rows.M, target, self.random_state))
        return self

    @property
    def members(self) -> tuple[Member, ...]:
        """Parts averaged in log-odds."""
        check_is_fitted(self, "members_")
        return self.members_

    @property
    def scale(self) -> Scale:
        """The straight line from log-odds to points."""
        return Scale.of(self.pdo, self.base_points, self.base_odds)

    @property
    def offset(self) -> float:
        """Points at even odds."""
        return self.scale.offset

    @property
    def factor(self) -> float:
        """Points per unit of log-odds."""
        return self.scale.factor

    def margin(self, X: Any) -> NDArray[np.float64]:
        """Log-odds of the event, before calibration: what ranks (higher is riskier)."""
        return self._margin(self._matrix(X))

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the margin (scikit-learn's name for it), shifted so that 0 is where `predict` changes its answer."""
        a, b = self._fitted_platt()
        return a * self.margin(X) + b

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return calibrated probabilities, shape (rows, 2)."""
        p = logistic(self.decision_function(X))
        return np.column_stack([1.0 - p, p])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likelier class of each row; for a rare event use `points`, `warning` or the ranking instead."""
        later = (self.decision_function(X) > 0).astype(int)
        return np.asarray(self.classes_[later])

    def points(self, X: Any) -> NDArray[np.float64]:
        """Return the score of each row in points: higher is better, never clipped or rounded."""
        return self.scale.points(self.margin(X))

    def warning(self, X: Any) -> NDArray[np.object_]:
        """Return the warning level of each row."""
        return self.warning_of(self.points(X))

    def warning_of(self, points: ArrayLike) -> NDArray[np.object_]:
        """Return the warning level of each score: red, orange, yellow, blue or none."""
        return self.bands_.warning_of(points)

    def grade_of(self, points: ArrayLike) -> NDArray[np.object_]:
        """Return A or B of each score; C and D are the law's."""
        return self.bands_.grade_of(points)

    def contributions(self, X: Any) -> tuple[NDArray[np.float64], float]:
        """Return exact contributions in log-odds (rows, features) and their base; they sum to `margin`."""
        M = self._matrix(X)
        values, base = np.zeros(M.shape), 0.0
        for member in self.members_:
            part, start = member.contributions(M)
            values += member.weight * part
            base += member.weight * start
        return values, base

    def scorecard(self) -> Printed:
        """Return the table of points of an additive model, to read and to print.

        Raises
        ------
        ModelError
            The model holds trees too, which no table of single features can show.
        """
        card = self.members[0].scorecard
        if card is None or len(self.members) > 1:
            raise ModelError("this model holds trees, which no table shows; fit RiskModel(additive=True) for a table.")
        return Printed.of(card, self.columns_, self.scale)

    def save(self, folder: str | Path) -> Path:
        """Write the model as a bundle of text, JSON and digests; returns the folder."""
        from .bundle import save

        return save(self, Path(folder))

    @classmethod
    def load(cls, folder: str | Path, *, trusted: bool = True, public_key: bytes | str | Path | None = None) -> Self:
        """Read a bundle; any changed byte is refused before anything is parsed.

        Parameters
        ----------
        folder
            What `save` or `train` wrote.
        trusted
            False: the bundle comes from elsewhere; a separate process with a time limit reads it first.
        public_key
            Ed25519 key in PEM (bytes or a file): the bundle must be signed by it.
        """
        from .bundle import load

        loaded: Self = load(Path(folder), cls, trusted=trusted, public_key=public_key)
        return loaded

    def _frame(self, X: Any, *, reset: bool) -> pd.DataFrame:
        """The input as a frame with the model's column names."""
        if isinstance(X, pd.DataFrame) or hasattr(X, "to_pandas"):
            frame = as_frame(X)
            if reset:
                self.n_features_in_ = frame.shape[1]
                self.feature_names_in_ = np.asarray([str(c) for c in frame.columns], dtype=object)
            return frame
        array = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
        names = getattr(self, "feature_names_in_", None)
        return as_frame(array, None if names is None or reset else tuple(names))

    def _matrix(self, X: Any) -> NDArray[np.float64]:
        check_is_fitted(self, "members_")
        return self.columns_.matrix(self._frame(X, reset=False))

    def _margin(self, M: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.zeros(len(M))
        for member in self.members_:
            total += member.weight * member.margin(M)
        return total

    def _fitted_platt(self) -> tuple[float, float]:
        check_is_fitted(self, "members_")
        return self.platt_

    def _target(self, y: ArrayLike, rows: int) -> NDArray[np.float64]:
        """The event as 0 and 1."""
        if y is None:
            raise ModelError("RiskModel requires y to be passed, but the target y is None.")
        values = column_or_1d(y, warn=True)
        check_classification_targets(values)
        if len(values) != rows:
            raise ModelError(f"X has {rows} rows and y has {len(values)}; give one label a row.")
        self.classes_, codes = np.unique(values, return_inverse=True)
        if len(self.classes_) > 2:
            raise ModelError(
                f"Only binary classification is supported. The type of the target is {type_of_target(values)}."
            )
        if len(self.classes_) < 2:
            raise ModelError(
                f"RiskModel needs two classes, y holds 1 class: {self.classes_.tolist()}; take a longer period."
            )
        return codes.astype(np.float64)

    def _grown(self, rows: Rows, chosen: selection.Chosen) -> tuple[Member, ...]:
        """The final members, on all rows: the trees of each recipe by seed, and the scorecard where it earned a weight."""
        data = rows.dataset() if any(part.recipe for part in chosen.parts) else None
        members: list[Member] = []
        for part in chosen.parts:
            if part.recipe is None:
                card = Scorecard.fit(
                    rows.M, rows.y, self.columns_, penalty=part.penalty, weight=rows.weight, signs=rows.monotone
                )
                members.append(Member(part.weight, scorecard=card))
                continue
            assert data is not None
            for k in range(self.seeds):
                booster = grow(part.recipe, rows, data, rounds=part.rounds, seed=self.random_state + 1 + k)
                members.append(Member(part.weight / self.seeds, booster=booster))
        return tuple(members)

    def __sklearn_tags__(self) -> Any:
        """Say that missing values and categories are fine and that there are two classes."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags


def _good_standing(M: NDArray[np.float64], y: NDArray[np.float64], random_state: int) -> NDArray[np.float64]:
    """Rows without an event, at most so many, drawn evenly."""
    rows = np.flatnonzero(y == 0)
    if len(rows) > MOST_BACKGROUND:
        rows = np.sort(np.random.default_rng(random_state).choice(rows, MOST_BACKGROUND, replace=False))
    return M[rows]
