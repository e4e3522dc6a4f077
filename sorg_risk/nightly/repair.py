"""`verify --repair`: does what can be done safely, and nothing that would cover up what somebody did.

Only what the audit log proves is put back: a pointer, a manifest from its copy, the list of legal holds. A run that the log
lacks is written to it when every digest holds. Rows, models, tables and the log itself come back from a copy only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DataError
from ..records import disk
from . import audit, commitments, lock, recovery
from .manifest import sha256
from .metrics import measure_again
from .store import MANIFEST, POINTER, Store
from .verify import verify

if TYPE_CHECKING:
    from .settings import Settings


def repair(out: str | Path, settings: Settings) -> list[str]:
    """Mends an output folder as far as that is safe; returns what was done, in words.

    Raises `LockHeld` beside a writer, and `DataError` where the audit log itself does not hold: then nothing is done.
    """
    store = Store(Path(out))
    if not store.version():
        raise DataError.missing("a published run", store.out, "Run `sorg-risk nightly` with this output folder first.")
    with lock.writing(store.out):
        store.writable()
        audit.demand(store.audit)
        store.tighten()
        done = recovery.finish(store)
        for step in (_unaudited, _manifests, _pointer, _holds):
            done += step(store)
        done += recovery.tidy(store)
        if measure_again(store, settings):
            done.append("wrote the numbers of the last run")
    return done


def _unaudited(store: Store) -> Iterator[str]:
    """Runs that the log lacks, or has as removed, with nothing else wrong about them."""
    problems = verify(store.out)
    records = commitments.runs(audit.entries(store.audit))
    for name in [str(one.words["run"]) for one in problems if one.kind in ("run_unaudited", "run_removed")]:
        others = [one for one in problems if _is_about(one.words.get("run"), name)]
        record = records.get(name)
        digest = recovery.kept_digest(store, name) if record is None else record.manifest
        if len(others) == 1 and recovery.is_whole(store.out / name, digest):
            audit.append(store.audit, "published", name, **recovery.words_of(store.out / name))
            yield f"wrote {name} to the audit log"


def _is_about(run: object, name: str) -> bool:
    return run in (name, "-".join(name.split("/")[1:]))


def _manifests(store: Store) -> Iterator[str]:
    """The manifest of a run from its copy in the ledger, or the copy from the run, whichever the log names."""
    for name, record in commitments.runs(audit.entries(store.audit)).items():
        own, kept = store.out / name / MANIFEST, store.kept_manifest(name)
        is_own, is_kept = (path.is_file() and sha256(path) == record.manifest for path in (own, kept))
        if is_own and not is_kept:
            disk.put(kept, own.read_bytes(), "kept-manifest")
            yield f"wrote {store.named(kept)} anew from the run"
        elif is_kept and not is_own and own.parent.is_dir():
            disk.put(own, kept.read_bytes(), "manifest")
            yield f"wrote {store.named(own)} anew from the ledger"


def _pointer(store: Store) -> Iterator[str]:
    """`CURRENT`, where it names no run or one of an earlier day: the last published run of the latest day."""
    there = [
        name
        for name, record in commitments.runs(audit.entries(store.audit)).items()
        if recovery.is_whole(store.out / name, record.manifest)
    ]
    if not there:
        return
    try:
        now = store.named(store.run())
    except DataError:
        now = ""
    latest = max(name.split("/")[1] for name in there)
    if not now or now.split("/")[1] < latest:
        last = [name for name in there if name.split("/")[1] == latest][-1]
        disk.put(store.out / POINTER, f"{last}\n".encode(), "pointer")
        yield f"CURRENT names {last}"


def _holds(store: Store) -> Iterator[str]:
    held = commitments.holds(audit.entries(store.audit))
    if recovery.shown_holds(store) != held:
        recovery.write_holds(store, held)
        yield "wrote holds.json anew from the audit log"
