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

from ...errors import DataError, readable_path
from .. import mapping as mappings
from ..checks import Checked, check, notices
from ..delivery import Delivery, File, Top
from ..headers import with_declared_names
from ..mapping import Section, TableMapping
from ..reading import Foreign, appended, paths_of
from ..reading_databases import Database, database, is_database
from ..reading_files import Delivered, look_at
from ..schema import TABLES
from ..source import Source, is_folder, passed_over
from ..source import open as open_source
from ..translation import SectionMaker, missing_table, with_row_key
from .files import digest

PIECE_ROWS = 2**18

Look = Callable[[Foreign], list[Delivered] | None]
"""The files of a table, or the one table of a database; None: there is no such table."""


@dataclass(frozen=True)
class Piece:
    """Some rows of a table as delivered, and checked; ``places``: the place of each in its feed.

    ``left_out``: places of rows that a mapping left out.
    """

    delivery: Delivery
    checked: Checked
    places: NDArray[np.int64]
    left_out: NDArray[np.int64]


@dataclass(frozen=True)
class Feed:
    """Rows that come together: one file, or a whole table where it cannot be cut.

    ``rows``: places of rows, those included that a mapping leaves out; how many those are, ``filtered`` says once all came.
    """

    files: tuple[File, ...]
    rows: int
    pieces: Callable[[], Generator[Piece, None, None]]
    filtered: Callable[[], int] = lambda: 0


@dataclass(frozen=True)
class Arrival:
    """One table: its feeds in order, its columns, and the place of each row in the files where a mapping picked rows.

    ``is_stable``: the rows of a file are the same whatever other files are delivered.
    """

    feeds: tuple[Feed, ...]
    columns: tuple[str, ...]
    origin: NDArray[np.int64] | None = None
    notices: tuple[str, ...] = ()
    is_stable: bool = True


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
        for foreign in translation.foreign:
            foreign.refuse_options("a table of a database")
        with database(source) as there:
            yield _of_tables(_table_of(there), there.named, translation, known)
    else:
        yield _of_source(source if isinstance(source, Source) else open_source(source, mapping), known)


def _of_source(source: Source, mapping: str) -> Arrivals:
    tables = {}
    for name in TABLES:
        delivery, checked = source.delivery(name), source.checked(name)
        if delivery.files:
            tables[name] = Arrival((_whole_feed(delivery, checked),), tuple(source.columns[name]), _origin(delivery))
    return Arrivals(tables, source.code_scheme, source.calendar, mapping, tuple(source.notices))


def _whole_feed(delivery: Delivery, checked: Checked) -> Feed:
    """All rows of a table as one piece; those left out come last."""
    rows = len(delivery.frame)
    piece = Piece(delivery, checked, np.arange(rows), np.arange(rows, delivery.read))
    return Feed(delivery.files, delivery.read, lambda: (one for one in (piece,)), lambda: len(delivery.left_out))


def _origin(delivery: Delivery) -> NDArray[np.int64] | None:
    return None if delivery.origin is None else np.concatenate([delivery.origin, delivery.left_out])


def _files_of(folder: Path, encoding: str) -> Look:
    def look(foreign: Foreign) -> list[Delivered] | None:
        paths, options = paths_of(folder, foreign.name), foreign.options(encoding)
        kept = [path for path in paths if path.name != foreign.name or not path.is_dir()]
        found = [
            look_at(path, readable_path(path.relative_to(folder).as_posix()), foreign.name, options) for path in kept
        ]
        return found if paths else None

    return look


def _table_of(there: Database) -> Look:
    return lambda foreign: [there.look(foreign.name)] if foreign.name in there else None


def _of_tables(look: Look, where: object, translation: TableMapping, mapping: str) -> Arrivals:
    sections = {section.table.name: section for section in translation.sections}
    tables: dict[str, Arrival] = {}
    for name in TABLES:
        section = sections.get(name)
        if section is not None:
            parts, maker, seen = _mapped_parts(look, where, section)
            tables[name] = _arrival(parts, name, maker, translation.code_scheme)
            mapping = ":".join([mapping, *seen])
        elif (found := look(Foreign(name))) is not None:
            tables[name] = _arrival([(Foreign(name), found)], name, None, translation.code_scheme)
    if "organizations" in tables and not sum(feed.rows for feed in tables["organizations"].feeds):
        raise DataError.missing("any row of 'organizations'", where, "Deliver the register again.")
    told = tuple(notice for one in tables.values() for notice in one.notices)
    return Arrivals(tables, translation.code_scheme, translation.calendar, mapping, told)


Parts = list[tuple[Foreign, list[Delivered]]]
"""The foreign tables of a declared one, each with its files."""


def _mapped_parts(look: Look, where: object, section: Section) -> tuple[Parts, SectionMaker, list[str]]:
    """Foreign tables of a section, what makes its rows of them, and digests of the tables it joins."""

    def there(foreign: Foreign) -> list[Delivered]:
        found = look(foreign)
        if found is None:
            raise missing_table(foreign.label, [str(where)])
        return found

    joined = {join.foreign.label: there(join.foreign) for join in section.joins}
    maker = SectionMaker(section, {label: _at_once_frame(found) for label, found in joined.items()})
    seen = [one.file.sha256 for found in joined.values() for one in found]
    return [(foreign, there(foreign)) for foreign in section.foreign], maker, seen


def _at_once_frame(found: list[Delivered]) -> Delivery:
    frame = appended([one.whole() for one in found]) if found else pd.DataFrame()
    return Delivery(frame, tuple(one.file for one in found))


def _arrival(parts: Parts, name: str, maker: SectionMaker | None, code_scheme: str) -> Arrival:
    found = [one for _, files in parts for one in files]
    alike = maker is None or len({tuple(one.head.columns) for one in found}) == 1
    way = _in_pieces if found and alike and not (maker and maker.section.distinct) else _at_once
    return way(parts, name, maker, code_scheme)


def _in_pieces(parts: Parts, name: str, maker: SectionMaker | None, code_scheme: str) -> Arrival:
    """Files to be read piece by piece."""
    found = [one for _, files in parts for one in files]
    files = tuple(one.file for one in found)
    columns = dict.fromkeys(column for one in found for column in one.head.columns)
    nothing = found[0].head if maker else pd.DataFrame(columns=list(columns), dtype="str")
    head, told = _mapped(Delivery(_keyed(nothing, parts[0][0], 0, maker), files[:1], top=_top(found)), maker, name)
    given = [str(column) for column in head.frame.columns]
    told = (*told, *notices(TABLES[name], given, sum(file.rows for file in files), head.top))
    feeds = []
    for foreign, delivered in parts:
        first = 0
        for one in delivered:
            feeds.append(_feed(one, foreign, first, name, maker, code_scheme))
            first += one.file.rows
    is_stable = not (maker and maker.section.has_row_key)
    return Arrival(tuple(feeds), tuple(given), None, told, is_stable)


def _feed(
    found: Delivered, foreign: Foreign, start: int, name: str, maker: SectionMaker | None, code_scheme: str
) -> Feed:
    """One file; ``start``: rows of the same table in files before it."""
    filtered = [0]

    def pieces() -> Generator[Piece, None, None]:
        first = filtered[0] = 0
        with closing(found.pieces(PIECE_ROWS)) as frames:
            for frame in frames:
                places = np.arange(first, first + len(frame))
                keyed = _keyed(frame, foreign, start + first, maker)
                delivery, _ = _mapped(Delivery(keyed, (found.file,), places), maker, name)
                filtered[0] += len(delivery.left_out)
                own = places if delivery.origin is None else delivery.origin
                yield Piece(delivery, check(TABLES[name], delivery, code_scheme), own, delivery.left_out)
                first += len(frame)

    return Feed((found.file,), found.file.rows, pieces, lambda: filtered[0])


def _keyed(frame: pd.DataFrame, foreign: Foreign, first: int, maker: SectionMaker | None) -> pd.DataFrame:
    return with_row_key(frame, foreign.name, first) if maker and maker.section.has_row_key else frame


def _at_once(parts: Parts, name: str, maker: SectionMaker | None, code_scheme: str) -> Arrival:
    """Files of a table that must be seen as a whole."""
    found = [one for _, files in parts for one in files]
    files = tuple(one.file for one in found) or tuple(File(foreign.name, 0) for foreign, _ in parts)
    wholes = []
    for foreign, delivered in parts:
        first = 0
        for one in delivered:
            wholes.append(_keyed(one.whole(), foreign, first, maker))
            first += one.file.rows
    delivery, told = _mapped(
        Delivery(appended(wholes) if wholes else pd.DataFrame(), files, top=_top(found)), maker, name
    )
    checked = check(TABLES[name], delivery, code_scheme)
    origin = _origin(delivery)
    origin = None if origin is None or _is_plain(origin) else origin
    columns = tuple(map(str, delivery.frame.columns))
    return Arrival((_whole_feed(delivery, checked),), columns, origin, (*told, *checked.notices))


def _top(found: list[Delivered]) -> Top:
    return found[0].top if found else ()


def _is_plain(origin: NDArray[np.int64]) -> bool:
    return bool(np.array_equal(origin, np.arange(len(origin))))


def _mapped(delivery: Delivery, maker: SectionMaker | None, name: str) -> tuple[Delivery, tuple[str, ...]]:
    """A delivery as a section of the mapping makes it, and what that did."""
    return (with_declared_names(TABLES[name], delivery), ()) if maker is None else maker.make(delivery)
