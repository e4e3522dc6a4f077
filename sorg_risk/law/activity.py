"""Activity 开展活动: what tells that an organisation did something, and the years known to have been without any.

Activity is ``activities_held`` above 0, ``charitable_spending`` above 0, or an outgoing charitable flow. A year is idle when both figures are
known and zero and no such flow was booked; where a figure is missing nobody knows, and no flag is raised. Charitable spending is asked of
foundations and charities only: elsewhere a missing figure says nothing, and ``activities_held`` = 0 without such a flow is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from ..calendar.periods import year_day
from .deadlines import REPORT

if TYPE_CHECKING:
    from .known import Known
    from .parameters import Parameter, Reading

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
    place, orgs = known.place(rows["org_id"]), known.organizations
    gives = (orgs["org_type"] == "foundation") | orgs["is_charity"].fillna(False).astype(bool)
    unasked = pd.Series(~gives.to_numpy(dtype=bool)[place], index=rows.index)
    spent_nothing = (rows["charitable_spending"] == 0) | (rows["charitable_spending"].isna() & unasked)
    quiet = (rows["activities_held"] == 0) & spent_nothing
    flows = outgoing(known)
    booked = pd.MultiIndex.from_arrays([flows["org_id"], flows["booked_on"].dt.year.astype(float)])
    flowing = pd.MultiIndex.from_frame(rows.loc[:, REPORT]).isin(booked.unique())
    return rows.loc[:, [*REPORT, "filing_id", "filed_on"]].assign(idle=quiet & ~flowing)


def idle_runs(known: Known, parameter: Parameter[int]) -> tuple[pd.DataFrame, Reading[int]]:
    """Organisations whose latest reported years, as many as the law asks for, follow each other and were idle, with no charitable flow since.

    One row each: org_id, ``first`` and ``fiscal_year`` (the first and the last of the years asked for), ``over`` (the day the last was over),
    ``records`` (their reports); and the years read, by the law of that day.
    """
    years = known.once(idle_years)
    before = years.groupby("org_id")["fiscal_year"].shift()
    breaks = ~(years["idle"] & (years["fiscal_year"] - before == 1))
    run = breaks.cumsum()
    years = years.assign(count=years.groupby(run).cumcount() + years.groupby(run)["idle"].transform("first"))
    last = years.drop_duplicates("org_id", keep="last").reset_index(drop=True)
    last["over"] = year_day(last["fiscal_year"] + 1, "01-01")
    read = known.read(parameter, last["over"])
    last["first"] = last["fiscal_year"] - read.of() + 1
    flowed = outgoing(known).groupby("org_id")["booked_on"].max().dt.year.reindex(last["org_id"]).to_numpy()
    chosen = last["idle"] & (last["count"] >= read.of()) & ~(flowed >= last["first"].to_numpy())
    last = last.loc[chosen].reset_index(drop=True)
    named = years.merge(last.loc[:, ["org_id", "first"]], on="org_id")
    named = named.loc[named["fiscal_year"] >= named["first"]]
    records = ("filings:" + named["filing_id"]).groupby(named["org_id"], sort=False).agg(list)
    shown = pd.Series([records[org_id] for org_id in last["org_id"]], index=last.index, dtype=object)
    return last.assign(records=shown), read.rows(chosen)
