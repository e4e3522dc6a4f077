"""The same decision again: an earlier run made once more from ledger and manifest, and compared byte by byte."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..flags import score
from . import ledger, manifest, tables
from .compare import compared, read_before
from .decision import decided
from .gates import Before
from .run_reader import RunReader
from .staged import write_run
from .store import Store


@dataclass(frozen=True)
class Replay:
    """What came of a replay: digests of the decision and files of the run that differ (none: the same bytes)."""

    run_id: str
    as_of: dt.date
    parts: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether every byte is the same."""
        return not self.parts and not self.files

    def __str__(self) -> str:
        head = f"run {self.run_id} as of {self.as_of}"
        if self.same:
            return f"{head}: made again, every byte the same"
        parts = f"the decision differs in {', '.join(self.parts)}; " if self.parts else ""
        code = "another version of the program or rulebook made it; " if {"code", "rulebook"} & set(self.parts) else ""
        return f"{head}: {parts}{code}files that differ: {', '.join(self.files) or 'none'}"


def replay(out: str | Path, run: str | None = None) -> Replay:
    """Makes a published run (None: the current one) again in a folder aside, from the ledger alone.

    A run that retention removed is made again from its kept manifest. Raises `DataError` where the ledger lacks a piece.
    """
    store = Store(Path(out))
    reader = RunReader(store)
    told = _manifest(reader, run)
    with tempfile.TemporaryDirectory(prefix="sorg-risk-replay-") as aside:
        parts, made = _made(reader, told, Path(aside))
    files = [name for name in sorted({*told["outputs"], *made}) if told["outputs"].get(name) != made.get(name)]
    return Replay(told["run_id"], dt.date.fromisoformat(told["as_of"]), tuple(parts), tuple(files))


def _manifest(reader: RunReader, run: str | None) -> dict[str, Any]:
    """The manifest of a run; of one that was removed, the copy in the ledger."""
    try:
        folder = reader.folder(run)
    except DataError:
        names = reader.removed(run) if run else []
        if not names:
            raise
        return reader.kept_manifest(names[-1])
    return reader.manifest(folder)


def _made(reader: RunReader, told: dict[str, Any], folder: Path) -> tuple[list[str], dict[str, str]]:
    """Makes a run in a folder; returns the differing parts of the decision and the digests of the files."""
    store = reader.store
    view = ledger.source(told, store.ledger).as_of(dt.date.fromisoformat(told["as_of"]))
    settings, named = told["settings"], told["decision"]["model"]
    model = ledger.kept_model(named, store.ledger)
    before = _before(reader, told, folder)
    decision = decided(view, named, settings, told["decision"]["previous"])
    run = score(view, model, settings["lists"], full_reasons=settings["full_reasons"])
    diff = None
    if before is not None:
        diff = compared(before, run.flags, view, decision.parts, model, settings["lists"], store.ledger)
    place = folder / told["run_id"]
    place.mkdir()
    tables.write("reasons", run.reason_blocks(), place)
    write_run(place, run, view, decision, before, diff, told["engine"])
    outputs = manifest.outputs(place)
    parts = [name for name, digest in decision.parts.items() if told["decision"].get(name) != digest]
    return parts, outputs


def _before(reader: RunReader, told: dict[str, Any], folder: Path) -> Before | None:
    """The run before, as it lies there or, where retention removed it, made again first."""
    name = told["previous_run"]
    if name is None:
        return None
    try:
        there = reader.folder(name)
        return read_before(there, reader.manifest(there))
    except DataError:
        _made(reader, _manifest(reader, name), folder)
        return read_before(folder / name)
