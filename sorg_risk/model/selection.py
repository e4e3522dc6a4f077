"""What validation decides: which recipe, how many rounds, how much weight the scorecard gets, and the calibration.

Everything is judged on rows held back by time with an embargo, by organisation, or by strata, never on rows a member has seen. With days
and groups both given, the folds are temporal and the organisations of the test side are also missing from the training side in every
second fold, so that known and unknown organisations both have a say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from ..errors import ModelError, NotFound
from .boosting import RECIPES, Recipe, grow
from .scorecard import Scorecard
from .splits import LEAST_POSITIVES, Fold, organisation_folds, temporal_folds

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .matrix import Columns
    from .risk_model import RiskModel

MOST_ROWS = 150_000
STEPS = np.linspace(0, 1, 11)
PLAIN_ROUNDS = 100


@dataclass(frozen=True)
class Chosen:
    """The decisions, and the held-back margin of the blend (empty where there was too little to hold back)."""

    recipe: Recipe
    rounds: int
    scorecard_weight: float
    platt: tuple[float, float]
    margin: NDArray[np.float64]
    losses: dict[str, float]

    def told(self) -> dict[str, Any]:
        """Plain data for the model card."""
        return {
            "leaves": self.recipe.leaves,
            "rounds": self.rounds,
            "scorecard_weight": self.scorecard_weight,
            "held_back_rows": len(self.margin),
            "log_loss": self.losses,
        }


def folds(
    y: NDArray[np.float64], days: ArrayLike | None, groups: ArrayLike | None, horizon_days: int, random_state: int
) -> list[Fold]:
    """Folds by time where days allow it, else by organisation or strata."""
    for name, given in (("days", days), ("groups", groups)):
        if given is not None and len(np.asarray(given)) != len(y):
            raise ModelError(f"{name} has {len(np.asarray(given))} entries for {len(y)} rows; give one a row.")
    in_time = [] if days is None else temporal_folds(days, y, horizon_days)
    if in_time:
        return in_time if groups is None else [_without_known(f, i, groups, y) for i, f in enumerate(in_time)]
    if y.sum() < LEAST_POSITIVES or (1 - y).sum() < LEAST_POSITIVES:
        return []
    return organisation_folds(y, groups, parts=5, random_state=random_state)


def signs(monotone: str | dict[str, int] | None, columns: Columns) -> list[int] | None:
    """The monotone sign of each column: +1 where the risk may only rise with it."""
    if monotone is None:
        return None
    if isinstance(monotone, str):
        if monotone != "auto":
            raise ModelError(f"monotone={monotone!r}; use 'auto', a mapping of feature to -1, 0 or 1, or None.")
        known = _catalogue_directions()
    else:
        unknown = [name for name in monotone if name not in columns.names]
        if unknown:
            raise NotFound.name("feature in monotone", unknown[0], list(columns.names))
        known = monotone
    found = [0 if name in columns.words else int(known.get(name, 0)) for name in columns.names]
    return found if any(found) else None


def choose(
    M: NDArray[np.float64],
    y: NDArray[np.float64],
    columns: Columns,
    monotone: list[int] | None,
    held: list[Fold],
    model: RiskModel,
    weight: NDArray[np.float64] | None,
) -> Chosen:
    """Let every candidate show its worth on the folds and decide."""
    if not held:
        return Chosen(RECIPES[0], PLAIN_ROUNDS, 0.0, (1.0, 0.0), np.empty(0), {})
    held = [_at_most(fold, model.random_state) for fold in held]
    truth = np.concatenate([y[f.test] for f in held])
    tried = {r: _trees(r, M, y, columns, monotone, held, model, weight) for r in RECIPES}
    losses = {r: log_loss(truth, platt_of(truth, m), m) for r, (m, _) in tried.items()}
    best = min(RECIPES, key=lambda r: losses[r])
    margin, rounds = tried[best]
    card = np.concatenate([Scorecard.fit(M[f.train], y[f.train], columns).margin(M[f.test]) for f in held])
    blend = {float(w): (1 - w) * margin + w * card for w in STEPS}
    worth = {w: log_loss(truth, platt_of(truth, m), m) for w, m in blend.items()}
    weight_of_card = min(worth, key=lambda w: (worth[w], w))
    final = blend[weight_of_card]
    told = {f"trees of {r.leaves} leaves": losses[r] for r in RECIPES}
    told |= {"scorecard": worth[1.0], "blend": worth[weight_of_card]}
    last = len(held[-1].test)
    return Chosen(best, rounds, weight_of_card, platt_of(truth[-last:], final[-last:]), final, told)


def platt_of(y: NDArray[np.float64], margin: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and intercept of the calibration (Platt 1999); never reverses the ranking."""
    if len(np.unique(y)) < 2:
        return 1.0, 0.0
    fitted = LogisticRegression(C=1e4, max_iter=1000).fit(margin[:, None], y)
    slope = float(fitted.coef_[0, 0])
    return (slope, float(fitted.intercept_[0])) if slope > 0 else (1.0, 0.0)


def log_loss(y: NDArray[np.float64], platt: tuple[float, float], margin: NDArray[np.float64]) -> float:
    """Mean log-loss of the calibrated margin."""
    z = platt[0] * margin + platt[1]
    return float(np.mean(np.logaddexp(0, z) - y * z))


def _trees(
    recipe: Recipe,
    M: NDArray[np.float64],
    y: NDArray[np.float64],
    columns: Columns,
    monotone: list[int] | None,
    held: list[Fold],
    model: RiskModel,
    weight: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], int]:
    """Held-back margins of one recipe over the folds, and the rounds it wanted."""
    parts, wanted = [], []
    for fold in held:
        grown = grow(
            recipe,
            M[fold.train],
            y[fold.train],
            categorical=columns.categorical,
            monotone=monotone,
            weight=None if weight is None else weight[fold.train],
            valid=(M[fold.test], y[fold.test]),
            seed=model.random_state,
            threads=model.threads,
        )
        parts.append(grown.margin)
        wanted.append(grown.rounds)
    return np.concatenate(parts), max(10, int(np.median(wanted)))


def _without_known(fold: Fold, i: int, groups: ArrayLike, y: NDArray[np.float64]) -> Fold:
    """In every second fold, learn only from organisations that are not tested (where enough events remain)."""
    if i % 2:
        return fold
    group = np.asarray(groups)
    names = np.unique(group[fold.test])
    kept_back = names[np.arange(len(names)) % 2 == 0]
    train = fold.train[~np.isin(group[fold.train], kept_back)]
    test = fold.test[np.isin(group[fold.test], kept_back)]
    enough = min(y[train].sum(), y[test].sum()) >= LEAST_POSITIVES
    return Fold(train, test) if enough else fold


def _at_most(fold: Fold, random_state: int) -> Fold:
    """A fold of bearable size: rows drawn evenly where there are too many."""
    rng = np.random.default_rng(random_state)

    def drawn(rows: NDArray[np.intp]) -> NDArray[np.intp]:
        return rows if len(rows) <= MOST_ROWS else np.sort(rng.choice(rows, MOST_ROWS, replace=False))

    return Fold(drawn(fold.train), drawn(fold.test))


def _catalogue_directions() -> dict[str, int]:
    from ..features import catalogue

    listed = catalogue()
    return dict(zip(listed["name"].astype(str), listed["direction"].astype(int), strict=True))
