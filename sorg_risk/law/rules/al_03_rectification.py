"""AL-03: a rectification order not finished by its deadline (O60 art. 11(3)) 未按照整改文书规定的期限完成整改."""

from __future__ import annotations

import pandas as pd

from ..facts import facts, nothing
from ..known import Known
from ..periods import DAY, stamp
from ..rule import ABNORMAL, O60_FROM, Case, Clause, Rule, o60
from ..workdays import moved


def overdue_orders(known: Known) -> pd.DataFrame:
    """Every order that passed its deadline unfinished: since the day after, until its late completion was accepted (if it was)."""
    rows = known.of_active(known.table("inspections"))
    orders = rows.loc[(rows["kind"] == "rectification_order") & rows["deadline_on"].notna()].reset_index(drop=True)
    if orders.empty:
        return nothing()
    deadline, unsure = moved(orders["deadline_on"])
    done = orders["completed_on"].where(orders["outcome"] == "accepted")
    accepted_in_time = (orders["outcome"] == "accepted") & ~(done > deadline)
    late = (deadline < known.today) & ~accepted_in_time & (deadline + DAY >= stamp(O60_FROM))
    orders, deadline, done, unsure = orders[late], deadline[late], done[late], unsure[late]
    return facts(
        orders,
        "AL-03",
        deadline + DAY,
        table="inspections",
        ends=done,
        alert_until=_a_year_on(done),
        provisional=unsure,
        values={"issued": orders["issued_on"], "deadline": deadline},
    )


def _a_year_on(done: pd.Series) -> pd.Series:
    """The next report falls due within a year of the completion; the alert of an order rectified late ends by then."""
    return pd.Series((pd.DatetimeIndex(done) + pd.DateOffset(years=1)).as_unit("s"), index=done.index)


_ORG = {"org_id": "51440300000000001M", "org_type": "association", "status": "active", "recorded_at": "2022-01-08"}
_ORDER = {
    "inspection_id": "I1",
    "org_id": "51440300000000001M",
    "kind": "rectification_order",
    "issued_on": "2025-05-20",
    "deadline_on": "2025-06-30",
    "recorded_at": "2025-05-20",
}

RULE = Rule(
    id="AL-03",
    flag=ABNORMAL,
    zh="抽查等检查发现问题，未按照整改文书规定的期限完成整改",
    en="a rectification order was not finished by its deadline",
    citation=o60("十一", "三"),
    effective_from=O60_FROM,
    clauses=(
        Clause("order_issued", "{issued}发出整改文书", "a rectification order was issued on {issued}"),
        Clause("deadline_passed", "整改期限{deadline}已过", "its deadline {deadline} has passed"),
        Clause("not_accepted", "期限内未完成整改", "it was not accepted as finished by then"),
    ),
    facts=overdue_orders,
    cases=(
        Case(
            "the deadline is the day itself: still in time",
            "2025-06-30",
            {"organizations": [_ORG], "inspections": [_ORDER]},
        ),
        Case("one day later", "2025-07-01", {"organizations": [_ORG], "inspections": [_ORDER]}, ("2025-07-01",)),
        Case(
            "finished on the last day",
            "2025-07-01",
            {
                "organizations": [_ORG],
                "inspections": [
                    _ORDER | {"outcome": "accepted", "completed_on": "2025-06-30", "recorded_at": "2025-06-30"}
                ],
            },
        ),
    ),
)
