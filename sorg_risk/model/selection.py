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
from scipy.special import expit

from ..errors import ModelError, NotFound
from . import calibration
from .boosting import RECIPES, Nursery, Recipe, Rows
from .scorecard import Scorecard
from .splits import BY_TIME, LEAST_POSITIVES, Fold, day_numbers, organisation_folds, temporal_folds

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .matrix import Columns

MOST_ROWS = 60_000
FEW_ROWS = 20_000  # below, chance is averaged out by repeats and more folds
REPEATS = 2
PARTS = 5
PARTS_OF_MANY = 3
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
    """The decisions, and the held-back margins of the blend (empty where there was too little to hold back).

    ``rows`` are the row of each such margin, ``block`` is 0 where it was held back by organisation and counts the periods held back by time.
    """

    parts: tuple[Part, ...]
    slope: float = 1.0
    rows: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    margin: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    block: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
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
    repeats, parts = (REPEATS, PARTS) if len(y) < FEW_ROWS else (1, PARTS_OF_MANY)
    found = []
    for repeat in range(repeats):
        apart = organisation_folds(y, groups, parts=parts, random_state=random_state + repeat)
        found.append([_at_most(f, random_state) for f in [*apart, *in_time]])
    return found if found[0] else []


def latest(days: ArrayLike | None, rows: int, horizon_days: int) -> NDArray[np.bool_]:
    """Rows of the last horizon of days: the nearest to those that will be scored; all rows where there are no days."""
    if days is None:
        return np.ones(rows, dtype=bool)
    day = day_numbers(days)
    return np.asarray(day > day.max() - horizon_days)


def telling(y: NDArray[np.float64], rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The rows, or none of them where they hold too few events to say where the level is heading."""
    enough = min(y[rows].sum(), (1 - y[rows]).sum()) >= LEAST_POSITIVES
    return rows if enough else np.zeros_like(rows)


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
    y, block = nursery.y, nursery.block
    Z = np.column_stack([calibration.levelled(y, m, block) for m in shown.values()])
    weights = _weights(Z, y, additive)
    blend = np.column_stack(list(shown.values())) @ weights
    losses = {part.name: _loss(y, m, block) for part, m in shown.items()} | {"together": _loss(y, blend, block)}
    return Chosen(
        tuple(
            Part(p.name, float(w), p.recipe, p.rounds, p.penalty) for p, w in zip(shown, weights, strict=True) if w > 0
        ),
        calibration.slope(y, blend, block),
        nursery.rows,
        blend,
        block,
        losses,
        _said(repeats[0]),
    )


def blended(Z: NDArray[np.float64], y: NDArray[np.float64], prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights from 0 up that minimise the log-loss of ``Z @ weights + intercept``, held to the prior by a ridge, scaled to sum to 1."""
    k = len(prior)

    def loss(p: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = Z @ p[:k] + p[k]
        residual = expit(z) - y
        away = p[:k] - prior
        value = float(np.sum(np.logaddexp(0, z) - y * z) + STRENGTH * away @ away)
        return value, np.append(Z.T @ residual + 2 * STRENGTH * away, residual.sum())

    found = minimize(loss, np.append(prior, 0.0), jac=True, method="L-BFGS-B", bounds=[(0, None)] * k + [(None, None)])
    weights = np.asarray(found.x[:k], dtype=np.float64)
    return weights / weights.sum() if weights.sum() > 0 else prior


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
        cards = Scorecard.fit_all(part.M, part.y, columns, PENALTIES, part.weight, part.monotone)
        for penalty, card in zip(PENALTIES, cards, strict=True):
            margins[penalty].append(card.margin(rows.M[fold.test]))
    held = {penalty: np.concatenate(found)[order] for penalty, found in margins.items()}
    best = min(PENALTIES, key=lambda p: _loss(nursery.y, held[p], nursery.block))
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


def _loss(y: NDArray[np.float64], margin: NDArray[np.float64], block: NDArray[np.int64]) -> float:
    """Log-loss of margins once slope and level are put right: what their ranking and spacing are worth."""
    slope, levels = calibration.platt(y, margin, block)
    return calibration.log_loss(y, slope * margin + levels[np.unique(block, return_inverse=True)[1]])


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
