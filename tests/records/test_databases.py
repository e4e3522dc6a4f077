"""Databases read piece by piece into a ledger: the same rows, of one moment, and nothing left behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from sorg_risk.errors import DataError
from sorg_risk.records import open
from sorg_risk.records.ledger import Ledger, arriving
from sorg_risk.records.ledger.arriving import Arrivals, arrivals
from tests.servers import executed

from .made import A, B, flows, organizations, same

ROWS = 40
FLOWS = flows(ROWS).assign(amount=[f"{1.25 * (number + 1):.2f}" for number in range(ROWS)])
TABLES = {"organizations": organizations(A, B), "fund_flows": FLOWS.sort_values("flow_id")}
ANOTHER = f"insert into fund_flows (flow_id, org_id, recorded_at) values ('f0', '{A}', '2025-03-01')"
WAYS = ["file", "address", "sqlite", "engine", "connection", "duckdb", "dbapi", "postgresql"]


@pytest.fixture(params=[1, 3, 1 << 18])
def any_rows_a_piece(request, monkeypatch):
    monkeypatch.setattr(arriving, "PIECE_ROWS", request.param)


@pytest.fixture
def few_rows_a_piece(monkeypatch):
    monkeypatch.setattr(arriving, "PIECE_ROWS", 3)


class Plain:
    """The least that a DB-API connection has; ``between`` is done when the rows of a table were counted."""

    def __init__(self, connection: Any, between: str = "") -> None:
        self.connection, self.between = connection, between

    def cursor(self) -> Any:
        return PlainCursor(self.connection, self.between)


class PlainCursor:
    def __init__(self, connection: Any, between: str) -> None:
        self.connection, self.between = connection, between

    def execute(self, statement: str) -> None:
        self.rows = self.connection.execute(statement).fetchall()
        self.description = self.connection.description
        if "count(*)" in statement and "fund_flows" in statement and self.between:
            self.connection.execute(self.between)

    def fetchmany(self, size: int) -> list[Any]:
        some, self.rows = self.rows[:size], self.rows[size:]
        return some

    def fetchall(self) -> list[Any]:
        return self.fetchmany(len(self.rows))

    def close(self) -> None:
        self.rows = []


def in_sqlite(path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    for name, frame in TABLES.items():
        frame.to_sql(name, connection, index=False)
    return connection


def in_duckdb() -> Any:
    connection = pytest.importorskip("duckdb").connect()
    for name, frame in TABLES.items():
        connection.register("arrived", frame)
        connection.execute(f"create table {name} as select * from arrived")
        connection.unregister("arrived")
    return connection


def in_postgresql(address: str) -> None:
    executed(
        address,
        "drop schema public cascade",
        "create schema public",
        *(f"create table {name} ({', '.join(f'{one} text' for one in frame)})" for name, frame in TABLES.items()),
        *(f"insert into {name} values {_rows(frame)}" for name, frame in TABLES.items()),
        "alter table fund_flows alter amount type numeric(18, 2) using amount::numeric",
    )


def _rows(frame: pd.DataFrame) -> str:
    return ", ".join(f"({', '.join(repr(cell) for cell in row)})" for row in frame.to_numpy().tolist())


def others(address: str) -> int:
    """Connections to a server beside the one that asks."""
    asked = "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
    return int(str(executed(address, asked)[0][0]))


@pytest.fixture
def source(request, tmp_path) -> Iterator[Any]:
    """A database by one of the ways."""
    way = request.param
    if way == "postgresql":
        address = request.getfixturevalue("postgres")
        in_postgresql(address)
        yield address
    elif way in ("duckdb", "dbapi"):
        connection = in_duckdb()
        yield connection if way == "duckdb" else Plain(connection)
    else:
        connection = in_sqlite(tmp_path / "registry.db")
        address = f"sqlite:///{tmp_path}/registry.db"
        if way in ("engine", "connection"):
            engine = pytest.importorskip("sqlalchemy").create_engine(address)
            with engine.connect() as opened:
                yield engine if way == "engine" else opened
            engine.dispose()
        else:
            yield {"file": tmp_path / "registry.db", "address": address, "sqlite": connection}[way]
        connection.close()


@pytest.mark.parametrize("source", WAYS, indirect=True)
@pytest.mark.usefixtures("any_rows_a_piece")
def test_by_every_way_and_in_pieces_of_every_size_the_same_rows(source, tmp_path):
    same(source, tmp_path)
    brought = Ledger.open(tmp_path / "ledger").source()
    expected = open(TABLES)
    assert brought.as_of("2026-01-01").digests() == expected.as_of("2026-01-01").digests()
    pd.testing.assert_frame_equal(brought.quarantine, expected.quarantine)


@pytest.mark.parametrize("source", WAYS, indirect=True)
@pytest.mark.usefixtures("few_rows_a_piece")
def test_no_piece_is_larger_than_asked_for(source):
    with arrivals(source) as found:
        sizes = [len(piece.delivery.frame) for piece in found.tables["fund_flows"].feeds[0].pieces()]
    assert sizes == [3] * 13 + [1]


def read(found: Arrivals) -> list[str]:
    feed = found.tables["fund_flows"].feeds[0]
    return [key for piece in feed.pieces() for key in piece.delivery.frame["flow_id"]]


@pytest.mark.usefixtures("few_rows_a_piece")
def test_rows_written_to_postgresql_after_the_snapshot_began_do_not_arrive(postgres):
    in_postgresql(postgres)
    with arrivals(postgres) as found:
        executed(postgres, ANOTHER, "delete from fund_flows where flow_id = 'f39'")
        assert read(found) == TABLES["fund_flows"]["flow_id"].tolist()
    assert others(postgres) == 0
    with arrivals(postgres) as found:
        assert read(found).count("f0") == 2


@pytest.mark.usefixtures("few_rows_a_piece")
def test_rows_written_to_sqlite_after_the_snapshot_began_do_not_arrive(tmp_path):
    connection = in_sqlite(tmp_path / "registry.db")
    connection.execute("pragma journal_mode = wal")
    with arrivals(tmp_path / "registry.db") as found:
        connection.execute(ANOTHER)
        connection.commit()
        assert read(found) == TABLES["fund_flows"]["flow_id"].tolist()


@pytest.mark.parametrize("between", [ANOTHER, "delete from fund_flows where flow_id = 'f39'"])
@pytest.mark.usefixtures("any_rows_a_piece")
def test_a_table_that_changes_while_it_is_read_is_told_where_there_is_no_snapshot(tmp_path, between):
    ledger = Ledger.open(tmp_path / "ledger")
    with pytest.raises(DataError, match=r"table 'fund_flows' of the database cannot be read: 40 rows were counted"):
        ledger.bring(Plain(in_duckdb(), between))
    assert ledger.generations == []
    assert ledger.bring(Plain(in_duckdb())) == 1


@pytest.mark.usefixtures("few_rows_a_piece")
def test_an_error_in_the_midst_names_the_table_and_closes_the_connection(postgres, tmp_path):
    in_postgresql(postgres)
    odd = "select flow_id, org_id, (1 / (substr(flow_id, 2)::int - 30))::text as amount, recorded_at from flows"
    executed(postgres, "alter table fund_flows rename to flows", f"create view fund_flows as {odd}")
    with pytest.raises(
        DataError, match=r"table 'fund_flows' of postgresql://postgres:\*\*\*@.*division by zero"
    ) as told:
        Ledger.open(tmp_path / "ledger").bring(postgres)
    assert "canary-pw" not in str(told.value)
    assert others(postgres) == 0


@pytest.mark.usefixtures("few_rows_a_piece")
def test_reading_that_stops_early_closes_the_connection(postgres):
    in_postgresql(postgres)
    with arrivals(postgres) as found:
        next(found.tables["fund_flows"].feeds[0].pieces())
    assert others(postgres) == 0


BROKEN = "create view penalties as select flow_id as penalty_id, org_id, recorded_at, {odd} as amount from fund_flows"


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("within", [False, True])
@pytest.mark.usefixtures("few_rows_a_piece")
def test_a_connection_of_sqlite_is_left_as_it_was(tmp_path, within, fails):
    connection = in_sqlite(tmp_path / "registry.db")
    if fails:
        odd = "case flow_id when 'f30' then abs(-9223372036854775807 - 1) end"
        connection.execute(BROKEN.format(odd=odd))
    connection.commit()
    if within:
        connection.execute("delete from fund_flows where flow_id = 'f1'")
    _brought(connection, tmp_path, fails)
    assert connection.in_transaction == within
    connection.rollback()
    assert connection.execute("select count(*) from fund_flows").fetchone() == (ROWS,)


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.usefixtures("few_rows_a_piece")
def test_a_connection_of_sqlalchemy_is_left_as_it_was(tmp_path, within):
    sqlalchemy = pytest.importorskip("sqlalchemy")
    in_sqlite(tmp_path / "registry.db").close()
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/registry.db")
    with engine.connect() as connection:
        if within:
            connection.exec_driver_sql("delete from fund_flows where flow_id = 'f1'")
        _brought(connection, tmp_path, fails=False)
        assert connection.in_transaction() == within
        connection.rollback()
        assert connection.exec_driver_sql("select count(*) from fund_flows").scalar() == ROWS
    engine.dispose()


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("within", [False, True])
@pytest.mark.usefixtures("few_rows_a_piece")
def test_a_connection_of_duckdb_is_left_as_it_was(tmp_path, within, fails):
    connection = in_duckdb()
    if fails:
        connection.execute(BROKEN.format(odd="case flow_id when 'f30' then error('no such amount') end"))
    if within:
        connection.execute("begin")
        connection.execute("delete from fund_flows where flow_id = 'f1'")
    _brought(connection, tmp_path, fails)
    if within:
        connection.execute("rollback")
    assert connection.execute("select count(*) from fund_flows").fetchone() == (ROWS,)
    connection.execute("begin")


def _brought(connection: Any, tmp_path, fails: bool) -> None:
    ledger = Ledger.open(tmp_path / "ledger")
    if not fails:
        assert ledger.bring(connection) == 1
        return
    with pytest.raises(DataError, match="table 'penalties' of the database"):
        ledger.bring(connection)
    assert ledger.generations == []


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
@pytest.mark.parametrize("commits_itself", [False, True])
@pytest.mark.usefixtures("few_rows_a_piece")
def test_a_connection_of_the_postgresql_family_is_read_in_one_snapshot_and_left_as_it_was(
    postgres, tmp_path, driver, commits_itself
):
    module = pytest.importorskip(driver, reason=f"{driver} is not installed: nothing to connect with")
    in_postgresql(postgres)
    connection = module.connect(postgres)
    connection.autocommit = commits_itself
    same(connection, tmp_path)
    assert connection.info.transaction_status == 0
    if not commits_itself:
        with arrivals(connection) as found:
            executed(postgres, ANOTHER)
            assert len(read(found)) == ROWS
        connection.cursor().execute("delete from fund_flows where flow_id = 'f1'")
        with arrivals(connection) as found:
            assert "f1" not in read(found)
        assert connection.info.transaction_status == 2
        connection.rollback()
    executed(postgres, BROKEN.format(odd="1 / (substr(flow_id, 2)::int - 30)"))
    _brought(connection, tmp_path / "failing", fails=True)
    assert connection.info.transaction_status == 0
    connection.close()


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "AUTOCOMMIT"])
@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
@pytest.mark.usefixtures("few_rows_a_piece")
def test_an_engine_for_postgresql_is_read_in_one_snapshot(postgres, tmp_path, driver, isolation):
    sqlalchemy = pytest.importorskip("sqlalchemy")
    pytest.importorskip(driver, reason=f"{driver} is not installed: SQLAlchemy has no way to PostgreSQL here")
    in_postgresql(postgres)
    address = postgres.replace("postgresql://", f"postgresql+{driver}://")
    engine = sqlalchemy.create_engine(address, isolation_level=isolation)
    same(engine, tmp_path)
    with engine.connect() as connection:
        same(connection, tmp_path / "by connection")
    with arrivals(engine) as found:
        executed(postgres, ANOTHER)
        assert len(read(found)) == ROWS
    engine.dispose()


MAPPING = """
[organizations]
from = "register"
distinct = "code"
columns = { org_id = "code", name = "named" }
constants = { status = "active" }
derive = { recorded_at = "min(known)" }
[filings]
from = "register"
columns = { org_id = "code", recorded_at = "known" }
constants = { kind = "annual_report" }
derive = { filing_id = "number", fiscal_year = "year(filed)", filed_on = "filed" }
"""


@pytest.mark.usefixtures("any_rows_a_piece")
def test_a_mapping_makes_tables_whole_or_in_pieces(tmp_path):
    rows = [
        (n, (A, B)[n % 2], f"name {n}", f"20{10 + n % 9}-03-0{1 + n % 9}", f"2020-04-0{1 + n % 9}") for n in range(20)
    ]
    connection = sqlite3.connect(tmp_path / "registry.db")
    frame = pd.DataFrame(rows, columns=["number", "code", "named", "filed", "known"])
    frame.to_sql("register", connection, index=False)
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    same(connection, tmp_path, tmp_path / "mapping.toml")
    with pytest.raises(DataError, match="table 'register' not found in the database"):
        Ledger.open(tmp_path / "other").bring(sqlite3.connect(":memory:"), tmp_path / "mapping.toml")


def test_a_register_that_is_missing_or_empty_is_told_without_a_password(postgres, tmp_path):
    in_postgresql(postgres)
    ledger = Ledger.open(tmp_path / "ledger")
    for statement, message in (
        ("delete from organizations", "any row of 'organizations' not found in postgresql://"),
        ("drop table organizations", "table 'organizations' not found in postgresql://"),
    ):
        executed(postgres, statement)
        with pytest.raises(DataError, match=message) as told:
            ledger.bring(postgres)
        assert "canary-pw" not in str(told.value)
    ledger.bring(TABLES)
    assert ledger.bring(postgres, complete=False) == 2
