"""The output folder: where runs, pointer, ledger, audit log and work lie, and which version of the layout it is.

::

    CURRENT                        one line, the last published run
    runs/<as_of>/<run_id>/         published runs, each whole
    ledger/                        what was read, the models, the manifests: enough to make every run again
    rejected/<as_of>/<run_id>/     runs a gate refused, with the reasons in refused.json
    work/<run_id>/                 finished stages of an interrupted run
    audit.sqlite, audit.head       hash-chained log of what was done
    holds.json                     runs on legal hold, for people: what counts is the audit log
    log.jsonl, metrics.prom        for operators
    store.json                     version of this layout

Everything written lies below the folder; links that would lead out of it are refused. Files are for the owner and the group
(0640), folders too (0750), or stricter; only metrics.prom may be read by others.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import DataError, UsageError, check_path
from ..records import disk

VERSION: Final = 2
MANIFEST: Final = "manifest.json"
REFUSED: Final = "refused.json"
POINTER: Final = "CURRENT"
_WRITTEN_IN_PLACE: Final = (".lock", "log.jsonl", "audit.sqlite", "audit.sqlite-wal", "audit.sqlite-shm")
"""Files that are added to and not replaced: a second name of one would be written through."""
_RUN: Final = re.compile(r"runs/(\d{4}-\d{2}-\d{2})/([0-9a-f]{12})")


@dataclass(frozen=True)
class Store:
    """One output folder."""

    out: Path

    def __post_init__(self) -> None:
        check_path("output folder", self.out)

    @property
    def ledger(self) -> Path:
        """What was read."""
        return self.out / "ledger"

    @property
    def audit(self) -> Path:
        """The audit log."""
        return self.out / "audit.sqlite"

    @property
    def log(self) -> Path:
        """The structured log."""
        return self.out / "log.jsonl"

    @property
    def metrics(self) -> Path:
        """Numbers for Prometheus."""
        return self.out / "metrics.prom"

    @property
    def holds(self) -> Path:
        """Runs on legal hold."""
        return self.out / "holds.json"

    def kept_manifest(self, name: str) -> Path:
        """The copy of a run's manifest that stays when the run is removed; ``name``: ``runs/<as_of>/<run_id>``."""
        _, day, run_id = name.split("/")
        return self.ledger / "manifests" / f"{day}-{run_id}.json"

    def work(self, run_id: str) -> Path:
        """Finished stages of a run that is not published yet."""
        return self.out / "work" / run_id

    def staging(self, run_id: str) -> Path:
        """A run being written."""
        return self.out / "runs" / f".staging-{run_id}"

    def final(self, day: dt.date, run_id: str) -> Path:
        """The place of a published run."""
        return self.out / "runs" / day.isoformat() / run_id

    def rejected(self, day: dt.date, run_id: str) -> Path:
        """The place of a refused run."""
        return self.out / "rejected" / day.isoformat() / run_id

    def named(self, folder: Path) -> str:
        """A run as `CURRENT` writes it."""
        return folder.relative_to(self.out).as_posix()

    def current(self) -> str | None:
        """The run `CURRENT` names (``runs/<as_of>/<run_id>``), None before the first; anything else is refused."""
        pointer = self.out / POINTER
        if not pointer.is_file():
            return None
        line = pointer.read_bytes()[:200].decode("utf-8", "replace").strip()
        if not _RUN.fullmatch(line):
            raise DataError.unreadable(pointer, f"it says {line!r}", "Write runs/<as_of>/<run_id> of a whole run.")
        return line

    def point_to(self, folder: Path) -> bool:
        """Lets `CURRENT` name a run, unless it names one of a later day (a back-fill leaves it); whether it moved."""
        if not self.is_ahead(folder):
            return False
        disk.put(self.out / POINTER, f"{self.named(folder)}\n".encode(), "pointer")
        return True

    def is_ahead(self, folder: Path) -> bool:
        """Whether `CURRENT` names another run, of the same or an earlier day, or none."""
        now = self.current()
        return now is None or (now != self.named(folder) and now.split("/")[1] <= folder.parent.name)

    def runs(self) -> list[Path]:
        """Published runs, whole ones only, by day and name."""
        folder = self.out / "runs"
        found = folder.glob("[0-9]*/*") if folder.is_dir() else ()
        return sorted(path for path in found if _RUN.fullmatch(self.named(path)) and (path / MANIFEST).is_file())

    def refused(self) -> list[Path]:
        """Runs that a gate refused, by day and name."""
        folder = self.out / "rejected"
        found = folder.glob("[0-9]*/*") if folder.is_dir() else ()
        return sorted(path for path in found if _RUN.fullmatch(f"runs/{path.parent.name}/{path.name}"))

    def run(self, name: str | None = None) -> Path:
        """A published run by its id, its day, or its ``runs/<as_of>/<run_id>``; None: the current one.

        Raises `DataError` where nothing of that name is published.
        """
        runs = self.runs()
        wanted = name or self.current()
        if wanted is None:
            raise DataError.missing(
                "a published run", self.out, "Run `sorg-risk nightly` with this output folder first."
            )
        matching = [run for run in runs if wanted in (run.name, run.parent.name, self.named(run))]
        if len(matching) > 1:
            both = ", ".join(run.name for run in matching)
            raise UsageError(f"several runs are published for {wanted}: {both}. Name one of them.")
        if not matching:
            raise DataError.missing(
                f"run {wanted!r}", self.out, f"Published: {', '.join(r.name for r in runs) or 'none'}."
            )
        return matching[0]

    def before(self, day: dt.date, published: list[str]) -> Path | None:
        """The latest run of an earlier day; of several on that day, the one published last (names in that order).

        Runs that the audit log does not know have no part in it; where there is no log yet, all have.
        """
        known = set(published)
        earlier = [
            run for run in self.runs() if run.parent.name < day.isoformat() and (not known or self.named(run) in known)
        ]
        if not earlier:
            return None
        last = [run for run in earlier if run.parent.name == earlier[-1].parent.name]
        order = {name: place for place, name in enumerate(published)}
        return max(last, key=lambda run: (order.get(self.named(run), -1), run.name))

    def writable(self) -> int:
        """The version of the layout (0: new), where this program may write to it.

        Raises `UsageError` for a layout of a newer program, and for a link by which writing would leave the folder.
        """
        had = self.version()
        if had > VERSION:
            raise UsageError(
                f"{self.out} was written by a newer version (layout {had}, this one knows {VERSION}); upgrade first."
            )
        for path in self.links():
            raise UsageError(f"{path} is a symbolic link and may lead out of {self.out}; put the thing itself there.")
        for path in self.doubles():
            raise UsageError(
                f"{path} has a second name elsewhere (a hard link), and writing would change that too; copy it and put "
                "the copy in its place."
            )
        return had

    def links(self) -> Iterator[Path]:
        """Symbolic links anywhere in the folder."""
        return (Path(entry.path) for entry in _walk(self.out) if entry.is_symlink())

    def doubles(self) -> Iterator[Path]:
        """Files written in place that have a second name."""
        paths = (self.out / name for name in _WRITTEN_IN_PLACE)
        return (path for path in paths if path.is_file() and path.stat().st_nlink > 1)

    def tighten(self) -> None:
        """Takes the rights of strangers from everything that an older version, or somebody, left open."""
        for entry in _walk(self.out):
            if entry.is_symlink() or entry.name == self.metrics.name:
                continue
            mode = entry.stat(follow_symlinks=False).st_mode & 0o7777
            strict = mode & (disk.FOLDER_MODE | 0o7000 if entry.is_dir() else disk.FILE_MODE)
            if strict != mode:
                with suppress(PermissionError):
                    os.chmod(entry.path, strict)

    def mark(self) -> None:
        """Writes the version of this layout down, after everything else is as it asks."""
        if not (self.out / "store.json").is_file() or self.version() != VERSION:
            disk.put(self.out / "store.json", json.dumps({"version": VERSION}).encode(), "store")

    def names(self) -> frozenset[str]:
        """What lies in the folder; nothing where there is none."""
        return frozenset(path.name for path in self.out.iterdir()) if self.out.is_dir() else frozenset()

    def unmake(self, kept: frozenset[str]) -> None:
        """Takes away what a first night made before it found that there is nothing to read; what was there before stays."""
        if self.ledger.name not in kept:
            shutil.rmtree(self.ledger, ignore_errors=True)
        for name in {"store.json", "log.jsonl", ".lock"} - kept:
            (self.out / name).unlink(missing_ok=True)
        if not any(self.out.iterdir()):
            self.out.rmdir()

    def version(self) -> int:
        """The version of the layout: 0 where nothing is there yet, 1 before versions were written down."""
        path = self.out / "store.json"
        if not path.is_file():
            return 1 if (self.out / POINTER).is_file() else 0
        try:
            return int(json.loads(path.read_text(encoding="utf-8"))["version"])
        except (ValueError, KeyError, TypeError) as problem:
            raise DataError.unreadable(path, "no version in it", "Restore it from a copy.") from problem


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Everything below a folder, no link followed; what goes meanwhile is passed over."""
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        yield entry
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))


def manifest_of(folder: Path) -> dict[str, Any]:
    """The manifest of a run.

    Raises `DataError` where it is missing or damaged.
    """
    if not (folder / MANIFEST).exists():
        raise DataError.missing(MANIFEST, folder, "Publish the run again.")
    return manifest_at(folder / MANIFEST, "Restore it from ledger/manifests.")


def manifest_at(path: Path, cure: str) -> dict[str, Any]:
    """A manifest wherever it lies: a JSON object that names its decision and the files published.

    Raises `DataError` with the cure where it is none.
    """
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        whole = isinstance(found["decision"]["digest"], str) and isinstance(found["outputs"], dict)
    except (ValueError, KeyError, TypeError, OSError) as problem:
        raise DataError.unreadable(path, "it is no manifest", cure) from problem
    if not whole:
        raise DataError.unreadable(path, "it is no manifest", cure)
    return found
