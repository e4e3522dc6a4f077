"""What validation decides: how long each kind of trees grows, how much weight each part gets, and the calibration.

Everything is judged on rows held back: by organisation (for those the model has not met) and by time with an embargo of one horizon (for those
it has), never on rows a member has seen. The parts are averaged in log-odds with weights that start out even and move only as far as the
held-back rows insist: with few events the even average is hard to beat, and choosing the apparent best is how it is usually lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize

from ..errors import ModelError, NotFound
from .boosting import RECIPES, Nursery, Recipe, Rows
from .scorecard import Scorecard
from .splits import BY_TIME, LEAST_POSITIVES, Fold, organisation_folds, temporal_folds

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .matrix import Columns

MOST_ROWS = 60_000
REPEATS_BELOW = 20_000
REPEATS = 2
PLAIN_ROUNDS = 60
STRENGTH = 50.0
SHARE_OF_CARD = 0.1
LEAST_WEIGHT = 0.04
PENALTIES = (1.0, 0.1, 0.01)


@dataclass(frozen=True)
class Part:
    """One kind of member with its weight: trees of a recipe for so many rounds, or (without a recipe) a scorecard of that penalty."""

    name: str
    weight: float
    recipe: Recipe | None = None
    rounds: int = 0
    penalty: float = 1.0


@dataclass(frozen=True)
class Chosen:
    """The decisions, and the held-back margins of the blend with their truth (empty where there was too little to hold back)."""

    parts: tuple[Part, ...]
    platt: tuple[float, float] = (1.0, 0.0)
    margin: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    losses: dict[str, float] = field(default_factory=dict)
    held: str = "nothing: too few events"

    def told(self) -> dict[str, Any]:
        """Plain data for the model card."""
        return {
            "parts": [{"name": p.name, "weight": p.weight, "rounds": p.rounds} for p in self.parts],
            "held_back_rows": len(self.margin),
            "held_back_by": self.held,
            "log_loss": self.losses,
        }


def held_back(
    y: NDArray[np.float64],
    days: ArrayLike | None,
    groups: ArrayLike | None,
    horizon_days: int,
    random_state: int,
) -> list[list[Fold]]:
    """Repeats of folds: by organisation (strata without groups) and, where days allow it, by time."""
    for name, given in (("days", days), ("groups", groups)):
        if given is not None and len(np.asarray(given)) != len(y):
            raise ModelError(f"{name} has {len(np.asarray(given))} entries for {len(y)} rows; give one a row.")
    if min(y.sum(), (1 - y).sum()) < LEAST_POSITIVES:
        return []
    in_time = [] if days is None else temporal_folds(days, y, horizon_days)
    if in_time and groups is None:
        return [[_at_most(f, random_state) for f in in_time]]
    repeats = REPEATS if len(y) < REPEATS_BELOW else 1
    found = []
    for repeat in range(repeats):
        apart = organisation_folds(y, groups, random_state=random_state + repeat)
        found.append([_at_most(f, random_state) for f in [*apart, *in_time]])
    return found if found[0] else []


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


def choose(rows: Rows, columns: Columns, repeats: list[list[Fold]], *, additive: bool, random_state: int) -> Chosen:
    """Let every part show its worth on the rows held back, and decide."""
    if not repeats:
        return _without_validation(additive)
    shown: dict[Part, NDArray[np.float64]] = {}
    nursery = Nursery(rows, repeats)
    for recipe in () if additive else RECIPES:
        one = nursery.show(recipe, random_state)
        shown[Part(recipe.name, 0.0, recipe, one.rounds)] = one.margin
    card, margin = _best_card(rows, columns, repeats[0], nursery)
    shown[card] = margin
    weights = _weights(np.column_stack(list(shown.values())), nursery.y, additive)
    blend = np.column_stack(list(shown.values())) @ weights
    losses = {part.name: log_loss(nursery.y, platt_of(nursery.y, m), m) for part, m in shown.items()}
    losses["together"] = log_loss(nursery.y, platt_of(nursery.y, blend), blend)
    late = _calibration_rows(repeats[0], nursery.rows)
    return Chosen(
        tuple(
            Part(p.name, float(w), p.recipe, p.rounds, p.penalty) for p, w in zip(shown, weights, strict=True) if w > 0
        ),
        platt_of(nursery.y[late], blend[late]),
        blend,
        losses,
        _said(repeats[0]),
    )


def blended(Z: NDArray[np.float64], y: NDArray[np.float64], prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights from 0 up that minimise the log-loss of ``Z @ weights + intercept``, held to the prior by a ridge, scaled to sum to 1."""
    k = len(prior)

    def loss(p: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = Z @ p[:k] + p[k]
        residual = 1 / (1 + np.exp(-z)) - y
        away = p[:k] - prior
        value = float(np.sum(np.logaddexp(0, z) - y * z) + STRENGTH * away @ away)
        return value, np.append(Z.T @ residual + 2 * STRENGTH * away, residual.sum())

    found = minimize(loss, np.append(prior, 0.0), jac=True, method="L-BFGS-B", bounds=[(0, None)] * k + [(None, None)])
    weights = np.asarray(found.x[:k], dtype=np.float64)
    return weights / weights.sum() if weights.sum() > 0 else prior


def platt_of(y: NDArray[np.float64], margin: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and intercept of the calibration (Platt 1999), held to slope 1 by a weak ridge; never reverses the ranking."""

    def loss(p: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = p[0] * margin + p[1]
        residual = 1 / (1 + np.exp(-z)) - y
        value = float(np.sum(np.logaddexp(0, z) - y * z) + (p[0] - 1) ** 2)
        return value, np.array([residual @ margin + 2 * (p[0] - 1), residual.sum()])

    if len(np.unique(y)) < 2:
        return 1.0, 0.0
    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(1e-3, None), (None, None)])
    return float(found.x[0]), float(found.x[1])


def log_loss(y: NDArray[np.float64], platt: tuple[float, float], margin: NDArray[np.float64]) -> float:
    """Mean log-loss of the calibrated margin."""
    z = platt[0] * margin + platt[1]
    return float(np.mean(np.logaddexp(0, z) - y * z))


def _without_validation(additive: bool) -> Chosen:
    """Too few events to hold any back: the even average at a cautious size."""
    if additive:
        return Chosen((Part("scorecard", 1.0, penalty=PENALTIES[-1]),))
    return Chosen(tuple(Part(r.name, 1 / len(RECIPES), r, PLAIN_ROUNDS) for r in RECIPES))


def _best_card(rows: Rows, columns: Columns, folds: list[Fold], nursery: Nursery) -> tuple[Part, NDArray[np.float64]]:
    """The scorecard at the penalty that holds up best, and its margins in the nursery's order."""
    order = nursery.order_of_first
    margins: dict[float, list[NDArray[np.float64]]] = {penalty: [] for penalty in PENALTIES}
    for fold in folds:
        part = rows.part(fold.train)
        cards = Scorecard.fit_all(part.M, part.y, columns, PENALTIES, part.weight)
        for penalty, card in zip(PENALTIES, cards, strict=True):
            margins[penalty].append(card.margin(rows.M[fold.test]))
    held = {penalty: np.concatenate(found)[order] for penalty, found in margins.items()}
    best = min(PENALTIES, key=lambda p: log_loss(nursery.y, platt_of(nursery.y, held[p]), held[p]))
    return Part("scorecard", 0.0, penalty=best), held[best]


def _weights(Z: NDArray[np.float64], y: NDArray[np.float64], additive: bool) -> NDArray[np.float64]:
    """Weights of the parts (the last is the scorecard); parts that hardly count are left out."""
    if additive:
        return np.ones(1)
    trees = Z.shape[1] - 1
    prior = np.append(np.full(trees, (1 - SHARE_OF_CARD) / trees), SHARE_OF_CARD)
    weights = blended(Z, y, prior)
    weights = np.where(weights < LEAST_WEIGHT, 0.0, weights)
    return np.asarray(weights / weights.sum())


def _calibration_rows(folds: list[Fold], rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Held-back rows that calibrate: those of the embargoed periods where there are any, else all. They come last in the nursery's order."""
    late = sum(len(f.test) for f in folds if f.kind == BY_TIME)
    chosen = np.zeros(len(rows), dtype=bool)
    chosen[-late:] = True
    return chosen


def _said(folds: list[Fold]) -> str:
    time = sum(f.kind == BY_TIME for f in folds)
    return " and ".join(
        ([f"{len(folds) - time} folds of organisations or strata"] if len(folds) > time else [])
        + ([f"{time} periods of later time with an embargo"] if time else [])
    )


def _at_most(fold: Fold, random_state: int) -> Fold:
    """A fold of bearable size: rows drawn evenly where there are too many."""
    rng = np.random.default_rng(random_state)

    def drawn(rows: NDArray[np.intp]) -> NDArray[np.intp]:
        return rows if len(rows) <= MOST_ROWS else np.sort(rng.choice(rows, MOST_ROWS, replace=False))

    return Fold(drawn(fold.train), drawn(fold.test), fold.kind)


def _catalogue_directions() -> dict[str, int]:
    from ..features import catalogue

    listed = catalogue()
    return dict(zip(listed["name"].astype(str), listed["direction"].astype(int), strict=True))
