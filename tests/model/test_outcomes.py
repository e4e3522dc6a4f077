"""A caller's outcome: read from any frame, matched however its identifiers are typed, accounted for to the last event."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import sorg_risk as sr
from sorg_risk.errors import UsageError
from sorg_risk.model import Panel, panel
from sorg_risk.model.outcomes import COUNTS, match_organisations
from sorg_risk.records import Source
from sorg_risk.records.reading import read_frames

from .made import registry

DAYS = ["2023-01-31", "2024-01-31"]


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    """Events of every kind: used twice, too early, too late, between two horizons, unknown, without a day, of later news."""
    one, two, three, four = registry().as_of("2023-01-31").active[:4]
    rows = [
        (one, "2023-02-10", None),
        (two, "2024-02-20", None),
        (one, "2023-01-31", None),
        (one, "2024-03-15", None),
        (two, "2023-08-01", None),
        ("911100000000000000", "2023-02-10", None),
        (three, None, None),
        (four, "2023-02-11", "2025-01-01"),
    ]
    return pd.DataFrame(rows, columns=["org_id", "event_on", "recorded_at"])


def built(outcome, **more) -> Panel:
    return panel(registry(), DAYS, horizon_days=30, outcome=outcome, known_by="2024-12-31", **more)


def test_every_event_is_accounted_for(events) -> None:
    made = built(events)
    counts = {"used": 2, "too_early": 1, "too_late": 1, "other": 1, "unknown": 1, "without_day": 1, "later_news": 1}
    assert made.account == {"given": 8, "matched": 6, **counts}
    assert list(made.account) == list(COUNTS)
    assert sum(made.account.values()) - made.account["matched"] == 2 * made.account["given"]
    assert made.y.sum() == 2
    for shown in (repr(made), made._repr_html_()):
        assert "8 given" in shown
        assert "1 of unknown organisations" in shown


def test_the_account_is_kept_with_a_panel_on_disk(events, tmp_path) -> None:
    assert built(events, out=tmp_path / "a").account == built(events).account
    assert Panel.read(built(events).write(tmp_path / "b")).account == built(events).account


def test_frames_of_any_maker_give_the_same(events) -> None:
    plain = built(events)
    for outcome in (
        pl.from_pandas(events),
        pl.from_pandas(events).lazy(),
        pa.Table.from_pandas(events),
        events.assign(event_on=pd.to_datetime(events["event_on"]).dt.tz_localize("Asia/Shanghai")),
        events.assign(event_on=events["event_on"].str.replace("-", "")),
        events.assign(org_id="  " + events["org_id"].str.lower() + "\u3000"),
    ):
        made = built(outcome)
        assert made.account == plain.account
        assert (made.y == plain.y).all()


def test_float_ids_are_the_ids_they_mean() -> None:
    orgs = sr.simulate(30, 4)["organizations"].assign(org_id=lambda rows: [str(n) for n in range(len(rows))])
    source = Source(read_frames({"organizations": orgs}), "any")
    numbers = pd.Series(source.as_of("2024-06-30").active.astype(float))
    typed = [
        numbers,
        numbers.astype(str),
        numbers.astype(int),
        numbers.astype("str").str.replace(".0", "", regex=False),
    ]
    for ids in typed:
        made = panel(source, ["2023-06-30"], outcome=pd.DataFrame({"org_id": ids, "event_on": "2023-07-01"}))
        assert made.account["unknown"] == 0
        assert made.y.sum() == made.account["used"] > 0


def test_two_organisations_of_one_folded_id_match_only_exactly() -> None:
    found = match_organisations(["a", "A", "ａ", "b ", 7.0], pd.Index(["a", "A", "B", "7"]))
    assert found.fillna("?").tolist() == ["a", "A", "?", "B", "7"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"org_id": "no such code"}, "8 given, 0 in the label of a row, 7 of unknown organisations"),
        ({"event_on": "2019-01-01"}, "6 on or before the first as-of day"),
        ({"event_on": "2024-06-01", "recorded_at": None}, "after the last horizon"),
    ],
)
def test_an_outcome_of_which_nothing_is_used_is_refused_with_the_counts(events, change, said) -> None:
    with pytest.raises(UsageError, match=said):
        built(events.assign(**change))


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ([("a", "2024-01-01")], "outcome is a list"),
        (pl.DataFrame({"org_id": ["a"]}), "outcome lacks event_on"),
        (pd.DataFrame([["a", "2024-01-01", "2024-01-01"]], columns=["org_id", "event_on", "event_on"]), "two columns"),
        (pd.DataFrame({"org_id": ["a"], "event_on": [45_000]}), "no day: '45000'"),
        (pd.DataFrame({"org_id": ["a"], "event_on": ["03/04/2024"]}), "no day: '03/04/2024'"),
    ],
)
def test_what_is_no_outcome_is_named(outcome, message) -> None:
    with pytest.raises(UsageError, match=message):
        built(outcome)
