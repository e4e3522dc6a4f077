"""Everything that is renamed into place was synced, with its folder; power cuts at the points of a night leave it whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module

import pytest

from benchmarks.power_loss import Disk
from sorg_risk.nightly import lock, retention
from sorg_risk.nightly.settings import Settings
from tests.nightly.conftest import FIRST, SECOND


def test_a_whole_first_night_is_on_the_disk_when_it_ends(night, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with Disk(out).watching() as disk:
        night(out, FIRST)
        assert disk.unsynced_renames == []
        assert disk.unsynced() == []
        assert any(name.endswith("member-0.txt") for name in disk.survivor("strict"))
        assert disk.survivor("strict")["CURRENT"] == (out / "CURRENT").read_bytes()


def test_holds_and_removals_are_on_the_disk_when_they_end(nights):
    with Disk(nights).watching() as disk:
        retention.hold(nights, SECOND, author="王", reason="诉讼")
        retention.release(nights, SECOND, author="王", reason="结案")
        retention.retire(nights, Settings(keep_runs=1, keep_days=1))
        assert disk.unsynced_renames == []
        assert disk.unsynced() == []


def test_what_is_not_synced_is_seen(tmp_path):
    with Disk(tmp_path).watching() as disk:
        (tmp_path / "a").write_text("new", encoding="utf-8")
        os.replace(tmp_path / "a", tmp_path / "b")
        assert disk.unsynced_renames == ["a -> b"]
        assert disk.unsynced() == ["b"]
        assert (disk.survivor("strict"), disk.survivor("names")) == ({}, {"b": b""})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this machine")
def test_after_a_power_cut_a_whole_run_stands_and_the_next_night_goes_on(root):
    command = [
        sys.executable,
        root / "benchmarks" / "crash.py",
        "--power-loss",
        "--step",
        "29",
        "--most",
        "6",
        "--json",
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["wrong"] == []
    assert result["trees"] == 6


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this machine")
def test_a_busy_writer_raises_no_false_alarm(root):
    command = [sys.executable, root / "benchmarks" / "looks.py", "--looks", "150", "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["false_alarms"] == []


def test_beside_a_writer_a_problem_that_stays_is_told(nights, monkeypatch):
    verify = import_module("sorg_risk.nightly.verify")
    monkeypatch.setattr(verify, "PATIENCE_S", 0.2)
    path = next((nights / "runs").rglob("flags.csv"))
    path.write_bytes(b"x")
    with lock.writing(nights):
        assert lock.is_held(nights)
        (problem,) = verify.verify(nights)
        assert "flags.csv was changed" in problem
    assert not lock.is_held(nights)
