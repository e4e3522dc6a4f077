"""Three planted stories with a known end, told in the same rows whatever the seed.

* **Pass-through foundation**: large gifts come in and leave within three days to related parties, month after month; every fourth goes to its
  own chair.
* **Zombie association**: no flow, no activity, no annual report since fiscal year 2021; two letters come back unsigned.
* **Fee scandal**: an industry association with six fee tiers set without a secret ballot, thirty complaints about fees
  in the last year, a rectification order not fulfilled, a fine of 30,000 yuan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import pandas as pd

from .clock import END, FISCAL_YEARS, NONE, day
from .knowledge import frame
from .population import Population

Rows: TypeAlias = dict[str, list[dict[str, Any]]]
KEYS = {
    "filings": "filing_id",
    "complaints": "complaint_id",
    "fund_flows": "flow_id",
    "penalties": "penalty_id",
    "inspections": "inspection_id",
    "positions": "position_id",
    "listings": "listing_id",
    "procedures": "procedure_id",
}


CHAIR = "SIM-PST11"
"""The chair of the pass-through foundation, as `_chief` numbers the officers."""


def plant(tables: dict[str, pd.DataFrame], population: Population) -> dict[str, Any]:
    """Replace whatever chance gave the three organisations by their stories; returns the answers.

    The row of each in ``organizations`` stays, and so does what belongs to no organisation.
    """
    places = [str(code) for code in population.org_id[population.stories]]
    tellers: tuple[Callable[[str], tuple[Rows, dict[str, Any]]], ...] = (_pass_through, _zombie, _fee_scandal)
    told = [teller(code) for teller, code in zip(tellers, places, strict=True)]
    for name, table in tables.items():
        if name == "organizations" or "org_id" not in table:
            continue
        rows = [row for story, _ in told for row in story.get(name, [])]
        kept = table[~table["org_id"].isin(places)]
        tables[name] = _joined(kept, rows, name)
    return {answer.pop("story"): answer for _, answer in told}


def _joined(kept: pd.DataFrame, rows: list[dict[str, Any]], name: str) -> pd.DataFrame:
    if not rows:
        return kept.reset_index(drop=True)
    columns: dict[str, list[Any]] = {column: [] for column in dict.fromkeys(c for row in rows for c in row)}
    for row in rows:
        for column, values in columns.items():
            values.append(row.get(column, NONE if column.endswith("_on") else None))
    planted = frame(
        {c: _numbers(v) if not c.endswith("_on") and c != "recorded_at" else v for c, v in columns.items()}, KEYS[name]
    )
    full = planted.reindex(columns=kept.columns)
    full = full.astype({column: kept[column].dtype for column in kept.columns})
    return pd.concat([kept, full], ignore_index=True).sort_values(
        [KEYS[name], "recorded_at"], kind="stable", ignore_index=True
    )


def _numbers(values: list[Any]) -> Any:
    present = [v for v in values if v is not None]
    if present and all(isinstance(v, int | float) and not isinstance(v, bool) for v in present):
        return [float("nan") if v is None else float(v) for v in values]
    return (
        pd.array(values, dtype="boolean")
        if all(isinstance(v, bool) for v in present)
        else pd.array(values, dtype="str")
    )


def _report(code: str, year: int, number: int, **figures: Any) -> Iterable[dict[str, Any]]:
    """An annual report in time, and its acceptance as a later version."""
    filed = day(f"{year + 1}-03-10")
    row = {
        "filing_id": f"SIM-ST{number}-AR{year}", "org_id": code, "kind": "annual_report", "fiscal_year": year,
        "filed_on": filed, "recorded_at": filed + 1, "staff": 6, "party_members": 1, "has_party_organization": False,
        "supervisors": 1, "council_meetings": 2, "activities_held": 6, "related_directors": 0, "paid_directors": 0,
        **figures,
    }  # fmt: skip
    return [row, {**row, "accepted_on": filed + 20, "recorded_at": filed + 21}]


def _chief(code: str, number: int, started: str, term_ends: str) -> list[dict[str, Any]]:
    return [
        {
            "position_id": f"SIM-ST{number}-PO{i}", "person_id": f"SIM-PST{number}{i}", "org_id": code, "role": role,
            "started_on": day(started), "term_ends_on": day(term_ends), "is_official": False, "is_paid": False,
            "birth_year": 1962 + i, "recorded_at": max(day(started) + 9, day("2016-11-20")),
        }
        for i, role in enumerate(("legal_representative", "chair", "secretary_general", "supervisor"))
    ]  # fmt: skip


def _flow(
    code: str, number: int, serial: int, booked: int, direction: str, amount: float, **more: Any
) -> dict[str, Any]:
    return {
        "flow_id": f"SIM-ST{number}-F{serial:04d}", "org_id": code, "booked_on": booked, "direction": direction,
        "amount": amount, "is_related_party": False, "account": "registered", "recorded_at": booked + 4, **more,
    }  # fmt: skip


def _pass_through(code: str) -> tuple[Rows, dict[str, Any]]:
    months = pd.date_range("2025-01-15", "2026-10-15", freq="MS", inclusive="both")
    flows = []
    for n, start in enumerate(months):
        booked, amount = day(start.strftime("%Y-%m-%d")) + 9, 800_000.0 + 50_000 * (n % 5)
        payer = f"SIM-E90{n % 3}"
        payee, kind = (CHAIR, "person") if n % 4 == 3 else (f"SIM-E95{n % 2}", "enterprise")
        flows += [
            _flow(
                code, 1, 2 * n, booked, "in", amount, counterparty_id=payer, counterparty_kind="enterprise",
                purpose="donation",
            ),
            _flow(
                code, 1, 2 * n + 1, booked + 2, "out", amount - 8_000, counterparty_id=payee,
                counterparty_kind=kind, purpose="transfer", is_related_party=True,
            ),
        ]  # fmt: skip
    reports = [
        row
        for year in FISCAL_YEARS.tolist()
        for row in _report(
            code, year, 1, total_income=11_000_000, donation_income=10_800_000, total_spending=10_700_000,
            charitable_spending=300_000, management_fee=150_000, staff_pay=100_000, office_cost=30_000,
            net_assets=2_300_000, total_assets=2_600_000, registered_capital_now=2_000_000, directors=7,
        )
    ]  # fmt: skip
    answer = {
        "story": "pass_through_foundation",
        "org_id": code,
        "finding": "money in and out again within three days, to related parties and its own chair",
        "pairs": len(months),
        "days_between": 2,
        "share_passed_on": 0.99,
        "expected_rules": ["MO-10", "MO-11"],
        "expected_flags": [],
    }
    return {"fund_flows": flows, "filings": reports, "positions": _chief(code, 1, "2023-05-01", "2027-05-01")}, answer


def _zombie(code: str) -> tuple[Rows, dict[str, Any]]:
    reports = [
        row
        for year in range(2016, 2021)
        for row in _report(
            code, year, 2, total_income=40_000, total_spending=38_000, net_assets=35_000, total_assets=36_000,
            members=60, directors=5, fee_income=40_000, activities_held=1, council_meetings=1, staff=1, party_members=0,
        )
    ]  # fmt: skip
    letters = [
        {
            "inspection_id": f"SIM-ST2-SL{n}", "org_id": code, "kind": "special_letter", "issued_on": day(sent),
            "outcome": "unsigned", "completed_on": day(sent) + 8, "recorded_at": day(sent) + 10,
        }
        for n, sent in enumerate(("2023-09-04", "2023-09-24"))
    ]  # fmt: skip
    listing = {
        "listing_id": "SIM-ST2-L1", "org_id": code, "list": "abnormal", "action": "listed",
        "decided_on": day("2022-09-15"), "ground": "AL-01", "recorded_at": day("2022-09-16"),
    }  # fmt: skip
    again = {
        **listing, "listing_id": "SIM-ST2-L2", "action": "relisted", "decided_on": day("2023-11-01"),
        "ground": "AL-06", "recorded_at": day("2023-11-02"),
    }  # fmt: skip
    answer = {
        "story": "zombie_association",
        "org_id": code,
        "finding": "no report since fiscal year 2021, no flow, no activity, unreachable",
        "missing_fiscal_years": [2021, 2022, 2023, 2024, 2025],
        "expected_rules": ["AL-01", "AL-06", "AN-07", "SL-01", "ZO-02"],
        "expected_flags": ["abnormal_list", "serious_dishonesty_list", "exit_candidate"],
    }
    positions = _chief(code, 2, "2016-06-01", "2020-06-01")
    return {"filings": reports, "inspections": letters, "listings": [listing, again], "positions": positions}, answer


def _fee_scandal(code: str) -> tuple[Rows, dict[str, Any]]:
    reports = [
        row
        for year in FISCAL_YEARS.tolist()
        for row in _report(
            code, year, 3, total_income=4_800_000, fee_income=4_200_000, total_spending=4_500_000, net_assets=1_900_000,
            total_assets=2_100_000, registered_capital_now=30_000, members=480, directors=21, fee_tiers=6,
            fee_by_secret_ballot=False,
        )
    ]  # fmt: skip
    schedule = {
        "filing_id": "SIM-ST3-FE1", "org_id": code, "kind": "fee_schedule", "filed_on": day("2025-08-18"),
        "accepted_on": day("2025-08-18"), "fee_tiers": 6, "fee_by_secret_ballot": False,
        "recorded_at": day("2025-08-20"),
    }  # fmt: skip
    complaints: list[dict[str, Any]] = [
        {
            "complaint_id": f"SIM-ST3-C{n:03d}", "org_id": code, "received_on": END - 360 + 12 * n,
            "channel": ("hotline", "online", "letter")[n % 3], "category": "fee",
            "text": "（模拟）反映会费分六档、强制入会、只收费不服务", "severity": 4, "recorded_at": END - 358 + 12 * n,
        }
        for n in range(30)
    ]  # fmt: skip
    complaints += [
        {**row, "substantiated": True, "closed_on": row["received_on"] + 45, "recorded_at": row["received_on"] + 47}
        for row in complaints[:20]
    ]
    order = {
        "inspection_id": "SIM-ST3-RO1", "org_id": code, "kind": "rectification_order", "issued_on": day("2026-05-11"),
        "deadline_on": day("2026-08-11"), "recorded_at": day("2026-05-12"),
    }  # fmt: skip
    penalty = {
        "penalty_id": "SIM-ST3-PEN1", "decision_id": "SIM-ST3-DEC1", "org_id": code, "decided_on": day("2026-09-10"),
        "kind": "fine", "amount": 30_000, "authority": "（模拟）深圳市市场监督管理局", "recorded_at": day("2026-09-15"),
    }  # fmt: skip
    flows = [
        _flow(
            code, 3, n, END - 700 + 7 * n, "in" if n % 5 else "out", 42_000.0 + 500 * (n % 9),
            counterparty_id=f"SIM-E80{n % 10}", counterparty_kind="enterprise",
            purpose="membership_fee" if n % 5 else "management",
        )
        for n in range(100)
    ]  # fmt: skip
    answer = {
        "story": "fee_scandal",
        "org_id": code,
        "finding": "six fee tiers, no secret ballot, thirty fee complaints in a year, an order not fulfilled, a fine",
        "complaints": 30,
        "fee_tiers": 6,
        "expected_rules": ["AL-03", "AL-05b", "FE-01", "FE-02"],
        "expected_flags": ["abnormal_list"],
    }
    tables: Rows = {
        "filings": [*reports, schedule], "complaints": complaints, "inspections": [order], "penalties": [penalty],
        "fund_flows": flows, "positions": _chief(code, 3, "2024-03-01", "2028-03-01"),
    }  # fmt: skip
    return tables, answer
