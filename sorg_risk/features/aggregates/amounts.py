"""How many, how much, how long ago, how many different ones, and where that stands among peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...records.packed import CLOCKS
from ..ingredients import Greatest, Reading, Spread, Total
from .recipes import NEVER_EMPTY, Ints, Recipe, aggregate, as_it_is, ratio, rows_of, scale_of

if TYPE_CHECKING:
    from ..declare import Feature


@aggregate("number of rows", NEVER_EMPTY)
def _count(one: Feature, _days: Ints) -> Recipe:
    return (Total(rows_of(one)),), as_it_is


@aggregate("sum of the value", NEVER_EMPTY, needs="value")
def _sum(one: Feature, _days: Ints) -> Recipe:
    scale = scale_of(one)
    return (Total(rows_of(one), one.value),), lambda total: total / scale


@aggregate("mean of the value", needs="value")
def _mean(one: Feature, _days: Ints) -> Recipe:
    scale = scale_of(one)
    return (Total(rows_of(one), one.value), Total(rows_of(one))), lambda total, rows: ratio(total, rows * scale)


@aggregate("largest value", needs="value")
def _max(one: Feature, _days: Ints) -> Recipe:
    scale = scale_of(one)
    return (Greatest(rows_of(one), one.value),), lambda largest: largest / scale


@aggregate("smallest value", needs="value")
def _min(one: Feature, _days: Ints) -> Recipe:
    scale = scale_of(one)
    return (Greatest(rows_of(one), one.value, -1),), lambda smallest: smallest / scale


@aggregate("largest minus smallest value", needs="value")
def _range(one: Feature, _days: Ints) -> Recipe:
    scale = scale_of(one)
    ends = Greatest(rows_of(one), one.value), Greatest(rows_of(one), one.value, -1)
    return ends, lambda largest, smallest: (largest - smallest) / scale


@aggregate("whole numbers between the smallest and the largest value that no row has", needs="value by")
def _holes(one: Feature, _days: Ints) -> Recipe:
    rows = rows_of(one)
    parts = Greatest(rows, one.value), Greatest(rows, one.value, -1), Spread(rows, one.by, "distinct")
    return parts, lambda largest, smallest, words: np.asarray(largest - smallest + 1 - words)


@aggregate(
    "part of the rows (of their value, where there is one) that also satisfies `part`",
    "no row (no value above 0) to take a part of",
    needs="part",
    takes="value window_days",
)
def _share(one: Feature, _days: Ints) -> Recipe:
    rows = rows_of(one)
    return (Total(rows.also(one.part), one.value), Total(rows, one.value)), ratio


@aggregate("days since the newest row")
def _recency(one: Feature, days: Ints) -> Recipe:
    rows = rows_of(one)
    in_order = one.event == CLOCKS[one.table]
    newest = Reading(rows, one.event, one.event) if in_order else Greatest(rows, one.event)
    return (newest,), lambda day: np.asarray(days - day)


@aggregate("days since the oldest row")
def _seniority(one: Feature, days: Ints) -> Recipe:
    return (Greatest(rows_of(one), one.event, -1),), lambda day: np.asarray(days - day)


@aggregate("number of different words in `by`", NEVER_EMPTY, needs="by")
def _distinct(one: Feature, _days: Ints) -> Recipe:
    return (Spread(rows_of(one), one.by, "distinct"),), as_it_is


@aggregate("rows with a word in `by` beyond the first of each word", NEVER_EMPTY, needs="by")
def _repeats(one: Feature, _days: Ints) -> Recipe:
    rows = rows_of(one).also(known=one.by)
    return (Total(rows), Spread(rows, one.by, "distinct")), lambda total, words: np.asarray(total - words)


@aggregate(
    "place of `base` among the organisations active on the day that are equal in all `peers` and have a value: share with "
    "a smaller value, equal ones counted half; from 0 to 1",
    "no value, or fewer than five such organisations",
    needs="base",
)
def _percentile(one: Feature, _days: Ints) -> Recipe:
    raise AssertionError(f"{one.name}: percentiles are taken over finished columns")
