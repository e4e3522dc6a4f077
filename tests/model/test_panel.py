"""The panel: who is at risk, what the label is, and that no later news changes a row."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import sorg_risk as sr
from sorg_risk.errors import UsageError
from sorg_risk.model import month_ends, panel
from sorg_risk.model.cohort import listed

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
    ("event_on", "label"),
    [
        ("2024-01-31", 0),
        ("2024-01-31 15:00", 0),
        ("2024-02-01", 1),
        ("2024-03-01", 1),
        ("2024-03-01 23:59", 1),
        ("2024-03-02", 0),
    ],
)
def test_the_event_lies_after_the_day_and_within_the_horizon(event_on: str, label: int) -> None:
    org, other = registry().as_of("2024-01-31").active[:2]
    events = pd.DataFrame({"org_id": [org, other], "event_on": [event_on, "2024-02-02"]})
    made = panel(registry(), ["2024-01-31"], horizon_days=30, outcome=events)
    assert pd.Series(made.y, index=made.X.index).loc[pd.Timestamp("2024-01-31"), org] == label


def test_outcome_needs_its_columns() -> None:
    with pytest.raises(UsageError, match="event_on"):
        panel(registry(), ["2024-01-31"], outcome=pd.DataFrame({"org_id": ["x"]}))


def test_month_ends() -> None:
    assert month_ends("2024-01", "2024-12", every=6) == [dt.date(2024, 1, 31), dt.date(2024, 7, 31)]


def day_of(made, org, day) -> int:
    return int(pd.Series(made.y, index=made.X.index).loc[pd.Timestamp(day), org])


def test_news_after_the_last_day_of_knowledge_counts_for_nothing() -> None:
    org, other = registry().as_of("2024-01-31").active[:2]
    known = ["2024-06-01 18:00", "2024-02-10"]
    events = pd.DataFrame({"org_id": [org, other], "event_on": ["2024-02-10"] * 2, "recorded_at": known})
    asked = {"horizon_days": 30, "outcome": events}
    assert day_of(panel(registry(), ["2024-01-31"], known_by="2024-05-31", **asked), org, "2024-01-31") == 0
    assert day_of(panel(registry(), ["2024-01-31"], known_by="2024-06-01", **asked), org, "2024-01-31") == 1


def test_an_organisation_in_the_state_is_not_at_risk_of_it() -> None:
    org, other = registry().as_of("2024-01-31").active[:2]
    events = {"org_id": [org, other], "event_on": ["2023-06-01", "2024-02-05"], "ends_on": ["2024-03-01", "2024-02-05"]}
    events = pd.DataFrame(events)
    made = panel(registry(), ["2024-01-31", "2024-03-31"], horizon_days=30, outcome=events)
    assert (pd.Timestamp("2024-01-31"), org) not in made.X.index
    assert (pd.Timestamp("2024-03-31"), org) in made.X.index
    assert made.not_at_risk == 1


def test_cohorts() -> None:
    day = "2024-10-31"
    everyone = panel(registry(), [day], cohort="active")
    at_risk = panel(registry(), [day])
    few = panel(registry(), [day], cohort=lambda view: view.active[:7])
    assert len(everyone) == len(registry().as_of(day).active)
    assert len(at_risk) + at_risk.not_at_risk == len(everyone)
    assert set(few.orgs) <= set(registry().as_of(day).active[:7])
    with pytest.raises(UsageError, match="at_risk, active"):
        panel(registry(), [day], cohort="at_rsk")


def test_nobody_at_risk_stands_in_a_ground_or_on_a_list() -> None:
    from sorg_risk.law import standing

    made = registry_panel()
    for day in np.unique(made.days)[-2:]:
        view = registry().as_of(str(day)[:10])
        chosen = set(made.orgs[made.days == day])
        assert chosen.isdisjoint(standing(view)["org_id"])
        assert chosen.isdisjoint(listed(view))


def test_rows_of_a_day_do_not_depend_on_the_other_days() -> None:
    made = registry_panel()
    day = np.unique(made.days)[2]
    alone = panel(registry(), [str(day)[:10]])
    shared = [c for c in alone.X if c in made.X]
    part = made.rows(made.days == day)
    pd.testing.assert_frame_equal(part.X[shared], alone.X[shared], check_categorical=False)
    assert np.array_equal(part.y, alone.y)


def test_later_records_change_no_feature_and_no_member() -> None:
    source = registry()
    cut = {name: rows.loc[rows["recorded_at"] <= pd.Timestamp("2024-10-31")] for name, rows in source.tables.items()}
    import sorg_risk as sr

    then, now = sr.open(cut), source
    asked = {"days": ["2023-10-31"], "known_by": "2024-10-31"}
    one, two = panel(then, **asked), panel(now, **asked)
    pd.testing.assert_frame_equal(one.X, two.X, check_categorical=False)
    assert np.array_equal(one.y, two.y)


def test_written_and_read(tmp_path) -> None:
    day = ["2023-10-31", "2024-10-31"]
    made = panel(registry(), day, out=tmp_path / "p")
    whole = panel(registry(), day)
    assert np.array_equal(made.y, whole.y)
    assert made.guarded == whole.guarded
    assert np.array_equal(made.after, whole.after, equal_nan=True)
    some = type(made).read(tmp_path / "p", columns=["organisation_age"])
    assert list(some.X) == ["organisation_age"]


def test_written_again_over_more_files(tmp_path) -> None:
    made = panel(registry(), ["2023-10-31", "2024-10-31"], out=tmp_path)
    assert made.write(tmp_path) == tmp_path
    assert [path.name for path in tmp_path.glob("*.parquet")] == ["part-0000.parquet"]
    again = type(made).read(tmp_path)
    pd.testing.assert_frame_equal(again.X, made.X, check_exact=True)
    assert np.array_equal(again.y, made.y)
    assert (again.guarded, again.not_at_risk, again.known_by) == (made.guarded, made.not_at_risk, made.known_by)


def test_nobody_is_on_a_list_where_none_was_decided() -> None:
    assert listed(sr.open({"organizations": sr.simulate(9, 1)["organizations"]}).as_of("2024-10-31")) == set()


def test_no_panel_there(tmp_path) -> None:
    from sorg_risk.errors import DataError

    with pytest.raises(DataError, match="Name the folder"):
        type(registry_panel()).read(tmp_path)


def test_a_horizon_looks_ahead() -> None:
    with pytest.raises(UsageError, match="at least one day ahead"):
        panel(registry(), ["2024-01-31"], horizon_days=0)


def test_events_are_days() -> None:
    with pytest.raises(UsageError, match="no day"):
        panel(registry(), ["2024-01-31"], outcome=pd.DataFrame({"org_id": ["x"], "event_on": ["soon"]}))
