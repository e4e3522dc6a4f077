"""How rows lie in time and over counterparties: change, trend, concentration, bursts, money that passes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...portable import log
from ..ingredients import Spread, Total, Walk
from .recipes import Floats, Ints, Recipe, aggregate, as_it_is, ratio, rows_of

if TYPE_CHECKING:
    from ..declare import Feature

SIXTHS = 6
BENFORD_ROWS = 50


@aggregate(
    "(this window - the window before it) / (both together), in rows or in their value; from -1 to 1",
    "nothing in either window",
    needs="window_days",
    takes="value",
)
def _change(one: Feature, _days: Ints) -> Recipe:
    rows, window = rows_of(one), one.window_days or 0
    parts = Total(rows, one.value), Total(rows.within(2 * window), one.value)
    return parts, lambda now, both: ratio(2 * now - both, both)


@aggregate(
    "weighted mean of 1, 0.6, 0.2, -0.2, -0.6, -1 for rows (their value) in the first, second ... sixth sixth of the "
    "window, counted back from the day: 1 means all of it lately, -1 all of it long ago",
    needs="window_days",
    takes="value",
)
def _trend(one: Feature, _days: Ints) -> Recipe:
    rows, window = rows_of(one), one.window_days or 0
    parts = tuple(Total(rows.within(-(-window * n // SIXTHS)), one.value) for n in range(1, SIXTHS + 1))

    def formula(*upto: Ints) -> Floats:
        moved = 2 * np.sum(upto, axis=0) - (SIXTHS + 1) * upto[-1]
        return ratio(moved, (SIXTHS - 1) * upto[-1])

    return parts, formula


@aggregate("longest quiet spell in days between two neighbouring rows", "fewer than two rows", in_order=True)
def _gap(one: Feature, _days: Ints) -> Recipe:
    return (Walk(rows_of(one), "gap"),), as_it_is


@aggregate(
    "concentration of the value over the words of `by`: sum of squared shares, from near 0 to 1",
    "no value above 0 with a word",
    needs="value by",
)
def _hhi(one: Feature, _days: Ints) -> Recipe:
    return (Spread(rows_of(one), one.by, "hhi", one.value),), as_it_is


@aggregate("share of the largest word of `by` in the value", "no value above 0 with a word", needs="value by")
def _top_share(one: Feature, _days: Ints) -> Recipe:
    return (Spread(rows_of(one), one.by, "top_share", one.value),), as_it_is


@aggregate("largest share of the value that falls within any 30 days in a row", needs="value", in_order=True)
def _burst(one: Feature, _days: Ints) -> Recipe:
    return (Walk(rows_of(one), "burst", one.value),), as_it_is


@aggregate(
    "share of the value within the 30 days from the row that ends the longest quiet spell (the first of equal ones); 0 "
    "where no quiet spell has 90 days",
    needs="value",
    in_order=True,
)
def _revival(one: Feature, _days: Ints) -> Recipe:
    return (Walk(rows_of(one), "revival", one.value),), as_it_is


@aggregate(
    "share of the money received (`part`) that was paid out again (the other rows) on the same day or within the 5 days "
    "after, first in first out; only money received and paid within the window",
    "nothing received",
    needs="value part",
    in_order=True,
)
def _pass_through(one: Feature, _days: Ints) -> Recipe:
    rows = rows_of(one)
    return (Walk(rows, "pass_through", one.value, rows.also(one.part)),), as_it_is


@aggregate(
    "mean absolute difference between the shares of the digits 1 to 9 and Benford's law, log10(1 + 1/digit)",
    f"fewer than {BENFORD_ROWS} rows with a value",
    needs="value",
)
def _benford(one: Feature, _days: Ints) -> Recipe:
    parts = tuple(Total(rows_of(one).also({one.value: ("==", digit)})) for digit in range(1, 10))
    law = log(1 + 1 / np.arange(1.0, 10.0)) / log(10.0)

    def formula(*counts: Ints) -> Floats:
        rows = np.sum(counts, axis=0)
        enough = np.where(rows >= BENFORD_ROWS, rows, 0)
        away = [np.abs(ratio(count, enough) - share) for count, share in zip(counts, law)]
        return np.asarray(np.sum(away, axis=0) / len(law))

    return parts, formula
