"""Splits that do not leak: by time with an embargo of one horizon, by organisation, or both at once. Never by row.

A label of day D looks ahead one horizon. So a model that is tested on day T may only learn from days at least a horizon before T:
otherwise its training labels already contain the test period.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, StratifiedKFold

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEAST_POSITIVES = 25


@dataclass(frozen=True)
class Fold:
    """Row positions to learn from and to be tested on."""

    train: NDArray[np.intp]
    test: NDArray[np.intp]


def day_numbers(days: ArrayLike | pd.Series) -> NDArray[np.int64]:
    """Days as integers: dates become days since 1970-01-01, numbers are taken to be days already."""
    if np.issubdtype(np.asarray(days).dtype, np.number):
        return np.asarray(days).astype(np.int64)
    return np.asarray(pd.to_datetime(pd.Series(np.asarray(days))), dtype="datetime64[D]").astype(np.int64)


def embargoed(days: ArrayLike, horizon_days: int, *, first_test_day: int) -> Fold:
    """Learn from days whose labels were complete before the first test day; test on that day and later.

    >>> fold = embargoed([0, 100, 400, 500], 365, first_test_day=400)
    >>> fold.train.tolist(), fold.test.tolist()
    ([0], [2, 3])
    """
    day = day_numbers(days)
    return Fold(np.flatnonzero(day + horizon_days <= first_test_day), np.flatnonzero(day >= first_test_day))


def temporal_folds(days: ArrayLike, y: ArrayLike, horizon_days: int, *, most: int = 3) -> list[Fold]:
    """Successive test periods, newest last, each with its embargo; only those with enough events on both sides.

    The periods are the last ``most`` distinct days (or equal stretches of them where there are many).
    """
    day, y = day_numbers(days), np.asarray(y, dtype=bool)
    distinct = np.unique(day)
    later = distinct[distinct >= distinct[0] + horizon_days]
    blocks = [block for block in np.array_split(later, min(most, len(later)) or 1) if len(block)]
    folds: list[Fold] = []
    for block in blocks:
        train = np.flatnonzero(day + horizon_days <= block[0])
        test = np.flatnonzero((day >= block[0]) & (day <= block[-1]))
        if min(y[train].sum(), y[test].sum()) >= LEAST_POSITIVES:
            folds.append(Fold(train, test))
    return folds


def organisation_folds(y: ArrayLike, groups: ArrayLike | None, *, parts: int = 5, random_state: int = 0) -> list[Fold]:
    """Folds by organisation where groups are given, stratified folds otherwise; none where events are too few."""
    y = np.asarray(y, dtype=bool)
    parts = int(min(parts, y.sum(), (~y).sum()))
    if parts < 2:
        return []
    nothing = np.zeros((len(y), 1))
    if groups is not None:
        _, group = np.unique(np.asarray(groups), return_inverse=True)
        if group.max() + 1 < parts:
            return []
        splitter = GroupKFold(parts, shuffle=True, random_state=random_state).split(nothing, y, group)
    else:
        splitter = StratifiedKFold(parts, shuffle=True, random_state=random_state).split(nothing, y)
    return [Fold(train, test) for train, test in splitter]


def half_of_organisations(groups: ArrayLike) -> NDArray[np.bool_]:
    """True for about half of the organisations, by a digest of the name (the same half in every run and on every machine)."""
    names, group = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    hashed = pd.util.hash_array(names.astype(object))
    half: NDArray[np.bool_] = (hashed % 2 == 0)[group]
    return half
