"""Workbooks (.xlsx), read in a process of their own.

A workbook of a few kilobytes can claim the last cell of the grid and make any reader ask for half a terabyte, which
ends the process that reads it. So the archive is looked at first, and its cells are read by a child (`workbook_child`)
whose memory and time are limited; whatever happens to the child, the parent only hears of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa

from .delivery import MALFORMED, Top
from .schema import TABLES

MOST_ENTRIES = 2_000
MOST_UNPACKED = 1 << 30
"""Bytes that all parts of a workbook may unpack to."""
HIGHEST_RATIO = 1_000
"""Unpacked bytes per packed byte; honest sheets stay below 100."""
_CHILD = Path(__file__).with_name("workbook_child.py")
_MEMORY, _MEMORY_PER_BYTE = 3 << 30, 24
_SECONDS, _SECONDS_PER_MEGABYTE = 8.0, 0.25


def read_workbook(path: Path, table: str, header: int = 1, sheet: str = "") -> tuple[pd.DataFrame, Top]:
    """Cells of one sheet as text, and its first rows as they stand.

    The sheet is the declared one, or that named like the table (in English or Chinese), or the only one.

    ``header``: the row of the sheet that names the columns.

    Raises ``ValueError`` with the reason where the archive is suspicious or the child gave up.
    """
    unpacked = inspected(path)
    zh = TABLES[table].zh if table in TABLES else table
    memory = _MEMORY + _MEMORY_PER_BYTE * unpacked
    seconds = _SECONDS + _SECONDS_PER_MEGABYTE * unpacked / (1 << 20)

    names = [sheet] if sheet else [table, zh]
    command = [sys.executable, "-I", str(_CHILD), str(memory), str(path), str(header), "1" if sheet else "", *names]
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise ValueError(f"its sheet could not be read within {seconds:.0f} s") from None
    if done.returncode < 0 or b"MemoryError" in done.stderr:
        raise ValueError(
            f"its sheet needs more than {memory >> 20:,} MB, such as one cell in the far corner of the grid"
        )
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ValueError(told[-1] if told else "the workbook is damaged")
    table_read = pa.ipc.open_stream(done.stdout).read_all()
    if header > 1 and not table_read.num_rows:
        raise ValueError(f"header = {header} is declared, and its sheet has no such row")
    return _framed(table_read), _top(table_read)


def _top(table: pa.Table) -> Top:
    """The first rows with their numbers in the sheet, which the child tells."""
    numbers = [int(number) for number in (table.schema.metadata or {}).get(b"rows", b"").split()]
    rows = zip(*(column.slice(0, len(numbers)).to_pylist() for column in table.columns), strict=True)
    return tuple((number, tuple(cell or "" for cell in row)) for number, row in zip(numbers, rows, strict=False))


def inspected(path: Path) -> int:
    """Bytes the archive unpacks to, after a look at its directory; refuses what no office program writes."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as problem:
        raise ValueError(f"no workbook: {problem}") from problem
    if len(entries) > MOST_ENTRIES:
        raise ValueError(f"{len(entries):,} parts, more than {MOST_ENTRIES:,}")
    for entry in entries:
        if entry.flag_bits & 1:
            raise ValueError("protected by a password")
        if entry.filename.startswith(("/", "\\")) or ".." in entry.filename.replace("\\", "/").split("/"):
            raise ValueError("a part is named to lie outside of the workbook")
        if entry.file_size > HIGHEST_RATIO * max(entry.compress_size, 1):
            raise ValueError(f"a part unpacks to {entry.file_size:,} bytes from {entry.compress_size:,}")
    total = sum(entry.file_size for entry in entries)
    if total > MOST_UNPACKED:
        raise ValueError(f"unpacks to {total:,} bytes, more than {MOST_UNPACKED:,}")
    return total


def _framed(table: pa.Table) -> pd.DataFrame:
    """The first row names the columns; cells beyond them mark their row."""
    from .reading_files import frame_of
    from .reading_text import named

    if not table.num_rows:
        return pd.DataFrame()
    rows = frame_of(table)
    first = [str(name) for name in rows.iloc[0].fillna("")]
    width = max((place + 1 for place, name in enumerate(first) if name.strip()), default=0)
    frame = rows.iloc[1:, :width].set_axis(named(first[:width]), axis=1).reset_index(drop=True)
    beyond = (rows.iloc[1:, width:].fillna("") != "").to_numpy().any(axis=1)
    if beyond.any():
        marks = pd.Series(f"cells beyond the {width} columns of the header", index=frame.index, dtype="str")
        frame[MALFORMED] = marks.where(pd.Series(beyond, index=frame.index))
    return frame


def affordable_memory() -> int:
    """Bytes of memory of the machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
