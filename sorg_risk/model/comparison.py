"""Challenger against champion: is the new model better, and who would be inspected instead of whom?"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import metrics, operating

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .panel import Panel
    from .risk_model import RiskModel

CAPACITY = 0.03
LINE = 0.05


@dataclass(frozen=True)
class Comparison:
    """The two models on the same rows.

    ``figures``: AUC, PR-AUC, Brier and precision at capacity of both and their difference with its 95 % interval (bootstrap over organisations).
    ``p``: paired DeLong test of the AUCs. ``swaps``: rows that only the challenger lists (swap-in) and only the champion lists (swap-out), and
    how many of each had the event. ``moves``: warning levels of the champion (rows) by those of the challenger (columns).
    """

    figures: pd.DataFrame
    p: float
    swaps: pd.DataFrame
    moves: pd.DataFrame
    swapped: pd.DataFrame

    @property
    def better(self) -> bool:
        """Whether the challenger ranks better beyond chance."""
        return bool(self.p < LINE and float(self.figures["difference"].to_numpy()[0]) > 0)

    def __str__(self) -> str:
        verdict = "the challenger ranks better" if self.better else "no difference beyond chance in its favour"
        return "\n\n".join(
            [
                self.figures.round(4).to_string(),
                f"paired DeLong p = {self.p:.3g}: {verdict}",
                self.swaps.round(4).to_string(),
                self.moves.to_string(),
            ]
        )

    def _repr_html_(self) -> str:
        tables = (self.figures.round(4), self.swaps.round(4), self.moves)
        return "".join(t.to_html(escape=True) for t in tables) + f"<p>{escape(f'paired DeLong p = {self.p:.3g}')}</p>"


def compare(champion: RiskModel, challenger: RiskModel, panel: Panel, *, capacity: float = CAPACITY) -> Comparison:
    """Compare two fitted models on a panel neither has learnt from.

    Parameters
    ----------
    champion, challenger
        Fitted models; each reads its own columns of the panel.
    panel
        Held-back rows with their labels.
    capacity
        Share of organisations inspected after each as-of day.
    """
    sides = {"champion": _scored(champion, panel), "challenger": _scored(challenger, panel)}
    old, new = sides["champion"], sides["challenger"]
    listed = {who: operating.top_each_day(panel.days, side["margin"], capacity) for who, side in sides.items()}
    return Comparison(
        _figures(panel, sides, listed),
        metrics.delong(panel.y, new["margin"], old["margin"])[1],
        _swaps(panel, listed["champion"], listed["challenger"]),
        pd.crosstab(pd.Series(old["warning"], name="champion"), pd.Series(new["warning"], name="challenger")),
        _swapped(panel, listed["champion"], listed["challenger"]),
    )


def _scored(model: RiskModel, panel: Panel) -> dict[str, NDArray[Any]]:
    X = model.columns_.select(panel.X)
    return {"margin": model.margin(X), "probability": model.event_probability(X), "warning": model.warning(X)}


def _figures(
    panel: Panel, sides: dict[str, dict[str, NDArray[Any]]], listed: dict[str, NDArray[np.bool_]]
) -> pd.DataFrame:
    def of(rows: NDArray[np.intp]) -> NDArray[np.float64]:
        y = panel.y[rows]
        return np.array(
            [
                [metrics.auc(y, side["margin"][rows]) for side in sides.values()],
                [metrics.pr_auc(y, side["margin"][rows]) for side in sides.values()],
                [metrics.brier(y, side["probability"][rows]) for side in sides.values()],
                [y[chosen[rows]].mean() if chosen[rows].any() else np.nan for chosen in listed.values()],
            ]
        )

    both = of(np.arange(len(panel)))
    drawn = [of(rows) for rows in metrics.resampled(panel.orgs)]
    gaps = np.array([d[:, 1] - d[:, 0] for d in drawn])
    ranges = [metrics.interval(gaps[:, i]) for i in range(len(both))]
    frame = pd.DataFrame(both, index=["auc", "pr_auc", "brier", "precision_at_capacity"], columns=list(sides))
    return frame.assign(difference=both[:, 1] - both[:, 0], low=[r[0] for r in ranges], high=[r[1] for r in ranges])


def _swaps(panel: Panel, old: NDArray[np.bool_], new: NDArray[np.bool_]) -> pd.DataFrame:
    parts = {"kept": old & new, "swap-in": new & ~old, "swap-out": old & ~new}
    rows = [
        [int(p.sum()), int(panel.y[p].sum()), float(panel.y[p].mean()) if p.any() else np.nan] for p in parts.values()
    ]
    return pd.DataFrame(rows, index=list(parts), columns=["rows", "events", "event_rate"])


def _swapped(panel: Panel, old: NDArray[np.bool_], new: NDArray[np.bool_]) -> pd.DataFrame:
    """Who, when and in which direction."""
    changed = np.flatnonzero(old ^ new)
    return pd.DataFrame(
        {
            "as_of": panel.days[changed],
            "org_id": panel.orgs[changed],
            "swap": np.where(new[changed], "in", "out"),
            "event": panel.y[changed].astype(bool),
        }
    )
