"""Records of several rows in one bucket: each row stands until the next one of its key is recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..versions import OPEN
from .block import Block
from .layout import MICROSECONDS_A_DAY

Ints = NDArray[np.int64]
Days = NDArray[np.int32]
Standing = tuple[Ints, Days, Days]
"""Rows, the first day on which each stands, the first day on which no longer."""

OPEN_DAY = OPEN.astype("datetime64[D]").astype(np.int32)


@dataclass(frozen=True)
class Versions:
    """Rows of a block whose keys occur several times.

    ``odd``: rows of keys about which days alone say nothing: two rows of one moment (a repetition or a conflict), rows of
    different organisations, and whatever else the caller knows to be odd.
    """

    rows: Ints
    days: Days
    until: Days
    odd: NDArray[np.bool_]

    @classmethod
    def of(cls, block: Block, rows: Ints, odd: NDArray[np.bool_]) -> Versions:
        """The rows, in the order given, with the day of the next row of the same key."""
        key = np.asarray(block["key"].take(pa.array(rows)).dictionary_encode().indices)
        moment, owner = block["recorded_at"][rows], block.owner[rows]
        order = np.lexsort((moment, key))
        follows = key[order][1:] == key[order][:-1]
        clash = follows & ((moment[order][1:] == moment[order][:-1]) | (owner[order][1:] != owner[order][:-1]))
        strange = np.bincount(key[order][1:][clash], minlength=len(rows)) + np.bincount(key[odd], minlength=len(rows))
        days = (moment // MICROSECONDS_A_DAY).astype(np.int32)
        until = np.full(len(rows), OPEN_DAY, np.int32)
        until[order[:-1][follows]] = days[order[1:][follows]]
        until[block["voided"][rows] == 1] = np.iinfo(np.int32).min  # a retraction never stands
        return cls(rows, days, until, strange[key] > 0)

    def standing(self, first: Days, last: Days) -> Standing:
        """When the rows that are not odd stand, within the days on which their organisation is known."""
        since, until = np.maximum(self.days, first), np.minimum(self.until, last)
        stands = (since < until) & ~self.odd
        return self.rows[stands], since[stands].astype(np.int32), until[stands].astype(np.int32)
