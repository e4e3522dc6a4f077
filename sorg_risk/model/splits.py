"""Splits that do not leak: by time with an embargo of one horizon, by organisation, or both at once. Never by row.

A label of day D looks ahead one horizon. So a model that is tested on day T may only learn from days at least a horizon before T:
otherwise its training labels already contain the test period.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, StratifiedKFold

from ..errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEAST_POSITIVES = 25
BY_ORGANISATION, BY_TIME = 0, 1
YEARS = (1800, 2200)


@dataclass(frozen=True)
class Fold:
    """Row positions to learn from and to be tested on; ``kind`` says how they were parted."""

    train: NDArray[np.intp]
    test: NDArray[np.intp]
    kind: int = BY_ORGANISATION


def day_numbers(days: Any) -> NDArray[np.int64]:
    """Days as integers since 1970-01-01: dates, timestamps, ISO text, periods, years, or such integers.

    Whole numbers from 1800 to 2200 are read as years (their last day), other numbers as days already.

    >>> day_numbers(["1970-01-02", "1970-02-01"]).tolist(), day_numbers([1970, 1971]).tolist()
    ([1, 31], [364, 729])

    Raises
    ------
    ModelError
        A day is missing or cannot be read.
    """
    values = pd.Series(np.asarray(days) if not isinstance(days, pd.Series | pd.Index) else days).reset_index(drop=True)
    if values.isna().any():
        raise ModelError("days holds missing values; every row needs its as-of day.")
    if pd.api.types.is_bool_dtype(values.dtype):
        raise ModelError("days holds true and false; give the as-of day of each row.")
    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.end_time
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64)
        if len(numbers) and (numbers % 1 == 0).all() and YEARS[0] <= numbers.min() and numbers.max() <= YEARS[1]:
            ends = (numbers.astype(np.int64) - 1970 + 1).astype("datetime64[Y]").astype("datetime64[D]")
            return ends.astype(np.int64) - 1
        return numbers.astype(np.int64)
    try:
        return np.asarray(pd.to_datetime(values), dtype="datetime64[D]").astype(np.int64)
    except (ValueError, TypeError) as error:
        raise ModelError(f"days cannot be read: {error}; give dates, years, or whole days as numbers.") from None


def embargoed(days: ArrayLike, horizon_days: int, *, first_test_day: int) -> Fold:
    """Learn from days whose labels were complete before the first test day; test on that day and later.

    >>> fold = embargoed([0, 100, 400, 500], 365, first_test_day=400)
    >>> fold.train.tolist(), fold.test.tolist()
    ([0], [2, 3])
    """
    day = day_numbers(days)
    train, test = np.flatnonzero(day + horizon_days <= first_test_day), np.flatnonzero(day >= first_test_day)
    return Fold(train, test, BY_TIME)


def temporal_folds(days: ArrayLike, y: ArrayLike, horizon_days: int, *, most: int = 3) -> list[Fold]:
    """Successive test periods, newest last, each with its embargo; only those with enough events on both sides.

    The periods are equal stretches (by rows) of the days that lie a horizon or more after the first; all rows of a day stay together.
    """
    day, y = day_numbers(days), np.asarray(y, dtype=bool)
    if not len(day):
        return []
    later = day >= day.min() + horizon_days
    if not later.any():
        return []
    edges = np.unique(np.quantile(day[later], np.arange(most) / most, method="lower"))
    folds: list[Fold] = []
    for first, end in zip(edges, [*edges[1:], day.max() + 1], strict=True):
        train = np.flatnonzero(day + horizon_days <= first)
        test = np.flatnonzero((day >= first) & (day < end))
        if min(y[train].sum(), y[test].sum()) >= LEAST_POSITIVES:
            folds.append(Fold(train, test, BY_TIME))
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
