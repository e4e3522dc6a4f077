"""From what was delivered to what a column is declared to hold, and which cells could not be read.

Deliveries are typed (parquet) or text (csv, workbooks). Both end as: text and codes `str`, days `datetime64[s]` and
timestamps `datetime64[us]` in Asia/Shanghai, numbers `float64`, flags `boolean`; missing is missing in all of them. Text is parsed
once per distinct value, which keeps millions of rows quick.

>>> typed(pd.Series(["2024-02-29", "2024年3月1日", "2024-02-30", ""]), Column("due_on", "day"))[1].tolist()
[False, False, True, False]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .amounts import parse_numbers
from .schema import Column

Cells = tuple["pd.Series[Any]", NDArray[np.bool_]]
"""Typed column and the mask of its unreadable cells (which are missing in the column)."""

MISSING = ("", "NaN", "nan", "NaT", "None", "none", "null", "NULL", "<NA>")
"""How files write that nothing is known."""

_TRUE = ("true", "1", "1.0", "yes", "y", "t", "是", "有", "对")
_FALSE = ("false", "0", "0.0", "no", "n", "f", "否", "无", "错")
_ZONED = r"\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$"
_ZONE = "Asia/Shanghai"
_MOMENT: Final = "datetime64[us]"
DAY_NUMBER: Final = "a day number of Excel"
_DAY_TEXT: Final = (
    r"(?P<y>\d{4})(?:(?P<sign>[-/.])(?P<m1>\d{1,2})(?P=sign)(?P<d1>\d{1,2})|年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日?|(?P<m3>\d{2})(?P<d3>\d{2}))"
    r"(?:[ T](?P<h>\d{1,2})[:时](?P<i>\d{1,2})(?:[:分](?P<s>\d{1,2}(?:\.\d+)?))?[分秒]?)?"
)
"""Year, month, day: eight digits, or one sign twice, or 年月日, with or without zeros and a time of day."""


def typed(cells: pd.Series[Any], column: Column) -> Cells:
    """Column as declared, and the mask of cells that are not missing yet cannot be read."""
    if column.kind in ("day", "timestamp"):
        moments, bad = _moments(cells)
        return (moments.dt.floor("D").astype("datetime64[s]") if column.kind == "day" else moments), bad
    if column.is_number:
        return _numbers(cells, whole=column.kind == "integer")
    if column.kind == "flag":
        return _flags(cells)
    return _coded(cells, column) if column.kind == "code" else as_text(cells), np.zeros(len(cells), dtype=bool)


def _coded(cells: pd.Series[Any], column: Column) -> pd.Series[str]:
    """Words of a code column; a word that elsewhere says that nothing is known stays where it is one of the codes."""
    words = as_text(cells).str.strip()
    meant = [code for code in column.codes if code in MISSING]
    if not meant:
        return words
    raw = written(cells).reset_index(drop=True).str.strip()
    return words.where(~raw.isin(meant).to_numpy(dtype=bool), raw)


def empty(column: Column, rows: int) -> pd.Series[Any]:
    """A column of which nothing is known."""
    if column.kind in ("day", "timestamp"):
        return pd.Series(np.full(rows, "NaT", dtype="datetime64[s]" if column.kind == "day" else _MOMENT))
    if column.is_number:
        return pd.Series(np.full(rows, np.nan))
    if column.kind == "flag":
        return pd.Series(pd.array([pd.NA], dtype="boolean").repeat(rows))
    return pd.Series(np.nan, index=range(rows), dtype="str")


def as_text(cells: pd.Series[Any]) -> pd.Series[str]:
    """Any column as text; whole floats are written without their point, blanks are missing.

    A float beyond what its type holds exactly is written in scientific notation, so that nobody takes it for a number
    that was delivered digit by digit.

    >>> as_text(pd.Series([12.0, 0.5, 2.02305e17])).tolist()
    ['12', '0.5', '2.02305e+17']
    """
    if pd.api.types.is_float_dtype(cells.dtype):
        exact = _exact(cells)
        places, distinct = pd.factorize(cells)
        words = [_float_written(float(value), exact) for value in distinct]
        text = pd.Series(np.array([*words, None], dtype=object)[places], dtype="str")
    else:
        text = written(cells).reset_index(drop=True)
        text = text.mask(cells.isna().to_numpy(dtype=bool))
    return text.mask(text.isin(MISSING))


def _exact(cells: pd.Series[Any]) -> float:
    """The number up to which the float type of a column holds every whole number."""
    kind = cells.to_numpy().dtype if isinstance(cells.dtype, np.dtype) else getattr(cells.dtype, "numpy_dtype", None)
    digits = np.finfo(kind).nmant if kind is not None and np.issubdtype(kind, np.floating) else 52
    return float(2.0 ** (digits + 1))


def _float_written(value: float, exact: float) -> str:
    if not value.is_integer():
        return repr(value)
    return f"{value:.0f}" if abs(value) <= exact else np.format_float_scientific(value, trim="-", exp_digits=2)


def written(cells: pd.Series[Any]) -> pd.Series[str]:
    """Cells as text, each by itself, so that rows read in other pieces are written alike; missing stays missing.

    Half a surrogate pair, which no file can hold, becomes a question mark.
    """
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return _moments_written(cells)
    try:
        return cells.astype("str")
    except UnicodeEncodeError:
        whole = cells.map(lambda cell: str(cell).encode("utf-8", "replace").decode("utf-8"), na_action="ignore")
        return whole.astype("str")


def _moments_written(cells: pd.Series[Any]) -> pd.Series[str]:
    """A day without its midnight; pandas alone would look at all cells for the form of each."""
    places, distinct = pd.factorize(cells)
    words = [str(moment).removesuffix(" 00:00:00") for moment in distinct]
    return pd.Series(np.array([*words, None], dtype=object)[places], index=cells.index, dtype="str")


def _by_distinct(cells: pd.Series[Any], parse: Callable[[pd.Series[str]], pd.Series[Any]]) -> Cells:
    """Parses each distinct text once; a text that parses to missing is unreadable."""
    text = as_text(cells)
    places, distinct = pd.factorize(text)
    parsed = parse(pd.Series(distinct, dtype="str"))
    column = (
        parsed.take(np.maximum(places, 0)).reset_index(drop=True) if len(distinct) else parsed.reindex(range(len(text)))
    )
    column = column.mask(places < 0)
    return column, np.asarray(column.isna().to_numpy() & (places >= 0), dtype=bool)


def _moments(cells: pd.Series[Any]) -> Cells:
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        cells = cells.dt.tz_convert(_ZONE).dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(cells.dtype):
        moments = cells.reset_index(drop=True)
        far = _far(moments.to_numpy())
        return (moments.mask(far) if far.any() else moments).astype(_MOMENT), far
    return _by_distinct(cells, _parse_moments)


def _far(moments: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Moments outside of the years 1 to 9999, which no calendar of an office has (nanoseconds do not reach so far)."""
    if moments.dtype == np.dtype("datetime64[ns]"):
        return np.zeros(len(moments), dtype=bool)
    return (moments < np.datetime64("0001-01-01", "s")) | (moments > np.datetime64("9999-12-31T23:59:59", "s"))


def _parse_moments(text: pd.Series[str]) -> pd.Series[Any]:
    text = text.str.normalize("NFKC").str.strip()
    zoned = text.str.contains(_ZONED, regex=True).to_numpy(dtype=bool)
    moments = pd.Series(np.full(len(text), "NaT", dtype=_MOMENT))
    if zoned.any():
        there = pd.to_datetime(text[zoned], format="ISO8601", errors="coerce", utc=True)
        moments[zoned] = there.dt.tz_convert(_ZONE).dt.tz_localize(None).astype(_MOMENT)
    plain = ~zoned & text.str.fullmatch(r"\d{4}-\d{2}-\d{2}.*").to_numpy(dtype=bool)
    if plain.any():
        moments[plain] = pd.to_datetime(text[plain], format="ISO8601", errors="coerce").astype(_MOMENT)
    rest = ~zoned & ~plain
    if rest.any():
        moments[rest] = pd.to_datetime(_iso(text[rest]), format="ISO8601", errors="coerce").astype(_MOMENT)
    return moments


def _iso(text: pd.Series[str]) -> pd.Series[str]:
    """Days and moments of the accepted forms in ISO form; what has none of them is missing."""
    parts = text.str.extract(rf"^{_DAY_TEXT}$")
    month = parts["m1"].fillna(parts["m2"]).fillna(parts["m3"]).str.zfill(2)
    day = parts["d1"].fillna(parts["d2"]).fillna(parts["d3"]).str.zfill(2)
    seconds = parts["s"].fillna("0").str.replace(r"^(\d)(?!\d)", r"0\1", regex=True)
    clock = "T" + parts["h"].fillna("0").str.zfill(2) + ":" + parts["i"].fillna("0").str.zfill(2) + ":" + seconds
    return parts["y"] + "-" + month + "-" + day + clock


def day_number_hints(cells: pd.Series[Any]) -> NDArray[np.object_]:
    """For cells that are no day: what they are where they are day numbers of a workbook (45047 is 2023-05-01).

    >>> day_number_hints(pd.Series(["45047", "x"])).tolist()[1]
    ''
    """
    text = as_text(cells).str.strip()
    numbers = pd.to_numeric(text.where(text.str.fullmatch(r"[2-5]\d{4}(?:\.\d+)?")), errors="coerce")
    days = pd.Timestamp("1899-12-30") + pd.to_timedelta(numbers.floordiv(1), unit="D")
    hints = f"{DAY_NUMBER} (" + days.dt.strftime("%Y-%m-%d") + ") Excel 日期序号: format the column as yyyy-mm-dd"
    return np.asarray(hints.where(numbers.notna(), "").to_numpy(dtype=object))


def _numbers(cells: pd.Series[Any], *, whole: bool) -> Cells:
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        numbers = pd.Series(cells.to_numpy(dtype=np.float64, na_value=np.nan))
        given = ~np.isnan(numbers.to_numpy())
    else:
        numbers, bad = _by_distinct(cells, parse_numbers)
        given = bad | numbers.notna().to_numpy()
    values = numbers.to_numpy(dtype=np.float64)
    readable = np.isfinite(values)
    if whole:
        readable &= np.floor(values, where=readable, out=np.zeros_like(values)) == np.where(readable, values, 0.0)
    return pd.Series(np.where(readable, values, np.nan)), given & ~readable


def _flags(cells: pd.Series[Any]) -> Cells:
    if pd.api.types.is_bool_dtype(cells.dtype):
        return cells.reset_index(drop=True).astype("boolean"), np.zeros(len(cells), dtype=bool)
    return _by_distinct(cells, _parse_flags)


def _parse_flags(text: pd.Series[str]) -> pd.Series[Any]:
    word = text.str.normalize("NFKC").str.strip().str.lower()
    known = word.isin(_TRUE) | word.isin(_FALSE)
    return word.isin(_TRUE).astype("boolean").mask(~known)
