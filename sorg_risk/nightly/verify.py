"""Is everything still as it was published? Hashes of runs and ledger, models, holds, links, pointer, audit chain.

Nothing waits for `verify` and it waits for nobody: beside a writer it looks again until what it sees stands still, so that
a night on its way is no problem.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ..errors import DataError, ModelError, SorgRiskError
from ..model import bundle
from ..records.ledger.state import CURRENT, current_digest
from . import audit, commitments, ledger, lock, manifest
from .commitments import RunRecord, digest_of
from .decision import RUN_ID_LENGTH, settings_digest
from .problem import Problem
from .recovery import is_whole, shown_holds
from .store import MANIFEST, POINTER, Store, manifest_at, manifest_of

PATIENCE_S: Final = 5.0
"""Seconds for which a problem must stand unchanged beside a writer, until it counts as one."""
GLANCE_S: Final = 0.05
"""The same where no writer is seen: one on another machine or in another container may not be."""
_PAUSE_S: Final = 0.05


def verify(out: str | Path, *, head: tuple[int, str] | None = None) -> list[Problem]:
    """Everything that does not hold in an output folder, each thing by name; empty when all of it does.

    ``head``: number and digest of an entry of the audit log, as noted elsewhere. Raises `DataError` where nothing was ever
    published.
    """
    store = Store(Path(out))
    if not store.runs() and not _was_published(store):
        raise DataError.missing("a published run", store.out, "Run `sorg-risk nightly` with this output folder first.")
    since, before = time.monotonic(), None
    while problems := _problems(store, head):
        now = (_stamp(store), problems)
        patience = PATIENCE_S if lock.is_held(store.out) else GLANCE_S
        if now != before:
            since, before = time.monotonic(), now
        elif time.monotonic() - since >= patience:
            break
        time.sleep(_PAUSE_S)
    return problems


def _was_published(store: Store) -> bool:
    """Whether the log names any run; one that cannot be read may."""
    try:
        return bool(audit.published(audit.entries(store.audit)))
    except SorgRiskError:
        return True


def _stamp(store: Store) -> tuple[bytes, ...]:
    """What every act of a writer changes."""
    return tuple(
        path.read_bytes() if path.is_file() else b""
        for path in (
            store.audit.with_name(audit.HEAD),
            store.out / POINTER,
            store.holds,
            store.ledger / commitments.ROWS / CURRENT,
        )
    )


def _problems(store: Store, head: tuple[int, str] | None) -> list[Problem]:
    problems = [*_pointer(store), *audit.problems(store.audit)]
    records: dict[str, RunRecord] = {}
    try:
        log = audit.entries(store.audit)
    except SorgRiskError:
        log = []  # said already
    else:
        records = commitments.runs(log)
        problems += [*_noted(log, head), *_audited(store, records, log), *_holds(store, log)]
    problems += [*_runs(store), *_rows(store, log), *_kept(store, records), *_models(store), *_links(store)]
    return list(dict.fromkeys(problems))


def _pointer(store: Store) -> Iterator[Problem]:
    try:
        named = store.named(store.run())
    except (SorgRiskError, OSError) as problem:
        yield Problem.of("pointer_unreadable", why=str(problem))
        return
    latest = max((run.parent.name for run in store.runs()), default="")
    if named.split("/")[1] < latest:
        yield Problem.of("pointer_behind", run=named, day=latest)


def _noted(log: list[audit.Entry], head: tuple[int, str] | None) -> Iterator[Problem]:
    """Whether the log still has the entry that was noted elsewhere."""
    if head is not None and (not 1 <= head[0] <= len(log) or log[head[0] - 1].digest != head[1]):
        yield Problem.of("head_noted", number=head[0])


def _audited(store: Store, records: dict[str, RunRecord], log: list[audit.Entry]) -> Iterator[Problem]:
    """Runs on the disk against the runs the log knows."""
    held = commitments.holds(log)
    there = {store.named(run): run for run in store.runs()}
    for name in sorted(there.keys() - records.keys()):
        yield Problem.of("run_unaudited", run=name)
    for name, record in sorted(records.items()):
        if name in there:
            if record.is_removed:
                yield Problem.of("run_removed", run=name)
            if record.manifest is None:
                yield Problem.of("manifest_unnamed", run=name)
            elif manifest.sha256(there[name] / MANIFEST) != record.manifest:
                yield Problem.of("manifest_other", run=name)
        elif record.is_removed:
            if name in held:
                yield Problem.of("held_removed", run=name)
        elif is_whole(store.staging(name.rsplit("/", 1)[-1]), record.manifest):
            yield Problem.of("run_unfinished", run=name)
        else:
            yield Problem.of("run_gone", run=name)


def _runs(store: Store) -> Iterator[Problem]:
    """Every file of every run against its digest, and the run's name against its decision."""
    for run in store.runs():
        name = store.named(run)
        try:
            content = manifest_of(run)
            digests = manifest.outputs(run)
        except (SorgRiskError, OSError) as problem:
            yield Problem.of("run_unreadable", run=name, why=str(problem))
            continue
        for file in sorted({*content["outputs"], *digests}):
            if file not in digests:
                yield Problem.of("file_missing", run=name, file=file)
            elif file not in content["outputs"]:
                yield Problem.of("file_strange", run=name, file=file)
            elif digests[file] != content["outputs"][file]:
                yield Problem.of("file_changed", run=name, file=file)
        yield from _decided(name, content)


def _decided(name: str, content: dict[str, Any]) -> Iterator[Problem]:
    """Whether a run's name follows from its decision, and that from its settings."""
    decision = content["decision"]
    parts = {key: value for key, value in decision.items() if key != "digest"}
    if digest_of(parts) != decision["digest"] or name.rsplit("/", 1)[-1] != decision["digest"][:RUN_ID_LENGTH]:
        yield Problem.of("decision_other", run=name)
    elif settings_digest(content.get("settings")) != decision.get("settings"):
        yield Problem.of("settings_other", run=name)


def _holds(store: Store, log: list[audit.Entry]) -> Iterator[Problem]:
    """Legal holds as people read them, and as entries commit to them, against what the log says."""
    held, shown = commitments.holds(log), shown_holds(store)
    if shown != held:
        names = {*held, *shown} if isinstance(shown, dict) else {*held}
        other = sorted(name for name in names if not isinstance(shown, dict) or shown.get(name) != held.get(name))
        yield Problem.of("holds_changed", runs=", ".join(other) or "-")
    yield from commitments.hold_problems(log)


def _rows(store: Store, log: list[audit.Entry]) -> Iterator[Problem]:
    """Every row against the state of the ledger, and that against the log."""
    yield from (Problem.of("rows", why=why) for why in ledger.damage(store.ledger))
    state = current_digest(store.ledger / commitments.ROWS)
    if state:
        yield from commitments.ledger_problems(log, state)


def _kept(store: Store, records: dict[str, RunRecord]) -> Iterator[Problem]:
    """The manifests that stay, also of removed runs, and the deliveries they name."""
    numbers = ledger.generations(store.ledger)
    named = {store.kept_manifest(name): (name, record) for name, record in records.items()}
    there = set((store.ledger / "manifests").glob("*.json"))
    for path in sorted({*there, *named}):
        name, record = named.get(path, ("", None))
        if path not in there:
            if record and not record.is_adopted and not is_pending(store, name, record):
                yield Problem.of("kept_missing", run=path.stem)
            continue
        try:
            number = manifest_at(path, "")["ledger"]["generation"]
        except (SorgRiskError, KeyError, TypeError):
            yield Problem.of("kept_changed", file=path.name)
            continue
        if record is None:
            if records:
                yield Problem.of("kept_strange", file=path.name)
        elif record.manifest not in (None, manifest.sha256(path)) and not is_pending(store, name, record):
            yield Problem.of("kept_changed", file=path.name)
        if number not in numbers:
            yield Problem.of("delivery_missing", number=number, run=path.stem)


def is_pending(store: Store, name: str, record: RunRecord) -> bool:
    """Whether the publication of a run was written to the log and stopped there."""
    is_there = (store.out / name / MANIFEST).is_file()
    return not is_there and is_whole(store.staging(name.rsplit("/", 1)[-1]), record.manifest)


def _models(store: Store) -> Iterator[Problem]:
    """Every byte of the models that the kept manifests name; each model is looked at once."""
    looks: dict[str, tuple[str, str]] = {}
    for path in sorted((store.ledger / "manifests").glob("*.json")):
        try:
            model = str(manifest_at(path, "")["decision"]["model"])
        except (SorgRiskError, KeyError, TypeError):
            continue  # said already
        if model not in looks:
            looks[model] = _look_at_model(store.ledger / "models" / model, model)
        kind, why = looks[model]
        if kind:
            yield Problem.of(kind, run=path.stem, why=why)


def _look_at_model(place: Path, fingerprint: str) -> tuple[str, str]:
    """The kind of problem of a stored model (empty: none) and why."""
    if not (place / "manifest.sha256").is_file():
        return "model_missing", ""
    try:
        digest = bundle.digest(place)
    except (ModelError, OSError) as problem:
        return "model_changed", str(problem)
    return ("", "") if digest == fingerprint else ("model_other", "")


def _links(store: Store) -> Iterator[Problem]:
    """Links by which a reader is shown, or a writer writes, something elsewhere."""
    yield from (Problem.of("symlink", path=store.named(path)) for path in store.links())
    yield from (Problem.of("hard_link", path=store.named(path)) for path in store.doubles())
