"""Dated deliveries, lazy frames, databases: whatever the way, the same records."""

from __future__ import annotations

import sqlite3
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pytest

from sorg_risk.errors import DataError, MappingError, UsageError
from sorg_risk.records import TABLES, open
from sorg_risk.records.database_readers import _SqlAlchemy, quoted
from sorg_risk.records.ledger import Ledger
from sorg_risk.records.reading_databases import without_secrets
from tests.servers import executed

from .made import A, B, organizations, penalty

PENALTIES = pd.DataFrame([penalty("1", amount=10.25, authority="民政局"), penalty("2", B, lifted_on="2020-12-01")])
EXPECTED = open({"organizations": organizations(A, B), "penalties": PENALTIES})


def alike(source) -> None:
    for name in ("organizations", "penalties"):
        pd.testing.assert_frame_equal(source.tables[name], EXPECTED.tables[name])


def test_dated_deliveries_are_appended_and_recorded_at_still_rules(tmp_path):
    organizations(A, B).to_parquet(tmp_path / "organizations.parquet")
    first, second = PENALTIES.iloc[:1], PENALTIES.iloc[1:]
    correction = first.assign(amount=12.0, recorded_at="2021-06-01")
    for day, rows in (("2026-01-01", first), ("2026-01-02", second), ("2026-01-03", correction)):
        (tmp_path / day).mkdir()
        rows.to_csv(tmp_path / day / "penalties.csv", index=False)
    (tmp_path / "not-a-day").mkdir()
    source = open(tmp_path)
    assert [file.name for file in source.files if "penalties" in file.name] == [
        f"2026-01-0{n}/penalties.csv" for n in (1, 2, 3)
    ]
    assert source.as_of("2021-05-31").table("penalties")["amount"].tolist()[0] == 10.25
    assert source.as_of("2021-06-01").table("penalties")["amount"].tolist()[0] == 12.0


def test_files_and_folders_as_windows_and_officers_name_them(tmp_path):
    organizations(A, B).to_csv(tmp_path / "organizations.CSV", index=False)
    for day, rows in (("20260102", PENALTIES.iloc[1:]), ("2026-01-01", PENALTIES.iloc[:1])):
        (tmp_path / day).mkdir()
        rows.to_csv(tmp_path / day / "penalties.Csv", index=False)
    source = open(tmp_path)
    alike(source)
    assert [file.name for file in source.files if "penalties" in file.name] == [
        "2026-01-01/penalties.Csv",
        "20260102/penalties.Csv",
    ]
    PENALTIES.to_csv(tmp_path / "20260102" / "penalties.CSV", index=False)
    with pytest.raises(DataError, match="delivered more than once"):
        open(tmp_path)


def test_what_looks_like_a_delivery_and_is_not_read_is_told(tmp_path, tmp_path_factory):
    organizations(A, B).to_parquet(tmp_path / "organizations.parquet")
    for name in ("penalties.xls", "2026-1-5/penalties.csv", "filings/january.csv", "2026-01-06/penalties.csv.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("penalty_id", encoding="utf-8")
    for name in ("README.txt", ".penalties.csv.swp"):
        (tmp_path / name).write_text("", encoding="utf-8")
    told = "files and folders that are not read 未读取: 2026-01-06/penalties.csv.gz, 2026-1-5, filings, penalties.xls"
    assert told in open(tmp_path).notices
    ledger = Ledger.open(tmp_path_factory.mktemp("ledger") / "rows")
    ledger.bring(tmp_path)
    assert told in ledger.source().notices


def test_deliveries_of_different_types_lose_nothing(tmp_path):
    organizations(A, B).to_parquet(tmp_path / "organizations.parquet")
    for day in ("2026-01-01", "2026-01-02"):
        (tmp_path / day).mkdir()
    typed = PENALTIES.iloc[:1].assign(decision_id=[44.0], decided_on=pd.to_datetime(["2020-06-01"]))
    typed.to_parquet(tmp_path / "2026-01-01" / "penalties.parquet")
    PENALTIES.iloc[1:].assign(decision_id="7/A").to_csv(tmp_path / "2026-01-02" / "penalties.csv", index=False)
    rows = open(tmp_path).tables["penalties"]
    assert rows["decision_id"].tolist() == ["44", "7/A"]
    assert rows["decided_on"].tolist() == [pd.Timestamp("2020-06-01")] * 2


def test_a_lazy_frame_is_collected():
    alike(open({"organizations": pl.from_pandas(organizations(A, B)).lazy(), "penalties": pl.from_pandas(PENALTIES)}))


def test_long_whole_numbers_with_gaps_keep_their_digits(tmp_path):
    frame = pl.DataFrame({"org_id": [A, B], "name": [123456789012345678, None], "recorded_at": ["2020-01-01"] * 2})
    assert open({"organizations": frame}).tables["organizations"]["name"].tolist()[0] == "123456789012345678"


def test_header_synonyms_and_codes_by_the_mapping_file(tmp_path):
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        '[organizations]\nfrom = "名册"\ncolumns = { org_id = ["统一社会信用代码", "信用代码"], name = ["名称", "单位名称"], recorded_at = "入库日期" }\n'
        'values = { org_type = { "民非" = "service_institution" } }\n',
        encoding="utf-8",
    )
    old = pd.DataFrame({"信用代码": [A], "单位名称": ["甲"], "入库日期": ["2020-01-01"], "org_type": ["民非"]})
    new = pd.DataFrame(
        {"统一社会信用代码": [B], "名称": ["乙"], "入库日期": ["2020-01-01"], "org_type": ["foundation"]}
    )
    for day, rows in (("2026-01-01", old), ("2026-01-02", new)):
        (tmp_path / day).mkdir()
        rows.to_csv(tmp_path / day / "名册.csv", index=False, encoding="gb18030")
    rows = open(tmp_path, mapping).tables["organizations"]
    assert rows[["org_id", "name", "org_type"]].values.tolist() == [
        [A, "甲", "service_institution"],
        [B, "乙", "foundation"],
    ]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "..", "a\\\\b"])
def test_a_mapping_cannot_leave_the_source(tmp_path, name):
    (tmp_path / "mapping.toml").write_text(f'[organizations]\nfrom = "{name}"\n', encoding="utf-8")
    with pytest.raises(MappingError, match="plain name"):
        open(tmp_path, tmp_path / "mapping.toml")


def filled(connection: sqlite3.Connection) -> sqlite3.Connection:
    organizations(A, B).to_sql("organizations", connection, index=False)
    PENALTIES.to_sql("penalties", connection, index=False)
    connection.execute('create table "a""; drop table penalties; --" (x text)')
    connection.commit()
    return connection


def test_sqlite_by_file_address_and_connection(tmp_path):
    connection = filled(sqlite3.connect(tmp_path / "registry.db"))
    alike(open(connection))
    alike(open(tmp_path / "registry.db"))
    alike(open(f"sqlite:///{tmp_path}/registry.db"))
    assert connection.execute("select count(*) from penalties").fetchone() == (2,)


def test_sqlalchemy_engine_and_connection(tmp_path):
    sqlalchemy = pytest.importorskip("sqlalchemy")
    filled(sqlite3.connect(tmp_path / "registry.db"))
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/registry.db")
    alike(open(engine))
    with engine.connect() as connection:
        alike(open(connection))
    engine.dispose()


def test_duckdb_connection():
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect()
    for name, frame in {"organizations": organizations(A, B), "penalties": PENALTIES}.items():
        connection.register("arrived", frame)
        connection.execute(f"create table {name} as select * from arrived")
        connection.unregister("arrived")
    alike(open(connection))


def test_a_missing_database_says_so_without_its_password(tmp_path):
    with pytest.raises(DataError, match="SQLite file not found"):
        open(f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(DataError, match=r"postgresql://reader:\*\*\*@") as refused:
        open("postgresql://reader:s3cret@127.0.0.1:1/registry")
    assert "s3cret" not in str(refused.value)
    with pytest.raises(UsageError, match="a connection"):
        open(5)


def test_names_are_quoted_and_passwords_hidden():
    assert quoted('x" y') == '"x"" y"'
    assert without_secrets("host=a password=b&x") == "host=a password=***&x"
    assert without_secrets("to postgresql://a:p@s/s:w@host/db failed") == "to postgresql://a:***@host/db failed"
    assert without_secrets("password = 'two words' user=a") == "password = *** user=a"


@pytest.mark.parametrize(("dialect", "shown"), [("mysql", "`a``b`"), ("mssql", "[a`b]"), ("sqlite", '"a`b"')])
def test_names_stand_between_the_marks_of_the_dialect(dialect, shown):
    module = pytest.importorskip(f"sqlalchemy.dialects.{dialect}")
    connection = SimpleNamespace(dialect=module.dialect())
    assert _SqlAlchemy(connection).quoted("a`b") == shown


def test_postgresql_in_bulk_with_exact_numbers(postgres):
    executed(
        postgres,
        "create table organizations (org_id text, status text, recorded_at date)",
        f"insert into organizations values ('{A}', 'active', '2020-01-01'), ('{B}', 'active', '2020-01-01')",
        "create table penalties (penalty_id numeric(30), org_id text, kind varchar(20), decided_on date, amount numeric(18,2),"
        " authority text, lifted_on date, recorded_at timestamp, extra uuid, list text[])",
        f"insert into penalties values (123456789012345678901, '{A}', 'fine', '2020-06-01', 10.25, '民政局', null, '2021-01-01', gen_random_uuid(), '{{a}}'),"
        f" (2, '{B}', 'fine', '2020-06-01', null, null, '2020-12-01', '2021-01-01', null, null)",
        'create table "x""; drop table penalties; --" (org_id text)',
    )
    rows = open(postgres).tables["penalties"]
    assert rows["penalty_id"].tolist() == ["123456789012345678901", "2"]
    assert rows["amount"].tolist()[0] == 10.25
    assert rows["decided_on"].tolist() == [pd.Timestamp("2020-06-01")] * 2
    assert list(open(postgres).as_of("2021-01-01").orgs) == [A, B]


def test_postgresql_through_sqlalchemy_reads_alike(postgres):
    pytest.importorskip("sqlalchemy")
    pytest.importorskip("psycopg", reason="psycopg is not installed: SQLAlchemy has no way to PostgreSQL here")
    import sqlalchemy

    engine = sqlalchemy.create_engine(postgres.replace("postgresql://", "postgresql+psycopg://"))
    pd.testing.assert_frame_equal(open(engine).tables["penalties"], open(postgres).tables["penalties"])
    engine.dispose()


def test_every_table_has_a_name_a_database_may_carry():
    assert all(name.isidentifier() for name in TABLES)
