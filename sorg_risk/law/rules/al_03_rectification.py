"""AL-03: a rectification order not finished by its deadline (O60 art. 11(3)) 未按照整改文书规定的期限完成整改."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...calendar.periods import DAY
from ...records.lookups import looked_up
from ...records.readings import ACCEPTED, settled_on
from ..absence import day_of
from ..facts import Facts, facts
from ..instruments import O60
from ..known import Known
from ..rule import ABNORMAL, Case, Clause, Missing, Remedy, Rule
from ..worked import Rows, clean, given, inspection, listing, org, report


def overdue_orders(known: Known) -> Facts:
    """Every order that passed its deadline unfinished: since the day after, until its late completion was accepted (if it was)."""
    rows = known.table("inspections")
    orders = rows.loc[(rows["kind"] == "rectification_order") & rows["deadline_on"].notna()].reset_index(drop=True)
    deadline, unsure = (
        (orders["deadline_on"], orders["deadline_on"].isna())
        if known.due_on
        else known.calendar.moved(orders["deadline_on"])
    )
    accepted = orders["outcome"] == ACCEPTED
    day, recorded = (orders[name].to_numpy().astype("datetime64[D]") for name in ("completed_on", "recorded_at"))
    settled = settled_on(day, ~np.isnat(day), recorded, accepted.to_numpy(bool), never=np.datetime64("NaT", "D"))
    done = pd.Series(settled.astype("datetime64[s]"), index=orders.index)
    late = (deadline < known.today) & ~(accepted & (done <= deadline))
    orders, deadline, done, unsure = orders[late], deadline[late], done[late], unsure[late]
    return facts(
        orders,
        "AL-03",
        deadline + DAY,
        evidence="inspections",
        ends=done,
        alert_until=known.next_report_due(orders["org_id"], done),
        known_on=looked_up(orders["inspection_id"], known.first_known("inspections")),
        unconfirmed=unsure.map({True: "calendar", False: ""}),
        form=orders["outcome"].eq("rejected").map({True: "rejected", False: "open"}),
        values={"issued": orders["issued_on"], "deadline": deadline, "completed": orders["completed_on"]},
    )


_ISSUED = "2025-05-20"


def _order(**more: Any) -> Rows:
    return given(org(), report(2024), inspection("rectification_order", _ISSUED, deadline_on="2025-06-30", **more))


RULE = Rule(
    id="AL-03",
    zh="抽查等检查发现问题，未按照整改文书规定的期限完成整改",
    en="a rectification order was not finished by its deadline",
    citation=O60.at(11, 3),
    flag=ABNORMAL,
    facts=overdue_orders,
    missing=(Missing("inspections", ("rectification_order",), after=day_of("issued")),),
    reads=("inspections",),
    continuing=True,
    clauses=(
        Clause("order_issued", "{issued}发出整改文书", "a rectification order was issued on {issued}"),
        Clause("deadline_passed", "整改期限{deadline}已过", "its deadline {deadline} has passed"),
        Clause("not_finished", "期限内未整改合格", "it was not accepted as finished by then", "open"),
        Clause("rejected", "整改经检查不合格", "the rectification was found insufficient", "rejected"),
    ),
    remedies=(Remedy("rectify", "完成整改并经验收", "finish the rectification and have it accepted"),),
    cases=(
        Case("the deadline is the day itself: still in time", "2025-06-30", _order()),
        Case("one day later", "2025-07-01", _order(), ("abnormal_list recommend_listing AL-03 2025-07-01",)),
        Case(
            "finished and accepted on the last day", "2025-07-01", _order(outcome="accepted", completed_on="2025-06-30")
        ),
        Case(
            "finished by the day, but not to requirements",
            "2025-07-01",
            _order(outcome="rejected", completed_on="2025-06-28"),
            ("abnormal_list recommend_listing AL-03 2025-07-01",),
        ),
        Case(
            "finished late but accepted, never listed: an alert until the next report is due",
            "2025-08-01",
            _order(outcome="accepted", completed_on="2025-07-10"),
            ("alert attention AL-03 2025-07-01",),
        ),
        Case(
            "listed for it, and finished since: removal",
            "2025-09-01",
            given(
                clean(),
                inspection(
                    "rectification_order",
                    _ISSUED,
                    outcome="accepted",
                    deadline_on="2025-06-30",
                    completed_on="2025-08-20",
                ),
                listing("2025-07-25", "AL-03"),
            ),
            ("abnormal_list listed AL-03 2025-07-25", "abnormal_list recommend_removal AL-03 2025-08-20"),
        ),
        Case(
            "nothing before the Measures",
            "2025-07-01",
            given(
                org(registered="2010-01-08"), inspection("rectification_order", "2017-12-01", deadline_on="2018-01-22")
            ),
        ),
        Case(
            "the first day of the Measures",
            "2018-03-01",
            given(
                org(registered="2018-01-08"), inspection("rectification_order", "2018-01-10", deadline_on="2018-01-23")
            ),
            ("abnormal_list recommend_listing AL-03 2018-01-24",),
        ),
    ),
)
