"""A scorecard on paper: base points and the points of every bin, which add up to the score; missing values have a line of their own."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from .matrix import Columns
    from .points import Scale
    from .scorecard import Scorecard


@dataclass(frozen=True)
class Printed:
    """The table of an additive model.

    ``base``: points everyone starts from. ``frame``: feature, bin, points (rows of one feature together; the bin "missing" first). The score of
    an organisation is the base plus one line of every feature, unrounded.

    Examples
    --------
    >>> import numpy as np
    >>> from sorg_risk.model import RiskModel
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 1)); y = (X[:, 0] + rng.normal(size=400) > 1).astype(int)
    >>> card = RiskModel(additive=True).fit(X, y).scorecard()
    >>> card.frame.columns.tolist(), card.frame["bin"].iloc[0]
    (['feature', 'bin', 'points'], 'missing')
    """

    base: float
    frame: pd.DataFrame

    @classmethod
    def of(cls, card: Scorecard, columns: Columns, scale: Scale) -> Printed:
        """Lay out a scorecard in points."""
        told = card.table(columns)
        points = -scale.factor * told["log_odds"]
        return cls(float(scale.points(card.intercept)), told[["feature", "bin"]].assign(points=points))

    def __str__(self) -> str:
        telling = self.frame.loc[self.frame.groupby("feature")["points"].transform("nunique") > 1]
        lines = [f"{'base':40s} {self.base:10.2f}"]
        for feature, part in telling.groupby("feature", sort=False):
            lines.append(str(feature))
            lines += [f"  {name:38s} {points:+10.2f}" for name, points in zip(part["bin"], part["points"], strict=True)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        table = self.frame.round(2).to_html(index=False, escape=True)
        return f"<p>{escape(f'base {self.base:.2f}')}</p>{table}"
