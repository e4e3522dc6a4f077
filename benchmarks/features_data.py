"""Made-up flows of many organisations, written as an authority would deliver them: parquet, in the order they came in.

Nothing here is meant to look like a real organisation; only the shape matters to a benchmark. Activity is heavy-tailed,
nearly half of the payments go to habitual counterparties, three per cent of the rows are recorded more than a month late.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FIRST, LAST = dt.date(2021, 1, 1), dt.date(2025, 12, 31)
AS_OF = [dt.date(2024 + n // 12, n % 12 + 1, 28) for n in range(24)]
"""Twenty-four monthly days; the last of them is the one day."""

GROUP_ROWS = 1_000_000
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
_KINDS = ["person", "enterprise", "organization", "government", "bank", "unknown"]
_PURPOSES = [
    *("donation", "membership_fee", "service_fee", "government_purchase", "grant", "charitable_spending"),
    *("management", "staff_pay", "investment", "loan", "transfer", "other"),
]
_ACCOUNTS = ["registered", "unregistered", "cash"]


def folder(orgs: int, flows: int) -> Path:
    """A data source of this size, made once and kept in the temporary folder of the machine."""
    place = Path(tempfile.gettempdir()) / "sorg_risk_benchmark" / f"{orgs}_organisations_{flows}_flows"
    if not (place / "done").exists():
        shutil.rmtree(place, ignore_errors=True)
        (place / "fund_flows").mkdir(parents=True)
        rng = np.random.default_rng(20261031)
        codes = _codes(orgs)
        pq.write_table(_organizations(codes, rng), place / "organizations.parquet")
        _write_flows(place / "fund_flows", codes, flows, rng)
        (place / "done").touch()
    return place


def _codes(count: int) -> pa.Array:
    """Valid credit codes: association, service institution or foundation of Shenzhen."""
    number = np.arange(count)
    digits = np.zeros((count, 18), np.int64)
    digits[:, 0], digits[:, 1] = 5, 1 + number % 3
    digits[:, 2:8] = [4, 4, 0, 3, 0, 4]
    for place in range(8):
        digits[:, 15 - place] = number // 10**place % 10
    digits[:, 17] = (31 - digits[:, :17] @ np.array(_WEIGHTS) % 31) % 31
    return pa.array(["".join(_LETTERS[n] for n in row) for row in digits])


def _organizations(codes: pa.Array, rng: np.random.Generator) -> pa.Table:
    count = len(codes)
    types = np.array(["association", "service_institution", "foundation"])[np.arange(count) % 3]
    born = np.datetime64("2005-01-01") + rng.integers(0, 5400, count)
    columns = {"org_id": codes, "org_type": types, "registered_on": born, "recorded_at": born + 1}
    return pa.table({**columns, "district": ["440304"] * count, "status": ["active"] * count})


def _write_flows(place: Path, codes: pa.Array, rows: int, rng: np.random.Generator) -> None:
    activity = rng.lognormal(0.0, 1.0, len(codes))
    share = np.cumsum(activity) / activity.sum()
    for number, start in enumerate(range(0, rows, GROUP_ROWS)):
        size = min(GROUP_ROWS, rows - start)
        part = _flows(codes, share, start, size, rows, rng)
        pq.write_table(part, place / f"part-{number:04d}.parquet", compression="snappy")


def _flows(codes: pa.Array, share: np.ndarray, start: int, size: int, rows: int, rng: np.random.Generator) -> pa.Table:
    """Some flows: their event days follow each other from file to file."""
    span = (LAST - FIRST).days
    place = np.sort(rng.random(size)) * size + start
    booked = np.datetime64(FIRST) + (place * span / rows).astype(np.int64)
    late = np.where(rng.random(size) < 0.03, rng.integers(31, 200, size), rng.integers(0, 5, size))
    org = np.minimum(np.searchsorted(share, rng.random(size)), len(codes) - 1)
    habitual = rng.random(size) < 0.45
    other = np.where(habitual, org * 8 + rng.integers(0, 8, size), 10_000_000 + rng.integers(0, 2_000_000, size))
    fen = np.rint(np.exp(rng.normal(11.5, 2.0, size))).astype(np.int64) + 1
    fen = np.where(rng.random(size) < 0.1, (fen // 1_000_000 + 1) * 1_000_000, fen)
    words = {
        "direction": (["in", "out"], rng.integers(0, 2, size)),
        "counterparty_kind": (_KINDS, rng.integers(0, len(_KINDS), size)),
        "purpose": (_PURPOSES, rng.integers(0, len(_PURPOSES), size)),
        "account": (_ACCOUNTS, rng.choice(3, size, p=[0.9, 0.04, 0.06])),
    }
    return pa.table(
        {
            "flow_id": pa.array(np.char.add("F", np.char.zfill(np.arange(start, start + size).astype(str), 9))),
            "org_id": codes.take(pa.array(org)),
            "booked_on": booked,
            "direction": _said(*words["direction"]),
            "amount": fen / 100,
            "counterparty_id": pa.array(np.char.add("C", other.astype(str))),
            "counterparty_kind": _said(*words["counterparty_kind"]),
            "is_related_party": rng.random(size) < 0.05,
            "purpose": _said(*words["purpose"]),
            "account": _said(*words["account"]),
            "recorded_at": booked + late,
        }
    )


def _said(words: list[str], which: np.ndarray) -> pa.Array:
    return pa.array(words).take(pa.array(which))
