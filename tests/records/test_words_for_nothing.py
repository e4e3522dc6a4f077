"""A blank or a word for nothing in an optional column is missing, whatever the column holds; in a needed one it is a fault."""

from __future__ import annotations

import pandas as pd
import pytest

from sorg_risk.records import open

from .made import A


@pytest.mark.parametrize("word", ["无", "不详", "未知", "暂无", "-", "——", "/", "N/A", "#N/A", " 无 ", "null", ""])
def test_optional_columns(word):
    register = pd.DataFrame({"org_id": [A], "recorded_at": ["2020-01-01"], "name": [word], "registered_on": [word]})
    filing = {"filing_id": "f", "org_id": A, "kind": "annual_report", "recorded_at": "2024-01-01", "fiscal_year": word}
    filing |= {"filed_on": word, "total_income": word, "staff": word, "audit_opinion": word}
    source = open({"organizations": register, "filings": pd.DataFrame([filing])})
    assert source.quarantine.empty
    assert source.tables["organizations"][["name", "registered_on"]].isna().all(axis=None)
    columns = ["filed_on", "total_income", "staff", "audit_opinion", "fiscal_year"]
    assert source.tables["filings"][columns].isna().all(axis=None)


def test_needed_columns_and_other_words():
    rows = {"filing_id": ["f", "g"], "org_id": A, "kind": ["无", "annual_report"], "recorded_at": ["2024-01-01", "无"]}
    filings = pd.DataFrame(rows).assign(total_income=["5", "无人"], filed_on="2023-04-01")
    register = pd.DataFrame({"org_id": [A], "recorded_at": ["2020-01-01"], "name": ["无忧公益"]})
    source = open({"organizations": register, "filings": filings})
    assert source.quarantine["rule"].tolist() == ["unknown_code", "unreadable"]
    assert source.tables["organizations"]["name"].tolist() == ["无忧公益"]


@pytest.mark.parametrize(
    "day", ["230501", "2023051", "20231", "2023-05", "01/05/2023", "5.1.2023", "2023-5/1", "2023-02-30"]
)
def test_days_are_read_by_exact_forms_only(day):
    register = pd.DataFrame({"org_id": [A], "recorded_at": ["2024-01-01"], "registered_on": [day]})
    assert open({"organizations": register}).quarantine["column"].tolist() == ["registered_on"]


@pytest.mark.parametrize(
    "day",
    [
        "20230501",
        "2023-5-1",
        "2023.05.1",
        "2023/5/01",
        "2023年5月1日",
        "2023年05月01日 10:00",
        "2023-5-1 9:07:30",
        "20230501 10:00",
    ],
)
def test_forms_of_days_that_leave_no_doubt(day):
    register = pd.DataFrame({"org_id": [A], "recorded_at": ["2024-01-01"], "registered_on": [day]})
    assert open({"organizations": register}).tables["organizations"]["registered_on"].tolist() == [
        pd.Timestamp("2023-05-01")
    ]
