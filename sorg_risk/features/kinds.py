"""Kinds of rows: which conditions a row satisfies, decided once for all ingredients.

Every column that a condition names falls into a few cases (the combinations of conditions its cell satisfies). A row's
*kind* is the combination of its cases over all columns; what a row feeds depends on its kind alone. So a row costs one
look-up and the additions it really takes part in, however many features are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..records.packed import Cells, Numbers, Packed, Words
from . import kernel
from .derived import cells
from .ingredients import KNOWN, Condition, Rows

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_COMPARE: Mapping[str, Callable[[Ints, int], Bools]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "!=": np.not_equal,
    "==": np.equal,
}
_MOST_KINDS = 2**24
_FULL = 255
_FEW = 4


def satisfied(column: Cells, wanted: Condition) -> Bools:
    """Cells of a column that satisfy a condition; an empty cell satisfies none."""
    if isinstance(column, Numbers):
        if wanted == KNOWN:
            return column.valid
        assert isinstance(wanted, tuple)
        met: Bools = column.valid & _COMPARE[wanted[0]](column.values, round(wanted[1] * column.scale))
        return met
    found: Bools = np.append(_words_satisfied(column, wanted), False)[column.codes]
    return found


def _words_satisfied(column: Words, wanted: Condition) -> Bools:
    """For each word of the vocabulary whether it satisfies a condition."""
    vocabulary = column.vocabulary if isinstance(column.vocabulary, tuple) else column.vocabulary.to_pylist()
    if wanted == KNOWN:
        return np.ones(len(vocabulary), dtype=bool)
    words = {str(wanted).lower()} if isinstance(wanted, str | bool) else set(wanted)
    return np.array([word in words for word in vocabulary], dtype=bool)


def rows_satisfying(packed: Packed, rows: Rows) -> Bools:
    """Which rows of a packed table satisfy the conditions of an ingredient, whatever the day."""
    keep = np.ones(len(packed), dtype=bool)
    for name, wanted in rows.where:
        keep &= satisfied(cells(packed, name), wanted)
    return keep


@dataclass(frozen=True)
class Kinds:
    """Kind of each row; for each condition (column, what is wanted) the kinds that meet it; and how many kinds there are."""

    kind: NDArray[np.int32]
    meets: Mapping[tuple[str, Condition], Bools]
    size: int

    def of(self, rows: Rows) -> Bools:
        """Kinds of rows that satisfy all conditions of an ingredient."""
        keep = np.ones(self.size, dtype=bool)
        for condition in rows.where:
            keep &= self.meets[condition]
        return keep


def kinds_of(packed: Packed, asked: Iterable[Rows]) -> Kinds:
    """Sorts the rows into kinds by all conditions of the ingredients asked for."""
    conditions: dict[str, dict[Condition, None]] = {}
    for rows in asked:
        for name, wanted in rows.where:
            conditions.setdefault(name, {})[wanted] = None
    cases = {name: _Cases.of(cells(packed, name), tuple(wanted)) for name, wanted in conditions.items()}
    sizes = [len(case.meets) for case in cases.values()]
    strides = [int(np.prod(sizes[line + 1 :], dtype=np.int64)) for line in range(len(sizes))]
    size = int(np.prod(sizes, dtype=np.int64))
    assert size <= _MOST_KINDS, f"{packed.table}: {size} kinds of rows"
    telling = [(case, stride) for case, stride in zip(cases.values(), strides) if len(case.meets) > 1]
    coded = np.empty((len(telling), len(packed)), dtype=np.uint8)
    weights = np.zeros((len(telling), 256), dtype=np.int32)
    for line, (case, stride) in enumerate(telling):
        coded[line], weights[line] = case.codes, case.case * stride
    kind, there = kernel.kinds(coded, weights, size)
    seen = np.flatnonzero(there) if len(packed) else np.zeros(1, np.int64)
    meets: dict[tuple[str, Condition], Bools] = {}
    for (name, case), stride in zip(cases.items(), strides):
        at = seen // stride % len(case.meets)
        for place, wanted in enumerate(conditions[name]):
            meets[name, wanted] = case.meets[at, place]
    return Kinds(kind, meets, len(seen))


@dataclass(frozen=True)
class _Cases:
    """Cells of a column as small codes, the case of each code, and the conditions each case satisfies."""

    codes: NDArray[np.uint8]
    case: NDArray[np.int32]
    meets: Bools

    @classmethod
    def of(cls, column: Cells, wanted: tuple[Condition, ...]) -> _Cases:
        if isinstance(column, Words) and len(column.vocabulary) < _FULL:
            each = [np.append(_words_satisfied(column, one), False) for one in wanted]
            meets, case = np.unique(np.stack(each, axis=1), axis=0, return_inverse=True)
            table = np.full(256, case[-1], dtype=np.int32)
            table[: len(case) - 1] = case[:-1]
            return cls(column.codes.astype(np.int8, copy=False).view(np.uint8), table, meets)
        met = [satisfied(column, one) for one in wanted]
        if all(one.all() for one in met):
            return cls(np.zeros(0, np.uint8), np.zeros(256, np.int32), np.ones((1, len(wanted)), dtype=bool))
        bits = np.zeros(len(met[0]), dtype=np.int64)
        for place, one in enumerate(met):
            bits |= one.astype(np.int64) << place
        seen, codes = np.arange(1 << min(len(wanted), _FEW)), bits
        if len(wanted) > _FEW:
            seen, codes = np.unique(bits, return_inverse=True)
        meets = (seen[:, None] >> np.arange(len(wanted))) & 1 == 1
        return cls(codes.astype(np.uint8), np.arange(256, dtype=np.int32), meets)
