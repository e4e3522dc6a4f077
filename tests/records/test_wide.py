"""Fund flows that stay on disk: every answer as with all of them in memory, whatever the buckets; nothing torn on the way."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

import sorg_risk as sr
from sorg_risk.errors import DataError
from sorg_risk.features import evidence, evidence_keys, features
from sorg_risk.law import looked_at, statutory
from sorg_risk.records import disk
from sorg_risk.records.ledger import Ledger
from sorg_risk.records.ledger.wide import WIDE, WideSource
from sorg_risk.simulate import simulate

DAYS = ("2025-03-01", "2026-06-15")
BUCKETS = (1, 8)


@pytest.fixture(scope="module")
def spoilt() -> dict[str, pd.DataFrame]:
    """A registry whose flows have refused rows, duplicates, conflicts, retractions, unknown and changing organisations."""
    frames = {name: frame.copy() for name, frame in simulate(30, 11).items()}
    flows, chance = frames[WIDE], np.random.default_rng(0)

    def some(number: int, suffix: str = "", **cells: object) -> pd.DataFrame:
        rows = flows.iloc[chance.choice(len(flows), number, replace=False)].copy()
        return rows.assign(flow_id=rows["flow_id"] + suffix, **cells)

    moved = some(20, recorded_at=pd.Timestamp("2026-05-01"))
    unknown = some(15, "u", org_id="51440300000000001M")
    parts = [
        some(25, "x", amount=-5.0),
        some(20),
        some(20, amount=1.0),
        moved.assign(org_id=chance.permutation(moved["org_id"].to_numpy())),
        pd.concat([unknown, unknown.head(3)]),
        some(15, voided=True, recorded_at=pd.Timestamp("2026-06-01")),
    ]
    frames[WIDE] = pd.concat([flows, *parts], ignore_index=True).sample(frac=1, random_state=0, ignore_index=True)
    return frames


@pytest.fixture(scope="module")
def plain(spoilt):
    return sr.open(spoilt)


@pytest.fixture(scope="module", params=BUCKETS)
def wide(spoilt, request, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("sorg_risk.records.ledger.ledger"), "_buckets", lambda _rows: request.param)
        ledger = Ledger.open(tmp_path_factory.mktemp("ledger"))
        ledger.bring(spoilt)
    return WideSource(ledger.at(), held=looked_at)


@pytest.mark.parametrize("day", DAYS)
def test_counts_and_quarantine_are_the_same(plain, wide, day):
    pd.testing.assert_frame_equal(wide.as_of(day).counts, plain.as_of(day).counts)
    pd.testing.assert_frame_equal(wide.as_of(day).quarantine, plain.as_of(day).quarantine)
    assert wide.as_of(day).last_recorded == plain.as_of(day).last_recorded
    assert wide.columns == plain.columns


@pytest.mark.parametrize("later", [0, 40])
def test_features_are_the_same_as_time_passes(plain, wide, later):
    left, right = (source.as_of(DAYS[0]) for source in (plain, wide))
    day = left.day + dt.timedelta(days=later)
    pd.testing.assert_frame_equal(features(right.later(day)), features(left.later(day)))


def test_features_of_some_organisations_are_the_same(plain, wide):
    left, right = (source.as_of(DAYS[1]) for source in (plain, wide))
    some = list(left.orgs[:7])
    pd.testing.assert_frame_equal(features(right.restricted_to(some)), features(left.restricted_to(some)))


def test_the_law_sees_all_it_looks_at(plain, wide):
    left, right = (source.as_of(DAYS[1]) for source in (plain, wide))
    assert len(right.table(WIDE)) < len(left.table(WIDE)) / 2
    law, same = statutory(left), statutory(right)
    pd.testing.assert_frame_equal(same.flags, law.flags)
    pd.testing.assert_frame_equal(same.clauses, law.clauses)


def test_evidence_is_the_same(plain, wide):
    left, right = (source.as_of(DAYS[1]) for source in (plain, wide))
    orgs, names = left.active[:9], ["flows_90d", "complaints_90d", "org_type"]
    pairs = pd.DataFrame([(org, name) for org in orgs for name in names], columns=["org_id", "feature"])
    pairs = pairs.sample(frac=1, random_state=1)
    pd.testing.assert_series_equal(evidence_keys(right, pairs), evidence_keys(left, pairs))
    pd.testing.assert_frame_equal(evidence(right, orgs[0], "flows_90d"), evidence(left, orgs[0], "flows_90d"))


def test_digests_know_nothing_of_buckets_and_everything_of_rows(spoilt, wide, tmp_path):
    known = wide.as_of(DAYS[1]).digests()
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.bring({name: frame.sample(frac=1, random_state=3) for name, frame in spoilt.items()})
    other = WideSource(ledger.at(), held=looked_at).as_of(DAYS[1]).digests()
    assert {name for name in known if known[name] != other[name]} == {"quarantine"}  # it names the places of rows
    flows = spoilt[WIDE]
    last = flows["flow_id"].drop_duplicates(keep=False).index[-1]
    ledger.bring({**spoilt, WIDE: flows.drop(last)})
    assert (
        WideSource(ledger.at(), held=looked_at).as_of("2030-01-01").digests()[WIDE]
        != wide.as_of("2030-01-01").digests()[WIDE]
    )


def test_the_tables_are_read_anew_where_a_night_let_them_go(plain, wide):
    wide.as_of(DAYS[1]).table("positions")
    assert "role" not in wide.checked("positions").rows
    for name in ("positions", WIDE):
        pd.testing.assert_frame_equal(wide.tables[name], plain.tables[name])


def test_there_is_no_whole_of_the_wide_table(wide):
    with pytest.raises(NotImplementedError, match="parts"):
        wide.history(WIDE)


@pytest.mark.parametrize(
    "point",
    ["ledger-organizations.rows.arrow:half", "ledger-segment:replaced", "ledger-state:half", "ledger-pointer:written"],
)
def test_a_full_disk_leaves_the_ledger_as_it_was(spoilt, point, tmp_path, monkeypatch):
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.bring({name: frame.head(40) for name, frame in spoilt.items()})
    before = ledger.at().as_of(DAYS[1]).digests()
    monkeypatch.setattr(disk, "_passed", disk.Counter())
    monkeypatch.setenv(disk.FAULT, f"{point}=ENOSPC")
    with pytest.raises(OSError, match="No space"):
        Ledger.open(tmp_path / "ledger").bring(spoilt)
    monkeypatch.delenv(disk.FAULT)
    again = Ledger.open(tmp_path / "ledger")
    assert again.at().as_of(DAYS[1]).digests() == before
    assert again.verify() == []
    assert again.bring(spoilt) == 2


def test_a_damaged_parquet_file_is_named(spoilt, tmp_path):
    for name in ("organizations", WIDE):
        spoilt[name].to_parquet(tmp_path / f"{name}.parquet")
    path = tmp_path / f"{WIDE}.parquet"
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(DataError, match=r"fund_flows.parquet cannot be read: .*Deliver the file again"):
        Ledger.open(tmp_path / "ledger").bring(tmp_path)
