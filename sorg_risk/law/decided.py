"""Membership as decided: the authority's own decisions, read from ``listings``, and whom the law would let off by now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from .lists import OTHER, STAY_COLUMNS, Lists
from .registry import lasting, situation
from .removal import removals
from .rule import LISTS, SERIOUS
from .withdrawn import withdrawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .evaluate import Found
    from .known import Known

STAY: Final = ["org_id", "flag"]
"""A stay is an organisation's on one list."""


def decided(known: Known, found: Found) -> Lists:
    """Membership from decisions; ``found`` holds the facts of both lists."""
    made = decisions(known)
    gone = withdrawn(known, found, made)
    made = made.merge(gone.rename(columns={"key": "listing_id"}), on="listing_id", how="left")
    stays = made.loc[made["enters"] & made["until"].isna()].reset_index(drop=True)
    away, clears = removals(known, found.frame, made, stays)
    stays = stays.assign(
        key=stays["listing_id"],
        evidence=pd.Series([[f"listings:{key}"] for key in stays["listing_id"]], index=stays.index, dtype=object),
        clears_on=clears,
        unconfirmed="",
    )
    return Lists(
        assumed=False,
        stays=stays.loc[:, list(STAY_COLUMNS)],
        history=made.loc[made["enters"]].rename(columns={"listing_id": "key"}),
        removals=away,
        answered=lambda frame: answered(frame, made),
    )


def decisions(known: Known) -> pd.DataFrame:
    """All decisions of both lists, oldest first within a list of an organisation.

    Columns: org_id, flag, listing_id, listed_on (the day of the decision), enters (listed or relisted), ground, situation, until (the next
    decision, missing: it is in force; listings of one day stand beside each other), stay (a number for listings without a removal between
    them), first_on (when that stay began).
    """
    rows = known.table("listings")
    rows = rows.assign(
        flag=rows["list"].map({name: flag for flag, name in LISTS.items()}).astype("str"),
        enters=rows["action"] != "removed",
    )
    rows = rows.sort_values(
        [*STAY, "decided_on", "recorded_at", "enters", "listing_id"], kind="stable", ignore_index=True
    )
    own = rows.groupby(STAY, sort=False)
    begins = rows["enters"] & ~own["enters"].shift(fill_value=False).astype(bool)
    stay = (begins | (own.cumcount() == 0)).cumsum()
    ground = rows["ground"].where(rows["ground"].notna(), rows["flag"].map(OTHER))
    return pd.DataFrame(
        {
            "org_id": rows["org_id"],
            "flag": rows["flag"],
            "listing_id": rows["listing_id"],
            "listed_on": rows["decided_on"],
            "enters": rows["enters"],
            "ground": ground.astype("str"),
            "situation": ground.map(situation).astype("str"),
            "until": _until(rows),
            "stay": stay,
            "first_on": rows["decided_on"].groupby(stay).transform("min"),
        }
    )


def _until(rows: pd.DataFrame) -> pd.Series:
    """The next decision after each, or after the last of the listings made on the same day."""
    own = rows.groupby(STAY, sort=False)
    beside = own["enters"].shift(-1, fill_value=False).astype(bool) & (
        own["decided_on"].shift(-1) == rows["decided_on"]
    )
    run = (~beside).cumsum().shift(fill_value=0)
    return own["decided_on"].shift(-1).mask(beside).groupby(run).transform("max")


def answered(frame: pd.DataFrame, made: pd.DataFrame) -> NDArray[np.bool_]:
    """Facts that a listing of the same situation, on their day or later, has answered.

    A penalty is answered for good. A duty that is still not done stands again once the listing was lifted, unless two full years turned
    the stay into the serious list.
    """
    facts = frame.loc[:, [*STAY, "ground", "since", "rule"]].assign(at=np.arange(len(frame)))
    facts["situation"] = facts["ground"].map(situation).astype("str")
    entries = made.loc[made["enters"], [*STAY, "situation", "listed_on", "stay"]]
    met = pd.merge_asof(
        facts.sort_values("since", kind="stable"),
        entries.sort_values("listed_on", kind="stable"),
        left_on="since",
        right_on="listed_on",
        by=[*STAY, "situation"],
        direction="forward",
    )
    over = met["stay"].isin(_ended(made)) & ~(_escalated(met, made) >= met["listed_on"])
    done = (met["stay"].notna() & ~(lasting(met["rule"]) & over)).to_numpy(dtype=bool)
    result = np.zeros(len(frame), dtype=bool)
    result[met["at"].to_numpy()] = done
    return result


def _ended(made: pd.DataFrame) -> pd.Series:
    """Stays that a removal has ended."""
    return made.loc[~made["enters"], "stay"]


def _escalated(met: pd.DataFrame, made: pd.DataFrame) -> pd.Series:
    """The last day on which each organisation was put on the serious list for two full years on the other."""
    grown = made.loc[(made["flag"] == SERIOUS) & made["enters"] & (made["situation"] == "SL-01")]
    last = grown.groupby("org_id")["listed_on"].max()
    return pd.Series(last.reindex(met["org_id"]).to_numpy(), index=met.index, dtype="datetime64[s]")
