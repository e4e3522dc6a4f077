"""Text tables (csv): looked through once, then read so many rows at a time, however large they are.

The first look tells encoding, delimiter, header and number of rows. Files whose rows all fit their header are read by
Arrow; where one does not, all are read the patient way, which keeps that row and marks it.

>>> table = looked_through(lambda: io.BytesIO("org_id;name\\nA;前海".encode("gb18030")))
>>> table.told, table.rows
('gb18030; delimiter ;', 1)
>>> ragged = looked_through(lambda: io.BytesIO(b"a,b\\n1,2\\n3\\n"))
>>> pd.concat(ragged.pieces(1))["(cells)"].tolist()[1]
'1 cells, the header has 2'
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, BinaryIO, Final

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from .delivery import MALFORMED

LONGEST_LINE: Final = 1 << 20
"""Bytes of the longest line a text file may have: 1 MiB is a hundred times the longest real one."""
MOST_COLUMNS: Final = 2_000
_CHUNK = 1 << 22
_UNSEEN = dict.fromkeys(map(ord, "\x00\ufeff"))
_ENCODINGS = ("utf-8", "gb18030")
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8"}


@dataclass(frozen=True)
class Text:
    """A text table that was looked through; ``plain``: all its rows fit the header.

    ``above``: empty lines above the header; ``quoted``: there are quotes, so a cell may hold line breaks.
    """

    opened: Callable[[], BinaryIO]
    encoding: str
    header: list[str]
    delimiter: str = ","
    above: int = 0
    quoted: bool = False
    plain: bool = True
    rows: int = 0
    declared: bool = False

    @property
    def told(self) -> str:
        """The encoding, and whether it was declared; the delimiter where it is no comma: what was guessed."""
        encoding = f"{self.encoding} (declared)" if self.declared else self.encoding
        told = {"\t": "'\\t'"}.get(self.delimiter, self.delimiter)
        return encoding if self.delimiter == "," else f"{encoding}; delimiter {told}"

    @property
    def head(self) -> pd.DataFrame:
        """The columns, without any row."""
        return pd.DataFrame({name: pd.Series(dtype="str") for name in self.header})

    def pieces(self, rows: int) -> Iterator[pd.DataFrame]:
        """Cells as text, so many rows at a time."""
        return self._by_arrow(rows) if self.plain else self._patiently(rows)

    def counted(self) -> Text:
        """The same table with its number of rows, read by Arrow if it can be.

        Raises ``csv.Error`` or ``ValueError`` where the quotes of the file make no table.
        """
        if not self.header:
            return self
        try:
            return replace(self, rows=sum(len(batch) for batch in self._batches(self.header[:1])))
        except pa.ArrowInvalid:
            return replace(self, plain=False, rows=sum(1 for _ in self._rows()))

    def _by_arrow(self, rows: int) -> Iterator[pd.DataFrame]:
        for table in gathered(self._batches(self.header), rows):
            yield table.to_pandas()

    def _batches(self, columns: list[str]) -> Iterator[pa.RecordBatch]:
        with self.opened() as handle:
            yield from pacsv.open_csv(
                handle,
                pacsv.ReadOptions(
                    column_names=self.header,
                    skip_rows=self.above,
                    skip_rows_after_names=1,
                    block_size=2 * LONGEST_LINE,
                    encoding=self.encoding,
                ),
                pacsv.ParseOptions(delimiter=self.delimiter, newlines_in_values=self.quoted),
                pacsv.ConvertOptions(
                    column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False, include_columns=columns
                ),
            )

    def _patiently(self, rows: int) -> Iterator[pd.DataFrame]:
        found = self._rows()
        while piece := list(islice(found, rows)):
            yield pd.DataFrame(piece, columns=[*self.header, MALFORMED], dtype="str")

    def _rows(self) -> Iterator[list[str | None]]:
        """Rows with what is wrong with each of them behind: missing and superfluous cells are marked."""
        width = len(self.header)
        with self.opened() as handle, io.TextIOWrapper(handle, encoding=_reading(self.encoding), newline="") as lines:
            reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
            begun = 0
            try:
                for _ in range(self.above):
                    lines.readline()
                next(row for row in reader if row)
                for row in reader:
                    begun = reader.line_num
                    if row:
                        mark = None if len(row) == width else f"{len(row)} cells, the header has {width}"
                        yield [*(row if mark is None else [*row, *[""] * width][:width]), mark]
            except csv.Error as problem:
                raise ValueError(f"{problem}, in the row that begins after line {begun}") from problem


def looked_through(opened: Callable[[], BinaryIO], declared: str = "", header_row: int = 1) -> Text:
    """A text table by what opens it; it is read twice here, and once more by `Text.pieces`.

    ``declared``: its encoding, which is then not guessed; ``header_row``: the line of the header. Raises ``ValueError`` with the
    reason where it is no text or no table.
    """
    with opened() as handle:
        first = handle.read(2 * LONGEST_LINE)
        encoding = _encoding(first, handle, declared)
    text = codecs.getincrementaldecoder(_reading(encoding))("ignore").decode(first)
    titles = "".join(text.splitlines(keepends=True)[: header_row - 1])
    body = text[len(titles) :].lstrip("\r\n")
    above = len(text[: len(text) - len(body)].splitlines())
    if header_row > 1 and not body.strip():
        raise ValueError(f"header = {header_row} is declared, and it has no such row")
    line = body.splitlines()[0] if body.strip() else ""
    counted = Counter({sign: line.count(sign) for sign in ",\t;"})
    delimiter = max(",\t;", key=lambda sign: counted[sign])
    header = next(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True), [])
    found = Text(opened, encoding, named(header), delimiter, above, _has_quotes(opened), declared=bool(declared))
    return found.counted()


def gathered(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Batches put together, or cut, to tables of so many rows; the last one has what is left."""
    waiting: list[pa.RecordBatch] = []
    room = rows
    for batch in batches:
        rest = batch
        while len(rest):
            waiting.append(rest.slice(0, room))
            room -= len(waiting[-1])
            rest = rest.slice(len(waiting[-1]))
            if not room:
                yield pa.Table.from_batches(waiting)
                waiting, room = [], rows
    if waiting:
        yield pa.Table.from_batches(waiting)


def named(header: list[str]) -> list[str]:
    """Column names without blanks around; nameless columns get a number, a name twice is refused."""
    if len(header) > MOST_COLUMNS:
        raise ValueError(f"{len(header):,} columns, more than {MOST_COLUMNS:,}")
    names = [name.translate(_UNSEEN).strip() or f"column {place}" for place, name in enumerate(header, 1)]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"column {twice[0]!r} stands twice in the header")
    return names


def _encoding(first: bytes, rest: BinaryIO, declared: str) -> str:
    """What decodes all of a file: declared, or said by its byte-order mark, or else the first that has no error."""
    marked = next((name for mark, name in _MARKS.items() if first.startswith(mark)), "")
    if declared and marked not in ("", declared):
        raise ValueError(f"its mark says {marked.upper()}, declared is {declared.upper()}")
    said = declared or marked
    for encoding in (said,) if said else _ENCODINGS:
        if _decodes(first, rest, encoding):
            return encoding
        rest.seek(len(first))
    if not said:
        raise ValueError("neither UTF-8 nor GB18030 text")
    raise ValueError(f"no {said.upper()} text, as {'declared' if declared else 'its mark says'}")


def _decodes(first: bytes, rest: BinaryIO, encoding: str) -> bool:
    decoder: Any = codecs.getincrementaldecoder(encoding)()
    try:
        decoder.decode(first)
        while chunk := rest.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _reading(encoding: str) -> str:
    """The codec that also takes the byte-order mark away."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _has_quotes(opened: Callable[[], BinaryIO]) -> bool:
    with opened() as handle:
        return any(b'"' in chunk for chunk in iter(lambda: handle.read(_CHUNK), b""))
