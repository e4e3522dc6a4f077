"""Folders, encodings and frames end as the same typed tables; inputs stay as they were."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sorg_risk.errors import DataError, NotFound, UsageError
from sorg_risk.records import TABLES, open
from sorg_risk.records.ledger import Ledger
from sorg_risk.records.ledger.arriving import arrivals
from sorg_risk.records.reading_files import look_at

from .made import A, B, organizations, penalty

PENALTIES = pd.DataFrame([penalty("1", amount=10.0, authority="民政局"), penalty("2", B, lifted_on="2020-12-01")])
CSV = "penalty_id,org_id,kind,decided_on,amount,authority,lifted_on,recorded_at\n"
CSV += f"1,{A},fine,2020-06-01,10,民政局,,2021-01-01\n2,{B},fine,2020年6月1日,,NaN,2020/12/01,2021-01-01\n"


def opened(folder):
    organizations(A, B).to_parquet(folder / "organizations.parquet")
    return open(folder)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_files_read_alike_in_every_encoding(tmp_path, encoding):
    (tmp_path / "penalties.csv").write_bytes(CSV.encode(encoding))
    made = opened(tmp_path)
    expected = open({"organizations": organizations(A, B), "penalties": PENALTIES})
    pd.testing.assert_frame_equal(made.tables["penalties"], expected.tables["penalties"])
    (file,) = [file for file in made.files if file.name == "penalties.csv"]
    assert file.encoding == ("utf-8" if encoding.startswith("utf") else "gb18030")
    assert len(file.sha256) == 64


def test_a_folder_of_parquet_names_file_and_row_of_what_it_refuses(tmp_path):
    (tmp_path / "penalties").mkdir()
    PENALTIES.to_parquet(tmp_path / "penalties" / "a.parquet")
    pd.DataFrame([penalty("3"), penalty("4", kind="hanging")]).to_parquet(tmp_path / "penalties" / "b.parquet")
    made = opened(tmp_path)
    assert made.quarantine[["source", "row"]].values.tolist() == [["penalties/b.parquet", 2]]
    assert len(made.tables["penalties"]) == 3


@pytest.mark.parametrize("form", [pl.from_pandas, pa.Table.from_pandas, pd.DataFrame.copy])
def test_frames_of_any_library_read_alike(form):
    made = open({"organizations": form(organizations(A, B)), "penalties": form(PENALTIES)})
    expected = open({"organizations": organizations(A, B), "penalties": PENALTIES})
    for name in TABLES:
        pd.testing.assert_frame_equal(made.tables[name], expected.tables[name])


def test_inputs_are_never_changed():
    frames = {"organizations": organizations(A, B), "penalties": PENALTIES.copy()}
    before = {name: frame.copy(deep=True) for name, frame in frames.items()}
    open(frames).as_of("2022-01-01").table("penalties")
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_every_column_is_present_and_typed_even_in_missing_tables():
    kinds = {"text": "str", "code": "str", "day": "datetime64[s]", "timestamp": "datetime64[us]", "flag": "boolean"}
    made = open({"organizations": organizations(A)})
    for name, table in TABLES.items():
        for frame in (made.tables[name], made.history(name), made.as_of("2021-01-01").table(name)):
            assert list(frame.columns)[: len(table.names)] == table.names
            for column in table.columns:
                assert str(frame[column.name].dtype) == kinds.get(column.kind, "float64"), (name, column.name)


def test_moments_are_days_of_shanghai():
    stamps = pd.to_datetime(["2020-05-31T16:00:00Z", "2020-05-31T15:59:59Z"])
    rows = pd.DataFrame([penalty("1"), penalty("2")]).assign(recorded_at=stamps, decided_on="2020-05-31")
    text = rows.assign(recorded_at=["2020-05-31T16:00:00Z", "2020-05-31T15:59:59+00:00"])
    for frame in (rows, text):
        view = open({"organizations": organizations(A), "penalties": frame}).as_of("2020-05-31")
        assert view.table("penalties")["penalty_id"].tolist() == ["2"]


def test_moments_of_every_precision_are_read_alike():
    rows = pd.DataFrame([penalty("1"), penalty("2")])
    for unit in ("s", "ms", "us", "ns"):
        stamped = rows.assign(recorded_at=pd.to_datetime(rows["recorded_at"]).astype(f"datetime64[{unit}]"))
        made = open({"organizations": organizations(A), "penalties": stamped})
        assert made.tables["penalties"]["recorded_at"].dt.date.tolist() == [dt.date(2021, 1, 1)] * 2
        assert made.quarantine.empty


def test_a_source_counts_its_rows_and_takes_days_as_they_come():
    made = open({"organizations": organizations(A), "penalties": pd.DataFrame([penalty("1"), penalty("2", B)])})
    assert repr(made) == "Source(read=3, accepted=2, quarantined=1)"
    for day in ("2021-01-01", dt.date(2021, 1, 1), dt.datetime(2021, 1, 1, 23, 59)):
        assert made.as_of(day).day == dt.date(2021, 1, 1)


def test_an_unknown_column_is_answered_with_the_near_one():
    with pytest.raises(NotFound, match=r"unknown column of complaints 'severty'\. Did you mean 'severity'"):
        TABLES["complaints"]["severty"]


def test_words_for_yes_and_no_and_grouped_money():
    rows = [penalty(str(n), amount="¥1,234.50", voided=word) for n, word in enumerate(["否", "FALSE", "0", "no", ""])]
    table = open({"organizations": organizations(A), "penalties": pd.DataFrame(rows)}).tables["penalties"]
    assert table["amount"].tolist() == [1234.5] * 5
    assert not table["voided"].any()


def test_full_width_codes_are_the_same_organisation():
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in A)
    made = open({"organizations": organizations(A), "penalties": pd.DataFrame([penalty(org_id=wide.lower())])})
    assert made.as_of("2022-01-01").table("penalties")["org_id"].tolist() == [A]


@pytest.mark.parametrize("content", [b"PAR1 cut", b"\xff\xfe\x00\xd8\xff", b'a,"b\n1,2'])
def test_a_damaged_file_is_named(tmp_path, content):
    name = "penalties.parquet" if content.startswith(b"PAR") else "penalties.csv"
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=name):
        opened(tmp_path)


def test_a_file_too_large_for_the_memory_left_says_which_setting_to_raise(tmp_path, monkeypatch):
    def full(*_, **__):
        raise MemoryError

    PENALTIES.to_parquet(tmp_path / "penalties.parquet")
    monkeypatch.setattr("sorg_risk.records.reading_files.frame_of", full)
    with pytest.raises(
        DataError, match=r"cannot be read: there is too little memory for it\. Raise memory_limit_mb, or"
    ):
        opened(tmp_path)


def test_a_long_text_file_is_decoded_to_its_end(tmp_path, monkeypatch):
    """What is no UTF-8 shows far behind the first piece that is looked at."""
    monkeypatch.setattr("sorg_risk.records.encodings._CHUNK", 1_024)
    rows = [f"{n},{A},fine,2020-06-01,10,{'office' * 60},,2021-01-01" for n in range(3_000)]
    text = CSV.splitlines()[0] + "\n" + "\n".join(rows) + f"\n9999,{A},fine,2020-06-01,10,民政局,,2021-01-01\n"
    for encoding in ("utf-8", "gb18030"):
        (tmp_path / "penalties.csv").write_text(text, encoding=encoding)
        source = opened(tmp_path)
        assert source.tables["penalties"]["authority"].tolist()[-1] == "民政局"
        assert {file.encoding for file in source.files if file.encoding} == {encoding}


@pytest.mark.parametrize("way", ["at once", "into a ledger"])
def test_a_folder_that_may_not_be_looked_into_is_told_as_one(tmp_path, monkeypatch, way):
    organizations(A).to_parquet(tmp_path / "organizations.parquet")

    def refused(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(type(tmp_path), "iterdir", refused)
    with pytest.raises(DataError, match=f"{tmp_path} cannot be read: Permission denied"):
        open(tmp_path) if way == "at once" else ExitStack().enter_context(arrivals(tmp_path))


@pytest.mark.parametrize("way", ["at once", "into a ledger"])
def test_an_empty_folder_of_a_table_is_an_empty_table(tmp_path, tmp_path_factory, way):
    (tmp_path / "penalties").mkdir()
    organizations(A, B).to_parquet(tmp_path / "organizations.parquet")
    if way == "at once":
        made = open(tmp_path)
    else:
        ledger = Ledger.open(tmp_path_factory.mktemp("ledger") / "rows")
        ledger.bring(tmp_path)
        made = ledger.source()
    assert made.tables["penalties"].empty
    assert made.counts.set_index("table").loc["penalties", "read"] == 0


def test_an_empty_file_is_an_empty_table_with_a_notice(tmp_path):
    (tmp_path / "penalties.csv").write_bytes(b"")
    made = opened(tmp_path)
    assert made.tables["penalties"].empty
    assert any("penalties: delivered empty" in notice for notice in made.notices)


def test_wrong_sources_and_names_get_clear_answers(tmp_path):
    with pytest.raises(DataError, match="nowhere"):
        open(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="folder or a dict"):
        open(5)
    with pytest.raises(DataError, match="data frame"):
        open({"organizations": [1]})
    view = open({"organizations": organizations(A)}).as_of("2021-01-01")
    with pytest.raises(NotFound, match="penalties"):
        view.table("penaltys")
    with pytest.raises(UsageError, match="2026-10-31"):
        view.source.as_of("yesterday")
    PENALTIES.to_parquet(tmp_path / "penalties.parquet")
    (tmp_path / "penalties.csv").write_text(CSV, encoding="utf-8")
    with pytest.raises(DataError, match="more than once"):
        opened(tmp_path)


def test_object_columns_of_dates_and_whole_floats_read_as_meant():
    rows = pd.DataFrame([penalty()]).assign(
        decided_on=np.array([pd.Timestamp("2020-06-01").date()], dtype=object), decision_id=[44.0]
    )
    table = open({"organizations": organizations(A), "penalties": rows}).tables["penalties"]
    assert table["decided_on"].tolist() == [pd.Timestamp("2020-06-01")]
    assert table["decision_id"].tolist() == ["44"]


FLOWS = {
    "flow_id": ["1", "2"],
    "org_id": [A, A],
    "booked_on": "2020-06-01",
    "direction": "in",
    "amount": [1.5, 2.0],
    "counterparty_id": ["x", None],
    "recorded_at": "2021-01-01",
}


def flows(**cells):
    """Two flows as polars would hand them over, some columns exchanged."""
    return pl.from_pandas(pd.DataFrame(FLOWS)).with_columns(**cells)


COLUMNS_OF_POLARS = {
    "categorical": (pl.col("direction").cast(pl.Categorical), "direction", ["in", "in"]),
    "enum": (pl.col("direction").cast(pl.Enum(["in", "out"])), "direction", ["in", "in"]),
    "decimal": (pl.col("amount").cast(pl.Decimal(12, 2)), "amount", [1.5, 2.0]),
    "large unsigned": (pl.Series("counterparty_id", [2**64 - 1, None], pl.UInt64), "counterparty_id", [str(2**64 - 1)]),
    "bytes": (pl.Series("counterparty_id", [b"\xffa", None]), "counterparty_id", ["\ufffda"]),
    "list": (pl.Series("counterparty_id", [["x"], None]), "counterparty_id", ["['x']"]),
    "nothing": (pl.lit(None).alias("counterparty_id"), "counterparty_id", []),
}


@pytest.mark.parametrize("kind", COLUMNS_OF_POLARS)
def test_columns_of_every_kind_keep_what_they_say(kind):
    cells, name, expected = COLUMNS_OF_POLARS[kind]
    made = open({"organizations": organizations(A), "fund_flows": flows(**{name: cells})})
    assert made.tables["fund_flows"][name].dropna().tolist() == expected
    assert len(made.tables["fund_flows"]) == 2


class Stream:
    """Anything that speaks Arrow's stream, and nothing else."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize("form", [Stream, pa.Table.to_reader, lambda table: table.to_batches()[0]])
def test_whatever_streams_arrow_is_a_frame(form):
    table = pa.Table.from_pandas(organizations(A, B))
    assert open({"organizations": form(table)}).tables["organizations"]["org_id"].tolist() == [A, B]


def test_long_decimal_keys_stay_apart():
    keys = ["12345678901234567890", "12345678901234567891"]
    exact = pa.array(keys).cast(pa.decimal128(20, 0))
    table = pa.Table.from_pandas(pd.DataFrame(FLOWS)).set_column(0, "flow_id", exact)
    made = open({"organizations": organizations(A), "fund_flows": table})
    assert made.tables["fund_flows"]["flow_id"].tolist() == keys
    assert made.quarantine.empty


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.DataFrame([["1", "2"]], columns=["flow_id", "flow_id"]), "column 'flow_id' stands twice"),
        (pa.table([pa.array(["1"]), pa.array(["2"])], names=["flow_id", "flow_id"]), "column 'flow_id' stands twice"),
        (pl.DataFrame({"flow_id": pl.Series([1, 2], dtype=pl.Int128)}), "_pli128"),
        (pl.Series([1]), "non-struct"),
    ],
)
def test_a_frame_that_is_no_table_is_named(frame, said):
    with pytest.raises(DataError, match=rf"table 'fund_flows' cannot be read: .*{said}"):
        open({"organizations": organizations(A), "fund_flows": frame})


def test_half_a_surrogate_pair_loses_no_row():
    rows = pd.DataFrame(FLOWS).assign(counterparty_id=pd.Series(["\ud800x", None], dtype=object))
    made = open({"organizations": organizations(A), "fund_flows": rows})
    assert made.tables["fund_flows"]["counterparty_id"].tolist()[0] == "?x"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize(("then", "came"), [(1, "1"), (3, "more")])
def test_rows_that_were_counted_and_do_not_come_are_told(tmp_path, ending, then, came):
    def write(rows):
        frame = pd.DataFrame({"penalty_id": [str(row) for row in range(rows)]})
        getattr(frame, f"to_{ending}")(path, index=False)

    path = tmp_path / f"penalties.{ending}"
    write(2)
    found = look_at(path, path.name, "penalties")
    write(then)
    with pytest.raises(
        DataError, match=f"penalties.{ending} cannot be read: 2 rows were counted and {came} came. Deliver"
    ):
        list(found.pieces(1))
