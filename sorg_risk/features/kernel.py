"""The window kernel: one pass over an organisation's rows answers all as-of days at once.

A row counts on a contiguous range of days ``enter <= k < leave`` (places in the sorted days). Sums and counts add at
``enter``, subtract at ``leave``, and a running sum over the days gives every answer; distinct words and concentration do
the same word by word; maxima and newest rows fill the range. Late rows need no special case: ``enter`` comes from the
later of the two clocks. Everything is whole numbers until the last division, so neither the order of rows nor their
neighbours can move a result.

One file on purpose: a compiled function is cached on disk and compiled anew when its own file changes, not when a function
that it calls changes in another file. Read `sweep` first; what it calls follows in its order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
F = TypeVar("F", bound=Callable[..., Any])

NEVER = np.iinfo(np.int32).max
NOTHING = np.iinfo(np.int64).min
"""Largest value of no row."""

DISTINCT, HHI, TOP_SHARE = range(3)
GAP, BURST, REVIVAL, PASS_THROUGH = range(4)
BURST_DAYS = 30
QUIET_DAYS = 90
PASS_DAYS = 5
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_at = np.uint64
"""An index known to be no negative number: where it matters, a fifth quicker than one that might count from the end."""
_ONE = np.uint64(1)
_WORD = float(2**64)


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
    """Working memory, used for one organisation after the other; what is noted here is left as it was found.

    ``leave``: place at which the row at hand leaves each span. ``entered``, ``left``: what totals gain and lose, by place.
    ``peaks``: largest values of 2**level days from a place on; ``level``: that of the longest such stretch within a range.
    ``left_over``: money not yet passed on, by row. ``slots``: place of each word, by line of words.
    """

    leave: Ints
    entered: Ints
    left: Ints
    peaks: Ints
    level: Ints
    left_over: Ints
    slots: Small


def compiled(function: F) -> F:
    """Compiled by numba on first use, kept on disk, run without Python's lock."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))


@compiled
def kinds(cells: NDArray[np.uint8], weights: Small, size: int) -> tuple[Small, Bools]:
    """The kind of each row: its cells through ``weights``, added up; then numbered anew by the kinds that occur."""
    kind, there = np.zeros(cells.shape[1], np.int32), np.zeros(size, np.bool_)
    for row in range(cells.shape[1]):
        for column in range(cells.shape[0]):
            kind[row] += weights[column, cells[column, row]]
        there[kind[row]] = True
    number = np.cumsum(there) - 1
    for row in range(kind.size):
        kind[row] = number[kind[row]]
    return kind, there


@compiled
def _place(day: int, first: int, places: Small, count: int) -> int:
    """Place of the first as-of day not before ``day``."""
    at = day - first
    if at <= 0:
        return 0
    return int(places[at]) if at < places.size else count


@compiled
def sweep(first: int, last: int, days: Days, plan: Plan) -> Answers:
    """Answers for the organisations ``first <= i < last``."""
    table, spans, count, size = plan.table, plan.spans, days.day.size, last - first
    answers = Answers(
        np.empty((size, plan.totals.span.size, count), np.int64),
        np.empty((size, plan.greatest.span.size, count), np.int64),
        np.full((size, plan.ranked.span.size, count), -1, np.int64),
        np.empty((size, plan.spreads.span.size, 3, count), np.float64),
        np.full((size, plan.walks.span.size, count), np.nan),
    )
    room = _room(first, last, count, plan)
    for i in range(first, last):
        start, stop = table.offsets[i], table.offsets[i + 1]
        _tally(start, stop, table, days, spans, plan.totals, plan.greatest, room)
        _sum_up(plan.totals, room, answers.totals[i - first])
        _largest(room, answers.greatest[i - first])
        for item in range(plan.ranked.span.size if start < stop else 0):
            if plan.ranked.sorted[item]:
                _find(start, stop, item, table, days, spans, plan.ranked, answers.newest[i - first, item])
            else:
                _rank(start, stop, item, table, days, spans, plan.ranked, answers.newest[i - first])
        for walk in range(plan.walks.span.size if start < stop else 0):
            _walk(start, stop, walk, table, days, spans, plan.walks, room.left_over, answers.walks[i - first, walk])
        for line in range(plan.words.size.size):
            order, bounds = _by_word(start, stop, line, table, plan.words, room.slots[line])
            _spread(order, bounds, line, table, days, spans, plan.spreads, answers.spreads[i - first])
    return answers


@compiled
def _room(first: int, last: int, count: int, plan: Plan) -> Room:
    """Working memory for the largest of some organisations."""
    most = 0
    for i in range(first, last):
        most = max(most, plan.table.offsets[i + 1] - plan.table.offsets[i])
    level = np.zeros(count + 1, np.int64)
    for length in range(2, count + 1):
        level[length] = level[length // 2] + 1
    lines, totals = plan.words.size.size, plan.totals.span.size
    return Room(
        np.zeros(plan.spans.window.size, np.int64),
        np.zeros((totals, count), np.int64),
        np.zeros((totals, count + 1), np.int64),
        np.full((plan.greatest.span.size, level[count] + 1, count), NOTHING, np.int64),
        level,
        np.zeros(most if plan.walks.span.size else 0, np.int64),
        np.full((lines, plan.words.size.max() if lines else 0), -1, np.int32),
    )


@compiled
def _tally(
    start: int, stop: int, table: Table, days: Days, spans: Spans, totals: Tally, greatest: Tally, room: Room
) -> None:
    """Notes what each row feeds.

    Totals: where it enters the narrowest span that sees it (`_sum_up` tells the wider ones), and where it leaves each.
    Largest values: over the range between, which is two stretches of 2**level days that may overlap.
    """
    kinds_, since, events, ends, values = table.kind, table.since, table.events, table.ends, table.values
    clock, until, window, nest_at, nests = spans.clock, spans.end, spans.window, spans.nest, spans.nest.size - 1
    day, places, count = days.day[0], days.place, days.day.size
    total_at, total_chain, total_first = totals.start, totals.chain, totals.first
    total_span, total_value = totals.span, totals.value
    great_at, great_chain, great_first = greatest.start, greatest.chain, greatest.first
    great_span, great_value = greatest.span, greatest.value
    leave, entered, left, peaks, level = room.leave, room.entered, room.left, room.peaks, room.level
    for own in range(start, stop if total_chain.size + great_chain.size else start):
        row = _at(own)
        for nest in range(nests):
            place = _at(kinds_[row] * nests + nest)
            total, total_end = total_at[place], total_at[place + _ONE]
            great, great_end = great_at[place], great_at[place + _ONE]
            if total == total_end and great == great_end:
                continue
            seen = nest_at[nest]
            event, end = int(events[clock[seen], row]), int(ends[until[seen], row])
            enter = count if event == NEVER else _place(max(event, int(since[row])), day, places, count)
            while seen < nest_at[nest + 1]:
                stop_at = min(end, event + window[seen]) if window[seen] > 0 else end
                leave[seen] = _place(stop_at, day, places, count)
                if enter >= leave[seen]:
                    break
                seen += 1
            for at in range(total, total_end):
                chain = _at(total_chain[_at(at)])
                item, last = total_first[chain], total_first[chain + _ONE]
                if total_span[_at(item)] >= seen:
                    break
                value = values[_at(total_value[chain]), row] if total_value[chain] >= 0 else 1
                while item < last and total_span[_at(item)] < seen:
                    left[_at(item), _at(leave[_at(total_span[_at(item)])])] += value
                    item += 1
                entered[_at(item - 1), _at(enter)] += value
            for at in range(great, great_end):
                chain = _at(great_chain[_at(at)])
                item, last = great_first[chain], great_first[chain + _ONE]
                if great_span[_at(item)] >= seen:
                    break
                value = values[_at(great_value[chain]), row]
                while item < last and great_span[_at(item)] < seen:
                    ends_at = leave[_at(great_span[_at(item)])]
                    height = level[_at(ends_at - enter)]
                    head, tail = _at(enter), _at(ends_at - (1 << height))
                    peaks[_at(item), _at(height), head] = max(peaks[_at(item), _at(height), head], value)
                    peaks[_at(item), _at(height), tail] = max(peaks[_at(item), _at(height), tail], value)
                    item += 1


@compiled
def _sum_up(tally: Tally, room: Room, total: Ints) -> None:
    for chain in range(tally.value.size):
        for item in range(tally.first[chain + 1] - 1, tally.first[chain] - 1, -1):
            entered, left, so_far = room.entered[item], room.left[item], 0
            for k in range(total.shape[1]):
                so_far += entered[k] - left[k]
                total[item, k] = so_far
            if item > tally.first[chain]:
                room.entered[item - 1] += entered
            entered[:] = 0
            left[:] = 0


@compiled
def _largest(room: Room, largest: Ints) -> None:
    """Each stretch of days tells its two halves."""
    for item in range(largest.shape[0]):
        for level in range(room.peaks.shape[1] - 1, 0, -1):
            whole, half = room.peaks[item, level], room.peaks[item, level - 1]
            for k in range(whole.size - (1 << level) + 1):
                half[k] = max(half[k], whole[k])
                half[k + (1 << level - 1)] = max(half[k + (1 << level - 1)], whole[k])
            whole[:] = NOTHING
        largest[item] = room.peaks[item, 0]
        room.peaks[item, 0] = NOTHING


@compiled
def _rank(
    start: int, stop: int, item: int, table: Table, days: Days, spans: Spans, ranked: Ranked, newest: Ints
) -> None:
    """Rows are in order, so the last of equal rank stays."""
    member, base, back, span = ranked.member[item], ranked.base[item], ranked.back[item], ranked.span[item]
    rank, kinds_, since = table.values[ranked.rank[item]], table.kind, table.since
    events, ends, window = table.events[spans.clock[span]], table.ends[spans.end[span]], spans.window[span]
    day, places, count = days.day[0], days.place, days.day.size
    for row in range(start, stop):
        event, end = int(events[row]), int(ends[row])
        if window > 0:
            end = min(end, event + window)
        if event == NEVER or end <= day or not member[kinds_[row]]:
            continue
        enter = _place(max(event, int(since[row])), day, places, count)
        for k in range(enter, _place(end, day, places, count)):
            now = newest[item, k]
            if base >= 0:
                top = newest[base, k]
                if top >= 0 and rank[row] == rank[top] - back:
                    newest[item, k] = row
            elif now < 0 or rank[row] >= rank[now]:
                newest[item, k] = row


@compiled
def _find(
    start: int, stop: int, item: int, table: Table, days: Days, spans: Spans, ranked: Ranked, newest: Ints
) -> None:
    """Newest rows by the day that sorts them: from the last row back, until every day has found its own."""
    member, span, kinds_, since = ranked.member[item], ranked.span[item], table.kind, table.since
    events, ends, window = table.events[spans.clock[span]], table.ends[spans.end[span]], spans.window[span]
    day, places, count = days.day[0], days.place, days.day.size
    upto = count
    for row in range(stop - 1, start - 1, -1):
        if not member[kinds_[row]]:
            continue
        event, end = int(events[row]), int(ends[row])
        if window > 0:
            end = min(end, event + window)
        if event == NEVER or end <= day:
            continue
        enter = _place(max(event, int(since[row])), day, places, count)
        for k in range(enter, min(_place(end, day, places, count), upto)):
            if newest[k] < 0:
                newest[k] = row
        while upto > 0 and newest[upto - 1] >= 0:
            upto -= 1
        if upto == 0:
            break


@compiled
def _spread(
    order: Ints,
    bounds: Ints,
    line: int,
    table: Table,
    days: Days,
    spans: Spans,
    spreads: Spreads,
    found: Floats,
) -> None:
    """Follows the rows of each word through the days: what changes is noted where it changes, then summed up.

    Rows that a window does not see are dropped before the narrower ones look.
    """
    kinds_, since, values, windows = table.kind, table.since, table.values, spans.window
    span_of, value_of, first, by = spreads.span, spreads.value, spreads.first, spreads.by
    day, places, count, size = days.day[0], days.place, days.day.size, spreads.span.size
    words, whole = np.zeros((size, count + 1), np.int64), np.zeros((size, count + 1), np.int64)
    high, low = np.zeros((size, count + 1), np.uint64), np.zeros((size, count + 1), np.uint64)
    largest = np.zeros((size, count), np.int64)
    reach, amount = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    rows, enters = np.empty(order.size, np.int64), np.empty(order.size, np.int64)
    for chain in range(by.size):
        if by[chain] != line:
            continue
        member, widest = spreads.member[chain], span_of[first[chain]]
        events, ends = table.events[spans.clock[widest]], table.ends[spans.end[widest]]
        for word in range(bounds.size - 1):
            size, own = 0, 1
            for at in range(_at(bounds[_at(word)]), _at(bounds[_at(word + 1)])):
                row = _at(order[at])
                event = int(events[row])
                if member[_at(kinds_[row])] and event != NEVER:
                    rows[_at(size)] = row
                    enters[_at(size)] = _place(max(event, int(since[row])), day, places, count)
                    size += 1
            for spread in range(first[chain], first[chain + 1] if size > 0 else 0):
                window, value = windows[_at(span_of[_at(spread)])], value_of[_at(spread)]
                least, most, kept = count, 0, 0
                for at in range(_at(size)):
                    row, enter = _at(rows[at]), enters[at]
                    end = int(ends[row])
                    if window > 0:
                        end = min(end, int(events[row]) + window)
                    leave = _place(end, day, places, count)
                    if enter >= leave:
                        continue
                    rows[_at(kept)], enters[_at(kept)] = row, enter
                    least, most, kept = min(least, enter), max(most, leave), kept + 1
                    reach[_at(enter)] = max(reach[_at(enter)], leave)
                    if value >= 0:
                        own = values[_at(value), row]
                        amount[_at(enter)] += own
                        amount[_at(leave)] -= own
                size = kept
                if size == 0:
                    break
                if size == 1:
                    reach[_at(least)] = 0
                    words[_at(spread), _at(least)] += 1
                    words[_at(spread), _at(most)] -= 1
                else:
                    _cover(spread, least, most, reach, words)
                if value >= 0:
                    _follow(spread, least, most, amount, whole, high, low, largest)
        for spread in range(first[chain], first[chain + 1]):
            _summed(words[spread], whole[spread], high[spread], low[spread], largest[spread], found[spread])


@compiled
def _cover(spread: int, least: int, most: int, reach: Ints, words: Ints) -> None:
    """A word is there from where a row enters to where nothing that entered before reaches any more."""
    upto = 0
    for k in range(_at(least), _at(most) + _ONE):
        farthest = reach[k]
        if farthest > 0:
            if upto == 0:
                words[_at(spread), k] += 1
            upto = max(upto, farthest)
            reach[k] = 0
        elif upto == k and upto > 0:
            words[_at(spread), k] -= 1
            upto = 0


@compiled
def _follow(
    spread: int,
    least: int,
    most: int,
    amount: Ints,
    whole: Ints,
    high: NDArray[np.uint64],
    low: NDArray[np.uint64],
    largest: Ints,
) -> None:
    """The value of one word from day to day, and its square."""
    own = 0
    for k in range(_at(least), _at(most) + _ONE):
        change = amount[k]
        if change != 0:
            whole[_at(spread), k] += change
            _take_square(high, low, spread, k, own)
            own += change
            _add_square(high, low, spread, k, own)
            amount[k] = 0
        if k < _at(most):
            largest[_at(spread), k] = max(largest[_at(spread), k], own)


@compiled
def _summed(
    words: Ints, whole: Ints, high: NDArray[np.uint64], low: NDArray[np.uint64], largest: Ints, found: Floats
) -> None:
    """From changes to values: number of words, concentration, share of the largest."""
    number, total = 0, 0
    up, down = np.uint64(0), np.uint64(0)
    for k in range(largest.size):
        number += words[k]
        total += whole[k]
        down += low[k]
        up += high[k] + np.uint64(down < low[k])
        found[0, k], found[1, k], found[2, k] = number, np.nan, np.nan
        if total > 0:
            found[1, k] = (float(up) * _WORD + float(down)) / (float(total) * float(total))
            found[2, k] = largest[k] / float(total)


@compiled
def _square(value: int) -> tuple[np.uint64, np.uint64]:
    """A whole number squared in 128 bits."""
    whole = np.uint64(abs(value))
    a, b = whole >> _HALF, whole & _LOW
    cross, square = a * b, b * b
    lower = square + (cross << np.uint64(33))
    return a * a + (cross >> np.uint64(31)) + np.uint64(lower < square), lower


@compiled
def _add_square(high: NDArray[np.uint64], low: NDArray[np.uint64], spread: int, k: int, value: int) -> None:
    """128-bit sums are exact, so that the order of words cannot be felt."""
    up, down = _square(value)
    low[_at(spread), k] += down
    high[_at(spread), k] += up + np.uint64(low[_at(spread), k] < down)


@compiled
def _take_square(high: NDArray[np.uint64], low: NDArray[np.uint64], spread: int, k: int, value: int) -> None:
    up, down = _square(value)
    high[_at(spread), k] -= up + np.uint64(low[_at(spread), k] < down)
    low[_at(spread), k] -= down


@compiled
def _by_word(start: int, stop: int, line: int, table: Table, words: Words, slots: Small) -> tuple[Ints, Ints]:
    """Rows that some group may count, brought together word by word, and the bounds of each word among them."""
    code, member, since, kinds_, event = (
        words.code[line],
        words.member[line],
        words.since[line],
        table.kind,
        table.events[0],
    )
    rows, slot, size, seen = np.empty(stop - start, np.int64), np.empty(stop - start, np.int64), 0, 0
    for row in range(_at(start), _at(stop)):
        word = code[row]
        if word >= 0 and event[row] >= since and member[_at(kinds_[row])]:
            if slots[word] < 0:
                slots[word] = seen
                seen += 1
            rows[size], slot[size] = row, slots[word]
            size += 1
    bounds = np.zeros(seen + 1, np.int64)
    for at in range(size):
        bounds[slot[at] + 1] += 1
        slots[code[rows[at]]] = -1
    for word in range(seen):
        bounds[word + 1] += bounds[word]
    to, order = bounds.copy(), np.empty(size, np.int64)
    for at in range(size):
        order[to[slot[at]]] = rows[at]
        to[slot[at]] += 1
    return order, bounds


@compiled
def _walk(
    start: int,
    stop: int,
    walk: int,
    table: Table,
    days: Days,
    spans: Spans,
    walks: Walks,
    left: Ints,
    found: Floats,
) -> None:
    """Rows are sorted by event, so each day looks at one stretch of them."""
    member, span, operation = walks.member[walk], walks.span[walk], walks.operation[walk]
    event, end = table.events[spans.clock[span]], table.ends[spans.end[span]]
    value, window, low = table.values[max(walks.value[walk], 0)], spans.window[span], start
    kinds_, since, incoming = table.kind, table.since, walks.part[walk]
    rows = np.empty(stop - start, np.int64)
    for k in range(days.day.size):
        day = days.day[k]
        while low < stop and window > 0 and event[low] <= day - window:
            low += 1
        size = 0
        for row in range(low, stop):
            if event[row] > day:
                break
            if member[kinds_[row]] and since[row] <= day < end[row]:
                rows[size] = row
                size += 1
        if operation == GAP:
            found[k] = _gap(rows[:size], event)
        elif operation == BURST:
            found[k] = _burst(rows[:size], event, value)
        elif operation == REVIVAL:
            found[k] = _revival(rows[:size], event, value)
        else:
            found[k] = _pass_through(rows[:size], event, value, incoming, kinds_, left)


@compiled
def _gap(rows: Ints, event: Small) -> float:
    longest = -1
    for at in range(1, rows.size):
        longest = max(longest, np.int64(event[rows[at]]) - event[rows[at - 1]])
    return float(longest) if longest >= 0 else np.nan


@compiled
def _burst(rows: Ints, event: Small, value: Ints) -> float:
    whole, own, most, first = 0, 0, 0, 0
    for row in rows:
        whole += value[row]
        own += value[row]
        while event[row] - event[rows[first]] >= BURST_DAYS:
            own -= value[rows[first]]
            first += 1
        most = max(most, own)
    return most / whole if whole > 0 else np.nan


@compiled
def _revival(rows: Ints, event: Small, value: Ints) -> float:
    longest, begins, whole, after = QUIET_DAYS - 1, rows.size, 0, 0
    for at in range(rows.size):
        whole += value[rows[at]]
        if at > 0 and event[rows[at]] - event[rows[at - 1]] > longest:
            longest, begins = event[rows[at]] - event[rows[at - 1]], at
    for at in range(begins, rows.size):
        if event[rows[at]] - event[rows[begins]] < BURST_DAYS:
            after += value[rows[at]]
    return after / whole if whole > 0 else np.nan


@compiled
def _pass_through(rows: Ints, event: Small, value: Ints, incoming: Bools, kind: Small, left: Ints) -> float:
    """First in, first out; what comes in on a day may go out on the same day, in whatever order it was booked."""
    received, passed, first, start = 0, 0, 0, 0
    while start < rows.size:
        today, stop = event[rows[start]], start
        while stop < rows.size and event[rows[stop]] == today:
            row = rows[stop]
            left[stop] = value[row] if incoming[kind[row]] else 0
            received += left[stop]
            stop += 1
        for at in range(start, stop):
            row = rows[at]
            paid = 0 if incoming[kind[row]] else value[row]
            while paid > 0 and first < stop:
                if left[first] == 0 or today - event[rows[first]] > PASS_DAYS:
                    first += 1
                    continue
                taken = min(paid, left[first])
                left[first] -= taken
                paid -= taken
                passed += taken
        start = stop
    return passed / received if received > 0 else np.nan
