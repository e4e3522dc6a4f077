"""A published run in PostgreSQL too: all tables in one transaction, so that readers there see one night or the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import DataError, UsageError
from ..records.database_readers import quoted
from ..records.parquet import read_arrow
from ..records.reading_databases import without_secrets
from .run_reader import RunReader, read_output
from .store import Store

if TYPE_CHECKING:
    from .published import Published

SCHEMA: Final = "sorg_risk"
TABLES: Final = ("scores", "flags", "reasons", "quarantine")
RUNS: Final = "runs"
KINDS: Final = {
    "string": "text",
    "bool": "boolean",
    "double": "double precision",
    "int64": "bigint",
    "date32[day]": "date",
}
"""Types of published columns as PostgreSQL has them."""


def export(run: Published, database: str) -> dict[str, int]:
    """Writes a run into schema ``sorg_risk`` of a database; what stood there for its as-of day is replaced.

    Returns the rows of each table. Raises `DataError` (nothing is changed then) without the password in the message.
    """
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise UsageError("writing to PostgreSQL needs the extra 'postgres'; install it.") from None
    told = RunReader(Store(run.folder.parents[2])).manifest(run.folder)
    files = {name: read_output(run.folder, told, f"{name}.parquet") for name in TABLES}
    tables = {name: _with_run(read_arrow(file), run) for name, file in files.items()}
    tables[RUNS] = _of_run(told, run)
    try:
        with dbapi.connect(database) as connection:
            with connection.cursor() as cursor:
                there = _made_before(cursor)
                for name, table in tables.items():
                    if name not in there:
                        cursor.adbc_ingest(name, table.slice(0, 0), mode="create", db_schema_name=SCHEMA)
                    else:
                        _widened(cursor, name, table.schema)
                    _replaced(cursor, name, table, run)
            connection.commit()
    except Exception as problem:  # the driver has errors of its own
        said = without_secrets(next(iter(str(problem).splitlines()), type(problem).__name__))
        where = without_secrets(database)
        raise DataError.unwritable(where, said, "Nothing was changed there; the run is published.") from None
    return {name: table.num_rows for name, table in tables.items()}


def _made_before(cursor: Any) -> set[str]:
    """Tables of the schema, which is made if need be: a role may have the right to its rows and no other."""
    cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = $1", [SCHEMA])
    if not cursor.fetchone()[0]:
        cursor.execute(f"CREATE SCHEMA {quoted(SCHEMA)}")
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = $1", [SCHEMA])
    return {name for (name,) in cursor.fetchall()}


def _widened(cursor: Any, name: str, schema: pa.Schema) -> None:
    """Adds columns that a table of an earlier version lacks; its rows have none of their own there."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2", [SCHEMA, name]
    )
    there = {column for (column,) in cursor.fetchall()}
    for field in schema:
        if field.name not in there:
            kind = KINDS[str(field.type)]
            cursor.execute(f"ALTER TABLE {quoted(SCHEMA)}.{quoted(name)} ADD COLUMN {quoted(field.name)} {kind}")


def _replaced(cursor: Any, name: str, table: pa.Table, run: Published) -> None:
    """The rows of one table and day exchanged, within the transaction."""
    cursor.execute(f"DELETE FROM {quoted(SCHEMA)}.{quoted(name)} WHERE run_as_of = $1", [run.as_of])
    if table.num_rows:
        cursor.adbc_ingest(name, table, mode="append", db_schema_name=SCHEMA)


def _with_run(table: pa.Table, run: Published) -> pa.Table:
    """The table with the run on every row; lists as text."""
    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            table = table.set_column(place, field.name, pc.binary_join(table[field.name], ";"))
    days = pa.array([run.as_of] * table.num_rows, pa.date32())
    return table.append_column("run_as_of", days).append_column(
        "run_id", pa.array([run.run_id] * table.num_rows, pa.string())
    )


def _of_run(told: dict[str, Any], run: Published) -> pa.Table:
    words = {"decision": told["decision"]["digest"], "engine": told["engine"], "previous_run": told["previous_run"]}
    return _with_run(pa.table({name: pa.array([word], pa.string()) for name, word in words.items()}), run)
