"""Finished work of a run that is not published yet, kept under its run id so that a rerun goes on where it stopped.

The run id is the digest of everything a result depends on, so what lies under it can only be the same work. Each piece
is written aside and renamed, with its digest beside it; a piece that does not hold is made again. What is read back is
used in every run, interrupted or not, so that both take the same way.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..records import disk
from ..records.parquet import read_parquet
from .manifest import sha256


@dataclass(frozen=True)
class Stages:
    """Pieces of work below a folder; without a folder nothing is kept."""

    folder: Path | None

    def frame(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """A frame as made before, or made now and kept; index, categories and lists come back as they were."""
        if self.folder is None:
            return make()
        path = self.folder / f"{name}.parquet"
        if not _holds(path, path.with_suffix(".sha256")):
            self._keep(path, make(), name)
        return _lists(read_parquet(path.read_bytes()))

    def file(self, path: Path, write: Callable[[], object]) -> None:
        """A file outside of the folder (a published table being staged), written before or now."""
        seal = None if self.folder is None else self.folder / f"{path.name}.sha256"
        if seal is None or not _holds(path, seal):
            write()
            if seal is not None:
                disk.put(seal, sha256(path).encode("ascii"), f"seal-{path.name}")

    def _keep(self, path: Path, frame: pd.DataFrame, name: str) -> None:
        sink = io.BytesIO()
        frame.to_parquet(sink)
        disk.put(path, sink.getvalue(), f"stage-{name}")
        disk.put(path.with_suffix(".sha256"), sha256(path).encode("ascii"), f"seal-{name}")


def _holds(path: Path, seal: Path) -> bool:
    return path.is_file() and seal.is_file() and seal.read_text(encoding="ascii", errors="replace") == sha256(path)


def _lists(frame: pd.DataFrame) -> pd.DataFrame:
    """Lists as lists (parquet gives them back as arrays)."""
    for name in frame.columns:
        cells = frame[name]
        if cells.dtype == object and len(cells) and hasattr(cells.iloc[0], "tolist"):
            frame[name] = pd.Series([list(cell) for cell in cells], index=cells.index, dtype=object)
    return frame
