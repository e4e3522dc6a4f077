"""File names in any bytes are read or told, never an internal error."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sorg_risk.cli import run
from sorg_risk.errors import DataError, UsageError, readable_path
from sorg_risk.records import open as open_source
from sorg_risk.records.ledger import Ledger

from .made import A, organizations

GBK = os.fsdecode("年报".encode("gbk"))
BROKEN = os.fsdecode(b"x\xff\xfe")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "source"
    place.mkdir()
    organizations(A).to_csv(place / "organizations.csv", index=False)
    return place


@pytest.mark.parametrize(("name", "shown"), [(GBK, "年报"), (BROKEN, r"x\xff\xfe"), ("a\nb", "a\nb")])
@pytest.mark.parametrize("ending", [".csv", ".xls", ""])
def test_names_that_nobody_reads_are_told(folder, name, shown, ending):
    path = folder / f"filings_{name}{ending}"
    path.write_text("a\n1\n", encoding="utf-8")
    assert f"filings_{shown}" in " ".join(open_source(folder).notices)
    assert run(["check", str(folder)]) == 0


def test_tables_inside_such_folders_are_read(folder):
    day = folder / "2026-10-31"
    day.mkdir()
    (folder / "organizations.csv").rename(day / "organizations.csv")
    target = folder.with_name(GBK)
    folder.rename(target)
    assert len(open_source(target).tables["organizations"]) == 1


def test_a_parquet_file_behind_such_a_name_is_refused_by_its_name(folder):
    organizations(A).to_parquet(folder / "organizations.parquet")
    (folder / "organizations.csv").unlink()
    target = folder.with_name(GBK)
    folder.rename(target)
    with pytest.raises(DataError, match=r"organizations\.parquet"):
        open_source(target)


def test_a_ledger_and_an_output_folder_need_a_name_that_can_be_written(folder, tmp_path, capsys):
    with pytest.raises(UsageError, match=r"年报 has a name that is no UTF-8\. Rename the folder"):
        Ledger.open(tmp_path / GBK)
    assert run(["nightly", str(folder), "--as-of", "2026-01-31", "--out", str(tmp_path / GBK)]) == 2
    assert "年报" in capsys.readouterr().err


def test_a_missing_folder_with_such_a_name_is_told(tmp_path, capsys):
    assert run(["check", str(tmp_path / GBK)]) == 4
    assert "年报" in capsys.readouterr().err


def test_errors_can_always_be_written():
    message = str(DataError.unreadable(f"/data/{GBK}/x.csv", "why", "cure"))
    assert "年报/x.csv" in message
    assert json.loads(json.dumps(message)) == message
    message.encode("utf-8")
    assert readable_path(Path("年报/plain.csv")) == "年报/plain.csv"
