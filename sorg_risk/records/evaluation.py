"""Values of the expressions of a mapping file, for every row of a foreign table.

What cannot be read stays as it was delivered, so that the checks set it aside with its own text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import MappingError
from . import derive
from .amounts import multiplied
from .columns import as_text, typed
from .schema import Column

Bools = NDArray[np.bool_]
FALSE, MISSING, UNREADABLE, TRUE = range(4)
"""Outcomes of a condition: ``and`` is the least of its parts, ``or`` the greatest; what is missing or cannot be read decides
nothing unless another part does."""

_DAY, _NUMBER, _FLAG = Column("day", "day"), Column("number", "number"), Column("flag", "flag")
_NATURAL = Column("cell", "text")
"""Whatever the cells are: numbers, days, else words."""
_MONTH = Column("month", "day")
"""A day, or a month such as 2023-06."""
_OFFSETS: Mapping[str, Callable[[int], pd.DateOffset]] = {
    "days": lambda number: pd.DateOffset(days=number),
    "months": lambda number: pd.DateOffset(months=number),
}
_MONTH_TEXT: Final = r"\d{4}(?:[-/.]\d{1,2}|年\d{1,2}月)"


class Evaluation:
    """Evaluates expressions over a frame.

    ``groups``: the group of each row under ``distinct``; ``known``: rows that ``min`` and ``max`` may use. ``day_format``: how
    days are written, where it is declared.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        groups: NDArray[np.int64] | None = None,
        known: Bools | None = None,
        day_format: str = "",
    ) -> None:
        self.frame = frame
        self.groups = np.arange(len(frame)) if groups is None else groups
        self.known = np.ones(len(frame), dtype=bool) if known is None else known
        self.day_format = day_format

    def value(self, node: derive.Node, kind: Column) -> pd.Series[Any]:
        """Cells of a term; ``kind`` says what ``min`` and ``max`` compare."""
        match node:
            case derive.Column(name):
                return self.frame[name].reset_index(drop=True)
            case derive.Literal(value):
                return pd.Series([str(value)] * len(self.frame), dtype="str")
            case derive.Shift(term, number, unit):
                return self._shifted(term, number, unit)
            case derive.Product(term, factor):
                return multiplied(self.value(term, _NUMBER), factor)
            case derive.Concat(parts):
                return self._concatenated(parts)
            case derive.Choice():
                return self._chosen(node, kind)
            case derive.Call(function, term, width):
                return self._called(function, term, width, kind)
        raise AssertionError(node)

    def condition(self, node: derive.Node) -> NDArray[np.uint8]:
        """Outcome of a condition for every row: `FALSE`, `MISSING`, `UNREADABLE` or `TRUE`.

        Nothing equals no word; by order it compares with nothing.
        """
        match node:
            case derive.Logic(operator, parts):
                outcomes = np.stack([self.condition(part) for part in parts])
                joined: NDArray[np.uint8] = outcomes.min(axis=0) if operator == "and" else outcomes.max(axis=0)
                return joined
            case derive.Not(condition):
                return _NEGATED[self.condition(condition)]
            case derive.Missing(term):
                return _outcome(as_text(self.value(term, _NUMBER)).isna())
            case derive.Compare(term, sign, literal):
                if sign in ("=", "!="):
                    equal = self._equals(term, literal.value)
                    return _outcome(equal if sign == "=" else ~equal)
                return self._ordered(node)[0]
        raise AssertionError(node)

    def days(self, cells: pd.Series[Any]) -> tuple[pd.Series[Any], Bools]:
        """Cells as days, by the declared format where there is one, and which cannot be read."""
        if self.day_format and not pd.api.types.is_datetime64_any_dtype(cells.dtype):
            return typed(formatted(cells, self.day_format), _DAY)
        return typed(cells, _DAY)

    def _called(self, function: str, term: derive.Node, width: int, kind: Column) -> pd.Series[Any]:
        if function in ("min", "max"):
            raw = self.value(term, kind)
            if kind is _NATURAL:
                kind = next((one for one in (_NUMBER, _DAY) if not typed(raw, one)[1].any()), _NATURAL)
            cells, _ = self._days_or_months(raw) if kind is _MONTH else typed(self._in_format(raw, kind), kind)
            grouped = cells.where(self.known).groupby(self.groups)
            return grouped.transform("min") if function == "min" else grouped.transform("max")
        if function == "abs":
            raw = self.value(term, _NUMBER)
            numbers, bad = typed(raw, _NUMBER)
            return _or_raw(numbers.abs(), raw, bad)
        if function == "text":
            return as_text(self.value(term, kind)).str.zfill(width)
        raw = self.value(term, _MONTH)
        days, bad = self._days_or_months(raw)
        if function == "year":
            return _or_raw(days.dt.year, raw, bad)
        first = days - pd.to_timedelta(days.dt.day - 1, unit="D")
        return _or_raw(first if function == "month_start" else first + pd.offsets.MonthEnd(1), raw, bad)

    def _in_format(self, cells: pd.Series[Any], kind: Column) -> pd.Series[Any]:
        has_format = self.day_format and kind.kind in ("day", "timestamp")
        return formatted(cells, self.day_format) if has_format else cells

    def _days_or_months(self, raw: pd.Series[Any]) -> tuple[pd.Series[Any], Bools]:
        """Days; a month such as 2023-06 is its first."""
        days, bad = self.days(raw)
        if bad.any() and not self.day_format:
            text = as_text(raw).str.normalize("NFKC").str.strip()
            months = bad & text.str.fullmatch(_MONTH_TEXT).fillna(False).to_numpy(dtype=bool)
            if months.any():
                plain = text[months].str.replace(r"\D+", "-", regex=True).str.rstrip("-")
                days[months] = pd.to_datetime(plain, format="%Y-%m", errors="coerce").astype(days.dtype)
                bad = bad & ~(months & days.notna().to_numpy())
        return days, bad

    def _shifted(self, term: derive.Node, number: int, unit: str) -> pd.Series[Any]:
        raw = self.value(term, _DAY)
        days, bad = self.days(raw)
        return _or_raw(days + _OFFSETS[unit](number), raw, bad)

    def _concatenated(self, parts: tuple[derive.Node, ...]) -> pd.Series[Any]:
        """Parts one after the other; a blank part adds nothing, and where all columns are blank so is the whole."""
        text = pd.Series([""] * len(self.frame), dtype="str")
        blank = np.ones(len(self.frame), dtype=bool)
        for part in parts:
            cells = as_text(self.value(part, _NATURAL))
            text = text + cells.fillna("")
            if not isinstance(part, derive.Literal):
                blank &= cells.isna().to_numpy()
        return text.mask(blank)

    def _chosen(self, node: derive.Choice, kind: Column) -> pd.Series[Any]:
        outcome = self.condition(node.condition)
        yes, no = as_text(self.value(node.yes, kind)), as_text(self.value(node.no, kind))
        cells = yes.where(outcome == TRUE, no).mask(outcome == MISSING)
        for part in derive.walk(node.condition):
            if isinstance(part, derive.Compare) and part.sign not in ("=", "!="):
                here, raw = self._ordered(part)
                cells = cells.mask((outcome == UNREADABLE) & (here == UNREADABLE), raw)
        return cells

    def _equals(self, term: derive.Node, value: object) -> pd.Series[bool]:
        cells = self.value(term, _NUMBER)
        if isinstance(value, bool):
            flags, _ = typed(cells, _FLAG)
            return flags.eq(value).fillna(False).astype(bool)
        if isinstance(value, str):
            return words_of(cells).eq(value.strip()) if value.strip() else as_text(cells).isna()
        numbers, _ = typed(cells, _NUMBER)
        return numbers.eq(float(str(value)))

    def _ordered(self, node: derive.Compare) -> tuple[NDArray[np.uint8], pd.Series[str]]:
        """Outcome of a comparison by order, and the compared cells as text."""
        value, kind = _bound(node.value.value)
        raw = self.value(node.term, kind)
        cells, bad = self.days(raw) if kind is _DAY else typed(raw, kind)
        holds = {"<": cells.lt, "<=": cells.le, ">": cells.gt, ">=": cells.ge}[node.sign](value)
        outcome = _outcome(holds)
        outcome[cells.isna().to_numpy()] = MISSING
        outcome[bad] = UNREADABLE
        return outcome, as_text(raw)


def words_of(cells: pd.Series[Any]) -> pd.Series[str]:
    """Cells as the words by which a mapping file names them: without blanks around, yes and no as TOML writes them."""
    text = as_text(cells).str.strip()
    return text.str.lower() if pd.api.types.is_bool_dtype(cells.dtype) else text


def formatted(cells: pd.Series[Any], day_format: str) -> pd.Series[Any]:
    """Text of days in a declared format as days; what does not fit says so, and can be read as no other day."""
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return cells
    places, distinct = pd.factorize(as_text(cells))
    text = pd.Series(distinct, dtype="str")
    days = pd.to_datetime(text.str.normalize("NFKC").str.strip(), format=day_format, errors="coerce")
    bad = days.isna().to_numpy()
    words = np.array([*as_text(days).where(~bad, text + f" ≠ {day_format}"), None], dtype=object)
    return pd.Series(words[places], dtype="str")


def _bound(value: object) -> tuple[Any, Column]:
    """What an order is compared with: a number, or a day written as one."""
    if isinstance(value, str):
        day, bad = typed(pd.Series([value]), _DAY)
        if bad.any() or day.isna().any():
            raise MappingError(
                f"{value!r} has no order; < <= > >= compare with a number or a day such as '2023-01-31'."
            )
        return day.iloc[0], _DAY
    if isinstance(value, bool):
        raise MappingError("true and false have no order; write = or !=.")
    return float(str(value)), _NUMBER


def check_bounds(node: derive.Node) -> None:
    """Raises `MappingError` where an order is compared with what has none."""
    for part in derive.walk(node):
        if isinstance(part, derive.Compare) and part.sign not in ("=", "!="):
            _bound(part.value.value)


def _outcome(holds: pd.Series[Any]) -> NDArray[np.uint8]:
    return np.where(holds.fillna(False).to_numpy(dtype=bool), TRUE, FALSE).astype(np.uint8)


_NEGATED = np.array([TRUE, MISSING, UNREADABLE, FALSE], dtype=np.uint8)


def _or_raw(cells: pd.Series[Any], raw: pd.Series[Any], bad: Bools) -> pd.Series[Any]:
    """Values, and what could not be read as it was."""
    if not bad.any():
        return cells
    return as_text(cells).mask(bad, as_text(raw))
