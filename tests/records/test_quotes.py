"""Quotes out of place: no line of a file is ever taken for the text of another row."""

from __future__ import annotations

import io
import random

import pandas as pd
import pytest

from sorg_risk.records import open
from sorg_risk.records.reading_text import looked_through

from .made import A, organizations

HEAD = "penalty_id,org_id,kind,decided_on,authority,recorded_at"


def row(key: str, authority: str = "民政局") -> str:
    return f"{key},{A},warning,2024-03-0{1 + len(key) % 9},{authority},2024-04-01"


def read(*lines: str, encoding: str = "utf-8", end: str = "\n", delimiter: str = ",") -> pd.DataFrame:
    text = end.join(line.replace(",", delimiter) for line in (HEAD, *lines)) + end
    table = looked_through(lambda: io.BytesIO(text.encode(encoding)))
    pieces = [pd.concat(table.pieces(step), ignore_index=True) for step in (1, 3, 1 << 30)]
    for piece in pieces[1:]:
        pd.testing.assert_frame_equal(pieces[0], piece)
    assert table.rows == len(pieces[0])
    return pieces[0].reindex(columns=[*HEAD.split(","), "(cells)"])


@pytest.mark.parametrize(
    ("encoding", "end"), [("utf-8", "\n"), ("gb18030", "\r\n"), ("utf-8-sig", "\r\n"), ("utf-16", "\n")]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_an_open_quote_takes_no_row_with_it(encoding, end, delimiter):
    lines = [row("p1"), row("p22", '"开了就没关'), row("p3"), row("p4"), row("p5", '又一个"'), row("p6"), row("p7")]
    rows = read(*lines, encoding=encoding, end=end, delimiter=delimiter)
    assert rows["penalty_id"].tolist() == ["p1", "p22", "p3", "p4", "p5", "p6", "p7"]
    marked = rows["(cells)"].notna()
    assert rows.loc[marked, "penalty_id"].tolist() == ["p22"]
    assert "(line 3)" in rows["(cells)"].iloc[1]
    assert rows["authority"].tolist()[2:5] == ["民政局", "民政局", '又一个"']


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (row("p2", '"民政"局'), "letters follow a closing quote"),
        (row("p2", '"民政局'), "not closed before the next row"),
        (row("p2").removesuffix("2024-04-01") + '"2024-04-01', "not closed before the next row"),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_row_whose_quotes_are_wrong_is_marked_wherever_it_stands(bad, said, place):
    lines = [row("p1"), row("p3"), row("p4", '"民政局, 市"')]
    lines.insert(place, bad)
    rows = read(*lines)
    assert rows["penalty_id"].tolist() == [line.split(",")[0] for line in lines]
    assert rows["(cells)"].notna().tolist() == [number == place for number in range(4)]
    assert said in rows["(cells)"].iloc[place]
    assert f"(line {place + 2})" in rows["(cells)"].iloc[place]


def test_cells_of_several_lines_stay_readable():
    texts = ['"民政局\n, 二处"', '"a ""b""\n\n\nc"', '"第一行\r\n第二行, 2024-03-01, 有逗号"', '5" 屏', '""""']
    rows = read(*(row(f"p{number}", text) for number, text in enumerate(texts)))
    assert rows["(cells)"].isna().all()
    assert rows["authority"].tolist()[:4] == [
        "民政局\n, 二处",
        'a "b"\n\n\nc',
        "第一行\r\n第二行, 2024-03-01, 有逗号",
        '5" 屏',
    ]
    assert rows["authority"].iloc[4] == '"'


def test_every_line_is_read_whatever_quotes_stray_into_it():
    """One stray quote anywhere in a table of plain rows: as many rows as lines, and all others as they were."""
    chance = random.Random(15)
    lines = [row(f"p{number}") for number in range(40)]
    for _ in range(60):
        damaged, place = list(lines), chance.randrange(40)
        at = chance.randrange(len(damaged[place]) + 1)
        damaged[place] = damaged[place][:at] + '"' + damaged[place][at:]
        rows = read(*damaged)
        assert len(rows) == 40
        others = rows.drop(index=place)
        assert others["(cells)"].isna().all()
        assert others["penalty_id"].tolist() == [f"p{number}" for number in range(40) if number != place]


def test_what_the_quarantine_says_of_it(tmp_path):
    organizations(A).to_csv(tmp_path / "organizations.csv", index=False)
    text = "\n".join([HEAD, row("p1"), row("p2", '"民政局'), row("p3"), row("p4", '市局"'), row("p5")])
    (tmp_path / "penalties.csv").write_text(text, encoding="utf-8")
    source = open(tmp_path)
    assert source.counts.set_index("table").loc["penalties"].tolist() == [5, 4, 1, 0]
    (line,) = source.quarantine.to_dict("records")
    assert (line["rule"], line["row"]) == ("malformed_row", 2)
    assert "quote" in line["reason"]
    assert "引号" in line["reason"]


def test_a_long_file_of_open_quotes_ends_soon():
    lines = [row(f"p{number}", '"') for number in range(3_000)]
    rows = read(*lines[:300])
    assert len(rows) == 300
    table = looked_through(lambda: io.BytesIO(("\n".join([HEAD, *lines]) + "\n" + '"x\n' * 3_000).encode()))
    assert table.rows == 6_000


def test_a_cell_of_thousands_of_lines_is_one_cell():
    text = '"' + "x\n" * 5_000 + '""so"" it ends"'
    rows = read(row("p1", text), row("p2"))
    assert rows["penalty_id"].tolist() == ["p1", "p2"]
    assert rows["(cells)"].isna().all()
