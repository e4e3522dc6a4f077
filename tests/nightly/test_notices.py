"""A night that reads notices on reports: its flags name them, and it can be made again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from sorg_risk.nightly import Published
from sorg_risk.nightly.replay import replay

ORG = "51440300000000001M"
TABLES = {
    "organizations": pd.DataFrame(
        {
            "org_id": [ORG],
            "name": ["甲"],
            "org_type": ["association"],
            "status": ["active"],
            "registered_on": ["2023-06-01"],
            "recorded_at": ["2023-06-01"],
        }
    ),
    "report_notices": pd.DataFrame(
        {
            "notice_id": ["N1", "N2"],
            "authority": ["4403", "4403"],
            "fiscal_year": [2025, 2025],
            "due_on": ["2026-04-15", "2026-05-20"],
            "recorded_at": ["2026-01-10", "2026-04-20"],
        }
    ),
}
"""The second notice, known after the day of the first had passed, sets a later day."""


def evidence(run: Published) -> list[str]:
    flags = run.table("flags")
    (records,) = flags.loc[flags["ground"] == "AL-01", "evidence"]
    return [record for record in records if record.startswith("report_notices:")]


def test_flags_name_the_notice_known_on_the_day_and_the_nights_can_be_made_again(
    night: Callable[..., Published], tmp_path: Path
) -> None:
    filed = pd.DataFrame(
        {
            "filing_id": ["R3", "R4"],
            "org_id": [ORG, ORG],
            "kind": ["annual_report"] * 2,
            "fiscal_year": [2023, 2024],
            "filed_on": ["2024-03-01", "2025-03-01"],
            "accepted_on": ["2024-03-01", "2025-03-01"],
            "recorded_at": ["2024-03-01", "2025-03-01"],
        }
    )
    runs = [night(tmp_path, day, {**TABLES, "filings": filed}) for day in ("2026-04-16", "2026-04-20", "2026-05-21")]
    assert evidence(runs[0]) == ["report_notices:N1"]
    assert "AL-01" not in set(runs[1].table("flags")["ground"])
    assert evidence(runs[2]) == ["report_notices:N2"]
    for run in runs:
        assert replay(tmp_path, run.run_id).same
