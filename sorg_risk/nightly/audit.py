"""The audit log: what was done to an output folder, each entry chained to the one before by its hash.

The log is one SQLite file (write-ahead log, every commit synced). The digest of an entry covers its number, all its
words and the digest before it; the number and digest of the last entry also stand in ``audit.head``, a file of its own,
so that a log cut short is found too. `problems` names the first entry that does not hold.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..errors import DataError
from ..records import disk

START: Final = "0" * 64
HEAD: Final = "audit.head"
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS audit (number INTEGER PRIMARY KEY, at TEXT NOT NULL, event TEXT NOT NULL,"
    " run TEXT NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL, digest TEXT NOT NULL)"
)


@dataclass(frozen=True)
class Entry:
    """One entry: ``event`` (published, refused, removed, held, released, adopted), ``run``, and what more there is to say."""

    number: int
    at: str
    event: str
    run: str
    detail: str
    previous: str
    digest: str

    def expected(self) -> str:
        """The digest its own words call for."""
        words = [self.number, self.at, self.event, self.run, self.detail, self.previous]
        return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode("utf-8")).hexdigest()


def append(path: Path, event: str, run: str, **detail: Any) -> Entry:
    """Adds one entry; the time is the machine's, since this is about acts and not about results."""
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
    """All entries in order; none where there is no log yet."""
    if not path.is_file():
        return []
    try:
        with _looked_at(path) as connection:
            begun = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'audit'").fetchone()[0]
            rows = connection.execute("SELECT * FROM audit ORDER BY number") if begun else ()
            return [Entry(*row) for row in rows]
    except sqlite3.DatabaseError as problem:
        raise DataError.unreadable(path, str(problem), "Restore the audit log from a copy.") from problem


def published(found: list[Entry]) -> list[str]:
    """Runs in the order in which they were published."""
    return [entry.run for entry in found if entry.event in ("published", "adopted")]


def problems(path: Path) -> list[str]:
    """What is wrong with the log, the first bad entry by number; empty when the chain holds."""
    try:
        found = entries(path)
    except DataError as problem:
        return [str(problem)]
    previous = START
    for place, entry in enumerate(found, start=1):
        if entry.number != place:
            return [f"audit entry {place} is missing: after entry {place - 1} comes {entry.number}"]
        if entry.previous != previous:
            return [f"audit entry {place} does not follow the one before it: reordered, or an entry was exchanged"]
        if entry.digest != entry.expected():
            return [f"audit entry {place} was edited: its words do not give its digest"]
        previous = entry.digest
    return _against_head(found, path.with_name(HEAD))


def demand(path: Path) -> None:
    """Raises `DataError` where the log does not hold: what comes after a forged log would only cover it up."""
    if found := problems(path):
        raise DataError.unreadable(
            path, found[0], f"Restore {path.name} and {HEAD} from a copy; nothing is written until then."
        )


def _against_head(found: list[Entry], head: Path) -> list[str]:
    """Whether the log still reaches the entry that the head names (one more is what a crash in between leaves)."""
    if not head.is_file():
        return ["audit.head is missing: the end of the audit log cannot be proven"] if len(found) > 1 else []
    try:
        said = json.loads(head.read_text(encoding="utf-8"))
        number, digest = int(said["number"]), str(said["digest"])
    except (ValueError, KeyError, TypeError):
        return ["audit.head was damaged: it names no entry"]
    if number > len(found):
        return [f"the audit log was cut short: it ends at entry {len(found)}, the last one written was {number}"]
    if number < 1 or found[number - 1].digest != digest:
        return [f"audit entry {number} is not the one that audit.head names: the log or its head was exchanged"]
    if len(found) > number + 1:
        return [f"audit entries after {number + 1} were added without audit.head"]
    return []


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
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=10)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(_TABLE)
        yield connection
    finally:
        connection.close()
