"""Each gate says what, how much, the limit and its setting; a refusal leaves everything that was published."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sorg_risk.nightly.gates import Before, refusals
from sorg_risk.nightly.settings import Gates
from sorg_risk.watch import night_diff

DAY = dt.date(2026, 6, 2)
OFF = Gates(
    fewest_rows=None, most_rows=None, same_columns=False, most_quarantined=None, most_drift=None, most_new_flags=None
)


def view(read: int = 1000, quarantined: int = 0, beside: int = 0):
    rows = [("filings", read, read - quarantined, quarantined), ("fund_flows", beside, beside, 0)]
    counts = pd.DataFrame(rows, columns=["table", "read", "accepted", "quarantined"])
    nothing = pd.DataFrame({"table": [], "is_recent": []})
    return SimpleNamespace(day=DAY, counts=counts, last_recorded=dt.date(2026, 5, 1), vanished=nothing)


def manifest(rows: int = 1000, columns: tuple[str, ...] = ("a", "b"), model: str = "m"):
    return {
        "decision": {"model": model},
        "delivery": {"tables": {"filings": {"read": rows}}, "columns": {"filings": list(columns)}},
    }


def scores(shift: float = 0.0, number: int = 500) -> pd.DataFrame:
    return pd.DataFrame({"score": np.random.default_rng(1).normal(600 + shift, 50, number)})


def flags(number: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "org_id": [f"o{n}" for n in range(number)],
            "flag": "abnormal_list",
            "status": "listed",
            "ground": "AL-01",
            "basis": "statutory",
            "citation": "",
            "since": pd.Timestamp("2026-01-01"),
            "next_step": "none",
            "next_step_due": pd.NaT,
            "provisional": False,
            "clears_on": pd.NaT,
            "evidence": [["filings:1"]] * number,
        }
    )


def before(**more) -> Before:
    plain = {"as_of": dt.date(2026, 6, 1), "manifest": manifest(), "scores": scores(), "flags": flags(200)}
    return Before(**(plain | more))


def said(gates: Gates, *, told=None, now=None, then=None, diff=None, seen=None) -> list[str]:
    return refusals(gates, seen or view(), told or manifest(), scores() if now is None else now, then, diff)


def only(**limits) -> Gates:
    return OFF.model_copy(update=limits)


def test_nothing_is_compared_on_the_first_night():
    assert said(Gates()) == []


def test_nothing_is_compared_with_a_night_long_ago():
    old = before(as_of=dt.date(2025, 6, 1), manifest=manifest(5000))
    assert said(Gates(), then=old) == []


@pytest.mark.parametrize(
    ("rows", "word"),
    [(699, "a fall to 70%"), (700, ""), (1000, ""), (1800, ""), (1801, "a rise to 180%"), (0, "a fall to 70%")],
)
def test_rows_against_the_night_before(rows, word):
    why = said(only(fewest_rows=0.7, most_rows=1.8), told=manifest(rows), then=before())
    assert len(why) == bool(word)
    assert not word or (word in why[0] and "filings has" in why[0] and "gates." in why[0])


def test_small_tables_are_not_compared():
    assert said(only(fewest_rows=0.7), told=manifest(1), then=before(manifest=manifest(50))) == []


def test_a_column_that_vanished():
    why = said(only(same_columns=True), told=manifest(columns=("a", "c")), then=before())
    assert why == ["schema: filings lost its columns b, allowed is none (setting gates.same_columns)"]
    assert said(only(same_columns=True), told=manifest(columns=("a", "b", "c")), then=before()) == []


@pytest.mark.parametrize(("days", "refused"), [(31, True), (32, False), (33, False)])
def test_freshness(days, refused):
    why = said(only(oldest_news_days=days))
    assert bool(why) == refused
    assert not refused or why[0].startswith("freshness: the latest record is 32 days old, allowed is 31 days")


@pytest.mark.parametrize(("quarantined", "refused"), [(200, False), (201, True)])
def test_share_of_quarantine(quarantined, refused):
    assert bool(said(only(most_quarantined=0.2), seen=view(1000, quarantined))) == refused


def test_a_small_table_in_quarantine_does_not_drown_beside_a_large_one():
    (why,) = said(only(most_quarantined=0.2), seen=view(1000, 900, beside=1_000_000))
    assert why == (
        "quarantine: 90.0% of the rows read of filings are quarantined, allowed is 20.0% (setting gates.most_quarantined)"
    )
    assert said(only(most_quarantined=0.2), seen=view(99, 99, beside=1_000_000)) == [], "fewer than gates.fewest"


def test_drift_of_the_scores_under_one_model():
    assert said(only(most_drift=0.25), then=before()) == []
    (why,) = said(only(most_drift=0.25), now=scores(60), then=before())
    assert why.startswith("drift: the scores moved by PSI ")
    assert said(only(most_drift=0.25), now=scores(60), then=before(manifest=manifest(model="other"))) == []


def test_flags_that_new_data_brought():
    diff = night_diff(flags(200), flags(450))
    found = pd.DataFrame(diff.new).assign(cause="new_data")
    brought = SimpleNamespace(new=found)
    (why,) = said(only(most_new_flags=1.0), then=before(), diff=brought)
    assert why == "flags: new data brought 250 flags beside 200, allowed is 100% (setting gates.most_new_flags)"
    by_time = SimpleNamespace(new=found.assign(cause="passing_time"))
    assert said(only(most_new_flags=1.0), then=before(), diff=by_time) == []


def test_a_view_of_a_real_source_passes_all_gates(source):
    assert said(Gates(oldest_news_days=60), seen=source.as_of(DAY)) == []
