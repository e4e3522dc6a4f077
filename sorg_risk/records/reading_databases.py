"""Tables of a database: an address, a SQLite file, or a connection or engine of the caller's.

Only tables and columns that the catalogue of the database itself names are ever asked for, each between quotation
marks, so that no name from a mapping file can become a statement. PostgreSQL is read in bulk through ADBC, in one
snapshot; everything else through SQLAlchemy, or through whatever connection the caller made (the drivers of openGauss,
Kingbase or Dameng are the caller's). Exact decimals travel as text, so that long numbers keep their digits.

>>> import sqlite3
>>> connection = sqlite3.connect(":memory:")
>>> _ = connection.execute("create table organizations (org_id text, recorded_at text)")
>>> list(read_database(connection))
['organizations']
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from ..errors import DataError, UsageError
from .delivery import Delivery, File
from .reading_files import frame_of
from .schema import TABLES

_SQLITE_HEAD = b"SQLite format 3\x00"
_SECRET = re.compile(r"(?<=://)([^:/@\s]*):(\S*)@")
_SECRET_WORD = re.compile(r"""(?i)((?:password|passwd|pwd)\s*=\s*)(?:'(?:[^'\\]|\\.)*'|"[^"]*"|[^&;\s]*)""")
_WHOLE = ("smallint", "integer", "bigint", "real", "double precision", "boolean", "bool")
_MOMENTS = ("date", "timestamp", "timestamp without time zone", "timestamp with time zone")
_AS_IT_IS = frozenset((*_WHOLE, *_MOMENTS, "text", "character varying", "character"))
_CATALOGUE = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
)
Catalogue = dict[str, dict[str, str]]
"""Tables of a database: name -> column -> type, as the database itself says."""


class Reader(Protocol):
    """One way to a database."""

    def catalogue(self) -> Catalogue:
        """What there is."""

    def frame(self, statement: str) -> pd.DataFrame:
        """Rows of a statement made here."""

    def quoted(self, name: str) -> str:
        """A name as this database wants it between its marks."""


def is_address(source: object) -> bool:
    """Whether a source is written as the address of a database.

    >>> is_address("postgresql://reader@registry/npo"), is_address("data/sample")
    (True, False)
    """
    return isinstance(source, str) and "://" in source


def is_sqlite(path: Path) -> bool:
    """Whether a path is a SQLite file, by its first bytes."""
    if not path.is_file():
        return False
    with path.open("rb") as handle:
        return handle.read(len(_SQLITE_HEAD)) == _SQLITE_HEAD


def is_connection(source: object) -> bool:
    """Whether a source is a connection (DB-API, ADBC) or a SQLAlchemy engine or connection."""
    return hasattr(source, "cursor") or hasattr(source, "dialect")


def without_secrets(text: str) -> str:
    """An address, or a message that repeats one, without its password.

    >>> without_secrets("postgresql://reader:s3cret@registry/npo")
    'postgresql://reader:***@registry/npo'
    """
    return _SECRET_WORD.sub(r"\1***", _SECRET.sub(r"\1:***@", text))


def read_database(source: Any, wanted: Iterable[str] = ()) -> dict[str, Delivery]:
    """Deliveries of the contract's tables and of those a mapping asks for."""
    named = without_secrets(str(source)) if isinstance(source, str | Path) else "the database"
    try:
        with _reader(source) as reader:
            there = reader.catalogue()
            names = sorted({*TABLES, *wanted} & set(there))
            return {name: _delivery(reader, name, there[name]) for name in names}
    except (UsageError, DataError):
        raise
    except Exception as problem:  # every driver has errors of its own
        said = without_secrets(next(iter(str(problem).splitlines()), type(problem).__name__))
        raise DataError.unreadable(named, said, "Check address, rights and table names.") from None


def _delivery(reader: Reader, name: str, columns: dict[str, str]) -> Delivery:
    frame = reader.frame(_statement(name, columns, reader.quoted))
    frame.columns = list(columns)
    return Delivery(frame, (File(name, len(frame)),))


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


def quoted(name: str) -> str:
    """An identifier between quotation marks.

    >>> quoted('a"; drop table x; --')
    '"a""; drop table x; --"'
    """
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


@contextmanager
def _reader(source: Any) -> Iterator[Reader]:
    """The way to a database; what was opened here is closed here, a caller's connection stays as it was."""
    if isinstance(source, Path) or (isinstance(source, str) and source.startswith("sqlite:///")):
        path = Path(str(source).removeprefix("sqlite:///")).absolute()
        if not path.is_file():
            raise DataError.missing("SQLite file", path, "Name an existing file.")
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            yield _Sqlite(connection)
        finally:
            connection.close()
    elif isinstance(source, str):
        with _of_address(source) as reader:
            yield reader
    elif isinstance(source, sqlite3.Connection):
        yield _Sqlite(source)
    elif hasattr(source, "dialect"):
        with source.connect() if hasattr(source, "connect") else _kept(source) as connection:
            yield _SqlAlchemy(connection)
    else:
        yield _DbApi(source)


@contextmanager
def _kept(connection: Any) -> Iterator[Any]:
    yield connection


@contextmanager
def _of_address(address: str) -> Iterator[Reader]:
    """PostgreSQL through ADBC where it is installed; other databases, or without it, through SQLAlchemy."""
    if address.startswith(("postgresql://", "postgres://")):
        try:
            from adbc_driver_postgresql import dbapi
        except ImportError:
            dbapi = None
        if dbapi is not None:
            with dbapi.connect(address) as connection:
                yield _DbApi(connection, snapshot=True)
            return
    try:
        import sqlalchemy
    except ImportError:
        raise UsageError(
            "a database address needs SQLAlchemy; install the extra 'postgres', or pass a connection."
        ) from None
    engine = sqlalchemy.create_engine(address)
    try:
        with engine.connect() as connection:
            yield _SqlAlchemy(connection)
    finally:
        engine.dispose()


class _Standard:
    """Names between quotation marks, as the standard has them."""

    def quoted(self, name: str) -> str:
        """A name between quotation marks."""
        return quoted(name)


class _DbApi(_Standard):
    """Any DB-API connection whose database has an information schema; Arrow where the driver speaks it."""

    def __init__(self, connection: Any, *, snapshot: bool = False) -> None:
        self._connection = connection
        if snapshot:
            self._run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def catalogue(self) -> Catalogue:
        """Tables and views of the current schema."""
        found: Catalogue = {}
        for table, column, kind in self._run(_CATALOGUE):
            found.setdefault(str(table), {})[str(column)] = str(kind).lower().split("(")[0]
        return found

    def frame(self, statement: str) -> pd.DataFrame:
        """Rows of a statement."""
        if hasattr(self._connection, "sql"):  # DuckDB
            return frame_of(self._connection.sql(statement).to_arrow_table())
        cursor = self._connection.cursor()
        try:
            cursor.execute(statement)
            if hasattr(cursor, "fetch_arrow_table"):
                return frame_of(cursor.fetch_arrow_table())
            return _framed(cursor.fetchall(), [str(column[0]) for column in cursor.description])
        finally:
            cursor.close()

    def _run(self, statement: str) -> list[Any]:
        cursor = self._connection.cursor()
        try:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            cursor.close()


class _Sqlite(_Standard):
    """SQLite, whose cells have no fixed type."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def catalogue(self) -> Catalogue:
        """Tables and views."""
        names = self._connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        return {name: dict.fromkeys(self._columns(name), "") for (name,) in names}

    def _columns(self, name: str) -> list[str]:
        return [column for (column,) in self._connection.execute("SELECT name FROM pragma_table_info(?)", (name,))]

    def frame(self, statement: str) -> pd.DataFrame:
        """Rows of a statement."""
        cursor = self._connection.execute(statement)
        return _framed(cursor.fetchall(), [column[0] for column in cursor.description])


class _SqlAlchemy:
    """A SQLAlchemy connection: the dialect says how names are quoted."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def catalogue(self) -> Catalogue:
        """Tables and views of the default schema."""
        import sqlalchemy

        there = sqlalchemy.inspect(self._connection)
        names = [*there.get_table_names(), *there.get_view_names()]
        wanted = [name for name in names if name.isidentifier() or not name.isascii()]
        return {name: {column["name"]: "" for column in there.get_columns(name)} for name in wanted}

    def frame(self, statement: str) -> pd.DataFrame:
        """Rows of a statement."""
        cursor = self._connection.exec_driver_sql(statement)
        return _framed([tuple(row) for row in cursor.fetchall()], list(cursor.keys()))

    def quoted(self, name: str) -> str:
        """A name between the marks of the dialect."""
        return str(self._connection.dialect.identifier_preparer.quote_identifier(name))


def _framed(rows: list[Any], names: list[str]) -> pd.DataFrame:
    """Cells as they came, so that whole numbers keep their digits."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    series = [pd.Series(list(cells), dtype=object) for cells in columns]
    frame = pd.concat(series, axis=1) if series else pd.DataFrame()
    return frame.set_axis(range(frame.shape[1]), axis=1)
