"""Small registers for the tests of records."""

from __future__ import annotations

from typing import Any

import pandas as pd
from stdnum.cn import uscc

from sorg_risk.records import Source, open


def code(number: int) -> str:
    """A valid code of a social organisation of Shenzhen."""
    body = f"51440300{number:09d}"
    return body + uscc.calc_check_digit(body)


A, B, C = code(1), code(2), code(3)


def organizations(*org_ids: str, recorded_at: str = "2020-01-01") -> pd.DataFrame:
    return pd.DataFrame({"org_id": list(org_ids), "status": "active", "recorded_at": recorded_at})


def source(org_ids: tuple[str, ...] = (A, B), **tables: list[dict[str, Any]]) -> Source:
    frames = {"organizations": organizations(*org_ids)}
    return open(frames | {name: pd.DataFrame(rows) for name, rows in tables.items()})


def penalty(key: str = "p1", org_id: str = A, recorded_at: str = "2021-01-01", **more: Any) -> dict[str, Any]:
    plain = {"penalty_id": key, "org_id": org_id, "kind": "fine", "decided_on": "2020-06-01"}
    return {**plain, "recorded_at": recorded_at, **more}
