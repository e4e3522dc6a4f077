"""The panel: one row per organisation and as-of day, what it looked like that evening, and whether a new ground arose within the horizon.

The rows of a day see what was known by the end of that day; the label looks ahead with later knowledge. **Who is at risk:** an
organisation that is active on the day, on neither list, and has no listing ground standing; one already in it has nothing left to
predict. Features that *are* a ground (a report missing today) are taken out and named: predicting a thing by itself is no prediction.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import UsageError
from ..features import catalogue, features
from ..law import grounds, standing
from ..records.source import as_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from ..records import Source, View


@dataclass(frozen=True)
class Panel:
    """Rows to learn from: features, label, day and organisation of each, and what was taken out.

    ``X`` is indexed by (as_of, org_id); ``y`` is 1 where an event falls in (day, day + horizon]; ``days`` are datetime64[s].
    """

    X: pd.DataFrame
    y: NDArray[np.int64]
    days: NDArray[np.datetime64]
    orgs: NDArray[np.str_]
    horizon_days: int
    known_by: dt.date
    guarded: tuple[str, ...]
    not_at_risk: int

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
        return Panel(
            self.X.iloc[chosen] if chosen.dtype != bool else self.X.loc[chosen],
            self.y[chosen],
            self.days[chosen],
            self.orgs[chosen],
            self.horizon_days,
            self.known_by,
            self.guarded,
            self.not_at_risk,
        )


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
        None: a new ground of the two lists. Or a frame ``org_id, event_on``: the caller's events (then every active organisation is at risk).
    known_by
        The day up to which later news may count for the labels. None: the last recorded day of the source; an ``outcome`` is taken
        as complete.

    Raises
    ------
    UsageError
        A day whose horizon is not over by ``known_by``: its label is not known yet.
    """
    if known_by is None and outcome is None:
        known_by = source.last_recorded
    asked, last = panel_days(days, horizon_days, known_by, vouched=outcome is not None)
    X = features(source, days=asked)
    everyone = len(X)
    if outcome is None:
        X = X.loc[X.index.isin(at_risk(source, asked))]
    events = new_grounds(source.as_of(last)) if outcome is None else given_events(outcome)
    guarded = ground_features() if outcome is None else ()
    day = pd.DatetimeIndex(X.index.get_level_values("as_of")).as_unit("s")
    orgs = np.asarray(X.index.get_level_values("org_id"), dtype=str)
    return Panel(
        X.drop(columns=list(guarded)),
        labels(day, orgs, events, horizon_days),
        day.to_numpy(),
        orgs,
        horizon_days,
        last,
        guarded,
        everyone - len(X),
    )


def listed(view: View) -> set[str]:
    """Organisations on either list on the view's day, by the newest decision of each list."""
    rows = view.table("listings")
    if rows.empty:
        return set()
    newest = (
        rows.sort_values(["decided_on", "recorded_at", "listing_id"], kind="stable").groupby(["org_id", "list"]).tail(1)
    )
    return set(newest.loc[newest["action"] != "removed", "org_id"])


def panel_days(
    days: Iterable[Any], horizon_days: int, known_by: Any, *, vouched: bool
) -> tuple[list[dt.date], dt.date]:
    """As-of days in order and the last day known; raises `UsageError` where the horizon of a day is not over by then.

    ``vouched``: without ``known_by`` the caller's events are known as far as any horizon reaches.
    """
    asked = sorted({as_day(d) for d in days})
    if not asked or (known_by is None and not vouched):
        raise UsageError("a panel needs at least one as-of day and a source that is not empty.")
    last = asked[-1] + dt.timedelta(days=horizon_days) if known_by is None else as_day(known_by)
    latest = last - dt.timedelta(days=horizon_days)
    if asked[-1] > latest:
        raise UsageError(
            f"the label of {asked[-1]} looks {horizon_days} days ahead, beyond {last}, the last day known; take days up to {latest}."
        )
    return asked, last


def at_risk(source: Source, days: Sequence[dt.date]) -> pd.MultiIndex:
    """(as_of, org_id) of the organisations at risk, each day by what was known that day."""
    parts = []
    for view in map(source.as_of, days):
        out = listed(view) | set(standing(view)["org_id"])
        kept = view.active[~view.active.isin(list(out))]
        parts.append(pd.MultiIndex.from_product([[pd.Timestamp(view.day).as_unit("s")], kept]))
    return parts[0].append(parts[1:])


def new_grounds(view: View) -> pd.DataFrame:
    """New grounds as events: organisation and the day the ground arose."""
    facts = grounds(view)
    return pd.DataFrame({"org_id": facts["org_id"], "event_on": facts["since"]}).dropna().drop_duplicates()


def given_events(outcome: pd.DataFrame) -> pd.DataFrame:
    """Events of the caller; raises `UsageError` where a column is missing."""
    missing = {"org_id", "event_on"} - set(outcome.columns)
    if missing:
        raise UsageError(f"outcome lacks {', '.join(sorted(missing))}; give a frame with org_id and event_on.")
    found = outcome.loc[:, ["org_id", "event_on"]].dropna()
    return found.assign(org_id=found["org_id"].astype("str"), event_on=pd.to_datetime(found["event_on"]))


def labels(day: pd.DatetimeIndex, orgs: NDArray[np.str_], events: pd.DataFrame, horizon: int) -> NDArray[np.int64]:
    """1 where the organisation's first event after the day falls within the horizon."""
    rows = pd.DataFrame({"org_id": pd.Series(orgs, dtype="str"), "day": day.as_unit("ns"), "at": np.arange(len(orgs))})
    events = events.assign(event_on=pd.DatetimeIndex(events["event_on"]).as_unit("ns")).sort_values("event_on")
    after = pd.merge_asof(
        rows.sort_values("day", kind="stable"),
        events.assign(org_id=events["org_id"].astype("str")),
        left_on="day",
        right_on="event_on",
        by="org_id",
        direction="forward",
        allow_exact_matches=False,
    ).sort_values("at")
    within = (after["event_on"] - after["day"]) <= pd.Timedelta(days=horizon)
    return np.asarray(within, dtype=np.int64)


def ground_features() -> tuple[str, ...]:
    """Features that are a ground themselves, by their declaration."""
    listed_features = catalogue()
    return tuple(listed_features.loc[listed_features["ground"].astype("str").str.len() > 0, "name"])
