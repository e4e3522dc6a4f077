"""From ingredients to the arrays the kernel sweeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..records.packed import CLOCKS, Numbers, Packed, Words, days_of
from . import arrays, kernel
from .derived import cells
from .ingredients import Greatest, Reading, RowIngredient, Rows, Span, Spread, Total, Walk
from .kinds import kinds_of

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Fed = TypeVar("Fed", Total, Greatest)

SPREADS = {"distinct": kernel.DISTINCT, "hhi": kernel.HHI, "top_share": kernel.TOP_SHARE}
_WALKS = {
    "gap": kernel.GAP,
    "burst": kernel.BURST,
    "revival": kernel.REVIVAL,
    "pass_through": kernel.PASS_THROUGH,
}
_LONG_AGO = -(2**31)


class Planner:
    """Numbers what the ingredients of one table name: clocks, ends, spans, columns of values and of words.

    ``totals``, ``greatest``, ``ranked``, ``walks``: what each line of the kernel's answers stands for.
    """

    def __init__(self, packed: Packed, asked: Sequence[RowIngredient]) -> None:
        self.packed = packed
        self.kinds = kinds_of(packed, [rows for one in asked for rows in _rows_of(one)])
        spans = sorted({one.rows.span for one in asked}, key=_widest_first)
        self._spans = {span: place for place, span in enumerate(spans)}
        self._nests = list(dict.fromkeys(span.of(0) for span in spans))
        self._clocks = {name: line for line, name in enumerate(dict.fromkeys(span.clock for span in spans))}
        self._ends = {name: line for line, name in enumerate(dict.fromkeys(span.until for span in spans))}
        self._values: dict[tuple[str, int], int] = {}
        self._words: dict[str, int] = {}
        self._summed = self._chains([one for one in asked if isinstance(one, Total)])
        self._raised = self._chains([one for one in asked if isinstance(one, Greatest)])
        self._spread = self._spread_chains([one for one in asked if isinstance(one, Spread)])
        self.totals = list(chain.from_iterable(self._summed))
        self.greatest = list(chain.from_iterable(self._raised))
        self.walks = [one for one in asked if isinstance(one, Walk)]
        self.readings = [one for one in asked if isinstance(one, Reading)]
        self.ranked = _in_turn(self.readings)
        self.spreads = {one: place for place, ones in enumerate(chain.from_iterable(self._spread)) for one in ones}
        """Place of each spread among the answers; several read different numbers from one place."""

    @property
    def width(self) -> int:
        """Answers for each organisation and day."""
        single = len(self.totals) + len(self.greatest) + len(self.ranked) + len(self.walks)
        return single + 3 * sum(map(len, self._spread))

    def plan(self, days: Ints) -> arrays.Plan:
        """The arrays of the plan for some as-of days."""
        totals = self._tally(self._summed, lambda one: self._value(one.value))
        greatest = self._tally(self._raised, lambda one: self._value(one.value, one.sign))
        ranked, spreads, walks = self._ranked(), self._spreads(), self._walks()
        words = self._word_table(spreads, int(days[0]))
        return arrays.Plan(self._table(), self._span_table(), totals, greatest, ranked, spreads, walks, words)

    def _chains(self, ones: list[Fed]) -> list[list[Fed]]:
        """The same rows and value in different windows are a chain, the widest first; chains of a nest stay together."""
        chains: dict[Fed, list[Fed]] = {}
        for one in sorted(ones, key=lambda one: self._spans[one.rows.span]):
            chains.setdefault(replace(one, rows=one.rows.within(0)), []).append(one)
        return list(chains.values())

    def _spread_chains(self, ones: list[Spread]) -> list[list[list[Spread]]]:
        """Chains as above; in a chain, those of one window and value stand in one place."""
        chains: dict[tuple[bytes, Span, str], dict[tuple[int, str], list[Spread]]] = {}
        for one in sorted(ones, key=lambda one: (self._spans[one.rows.span], one.kind == "distinct")):
            same_rows = self.kinds.of(one.rows).tobytes(), one.rows.span.of(0), one.by
            places, window = chains.setdefault(same_rows, {}), self._spans[one.rows.span]
            valued = [place for place in places if place[0] == window and one.value in ("", place[1])]
            places.setdefault(valued[0] if valued else (window, one.value), []).append(one)
        return [list(places.values()) for places in chains.values()]

    def _tally(self, chains: list[list[Fed]], value: Callable[[Fed], int]) -> arrays.Tally:
        nest = np.array([self._nests.index(ones[0].rows.span.of(0)) for ones in chains], dtype=np.int64)
        kind, place = np.nonzero(self._member([ones[0].rows for ones in chains]).T)
        places = np.arange(self.kinds.size * len(self._nests) + 1)
        return arrays.Tally(
            np.array([self._spans[one.rows.span] for one in chain.from_iterable(chains)], dtype=np.int64),
            _starts(chains),
            np.array([value(ones[0]) for ones in chains], dtype=np.int64),
            np.searchsorted(kind * len(self._nests) + nest[place], places).astype(np.int64),
            place.astype(np.int64),
        )

    def _spreads(self) -> arrays.Spreads:
        firsts = [ones[0] for ones in chain.from_iterable(self._spread)]
        leaders = [places[0][0] for places in self._spread]
        return arrays.Spreads(
            np.array([self._spans[one.rows.span] for one in firsts], dtype=np.int64),
            np.array([self._value(one.value) for one in firsts], dtype=np.int64),
            _starts(self._spread),
            self._member([one.rows for one in leaders]),
            np.array([self._word(one.by) for one in leaders], dtype=np.int64),
        )

    def _walks(self) -> arrays.Walks:
        return arrays.Walks(
            self._member([one.rows for one in self.walks]),
            self._member([_rows_of(one)[-1] for one in self.walks]),
            np.array([self._spans[one.rows.span] for one in self.walks], dtype=np.int64),
            np.array([self._value(one.value) for one in self.walks], dtype=np.int64),
            np.array([_WALKS[one.kind] for one in self.walks], dtype=np.int64),
        )

    def _ranked(self) -> arrays.Ranked:
        base = [self.ranked.index((*one[:2], 0)) if one[2] else -1 for one in self.ranked]
        return arrays.Ranked(
            self._member([rows for rows, _, _ in self.ranked]),
            np.array([self._spans[rows.span] for rows, _, _ in self.ranked], dtype=np.int64),
            np.array([self._value(rank) for _, rank, _ in self.ranked], dtype=np.int64),
            np.array([back for _, _, back in self.ranked], dtype=np.int64),
            np.array(base, dtype=np.int64),
            np.array([rank == rows.span.clock == CLOCKS[rows.table] for rows, rank, _ in self.ranked], dtype=bool),
        )

    def _member(self, rows: list[Rows]) -> Bools:
        return np.array([self.kinds.of(one) for one in rows], dtype=bool).reshape(len(rows), self.kinds.size)

    def _value(self, name: str, sign: int = 1) -> int:
        return self._values.setdefault((name, sign), len(self._values)) if name else -1

    def _word(self, name: str) -> int:
        return self._words.setdefault(name, len(self._words))

    def _table(self) -> arrays.Table:
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
            np.multiply(_numbers(packed, name), sign, out=values[line])
        since = np.array(packed.known_from, dtype=np.int32)
        return arrays.Table(packed.offsets, since, events, ends, self.kinds.kind, values)

    def _span_table(self) -> arrays.Spans:
        lines = [(self._clocks[one.clock], self._ends[one.until], one.window) for one in self._spans]
        clock, end, window = np.array(lines, dtype=np.int64).reshape(-1, 3).T.copy()
        nest = [self._nests.index(one.of(0)) for one in self._spans]
        return arrays.Spans(clock, end, window, np.searchsorted(nest, np.arange(len(self._nests) + 1)).astype(np.int64))

    def _word_table(self, spreads: arrays.Spreads, first: int) -> arrays.Words:
        code = np.empty((len(self._words), len(self.packed)), np.int32)
        for name, line in self._words.items():
            code[line] = _words(self.packed, name).codes
        count = [len(_words(self.packed, name).vocabulary) for name in self._words]
        member = [spreads.member[spreads.by == line].any(axis=0) for line in range(len(count))]
        since = [self._earliest(name, first) for name in self._words]
        return arrays.Words(
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


def _starts(chains: Sequence[Sequence[object]]) -> Ints:
    """Where each chain begins, and where the last one ends."""
    return np.cumsum([0, *map(len, chains)])


def _widest_first(span: Span) -> tuple[str, str, bool, int]:
    return span.clock, span.until, span.window > 0, -span.window


def _rows_of(one: RowIngredient) -> tuple[Rows, ...]:
    return (one.rows, one.part) if isinstance(one, Walk) and one.part else (one.rows,)


def _in_turn(asked: Iterable[Reading]) -> list[tuple[Rows, str, int]]:
    """Newest rows wanted, each before those that count back from it."""
    found = {(one.rows, one.rank, back): None for one in asked for back in sorted({0, one.back})}
    return sorted(found, key=lambda one: one[2])


def packed_days(packed: Packed, name: str) -> NDArray[np.int32]:
    """A column of days by name, derived ones included."""
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
