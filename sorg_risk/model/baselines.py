"""What a model has to beat: rules an officer could use without any model, a scorecard, LightGBM as it comes, and chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit

from .boosting import worth_threads
from .matrix import Columns
from .scorecard import Scorecard

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .panel import Panel

    Risk = tuple[NDArray[np.float64], NDArray[np.float64] | None]

PAST_LATE = ("reports_late_1095d", "filings_late_1095d")
SHRINK = 20.0


def baselines(train: Panel, test: Panel, random_state: int = 0) -> dict[str, Risk]:
    """Every baseline's risk on the test rows, with a probability where it has one."""
    chance = np.random.default_rng(random_state).random(len(test))
    return {
        "two-field rule": (two_fields(test.X), None),
        "type x district": group_rate(train, test),
        "scorecard": scorecard(train, test),
        "lightgbm": plain_lightgbm(train, test),
        "random inspection": (chance, None),
    }


def two_fields(X: pd.DataFrame) -> NDArray[np.float64]:
    """Late before, and how often: the sum of the counts of past lateness at hand (a constant where there are none).

    >>> two_fields(pd.DataFrame({"reports_late_1095d": [0.0, 2.0, None]}))
    array([0., 2., 0.])
    """
    counts = [np.nan_to_num(X[c].to_numpy(dtype=np.float64)) for c in PAST_LATE if c in X]
    return np.sum(counts, axis=0) if counts else np.zeros(len(X))


def group_rate(train: Panel, test: Panel) -> Risk:
    """The training rate of the same type and district (province where that is all there is), shrunk to the overall rate."""
    keys = [c for c in ("org_type", "county", "district", "province") if c in train.X][:2]
    overall = float(train.y.mean())
    if not keys:
        constant = np.full(len(test), overall)
        return constant, constant
    sums = pd.Series(train.y).groupby(_key(train.X, keys)).agg(["sum", "count"])
    rate = (sums["sum"] + SHRINK * overall) / (sums["count"] + SHRINK)
    risk = pd.Series(_key(test.X, keys)).map(rate).fillna(overall).to_numpy(dtype=np.float64)
    return risk, risk


def scorecard(train: Panel, test: Panel) -> Risk:
    """A weight-of-evidence scorecard of all features."""
    columns = Columns.of(train.X)
    card = Scorecard.fit(columns.matrix(train.X), train.y.astype(np.float64), columns)
    margin = card.margin(columns.matrix(test.X))
    return margin, expit(margin)


def plain_lightgbm(train: Panel, test: Panel) -> Risk:
    """LightGBM with its own default settings."""
    import lightgbm as lgb

    columns = Columns.of(train.X)
    data = lgb.Dataset(
        columns.matrix(train.X), train.y, categorical_feature=columns.categorical, params={"verbosity": -1}
    )
    params = {
        "objective": "binary",
        "verbosity": -1,
        "num_threads": worth_threads(len(train)),
        "deterministic": True,
        "force_row_wise": True,
    }
    booster = lgb.train(params, data)
    found = booster.predict(columns.matrix(test.X), num_threads=worth_threads(len(test)))
    probability = np.asarray(found, dtype=np.float64)
    return probability, probability


def _key(X: pd.DataFrame, keys: list[str]) -> NDArray[np.object_]:
    """The words of some columns put together, an unknown one as "?"."""
    words = [X[key].astype(object).where(X[key].notna(), "?").astype(str).to_numpy(dtype=object) for key in keys]
    return np.asarray(np.sum([word + "|" for word in words], axis=0), dtype=object)
