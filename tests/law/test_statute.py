"""What an officer reads behind a flag: the trace clause by clause, lawful acts, and the publication of penalties as a clock of its own."""

from __future__ import annotations

import pandas as pd
import pytest

from sorg_risk.errors import UsageError
from sorg_risk.law import Statutory, rulebook, statutory
from sorg_risk.law.worked import (
    A,
    Record,
    clean,
    exemption,
    given,
    inspection,
    listing,
    org,
    penalty,
    report,
    reports,
)
from sorg_risk.records import open as open_source


def judged(day: str, *records: Record | list[Record], lists: str = "decided") -> Statutory:
    rows = given(*records)
    return statutory(open_source({name: pd.DataFrame(part) for name, part in rows.items()}).as_of(day), lists)


ORDER = inspection("rectification_order", "2024-01-08", deadline_on="2024-02-08", inspection_id="ORDER")
SECOND = penalty("warning", "2025-05-12", penalty_id="SECOND")
MANY = judged(
    "2025-05-30",
    org(),
    reports(2020, 2021, 2022),
    report(2023, filed="2024-06-10", filing_id="LATE"),
    ORDER,
    penalty("warning", "2025-04-07", penalty_id="FIRST"),
    SECOND,
    penalty("fine", "2025-05-12", amount=50_000.0, penalty_id="FINE"),
)


def clauses(found: Statutory, ground: str) -> pd.DataFrame:
    (flag_id,) = found.flags.loc[found.flags["ground"] == ground, "flag_id"]
    return found.clauses.loc[found.clauses["flag_id"] == flag_id]


@pytest.mark.parametrize(
    ("ground", "terms"),
    [
        ("AL-01", [["deadline_passed", "filed_late"]]),
        ("AL-03", [["order_issued", "deadline_passed", "not_finished"]]),
        ("AL-05a", [["warning"], ["warning"]]),
        ("SL-04", [["fine"]]),
        ("SL-05", [["first_penalty", "second_penalty"]]),
    ],
)
def test_a_flag_is_the_or_of_its_facts_and_each_the_and_of_its_clauses(ground: str, terms: list[list[str]]) -> None:
    told = clauses(MANY, ground)
    assert [part["code"].tolist() for _, part in told.groupby("term", sort=True)] == terms
    assert told["result"].all()


@pytest.mark.parametrize(
    ("ground", "value", "records", "zh", "en"),
    [
        (
            "AL-01",
            "year=2023; deadline=2024-05-31",
            ["filings:LATE"],
            "2023年度工作报告的期限2024-05-31已过",
            "of 2023 has passed",
        ),
        ("AL-03", "issued=2024-01-08", ["inspections:ORDER"], "2024-01-08发出整改文书", "issued on 2024-01-08"),
        (
            "SL-04",
            "day=2025-05-12; amount=50,000; large_fine=50,000",
            ["penalties:FINE"],
            "罚款50,000元",
            "a fine of 50,000 yuan",
        ),
        ("SL-05", "first=2025-04-07", ["penalties:FIRST", "penalties:SECOND"], "第一次", "a first time on 2025-04-07"),
    ],
)
def test_a_clause_names_value_record_and_result(ground: str, value: str, records: list[str], zh: str, en: str) -> None:
    first = clauses(MANY, ground).iloc[0]
    assert first["value"] == value
    assert sorted(first["records"]) == records
    assert zh in first["text_zh"]
    assert en in first["text_en"]


def test_no_sentence_has_a_hole() -> None:
    told = MANY.clauses[["text_zh", "text_en"]].stack()
    assert not told.str.contains(r"[{}]|nan|NaT|None").any()


def test_what_is_in_doubt_is_said() -> None:
    letters = [inspection("special_letter", day, outcome="unsigned") for day in ("2025-05-05", "2025-05-20")]
    found = judged("2025-05-30", org(), reports(*range(2020, 2025)), letters)
    told = clauses(found, "AL-06").iloc[0]
    assert found.flags["provisional"].all()
    assert "（待核实：" in told["text_zh"]
    assert "(provisional: " in told["text_en"]


def test_members_and_the_trace_of_a_decision() -> None:
    found = judged("2025-05-30", clean(), ORDER, listing("2024-02-20", "AL-03", listing_id="L"), SECOND)
    assert found.members.to_dict("records") == [
        {"org_id": A, "list": "abnormal", "listed_on": pd.Timestamp("2024-02-20"), "ground": "AL-03"}
    ]
    assert clauses(found, "AL-03")["text_en"].tolist() == ["listed on the abnormal list on 2024-02-20, ground AL-03"]
    assert clauses(found, "AL-05a")["code"].tolist() == ["warning", "on_list"]


def acts(found: Statutory, ground: str, status: str) -> list[tuple[str, str]]:
    flags = found.flags.loc[(found.flags["ground"] == ground) & (found.flags["status"] == status), "flag_id"]
    told = found.remedies.loc[found.remedies["flag_id"].isin(flags)]
    return [(act, f"{day:%Y-%m-%d}") for act, day in zip(told["act"], told["from_day"], strict=True)]


def test_lawful_acts() -> None:
    today = "2025-05-30"
    assert acts(MANY, "AL-01", "recommend_listing") == [("file_report", today)]
    assert acts(MANY, "AL-03", "recommend_listing") == [("rectify", today)]
    assert acts(MANY, "AL-05a", "recommend_listing") == [("wait", "2025-11-12")]
    assert acts(MANY, "SL-05", "recommend_listing") == [("wait", "2027-05-12")]


def test_a_removal_is_applied_for_and_what_has_passed_has_no_act() -> None:
    off = judged("2025-05-30", clean(), penalty("suspension", "2023-05-20"), listing("2023-05-20", "SL-03"))
    assert acts(off, "SL-03", "recommend_removal") == [("apply_for_removal", "2025-05-30")]
    assert acts(off, "SL-03", "listed") == []
    passed = judged("2025-11-12", clean(), SECOND)
    assert acts(passed, "AL-05a", "attention") == []


def publication(day: str, kind: str, decided: str, *more: Record) -> tuple[str, str, str, str, str]:
    amount = {"amount": 60_000.0} if kind == "fine" else {}
    found = judged(day, clean(last=2025), penalty(kind, decided, penalty_id="P", **amount), *more).repairs
    if found.empty:
        return ("", "", "", "", "")
    (row,) = found.itertuples()
    days = ["" if pd.isna(one) else f"{one:%Y-%m-%d}" for one in (row.repairable_from, row.ends_on, row.repaired_on)]
    return (row.regime, str(found["class"].iloc[0]), *days)


@pytest.mark.parametrize(
    ("day", "kind", "told"),
    [
        ("2023-04-30", "warning", ("", "", "", "", "")),
        ("2023-05-01", "warning", ("REPAIR_2023", "minor", "2023-06-30", "2026-03-31", "")),
        ("2026-03-31", "fine", ("REPAIR_2023", "general", "2023-06-30", "2026-03-31", "")),
        ("2026-04-01", "warning", ("REPAIR_2026", "minor", "2023-03-31", "2023-06-30", "")),
        ("2026-04-01", "fine", ("REPAIR_2026", "general", "2023-06-30", "2024-03-31", "")),
        ("2026-04-01", "registration_revoked", ("REPAIR_2026", "serious", "2024-03-31", "2026-03-31", "")),
        ("2026-04-01", "court_dishonest", ("", "", "", "", "")),
    ],
)
def test_the_publication_of_a_penalty_by_the_regime_in_force(day: str, kind: str, told: tuple[str, ...]) -> None:
    assert publication(day, kind, "2023-03-31") == told


def test_a_repair_ends_the_publication_and_not_the_listing() -> None:
    repair = exemption("repair", "P", "2025-04-01")
    assert publication("2025-05-30", "suspension", "2025-01-10", repair)[-1] == "2025-04-01"
    stays = judged(
        "2025-05-30",
        clean(),
        penalty("suspension", "2025-01-10", penalty_id="P"),
        listing("2025-01-12", "SL-03"),
        repair,
    )
    assert set(stays.flags.loc[stays.flags["flag"] == "serious_dishonesty_list", "status"]) == {"listed"}


def test_another_word_for_the_lists_is_refused() -> None:
    with pytest.raises(UsageError, match="decided"):
        judged("2025-05-30", org(), lists="guessed")


def test_the_rulebook_follows_the_day() -> None:
    assert "## SL-01 " in rulebook("2018-01-24")
    assert "## SL-01 " not in rulebook("2018-01-23")
