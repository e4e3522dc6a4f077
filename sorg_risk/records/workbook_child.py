"""The child that opens a workbook: ``workbook_child.py BYTES FILE HEADER_ROW DECLARED NAME...`` writes Arrow to its output.

A sheet of one of the names is read; ``DECLARED`` says that it must be there, else the only sheet with cells will do.

It imports nothing of the package, so that it starts quickly and runs isolated. Every cell becomes text: whole numbers
without a point, moments in ISO form; rows without any content are left out, the first row left is the header. What the reader
of cells does not tell is taken from the XML of the sheet: error values, formulas that nobody calculated, and numbers shown with
leading zeros.
"""

from __future__ import annotations

import datetime as dt
import html
import posixpath
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from itertools import islice

import pyarrow as pa
from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum

BATCH = 20_000
TOP_ROWS = 20
EXACT = 2**53
"""The largest number up to which a cell holds every whole number; a larger one is written as the rounded number it is."""

NOT_CALCULATED = " (not calculated)"
"""Behind a formula that has no value."""
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_ERROR = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>.*?<v>([^<]*)</v>')
_FORMULA = re.compile(rb"<c\b([^>]*)><f\b[^>]*?(?:/>|>([^<]*)</f>)(?:<v\s*/>|<v></v>)?</c>")
_ZEROS = re.compile(rb"(0{2,})(?:;.*)?")

Special = dict[int, dict[int, str]]
"""Text of some cells by row, from 1, and column, from 0."""


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
    visible = [one.name for one in workbook.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
    shown = [name for name in names or workbook.sheet_names if declared or name in visible]
    sheets = [sheet for sheet in map(workbook.get_sheet_by_name, shown or visible) if sheet.end is not None]
    if len(sheets) > 1:
        raise SystemExit(f"several sheets hold cells; name one of them {wanted[0]!r}")
    return sheets[0] if sheets else None


def rows_of(sheet: CalamineSheet, special: Special, header: int) -> Iterator[tuple[int, list[str]]]:
    """Rows with any content from the header on, as text, with their numbers in the sheet."""
    first = sheet.start[1] if sheet.start else 0
    number = header - 1
    for number, row in enumerate(islice(sheet.iter_rows(), header - 1, None), header):
        cells = [text_of(cell) for cell in row]
        _put(cells, special.get(number, {}), first)
        if any(cell.strip() for cell in cells):
            yield number, cells
    for below in sorted(one for one in special if one > number):  # rows of nothing but formulas without values
        cells = [""] * sheet.width
        _put(cells, special[below], first)
        yield below, cells


def _put(cells: list[str], special: dict[int, str], first: int) -> None:
    for column, text in special.items():
        if 0 <= column - first < len(cells):
            cells[column - first] = text


def special_cells(path: str, name: str) -> Special:
    """Cells of a sheet that show something else than what is read of them."""
    with zipfile.ZipFile(path) as archive:
        part = _part_of(archive, name)
        if part is None:
            return {}
        sheet = archive.read(part)
        padded = _padded_styles(archive)
    cells: Special = {}
    if b't="e"' in sheet:
        for match in _ERROR.finditer(sheet):
            # as an error it is no typed word for nothing
            _note(cells, match[1], match[2].decode().replace("#N/A", "#N/A!"))
    if b"<f" in sheet:
        for match in _FORMULA.finditer(sheet):
            if b't="str"' not in match[1]:
                _note(cells, match[1], f"={html.unescape((match[2] or b'').decode())}{NOT_CALCULATED}")
    if padded:
        styles = b"|".join(b"%d" % style for style in padded)
        for match in re.finditer(rb'<c\b([^>]*\bs="(' + styles + rb')"[^>]*)><v>(\d+)(?:\.0+)?</v></c>', sheet):
            if not re.search(rb'\bt="(?:s|b|e|str)"', match[1]):
                _note(cells, match[1], match[3].decode().zfill(padded[int(match[2])]))
    return cells


def _note(cells: Special, attributes: bytes, text: str) -> None:
    """Keeps the text of the cell that some attributes name."""
    match = re.search(rb'\br="([A-Z]{1,3})(\d{1,7})"', attributes)
    if match:
        column = 0
        for letter in match[1]:
            column = 26 * column + letter - 64
        cells.setdefault(int(match[2]), {})[column - 1] = text


def _part_of(archive: zipfile.ZipFile, name: str) -> str | None:
    """The part of an archive that holds a sheet."""
    parts = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= parts:
        return None
    sheets = [_attributes(tag) for tag in re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", archive.read("xl/workbook.xml"))]
    links = [
        _attributes(tag) for tag in re.findall(rb"<Relationship\b[^>]*>", archive.read("xl/_rels/workbook.xml.rels"))
    ]
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    ids = [
        value for sheet in sheets if sheet.get("name") == name for key, value in sheet.items() if key.endswith(":id")
    ]
    target = posixpath.normpath(posixpath.join("/xl", targets.get(ids[0], ""))).lstrip("/") if ids else ""
    return target if target in parts else None


def _padded_styles(archive: zipfile.ZipFile) -> dict[int, int]:
    """Cell styles that show whole numbers with leading zeros, and to how many digits."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    styles = archive.read("xl/styles.xml")
    tags = [_attributes(tag) for tag in re.findall(rb"<numFmt\b[^>]*>", styles)]
    digits = {
        tag.get("numFmtId"): len(match[1])
        for tag in tags
        if (match := _ZEROS.fullmatch(tag.get("formatCode", "").encode()))
    }
    block = re.search(rb"<cellXfs\b.*?</cellXfs>", styles, re.DOTALL)
    formats = [_attributes(tag).get("numFmtId") for tag in re.findall(rb"<xf\b[^>]*>", block[0] if block else b"")]
    return {place: digits[number] for place, number in enumerate(formats) if number in digits}


def _attributes(tag: bytes) -> dict[str, str]:
    return {name.decode(): html.unescape(value.decode("utf-8", "replace")) for name, value in _ATTRIBUTE.findall(tag)}


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
    special = special_cells(path, sheet.name) if sheet is not None else {}
    numbered = rows_of(sheet, special, int(header)) if sheet is not None else iter(())
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
