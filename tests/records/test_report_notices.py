"""The table of notices belongs to no organisation: read whole by every view, through files, ledger and portions; two clocks as anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import sorg_risk as sr
from sorg_risk.law.worked import SSI, given, org, reports
from sorg_risk.records.ledger import Ledger
from sorg_risk.records.ledger.wide import WideSource

from .made import A

NOTICES = pd.DataFrame(
    [
        {"notice_id": "N1", "authority": "4403", "fiscal_year": 2025, "due_on": "2026-07-31", "recorded_at": "2026-06-15"},
        {"notice_id": "N1", "fiscal_year": 2025, "recorded_at": "2026-07-20", "voided": True},
        {"notice_id": "N2", "authority": "44x", "fiscal_year": 2025, "due_on": "2026-08-31", "recorded_at": "2026-01-05"},
        {"notice_id": "N3", "due_on": "2026-08-31", "recorded_at": "2026-01-05"},
        {"notice_id": "N4", "fiscal_year": 2024, "due_on": "2025-07-31", "recorded_at": "2025-06-15"},
        {"notice_id": "N4", "fiscal_year": 2024, "due_on": "2025-08-31", "recorded_at": "2025-06-15"},
    ]
)  # fmt: skip
ROWS = given(org(), org(SSI), reports(*range(2020, 2025)), reports(*range(2020, 2025), of=SSI))
FRAMES = {name: pd.DataFrame(rows) for name, rows in ROWS.items()} | {"report_notices": NOTICES}


def sources(folder: Path) -> dict[str, sr.records.Source]:
    ledger = Ledger.open(folder)
    ledger.bring(FRAMES)
    return {
        "frames": sr.open(FRAMES),
        "ledger": ledger.at().source,
        "wide": WideSource(ledger.at(), held=lambda rows, _: rows.head(0)),
    }


@pytest.mark.parametrize("kind", ["frames", "ledger", "wide"])
def test_notices_stand_from_the_day_of_recording_until_they_are_taken_back(tmp_path, kind):
    source = sources(tmp_path)[kind]
    standing = {day: source.as_of(day).table("report_notices")["notice_id"].tolist() for day in ("2026-06-14", "2026-06-15", "2026-07-20")}  # fmt: skip
    assert standing == {"2026-06-14": [], "2026-06-15": ["N1"], "2026-07-20": []}
    part = source.as_of("2026-06-30").restricted_to([A])
    assert part.table("report_notices")["notice_id"].tolist() == ["N1"]
    assert source.as_of("2026-06-30").last_recorded.isoformat() == "2026-06-15"


@pytest.mark.parametrize("kind", ["frames", "ledger", "wide"])
def test_what_cannot_be_read_must_not_bind_everyone(tmp_path, kind):
    view = sources(tmp_path)[kind].as_of("2026-06-30")
    found = view.quarantine.loc[view.quarantine["table"] == "report_notices", ["primary_key", "column", "rule"]]
    assert found.to_numpy().tolist() == [
        ["N2", "authority", "not_a_division"],
        ["N3", "fiscal_year", "missing_required"],
        ["N4", "notice_id", "version_conflict"],
        ["N4", "notice_id", "version_conflict"],
    ]
    counts = view.counts.set_index("table").loc["report_notices"].tolist()
    assert counts[:3] == [6, 2, 4]


@pytest.mark.parametrize("kind", ["frames", "ledger", "wide"])
def test_the_digest_of_the_notices_is_part_of_the_decision(tmp_path, kind):
    source = sources(tmp_path)[kind]
    digests = {day: source.as_of(day).digests()["report_notices"] for day in ("2026-06-14", "2026-06-15", "2026-06-16")}
    assert digests["2026-06-14"] != digests["2026-06-15"] == digests["2026-06-16"]
    assert digests["2026-06-15"] == sr.open(FRAMES).as_of("2026-06-15").digests()["report_notices"]


@pytest.mark.parametrize("kind", ["frames", "ledger", "wide"])
def test_the_law_reads_a_notice_from_the_day_it_was_known(tmp_path, kind):
    source = sources(tmp_path)[kind]

    def listed(day: str) -> list[str]:
        flags = sr.apply_law(source.as_of(day))
        return flags.loc[flags["ground"] == "AL-01", "since"].dt.strftime("%Y-%m-%d").tolist()

    assert listed("2026-06-14") == ["2026-06-02"] * 2
    assert listed("2026-06-15") == listed("2026-07-19") == []
    assert listed("2026-07-20") == ["2026-06-02"] * 2


def test_a_night_publishes_by_the_notices_and_counts_them(tmp_path):
    sr.nightly(FRAMES, as_of="2026-06-30", out=tmp_path / "out")
    run = tmp_path / "out" / (tmp_path / "out" / "CURRENT").read_text(encoding="utf-8").strip()
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    counts = manifest["delivery"]["tables"]["report_notices"]
    assert [counts[name] for name in ("read", "accepted", "quarantined")] == [6, 2, 4]
    assert "report_notices" in manifest["decision"]["tables"]
    assert "AL-01" not in pd.read_parquet(run / "flags.parquet")["ground"].tolist()
