"""The boosted trees of the model: small, regularised, deterministic, averaged over seeds.

Rare events on small noisy panels punish default settings, so every candidate here has few leaves, depth at most 8, strong shrinkage of
leaf values and column and row sampling; validation picks among them and says when to stop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import lightgbm
    from numpy.typing import NDArray

ROUNDS = 600
PATIENCE = 60
MAX_DEPTH = 8
WORTH_THREADS = 20_000  # below, threads wait for each other longer than they work


@dataclass(frozen=True)
class Recipe:
    """One candidate setting of the trees."""

    leaves: int
    min_rows: int
    shrink: float
    columns: float
    rate: float = 0.03

    def params(
        self, rows: int, positives: float, seed: int, monotone: list[int] | None, threads: int
    ) -> dict[str, Any]:
        """LightGBM's parameters, with the least rows of a leaf fitted to the size of the data."""
        least = int(np.clip(self.min_rows, 1, max(1, rows // 20)))
        found: dict[str, Any] = {
            "objective": "binary",
            "num_leaves": self.leaves,
            "max_depth": MAX_DEPTH,
            "min_data_in_leaf": least,
            "min_sum_hessian_in_leaf": 1e-3 if positives < 50 else 1.0,
            "lambda_l2": self.shrink,
            "feature_fraction": self.columns,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "learning_rate": self.rate,
            "max_bin": 127,
            "cat_smooth": 20.0,
            "cat_l2": 20.0,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": threads if rows >= WORTH_THREADS else 1,
            "feature_pre_filter": False,
            "verbosity": -1,
        }
        if monotone is not None and any(monotone):
            found |= {"monotone_constraints": monotone, "monotone_constraints_method": "basic"}
        return found


RECIPES = (
    Recipe(leaves=4, min_rows=60, shrink=10.0, columns=0.35),
    Recipe(leaves=8, min_rows=40, shrink=20.0, columns=0.35),
    Recipe(leaves=16, min_rows=30, shrink=10.0, columns=0.5),
    Recipe(leaves=31, min_rows=20, shrink=5.0, columns=0.6, rate=0.04),
)


@dataclass(frozen=True)
class Grown:
    """A booster and how its validation went."""

    booster: lightgbm.Booster
    rounds: int
    margin: NDArray[np.float64]


def grow(
    recipe: Recipe,
    M: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    categorical: list[int],
    monotone: list[int] | None = None,
    weight: NDArray[np.float64] | None = None,
    rounds: int = ROUNDS,
    valid: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
    seed: int = 0,
    threads: int = 2,
) -> Grown:
    """Grow one booster; with ``valid`` stop early on its log-loss and return its margin there."""
    import lightgbm as lgb

    params = recipe.params(len(y), float(y.sum()), seed, monotone, threads)
    plain = [f"f{i}" for i in range(M.shape[1])]
    data = lgb.Dataset(M, y, weight=weight, categorical_feature=categorical, feature_name=plain, params=params)
    if valid is None:
        booster = lgb.train(params, data, num_boost_round=rounds)
        return Grown(booster, rounds, np.empty(0))
    held = lgb.Dataset(valid[0], valid[1], reference=data, params=params)
    booster = lgb.train(
        params, data, num_boost_round=rounds, valid_sets=[held], callbacks=[lgb.early_stopping(PATIENCE, verbose=False)]
    )
    best = max(1, booster.best_iteration)
    return Grown(booster, best, raw(booster, valid[0], best))


def raw(booster: lightgbm.Booster, M: NDArray[np.float64], rounds: int | None = None) -> NDArray[np.float64]:
    """Log-odds of each row."""
    return np.asarray(booster.predict(M, raw_score=True, num_iteration=rounds), dtype=np.float64)
