"""Removal: when the law lets an organisation off a list, and on which words (O60 art. 14, 17, 18).

From the abnormal list: once the duty is done or the order rectified, or after the months where there is nothing to rectify; never while
another ground stands. From the serious list: after two clean years and on application; a revoked one after deregistration. From either, where
the fact a listing rests on is gone as known now. A granted credit repair alone removes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..calendar.periods import latest, plus_months, plus_years
from ..records.lookups import looked_up, within
from .evaluate import stands
from .parameters import joined
from .registry import knows, lasting, rule_of, situation, stay_kinds
from .rule import ABNORMAL, SERIOUS
from .stays import YEARS_SERIOUS

if TYPE_CHECKING:
    from .known import Known

COLUMNS: Final = ("org_id", "flag", "ground", "listed_on", "key", "since", "rule", "applied", "unconfirmed", "amended")
"""``since``: the day removal became lawful. ``rule``: the removing rule. ``applied``: nothing is left for the organisation to do.
``amended``: the amended figures it was judged by."""
NEED: Final = ["org_id", "situation"]


def removals(
    known: Known, facts: pd.DataFrame, made: pd.DataFrame, stays: pd.DataFrame
) -> tuple[pd.DataFrame, pd.Series]:
    """The removals that are lawful on the evening, one a stay, and the day on which each stay is over by time alone (if it will be)."""
    stays = stays.assign(key=stays["listing_id"])
    facts = facts.assign(situation=facts["ground"].map(situation).astype("str"), stands=stands(facts, known.today))
    abnormal, serious = (stays.loc[stays["flag"] == flag] for flag in (ABNORMAL, SERIOUS))
    cured, clears = _rectified(known, facts.loc[facts["flag"] == ABNORMAL], made, abnormal)
    ways = [
        _baseless(stays),
        cured,
        _escalated(abnormal, serious),
        _deregistered(known, serious),
        _clean(known, facts, made, serious),
    ]
    frames = [(way if "amended" in way else way.assign(amended="")).loc[:, list(COLUMNS)] for way in ways]
    away = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    return away.drop_duplicates(["org_id", "flag", "key"], ignore_index=True), clears.reindex(stays.index)


def _rectified(
    known: Known, facts: pd.DataFrame, made: pd.DataFrame, stays: pd.DataFrame
) -> tuple[pd.DataFrame, pd.Series]:
    """Stays on the abnormal list whose every ground is rectified, or over by time where there is nothing to rectify."""
    sound = made["enters"] & made["stay"].isin(stays["stay"]) & (made["gone_on"].isna() | made["until"].isna())
    needs = made.loc[sound, [*NEED, "ground"]].drop_duplicates()
    needs = needs.merge(stays.loc[:, ["org_id", "listed_on", "first_on"]].drop_duplicates("org_id"), on="org_id")
    behind = facts.reset_index(names="fact").merge(needs.drop(columns="ground").drop_duplicates(), on=NEED)
    behind = _overlapping(behind.loc[behind["since"] <= behind["listed_on"]])
    cured = behind.groupby(NEED).agg(undone=("stands", "any"), done=("ends", "max"))
    needs = needs.join(_by_time(known, needs))
    needs = needs.merge(cured, left_on=NEED, right_index=True, how="left")
    duty = ~needs["by_time"] & (needs["undone"] == False)  # noqa: E712 - missing must not count as done
    needs["over"] = needs["over"].where(~duty, latest(needs["done"], needs["first_on"]))
    whole = needs.groupby("org_id").agg(
        missing=("over", lambda days: days.isna().any()),
        over=("over", "max"),
        by_time=("by_time", "all"),
        unconfirmed=("unconfirmed", _codes),
        amended=("amended", _codes),
    )
    told = stays.merge(whole, left_on="org_id", right_index=True).set_axis(stays.index)
    other = facts.loc[facts["stands"] & ~facts.index.isin(behind["fact"]), "org_id"]
    possible = ~told["missing"].astype(bool) & ~within(told["org_id"], other)
    clears = told["over"].where(possible & told["by_time"] & (told["over"] > known.today))
    ready = told.loc[possible & (told["over"] <= known.today)]
    return ready.assign(
        since=ready["over"],
        rule=np.where(ready["by_time"], "AL-R2", "AL-R1"),
        applied=True,
    ), clears


def _overlapping(behind: pd.DataFrame) -> pd.DataFrame:
    """Of the facts before a listing those that stood when the stay began; where none did, the ones that had ended by then (listed too late)."""
    stood = ~(behind["ends"] < behind["first_on"])
    any_stood = stood.groupby([behind["org_id"], behind["situation"]]).transform("any")
    return behind.loc[stood | ~any_stood]


def _by_time(known: Known, needs: pd.DataFrame) -> pd.DataFrame:
    """``by_time``: nothing is to be rectified for a ground; ``over``: its stay, by the law of the listing, with its doubt and amendment."""
    stay = [rule_of(ground).stay if knows(ground) else None for ground in needs["ground"]]
    names = np.array(["" if kind is None else kind.name for kind in stay], dtype=object)
    columns = {"by_time": names != "", "over": pd.NaT, "unconfirmed": "", "amended": ""}
    told = pd.DataFrame(columns, index=needs.index).astype(
        {"over": "datetime64[s]", "unconfirmed": "str", "amended": "str"}
    )
    for kind in stay_kinds():
        here = names == kind.name
        listed_on = needs.loc[here, "listed_on"]
        reading = known.read(kind, listed_on)
        told.loc[here, "over"] = reading.after(listed_on, plus_months)
        told.loc[here, "unconfirmed"], told.loc[here, "amended"] = reading.doubts(), reading.amendments()
    return told


def _codes(cells: pd.Series) -> str:
    """Codes of several grounds in one cell, each once."""
    return ";".join(dict.fromkeys(filter(None, cells)))


def _escalated(abnormal: pd.DataFrame, serious: pd.DataFrame) -> pd.DataFrame:
    """Stays on the abnormal list whose two full years put the organisation on the serious list: off the one on the day of the other."""
    grown = serious.loc[serious["situation"] == "SL-01"].drop_duplicates("org_id").set_index("org_id")["listed_on"]
    since = looked_up(abnormal["org_id"], grown)
    ready = abnormal.assign(since=since).loc[since >= abnormal["listed_on"]]
    return ready.assign(rule="AL-R4", applied=True, unconfirmed="")


def _clean(known: Known, facts: pd.DataFrame, made: pd.DataFrame, stays: pd.DataFrame) -> pd.DataFrame:
    """Two full years on the serious list without a new situation, and nothing left undone."""
    grounds = made.loc[made["enters"] & made["stay"].isin(stays["stay"])].groupby("org_id")["situation"].agg(set)
    held = pd.Series([grounds.get(org, set()) for org in stays["org_id"]], index=stays.index, dtype=object)
    met = facts.merge(stays.loc[:, ["org_id", "listed_on"]], on="org_id")
    newer = met.loc[(met["since"] > met["listed_on"]) & (met["situation"] != "SL-01")]
    duties = met.loc[lasting(met["rule"]) & (met["since"] <= met["listed_on"])]
    began = latest(stays["listed_on"], looked_up(stays["org_id"], newer.groupby("org_id")["since"].max()))
    read = known.read(YEARS_SERIOUS, began)
    over = read.after(began, plus_years)
    grown, revoked = (held.map(lambda one, name=name: name in one).astype(bool) for name in ("SL-01", "SL-07"))
    holding = met.loc[met["situation"].map(lambda name: knows(name) and rule_of(name).holds).astype(bool)]
    lifted = looked_up(stays["org_id"], holding.groupby("org_id")["ends"].max())
    done = looked_up(stays["org_id"], duties.groupby("org_id")["ends"].max())
    since = latest(latest(over, lifted), done.where(grown))
    undone = within(stays["org_id"], newer.loc[newer["stands"], "org_id"])
    undone |= within(stays["org_id"], holding.loc[holding["stands"], "org_id"])
    undone |= grown & within(stays["org_id"], duties.loc[duties["stands"], "org_id"])
    ready = stays.assign(since=since)[(since <= known.today) & ~undone & ~revoked]
    applied, repaired = (_asked(known, ready, which) for which in ("applied", "repaired"))
    doubtful = pd.Series(np.where(repaired & ~applied, "reading:repair", ""), index=ready.index, dtype="str")
    return ready.assign(
        rule="SL-R2",
        applied=applied | repaired,
        unconfirmed=joined([doubtful, read.doubts()[ready.index]], ready.index),
        amended=read.amendments()[ready.index],
    )


def _asked(known: Known, stays: pd.DataFrame, which: str) -> pd.Series:
    """Whether removal was applied for, or a repair granted, since the listing."""
    if which == "applied":
        rows = known.table("procedures")
        rows = rows.loc[(rows["step"] == "removal_applied") & (rows["list"] == "serious_dishonesty")]
        last: pd.Series = rows.groupby("org_id")["done_on"].max()
    else:
        rows = known.exemptions.loc[known.exemptions["kind"] == "repair"]
        last = rows.groupby("org_id")["granted_on"].max()
    return looked_up(stays["org_id"], last) >= stays["listed_on"]


def _deregistered(known: Known, stays: pd.DataFrame) -> pd.DataFrame:
    """Listed after revocation, and deregistered since."""
    orgs = known.organizations
    gone = orgs.loc[orgs["status"] == "deregistered"].set_index("org_id")["left_on"]
    ready = stays.loc[within(stays["org_id"], gone.index) & (stays["situation"] == "SL-07")]
    return ready.assign(since=looked_up(ready["org_id"], gone), rule="SL-R3", applied=True, unconfirmed="")


def _baseless(stays: pd.DataFrame) -> pd.DataFrame:
    """Stays all of whose listings in force rest on facts that are gone as known now, see `withdrawn`."""
    own = [stays["org_id"], stays["flag"]]
    ready = stays.loc[stays["gone_on"].notna().groupby(own).transform("all")]
    return ready.assign(since=ready["gone_on"], rule=ready["gone_rule"], applied=True, unconfirmed="")
