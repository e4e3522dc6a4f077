"""Small registers for the tests of records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from stdnum.cn import uscc

from sorg_risk.records import Source, open
from sorg_risk.records.ledger import Ledger


def code(number: int) -> str:
    """A valid code of a social organisation of Shenzhen."""
    body = f"51440300{number:09d}"
    return body + uscc.calc_check_digit(body)


A, B, C = code(1), code(2), code(3)
KINDS = ["person", "enterprise", "", "nobody", "government"]
DAY = "2026-01-01"


def organizations(*org_ids: str, recorded_at: str = "2020-01-01") -> pd.DataFrame:
    return pd.DataFrame({"org_id": list(org_ids), "status": "active", "recorded_at": recorded_at})


def source(org_ids: tuple[str, ...] = (A, B), **tables: list[dict[str, Any]]) -> Source:
    frames = {"organizations": organizations(*org_ids)}
    return open(frames | {name: pd.DataFrame(rows) for name, rows in tables.items()})


def penalty(key: str = "p1", org_id: str = A, recorded_at: str = "2021-01-01", **more: Any) -> dict[str, Any]:
    plain = {"penalty_id": key, "org_id": org_id, "kind": "fine", "decided_on": "2020-06-01"}
    return {**plain, "recorded_at": recorded_at, **more}


def flows(rows: int, first: int = 0) -> pd.DataFrame:
    numbers = range(first, first + rows)
    return pd.DataFrame(
        {
            "flow_id": [f"f{number}" for number in numbers],
            "org_id": [(A, B, C, "no code")[number % 4] for number in numbers],
            "booked_on": [f"2025-01-{1 + number % 31:02d}" for number in numbers],
            "direction": ["in" if number % 3 else "out" for number in numbers],
            "amount": [f"{number * 1.25:,.2f}" for number in numbers],
            "counterparty_kind": [KINDS[number % 5] for number in numbers],
            "recorded_at": ["2025-02-30" if number % 17 == 5 else "2025-03-01" for number in numbers],
        }
    )


def same(source: Any, tmp_path: Path, mapping: Path | None = None) -> None:
    """What a source brings into a ledger is what it gives when it is read at once."""
    at_once = open(source, mapping)
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.bring(source, mapping)
    brought = ledger.source()
    pd.testing.assert_frame_equal(brought.counts, at_once.counts)
    pd.testing.assert_frame_equal(brought.quarantine, at_once.quarantine)
    assert brought.as_of(DAY).digests() == at_once.as_of(DAY).digests()
    assert sorted(brought.notices) == sorted(at_once.notices)
    assert brought.files == at_once.files
