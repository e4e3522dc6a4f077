"""What a delivery is: raw cells of one table, with the file and row each of them came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MALFORMED = "(cells)"
"""Column that readers add where a row does not fit its header: what is wrong with the row, else missing."""


Top = tuple[tuple[int, tuple[str, ...]], ...]
"""The first rows of a file as they stand, each with its number: a header may be among them."""


@dataclass(frozen=True)
class File:
    """One delivered file (or frame, or database table: no hash), for the manifest.

    ``encoding``: how its text was read, as guessed from the bytes (``utf-8``, ``gb18030``, ``utf-16``). ``filtered``: rows that
    ``where`` of a mapping left out, as far as they are counted file by file.
    """

    name: str
    rows: int
    sha256: str = ""
    encoding: str = ""
    filtered: int = 0


@dataclass(frozen=True)
class Delivery:
    """One table as delivered: raw cells, the files they came from, and the row of each within its file (1-based)."""

    frame: pd.DataFrame
    files: tuple[File, ...]
    origin: NDArray[np.int64] | None = field(default=None, repr=False)
    left_out: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64), repr=False)
    """Delivered positions of the rows that a mapping left out."""
    top: Top = field(default=(), repr=False)

    @property
    def read(self) -> int:
        """Rows that were read: those of the frame and those a mapping left out."""
        return len(self.frame) + len(self.left_out)

    def source_and_row(self, positions: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """File name and 1-based data row of some positions of the frame."""
        where = positions if self.origin is None else self.origin[positions]
        starts = np.cumsum([0, *(file.rows for file in self.files)])
        which = np.searchsorted(starts, where, side="right") - 1
        names = np.array([file.name for file in self.files], dtype=object)
        return names[which], where - starts[which] + 1

    def picked(self, frame: pd.DataFrame, origin: NDArray[np.int64], left_out: NDArray[np.int64]) -> Delivery:
        """The same delivery, rewritten by a mapping: ``origin[i]`` is the delivered position of row i."""
        if self.origin is not None:
            origin, left_out = self.origin[origin], self.origin[left_out]
        return Delivery(frame, self.files, origin, left_out, self.top)
