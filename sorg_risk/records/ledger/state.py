"""What a ledger consists of at the moment: generations brought so far, segments that hold their rows.

The state is one JSON file; ``CURRENT`` names it together with its digest and is replaced in one step. Whatever happens
while rows are brought, the ledger is either the old or the new one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ...errors import DataError
from .. import disk
from ..identifiers import Counted
from ..reading import File
from .files import digest

FORMAT = "sorg_risk ledger"
VERSION = 1
CURRENT = "CURRENT"
_TRIES = 20
_CURE = "Restore the ledger from its copy, or start a new one in another folder."


@dataclass(frozen=True)
class Delivered:
    """One table of one generation: rows read, the files they came from, and the columns that were delivered.

    ``folded``: of each file the columns whose identifiers were folded, see `identifiers.Counts`; shorter than ``files``
    where nobody counted.
    ``filtered``: rows among those read that a mapping left out.
    """

    read: int
    files: tuple[File, ...]
    columns: tuple[str, ...] = ()
    folded: tuple[dict[str, Counted], ...] = ()
    filtered: int = 0


@dataclass(frozen=True)
class Generation:
    """One delivery; ``runs``: name and digest of the file with the order of its rows; ``version``: who checked them."""

    number: int
    version: str
    code_scheme: str
    calendar: str
    mapping: str
    notices: tuple[str, ...]
    tables: dict[str, Delivered]
    runs: str


@dataclass(frozen=True)
class Segment:
    """Rows written together: stored rows by store, and the digest of every file."""

    name: str
    stores: dict[str, int]
    files: dict[str, str]


@dataclass(frozen=True)
class State:
    """The whole ledger; ``next`` is the first ordinal not yet used, by table."""

    buckets: int
    next: dict[str, int] = field(default_factory=dict)
    generations: tuple[Generation, ...] = ()
    segments: tuple[Segment, ...] = ()
    number: int = 0

    def following(self, **changes: Any) -> State:
        """The state after this one."""
        return replace(self, number=self.number + 1, **changes)


def load(folder: Path) -> State:
    """The current state; raises `DataError` with the reason where the folder is no ledger, or a damaged or newer one."""
    name, known, raw = _current(folder)
    for _ in range(_TRIES):
        if raw or _pointer(folder) == (name, known):
            break
        name, known, raw = _current(folder)  # the state was replaced, and tidied away, between the two looks
    if not raw:
        raise DataError.unreadable(f"ledger {folder}", f"CURRENT names {name!r}, which is not there", _CURE)
    if hashlib.sha256(raw).hexdigest() != known:
        raise DataError.unreadable(f"ledger {folder}", f"{name} is not what CURRENT says (damaged)", _CURE)
    told = json.loads(raw)
    if told.get("format") != FORMAT:
        raise DataError.unreadable(f"ledger {folder}", f"format {told.get('format')!r} is not ours", _CURE)
    if told["version"] > VERSION:
        newer = f"written by a newer version (format {told['version']}, this one reads up to {VERSION})"
        raise DataError.unreadable(f"ledger {folder}", newer, "Update sorg_risk.")
    return _state(told)


def _pointer(folder: Path) -> tuple[str, str]:
    """The name and digest that CURRENT gives."""
    path = folder / CURRENT
    if not path.is_file():
        raise DataError.unreadable(f"folder {folder}", "it is no ledger (no file CURRENT)", "Name the ledger's folder.")
    name, _, known = path.read_text(encoding="utf-8", errors="replace").strip().partition(" ")
    return name, known


def _current(folder: Path) -> tuple[str, str, bytes]:
    """What CURRENT gives, and the content of the file it names; nothing where there is no such file."""
    name, known = _pointer(folder)
    try:
        return name, known, (folder / name).read_bytes() if name else b""
    except (OSError, ValueError):
        return name, known, b""


def tidy(folder: Path, state: State) -> None:
    """Removes the files of all states but the current one and the one before it, which a reader may be about to open."""
    kept = {f"state-{number:06d}.json" for number in (state.number, state.number - 1)}
    for path in folder.glob("state-*.json"):
        if path.name not in kept:
            path.unlink()


Announce = Callable[[str, str], None]
"""Told the digests of the state that stands and of the one about to take its place, before it does."""


def save(folder: Path, state: State, announce: Announce | None = None) -> None:
    """Writes the state aside, announces it, and makes it the current one."""
    told = {"format": FORMAT, "version": VERSION, **asdict(state)}
    raw = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()
    name = f"state-{state.number:06d}.json"
    new = hashlib.sha256(raw).hexdigest()
    disk.write(folder / name, raw, "ledger-state")
    if announce is not None:
        disk.sync_folder(folder)
        announce(current_digest(folder), new)
    disk.put(folder / CURRENT, f"{name} {new}\n".encode(), "ledger-pointer")


def current_digest(folder: Path) -> str:
    """The digest of the current state, which says the digests of all files; empty where there is none."""
    path = folder / CURRENT
    return path.read_text(encoding="utf-8", errors="replace").strip().partition(" ")[2] if path.is_file() else ""


def damaged(folder: Path, state: State) -> list[str]:
    """Files that are missing or differ from what the state says, each with the reason."""
    wanted = {f"segments/{one.name}/{name}": known for one in state.segments for name, known in one.files.items()}
    wanted |= {one.runs.split(" ")[0]: one.runs.split(" ")[1] for one in state.generations}
    found = []
    for name, known in sorted(wanted.items()):
        if not (folder / name).is_file():
            found.append(f"{name} is missing")
        elif digest(folder / name) != known:
            found.append(f"{name} was changed")
    return found


def _state(told: dict[str, Any]) -> State:
    generations = tuple(
        Generation(**{**one, "notices": tuple(one["notices"]), "tables": _tables(one["tables"])})
        for one in told["generations"]
    )
    segments = tuple(Segment(**one) for one in told["segments"])
    return State(told["buckets"], told["next"], generations, segments, told["number"])


def _tables(told: dict[str, Any]) -> dict[str, Delivered]:
    return {
        name: Delivered(
            one["read"],
            tuple(File(**file) for file in one["files"]),
            tuple(one.get("columns", ())),
            tuple({column: tuple(counts) for column, counts in file.items()} for file in one.get("folded", ())),
            one.get("filtered", 0),
        )
        for name, one in told.items()
    }
