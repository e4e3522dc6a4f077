"""Identifiers are folded once at the door, whichever door a table comes through."""

from __future__ import annotations

import sqlite3

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.records import TABLES, open
from sorg_risk.records.columns import as_text
from sorg_risk.records.identifiers import fold, fold_document, identified, is_nothing, is_rounded, together
from sorg_risk.records.ledger import Ledger, arriving
from sorg_risk.records.quarantine import REASONS
from sorg_risk.records.schema import Column

from .made import A, B, flows, organizations, penalty, same, source

DAY = "2026-01-01"
IDENTIFIERS = [(table.name, column.name) for table in TABLES.values() for column in table.columns if column.identifier]
"""Every identifier column of every table."""
WORDS = [
    "无",
    "不详",
    "未知",
    "暂无",
    "空缺",
    "暂缺",
    "待定",
    "-",
    "--",
    "—",
    "——",
    "/",
    "\\",
    "N/A",
    "#N/A",
    "null",
    "none",
]
ROWS = {
    "organizations": {"org_id": B, "recorded_at": "2020-02-01", "authority": "440300"},
    "filings": {"filing_id": "F1", "kind": "annual_report"},
    "complaints": {"complaint_id": "C1", "received_on": "2021-01-01"},
    "fund_flows": {
        "flow_id": "X1",
        "booked_on": "2021-01-01",
        "direction": "out",
        "amount": 5,
        "counterparty_id": "Q1",
    },
    "penalties": {"penalty_id": "p1", "kind": "fine", "decided_on": "2021-01-01", "decision_id": "罚〔2021〕3号"},
    "inspections": {"inspection_id": "I1", "kind": "spot_check", "issued_on": "2021-01-01"},
    "positions": {"position_id": "O1", "person_id": "P1", "role": "chair", "kin_group": "K1"},
    "listings": {
        "listing_id": "L1",
        "list": "abnormal",
        "action": "listed",
        "decided_on": "2021-01-01",
        "ground": "AL-01",
    },
    "assessments": {"assessment_id": "G1", "grade": "3A", "granted_on": "2021-01-01"},
    "exemptions": {"exemption_id": "E1", "kind": "objection", "refers_to": "p1", "outcome": "granted"},
    "procedures": {
        "procedure_id": "R1",
        "step": "notice_sent",
        "done_on": "2021-01-01",
        "list": "none",
        "refers_to": "p1",
        "ground": "AL-01",
    },
    "report_notices": {"notice_id": "N1", "authority": "4403", "fiscal_year": 2022, "document": "民函〔2023〕1号"},
}
"""A row of every table in which every identifier is given."""

padding = st.sampled_from(["", " ", "\t", "\u3000", "\u00a0", "\u200b", "\ufeff", "\u2060", "\r\n", "\u202e", "\ufe0f"])
names = st.text(st.sampled_from("ABKPXabz019-_罚民〔〕()[]【】（）号"), min_size=1, max_size=12)


def row(table: str, **more: object) -> dict[str, object]:
    return {**dict.fromkeys(TABLES[table].owner, A), "recorded_at": "2021-06-01", **ROWS[table], **more}


def wide(text: str) -> str:
    """Full-width letters and digits for half-width ones."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    once = fold(text)
    assert fold(once) == once
    assert fold_document(fold(fold_document(once))) == fold_document(once)
    assert not any(sign.isspace() for sign in once)


@given(names, st.lists(padding, min_size=3, max_size=3))
def test_width_and_padding_say_nothing(name, pads):
    half = len(name) // 2
    assert fold(f"{pads[0]}{name[:half]}{pads[1]}{wide(name[half:])}{pads[2]}") == fold(name)


@given(
    st.sampled_from(["〔〕", "[]", "（）", "()", "【】", "［］", "｛｝"]),
    st.sampled_from(["〔〕", "[]", "（）", "【】"]),
)
def test_brackets_of_a_document_number_are_alike(year, rest):
    plain = fold_document(fold("粤民罚〔2023〕7号(补)"))
    assert fold_document(fold(f"粤民罚{year[0]}2023{year[1]}7号{rest[0]}补{rest[1]}")) == plain


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_what_has_letters_or_digits_is_something_unless_it_is_a_word_for_nothing(text):
    assert is_nothing(text) == (fold(text).casefold() in {fold(word).casefold() for word in (*WORDS, "nan", "nat")})


@pytest.mark.parametrize("text", ["2.02305E+17", "4e+5", "1.0E+03"])
def test_scientific_notation_is_a_rounded_number(text):
    assert is_rounded(text)


@pytest.mark.parametrize(
    "text", ["2E05", "2.5E17", "E+17", "12E+17", "AE+05", "1E", "20230501000000001", "12.0", "3.1"]
)
def test_what_only_looks_like_it_is_a_name(text):
    assert not is_rounded(text)


def test_a_number_of_many_digits_with_a_point_is_a_rounded_one():
    assert is_rounded("9007199254740994.0")
    assert not is_rounded("9007199254740992.0")


@pytest.mark.parametrize(("table", "column"), IDENTIFIERS)
def test_every_identifier_is_folded_and_told(table, column):
    plain, dressed = (source((A,), **{table: [row(table)]}) for _ in range(2))
    value = str(row(table)[column])
    dressed = source((A,), **{table: [row(table, **{column: f"\u200b {wide(value)}\t"})]})
    pd.testing.assert_frame_equal(dressed.tables[table], plain.tables[table])
    assert dressed.as_of(DAY).digests() == plain.as_of(DAY).digests()
    assert not [one for one in plain.notices if "folded" in one]
    assert [one for one in dressed.notices if one.startswith(f"{table}: {column}: 1 identifiers folded")]


def rows_with(table: str, column: str, values: list[object]) -> list[dict[str, object]]:
    """Rows of other keys, each with one of the values in a column."""
    rows = [
        row(table, **{TABLES[table].key: A if table == "organizations" else f"k{place}"})
        for place in range(len(values))
    ]
    return [one | {column: value} for one, value in zip(rows, values)]


@pytest.mark.parametrize(("table", "column"), IDENTIFIERS)
def test_words_for_nothing_name_nothing(table, column):
    words = [*WORDS, " 无 ", "Ｎ／Ａ", "None", "NULL", "n/a", "无\u200b", "－－"]
    made = source((A,), **{table: rows_with(table, column, words)})
    if TABLES[table][column].required:
        assert set(made.quarantine["column"]) == {column}
        assert made.quarantine["rule"].tolist() == ["missing_required"] * len(words)
    else:
        assert made.quarantine.empty
        assert made.tables[table][column].isna().sum() == len(words)


@pytest.mark.parametrize(("table", "column"), IDENTIFIERS)
def test_zero_names_nobody_where_somebody_is_to_be_named(table, column):
    words = ["0", "否", "０"]
    made = source((A,), **{table: rows_with(table, column, words)})
    if column == "person_id":
        assert made.quarantine["rule"].tolist() == ["missing_required"] * 3
    elif column in ("kin_group", "counterparty_id", "decision_id"):
        assert made.tables[table][column].isna().sum() == 3
    elif column == "refers_to":
        assert made.tables[table][column].tolist() == ["0", "否", "0"]


def test_a_word_that_is_a_code_of_its_column_stays():
    made = source((A,), procedures=[row("procedures"), row("procedures", procedure_id="R2", list="无")])
    assert made.tables["procedures"].set_index("procedure_id").loc["R1", "list"] == "none"


@pytest.mark.parametrize(("table", "column"), IDENTIFIERS)
@pytest.mark.parametrize("kind", ["str", "float64"])
def test_rounded_numbers_are_refused_by_name(table, column, kind):
    values = pd.Series(["2.02305E+17", " ２.02305e+17"] if kind == "str" else [2.02305e17, 3.1e15 * 3], dtype=kind)
    frame = pd.DataFrame(rows_with(table, column, [None, None])).assign(**{column: values})
    made = open({"organizations": organizations(A)} | {table: frame})
    assert set(made.quarantine["column"]) == {column}
    rule = "rounded_number" if TABLES[table][column].is_essential else "cell_rounded_number"
    assert made.quarantine["rule"].tolist() == [rule] * 2
    assert made.quarantine["reason"].str.contains(REASONS["rounded_number"]).all()


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (2.0**53, "float64", "9007199254740992"),
        (2.0**53 + 2, "float64", "9.007199254740994e+15"),
        (2.0**24, "float32", "16777216"),
        (2.0**24 + 2, "float32", "1.6777218e+07"),
        (2.0**60, "Float64", "1.152921504606847e+18"),
        (2.0**60, "object", "1.152921504606847e+18"),
        (12.0, pd.ArrowDtype(pa.float32()), "12"),
    ],
)
def test_floats_are_written_as_exactly_as_they_are(number, kind, text):
    assert as_text(pd.Series([number], dtype=kind)).tolist() == [text]


def test_whole_numbers_of_any_length_are_exact():
    exact = [9007199254740993, 9007199254740995]
    long = pd.concat([FLOWS, FLOWS], ignore_index=True).assign(flow_id=pd.Series(exact, dtype="int64"))
    made = open({"organizations": organizations(A, B), "fund_flows": long})
    assert made.tables["fund_flows"]["flow_id"].tolist() == ["9007199254740993", "9007199254740995"]


def test_a_retraction_may_carry_a_rounded_number_where_nobody_looks():
    rows = [row("listings"), row("listings", recorded_at="2022-01-01", ground="1E+17", voided="true")]
    made = source((A,), listings=rows)
    assert len(made.tables["listings"]) == 2
    assert made.as_of(DAY).table("listings").empty


def test_a_flow_keeps_its_row_when_its_counterparty_was_rounded():
    made = source((A,), fund_flows=[row("fund_flows", counterparty_id="4.4E+17")])
    (line,) = made.quarantine.to_dict("records")
    assert (line["column"], line["rule"], line["value"]) == ("counterparty_id", "cell_rounded_number", "4.4E+17")
    assert made.tables["fund_flows"]["counterparty_id"].isna().tolist() == [True]


@pytest.mark.parametrize(
    ("word", "rule"), [("al-01", "AL-01"), ("AL01", "AL-01"), ("ＡＬ－０４ａ", "AL-04a"), ("sl—07", "SL-07")]
)
def test_a_ground_is_read_as_the_rule_it_plainly_names(word, rule):
    made = source((A,), listings=[row("listings", ground=word)])
    assert made.tables["listings"]["ground"].tolist() == [rule]
    assert [one for one in made.notices if "listings: ground: 1 identifiers folded" in one]


@pytest.mark.parametrize("table", ["listings", "procedures"])
@pytest.mark.parametrize(("word", "near"), [("AL-99", "AL-07"), ("SL-1", "SL-01"), ("AL-01:2024", "AL-01")])
def test_a_ground_that_is_no_rule_is_refused_with_the_nearest(table, word, near):
    made = source((A,), **{table: [row(table, ground=word)]})
    (line,) = made.quarantine.to_dict("records")
    assert (line["column"], line["rule"], line["value"]) == ("ground", "unknown_code", word)
    assert line["reason"].endswith(f"nearest: {near}")
    assert made.tables[table].empty


def test_a_ground_in_words_is_refused():
    made = source((A,), listings=[row("listings", ground="逾期未报")])
    assert made.quarantine["rule"].tolist() == ["unknown_code"]


FLOWS = flows(5).iloc[4:]
DRESSED = pd.DataFrame(
    [
        penalty(" p1", decision_id="深罚[2020]1号"),
        penalty("p２", decision_id="深罚〔2020〕1号\u200b", org_id=f"{A}\t"),
        penalty("p3\u3000", decision_id="—"),
        penalty("p4", decision_id=A),
        penalty("无"),
        penalty("1.5E+16"),
    ]
)


def folder(tmp_path, kind):
    place = tmp_path / kind
    place.mkdir()
    organizations(A, B).to_csv(place / "organizations.csv", index=False)
    if kind == "csv":
        DRESSED.to_csv(place / "penalties.csv", index=False)
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pandas(DRESSED), place / "penalties.parquet")
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for line in [list(DRESSED), *DRESSED.itertuples(index=False)]:
            book.active.append(["" if cell is None or cell != cell else cell for cell in line])
        book.save(place / "penalties.xlsx")
    else:
        with sqlite3.connect(place.with_suffix(".sqlite")) as base:
            organizations(A, B).to_sql("organizations", base, index=False)
            DRESSED.to_sql("penalties", base, index=False)
        return place.with_suffix(".sqlite")
    return place


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx", "sqlite"])
@pytest.mark.parametrize("rows", [2, 1000])
def test_every_way_in_folds_alike(tmp_path, monkeypatch, kind, rows):
    monkeypatch.setattr(arriving, "PIECE_ROWS", rows)
    plain, given = open({"organizations": organizations(A, B), "penalties": DRESSED}), folder(tmp_path, kind)
    brought, right = (
        one.tables["penalties"].sort_values("penalty_id", ignore_index=True) for one in (open(given), plain)
    )
    pd.testing.assert_frame_equal(brought, right)
    assert open(given).tables["penalties"]["decision_id"].nunique() == 2
    assert [one for one in open(given).notices if "folded" in one] == [one for one in plain.notices if "folded" in one]
    same(given, tmp_path)


def test_a_file_that_came_before_is_told_of_again(tmp_path):
    given = folder(tmp_path, "csv")
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.bring(given)
    pd.DataFrame(
        [{"complaint_id": "C1", "org_id": A, "received_on": "2021-01-01", "recorded_at": "2021-01-02"}]
    ).to_csv(given / "complaints.csv", index=False)
    assert Ledger.open(tmp_path / "ledger").bring(given) == 2
    first, second = (Ledger.open(tmp_path / "ledger").at(number).notices for number in (1, 2))
    assert [one for one in first if "penalties" in one]
    assert [one for one in second if "penalties" in one] == [one for one in first if "penalties" in one]


def test_files_of_a_table_with_other_types_keep_what_was_rounded(tmp_path):
    organizations(A, B).to_csv(tmp_path / "organizations.csv", index=False)
    for day, frame in (("2026-01-01", FLOWS), ("2026-01-02", FLOWS.assign(flow_id=[2.5e17]))):
        (tmp_path / day).mkdir()
        pq.write_table(pa.Table.from_pandas(frame), tmp_path / day / "fund_flows.parquet")
    assert open(tmp_path).quarantine["rule"].tolist() == ["rounded_number"]


def test_a_workbook_does_not_write_out_a_rounded_number(tmp_path):
    organizations(A, B).to_csv(tmp_path / "organizations.csv", index=False)
    book = openpyxl.Workbook()
    for line in [list(FLOWS), *FLOWS.assign(flow_id=202305010000000001).itertuples(index=False)]:
        book.active.append([cell.item() if isinstance(cell, np.integer) else cell for cell in line])
    book.save(tmp_path / "fund_flows.xlsx")
    assert open(tmp_path).quarantine[["column", "rule"]].values.tolist() == [["flow_id", "rounded_number"]]


def test_a_code_as_counterparty_is_the_code():
    made = source((A, B), fund_flows=[row("fund_flows", counterparty_id=f" {wide(B.lower())}")])
    assert made.tables["fund_flows"]["counterparty_id"].tolist() == [B]


def test_counts_of_pieces_add_up():
    column = Column("decision_id", "text", identifier="document")
    words = pd.Series(["a ", "无", "b", None, "ｃ"], dtype="str")
    one = identified(words, column)
    assert (one.cells.tolist()[:1], one.counts) == (["a"], (2, 1, 0))
    assert together([{"x": (2, 1, 0)}, {}, {"x": (1, 0, 4), "y": (0, 3, 0)}]) == {"x": (3, 1, 4), "y": (0, 3, 0)}


def test_one_row_an_organisation_whatever_its_spelling(tmp_path):
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        'code_scheme = "any"\n[organizations]\nfrom = "theirs"\ndistinct = "ein"\n'
        'columns = { org_id = "ein", name = "title", recorded_at = "day" }\n',
        encoding="utf-8",
    )
    rows = pd.DataFrame({"ein": ["77", "７7 ", "\u200b77"], "title": ["a", "b", "c"], "day": "2024-01-02"})
    made = open({"theirs": rows}, mapping)
    assert made.quarantine.empty
    assert made.tables["organizations"][["org_id", "name"]].values.tolist() == [["77", "a"]]
