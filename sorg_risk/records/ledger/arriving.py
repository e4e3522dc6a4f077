"""Rows on their way into a ledger: any source, table by table, in pieces that are checked as they come.

Files of a folder and tables of a database are read piece by piece: parquet, text and the rows of a database are never
held whole, a workbook is one piece. A database is seen at one moment until its last piece has come, where it has
transactions that see one: 3 million flows of PostgreSQL need 0.9 GB, where reading them whole needed 2.0 GB. Frames, and a
source that is open already, are read as `open` reads them. A mapping is applied to each piece; only tables it makes by
``distinct``, or of files whose columns differ, need to be seen whole.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
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
from ..reading_databases import Database, database, is_database
from ..reading_files import Delivered, look_at
from ..schema import TABLES
from ..source import Source, is_folder, passed_over
from ..source import open as open_source
from .files import digest

PIECE_ROWS = 2**18

Look = Callable[[str], list[Delivered] | None]
"""The files of a table, or the one table of a database, by its foreign name; None: there is no such table."""


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
    pieces: Callable[[], Generator[Piece, None, None]]


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


@contextmanager
def arrivals(source: Any, mapping: str | Path | None = None) -> Iterator[Arrivals]:
    """What a source will bring; parquet, text and tables of a database are not read yet, and can be until the end."""
    translation = TableMapping() if mapping is None else mappings.load(mapping)
    known = "" if mapping is None else digest(Path(mapping))
    if is_folder(source):
        found = _of_tables(_files_of(Path(source), translation.encoding), source, translation, known)
        told = passed_over(Path(source), translation.sources)
        yield replace(found, notices=(*found.notices, *told))
    elif is_database(source):
        with database(source) as there:
            yield _of_tables(_table_of(there), there.named, translation, known)
    else:
        yield _of_source(source if isinstance(source, Source) else open_source(source, mapping), known)


def _of_source(source: Source, mapping: str) -> Arrivals:
    tables = {}
    for name in TABLES:
        delivery, checked = source.delivery(name), source.checked(name)
        if delivery.files:
            feed = Feed(delivery.files, len(delivery.frame), _once(Piece(delivery, checked, 0)))
            tables[name] = Arrival((feed,), tuple(source.columns[name]), delivery.origin)
    return Arrivals(tables, source.code_scheme, source.calendar, mapping, tuple(source.notices))


def _once(piece: Piece) -> Callable[[], Generator[Piece, None, None]]:
    return lambda: (one for one in (piece,))


def _files_of(folder: Path, encoding: str) -> Look:
    def look(foreign: str) -> list[Delivered] | None:
        paths = paths_of(folder, foreign)
        kept = [path for path in paths if path.name != foreign or not path.is_dir()]
        found = [look_at(path, path.relative_to(folder).as_posix(), foreign, encoding) for path in kept]
        return found if paths else None

    return look


def _table_of(there: Database) -> Look:
    return lambda foreign: [there.look(foreign)] if foreign in there else None


def _of_tables(look: Look, where: object, translation: TableMapping, mapping: str) -> Arrivals:
    sections = {section.table.name: section for section in translation.sections}
    tables: dict[str, Arrival] = {}
    for name in TABLES:
        section = sections.get(name)
        found = look(section.source if section else name)
        if found is not None:
            tables[name] = _arrival(found, name, section, translation.code_scheme)
        elif section:
            raise DataError.missing(f"table {section.source!r}", where, "Correct 'from' in the mapping.")
    if "organizations" in tables and not sum(feed.rows for feed in tables["organizations"].feeds):
        raise DataError.missing("any row of 'organizations'", where, "Deliver the register again.")
    told = tuple(notice for one in tables.values() for notice in one.notices)
    return Arrivals(tables, translation.code_scheme, translation.calendar, mapping, told)


def _arrival(found: list[Delivered], name: str, section: Section | None, code_scheme: str) -> Arrival:
    if section is None:
        alike, distinct = True, ""
    else:
        alike, distinct = len({tuple(one.head.columns) for one in found}) == 1, section.distinct
    way = _in_pieces if found and alike and not distinct else _at_once
    return way(found, name, section, code_scheme)


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
    def pieces() -> Generator[Piece, None, None]:
        first = 0
        with closing(found.pieces(PIECE_ROWS)) as frames:
            for frame in frames:
                whole = Delivery(frame, (found.file,), np.arange(first, first + len(frame)))
                delivery, _ = _mapped(whole, section.source if section else name, section)
                yield Piece(delivery, check(TABLES[name], delivery, code_scheme), first)
                first += len(frame)

    return Feed((found.file,), found.file.rows, pieces)


def _at_once(found: list[Delivered], name: str, section: Section | None, code_scheme: str) -> Arrival:
    """Files of a table that must be seen as a whole."""
    foreign = section.source if section else name
    files = tuple(one.file for one in found) or (File(foreign, 0),)
    frame = appended([one.whole() for one in found]) if found else pd.DataFrame()
    delivery, told = _mapped(Delivery(frame, files), foreign, section)
    checked = check(TABLES[name], delivery, code_scheme)
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
