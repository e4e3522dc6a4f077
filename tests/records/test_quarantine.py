"""Every refused row is accounted for, with its place, its rule and its reason."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.errors import DataError
from sorg_risk.records import TABLES, open
from sorg_risk.records.pii import mask_key, mask_pii
from sorg_risk.records.quarantine import COLUMNS, REASONS

from .made import A, C, organizations, penalty, source

FLOW = {
    "flow_id": "f",
    "org_id": A,
    "booked_on": "2020-05-01",
    "direction": "in",
    "amount": 5,
    "recorded_at": "2020-06-01",
}
COMPLAINT = {"complaint_id": "c", "org_id": A, "received_on": "2020-05-01", "recorded_at": "2020-06-01"}


@pytest.mark.parametrize(
    ("table", "row", "column", "rule"),
    [
        ("penalties", penalty(decided_on="2020-02-30"), "decided_on", "unreadable"),
        ("penalties", penalty(recorded_at="soon"), "recorded_at", "unreadable"),
        ("penalties", penalty(kind="hanging"), "kind", "unknown_code"),
        ("penalties", penalty(kind=""), "kind", "missing_required"),
        ("penalties", penalty(key="NaN"), "penalty_id", "missing_required"),
        ("penalties", penalty(org_id=A[:-1] + "Z"), "org_id", "invalid_code"),
        ("penalties", penalty(org_id=C), "org_id", "unknown_organization"),
        ("penalties", penalty(decided_on="2021-01-02"), "decided_on", "event_after_recorded"),
        ("penalties", penalty(decided_on="1066-10-14"), "decided_on", "out_of_range"),
        ("penalties", penalty(voided="perhaps"), "voided", "unreadable"),
        ("fund_flows", FLOW | {"amount": 0}, "amount", "not_positive"),
        ("fund_flows", FLOW | {"amount": float("inf")}, "amount", "unreadable"),
    ],
)
def test_every_rule_refuses_its_row(table, row, column, rule):
    made = source(**{table: [row]})
    (line,) = made.quarantine.to_dict("records")
    assert (line["table"], line["source"], line["row"], line["column"], line["rule"]) == (table, table, 1, column, rule)
    assert line["reason"].startswith(column)
    assert made.tables[table].empty
    counts = made.counts.set_index("table").loc[table]
    assert (counts["read"], counts["accepted"], counts["quarantined"]) == (1, 0, 1)


def test_all_events_of_the_contract_are_bound_to_the_past_and_no_deadline_is():
    named = (
        "registered_on status_on filed_on accepted_on returned_on received_on closed_on booked_on decided_on lifted_on"
    )
    named += " issued_on completed_on started_on ended_on granted_on withdrawn_on done_on"
    events = {column.name for table in TABLES.values() for column in table.columns if column.event}
    assert events == set(named.split())
    late = source(
        filings=[
            {"filing_id": "1", "org_id": A, "kind": "election", "due_on": "2030-01-01", "recorded_at": "2021-01-01"}
        ]
    )
    assert late.quarantine.empty


def test_a_row_with_several_faults_is_one_line_that_names_them_all():
    made = source(penalties=[penalty(kind="hanging", amount=-1, decided_on="2030-01-01")])
    (line,) = made.quarantine.to_dict("records")
    assert line["rule"] == "event_after_recorded"
    assert "unknown_code" not in line["reason"]
    assert all(word in line["reason"] for word in ("decided_on", "kind", "amount"))


def test_accepted_and_quarantined_sum_to_read_in_every_table():
    rows = [
        penalty("1"),
        penalty("1"),
        penalty("2", org_id=C),
        penalty("3", kind="hanging"),
        penalty("4", amount=1),
        penalty("4", amount=2),
    ]
    counts = source(penalties=rows).counts
    assert (counts["accepted"] + counts["quarantined"] == counts["read"]).all()
    assert counts.set_index("table").loc["penalties"].tolist() == [6, 2, 4, 0]


def test_a_retraction_needs_no_more_than_its_identity():
    made = source(penalties=[penalty(), {"penalty_id": "p1", "org_id": A, "recorded_at": "2021-02-01", "voided": True}])
    assert made.quarantine.empty
    assert len(made.as_of("2021-01-31").table("penalties")) == 1
    assert made.as_of("2021-02-01").table("penalties").empty


def test_conflicts_are_refused_together_and_the_earlier_version_stands():
    rows = [penalty(amount=1), penalty(amount=2, recorded_at="2021-02-01"), penalty(amount=3, recorded_at="2021-02-01")]
    made = source(penalties=rows)
    assert made.quarantine["rule"].tolist() == ["version_conflict"] * 2
    assert made.quarantine["row"].tolist() == [2, 3]
    assert made.as_of("2021-03-01").table("penalties")["amount"].tolist() == [1.0]
    assert made.as_of("2021-01-31").quarantine.empty


def test_personal_numbers_are_masked():
    number = "11010519491231002X"
    assert mask_pii(f"{number} 13800138000") == "110105********002X 138****8000"
    assert mask_pii("990105194912310021") == "990105194912310021"
    assert mask_pii(A) == A
    made = source(complaints=[COMPLAINT | {"severity": "13800138000"}])
    assert made.quarantine["value"].tolist() == ["138****8000"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("110105194912310023", "110105********0023"),
        ("１１０１０５１９４９１２３１００２Ｘ", "１１０１０５********００２Ｘ"),
        ("ID11010519491231002X号", "ID110105********002X号"),
        ("110105 1949-12-31 002x", "110105********002x"),
        ("11010519491231002X7", "110105********002X7"),
        ("1101 0519 4912 3100 2X", "1101 05********00 2X"),
        ("旧证110105491231002。", "旧证110105******002。"),
        ("+8613800138000", "+86138****8000"),
        ("008613800138000", "0086138****8000"),
        ("138 0013 8000", "138****8000"),
        ("138-0013-8000/13900139000", "138****8000/139****9000"),
        ("１3８00138000", "１3８****8000"),
        ("2024-01-01 11010519491231002X", "2024-01-01 110105********002X"),
    ],
)
def test_personal_numbers_however_they_are_written(written, shown):
    assert mask_pii(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        *(A, "51440300MJL0000002", "2024-01-01 2025-12-31 2026", "110105491331002", "12345678901234567890", "a" * 64),
        *("1101051949123100223", "f11010519491231002", "0110105491231002", "114.0579,22.5431", "4403000012345.67"),
    ],
)
def test_other_numbers_stay(text):
    assert mask_pii(text) == mask_key(text) == text


def test_keys_lose_whole_identity_numbers_only():
    assert mask_key("positions:11010519491231002X-chair") == "positions:110105********002X-chair"
    assert mask_key("110105491231002") == "110105491231002"


@given(st.text(alphabet="0123456789Xx abf-·", max_size=40))
def test_masking_twice_is_masking_once(text):
    assert mask_pii(mask_pii(text)) == mask_pii(text)


def test_the_register_itself_must_be_there():
    with pytest.raises(DataError, match="organizations"):
        open({"filings": pd.DataFrame()})
    with pytest.raises(DataError, match="organizations"):
        open({"organizations": pd.DataFrame({"org_id": []})})


def test_notices_name_unknown_columns_tables_and_empty_deliveries():
    frames = {
        "organizations": organizations(A).assign(colour="red"),
        "weather": pd.DataFrame({"x": [1]}),
        "filings": pd.DataFrame(),
    }
    notices = "\n".join(open(frames).notices)
    assert all(word in notices for word in ("colour", "weather", "filings: delivered empty"))


def test_an_empty_quarantine_keeps_its_columns_and_every_rule_has_a_reason():
    empty = source().quarantine
    assert list(empty.columns) == COLUMNS
    assert empty["row"].dtype == "int64"
    assert all("/" in text for text in REASONS.values())


@pytest.mark.parametrize("column", ["text", "category", "channel"])
def test_a_text_with_nul_is_set_aside_as_a_cell(column):
    made = source(complaints=[COMPLAINT | {column: "a\0b"}])
    (line,) = made.quarantine.to_dict("records")
    assert (line["column"], line["rule"]) == (column, "cell_nul_character")
    assert made.tables["complaints"][column].isna().all()


@pytest.mark.parametrize(("column", "value"), [("complaint_id", "c\x001"), ("org_id", A[:9] + "\0" + A[9:])])
def test_an_identity_with_nul_refuses_its_row(column, value):
    made = source(complaints=[COMPLAINT | {column: value}])
    (line,) = made.quarantine.to_dict("records")
    assert (line["column"], line["rule"]) == (column, "nul_character")
    assert made.tables["complaints"].empty
