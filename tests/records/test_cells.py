"""A cell that cannot be used is set aside by itself; only where a rule needs the value does it take its row along."""

from __future__ import annotations

import sqlite3

import pandas as pd
import pytest

from sorg_risk.cli import run
from sorg_risk.records import TABLES, open
from sorg_risk.records.ledger import Ledger

from .made import A, B, C, organizations, penalty, same, source

PLAIN = {
    "filings": {"kind": "annual_report", "fiscal_year": 2022, "filed_on": "2023-05-04"},
    "complaints": {"received_on": "2020-05-01"},
    "fund_flows": {"booked_on": "2020-05-01", "direction": "in", "amount": 5},
    "penalties": {"kind": "fine", "decided_on": "2020-05-01"},
    "inspections": {"kind": "spot_check", "issued_on": "2020-05-01"},
    "positions": {"person_id": "p", "role": "chair"},
    "listings": {"list": "abnormal", "action": "listed", "decided_on": "2020-05-01"},
    "assessments": {"grade": "3A", "granted_on": "2020-05-01"},
    "exemptions": {"kind": "objection", "refers_to": "x"},
    "procedures": {"step": "verified", "done_on": "2020-05-01"},
    "report_notices": {"fiscal_year": 2022},
}
WRONG = {
    "day": "2023-02-30",
    "timestamp": "soon",
    "money": "about 30",
    "number": "about 30",
    "integer": "12.5",
    "flag": "perhaps",
    "code": "something else",
}
NEEDED = (
    "organizations: org_type, registered_on, status, status_on; filings: kind, fiscal_year, filed_on, accepted_on,"
    " returned_on; complaints: received_on, closed_on; fund_flows: booked_on, direction, amount; penalties: decided_on,"
    " kind, lifted_on; inspections: kind, issued_on, outcome, completed_on; positions: role, started_on, ended_on;"
    " listings: list, action, decided_on; assessments: grade, granted_on, withdrawn_on; exemptions: kind, decided_on,"
    " outcome; procedures: list, step, done_on, expires_on; report_notices: authority, org_type, is_charity,"
    " is_industry_association, fiscal_year, registered_by, opens_on, due_on"
)
"""Columns whose value a rule needs to know what the row is, besides recorded_at and voided of every table."""


def row(table: str, **more: object) -> dict[str, object]:
    owner = dict.fromkeys(TABLES[table].owner, A)
    return {TABLES[table].key: "k1", **owner, "recorded_at": "2023-06-01", **PLAIN.get(table, {}), **more}


def needed() -> set[tuple[str, str]]:
    parts = (part.split(": ") for part in NEEDED.split("; "))
    return {(table, column) for table, names in parts for column in names.split(", ")}


FALLIBLE = [
    (table.name, column.name, WRONG[column.kind])
    for table in TABLES.values()
    for column in table.columns
    if column.kind in WRONG
]


@pytest.mark.parametrize(("table", "column", "value"), FALLIBLE)
def test_an_unusable_value_takes_its_row_along_only_where_a_rule_needs_it(table, column, value):
    if table == "organizations":
        register = organizations(B).to_dict("records")
        made = open({table: pd.DataFrame([*register, {"org_id": A, "recorded_at": "2023-06-01", column: value}])})
    else:
        made = source(**{table: [row(table, **{column: value})]})
    (line,) = made.quarantine.to_dict("records")
    counts = made.counts.set_index("table").loc[table]
    assert counts["accepted"] + counts["quarantined"] == counts["read"]
    assert (line["table"], line["column"], line["value"]) == (table, column, value)
    assert line["reason"].startswith(column)
    if (table, column) in needed() or column in ("recorded_at", "voided"):
        assert counts["quarantined"] == 1
        assert not line["rule"].startswith("cell_")
    else:
        assert counts["quarantined"] == 0
        assert line["rule"].startswith("cell_")
        assert "整行保留" in line["reason"]
        key = A if table == "organizations" else "k1"
        (used,) = made.as_of("2024-01-01").table(table).query(f"{TABLES[table].key} == {key!r}").to_dict("records")
        assert pd.isna(used[column])


def test_of_a_refused_row_one_line_names_the_cell_too():
    made = source(filings=[row("filings", filed_on="2023-13-01", staff="12.5")])
    (line,) = made.quarantine.to_dict("records")
    assert (line["column"], line["rule"]) == ("filed_on", "unreadable")
    assert "staff" in line["reason"]


def test_each_cell_is_a_line_and_the_rows_of_an_unknown_organisation_are_one():
    rows = [
        row("filings", staff="many", members=-3, audit_opinion="fine"),
        row("filings", filing_id="k2", org_id=C, staff="many", members=-3),
    ]
    made = source(filings=rows)
    assert made.quarantine[["row", "column", "rule"]].values.tolist() == [
        [1, "staff", "cell_unreadable"],
        [1, "members", "cell_negative"],
        [1, "audit_opinion", "cell_unknown_code"],
        [2, "org_id", "unknown_organization"],
    ]
    assert made.counts.set_index("table").loc["filings", ["read", "accepted", "quarantined"]].tolist() == [2, 1, 1]


def test_a_cell_is_told_from_the_day_its_row_is_known():
    made = source(filings=[row("filings", staff="many")])
    assert made.as_of("2023-05-31").quarantine.empty
    assert len(made.as_of("2023-06-01").quarantine) == 1
    blank = source(filings=[row("filings", staff="")])
    digests = [one.as_of("2024-01-01").digests() for one in (made, blank)]
    assert digests[0]["filings"] == digests[1]["filings"]


def test_a_retraction_stands_whatever_its_other_cells_say():
    rows = [penalty(), penalty(amount="much", decided_on="??", kind="hanging", recorded_at="2021-02-01", voided="true")]
    made = source(penalties=rows)
    assert made.counts.set_index("table").loc["penalties", ["read", "accepted", "quarantined"]].tolist() == [2, 2, 0]
    assert len(made.as_of("2021-01-31").table("penalties")) == 1
    assert made.as_of("2021-02-01").table("penalties").empty


def test_costs_that_net_interest_may_be_negative():
    made = source(filings=[row("filings", management_fee="-120.5", fundraising_cost=-1059.88, office_cost=-1)])
    assert made.quarantine["column"].tolist() == ["office_cost"]
    (report,) = made.tables["filings"].to_dict("records")
    assert (report["management_fee"], report["fundraising_cost"]) == (-120.5, -1059.88)


REPORTS = pd.DataFrame(
    [
        {**row("filings"), "filing_id": f"k{number}", "org_id": (A, B, C)[number % 3], **cells}
        for number, cells in enumerate(
            [
                {"staff": "many"},
                {"members": "-3", "staff": "1.5"},
                {"staff": "many"},
                {"filed_on": "soon", "staff": "x"},
            ]
            * 5
        )
    ]
).fillna("")


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx", "sqlite"])
def test_cells_come_the_same_by_every_way(tmp_path, form):
    register = organizations(A, B)
    if form == "sqlite":
        delivered = tmp_path / "registry.sqlite"
        with sqlite3.connect(delivered) as there:
            register.to_sql("organizations", there, index=False)
            REPORTS.to_sql("filings", there, index=False)
        there.close()
    else:
        delivered = tmp_path / "source"
        delivered.mkdir()
        register.to_csv(delivered / "organizations.csv", index=False)
        write = {"csv": REPORTS.to_csv, "parquet": REPORTS.to_parquet, "xlsx": REPORTS.to_excel}[form]
        write(delivered / f"filings.{form}", index=False)
    same(delivered, tmp_path)
    made = open(delivered)
    assert {"cell_unreadable", "cell_negative"} <= set(made.quarantine["rule"])
    counts = made.counts.set_index("table").loc["filings"]
    assert counts["quarantined"] == made.quarantine["rule"].isin(["unreadable", "unknown_organization"]).sum()


def test_a_cell_that_was_blank_the_night_before_is_told_the_night_after(tmp_path):
    ledger = Ledger.open(tmp_path / "ledger")
    nights = [source(filings=[row("filings", staff=staff)]) for staff in ("", "many", "", "few")]
    numbers = [ledger.bring(one) for one in nights]
    values = [ledger.source(number).quarantine["value"].tolist() for number in numbers]
    assert values == [[], ["many"], [], ["few"]]
    ledger.compact()
    assert [ledger.source(number).quarantine["value"].tolist() for number in numbers] == values


def test_check_counts_rows_and_cells_apart_and_is_strict_about_rows(tmp_path, capsys):
    organizations(A).to_csv(tmp_path / "organizations.csv", index=False)
    pd.DataFrame([row("filings", staff="many")]).to_csv(tmp_path / "filings.csv", index=False)
    assert run(["check", str(tmp_path), "--strict"]) == 0
    said = capsys.readouterr().out
    assert "cells set aside, their rows stay" in said
    assert "quarantined by rule" not in said
    pd.DataFrame([row("filings", filed_on="soon")]).to_csv(tmp_path / "filings.csv", index=False)
    assert run(["check", str(tmp_path), "--strict"]) == 3
    assert "quarantined by rule" in capsys.readouterr().out
