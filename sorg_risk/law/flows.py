"""The fund flows that any rule looks at: a few of very many, so that the others need not be in memory beside them.

A rule that reads other flows must be added to `looked_at`; the tests hold every rule of the book to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ..records.lookups import within
from .activity import CHARITABLE

if TYPE_CHECKING:
    from ..records import View

LOAN = "loan"
UNREGISTERED = "unregistered"
_YEAR = ["org_id", "year"]


def looked_at(flows: pd.DataFrame, view: View) -> pd.DataFrame:
    """Of the flows of some organisations that stand on the day of a view, those that a rule may look at."""
    out = flows["direction"] == "out"
    insiders = pd.concat([view.table("positions")["person_id"], view.gathered(relatives)["person_id"]])
    picked = (
        (out & (flows["purpose"] == LOAN))
        | (flows["account"] == UNREGISTERED)
        | flows["is_related_party"].fillna(False).astype(bool)
        | within(flows["counterparty_id"], insiders)
        | _tells_of_activity(flows.loc[out & flows["purpose"].isin(CHARITABLE)], view).reindex(
            flows.index, fill_value=False
        )
    )
    found: pd.DataFrame = flows.loc[picked]
    return found


def relatives(view: View) -> pd.DataFrame:
    """org_id, kin_group, person_id of everybody whose relatives are known; relatives may hold posts elsewhere."""
    return view.table("positions").loc[:, ["org_id", "kin_group", "person_id"]].dropna()


def _tells_of_activity(flows: pd.DataFrame, view: View) -> pd.Series:
    """The last charitable flow of an organisation in a year; where an exemption may take a record out, all of them."""
    day = flows["booked_on"]
    dated = pd.DataFrame({"org_id": flows["org_id"], "year": day.dt.year, "day": day})
    last = dated.sort_values("day", kind="stable").drop_duplicates(_YEAR, keep="last").index
    exempted = within(flows["org_id"], view.table("exemptions")["org_id"])
    return pd.Series(exempted | flows.index.isin(last), index=flows.index)
