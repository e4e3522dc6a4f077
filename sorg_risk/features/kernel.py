"""The window kernel: one pass over an organisation's rows answers all as-of days at once.

A row counts on a contiguous range of days ``enter <= k < leave`` (places in the sorted days). Sums and counts add at
``enter``, subtract at ``leave``, and a running sum over the days gives every answer; distinct words and concentration do
the same word by word; maxima and newest rows fill the range. Late rows need no special case: ``enter`` comes from the
later of the two clocks. Everything is whole numbers until the last division, so neither the order of rows nor their
neighbours can move a result.

One file on purpose: a compiled function is cached on disk and compiled anew when its own file changes, not when a function
that it calls changes in another file. Read `sweep` first; what it calls follows in its order. Arrays are taken out of
their tuples before a loop, for a compiled loop would count references to them row by row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from .arrays import (
    NOTHING,
    Answers,
    Bools,
    Days,
    Floats,
    Ints,
    Notes,
    Plan,
    Ranked,
    Room,
    Small,
    Spans,
    Spreads,
    Table,
    Tally,
    Unsigned,
    Walks,
    Words,
)

F = TypeVar("F", bound=Callable[..., Any])

NEVER = np.iinfo(np.int32).max
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


def compiled(function: F) -> F:
    """Compiled by numba on first use, kept on disk, run without Python's lock."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inner(function: F) -> F:
    """The same for what only other compiled functions call: nothing is made for calls from Python."""
    made = numba.njit(cache=True, nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
    return cast(F, made(function))


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


@inner
def _place(day: int, first: int, places: Small, count: int) -> int:
    """Place of the first as-of day not before ``day``."""
    at = day - first
    if at <= 0:
        return 0
    return int(places[at]) if at < places.size else count


@compiled
def sweep(first: int, last: int, days: Days, plan: Plan, room: Room, notes: Notes, found: Answers) -> None:
    """Finds the answers for the organisations ``first <= i < last``."""
    table, spans = plan.table, plan.spans
    for i in range(first, last):
        own, start, stop = i - first, table.offsets[i], table.offsets[i + 1]
        for line in range(plan.words.size.size):
            order, bounds = _by_word(start, stop, line, table, plan.words, notes.slots[line])
            _spread(order, bounds, line, table, days, spans, plan.spreads, notes)
            _spread_out(line, plan.spreads, notes, found.spreads[own])
        if start == stop:
            continue
        _tally(start, stop, table, days, spans, plan.totals, plan.greatest, room)
        _sum_up(plan.totals, room.entered, room.left, found.totals[own])
        _largest(room.peaks, found.greatest[own])
        for item in range(plan.ranked.span.size):
            if plan.ranked.sorted[item]:
                _find(start, stop, item, table, days, spans, plan.ranked, found.newest[own, item])
            else:
                _rank(start, stop, item, table, days, spans, plan.ranked, found.newest[own])
        for walk in range(plan.walks.span.size):
            _walk(start, stop, walk, table, days, spans, plan.walks, room.unspent, found.walks[own, walk])


@inner
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


@inner
def _sum_up(tally: Tally, entered: Ints, left: Ints, total: Ints) -> None:
    """From what changes to totals, the narrowest span of each chain first."""
    first = tally.first
    for chain in range(tally.value.size):
        for item in range(first[chain + 1] - 1, first[chain] - 1, -1):
            so_far = 0
            for k in range(total.shape[1]):
                enters = entered[item, k]
                so_far += enters - left[item, k]
                total[item, k] = so_far
                if item > first[chain]:
                    entered[item - 1, k] += enters
                entered[item, k] = 0
                left[item, k] = 0
            left[item, total.shape[1]] = 0


@inner
def _largest(peaks: Ints, largest: Ints) -> None:
    """Each stretch of days tells its two halves."""
    count = largest.shape[1]
    for item in range(largest.shape[0]):
        for level in range(peaks.shape[1] - 1, 0, -1):
            half = 1 << (level - 1)
            for k in range(count - 2 * half + 1):
                value = peaks[item, level, k]
                peaks[item, level - 1, k] = max(peaks[item, level - 1, k], value)
                peaks[item, level - 1, k + half] = max(peaks[item, level - 1, k + half], value)
                peaks[item, level, k] = NOTHING
        for k in range(count):
            largest[item, k] = peaks[item, 0, k]
            peaks[item, 0, k] = NOTHING


@inner
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


@inner
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


@inner
def _spread(
    order: Ints,
    bounds: Ints,
    line: int,
    table: Table,
    days: Days,
    spans: Spans,
    spreads: Spreads,
    notes: Notes,
) -> None:
    """Follows the rows of each word through the days: what changes is noted where it changes, then summed up.

    Rows that a window does not see are dropped before the narrower ones look.
    """
    kinds_, since, values, windows = table.kind, table.since, table.values, spans.window
    span_of, value_of, first, by = spreads.span, spreads.value, spreads.first, spreads.by
    day, places, count = days.day[0], days.place, days.day.size
    words, whole, high, low, largest = notes.words, notes.whole, notes.high, notes.low, notes.largest
    rows, enters, reach, amount = notes.rows, notes.enters, notes.reach, notes.amount
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


@inner
def _cover(spread: int, least: int, most: int, reach: Ints, words: Ints) -> None:
    """A word is there from where a row enters to where nothing that entered before reaches any more."""
    upto = 0
    for k in range(least, most + 1):
        farthest = reach[_at(k)]
        if farthest > 0:
            if upto == 0:
                words[_at(spread), _at(k)] += 1
            upto = max(upto, farthest)
            reach[_at(k)] = 0
        elif upto == k and upto > 0:
            words[_at(spread), _at(k)] -= 1
            upto = 0


@inner
def _follow(
    spread: int,
    least: int,
    most: int,
    amount: Ints,
    whole: Ints,
    high: Unsigned,
    low: Unsigned,
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


@inner
def _spread_out(line: int, spreads: Spreads, notes: Notes, found: Floats) -> None:
    """From changes to values: number of words, concentration, share of the largest."""
    words, whole, high, low, largest = notes.words, notes.whole, notes.high, notes.low, notes.largest
    for chain in range(spreads.by.size):
        if spreads.by[chain] != line:
            continue
        for spread in range(spreads.first[chain], spreads.first[chain + 1]):
            number, total, up, down = 0, 0, np.uint64(0), np.uint64(0)
            for k in range(found.shape[2]):
                number += words[spread, k]
                total += whole[spread, k]
                down += low[spread, k]
                up += high[spread, k] + np.uint64(down < low[spread, k])
                found[spread, 0, k] = number
                if total > 0:
                    found[spread, 1, k] = (float(up) * _WORD + float(down)) / (float(total) * float(total))
                    found[spread, 2, k] = largest[spread, k] / float(total)
                words[spread, k], whole[spread, k], largest[spread, k] = 0, 0, 0
                high[spread, k], low[spread, k] = np.uint64(0), np.uint64(0)
            words[spread, found.shape[2]], whole[spread, found.shape[2]] = 0, 0
            high[spread, found.shape[2]], low[spread, found.shape[2]] = np.uint64(0), np.uint64(0)


@inner
def _square(value: int) -> tuple[np.uint64, np.uint64]:
    """A whole number squared in 128 bits."""
    whole = np.uint64(abs(value))
    a, b = whole >> _HALF, whole & _LOW
    cross, square = a * b, b * b
    lower = square + (cross << np.uint64(33))
    return a * a + (cross >> np.uint64(31)) + np.uint64(lower < square), lower


@inner
def _add_square(high: Unsigned, low: Unsigned, spread: int, k: int, value: int) -> None:
    """128-bit sums are exact, so that the order of words cannot be felt."""
    up, down = _square(value)
    low[_at(spread), k] += down
    high[_at(spread), k] += up + np.uint64(low[_at(spread), k] < down)


@inner
def _take_square(high: Unsigned, low: Unsigned, spread: int, k: int, value: int) -> None:
    up, down = _square(value)
    high[_at(spread), k] -= up + np.uint64(low[_at(spread), k] < down)
    low[_at(spread), k] -= down


@inner
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


@inner
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


@inner
def _gap(rows: Ints, event: Small) -> float:
    longest = -1
    for at in range(1, rows.size):
        longest = max(longest, np.int64(event[rows[at]]) - event[rows[at - 1]])
    return float(longest) if longest >= 0 else np.nan


@inner
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


@inner
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


@inner
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
