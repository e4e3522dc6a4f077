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

    Spans of one ``nest`` differ in their window only and come from the widest to the narrowest: a row that the first of
    them does not see, none of them sees.
    """

    clock: Ints
    end: Ints
    window: Ints
    nest: Ints


class Tally(NamedTuple):
    """Ingredients fed by each kind of row: ``item[start[kind]:start[kind + 1]]``, the widest spans first.

    ``beyond``: where the items of the next nest begin. ``span`` and ``value`` (line of values, or -1) of each ingredient.
    """

    start: Ints
    item: Ints
    beyond: Ints
    span: Ints
    value: Ints


class Words(NamedTuple):
    """Columns of words, a line each; how many words each has, what kinds of rows its groups ask for, from what day on."""

    code: Small
    size: Ints
    member: Bools
    since: Ints


class Groups(NamedTuple):
    """Ingredients that look at rows together: kinds of rows that take part, span, and line of values (or -1).

    ``by``: line of words. ``wider``: a group of the same rows in a wider window (or -1). ``part``: kinds that bring money
    in. ``operation``: of a walk.
    """

    member: Bools
    part: Bools
    span: Ints
    value: Ints
    by: Ints
    wider: Ints
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
    spreads: Groups
    walks: Groups
    words: Words


class Answers(NamedTuple):
    """What a sweep found, organisation by ingredient by day; of a spread the number of words, concentration, top share."""

    totals: Ints
    greatest: Ints
    newest: Ints
    spreads: Floats
    walks: Floats


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
    table, spans, count = plan.table, plan.spans, days.day.size
    size = last - first
    answers = Answers(
        np.zeros((size, plan.totals.span.size, count), np.int64),
        np.full((size, plan.greatest.span.size, count), NOTHING, np.int64),
        np.full((size, plan.ranked.span.size, count), -1, np.int64),
        np.full((size, plan.spreads.span.size, 3, count), np.nan),
        np.full((size, plan.walks.span.size, count), np.nan),
    )
    offsets, most = table.offsets, 0
    for i in range(first, last):
        most = max(most, offsets[i + 1] - offsets[i])
    left = np.zeros(most if plan.walks.span.size else 0, np.int64)
    lines = plan.words.size.size
    slots = np.full((lines, plan.words.size.max() if lines else 0), -1, np.int32)
    for i in range(first, last):
        start, stop = offsets[i], offsets[i + 1]
        if start < stop:
            _sum_up(start, stop, table, days, spans, plan.totals, answers.totals[i - first])
            _fill(start, stop, table, days, spans, plan.greatest, answers.greatest[i - first])
            for item in range(plan.ranked.span.size):
                if plan.ranked.sorted[item]:
                    _find(start, stop, item, table, days, spans, plan.ranked, answers.newest[i - first, item])
                else:
                    _rank(start, stop, item, table, days, spans, plan.ranked, answers.newest[i - first])
            for group in range(plan.walks.span.size):
                _walk(start, stop, group, table, days, spans, plan.walks, left, answers.walks[i - first, group])
        for line in range(lines):
            order, bounds = _by_word(start, stop, line, table, plan.words, slots[line])
            _spread(order, bounds, line, table, days, spans, plan.spreads, answers.spreads[i - first])
    return answers


@compiled
def _sum_up(start: int, stop: int, table: Table, days: Days, spans: Spans, tally: Tally, total: Ints) -> None:
    kinds_, since, events, ends, values = table.kind, table.since, table.events, table.ends, table.values
    first_item, items, beyond, span_of, value_of = tally.start, tally.item, tally.beyond, tally.span, tally.value
    clock, until, window, nest = spans.clock, spans.end, spans.window, spans.nest
    day, places, count = days.day[0], days.place, days.day.size
    for own in range(start, stop):
        row = _at(own)
        at, last = first_item[kinds_[row]], first_item[kinds_[row] + 1]
        span, now, event, end, enter, leave = -1, -1, 0, 0, 0, 0
        while at < last:
            item = _at(items[at])
            if span_of[item] != span:
                span = span_of[item]
                if nest[span] != now:
                    now, event, end = nest[span], int(events[clock[span], row]), int(ends[until[span], row])
                    enter = count if event == NEVER else _place(max(event, int(since[row])), day, places, count)
                stop_at = min(end, event + window[span]) if window[span] > 0 else end
                leave = 0 if stop_at <= day else _place(stop_at, day, places, count)
                if enter >= leave:
                    at = beyond[at]
                    continue
            value = values[_at(value_of[item]), row] if value_of[item] >= 0 else 1
            total[item, _at(enter)] += value
            if leave < count:
                total[item, _at(leave)] -= value
            at += 1
    if count > 1:
        for line in total:
            for k in range(1, count):
                line[k] += line[k - 1]


@compiled
def _fill(start: int, stop: int, table: Table, days: Days, spans: Spans, tally: Tally, largest: Ints) -> None:
    """A row that counts to the last day is noted on its first one only; a running maximum carries it on."""
    kinds_, since, events, ends, values = table.kind, table.since, table.events, table.ends, table.values
    first_item, items, beyond, span_of, value_of = tally.start, tally.item, tally.beyond, tally.span, tally.value
    clock, until, window, nest = spans.clock, spans.end, spans.window, spans.nest
    day, places, count = days.day[0], days.place, days.day.size
    if not largest.shape[0]:
        return
    lasting = np.full(largest.shape, NOTHING, np.int64)
    for row in range(start, stop):
        at, last = first_item[kinds_[row]], first_item[kinds_[row] + 1]
        span, now, event, end, enter, leave = -1, -1, 0, 0, 0, 0
        while at < last:
            item = items[at]
            if span_of[item] != span:
                span = span_of[item]
                if nest[span] != now:
                    now, event, end = nest[span], int(events[clock[span], row]), int(ends[until[span], row])
                    enter = count if event == NEVER else _place(max(event, int(since[row])), day, places, count)
                stop_at = min(end, event + window[span]) if window[span] > 0 else end
                leave = 0 if stop_at <= day else _place(stop_at, day, places, count)
                if enter >= leave:
                    at = beyond[at]
                    continue
            value = values[value_of[item], row]
            if leave == count:
                lasting[item, enter] = max(lasting[item, enter], value)
            else:
                for k in range(enter, leave):
                    largest[item, k] = max(largest[item, k], value)
            at += 1
    for item in range(largest.shape[0]):
        so_far = lasting[item, 0]
        for k in range(count):
            so_far = max(so_far, lasting[item, k])
            largest[item, k] = max(largest[item, k], so_far)


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
    groups: Groups,
    found: Floats,
) -> None:
    """Follows the rows of each word through the days: what changes is noted where it changes, then summed up."""
    kinds_, since, events, ends, values = table.kind, table.since, table.events, table.ends, table.values
    clock, until, windows, wider, member = spans.clock, spans.end, spans.window, groups.wider, groups.member
    day, places, count, size = days.day[0], days.place, days.day.size, groups.span.size
    words, whole = np.zeros((size, count + 1), np.int64), np.zeros((size, count + 1), np.int64)
    high, low = np.zeros((size, count + 1), np.uint64), np.zeros((size, count + 1), np.uint64)
    largest, seen = np.zeros((size, count), np.int64), np.zeros(size, np.bool_)
    number, amount = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    for word in range(bounds.size - 1):
        for group in range(size):
            if groups.by[group] != line:
                continue
            seen[group] = False
            if wider[group] >= 0 and not seen[wider[group]]:
                continue
            span, value = groups.span[group], groups.value[group]
            window, least, most, rows, own = windows[span], count, 0, 0, 1
            for at in range(bounds[word], bounds[word + 1]):
                row = _at(order[_at(at)])
                if not member[_at(group), _at(kinds_[row])]:
                    continue
                event, end = int(events[_at(clock[span]), row]), int(ends[_at(until[span]), row])
                if window > 0:
                    end = min(end, event + window)
                if event == NEVER or end <= day:
                    continue
                enter = _place(max(event, int(since[row])), day, places, count)
                leave = _place(end, day, places, count)
                if enter < leave:
                    own = values[_at(value), row] if value >= 0 else 1
                    least, most, rows = min(least, enter), max(most, leave), rows + 1
                    number[_at(enter)] += 1
                    number[_at(leave)] -= 1
                    amount[_at(enter)] += own
                    amount[_at(leave)] -= own
            seen[group] = rows > 0
            if rows == 1:
                number[least], number[most], amount[least], amount[most] = 0, 0, 0, 0
                words[group, least] += 1
                words[group, most] -= 1
                if value >= 0:
                    whole[group, least] += own
                    whole[group, most] -= own
                    _add_square(high[group], low[group], least, own)
                    _take_square(high[group], low[group], most, own)
                    for k in range(_at(least), _at(most)):
                        largest[group, k] = max(largest[group, k], own)
            elif rows > 1:
                there, own = 0, 0
                for k in range(least, most + 1):
                    if number[k] != 0 or amount[k] != 0:
                        words[group, k] += int(there + number[k] > 0) - int(there > 0)
                        there += number[k]
                        if value >= 0 and amount[k] != 0:
                            whole[group, k] += amount[k]
                            _take_square(high[group], low[group], k, own)
                            own += amount[k]
                            _add_square(high[group], low[group], k, own)
                        number[k], amount[k] = 0, 0
                    if value >= 0 and k < most:
                        largest[group, k] = max(largest[group, k], own)
    for group in range(size):
        if groups.by[group] == line:
            _summed(words[group], whole[group], high[group], low[group], largest[group], found[group])


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
        found[0, k] = number
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
def _add_square(high: NDArray[np.uint64], low: NDArray[np.uint64], k: int, value: int) -> None:
    """128-bit sums are exact, so that the order of words cannot be felt."""
    up, down = _square(value)
    low[k] += down
    high[k] += up + np.uint64(low[k] < down)


@compiled
def _take_square(high: NDArray[np.uint64], low: NDArray[np.uint64], k: int, value: int) -> None:
    up, down = _square(value)
    high[k] -= up + np.uint64(low[k] < down)
    low[k] -= down


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
    group: int,
    table: Table,
    days: Days,
    spans: Spans,
    groups: Groups,
    left: Ints,
    found: Floats,
) -> None:
    """Rows are sorted by event, so each day looks at one stretch of them."""
    member, span, operation = groups.member[group], groups.span[group], groups.operation[group]
    event, end = table.events[spans.clock[span]], table.ends[spans.end[span]]
    value, window, low = table.values[max(groups.value[group], 0)], spans.window[span], start
    kinds_, since, incoming = table.kind, table.since, groups.part[group]
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
