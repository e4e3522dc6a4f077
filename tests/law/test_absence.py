"""What is missing proves nothing while a row of that organisation, kind and year was refused: its flag is provisional and asks for a look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sorg_risk.law import apply_law, statutory
from sorg_risk.law.registry import RULES
from sorg_risk.law.worked import (
    FD,
    SSI,
    A,
    Record,
    assessment,
    filing,
    flow,
    given,
    inspection,
    listing,
    org,
    penalty,
    post,
    report,
    reports,
)
from sorg_risk.records import TABLES
from sorg_risk.records import open as open_source
from sorg_risk.records.ledger import Ledger
from sorg_risk.records.ledger.wide import WideSource
from sorg_risk.simulate import simulate

Rows = dict[str, list[dict[str, Any]]]
DAY = "2025-06-30"
FIRST_REPORTS = reports(2020, 2021, 2022)
_CHARITY = org(FD, is_charity=True)
_RAISING = org(FD, "2021-01-08", is_charity=True, has_public_fundraising=True)
_IDLE: dict[str, Any] = {"activities_held": 0, "charitable_spending": 0.0}
_RELATED: dict[str, Any] = {"is_related_party": True, "counterparty_kind": "enterprise", "counterparty_id": "C1"}
_BAD = "2025-02-30"


def law(*records: Record | list[Record], day: str = DAY, refused: Record | None = None, lists: str = "decided") -> Any:
    rows: Rows = given(*records, *([refused] if refused else []))
    return apply_law(open_source({name: pd.DataFrame(some) for name, some in rows.items()}).as_of(day), lists)


def of(flags: pd.DataFrame, ground: str) -> dict[str, Any]:
    (found,) = flags[flags["ground"] == ground].to_dict("records")
    return found


ALL_CASES: list[tuple[str, str, tuple[Any, ...], Record]] = [
    ("AL-01", DAY, (org(), reports(2020, 2021, 2022, 2023)), report(2024, filed="2025-04-31")),
    ("AL-02", DAY, (org(), inspection("party_duty", "2025-03-03", outcome="unmet")),
     inspection("party_duty", "2025-05-03", outcome="surely met")),
    ("AL-02", DAY, (org(), report(2024, party_members=3, has_party_organization=False)),
     inspection("party_duty", "2025-05-03", outcome="surely met")),
    ("AL-03", DAY, (org(), inspection("rectification_order", "2025-05-20", deadline_on="2025-06-20")),
     inspection("rectification_order", "2025-05-20", outcome="accepted", completed_on=_BAD, recorded_at="2025-06-21")),
    ("AL-04a", DAY, (_RAISING, filing("fundraising", "2024-12-01", FD)),
     filing("fundraising", "2025-05-32", FD, recorded_at="2025-06-01")),
    ("AL-04b", DAY, (_RAISING, filing("fundraising", "2025-05-01", FD), inspection("fundraising_condition", "2025-03-04", FD, "unmet")),
     inspection("fundraising_condition", "2025-05-04", FD, "no idea")),
    ("AL-06", DAY, (org(), inspection("special_letter", "2025-05-05", outcome="unsigned"), inspection("special_letter", "2025-05-25", outcome="unsigned")),
     inspection("special_letter", "2025-06-10", outcome="sealed")),
    ("AN-03", DAY, (org(FD), reports(2020, 2021, 2022, 2023, 2024, of=FD)),
     filing("audit_report", "2025/3/40", FD, fiscal_year=2024, recorded_at="2025-04-01")),
    ("AN-04", "2026-06-30", (_CHARITY,), filing("disclosure", "soon", FD, fiscal_year=2025, recorded_at="2026-05-01")),
    ("AN-06", DAY, (org(SSI), reports(2020, 2021, 2022, of=SSI)), report(2023, SSI, accepted_on="x")),
    ("AN-07", DAY, (org(FD), reports(2020, 2021, 2022, of=FD)), report(2024, FD, accepted_on="x")),
    ("ZO-01", DAY, (org(registered="2024-06-30"), report(2024, **_IDLE)),
     flow("2025-02-03", -10.0, purpose="charitable_spending")),
    ("ZO-02", DAY, (org(), reports(2020, 2021, 2022)), report(2023, accepted_on="x")),
    ("ZO-02", DAY, (org(), report(2023, **_IDLE), report(2024, **_IDLE)), flow("2024-12-33", 10.0, purpose="grant", recorded_at="2025-01-02")),
    ("ZO-03", DAY, (_CHARITY, report(2023, FD, **_IDLE), report(2024, FD, **_IDLE)), flow("2023-05-05", 0, of=FD, purpose="donation")),
    ("MO-01", DAY, (org(FD, is_charity=True, has_public_fundraising=True), report(2023, FD, total_income=1e6), report(2022, FD, total_income=1.0),
     report(2024, FD, charitable_spending=600_000.0)), report(2021, FD, accepted_on="x", total_income=1.0)),
    ("MO-10", "2026-06-30", (_CHARITY, flow("2026-03-04", 10.0, of=FD, **_RELATED)), filing("disclosure", "2026-03-44", FD, recorded_at="2026-03-20")),
    ("GO-06", DAY, (org(), post("chair", started="2020-04-01", term_ends_on="2024-03-31")),
     filing("election", "2024-02-30", recorded_at="2024-03-05")),
    ("GO-06", DAY, (org(), post("chair", started="2020-04-01", term_ends_on="2024-03-31")),
     post("chair", person="P2", started="2024-03-40", term_ends_on="2029-03-31", recorded_at="2024-04-05")),
    ("GO-07", DAY, (org(), filing("change_registration", None, due_on="2025-05-06", recorded_at="2025-04-06")),
     filing("change_registration", "2025-04-31", due_on="2025-05-06", recorded_at="2025-05-05")),
    ("SZ-01", DAY, (org(is_industry_association=True), post("chair", started="2020-04-01", term_ends_on="2024-03-31")),
     filing("election", "2024-02-30", recorded_at="2024-03-05")),
    ("GR-02", DAY, (org(), assessment("4A", "2019-06-30", expires_on="2024-06-29")), assessment("5A", "2024-06-31", recorded_at="2024-07-01")),
    ("SL-01", DAY, (org(), listing("2023-01-10", "AL-03")), listing("2024-05-32", "AL-03", "removed", recorded_at="2024-06-01")),
    ("SL-06", DAY, (org(), penalty("court_dishonest", "2023-01-15")),
     penalty("court_dishonest", "2023-01-15", lifted_on=_BAD, recorded_at="2025-03-01")),
]  # fmt: skip


@pytest.mark.parametrize(("ground", "day", "rows", "refused"), ALL_CASES)
def test_a_refused_row_makes_the_flag_provisional_and_neither_adds_nor_clears(ground, day, rows, refused):
    without, flags = law(*rows, day=day), law(*rows, day=day, refused=refused)
    before, now = of(without, ground), of(flags, ground)
    table, _ = refused
    place = sum(name == table for one in rows for name, _ in (one if isinstance(one, list) else [one])) + 1
    assert now["provisional"]
    assert now["next_step"] == "inspect"
    assert pd.isna(now["next_step_due"])
    assert set(now["evidence"]) == {*before["evidence"], f"quarantine:{table}:{place}"}
    same = ["flag_id", "org_id", "flag", "status", "ground", "since", "citation", "clears_on"]
    pd.testing.assert_frame_equal(flags[same], without[same])
    clauses = statutory(_source(*rows, refused).as_of(day)).clauses
    told = clauses[clauses["flag_id"] == now["flag_id"]]
    assert told["text_zh"].str.contains("有关数据行未能采用").any()
    assert told["text_en"].str.contains("could not be used").any()


def _source(*records: Record | list[Record]) -> Any:
    return open_source({name: pd.DataFrame(some) for name, some in given(*records).items()})


REFUSED = [
    ("another year", report(2023, filed="2024-04-31"), False),
    ("another kind", filing("disclosure", "2025-04-31", fiscal_year=2024, recorded_at="2025-05-01"), False),
    ("a kind that cannot be read", report(2024, kind="yearbook"), True),
    ("a year that cannot be read", report(2024, fiscal_year="twenty-four"), True),
    ("no kind at all", report(2024, kind=None), True),
    ("another organisation", report(2024, of=SSI, filed="2025-04-31"), False),
    ("an organisation that cannot be read", report(2024, of=A[:-1] + "Z"), False),
    ("known only later", report(2024, filed="2025-04-31", recorded_at="2025-07-01"), False),
    ("unknown when known, by its own day", report(2024, accepted_on="??", recorded_at="??"), True),
    ("unknown when known, filed later", report(2024, filed="2025-07-02", recorded_at="??"), False),
]  # fmt: skip


@pytest.mark.parametrize(("story", "refused", "counts"), REFUSED)
def test_which_refused_row_counts_for_a_report_that_was_never_filed(story, refused, counts):
    rows = (org(), org(SSI), reports(2020, 2021, 2022, 2023), reports(2020, 2021, 2022, 2023, 2024, of=SSI))
    flags = law(*rows, refused=refused)
    found = of(flags[flags["org_id"] == A], "AL-01")
    assert found["provisional"] == counts, story
    assert (found["next_step"] == "inspect") == counts
    assert any(key.startswith("quarantine:") for key in found["evidence"]) == counts


def test_a_later_version_or_a_retraction_ends_the_doubt():
    rows = [org(), *reports(2020, 2021, 2022, 2023)]
    wrong = ("filings", {**report(2024, filed="2025-04-31")[1], "filing_id": "K"})
    empty = {"filing_id": "K", "org_id": A, "recorded_at": "2025-06-15"}
    says_no = ("filings", {**empty, "kind": "annual_report", "fiscal_year": 2024})
    void = ("filings", {**empty, "voided": True})
    for later in (says_no, void):
        assert of(law(*rows, wrong, later, day="2025-06-14"), "AL-01")["provisional"]
        assert not of(law(*rows, wrong, later), "AL-01")["provisional"]


def test_versions_in_conflict_count_until_a_later_one():
    rows = [org(), *reports(2020, 2021, 2022, 2023)]
    one, other = (("filings", {**report(2024, staff=staff)[1], "filing_id": "K"}) for staff in (1, 2))
    found = of(law(*rows, one, other), "AL-01")
    assert found["provisional"]
    assert {"quarantine:filings:5", "quarantine:filings:6"} <= set(found["evidence"])


def test_a_cell_that_a_rule_needs_makes_it_provisional_and_another_does_not():
    rows = (org(FD), reports(2020, 2021, 2022, 2023, of=FD))
    unclear = of(law(*rows, report(2024, FD, audit_opinion="fine, all in all")), "AN-03")
    assert unclear["provisional"]
    assert unclear["next_step"] == "inspect"
    assert "quarantine:filings:5" in unclear["evidence"]
    assert not of(law(*rows, report(2024, FD, staff="many")), "AN-03")["provisional"]
    late = report(2024, FD, filed="2025-06-02", due_on="the end of June")
    assert of(law(*rows, late), "AL-01")["provisional"]


@pytest.mark.parametrize("mode", ["decided", "assumed"])
def test_an_assumed_listing_on_something_missing_is_provisional_too(mode):
    rows = (org(), reports(2020, 2021, 2022))
    flags = law(*rows, refused=report(2023, filed="2024-04-31"), lists=mode)
    plain = law(*rows, lists=mode)
    same = ["flag_id", "status", "since", "clears_on"]
    pd.testing.assert_frame_equal(flags[same], plain[same])
    one = flags[(flags["ground"] == "AL-01")].iloc[0]
    assert one["provisional"]
    assert any(key.startswith("quarantine:") for key in one["evidence"])


def test_every_rule_that_names_what_it_misses_names_real_columns():
    for rule in RULES:
        for missing in rule.missing:
            table = TABLES[missing.table]
            assert set(missing.columns) <= set(table.names)
            assert not any(table[name].is_essential for name in missing.columns), rule.id


SPOILT = {"filings": "accepted_on", "inspections": "outcome", "positions": "started_on", "fund_flows": "amount"}


@pytest.fixture(scope="module")
def crowd() -> dict[str, pd.DataFrame]:
    return dict(simulate(60, 5, flows_per_org=12.0))


def spoilt(frames: dict[str, pd.DataFrame], seed: int, flagged: pd.Series) -> dict[str, pd.DataFrame]:
    """The same registry with further rows that are refused: of flagged organisations and others, of kinds and years of all sorts."""
    chance, made = np.random.default_rng(seed), dict(frames)
    for name, column in SPOILT.items():
        rows = frames[name]
        more = rows.iloc[chance.choice(len(rows), 40, replace=False)].astype(object).copy()
        more[TABLES[name].key] = [f"spoilt-{seed}-{number}" for number in range(len(more))]
        more[column] = "cannot be read"
        more.iloc[:20, more.columns.get_loc("org_id")] = chance.choice(flagged, 20)
        for other in ("kind", "fiscal_year", "recorded_at", "org_id"):
            if other in more:
                more.iloc[chance.choice(40, 5, replace=False), more.columns.get_loc(other)] = "??"
        made[name] = pd.concat([rows.astype(object), more], ignore_index=True)
    return made


@pytest.mark.parametrize("mode", ["decided", "assumed"])
@pytest.mark.parametrize("seed", [1, 2])
def test_refused_rows_never_add_or_clear_a_flag(crowd, mode, seed):
    plain = apply_law(open_source(crowd).as_of("2026-06-15"), mode)
    found = apply_law(open_source(spoilt(crowd, seed, plain["org_id"])).as_of("2026-06-15"), mode)
    touched = {"next_step", "next_step_due", "provisional", "evidence"}
    same = [name for name in plain.columns if name not in touched]
    pd.testing.assert_frame_equal(found[same], plain[same])
    doubted = found["evidence"].map(lambda keys: any(key.startswith("quarantine:") for key in keys))
    assert doubted.any()
    pd.testing.assert_frame_equal(found[~doubted], plain[~doubted])
    assert found.loc[doubted, "provisional"].all()
    assert (found.loc[doubted, "next_step"] == "inspect").all()
    bare = found["evidence"].map(lambda keys: [key for key in keys if not key.startswith("quarantine:")])
    assert bare.tolist() == plain["evidence"].map(list).tolist()


def test_the_ledger_tells_the_same_bucket_by_bucket(crowd, tmp_path, monkeypatch):
    frames = spoilt(crowd, 4, crowd["organizations"]["org_id"])
    clash = frames["filings"].sample(20, random_state=1)
    frames["filings"] = pd.concat(
        [frames["filings"], clash.assign(staff=77), clash.assign(members="x", recorded_at="2026-06-01")]
    )
    monkeypatch.setattr("sorg_risk.records.ledger.ledger._buckets", lambda _rows: 8)
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.bring(frames)
    plain, wide = open_source(frames), WideSource(ledger.at(), held=lambda rows, _view: rows)
    for day in ("2024-03-01", "2026-05-31", "2026-06-15"):
        pd.testing.assert_frame_equal(wide.as_of(day).withheld, plain.as_of(day).withheld)
        pd.testing.assert_frame_equal(apply_law(wide.as_of(day)), apply_law(plain.as_of(day)))
    assert len(wide.as_of("2026-06-15").withheld) > 100
