"""Fault points: named, counted, and of every kind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from sorg_risk.errors import UsageError
from sorg_risk.records import disk


@pytest.fixture
def fault(monkeypatch):
    monkeypatch.setattr(disk, "_passed", type(disk._passed)())
    return lambda value: monkeypatch.setenv(disk.FAULT, value)


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "deep" / "file"
    disk.put(path, b"old", "x")
    disk.put(path, b"new", "x")
    assert path.read_bytes() == b"new"
    assert [p.name for p in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("moment", disk.MOMENTS)
def test_the_old_content_stands_until_the_rename(tmp_path, fault, moment):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    fault(f"x:{moment}=ENOSPC")
    with pytest.raises(OSError, match="No space left"):
        disk.put(path, b"new", "x")
    assert path.read_bytes() == (b"new" if moment in ("replaced", "folder-synced") else b"old")


def test_the_third_passage(fault):
    fault("x@3=EROFS")
    disk.point("x")
    disk.point("x")
    with pytest.raises(OSError, match="Read-only"):
        disk.point("x")
    disk.point("x")


def test_an_unknown_error_is_a_wrong_setting(fault):
    fault("x=ENOTHING")
    with pytest.raises(UsageError, match="ENOSPC"):
        disk.point("x")


def test_a_fault_without_an_error_is_a_kill(tmp_path, fault, monkeypatch):
    ended = []

    def kill(process, signal):
        ended.append((process, signal))
        raise KeyboardInterrupt  # nothing after it runs

    monkeypatch.setattr(os, "kill", kill)
    monkeypatch.setenv(disk.TRACE, str(tmp_path / "trace"))
    fault("thing:written")
    with pytest.raises(KeyboardInterrupt):
        disk.put(tmp_path / "f", b"x", "thing")
    assert ended == [(os.getpid(), signal.SIGKILL)]
    assert (tmp_path / "trace").read_text(encoding="utf-8").split() == ["thing:opened", "thing:half", "thing:written"]
    assert not (tmp_path / "f").exists()


def test_points_are_written_down_and_kills_are_kills(tmp_path):
    trace = tmp_path / "trace"
    code = f"from pathlib import Path; from sorg_risk.records import disk; disk.put(Path({str(tmp_path / 'f')!r}), b'x', 'thing')"
    environment = {**os.environ, disk.TRACE: str(trace), disk.FAULT: "thing:synced"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    assert done.returncode == -9
    assert trace.read_text(encoding="utf-8").split() == ["thing:opened", "thing:half", "thing:written", "thing:synced"]
