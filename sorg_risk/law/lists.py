"""The two lists as a state of facts and decisions: recommend, listed, restart, remove; or a mere alert.

On any day this is a pure function of what is known. A fact nobody listed is recommended while it stands, and alerted after. On a list,
a fact that arose after the listing starts the term again; when nothing is left to rectify, or the term is over by time, removal is
recommended. Listing, restart and removal themselves are the authority's decisions and are read from `listings`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from .evaluate import stands
from .membership import decisions, on_list
from .periods import looked_up, plus_months, plus_years
from .registry import RULES, family, rule_of
from .removal import removable
from .rule import ABNORMAL, SERIOUS

if TYPE_CHECKING:
    from .known import Known

TABLE = {ABNORMAL: "abnormal", SERIOUS: "serious_dishonesty"}
SERIOUS_YEARS = 2


def list_rows(known: Known, flag: str, found: pd.DataFrame) -> pd.DataFrame:
    """Flag rows of one list, one per fact or decision: see `apply` for the columns.

    ``found`` holds the facts of both lists; those of this list decide, and on the serious list those of the other restart the term too.
    """
    own = found.loc[found["flag"] == flag].reset_index(drop=True)
    stays = on_list(known, TABLE[flag])
    since_listed = looked_up(own["org_id"], stays.set_index("org_id")["listed_on"])
    listed = since_listed.notna()
    open_now = stands(own, known.today)
    settled = _settled(known, flag, own)
    recommended = own.loc[open_now & ~listed & ~settled].assign(status="recommend_listing")
    alerted = own.loc[~open_now & ~settled & ~(own["alert_until"] <= known.today)].assign(
        status="attention", flag="alert"
    )
    restarts = _restarts(known, flag, found, stays)
    rows = [
        recommended,
        alerted,
        restarts,
        _listed(known, flag, stays, restarts),
        removable(known, flag, stays, own, found, restarts),
    ]
    return pd.concat([r for r in rows if len(r)] or [recommended], ignore_index=True)


def _settled(known: Known, flag: str, own: pd.DataFrame) -> pd.Series:
    """Facts that a listing of the same ground, decided on their day or later, has already answered."""
    made = decisions(known, TABLE[flag])
    made = made.loc[made["action"].isin(["listed", "relisted"]) & made["ground"].notna()]
    last = made.assign(rule=made["ground"].map(family)).groupby(["org_id", "rule"])["decided_on"].max()
    keys = pd.MultiIndex.from_arrays([own["org_id"], own["rule"]])
    answered = pd.Series(last.reindex(keys).to_numpy(), index=own.index, dtype="datetime64[s]")
    return answered.notna() & (answered >= own["since"])


def _restarts(known: Known, flag: str, found: pd.DataFrame, stays: pd.DataFrame) -> pd.DataFrame:
    """New facts while on the list; on the serious list those of the abnormal list count too (O60 art. 13, 16)."""
    counting = found if flag == SERIOUS else found.loc[found["flag"] == flag]
    counting = counting.loc[counting["rule"] != "SL-01"]
    listed_on = looked_up(counting["org_id"], stays.set_index("org_id")["listed_on"])
    new = listed_on.notna() & (counting["since"] > listed_on) & stands(counting, known.today)
    return counting.loc[new].assign(status="restart", flag=flag)


def _listed(known: Known, flag: str, stays: pd.DataFrame, restarts: pd.DataFrame) -> pd.DataFrame:
    """The listing in force: since when, and the day it is over by time alone where there is nothing to rectify."""
    ids = {rule.id for rule in RULES}
    alive = known.organizations.loc[known.organizations["status"] != "deregistered", "org_id"]
    stays = stays.loc[stays["org_id"].isin(alive)].reset_index(drop=True)
    ground = stays["ground"].fillna(known_default(flag))
    months = ground.map(lambda g: rule_of(g).clears_after_months if family(g) in ids else None)
    clears = pd.Series(pd.NaT, index=stays.index, dtype="datetime64[s]")
    for count in sorted(set(months.dropna())):
        here = (months == count) & ~stays["org_id"].isin(restarts["org_id"])
        clears[here] = plus_months(stays.loc[here, "listed_on"], int(count))
    return decision_rows(stays, flag, "listed", ground, stays["listed_on"]).assign(clears_on=clears)


def decision_rows(stays: pd.DataFrame, flag: str, status: str, ground: pd.Series, since: pd.Series) -> pd.DataFrame:
    """Rows that rest on a listing decision: its record is the evidence."""
    values = [{"day": f"{d:%Y-%m-%d}", "ground": g} for d, g in zip(stays["listed_on"], ground, strict=True)]
    return pd.DataFrame(
        {
            "org_id": stays["org_id"].to_numpy(),
            "flag": flag,
            "status": status,
            "ground": ground.to_numpy(),
            "rule": [family(g) for g in ground],
            "since": since.to_numpy(),
            "provisional": False,
            "evidence": pd.Series([[f"listings:{k}"] for k in stays["listing_id"]], dtype=object),
            "values": pd.Series(values, dtype=object),
        }
    )


def known_default(flag: str) -> str:
    """The ground shown for a listing whose ground was not recorded: other grounds, which only a person decides."""
    return "AL-07" if flag == ABNORMAL else "SL-08"


def stay_over(listed_on: pd.Series) -> pd.Series:
    """The day on which two full years on the serious list are over."""
    return plus_years(listed_on, SERIOUS_YEARS)
