"""The running list: who is on it, how early it warned, how steady it is, and whether groups are rated fairly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sorg_risk.model import operating


def test_the_list_of_each_day() -> None:
    days = np.repeat(["2024-01-31", "2024-02-29"], 4)
    risk = [4, 3, 2, 1, 1, 2, 3, 4]
    assert operating.top_each_day(days, risk, 0.25).tolist() == [True, *[False] * 6, True]


def test_at_least_one_place_and_nobody_of_nothing() -> None:
    assert operating.top([1.0, 2.0], 0.01).tolist() == [False, True]
    assert operating.top([], 0.5).tolist() == []


def test_an_event_counts_once_with_its_earliest_warning() -> None:
    days = np.array(["2024-01-31", "2024-03-31", "2024-05-31"], dtype="datetime64[D]")
    after = [121.0, 61.0, 0.0]  # all three point to 2024-05-31
    found = operating.lead_time(after, [1, 1, 0], [True, True, True], days, ["A"] * 3)
    assert found["events"] == found["warned_of"] == 1
    assert found["median_days"] == 121


def test_events_nobody_was_warned_of() -> None:
    found = operating.lead_time([10.0], [1], [False], np.array(["2024-01-31"], dtype="datetime64[D]"), ["A"])
    assert (found["events"], found["warned_of"]) == (1, 0)
    assert np.isnan(found["median_days"])


def test_stability() -> None:
    days = np.repeat([1, 2], 4)
    orgs = ["a", "b", "c", "d"] * 2
    found = operating.stability(days, orgs, [4, 3, 2, 1, 4, 1, 3, 2], 0.5)
    assert found[["kept", "new", "dropped"]].iloc[0].tolist() == [0.5, 1, 1]
    assert found["rank_correlation"].iloc[0] == pytest.approx(0.4)


def test_stability_of_one_day_is_empty() -> None:
    assert operating.stability([1, 1], ["a", "b"], [1, 2], 0.5).empty


def test_groups_with_exact_poisson_intervals() -> None:
    y = np.concatenate([np.arange(100) < 10, np.arange(100) < 10])
    p = np.concatenate([np.full(100, 0.1), np.full(100, 0.3)])
    found = operating.by_group(y, p, ["fair"] * 100 + ["over"] * 100, warned=p > 0.2).set_index("group")
    assert found.loc["fair", "ratio"] == pytest.approx(1)
    # Garwood (1936): ten events, 95 %: 4.795 to 18.390
    assert found.loc["fair", "ratio_low"] == pytest.approx(0.4795, abs=1e-4)
    assert found.loc["fair", "ratio_high"] == pytest.approx(1.8390, abs=1e-4)
    assert found.loc["over", "ratio_high"] < 1
    assert found["warned"].tolist() == [0, 1]
    assert found.loc["over", "precision"] == pytest.approx(0.1)


def test_small_and_unknown_groups_are_put_together() -> None:
    labels = ["big"] * 10 + ["tiny"] * 2 + [None] * 3
    found = operating.by_group(np.zeros(15), np.full(15, 0.1), pd.Series(labels, dtype=object))
    assert dict(zip(found["group"], found["rows"], strict=True)) == {"(other)": 5, "big": 10}
