"""One delivered file as raw cells: text in UTF-8, UTF-16 or GB18030, parquet, workbooks.

Files come from outside, so each is measured before it is opened: no line, column count or promise of rows may exhaust
the machine. A file that cannot be read as a whole is a `DataError` that names it, the reason and the cure; a single row
that does not fit its header is kept, marked, and quarantined by the checks.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..errors import DataError
from .delivery import File, Top
from .file_state import FileState
from .reading_text import LONGEST_LINE, MOST_COLUMNS, gathered, looked_through
from .reading_workbooks import affordable_memory, read_workbook

TEXT = (".csv", ".tsv", ".txt")
READABLE = (".parquet", *TEXT, ".xlsx")

_CHUNK = 1 << 24
_AGAIN = "Deliver the file again."
ALL = 1 << 62
"""More rows than anything has: all of them at once."""
_STEP = 1 << 13
_MANY_ROWS = 1 << 20
_MOST_ROWS_A_BYTE = 4
"""Rows that a parquet file of many rows may hold for each of its bytes."""
_WIDEST = 1 << 14
"""Bytes that the rows of a parquet file may have on average."""

Pieces = Callable[[int], Generator[pd.DataFrame, None, None]]
"""Rows of a table, at most so many at a time; whoever stops early closes them."""
Look = tuple[pd.DataFrame, int, Callable[[int], Iterator[pd.DataFrame]], str, Top]
"""Columns, number of rows, the rows, how text was read, and the first rows as they stand."""


@dataclass(frozen=True)
class ReadOptions:
    """What is declared of a file: the encoding of text (else guessed), the row of the header, the sheet of a workbook."""

    encoding: str = ""
    header: int = 1
    sheet: str = ""


_PLAIN = ReadOptions()


@dataclass(frozen=True)
class Delivered:
    """A file, or a table of a database, that was looked at and not yet read: its columns (a frame without rows), and its
    rows, so many at a time.

    All but workbooks, which are one piece, may be larger than memory.
    """

    head: pd.DataFrame
    file: File
    pieces: Pieces
    top: Top = ()

    def whole(self) -> pd.DataFrame:
        """Raw cells of all rows at once; refuses a parquet file whose rows do not fit into memory."""
        frames = list(self.pieces(ALL))
        return frames[0] if frames else self.head


def look_at(path: Path, name: str, table: str, options: ReadOptions = _PLAIN) -> Delivered:
    """Looks at one file of ``table``; ``name`` is what the file is called in messages and in the quarantine."""
    if not path.is_file():
        raise DataError.unreadable(name, "it is no ordinary file", "Deliver a file of that name.")
    with readable(name):
        file_state = FileState.of(path)
        with path.open("rb") as handle:
            digest, size = _measured(handle, by_line=kind_of(path) in TEXT)
        look = _LOOKS[kind_of(path)] if size else _look_at_nothing
        head, rows, pieces, told, top = look(path, table, options)
    return Delivered(
        head,
        File(name, rows, digest, told),
        lambda step: _told(name, pieces, rows, step, lambda: file_state.check(path, digest)),
        top,
    )


def read_file(path: Path, name: str, table: str, options: ReadOptions = _PLAIN) -> tuple[pd.DataFrame, File]:
    """Raw cells of one file, all at once."""
    found = look_at(path, name, table, options)
    return found.whole(), found.file


def kind_of(path: Path) -> str:
    """The ending of a file's name in small letters: ``filings.CSV`` comes from Windows and is a csv."""
    return path.suffix.lower()


@contextmanager
def readable(name: str, cure: str = _AGAIN) -> Iterator[None]:
    """Whatever the reader of a format says, said with the name of the file and the cure."""
    try:
        yield
    except MemoryError as problem:
        raise DataError.unreadable(
            name, "there is too little memory for it", "Raise memory_limit_mb, or deliver smaller files."
        ) from problem
    except (OSError, ValueError, OverflowError, pa.ArrowException, csv.Error) as problem:
        raise DataError.unreadable(name, _said(problem), cure) from problem


def as_counted(
    frames: Iterable[pd.DataFrame], rows: int, wrong: Callable[[str], Exception] = ValueError
) -> Generator[pd.DataFrame, None, None]:
    """Frames with as many rows together as were counted, for the places of rows are given out already; else raises ``wrong``.

    >>> list(as_counted([pd.DataFrame({"a": [1, 2]})], 3))
    Traceback (most recent call last):
    ValueError: 3 rows were counted and 2 came
    """
    came = 0
    for frame in frames:
        came += len(frame)
        if came > rows:
            break
        yield frame
    if came != rows:
        raise wrong(f"{rows:,} rows were counted and {'more' if came > rows else f'{came:,}'} came")


def _told(
    name: str,
    pieces: Callable[[int], Iterator[pd.DataFrame]],
    rows: int,
    step: int,
    check: Callable[[], None],
) -> Generator[pd.DataFrame, None, None]:
    with readable(name):
        yield from as_counted(pieces(step), rows)
        check()


def _look_at_nothing(_path: Path, _table: str, _options: ReadOptions) -> Look:
    return pd.DataFrame(), 0, lambda _rows: iter(()), "", ()


def _look_at_text(path: Path, _table: str, options: ReadOptions) -> Look:
    if options.sheet:
        raise ValueError(f"sheet {options.sheet!r} is declared, and text has no sheets")
    text = looked_through(lambda: path.open("rb"), options.encoding, options.header)
    return text.head, text.rows, text.pieces, text.told, text.top


def _look_at_parquet(path: Path, _table: str, options: ReadOptions) -> Look:
    if options.sheet or options.header > 1:
        raise ValueError("header or sheet is declared, and parquet has neither header rows nor sheets")
    with pq.ParquetFile(path) as file:
        _few_columns(file.metadata)
        _few_rows_a_byte(file.metadata.num_rows, path.stat().st_size)
        head = frame_of(file.schema_arrow.empty_table())
        return head, file.metadata.num_rows, lambda rows: _parquet_pieces(path, rows), "", ()


def _look_at_workbook(path: Path, table: str, options: ReadOptions) -> Look:
    cells, top = read_workbook(path, table, options.header, options.sheet)
    return cells.iloc[:0], len(cells), lambda _rows: iter([cells]), "", top


_LOOKS = {".parquet": _look_at_parquet, ".xlsx": _look_at_workbook, **dict.fromkeys(TEXT, _look_at_text)}


def _parquet_pieces(path: Path, rows: int) -> Iterator[pd.DataFrame]:
    if rows == ALL:
        _affordable(pq.read_metadata(path))
    return map(frame_of, gathered(_parquet_batches(path), rows))


def _parquet_batches(path: Path) -> Iterator[pa.RecordBatch]:
    """A few rows at a time, for a word of the file's dictionary may be long and stand in every row."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_STEP):
            batch.validate(full=True)
            if (size := _written_out(batch)) > _WIDEST * max(len(batch), 1024):
                raise ValueError(f"rows of {size // len(batch):,} bytes, so this is no table")
            yield batch


def _written_out(batch: pa.RecordBatch) -> int:
    """Bytes of some rows once every word of a dictionary stands where it is meant."""
    words = [column for column in batch.columns if pa.types.is_dictionary(column.type)]
    lengths = [pc.binary_length(column.dictionary).take(column.indices) for column in words if _is_text(column)]
    return int(batch.nbytes) + sum(pc.sum(one).as_py() or 0 for one in lengths)


def _is_text(column: pa.DictionaryArray) -> bool:
    kind = column.type.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind))


def _said(problem: BaseException) -> str:
    """The first line of an error, printable and short."""
    line = next(iter(str(problem).splitlines()), "") or type(problem).__name__
    return "".join(letter if letter.isprintable() else "?" for letter in line)[:300].rstrip(". ")


def _measured(handle: BinaryIO, *, by_line: bool) -> tuple[str, int]:
    """Digest and size of a file, read once from the start; a giant line ends the reading at once."""
    total, size, since = hashlib.sha256(), 0, 0
    while chunk := handle.read(_CHUNK):
        total.update(chunk)
        size += len(chunk)
        if by_line:
            since = _longest(chunk, since)
    handle.seek(0)
    return total.hexdigest(), size


def _longest(chunk: bytes, since: int) -> int:
    """Bytes since the last line break, or a refusal when any line is too long."""
    breaks = np.flatnonzero(np.isin(np.frombuffer(chunk, dtype=np.uint8), (10, 13)))
    borders = np.concatenate([[-1 - since], breaks, [len(chunk)]])
    if np.diff(borders).max(initial=0) > LONGEST_LINE:
        raise ValueError(f"a line of more than {LONGEST_LINE:,} bytes, so this is no table")
    return int(len(chunk) - 1 - borders[-2]) if len(breaks) else since + len(chunk)


def _affordable(metadata: pq.FileMetaData) -> None:
    """Refuse a file whose rows would not fit into the memory of the machine (a bomb, or the wrong file)."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    need = max(sum(group.total_byte_size for group in groups), 4 * metadata.num_rows * metadata.num_columns)
    have = affordable_memory()
    if need > have:
        raise ValueError(f"its {metadata.num_rows:,} rows need about {need >> 20:,} MB, more than the machine has")


def _few_rows_a_byte(rows: int, size: int) -> None:
    """Refuse a small file that says the same row over and over: with a key of its own, no row takes so little room."""
    if rows > _MANY_ROWS and rows > _MOST_ROWS_A_BYTE * size:
        raise ValueError(
            f"{rows:,} rows in {size:,} bytes, so nearly all rows are alike and this is no table; if it is one, deliver it as csv"
        )


def _few_columns(metadata: pq.FileMetaData) -> None:
    if metadata.num_columns > MOST_COLUMNS:
        raise ValueError(f"{metadata.num_columns:,} columns, more than {MOST_COLUMNS:,}")


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Arrow to pandas without slow cells: days become timestamps, dictionaries words, decimals floats, nested cells text.

    Whole numbers keep their digits: with gaps they stay whole (``Int64``), beyond what a float holds they become text.
    """
    names = [str(name) for name in table.column_names]
    once(names)
    return pd.DataFrame({name: _cells(column) for name, column in zip(names, table.columns, strict=True)})


def once(names: list[str]) -> None:
    """Refuses a column name that stands twice."""
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"column {twice[0]!r} stands twice")


def _cells(column: pa.ChunkedArray) -> pd.Series[Any]:
    if pa.types.is_dictionary(column.type):
        column = _words(column)
    kind = column.type
    if _is_binary(kind):
        return _text(column, lambda one: one.decode("utf-8", "replace"))
    if pa.types.is_nested(kind):
        return _text(column, str)
    if pa.types.is_date(kind):
        column = column.cast(pa.timestamp("ms")).cast(pa.timestamp("s"))
    elif pa.types.is_decimal(kind):
        whole = kind.scale <= 0 and kind.precision > _EXACT_DIGITS
        column = column.cast(pa.string() if whole else pa.float64())
    elif pa.types.is_integer(kind) and column.null_count:
        return pd.Series(column.to_pandas(types_mapper=_WHOLE.get))
    return pd.Series(column.to_pandas())


_EXACT_DIGITS = 15
"""Digits that every float keeps."""
_WHOLE = {
    kind(): dtype()
    for kind, dtype in (
        (pa.int8, pd.Int8Dtype),
        (pa.int16, pd.Int16Dtype),
        (pa.int32, pd.Int32Dtype),
        (pa.int64, pd.Int64Dtype),
        (pa.uint8, pd.UInt8Dtype),
        (pa.uint16, pd.UInt16Dtype),
        (pa.uint32, pd.UInt32Dtype),
        (pa.uint64, pd.UInt64Dtype),
    )
}


def _words(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Words in the place of their numbers; polars keeps its categories in a form that Arrow cannot cast at once."""
    value = column.type.value_type
    kind = pa.large_string() if pa.types.is_string_view(value) else value
    words = [one.dictionary.cast(kind).take(one.indices) for one in column.chunks]
    return pa.chunked_array(words, kind)


def _is_binary(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(test(kind) for test in tests)


def _text(column: pa.ChunkedArray, write: Callable[[Any], str]) -> pd.Series[Any]:
    return pd.Series([None if one is None else write(one) for one in column.to_pylist()], dtype="str")
