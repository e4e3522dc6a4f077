"""The panel: one row per organisation and as-of day, what it looked like that evening, and whether a new ground arose within the horizon.

The rows of a day see what was known by the end of that day; the label looks ahead with later knowledge. **Who is at risk:** an
organisation that is active on the day, on neither list, and has no listing ground standing; one already in it has nothing left to
predict. Features that *are* a ground (a report missing today) are taken out and named: predicting a thing by itself is no prediction.
"""

from __future__ import annotations

import datetime as dt
import json
import warnings
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from ..errors import DataError, UsageError
from ..features import catalogue, features
from ..records.simulated import is_simulated
from ..records.source import as_day
from . import guard as tautology
from .cohort import Events, Standing, inspected, members
from .knowledge import HORIZON, KNOWN_BY, SIMULATED
from .outcomes import Tally, Windows, refuse_unused, told

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
    says whether somebody looked within the horizon; ``guarded`` names each feature that was taken out, with the reason; ``account`` counts
    what became of the events of a caller's outcome (see `outcomes.COUNTS`); ``simulated`` says whether the source is a simulated registry.
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
    simulated: bool | None = None
    account: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        told = {KNOWN_BY: self.known_by.isoformat(), HORIZON: self.horizon_days}
        self.X.attrs |= told if self.simulated is None else told | {SIMULATED: self.simulated}

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        parts = [f"left out by the guard: {', '.join(sorted(self.guarded))}"] if self.guarded else []
        parts += [told(self.account)] if self.account else []
        return f"{self.summary[:-1]}{''.join(f'; {part}' for part in parts)}>"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{escape(k)}</td><td>{escape(v)}</td></tr>" for k, v in sorted(self.guarded.items()))
        counts = f"<p>{escape(told(self.account))}</p>" if self.account else ""
        guarded = f"<p>left out by the guard:</p><table>{rows}</table>" if rows else ""
        return f"<p>{escape(self.summary[1:-1])}</p>{counts}{guarded}"

    @property
    def summary(self) -> str:
        """Rows, organisations, days and events in a line."""
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

    @property
    def _told(self) -> dict[str, Any]:
        """What a folder keeps beside the rows."""
        shared = {"horizon_days": self.horizon_days, "known_by": self.known_by.isoformat(), "simulated": self.simulated}
        return shared | ({"account": self.account} if self.account else {})

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
        said = json.loads((place / META).read_text(encoding="utf-8"))
        chosen = None if columns is None else [*columns, *_BESIDE, "as_of", "org_id"]
        parts = [pd.read_parquet(path, columns=chosen) for path in sorted(place.glob("part-*.parquet"))]
        frame = pd.concat(parts).set_index(["as_of", "org_id"])
        return cls._of(
            frame.drop(columns=[*_BESIDE, *(c for c in said["guarded"] if c in frame)]),
            frame[_BESIDE],
            horizon_days=int(said["horizon_days"]),
            known_by=dt.date.fromisoformat(said["known_by"]),
            guarded=dict(said["guarded"]),
            not_at_risk=int(said["not_at_risk"]),
            simulated=said.get("simulated"),
            account=dict(said.get("account", {})),
        )

    @classmethod
    def _of(cls, X: pd.DataFrame, beside: pd.DataFrame, **shared: Any) -> Self:
        return cls(
            X=X,
            y=beside["_y"].to_numpy(dtype=np.int64),
            days=pd.DatetimeIndex(X.index.get_level_values("as_of")).as_unit("s").to_numpy(),
            orgs=np.asarray(X.index.get_level_values("org_id"), dtype=str),
            after=beside["_after"].to_numpy(dtype=np.float64),
            inspected=beside["_inspected"].to_numpy(dtype=bool),
            **shared,
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
    outcome: Any = None,
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
        None: a new ground of the two lists. Or a frame (pandas, polars, Arrow) of the caller's events: ``org_id, event_on``, and where
        known ``recorded_at`` (an event counts only if it was known by ``known_by``) and ``ends_on`` (an organisation in the state is
        not at risk of it).
    known_by
        The day up to which later news may count for the labels; the last recorded day of the source if None. An ``outcome`` without
        it is taken as known as far as any horizon reaches.
    cohort
        ``at_risk``: active, and not in a ground, on a list or in the event's state. ``active``: everyone active. Or a function from a view
        to organisations (then those not at risk are left out as well).
    guard
        Take out features that are the ground or tell the label by themselves, and name each (in ``guarded``, and by a `GuardNotice`).
    out
        Write the panel to this folder, a few days at a time, and return it read back; for panels larger than memory read
        some columns of it with `Panel.read`.

    Raises
    ------
    UsageError
        A day whose horizon is not over by ``known_by`` (its label is not known yet), no day at all, or an outcome of which no event is in the
        label of any row (with the counts).
    """
    days = list(days)
    if outcome is not None and known_by is None:
        known_by = _vouched(source, days, horizon_days)
    asked = _asked(source, days, horizon_days, known_by)
    last = as_day(known_by) if known_by is not None else source.last_recorded
    assert last is not None
    end = source.as_of(last)
    tally: Tally | None = None
    if outcome is None:
        events = Events.of_law(end)
    else:
        events, every = Events.given(outcome, end.orgs, pd.Timestamp(last))
        tally = Tally(every, Windows(pd.Timestamp(asked[0]), pd.Timestamp(asked[-1]), horizon_days, pd.Timestamp(last)))
    parts = (
        _part(source, asked[i : i + DAYS_AT_ONCE], horizon_days, end, events, tally, cohort, guard)
        for i in range(0, len(asked), DAYS_AT_ONCE)
    )
    made = Panel.read(_write(parts, Path(out), tally)) if out is not None else _joined(list(parts), tally)
    if tally is not None:
        refuse_unused(made.account)
    if made.guarded:
        warnings.warn(tautology.notice(made.guarded), tautology.GuardNotice, stacklevel=2)
    return made


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
    tally: Tally | None,
    cohort: str | Callable[[View], pd.Index],
    guarding: bool,
) -> Panel:
    """The panel of a few days, in one sweep of the features; guarded features are named and still there.

    ``tally``: where events of the caller are counted; None for grounds of the law.
    """
    views = [source.as_of(day) for day in days]
    everyone = features(source, days=days)
    index = everyone.index
    assert isinstance(index, pd.MultiIndex)
    standing = Standing.of_law(views) if tally is None else Standing.of_events(views, events)
    stands = standing.any(index)
    taken = np.zeros(len(index), dtype=bool) if cohort == "active" else stands.copy()
    if callable(cohort) or cohort not in ("at_risk", "active"):
        taken |= ~index.isin(_chosen(views, cohort))
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
    caught: dict[str, str] = {}
    if guarding:
        at_risk = ~stands[~taken]
        caught = tautology.beside_label(X.loc[at_risk], beside["_y"].to_numpy()[at_risk])
        caught |= _declared(list(X.columns)) if tally is None else {}
    if tally is not None:
        tally.see(day, orgs)
    shared = {"horizon_days": horizon_days, "known_by": end.day, "guarded": caught, "not_at_risk": int(taken.sum())}
    return Panel._of(X, beside, simulated=is_simulated(end), **shared)


def _chosen(views: list[View], cohort: str | Callable[[View], pd.Index]) -> pd.MultiIndex:
    pairs = [(pd.Timestamp(view.day).as_unit("s"), org) for view in views for org in members(view, cohort)]
    return pd.MultiIndex.from_tuples(pairs, names=["as_of", "org_id"])


def _declared(columns: list[str]) -> dict[str, str]:
    """Features that are a ground by their declaration, with the reason."""
    listing = catalogue()
    return tautology.declared(
        columns, dict(zip(listing["name"].astype(str), listing["ground"].astype(str), strict=True))
    )


def _joined(parts: list[Panel], tally: Tally | None = None) -> Panel:
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
        simulated=parts[0].simulated,
        account={} if tally is None else tally.counts(),
    )


def _write(parts: Iterable[Panel] | Iterator[Panel], folder: Path, tally: Tally | None = None) -> Path:
    """One parquet file a part, never more than one part in memory, and what the parts share."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("part-*.parquet"):
        old.unlink()
    said: dict[str, Any] = {"guarded": {}, "not_at_risk": 0}
    for i, part in enumerate(parts):
        beside = pd.DataFrame({"_y": part.y, "_after": part.after, "_inspected": part.inspected})
        flat = [part.X.index.to_frame(index=False), part.X.reset_index(drop=True), beside]
        pd.concat(flat, axis=1).to_parquet(folder / f"part-{i:04d}.parquet", index=False)
        said |= part._told
        said["guarded"] = part.guarded | said["guarded"]
        said["not_at_risk"] += part.not_at_risk
    said |= {} if tally is None else {"account": tally.counts()}
    (folder / META).write_text(json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return folder
