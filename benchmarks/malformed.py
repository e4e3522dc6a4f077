"""What deliveries can do to a night: ``python benchmarks/malformed.py --json``.

Every kind of malformed input, written by hand or drawn by hypothesis, is delivered as one table beside a sound register
and read twice, at once and into a ledger, in a process of its own. It must be refused by the name of its file, or every
row of it must stand in its table or in the quarantine, the same way both times; within ten seconds; and the process
must live. In the end all cells that could be read are published by one night, which must verify. The last line::

    {"kinds", "read", "refused", "rows", "wrong", "slowest_s", "seconds"}
"""

from __future__ import annotations

import argparse
import datetime as dt
import decimal
import io
import json
import multiprocessing
import random
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from sorg_risk.errors import DataError, UsageError
from sorg_risk.nightly import Gates, Settings, nightly
from sorg_risk.nightly.verify import verify
from sorg_risk.records import TABLES
from sorg_risk.records import open as open_source
from sorg_risk.records.ledger import Ledger
from sorg_risk.simulate import simulate

LIMIT_S = 10.0
HEAD = "complaint_id,org_id,received_on,severity,text,recorded_at"
AS_OF = "2026-10-31"


def code(number: int) -> str:
    """A valid credit code of a social organisation."""
    body = f"51440300{number:09d}"
    return body + uscc.calc_check_digit(body)


ORG = code(1)
GOOD = f"c1,{ORG},2025-01-02,3,fine,2025-01-03"
CELLS = [
    *("=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "＝1", "＋1", "－1", "＠x", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "|x", "%0A=1"),
    *("<script>alert(1)</script>", "</td><td>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "&lt;b&gt;", "<!--", "]]>", "<svg/onload=alert(1)>", "'\"><b>"),
    *("'; drop table x; --", "1 OR 1=1", '"; delete from runs; --', "{{7*7}}", "{% raw %}", "${jndi:ldap://x}", "%s%s%n", "$(reboot)", "`id`", "[object Object]", "__class__"),
    *("../../etc/passwd", "..\\..\\x", "C:\\x", "/etc/shadow", "CON", "NUL", "file:///etc/passwd", "~root", "a/b", "." * 300, "\\\\host\\share"),
    *("\x00", "a\x00b", "\x1b[31mred", "\x07", "\x7f", "\x85", "\u202eabc", "\u2028", "\u2029", "\ufeff", "\u200b", "\u2066x", "\ud7ff", "\ufffd", "\uffff", "𠮷", "龘", "e\u0301", "👨‍👩‍👧"),
    *("NaN", "nan", "None", "null", "NULL", "NaT", "<NA>", "N/A", "-", "—", "无", "不详", "inf", "-inf", "1e309", "-1e309", "1e-400", "0x10", "1_000", "１２", "1,234", "1,23"),
    *("１,２３４", "¥1", "￥1", "1元", "1万元", "%", "50%", "1/3", "1.2.3", "1 000", "٣", "½", "１０．５", "9" * 400, "0." + "3" * 400, "1e5", "1E+05", "--1", "+-1", "(5)"),
    *("2025-02-30", "2025-13-01", "2025-1-1", "20250101", "2025年1月1日", "2025/1/1", "01/02/2025", "1.1.2025", "45658", "2025-01-01T00:00:00Z", "2025-01-01T24:00:00"),
    *("9999-12-31", "0001-01-01", "0000-00-00", "1899-12-31", "2201-01-01", "2025-01-01 25:00", "yesterday", "今天", "二〇二五年一月一日", "2025-W01-1", "2025-001", "-2025-01-01"),
    *("2025-01-01T00:00:00+25:00", "2025-01-01T00:00:00.123456789", "2025-01-01 00:00:00 CST", "民国114年1月1日", "２０２５-０１-０１", "2024-02-29", "2023-02-29", "1735689600"),
    *("true", "TRUE", "是", "否", "Y", "perhaps", "0", "1", "2", "-0", "00", "3.0", "3.5", "５", "6", "", " ", "　", "\u00a0", "a" * 5_000, "中" * 2_000, "x" * 100_000),
    *("91110000600037341L", "9111000060003734１L", "51440300MJM000000", "51440300MJM0000000X", ORG.lower(), f" {ORG} ", ORG + ORG, "1234567890123456789", "4.403001990010113e+17"),
    *("11010519491231002X", "11010519491231002x", "110105194912310020", "13800138000", "+86 138 0013 8000", "a;b", "a|b", "a\tb", "()", "a\nb", 'say ""so""', "\\", "\\n", "''", '"'),
]  # fmt: skip
"""Cells that people, machines and attackers write."""


@dataclass(frozen=True)
class Kind:
    """One delivery: files beside the register, and how many rows of them there are (None: as many as are read)."""

    name: str
    files: dict[str, bytes]
    rows: int | None = None


def csv_of(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows, ""]).encode()


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def cells() -> Iterator[Kind]:
    """Each cell in every column of every table, one row a column."""
    for number, cell in enumerate(CELLS):
        files, rows = {}, 0
        for name, table in TABLES.items():
            if name == "organizations":
                continue
            lines = []
            for column in table.names:
                row = {table.key: f"k{rows}", "org_id": ORG, "recorded_at": "2025-06-01", column: cell}
                lines.append(",".join(quoted(row.get(each, "")) for each in table.names))
                rows += 1
            files[f"{name}.csv"] = csv_of(*lines, head=",".join(table.names))
        yield Kind(f"cell {number}: {cell[:20]!r}", files, rows)


def dresses() -> Iterator[Kind]:
    """One table in every encoding, with every line break and delimiter, with and without a mark, empty lines, quotes."""
    text = [HEAD, GOOD.replace("fine", "前海𠮷"), GOOD.replace("c1", "c2")]
    for encoding in (
        "utf-8",
        "utf-8-sig",
        "gb18030",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "big5",
        "shift_jis",
        "latin-1",
        "utf-7",
    ):
        for newline in ("\n", "\r\n", "\r", "\n\n"):
            for sign in ",;\t|":
                whole = newline.join(line.replace(",", sign) for line in [*text, ""])
                content = whole.encode(encoding, "replace")
                known = 2 if encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16") else None
                yield Kind(f"{encoding}, {newline!r}, {sign!r}", {"complaints.csv": content}, known)


def texts() -> Iterator[Kind]:
    """Text files that are no tables, or hardly."""
    made: dict[str, tuple[bytes, int | None]] = {
        "binary": (bytes(range(128, 256)) * 3, None),
        "all bytes": (bytes(range(256)) * 40, None),
        "nothing": (b"", 0),
        "blanks": (b" \n \n", None),
        "line breaks": (b"\n\r\n\r", None),
        "a mark alone": (b"\xef\xbb\xbf", None),
        "two marks": (b"\xef\xbb\xbf\xef\xbb\xbf" + csv_of(GOOD), 1),
        "a mark of gb18030": (b"\x84\x31\x95\x33" + csv_of(GOOD), 1),
        "a mark of utf-16 before utf-8": (b"\xff\xfe" + csv_of(GOOD), None),
        "header alone": (csv_of(), 0),
        "header without end": (HEAD.encode(), 0),
        "no header": (GOOD.encode(), None),
        "header twice": (csv_of(HEAD, GOOD), 2),
        "empty lines above": (b"\n\n" + csv_of(GOOD), 1),
        "a title above": (b"Complaints of 2025\n" + csv_of(GOOD), 2),
        "short rows": (csv_of(GOOD, "c2", "c3,"), 3),
        "long rows": (csv_of(GOOD, GOOD + ",more,and,more"), 2),
        "quote never closed": (csv_of(GOOD, f'c2,{ORG},2025-01-02,3,"never closed,2025-01-03'), 2),
        "quote never closed, rows behind": (csv_of(f'c2,{ORG},2025-01-02,3,"never closed,2025-01-03', *[GOOD] * 50), 51),
        "quotes that swallow rows": (csv_of(*[f'c{n},{ORG},2025-01-02,3,"open,2025-01-03' for n in range(60)]), 60),
        "a quote in every column": (csv_of(*[GOOD[:at] + '"' + GOOD[at:] for at in range(len(GOOD))]), len(GOOD)),
        "text after a quote": (csv_of(GOOD, f'c2,{ORG},2025-01-02,3,"a"b,2025-01-03'), 2),
        "text after a quote, ragged": (csv_of(f'c2,{ORG},2025-01-02,3,"a"b,2025-01-03', "x"), 2),
        "rows of two encodings": (HEAD.encode() + f"\nc1,{ORG},2025-01-02,3,前海慈善会,2025-01-03\n".encode() + f"c2,{ORG},2025-01-02,3,前海慈善会,2025-01-03\n".encode("gb18030"), None),
        "Excel's line of the delimiter": (b"sep=;\n" + csv_of(GOOD).replace(b",", b";"), 1),
        "Chinese names": (csv_of(GOOD, head="主键,统一社会信用代码,收到日期,严重程度,内容,登记入库时间"), 1),
        "a second header": (csv_of("编号,代码,日期,程度,内容,入库", GOOD), 2),
        "day numbers": (csv_of(GOOD.replace("2025-01-02", "45659"), GOOD.replace("2025-01-02", "250102").replace("c1", "c2")), 2),
        "error values": (csv_of(GOOD.replace("fine", "#REF!"), GOOD.replace(",3,", ",#DIV/0!,").replace("c1", "c2")), 2),
        "quote inside": (csv_of(f'c2,{ORG},2025-01-02,3,a"b,2025-01-03'), None),
        "quoted header": (csv_of(GOOD, head=",".join(f'"{word}"' for word in HEAD.split(","))), 1),
        "header of two lines": (csv_of(GOOD, head=HEAD.replace("text", '"te\nxt"')), 1),
        "backslash before a quote": (csv_of(f'c2,{ORG},2025-01-02,3,"a\\"b",2025-01-03'), None),
        "cell of many lines": (csv_of(f'c1,{ORG},2025-01-02,3,"{"x" + chr(10) * 5_000}",2025-01-03', GOOD.replace("c1", "c2")), 2),
        "zeros": (csv_of(GOOD) + bytes(5_000), None),
        "cut in a letter": (csv_of(GOOD) + "c2,前".encode()[:-1], None),
        "cut in gb18030": (csv_of(GOOD) + "c2,前".encode("gb18030")[:-1], None),
        "mixed encodings": (csv_of(GOOD) + "前海,".encode() + "前海".encode("gb18030"), None),
        "giant line": (csv_of(GOOD) + b"x" * (3 << 20), None),
        "giant line of 200 MB": (b"x" * (200 << 20), None),
        "giant header": (b"a," * 5_000 + b"b\n1\n", None),
        "giant quoted cell": (csv_of(f'c1,{ORG},2025-01-02,3,"{"y" * 900_000}",2025-01-03'), 1),
        "giant quoted cell, ragged": (csv_of(f'c1,{ORG},2025-01-02,3,"{"y" * 900_000}",2025-01-03', "x"), None),
        "many short lines": (csv_of() + b"a\n" * 200_000, 200_000),
        "many commas": (csv_of() + b",,,,,\n" * 200_000, 200_000),
        "many quotes": (csv_of() + b'"",' * 100_000, None),
        "a column twice": (csv_of(GOOD).replace(b"severity", b"org_id", 1), None),
        "nameless columns": (csv_of(GOOD + ",,", head=HEAD + ",,"), 1),
        "other columns": (csv_of("1,2", head="x,y"), 1),
        "columns in capitals": (csv_of(GOOD, head=HEAD.upper()), 1),
        "blanks around names": (csv_of(GOOD, head=HEAD.replace(",", " , ")), 1),
        "no key": (csv_of(GOOD.partition(",")[2], head=HEAD.partition(",")[2]), 1),
        "the reader's own mark as a column": (csv_of(GOOD + ",x", head=HEAD + ",(cells)"), 1),
        "same row twice": (csv_of(GOOD, GOOD), 2),
        "same key, other content": (csv_of(GOOD, GOOD.replace("fine", "other")), 2),
        "unknown organisation": (csv_of(GOOD.replace(ORG, code(2))), 1),
        "recorded in the future": (csv_of(GOOD.replace("2025-01-03", "2199-01-01")), 1),
        "void without a moment": (csv_of("c1,,,,,,true", head=HEAD + ",voided"), 1),
        "json": (b'[{"complaint_id": "c1"}]', None),
        "xml": (b"<rows><row/></rows>", None),
        "html": (b"<html><body><table><tr><td>c1</td></tr></table></body></html>", None),
        "a program": (b"\x7fELF" + bytes(200), None),
        "pickle": (b"\x80\x04cos\nsystem\n(S'touch canary'\ntR.", None),
        "gzip": (b"\x1f\x8b\x08\x00" + bytes(40), None),
    }  # fmt: skip
    for name, (content, rows) in made.items():
        yield Kind(f"text: {name}", {"complaints.csv": content}, rows)


def parquet_of(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def sound(**columns: Any) -> pa.Table:
    plain = {"complaint_id": ["c1", "c2"], "org_id": [ORG] * 2, "received_on": ["2025-01-02"] * 2}
    return pa.table({**plain, "severity": [3, 3], "recorded_at": ["2025-01-03"] * 2, **columns})


def typed_columns() -> dict[str, pa.Array]:
    """Two cells of every type that a parquet file may carry."""
    day = dt.date(2025, 1, 2)
    return {
        **{str(kind): pa.array([1, None], kind) for kind in (pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64())},
        **{str(kind): pa.array(np.array([1.5, np.nan]), pa.float64()).cast(kind) for kind in (pa.float32(), pa.float64())},
        "half": pa.array(np.array([1.5, 2.5], np.float16)),
        "largest": pa.array([2**64 - 1, 0], pa.uint64()),
        "infinite": pa.array([np.inf, -np.inf]),
        "bool": pa.array([True, None]),
        "null": pa.nulls(2),
        "decimal": pa.array([decimal.Decimal("1.25"), None], pa.decimal128(38, 18)),
        "wide decimal": pa.array([decimal.Decimal(10) ** 60, None], pa.decimal256(76, 2)),
        "date32": pa.array([day, None], pa.date32()),
        "date64": pa.array([day, None], pa.date64()),
        "far day": pa.array([2**31 - 1, -(2**31)], pa.int32()).cast(pa.date32()),
        **{f"moment in {unit}": pa.array([1_735_689_600, None], pa.int64()).cast(pa.timestamp("s")).cast(pa.timestamp(unit)) for unit in ("s", "ms", "us", "ns")},
        "far moment": pa.array([2**62, -(2**62)], pa.timestamp("us")),
        "moment of a zone": pa.array([1_735_689_600] * 2, pa.timestamp("us", "America/New_York")),
        "time": pa.array([1, 2], pa.time64("us")),
        "duration": pa.array([1, 2], pa.duration("s")),
        "bytes": pa.array([b"\xff", b"2025-01-02"], pa.binary()),
        "fixed bytes": pa.array([b"\xff\xfe", b"ab"], pa.binary(2)),
        "list": pa.array([["a"], None], pa.list_(pa.string())),
        "list of lists": pa.array([[[1]], []]),
        "struct": pa.array([{"a": 1}, None]),
        "map": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
        "dictionary": pa.array(["a", None]).dictionary_encode(),
        "dictionary of numbers": pa.array([1, None]).dictionary_encode(),
        "large text": pa.array(["a", None], pa.large_string()),
    }  # fmt: skip


def parquets() -> Iterator[Kind]:
    """Parquet files of every type in columns of every kind, and damaged ones."""
    for name, cells_ in typed_columns().items():
        for column in ("complaint_id", "org_id", "received_on", "severity", "text", "recorded_at", "voided"):
            content = parquet_of(sound(**{column: cells_}))
            yield Kind(f"parquet: {name} as {column}", {"complaints.parquet": content}, 2)
    good = parquet_of(sound())
    word = pa.DictionaryArray.from_arrays(pa.array([0] * 400_000, pa.int32()), pa.array(["x" * 500_000]))
    plain = {"flow_id": word.slice(0, 2_000).cast(pa.string()), "org_id": [ORG] * 2_000}
    made = {
        "cut": good[:-9],
        "four bytes": b"PAR1",
        "two marks": b"PAR1PAR1",
        "noise in the footer": good[:-200] + bytes(150) + good[-50:],
        "text": csv_of(GOOD),
        "a column twice": parquet_of(pa.Table.from_arrays([pa.array(["a"])] * 2, ["org_id", "org_id"])),
        "broken text": parquet_of(pa.table({"org_id": pa.array([b"\xff\xfe"], pa.binary()).view(pa.string())})),
        "no columns": parquet_of(pa.table({})),
        "no rows": parquet_of(sound().slice(0, 0)),
        "many columns": parquet_of(pa.table({f"c{n}": [1] for n in range(3_000)})),
        "a bomb of one word": parquet_of(pa.table({"complaint_id": word})),
        "long plain words": parquet_of(pa.table(plain)),
        "odd names": parquet_of(sound().rename_columns(["complaint_id", "../x", "a b", "", "<b>"])),
    }
    for name, content in made.items():
        yield Kind(f"parquet: {name}", {"complaints.parquet": content})


def workbook(fill: Callable[[Any], object]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return sink.getvalue()


def sheet_of(*rows: list[Any], title: str = "Sheet") -> Callable[[Any], None]:
    def fill(book: Any) -> None:
        book.active.title = title
        for row in [HEAD.split(","), *rows]:
            book.active.append(row)

    return fill


def workbooks() -> Iterator[Kind]:
    """Workbooks with odd cells, and archives that are none or that are meant to harm."""
    row = GOOD.split(",")
    odd = ["=1+1", '=HYPERLINK("http://x","y")', "=cmd|'/C calc'!A0", "#REF!", "#N/A", True, 1e308, -0.0, dt.datetime(1900, 1, 1), dt.time(1, 2), dt.datetime(9999, 12, 31), "_x0000_", "x" * 32_767]  # fmt: skip
    for cell in odd:
        for place in (0, 2, 3, 4):
            content = workbook(sheet_of([*row[:place], cell, *row[place + 1 :]]))
            yield Kind(f"workbook: {str(cell)[:20]!r} at {place}", {"complaints.xlsx": content}, 1)
    good = workbook(sheet_of(row))

    def far(book: Any) -> None:
        book.active["A1"] = "x"
        book.active["XFD1048576"] = 1

    def several(book: Any) -> None:
        sheet_of(row)(book)
        book.create_sheet("second").append(row)

    def hidden(book: Any) -> None:
        sheet_of(row)(book)
        book.create_sheet("front")
        book.active.sheet_state = "hidden"

    def very_hidden(book: Any) -> None:
        sheet_of(row)(book)
        for title in ("lists", "投诉举报"):
            book.create_sheet(title).append(["x"])
            book[title].sheet_state = "veryHidden"

    def padded(book: Any) -> None:
        sheet_of([123, *row[1:]])(book)
        book.active["A2"].number_format = "000000"

    def joined(book: Any) -> None:
        sheet_of(row, row)(book)
        book.active.merge_cells("A2:F3")

    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><Types>&b;</Types>'
    made: dict[str, tuple[bytes, int | None]] = {
        "far corner": (workbook(far), None),
        "several sheets": (workbook(several), None),
        "hidden sheet": (workbook(hidden), None),
        "joined cells": (workbook(joined), None),
        "named in Chinese": (workbook(sheet_of(row, title="投诉举报")), 1),
        "no rows": (workbook(sheet_of()), 0),
        "rows of formulas": (workbook(sheet_of(row, [f"=A{n}" for n in range(6)])), 2),
        "very hidden sheets": (workbook(very_hidden), 1),
        "keys shown with zeros": (workbook(padded), 1),
        "nothing": (workbook(lambda _book: None), 0),
        "no archive": (b"not a zip", None),
        "cut": (good[: len(good) // 2], None),
        "empty archive": (archive({}), None),
        "other archive": (archive({"hello.txt": b"hello"}), None),
        "zip bomb": (archive({"xl/worksheets/sheet1.xml": bytes(300 << 20)}), None),
        "archive in an archive": (archive({"xl/workbook.xml": archive({"x": bytes(1 << 20)})}), None),
        "part outside": (archive({"../../etc/cron.d/x": b"x"}), None),
        "absolute part": (archive({"/etc/x": b"x"}), None),
        "backslash part": (archive({"..\\..\\x": b"x"}), None),
        "too many parts": (archive({f"p{n}": b"" for n in range(2_500)}), None),
        "entities": (archive({"[Content_Types].xml": entities, "xl/workbook.xml": b"<x/>"}), None),
        "deep xml": (archive({"[Content_Types].xml": b"<a>" * 100_000, "xl/workbook.xml": b"<x/>"}), None),
        "old format": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), None),
        "text": (csv_of(GOOD), None),
    }
    for name, (content, rows) in made.items():
        yield Kind(f"workbook: {name}", {"complaints.xlsx": content}, rows)


def names() -> Iterator[Kind]:
    """Files and folders of odd names beside the table, and the table delivered in odd ways."""
    for name in ("../x.csv", "a b.csv", "COMPLAINTS.CSV", "complaints.csv.bak", ".complaints.csv", "complaints .csv", "=1+1.csv", "<b>.csv", "a\nb.csv", "x" * 200 + ".csv", "\u202ecsv.exe.csv", "复制.csv", "complaints.tsv", "~$complaints.csv", "CON.csv"):  # fmt: skip
        inside = name.replace("../", "..%2f")
        yield Kind(f"name: {name[:20]!r}", {"complaints.csv": csv_of(GOOD), inside: csv_of(GOOD)}, 1)
    for folder in ("2025-02-30", "2025-1-1", "0000-00-00", "2025-01-01x", "..2025", "2025-01-01"):
        rows = 2 if folder == "2025-01-01" else 1
        files = {"complaints.csv": csv_of(GOOD), f"{folder}/complaints.csv": csv_of(GOOD.replace("c1", "c2"))}
        yield Kind(f"folder: {folder}", files, rows)
    yield Kind("twice in two forms", {"complaints.csv": csv_of(GOOD), "complaints.parquet": parquet_of(sound())})
    yield Kind("a folder named as a file", {"complaints.csv/x": b"x"})
    yield Kind("an empty folder of parquet", {"complaints/readme.txt": b"x"}, 0)


WORDS = st.one_of(st.text(max_size=30), st.sampled_from(CELLS), st.floats().map(str), st.dates().map(str))
TABLE = st.lists(st.lists(WORDS, min_size=1, max_size=8), min_size=1, max_size=12)


def drawn(examples: int) -> Iterator[Kind]:
    """Tables and bytes as hypothesis draws them."""
    found: list[Kind] = []
    plain = settings(
        max_examples=examples, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )  # fmt: skip

    @plain
    @given(TABLE, st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "gb18030", "utf-16"]), st.booleans())
    def tables(rows: list[list[str]], sign: str, encoding: str, whole: bool) -> None:
        width = len(HEAD.split(","))
        lines = [([*row, *[""] * width][:width] if whole else row) for row in rows]
        text = "\r\n".join(sign.join(map(quoted, line)) for line in [HEAD.split(","), *lines, []])
        files = {"complaints.csv": text.encode(encoding, "replace")}
        found.append(Kind(f"drawn table {len(found)}", files, len(rows) if whole else None))

    @plain
    @given(st.binary(max_size=300), st.sampled_from(["csv", "parquet", "xlsx"]))
    def raw(content: bytes, ending: str) -> None:
        found.append(Kind(f"drawn bytes {len(found)}", {f"complaints.{ending}": content}))

    tables()
    raw()
    return iter(found)


def damaged(examples: int) -> Iterator[Kind]:
    """Good files with some bits turned, or cut."""
    chance = random.Random(7)
    good = {
        "csv": csv_of(*[GOOD.replace("c1", f"c{n}") for n in range(40)]),
        "parquet": parquet_of(sound()),
        "xlsx": workbook(sheet_of(GOOD.split(","))),
    }
    for turn in range(examples):
        ending = list(good)[turn % 3]
        content = bytearray(good[ending])
        for _ in range(1 + turn % 5):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        cut = chance.randrange(len(content)) if turn % 4 == 0 else len(content)
        yield Kind(f"damaged {ending} {turn}", {f"complaints.{ending}": bytes(content[:cut])})


def delivered(kind: Kind, folder: Path) -> None:
    """Writes a delivery beside a sound register."""
    folder.mkdir(parents=True)
    register = {"org_id": [ORG, code(3)], "status": ["active"] * 2, "recorded_at": ["2020-01-01"] * 2}
    pd.DataFrame(register).to_csv(folder / "organizations.csv", index=False)
    for name, content in kind.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


class Times(list[float]):
    """Seconds of each reading."""

    @contextmanager
    def measured(self) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.append(time.perf_counter() - begun)


def outcome(kind: Kind, folder: Path, times: Times) -> tuple[str, int]:
    """``read`` with the number of rows, ``refused``, or what is wrong; each reading's time is added to ``times``."""
    ledger = Ledger.open(folder.with_name("ledger"))
    try:
        with times.measured():
            source = open_source(folder)
    except (DataError, UsageError) as refused:
        with times.measured():
            return _refused(kind, str(refused), ledger, folder)
    with times.measured():
        ledger.bring(folder)
    kept = ledger.source()
    counts = source.counts.set_index("table").drop(index="organizations")
    read = int(counts["read"].sum())
    if not (counts["accepted"] + counts["quarantined"]).equals(counts["read"]):
        return "rows are lost between table and quarantine", read
    if kind.rows is not None and read != kind.rows:
        return f"{read} rows read of {kind.rows}", read
    if not (kept.counts.equals(source.counts) and kept.quarantine.equals(source.quarantine)):
        return "the ledger holds something else than was read", read
    if kept.as_of(AS_OF).digests() != source.as_of(AS_OF).digests():
        return "the ledger shows something else than was read", read
    for name in TABLES:
        places = np.concatenate([source.checked(name).position, _refused_places(source, name)])
        if not np.array_equal(np.sort(places), np.arange(len(places))):
            return f"a row of {name} is neither accepted nor refused", read
    return "read", read


def _refused_places(source: Any, name: str) -> np.ndarray:
    whole = np.arange(len(source.delivery(name).frame))
    lines = source.checked(name).refused.lines
    names, rows = source.delivery(name).source_and_row(whole) if len(whole) else (whole, whole)
    place = {pair: at for at, pair in enumerate(zip(names, rows))}
    return np.array([place[pair] for pair in zip(lines["source"], lines["row"])], dtype=np.int64)


def _refused(kind: Kind, said: str, ledger: Ledger, folder: Path) -> tuple[str, int]:
    if not any(Path(name).parts[0].split(".")[0] in said for name in kind.files):
        return f"refused without its name: {said}", 0
    if not said.isprintable() or len(said) > 600:
        return f"refused with letters that harm: {said!r}", 0
    try:
        ledger.bring(folder)
    except (DataError, UsageError):
        return ("refused", 0) if not ledger.generations else ("refused and yet kept", 0)
    return "refused at once, but the ledger took it", 0


def worker(pipe: Connection) -> None:
    """Takes deliveries until there are none; nothing it does can harm the campaign."""
    while (task := pipe.recv()) is not None:
        kind, folder = task
        times = Times()
        try:
            delivered(kind, folder)
            told = outcome(kind, folder, times)
        except BaseException as problem:  # reported, whatever it is
            told = f"{type(problem).__name__}: {problem}"[:300], 0
        pipe.send((*told, max(times, default=0.0)))


class Workers:
    """One worker at a time, a new one after each that died or was too slow."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._begin()

    def _begin(self) -> None:
        self._pipe, other = self._context.Pipe()
        self._process = self._context.Process(target=worker, args=(other,), daemon=True)
        self._process.start()
        other.close()
        self.run(Kind("warming up", {"complaints.csv": csv_of(GOOD)}), Path(tempfile.mkdtemp()) / "source", 300.0)

    def run(self, kind: Kind, folder: Path, limit: float = 3 * LIMIT_S) -> tuple[str, int, float]:
        begun = time.perf_counter()
        self._pipe.send((kind, folder))
        try:
            if self._pipe.poll(limit):
                found: tuple[str, int, float] = self._pipe.recv()
                return found if found[2] <= LIMIT_S else (f"took {found[2]:.1f} s", *found[1:])
            problem = "hangs"
        except EOFError:
            problem = "the process died"
        self._process.kill()
        self._process.join()
        self._begin()
        return problem, 0, time.perf_counter() - begun

    def end(self) -> None:
        self._pipe.send(None)
        self._process.join()


def night(folder: Path) -> list[str]:
    """One night over a register with every odd cell in it; what did not hold."""
    tables = simulate(20, 3)
    owner = tables["organizations"]["org_id"].iloc[0]
    for name, table in TABLES.items():
        if name != "organizations":
            rows = [
                {table.key: f"odd-{n}", "org_id": owner, "recorded_at": "2025-06-01"}
                for n in range(len(CELLS) * len(table.names))
            ]
            for place, row in enumerate(rows):
                row[table.names[place % len(table.names)]] = CELLS[place // len(table.names)]
            old = tables[name].astype("str").where(tables[name].notna(), "")
            tables[name] = pd.concat([old, pd.DataFrame(rows)], ignore_index=True).fillna("")
    run = nightly(tables, as_of=AS_OF, out=folder, settings=Settings(gates=Gates(most_quarantined=None)))
    counts = pd.DataFrame(run.manifest["delivery"]["tables"]).T
    lost = counts.index[counts["accepted"] + counts["quarantined"] != counts["read"]].tolist()
    return [*verify(folder), *(f"rows of {name} are lost" for name in lost)]


GROUPS: dict[str, Callable[[int], Iterator[Kind]]] = {
    "texts": lambda _examples: texts(),
    "names": lambda _examples: names(),
    "dresses": lambda _examples: dresses(),
    "parquets": lambda _examples: parquets(),
    "workbooks": lambda _examples: workbooks(),
    "cells": lambda _examples: cells(),
    "damaged": damaged,
    "drawn": drawn,
}


def campaign(groups: list[str], examples: int, say: Callable[[str], Any] = print) -> dict[str, Any]:
    """Every kind of some groups, one after the other, and with the cells the night."""
    begun = time.perf_counter()
    kinds = [kind for group in groups for kind in GROUPS[group](examples)]
    told: dict[str, int] = {"read": 0, "refused": 0}
    wrong, rows, slowest = [], 0, 0.0
    workers = Workers()
    with tempfile.TemporaryDirectory(prefix="sorg-risk-malformed-") as aside:
        for number, kind in enumerate(kinds):
            result, read, seconds = workers.run(kind, Path(aside) / str(number) / "source")
            shutil.rmtree(Path(aside) / str(number), ignore_errors=True)
            rows, slowest = rows + read, max(slowest, seconds)
            if result in told:
                told[result] += 1
            else:
                wrong.append(f"{kind.name}: {result}")
                say(wrong[-1])
            if number % 100 == 99:
                say(f"{number + 1} of {len(kinds)}: {told}, {len(wrong)} wrong, slowest {slowest:.1f} s")
        workers.end()
        if "cells" in groups:
            wrong += [f"the night: {problem}" for problem in night(Path(aside) / "out")]
    return {
        "kinds": len(kinds),
        **told,
        "rows": rows,
        "wrong": wrong,
        "slowest_s": round(slowest, 2),
        "seconds": round(time.perf_counter() - begun, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=150, help="drawn tables, drawn bytes and damaged files, each")
    parser.add_argument("--groups", nargs="+", choices=list(GROUPS), default=list(GROUPS))
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    result = campaign(
        chosen.groups,
        chosen.examples,
        say=lambda line: print(line.encode("ascii", "backslashreplace").decode(), flush=True),
    )
    print(json.dumps(result, ensure_ascii=False) if chosen.json else result)


if __name__ == "__main__":
    main()
