"""The panel: who is at risk, what the label is, and that no later news changes a row."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from sorg_risk.errors import UsageError
from sorg_risk.model import month_ends, panel

from .made import registry, registry_panel


def test_shape_and_index() -> None:
    made = registry_panel()
    assert list(made.X.index.names) == ["as_of", "org_id"]
    assert len(made.X) == len(made.y) == len(made.days) == len(made.orgs)
    assert set(np.unique(made.y)) <= {0, 1}
    assert made.horizon_days == 365
    assert "event within 365 days" in repr(made)


def test_the_label_must_be_known() -> None:
    last = registry().last_recorded
    assert last is not None
    with pytest.raises(UsageError, match="beyond"):
        panel(registry(), [last])


def test_the_callers_outcome_is_known_as_far_as_any_horizon_reaches() -> None:
    last = registry().last_recorded
    assert last is not None
    events = pd.DataFrame({"org_id": registry().as_of(last).active[:1], "event_on": [last + dt.timedelta(days=9)]})
    assert panel(registry(), [last], outcome=events).y.sum() == 1
    with pytest.raises(UsageError, match="beyond"):
        panel(registry(), [last], outcome=events, known_by=last)


def test_no_day_no_panel() -> None:
    with pytest.raises(UsageError, match="at least one as-of day"):
        panel(registry(), [])


def test_caller_outcome_sets_the_label() -> None:
    source = registry()
    org = source.as_of("2024-01-31").active[0]
    events = pd.DataFrame({"org_id": [org, org], "event_on": ["2024-02-01", "2023-05-01"]})
    made = panel(source, ["2023-04-30", "2024-01-31"], horizon_days=30, outcome=events)
    hit = pd.Series(made.y, index=made.X.index)
    assert hit[pd.Timestamp("2023-04-30"), org] == 1  # one day later
    assert hit[pd.Timestamp("2024-01-31"), org] == 1
    assert hit.sum() == 2


@pytest.mark.parametrize(
    ("event_on", "label"), [("2024-01-31", 0), ("2024-02-01", 1), ("2024-03-01", 1), ("2024-03-02", 0)]
)
def test_the_event_lies_after_the_day_and_within_the_horizon(event_on: str, label: int) -> None:
    org = registry().as_of("2024-01-31").active[0]
    events = pd.DataFrame({"org_id": [org], "event_on": [event_on]})
    made = panel(registry(), ["2024-01-31"], horizon_days=30, outcome=events)
    assert pd.Series(made.y, index=made.X.index).loc[pd.Timestamp("2024-01-31"), org] == label


def test_outcome_needs_its_columns() -> None:
    with pytest.raises(UsageError, match="event_on"):
        panel(registry(), ["2024-01-31"], outcome=pd.DataFrame({"org_id": ["x"]}))


def test_month_ends() -> None:
    assert month_ends("2024-01", "2024-12", every=6) == [dt.date(2024, 1, 31), dt.date(2024, 7, 31)]
