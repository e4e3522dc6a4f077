"""A run in PostgreSQL: all tables or none, one night exchanged for the other, no password in any message."""

from __future__ import annotations

import sys

import pytest

from sorg_risk.errors import DataError, UsageError
from sorg_risk.nightly import exporting
from sorg_risk.nightly.exporting import export
from tests.nightly.conftest import FIRST, SECOND, published
from tests.servers import executed


def counted(address, table: str) -> dict[str, int]:
    rows = executed(address, f"select run_as_of::text, count(*) from sorg_risk.{table} group by 1 order by 1")
    return {str(day): int(number) for day, number in rows}


def test_without_the_driver_the_extra_is_named(two_nights, monkeypatch):
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    with pytest.raises(UsageError, match="writing to PostgreSQL needs the extra 'postgres'; install it"):
        export(published(two_nights, FIRST), "postgresql://h/d")


def test_a_run_is_written_whole_and_exchanged_whole(two_nights, postgres):
    first, second = published(two_nights, FIRST), published(two_nights, SECOND)
    assert export(first, postgres)["scores"] == len(first.table("scores"))
    export(second, postgres)
    export(first, postgres)
    for name in ("scores", "flags", "reasons"):
        assert counted(postgres, name) == {FIRST: len(first.table(name)), SECOND: len(second.table(name))}
    assert counted(postgres, "runs") == {FIRST: 1, SECOND: 1}
    evidence = executed(postgres, "select evidence from sorg_risk.flags where evidence like '%;%' limit 1")
    assert ";" in str(evidence[0][0])


def test_a_table_of_an_earlier_version_gains_the_columns_it_lacks(two_nights, postgres):
    export(published(two_nights, FIRST), postgres)
    executed(postgres, "alter table sorg_risk.scores drop column provisional, drop column rank, drop column grade")
    second = published(two_nights, SECOND)
    export(second, postgres)
    assert counted(postgres, "scores")[SECOND] == len(second.table("scores"))
    told = "select count(*) from sorg_risk.scores where provisional is null and rank is null and grade is null"
    assert executed(postgres, told)[0][0] == len(published(two_nights, FIRST).table("scores"))


def test_a_failure_in_between_changes_nothing(two_nights, postgres, monkeypatch):
    run = published(two_nights, FIRST)
    export(run, postgres)
    before = {name: counted(postgres, name) for name in exporting.TABLES[:3]}
    whole = exporting._replaced

    def broken(cursor, name, table, run):
        whole(cursor, name, table, run)
        if name == "flags":
            raise RuntimeError("the line broke; postgresql://w:canary-pw@h/d")

    monkeypatch.setattr(exporting, "_replaced", broken)
    with pytest.raises(DataError, match="the line broke") as refused:
        export(published(two_nights, SECOND), postgres)
    assert "canary-pw" not in str(refused.value)
    assert {name: counted(postgres, name) for name in exporting.TABLES[:3]} == before


def test_a_role_with_the_right_to_the_rows_and_no_other(two_nights, postgres):
    first, second = published(two_nights, FIRST), published(two_nights, SECOND)
    executed(postgres, "drop schema if exists sorg_risk cascade", "create role writer login")
    writer = postgres.replace("postgres:canary-pw@", "writer:canary-pw@")
    with pytest.raises(DataError, match=r"writer:\*\*\*@.* cannot be written: .*permission denied"):
        export(first, writer)
    export(first, postgres)
    executed(
        postgres,
        "grant usage on schema sorg_risk to writer",
        "grant select, insert, delete on all tables in schema sorg_risk to writer",
    )
    export(second, writer)
    assert counted(postgres, "flags") == {FIRST: len(first.table("flags")), SECOND: len(second.table("flags"))}
