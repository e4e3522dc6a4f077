"""Published runs keep the contract: on the sample, on a fresh register, on foreign data; and bad input loses nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import sorg_risk as sr
from sorg_risk.errors import DataError, ModelError
from sorg_risk.records import TABLES
from tests.contract.published import problems

SAMPLE = "data/sample"
DAY = "2026-10-31"


@pytest.mark.parametrize("lists", ["decided", "assumed"])
def test_the_sample(lists: str, tmp_path: Path) -> None:
    run = sr.nightly(SAMPLE, as_of=DAY, out=tmp_path, lists=lists)
    assert problems(run.folder, sr.open(SAMPLE).as_of(DAY)) == []


def test_earlier_days_of_a_fresh_register(tmp_path: Path) -> None:
    source = sr.open(sr.simulate(60, seed=23, flows_per_org=15))
    for day in ("2017-03-31", "2021-12-31", "2024-02-29"):
        run = sr.nightly(source, as_of=day, out=tmp_path)
        assert problems(run.folder, source.as_of(day)) == [], day


def test_foreign_data_with_only_two_tables(tmp_path: Path) -> None:
    filings = pd.DataFrame(
        {
            "number": [f"R{i}" for i in range(40)],
            "who": [f"{i % 8:05d}" for i in range(40)],
            "ended": pd.to_datetime([f"{2015 + i // 8}-12-31" for i in range(40)]),
            "due": pd.to_datetime([f"{2016 + i // 8}-11-15" for i in range(40)]),
            "got": pd.to_datetime([f"{2016 + i // 8}-11-{10 + i % 20:02d}" for i in range(40)]),
        }
    )
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        """
        code_scheme = "any"
        calendar = "due_on"
        [filings]
        from = "returns"
        columns = { org_id = "who", filed_on = "got", recorded_at = "got", accepted_on = "got", due_on = "due" }
        constants = { kind = "annual_report" }
        derive = { filing_id = "number", fiscal_year = "year(ended)" }
        [organizations]
        from = "returns"
        distinct = "who"
        columns = { org_id = "who" }
        constants = { org_type = "service_institution", status = "active" }
        derive = { recorded_at = "min(got)", registered_on = "min(ended)" }
        """,
        encoding="utf-8",
    )
    source = sr.open({"returns": filings}, mapping)
    run = sr.nightly(source, as_of="2020-12-31", out=tmp_path / "out")
    assert problems(run.folder, source.as_of("2020-12-31")) == []
    assert set(run.table("flags")["ground"].dropna()) <= {"AL-01"}


def test_real_non_profits(real_data: Path, tmp_path: Path) -> None:
    source = sr.open(real_data / "npo_us_cdc", "notebooks/us_nonprofits/mapping.toml")
    run = sr.nightly(source, as_of="2018-12-31", out=tmp_path)
    assert problems(run.folder, source.as_of("2018-12-31")) == []


BAD = {
    "unknown type": ("organizations", "org_type", "company", "unknown_code"),
    "wrong code": ("organizations", "org_id", "51440300MJM00000XX", "invalid_code"),
    "unreadable date": ("filings", "filed_on", "the day before yesterday", "unreadable"),
    "negative amount": ("fund_flows", "amount", "-5", "not_positive"),
    "event after it was recorded": ("complaints", "received_on", "2026-10-30", "event_after_recorded"),
    "unknown organisation": ("penalties", "org_id", "51440300000000001M", "unknown_organization"),
}


def as_text(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: rows.astype("str").mask(rows.isna()) for name, rows in tables.items()}


@pytest.mark.parametrize("case", list(BAD))
def test_one_bad_row_is_set_aside_by_name_and_the_rest_is_used(case: str, tmp_path: Path) -> None:
    table, column, value, rule = BAD[case]
    tables = as_text(sr.open(SAMPLE).tables)
    row = tables[table].iloc[[0]].assign(**{column: value, "recorded_at": "2026-10-01"})
    if column != TABLES[table].key:
        row = row.assign(**{TABLES[table].key: row["org_id"].iloc[0] if table == "organizations" else "BAD-1"})
    run = sr.nightly({**tables, table: pd.concat([tables[table], row], ignore_index=True)}, as_of=DAY, out=tmp_path)
    refused = run.table("quarantine")
    assert (refused["rule"] == rule).sum() == 1
    line = refused.loc[refused["rule"] == rule].iloc[0]
    assert (line["table"], line["column"], line["row"]) == (table, column, len(tables[table]) + 1)
    assert line["reason"]
    counts = run.manifest["delivery"]["tables"][table]
    assert counts["read"] == len(tables[table]) + 1 == counts["accepted"] + counts["quarantined"]


def test_versions_that_contradict_each_other_are_both_set_aside(tmp_path: Path) -> None:
    tables = dict(sr.open(SAMPLE).tables)
    one = tables["penalties"].iloc[[0]].assign(penalty_id="TWO", recorded_at=pd.Timestamp("2026-10-01"))
    two = one.assign(amount=one["amount"].fillna(0) + 1)
    tables["penalties"] = pd.concat([tables["penalties"], one, two, one], ignore_index=True)
    run = sr.nightly(tables, as_of=DAY, out=tmp_path)
    refused = run.table("quarantine")
    assert refused["rule"].tolist() == ["version_conflict"] * 3
    assert set(refused["primary_key"]) == {"TWO"}


def test_an_empty_file_counts_as_an_empty_table(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for path in Path(SAMPLE).glob("*.parquet"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "complaints.parquet").unlink()
    (folder / "complaints.csv").write_bytes(b"")
    source = sr.open(folder)
    assert any("complaints: delivered empty" in notice for notice in source.notices)
    run = sr.nightly(source, as_of=DAY, out=tmp_path / "out")
    assert problems(run.folder, source.as_of(DAY)) == []


def test_without_organisations_there_is_nothing_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'organizations' not found"):
        sr.nightly({"filings": sr.open(SAMPLE).tables["filings"]}, as_of=DAY, out=tmp_path)


def test_half_a_model_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    from sorg_risk.model import default_bundle

    folder = tmp_path / "model"
    folder.mkdir()
    for path in default_bundle().iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    text = folder / "member-0.txt"
    text.write_bytes(text.read_bytes()[: text.stat().st_size // 2])
    with pytest.raises(ModelError, match="digest differs"):
        sr.nightly(SAMPLE, as_of=DAY, out=tmp_path / "out", model=folder)
    assert not (tmp_path / "out" / "CURRENT").exists()


def test_same_input_same_bytes_whatever_the_order(tmp_path: Path) -> None:
    tables = dict(sr.open(SAMPLE).tables)
    shuffled = {name: rows.sample(frac=1, random_state=4) for name, rows in reversed(tables.items())}
    one = sr.nightly(tables, as_of=DAY, out=tmp_path / "a")
    two = sr.nightly(shuffled, as_of=DAY, out=tmp_path / "b")
    assert one.run_id == two.run_id
    assert one.manifest["outputs"] == two.manifest["outputs"]
