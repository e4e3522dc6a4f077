"""Foreign tables become the declared ones by a file; every slip in the file is named with its cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sorg_risk.errors import DataError, MappingError
from sorg_risk.records import derive, open
from sorg_risk.records.ledger import Ledger
from sorg_risk.records.mapping import load, parse

from .made import A, B

REGISTER = pd.DataFrame(
    {
        "统一代码": [A, B],
        "名称": ["甲", "乙"],
        "类别": ["民非", "社团"],
        "成立": ["2019-05-01", "2018-04-01"],
        "入库 日期": ["2020-01-01", "2020-01-02"],
    }
)
BANK = pd.DataFrame(
    {
        "流水": [7, 12],
        "代码": [A, B],
        "日期": ["2020-03-01", "2020-03-02"],
        "发生额": ["-5.50", "8"],
        "知": "2020-03-05",
    }
)
TOML = """
[organizations]
from = "登记"
columns = { org_id = "统一代码", name = "名称", org_type = "类别", registered_on = "成立", recorded_at = "入库 日期" }
values = { org_type = { "民非" = "service_institution", "社团" = "association" } }
constants = { status = "active" }
[fund_flows]
from = "流水.csv"
columns = { org_id = "代码", booked_on = "日期", recorded_at = "知" }
derive = { flow_id = "text(流水, 4)", amount = "abs(发生额)", direction = 'if(发生额 < 0, "out", "in")' }
"""


def opened(tmp_path, text, **tables):
    (tmp_path / "mapping.toml").write_text(text, encoding="utf-8")
    return open(tables, tmp_path / "mapping.toml")


def test_chinese_headers_codes_and_signed_amounts(tmp_path):
    made = opened(tmp_path, TOML, 登记=REGISTER, 流水=BANK)
    view = made.as_of("2020-12-31")
    assert view.table("organizations")["org_type"].tolist() == ["service_institution", "association"]
    flows = view.table("fund_flows")
    assert flows[["flow_id", "direction", "amount"]].values.tolist() == [["0007", "out", 5.5], ["0012", "in", 8.0]]
    assert made.quarantine.empty
    assert any("登记" in notice and "org_id ← 统一代码" in notice for notice in made.notices)


def test_what_cannot_be_read_reaches_the_quarantine_with_its_place(tmp_path):
    bank = BANK.assign(发生额=["-5.50", "viel"])
    (line,) = opened(tmp_path, TOML, 登记=REGISTER, 流水=bank).quarantine.to_dict("records")
    assert (line["source"], line["row"], line["value"]) == ("流水", 2, "viel")


FILINGS = pd.DataFrame(
    {
        "ein": [5, 5, 6],
        "period_end": ["2015-12-31", "2014-12-31", "2015-06-30"],
        "published": ["2016-05-01", "2016-09-01", "2016-03-01"],
        "org_name": ["first known", "published later", "other"],
    }
)
DISTINCT = """
code_scheme = "any"
calendar = "due_on"
[organizations]
from = "returns"
distinct = "ein"
columns = { name = "org_name" }
derive = { org_id = "text(ein, 3)", recorded_at = "min(published)", registered_on = "min(period_end)" }
"""


def test_distinct_keeps_the_first_known_row_and_nothing_learnt_later(tmp_path):
    made = opened(tmp_path, DISTINCT, returns=FILINGS)
    assert (made.code_scheme, made.calendar) == ("any", "due_on")
    rows = made.as_of("2020-01-01").table("organizations")
    assert rows["org_id"].tolist() == ["005", "006"]
    assert rows["name"].tolist() == ["first known", "other"]
    assert rows["registered_on"].dt.year.tolist() == [2015, 2015]
    shuffled = opened(tmp_path, DISTINCT, returns=FILINGS[::-1]).as_of("2020-01-01").table("organizations")
    pd.testing.assert_frame_equal(rows, shuffled)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code_scheme = 'uscd'", "uscc"),
        ("calendar = 'moon'", "due_on"),
        ("[organisations]\nfrom = 'x'", "organizations"),
        ("[filings]\ncolums = { org_id = 'x' }", "'columns'"),
        ("[filings]\ncolumns = { orgid = 'x' }", "'org_id'"),
        ("[filings]\nconstants = 5", "constants"),
        ("filings = 5", "table of verbs"),
        ("[filings]\ncolumns = { kind = 'a' }\nconstants = { kind = 'b' }", "twice"),
        ("[filings]\nderive = { filed_on = 'min(x)' }", "without distinct"),
        ("[filings]\nderive = { filed_on = 'years(x)' }", "'year'"),
        ("[filings]\nderive = { filed_on = 'x + 7 weeks' }", "days or months"),
        ("[filings]\nderive = { filed_on = '__import__(\"os\").name' }", "means nothing"),
        ("[filings", "not TOML"),
    ],
)
def test_every_slip_is_named_with_its_cure(tmp_path, text, said):
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=r"m\.toml") as problem:
        load(tmp_path / "m.toml")
    assert said in str(problem.value)


def test_missing_foreign_tables_columns_and_files_are_named(tmp_path):
    with pytest.raises(DataError, match="登记"):
        opened(tmp_path, TOML, 流水=BANK)
    with pytest.raises(MappingError, match="统一代码"):
        opened(tmp_path, TOML, 登记=REGISTER.rename(columns={"统一代码": "统一代号"}), 流水=BANK)
    with pytest.raises(DataError, match=r"none\.toml"):
        open({"organizations": REGISTER}, tmp_path / "none.toml")


def test_without_a_clock_the_first_row_is_chosen_by_its_content(tmp_path):
    text = DISTINCT.replace('recorded_at = "min(published)", ', "") + 'constants = { recorded_at = "2020-01-01" }\n'
    for returns in (FILINGS, FILINGS[::-1]):
        rows = opened(tmp_path, text, returns=returns).as_of("2020-01-01").table("organizations")
        assert rows[["org_id", "name"]].values.tolist() == [["005", "first known"], ["006", "other"]]
        assert rows["registered_on"].dt.year.tolist() == [2014, 2015]


def test_rows_that_do_not_fit_the_header_stay_marked_through_a_mapping(tmp_path):
    text = '[organizations]\nfrom = "list"\ncolumns = { org_id = "code", name = "called", recorded_at = "known" }\n'
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    (tmp_path / "in").mkdir()
    content = f"code,called,known\n{A},one,2020-01-01\n{B},two,2020-01-01,more\n"
    (tmp_path / "in" / "list.csv").write_text(content, encoding="utf-8")
    made = open(tmp_path / "in", tmp_path / "m.toml")
    assert made.quarantine[["source", "row", "rule"]].values.tolist() == [["list.csv", 2, "malformed_row"]]
    assert made.tables["organizations"]["name"].tolist() == ["one"]


def test_what_does_not_compare_is_named():
    with pytest.raises(MappingError, match="',' does not compare"):
        derive.parse("if(a, 0, 'b', 'c')")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "year(",
        "year(a",
        "abs()",
        "a +",
        "a + b days",
        "a + 1.5 days",
        "if(a < 0, b)",
        "text(a)",
        "a;b",
        "if(a + 0, 'x', 'y')",
    ],
)
def test_texts_outside_the_grammar_are_refused(text):
    with pytest.raises(MappingError):
        derive.parse(text)


def test_terms_nest_and_name_their_columns():
    term = derive.parse("year(min(`period end`) - 2 months)")
    assert list(derive.columns_of(term)) == ["period end"]
    assert derive.aggregates(term)
    assert parse({}).sections == ()


def test_months_and_days_are_added_to_days(tmp_path):
    text = "[organizations]\ncolumns = { recorded_at = 'known' }\n"
    text += "derive = { registered_on = 'begun + 1 month - 1 day', registered_capital = 'year(begun)' }"
    table = pd.DataFrame({"org_id": [A], "begun": ["2020-01-31"], "known": ["2021-01-01"]})
    row = opened(tmp_path, text, organizations=table).tables["organizations"].iloc[0]
    assert (row["registered_on"], row["registered_capital"]) == (pd.Timestamp("2020-02-28"), 2020.0)


def test_real_returns_read_through_the_shipped_mapping(real_data, root):
    made = open(real_data / "npo_us_cdc", root / "notebooks" / "us_nonprofits" / "mapping.toml")
    counts = made.counts.set_index("table")
    assert counts.loc["organizations"].tolist() == [2798, 2798, 0, 0]
    assert counts.loc["filings"].tolist() == [22111, 22111, 0, 0]
    filings = made.as_of("2021-12-31").table("filings")
    assert len(filings) == 22110
    late = (filings["filed_on"] > filings["due_on"]).groupby(filings["fiscal_year"]).sum()
    assert late.loc[2015:2018].tolist() == [63, 87, 81, 107]
    assert made.as_of("2018-12-31").table("filings")["recorded_at"].max() <= pd.Timestamp("2018-12-31")


@pytest.mark.parametrize("ledger", [False, True])
def test_a_declared_encoding_is_not_guessed(tmp_path, tmp_path_factory, ledger):
    """小学 in GB18030 is good UTF-8 too: of a file without other Chinese only its owner knows what is meant."""

    def read(encoding: str, content: bytes) -> Any:
        head = b"org_id,recorded_at,name\n" + A.encode() + b",2024-01-01,"
        (tmp_path / "organizations.csv").write_bytes(head + content + b"\n")
        (tmp_path / "mapping.toml").write_text(encoding, encoding="utf-8")
        if not ledger:
            return open(tmp_path, tmp_path / "mapping.toml")
        kept = Ledger.open(tmp_path_factory.mktemp("ledger") / "rows")
        kept.bring(tmp_path, tmp_path / "mapping.toml")
        return kept.source()

    doubtful = "小学".encode("gb18030")
    guessed, declared = read("", doubtful), read('encoding = "gb18030"', doubtful)
    assert guessed.as_of("2024-02-01").table("organizations")["name"].tolist() == [doubtful.decode("utf-8")]
    assert declared.as_of("2024-02-01").table("organizations")["name"].tolist() == ["小学"]
    assert [one.files[0].encoding for one in (guessed, declared)] == ["utf-8", "gb18030 (declared)"]
    with pytest.raises(DataError, match=r"organizations.csv cannot be read: no UTF-8 text, as declared"):
        read('encoding = "utf-8"', "前海".encode("gb18030"))
    with pytest.raises(DataError, match="its mark says UTF-16, declared is GB18030"):
        _marked(tmp_path)
    with pytest.raises(MappingError, match="encoding 'big5' is not one of utf-8, gb18030, utf-16"):
        read('encoding = "big5"', b"x")


def _marked(folder: Path) -> None:
    (folder / "organizations.csv").write_bytes("org_id,recorded_at\n".encode("utf-16"))
    (folder / "mapping.toml").write_text('encoding = "gb18030"', encoding="utf-8")
    open(folder, folder / "mapping.toml")
