"""Files read piece by piece into a ledger give what the same files give when they are read at once."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sorg_risk.errors import DataError
from sorg_risk.records import open
from sorg_risk.records.ledger import Ledger, arriving
from sorg_risk.records.reading_files import look_at

from .made import A, B, flows, organizations, same


@pytest.fixture(autouse=True)
def few_rows_a_piece(monkeypatch):
    monkeypatch.setattr(arriving, "PIECE_ROWS", 7)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "source"
    place.mkdir()
    organizations(A, B).to_csv(place / "organizations.csv", index=False)
    return place


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_text_in_every_dress(folder, tmp_path, encoding, newline):
    text = newline.join(["", flows(40).assign(purpose="捐赠").to_csv(index=False, sep=";", lineterminator=newline)])
    (folder / "fund_flows.csv").write_bytes(text.encode(encoding))
    same(folder, tmp_path)


def test_rows_that_do_not_fit_their_header_keep_their_places(folder, tmp_path):
    lines = flows(30).to_csv(index=False).splitlines()
    lines[9] = "f-short,too few"
    lines[20] += ",one too many"
    lines.insert(15, "")
    lines[27] = f'f-long,{A},2025-01-01,in,1,"person\nover, ""two"" lines",2025-03-01'
    (folder / "fund_flows.csv").write_text("\n".join(lines), encoding="utf-8")
    same(folder, tmp_path)
    marked = open(folder).quarantine.query("rule == 'malformed_row'")
    assert marked["row"].tolist() == [9, 20]


def test_daily_deliveries_of_every_form(folder, tmp_path):
    pq.write_table(pa.Table.from_pandas(flows(20).assign(amount=1.5)), folder / "fund_flows.parquet")
    for number, day in enumerate(("2025-01-02", "2025-01-03", "2025-01-04")):
        (folder / day).mkdir()
        some = flows(10, 20 + 10 * number)
        if number == 0:
            some.drop(columns="direction").assign(account="cash").to_csv(folder / day / "fund_flows.csv", index=False)
        elif number == 1:
            book = openpyxl.Workbook()
            for row in [list(some), *some.to_numpy().tolist()]:
                book.active.append(row)
            book.save(folder / day / "fund_flows.xlsx")
        else:
            (folder / day / "fund_flows.csv").touch()
    same(folder, tmp_path)


def test_only_new_text_files_are_read_again(folder, tmp_path, monkeypatch):
    flows(20).to_csv(folder / "fund_flows.csv", index=False)
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.bring(folder)
    (folder / "2025-01-02").mkdir()
    flows(5, 100).to_csv(folder / "2025-01-02" / "fund_flows.csv", index=False)
    checked: list[int] = []
    check = arriving.check
    monkeypatch.setattr(arriving, "check", lambda *given: checked.append(len(given[1].frame)) or check(*given))
    assert ledger.bring(folder) == 2
    assert checked == [5]
    same(folder, tmp_path / "anew")


def test_a_quote_that_is_never_closed_sets_its_row_aside_and_swallows_none(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(arriving, "PIECE_ROWS", 7)
    lines = flows(30).to_csv(index=False).splitlines()
    lines.insert(11, f'f,{A},"2025')
    (folder / "fund_flows.csv").write_text("\n".join(lines), encoding="utf-8")
    same(folder, tmp_path)
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.bring(folder)
    refused = ledger.source().quarantine.query("rule == 'malformed_row'")
    assert refused["row"].tolist() == [11]
    assert "quote that opens here is not closed" in refused["reason"].iloc[0]
    assert "(line 12)" in refused["reason"].iloc[0]
    assert ledger.source().counts.set_index("table").loc["fund_flows", "read"] == 31


def test_one_long_word_in_every_row_of_a_parquet_file_is_no_table(tmp_path):
    word = pa.DictionaryArray.from_arrays(pa.array([0] * 60_000, pa.int32()), pa.array(["x" * 500_000]))
    pq.write_table(pa.table({"flow_id": word}), tmp_path / "fund_flows.parquet")
    assert (tmp_path / "fund_flows.parquet").stat().st_size < 100_000
    found = look_at(tmp_path / "fund_flows.parquet", "fund_flows.parquet", "fund_flows")
    with pytest.raises(DataError, match=r"rows of .* bytes, so this is no table"):
        list(found.pieces(1 << 18))


def test_moments_are_written_each_by_itself(folder, tmp_path):
    moments = pd.date_range("2025-01-01", periods=40, freq="8h")
    odd = moments.where(moments.day != 3, moments + pd.Timedelta("5ms"))
    flows(40).assign(org_id=A, purpose=odd, counterparty_id=moments.tz_localize("UTC")).to_parquet(
        folder / "fund_flows.parquet"
    )
    same(folder, tmp_path)
    refused = Ledger.open(tmp_path / "ledger").source().quarantine.query("column == 'purpose'")
    assert {"2025-01-03 00:00:00.005000", "2025-01-04", "2025-01-04 08:00:00"} <= set(refused["value"])


def test_millions_of_equal_rows_in_a_small_parquet_file_are_no_table(tmp_path):
    rows = (1 << 20) + 1
    table = pa.table({name: pa.DictionaryArray.from_arrays([0] * rows, ["x"]) for name in ("flow_id", "org_id")})
    pq.write_table(table, tmp_path / "fund_flows.parquet")
    with pytest.raises(DataError, match=r"1,048,577 rows in [\d,]+ bytes, so nearly all rows are alike"):
        look_at(tmp_path / "fund_flows.parquet", "fund_flows.parquet", "fund_flows")
