"""Feature and law read one cell alike: decisions without a number, orders without a day, grades on their last day, types by the code."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sorg_risk as sr
from sorg_risk.law.known import Known
from sorg_risk.law.penalties import minor_decisions
from sorg_risk.law.rules.al_03_rectification import overdue_orders
from sorg_risk.law.rules.gr_grades import expired

DAY = "2025-06-30"


@pytest.fixture(scope="module")
def organizations() -> pd.DataFrame:
    rows = sr.simulate(40, 2)["organizations"]
    return rows.assign(status="active", status_on=None).loc[lambda o: o["recorded_at"] < pd.Timestamp("2023-01-01")]


def view_of(organizations: pd.DataFrame, **tables: pd.DataFrame) -> sr.View:
    view = sr.open({"organizations": organizations, **tables}).as_of(DAY)
    assert view.quarantine.empty
    return view


def test_decisions_are_counted_as_the_law_counts_them(organizations) -> None:
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"penalty_id": [f"K{n}" for n in range(200)]})
    rows["org_id"] = rng.choice(organizations["org_id"], len(rows))
    rows["decision_id"] = rng.choice([None, "甲1", "甲2", "甲3"], len(rows), p=[0.5, 0.2, 0.2, 0.1])
    rows["decided_on"] = rows["recorded_at"] = "2025-03-01"
    rows["kind"] = "warning"
    view = view_of(organizations, penalties=rows)
    counted = minor_decisions(Known(view)).groupby("org_id").size()
    X = sr.features(view, names=["penalty_decisions_365d"])["penalty_decisions_365d"]
    assert X.reindex(counted.index).tolist() == counted.tolist()
    assert (X > 1).any()


@pytest.mark.parametrize("outcome", [None, "accepted", "rejected"])
@pytest.mark.parametrize("completed_on", [None, "2025-03-20"])
def test_an_order_stands_open_until_its_completion_was_accepted(organizations, outcome, completed_on) -> None:
    order = {"inspection_id": "I1", "org_id": organizations["org_id"].iloc[0], "kind": "rectification_order"}
    days = {"issued_on": "2025-01-10", "deadline_on": "2025-03-10", "recorded_at": "2025-04-01"}
    rows = pd.DataFrame([{**order, **days, "outcome": outcome, "completed_on": completed_on}])
    view = view_of(organizations, inspections=rows)
    open_by_law = overdue_orders(Known(view)).frame["ends"].isna().sum()
    assert sr.features(view, names=["orders_open"])["orders_open"].sum() == open_by_law
    assert open_by_law == (outcome != "accepted")


@pytest.mark.parametrize("expires_on", ["2025-06-29", "2025-06-30", "2025-07-01"])
def test_a_grade_holds_on_its_last_day(organizations, expires_on) -> None:
    one = {"assessment_id": "A1", "org_id": organizations["org_id"].iloc[0], "grade": "4A", "granted_on": "2021-02-01"}
    view = view_of(
        organizations, assessments=pd.DataFrame([{**one, "expires_on": expires_on, "recorded_at": "2021-02-01"}])
    )
    over = (expired(Known(view)).frame["since"] <= pd.Timestamp(DAY)).any()
    assert sr.features(view, names=["grade"])["grade"].notna().any() != over


def test_a_type_that_is_not_on_record_is_read_from_the_code(organizations) -> None:
    view = view_of(organizations.assign(org_type=None))
    law = Known(view).organizations.set_index("org_id")["org_type"]
    X = sr.features(view, names=["org_type"])["org_type"]
    assert X.astype("str").tolist() == law.reindex(X.index).tolist()
