"""Removal: when the law lets an organisation off a list, and on which words (O60 art. 14, 17, 18).

From the abnormal list: once the duty is done or the order rectified, or after six months where there is nothing to rectify; never while a
new situation stands. From the serious list: after two clean years and on application; a revoked one after deregistration. A granted
objection to the record a listing rests on takes the listing away too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ..records import TABLES
from .evaluate import stands
from .periods import looked_up, plus_months, plus_years
from .registry import RULES, family, rule_of
from .rule import ABNORMAL, o60

if TYPE_CHECKING:
    from .known import Known

BY_DUTY = o60("十四", "")
BY_TIME = o60("十四", "")
BY_YEARS = o60("十七", "")
BY_OBJECTION = o60("十八", "")


def removable(
    known: Known, flag: str, stays: pd.DataFrame, own: pd.DataFrame, found: pd.DataFrame, restarts: pd.DataFrame
) -> pd.DataFrame:
    """Rows that recommend removal, carrying the ground of the listing and the removing article as citation."""
    from .lists import decision_rows, known_default

    stays = stays.assign(ground=stays["ground"].fillna(known_default(flag)))
    ways = [_by_objection(known, stays, own)]
    free = stays.loc[~stays["org_id"].isin(restarts["org_id"])]
    if flag == ABNORMAL:
        ways += [_by_time(known, free), _by_duty(known, free, own)]
    else:
        ways += [_by_years(known, free, found), _by_deregistration(known, stays)]
    parts = []
    taken: set[str] = set()
    for way in ways:
        new = way.loc[~way["org_id"].isin(list(taken))].reset_index(drop=True)
        taken |= set(new["org_id"])
        rows = decision_rows(new, flag, "recommend_removal", new["ground"], new["since"])
        parts.append(rows.assign(citation=new["citation"].to_numpy()))
    return pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)


def _by_time(known: Known, stays: pd.DataFrame) -> pd.DataFrame:
    """Nothing to rectify, and the months are over."""
    ids = {rule.id for rule in RULES}
    months = stays["ground"].map(lambda g: (rule_of(g).clears_after_months or 0) if family(g) in ids else 0).astype(int)
    parts = []
    for count in sorted(set(months[months > 0])):
        chosen = stays.loc[months == count]
        over = plus_months(chosen["listed_on"], int(count))
        parts.append(chosen.assign(since=over)[over <= known.today])
    return _cited(pd.concat(parts) if parts else stays.iloc[:0].assign(since=stays["listed_on"].iloc[:0]), BY_TIME.zh)


def _by_duty(known: Known, stays: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """The facts the listing rests on are all over, because the duty was done."""
    ids = {rule.id for rule in RULES if not rule.clears_after_months}
    stays = stays.loc[stays["ground"].map(family).isin(ids)]
    stays = stays.assign(rule=stays["ground"].map(family))
    joined = own.merge(stays.loc[:, ["org_id", "rule", "listed_on"]], on=["org_id", "rule"])
    joined = joined.loc[joined["since"] <= joined["listed_on"]]
    joined = joined.assign(open=stands(joined, known.today))
    told = joined.groupby("org_id").agg(open=("open", "any"), since=("ends", "max"))
    done = told.loc[~told["open"]] if len(told) else told
    chosen = stays.merge(done["since"].rename("since"), left_on="org_id", right_index=True)
    return _cited(chosen.drop(columns="rule"), BY_DUTY.zh)


def _by_years(known: Known, stays: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Two clean years, an application, and for a listing after two years on the other list also nothing left undone."""
    steps = known.table("procedures")
    applied = steps.loc[(steps["step"] == "removal_applied") & (steps["list"] == "serious_dishonesty")]
    last = applied.groupby("org_id")["done_on"].max()
    over = plus_years(stays["listed_on"], 2)
    undone = set(found.loc[(found["flag"] == ABNORMAL) & stands(found, known.today), "org_id"])
    asked = looked_up(stays["org_id"], last)
    ready = (over <= known.today) & (asked >= stays["listed_on"]) & ~stays["org_id"].isin(list(undone))
    ready &= stays["ground"].map(family) != "SL-07"
    since = pd.concat([over, asked], axis=1).max(axis=1)
    return _cited(stays.assign(since=since)[ready], BY_YEARS.zh)


def _by_deregistration(known: Known, stays: pd.DataFrame) -> pd.DataFrame:
    """Listed after revocation, and deregistered since."""
    gone = known.organizations.loc[known.organizations["status"] == "deregistered"].set_index("org_id")["status_on"]
    chosen = stays.loc[stays["org_id"].isin(gone.index) & (stays["ground"].map(family) == "SL-07")]
    since = looked_up(chosen["org_id"], gone).fillna(chosen["listed_on"])
    return _cited(chosen.assign(since=since), BY_YEARS.zh)


def _by_objection(known: Known, stays: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """A granted objection to the listing, or to the record it rests on while no other fact of the ground is left."""
    rows = known.view.table("exemptions")
    granted = rows.loc[(rows["kind"] == "objection") & (rows["outcome"] == "granted")]
    when = granted.groupby("org_id")["recorded_at"].max().dt.floor("D")
    direct = stays["listing_id"].isin(list(known.objected))
    left = pd.MultiIndex.from_arrays([own["org_id"], own["rule"]])
    bare = ~pd.MultiIndex.from_arrays([stays["org_id"], stays["ground"].map(family)]).isin(left)
    touched = stays["org_id"].isin(_owners_of_objected(known))
    chosen = stays.loc[direct | (bare & touched)]
    return _cited(chosen.assign(since=looked_up(chosen["org_id"], when)), BY_OBJECTION.zh)


def _owners_of_objected(known: Known) -> list[str]:
    """Organisations one of whose penalties or inspections was taken out by an objection."""
    owners: set[str] = set()
    for name in ("penalties", "inspections", "filings"):
        rows = known.view.table(name)
        owners |= set(rows.loc[rows[TABLES[name].key].isin(list(known.objected)), "org_id"])
    return sorted(owners)


def _cited(rows: pd.DataFrame, citation: str) -> pd.DataFrame:
    return rows.assign(citation=citation)
