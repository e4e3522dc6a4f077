"""Who is at risk on a day, what happens to them afterwards, and where somebody looked.

The rows of a day are judged by what was known that evening; events and inspections after it by what was known on the last day of knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import UsageError
from ..law import grounds, standing
from .outcomes import DAYS, day_column, match_organisations, outcome_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ..records import View

COHORTS = ("at_risk", "active")
LOOKED = ("spot_check", "rectification_order", "fundraising_condition", "party_duty")


@dataclass(frozen=True)
class Events:
    """Events of organisations: org_id, event_on, and for a caller's events when they end and when they were known (NaT: never, always)."""

    frame: pd.DataFrame

    @classmethod
    def of_law(cls, view: View) -> Events:
        """New grounds of the two lists: the organisation and the day the ground arose, as known on the view's day."""
        facts = grounds(view)
        found = pd.DataFrame({"org_id": facts["org_id"].astype("str"), "event_on": day_column(facts["since"])})
        return cls(found.dropna().drop_duplicates().reset_index(drop=True))

    @classmethod
    def given(cls, outcome: Any, known: pd.Index[str], known_by: pd.Timestamp) -> tuple[Events, pd.DataFrame]:
        """A caller's frame ``org_id, event_on`` with, where there are such, ``ends_on`` and ``recorded_at``; later news is left out.

        Returns the events that count, and all that were given, with ``known_org``: the organisation of the source that each means.

        Raises
        ------
        UsageError
            A column is missing or a day cannot be read.
        """
        frame = outcome_frame(outcome)
        every = pd.DataFrame({"known_org": match_organisations(frame["org_id"], known)})
        for name in DAYS:
            every[name] = day_column(frame[name]) if name in frame else pd.Series(pd.NaT, every.index, "datetime64[s]")
        seen = every["recorded_at"].isna() | (every["recorded_at"] <= known_by)
        counts = seen & every["event_on"].notna() & every["known_org"].notna()
        events = every.loc[counts].rename(columns={"known_org": "org_id"}).reset_index(drop=True)
        return cls(events), every

    def standing_on(self, day: pd.Timestamp) -> pd.Index[str]:
        """Organisations in the event's state on a day, by what was known that day; only events that say when they end have a state."""
        known = self.frame["recorded_at"].isna() | (self.frame["recorded_at"] <= day)
        stands = (self.frame["event_on"] <= day) & (self.frame["ends_on"] > day)
        return _index(self.frame.loc[known & stands, "org_id"].unique())

    def days_until(self, day: pd.DatetimeIndex, orgs: NDArray[np.str_]) -> NDArray[np.float64]:
        """Days from each row's day to the organisation's first event after it; NaN where there is none.

        >>> events = Events(pd.DataFrame({"org_id": ["A"], "event_on": [pd.Timestamp("2024-03-01")]}))
        >>> events.days_until(pd.DatetimeIndex(["2024-02-29", "2024-03-01"]), np.array(["A", "A"]))
        array([ 1., nan])
        """
        rows = pd.DataFrame(
            {"org_id": pd.Series(orgs, dtype="str"), "day": day.as_unit("ns"), "at": np.arange(len(orgs))}
        )
        events = self.frame[["org_id", "event_on"]].assign(event_on=self.frame["event_on"].astype("datetime64[ns]"))
        after = pd.merge_asof(
            rows.sort_values("day", kind="stable"),
            events.sort_values("event_on", kind="stable"),
            left_on="day",
            right_on="event_on",
            by="org_id",
            direction="forward",
            allow_exact_matches=False,
        ).sort_values("at")
        gap = (after["event_on"] - after["day"]).to_numpy(dtype="timedelta64[s]")
        return np.asarray(gap / np.timedelta64(1, "D"), dtype=np.float64)


@dataclass(frozen=True)
class Standing:
    """Who is out of the risk set on each day, and why: (as_of, org_id) of each ground that stands, and of list members."""

    by_ground: dict[str, pd.MultiIndex]

    @classmethod
    def of_law(cls, views: Sequence[View]) -> Standing:
        """Grounds that stand and lists that hold, each day by what was known that day."""
        parts: dict[str, list[pd.MultiIndex]] = {}
        for view in views:
            facts = standing(view)
            for ground, rows in facts.groupby("ground")["org_id"]:
                parts.setdefault(str(ground), []).append(_on(view, rows.unique()))
            parts.setdefault("listed", []).append(_on(view, sorted(listed(view))))
        return cls({ground: _joined(found) for ground, found in parts.items()})

    @classmethod
    def of_events(cls, views: Sequence[View], events: Events) -> Standing:
        """Organisations in the state of a caller's event."""
        return cls({"event": _joined([_on(v, events.standing_on(pd.Timestamp(v.day))) for v in views])})

    def any(self, index: pd.MultiIndex) -> NDArray[np.bool_]:
        """Rows of an index that are out of the risk set."""
        out = np.zeros(len(index), dtype=bool)
        for found in self.by_ground.values():
            out |= index.isin(found)
        return out


def listed(view: View) -> set[str]:
    """Organisations on either list on the view's day, by the newest decision of each list."""
    rows = view.table("listings")
    if rows.empty:
        return set()
    ordered = rows.sort_values(["decided_on", "recorded_at", "listing_id"], kind="stable")
    newest = ordered.groupby(["org_id", "list"]).tail(1)
    return set(newest.loc[newest["action"] != "removed", "org_id"])


def inspected(view: View, day: pd.DatetimeIndex, orgs: NDArray[np.str_], horizon_days: int) -> NDArray[np.bool_]:
    """Rows whose organisation somebody looked at within the horizon: only there can misconduct have become a label."""
    rows = view.table("inspections")
    looks = rows.loc[rows["kind"].isin(LOOKED), ["org_id", "issued_on"]].rename(columns={"issued_on": "event_on"})
    looks = looks.assign(event_on=day_column(looks["event_on"]), org_id=looks["org_id"].astype("str"))
    return Events(looks).days_until(day, orgs) <= horizon_days


def members(view: View, cohort: str | Callable[[View], pd.Index[str]]) -> pd.Index[str]:
    """Organisations a cohort rule takes in on the view's day, before those in the event's state are left out."""
    if not callable(cohort):
        raise UsageError.choice("cohort", cohort, COHORTS)
    return _index(cohort(view))


def _on(view: View, org_ids: Any) -> pd.MultiIndex:
    day = pd.Timestamp(view.day).as_unit("s")
    return pd.MultiIndex.from_product([[day], _index(org_ids)], names=["as_of", "org_id"])


def _index(org_ids: Any) -> pd.Index[str]:
    found: pd.Index[str] = pd.Index(org_ids, dtype="str")
    return found


def _joined(parts: Sequence[pd.MultiIndex]) -> pd.MultiIndex:
    return parts[0].append(list(parts[1:]))
