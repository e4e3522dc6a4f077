"""Activity 开展活动: what tells that an organisation did something, and the years known to have been without any.

Activity is ``activities_held`` above 0, ``charitable_spending`` above 0, or an outgoing charitable flow. A year is idle when both figures are
known and zero and no such flow was booked; where a figure is missing nobody knows, and no flag is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from .deadlines import REPORT

if TYPE_CHECKING:
    from .known import Known

CHARITABLE: Final = ("charitable_spending", "grant", "donation")


def outgoing(known: Known) -> pd.DataFrame:
    """Outgoing charitable flows: org_id, booked_on."""
    rows = known.table("fund_flows")
    found: pd.DataFrame = rows.loc[
        (rows["direction"] == "out") & rows["purpose"].isin(CHARITABLE), ["org_id", "booked_on"]
    ]
    return found


def idle_years(known: Known) -> pd.DataFrame:
    """Reported years with ``idle``: known to be without activity (flows of the year itself included)."""
    rows = known.year_reports
    quiet = (rows["activities_held"] == 0) & (rows["charitable_spending"] == 0)
    flows = outgoing(known)
    booked = pd.MultiIndex.from_arrays([flows["org_id"], flows["booked_on"].dt.year.astype(float)])
    flowing = pd.MultiIndex.from_frame(rows.loc[:, REPORT]).isin(booked.unique())
    return rows.loc[:, [*REPORT, "filing_id", "filed_on"]].assign(idle=quiet & ~flowing)


def idle_pairs(known: Known) -> pd.DataFrame:
    """Organisations whose two latest reported years follow each other and were both idle, with no charitable flow since: both keys, the year."""
    years = known.once(idle_years)
    before = years.groupby("org_id")[["fiscal_year", "idle", "filing_id"]].shift().add_suffix("_before")
    pair = years.join(before).drop_duplicates("org_id", keep="last")
    both = pair["idle"] & pair["idle_before"].eq(True) & (pair["fiscal_year"] - pair["fiscal_year_before"] == 1)
    pair = pair.loc[both].reset_index(drop=True)
    last = outgoing(known).groupby("org_id")["booked_on"].max().dt.year.reindex(pair["org_id"]).to_numpy()
    idle: pd.DataFrame = pair.loc[~(last >= pair["fiscal_year_before"].to_numpy())]
    return idle.reset_index(drop=True)
