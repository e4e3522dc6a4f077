"""Listings whose fact is gone: it stood as known when the listing was decided, or on some other evening, and does not as known now.

Whatever took it away: the record was voided or corrected, an objection or a certificate was granted, a deadline was moved, a row came in late.
Such a listing is to be undone, and no clock of it runs on. A fact that stood and was mended since is none of these: see `removal`. Of a
listing of which no evening shows a fact nothing is said, since what it rested on is not on record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from ..calendar.periods import latest, plus_years
from ..records.lookups import looked_up, within
from .evaluate import Found, base_rules
from .knowledge import WATCHED, facts_on, named_facts_on, stretches, watched
from .registry import situation
from .rule import ABNORMAL, SERIOUS, Rule
from .stays import YEARS_ABNORMAL

if TYPE_CHECKING:
    from .known import Known

BEHIND: Final = ["org_id", "situation"]
GONE: Final = ["key", "gone_on", "gone_rule"]


def withdrawn(known: Known, found: Found, made: pd.DataFrame) -> pd.DataFrame:
    """The listings whose fact is gone: key (of the listing), gone_on (the day from which it is), gone_rule (the rule that says so).

    ``made``: see `decided.decisions`; only organisations with a listing in force are looked at.
    """
    in_force = made.loc[made["enters"] & made["until"].isna(), "org_id"]
    listings = made.loc[made["enters"] & within(made["org_id"], in_force)]
    listings = listings.rename(columns={"listing_id": "key"})
    if listings.empty:
        return pd.DataFrame(columns=GONE).astype({"key": "str", "gone_on": "datetime64[s]", "gone_rule": "str"})
    now = found.frame.loc[within(found.frame["org_id"], listings["org_id"])]
    now = _with_situation(now.assign(names=found.names(now, found.evidence(now))))
    parts = [_by_facts(known, now, listings), _objected(known, listings)]
    gone = _first_of(parts)
    return _first_of([gone, _two_years(known, now, listings, gone)])


def _first_of(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """One row a listing, the earliest day."""
    rows = pd.concat([part.loc[:, GONE] for part in parts if len(part)] or [parts[0].loc[:, GONE]], ignore_index=True)
    return rows.sort_values(["key", "gone_on"], kind="stable").drop_duplicates("key").reset_index(drop=True)


def _by_facts(known: Known, now: pd.DataFrame, listings: pd.DataFrame) -> pd.DataFrame:
    """Listings on whose day a fact of the ground stood as known once, and none does as known now."""
    doubted = listings.loc[~within(listings["key"], _behind(now, listings)["key"])]
    parts = [_once_known(known, *watch) for watch in watched(doubted)]
    if not parts:
        return doubted.head(0).assign(gone_on=doubted["listed_on"], gone_rule="")
    then = pd.concat(parts, ignore_index=True)
    rested = _rested(then, doubted)
    still = (
        rested.loc[:, ["key", "names"]]
        .explode("names")
        .merge(_behind(now, doubted, stood=False).loc[:, ["key", "names"]].explode("names"), on=["key", "names"])
    )
    rested = rested.loc[~within(rested["key"], still["key"])]
    gone = rested.groupby("key")["until"].max().rename("gone_on").reset_index()
    gone = gone.merge(listings.loc[:, ["key", "org_id", "listed_on"]], on="key")
    return _dated(known, gone)


def _once_known(known: Known, listings: pd.DataFrame, rules: list[Rule], tables: tuple[str, ...]) -> pd.DataFrame:
    """Facts of some rules as known on every stretch of evenings about the organisations of listings; see `watched`."""
    told = stretches(known, listings["org_id"], tables)
    then = _with_situation(named_facts_on(known, told, rules).merge(told, on=["org_id", "evening"]))
    return then.loc[then["since"] < then["until"]]


def _rested(then: pd.DataFrame, listings: pd.DataFrame) -> pd.DataFrame:
    """What each listing rested on: what stood as known on its day or later; else before, if a record showed it; else what was over by then."""
    at_decision = _behind(then, listings)
    at_decision = at_decision.loc[at_decision["until"] > at_decision["listed_on"]]
    listings = listings.loc[~within(listings["key"], at_decision["key"])]
    earlier = _behind(then.loc[then["on_record"]], listings)
    listings = listings.loc[~within(listings["key"], earlier["key"])]
    over = _behind(then, listings, stood=False)
    over = over.loc[over["on_record"] | (over["until"] > over["listed_on"])]
    return pd.concat([at_decision, earlier, over], ignore_index=True)


def _behind(facts: pd.DataFrame, listings: pd.DataFrame, *, stood: bool = True) -> pd.DataFrame:
    """Facts of the ground of each listing that had arisen by its day, and (``stood``) were not over before it; with its ``key``."""
    met = facts.merge(listings.loc[:, [*BEHIND, "listed_on", "key"]], on=BEHIND)
    met = met.loc[met["since"] <= met["listed_on"]]
    return met.loc[~(met["ends"] < met["listed_on"])] if stood else met


def _with_situation(facts: pd.DataFrame) -> pd.DataFrame:
    """Facts with the family of their ground."""
    return facts.assign(situation=facts["ground"].map(situation).astype("str"))


def _dated(known: Known, gone: pd.DataFrame) -> pd.DataFrame:
    """The day of the event: of an exemption the day it was granted, else the day the news came; never before the listing itself."""
    rows = known.exemptions
    rows = rows.loc[rows["kind"].isin(["objection", "no_direct_responsibility"])]
    rows = rows.assign(gone_on=rows["recorded_at"].dt.floor("D").astype("datetime64[s]"))
    rows = rows.sort_values(["granted_on", "kind"], kind="stable").drop_duplicates(["org_id", "gone_on"], keep="last")
    met = gone.merge(rows.loc[:, ["org_id", "gone_on", "granted_on", "kind"]], on=["org_id", "gone_on"], how="left")
    day = met["granted_on"].where(met["granted_on"].notna(), met["gone_on"])
    excused = met["kind"] == "no_direct_responsibility"
    return met.assign(
        gone_on=latest(day.astype("datetime64[s]"), met["listed_on"]),
        gone_rule=excused.map({True: "EX-01", False: "EX-02"}).astype("str"),
    )


def _objected(known: Known, listings: pd.DataFrame) -> pd.DataFrame:
    """Listings an objection was granted to."""
    rows = known.exemptions
    rows = rows.loc[(rows["kind"] == "objection") & rows["table"].isin(["", "listings"])]
    rows = rows.rename(columns={"name": "key", "granted_on": "gone_on"})
    met = rows.loc[:, ["org_id", "key", "gone_on"]].merge(listings.loc[:, ["org_id", "key"]], on=["org_id", "key"])
    return met.groupby("key")["gone_on"].max().reset_index().assign(gone_rule="EX-02")


def _two_years(known: Known, now: pd.DataFrame, listings: pd.DataFrame, gone: pd.DataFrame) -> pd.DataFrame:
    """Listings for two full years on the other list where every listing that grew so old is gone, or its duty was done in time as known now."""
    serious = listings.loc[(listings["flag"] == SERIOUS) & (listings["situation"] == "SL-01")]
    serious = serious.loc[:, ["key", "org_id", "listed_on"]]
    if serious.empty:
        return serious.assign(gone_on=serious["listed_on"], gone_rule="EX-02")
    grown = _grown(known, listings, gone).merge(serious, on="org_id", suffixes=("_behind", ""))
    grown = grown.loc[grown["full"] <= grown["listed_on"]]
    sound = grown.loc[grown["gone_on"].isna()]
    baseless = grown.loc[~within(grown["key"], sound["key"])].groupby("key")["gone_on"].max()
    return pd.concat(
        [part.reset_index().assign(gone_rule="EX-02") for part in (baseless, _done_in_time(known, now, sound))],
        ignore_index=True,
    )


def _grown(known: Known, listings: pd.DataFrame, gone: pd.DataFrame) -> pd.DataFrame:
    """Listings on the abnormal list that reached two full years: org_id, full, gone_on (missing: sound); those that were voided too."""
    mine = listings.loc[listings["flag"] == ABNORMAL, ["org_id", "key", "listed_on", "until"]]
    mine = mine.assign(gone_on=looked_up(mine["key"], gone.set_index("key")["gone_on"]))
    rows = known.view.restricted_to(listings["org_id"]).history("listings")
    last = rows.drop_duplicates(["org_id", "listing_id"], keep="last")
    last = last.loc[(last["known_until"] <= known.today) & (last["list"] == "abnormal") & (last["action"] != "removed")]
    taken = last.rename(columns={"listing_id": "key", "decided_on": "listed_on", "known_until": "gone_on"})
    both = pd.concat([mine, taken.loc[:, ["org_id", "key", "listed_on", "gone_on"]]], ignore_index=True)
    years = known.read(YEARS_ABNORMAL, both["listed_on"])
    both = both.assign(full=years.after(both["listed_on"], plus_years))
    return both.loc[~(both["until"] < both["full"]), ["org_id", "full", "gone_on"]].reset_index(drop=True)


def _done_in_time(known: Known, now: pd.DataFrame, grown: pd.DataFrame) -> pd.Series:
    """Listings for two full years (by key) when something was undone as known then, and nothing as known now: the day that was learnt."""
    asked = grown.loc[:, ["key", "org_id", "listed_on", "full"]]
    asked = asked.loc[~within(asked["key"], _undone(now, asked)["key"])]
    duties = [rule for rule in base_rules() if rule.flag == ABNORMAL]
    told = stretches(known, asked["org_id"], tuple({table: None for tables in WATCHED.values() for table in tables}))
    told = told.loc[told["until"] > looked_up(told["org_id"], asked.groupby("org_id")["listed_on"].min())]
    then = _undone(facts_on(known, told, duties).merge(told, on=["org_id", "evening"]), asked)
    at_decision = (then["evening"] <= then["listed_on"]) & (then["listed_on"] < then["until"])
    then = then.loc[within(then["key"], then.loc[at_decision, "key"])]
    return latest(then["until"], then["listed_on"]).groupby(then["key"]).max().rename("gone_on")


def _undone(facts: pd.DataFrame, grown: pd.DataFrame) -> pd.DataFrame:
    """Facts of the abnormal list that stood when two years were full, with the ``key`` of the listing for them."""
    met = facts.loc[facts["flag"] == ABNORMAL].merge(grown, on="org_id")
    return met.loc[(met["since"] <= met["full"]) & ~(met["ends"] <= met["full"])]
