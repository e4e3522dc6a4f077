"""What an interrupted act left undone, and finishing it: a publication, a removal, a legal hold.

An act is written to the audit log before it is done, with the digests of everything it puts in place. So after a crash
the last entry says what is to be done still, and nothing can be put in place that the log does not name. Every step is
done only where it is not done yet; finishing twice is finishing once.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SorgRiskError
from ..records import disk
from . import audit, commitments, manifest
from .manifest import sha256
from .store import MANIFEST, Store, manifest_of

if TYPE_CHECKING:
    from .audit import Entry


def publish_staged(store: Store, staged: Path, name: str) -> None:
    """Puts a staged run in place, after the log named it: the kept manifest, then the run by one rename."""
    disk.put(store.kept_manifest(name), (staged / MANIFEST).read_bytes(), "kept-manifest")
    final = store.out / name
    disk.make_folder(final.parent)
    disk.move(staged, final, "run")


def is_whole(folder: Path, digest: str | None) -> bool:
    """Whether a folder holds the manifest of this digest (None: any) and every file that it names, and nothing else."""
    try:
        content = manifest_of(folder)
        outputs = manifest.outputs(folder)
    except (SorgRiskError, OSError):
        return False
    return digest in (None, sha256(folder / MANIFEST)) and outputs == content["outputs"]


def write_holds(store: Store, held: dict[str, dict[str, str]]) -> None:
    """Writes the legal holds down for people; what counts is the log."""
    content = json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True)
    disk.put(store.holds, content.encode("utf-8"), "holds")


def shown_holds(store: Store) -> Any:
    """What holds.json says: plain data, None where it is damaged; without the file, no holds."""
    try:
        return json.loads(store.holds.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, OSError):
        return None


def finish(store: Store) -> list[str]:
    """Does what the last entry of the log calls for and a crash left undone; returns what was done, in words.

    What any other entry calls for is no leftover of a crash: `verify` names it.
    """
    log = audit.entries(store.audit)
    if log and not any(entry.words.get("form") for entry in log):
        return adopt_unaudited(store, log)
    acts = {"published": _publication, "removed": _removal, "held": _holds, "released": _holds}
    done = acts[log[-1].event](store, log) if log and log[-1].event in acts else []
    for left in (store.out / "runs").glob(".removing-*"):
        disk.remove(left)
        done.append(f"removed {store.named(left)}")
    return done


def adopt_unaudited(store: Store, log: list[Entry]) -> list[str]:
    """Writes whole runs to the log that it lacks, with the manifest that the ledger kept; returns what was done.

    Version 0.1.0 put a run in place before it wrote the entry, and may have been interrupted in between. Later versions
    never leave such a run: there it is for `repair` to decide, that is for an operator.
    """
    known, done = commitments.runs(log), []
    for run in store.runs():
        name = store.named(run)
        if name not in known and is_whole(run, kept_digest(store, name)):
            audit.append(store.audit, "published", name, **words_of(run))
            store.point_to(run)
            done.append(f"wrote {name} to the audit log")
    return done


def words_of(run: Path) -> dict[str, Any]:
    """The words of the entry of a run that is written to the log afterwards: what can still be known of it."""
    digest = sha256(run / MANIFEST)
    return {
        "form": commitments.FORM,
        "manifest": digest,
        "kept_manifest": digest,
        "model": manifest_of(run)["decision"]["model"],
        "afterwards": True,
    }


def kept_digest(store: Store, name: str) -> str:
    """The digest of the manifest that the ledger kept of a run; empty where there is none."""
    path = store.kept_manifest(name)
    return sha256(path) if path.is_file() else ""


def tidy(store: Store) -> list[str]:
    """Removes staged runs and finished stages: what was interrupted, a published run has overtaken."""
    left = [*(store.out / "runs").glob(".staging-*"), *(store.out / "work").glob("*")]
    for folder in left:
        disk.remove(folder)
    return [f"removed {store.named(folder)}" for folder in left]


def _publication(store: Store, log: list[Entry]) -> list[str]:
    entry, done = log[-1], []
    name, digest = entry.run, commitments.runs(log)[entry.run].manifest
    final, staged = store.out / name, store.staging(entry.run.rsplit("/", 1)[-1])
    if not (final / MANIFEST).is_file() and is_whole(staged, digest):
        publish_staged(store, staged, name)
        done.append(f"published {name}")
    if is_whole(final, digest) and store.point_to(final):
        done.append(f"CURRENT names {name}")
    return done


def _removal(store: Store, log: list[Entry]) -> list[str]:
    name = log[-1].run
    if not (store.out / name).is_dir() or name in commitments.holds(log):
        return []
    disk.move(store.out / name, store.out / "runs" / f".removing-{name.rsplit('/', 1)[-1]}", "removal")
    return [f"removed {name}"]


def _holds(store: Store, log: list[Entry]) -> list[str]:
    if shown_holds(store) != commitments.holds(log[:-1]):
        return []
    write_holds(store, commitments.holds(log))
    return ["holds.json says what the audit log says"]
