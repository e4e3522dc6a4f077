"""What an interrupted night left is finished by the next one, of the same day or a later one, and by `verify --repair`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sorg_risk.cli import run as command
from sorg_risk.errors import DataError, StorageError
from sorg_risk.nightly import audit, retention
from sorg_risk.nightly.repair import repair
from sorg_risk.nightly.replay import replay
from sorg_risk.nightly.settings import Settings
from sorg_risk.nightly.store import Store
from sorg_risk.nightly.verify import verify
from sorg_risk.records import disk
from tests.nightly.conftest import FIRST, SECOND, tree

FEW = Settings(keep_runs=1, keep_days=1)
LATER, LATEST = "2026-08-20", "2026-09-20"
LEFT = {
    "audit-head:replaced@2": ": its publication was interrupted",
    "run:replaced": "CURRENT names",
    "pointer:half": "CURRENT names",
    "manifest:half": "",
    "ledger-pointer:half": "",
}
"""Where a night is interrupted, and what `verify` says of it then (nothing: the night before stands whole)."""


@pytest.fixture
def interrupted(nights, night, frames, monkeypatch):
    """Interrupts the night of a day at a point of its writing."""

    def interrupt(point: str, day: str = LATER) -> None:
        monkeypatch.setenv(disk.FAULT, f"{point}=EIO")
        disk._passed.clear()
        more = {**frames, "complaints": frames["complaints"].iloc[:-1]}
        with pytest.raises(StorageError):
            night(nights, day, more)
        monkeypatch.delenv(disk.FAULT)

    return interrupt


@pytest.mark.parametrize("point", LEFT)
def test_an_interrupted_night_is_told_and_repaired(nights, interrupted, point):
    interrupted(point)
    problems = verify(nights)
    assert len(problems) == bool(LEFT[point])
    assert all(LEFT[point] in problem for problem in problems)
    done = repair(nights, Settings())
    assert bool(problems) <= bool(done)
    assert verify(nights) == []
    assert not list((nights / "runs").glob(".*"))
    assert not list((nights / "work").iterdir())
    before = tree(nights)
    assert repair(nights, Settings()) == []
    assert tree(nights) == before


@pytest.mark.parametrize("point", ["audit-head:replaced@2", "pointer:half", "features"])
def test_a_later_day_finishes_what_was_interrupted(nights, night, interrupted, point):
    interrupted("stage-features:half" if point == "features" else point)
    night(nights, LATEST)
    assert verify(nights) == []
    days = [run.parent.name for run in Store(nights).runs()]
    assert days == [FIRST, SECOND, *([] if point == "features" else [LATER]), LATEST]
    assert not list((nights / "work").iterdir())
    assert not list((nights / "runs").glob(".*"))
    assert replay(nights).same


def test_numbers_of_an_interrupted_night_are_made_up_for(nights, night, interrupted):
    interrupted("metrics:half")
    (nights / "metrics.prom").unlink()
    assert "wrote the numbers of the last run" in repair(nights, Settings())
    scored = len(Store(nights).run(LATER).joinpath("scores.csv").read_text(encoding="utf-8").splitlines()) - 1
    content = (nights / "metrics.prom").read_text(encoding="utf-8")
    assert f"sorg_risk_organisations_scored {scored}\n" in content
    assert 'sorg_risk_rows_read{table="organizations"}' in content


def test_a_run_that_the_log_lacks_is_written_to_it_by_an_operator_alone(nights, night):
    """A log cut short together with its head: a night must not cover it up, an operator may decide."""
    for name in ("audit.sqlite", "audit.head"):
        shutil.copy(nights / name, nights.parent / name)
    run = night(nights, LATER)
    for name in ("audit.sqlite", "audit.head"):
        shutil.copy(nights.parent / name, nights / name)
    name = Store(nights).named(run.folder)
    assert f"{name} was never written to the audit log" in verify(nights)
    with pytest.raises(DataError, match="never written to the audit log"):
        night(nights, LATER)
    again = night(nights, LATEST)
    assert again.manifest["previous_run"] == Store(nights).run(SECOND).name, (
        "nothing rests on what the log does not know"
    )
    assert f"{name} was never written to the audit log" in verify(nights)
    assert f"wrote {name} to the audit log" in repair(nights, Settings())
    assert verify(nights) == []


def test_a_run_that_the_log_lacks_and_that_does_not_hold_is_not_written_to_it(nights):
    first = Store(nights).run(FIRST)
    forged = shutil.copytree(first, first.with_name("0123456789ab"))
    repair(nights, Settings())
    assert f"{Store(nights).named(forged)} was never written to the audit log" in verify(nights)


def test_a_removed_day_made_again_verifies(nights, night, frames):
    for day in (LATER, LATEST):
        night(nights, day)
    gone = retention.retire(nights, FEW)
    assert [name.split("/")[1] for name in gone] == [FIRST, SECOND]
    fewer_files = {**frames, "penalties": frames["penalties"].iloc[::-1]}
    assert not night(nights, FIRST, fewer_files).unchanged
    assert verify(nights) == []
    assert replay(nights, FIRST).same


def test_a_removed_run_put_back_from_a_copy_verifies_after_a_repair(nights, night):
    shutil.copytree(nights / "runs" / FIRST, nights.parent / "copy")
    for day in (LATER, LATEST):
        night(nights, day)
    retention.retire(nights, FEW)
    shutil.copytree(nights.parent / "copy", nights / "runs" / FIRST)
    assert [one for one in verify(nights) if "was removed according to the audit log and lies there" in one]
    repair(nights, Settings())
    assert verify(nights) == []


def test_an_interrupted_removal_is_finished(nights, night, monkeypatch):
    for day in (LATER, LATEST):
        night(nights, day)
    monkeypatch.setenv(disk.FAULT, "audit-head:folder-synced=EIO")
    disk._passed.clear()
    with pytest.raises(OSError, match="audit-head"):
        retention.retire(nights, FEW)
    monkeypatch.delenv(disk.FAULT)
    assert [one for one in verify(nights) if "was removed according to the audit log" in one]
    night(nights, "2026-09-21")
    assert verify(nights) == []
    assert FIRST not in [run.parent.name for run in Store(nights).runs()]


def test_an_interrupted_hold_is_finished(nights, monkeypatch):
    monkeypatch.setenv(disk.FAULT, "holds:half=EIO")
    disk._passed.clear()
    with pytest.raises(OSError, match="holds"):
        retention.hold(nights, FIRST, author="王", reason="诉讼")
    monkeypatch.delenv(disk.FAULT)
    assert [one for one in verify(nights) if "holds.json is not what the audit log says" in one]
    retention.retire(nights, FEW)
    assert list(retention.holds(nights)) == [Store(nights).named(Store(nights).run(FIRST))]
    assert verify(nights) == []


def test_what_is_gone_is_put_back_as_far_as_the_log_proves_it(nights):
    retention.hold(nights, FIRST, author="王", reason="诉讼")
    store = Store(nights)
    first, second = store.run(FIRST), store.run(SECOND)
    for path in (
        nights / "CURRENT",
        nights / "holds.json",
        store.kept_manifest(store.named(first)),
        second / "manifest.json",
    ):
        path.unlink()
    (nights / "ledger" / ".left.new").write_text("", encoding="utf-8")
    assert len(repair(nights, Settings())) >= 4
    assert verify(nights) == []


def test_the_command_says_what_mends_and_what_cannot_be_mended(nights, capsys):
    old = Store(nights).named(Store(nights).run(FIRST))
    (nights / "CURRENT").write_text(f"{old}\n", encoding="utf-8")
    assert command(["verify", str(nights)]) == 3
    assert f"→ sorg-risk verify {nights} --repair" in capsys.readouterr().out
    assert command(["verify", str(nights), "--repair", "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    assert "已修复：CURRENT names" in out
    assert "全部一致" in out
    path = Store(nights).run(FIRST) / "flags.csv"
    path.write_bytes(b"x")
    assert command(["verify", str(nights), "--repair", "--lang", "zh"]) == 3
    assert "问题：" in (out := capsys.readouterr().out)
    assert "文件 flags.csv 已被改动" in out
    assert f"请用 {nights} 的备份恢复" in out


def test_a_log_that_does_not_hold_is_not_repaired(nights, capsys):
    (nights / "audit.head").unlink()
    before = tree(nights)
    assert command(["verify", str(nights), "--repair"]) == 3
    assert "cannot be repaired: " in capsys.readouterr().out
    assert tree(nights) == before


def test_a_head_noted_elsewhere_proves_what_the_log_alone_cannot(nights, night, capsys):
    copy = shutil.copytree(nights, nights.parent / "copy")
    night(nights, LATER)
    last = audit.entries(nights / "audit.sqlite")[-1]
    noted = f"{last.number} {last.digest}"
    assert command(["verify", str(nights), "--head", noted]) == 0
    assert command(["verify", str(copy)]) == 0, "turned back as a whole, it agrees with itself"
    assert command(["verify", str(copy), "--head", noted]) == 3
    assert f"whose entry {last.number} was noted elsewhere" in capsys.readouterr().out
    assert command(["verify", str(nights), "--head", "12"]) == 2


def test_the_entry_of_a_run_commits_to_everything_it_rests_on(nights):
    *_, last = audit.entries(nights / "audit.sqlite")
    told = json.loads((Store(nights).run(SECOND) / "manifest.json").read_text(encoding="utf-8"))
    words = last.words
    assert words["model"] == told["decision"]["model"]
    assert words["settings"]["gates"]["most_drift"] is None
    assert words["ledger"] == Path(nights / "ledger/rows/CURRENT").read_text(encoding="utf-8").split()[1]
    assert {"manifest", "kept_manifest", "holds", "form"} <= words.keys()


def test_of_a_first_night_that_was_interrupted_there_is_nothing_to_verify(night, tmp_path, monkeypatch):
    out = tmp_path / "out"
    monkeypatch.setenv(disk.FAULT, "report:half=ENOSPC")
    disk._passed.clear()
    with pytest.raises(StorageError):
        night(out)
    monkeypatch.delenv(disk.FAULT)
    with pytest.raises(DataError, match="a published run not found"):
        verify(out)
    night(out)
    assert verify(out) == []
