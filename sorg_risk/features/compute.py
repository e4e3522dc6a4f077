"""Answers of the kernel for ingredients, by name: table by table, a few thousand organisations at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from ..records.packed import Packed, Packs, Words
from . import kernel
from .arrays import NOTHING, Answers, Days, no_answers, working_memory
from .deadlines import DatedPacks
from .derived import cells
from .ingredients import DueDay, Ingredient, Reading, RowIngredient
from .plan import SPREADS, Planner

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Answer = Ints | Floats

_BYTES = 2**26
"""Answers of one sweep take at most about this much memory."""


def answers(packs: Packs, asked: Iterable[Ingredient], days: Ints) -> dict[Ingredient, Answer]:
    """Answers (organisations, days) of each ingredient: whole numbers for totals, else numbers with NaN for nothing."""
    by_table: dict[str, dict[RowIngredient, None]] = {}
    found: dict[Ingredient, Answer] = {}
    dated = DatedPacks(packs, days)
    for one in asked:
        if isinstance(one, DueDay):
            found[one] = dated.deadlines.of_year(one.year)
        else:
            by_table.setdefault(one.rows.table, {})[one] = None
    for table, ones in by_table.items():
        found.update(_swept(dated.table(table), list(ones), days).items())
    return found


def newest_rows(packed: Packed, asked: Reading, days: Ints) -> Ints:
    """Row (organisations, days) from which a reading is taken, -1 for none."""
    planner = Planner(packed, [asked])
    whole = _sweep(packed, planner, days)
    return whole.newest[:, planner.ranked.index((asked.rows, asked.rank, asked.back))]


def _swept(packed: Packed, asked: list[RowIngredient], days: Ints) -> dict[RowIngredient, Answer]:
    planner = Planner(packed, asked)
    return dict(_named(packed, planner, _sweep(packed, planner, days)))


def _sweep(packed: Packed, planner: Planner, days: Ints) -> Answers:
    plan = planner.plan(days)
    calendar = Days(days, _places(days))
    rows = int(np.diff(packed.offsets).max(initial=0))

    def part(bounds: tuple[int, int]) -> Answers:
        found = no_answers(bounds[1] - bounds[0], len(days), plan)
        kernel.sweep(*bounds, calendar, plan, *working_memory(rows, len(days), plan), found)
        return found

    bounds = list(_parts(len(packed.orgs), planner.width * len(days)))
    with ThreadPoolExecutor(cpu_count()) as pool:
        parts = list(pool.map(part, bounds)) if len(bounds) > 1 else [part(one) for one in bounds]
    return Answers(*(np.concatenate(pieces) for pieces in zip(*parts))) if len(parts) > 1 else parts[0]


def _parts(organisations: int, width: int) -> Iterator[tuple[int, int]]:
    step = max(1, _BYTES // (8 * max(width, 1)))
    for first in range(0, max(organisations, 1), step):
        yield first, min(first + step, organisations)


def _places(days: Ints) -> NDArray[np.int32]:
    """For each day from the first to the last as-of day, the place of the first as-of day not before it."""
    return np.searchsorted(days, np.arange(days[0], days[-1] + 1)).astype(np.int32)


def _named(packed: Packed, planner: Planner, whole: Answers) -> Iterator[tuple[RowIngredient, Answer]]:
    for place, total in enumerate(planner.totals):
        yield total, whole.totals[:, place]
    for place, greatest in enumerate(planner.greatest):
        largest = whole.greatest[:, place]
        yield greatest, np.where(largest == NOTHING, np.nan, greatest.sign * largest.astype(np.float64))
    for spread, place in planner.spreads.items():
        yield spread, whole.spreads[:, place, SPREADS[spread.kind]]
    for place, walk in enumerate(planner.walks):
        yield walk, whole.walks[:, place]
    newest = {one: whole.newest[:, place] for place, one in enumerate(planner.ranked)}
    for reading in planner.readings:
        yield reading, _read(packed, reading, newest[reading.rows, reading.rank, reading.back])


def _read(packed: Packed, one: Reading, row: Ints) -> Floats:
    """The cells of a column at some rows, NaN for nothing."""
    column, at = cells(packed, one.column), np.maximum(row, 0)
    if not len(packed):
        return np.full(row.shape, np.nan)
    if isinstance(column, Words):
        codes = column.codes[at]
        return np.where((row >= 0) & (codes >= 0), codes, np.nan)
    return np.where((row >= 0) & column.valid[at], column.values[at] / column.scale, np.nan)
