"""`backtest`: what the alarms of a stored model would have been worth on days it has not seen, per as-of day and pooled.

Each day is scored by what was known that evening; what happened afterwards is judged by everything known today. A day before the model's
last knowledge day is refused: the model has seen the future of that day; so is a model that does not state one. A day whose horizon is not
over is left out and named.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import UsageError
from ..records.source import as_day
from . import metrics, operating
from .baselines import two_fields
from .default import default_bundle
from .judged import judged
from .knowledge import refuse_seen
from .panel import Panel, month_ends, panel
from .risk_model import RiskModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ..records import Source

CAPACITY = 0.03
EVERY = 3
LEAD_ROUNDS = 100
MEASURED = ("auc", "pr_auc", "precision_at_capacity", "recall_at_capacity", "lift_at_capacity")


@dataclass(frozen=True)
class Backtest:
    """What the alarms would have been worth.

    ``per_day``: one dict per as-of day; ``pooled``: all days together, the capacity being used up on every day; ``beside``: the same for a
    rule of two fields and for random inspection. Each figure stands beside its 95 % interval (bootstrap over organisations). ``verdicts``:
    what officers said of the alarms (see `judged`).
    """

    per_day: list[dict[str, Any]]
    pooled: dict[str, Any]
    beside: dict[str, dict[str, Any]]
    told: dict[str, Any]
    notes: tuple[str, ...] = ()
    verdicts: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; a figure that does not exist (no event on a day) is None."""
        whole = {**self.told, "per_day": self.per_day, "pooled": self.pooled, "baselines": self.beside}
        whole["verdicts"] = self.verdicts
        plain: dict[str, Any] = _plain(whole | {"notes": list(self.notes)})
        return plain

    def to_json(self) -> str:
        """`to_dict` on one line of strict JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def table(self) -> pd.DataFrame:
        """One row per as-of day and one for all days."""
        lines = [*self.per_day, {"as_of": "pooled", **self.pooled}]
        columns = ["as_of", "rows", "events", "auc", "pr_auc", *MEASURED[2:], "lead_days"]
        return pd.DataFrame([{c: line.get(c) for c in columns} for line in lines])

    def __str__(self) -> str:
        low, high = self.pooled["auc_interval"]
        worth = (
            f"pooled AUC {self.pooled['auc']:.3f} [{low:.3f}, {high:.3f}]; inspecting the riskiest {self.told['capacity']:.0%} "
            f"finds {self.pooled['lift_at_capacity']:.1f} times as many as inspecting at random"
        )
        return "\n".join([self.table().round(4).to_string(index=False), worth, *self._said(), *self._noted()])

    def _said(self) -> list[str]:
        """What officers said, where they said anything."""
        said = self.verdicts
        if not said.get("confirmed", 0) + said.get("false_alarm", 0):
            return []
        counts = f"confirmed {said['confirmed']:,} and called {said['false_alarm']:,} false"
        return [f"of {said['alarms']:,} alarms officers {counts}: precision of the judged {said['precision']:.0%}"]

    def _noted(self) -> list[str]:
        return [f"note: {note}" for note in self.notes]

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(line)}</p>" for line in (*self._said(), *self._noted()))
        return f"{self.table().round(4).to_html(index=False, escape=True)}{notes}"


def backtest(
    source: Source,
    first: Any,
    last: Any,
    model: RiskModel | str | Path | None = None,
    *,
    every: int = EVERY,
    capacity: float = CAPACITY,
    outcome: pd.DataFrame | None = None,
    known_by: Any = None,
    tell: Callable[[str], None] = lambda _step: None,
    random_state: int = 0,
) -> Backtest:
    """Score past evenings with a stored model and compare with what happened.

    Parameters
    ----------
    source
        What `open` gave.
    first, last
        First and last as-of day; month ends between them are taken, every so many months, counted back from the last.
    model
        A fitted model or its folder; the shipped one if None.
    every
        One as-of day every so many months.
    capacity
        Share of organisations that can be inspected after each as-of day.
    outcome
        The caller's events instead of new grounds (see `panel`).
    known_by
        The day up to which later news may count; the last recorded day of the source if None.
    tell
        Called with a word at each step.

    Raises
    ------
    UsageError
        An as-of day before the model's last knowledge day, a model that does not state one, or no day whose horizon is over.
    """
    fitted = model if isinstance(model, RiskModel) else RiskModel.load(default_bundle() if model is None else model)
    if not 0 < capacity <= 1:
        raise UsageError.outside("capacity", capacity, 0, 1)
    begin, end = as_day(first), as_day(last)
    known = as_day(known_by) if known_by is not None else source.last_recorded
    refuse_seen(fitted, begin, f"its alarms of {begin}")
    days, notes = _days(begin, end, every, fitted.horizon_days, known)
    tell("panel")
    made = panel(source, days, fitted.horizon_days, outcome, known_by=known, guard=False)
    tell("score")
    X = fitted.columns_.select(made.X)
    risk, probability = fitted.margin(X), fitted.event_probability(X)
    tell("measure")
    listed = operating.top_each_day(made.days, risk, capacity)
    chance = np.random.default_rng(random_state).random(len(made))
    beside = {"two-field rule": two_fields(made.X), "random inspection": chance}
    told = {
        "model": getattr(fitted, "digest_", None),
        "last_knowledge_day": getattr(fitted, "last_knowledge_day_", None),
        "known_by": str(made.known_by),
        "horizon_days": made.horizon_days,
        "capacity": capacity,
    }
    return Backtest(
        [_one_day(made, day, risk, probability, capacity, random_state) for day in np.unique(made.days)],
        _measured(made, risk, probability, capacity, random_state) | _running(made, risk, capacity, random_state),
        {name: _measured(made, other, None, capacity, random_state) for name, other in beside.items()},
        told,
        tuple(notes),
        judged(
            made.days[listed], made.orgs[listed], made.horizon_days, source.as_of(made.known_by).table("procedures")
        ),
    )


def _days(
    first: dt.date, last: dt.date, every: int, horizon_days: int, known: dt.date | None
) -> tuple[list[dt.date], list[str]]:
    """Month ends from first to last whose horizon is over, and a note on those left out."""
    if last < first:
        raise UsageError(f"the last as-of day {last} lies before the first, {first}.")
    if every < 1:
        raise UsageError(f"every is {every}; give a number of months from 1.")
    ends = [day for day in month_ends(f"{first:%Y-%m}", f"{last:%Y-%m}") if first <= day <= last] or [last]
    asked = ends[::-1][::every][::-1]
    over = [day for day in asked if known is not None and day + dt.timedelta(days=horizon_days) <= known]
    if not over:
        raise UsageError(
            f"no as-of day from {first} to {last} has its horizon of {horizon_days} days behind it: the records end on {known}. End earlier."
        )
    left = [str(day) for day in asked if day not in over]
    return over, [f"left out, their horizon is not over by {known}: {', '.join(left)}"] if left else []


def _one_day(
    made: Panel, day: Any, risk: NDArray[np.float64], probability: NDArray[np.float64], capacity: float, seed: int
) -> dict[str, Any]:
    rows = made.days == day
    part = made.rows(rows)
    line = {"as_of": str(np.datetime64(day, "D"))} | _measured(part, risk[rows], probability[rows], capacity, seed)
    return line | _lead_days(part, risk[rows], capacity, seed)


def _measured(
    part: Panel, risk: NDArray[np.float64], probability: NDArray[np.float64] | None, capacity: float, seed: int
) -> dict[str, Any]:
    """All figures of some rows, each with its interval."""
    listed = operating.top_each_day(part.days, risk, capacity)
    drawn = [_figures(part.y[i], risk[i], listed[i]) for i in metrics.resampled(part.orgs, random_state=seed)]
    line: dict[str, Any] = {"rows": len(part), "events": int(part.y.sum())}
    for name, value in _figures(part.y, risk, listed).items():
        line |= {name: value, f"{name}_interval": list(metrics.interval([d[name] for d in drawn]))}
    if probability is not None:
        line["brier"] = metrics.brier(part.y, probability)
    return line


def _figures(y: NDArray[np.int64], risk: NDArray[np.float64], listed: NDArray[np.bool_]) -> dict[str, float]:
    nothing = not y.any() or not listed.any()
    precision = math.nan if nothing else float(y[listed].mean())
    values = (
        metrics.auc(y, risk),
        metrics.pr_auc(y, risk),
        precision,
        math.nan if nothing else float(y[listed].sum() / y.sum()),
        math.nan if nothing else precision / float(y.mean()),
    )
    return dict(zip(MEASURED, values, strict=True))


def _running(made: Panel, risk: NDArray[np.float64], capacity: float, seed: int) -> dict[str, Any]:
    """Lead time and steadiness of the list over all days."""
    lead = _lead(made, operating.top_each_day(made.days, risk, capacity))
    steady = operating.stability(made.days, made.orgs, risk, capacity)
    return _lead_days(made, risk, capacity, seed) | {
        "lead_days_quartiles": [lead["lower_days"], lead["upper_days"]],
        "events_distinct": int(lead["events"]),
        "events_warned_of": int(lead["warned_of"]),
        "kept_from_day_to_day": float(steady["kept"].mean()) if len(steady) else math.nan,
    }


def _lead_days(part: Panel, risk: NDArray[np.float64], capacity: float, seed: int) -> dict[str, Any]:
    """Median days between the first alarm and the event, with its interval; only rows with an event can matter."""
    listed = operating.top_each_day(part.days, risk, capacity)
    hit = np.flatnonzero(part.y == 1)
    late, chosen = part.rows(hit), listed[hit]
    drawn = [
        _lead(late.rows(rows), chosen[rows])["median_days"]
        for rows in metrics.resampled(late.orgs, rounds=LEAD_ROUNDS, random_state=seed)
    ]
    return {"lead_days": _lead(late, chosen)["median_days"], "lead_days_interval": list(metrics.interval(drawn))}


def _lead(part: Panel, listed: NDArray[np.bool_]) -> dict[str, float]:
    return operating.lead_time(part.after, part.y, listed, part.days, part.orgs)


def _plain(value: Any) -> Any:
    """Without numbers JSON does not know."""
    match value:
        case dict():
            return {k: _plain(v) for k, v in value.items()}
        case list():
            return [_plain(v) for v in value]
        case float() if not math.isfinite(value):
            return None
    return value
