"""What mapping files can say, the same for frames, files of every kind, databases, and the ledger's pieces."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sorg_risk.errors import DataError, MappingError, SorgRiskError
from sorg_risk.records import derive, open
from sorg_risk.records.ledger import Ledger, arriving
from sorg_risk.records.mapping import parse

ORGS = pd.DataFrame({"code": ["a1", "b2", "c3"], "since": ["2019-07", "2020-02", "2020-11"]})
NAMES = pd.DataFrame(
    {"key": ["b2", "a1", "z9"], "called": ["乙会", "甲会", "nobody"], "type": ["club", "fund", "fund"]}
)
BANK = pd.DataFrame(
    {
        "acct": ["a1", "b2", "a1", "c3", "b2"],
        "on": ["03.01.2021", "17.02.2021", "28.02.2021", "01.03.2021", "31.13.2021"],
        "sum": ["0.07", "-3", "120.5", "1,200", "4"],
        "what": ["gift", "fee", "mystery", "", "gift"],
        "state": ["booked", "booked", "draft", "booked", "booked"],
    }
)
CASH = pd.DataFrame(
    {"acct": ["c3", "a1"], "sum": ["8", "x"], "on": ["05.05.2021", "06.05.2021"], "state": ["booked"] * 2}
)
TOML = """
code_scheme = "any"
calendar = "due_on"
[organizations]
from = "orgs"
join = { table = "names", on = { code = "key" }, columns = { title = "called", type = "type" } }
columns = { org_id = "code", name = "title" }
derive = { registered_on = "month_start(since)", recorded_at = "month_end(since)", org_type = "if(type = 'fund', 'foundation', 'association')" }
constants = { status = "active" }
values = { name = { "" = "unnamed" } }
[fund_flows]
from = ["bank", "cash"]
key = "row"
where = "state = 'booked' and (sum > 0 or sum <= -1) and not what = 'mystery'"
columns = { org_id = "acct", booked_on = "on", purpose = "what" }
formats = { booked_on = "%d.%m.%Y", recorded_at = "%d.%m.%Y" }
derive = { amount = "abs(sum)", direction = 'if(sum < 0, "out", "in")', counterparty_id = "concat(acct, '-', on)", recorded_at = "on + 1 month" }
units = { amount = "万元" }
values = { purpose = { gift = "donation", "*" = "other", "" = "transfer" } }
"""


def as_folder(folder: Path, kind: str, **tables: pd.DataFrame) -> Path:
    """Tables as files of one kind, or one SQLite file."""
    if kind == "sqlite":
        with sqlite3.connect(folder / "all.db") as connection:
            for name, frame in tables.items():
                frame.to_sql(name, connection, index=False)
        return folder / "all.db"
    (folder / "in").mkdir()
    for name, frame in tables.items():
        path = folder / "in" / f"{name}.{kind}"
        if kind == "parquet":
            frame.to_parquet(path)
        elif kind == "xlsx":
            frame.to_excel(path, index=False)
        else:
            frame.to_csv(path, index=False)
    return folder / "in"


TABLES = {"orgs": ORGS, "names": NAMES, "bank": BANK, "cash": CASH}


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "mapping.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


def expect(source: Any) -> None:
    orgs = source.tables["organizations"].set_index("org_id")
    assert orgs["name"].to_dict() == {"a1": "甲会", "b2": "乙会", "c3": "unnamed"}
    assert orgs["org_type"].to_dict() == {"a1": "foundation", "b2": "association", "c3": "association"}
    assert orgs.loc["b2", ["registered_on", "recorded_at"]].tolist() == [
        pd.Timestamp("2020-02-01"),
        pd.Timestamp("2020-02-29"),
    ]
    flows = source.tables["fund_flows"].set_index("flow_id")
    assert flows["amount"].to_dict() == {
        "bank:1": 700.0,
        "bank:2": 30_000.0,
        "bank:4": 12_000_000.0,
        "cash:1": 80_000.0,
    }
    assert flows.loc["bank:1", "booked_on"] == pd.Timestamp("2021-01-03")
    assert flows.loc["bank:2", "recorded_at"] == pd.Timestamp("2021-03-17")
    assert flows["direction"].tolist() == ["in", "out", "in", "in"]
    assert flows["purpose"].tolist() == ["donation", "other", "transfer", "transfer"]
    assert flows.loc["cash:1", "counterparty_id"] == "c3-05.05.2021"
    refused = source.quarantine
    assert refused[["table", "row", "primary_key"]].values.tolist() == [
        ["fund_flows", 5, "bank:5"],
        ["fund_flows", 2, "cash:2"],
    ]
    assert "31.13.2021" in refused["value"].iloc[0]
    assert refused["value"].iloc[1] == "x"
    counts = source.counts.set_index("table").loc["fund_flows"]
    assert counts.to_dict() == {"read": 7, "accepted": 4, "quarantined": 2, "filtered": 1}


@pytest.mark.parametrize("kind", ["frames", "csv", "parquet", "xlsx", "sqlite"])
@pytest.mark.parametrize("way", ["open", "ledger"])
def test_verbs_say_the_same_of_every_kind_of_source(tmp_path, tmp_path_factory, mapping, monkeypatch, kind, way):
    monkeypatch.setattr(arriving, "PIECE_ROWS", 2)
    source = TABLES if kind == "frames" else as_folder(tmp_path, kind, **TABLES)
    if way == "open":
        expect(open(source, mapping))
        return
    ledger = Ledger.open(tmp_path_factory.mktemp("ledger") / "rows")
    assert (ledger.bring(source, mapping), ledger.bring(source, mapping)) == (1, 1)
    expect(ledger.source())
    ledger.compact()
    expect(Ledger.open(ledger.folder).source())


def test_a_ledger_counts_what_a_file_left_out_without_reading_it_again(tmp_path, tmp_path_factory, mapping):
    """Alike tables come piece by piece; a second night knows the first file by its digest."""
    mapping.write_text(
        TOML.replace('key = "row"', "").replace('amount = "abs', 'flow_id = "concat(acct, on)", amount = "abs')
    )
    folder = as_folder(tmp_path, "csv", **{**TABLES, "cash": BANK.iloc[2:3]})
    ledger = Ledger.open(tmp_path_factory.mktemp("ledger") / "rows")
    ledger.bring(folder, mapping)
    assert ledger.source().counts.set_index("table").loc["fund_flows"].tolist() == [6, 3, 1, 2]
    BANK.iloc[:1].to_csv(folder / "cash.csv", index=False)
    assert ledger.bring(folder, mapping) == 2
    assert ledger.source().counts.set_index("table").loc["fund_flows"].tolist() == [6, 4, 1, 1]
    assert ledger.source(1).counts.set_index("table").loc["fund_flows"].tolist() == [6, 3, 1, 2]


def test_a_joined_table_that_changes_is_joined_again(tmp_path, tmp_path_factory, mapping):
    folder = as_folder(tmp_path, "csv", **TABLES)
    ledger = Ledger.open(tmp_path_factory.mktemp("ledger") / "rows")
    ledger.bring(folder, mapping)
    NAMES.assign(called="anew").to_csv(folder / "names.csv", index=False)
    ledger.bring(folder, mapping)
    assert ledger.source().tables["organizations"]["name"].tolist() == ["anew", "anew", "unnamed"]


def one_table(section: str, **frames: Any) -> pd.DataFrame:
    """Organisations that a section makes of frames."""
    import tomllib

    from sorg_risk.records.delivery import Delivery, File
    from sorg_risk.records.translation import translate

    deliveries = {
        name: Delivery(pd.DataFrame(frame), (File(name, len(pd.DataFrame(frame))),)) for name, frame in frames.items()
    }
    made, _ = translate(parse(tomllib.loads(f"[organizations]\n{section}")), deliveries)
    return made["organizations"].frame


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("word = 'a'", [0]),
        ("word != 'a'", [1, 2, 3]),
        ("word is missing", [3]),
        ("word is not missing and not word = 'b'", [0, 2]),
        ("number > 1", [1, 2]),
        ("number >= 1.5 and number < 10", [1]),
        ("not number > 1", [0]),
        ("number = 1 or word = 'c'", [0, 2]),
        ("day >= '2020-02-01'", [1, 2]),
        ("year(day) = 2019", [0]),
        ("flag = true", [0, 2]),
        ("flag = 'false'", [1, 3]),
        ("`blank name` = 'x' AND (word = 'a' OR word = 'b')", [0, 1]),
        ("number != 1", [1, 2, 3]),
        ("abs(number) <= 2 or day is missing", [0, 1, 3]),
    ],
)
def test_conditions(condition, kept):
    frame = {
        "word": ["a", " b", "c", None],
        "number": ["1", "2", "1,000", ""],
        "day": ["2019-05-05", "2020-02-01", "2021年3月1日", None],
        "flag": [True, False, True, False],
        "blank name": ["x"] * 4,
        "id": [0, 1, 2, 3],
    }
    rows = one_table(f'from = "t"\ncolumns = {{ org_id = "id" }}\nwhere = """{condition}"""', t=frame)
    assert rows["org_id"].tolist() == kept


def test_a_row_of_which_a_condition_cannot_be_read_stays():
    rows = one_table(
        'from = "t"\ncolumns = { org_id = "id" }\nwhere = "n > 5"',
        t={"n": ["9", "many", "1", None], "id": [1, 2, 3, 4]},
    )
    assert rows["org_id"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("term", "cells", "values"),
    [
        ("x * 10000", ["0.07", "1.1", "-3", "5万"], [700.0, 11_000.0, -30_000.0, 50_000.0]),
        ("x * 0.01", [29, 115, 7], [0.29, 1.15, 0.07]),
        ("x * -2", [1.5, None], [-3.0, None]),
        ("month_end(x)", ["2024-02", "2023-2-3", "2023年12月"], ["2024-02-29", "2023-02-28", "2023-12-31"]),
        ("month_start(x) - 1 day", ["2024-03", "2023-03-31"], ["2024-02-29", "2023-02-28"]),
        ("concat(x, '/', x)", ["a", None, 5], ["a/a", None, "5/5"]),
        ("if(x = 'a', 'yes', x)", ["a", "b", None], ["yes", "b", None]),
        (
            "if(x is missing or x < 2, 1, if(x > 8, 'high', 'mid'))",
            ["1", "9", None, "5", "?"],
            ["1", "high", "1", "mid", "?"],
        ),
    ],
)
def test_terms(term, cells, values):
    made = one_table(f'from = "t"\nderive = {{ name = """{term}""" }}', t={"x": pd.Series(cells, dtype=object)})["name"]
    if pd.api.types.is_datetime64_any_dtype(made.dtype):
        made = made.dt.strftime("%Y-%m-%d")
    assert [None if pd.isna(value) else value for value in made] == values


def test_several_tables_distinct_and_where_work_together():
    first = {"id": ["x", "x", "y"], "on": ["2020-03", "2020-01", "2020-02"], "ok": [1, 1, 0]}
    second = {"on": ["2019-12", "2020-05"], "id": ["x", "z"], "ok": [0, 1]}
    section = """
from = ["t", "u"]
where = "ok = 1"
distinct = "id"
columns = { org_id = "id" }
derive = { recorded_at = "month_end(min(on))" }
"""
    rows = one_table(section, t=first, u=second)
    assert rows.values.tolist() == [["x", pd.Timestamp("2020-01-31")], ["z", pd.Timestamp("2020-05-31")]]


def test_the_clock_of_distinct_is_derived_row_by_row(tmp_path):
    """A month as day of knowledge: what was known later must not reach into the first row."""
    section = """
from = "t"
distinct = "id"
columns = { org_id = "id", name = "n" }
derive = { recorded_at = "month_end(m)", registered_on = "min(d)" }
"""
    frame = {"id": ["x", "x"], "n": ["late", "early"], "m": ["2020-09", "2020-04"], "d": ["2018-01-01", "2019-01-01"]}
    row = one_table(section, t=frame).iloc[0]
    assert (row["name"], row["registered_on"], row["recorded_at"]) == (
        "early",
        pd.Timestamp("2019-01-01"),
        pd.Timestamp("2020-04-30"),
    )


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("key = 'line'", "'line' is not one of row"),
        ("key = 'row'\ncolumns = { flow_id = 'x' }", "makes 'flow_id' twice"),
        ("from = []", "0 tables"),
        ("from = ['a', 'a']", "'a' twice"),
        ("from = ['a', 5]", "5"),
        ("from = 'a/b'", "plain name"),
        ("header = 0", "header of [fund_flows] is 0"),
        ("header = true", "header of [fund_flows] is True"),
        ("sheet = 3", "sheet of [fund_flows]"),
        ("where = 5", "where of [fund_flows]"),
        ("where = 'x == 3'", "a number is expected"),
        ("where = 'x = word'", "quotation marks, 'word'"),
        ("where = 'x < \"word\"'", "has no order"),
        ("where = 'x > true'", "have no order"),
        ("where = 'min(x) > 3'", "before distinct"),
        ("where = 'x is blank'", "missing or not missing"),
        ("where = '((x = 1)'", "')' is missing"),
        ("where = 'yeer(x) = 1'", "Did you mean 'year'"),
        ("join = { table = 'b', on = 'id' }", "join of [fund_flows] must be written"),
        ("join = { table = 'b', on = 'id', columns = { n = 'm' }, kind = 'inner' }", "'kind'"),
        ("join = { table = 'b', on = [], columns = { n = 'm' } }", "on of join"),
        ("units = { amount = '万' }", "Did you mean '万元'"),
        ("units = { amount = 10000 }", "10000"),
        ("units = { direction = '万元' }", "no amount"),
        ("formats = { booked_on = '%d.%m' }", "year, month and day"),
        ("formats = { booked_on = '%Q' }", "year, month and day"),
        ("formats = { amount = '%d.%m.%Y' }", "no day"),
        ("values = { purpose = 'donation' }", "values of purpose"),
        ("values = { purpose = { a = ['x'] } }", "values of purpose"),
        ("constants = { purpose = ['x'] }", "constants of purpose"),
        ("columns = { purpose = 5 }", "columns of purpose"),
        ("columns = { purpose = [] }", "columns of purpose"),
        ("derive = { purpose = 5 }", "derive of purpose"),
        ("derive = { purpose = 'text(a, 100000000)' }", "more than 100"),
        ("derive = { booked_on = 'a + 99999999999 days' }", "more than 80,000"),
        ("derive = { amount = 'x * y' }", "a number is expected"),
        ("derive = { amount = 'x * 99999999999999999999' }", "more than 18 digits"),
        (f"derive = {{ amount = '{'abs(' * 30}x{')' * 30}' }}", "more than 20"),
        (f"where = '{'not ' * 900}x = 1'", "more than 20"),
        (f"where = '{'x = 1 or ' * 900}x = 1'", "more than 4,000"),
        (f"derive = {{ booked_on = 'x{' + 1 day' * 60}' }}", "more than 20 steps"),
    ],
)
def test_every_slip_of_a_verb_is_named(section, said):
    import tomllib

    with pytest.raises(MappingError) as problem:
        parse(tomllib.loads(f"[fund_flows]\n{section}"))
    assert said in str(problem.value)


def test_slips_that_only_the_tables_show_are_named():
    frame, join = {"id": ["a", "b"], "n": ["1", "2"]}, 'from = "t"\ncolumns = { org_id = "id" }\n'
    with pytest.raises(MappingError, match=r"column of t 'nn' .* Did you mean 'n'"):
        one_table(join + "where = 'nn > 1'", t=frame)
    twice = {"key": ["a", "a", "c"], "m": [1, 2, 3]}
    with pytest.raises(DataError, match=r"key = 'a' stands twice there \(rows \[1, 2\]\)"):
        one_table(join + "join = { table = 'u', on = { id = 'key' }, columns = { m = 'm' } }", t=frame, u=twice)
    with pytest.raises(DataError, match="'u' not found"):
        one_table(join + "join = { table = 'u', on = 'id', columns = { m = 'm' } }", t=frame)
    with pytest.raises(MappingError, match="column of joined table u 'id'"):
        one_table(join + "join = { table = 'u', on = 'id', columns = { m = 'm' } }", t=frame, u=twice)
    with pytest.raises(MappingError, match="'n' is a column already"):
        one_table(
            join + "join = { table = 'u', on = { id = 'key' }, columns = { n = 'm' } }",
            t=frame,
            u={"key": ["a"], "m": [1]},
        )
    with pytest.raises(MappingError, match="has neither header rows nor sheets"):
        open({"t": pd.DataFrame(frame)}, _written({"organizations": {"from": "t", "header": 2}}))


def _written(content: dict[str, Any]) -> Path:
    import tempfile

    path = Path(tempfile.mkdtemp()) / "m.toml"
    section = content["organizations"]
    path.write_text(f"[organizations]\nfrom = '{section['from']}'\nheader = {section['header']}\n")
    return path


def test_a_join_that_is_written_the_other_way_round_says_the_same():
    section = 'from = "t"\ncolumns = { org_id = "id", name = "title" }\njoin = { table = "u", on = "id", columns = { called = "title" } }'
    rows = one_table(section, t={"id": [1.0, 2.0]}, u={"id": ["2", "1"], "called": ["two", "one"]})
    assert rows["name"].tolist() == ["one", "two"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_header_and_sheet_say_where_a_table_begins(tmp_path, kind):
    """Two sections read two sheets of one workbook; titles above the header are no rows."""
    rows = [["某市社会组织台账", None], [None, None], ["代码", "入库"], ["a1", "2020-01-01"], ["b2", "2020-01-02"]]
    (tmp_path / "in").mkdir()
    if kind == "csv":
        text = "\n".join(",".join(cell or "" for cell in row) for row in rows)
        (tmp_path / "in" / "book.csv").write_text(text, encoding="gb18030")
        sheet = ""
    else:
        with pd.ExcelWriter(tmp_path / "in" / "book.xlsx") as writer:
            pd.DataFrame(rows).to_excel(writer, sheet_name="名册", header=False, index=False)
            pd.DataFrame([["x"]]).to_excel(writer, sheet_name="其他", header=False, index=False)
        sheet = 'sheet = "名册"'
    text = f'code_scheme = "any"\n[organizations]\nfrom = "book"\nheader = 3\n{sheet}\n'
    (tmp_path / "m.toml").write_text(text + 'columns = { org_id = "代码", recorded_at = "入库" }', encoding="utf-8")
    made = open(tmp_path / "in", tmp_path / "m.toml")
    assert made.tables["organizations"]["org_id"].tolist() == ["a1", "b2"]
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.bring(tmp_path / "in", tmp_path / "m.toml")
    assert ledger.source().tables["organizations"]["org_id"].tolist() == ["a1", "b2"]
    (tmp_path / "m.toml").write_text(text.replace("header = 3", "header = 9"), encoding="utf-8")
    with pytest.raises(SorgRiskError, match="header = 9"):
        open(tmp_path / "in", tmp_path / "m.toml")


def test_a_header_that_names_a_unit_is_told_after_mapping(tmp_path):
    frames = {"t": pd.DataFrame({"id": ["a"], "注册资金（万元）": ["120.5"], "on": ["2020-01-01"]})}
    text = 'code_scheme = "any"\n[organizations]\nfrom = "t"\ncolumns = { org_id = "id", registered_capital = "注册资金（万元）", recorded_at = "on" }\n'
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    made = open(frames, tmp_path / "m.toml")
    assert made.tables["organizations"]["registered_capital"].tolist() == [120.5]
    assert any("万元" in notice and 'units = { registered_capital = "万元" }' in notice for notice in made.notices)
    (tmp_path / "m.toml").write_text(text + 'units = { registered_capital = "万元" }', encoding="utf-8")
    made = open(frames, tmp_path / "m.toml")
    assert made.tables["organizations"]["registered_capital"].tolist() == [1_205_000.0]
    assert not any("unit" in notice and "no unit" in notice for notice in made.notices)


def test_flags_take_true_and_false(tmp_path):
    rows = one_table(
        'from = "t"\nvalues = { is_charity = { Y = true, "*" = false } }', t={"is_charity": ["Y", "N", None]}
    )
    assert rows["is_charity"].tolist()[:2] == ["True", "False"]
    assert pd.isna(rows["is_charity"].iloc[2])


def test_random_texts_end_in_named_errors():
    """Whatever stands in a mapping file, it is parsed or refused by name, and quickly."""
    words = ["if(", "concat(", "text(", " and ", " or ", " not ", " is missing", "year("]
    letters = [*"()+-*,<>=!'\"` \t0123456789abcxyz_年.", *words]
    random = np.random.default_rng(15)
    for _ in range(3_000):
        text = "".join(random.choice(letters, random.integers(1, 25)))
        for rule in (derive.parse, derive.parse_condition):
            try:
                rule(text)
            except MappingError as problem:
                assert str(problem)  # noqa: PT017 - most of them are refused
