"""Files as they really come, and worse: each is read, quarantined row by row, or refused with its name, reason and cure."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import os
import random
import time
import zipfile

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorg_risk.errors import DataError
from sorg_risk.records import open
from sorg_risk.records.reading_text import looked_through

from .made import A, B, organizations

HEAD = "complaint_id,org_id,received_on,severity,text,recorded_at"
GOOD = f"c1,{A},2025-01-02,3,fine,2025-01-03"
SECONDS = 10.0


def csv_of(*rows: str) -> bytes:
    return "\n".join([HEAD, *rows, ""]).encode()


def workbook(fill) -> bytes:
    book = openpyxl.Workbook()
    fill(book.active)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def archive(**parts: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return sink.getvalue()


def table_bytes(table: pa.Table, **options) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def typed(sheet) -> None:
    for row in (HEAD.split(","), GOOD.split(",")):
        sheet.append(row)


def far_corner(sheet) -> None:
    sheet["A1"] = "x"
    sheet["XFD1048576"] = 1


PARQUET = table_bytes(
    pa.table({"complaint_id": ["c1"], "org_id": [A], "received_on": ["2025-01-02"], "recorded_at": ["2025-01-03"]})
)
XLSX = workbook(typed)
EXPECTED_ONE = pd.DataFrame([dict(zip(HEAD.split(","), GOOD.split(","), strict=True))])

# Whole files that no table can be made of: each is a DataError that names the file.
UNREADABLE: dict[str, tuple[str, bytes]] = {
    "binary": ("csv", bytes(range(128, 256)) * 3),
    "utf-16 without mark": ("csv", csv_of(GOOD).decode().encode("utf-16-le")[:-1] + b"\xff"),
    "cut gb18030": ("csv", csv_of().rstrip() + "\n中".encode("gb18030")[:-1] + b"\xff"),
    "giant line": ("csv", csv_of(GOOD) + b"x" * (3 << 20)),
    "giant header": ("csv", b"a," * 5_000 + b"b\n1\n"),
    "a column twice": ("csv", csv_of(GOOD).replace(b"severity", b"org_id", 1)),
    "parquet cut": ("parquet", PARQUET[:-9]),
    "parquet of four bytes": ("parquet", b"PAR1"),
    "parquet with noise in the footer": ("parquet", PARQUET[:-200] + bytes(150) + PARQUET[-50:]),
    "text named parquet": ("parquet", csv_of(GOOD)),
    "parquet, a column twice": (
        "parquet",
        table_bytes(pa.Table.from_arrays([pa.array(["a"])] * 2, ["org_id", "org_id"])),
    ),
    "parquet of too many columns": ("parquet", table_bytes(pa.table({f"c{n}": ["x"] for n in range(2_001)}))),
    "parquet with broken text": (
        "parquet",
        table_bytes(pa.table({"org_id": pa.array([b"\xff\xfe"], pa.binary()).view(pa.string())})),
    ),
    "workbook: far corner": ("xlsx", workbook(far_corner)),
    "workbook: no archive": ("xlsx", b"not a zip"),
    "workbook: cut": ("xlsx", XLSX[: len(XLSX) // 2]),
    "workbook: empty archive": ("xlsx", archive()),
    "workbook: other archive": ("xlsx", archive(**{"hello.txt": b"hello"})),
    "workbook: zip bomb": ("xlsx", archive(**{"xl/worksheets/sheet1.xml": bytes(300 << 20)})),
    "workbook: part outside": ("xlsx", archive(**{"../../etc/cron.d/x": b"x"})),
    "workbook: absolute part": ("xlsx", archive(**{"/etc/x": b"x"})),
    "workbook: backslash part": ("xlsx", archive(**{"..\\..\\x": b"x"})),
    "workbook: too many parts": ("xlsx", archive(**{f"p{n}": b"" for n in range(2_500)})),
    "workbook: xml entities": (
        "xlsx",
        archive(
            **{
                "[Content_Types].xml": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><Types>&a;</Types>',
                "xl/workbook.xml": b"<x/>",
            }
        ),
    ),
    "workbook: old format": ("xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
}

# Rows with something wrong: all of them are accounted for, accepted or quarantined.
ODD_CELLS = [
    *("=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "＝1", "\t=1", "|x", "<script>alert(1)</script>", "</td><td>", "'; drop table x; --"),
    *("../../etc/passwd", "C:\\x", "CON", "\x00", "a\x00b", "\x1b[31mred", "\u202eabc", "\u2028", "\ufeff", "\u200b", "\ud7ff", "𠮷", "龘", "e\u0301"),
    *("NaN", "nan", "None", "null", "NULL", "inf", "-inf", "1e309", "0x10", "1_000", "１２", "1,234", "1,23", "１,２３４", "¥1", "1元", "1万元", "%", "1e-400"),
    *("2025-02-30", "2025-13-01", "2025-1-1", "20250101", "2025年1月1日", "2025/1/1", "01/02/2025", "1.1.2025", "45658", "2025-01-01T00:00:00Z"),
    *("2025-01-01T24:00:00", "9999-12-31", "0001-01-01", "1899-12-31", "2025-01-01 25:00", "yesterday", "今天", "二〇二五年一月一日", "2025-W01-1", "-1"),
    *("true", "TRUE", "是", "否", "Y", "perhaps", "0", "1", "2", "-0", "00", "3.0", "3.5", "５", "6", "", " ", "　", "\u00a0", "a" * 5_000, "中" * 2_000),
    *("91110000600037341L", "9111000060003734１L", "51440300MJM000000", "51440300MJM0000000X", "1234567890123456789", "4.403001990010113e+17"),
    *("11010519491231002X", "13800138000", "a;b", "a|b", "a\tb", "{{7*7}}", "${jndi:ldap://x}", "%s%s%n", "[object Object]", "NaT", "<NA>", "()"),
]  # fmt: skip
COLUMNS = HEAD.split(",")


def opened(folder, ending: str, content: bytes):
    organizations(A, B).to_parquet(folder / "organizations.parquet")
    (folder / f"complaints.{ending}").write_bytes(content)
    return open(folder)


def accounted(source, rows: int) -> None:
    counts = source.counts.set_index("table").loc["complaints"]
    assert counts["read"] == rows
    assert counts["accepted"] + counts["quarantined"] == rows


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_is_no_table_is_refused_by_name_and_in_time(tmp_path, kind):
    ending, content = UNREADABLE[kind]
    begun = time.perf_counter()
    with pytest.raises(DataError) as refused:
        opened(tmp_path, ending, content)
    assert time.perf_counter() - begun < SECONDS
    assert f"complaints.{ending} cannot be read" in str(refused.value)
    assert str(refused.value).endswith("Deliver the file again.")
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize("column", COLUMNS)
def test_every_odd_cell_leaves_its_row_accounted_for(tmp_path, column):
    rows = []
    for number, cell in enumerate(ODD_CELLS):
        row = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | {"complaint_id": f"c{number}"} | {column: cell}
        rows.append(row)
    frame = pd.DataFrame(rows)
    frame.to_csv(tmp_path / "complaints.csv", index=False, encoding="utf-8")
    source = opened(tmp_path, "csv", (tmp_path / "complaints.csv").read_bytes())
    accounted(source, len(ODD_CELLS))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_one_table_in_every_dress(tmp_path, encoding, newline, delimiter):
    text = newline.join(line.replace(",", delimiter) for line in (HEAD, GOOD.replace("fine", "前海𠮷"), ""))
    source = opened(tmp_path, "csv", text.encode(encoding))
    assert source.tables["complaints"]["text"].tolist() == ["前海𠮷"]
    (file,) = [file for file in source.files if file.name == "complaints.csv"]
    assert file.encoding.split(";")[0] == {"utf-8-sig": "utf-8"}.get(encoding, encoding)


def test_a_row_that_does_not_fit_the_header_is_kept_and_quarantined(tmp_path):
    source = opened(
        tmp_path,
        "csv",
        csv_of(GOOD, "c2,too,few", GOOD.replace("c1", "c3") + ",one,more", "", GOOD.replace("c1", "c4")),
    )
    accounted(source, 4)
    assert source.quarantine[["row", "rule"]].values.tolist() == [[2, "malformed_row"], [3, "malformed_row"]]
    assert source.tables["complaints"]["complaint_id"].tolist() == ["c1", "c4"]


def test_a_quoted_cell_may_hold_lines_and_delimiters(tmp_path):
    source = opened(tmp_path, "csv", csv_of(f'c1,{A},2025-01-02,3,"two\nlines, ""and"" more",2025-01-03'))
    assert source.tables["complaints"]["text"].tolist() == ['two\nlines, "and" more']


def test_a_workbook_reads_like_the_csv_it_was_made_of(tmp_path):
    source = opened(tmp_path, "xlsx", XLSX)
    expected = open({"organizations": organizations(A, B), "complaints": EXPECTED_ONE})
    pd.testing.assert_frame_equal(source.tables["complaints"], expected.tables["complaints"])


def test_dates_numbers_and_blank_rows_of_a_workbook(tmp_path):
    def fill(sheet) -> None:
        sheet.append(HEAD.split(","))
        sheet.append([])
        sheet.append(
            [7, A, pd.Timestamp("2025-01-02").to_pydatetime(), 3.0, True, pd.Timestamp("2025-01-03").to_pydatetime()]
        )
        sheet.append(["c2", A, "2025-01-02", 3, "=1+1", "2025-01-03", "beyond the header"])

    source = opened(tmp_path, "xlsx", workbook(fill))
    accounted(source, 2)
    (row,) = source.tables["complaints"].to_dict("records")
    assert (row["complaint_id"], row["severity"], row["received_on"]) == ("7", 3.0, pd.Timestamp("2025-01-02"))
    assert source.quarantine["rule"].tolist() == ["malformed_row"]


def test_the_sheet_is_found_by_name_or_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["notes"])
    typed(book.create_sheet("投诉举报"))
    book.save(tmp_path / "complaints.xlsx")
    assert len(opened(tmp_path, "xlsx", (tmp_path / "complaints.xlsx").read_bytes()).tables["complaints"]) == 1
    typed(book.create_sheet("other"))
    book.remove(book["投诉举报"])
    book.save(tmp_path / "complaints.xlsx")
    with pytest.raises(DataError, match="several sheets"):
        opened(tmp_path, "xlsx", (tmp_path / "complaints.xlsx").read_bytes())


def test_a_workbook_without_a_cell_is_an_empty_table(tmp_path):
    source = opened(tmp_path, "xlsx", workbook(lambda sheet: None))
    accounted(source, 0)
    assert any("complaints: delivered empty" in notice for notice in source.notices)


def test_words_and_numbers_of_a_workbook_are_as_an_officer_would_type_them(tmp_path):
    def fill(sheet) -> None:
        sheet.append([*HEAD.split(","), "substantiated"])
        sheet.append(["c1", A, "2025-01-02", 3, 2.5, dt.datetime(2025, 1, 3, 23, 59), True])

    (row,) = opened(tmp_path, "xlsx", workbook(fill)).tables["complaints"].to_dict("records")
    assert (row["text"], row["severity"], row["substantiated"]) == ("2.5", 3.0, True)
    assert row["recorded_at"] == pd.Timestamp("2025-01-03 23:59")


def test_a_workbook_that_takes_too_long_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr("sorg_risk.records.reading_workbooks._SECONDS", 0.001)
    with pytest.raises(DataError, match=r"complaints\.xlsx cannot be read: its sheet could not be read within 0 s"):
        opened(tmp_path, "xlsx", XLSX)


def test_a_workbook_under_a_password_or_without_end_is_refused_unopened(tmp_path, monkeypatch):
    locked = bytearray(XLSX)
    locked[locked.index(b"PK\x01\x02") + 8] |= 1  # the flag of the first part in the directory
    with pytest.raises(DataError, match="protected by a password"):
        opened(tmp_path, "xlsx", bytes(locked))
    monkeypatch.setattr("sorg_risk.records.reading_workbooks.MOST_UNPACKED", 1_000)
    with pytest.raises(DataError, match=r"unpacks to [\d,]+ bytes, more than 1,000"):
        opened(tmp_path, "xlsx", XLSX)


def test_pipes_and_devices_are_no_files(tmp_path):
    organizations(A).to_parquet(tmp_path / "organizations.parquet")
    os.mkfifo(tmp_path / "complaints.csv")
    with pytest.raises(DataError, match="no ordinary file"):
        open(tmp_path)


def test_a_file_that_promises_more_than_the_machine_has(tmp_path, monkeypatch):
    monkeypatch.setattr("sorg_risk.records.reading_files.affordable_memory", lambda: 100_000)
    promised = pa.table({"org_id": pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int32()), pa.array([A]))})
    with pytest.raises(DataError, match="more than the machine has"):
        opened(tmp_path, "parquet", table_bytes(promised))


REFUSALS = (ValueError, OverflowError, csv.Error)


@settings(max_examples=120)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(*REFUSALS):
        text = looked_through(lambda: io.BytesIO(content))
        whole, rows = list(text.pieces(1 << 62)), list(text.pieces(1))
        assert sum(map(len, whole)) == sum(map(len, rows)) == text.rows
        assert len(text.header) >= 1 or not text.rows


def test_flipped_and_cut_bytes_never_crash(tmp_path):
    """A hundred damaged copies of one parquet file and some of a workbook: read or refused by name, never worse."""
    chance = random.Random(7)
    organizations(A, B).to_parquet(tmp_path / "organizations.parquet")
    for content, ending, times in ((PARQUET, "parquet", 100), (XLSX, "xlsx", 5)):
        path = tmp_path / f"complaints.{ending}"
        for turn in range(times):
            damaged = bytearray(content)
            for _ in range(1 + turn % 5):
                damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
            path.write_bytes(bytes(damaged[: chance.randrange(len(damaged))] if turn % 3 == 0 else damaged))
            assert outcome(tmp_path, path.name) in ("read", "refused")
        path.unlink()


def outcome(folder, name: str) -> str:
    try:
        source = open(folder)
    except DataError as refused:
        return "refused" if name in str(refused) else str(refused)
    counts = source.counts.set_index("table").loc["complaints"]
    return "read" if counts["accepted"] + counts["quarantined"] == counts["read"] else str(counts)
