"""Nothing recorded after a day changes anything that was known on it; the order of delivery says nothing."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.records import Source, open

from .made import A, B, C, code, organizations, penalty, source

START = dt.date(2020, 1, 1)
PLACED = ["source", "row"]
moments = st.integers(0, 11).map(lambda half: (pd.Timestamp("2020-01-01") + pd.Timedelta(hours=12 * half)).isoformat())
org_rows = st.builds(
    lambda org_id, at, void, status: {"org_id": org_id, "recorded_at": at, "voided": void, "status": status},
    st.sampled_from([A, B, C]),
    moments,
    st.booleans(),
    st.sampled_from(["active", "revoked", "unheard of"]),
)
penalty_rows = st.builds(
    lambda key, org_id, at, void, amount, kind: penalty(
        key, org_id, at, voided=void, amount=amount, kind=kind, decided_on="2019-12-01"
    ),
    st.sampled_from(["p", "q"]),
    st.sampled_from([A, B, C, "nobody"]),
    moments,
    st.booleans(),
    st.sampled_from([1, 2, -3]),
    st.sampled_from(["fine", "hanging"]),
)
registers = st.tuples(st.lists(org_rows, max_size=6), st.lists(penalty_rows, max_size=9))
days = st.integers(0, 6).map(lambda n: START + dt.timedelta(days=n))


def opened(orgs: list[dict], penalties: list[dict]) -> Source:
    certain = organizations(code(9), recorded_at="2019-01-01")
    return open({"organizations": pd.concat([certain, pd.DataFrame(orgs)]), "penalties": pd.DataFrame(penalties)})


def assert_same_view(left: Source, right: Source, day: dt.date, place: bool = True) -> None:
    one, other = left.as_of(day), right.as_of(day)
    for name in ("organizations", "penalties"):
        pd.testing.assert_frame_equal(one.table(name), other.table(name))
    drop = [] if place else PLACED
    order = [name for name in one.quarantine.columns if name not in drop]
    frames = [view.quarantine[order].sort_values(order, ignore_index=True) for view in (one, other)]
    pd.testing.assert_frame_equal(*frames)
    assert list(one.orgs) == list(other.orgs)
    assert list(one.active) == list(other.active)


@given(registers, registers, days)
def test_later_rows_of_any_kind_change_nothing(before, after, day):
    """Versions, retractions, conflicts, faulty rows and news of old events, delivered behind what was there."""
    kept = [[row for row in rows if row["recorded_at"][:10] <= day.isoformat()] for rows in before]
    later = [[row for row in rows if row["recorded_at"][:10] > day.isoformat()] for rows in after]
    assert_same_view(opened(*kept), opened(kept[0] + later[0], kept[1] + later[1]), day)


@given(registers, days, st.randoms(use_true_random=False))
def test_the_order_of_delivery_says_nothing(rows, day, random):
    shuffled = [random.sample(part, len(part)) for part in rows]
    left, right = opened(*rows), opened(*shuffled)
    assert_same_view(left, right, day, place=False)
    for name in ("organizations", "penalties"):
        pd.testing.assert_frame_equal(left.history(name), right.history(name))
    digests = [source.as_of(day).digests() | {"quarantine": "names places"} for source in (left, right)]
    assert digests[0] == digests[1]


@given(registers, days)
def test_the_view_follows_the_plain_reading_of_the_contract(rows, day):
    """Row by row in plain Python: newest known row of a key, unless it retracts, of organisations known that day."""
    orgs, penalties = [[row for row in part if row["recorded_at"][:10] <= day.isoformat()] for part in rows]
    known = {
        org_id for org_id, row in newest([row for row in orgs if sound(row)], "org_id").items() if not row["voided"]
    }
    of_known = [
        row for row in no_conflicts([row for row in penalties if sound(row)], "penalty_id") if row["org_id"] in known
    ]
    expected = {key for key, row in newest(of_known, "penalty_id").items() if not row["voided"]}
    view = opened(*rows).as_of(day)
    assert set(view.orgs) == known | {code(9)}
    assert set(view.table("penalties")["penalty_id"]) == expected


def sound(row: dict) -> bool:
    void = row["voided"]
    if row["org_id"] == "nobody":
        return False
    return void or (row.get("status") != "unheard of" and row.get("kind") != "hanging")


def content(row: dict) -> tuple:
    names = ("org_id", "status", "amount", "kind")
    usable = row | {"amount": max(row.get("amount", 0), 0)}  # an amount below zero is set aside as a cell
    return (row["voided"], *(usable.get(name) for name in (names[:1] if row["voided"] else names)))


def no_conflicts(rows: list[dict], key: str) -> list[dict]:
    def same(row: dict) -> set:
        return {
            content(other) for other in rows if (other[key], other["recorded_at"]) == (row[key], row["recorded_at"])
        }

    return [row for row in rows if len(same(row)) == 1]


def newest(rows: list[dict], key: str) -> dict[str, dict]:
    return {row[key]: row for row in sorted(no_conflicts(rows, key), key=lambda row: row["recorded_at"])}


@given(registers, days)
def test_accepted_and_quarantined_sum_to_read_on_every_day(rows, day):
    counts = opened(*rows).as_of(day).counts.set_index("table")
    assert counts["read"].to_dict()["penalties"] == len(rows[1])
    assert (counts["accepted"] + counts["quarantined"] == counts["read"]).all()


def test_several_versions_within_a_day_leave_the_last_standing():
    rows = [penalty(recorded_at=f"2021-01-01T{hour:02}:00", amount=hour + 1) for hour in (23, 1, 9)]
    made = source(penalties=rows)
    assert made.as_of("2021-01-01").table("penalties")["amount"].tolist() == [24.0]
    assert len(made.history("penalties")) == 1


def test_a_retracted_record_comes_back_with_a_later_version():
    rows = [penalty(), penalty(recorded_at="2021-02-01", voided=True), penalty(recorded_at="2021-03-01", amount=7)]
    made = source(penalties=rows)
    standing = [len(made.as_of(day).table("penalties")) for day in ("2021-01-31", "2021-02-15", "2021-03-01")]
    assert standing == [1, 0, 1]


def test_rows_wait_for_their_organisation():
    made = source(org_ids=(A,), penalties=[penalty(recorded_at="2019-06-01", decided_on="2019-05-01")])
    before, after = made.as_of("2019-12-31"), made.as_of("2020-01-01")
    assert before.table("penalties").empty
    assert before.quarantine["rule"].tolist() == ["unknown_organization"]
    assert len(after.table("penalties")) == 1
    assert after.quarantine.empty
    assert made.quarantine.empty


def test_a_later_version_of_an_unknown_organisation_does_not_hide_the_record():
    rows = [penalty(amount=1), penalty(recorded_at="2021-02-01", org_id=C, amount=2)]
    orgs = pd.concat([organizations(A), organizations(C, recorded_at="2021-03-01")])
    made = open({"organizations": orgs, "penalties": pd.DataFrame(rows)})
    amounts = [made.as_of(day).table("penalties")["amount"].tolist() for day in ("2021-02-15", "2021-03-01")]
    assert amounts == [[1.0], [2.0]]


def test_a_restricted_view_shows_some_organisations_of_the_same_day():
    view = source(penalties=[penalty("1"), penalty("2", B)]).as_of("2022-01-01").restricted_to([B, C])
    assert list(view.orgs) == [B]
    assert view.table("penalties")["penalty_id"].tolist() == ["2"]
    assert list(view.restricted_to([A]).orgs) == []


def test_digests_change_with_any_visible_cell_and_only_then():
    base = source(penalties=[penalty()]).as_of("2022-01-01").digests()
    other = source(penalties=[penalty(amount=1)]).as_of("2022-01-01").digests()
    later = source(penalties=[penalty(), penalty(recorded_at="2022-01-02", amount=9)]).as_of("2022-01-01").digests()
    assert base == later
    assert {name for name in base if base[name] != other[name]} == {"penalties"}


@pytest.mark.parametrize("rows", [60_000])
def test_large_tables_are_read_without_python_loops(rows):
    """Sixty thousand flows with two versions each: no row-wise path survives this within the limit of the suite."""
    random = np.random.default_rng(0)
    flow = pd.DataFrame(
        {
            "flow_id": [f"f{n // 2}" for n in range(rows)],
            "org_id": np.where(random.random(rows) < 0.5, A, B),
            "booked_on": pd.Timestamp("2020-01-01"),
            "direction": "in",
            "amount": random.integers(1, 100, rows),
            "recorded_at": pd.Timestamp("2020-02-01") + pd.to_timedelta(np.arange(rows) % 2, unit="D"),
        }
    )
    made = open({"organizations": organizations(A, B), "fund_flows": flow})
    assert len(made.as_of("2020-02-02").table("fund_flows")) == rows // 2
