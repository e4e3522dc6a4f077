"""Published runs for readers: nothing is shown before its digest holds, against the manifest and the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd

from ..errors import DataError
from ..records.parquet import read_parquet
from . import audit, commitments
from .manifest import sha256
from .store import MANIFEST, Store, manifest_at, manifest_of

_CURE: Final = "`sorg-risk verify` tells more; restore it from a copy."


class RunReader:
    """Reads the runs of an output folder whose audit log holds. Raises `DataError` naming whatever does not."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._records = self._load()

    def _load(self) -> dict[str, commitments.RunRecord]:
        audit.demand(self.store.audit)
        return commitments.runs(audit.entries(self.store.audit))

    def folder(self, run: str | None = None) -> Path:
        """The folder of a run by id, day or name; None: the current run."""
        return self.store.run(run)

    def manifest(self, folder: Path) -> dict[str, Any]:
        """The manifest of a run, as the audit log has it."""
        content = manifest_of(folder)
        self._demand(self.store.named(folder), folder / MANIFEST)
        return content

    def kept_manifest(self, name: str) -> dict[str, Any]:
        """The copy of the manifest of a run that may have been removed, as the audit log has it."""
        path = self.store.kept_manifest(name)
        content = manifest_at(path, "Restore the ledger from a copy.")
        self._demand(name, path)
        return content

    def table(self, folder: Path, name: str) -> pd.DataFrame:
        """A parquet table of a run."""
        return read_table(folder, self.manifest(folder), name)

    def removed(self, wanted: str) -> list[str]:
        """Runs that were published once and are gone, by id, day or name."""
        return [
            name
            for name in self._records
            if wanted in (name, name.split("/")[1], name.split("/")[2]) and not (self.store.out / name).is_dir()
        ]

    def _demand(self, name: str, path: Path) -> None:
        """Raises unless a manifest is the one that the log names; before there was a log, none is named."""
        if name not in self._records:
            self._records = self._load()  # published a moment ago
        if name not in self._records:
            if self.store.version() == 1 and not self.store.audit.exists():
                return
            raise DataError.unreadable(path, "it was never written to the audit log", _CURE)
        if sha256(path) != self._records[name].manifest:
            raise DataError.unreadable(path, "it is not the manifest that was published", _CURE)


def read_table(folder: Path, manifest: dict[str, Any], name: str, org_id: str | None = None) -> pd.DataFrame:
    """A parquet table of a run whose manifest is known to hold, or its rows of one organisation.

    The bytes that are parsed are the bytes that were hashed.
    """
    content = read_output(folder, manifest, f"{name}.parquet")
    return read_parquet(content, org_id)


def read_output(folder: Path, manifest: dict[str, Any], file: str) -> bytes:
    """The bytes of a file of a run, after its digest held."""
    path = folder / file
    if not path.is_file():
        raise DataError.missing(file, folder, _CURE)
    content = path.read_bytes()
    if sha256(content) != manifest["outputs"].get(file):
        raise DataError.unreadable(path, "it is not as it was published", _CURE)
    return content
