"""What the audit log says should be there: runs with all they rest on, legal holds, the state of the ledger.

The entry of a published run commits to the digests of everything the run rests on (form 2)::

    manifest, kept_manifest   manifest.json of the run and its copy in ledger/manifests
    ledger                    state of the ledger, whose file lists the digest of every segment, key index and delivery
    model                     fingerprint of the bundle in ledger/models
    holds                     legal holds in force
    settings                  all settings in force, secrets masked

Every new state of the ledger is written to the log (event ``ingested``) before it becomes the current one, so rows that
were changed, added or turned back together with all their digests do not agree with the log. Entries of the first form
(0.1.0) name the manifest alone, and are held to that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .._version import __version__
from ..errors import DataError
from ..records.ledger.state import current_digest
from . import audit
from .audit import Entry
from .problem import Problem

if TYPE_CHECKING:
    from .settings import Settings
    from .store import Store

FORM: Final = 2
ROWS: Final = "rows"
"""Folder of the rows in the ledger."""
_LOG: Final = "audit.sqlite"
_TRIES: Final = 20


@dataclass(frozen=True)
class RunRecord:
    """A run as the log has it: the entry of its last publication, and whether it was removed since."""

    entry: Entry
    is_removed: bool = False

    @property
    def manifest(self) -> str | None:
        """The digest of its manifest; None where the entry was damaged."""
        digest = self.entry.words.get("manifest")
        return digest if isinstance(digest, str) else None

    @property
    def is_adopted(self) -> bool:
        """Whether it was published before there was a log."""
        return self.entry.event == "adopted"


def runs(log: list[Entry]) -> dict[str, RunRecord]:
    """Every run that was ever published, by its name, in the order of the last publications."""
    records: dict[str, RunRecord] = {}
    for entry in log:
        if entry.event in ("published", "adopted"):
            records.pop(entry.run, None)
            records[entry.run] = RunRecord(entry)
        elif entry.event == "removed" and entry.run in records:
            records[entry.run] = RunRecord(records[entry.run].entry, is_removed=True)
    return records


def holds(log: list[Entry]) -> dict[str, dict[str, str]]:
    """Legal holds in force, run -> who asked and why: what the log says, whatever holds.json says."""
    held: dict[str, dict[str, str]] = {}
    for entry in log:
        _hold(held, entry)
    return held


def _hold(held: dict[str, dict[str, str]], entry: Entry) -> None:
    if entry.event == "held":
        held[entry.run] = {name: str(entry.words.get(name, "")) for name in ("author", "reason")}
    elif entry.event == "released":
        held.pop(entry.run, None)


def digest_of(content: Any) -> str:
    """The digest of plain data."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode("utf-8")).hexdigest()


def of_run(manifest: bytes, model: str, store: Store, settings: Settings) -> dict[str, Any]:
    """The words of the entry of a run, given the bytes of its manifest and the fingerprint of its model."""
    digest = hashlib.sha256(manifest).hexdigest()
    return {
        "form": FORM,
        "version": __version__,
        "manifest": digest,
        "kept_manifest": digest,
        "model": model,
        "ledger": current_digest(store.ledger / ROWS),
        "holds": digest_of(holds(audit.entries(store.audit))),
        "settings": settings.shown(),
    }


def of_state(previous: str, state: str) -> dict[str, Any]:
    """The words of the entry of a new state of the ledger."""
    return {"form": FORM, "version": __version__, "previous": previous, "ledger": state}


def ledger_problems(log: list[Entry], state: str) -> Iterator[Problem]:
    """Whether a state of the ledger is the one that the log says is current.

    An ``ingested`` entry that nothing followed may not have become true: the ledger may still be at the state before.
    """
    states = [(entry, str(entry.words["ledger"])) for entry in log if isinstance(entry.words.get("ledger"), str)]
    if not states or states[-1][1] == state:
        return
    last = states[-1][0]
    if last.event == "ingested" and last.words.get("previous") == state:
        return
    old = [entry.number for entry, known in states if known == state]
    if old and state:
        yield Problem.of("ledger_turned_back", old=old[-1], number=last.number)
    else:
        yield Problem.of("ledger_forged", number=last.number)


def demand_ledger(folder: Path) -> None:
    """Raises `DataError` where the ledger in a folder is not in the state that the log beside it says.

    Nothing is demanded where there is no log (a ledger put aside for a dry run).
    """
    path = folder.parent / _LOG
    for turn in range(_TRIES):
        state = current_digest(folder / ROWS)
        wrong = list(ledger_problems(audit.entries(path), state))
        if not wrong:
            return
        if turn and state == current_digest(folder / ROWS):
            cure = wrong[0].cure("en", folder.parent)
            raise DataError.unreadable(folder / ROWS, wrong[0], f"{cure[:1].upper()}{cure[1:]}.")


def hold_problems(log: list[Entry]) -> Iterator[Problem]:
    """Whether the holds that each entry commits to are those that the entries before it give."""
    held: dict[str, dict[str, str]] = {}
    for entry in log:
        known = entry.words.get("holds")
        if known is not None and known != digest_of(held):
            yield Problem.of("holds_commitment", number=entry.number)
        _hold(held, entry)
