"""The audit log: what was done to an output folder, each entry chained to the one before by its hash.

The log is one SQLite file (write-ahead log, every commit synced). The digest of an entry covers its number, all its
words and the digest before it; the number and digest of the last entry also stand in ``audit.head``, a file of its own,
so that a log cut short is found too. `problems` names the first entry that does not hold. Looking at the log leaves no
trace and waits for nobody: what a writer changed meanwhile is read again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from ..errors import DataError, StorageError
from ..records import disk
from .problem import Problem

T = TypeVar("T")

START: Final = "0" * 64
HEAD: Final = "audit.head"
_TRIES: Final = 50
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS audit (number INTEGER PRIMARY KEY, at TEXT NOT NULL, event TEXT NOT NULL,"
    " run TEXT NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL, digest TEXT NOT NULL)"
)


@dataclass(frozen=True)
class Entry:
    """One entry: ``event``, ``run``, and what more there is to say.

    Events: published, adopted, refused, removed (of a run), held, released (its legal hold), ingested (a new state of the
    ledger, without a run).
    """

    number: int
    at: str
    event: str
    run: str
    detail: str
    previous: str
    digest: str

    @property
    def words(self) -> dict[str, Any]:
        """The detail; empty where it was damaged."""
        try:
            words = json.loads(self.detail)
        except ValueError:
            return {}
        return words if isinstance(words, dict) else {}

    def expected(self) -> str:
        """The digest its own words call for."""
        words = [self.number, self.at, self.event, self.run, self.detail, self.previous]
        return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode("utf-8")).hexdigest()


def append(path: Path, event: str, run: str, **detail: Any) -> Entry:
    """Adds one entry; the time is the machine's, since this is about acts and not about results.

    Raises `StorageError` where the log cannot be written.
    """
    with _opened(path) as connection:
        last = connection.execute("SELECT number, digest FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        number, previous = (last[0] + 1, last[1]) if last else (1, START)
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        words = json.dumps(detail, ensure_ascii=False, sort_keys=True)
        plain = Entry(number, now, event, run, words, previous, "")
        entry = replace(plain, digest=plain.expected())
        disk.point("audit:before-commit")
        with connection:
            connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(entry))
        disk.point("audit:committed")
    disk.put(path.with_name(HEAD), json.dumps({"number": entry.number, "digest": entry.digest}).encode(), "audit-head")
    return entry


def entries(path: Path) -> list[Entry]:
    """All entries in order; none where there is no log yet. Raises `DataError` where it is damaged."""
    return _settled(lambda: _read(path), path, path.with_name(f"{path.name}-wal"))


def _read(path: Path) -> list[Entry]:
    if not path.is_file():
        return []
    try:
        with _looked_at(path) as connection:
            begun = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'audit'").fetchone()[0]
            rows = connection.execute("SELECT * FROM audit ORDER BY number") if begun else ()
            return [Entry(*row) for row in rows]
    except sqlite3.OperationalError as problem:
        raise StorageError.of_database(path, problem) from problem
    except sqlite3.DatabaseError as problem:
        raise DataError.unreadable(path, str(problem), "Restore the audit log from a copy.") from problem


def published(log: list[Entry]) -> list[str]:
    """Runs in the order in which they were published."""
    return [entry.run for entry in log if entry.event in ("published", "adopted")]


def problems(path: Path) -> list[Problem]:
    """What is wrong with the log, the first bad entry by number; empty when the chain holds."""
    head = path.with_name(HEAD)
    try:
        log, said = _settled(lambda: (entries(path), head.read_bytes() if head.is_file() else None), head)
    except (DataError, StorageError) as problem:
        return [Problem.of("log_unreadable", why=str(problem))]
    return _in_chain(log) or _against_head(log, said)


def _in_chain(log: list[Entry]) -> list[Problem]:
    previous = START
    for number, entry in enumerate(log, start=1):
        if entry.number != number:
            return [Problem.of("entry_missing", number=number, before=number - 1, found=entry.number)]
        if entry.previous != previous:
            return [Problem.of("entry_unchained", number=number)]
        if entry.digest != entry.expected():
            return [Problem.of("entry_edited", number=number)]
        previous = entry.digest
    return []


def demand(path: Path) -> None:
    """Raises `DataError` where the log does not hold: what comes after a forged log would only cover it up."""
    if wrong := problems(path):
        raise DataError.unreadable(
            path, wrong[0], f"Restore {path.name} and {HEAD} from a copy; nothing is written until then."
        )


def _against_head(log: list[Entry], head: bytes | None) -> list[Problem]:
    """Whether the log still reaches the entry that the head names (one more is what a crash in between leaves)."""
    if head is None:
        return [Problem.of("head_missing")] if len(log) > 1 else []
    try:
        said = json.loads(head)
        number, digest = int(said["number"]), str(said["digest"])
    except (ValueError, KeyError, TypeError):
        return [Problem.of("head_damaged")]
    if number > len(log):
        return [Problem.of("log_cut", last=len(log), number=number)]
    if number < 1 or log[number - 1].digest != digest:
        return [Problem.of("head_other", number=number)]
    if len(log) > number + 1:
        return [Problem.of("head_behind", number=number + 1)]
    return []


def _settled(read: Callable[[], T], *paths: Path) -> T:
    """What is read while none of some files changes; after a few tries, what the last one gave."""
    for turn in range(_TRIES):
        before = [_stamp(path) for path in paths]
        try:
            found = read()
        except (DataError, StorageError):
            if turn == _TRIES - 1 or before == [_stamp(path) for path in paths]:
                raise
        else:
            if before == [_stamp(path) for path in paths]:
                return found
        time.sleep(0.002 * turn)
    return read()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


@contextmanager
def _looked_at(path: Path) -> Iterator[sqlite3.Connection]:
    """The log for reading only, so that a look leaves no trace; what a crash left in the write-ahead log counts too."""
    at_rest = not path.with_name(f"{path.name}-wal").exists()
    address = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if at_rest else ''}"
    connection = sqlite3.connect(address, timeout=10, uri=True)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The log for writing; its file is made beforehand, for owner and group alone."""
    disk.make_folder(path.parent)
    if not path.exists():
        disk.write(path, b"", "audit-log")
        disk.sync_folder(path.parent)
    try:
        connection = sqlite3.connect(path, timeout=10)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(_TABLE)
            yield connection
        finally:
            connection.close()
    except sqlite3.OperationalError as problem:
        raise StorageError.of_database(path, problem) from problem
    except sqlite3.DatabaseError as problem:
        raise DataError.unreadable(path, str(problem), "Restore the audit log from a copy.") from problem
