"""In which order rows were delivered: runs of ordinals, each a first ordinal and a length.

A delivery that repeats the rows of the night before in their old order is one run a table, however long; a row put in
between splits it in two. So every night is kept exactly, place by place, for a few numbers.

>>> runs = Runs.of(np.array([7, 8, 9, 3, 4, 9]))
>>> runs.first.tolist(), runs.length.tolist(), runs.ordinals().tolist()
([7, 3, 9], [3, 2, 1], [7, 8, 9, 3, 4, 9])
>>> runs.contains(np.array([2, 3, 5, 9])).tolist()
[False, True, False, True]

A place whose row a mapping left out has an ordinal from `NOWHERE` on, which no row has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
NOWHERE = -(2**62)
"""The ordinal of the first row of a file where it is left out; those of the rows behind it follow."""


@dataclass(frozen=True)
class Runs:
    """Runs in the order of delivery."""

    first: Ints
    length: Ints

    @classmethod
    def of(cls, ordinals: Ints) -> Runs:
        """Runs of ordinals as they were delivered."""
        starts = np.flatnonzero(np.diff(ordinals, prepend=ordinals[0] - 2 if len(ordinals) else 0) != 1)
        return cls(ordinals[starts], np.diff(np.append(starts, len(ordinals))))

    @classmethod
    def counted(cls, first: int, length: int) -> Runs:
        """One run."""
        return cls(np.array([first][:length], np.int64), np.array([length][:length], np.int64))

    @classmethod
    def joined(cls, parts: Iterable[Runs]) -> Runs:
        """One delivery after the other; runs that continue each other become one."""
        kept = [part for part in parts if len(part.first)]
        if not kept:
            return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))
        first = np.concatenate([part.first for part in kept])
        length = np.concatenate([part.length for part in kept])
        begins = np.append(True, first[1:] != first[:-1] + length[:-1])
        return cls(first[begins], np.add.reduceat(length, np.flatnonzero(begins)))

    def __len__(self) -> int:
        return int(self.length.sum())

    def ordinals(self) -> Ints:
        """The ordinal delivered at each place."""
        ends = np.cumsum(self.length)
        places = np.arange(len(self), dtype=np.int64)
        return np.asarray(places + np.repeat(self.first - (ends - self.length), self.length))

    def slice(self, start: int, stop: int) -> Runs:
        """What was delivered at the places ``start <= place < stop``."""
        ends = np.cumsum(self.length)
        low, high = np.maximum(ends - self.length, start), np.minimum(ends, stop)
        kept = low < high
        return Runs((self.first + low - (ends - self.length))[kept], (high - low)[kept])

    def places(self, ordinals: Ints) -> tuple[Ints, Ints]:
        """Every place at which any of some ordinals (ascending, each once) was delivered: which one, and the place.

        >>> which, place = Runs.of(np.array([7, 8, 9, 3, 4, 9])).places(np.array([3, 9]))
        >>> which.tolist(), place.tolist()
        ([1, 0, 1], [2, 3, 5])
        """
        low = np.searchsorted(ordinals, self.first)
        some = Runs(low, np.searchsorted(ordinals, self.first + self.length) - low)
        which = some.ordinals()
        shift = np.cumsum(self.length) - self.length - self.first
        return which, ordinals[which] + np.repeat(shift, some.length)

    def intervals(self) -> tuple[Ints, Ints]:
        """Ordinals of rows delivered at all, as disjoint [start, stop) in order."""
        order = np.argsort(self.first, kind="stable")
        order = order[self.first[order] >= 0]
        start, stop = self.first[order], np.maximum.accumulate((self.first + self.length)[order])
        begins = np.append(True, start[1:] > stop[:-1])[: len(start)]
        ends = np.append(begins[1:], True)[: len(start)]
        return start[begins], stop[ends]

    def contains(self, ordinals: Ints) -> NDArray[np.bool_]:
        """Which ordinals were delivered."""
        start, stop = self.intervals()
        if not len(start):
            return np.zeros(len(ordinals), dtype=bool)
        at = np.searchsorted(start, ordinals, side="right") - 1
        return np.asarray((at >= 0) & (ordinals < stop[np.maximum(at, 0)]), dtype=bool)
