"""What the newest row says, alone or against the year before; and the years that have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..ingredients import DueDay, Greatest, Reading, Rows, Span, Total
from .recipes import Floats, Ints, Recipe, aggregate, as_it_is, ratio, rows_of

if TYPE_CHECKING:
    from ..declare import Feature

YEARS = "newest fiscal year (of several rows the last filed)"


@aggregate(
    f"value of the newest row (of filings: of the {YEARS}), divided by `over` of the same row where given",
    "no such row, or nothing on file in it (`over` not above 0)",
    needs="value",
    takes="over window_days",
    in_order=True,
)
def _latest(one: Feature, _days: Ints) -> Recipe:
    value = _reading(one, one.value)
    return ((value, _reading(one, one.over)), ratio) if one.over else ((value,), as_it_is)


@aggregate(
    f"value of the fiscal year before the {YEARS}", "nothing on file for that year", needs="value", in_order=True
)
def _previous(one: Feature, _days: Ints) -> Recipe:
    return (_reading(one, one.value, back=1),), as_it_is


@aggregate(
    f"value of the {YEARS} over that of the fiscal year before it, minus 1",
    "either year has no value, or the earlier is not above 0",
    needs="value",
    in_order=True,
)
def _yearly_change(one: Feature, _days: Ints) -> Recipe:
    parts = _reading(one, one.value), _reading(one, one.value, back=1)
    return parts, lambda now, before: ratio(now - before, before)


@aggregate(
    f"value of the {YEARS} minus that of the fiscal year before it",
    "either year has no value",
    needs="value",
    in_order=True,
)
def _yearly_difference(one: Feature, _days: Ints) -> Recipe:
    parts = _reading(one, one.value), _reading(one, one.value, back=1)
    return parts, lambda now, before: np.asarray(now - before)


@aggregate("days since the day in the newest row", "no such row or no day in it", needs="value", in_order=True)
def _age(one: Feature, days: Ints) -> Recipe:
    return (_reading(one, one.value),), lambda day: np.asarray(days - day)


@aggregate("calendar year of the day minus the largest value", needs="value")
def _years_behind(one: Feature, days: Ints) -> Recipe:
    year = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return (Greatest(rows_of(one), one.value),), lambda largest: np.asarray(year - largest)


@aggregate(
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


@aggregate(
    "fiscal years without a row among the latest years whose deadline (see `due_day`) the organisation has passed, one year for every 365 days "
    "of the window",
    "the day of registration is not on file, or the deadlines are not those of the law (`calendar`)",
    needs="window_days",
)
def _missing_years(one: Feature, days: Ints) -> Recipe:
    count = (one.window_days or 365) // 365
    latest = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1969
    years = range(int(latest.max()), int(latest.min()) - count - 1, -1)
    registered = Reading(Rows("organizations", Span("recorded_at")), "recorded_at", "reports_by_law")
    rows = Rows(one.table, Span(one.event)).also(one.where)
    asked = [(DueDay(year), Total(rows.also({"fiscal_year": ("==", year)}))) for year in years]

    def formula(since: Floats, *answers: Floats | Ints) -> Floats:
        missing = np.where(np.isnan(since), np.nan, 0.0)
        passed = np.zeros(since.shape, dtype=np.int64)
        for due, filed in zip(answers[::2], answers[1::2], strict=True):
            is_due = due < days
            missing += is_due & (filed == 0) & (passed < count)
            passed += is_due
        return missing

    return (registered, *(part for pair in asked for part in pair)), formula


def _reading(one: Feature, column: str, back: int = 0) -> Reading:
    rows = Rows(one.table, Span(one.event, one.until, one.window_days or 0)).also(one.where)
    if one.table == "filings":
        return Reading(rows.also(known="fiscal_year"), "fiscal_year", column, back)
    return Reading(rows, one.event, column, back)
