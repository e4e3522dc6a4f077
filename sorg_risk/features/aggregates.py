"""How rows become one number: every aggregate in words, the ingredients it needs, and the formula over them.

A new aggregate is one function here. Formulas see whole numbers and divide last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..records.packed import CLOCKS, FEN
from .derived import usual_due_days
from .ingredients import Greatest, Ingredient, Reading, Rows, Span, Spread, Total, Walk

if TYPE_CHECKING:
    from .declare import Feature

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Formula = Callable[..., Floats]
Recipe = tuple[tuple[Ingredient, ...], Formula]

SIXTHS = 6
BENFORD_ROWS = 50
NEVER_EMPTY = "never empty: no rows make 0"
NO_ROWS = "no such row with a value"
_YEARS = "newest fiscal year (of several rows the last filed)"


@dataclass(frozen=True)
class Aggregate:
    """One aggregate: its definition in words, what an empty value means, and its recipe for a feature and as-of days.

    ``needs``/``takes``: fields of a feature that it must and may have. ``in_order``: it needs the rows in the order of
    their table's own clock.
    """

    words: str
    missing: str
    recipe: Callable[[Feature, Ints], Recipe]
    needs: tuple[str, ...]
    takes: tuple[str, ...]
    in_order: bool


AGGREGATES: dict[str, Aggregate] = {}


def _aggregate(
    words: str, missing: str = NO_ROWS, *, needs: str = "", takes: str = "window_days", in_order: bool = False
) -> Callable[[Callable[[Feature, Ints], Recipe]], None]:
    def register(recipe: Callable[[Feature, Ints], Recipe]) -> None:
        name = recipe.__name__.strip("_")
        AGGREGATES[name] = Aggregate(words, missing, recipe, tuple(needs.split()), tuple(takes.split()), in_order)

    return register


def _rows(one: Feature) -> Rows:
    """Rows of a feature; those without the value it measures are left out."""
    return Rows(one.table, Span(one.event, one.until, one.window_days or 0)).also(one.where, known=one.value)


def _scale(one: Feature) -> int:
    return FEN if one.columns[one.value].kind == "money" else 1


def ratio(top: Floats | Ints, bottom: Floats | Ints) -> Floats:
    """A quotient, empty unless the divisor is above 0."""
    found = np.full(np.shape(top), np.nan)
    np.divide(top, bottom, out=found, where=bottom > 0)
    return found


def _as_it_is(answer: Floats) -> Floats:
    return np.asarray(answer, dtype=np.float64)


@_aggregate("number of rows", NEVER_EMPTY)
def _count(one: Feature, _days: Ints) -> Recipe:
    return (Total(_rows(one)),), _as_it_is


@_aggregate("sum of the value", NEVER_EMPTY, needs="value")
def _sum(one: Feature, _days: Ints) -> Recipe:
    scale = _scale(one)
    return (Total(_rows(one), one.value),), lambda total: total / scale


@_aggregate("mean of the value", needs="value")
def _mean(one: Feature, _days: Ints) -> Recipe:
    scale = _scale(one)
    return (Total(_rows(one), one.value), Total(_rows(one))), lambda total, rows: ratio(total, rows * scale)


@_aggregate("largest value", needs="value")
def _max(one: Feature, _days: Ints) -> Recipe:
    scale = _scale(one)
    return (Greatest(_rows(one), one.value),), lambda largest: largest / scale


@_aggregate("smallest value", needs="value")
def _min(one: Feature, _days: Ints) -> Recipe:
    scale = _scale(one)
    return (Greatest(_rows(one), one.value, -1),), lambda smallest: smallest / scale


@_aggregate("largest minus smallest value", needs="value")
def _range(one: Feature, _days: Ints) -> Recipe:
    scale = _scale(one)
    ends = Greatest(_rows(one), one.value), Greatest(_rows(one), one.value, -1)
    return ends, lambda largest, smallest: (largest - smallest) / scale


@_aggregate("whole numbers between the smallest and the largest value that no row has", needs="value by")
def _holes(one: Feature, _days: Ints) -> Recipe:
    rows = _rows(one)
    parts = Greatest(rows, one.value), Greatest(rows, one.value, -1), Spread(rows, one.by, "distinct")
    return parts, lambda largest, smallest, words: np.asarray(largest - smallest + 1 - words)


@_aggregate(
    "part of the rows (of their value, where there is one) that also satisfies `part`",
    "no row (no value above 0) to take a part of",
    needs="part",
    takes="value window_days",
)
def _share(one: Feature, _days: Ints) -> Recipe:
    rows = _rows(one)
    return (Total(rows.also(one.part), one.value), Total(rows, one.value)), ratio


@_aggregate(
    "(this window - the window before it) / (both together), in rows or in their value; from -1 to 1",
    "nothing in either window",
    needs="window_days",
    takes="value",
)
def _change(one: Feature, _days: Ints) -> Recipe:
    rows, window = _rows(one), one.window_days or 0
    parts = Total(rows, one.value), Total(rows.within(2 * window), one.value)
    return parts, lambda now, both: ratio(2 * now - both, both)


@_aggregate(
    "weighted mean of 1, 0.6, 0.2, -0.2, -0.6, -1 for rows (their value) in the first, second ... sixth sixth of the "
    "window, counted back from the day: 1 means all of it lately, -1 all of it long ago",
    needs="window_days",
    takes="value",
)
def _trend(one: Feature, _days: Ints) -> Recipe:
    rows, window = _rows(one), one.window_days or 0
    parts = tuple(Total(rows.within(-(-window * n // SIXTHS)), one.value) for n in range(1, SIXTHS + 1))

    def formula(*upto: Ints) -> Floats:
        moved = 2 * np.sum(upto, axis=0) - (SIXTHS + 1) * upto[-1]
        return ratio(moved, (SIXTHS - 1) * upto[-1])

    return parts, formula


@_aggregate("days since the newest row")
def _recency(one: Feature, days: Ints) -> Recipe:
    rows = _rows(one)
    in_order = one.event == CLOCKS[one.table]
    newest = Reading(rows, one.event, one.event) if in_order else Greatest(rows, one.event)
    return (newest,), lambda day: np.asarray(days - day)


@_aggregate("days since the oldest row")
def _seniority(one: Feature, days: Ints) -> Recipe:
    return (Greatest(_rows(one), one.event, -1),), lambda day: np.asarray(days - day)


@_aggregate("longest quiet spell in days between two neighbouring rows", "fewer than two rows", in_order=True)
def _gap(one: Feature, _days: Ints) -> Recipe:
    return (Walk(_rows(one), "gap"),), _as_it_is


@_aggregate("number of different words in `by`", NEVER_EMPTY, needs="by")
def _distinct(one: Feature, _days: Ints) -> Recipe:
    return (Spread(_rows(one), one.by, "distinct"),), _as_it_is


@_aggregate("rows with a word in `by` beyond the first of each word", NEVER_EMPTY, needs="by")
def _repeats(one: Feature, _days: Ints) -> Recipe:
    rows = _rows(one).also(known=one.by)
    return (Total(rows), Spread(rows, one.by, "distinct")), lambda total, words: np.asarray(total - words)


@_aggregate(
    "concentration of the value over the words of `by`: sum of squared shares, from near 0 to 1",
    "no value above 0 with a word",
    needs="value by",
)
def _hhi(one: Feature, _days: Ints) -> Recipe:
    return (Spread(_rows(one), one.by, "hhi", one.value),), _as_it_is


@_aggregate("share of the largest word of `by` in the value", "no value above 0 with a word", needs="value by")
def _top_share(one: Feature, _days: Ints) -> Recipe:
    return (Spread(_rows(one), one.by, "top_share", one.value),), _as_it_is


@_aggregate("largest share of the value that falls within any 30 days in a row", needs="value", in_order=True)
def _burst(one: Feature, _days: Ints) -> Recipe:
    return (Walk(_rows(one), "burst", one.value),), _as_it_is


@_aggregate(
    "share of the value within the 30 days from the row that ends the longest quiet spell (the first of equal ones); 0 "
    "where no quiet spell has 90 days",
    needs="value",
    in_order=True,
)
def _revival(one: Feature, _days: Ints) -> Recipe:
    return (Walk(_rows(one), "revival", one.value),), _as_it_is


@_aggregate(
    "share of the money received (`part`) that was paid out again (the other rows) on the same day or within the 5 days "
    "after, first in first out; only money received and paid within the window",
    "nothing received",
    needs="value part",
    in_order=True,
)
def _pass_through(one: Feature, _days: Ints) -> Recipe:
    rows = _rows(one)
    return (Walk(rows, "pass_through", one.value, rows.also(one.part)),), _as_it_is


@_aggregate(
    "mean absolute difference between the shares of the digits 1 to 9 and Benford's law, log10(1 + 1/digit)",
    f"fewer than {BENFORD_ROWS} rows with a value",
    needs="value",
)
def _benford(one: Feature, _days: Ints) -> Recipe:
    parts = tuple(Total(_rows(one).also({one.value: ("==", digit)})) for digit in range(1, 10))
    law = np.log10(1 + 1 / np.arange(1.0, 10.0))

    def formula(*counts: Ints) -> Floats:
        rows = np.sum(counts, axis=0)
        enough = np.where(rows >= BENFORD_ROWS, rows, 0)
        away = [np.abs(ratio(count, enough) - share) for count, share in zip(counts, law)]
        return np.asarray(np.sum(away, axis=0) / len(law))

    return parts, formula


@_aggregate(
    f"value of the newest row (of filings: of the {_YEARS}), divided by `over` of the same row where given",
    "no such row, or nothing on file in it (`over` not above 0)",
    needs="value",
    takes="over window_days",
    in_order=True,
)
def _latest(one: Feature, _days: Ints) -> Recipe:
    value = _reading(one, one.value)
    return ((value, _reading(one, one.over)), ratio) if one.over else ((value,), _as_it_is)


@_aggregate(
    f"value of the fiscal year before the {_YEARS}", "nothing on file for that year", needs="value", in_order=True
)
def _previous(one: Feature, _days: Ints) -> Recipe:
    return (_reading(one, one.value, back=1),), _as_it_is


@_aggregate(
    f"value of the {_YEARS} over that of the fiscal year before it, minus 1",
    "either year has no value, or the earlier is not above 0",
    needs="value",
    in_order=True,
)
def _yearly_change(one: Feature, _days: Ints) -> Recipe:
    parts = _reading(one, one.value), _reading(one, one.value, back=1)
    return parts, lambda now, before: ratio(now - before, before)


@_aggregate(
    f"value of the {_YEARS} minus that of the fiscal year before it",
    "either year has no value",
    needs="value",
    in_order=True,
)
def _yearly_difference(one: Feature, _days: Ints) -> Recipe:
    parts = _reading(one, one.value), _reading(one, one.value, back=1)
    return parts, lambda now, before: np.asarray(now - before)


@_aggregate("days since the day in the newest row", "no such row or no day in it", needs="value", in_order=True)
def _age(one: Feature, days: Ints) -> Recipe:
    return (_reading(one, one.value),), lambda day: np.asarray(days - day)


@_aggregate("calendar year of the day minus the largest value", needs="value")
def _years_behind(one: Feature, days: Ints) -> Recipe:
    year = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return (Greatest(_rows(one), one.value),), lambda largest: np.asarray(year - largest)


@_aggregate(
    "band in which the value of the newest row lies; a bound belongs to the band above it",
    "no such row, or nothing on file in it",
    needs="value bands",
    in_order=True,
)
def _band(one: Feature, _days: Ints) -> Recipe:
    bounds = np.array(list(one.bands.values()))

    def formula(value: Floats) -> Floats:
        return np.where(np.isnan(value), np.nan, np.searchsorted(bounds, value, side="right") - 1.0)

    return (_reading(one, one.value),), formula


@_aggregate(
    "fiscal years without a row among the latest years due before the day, one year for every 365 days of the window; a "
    "year is due on 31 March (codes 53…) or 31 May of the next year, at a weekend on the Monday after, beginning with the "
    "year of registration (after 30 June the next one; codes of Shenzhen: the year itself)",
    "the day of registration is not on file, or the deadlines are not those of the law (`calendar`)",
    needs="window_days",
)
def _missing_years(one: Feature, days: Ints) -> Recipe:
    count = (one.window_days or 365) // 365
    latest = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1969
    years = range(int(latest.min()) - count, int(latest.max()) + 1)
    register = Rows("organizations", Span("recorded_at"))
    of_register = (
        Reading(register, "recorded_at", "first_report_year"),
        Reading(register, "recorded_at", "report_due_month"),
    )
    rows = Rows(one.table, Span(one.event)).also(one.where)
    filings = tuple(Total(rows.also({"fiscal_year": ("==", year)})) for year in years)

    def formula(first: Floats, month: Floats, *filed: Ints) -> Floats:
        missing = np.where(np.isnan(first), np.nan, 0.0)
        early = month == 3
        for year, rows in zip(years, filed):
            due, next_due = usual_due_days(year, early), usual_due_days(year + count, early)
            missing += (rows == 0) & (first <= year) & (due < days) & (days <= next_due)
        return missing

    return (*of_register, *filings), formula


@_aggregate(
    "place of `base` among the organisations active on the day that are equal in all `peers` and have a value: share with "
    "a smaller value, equal ones counted half; from 0 to 1",
    "no value, or fewer than five such organisations",
    needs="base",
)
def _percentile(one: Feature, _days: Ints) -> Recipe:
    raise AssertionError(f"{one.name}: percentiles are taken over finished columns")


def _reading(one: Feature, column: str, back: int = 0) -> Reading:
    rows = Rows(one.table, Span(one.event, one.until, one.window_days or 0)).also(one.where)
    if one.table == "filings":
        return Reading(rows.also(known="fiscal_year"), "fiscal_year", column, back)
    return Reading(rows, one.event, column, back)
