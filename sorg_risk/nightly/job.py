"""`nightly`: the job an operator runs, for one day or many.

The clock of the machine has no part in any result; the as-of day is given. A rerun of the same decision finds its run
published and changes nothing; a rerun after a crash goes on with the stages that were finished.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError, OutOfMemoryError, SorgRiskError, StorageError, UsageError
from ..records.source import as_day
from . import audit, engines, ledger, lock, manifest, recovery
from .clock import Clock
from .logs import Log
from .metrics import measure_again
from .night import Night
from .settings import Gates, Settings
from .store import MANIFEST, Store

if TYPE_CHECKING:
    from ..model import RiskModel
    from ..records.ledger.wide import WideSource
    from .published import Published

_OF_INPUT = (errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP)
"""Errors of a file that cannot be opened, not of a disk that cannot be written."""


def nightly(
    source: Any,
    *,
    as_of: Any,
    out: str | Path,
    model: RiskModel | str | Path | None = None,
    mapping: str | Path | None = None,
    lists: str | None = None,
    full_reasons: bool | None = None,
    engine: str | None = None,
    gates: Gates | None = None,
    settings: Settings | None = None,
    dry_run: bool = False,
    tell: Callable[[str], None] = lambda _stage: None,
) -> Published:
    """Score every active organisation as of a day and publish the run atomically.

    Parameters
    ----------
    source
        A folder, a database, a dict of frames, or what `open` gave.
    as_of
        The day; everything recorded later is not seen.
    out
        Output folder: ``runs/<as_of>/<run_id>``, ``CURRENT``, ``ledger`` and what else `Store` names.
    model
        A fitted `RiskModel`, its folder, or None for the shipped one.
    mapping
        Mapping file of foreign tables.
    lists
        ``"decided"`` or ``"assumed"``.
    full_reasons
        Publish every contribution.
    engine
        ``"local"``, or ``"spark"`` for features, scores and contributions by the workers of a Spark session; the run is the same.
    gates
        Limits a run must keep before it is published.
    settings
        All other settings; arguments win over them. None: those of the environment.
    dry_run
        Do everything and touch nothing.
    tell
        Called with the name of each stage.

    Returns
    -------
    Published
        The run, published now or found published.

    Raises
    ------
    GateRefused
        A limit was broken; the previous run still stands and the staged one is kept under ``rejected/``.
    LockHeld
        Another run is writing to ``out``.
    StorageError
        The disk is full or read-only; the previous run still stands.
    OutOfMemoryError
        There is no memory left; the previous run still stands.
    """
    chosen = (settings or Settings.load()).with_(
        lists=lists, full_reasons=full_reasons, engine=engine, gates=gates, mapping=mapping
    )
    (run,) = nights(source, [as_of], out=out, model=model, settings=chosen, dry_run=dry_run, tell=tell)
    return run


def nights(
    source: Any,
    days: Iterable[Any],
    *,
    out: str | Path,
    model: RiskModel | str | Path | None = None,
    settings: Settings | None = None,
    dry_run: bool = False,
    tell: Callable[[str], None] = lambda _stage: None,
) -> Iterator[Published]:
    """A back-fill: the runs of many days, one after the other, each as `nightly` makes it; the source is read once.

    Arguments and errors as of `nightly`. The folder stays locked until the last run is taken.
    """
    chosen = settings or Settings.load()
    engines.known(chosen.engine)
    given = sorted({as_day(day) for day in days})
    store, named = Store(Path(out)), model if model is not None else chosen.model
    brought: WideSource | None = None
    with (
        _storage(store),
        _alone(store, chosen, dry_run),
        _ledger(store, dry_run) as place,
        engines.executing(chosen, place) as executor,
    ):
        for day in given:
            night = Night(store, place, chosen, Clock(tell), day, named, kept=not dry_run, executor=executor)
            yield night.run(source if brought is None else brought)
            brought = night.brought


@contextmanager
def _ledger(store: Store, dry_run: bool) -> Iterator[Path]:
    """Where what is read is kept: for a dry run a copy of the ledger aside, which is gone afterwards."""
    if not dry_run:
        yield store.ledger
        return
    with tempfile.TemporaryDirectory(prefix="sorg-risk-dry-run-") as aside, ledger.copied(store.ledger, Path(aside)):
        yield Path(aside)


@contextmanager
def _alone(store: Store, settings: Settings, dry_run: bool) -> Iterator[None]:
    """The only writer of the folder; a dry run writes nothing and waits for nobody."""
    if dry_run:
        yield
        return
    there = store.names()
    with lock.writing(store.out):
        had = store.writable()
        audit.demand(store.audit)
        if had == 1:
            _adopt(store)
        store.mark()
        store.tighten()
        _finish(store, settings)
        try:
            yield
        except (DataError, UsageError):
            if had == 0 and not ledger.generations(store.ledger):
                store.unmake(there)
            raise


@contextmanager
def _storage(store: Store) -> Iterator[None]:
    """Errors of the disk as one clear error: of the output folder, or of what was to be read elsewhere."""
    try:
        yield
    except MemoryError as problem:
        raise OutOfMemoryError.during(str(problem) or "a night") from problem
    except OSError as problem:
        if problem.errno == errno.ENOMEM or "failed to map segment" in str(
            problem
        ):  # a library that finds no room to be loaded
            raise OutOfMemoryError.during("loading a library") from problem
        if problem.errno in _OF_INPUT and _is_elsewhere(problem.filename, store.out):
            raise DataError.unreadable(
                problem.filename, problem.strerror, "Give rights to it, or name another."
            ) from problem
        raise StorageError.failed(store.out, problem) from problem


def _is_elsewhere(name: object, out: Path) -> bool:
    return isinstance(name, str | os.PathLike) and not Path(name).absolute().is_relative_to(out.absolute())


def _finish(store: Store, settings: Settings) -> None:
    """Finishes what an interrupted night left, and says so in the log; its numbers are made up for as far as possible."""
    if done := recovery.finish(store):
        Log(store.log).say("finished", done=done)
    with suppress(OSError, SorgRiskError):
        measure_again(store, settings)


def _adopt(store: Store) -> None:
    """Takes the runs of an older layout into the audit log."""
    known = set(audit.published(audit.entries(store.audit)))
    for run in store.runs():
        if store.named(run) not in known:
            audit.append(store.audit, "adopted", store.named(run), manifest=manifest.sha256(run / MANIFEST))
