"""`train`: from a source to a stored model with its card, by a command anyone can repeat.

Nothing recorded after ``last`` is used: the last panel day is ``last`` minus the horizon, and labels are judged by what was known on
``last``. The model states that day as its last knowledge day.
"""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ModelError, UsageError
from ..records.source import as_day
from .bundle import digest
from .card import card
from .guard import GuardNotice
from .panel import Panel, month_ends, panel
from .risk_model import RiskModel
from .validation import Report, validate

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..records import Source

EVERY = 3


@dataclass(frozen=True)
class Trained:
    """What training gave: the model, its panel, its validation (None where there was too little), and where it was written."""

    model: RiskModel
    panel: Panel
    report: Report | None
    folder: Path

    def __repr__(self) -> str:
        return f"<Trained: {self.panel!r}, written to {self.folder}>"


def train(
    source: Source,
    first: Any,
    last: Any,
    out: str | Path,
    *,
    horizon_days: int = 365,
    every: int = EVERY,
    tell: Callable[[str], None] = lambda _step: None,
    **params: Any,
) -> Trained:
    """Build the panel, validate on later time and other organisations, fit on everything, write model and card.

    Parameters
    ----------
    source
        What `open` gave.
    first, last
        First as-of day of the panel, and the last day of knowledge.
    out
        Folder of the bundle.
    horizon_days
        How far ahead a label looks.
    every
        One panel day every so many months.
    tell
        Called with a word at each step (a progress bar, say).
    params
        Passed to `RiskModel`.

    Raises
    ------
    UsageError
        The period is shorter than the horizon.
    ModelError
        Too few events to learn from.
    """
    first, last = as_day(first), as_day(last)
    days = panel_days(first, last, horizon_days, every)
    tell("panel")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GuardNotice)  # the panel and the card name them
        made = panel(source, days, horizon_days, known_by=last)
    if made.y.sum() < 2 or made.y.sum() == len(made.y):
        raise ModelError(f"{made!r} holds too few events to learn from; take a longer period or more organisations.")
    model = RiskModel(horizon_days=horizon_days, **params)
    tell("validate")
    report = _validated(model, made)
    tell("fit")
    model.fit(made.X, made.y, days=made.days, groups=made.orgs)
    model.last_knowledge_day_ = last.isoformat()
    model.simulated_ = made.simulated
    model.trained_on_ = made.summary
    tell("write")
    folder = model.save(out)
    (folder / "card.md").write_text(card(model, made, report, simulated=bool(made.simulated)), encoding="utf-8")
    model.digest_ = digest(folder)
    return Trained(model, made, report, folder)


def panel_days(first: dt.date, last: dt.date, horizon_days: int, every: int) -> list[dt.date]:
    """Month ends from first to the last day whose label is complete, counted back from that day so that it is always there.

    >>> panel_days(dt.date(2022, 1, 1), dt.date(2023, 12, 31), 365, 6)
    [datetime.date(2022, 6, 30), datetime.date(2022, 12, 31)]
    """
    latest = last - dt.timedelta(days=horizon_days)
    if latest < first:
        raise UsageError(
            f"from {first} to {last} is shorter than the horizon of {horizon_days} days; begin earlier or end later."
        )
    ends = [day for day in month_ends(f"{first:%Y-%m}", f"{latest:%Y-%m}") if first <= day <= latest]
    return ends[::-1][::every][::-1] or [latest]


def _validated(model: RiskModel, made: Panel) -> Report | None:
    """The validation, or None where the panel is too small for one (the card says so)."""
    try:
        return validate(model, made)
    except ModelError:
        return None
