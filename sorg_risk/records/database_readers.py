"""Ways to a database: whatever the driver, its catalogue, and the rows of a statement some at a time, in one snapshot.

PostgreSQL is read in bulk through ADBC, other addresses through SQLAlchemy; connections and engines of the caller's are
read as they are (the drivers of openGauss, Kingbase or Dameng are the caller's). All statements of one opening see the
database at one moment where it can be told to: PostgreSQL, SQLite, DuckDB. What was opened here is closed here; what the
caller opened stays open, and a transaction that was begun here is ended here.

>>> connection = sqlite3.connect(":memory:")
>>> with opened(connection) as reader:
...     [frame[0].tolist() for frame in reader.batches("SELECT 1 UNION SELECT 2 UNION SELECT 3", 2)]
[[1, 2], [3]]
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from ..errors import DataError, UsageError
from .reading_files import frame_of
from .reading_text import gathered

_CATALOGUE = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
)
_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_SQLITE = "sqlite:///"
_STEP = 1 << 13
"""Rows asked of a driver at a time."""

Catalogue = dict[str, dict[str, str]]
"""Tables of a database: name -> column -> type, as the database itself says."""


Frames = Generator[pd.DataFrame, None, None]


class Reader(Protocol):
    """One way to a database."""

    def catalogue(self) -> Catalogue:
        """What there is."""

    def batches(self, statement: str, rows: int) -> Frames:
        """Rows of a statement, at most so many at a time; none: no frame. Close it before the next statement."""

    def quoted(self, name: str) -> str:
        """A name as this database wants it between its marks."""


def quoted(name: str) -> str:
    """An identifier between quotation marks.

    >>> quoted('a"; drop table x; --')
    '"a""; drop table x; --"'
    """
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def opened(source: Any) -> AbstractContextManager[Reader]:
    """The way to a database: an address, the path of a SQLite file, a connection or an engine."""
    if isinstance(source, str | PathLike):
        address = str(source)
        return _of_address(address) if "://" in address.removeprefix(_SQLITE) else _of_sqlite_file(address)
    if isinstance(source, sqlite3.Connection):
        return _of_sqlite(source)
    if hasattr(source, "dialect"):
        return _of_engine(source) if hasattr(source, "connect") else _of_sqlalchemy(source)
    return _of_duckdb(source) if hasattr(source, "sql") else _of_dbapi(source)


@contextmanager
def _of_sqlite_file(address: str) -> Iterator[Reader]:
    path = Path(address.removeprefix(_SQLITE)).absolute()
    if not path.is_file():
        raise DataError.missing("SQLite file", path, "Name an existing file.")
    with (
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection,
        _of_sqlite(connection) as reader,
    ):
        yield reader


@contextmanager
def _of_sqlite(connection: sqlite3.Connection) -> Iterator[Reader]:
    with _begun(connection):
        yield _Sqlite(connection)


@contextmanager
def _begun(connection: sqlite3.Connection) -> Iterator[None]:
    """One snapshot by a transaction; one of the caller's goes on."""
    own = not connection.in_transaction
    if own:
        connection.execute("BEGIN")
    try:
        yield
    finally:
        if own and connection.in_transaction:
            connection.execute("ROLLBACK")


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
                _run(connection, _SNAPSHOT)
                yield _DbApi(connection)
            return
    try:
        import sqlalchemy
    except ImportError:
        raise UsageError(
            "a database address needs SQLAlchemy; install the extra 'postgres', or pass a connection."
        ) from None
    engine = sqlalchemy.create_engine(address)
    try:
        with _of_engine(engine) as reader:
            yield reader
    finally:
        engine.dispose()


@contextmanager
def _of_engine(engine: Any) -> Iterator[Reader]:
    from sqlalchemy.dialects.postgresql.base import PGDialect

    with engine.connect() as connection:
        if isinstance(connection.dialect, PGDialect):
            connection.execution_options(isolation_level="REPEATABLE READ")
        with _of_sqlalchemy(connection) as reader:
            yield reader


@contextmanager
def _of_sqlalchemy(connection: Any) -> Iterator[Reader]:
    own = not connection.in_transaction()
    driver = connection.connection.driver_connection
    try:
        if isinstance(driver, sqlite3.Connection):
            with _begun(driver):
                yield _SqlAlchemy(connection)
        else:
            yield _SqlAlchemy(connection)
    finally:
        if own and connection.in_transaction():
            connection.rollback()


@contextmanager
def _of_duckdb(connection: Any) -> Iterator[Reader]:
    """One snapshot by a transaction, unless the caller is in one: then two statements have the same number."""
    first, second = (connection.execute("SELECT txid_current()").fetchall() for _ in range(2))
    own = first != second
    if own:
        connection.execute("BEGIN TRANSACTION")
    try:
        yield _DuckDb(connection)
    finally:
        if own:
            connection.execute("ROLLBACK")


@contextmanager
def _of_dbapi(connection: Any) -> Iterator[Reader]:
    """Drivers of the PostgreSQL family say whether a transaction is open: if not, one with one snapshot is begun."""
    status = getattr(getattr(connection, "info", None), "transaction_status", None)
    in_transactions = status is not None and not _commits_itself(connection)
    own = in_transactions and status == 0
    try:
        if own:
            _run(connection, _SNAPSHOT)
        yield _DbApi(connection, "sorg_risk" if in_transactions else "")
    finally:
        if own:
            connection.rollback()


def _commits_itself(connection: Any) -> bool:
    """Whether every statement of a driver's connection is a transaction of its own, as far as the driver says so."""
    return getattr(connection, "autocommit", False) is True


def _run(connection: Any, statement: str) -> list[Any]:
    with closing(connection.cursor()) as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


class _Standard:
    """Names between quotation marks, and columns by the information schema, as the standard has them."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def catalogue(self) -> Catalogue:
        """Tables and views of the current schema."""
        found: Catalogue = {}
        for table, column, kind in self._answer(_CATALOGUE):
            found.setdefault(str(table), {})[str(column)] = str(kind).lower().split("(")[0]
        return found

    def _answer(self, statement: str) -> list[Any]:
        return _run(self._connection, statement)

    def quoted(self, name: str) -> str:
        """A name between quotation marks."""
        return quoted(name)


class _DbApi(_Standard):
    """Any DB-API connection whose database has an information schema; Arrow where the driver speaks it (ADBC).

    ``cursor``: name of a cursor whose rows stay on the server, where the driver has such.
    """

    def __init__(self, connection: Any, cursor: str = "") -> None:
        super().__init__(connection)
        self._named = (cursor,) if cursor else ()

    def batches(self, statement: str, rows: int) -> Frames:
        """Rows of a statement."""
        with closing(self._connection.cursor(*self._named)) as cursor:
            cursor.execute(statement)
            if hasattr(cursor, "fetch_record_batch"):
                yield from map(frame_of, gathered(cursor.fetch_record_batch(), rows))
            else:
                yield from _fetched(cursor, rows)


class _DuckDb(_Standard):
    """DuckDB, which streams Arrow; its cursors are connections of their own, that see no transaction of this one."""

    def _answer(self, statement: str) -> list[Any]:
        return list(self._connection.execute(statement).fetchall())

    def batches(self, statement: str, rows: int) -> Frames:
        """Rows of a statement."""
        with closing(self._connection.sql(statement).to_arrow_reader(_STEP)) as reader:
            yield from map(frame_of, gathered(reader, rows))


class _Sqlite(_Standard):
    """SQLite, whose cells have no fixed type."""

    def catalogue(self) -> Catalogue:
        """Tables and views."""
        names = self._answer("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        return {name: dict.fromkeys(self._columns(name), "") for (name,) in names}

    def _columns(self, name: str) -> list[str]:
        return [column for (column,) in self._connection.execute("SELECT name FROM pragma_table_info(?)", (name,))]

    def batches(self, statement: str, rows: int) -> Frames:
        """Rows of a statement."""
        with closing(self._connection.execute(statement)) as cursor:
            yield from _fetched(cursor, rows)


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

    def batches(self, statement: str, rows: int) -> Frames:
        """Rows of a statement; they stay on the server where the driver can have them there."""
        stream = not _commits_itself(self._connection.connection.driver_connection)
        options = {"stream_results": stream, "max_row_buffer": _STEP}
        with closing(self._connection.exec_driver_sql(statement, execution_options=options)) as cursor:
            yield from _fetched(cursor, rows)

    def quoted(self, name: str) -> str:
        """A name between the marks of the dialect."""
        return str(self._connection.dialect.identifier_preparer.quote_identifier(name))


def _fetched(cursor: Any, rows: int) -> Iterator[pd.DataFrame]:
    """Rows of a cursor, at most so many at a time; a piece is asked for in steps, for some drivers reserve what is asked."""
    held: list[Any] = []
    while some := cursor.fetchmany(min(rows - len(held), _STEP)):
        held.extend(some)
        if len(held) == rows:
            yield _framed(held)
            held = []
    if held:
        yield _framed(held)


def _framed(rows: list[Any]) -> pd.DataFrame:
    """Cells as they came, so that whole numbers keep their digits."""
    series = [pd.Series(list(cells), dtype=object) for cells in zip(*rows, strict=True)]
    return pd.concat(series, axis=1)
