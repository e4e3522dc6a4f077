"""`RiskModel`: the probability that a new ground arises, as a scikit-learn classifier that can be read and trusted.

Fitting reads like this: hold back by time with an embargo (or by organisation, or by strata), let each recipe of small trees and the
weight-of-evidence scorecard show what they are worth there, average them in log-odds by that showing, grow the chosen trees again on
everything with several seeds, and calibrate the probability on what was held back. The ranking always uses the raw score; calibration
touches the probability only. Ties rank by the order of rows given (by organisation in a run).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, InvalidParameterError, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ..errors import ModelError
from ..portable import logistic
from . import calibration, selection
from .boosting import Rows, grow, raw
from .knowledge import HORIZON, SIMULATED, last_knowledge_day
from .labels import as_event
from .matrix import Columns, as_frame, few
from .points import Bands, Scale
from .printed import Printed
from .scorecard import Scorecard

if TYPE_CHECKING:
    from collections.abc import Mapping

    import lightgbm
    from numpy.typing import ArrayLike, NDArray

MOST_BACKGROUND = 1000
SEEDS = 2**31 - 10**6
"""LightGBM takes seeds up to 2**31; those of the boosters are counted on from the model's."""
OF_ONE_FIT = ("trained_on_", "digest_", "self_test_")
"""What is known of a stored model and no longer true once it is fitted again."""


class ParameterError(ModelError, InvalidParameterError):  # type: ignore[misc]
    """A parameter out of its bounds."""


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
        Seed of everything drawn; the same data and seed give the same model. None, or a generator of numpy: a seed is drawn from it at each
        fit and kept as ``random_seed_``.
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
    event
        The label that is foretold. None: 1 of 0 and 1, True of booleans; any other labels must name it (or a function that picks it from the
        sorted labels, such as ``max``).
    max_unseen
        Share of the known cells of a category column whose word was not there at fit (such words count as missing), above which a warning is
        given.

    Attributes
    ----------
    event_
        The label that is foretold.
    last_knowledge_day_ : str or None
        The last day whose news the labels rest on; None where ``fit`` was given no days.
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

    _parameter_constraints: ClassVar[dict[str, list[Any] | str]] = {
        "random_state": ["random_state"],
        "seeds": [Interval(Integral, 1, None, closed="left")],
        "monotone": [StrOptions({"auto"}), dict, None],
        "horizon_days": [Interval(Integral, 1, None, closed="left")],
        "pdo": [Interval(Real, 0, None, closed="neither")],
        "base_points": [Interval(Real, None, None, closed="neither")],
        "base_odds": [Interval(Real, 0, None, closed="neither")],
        "threads": [Interval(Integral, 1, None, closed="left")],
        "additive": ["boolean"],
        "event": "no_validation",
        "max_unseen": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        random_state: int | np.random.RandomState | None = 0,
        *,
        seeds: int = 3,
        monotone: str | dict[str, int] | None = "auto",
        horizon_days: int = 365,
        pdo: float = 40.0,
        base_points: float = 600.0,
        base_odds: float = 20.0,
        threads: int = 2,
        additive: bool = False,
        event: Any = None,
        max_unseen: float = 0.05,
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
        self.event = event
        self.max_unseen = max_unseen

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
            Two labels: 0 and 1, booleans, or any others of which the parameter ``event`` names one.
        days
            As-of day of each row: validation then is on later time with an embargo of one horizon, and the model states its last knowledge
            day, without which it cannot be back-tested.
        groups
            Organisation of each row: validation then never shares one between its sides.
        sample_weight
            Weight of each row.

        Raises
        ------
        ModelError
            A parameter out of bounds, more or fewer than two labels, an event that is not named, lengths that differ, or columns that hold
            neither numbers nor words.
        """
        self._check_parameters()
        frame = self._frame(X, reset=True)
        target = self._target(y, len(frame))
        self._forget()
        self.random_seed_ = _seed(self.random_state)
        self._note_origin(frame, days)
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
        repeats = selection.held_back(target, days, groups, self.horizon_days, self.random_seed_)
        chosen = selection.choose(rows, self.columns_, repeats, additive=self.additive, random_state=self.random_seed_)
        self.members_ = self._grown(rows, chosen)
        apart = chosen.block == 0
        at, held = (chosen.rows[apart], chosen.margin[apart]) if apart.any() else (slice(None), self._margin(rows.M))
        late = selection.latest(days, len(target), self.horizon_days)
        recent = selection.telling(target, late)
        self.platt_ = (chosen.slope, calibration.level(target[at], chosen.slope * held, recent[at]))
        self.bands_ = Bands.of(self.scale.points(held), late[at])
        self.selection_ = chosen.told()
        self.background_ = self.columns_.frame(_good_standing(rows.M, target, self.random_seed_))
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
        """Return scikit-learn's score of the second of `classes_`, 0 where `predict` changes its answer.

        Where the event is the second class (as with 0 and 1) this is the calibrated margin, otherwise its negative.
        """
        return self._log_odds(X) if self._event_place() else -self._log_odds(X)

    def event_probability(self, X: Any) -> NDArray[np.float64]:
        """Return the calibrated probability of the event, whichever of the two classes it is."""
        return logistic(self._log_odds(X))

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return calibrated probabilities, shape (rows, 2), in the order of `classes_`; see also `event_probability`."""
        p = self.event_probability(X)
        return np.column_stack([1.0 - p, p] if self._event_place() else [p, 1.0 - p])

    def unseen(self, X: Any) -> pd.Series:
        """Return, for each category column, the share of its known cells whose word was not there at fit; the largest first."""
        check_is_fitted(self, "members_")
        found = self.columns_.read(self._frame(X, reset=False))[1]
        return pd.Series(found, dtype="float64", name="unseen").sort_values(ascending=False, kind="stable")

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

    def _check_parameters(self) -> None:
        """Raise `ParameterError` for a parameter out of its bounds, by scikit-learn's own validation."""
        try:
            self._validate_params()
        except InvalidParameterError as error:
            raise ParameterError(str(error)) from None
        if isinstance(self.monotone, dict):
            wrong = {name: sign for name, sign in self.monotone.items() if sign not in (-1, 0, 1)}
            if wrong:
                raise ParameterError(f"monotone holds {wrong}; give -1, 0 or 1 for each feature.")

    def _forget(self) -> None:
        """Drop what was true of an earlier fit only."""
        for name in OF_ONE_FIT:
            if hasattr(self, name):
                delattr(self, name)

    def _note_origin(self, frame: pd.DataFrame, days: ArrayLike | None) -> None:
        """Keep what the features' panel and the days say of where the labels come from."""
        horizon = frame.attrs.get(HORIZON, self.horizon_days)
        if horizon != self.horizon_days:
            warnings.warn(
                f"the labels of the panel look {horizon:,} days ahead, the model {self.horizon_days:,}: its probabilities would be told for "
                f"the wrong horizon. Use RiskModel(horizon_days={horizon}).",
                stacklevel=3,
            )
        self.simulated_ = frame.attrs.get(SIMULATED)
        self.last_knowledge_day_ = last_knowledge_day(days, max(horizon, self.horizon_days), frame.attrs)

    def _frame(self, X: Any, *, reset: bool) -> pd.DataFrame:
        """The input as a frame with the model's column names."""
        if isinstance(X, pd.DataFrame) or hasattr(X, "to_pandas") or hasattr(X, "collect"):
            frame = as_frame(X)
            if reset:
                self.n_features_in_ = frame.shape[1]
                self.feature_names_in_ = np.asarray([str(c) for c in frame.columns], dtype=object)
            return frame
        array = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
        names = getattr(self, "feature_names_in_", None)
        return as_frame(array, None if names is None or reset else tuple(names))

    def _matrix(self, X: Any) -> NDArray[np.float64]:
        """The matrix of the rows; columns and words that the model does not know are told."""
        check_is_fitted(self, "members_")
        frame = self._frame(X, reset=False)
        M, unseen = self.columns_.read(frame)
        unknown = self.columns_.unknown(frame.columns)
        if unknown:
            warnings.warn(
                f"{len(unknown)} columns that the model does not know are left out: {few(unknown)}.", stacklevel=4
            )
        if told := self.unseen_words(unseen):
            warnings.warn(told, stacklevel=4)
        return M

    def unseen_words(self, shares: Mapping[str, float]) -> str:
        """Return a sentence on the columns whose share of unseen words (see `unseen`) is above ``max_unseen``; empty where none is."""
        above = [f"{name} {share:.1%}" for name, share in shares.items() if share > self.max_unseen]
        if not above:
            return ""
        return (
            f"words that the model has never seen count as missing: {few(above)} of the known cells (max_unseen is {self.max_unseen:.1%}). "
            "Correct their spelling, or train the model again."
        )

    def _margin(self, M: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.zeros(len(M))
        for member in self.members_:
            total += member.weight * member.margin(M)
        return total

    def _fitted_platt(self) -> tuple[float, float]:
        check_is_fitted(self, "members_")
        return self.platt_

    def _log_odds(self, X: Any) -> NDArray[np.float64]:
        """Calibrated log-odds of the event."""
        a, b = self._fitted_platt()
        return np.asarray(a * self.margin(X) + b)

    def _event_place(self) -> int:
        """Which of `classes_` is the event."""
        check_is_fitted(self, "members_")
        return int(np.flatnonzero(self.classes_ == self.event_)[0])

    def _target(self, y: ArrayLike, rows: int) -> NDArray[np.float64]:
        """The event as 0 and 1."""
        target, classes, place = as_event(y, self.event)
        if len(target) != rows:
            raise ModelError(f"X has {rows} rows and y has {len(target)}; give one label a row.")
        self.classes_, self.event_ = classes, classes[place]
        return target

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
                booster = grow(part.recipe, rows, data, rounds=part.rounds, seed=self.random_seed_ + 1 + k)
                members.append(Member(part.weight / self.seeds, booster=booster))
        return tuple(members)

    def __sklearn_tags__(self) -> Any:
        """Say that missing values and categories are fine and that there are two classes."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags


def _seed(random_state: Any) -> int:
    """The seed itself, or one drawn from a generator; within what LightGBM takes."""
    if isinstance(random_state, Integral):
        return int(random_state) % SEEDS
    return int(check_random_state(random_state).randint(SEEDS))


def _good_standing(M: NDArray[np.float64], y: NDArray[np.float64], random_state: int) -> NDArray[np.float64]:
    """Rows without an event, at most so many, drawn evenly."""
    rows = np.flatnonzero(y == 0)
    if len(rows) > MOST_BACKGROUND:
        rows = np.sort(np.random.default_rng(random_state).choice(rows, MOST_BACKGROUND, replace=False))
    return M[rows]
