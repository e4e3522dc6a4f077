"""Text tables (csv): looked through once, then read so many rows at a time, however large they are.

The first look tells encoding, delimiter, header and number of rows. Files whose rows all fit their header are read by
Arrow; where one does not, or a quote is out of place, all are read the patient way, which keeps that row and marks it.

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
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO, Final

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from .arrow_input import arrow_input, draining
from .delivery import MALFORMED, Top
from .encodings import encoding_of
from .quotes import QuoteScan, RowReader, RowShape

LONGEST_LINE: Final = 1 << 20
"""Bytes of the longest line a text file may have: 1 MiB is a hundred times the longest real one."""
MOST_COLUMNS: Final = 2_000
_UNSEEN = dict.fromkeys(map(ord, "\x00\ufeff"))
TOP_ROWS: Final = 20
"""Rows at the top of a file among which a header is looked for."""
_DELIMITERS = ",\t;|"
_EXCEL_SEPARATOR = re.compile(r'"?sep=(?P<sign>[,;\t|])"?[ \t,;]*(?:\r\n|\n|\r)', re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """A text table that was looked through; ``plain``: all its rows fit the header.

    ``above``: lines above the header; ``header_lines``: those of the header itself; ``quoted``: there are quotes, so a cell may
    hold line breaks; ``shape``: what a row looks like; ``top``: the first rows as they stand, with their lines.
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
    header_lines: int = 1
    shape: RowShape | None = None
    top: Top = ()

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

    def counted(self, scan: QuoteScan) -> Text:
        """The same table with its number of rows, read by Arrow if it can be: all rows fit, and no quote is out of place."""
        if not self.header:
            return self
        try:
            with closing(self._batches(self.header[:1])) as batches:
                rows = sum(len(batch) for batch in batches)
        except pa.ArrowInvalid:
            return replace(self, plain=False, rows=sum(1 for _ in self._rows()))
        if not scan.has_quotes or (scan.is_regular and scan.lines == self.above + self.header_lines + rows):
            return replace(self, rows=rows)
        by_line = [row[-1] is None for row in self._rows()]
        is_plain = scan.is_regular and len(by_line) == rows and all(by_line)
        return replace(self, plain=is_plain, rows=len(by_line))

    def _by_arrow(self, rows: int) -> Iterator[pd.DataFrame]:
        with closing(self._batches(self.header)) as batches:
            for table in gathered(batches, rows):
                yield table.to_pandas()

    def _batches(self, columns: list[str]) -> Generator[pa.RecordBatch]:
        read = pacsv.ReadOptions(
            column_names=self.header,
            skip_rows=self.above,
            skip_rows_after_names=1,
            block_size=2 * LONGEST_LINE,
            encoding=self.encoding,
        )
        parse = pacsv.ParseOptions(delimiter=self.delimiter, newlines_in_values=self.quoted)
        convert = pacsv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False, include_columns=columns
        )
        with (
            self.opened() as handle,
            arrow_input(handle, self.encoding) as source,
            pacsv.open_csv(source, read, parse, convert) as reader,
            draining(reader, source),
        ):
            yield from reader

    def _patiently(self, rows: int) -> Iterator[pd.DataFrame]:
        found = self._rows()
        while piece := list(islice(found, rows)):
            yield pd.DataFrame(piece, columns=[*self.header, MALFORMED], dtype="str")

    def _rows(self) -> Iterator[list[str | None]]:
        """Rows with what is wrong with each of them behind: missing and superfluous cells, quotes out of place."""
        width, above = len(self.header), self.above + self.header_lines
        with self.opened() as handle, io.TextIOWrapper(handle, encoding=_reading(self.encoding), newline="") as lines:
            for _ in range(above):
                lines.readline()
            for record in RowReader(self.delimiter, self.shape).records(iter(lines), above + 1):
                cells = record.cells
                mark = record.mark
                if len(cells) != width:
                    mark = "; ".join([*([mark] if mark else []), f"{len(cells)} cells, the header has {width}"])
                yield [*(cells if len(cells) == width else [*cells, *[""] * width][:width]), mark or None]


def looked_through(opened: Callable[[], BinaryIO], declared: str = "", header_row: int = 1) -> Text:
    """A text table by what opens it; it is read some times here, and once more by `Text.pieces`.

    ``declared``: its encoding, which is then not guessed; ``header_row``: the line of the header. Raises ``ValueError`` with the
    reason where it is no text or no table.
    """
    with opened() as handle:
        encoding = encoding_of(handle, declared)
        handle.seek(0)
        first = handle.read(2 * LONGEST_LINE)
    text = codecs.getincrementaldecoder(_reading(encoding))("ignore").decode(first)
    titles = "".join(_lines(text)[: header_row - 1])
    body = text[len(titles) :].lstrip("\r\n")
    if header_row > 1 and not body.strip():
        raise ValueError(f"header = {header_row} is declared, and it has no such row")
    separator = _EXCEL_SEPARATOR.match(body)
    if separator:
        body = body[separator.end() :]
    above = len(_lines(text[: len(text) - len(body)]))
    delimiter = separator["sign"] if separator else _delimiter(body)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    header = next(reader, [])
    lines = _lines(body)
    shape = RowShape.of(lines[reader.line_num :], delimiter, len(header))
    scan = QuoteScan.of(opened, delimiter, encoding == "utf-16")
    found = Text(
        opened,
        encoding,
        named(header),
        delimiter,
        above,
        scan.has_quotes,
        declared=bool(declared),
        header_lines=reader.line_num,
        shape=shape,
        top=_top(lines, delimiter, above),
    )
    return found.counted(scan)


def _lines(text: str) -> list[str]:
    """Lines with their breaks, as csv has them: a form feed is none."""
    return list(io.StringIO(text, newline=""))


def _delimiter(body: str) -> str:
    line = next(iter(_lines(body)), "")
    counted = Counter({sign: line.count(sign) for sign in _DELIMITERS})
    return max(_DELIMITERS, key=lambda sign: counted[sign])


def _top(lines: list[str], delimiter: str, above: int) -> Top:
    """The first rows by themselves, whatever their width."""
    some = enumerate(lines[:TOP_ROWS], above + 1)
    return tuple((number, tuple(next(csv.reader([line], delimiter=delimiter), []))) for number, line in some)


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


def _reading(encoding: str) -> str:
    """The codec that also takes the byte-order mark away."""
    return "utf-8-sig" if encoding == "utf-8" else encoding
