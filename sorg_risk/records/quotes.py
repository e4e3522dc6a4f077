"""Quotes of a text table: a scan that says whether they are regular, and a patient reader that loses no line where they are not.

An opening quote that nobody closes makes a csv reader take every row up to the next quote for the text of one cell. Here a
quoted cell may hold lines of its own only while none of them looks like a row of the table; else the row in which it opens
is marked, and the lines behind it are read as the rows they are.

>>> lines = ["id,day,text", 'a,2023-05-01,"one', 'b,2023-05-02,two', 'c,2023-05-03,"three"']
>>> reader = RowReader(",", RowShape.of(lines[1:], ",", 3))
>>> [(record.cells[0], record.mark[:12]) for record in reader.records(iter(line + "\\n" for line in lines))]
[('id', ''), ('a', 'the quote th'), ('b', ''), ('c', '')]
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np

MAX_CELL_LINES: Final = 100_000
"""Lines of the longest quoted cell."""
MAX_SHAPES: Final = 4
"""A column whose sampled cells have more shapes than this says nothing of a row."""
SAMPLE_LINES: Final = 400
_CHUNK: Final = 1 << 22
_QUOTE, _NEWLINE, _RETURN, _BOM_END = 34, 10, 13, 0xBF
_PARTS = re.compile(r"(\d+)|([^\W\d_]+)")

csv.field_size_limit(1 << 24)


@dataclass(frozen=True)
class QuoteScan:
    """What the bytes of a text say of its quotes.

    ``has_quotes``: a cell may hold line breaks. ``is_regular``: every quote opens a cell, closes one, or is doubled. ``lines``:
    line breaks, and a last line without one.
    """

    has_quotes: bool
    is_regular: bool
    lines: int

    @classmethod
    def of(cls, open_file: Callable[[], BinaryIO], delimiter: str, is_wide: bool) -> QuoteScan:
        """Scans a text, once where it has no quotes; ``is_wide``: its letters are no single bytes, so quotes are not judged."""
        with open_file() as handle:
            if not any(b'"' in chunk for chunk in iter(lambda: handle.read(_CHUNK), b"")):
                return cls(False, True, 0)
        is_regular, lines, quotes, before = not is_wide, 0, 0, b"\n"
        with open_file() as handle:
            chunk = handle.read(_CHUNK)
            while chunk:
                following = handle.read(_CHUNK)
                lines += chunk.count(b"\n")
                if b"\r" in chunk:
                    lines += chunk.count(b"\r") - chunk.count(b"\r\n") - (before == b"\r" and chunk[:1] == b"\n")
                if is_regular:
                    count, is_regular = _regular(before, chunk, following[:1] or b"\n", quotes, ord(delimiter))
                    quotes += count
                before, chunk = chunk[-1:], following
        return cls(True, is_regular and quotes % 2 == 0, lines + (before not in b"\r\n"))


def _regular(before: bytes, chunk: bytes, after: bytes, quotes: int, delimiter: int) -> tuple[int, bool]:
    """Number of quotes of a chunk, and whether each stands where a quote may; ``quotes``: how many came before."""
    text = np.frombuffer(before + chunk + after, dtype=np.uint8)
    places = np.flatnonzero(text[1:-1] == _QUOTE) + 1
    borders = np.zeros(256, dtype=bool)
    borders[[delimiter, _NEWLINE, _RETURN, _QUOTE]] = True
    opening = borders.copy()
    opening[_BOM_END] = True
    opens, closes = places[quotes % 2 :: 2], places[1 - quotes % 2 :: 2]
    return len(places), bool(opening[text[opens - 1]].all() and borders[text[closes + 1]].all())


@dataclass(frozen=True)
class RowShape:
    """What a line looks like that is a row of the table: its number of cells, and the shapes of cells by column."""

    delimiter: str
    width: int
    shapes: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, lines: Iterable[str], delimiter: str, width: int) -> RowShape:
        """The shape that the first rows of a table have, as far as they are rows by themselves."""
        seen: list[set[str]] = [set() for _ in range(width)]
        for line, _ in zip(lines, range(SAMPLE_LINES), strict=False):
            cells = _alone(line, delimiter)
            if cells is not None and len(cells) == width:
                for shapes, cell in zip(seen, cells, strict=True):
                    shapes.add(_shape(cell))
        return cls(delimiter, width, tuple(map(frozenset, seen)))

    def fits(self, line: str) -> bool:
        """Whether a line is a row by its own shape, its quotes read as such or as letters."""
        quoted = next(csv.reader([line], delimiter=self.delimiter), [])
        return self._fits(quoted) or ('"' in line and self._fits(line.rstrip("\r\n").split(self.delimiter)))

    def _fits(self, cells: list[str]) -> bool:
        if len(cells) != self.width or self.width < 2:
            return False
        rigid = [
            _shape(cell) in shapes
            for cell, shapes in zip(cells, self.shapes, strict=True)
            if cell.strip() and _is_rigid(shapes - {""})
        ]
        return 2 * sum(rigid) >= len(rigid) and (any(rigid) or not any(map(_is_rigid, self.shapes)))


@dataclass(frozen=True)
class Record:
    """Cells of one row, what is wrong with its quotes (else empty), and the line it begins in, from 1."""

    cells: list[str]
    mark: str
    line: int


class RowReader:
    """Reads the rows of a text line by line; only a quoted cell that can be nothing else spans several."""

    def __init__(self, delimiter: str, shape: RowShape | None) -> None:
        self.delimiter = delimiter
        self.shape = shape

    def records(self, lines: Iterator[str], first: int = 1) -> Iterator[Record]:
        """Rows of some lines (with their breaks); blank lines are none. ``first``: number of the first line."""
        waiting: list[str] = []
        number = first
        while waiting or (line := next(lines, "")):
            line = waiting.pop(0) if waiting else line
            cells = _alone(line, self.delimiter)
            taken, mark = 1, ""
            if cells is None:
                cells, taken, mark = self._quoted(line, waiting, lines)
                del waiting[: taken - 1]
            if cells:
                yield Record(cells, f"{mark} (line {number})" if mark else "", number)
            number += taken

    def _quoted(self, line: str, waiting: list[str], lines: Iterator[str]) -> tuple[list[str], int, str]:
        """A row whose quotes do not end in its own line: cells, number of lines, and what is wrong."""
        fault = _fault(line, self.delimiter)
        if fault:
            return next(csv.reader([line], delimiter=self.delimiter)), 1, fault
        text = line
        for taken in range(2, MAX_CELL_LINES + 1):
            if len(waiting) < taken - 1:
                following = next(lines, "")
                if not following:
                    break
                waiting.append(following)
            following = waiting[taken - 2]
            if self.shape is not None and self.shape.fits(following):
                break
            text += following
            if '"' in following.replace('""', ""):  # a doubled quote neither closes nor opens
                if _fault(text, self.delimiter):
                    break
                cells = _alone(text, self.delimiter)
                if cells is not None:
                    return cells, taken, ""
        return (
            next(csv.reader([line], delimiter=self.delimiter)),
            1,
            "the quote that opens here is not closed before the next row",
        )


def _alone(text: str, delimiter: str) -> list[str] | None:
    """Cells of a text that is one whole row; None where a quote stays open or stands wrongly."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _fault(text: str, delimiter: str) -> str:
    """What is wrong with a text however it goes on: letters behind a closing quote."""
    try:
        next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as problem:
        if "expected after" in str(problem):
            return "letters follow a closing quote"
        if "unexpected end" not in str(problem):
            return str(problem)
    return ""


def _is_rigid(shapes: frozenset[str]) -> bool:
    """Whether a column holds numbers, days or codes of few shapes, by which a row can be told from a sentence."""
    return 0 < len(shapes) <= MAX_SHAPES and all("9" in shape for shape in shapes)


def _shape(cell: str) -> str:
    """A cell by the kinds of its signs: digits as 9, letters as a.

    >>> _shape("2023-05-01"), _shape("51440300MJ01"), _shape(" 1.5 ")
    ('9-9-9', '9a9', '9.9')
    """
    return _PARTS.sub(lambda part: "9" if part[1] else "a", cell.strip())
