"""Verify, replay, diff, retention: what is kept can be proven, made again and explained, and goes only when it may."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import sqlite3
from importlib import import_module

import pandas as pd
import pytest

from sorg_risk.errors import DataError, NotFound, UsageError
from sorg_risk.nightly import audit, retention
from sorg_risk.nightly.differences import differences
from sorg_risk.nightly.dossiers import dossier
from sorg_risk.nightly.replay import replay
from sorg_risk.nightly.settings import Settings
from sorg_risk.nightly.store import Store
from sorg_risk.nightly.verify import verify
from sorg_risk.nightly.watching import watched
from tests.nightly.conftest import FIRST, SECOND, tree

FEW = Settings(keep_runs=1, keep_days=1)


def run_of(out, day):
    return Store(out).run(day)


def test_untouched_nights_verify(nights):
    assert verify(nights) == []


@pytest.mark.parametrize("name", ["scores.parquet", "flags.csv", "report.html", "reasons.parquet", "quarantine.csv"])
def test_a_changed_file_is_named(nights, name):
    path = run_of(nights, FIRST) / name
    path.write_bytes(path.read_bytes() + b" ")
    assert verify(nights) == [f"{Store(nights).named(path.parent)}: {name} was changed"]


def test_missing_added_and_exchanged_files_are_named(nights):
    run = run_of(nights, FIRST)
    name = Store(nights).named(run)
    (run / "flags.csv").unlink()
    (run / "extra.txt").write_text("x", encoding="utf-8")
    assert set(verify(nights)) == {f"{name}: flags.csv is missing", f"{name}: extra.txt does not belong to it"}
    told = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    told["decision"]["model"] = "another"
    (run / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    problems = verify(nights)
    assert f"{name}: manifest.json is not the one that was published" in problems
    assert f"{name}: its decision does not give its run id" in problems


def test_a_run_that_vanished_or_appeared_is_named(nights):
    first = run_of(nights, FIRST)
    forged = first.with_name("0123456789ab")
    shutil.copytree(first, forged)
    shutil.rmtree(first)
    problems = verify(nights)
    assert f"{Store(nights).named(first)} was published and is gone" in problems
    assert f"{Store(nights).named(forged)} was never written to the audit log" in problems


def test_a_pointer_that_was_turned_back_is_named(nights):
    old = Store(nights).named(run_of(nights, FIRST))
    (nights / "CURRENT").write_text(f"{old}\n", encoding="utf-8")
    assert verify(nights) == [f"CURRENT names {old}, and a run of {SECOND} is published"]


def test_a_damaged_ledger_is_named_and_not_replayed(nights):
    piece = next((nights / "ledger" / "rows").glob("segments/*/filings.rows.arrow"))
    piece.write_bytes(piece.read_bytes()[:-1] + b"?")
    assert f"ledger: segments/{piece.parent.name}/filings.rows.arrow was changed" in verify(nights)
    with pytest.raises(DataError, match=r"filings.rows.arrow was changed. Restore the ledger"):
        replay(nights)


def test_a_damaged_ledger_decides_nothing(nights, night):
    piece = next((nights / "ledger" / "rows").glob("segments/*/filings.rows.arrow"))
    piece.unlink()
    before = tree(nights / "runs")
    with pytest.raises(DataError, match=r"filings.rows.arrow is missing"):
        night(nights, "2026-07-21")
    assert tree(nights / "runs") == before


DAMAGES = [
    ("CURRENT", "runs/elsewhere\n", r"CURRENT: .*CURRENT cannot be read: it says 'runs/elsewhere'\. Write runs/<as_of>/<run_id>"),
    ("audit.sqlite", "no database" * 99, r"audit\.sqlite cannot be read: .*Restore the audit log from a copy"),
    ("runs/*/*/manifest.json", "{", r"runs/.*manifest\.json cannot be read: it is no manifest\. Restore it from ledger/manifests"),
    ("runs/*/*/manifest.json", '{"decision": {"digest": 1}, "outputs": {}}', r"runs/.*: .*it is no manifest"),
    ("ledger/manifests/*.json", "{}", r"ledger: .*\.json was changed"),
    ("ledger/models/*/manifest.sha256", None, r"ledger: the model of 2026-06-15-.* is missing"),
    ("ledger/rows/CURRENT", None, r"ledger: folder .*rows cannot be read: it is no ledger \(no file CURRENT\)"),
    ("ledger/rows/CURRENT", None, r"ledger: delivery 1 of 2026-06-15-.* is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "said"), DAMAGES)
def test_every_damage_is_named_with_its_place(nights, name, content, said):
    path = sorted(nights.glob(name))[0]
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="utf-8")
    assert [problem for problem in verify(nights) if re.search(said, problem)]


def test_rows_that_are_gone_are_named(nights):
    shutil.rmtree(nights / "ledger" / "rows")
    assert "ledger: the rows are missing" in verify(nights)
    with pytest.raises(DataError, match=r"rows not found in .*ledger. Restore the ledger from a copy"):
        replay(nights)


def test_words_of_the_audit_log_that_were_damaged_are_named(nights):
    with sqlite3.connect(nights / "audit.sqlite") as log:
        log.execute("update audit set detail = 'x' where number = 2")
    log.close()
    assert verify(nights) == [
        "audit entry 2 was edited: its words do not give its digest",
        f"{Store(nights).named(run_of(nights, FIRST))}: the audit log does not say which manifest was published",
    ]


def test_a_run_whose_manifest_was_changed_is_not_made_again(nights):
    path = run_of(nights, FIRST) / "manifest.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**told, "ledger": {"generation": 99}}), encoding="utf-8")
    with pytest.raises(DataError, match=r"manifest\.json cannot be read: it is not the manifest that was published"):
        replay(nights, FIRST)


def test_a_removed_run_is_made_again_from_a_sound_manifest_only(nights):
    run = run_of(nights, FIRST)
    shutil.rmtree(run)
    assert replay(nights, SECOND).same  # the run before it is made again first
    assert replay(nights, run.name).same
    kept = nights / "ledger" / "manifests" / f"{FIRST}-{run.name}.json"
    kept.write_text("[]", encoding="utf-8")
    with pytest.raises(DataError, match=f"{kept.name} cannot be read: it is no manifest. Restore the ledger"):
        replay(nights, run.name)


def test_a_day_with_several_runs_asks_for_one_of_them(nights, night, frames):
    few = night(nights, FIRST, {**frames, "complaints": frames["complaints"].head(0)})
    with pytest.raises(UsageError, match=f"several runs are published for {FIRST}: .*{few.run_id}.*Name one of them"):
        replay(nights, FIRST)
    assert Store(nights).run(few.run_id) == few.folder


@pytest.mark.parametrize("content", ["{", "{}", "[]", '{"version": null}'])
def test_a_layout_without_its_version_is_refused(nights, content):
    (nights / "store.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"store.json cannot be read: no version in it. Restore it from a copy"):
        retention.retire(nights, FEW)


def test_nothing_to_verify(tmp_path):
    with pytest.raises(DataError, match="nightly"):
        verify(tmp_path)


@pytest.mark.parametrize("day", [FIRST, None])
def test_any_run_is_made_again_byte_for_byte(nights, day):
    before = tree(nights)
    done = replay(nights, day)
    assert done.same, done
    assert "every byte the same" in str(done)
    assert tree(nights) == before


def test_a_replay_says_what_differs(nights, monkeypatch):
    monkeypatch.setattr(import_module("sorg_risk.nightly.decision"), "code_digest", lambda: "another version")
    done = replay(nights)
    assert done.parts == ("code",)
    assert "another version of the program" in str(done)
    assert not done.same


def test_the_difference_of_two_nights_balances_and_has_causes(nights):
    found = differences(nights)
    assert found.balanced
    assert set(found.new["cause"]) | set(found.cleared["cause"]) <= {"new_data", "passing_time"}
    assert len(found.new) + len(found.cleared) + len(found.changed) > 0
    told = json.loads(found.to_json())
    assert told["before"] + sum(c["new"] - c["cleared"] for c in told["causes"].values()) == told["now"]


def test_the_first_night_has_nothing_to_differ_from(nights):
    with pytest.raises(DataError, match="It is the first"):
        differences(nights, FIRST)


def test_retention_names_first_and_never_takes_what_must_stay(nights, night):
    for day in ("2026-08-20", "2026-09-20"):
        night(nights, day)
    names = retention.removable(nights, FEW)
    assert [name.split("/")[1] for name in names] == [FIRST, SECOND]
    assert tree(nights / "runs").keys() >= {f"{name.removeprefix('runs/')}/manifest.json" for name in names}
    held = retention.hold(nights, FIRST, author="王", reason="诉讼")
    assert retention.retire(nights, FEW) == [name for name in names if name != held]
    assert verify(nights) == []
    assert replay(nights, names[1].split("/")[2]).same
    assert retention.release(nights, FIRST, author="王", reason="结案") == held
    assert retention.retire(nights, FEW) == [held]
    assert (
        len(dossier(nights, org_of(nights, "2026-08-20"), "2026-08-20").content["history"]) == 1
    )  # none before is kept
    events = [entry.event for entry in audit.entries(nights / "audit.sqlite")]
    assert events[-4:] == ["held", "removed", "released", "removed"]


def test_refused_runs_go_with_their_days(nights):
    store = Store(nights)
    for day in (FIRST, SECOND):
        shutil.copytree(run_of(nights, SECOND), store.rejected(dt.date.fromisoformat(day), "0123456789ab"))
    assert retention.removable(nights, FEW) == [f"rejected/{FIRST}/0123456789ab"]
    assert retention.retire(nights, FEW) == [f"rejected/{FIRST}/0123456789ab"]
    assert [path.parent.name for path in store.refused()] == [SECOND]
    assert not (nights / "rejected" / FIRST).exists()
    assert audit.entries(nights / "audit.sqlite")[-1].event == "removed"
    assert verify(nights) == []


def test_holds_need_a_name_a_reason_and_a_run(nights):
    with pytest.raises(UsageError, match="author and a reason"):
        retention.hold(nights, FIRST, author=" ", reason="x")
    with pytest.raises(UsageError, match="the end of a legal hold needs an author and a reason"):
        retention.release(nights, FIRST, author="王", reason=" ")
    with pytest.raises(UsageError, match="not on legal hold"):
        retention.release(nights, FIRST, author="a", reason="b")
    with pytest.raises(DataError, match="Published"):
        retention.hold(nights, "2020-01-01", author="a", reason="b")


@pytest.mark.parametrize("content", ["{", "[]", "3", '{"runs/2026-06-15/0": []}', '{"runs/2026-06-15/0": null}'])
def test_nothing_is_removed_while_nobody_knows_what_is_held(nights, content):
    (nights / "holds.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"not what the audit log says of legal holds.*nothing is removed"):
        retention.retire(nights, FEW)


@pytest.mark.parametrize("act", ["retire", "hold", "release"])
def test_nothing_is_made_where_nothing_was_published(tmp_path, act):
    more = {"settings": FEW} if act == "retire" else {"run": FIRST, "author": "a", "reason": "b"}
    with pytest.raises(DataError, match="a published run not found"):
        getattr(retention, act)(tmp_path / "none", **more)
    assert not (tmp_path / "none").exists()


def test_a_newer_store_or_a_forged_log_is_not_retired(nights):
    (nights / "audit.head").unlink()
    with pytest.raises(DataError, match=r"audit\.head is missing"):
        retention.retire(nights, FEW)
    (nights / "store.json").write_text('{"version": 99}', encoding="utf-8")
    with pytest.raises(UsageError, match="newer version"):
        retention.retire(nights, FEW)


def test_the_default_settings_keep_everything_young(nights):
    assert retention.removable(nights, Settings()) == []


def test_retention_names_nothing_where_it_cannot_tell(nights, tmp_path):
    assert retention.removable(tmp_path / "none", FEW) == []
    (run_of(nights, SECOND) / "manifest.json").unlink()
    with pytest.raises(DataError, match=r"manifest.json not found in .*. Publish the run again"):
        retention.removable(nights, FEW)


def org_of(out, day) -> str:
    return str(pd.read_parquet(run_of(out, day) / "scores.parquet")["org_id"][0])


def test_a_dossier_looks_back_so_many_runs_and_no_further(nights, monkeypatch):
    org = org_of(nights, FIRST)
    assert len(dossier(nights, org).content["history"]) == 2
    monkeypatch.setattr(import_module("sorg_risk.nightly.dossiers"), "EVENINGS", 0)
    assert len(dossier(nights, org).content["history"]) == 1


def test_there_is_no_dossier_of_an_organisation_the_run_says_nothing_of(nights):
    with pytest.raises(NotFound, match="51440300000000001M"):
        dossier(nights, "51440300000000001M")


def test_drift_over_the_nights_is_told(nights):
    text = str(watched(nights))
    assert SECOND in text
    assert "no run is old enough" in text


def test_outcomes_of_a_matured_run(nights, night):
    night(nights, "2025-06-30")
    found = watched(nights)
    assert found.matured == "2025-06-30"
    assert found.calibrated["organisations"].sum() == len(
        pd.read_parquet(run_of(nights, "2025-06-30") / "scores.parquet")
    )
    assert "run of 2025-06-30, promised and observed 校准:" in str(found)
    assert "service_institution" in str(found).partition("公平:")[2]
    assert set(found.fair["group"]) == {"association", "foundation", "service_institution"}
