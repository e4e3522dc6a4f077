"""Tables that stay on disk: every answer as with all of them in memory, whatever buckets and portions; nothing torn on the way."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

import sorg_risk as sr
from sorg_risk.errors import DataError
from sorg_risk.features import evidence, evidence_keys, features
from sorg_risk.law import Statutory, looked_at, statutory_of_all
from sorg_risk.records import TABLES, disk
from sorg_risk.records.doubts import doubts
from sorg_risk.records.ledger import Ledger
from sorg_risk.records.ledger.wide import WIDE, WideSource
from sorg_risk.records.schema import SHARED
from sorg_risk.simulate import simulate

DAYS = ("2025-03-01", "2026-06-15")
BUCKETS = (1, 8)


@pytest.fixture(scope="module")
def spoilt() -> dict[str, pd.DataFrame]:
    """A registry whose rows are refused, repeated, in conflict, taken back, of unknown and of changing organisations."""
    frames = {name: frame.copy() for name, frame in simulate(30, 11).items()}
    for name in set(TABLES) - {"organizations", WIDE, *SHARED}:
        frames[name] = _upset(frames[name], TABLES[name].key)
    for name in SHARED:
        rows = frames[name]
        clash = rows.head(3).assign(fiscal_year=2020.0)
        late = rows.head(4).tail(1).assign(fiscal_year=2021.0, recorded_at=pd.Timestamp("2026-05-02"))
        bad = rows.tail(1).assign(notice_id="bad", authority="4x")
        frames[name] = pd.concat([rows, clash, late, bad, rows.head(6)], ignore_index=True)
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


def _upset(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """A table with later versions, retractions, conflicts, rows that name another organisation, and rows of nobody."""
    chance = np.random.default_rng(len(rows))

    def some(**cells: object) -> pd.DataFrame:
        taken = rows.iloc[chance.choice(len(rows), max(1, len(rows) // 20), replace=False)]
        return taken.assign(**cells)

    moved = some(recorded_at=pd.Timestamp("2026-05-02"))
    parts = [
        some(),
        some(recorded_at=pd.Timestamp("2025-01-15")),
        some(recorded_at=pd.Timestamp("2026-06-10")),
        some(voided=True, recorded_at=pd.Timestamp("2026-05-20")),
        moved.assign(org_id=chance.permutation(moved["org_id"].to_numpy())),
        some(org_id="51440300000000001M").assign(**{key: lambda found: found[key] + "u"}),
    ]
    return pd.concat([rows, *parts], ignore_index=True).sample(frac=1, random_state=1, ignore_index=True)


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


@pytest.mark.parametrize("lists", ["decided", "assumed"])
@pytest.mark.parametrize("portion", [7, 20_000])
def test_the_law_says_the_same_portion_by_portion(plain, wide, portion, lists, monkeypatch):
    monkeypatch.setattr(import_module("sorg_risk.records.ledger.wide"), "PORTION", portion)
    left, right = (source.as_of(DAYS[1]) for source in (plain, wide))
    assert len(right.table(WIDE)) < len(left.table(WIDE)) / 2
    law, same = statutory_of_all(left, lists), statutory_of_all(right, lists)
    assert isinstance(same, Statutory) == (portion > len(left.orgs) or len(wide.edition) == 1)
    for name in ("flags", "members", "clauses", "remedies"):
        pd.testing.assert_frame_equal(getattr(same, name), getattr(law, name))
    pd.testing.assert_frame_equal(right.gathered(doubts), doubts(left))


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("name", sorted(set(TABLES) - {WIDE}))
def test_tables_and_what_is_known_of_them_are_the_same(plain, wide, name, day):
    left, right = (source.as_of(day) for source in (plain, wide))
    some = list(left.orgs[::4])
    for one, other in ((left, right), (left.restricted_to(some), right.restricted_to(some))):
        pd.testing.assert_frame_equal(other.table(name), one.table(name))
        pd.testing.assert_frame_equal(other.history(name), one.history(name))
        known = one.first_known(name)
        pd.testing.assert_series_equal(
            other.first_known(name).reindex(other.table(name)[TABLES[name].key]).drop_duplicates(),
            known.reindex(one.table(name)[TABLES[name].key]).drop_duplicates(),
        )


def test_a_view_of_nobody_is_empty(wide):
    nobody = wide.as_of(DAYS[1]).restricted_to([])
    assert all(nobody.table(name).empty for name in TABLES if name not in SHARED)
    assert all(len(nobody.table(name)) == len(wide.as_of(DAYS[1]).table(name)) for name in SHARED)
    assert nobody.history("filings").empty
    assert list(nobody.parts()) == []


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
    assert wide.checked("positions").rows.empty
    for name in ("positions", WIDE):
        pd.testing.assert_frame_equal(wide.tables[name], plain.tables[name])
        pd.testing.assert_frame_equal(wide.history(name), plain.history(name))
    assert wide.last_recorded == plain.last_recorded


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
