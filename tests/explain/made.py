"""Rows, targets and boosters that the tests of explanations share."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np

QUIET = {
    "objective": "binary",
    "verbosity": -1,
    "num_threads": 1,
    "seed": 3,
    "deterministic": True,
    "min_data_in_leaf": 5,
}


def rows(n: int = 600, features: int = 8, seed: int = 0, missing: float = 0.15) -> np.ndarray:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, features))
    X[:, ::3] = np.round(X[:, ::3] * 2)  # ties and zeros
    X[rng.random(X.shape) < missing] = np.nan
    return X


def with_categories(n: int = 600, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    X = rows(n, seed=seed)
    X[:, 1] = rng.integers(0, 40, n)
    X[:, 4] = rng.integers(0, 3, n)
    X[rng.random(n) < 0.1, 1] = np.nan
    return X


def target(X: np.ndarray, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    filled = np.nan_to_num(X, nan=0.4)
    signal = filled[:, 0] + filled[:, 1] * filled[:, 2] + np.sin(2 * filled[:, 3]) + 0.5 * np.isnan(X[:, 1])
    return (signal + rng.normal(size=len(X)) > 0.8).astype(int)


def grown(X: Any, y: Any, trees: int = 30, categories: Any = "auto", **params: Any) -> lgb.Booster:
    data = lgb.Dataset(X, y, categorical_feature=categories, params={"verbosity": -1})
    return lgb.train(QUIET | {"num_leaves": 15} | params, data, trees)
