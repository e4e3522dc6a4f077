"""The arrays that a sweep reads and fills; `plan` makes the first, `kernel` reads them, `compute` names what it found."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Unsigned = NDArray[np.uint64]

NOTHING = np.iinfo(np.int64).min
"""Largest value of no row."""


class Days(NamedTuple):
    """The as-of days, and for each day from the first to the last the place of the first as-of day not before it."""

    day: Ints
    place: Small


class Table(NamedTuple):
    """Packed rows: a line a clock in ``events``, a line an ``until`` in ``ends``, a line a column in ``values``."""

    offsets: Ints
    since: Small
    events: Small
    ends: Small
    kind: Small
    values: Ints


class Spans(NamedTuple):
    """When rows count: line of ``events``, line of ``ends``, and window in days (0: none).

    Spans of one *nest* differ in their window only. They follow each other, the widest first: a row that one of them does
    not see, none of those after it sees. ``nest``: where each nest begins, and where the last one ends.
    """

    clock: Ints
    end: Ints
    window: Ints
    nest: Ints


class Tally(NamedTuple):
    """Ingredients fed row by row, in *chains*: the same rows and the same value, in spans of one nest, the widest first.

    ``span`` of each ingredient; ``first`` ingredient of each chain (and one past the last); line of ``value`` of each chain
    (or -1: rows are counted). Rows of a kind feed in a nest ``chain[start[place]:start[place + 1]]``, where ``place`` is
    ``kind * nests + nest``.
    """

    span: Ints
    first: Ints
    value: Ints
    start: Ints
    chain: Ints


class Words(NamedTuple):
    """Columns of words, a line each; how many words each has, what kinds of rows are asked for, from what day on."""

    code: Small
    size: Ints
    member: Bools
    since: Ints


class Spreads(NamedTuple):
    """Spreads over words, in chains as in `Tally`; ``value`` (or -1) of each spread.

    Of each chain: ``first`` spread, the kinds of rows that take part, and the line of words.
    """

    span: Ints
    value: Ints
    first: Ints
    member: Bools
    by: Ints


class Walks(NamedTuple):
    """Ingredients that need the rows in order: kinds that take part, kinds that bring money in, span, value (or -1)."""

    member: Bools
    part: Bools
    span: Ints
    value: Ints
    operation: Ints


class Ranked(NamedTuple):
    """Newest rows: line of values that ranks, and the ingredient whose rank a ``back`` is counted from (or -1).

    ``sorted``: the rank is the day by which the rows are sorted.
    """

    member: Bools
    span: Ints
    rank: Ints
    back: Ints
    base: Ints
    sorted: Bools


class Plan(NamedTuple):
    """Everything a sweep of one table needs beside the as-of days."""

    table: Table
    spans: Spans
    totals: Tally
    greatest: Tally
    ranked: Ranked
    spreads: Spreads
    walks: Walks
    words: Words


class Answers(NamedTuple):
    """What a sweep found, organisation by ingredient by day; of a spread the number of words, concentration, top share."""

    totals: Ints
    greatest: Ints
    newest: Ints
    spreads: Floats
    walks: Floats


class Room(NamedTuple):
    """Working memory, used for one organisation after the other; what is noted here is taken out again.

    ``leave``: place at which the row at hand leaves each span. ``entered``, ``left``: what totals gain and lose, by place.
    ``peaks``: largest values of 2**level days from a place on; ``level``: that of the longest such stretch within a range.
    ``unspent``: money not yet passed on, by row.
    """

    leave: Ints
    entered: Ints
    left: Ints
    peaks: Ints
    level: Ints
    unspent: Ints


class Notes(NamedTuple):
    """Working memory for spreads: ``slots`` has the place of each word, by line of words.

    What changes, by spread and place: the number of words, their whole value, the sum of its squares (128 bits); and the
    largest word. Of the word at hand: its ``rows`` and where each ``enters``, how far what enters at a place will
    ``reach``, by how much the value changes (``amount``).
    """

    slots: Small
    words: Ints
    whole: Ints
    high: Unsigned
    low: Unsigned
    largest: Ints
    rows: Ints
    enters: Ints
    reach: Ints
    amount: Ints


def no_answers(organisations: int, days: int, plan: Plan) -> Answers:
    """Answers before the sweep: nothing found yet."""
    return Answers(
        np.zeros((organisations, plan.totals.span.size, days), np.int64),
        np.full((organisations, plan.greatest.span.size, days), NOTHING, np.int64),
        np.full((organisations, plan.ranked.span.size, days), -1, np.int64),
        np.full((organisations, plan.spreads.span.size, 3, days), np.nan),
        np.full((organisations, plan.walks.span.size, days), np.nan),
    )


def working_memory(rows: int, days: int, plan: Plan) -> tuple[Room, Notes]:
    """Working memory for organisations of at most so many rows."""
    level = np.array([max(length.bit_length() - 1, 0) for length in range(days + 1)], np.int64)
    totals, greatest, spreads = plan.totals.span.size, plan.greatest.span.size, plan.spreads.span.size
    room = Room(
        np.zeros(plan.spans.window.size, np.int64),
        np.zeros((totals, days), np.int64),
        np.zeros((totals, days + 1), np.int64),
        np.full((greatest, level[-1] + 1, days), NOTHING, np.int64),
        level,
        np.zeros(rows, np.int64),
    )
    notes = Notes(
        np.full((plan.words.size.size, plan.words.size.max(initial=0)), -1, np.int32),
        np.zeros((spreads, days + 1), np.int64),
        np.zeros((spreads, days + 1), np.int64),
        np.zeros((spreads, days + 1), np.uint64),
        np.zeros((spreads, days + 1), np.uint64),
        np.zeros((spreads, days), np.int64),
        np.zeros(rows, np.int64),
        np.zeros(rows, np.int64),
        np.zeros(days + 1, np.int64),
        np.zeros(days + 1, np.int64),
    )
    return room, notes
