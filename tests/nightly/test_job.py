"""The same decision gives the same bytes; what merely came with the delivery changes nothing."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from sorg_risk.errors import DataError, GateRefused, LockHeld, StorageError, UsageError
from sorg_risk.nightly import audit, clock, lock
from sorg_risk.nightly.settings import Settings
from sorg_risk.nightly.stages import Stages
from sorg_risk.nightly.store import Store
from sorg_risk.nightly.verify import verify
from sorg_risk.records import disk
from sorg_risk.records import open as open_source
from tests.contract.published import problems
from tests.nightly.conftest import FIRST, SECOND, published, tree

NIGHT, STAGED = (import_module(f"sorg_risk.nightly.{name}") for name in ("night", "staged"))


def outputs(run) -> dict[str, str]:
    return run.manifest["outputs"]


def test_a_published_night_keeps_the_contract(nights, source):
    for run in Store(nights).runs():
        assert problems(run, source.as_of(run.parent.name)) == []


def test_current_names_the_last_run_in_one_line(nights):
    line = (nights / "CURRENT").read_text(encoding="utf-8")
    assert line.startswith(f"runs/{SECOND}/")
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert (nights / line.strip() / "report.html").is_file()


def test_a_rerun_finds_its_run_and_changes_nothing(nights, night):
    before = tree(nights)
    again = night(nights, SECOND)
    assert again.unchanged
    assert tree(nights) == before


def test_order_layout_and_form_of_the_delivery_change_no_byte(nights, night, frames, tmp_path):
    first = published(nights, FIRST)
    shuffled = {name: frame.sample(frac=1, random_state=5).iloc[:, ::-1] for name, frame in frames.items()}
    other = night(tmp_path / "shuffled", FIRST, shuffled)
    assert other.run_id == first.run_id
    assert outputs(other) == outputs(first)
    place = tmp_path / "dated"
    for number, part in enumerate((slice(None, None, 2), slice(1, None, 2)), start=1):
        (place / f"2026-01-0{number}").mkdir(parents=True)
        for name, frame in frames.items():
            frame.iloc[part].to_csv(place / f"2026-01-0{number}" / f"{name}.csv", index=False)
    dated = night(tmp_path / "out-dated", FIRST, place)
    assert dated.run_id == first.run_id
    assert outputs(dated) == outputs(first)


def test_what_is_recorded_later_has_no_part_in_the_run(nights, night, frames, tmp_path):
    known = {name: frame[pd.to_datetime(frame["recorded_at"]) <= pd.Timestamp(FIRST)] for name, frame in frames.items()}
    assert night(tmp_path / "out", FIRST, known, dry_run=True).run_id == Store(nights).run(FIRST).name


def test_a_dry_run_touches_nothing(nights, night, tmp_path):
    before, times = tree(nights), touched(nights)
    left = os.listdir(tempfile.gettempdir())
    run = night(nights, "2026-07-21", dry_run=True)
    assert not run.unchanged
    assert tree(nights) == before
    assert touched(nights) == times
    assert not [name for name in os.listdir(tempfile.gettempdir()) if name not in left and "sorg" in name]
    night(tmp_path / "nowhere", FIRST, dry_run=True)
    assert not (tmp_path / "nowhere").exists()


def touched(folder: Path) -> dict[str, int]:
    """When each file and folder was last changed."""
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in (folder, *folder.rglob("*"))}


def test_a_back_fill_leaves_current_and_finds_the_night_before_it(nights, night):
    between = night(nights, "2026-07-01")
    assert (nights / "CURRENT").read_text(encoding="utf-8").startswith(f"runs/{SECOND}/")
    assert between.manifest["previous_run"] == Store(nights).run(FIRST).name


def test_every_file_of_the_store_is_where_the_layout_says(nights):
    assert {path.name for path in nights.iterdir()} == {
        *(
            "CURRENT",
            "runs",
            "ledger",
            "audit.sqlite",
            "audit.head",
            "log.jsonl",
            "metrics.prom",
            "store.json",
            ".lock",
            "work",
        ),
    }
    assert not list((nights / "runs").glob(".*"))
    assert not list((nights / "work").iterdir())


def test_logs_are_json_with_the_run_on_every_line(nights):
    lines = [json.loads(line) for line in (nights / "log.jsonl").read_text(encoding="ascii").splitlines()]
    assert [line["event"] for line in lines] == ["started", "published"] * 2
    assert all(len(line["run"]) == 12 for line in lines)
    assert {"read", "law", "features", "score", "explain", "check", "publish"} <= set(lines[1]["stages"])


def test_metrics_parse_and_tell_of_success(nights):
    text = (nights / "metrics.prom").read_text(encoding="utf-8")
    samples = [line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
    assert all(float(value) >= 0 for _, value in samples)
    names = {name.split("{")[0] for name, _ in samples}
    assert {"sorg_risk_last_success_timestamp_seconds", "sorg_risk_rows_read", "sorg_risk_flags"} <= names
    assert all(f"# HELP {name} " in text for name in names)


def test_what_an_interrupted_run_left_is_taken_away(nights, night):
    (nights / "runs" / ".staging-0123456789ab").mkdir()
    night(nights, "2026-07-21")
    assert {path.name for path in (nights / "runs").iterdir()} == {FIRST, SECOND, "2026-07-21"}


def test_a_dry_run_says_what_the_gates_would(nights, night, frames):
    before = tree(nights)
    flood = {**frames, "fund_flows": frames["fund_flows"].assign(amount=-1)}
    with pytest.raises(GateRefused, match=r"are quarantined.*This was a dry run; nothing was touched"):
        night(nights, "2026-07-21", flood, dry_run=True)
    assert tree(nights) == before


def test_a_lock_on_a_file_that_is_gone_is_no_lock(tmp_path, monkeypatch):
    """The run before may take the folder away between the opening of the file and the lock on it."""
    real, tries = lock.fcntl.flock, []

    def flock(handle, how):
        if not tries:
            shutil.rmtree(tmp_path / "out")
        tries.append(handle)
        real(handle, how)

    monkeypatch.setattr(lock.fcntl, "flock", flock)
    with lock.writing(tmp_path / "out"):
        assert len(tries) == 2
        with pytest.raises(LockHeld), lock.writing(tmp_path / "out"):
            pass


def test_stages_without_a_folder_keep_nothing(tmp_path):
    stages, path = Stages(None), tmp_path / "table"
    for content in ("one", "two"):
        stages.file(path, lambda content=content: path.write_text(content, encoding="utf-8"))
        assert path.read_text(encoding="utf-8") == content
    assert os.listdir(tmp_path) == ["table"]


def test_costs_are_told_where_the_system_tells_less(tmp_path, monkeypatch):
    for name in ("_STATUS", "_RESET"):
        monkeypatch.setattr(clock, name, tmp_path / "none" / "of")
    cost = clock.Clock()
    cost("read")
    cost.stop()
    assert cost.stages["read"]["peak_mb"] > 10
    assert cost.stages["read"]["wall_s"] >= 0


def test_a_memory_limit_is_in_megabytes_and_can_be_lifted(monkeypatch):
    asked = []
    monkeypatch.setattr(clock.resource, "getrlimit", lambda _kind: (5, 1 << 40))
    monkeypatch.setattr(clock.resource, "setrlimit", lambda kind, limits: asked.append((kind, limits)))
    clock.limit_memory(512)
    assert asked == [(clock.resource.RLIMIT_DATA, (512 * 1024 * 1024, 1 << 40))]


def test_one_writer_at_a_time(nights, night):
    with lock.writing(nights), pytest.raises(LockHeld, match="another run is writing"):
        night(nights, "2026-07-22")


def test_an_engine_there_is_not_says_which_there_are(tmp_path, night):
    with pytest.raises(UsageError, match="engine 'abacus' is not one of local, spark"):
        night(tmp_path / "out", engine="abacus")
    assert not (tmp_path / "out").exists()


def test_spark_without_pyspark_names_the_extra_and_leaves_nothing(tmp_path, night, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.delitem(sys.modules, "pyspark.sql", raising=False)
    with pytest.raises(UsageError, match=r"needs pyspark.* pip install 'sorg-risk\[spark\]', or use --engine local"):
        night(tmp_path / "out", engine="spark")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "given",
    [{}, {"organizations": pd.DataFrame(columns=["org_id", "recorded_at"])}, "nowhere"],
    ids=["none", "empty", "nowhere"],
)
def test_a_first_night_without_a_register_leaves_nothing_half_made(night, tmp_path, given):
    out = tmp_path / "deep" / "out"
    with pytest.raises(DataError):
        night(out, FIRST, given)
    assert not out.exists()
    out.mkdir()
    (out / "ledger").mkdir()
    for name in ("notes.txt", "log.jsonl", "ledger/accounts.txt"):
        (out / name).write_text("ours", encoding="utf-8")
    with pytest.raises(DataError):
        night(out, FIRST, given)
    assert {path.name for path in out.iterdir()} == {"ledger", "notes.txt", "log.jsonl"}
    assert (out / "ledger" / "accounts.txt").read_text(encoding="utf-8") == "ours"


def test_a_later_night_without_a_register_leaves_everything_as_it_was(nights, night):
    before = {name: digest for name, digest in tree(nights).items() if name != "log.jsonl"}
    with pytest.raises(DataError):
        night(nights, "2026-07-21", "nowhere")
    assert {name: digest for name, digest in tree(nights).items() if name != "log.jsonl"} == before
    last = json.loads((nights / "log.jsonl").read_text(encoding="ascii").splitlines()[-1])
    assert (last["event"], last["as_of"], last["error"]) == ("failed", "2026-07-21", "DataError")
    assert "nowhere" in last["why"]


def test_a_store_of_an_older_layout_is_taken_over(nights, night):
    (nights / "store.json").unlink()
    for name in ("audit.sqlite", "audit.head"):
        (nights / name).unlink()
    assert Store(nights).version() == 1
    assert night(nights, SECOND).unchanged
    assert Store(nights).version() == 2
    assert [entry.event for entry in audit.entries(nights / "audit.sqlite")] == ["adopted", "adopted"]


def test_an_interrupted_take_over_goes_on(nights, night, monkeypatch):
    for name in ("store.json", "audit.sqlite", "audit.head"):
        (nights / name).unlink()
    monkeypatch.setenv(disk.FAULT, "audit-head:replaced=EIO")
    with pytest.raises(StorageError):
        night(nights, SECOND)
    monkeypatch.delenv(disk.FAULT)
    assert night(nights, SECOND).unchanged
    assert [entry.event for entry in audit.entries(nights / "audit.sqlite")] == ["adopted", "adopted"]
    assert verify(nights) == []


@pytest.mark.parametrize("name", ["audit.sqlite", "audit.head"])
def test_a_forged_audit_log_is_not_covered_up(nights, night, name):
    (nights / name).unlink()
    before = tree(nights)
    with pytest.raises(DataError, match=r"audit.*Restore audit\.sqlite and audit\.head from a copy"):
        night(nights, "2026-07-21")
    assert tree(nights) == before


@pytest.mark.parametrize("name", ["flags.parquet", "scores.parquet"])
def test_a_damaged_night_before_decides_nothing(nights, night, name):
    path = Store(nights).run(SECOND) / name
    path.write_bytes((Store(nights).run(FIRST) / name).read_bytes())
    before = tree(nights / "runs")
    with pytest.raises(DataError, match=f"{name} cannot be read: it is not as it was published"):
        night(nights, "2026-07-21")
    assert tree(nights / "runs") == before


def test_numbers_that_cannot_be_written_do_not_undo_the_run_and_are_made_up_for(nights, night, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    day = "2026-07-21"
    with pytest.raises(StorageError, match=r"the run is published, but its numbers cannot be written to .*x\.prom"):
        night(nights, day, settings=Settings(metrics=tmp_path / "file" / "x.prom"))
    assert (nights / "CURRENT").read_text(encoding="utf-8").startswith(f"runs/{day}/")
    written = tmp_path / "later.prom"
    assert night(nights, day, settings=Settings(metrics=written)).unchanged
    content = written.read_text(encoding="utf-8")
    assert f"sorg_risk_organisations_scored {len(published(nights, day).table('scores'))}\n" in content
    assert night(nights, day, settings=Settings(metrics=written)).unchanged
    assert written.read_text(encoding="utf-8") == content


def test_what_cannot_be_opened_elsewhere_is_no_fault_of_the_output_folder(nights, night, monkeypatch):
    def refused(_self):
        raise PermissionError(errno.EACCES, "Permission denied", "/srv/model/manifest.json")

    monkeypatch.setattr(NIGHT.Night, "_read", lambda self, _source: refused(self))
    with pytest.raises(DataError, match=r"/srv/model/manifest\.json cannot be read: Permission denied"):
        night(nights, "2026-07-21")


@pytest.mark.parametrize("name", ["ledger", "log.jsonl", f"runs/{FIRST}"])
def test_a_link_that_leads_out_of_the_folder_is_refused(nights, night, tmp_path, name):
    moved = tmp_path / "elsewhere"
    (nights / name).rename(moved)
    (nights / name).symlink_to(moved)
    outside = tree(tmp_path)
    with pytest.raises(UsageError, match=f"{name} is a symbolic link"):
        night(nights, "2026-07-21")
    assert tree(tmp_path) == outside


def test_a_store_of_a_newer_layout_is_left_alone(nights, night):
    (nights / "store.json").write_text('{"version": 99}', encoding="utf-8")
    before = tree(nights)
    with pytest.raises(UsageError, match="newer version"):
        night(nights, SECOND)
    assert tree(nights) == before


@pytest.mark.parametrize("line", ["../../etc", "runs/2026-06-15/../../x", "/abs", "runs/2026-06-15/ZZZ", ""])
def test_a_pointer_that_leads_elsewhere_is_refused(nights, line):
    (nights / "CURRENT").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(Exception, match="CURRENT cannot be read"):
        Store(nights).run()


def test_finished_stages_are_used_again(nights, night, two_nights, monkeypatch, tmp_path):
    def broken(*_args, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr(STAGED, "page", broken)
    with pytest.raises(KeyboardInterrupt):
        night(nights, "2026-07-25")
    (work,) = (nights / "work").iterdir()
    kept = {path.name for path in work.iterdir()}
    assert kept >= {"features.parquet", "features.sha256", "reasons.parquet.sha256"}
    assert kept >= {f"law-{part}.parquet" for part in ("flags", "members", "clauses")}
    (work / "features.parquet").write_bytes(b"torn")  # a damaged piece is made again, the others are not
    monkeypatch.undo()
    monkeypatch.setattr(NIGHT, "statutory_of_all", broken)
    resumed = night(nights, "2026-07-25")
    monkeypatch.undo()
    shutil.copytree(two_nights, tmp_path / "undisturbed")
    assert outputs(night(tmp_path / "undisturbed", "2026-07-25")) == outputs(resumed)


def test_a_mapping_and_its_settings_are_part_of_the_decision(night, frames, tmp_path):
    (tmp_path / "mapping.toml").write_text('code_scheme = "any"\n', encoding="utf-8")
    opened = open_source(frames, tmp_path / "mapping.toml")
    foreign, plain = night(tmp_path / "a", FIRST, opened, dry_run=True), night(tmp_path / "a", FIRST, dry_run=True)
    assert foreign.run_id != plain.run_id


def test_refused_rows_stay_out_and_are_published(night, frames, tmp_path):
    rows = frames["fund_flows"].copy()
    rows.loc[rows.index[:3], "amount"] = -1
    run = night(tmp_path / "out", FIRST, {**frames, "fund_flows": rows})
    refused = run.table("quarantine")
    assert set(refused["rule"]) == {"not_positive"}
    counts = run.manifest["delivery"]["tables"]["fund_flows"]
    assert counts["read"] == counts["accepted"] + counts["quarantined"]


def test_a_flood_of_refused_rows_is_not_published(nights, night, frames):
    rows = frames["fund_flows"].assign(amount=-1)
    before = tree(nights / "runs")
    with pytest.raises(GateRefused, match=r"quarantine: .* are quarantined, allowed is 20"):
        night(nights, "2026-07-21", {**frames, "fund_flows": rows})
    assert tree(nights / "runs") == before
    (kept,) = (nights / "rejected").glob("*/*")
    assert (kept / "report.html").is_file()
    (why, of_table) = json.loads((kept / "refused.json").read_text(encoding="utf-8"))["why"]
    assert why.startswith("quarantine: ")
    assert "of the rows read of fund_flows are quarantined" in of_table
    assert audit.entries(nights / "audit.sqlite")[-1].event == "refused"
