"""A published run, as `nightly` gives it back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from .run_reader import read_table
from .store import manifest_of


@dataclass(frozen=True)
class Published:
    """A published run: where it lies, and whether it was there already.

    ``costs``: wall and processor seconds and peak megabytes per stage; about the machine, no part of the result.
    """

    folder: Path
    run_id: str
    as_of: dt.date
    unchanged: bool = True
    warnings: tuple[str, ...] = ()
    costs: dict[str, dict[str, float]] = field(default_factory=dict, compare=False)

    def table(self, name: str) -> pd.DataFrame:
        """One of its tables: scores, flags, reasons, quarantine. Raises `DataError` where it is not as it was published."""
        return read_table(self.folder, self.manifest, name)

    @property
    def manifest(self) -> dict[str, Any]:
        """What the run rests on, and the digests of its files."""
        return manifest_of(self.folder)

    @property
    def report(self) -> Path:
        """The page people look at."""
        return self.folder / "report.html"
