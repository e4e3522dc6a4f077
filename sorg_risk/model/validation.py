"""`validate`: what the model is worth on time and organisations it has not seen, with the baselines it must beat beside it.

Three splits: later time (with an embargo of one horizon), other organisations, and both at once. Beside the model always stand a rule an
officer could use without any model (late before, and how often), the rate of the type and district, a weight-of-evidence scorecard,
LightGBM with its defaults, and random inspection.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.base import clone

from ..errors import ModelError
from . import metrics
from .matrix import Columns
from .scorecard import Scorecard
from .splits import LEAST_POSITIVES, Fold, day_numbers, half_of_organisations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from .panel import Panel
    from .risk_model import RiskModel

CAPACITIES = (0.03, 0.05)
PAST_LATE = ("filings_late_1095d", "filings_late_all", "filings_late_730d", "annual_reports_late_all")


@dataclass(frozen=True)
class Report:
    """The figures of a validation: one row per split and model, intervals as text, and the paired test against ours."""

    rows: pd.DataFrame
    panel: str

    def best(self, split: str) -> str:
        """The model with the highest AUC on a split."""
        part = self.rows.loc[self.rows["split"] == split].sort_values("auc", ascending=False, kind="stable")
        return str(part["model"].iloc[0])

    def __str__(self) -> str:
        return f"{self.panel}\n{self.rows.round(4).to_string(index=False)}"

    def to_markdown(self) -> str:
        """The figures as a Markdown table."""
        head = "| " + " | ".join(self.rows.columns) + " |\n|" + "---|" * self.rows.shape[1]
        lines = ["| " + " | ".join(_cell(v) for v in row) + " |" for row in self.rows.itertuples(index=False)]
        return "\n".join([head, *lines])

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.panel)}</p>{self.rows.round(4).to_html(index=False, escape=True)}"


def validate(model: RiskModel, panel: Panel, *, random_state: int = 0) -> Report:
    """Fit a copy of the model on one side of each split and measure it on the other.

    Parameters
    ----------
    model
        A `RiskModel`, fitted or not; it is cloned, so what it was fitted on does not matter.
    panel
        What `panel` gave; needs enough days for an embargo to leave something to learn from.

    Raises
    ------
    ModelError
        Too few events on one side of every split.
    """
    found: list[dict[str, object]] = []
    for name, fold in _splits(panel):
        found += _measured(name, model, panel, fold, random_state)
    if not found:
        raise ModelError(
            f"{panel!r} is too small to validate: every split leaves fewer than {LEAST_POSITIVES} events on one side. "
            "Take more days, more organisations or a longer history."
        )
    return Report(pd.DataFrame(found), repr(panel))


def _splits(panel: Panel) -> Iterator[tuple[str, Fold]]:
    """The splits that leave enough events on both sides."""
    day = day_numbers(panel.days)
    cut = _first_test_day(day, panel.y, panel.horizon_days)
    early, late = day + panel.horizon_days <= cut, day >= cut
    known = half_of_organisations(panel.orgs)
    masks = {
        "later time": (early, late),
        "other organisations": (known, ~known),
        "both": (early & known, late & ~known),
    }
    for name, (train, test) in masks.items():
        if min(panel.y[train].sum(), panel.y[test].sum()) >= LEAST_POSITIVES:
            yield name, Fold(np.flatnonzero(train), np.flatnonzero(test))


def _first_test_day(day: NDArray[np.int64], y: NDArray[np.int64], horizon: int) -> int:
    """The first day of the last quarter of days, moved earlier until the test side has events enough."""
    distinct = np.unique(day)
    for share in (0.75, 0.6, 0.5):
        cut = int(distinct[min(int(len(distinct) * share), len(distinct) - 1)])
        if y[day >= cut].sum() >= LEAST_POSITIVES and y[day + horizon <= cut].sum() >= LEAST_POSITIVES:
            return cut
    return int(distinct[len(distinct) // 2])


def _measured(name: str, model: RiskModel, panel: Panel, fold: Fold, random_state: int) -> list[dict[str, object]]:
    train, test = panel.rows(fold.train), panel.rows(fold.test)
    risks = _baselines(train, test, random_state)
    fitted = clone(model).fit(train.X, train.y, days=train.days, groups=train.orgs)
    ours = fitted.margin(test.X)
    risks = {"ours": (ours, fitted.predict_proba(test.X)[:, 1])} | risks
    return [_row(name, who, test, risk, probability, ours, random_state) for who, (risk, probability) in risks.items()]


def _row(
    split: str,
    who: str,
    test: Panel,
    risk: NDArray[np.float64],
    probability: NDArray[np.float64] | None,
    ours: NDArray[np.float64],
    random_state: int,
) -> dict[str, object]:
    """One line of the report."""
    area = metrics.bootstrap(metrics.auc, test.y, risk, test.orgs, random_state=random_state)
    line: dict[str, object] = {
        "split": split,
        "model": who,
        "rows": len(test),
        "events": int(test.y.sum()),
        "auc": area.value,
        "auc_low": area.low,
        "auc_high": area.high,
        "pr_auc": metrics.pr_auc(test.y, risk),
        "brier": np.nan if probability is None else metrics.brier(test.y, probability),
    }
    for share in CAPACITIES:
        precision, recall, lift = metrics.hits_at(test.y, risk, share)
        percent = f"{share:.0%}"
        line |= {f"precision_{percent}": precision, f"recall_{percent}": recall, f"lift_{percent}": lift}
    line["p_against_ours"] = np.nan if who == "ours" else metrics.delong(test.y, ours, risk)[1]
    return line


Risk = tuple["NDArray[np.float64]", "NDArray[np.float64] | None"]


def _baselines(train: Panel, test: Panel, random_state: int) -> dict[str, Risk]:
    """Every baseline's risk on the test rows, with a probability where it has one."""
    made: dict[str, Callable[[], Risk]] = {
        "two-field rule": lambda: (_two_fields(test.X), None),
        "type x district": lambda: _group_rate(train, test),
        "scorecard": lambda: _scorecard(train, test),
        "lightgbm": lambda: _plain_lightgbm(train, test),
        "random": lambda: (np.random.default_rng(random_state).random(len(test)), None),
    }
    return {name: make() for name, make in made.items()}


def _two_fields(X: pd.DataFrame) -> NDArray[np.float64]:
    """Late before, and how often: the sum of the past-lateness counts at hand (a constant where there are none)."""
    counts = [np.nan_to_num(X[c].to_numpy(dtype=np.float64)) for c in PAST_LATE if c in X]
    return np.sum(counts, axis=0) if counts else np.zeros(len(X))


def _group_rate(train: Panel, test: Panel) -> Risk:
    """The training rate of the same type and district, shrunk to the overall rate."""
    keys = [c for c in ("org_type", "district") if c in train.X]
    if not keys:
        return np.full(len(test), train.y.mean()), None
    joined = train.X[keys].astype("str").agg("|".join, axis=1)
    sums = pd.Series(train.y).groupby(joined.to_numpy()).agg(["sum", "count"])
    rate = (sums["sum"] + 20 * train.y.mean()) / (sums["count"] + 20)
    risk = test.X[keys].astype("str").agg("|".join, axis=1).map(rate).fillna(train.y.mean()).to_numpy(dtype=np.float64)
    return risk, risk


def _scorecard(train: Panel, test: Panel) -> Risk:
    columns = Columns.of(train.X)
    card = Scorecard.fit(columns.matrix(train.X), train.y.astype(np.float64), columns)
    margin = card.margin(columns.matrix(test.X))
    return margin, 1 / (1 + np.exp(-margin))


def _plain_lightgbm(train: Panel, test: Panel) -> Risk:
    import lightgbm as lgb

    columns = Columns.of(train.X)
    data = lgb.Dataset(columns.matrix(train.X), train.y, categorical_feature=columns.categorical)
    booster = lgb.train({"objective": "binary", "verbosity": -1, "num_threads": 2, "deterministic": True}, data)
    probability = np.asarray(booster.predict(columns.matrix(test.X)), dtype=np.float64)
    return probability, probability


def _cell(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
