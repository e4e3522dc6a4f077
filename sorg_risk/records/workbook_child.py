"""The child that opens a workbook: ``workbook_child.py BYTES FILE HEADER_ROW DECLARED NAME...`` writes Arrow to its output.

A sheet of one of the names is read; ``DECLARED`` says that it must be there, else the only sheet with cells will do.

It imports nothing of the package, so that it starts quickly and runs isolated. Every cell becomes text: whole numbers
without a point, moments in ISO form; rows without any content are left out, the first row left is the header.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
from collections.abc import Iterator
from itertools import islice

import pyarrow as pa
from python_calamine import CalamineSheet, CalamineWorkbook

BATCH = 20_000
TOP_ROWS = 20
EXACT = 2**53
"""The largest number up to which a cell holds every whole number; a larger one is written as the rounded number it is."""


def text_of(cell: object) -> str:
    """A cell as the text an officer would type."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) <= EXACT else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def chosen(workbook: CalamineWorkbook, wanted: tuple[str, ...], declared: bool) -> CalamineSheet | None:
    """The sheet of a wanted name, or the only sheet with cells."""
    lower = [name.strip().lower() for name in wanted]
    names = [name for name in workbook.sheet_names if name.strip().lower() in lower]
    if declared and not names:
        raise SystemExit(f"it has no sheet {wanted[0]!r}, its sheets are {', '.join(workbook.sheet_names)}")
    names = names or workbook.sheet_names
    sheets = [sheet for sheet in map(workbook.get_sheet_by_name, names) if sheet.end is not None]
    if len(sheets) > 1:
        raise SystemExit(f"several sheets hold cells; name one of them {wanted[0]!r}")
    return sheets[0] if sheets else None


def rows_of(sheet: CalamineSheet, header: int) -> Iterator[tuple[int, list[str]]]:
    """Rows with any content from the header on, as text, with their numbers in the sheet."""
    for number, row in enumerate(islice(sheet.iter_rows(), header - 1, None), header):
        cells = [text_of(cell) for cell in row]
        if any(cell.strip() for cell in cells):
            yield number, cells


def main(memory: str, path: str, header: str, declared: str, *wanted: str) -> None:
    """Reads one sheet within so many bytes of memory and writes it as an Arrow stream."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheet = chosen(CalamineWorkbook.from_path(path), wanted, bool(declared))
    except SystemExit:
        raise
    except BaseException as problem:  # a panic of the reader is no Exception
        raise SystemExit(f"damaged workbook: {problem}") from None
    numbered = rows_of(sheet, int(header)) if sheet is not None else iter(())
    first = list(islice(numbered, BATCH))
    rows = (cells for _, cells in numbered)
    batch = [cells for _, cells in first]
    top = " ".join(str(number) for number, _ in first[:TOP_ROWS])
    columns = [(str(place), pa.string()) for place in range(len(batch[0]) if batch else 0)]
    schema = pa.schema(columns, {"rows": top})
    with pa.ipc.new_stream(sys.stdout.buffer, schema) as stream:
        while batch:
            arrays = [pa.array(column, pa.string()) for column in zip(*batch, strict=True)]
            stream.write_batch(pa.record_batch(arrays, schema=schema))
            batch = list(islice(rows, BATCH))


if __name__ == "__main__":
    main(*sys.argv[1:])
