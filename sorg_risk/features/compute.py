"""From a declaration to numbers: chooses the rows, then hands them to the kernel.

`Workshop` holds the packed tables of one set of organisations and one set of days, and keeps what several features
share (ranges of days, filters, newest rows).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..records.packed import NEVER, Packed, pack
from . import kernel
from .declare import Condition, Feature
from .derived import DERIVED, with_derived

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_COMPARE: Mapping[str, Callable[[Ints, int], Bools]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "!=": np.not_equal,
}


def pack_table(table: str, rows: pd.DataFrame, orgs: pd.Index[str], clock: str) -> Packed:
    """Packs a table with its derived columns under a clock."""
    return pack(table, rows, orgs, clock, lambda frame: with_derived(table, frame), dict(DERIVED.get(table, {})))


def satisfies(packed: Packed, conditions: Mapping[str, Condition]) -> Bools:
    """Rows that satisfy all conditions; a missing value satisfies none."""
    keep = np.ones(len(packed), dtype=bool)
    for name, wanted in conditions.items():
        keep &= _one(packed, name, wanted)
    return keep


def _one(packed: Packed, name: str, wanted: Condition) -> Bools:
    if isinstance(wanted, tuple) and wanted[0] in _COMPARE:
        numbers = packed.numbers(name)
        met: Bools = numbers.valid & _COMPARE[wanted[0]](numbers.values, round(wanted[1] * numbers.scale))
        return met
    if isinstance(wanted, bool):
        numbers = packed.numbers(name)
        return numbers.valid & (numbers.values == int(wanted))
    words = packed.words(name)
    codes = [words.vocabulary.index(w) for w in _tuple(wanted) if w in words.vocabulary]
    return np.asarray(np.isin(words.codes, codes), dtype=bool)


def _tuple(wanted: Condition) -> tuple[str, ...]:
    return wanted if isinstance(wanted, tuple) else (str(wanted),)


class Workshop:
    """Computes features of ``orgs`` (sorted) on ``days`` (sorted, days since 1970-01-01)."""

    def __init__(self, orgs: pd.Index[str], days: Ints, packed: Callable[[str, str], Packed]) -> None:
        self.orgs = orgs
        self.days = days
        self.packed = packed
        self._ranges: dict[tuple[object, ...], tuple[Ints, Ints]] = {}
        self._newest: dict[tuple[object, ...], Ints] = {}

    def values(self, feature: Feature) -> Floats:
        """Values as float64 (organisations, days); categories as positions in `Feature.categories`."""
        make = {
            "count": self._total,
            "sum": self._total,
            "distinct": self._gathered,
            "mean": self._mean,
            "share": self._share,
            "change": self._change,
            "latest": self._latest,
            "yearly_change": self._yearly_change,
            "age": self._age,
            "missing_years": self._missing_years,
        }.get(feature.aggregate, self._gathered)
        return make(feature)

    def visible(self, feature: Feature, back: int = 0) -> tuple[Ints, Ints]:
        """Range of day indices [enter, leave) on which each row counts; ``back`` windows earlier than the current."""
        key = (feature.table, feature.event, feature.until, feature.window_days, back)
        if key not in self._ranges:
            packed = self.packed(feature.table, feature.event)
            self._ranges[key] = day_ranges(packed, self.days, feature.window_days, feature.until, back)
        return self._ranges[key]

    def newest(self, feature: Feature, back: int = 0) -> Ints:
        """Row of the newest report (by fiscal year where there is one, else by event day), or ``back`` years before."""
        key = (feature.table, feature.event, feature.until, feature.window_days, repr(feature.where), back)
        if key not in self._newest:
            packed = self.packed(feature.table, feature.event)
            enter, leave = self.visible(feature)
            keep = satisfies(packed, feature.where)
            rank = packed.event.astype(np.int64)
            if feature.table == "filings":
                rank = packed.numbers("fiscal_year").values
                keep &= packed.numbers("fiscal_year").valid
            leave = np.where(keep, leave, enter)
            self._newest[key] = kernel.newest(packed.offsets, enter, leave, rank, back, len(self.days))
        return self._newest[key]

    def _sweep(self, feature: Feature, keep: Bools, value: Ints, back: int = 0) -> Ints:
        packed = self.packed(feature.table, feature.event)
        enter, leave = self.visible(feature, back)
        rows = np.flatnonzero(keep & (enter < leave))
        return kernel.sweep(packed.owner[rows], enter[rows], leave[rows], value[rows], len(self.orgs), len(self.days))

    def _measured(self, feature: Feature) -> tuple[Packed, Bools, Ints, int]:
        packed = self.packed(feature.table, feature.event)
        keep = satisfies(packed, feature.where)
        if not feature.value:
            return packed, keep, np.ones(len(packed), np.int64), 1
        numbers = packed.numbers(feature.value)
        return packed, keep & numbers.valid, numbers.values, numbers.scale

    def _total(self, feature: Feature) -> Floats:
        _, keep, value, scale = self._measured(feature)
        return self._sweep(feature, keep, value) / scale

    def _mean(self, feature: Feature) -> Floats:
        packed, keep, value, scale = self._measured(feature)
        count = self._sweep(feature, keep, np.ones(len(packed), np.int64))
        return _divided(self._sweep(feature, keep, value), count * scale)

    def _share(self, feature: Feature) -> Floats:
        packed, keep, value, _ = self._measured(feature)
        part = keep & satisfies(packed, feature.part)
        return _divided(self._sweep(feature, part, value), self._sweep(feature, keep, value))

    def _change(self, feature: Feature) -> Floats:
        _, keep, value, _ = self._measured(feature)
        now, before = self._sweep(feature, keep, value), self._sweep(feature, keep, value, back=1)
        return _divided(now - before, now + before)

    def _gathered(self, feature: Feature) -> Floats:
        packed, keep, value, scale = self._measured(feature)
        enter, leave = self.visible(feature)
        if feature.aggregate == "pass_through":
            group = satisfies(packed, {"direction": "in"}).astype(np.int64)
        else:
            group = packed.words(feature.by).codes if feature.by else np.zeros(len(packed), np.int64)
            keep = keep & (group >= 0)
        rows = np.flatnonzero(keep & (enter < leave))
        offsets = np.searchsorted(packed.owner[rows], np.arange(len(self.orgs) + 1)).astype(np.int64)
        found = kernel.gather(
            offsets,
            enter[rows],
            leave[rows],
            packed.event[rows].astype(np.int64),
            value[rows],
            group[rows],
            self.days,
            feature.window_days or 0,
            kernel.OPERATIONS[feature.aggregate],
        )
        return found / scale if feature.aggregate == "max" else found

    def _latest(self, feature: Feature) -> Floats:
        at = self.newest(feature)
        if feature.unit == "category":
            return self._category(feature, at)
        value = self._at(feature, feature.value, at)
        if not feature.over:
            return value
        over = self._at(feature, feature.over, at)
        return _ratio(value, over)

    def _yearly_change(self, feature: Feature) -> Floats:
        now = self._at(feature, feature.value, self.newest(feature))
        before = self._at(feature, feature.value, self.newest(feature, back=1))
        return _ratio(now - before, before)

    def _age(self, feature: Feature) -> Floats:
        return self.days[None, :] - self._at(feature, feature.value, self.newest(feature))

    def _category(self, feature: Feature, at: Ints) -> Floats:
        words = self.packed(feature.table, feature.event).words(feature.value)
        places = {word: float(place) for place, word in enumerate(feature.categories)}
        table = np.array([*(places.get(word, np.nan) for word in words.vocabulary), np.nan])
        codes = np.append(words.codes, -1)
        found: Floats = table[codes[at]]
        return found

    def _at(self, feature: Feature, column: str, at: Ints) -> Floats:
        numbers = self.packed(feature.table, feature.event).numbers(column)
        values = np.append(np.where(numbers.valid, numbers.values / numbers.scale, np.nan), np.nan)
        return values[at]

    def _missing_years(self, feature: Feature) -> Floats:
        """Years Y with 30 June of Y + 1 before the day, the organisation registered in Y or earlier, and no report."""
        register = self.packed("organizations", "")
        enter, leave = day_ranges(register, self.days, None, "", 0)
        at = kernel.newest(register.offsets, enter, leave, register.event.astype(np.int64), 0, len(self.days))
        born = np.append(_years(register.days("registered_on")), np.iinfo(np.int64).max)[at]
        packed, keep, _, _ = self._measured(feature)
        fiscal = packed.numbers("fiscal_year")
        due = np.where(_month_day(self.days) > 630, _years(self.days) - 1, _years(self.days) - 2)
        missing = np.zeros(at.shape)
        for back in range((feature.window_days or 365) // 365):
            for year in np.unique(due - back):
                on = due - back == year
                filed = self._sweep(
                    _windowless(feature),
                    keep & fiscal.valid & (fiscal.values == year),
                    np.ones(len(packed), np.int64),
                )
                missing[:, on] += ((filed == 0) & (born <= year))[:, on]
        return missing


def day_ranges(packed: Packed, days: Ints, window: int | None, until: str, back: int) -> tuple[Ints, Ints]:
    """[enter, leave) into the sorted ``days`` for every row; a row without an event day is never visible."""
    event = packed.event.astype(np.int64)
    start = np.maximum(event + back * (window or 0), packed.known_from)
    end = packed.known_until.astype(np.int64)
    if until:
        end = np.minimum(end, packed.days(until))
    if window is not None:
        end = np.minimum(end, event + (back + 1) * window)
    start = np.where(packed.event == NEVER, np.iinfo(np.int64).max, start)
    enter = np.searchsorted(days, start).astype(np.int64)
    return enter, np.maximum(np.searchsorted(days, end).astype(np.int64), enter)


def _windowless(feature: Feature) -> Feature:
    return replace(feature, window_days=None)


def _ratio(top: Floats, bottom: Floats) -> Floats:
    ratio = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=ratio, where=bottom > 0)
    return ratio


def _divided(top: Ints, bottom: Ints) -> Floats:
    return _ratio(top.astype(np.float64), bottom.astype(np.float64))


def _years(days: NDArray[np.int32] | Ints) -> Ints:
    whole = np.asarray(days, np.int64).astype("datetime64[D]").astype("datetime64[Y]")
    return whole.astype(np.int64) + 1970


def _month_day(days: Ints) -> Ints:
    whole = days.astype("datetime64[D]")
    month = whole.astype("datetime64[M]")
    number: Ints = (month.astype(np.int64) % 12 + 1) * 100 + (whole - month).astype(np.int64) + 1
    return number
