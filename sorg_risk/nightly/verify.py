"""Is everything still as it was published? Hashes of runs and ledger, the pointer, and the audit chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import DataError, SorgRiskError
from . import audit, ledger, manifest
from .decision import RUN_ID_LENGTH
from .store import MANIFEST, Store, manifest_of


def verify(out: str | Path) -> list[str]:
    """Everything that does not hold in an output folder, each thing by name; empty when all of it does.

    Raises `DataError` where nothing was ever published.
    """
    store = Store(Path(out))
    if not store.audit.is_file() and not store.runs():
        raise DataError.missing("a published run", store.out, "Run `sorg-risk nightly` with this output folder first.")
    return [*_pointer(store), *audit.problems(store.audit), *_audited(store), *_runs(store), *_ledger(store)]


def _pointer(store: Store) -> Iterator[str]:
    try:
        named = store.named(store.run())
    except SorgRiskError as problem:
        yield f"CURRENT: {problem}"
        return
    latest = max((run.parent.name for run in store.runs()), default="")
    if named.split("/")[1] < latest:
        yield f"CURRENT names {named}, and a run of {latest} is published"


def _audited(store: Store) -> Iterator[str]:
    """Runs on the disk against the runs the log knows."""
    try:
        entries = audit.entries(store.audit)
    except DataError:
        return  # said already
    known = {entry.run: _said(entry) for entry in entries if entry.event in ("published", "adopted")}
    removed = {entry.run for entry in entries if entry.event == "removed"}
    there = {store.named(run): run for run in store.runs()}
    for name in sorted(there.keys() - known.keys()):
        yield f"{name} was never written to the audit log"
    for name in sorted(known.keys() - there.keys() - removed):
        yield f"{name} was published and is gone"
    for name in sorted(there.keys() & known.keys()):
        if known[name] is None:
            yield f"{name}: the audit log does not say which manifest was published"
        elif manifest.sha256(there[name] / MANIFEST) != known[name]:
            yield f"{name}: manifest.json is not the one that was published"


def _said(entry: audit.Entry) -> str | None:
    """The digest of the manifest that an entry names, None where its words were damaged."""
    try:
        return str(json.loads(entry.detail)["manifest"])
    except (ValueError, KeyError, TypeError):
        return None


def _runs(store: Store) -> Iterator[str]:
    """Every file of every run against its digest, and the run's name against its decision."""
    for run in store.runs():
        name = store.named(run)
        try:
            told = manifest_of(run)
            found = manifest.outputs(run)
        except (SorgRiskError, OSError) as problem:
            yield f"{name}: {problem}"
            continue
        for file in sorted({*told["outputs"], *found}):
            if file not in found:
                yield f"{name}: {file} is missing"
            elif file not in told["outputs"]:
                yield f"{name}: {file} does not belong to it"
            elif found[file] != told["outputs"][file]:
                yield f"{name}: {file} was changed"
        if _digest(told) != told["decision"]["digest"] or run.name != told["decision"]["digest"][:RUN_ID_LENGTH]:
            yield f"{name}: its decision does not give its run id"


def _digest(told: dict[str, Any]) -> str:
    parts = {key: value for key, value in told["decision"].items() if key != "digest"}
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode("utf-8")).hexdigest()


def _ledger(store: Store) -> Iterator[str]:
    """Every row, and everything that any kept manifest names."""
    yield from (f"ledger: {problem}" for problem in ledger.damage(store.ledger))
    kept = ledger.generations(store.ledger)
    for path in sorted((store.ledger / "manifests").glob("*.json")):
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            number, model = told["ledger"]["generation"], told["decision"]["model"]
        except (ValueError, KeyError, TypeError):
            yield f"ledger: {path.name} was changed"
            continue
        if number not in kept:
            yield f"ledger: delivery {number} of {path.stem} is missing"
        if not (store.ledger / "models" / model / "manifest.sha256").is_file():
            yield f"ledger: the model of {path.stem} is missing"
