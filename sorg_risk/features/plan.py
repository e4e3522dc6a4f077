"""From ingredients to the arrays the kernel sweeps: which rows feed which ingredient, decided once per kind of row.

Every column that a condition names falls into a few cases (the combinations of conditions its cell satisfies). A row's
*kind* is the combination of its cases over all columns; what a row feeds depends on its kind alone. So a row costs one
look-up and the additions it really takes part in, however many features are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..records.packed import CLOCKS, Cells, Numbers, Packed, Words
from . import kernel
from .derived import cells
from .ingredients import KNOWN, Condition, Greatest, Ingredient, Reading, Rows, Span, Spread, Total, Walk

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
SPREADS = {"distinct": kernel.DISTINCT, "hhi": kernel.HHI, "top_share": kernel.TOP_SHARE}
_WALKS = {
    "gap": kernel.GAP,
    "burst": kernel.BURST,
    "revival": kernel.REVIVAL,
    "pass_through": kernel.PASS_THROUGH,
}
_MOST_KINDS = 2**24
_LONG_AGO = -(2**31)
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
    """Kind of each row, and for each kind (row of ``meets``) the conditions it satisfies (``names``, by column)."""

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


class Planner:
    """Numbers what the ingredients of one table name: clocks, ends, spans, columns of values and of words."""

    def __init__(self, packed: Packed, asked: Sequence[Ingredient]) -> None:
        self.packed = packed
        self.kinds = kinds_of(packed, [rows for one in asked for rows in _rows_of(one)])
        self.totals = [one for one in asked if isinstance(one, Total)]
        self.greatest = [one for one in asked if isinstance(one, Greatest)]
        self.spreads = [one for one in asked if isinstance(one, Spread)]
        self.walks = [one for one in asked if isinstance(one, Walk)]
        self.readings = [one for one in asked if isinstance(one, Reading)]
        self.ranked = _in_turn(self.readings)
        spans = sorted({one.rows.span for one in asked}, key=_widest_first)
        self._spans = {span: place for place, span in enumerate(spans)}
        self._clocks = {name: line for line, name in enumerate(dict.fromkeys(span.clock for span in spans))}
        self._ends = {name: line for line, name in enumerate(dict.fromkeys(span.until for span in spans))}
        self._nests = np.array([self._clocks[one.clock] * len(self._ends) + self._ends[one.until] for one in spans])
        self._values: dict[tuple[str, int], int] = {}
        self._words: dict[str, int] = {}
        self.group: dict[Spread, int] = {}
        """Group of each spread."""

    @property
    def width(self) -> int:
        """Answers for each organisation and day."""
        parts: tuple[Sized, ...] = (self.totals, self.greatest, self.ranked, self.spreads, self.walks)
        return sum(map(len, parts))

    def plan(self, days: Ints) -> kernel.Plan:
        """The arrays of the plan for some as-of days."""
        totals = self._tally([(one.rows, self._value(one.value)) for one in self.totals])
        greatest = self._tally([(one.rows, self._value(one.value, one.sign)) for one in self.greatest])
        ranked, spreads, walks = self._ranked(), self._spread_groups(), self._walk_groups()
        words = self._word_table(spreads, int(days[0]))
        return kernel.Plan(self._table(), self._span_table(), totals, greatest, ranked, spreads, walks, words)

    def _tally(self, items: list[tuple[Rows, int]]) -> kernel.Tally:
        member = self._member([rows for rows, _ in items])
        span = np.array([self._spans[rows.span] for rows, _ in items], dtype=np.int64)
        order = np.argsort(span, kind="stable")
        kind, place = np.nonzero(member[order].T) if len(items) else (np.zeros(0, np.int64), np.zeros(0, np.int64))
        start = np.searchsorted(kind, np.arange(self.kinds.size + 1)).astype(np.int64)
        item = order[place].astype(np.int64)
        value = np.array([line for _, line in items], dtype=np.int64)
        return kernel.Tally(start, item, _beyond(kind, self._nests[span[item]]), span, value)

    def _ranked(self) -> kernel.Ranked:
        base = [self.ranked.index((*one[:2], 0)) if one[2] else -1 for one in self.ranked]
        return kernel.Ranked(
            self._member([rows for rows, _, _ in self.ranked]),
            np.array([self._spans[rows.span] for rows, _, _ in self.ranked], dtype=np.int64),
            np.array([self._value(rank) for _, rank, _ in self.ranked], dtype=np.int64),
            np.array([back for _, _, back in self.ranked], dtype=np.int64),
            np.array(base, dtype=np.int64),
            np.array([rank == rows.span.clock == CLOCKS[rows.table] for rows, rank, _ in self.ranked], dtype=bool),
        )

    def _spread_groups(self) -> kernel.Groups:
        """One group for all spreads of the same rows over the same words, the widest span first."""
        member = dict(zip(self.spreads, self._member([one.rows for one in self.spreads])))
        groups: dict[tuple[bytes, Span, str], str] = {}
        for one in sorted(self.spreads, key=lambda one: (self._spans[one.rows.span], one.kind == "distinct")):
            same = (member[one].tobytes(), one.rows.span, one.by)
            self.group[one] = list(groups).index(same) if same in groups else len(groups)
            groups.setdefault(same, one.value)
        leaders = list(dict.fromkeys(groups))
        of_group = {self.group[one]: member[one] for one in self.spreads}
        return kernel.Groups(
            np.array([of_group[place] for place in range(len(groups))], dtype=bool).reshape(-1, self.kinds.size),
            np.zeros((0, 0), dtype=bool),
            np.array([self._spans[span] for _, span, _ in leaders], dtype=np.int64),
            np.array([self._value(value) for value in groups.values()], dtype=np.int64),
            np.array([self._word(by) for _, _, by in leaders], dtype=np.int64),
            np.array([self._wider(leaders, place) for place in range(len(leaders))], dtype=np.int64),
            np.zeros(0, dtype=np.int64),
        )

    def _wider(self, groups: list[tuple[bytes, Span, str]], place: int) -> int:
        """The group before this one that looks at the same rows in a wider window."""
        rows, span, by = groups[place]
        wider = [
            at
            for at, (other, whole, words) in enumerate(groups[:place])
            if (other, words) == (rows, by) and whole.of(0) == span.of(0)
        ]
        return max(wider, default=-1)

    def _walk_groups(self) -> kernel.Groups:
        count = len(self.walks)
        return kernel.Groups(
            self._member([one.rows for one in self.walks]),
            self._member([_rows_of(one)[-1] for one in self.walks]),
            np.array([self._spans[one.rows.span] for one in self.walks], dtype=np.int64),
            np.array([self._value(one.value) for one in self.walks], dtype=np.int64),
            np.zeros(count, dtype=np.int64),
            np.zeros(count, dtype=np.int64),
            np.array([_WALKS[one.kind] for one in self.walks], dtype=np.int64),
        )

    def _member(self, rows: list[Rows]) -> Bools:
        return np.array([self.kinds.of(one) for one in rows], dtype=bool).reshape(len(rows), self.kinds.size)

    def _value(self, name: str, sign: int = 1) -> int:
        return self._values.setdefault((name, sign), len(self._values)) if name else -1

    def _word(self, name: str) -> int:
        return self._words.setdefault(name, len(self._words))

    def _table(self) -> kernel.Table:
        packed, rows = self.packed, len(self.packed)
        events = np.empty((len(self._clocks), rows), np.int32)
        for name, line in self._clocks.items():
            events[line] = packed_days(packed, name)
        ends = np.empty((len(self._ends), rows), np.int32)
        for name, line in self._ends.items():
            until = packed_days(packed, name) if name else packed.known_until
            ends[line] = np.minimum(packed.known_until, until)
        values = np.empty((max(len(self._values), 1), rows), np.int64)
        for (name, sign), line in self._values.items():
            values[line] = sign * _numbers(packed, name)
        since = np.array(packed.known_from, dtype=np.int32)
        return kernel.Table(packed.offsets, since, events, ends, self.kinds.kind, values)

    def _span_table(self) -> kernel.Spans:
        lines = [(self._clocks[one.clock], self._ends[one.until], one.window) for one in self._spans]
        clock, end, window = np.array(lines, dtype=np.int64).reshape(-1, 3).T.copy()
        return kernel.Spans(clock, end, window, self._nests)

    def _word_table(self, spreads: kernel.Groups, first: int) -> kernel.Words:
        code = np.empty((len(self._words), len(self.packed)), np.int32)
        for name, line in self._words.items():
            code[line] = _words(self.packed, name).codes
        count = [len(_words(self.packed, name).vocabulary) for name in self._words]
        member = [spreads.member[spreads.by == line].any(axis=0) for line in range(len(count))]
        since = [self._earliest(name, first) for name in self._words]
        return kernel.Words(
            code,
            np.array(count, dtype=np.int64),
            np.array(member, dtype=bool).reshape(len(count), self.kinds.size),
            np.array(since, dtype=np.int64),
        )

    def _earliest(self, by: str, first: int) -> int:
        """First event day that any spread over these words can still see, by the first clock of the table."""
        spans = [one.rows.span for one in self.spreads if one.by == by]
        bounded = all(span.window and self._clocks[span.clock] == 0 for span in spans)
        return first - max(span.window for span in spans) + 1 if bounded else _LONG_AGO


def _beyond(kind: Ints, nest: Ints) -> Ints:
    """For each item the place where the items of its kind and nest end."""
    ends = np.flatnonzero(np.append((np.diff(kind) != 0) | (np.diff(nest) != 0), True)) + 1
    return np.repeat(ends, np.diff(np.append(0, ends)))


def _widest_first(span: Span) -> tuple[str, str, bool, int]:
    return span.clock, span.until, span.window > 0, -span.window


def _rows_of(one: Ingredient) -> tuple[Rows, ...]:
    return (one.rows, one.part) if isinstance(one, Walk) and one.part else (one.rows,)


def _in_turn(asked: Iterable[Reading]) -> list[tuple[Rows, str, int]]:
    """Newest rows wanted, each before those that count back from it."""
    found = {(one.rows, one.rank, back): None for one in asked for back in sorted({0, one.back})}
    return sorted(found, key=lambda one: one[2])


def packed_days(packed: Packed, name: str) -> NDArray[np.int32]:
    """A column of days by name, derived ones included."""
    from ..records.packed import days_of

    column = cells(packed, name)
    assert isinstance(column, Numbers), name
    return days_of(column)


def _numbers(packed: Packed, name: str) -> Ints:
    column = cells(packed, name)
    return column.values if isinstance(column, Numbers) else column.codes.astype(np.int64)


def _words(packed: Packed, name: str) -> Words:
    column = cells(packed, name)
    assert isinstance(column, Words), name
    return column
