"""A file that changes while it is read is refused, and nothing of it is kept."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sorg_risk.errors import DataError
from sorg_risk.records import open as open_source
from sorg_risk.records.file_state import FileState
from sorg_risk.records.ledger import Ledger, arriving
from sorg_risk.records.reading_files import look_at

from .made import A, B, organizations


def rewrite(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"2020", b"2021"))


def rewrite_and_set_the_time_back(path: Path) -> None:
    stat = path.stat()
    rewrite(path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes().replace(b"2020", b"2021"))
    other.replace(path)


def append(path: Path) -> None:
    with path.open("ab") as handle:
        handle.write(path.read_bytes().splitlines(keepends=True)[-1])


def remove(path: Path) -> None:
    path.unlink()


CHANGES = [rewrite, rewrite_and_set_the_time_back, replace, append, remove]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "source"
    place.mkdir()
    organizations(A, B).to_csv(place / "organizations.csv", index=False)
    return place


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("age", [0, 3600], ids=["recent", "old"])
def test_a_change_while_it_is_read_refuses_the_file(folder, change, age):
    path = folder / "organizations.csv"
    os.utime(path, (time.time() - age,) * 2)
    pieces = look_at(path, path.name, "organizations").pieces(1)
    next(pieces)
    change(path)
    with pytest.raises(DataError, match=r"organizations\.csv .*(while it was read|were counted|No such file)"):
        list(pieces)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_nothing_of_it_is_kept_in_a_ledger(folder, tmp_path, monkeypatch, change: Callable[[Path], None]):
    ledger = Ledger.open(tmp_path / "ledger")
    kept = sorted(path for path in ledger.folder.rglob("*") if path.is_file())
    path, check = folder / "organizations.csv", arriving.check

    def check_and_change(*arguments):
        change(path)
        return check(*arguments)

    monkeypatch.setattr(arriving, "check", check_and_change)
    with pytest.raises(DataError, match="while it was read"):
        ledger.bring(folder)
    monkeypatch.undo()
    assert ledger.generations == []
    assert [
        p
        for p in sorted(ledger.folder.rglob("*"))
        if p.is_file() and p not in kept and p.name not in ("LOCK", "READERS")
    ] == []


def test_a_recent_file_that_was_changed_within_one_tick_of_the_clock_is_hashed_again(folder, monkeypatch):
    path = folder / "organizations.csv"
    still = FileState.of(path)
    monkeypatch.setattr(FileState, "of", classmethod(lambda *_: still))
    pieces = look_at(path, path.name, "organizations").pieces(1)
    next(pieces)
    path.write_bytes(path.read_bytes().replace(b"2020", b"2021"))
    with pytest.raises(DataError, match="was changed while it was read"):
        list(pieces)


def test_a_file_at_rest_is_read(folder):
    assert len(open_source(folder).tables["organizations"]) == 2
    assert pd.read_csv(folder / "organizations.csv").shape[0] == 2
