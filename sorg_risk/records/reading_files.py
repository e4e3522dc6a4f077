"""One delivered file as raw cells: text in UTF-8, UTF-16 or GB18030, parquet, workbooks.

Files come from outside, so each is measured before it is opened: no line, column count or promise of rows may exhaust
the machine. A file that cannot be read as a whole is a `DataError` that names it, the reason and the cure; a single row
that does not fit its header is kept, marked, and quarantined by the checks.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from ..errors import DataError
from .delivery import MALFORMED, File
from .reading_workbooks import affordable_memory, read_workbook

READABLE = (".parquet", ".csv", ".xlsx")

LONGEST_LINE = 1 << 20
"""Bytes of the longest line a text file may have: 1 MiB is a hundred times the longest real one."""
MOST_COLUMNS = 2_000
_CHUNK = 1 << 24
_AGAIN = "Deliver the file again."


def read_file(path: Path, name: str, table: str) -> tuple[pd.DataFrame, File]:
    """Raw cells of one file of ``table``; ``name`` is what the file is called in messages and in the quarantine."""
    if not path.is_file():
        raise DataError.unreadable(name, "it is no ordinary file", "Deliver a file of that name.")
    try:
        with path.open("rb") as handle:
            digest, size = _measured(handle, by_line=path.suffix == ".csv")
            encoding = ""
            if not size:
                frame = pd.DataFrame()
            elif path.suffix == ".csv":
                frame, encoding = read_csv(handle.read())
            elif path.suffix == ".parquet":
                frame = _read_parquet(handle)
            else:
                frame = read_workbook(path, table)
    except (OSError, ValueError, OverflowError, MemoryError, pa.ArrowException, csv.Error) as problem:
        raise DataError.unreadable(name, _said(problem), _AGAIN) from problem
    return frame, File(name, len(frame), digest, encoding)


def parquet_head(path: Path, name: str) -> tuple[pd.DataFrame, File]:
    """The columns of a parquet file (a frame without rows) and its digest and rows, without reading them."""
    try:
        with path.open("rb") as handle:
            digest, size = _measured(handle, by_line=False)
            if not size:
                return pd.DataFrame(), File(name, 0, digest)
            with pq.ParquetFile(handle) as file:
                _few_columns(file.metadata)
                return frame_of(file.schema_arrow.empty_table()), File(name, file.metadata.num_rows, digest)
    except (OSError, ValueError, OverflowError, MemoryError, pa.ArrowException) as problem:
        raise DataError.unreadable(name, _said(problem), _AGAIN) from problem


def parquet_pieces(path: Path, name: str, rows: int) -> Iterator[pd.DataFrame]:
    """The rows of a parquet file, so many at a time: it may be larger than memory."""
    if not path.stat().st_size:
        return
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(rows):
                batch.validate(full=True)
                yield frame_of(pa.Table.from_batches([batch]))
    except (OSError, ValueError, OverflowError, MemoryError, pa.ArrowException) as problem:
        raise DataError.unreadable(name, _said(problem), _AGAIN) from problem


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


def read_csv(content: bytes) -> tuple[pd.DataFrame, str]:
    """Text cells of a csv file, and the encoding (with the delimiter, where it is no comma) as guessed.

    >>> read_csv("org_id;name\\nA;前海".encode("gb18030"))[1]
    'gb18030; delimiter ;'
    >>> frame, encoding = read_csv(b"a,b\\n1,2\\n3\\n")
    >>> frame["(cells)"].tolist()[1]
    '1 cells, the header has 2'
    """
    text, encoding = _as_utf8(content)
    header, delimiter = _header(text)
    if not header:
        return pd.DataFrame(), encoding
    try:
        frame = _strict(text, header, delimiter)
    except pa.ArrowException:
        frame = _row_by_row(text, header, delimiter)
    return frame, encoding if delimiter == "," else f"{encoding}; delimiter {delimiter!r}".replace("';'", ";")


def _as_utf8(content: bytes) -> tuple[bytes, str]:
    """The text in UTF-8 without byte-order mark, and the encoding it came in."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16").encode("utf-8"), "utf-16"
    content = content.removeprefix(b"\xef\xbb\xbf")
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return (content if encoding == "utf-8" else text.encode("utf-8")), encoding
    raise ValueError("neither UTF-8 nor GB18030 text")


def _header(text: bytes) -> tuple[list[str], str]:
    """Names of the columns, and the delimiter: the most frequent of comma, tab and semicolon in the header."""
    first = text[: LONGEST_LINE * 2].decode("utf-8", "ignore").lstrip("\r\n")
    line = first.splitlines()[0] if first.strip() else ""
    counted = Counter({sign: line.count(sign) for sign in ",\t;"})
    delimiter = max(",\t;", key=lambda sign: counted[sign])
    header = next(csv.reader(io.StringIO(first, newline=""), delimiter=delimiter, strict=True), [])
    return named(header), delimiter


def named(header: list[str]) -> list[str]:
    """Column names without blanks around; nameless columns get a number, a name twice is refused."""
    if len(header) > MOST_COLUMNS:
        raise ValueError(f"{len(header):,} columns, more than {MOST_COLUMNS:,}")
    names = [name.replace("\x00", "").strip() or f"column {place}" for place, name in enumerate(header, 1)]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"column {twice[0]!r} stands twice in the header")
    return names


def _strict(text: bytes, header: list[str], delimiter: str) -> pd.DataFrame:
    """The quick way, for files whose rows all fit the header."""
    table = pacsv.read_csv(
        pa.BufferReader(text),
        pacsv.ReadOptions(column_names=header, skip_rows_after_names=1, block_size=max(1 << 20, 2 * LONGEST_LINE)),
        pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in text),
        pacsv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False),
    )
    return frame_of(table)


def _row_by_row(text: bytes, header: list[str], delimiter: str) -> pd.DataFrame:
    """The patient way: rows that do not fit the header are kept and marked."""
    reader = csv.reader(io.StringIO(text.decode("utf-8"), newline=""), delimiter=delimiter, strict=True)
    next(row for row in reader if row)
    rows, marks, begun = [], [], reader.line_num
    try:
        for row in reader:
            begun = reader.line_num
            if row:
                fits = len(row) == len(header)
                marks.append(None if fits else f"{len(row)} cells, the header has {len(header)}")
                rows.append(row if fits else [*row, *[""] * len(header)][: len(header)])
    except csv.Error as problem:
        raise ValueError(f"{problem}, in the row that begins after line {begun}") from problem
    frame = pd.DataFrame(rows, columns=header, dtype="str")
    return frame.assign(**{MALFORMED: pd.Series(marks, dtype="str")})


def _read_parquet(handle: BinaryIO) -> pd.DataFrame:
    with pq.ParquetFile(handle) as file:
        _affordable(file.metadata)
        table = file.read()
    table.validate(full=True)
    return frame_of(table)


def _affordable(metadata: pq.FileMetaData) -> None:
    """Refuse a file whose rows would not fit into the memory of the machine (a bomb, or the wrong file)."""
    _few_columns(metadata)
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    need = max(sum(group.total_byte_size for group in groups), 4 * metadata.num_rows * metadata.num_columns)
    have = affordable_memory()
    if need > have:
        raise ValueError(f"its {metadata.num_rows:,} rows need about {need >> 20:,} MB, more than the machine has")


def _few_columns(metadata: pq.FileMetaData) -> None:
    if metadata.num_columns > MOST_COLUMNS:
        raise ValueError(f"{metadata.num_columns:,} columns, more than {MOST_COLUMNS:,}")


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Arrow to pandas without slow cells: days become timestamps, dictionaries words, decimals floats.

    Whole numbers with gaps stay whole (``Int64``), so that long numbers keep their digits.
    """
    names = [str(name) for name in table.column_names]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"column {twice[0]!r} stands twice")
    return pd.DataFrame({name: _cells(column) for name, column in zip(names, table.columns, strict=True)})


def _cells(column: pa.ChunkedArray) -> pd.Series[Any]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if pa.types.is_date(kind):
        column = column.cast(pa.timestamp("ms")).cast(pa.timestamp("s"))
    elif pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    elif pa.types.is_integer(kind) and column.null_count:
        return pd.Series(column.cast(pa.int64()).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))
    return pd.Series(column.to_pandas())
