"""The boosted trees of the model: small, regularised, deterministic, of several kinds, averaged over seeds.

Rare events on small noisy panels punish default settings, so every kind here has depth at most 8, column and row sampling, and either few
leaves with strong shrinkage or few rounds. Two kinds pick the best threshold and two a random one (extremely randomised trees, Geurts 2006):
their errors differ, and the average of all is better than any. Deep trees remember single organisations, which helps where they are met again;
small ones carry over to others. How long each grows is decided on rows held back, all folds growing in step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .calibration import levelled, log_loss

if TYPE_CHECKING:
    import lightgbm
    from numpy.typing import NDArray

    from .splits import Fold

MAX_DEPTH = 8
MOST_ROUNDS = 600
STEP = 10
PATIENCE = 60
WORTH_THREADS = (
    300_000  # below, threads wait for each other longer than they work; on a busy machine a hundred times longer
)
MANY_ROWS = 100_000  # above, a part of the rows for each tree is enough


def worth_threads(rows: int, threads: int = 2) -> int:
    """So many threads, or one where the rows are few; LightGBM keeps the number of its last call, so every call says it."""
    return threads if rows >= WORTH_THREADS else 1


@dataclass(frozen=True)
class Recipe:
    """One kind of trees."""

    name: str
    leaves: int
    min_rows: int
    shrink: float
    columns: float
    rate: float
    random_cuts: bool = False

    def params(self, rows: int, seed: int, monotone: list[int] | None, threads: int) -> dict[str, Any]:
        """LightGBM's parameters, with the least rows of a leaf fitted to the size of the data."""
        found: dict[str, Any] = DATA_PARAMS | {
            "objective": "binary",
            "num_leaves": self.leaves,
            "max_depth": MAX_DEPTH,
            "min_data_in_leaf": int(np.clip(self.min_rows, 1, max(1, rows // 20))),
            "min_sum_hessian_in_leaf": 1e-3,
            "lambda_l2": self.shrink,
            "feature_fraction": self.columns,
            "bagging_fraction": float(np.clip(0.8 * MANY_ROWS / max(rows, 1), 0.2, 0.8)),
            "bagging_freq": 1,
            "learning_rate": self.rate,
            "extra_trees": self.random_cuts,
            "cat_smooth": 20.0,
            "cat_l2": 20.0,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": worth_threads(rows, threads),
        }
        if monotone is not None and any(monotone):
            found |= {"monotone_constraints": monotone, "monotone_constraints_method": "basic"}
        return found


DATA_PARAMS: dict[str, Any] = {"max_bin": 127, "feature_pre_filter": False, "verbosity": -1}
RECIPES = (
    Recipe("small trees", leaves=8, min_rows=40, shrink=20.0, columns=0.35, rate=0.06),
    Recipe("deep trees", leaves=63, min_rows=3, shrink=0.1, columns=0.5, rate=0.06),
    Recipe("small random trees", leaves=8, min_rows=30, shrink=10.0, columns=0.5, rate=0.1, random_cuts=True),
    Recipe("large random trees", leaves=31, min_rows=5, shrink=1.0, columns=0.5, rate=0.1, random_cuts=True),
)


@dataclass(frozen=True)
class Rows:
    """What every booster of a fit reads: matrix, target, weights, and what is known of the columns."""

    M: NDArray[np.float64]
    y: NDArray[np.float64]
    categorical: list[int] = field(default_factory=list)
    monotone: list[int] | None = None
    weight: NDArray[np.float64] | None = None
    threads: int = 2

    @property
    def worth_threads(self) -> int:
        """Threads that pay at this size."""
        return worth_threads(len(self.y), self.threads)

    def part(self, rows: NDArray[np.intp]) -> Rows:
        """Some rows."""
        weight = None if self.weight is None else self.weight[rows]
        return Rows(self.M[rows], self.y[rows], self.categorical, self.monotone, weight, self.threads)

    def dataset(self) -> lightgbm.Dataset:
        """LightGBM's binned copy, which every recipe can share."""
        import lightgbm

        names = [f"f{i}" for i in range(self.M.shape[1])]
        params = DATA_PARAMS | {"num_threads": self.worth_threads}
        made = lightgbm.Dataset(
            self.M,
            self.y,
            weight=self.weight,
            categorical_feature=self.categorical,
            feature_name=names,
            params=params,
            free_raw_data=False,
        )
        return made.construct()


@dataclass(frozen=True)
class Shown:
    """What a recipe showed on rows held back: their margins in the order of the folds, its rounds, and the loss there."""

    margin: NDArray[np.float64]
    rounds: int


class Nursery:
    """Grows recipes on all folds in step; the binned data of each fold is made once.

    ``repeats`` are lists of folds that hold back the same rows (each its own way): the margins of a row are averaged over them, as those of the
    final boosters are over seeds, so that what is judged is what will be used.
    """

    def __init__(self, rows: Rows, repeats: list[list[Fold]]) -> None:
        self._parts = [(rows.part(f.train), rows.M[f.test], r) for r, folds in enumerate(repeats) for f in folds]
        self._data = [part.dataset() for part, _, _ in self._parts]
        self._order = [np.argsort(_slots(folds), kind="stable") for folds in repeats]
        self.order_of_first = self._order[0]
        first = repeats[0]
        self.rows = np.concatenate([f.test for f in first])[self.order_of_first]
        self.block = np.concatenate([np.full(len(f.test), b) for f, b in zip(first, _blocks(first), strict=True)])
        self.block = self.block[self.order_of_first]
        self.y = rows.y[self.rows]

    def show(self, recipe: Recipe, seed: int) -> Shown:
        """Margins held back at the number of rounds where their log-loss is least."""
        import lightgbm

        boosters = [
            lightgbm.Booster(recipe.params(len(part.y), seed + r, part.monotone, part.threads), data)
            for (part, _, r), data in zip(self._parts, self._data, strict=True)
        ]
        margin = np.zeros(len(self.rows))
        best, kept, rounds = np.inf, margin, STEP
        for done in range(STEP, MOST_ROUNDS + 1, STEP):
            margin = margin + self._grown(boosters, done)
            loss = log_loss(self.y, levelled(self.y, margin, self.block))
            if loss < best:
                best, kept, rounds = loss, margin, done
            elif done - rounds >= PATIENCE:
                break
        return Shown(kept, rounds)

    def _grown(self, boosters: list[lightgbm.Booster], done: int) -> NDArray[np.float64]:
        """One more step of every booster: what it adds to the margins held back, averaged over the repeats."""
        added: list[list[NDArray[np.float64]]] = [[] for _ in self._order]
        for booster, (_, held, repeat) in zip(boosters, self._parts, strict=True):
            for _round in range(STEP):
                booster.update()
            added[repeat].append(_raw(booster, held, done - STEP, STEP))
        whole = [np.concatenate(parts)[order] for parts, order in zip(added, self._order, strict=True)]
        return np.asarray(np.mean(whole, axis=0))


def grow(recipe: Recipe, rows: Rows, data: lightgbm.Dataset, *, rounds: int, seed: int) -> lightgbm.Booster:
    """Grow one booster on all rows."""
    import lightgbm

    return lightgbm.train(recipe.params(len(rows.y), seed, rows.monotone, rows.threads), data, num_boost_round=rounds)


def raw(booster: lightgbm.Booster, M: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds of each row."""
    return _raw(booster, M, 0, -1)


def _raw(booster: lightgbm.Booster, M: NDArray[np.float64], start: int, count: int) -> NDArray[np.float64]:
    found = booster.predict(
        M, raw_score=True, start_iteration=start, num_iteration=count, num_threads=worth_threads(len(M))
    )
    return np.asarray(found, dtype=np.float64)


def _blocks(folds: list[Fold]) -> list[int]:
    """0 for every fold of organisations (together they are one block), then one number for each period."""
    return [0 if not f.kind else 1 + i for i, f in enumerate(folds)]


def _slots(folds: list[Fold]) -> NDArray[np.int64]:
    """A number for each held-back row that is the same in every repeat, whatever fold it fell in."""
    most = max(int(f.test.max(initial=0)) for f in folds) + 1
    return np.concatenate([f.test + most * f.kind for f in folds])
