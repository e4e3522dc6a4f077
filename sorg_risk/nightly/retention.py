"""How long runs stay: the current one, the last ones, those of recent days and those on legal hold are never removed.

What goes are the published files of a run; ledger and manifest stay, so that even a removed run can be made again. Runs
that a gate refused go with those of their days.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import DataError, UsageError
from ..records import disk
from . import audit, commitments, lock
from .recovery import finish, shown_holds, write_holds
from .settings import Settings
from .store import Store, manifest_of


def removable(out: str | Path, settings: Settings) -> list[str]:
    """Runs that retention would remove, oldest first, then refused ones of days as old."""
    store = Store(Path(out))
    runs, current = store.runs(), store.current()
    if current is None:
        return []
    kept = {current, *holds(out), *(store.named(run) for run in runs[-settings.keep_runs :])}
    previous = manifest_of(store.out / current)["previous_run"]
    oldest = dt.date.fromisoformat(current.split("/")[1]) - dt.timedelta(days=settings.keep_days)
    old = [
        run
        for run in (*runs, *store.refused())
        if store.named(run) not in kept and run.name != previous and dt.date.fromisoformat(run.parent.name) < oldest
    ]
    return [store.named(run) for run in old]


def retire(out: str | Path, settings: Settings) -> list[str]:
    """Removes them, each first written to the audit log and moved out of sight in one step; returns their names."""
    with _changed(out) as store:
        names = removable(out, settings)
        for name in names:
            run = store.out / name
            audit.append(store.audit, "removed", name)
            aside = store.out / "runs" / f".removing-{run.name}"
            disk.move(run, aside, "removal")
        for left in (store.out / "runs").glob(".removing-*"):
            shutil.rmtree(left)
            disk.point("removal:removed")
        for day in (*(store.out / "runs").glob("[0-9]*"), *(store.out / "rejected").glob("[0-9]*")):
            if not any(day.iterdir()):
                day.rmdir()
    return names


def holds(out: str | Path) -> dict[str, dict[str, str]]:
    """Runs on legal hold, as the audit log has them: name -> who asked, why.

    Raises `DataError` where holds.json says otherwise: somebody changed it, and nothing is removed until that is clear.
    """
    store = Store(Path(out))
    held = commitments.holds(audit.entries(store.audit))
    if shown_holds(store) != held:
        cure = f"`sorg-risk verify {store.out} --repair` writes it anew from the log; nothing is removed until then."
        raise DataError.unreadable(store.holds, "it is not what the audit log says of legal holds", cure)
    return held


def hold(out: str | Path, run: str, *, author: str, reason: str) -> str:
    """Puts a run on legal hold; returns its name."""
    if not author.strip() or not reason.strip():
        raise UsageError("a legal hold needs an author and a reason.")
    with _changed(out) as store:
        name = store.named(store.run(run))
        held = holds(out)
        audit.append(store.audit, "held", name, author=author, reason=reason)
        write_holds(store, {**held, name: {"author": author, "reason": reason}})
    return name


def release(out: str | Path, run: str, *, author: str, reason: str) -> str:
    """Ends the legal hold of a run; returns its name."""
    if not author.strip() or not reason.strip():
        raise UsageError("the end of a legal hold needs an author and a reason.")
    with _changed(out) as store:
        held = holds(out)
        name = store.named(store.run(run))
        if name not in held:
            raise UsageError(f"{name} is not on legal hold. On hold: {', '.join(sorted(held)) or 'none'}.")
        audit.append(store.audit, "released", name, author=author, reason=reason)
        write_holds(store, {key: value for key, value in held.items() if key != name})
    return name


@contextmanager
def _changed(out: str | Path) -> Iterator[Store]:
    """The output folder for its only writer, if it is one and its audit log holds."""
    store = Store(Path(out))
    if not store.version():
        raise DataError.missing("a published run", store.out, "Run `sorg-risk nightly` with this output folder first.")
    with lock.writing(store.out):
        store.writable()
        audit.demand(store.audit)
        finish(store)
        yield store
