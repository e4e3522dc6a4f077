"""The panel: one row per organisation and as-of day, what it looked like that evening, and whether a new ground arose within the horizon.

The rows of a day see what was known by the end of that day; the label looks ahead with later knowledge. **Who is at risk:** an
organisation that is active on the day, on neither list, and has no listing ground standing; one already in it has nothing left to
predict. Features that *are* a ground (a report missing today) are taken out and named: predicting a thing by itself is no prediction.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from ..errors import DataError, UsageError
from ..features import catalogue, features
from ..records.source import as_day
from . import guard as tautology
from .cohort import Events, Standing, inspected, members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from ..records import Source, View

DAYS_AT_ONCE = 24
META = "panel.json"


@dataclass(frozen=True)
class Panel:
    """Rows to learn from.

    ``X`` (rows, features) is indexed by (as_of, org_id); ``y`` is 1 where an event falls in (day, day + horizon]; ``days`` are
    datetime64[s] and ``orgs`` codes; ``after`` are days from the as-of day to the first later event (NaN: none known); ``inspected``
    says whether somebody looked within the horizon; ``guarded`` names each feature that was taken out, with the reason.
    """

    X: pd.DataFrame
    y: NDArray[np.int64]
    days: NDArray[np.datetime64]
    orgs: NDArray[np.str_]
    horizon_days: int
    known_by: dt.date
    guarded: dict[str, str] = field(default_factory=dict)
    not_at_risk: int = 0
    after: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    inspected: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        days = np.unique(self.days)
        span = f"{str(days[0])[:10]} to {str(days[-1])[:10]}" if len(days) else "no days"
        return (
            f"<Panel: {len(self)} rows of {len(np.unique(self.orgs))} organisations on {len(days)} days ({span}), "
            f"{int(self.y.sum())} with an event within {self.horizon_days} days>"
        )

    def rows(self, chosen: NDArray[Any]) -> Panel:
        """Some rows of the panel, by position or mask."""
        return replace(
            self,
            X=self.X.loc[chosen] if chosen.dtype == bool else self.X.iloc[chosen],
            y=self.y[chosen],
            days=self.days[chosen],
            orgs=self.orgs[chosen],
            after=self.after[chosen] if len(self.after) else self.after,
            inspected=self.inspected[chosen] if len(self.inspected) else self.inspected,
        )

    def write(self, folder: str | Path) -> Path:
        """Write the panel as a folder of parquet; returns the folder."""
        return _write([self], Path(folder))

    @classmethod
    def read(cls, folder: str | Path, *, columns: list[str] | None = None) -> Self:
        """Read what `write` (or `panel` with ``out``) wrote; some columns only, where memory is short.

        Raises
        ------
        DataError
            The folder holds no panel.
        """
        place = Path(folder)
        if not (place / META).is_file():
            raise DataError.missing("a panel", place, "Name the folder that `panel(..., out=...)` wrote.")
        told = json.loads((place / META).read_text(encoding="utf-8"))
        chosen = None if columns is None else [*columns, *_BESIDE, "as_of", "org_id"]
        parts = [pd.read_parquet(path, columns=chosen) for path in sorted(place.glob("part-*.parquet"))]
        frame = pd.concat(parts).set_index(["as_of", "org_id"])
        return cls._of(
            frame.drop(columns=[*_BESIDE, *(c for c in told["guarded"] if c in frame)]),
            frame[_BESIDE],
            horizon_days=int(told["horizon_days"]),
            known_by=dt.date.fromisoformat(told["known_by"]),
            guarded=dict(told["guarded"]),
            not_at_risk=int(told["not_at_risk"]),
        )

    @classmethod
    def _of(cls, X: pd.DataFrame, beside: pd.DataFrame, **told: Any) -> Self:
        return cls(
            X=X,
            y=beside["_y"].to_numpy(dtype=np.int64),
            days=pd.DatetimeIndex(X.index.get_level_values("as_of")).as_unit("s").to_numpy(),
            orgs=np.asarray(X.index.get_level_values("org_id"), dtype=str),
            after=beside["_after"].to_numpy(dtype=np.float64),
            inspected=beside["_inspected"].to_numpy(dtype=bool),
            **told,
        )


_BESIDE = ["_y", "_after", "_inspected"]


def month_ends(first: str, last: str, *, every: int = 1) -> list[dt.date]:
    """The last days of the months from first to last, both included; every third for quarters.

    >>> month_ends("2024-01", "2024-03")
    [datetime.date(2024, 1, 31), datetime.date(2024, 2, 29), datetime.date(2024, 3, 31)]
    """
    months = pd.period_range(first, last, freq="M")
    return [m.end_time.date() for m in months][::every]


def panel(
    source: Source,
    days: Iterable[Any],
    horizon_days: int = 365,
    outcome: pd.DataFrame | None = None,
    *,
    known_by: Any = None,
    cohort: str | Callable[[View], pd.Index] = "at_risk",
    guard: bool = True,
    out: str | Path | None = None,
) -> Panel:
    """Build the panel of a source.

    Parameters
    ----------
    source
        What `open` gave.
    days
        As-of days.
    horizon_days
        How far ahead the label looks, in days.
    outcome
        None: a new ground of the two lists. Or a frame of the caller's events: ``org_id, event_on``, and where known ``recorded_at`` (an
        event counts only if it was known by ``known_by``) and ``ends_on`` (an organisation in the state is not at risk of it).
    known_by
        The day up to which later news may count for the labels; the last recorded day of the source if None. An ``outcome`` without
        it is taken as known as far as any horizon reaches.
    cohort
        ``at_risk``: active, and not in a ground, on a list or in the event's state. ``active``: everyone active. Or a function from a view
        to organisations (then those not at risk are left out as well).
    guard
        Take out, and name, features that are the ground or tell the label by themselves.
    out
        Write the panel to this folder, a few days at a time, and return it read back; for panels larger than memory read
        some columns of it with `Panel.read`.

    Raises
    ------
    UsageError
        A day whose horizon is not over by ``known_by`` (its label is not known yet), or no day at all.
    """
    days = list(days)
    if outcome is not None and known_by is None:
        known_by = _vouched(source, days, horizon_days)
    asked = _asked(source, days, horizon_days, known_by)
    last = as_day(known_by) if known_by is not None else source.last_recorded
    assert last is not None
    end = source.as_of(last)
    events = Events.of_law(end) if outcome is None else Events.given(outcome, pd.Timestamp(last))
    parts = (
        _part(source, asked[i : i + DAYS_AT_ONCE], horizon_days, end, events, outcome is not None, cohort, guard)
        for i in range(0, len(asked), DAYS_AT_ONCE)
    )
    if out is not None:
        return Panel.read(_write(parts, Path(out)))
    return _joined(list(parts))


def _vouched(source: Source, days: list[Any], horizon_days: int) -> dt.date | None:
    """The day by which the caller's own events are known: the end of the last horizon, or the last recorded day if later."""
    ends = [as_day(day) + dt.timedelta(days=horizon_days) for day in days]
    return max([*ends, *filter(None, [source.last_recorded])], default=None)


def _asked(source: Source, days: Iterable[Any], horizon_days: int, known_by: Any) -> list[dt.date]:
    """The days, sorted, after a look at whether their labels can be known."""
    asked = sorted({as_day(d) for d in days})
    last = as_day(known_by) if known_by is not None else source.last_recorded
    if not asked or last is None:
        raise UsageError("a panel needs at least one as-of day and a source that is not empty.")
    if horizon_days < 1:
        raise UsageError(f"horizon_days is {horizon_days}; a label looks at least one day ahead.")
    latest = last - dt.timedelta(days=horizon_days)
    if asked[-1] > latest:
        raise UsageError(
            f"the label of {asked[-1]} looks {horizon_days} days ahead, beyond {last}, the last day known; take days up to {latest}."
        )
    return asked


def _part(
    source: Source,
    days: list[dt.date],
    horizon_days: int,
    end: View,
    events: Events,
    given: bool,
    cohort: str | Callable[[View], pd.Index],
    guarding: bool,
) -> Panel:
    """The panel of a few days, in one sweep of the features; guarded features are named and still there."""
    views = [source.as_of(day) for day in days]
    everyone = features(source, days=days)
    index = everyone.index
    assert isinstance(index, pd.MultiIndex)
    standing = Standing.of_events(views, events) if given else Standing.of_law(views)
    taken = np.zeros(len(index), dtype=bool) if cohort == "active" else standing.any(index)
    if callable(cohort) or cohort not in ("at_risk", "active"):
        taken |= ~index.isin(_chosen(views, cohort))
    caught = _guarded(everyone, standing, declare=not given) if guarding else {}
    X = everyone.loc[~taken]
    day = pd.DatetimeIndex(X.index.get_level_values("as_of")).as_unit("s")
    orgs = np.asarray(X.index.get_level_values("org_id"), dtype=str)
    after = events.days_until(day, orgs)
    beside = pd.DataFrame(
        {
            "_y": (after <= horizon_days).astype(np.int64),
            "_after": after,
            "_inspected": inspected(end, day, orgs, horizon_days),
        }
    )
    if guarding:
        caught |= {k: why for k, why in tautology.beside_label(X, beside["_y"].to_numpy()).items() if k not in caught}
    told = {"horizon_days": horizon_days, "known_by": end.day, "guarded": caught, "not_at_risk": int(taken.sum())}
    return Panel._of(X, beside, **told)


def _chosen(views: list[View], cohort: str | Callable[[View], pd.Index]) -> pd.MultiIndex:
    pairs = [(pd.Timestamp(view.day).as_unit("s"), org) for view in views for org in members(view, cohort)]
    return pd.MultiIndex.from_tuples(pairs, names=["as_of", "org_id"])


def _guarded(everyone: pd.DataFrame, standing: Standing, *, declare: bool) -> dict[str, str]:
    """Features that are a ground, by their declaration or by the rows; with the reason."""
    index = everyone.index
    assert isinstance(index, pd.MultiIndex)
    listing = catalogue()
    grounds = dict(zip(listing["name"].astype(str), listing["ground"].astype(str), strict=True))
    states = {name: np.asarray(index.isin(rows)) for name, rows in standing.by_ground.items() if name != "listed"}
    found = tautology.beside_grounds(everyone, states)
    return (tautology.declared(list(everyone.columns), grounds) if declare else {}) | found


def _joined(parts: list[Panel]) -> Panel:
    """Parts as one panel, without the features that any part caught."""
    caught: dict[str, str] = {}
    for part in reversed(parts):
        caught |= part.guarded
    return Panel(
        X=pd.concat([part.X.drop(columns=list(caught)) for part in parts]),
        y=np.concatenate([part.y for part in parts]),
        days=np.concatenate([part.days for part in parts]),
        orgs=np.concatenate([part.orgs for part in parts]),
        horizon_days=parts[0].horizon_days,
        known_by=parts[0].known_by,
        guarded=caught,
        not_at_risk=sum(part.not_at_risk for part in parts),
        after=np.concatenate([part.after for part in parts]),
        inspected=np.concatenate([part.inspected for part in parts]),
    )


def _write(parts: Iterable[Panel] | Iterator[Panel], folder: Path) -> Path:
    """One parquet file a part, never more than one part in memory, and what the parts share."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("part-*.parquet"):
        old.unlink()
    told: dict[str, Any] = {"guarded": {}, "not_at_risk": 0}
    for i, part in enumerate(parts):
        beside = pd.DataFrame({"_y": part.y, "_after": part.after, "_inspected": part.inspected})
        flat = [part.X.index.to_frame(index=False), part.X.reset_index(drop=True), beside]
        pd.concat(flat, axis=1).to_parquet(folder / f"part-{i:04d}.parquet", index=False)
        told |= {"horizon_days": part.horizon_days, "known_by": part.known_by.isoformat()}
        told["guarded"] = part.guarded | told["guarded"]
        told["not_at_risk"] += part.not_at_risk
    (folder / META).write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return folder
