"""Tables of a database: an address, a SQLite file, or a connection or engine of the caller's.

Only tables and columns that the catalogue of the database itself names are ever asked for, each between quotation
marks, so that no name from a mapping file can become a statement. Rows come in the order of the key of their table.
Exact decimals travel as text, so that long numbers keep their digits.

>>> import sqlite3
>>> connection = sqlite3.connect(":memory:")
>>> _ = connection.execute("create table organizations (org_id text, recorded_at text)")
>>> list(read_database(connection))
['organizations']
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import DataError, SorgRiskError
from .database_readers import Catalogue, Frames, Reader, opened
from .delivery import Delivery, File
from .reading_files import ALL, Delivered, as_counted
from .schema import TABLES

_SQLITE_HEAD = b"SQLite format 3\x00"
_SECRET = re.compile(r"(?<=://)([^:/@\s]*):(\S*)@")
_SECRET_WORD = re.compile(r"""(?i)((?:password|passwd|pwd)\s*=\s*)(?:'(?:[^'\\]|\\.)*'|"[^"]*"|[^&;\s]*)""")
_WHOLE = ("smallint", "integer", "bigint", "real", "double precision", "boolean", "bool")
_MOMENTS = ("date", "timestamp", "timestamp without time zone", "timestamp with time zone")
_AS_IT_IS = frozenset((*_WHOLE, *_MOMENTS, "text", "character varying", "character"))


def is_address(source: object) -> bool:
    """Whether a source is written as the address of a database.

    >>> is_address("postgresql://reader@registry/npo"), is_address("data/sample")
    (True, False)
    """
    return isinstance(source, str) and "://" in source


def is_database(source: object) -> bool:
    """Whether a source is an address, a SQLite file, a connection (DB-API, ADBC), or an engine of SQLAlchemy."""
    if is_address(source) or hasattr(source, "cursor") or hasattr(source, "dialect"):
        return True
    return isinstance(source, str | os.PathLike) and _is_sqlite(Path(source))


def _is_sqlite(path: Path) -> bool:
    """Whether a path is a SQLite file, by its first bytes."""
    if not path.is_file():
        return False
    with path.open("rb") as handle:
        return handle.read(len(_SQLITE_HEAD)) == _SQLITE_HEAD


def without_secrets(text: str) -> str:
    """An address, or a message that repeats one, without its password.

    >>> without_secrets("postgresql://reader:s3cret@registry/npo")
    'postgresql://reader:***@registry/npo'
    """
    return _SECRET_WORD.sub(r"\1***", _SECRET.sub(r"\1:***@", text))


def named(source: object) -> str:
    """What a source is called in messages: a path or address as it was given, without its password."""
    return without_secrets(str(source)) if isinstance(source, str | os.PathLike) else "the database"


def read_database(source: Any, wanted: Iterable[str] = ()) -> dict[str, Delivery]:
    """Deliveries of the contract's tables and of those a mapping asks for."""
    with database(source) as found:
        names = [name for name in sorted({*TABLES, *wanted}) if name in found]
        return {name: found.read(name) for name in names}


@contextmanager
def database(source: Any) -> Iterator[Database]:
    """Opens a database; what was opened for it is closed at the end, what the caller opened is left as it was.

    Raises `DataError` that names the database (and the table, where it is one), without a password.
    """
    where = named(source)
    stack = ExitStack()
    try:
        with _readable(where):
            reader = stack.enter_context(opened(source))
            there = reader.catalogue()
        yield Database(where, reader, there)
    finally:
        with _readable(where):
            stack.close()


@contextmanager
def _readable(where: str) -> Iterator[None]:
    """Whatever a driver says, said with the place and without a password; every driver has errors of its own."""
    try:
        yield
    except SorgRiskError:
        raise
    except Exception as problem:
        said = without_secrets(next(iter(str(problem).splitlines()), type(problem).__name__))
        raise DataError.unreadable(where, said, "Check address, rights and table names.") from None


@dataclass(frozen=True)
class Database:
    """A database that is open, and sees its tables at one moment where it can."""

    named: str
    reader: Reader
    tables: Catalogue

    def __contains__(self, name: str) -> bool:
        return name in self.tables

    def read(self, name: str) -> Delivery:
        """A whole table."""
        frames = list(self._frames(name, ALL)) or [self._head(name)]
        return Delivery(frames[0], (File(name, len(frames[0])),))

    def look(self, name: str) -> Delivered:
        """A table, its rows counted and not yet read."""
        with self._readable(name):
            count = f"SELECT count(*) FROM {self.reader.quoted(name)}"
            (counted,) = self.reader.batches(count, 1)
        rows = int(counted.to_numpy().item())
        return Delivered(self._head(name), File(name, rows), lambda step: self._counted(name, rows, step))

    def _counted(self, name: str, rows: int, step: int) -> Frames:
        """As many rows as were counted, for their places are given out already."""
        cure = "Read it when nobody writes to it, or in a transaction that sees one moment."

        def wrong(said: str) -> DataError:
            return DataError.unreadable(self._place(name), f"{said}, so it changed meanwhile", cure)

        with closing(self._frames(name, step)) as frames:
            yield from as_counted(frames, rows, wrong)

    def _frames(self, name: str, step: int) -> Frames:
        columns = self.tables[name]
        statement = _statement(name, columns, self.reader.quoted)
        with self._readable(name), closing(self.reader.batches(statement, step)) as frames:
            for frame in frames:
                yield frame.set_axis(list(columns), axis=1)

    def _head(self, name: str) -> pd.DataFrame:
        return pd.DataFrame(columns=list(self.tables[name]), dtype="str")

    def _place(self, name: str) -> str:
        return f"table {name!r} of {self.named}"

    def _readable(self, name: str) -> AbstractContextManager[None]:
        return _readable(self._place(name))


def _statement(name: str, columns: dict[str, str], quote: Callable[[str], str]) -> str:
    """The one kind of statement sent: named columns of a named table, in the order of its key."""
    cells = ", ".join(_cast(name, column, kind, quote) for column, kind in columns.items())
    key = TABLES[name].key if name in TABLES else ""
    order = f" ORDER BY {', '.join(map(quote, [key, 'recorded_at']))}" if {key, "recorded_at"} <= set(columns) else ""
    return f"SELECT {cells} FROM {quote(name)}{order}"


def _cast(table: str, column: str, kind: str, quote: Callable[[str], str]) -> str:
    """Decimals of declared amounts as double precision, everything a frame cannot hold as text."""
    name = quote(column)
    if not kind or kind in _AS_IT_IS:
        return name
    declared = TABLES[table].by_name.get(column) if table in TABLES else None
    if kind in ("numeric", "decimal") and declared is not None and declared.is_number:
        return f"CAST({name} AS double precision)"
    return f"CAST({name} AS varchar)"
