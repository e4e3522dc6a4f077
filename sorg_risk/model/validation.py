"""`validate`: what the model is worth on time and organisations it has not seen, with the baselines it must beat beside it.

Three splits: later time (with an embargo of one horizon), other organisations, and both at once; never a split of rows. Beside the model
always stand a rule an officer could use without any model (late before, and how often), the rate of the type and district, a
weight-of-evidence scorecard, LightGBM with its defaults, and random inspection. Where labels exist only because somebody looked, the two
strata (inspected within the horizon or not) are measured apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.base import clone

from ..errors import ModelError
from . import metrics, operating
from .baselines import baselines
from .points import WARNINGS
from .splits import LEAST_POSITIVES, Fold, day_numbers, half_of_organisations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from .panel import Panel
    from .risk_model import RiskModel

CAPACITIES = (0.03, 0.05)
"""3 % random inspection is the standing practice; 5 % is what a busy year allows."""
GROUPS = {"type": "org_type", "district": "county", "size": "total_assets"}


@dataclass(frozen=True)
class Report:
    """The figures of a validation.

    ``rows``: one per split, stratum and model, with intervals and the paired test against ours. ``groups``: calibration on later time by
    warning band, type, district and size. ``lead``: days of warning before the event. ``steady``: the list from one day to the next.
    """

    rows: pd.DataFrame
    panel: str
    groups: pd.DataFrame = field(default_factory=pd.DataFrame)
    lead: dict[str, float] = field(default_factory=dict)
    steady: pd.DataFrame = field(default_factory=pd.DataFrame)

    def best(self, split: str) -> str:
        """The model with the highest AUC on a split."""
        part = self.rows.loc[(self.rows["split"] == split) & (self.rows["stratum"] == "all")]
        return str(part.sort_values("auc", ascending=False, kind="stable")["model"].iloc[0])

    def __str__(self) -> str:
        parts = [self.panel, self.rows.round(4).to_string(index=False)]
        if len(self.groups):
            parts.append(self.groups.round(4).to_string(index=False))
        if self.lead:
            parts.append(
                f"warned of {self.lead['warned_of']:.0f} of {self.lead['events']:.0f} events, "
                f"{self.lead['median_days']:.0f} days ahead (median)"
            )
        if len(self.steady):
            parts.append(f"kept on the list from one day to the next: {self.steady['kept'].mean():.0%}")
        return "\n".join(parts)

    def to_markdown(self) -> str:
        """The figures of the splits as a Markdown table."""
        return table(self.rows)

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
    lines: list[dict[str, object]] = []
    beside: dict[str, object] = {}
    for name, fold in splits(panel):
        train, test = panel.rows(fold.train), panel.rows(fold.test)
        fitted = clone(model).fit(train.X, train.y, days=train.days, groups=train.orgs)
        lines += _measured(name, fitted, train, test, random_state)
        if name == "later time":
            beside = _beside(fitted, test)
    if not lines:
        raise ModelError(
            f"{panel!r} is too small to validate: every split leaves fewer than {LEAST_POSITIVES} events on one side. "
            "Take more days, more organisations or a longer history."
        )
    return Report(pd.DataFrame(lines), repr(panel), **beside)  # type: ignore[arg-type]


def splits(panel: Panel) -> Iterator[tuple[str, Fold]]:
    """The splits that leave enough events on both sides."""
    day = day_numbers(panel.days)
    cut = first_test_day(day, panel.y, panel.horizon_days)
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


def first_test_day(day: NDArray[np.int64], y: NDArray[np.int64], horizon: int) -> int:
    """The first day of the last quarter of days, moved earlier until the test side has events enough."""
    distinct = np.unique(day)
    for share in (0.75, 0.6, 0.5):
        cut = int(distinct[min(int(len(distinct) * share), len(distinct) - 1)])
        if y[day >= cut].sum() >= LEAST_POSITIVES and y[day + horizon <= cut].sum() >= LEAST_POSITIVES:
            return cut
    return int(distinct[len(distinct) // 2])


def table(frame: pd.DataFrame) -> str:
    """A frame as a Markdown table, numbers with four places."""
    head = "| " + " | ".join(map(str, frame.columns)) + " |\n|" + "---|" * frame.shape[1]
    lines = ["| " + " | ".join(_cell(v) for v in row) + " |" for row in frame.itertuples(index=False)]
    return "\n".join([head, *lines])


def _measured(
    name: str, fitted: RiskModel, train: Panel, test: Panel, random_state: int
) -> Iterator[dict[str, object]]:
    """The lines of one split: ours and every baseline, all together and each stratum with events on its own."""
    ours = fitted.margin(test.X)
    risks = {"ours": (ours, fitted.event_probability(test.X))} | baselines(train, test, random_state)
    for stratum, rows in strata(test).items():
        part = test.rows(rows)
        for who, (risk, probability) in risks.items():
            held = None if probability is None else probability[rows]
            yield {"split": name, "stratum": stratum, "model": who} | figures(
                part, risk[rows], held, ours[rows] if who != "ours" else None, random_state
            )


def strata(test: Panel) -> dict[str, NDArray[np.bool_]]:
    """All rows, and those inspected within the horizon and not, where both hold events."""
    found = {"all": np.ones(len(test), dtype=bool)}
    if len(test.inspected) == len(test):
        parts = {"inspected": test.inspected, "not inspected": ~test.inspected}
        if all(min(test.y[rows].sum(), (1 - test.y[rows]).sum()) >= LEAST_POSITIVES for rows in parts.values()):
            found |= parts
    return found


def figures(
    test: Panel,
    risk: NDArray[np.float64],
    probability: NDArray[np.float64] | None,
    ours: NDArray[np.float64] | None = None,
    random_state: int = 0,
) -> dict[str, object]:
    """One line of figures: ranking with its interval, calibration, and what each inspection capacity buys."""
    area = metrics.bootstrap(metrics.auc, test.y, risk, test.orgs, random_state=random_state)
    line: dict[str, object] = {
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
    line["p_against_ours"] = np.nan if ours is None else metrics.delong(test.y, ours, risk)[1]
    return line


def _beside(fitted: RiskModel, test: Panel) -> dict[str, object]:
    """Groups, lead time and steadiness on later time."""
    probability, margin = fitted.event_probability(test.X), fitted.margin(test.X)
    bands = fitted.warning(test.X)
    return {
        "groups": groups(test, probability, bands),
        "lead": operating.lead_time(test.after, test.y, np.isin(bands, WARNINGS[:3]), test.days, test.orgs)
        if len(test.after)
        else {},
        "steady": operating.stability(test.days, test.orgs, margin, CAPACITIES[0]),
    }


def groups(test: Panel, probability: NDArray[np.float64], bands: NDArray[np.object_]) -> pd.DataFrame:
    """Calibration by warning band, type, district and size class, on rows the model has not seen."""
    warned = np.isin(bands, WARNINGS[:3])
    parts = [operating.by_group(test.y, probability, bands, warned).assign(by="band")]
    for by, name in GROUPS.items():
        if name in test.X:
            labels = size_class(test.X[name]) if by == "size" else test.X[name].astype(object)
            parts.append(operating.by_group(test.y, probability, labels, warned).assign(by=by))
    found = pd.concat(parts, ignore_index=True)
    return found[["by", *(c for c in found.columns if c != "by")]]


def size_class(assets: pd.Series) -> pd.Series:
    """Size by total assets in yuan: below 100,000, below 1 million, below 10 million, and above; empty where unknown."""
    edges = [-np.inf, 1e5, 1e6, 1e7, np.inf]
    labels = ["1: < 100,000", "2: < 1 million", "3: < 10 million", "4: 10 million and more"]
    return pd.cut(assets.astype(float), edges, right=False, labels=labels).astype(object)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if np.isfinite(value) else "–"
    return str(value)
