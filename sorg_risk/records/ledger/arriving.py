"""Rows on their way into a ledger: any source, table by table, in pieces that are checked as they come.

Files of a folder are read piece by piece: parquet and text are never held whole, a workbook is one piece. Everything else
(databases, frames, a source that is open already) is read as `open` reads it. A mapping is applied to each piece; only
tables it makes by ``distinct``, or of files whose columns differ, need to be seen whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...errors import DataError
from .. import mapping as mappings
from ..checks import Checked, check, notices
from ..delivery import Delivery, File
from ..mapping import Section, TableMapping
from ..reading import appended, paths_of
from ..reading_files import Delivered, look_at, read_file
from ..schema import TABLES
from ..source import Source, passed_over
from ..source import open as open_source
from .files import digest

PIECE_ROWS = 2**18


@dataclass(frozen=True)
class Piece:
    """Some rows of a table as delivered, and checked; ``first``: place of the first of them in their feed."""

    delivery: Delivery
    checked: Checked
    first: int


@dataclass(frozen=True)
class Feed:
    """Rows that come together: one file, or a whole table where it cannot be cut."""

    files: tuple[File, ...]
    rows: int
    pieces: Callable[[], Iterator[Piece]]


@dataclass(frozen=True)
class Arrival:
    """One table: its feeds in order, its columns, and the place of each row in the files where a mapping picked rows."""

    feeds: tuple[Feed, ...]
    columns: tuple[str, ...]
    origin: NDArray[np.int64] | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arrivals:
    """A whole source."""

    tables: Mapping[str, Arrival]
    code_scheme: str = "uscc"
    calendar: str = "law"
    mapping: str = ""
    notices: tuple[str, ...] = field(default=())


def arrivals(source: Any, mapping: str | Path | None = None) -> Arrivals:
    """What a source will bring; parquet and text files of a folder are not read yet."""
    if isinstance(source, str | os.PathLike) and Path(source).is_dir():
        return _of_folder(Path(source), mapping)
    opened = source if isinstance(source, Source) else open_source(source, mapping)
    return _of_source(opened, "" if mapping is None else digest(Path(mapping)))


def _of_source(source: Source, mapping: str) -> Arrivals:
    tables = {}
    for name in TABLES:
        delivery, checked = source.delivery(name), source.checked(name)
        if delivery.files:
            feed = Feed(delivery.files, len(delivery.frame), _once(Piece(delivery, checked, 0)))
            tables[name] = Arrival((feed,), tuple(source.columns[name]), delivery.origin)
    return Arrivals(tables, source.code_scheme, source.calendar, mapping, tuple(source.notices))


def _once(piece: Piece) -> Callable[[], Iterator[Piece]]:
    return lambda: iter((piece,))


def _of_folder(folder: Path, mapping: str | Path | None) -> Arrivals:
    translation = TableMapping() if mapping is None else mappings.load(mapping)
    sections = {section.table.name: section for section in translation.sections}
    tables: dict[str, Arrival] = {}
    for name in TABLES:
        section = sections.get(name)
        paths = paths_of(folder, section.source if section else name)
        if paths:
            tables[name] = _of_files(folder, name, paths, section, translation)
        elif section:
            raise DataError.missing(f"table {section.source!r}", folder, "Correct 'from' in the mapping.")
    if "organizations" in tables and not sum(feed.rows for feed in tables["organizations"].feeds):
        raise DataError.missing("any row of 'organizations'", folder, "Deliver the register again.")
    known = "" if mapping is None else digest(Path(mapping))
    told = [notice for one in tables.values() for notice in one.notices]
    told += passed_over(folder, translation.sources)
    return Arrivals(tables, translation.code_scheme, translation.calendar, known, tuple(told))


def _of_files(folder: Path, name: str, paths: list[Path], section: Section | None, whole: TableMapping) -> Arrival:
    foreign = section.source if section else name
    kept = [path for path in paths if path.name != foreign or not path.is_dir()]
    if not (section and section.distinct):
        found = [look_at(path, path.relative_to(folder).as_posix(), foreign, whole.encoding) for path in kept]
        if found and (section is None or len({tuple(one.head.columns) for one in found}) == 1):
            return _in_pieces(found, name, section, whole.code_scheme)
    return _at_once(folder, name, kept, section, whole)


def _in_pieces(found: list[Delivered], name: str, section: Section | None, code_scheme: str) -> Arrival:
    """Files to be read piece by piece."""
    files = tuple(one.file for one in found)
    columns = dict.fromkeys(column for one in found for column in one.head.columns)
    foreign = section.source if section else name
    nothing = found[0].head if section else pd.DataFrame(columns=list(columns), dtype="str")
    head, told = _mapped(Delivery(nothing, files[:1]), foreign, section)
    given = [str(column) for column in head.frame.columns]
    told = (*told, *notices(TABLES[name], given, sum(file.rows for file in files)))
    return Arrival(tuple(_feed(one, name, section, code_scheme) for one in found), tuple(given), None, told)


def _feed(found: Delivered, name: str, section: Section | None, code_scheme: str) -> Feed:
    def pieces() -> Iterator[Piece]:
        first = 0
        for frame in found.pieces(PIECE_ROWS):
            whole = Delivery(frame, (found.file,), np.arange(first, first + len(frame)))
            delivery, _ = _mapped(whole, section.source if section else name, section)
            yield Piece(delivery, check(TABLES[name], delivery, code_scheme), first)
            first += len(frame)

    return Feed((found.file,), found.file.rows, pieces)


def _at_once(folder: Path, name: str, paths: list[Path], section: Section | None, whole: TableMapping) -> Arrival:
    """Files of a table that must be seen as a whole."""
    foreign = section.source if section else name
    read = [read_file(path, path.relative_to(folder).as_posix(), foreign, whole.encoding) for path in paths]
    files = tuple(file for _, file in read) or (File(foreign, 0),)
    frame = appended([frame for frame, _ in read]) if read else pd.DataFrame()
    delivery, told = _mapped(Delivery(frame, files), foreign, section)
    checked = check(TABLES[name], delivery, whole.code_scheme)
    origin = None if delivery.origin is None or _is_plain(delivery.origin) else delivery.origin
    feed = Feed(delivery.files, len(delivery.frame), _once(Piece(delivery, checked, 0)))
    return Arrival((feed,), tuple(map(str, delivery.frame.columns)), origin, (*told, *checked.notices))


def _is_plain(origin: NDArray[np.int64]) -> bool:
    return bool(np.array_equal(origin, np.arange(len(origin))))


def _mapped(delivery: Delivery, foreign: str, section: Section | None) -> tuple[Delivery, tuple[str, ...]]:
    """A delivery as a section of the mapping makes it, and what that did."""
    if section is None:
        return delivery, ()
    made, told = mappings.translate(TableMapping(sections=(section,)), {foreign: delivery})
    return made[section.table.name], told
