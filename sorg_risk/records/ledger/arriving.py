"""Rows on their way into a ledger: any source, table by table, in pieces that are checked as they come.

Parquet files are read piece by piece and never held whole; everything else (text, workbooks, databases, frames, a source
that is open already) is read as `open` reads it. A mapping is applied to each piece; only tables it makes by ``distinct``
need to be seen whole.
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
from ..reading import appended, paths_of, tables_in
from ..reading_files import parquet_head, parquet_pieces, read_file
from ..schema import TABLES
from ..source import Source, unknown_tables
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
    """What a source will bring; parquet tables of a folder are not read yet."""
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
            tables[name] = _of_files(folder, name, paths, section, translation.code_scheme)
        elif section:
            raise DataError.missing(f"table {section.source!r}", folder, "Correct 'from' in the mapping.")
    if "organizations" in tables and not sum(feed.rows for feed in tables["organizations"].feeds):
        raise DataError.missing("any row of 'organizations'", folder, "Deliver the register again.")
    known = "" if mapping is None else digest(Path(mapping))
    told = [notice for one in tables.values() for notice in one.notices]
    told += unknown_tables(tables_in(folder), translation.sources)
    return Arrivals(tables, translation.code_scheme, translation.calendar, known, tuple(told))


def _of_files(folder: Path, name: str, paths: list[Path], section: Section | None, code_scheme: str) -> Arrival:
    foreign = section.source if section else name
    kept = [path for path in paths if path.name != foreign or not path.is_dir()]
    if all(path.suffix == ".parquet" and path.is_file() for path in kept) and not (section and section.distinct):
        heads = [parquet_head(path, path.relative_to(folder).as_posix()) for path in kept]
        if len({tuple(frame.columns) for frame, _ in heads}) == 1:
            return _of_parquet(kept, heads, name, section, code_scheme)
    read = [read_file(path, path.relative_to(folder).as_posix(), foreign) for path in kept]
    files = tuple(file for _, file in read) or (File(foreign, 0),)
    delivery, told = _mapped(
        Delivery(appended([frame for frame, _ in read]) if read else pd.DataFrame(), files), foreign, section
    )
    checked = check(TABLES[name], delivery, code_scheme)
    origin = None if delivery.origin is None or _is_plain(delivery.origin) else delivery.origin
    feed = Feed(delivery.files, len(delivery.frame), _once(Piece(delivery, checked, 0)))
    return Arrival((feed,), tuple(map(str, delivery.frame.columns)), origin, (*told, *checked.notices))


def _is_plain(origin: NDArray[np.int64]) -> bool:
    return bool(np.array_equal(origin, np.arange(len(origin))))


def _of_parquet(
    paths: list[Path], heads: list[tuple[pd.DataFrame, File]], name: str, section: Section | None, code_scheme: str
) -> Arrival:
    """Parquet files of equal columns, to be read piece by piece."""
    foreign = section.source if section else name
    head, told = _mapped(Delivery(heads[0][0], (heads[0][1],)), foreign, section)
    columns = [str(column) for column in head.frame.columns]
    told = (*told, *notices(TABLES[name], columns, sum(file.rows for _, file in heads)))
    feeds = [_feed(path, file, name, section, code_scheme) for path, (_, file) in zip(paths, heads)]
    return Arrival(tuple(feeds), tuple(columns), None, told)


def _feed(path: Path, file: File, name: str, section: Section | None, code_scheme: str) -> Feed:
    def pieces() -> Iterator[Piece]:
        first = 0
        for frame in parquet_pieces(path, file.name, PIECE_ROWS):
            whole = Delivery(frame, (file,), np.arange(first, first + len(frame)))
            delivery, _ = _mapped(whole, section.source if section else name, section)
            yield Piece(delivery, check(TABLES[name], delivery, code_scheme), first)
            first += len(frame)

    return Feed((file,), file.rows, pieces)


def _mapped(delivery: Delivery, foreign: str, section: Section | None) -> tuple[Delivery, tuple[str, ...]]:
    """A delivery as a section of the mapping makes it, and what that did."""
    if section is None:
        return delivery, ()
    made, told = mappings.translate(TableMapping(sections=(section,)), {foreign: delivery})
    return made[section.table.name], told
