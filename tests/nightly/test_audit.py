"""Every way to tamper with the log is found and named."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from sorg_risk.errors import DataError
from sorg_risk.nightly import audit


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "audit.sqlite"
    for number in range(1, 6):
        audit.append(path, "published", f"runs/2026-01-0{number}/abc", manifest=f"m{number}")
    return path


def tampered(path: Path, *statements: str) -> list[str]:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return audit.problems(path)


def test_an_untouched_log_holds(log):
    assert audit.problems(log) == []
    assert audit.published(audit.entries(log)) == [f"runs/2026-01-0{n}/abc" for n in range(1, 6)]
    assert json.loads(audit.entries(log)[2].detail) == {"manifest": "m3"}


@pytest.mark.parametrize("column", ["at", "event", "run", "detail"])
@pytest.mark.parametrize("number", [1, 3, 5])
def test_an_edit_is_found(log, column, number):
    (problem,) = tampered(log, f"update audit set {column} = 'x' where number = {number}")
    assert problem == f"audit entry {number} was edited: its words do not give its digest"


def test_an_edit_with_its_digest_made_again_is_found_by_the_next(log):
    entry = audit.entries(log)[1]
    forged = audit.Entry(entry.number, entry.at, "refused", entry.run, entry.detail, entry.previous, "")
    statement = f"update audit set event = 'refused', digest = '{forged.expected()}' where number = 2"
    (problem,) = tampered(log, statement)
    assert problem.startswith("audit entry 3 does not follow")


def test_the_last_entry_forged_with_its_digest_is_found_by_the_head(log):
    entry = audit.entries(log)[4]
    forged = audit.Entry(entry.number, entry.at, "refused", entry.run, entry.detail, entry.previous, "")
    (problem,) = tampered(log, f"update audit set event = 'refused', digest = '{forged.expected()}' where number = 5")
    assert "is not the one that audit.head names" in problem


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_deletion_is_found(log, number):
    (problem,) = tampered(log, f"delete from audit where number = {number}")
    assert problem.startswith(f"audit entry {number} is missing")


def test_a_deletion_with_the_rest_moved_up_is_found(log):
    (problem,) = tampered(
        log,
        "delete from audit where number = 2",
        *(f"update audit set number = {n - 1} where number = {n}" for n in (3, 4, 5)),
    )
    assert problem.startswith("audit entry 2 does not follow")


def test_a_reordering_is_found(log):
    (problem,) = tampered(
        log,
        "update audit set number = 99 where number = 2",
        "update audit set number = 2 where number = 3",
        "update audit set number = 3 where number = 99",
    )
    assert problem.startswith("audit entry 2 does not follow the one before it: reordered")


@pytest.mark.parametrize("left", [0, 1, 4])
def test_a_truncation_is_found(log, left):
    (problem,) = tampered(log, f"delete from audit where number > {left}")
    assert problem == f"the audit log was cut short: it ends at entry {left}, the last one written was 5"


def test_a_log_that_is_gone_or_no_database_is_found(log):
    log.write_bytes(b"SQLite format 3\x00" + b"x" * 200)
    assert "cannot be read" in audit.problems(log)[0]
    log.unlink()
    assert audit.problems(log) == ["the audit log was cut short: it ends at entry 0, the last one written was 5"]


def test_a_head_that_is_gone_or_damaged_is_found(log):
    head = log.with_name(audit.HEAD)
    head.write_text("{}", encoding="utf-8")
    assert audit.problems(log) == ["audit.head was damaged: it names no entry"]
    head.unlink()
    assert "audit.head is missing" in audit.problems(log)[0]


def test_one_entry_more_than_the_head_is_what_a_crash_leaves(log):
    head = log.with_name(audit.HEAD)
    said = head.read_bytes()
    audit.append(log, "published", "runs/2026-01-06/abc")
    head.write_bytes(said)
    assert audit.problems(log) == []
    audit.append(log, "published", "runs/2026-01-07/abc")
    head.write_bytes(said)
    assert audit.problems(log) == ["audit entries after 6 were added without audit.head"]


def test_a_look_leaves_no_trace(log):
    before = {path.name: path.stat().st_mtime_ns for path in (log.parent, *log.parent.iterdir())}
    audit.entries(log)
    assert audit.problems(log) == []
    assert {path.name: path.stat().st_mtime_ns for path in (log.parent, *log.parent.iterdir())} == before


def test_what_a_crash_left_in_the_write_ahead_log_counts(log, tmp_path):
    """A copy made while a writer holds the log open has its last entry beside it only."""
    writer = sqlite3.connect(log)
    writer.execute("SELECT count(*) FROM audit").fetchone()
    audit.append(log, "published", "runs/2026-01-06/abc")
    (tmp_path / "copy").mkdir()
    for path in (log, log.with_name("audit.sqlite-wal"), log.with_name(audit.HEAD)):
        (tmp_path / "copy" / path.name).write_bytes(path.read_bytes())
    writer.close()
    copied = tmp_path / "copy" / "audit.sqlite"
    assert len(audit.entries(copied)) == 6
    assert audit.problems(copied) == []


def test_a_log_that_was_only_begun_is_empty(tmp_path):
    path = tmp_path / "audit.sqlite"
    path.write_bytes(b"")
    assert audit.entries(path) == []
    audit.demand(path)


def test_a_log_whose_table_is_gone_was_cut_short(log):
    (problem,) = tampered(log, "drop table audit")
    assert problem.startswith("the audit log was cut short")
    with pytest.raises(DataError, match=r"Restore audit\.sqlite and audit\.head from a copy"):
        audit.demand(log)
