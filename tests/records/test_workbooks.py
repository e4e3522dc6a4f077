"""Workbooks as offices keep them: what a cell shows is what is read, and what has no value says so."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from sorg_risk.errors import DataError
from sorg_risk.records import open
from sorg_risk.records.ledger import Ledger

from .made import A, organizations

HEAD = ["penalty_id", "org_id", "kind", "decided_on", "amount", "authority", "decision_id", "recorded_at"]
ROW = ["p1", A, "fine", "2024-03-05", 5.0, "民政局", "D1", "2024-04-01"]


def written(folder, change=lambda book, sheet: None, rows=(ROW,), header=HEAD, name="penalties"):
    organizations(A).to_csv(folder / "organizations.csv", index=False)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "表一"
    for row in (header, *rows):
        sheet.append(row)
    change(book, sheet)
    book.save(folder / f"{name}.xlsx")
    return open(folder)


def cells(source) -> dict[str, str]:
    """Rule of each cell or row in the quarantine by its column."""
    return dict(zip(source.quarantine["column"], source.quarantine["rule"], strict=True))


@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#N/A", "#NAME?", "#VALUE!", "#NUM!", "#NULL!"])
@pytest.mark.parametrize(("place", "column"), [("E2", "amount"), ("F2", "authority"), ("G2", "decision_id")])
def test_an_error_value_is_set_aside_as_a_cell_and_is_never_missing_or_text(tmp_path, error, place, column):
    def change(book, sheet):
        sheet[place].value = error
        sheet[place].data_type = "e"

    source = written(tmp_path, change)
    assert cells(source) == {column: "cell_error_value"}
    assert source.quarantine["value"].iloc[0].startswith(error)
    assert source.tables["penalties"][column].isna().all()
    assert len(source.tables["penalties"]) == 1


@pytest.mark.parametrize(("place", "column"), [("E2", "amount"), ("F2", "authority"), ("G2", "decision_id")])
def test_a_formula_that_nobody_calculated_is_set_aside_as_a_cell(tmp_path, place, column):
    source = written(tmp_path, lambda _, sheet: sheet.__setitem__(place, '=IF(A2="p1",1&"x",2)'))
    assert cells(source) == {column: "cell_not_calculated"}
    assert '=IF(A2="p1",1&"x",2)' in source.quarantine["value"].iloc[0]
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.bring(tmp_path)
    pd.testing.assert_frame_equal(ledger.source().quarantine, source.quarantine)


def test_a_needed_cell_without_a_value_refuses_its_row_and_rows_of_formulas_are_rows(tmp_path):
    formulas = [f"=表一!{letter}2" for letter in "ABCDEFGH"]
    source = written(tmp_path, rows=(ROW, [*ROW[:3], "=TODAY()-9", *ROW[4:]], formulas))
    counts = source.counts.set_index("table").loc["penalties"]
    assert counts.tolist() == [3, 1, 2, 0]
    assert source.quarantine["rule"].tolist() == ["not_calculated", "not_calculated"]
    assert source.quarantine["reason"].str.contains("calculate and save").all()


def test_text_files_repeat_error_values(tmp_path):
    organizations(A).to_csv(tmp_path / "organizations.csv", index=False)
    row = dict(zip(HEAD, ROW, strict=True)) | {"authority": "#REF!", "amount": "#DIV/0!"}
    pd.DataFrame([row]).to_csv(tmp_path / "penalties.csv", index=False)
    assert cells(open(tmp_path)) == {"authority": "cell_error_value", "amount": "cell_error_value"}


def test_keys_arrive_as_they_are_shown(tmp_path):
    def change(book, sheet):
        for place, shown in (("A2", "000000"), ("G2", "00000000;@"), ("A3", "0"), ("E2", "000")):
            sheet[place].number_format = shown

    rows = ([123, *ROW[1:6], 45, ROW[7]], [7, *ROW[1:6], 2024, ROW[7]])
    penalties = written(tmp_path, change, rows).tables["penalties"]
    assert penalties["penalty_id"].tolist() == ["000123", "7"]
    assert penalties["decision_id"].tolist() == ["00000045", "2024"]
    assert penalties["amount"].tolist() == [5.0, 5.0]


def test_columns_that_begin_further_right_keep_their_cells(tmp_path):
    def change(book, sheet):
        sheet.insert_cols(1, 2)
        sheet.insert_rows(1, 3)
        sheet["G5"].value, sheet["G5"].data_type = "#REF!", "e"
        sheet["C5"].number_format, sheet["C5"].value = "0000", 12

    source = written(tmp_path, change)
    assert cells(source) == {"amount": "cell_error_value"}
    assert source.tables["penalties"]["penalty_id"].tolist() == ["0012"]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_do_not_count(tmp_path, state):
    def change(book, sheet):
        for title in ("lists", "行政处罚"):
            other = book.create_sheet(title)
            other.append(["是", "否"])
            other.sheet_state = state

    source = written(tmp_path, change)
    assert source.tables["penalties"]["penalty_id"].tolist() == ["p1"]
    with pytest.raises(DataError, match="several sheets hold cells"):
        written(tmp_path, lambda book, _: book.create_sheet("more").append(["x"]))


def test_a_title_above_the_header_is_told_with_the_row_of_the_sheet(tmp_path):
    def change(book, sheet):
        sheet.insert_rows(1, 4)
        sheet["A2"] = "行政处罚台账（2024年）"

    source = written(tmp_path, change)
    assert any("header = 5" in notice and "第5行" in notice for notice in source.notices)


def test_day_numbers_are_explained(tmp_path):
    source = written(tmp_path, rows=([*ROW[:3], 45356, *ROW[4:]],))
    assert "a day number of Excel (2024-03-05)" in source.quarantine["reason"].iloc[0]
    assert any("day number" in notice and "decided_on" in notice for notice in source.notices)
