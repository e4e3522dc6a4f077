"""The ledger: what is brought comes back row for row, every delivery as it was, and nothing half done is ever seen."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sorg_risk.errors import DataError, LockHeld, NotFound, UsageError
from sorg_risk.features import features
from sorg_risk.records import Source
from sorg_risk.records import open as open_source
from sorg_risk.records.ledger import Ledger, arriving, ledger
from sorg_risk.records.reading import read_frames

ORGS = [f"O{n}" for n in range(5)]
DAYS = ["2024-03-01", "2024-07-01", "2025-01-01"]
NAMES = ["flows_90d", "money_in_365d", "payees_365d", "payee_hhi_365d", "flow_recency", "org_type", "pass_through_90d"]


def _day(number: int) -> pd.Timestamp:
    return pd.Timestamp("2023-12-01") + pd.Timedelta(days=number)


VERSIONS = st.tuples(st.sampled_from(ORGS), st.integers(0, 400), st.booleans(), st.sampled_from(["active", "revoked"]))
FLOWS = st.tuples(
    st.integers(0, 12),
    st.sampled_from([*ORGS, "unknown"]),
    st.integers(0, 300),
    st.sampled_from([0, 0, 3, 90]),
    st.sampled_from([1.0, 19.99, 20_000.0, -5.0, 0.005]),
    st.sampled_from(["in", "out"]),
    st.sampled_from(["p", "q", None]),
    st.booleans(),
)


def _frames(register: list[Any], flows: list[Any]) -> dict[str, pd.DataFrame]:
    """Versions, retractions, gaps, unknown organisations, conflicts, impossible and odd amounts, moved records."""
    organizations = pd.DataFrame(
        [
            {"org_id": org, "recorded_at": _day(day), "voided": void, "status": status}
            for org, day, void, status in [(ORGS[0], 0, False, "active"), *register]
        ]
    )
    rows = [
        {
            "flow_id": f"F{key}",
            "org_id": org,
            "booked_on": _day(day),
            "amount": amount,
            "direction": way,
            "counterparty_id": other,
            "voided": void and late > 0,
            "recorded_at": _day(day + late),
        }
        for key, org, day, late, amount, way, other, void in flows
    ]
    return {"organizations": organizations.assign(org_type="foundation"), "fund_flows": pd.DataFrame(rows)}


def _source(frames: dict[str, pd.DataFrame]) -> Source:
    return Source(read_frames({name: frame for name, frame in frames.items() if len(frame)}), "any")


def _same(one: Source, other: Source) -> None:
    pd.testing.assert_frame_equal(one.counts, other.counts)
    pd.testing.assert_frame_equal(one.quarantine, other.quarantine)
    for name in ("organizations", "fund_flows"):
        pd.testing.assert_frame_equal(one.tables[name], other.tables[name])
        pd.testing.assert_frame_equal(one.history(name), other.history(name))


@settings(max_examples=6, phases=[Phase.explicit, Phase.generate])
@given(register=st.lists(VERSIONS, max_size=9), flows=st.lists(FLOWS, max_size=25), cut=st.integers(0, 25))
def test_a_ledger_answers_as_the_deliveries_do(
    register: list[Any], flows: list[Any], cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("ledger")
    kept = Ledger.open(place / "one")
    first, second = (_source(_frames(register, rows)) for rows in (flows[:cut], flows))
    numbers = [kept.bring(one) for one in (first, second)]
    for number, delivered in zip(numbers, (first, second)):
        _same(kept.source(number), delivered)
        pd.testing.assert_frame_equal(
            features(kept.at(number), DAYS, names=NAMES, everyone=True),
            features(delivered, DAYS, names=NAMES, everyone=True),
            check_exact=True,
        )
    before = features(kept, DAYS, names=NAMES, everyone=True)
    kept.compact()
    assert len(kept._state.segments) == 1
    pd.testing.assert_frame_equal(features(kept, DAYS, names=NAMES, everyone=True), before, check_exact=True)
    assert kept.verify() == []
    shutil.rmtree(place)


@pytest.fixture(name="many_buckets")
def _many_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "ROWS_A_BUCKET", 64)
    monkeypatch.setattr(arriving, "PIECE_ROWS", 50)


def _registry(rows: int, orgs: int = 40) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(rows)
    codes = [f"O{n:03d}" for n in range(orgs)]
    day = rng.integers(0, 300, rows)
    flows = {
        "flow_id": [f"F{n:05d}" for n in range(rows)],
        "org_id": rng.choice(codes, rows),
        "booked_on": [_day(n) for n in day],
        "amount": rng.integers(1, 10**7, rows) / 100,
        "direction": rng.choice(["in", "out"], rows),
        "counterparty_id": rng.choice([f"C{n}" for n in range(9)], rows),
        "recorded_at": [_day(n) for n in day + rng.integers(0, 99, rows)],
    }
    register = pd.DataFrame({"org_id": codes, "org_type": "foundation", "status": "active", "recorded_at": _day(0)})
    return {"organizations": register, "fund_flows": pd.DataFrame(flows)}


@pytest.mark.usefixtures("many_buckets")
def test_many_buckets_and_nightly_deltas_equal_the_whole(tmp_path: Path) -> None:
    whole = _registry(900)
    kept = Ledger.open(tmp_path / "ledger")
    for upto in (500, 700, 900):
        frames = {**whole, "fund_flows": whole["fund_flows"].head(upto)}
        kept.bring(_source(frames))
        got = features(kept, DAYS, names=NAMES)
        pd.testing.assert_frame_equal(got, features(_source(frames), DAYS, names=NAMES), check_exact=True)
    assert len(kept.at()) > 4
    assert kept.rows == 940
    only_new = _source({**whole, "fund_flows": whole["fund_flows"].tail(3).assign(flow_id=["x", "y", "z"])})
    kept.bring(only_new, complete=False)
    assert kept.at().source.counts.set_index("table").loc["fund_flows", "read"] == 903


@pytest.mark.usefixtures("many_buckets")
def test_segments_are_made_one_and_every_generation_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_SEGMENTS", 2)
    whole, kept = _registry(400), Ledger.open(tmp_path)
    sizes = (100, 200, 300, 400)
    for upto in sizes:
        kept.bring(_source({**whole, "fund_flows": whole["fund_flows"].head(upto)}))
    assert len(kept._state.segments) <= 2
    for number, upto in zip(kept.generations, sizes):
        assert len(kept.source(number).tables["fund_flows"]) == upto


def test_the_same_delivery_again_is_the_same_generation(tmp_path: Path) -> None:
    source = _source(_registry(50))
    kept = Ledger.open(tmp_path)
    assert (kept.bring(source), kept.bring(source)) == (1, 1)
    assert kept.generations == [1]
    assert Ledger.open(tmp_path).generations == [1]


def test_records_that_differ_in_their_key_alone_are_different(tmp_path: Path) -> None:
    kept = Ledger.open(tmp_path)
    for upto in (10, 20):
        kept.bring(_source({"organizations": _registry(0)["organizations"].head(upto)}))
    assert len(kept.source().tables["organizations"]) == 20


@pytest.mark.usefixtures("many_buckets")
def test_folders_of_parquet_are_brought_piece_by_piece(tmp_path: Path) -> None:
    frames = _registry(300)
    folder = tmp_path / "in"
    folder.mkdir()
    mapping = ['code_scheme = "any"']
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet")
        columns = ", ".join(f'{column} = "{column}"' for column in frame)
        mapping += [f"[{name}]", f'from = "{name}"', f"columns = {{ {columns} }}"]
    (tmp_path / "mapping.toml").write_text("\n".join(mapping))
    kept = Ledger.open(tmp_path / "ledger")
    kept.bring(folder, tmp_path / "mapping.toml")
    _same(kept.source(), _source(frames))


@pytest.mark.usefixtures("many_buckets")
def test_another_version_of_the_program_checks_every_file_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = {name: frame.assign(org_id=frame["org_id"] + "X") for name, frame in _registry(300).items()}
    (tmp_path / "in").mkdir()
    for name, frame in frames.items():
        frame.to_parquet(tmp_path / "in" / f"{name}.parquet")
    kept = Ledger.open(tmp_path / "ledger")
    kept.bring(tmp_path / "in")
    looked = []
    real = arriving.check

    def check(table: Any, *more: Any) -> Any:
        looked.append(table.name)
        return real(table, *more)

    monkeypatch.setattr(arriving, "check", check)
    assert kept.bring(tmp_path / "in") == 1
    assert looked == []
    monkeypatch.setattr(ledger, "__version__", "99")
    assert kept.bring(tmp_path / "in") == 2
    assert set(looked) == set(frames)
    pd.testing.assert_frame_equal(kept.source(2).quarantine, kept.source(1).quarantine)


DISTINCT = """
code_scheme = "any"
[organizations]
from = "returns"
distinct = "ein"
columns = { org_id = "ein", name = "name" }
constants = { org_type = "foundation", status = "active" }
derive = { recorded_at = "min(day)" }
"""


def test_refused_rows_keep_their_place_in_their_own_file_after_an_addition(tmp_path: Path) -> None:
    """Of several rows of one organisation one is kept, so that places in the table are not those in the file."""
    (tmp_path / "mapping.toml").write_text(DISTINCT)
    kept, refused = Ledger.open(tmp_path / "ledger"), []
    for number, days in enumerate([["2024-01-02", "2024-01-01", "never"], ["2024-02-02", "2024-02-01", "no day"]]):
        place = tmp_path / f"in{number}"
        place.mkdir()
        codes = [f"A{number}", f"A{number}", f"B{number}"]
        pd.DataFrame({"ein": codes, "name": "x", "day": days}).to_csv(place / "returns.csv", index=False)
        delivered = open_source(place, tmp_path / "mapping.toml")
        refused.append(delivered.quarantine)
        kept.bring(delivered, complete=number == 0)
    found = kept.source().quarantine
    assert found["row"].tolist() == [row for one in refused for row in one["row"]]
    assert set(kept.source().as_of("2024-12-31").orgs) == {"A0", "A1"}


BREAKS: list[tuple[Callable[[Path], None], str]] = [
    (lambda folder: (folder / "CURRENT").unlink(), "no ledger"),
    (lambda folder: (folder / "CURRENT").write_text("state-9.json x\n"), "not there"),
    (lambda folder: _replaced(next(folder.glob("state-*2*.json")), b'"buckets"', b'"buckats"'), "damaged"),
]


def _replaced(path: Path, old: bytes, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(old, new))


@pytest.mark.parametrize(("break_it", "reason"), BREAKS)
def test_a_damaged_ledger_is_refused_with_the_reason(
    tmp_path: Path, break_it: Callable[[Path], None], reason: str
) -> None:
    kept = Ledger.open(tmp_path)
    kept.bring(_source(_registry(20)))
    kept.bring(_source(_registry(30)))
    break_it(tmp_path)
    with pytest.raises(DataError, match=reason):
        Ledger.open(tmp_path)


def _told(folder: Path, **changes: Any) -> None:
    """The state of a ledger told otherwise, with its digest."""
    name = (folder / "CURRENT").read_text().split()[0]
    raw = json.dumps({**json.loads((folder / name).read_bytes()), **changes}).encode()
    (folder / name).write_bytes(raw)
    (folder / "CURRENT").write_text(f"{name} {hashlib.sha256(raw).hexdigest()}\n")


def test_foreign_and_newer_folders_are_refused(tmp_path: Path) -> None:
    Ledger.open(tmp_path / "newer")
    _told(tmp_path / "newer", version=99)
    with pytest.raises(DataError, match=r"newer version \(format 99, .*\)\. Update sorg_risk"):
        Ledger.open(tmp_path / "newer")
    _told(tmp_path / "newer", format="other")
    with pytest.raises(DataError, match="format 'other' is not ours"):
        Ledger.open(tmp_path / "newer")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "a.txt").write_text("x")
    with pytest.raises(DataError, match="no ledger"):
        Ledger.open(tmp_path / "foreign")


def test_every_changed_or_missing_file_is_found(tmp_path: Path) -> None:
    kept = Ledger.open(tmp_path)
    kept.bring(_source(_registry(40)))
    files = [*(tmp_path / "segments").rglob("*.arrow"), *(tmp_path / "generations").iterdir()]
    for path in files:
        sound = path.read_bytes()
        path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
        assert [path.name in one and "changed" in one for one in kept.verify()] == [True]
        path.unlink()
        assert ["missing" in one for one in kept.verify()] == [True]
        path.write_bytes(sound)
    assert kept.verify() == []


@pytest.mark.parametrize("name", ["segments/*/fund_flows.rows.arrow", "generations/*.arrow"])
def test_a_file_that_goes_while_the_ledger_is_open_is_named(tmp_path: Path, name: str) -> None:
    kept = Ledger.open(tmp_path)
    kept.bring(_source(_registry(40)))
    (path,) = tmp_path.glob(name)
    path.write_bytes(b"ARROW1")
    with pytest.raises(
        DataError, match=rf"ledger file .*{path.name} cannot be read: .*Restore the ledger from its copy"
    ):
        kept.source()


def test_a_delivery_has_only_the_tables_it_had(tmp_path: Path) -> None:
    """What another generation brought, the whole table or its rows, is not seen."""
    whole = _registry(40)
    kept = Ledger.open(tmp_path)
    register = _source({"organizations": whole["organizations"]})
    emptied = Source(read_frames({**whole, "fund_flows": whole["fund_flows"].head(0)}), "any")
    brought = [kept.bring(one) for one in (register, _source(whole), emptied)]
    for number, delivered in zip(brought, (register, _source(whole), emptied)):
        _same(kept.source(number), delivered)
        got = features(kept.at(number), DAYS, names=NAMES)
        pd.testing.assert_frame_equal(got, features(delivered, DAYS, names=NAMES), check_exact=True)


def test_words_that_were_declared_in_another_order_are_the_same_words(tmp_path: Path) -> None:
    delivered = _source(_registry(40))
    kept = Ledger.open(tmp_path)
    kept.bring(delivered)
    (path,) = tmp_path.glob("segments/*/fund_flows.rows.arrow")
    batch = pa.ipc.open_file(path.read_bytes()).get_batch(0)
    codes = json.loads(batch.schema.metadata[b"codes"])
    codes["direction"] = ["gone", *reversed(codes["direction"])]
    turned = pa.array([2 if value == 0 else 1 for value in batch["direction"].to_pylist()], pa.int8())
    batch = batch.set_column(batch.schema.get_field_index("direction"), "direction", turned)
    with pa.OSFile(str(path), "wb") as sink:
        schema = batch.schema.with_metadata({**batch.schema.metadata, b"codes": json.dumps(codes).encode()})
        with pa.ipc.new_file(sink, schema) as writer:
            writer.write_batch(
                batch.cast(schema) if batch.schema != schema else batch.replace_schema_metadata(schema.metadata)
            )
    _same(Ledger.open(tmp_path).source(), delivered)


def test_a_ledger_and_its_editions_name_themselves(tmp_path: Path) -> None:
    kept = Ledger.open(tmp_path)
    kept.bring(_source(_registry(1000)))
    assert repr(kept) == f"Ledger({str(tmp_path)!r}, 1 generations, 1,040 rows)"
    assert repr(kept.at()) == "Edition(1, 1,040 rows, 1 buckets)"


def test_an_interrupted_delivery_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Ledger.open(tmp_path)
    kept.bring(_source(_registry(40)))
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ledger.states, "save", stop)
        with pytest.raises(KeyboardInterrupt):
            kept.bring(_source(_registry(60)))
    again = Ledger.open(tmp_path)
    assert again.generations == [1]
    assert again.verify() == []
    again.bring(_source(_registry(60)))
    assert again.generations == [1, 2]
    left = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    first = "state-000000.json"  # only the last two states stay
    assert left == {path.parts[0] for path in before} - {first} | {f"state-{again._state.number:06d}.json"}


def test_two_processes_cannot_bring_at_once(tmp_path: Path) -> None:
    kept = Ledger.open(tmp_path)
    with (tmp_path / "LOCK").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LockHeld):
            kept.bring(_source(_registry(5)))
    assert kept.bring(_source(_registry(5))) == 1


def test_wrong_questions_are_answered_with_the_cure(tmp_path: Path) -> None:
    kept = Ledger.open(tmp_path / "ledger")
    with pytest.raises(UsageError, match="empty"):
        kept.at()
    kept.bring(_source(_registry(5)))
    with pytest.raises(NotFound, match="generation"):
        kept.at(7)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(DataError, match="organizations"):
        kept.bring(tmp_path / "nothing")
