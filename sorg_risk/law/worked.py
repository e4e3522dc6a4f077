"""Rows for worked cases: short builders, so that a case reads as its story.

>>> case = given(org(), penalty("warning", "2025-05-12"))
>>> case["penalties"][0]["kind"], case["organizations"][0]["org_type"]
('warning', 'association')
"""

from __future__ import annotations

from itertools import count
from typing import Any, Final

A: Final = "51440300000000001M"
"""An association registered in Shenzhen; the builders mean it unless told otherwise."""
SSI: Final = "52440300000000001J"
FD: Final = "53440300000000001F"
ELSEWHERE: Final = "513304000000000010"
OF_TYPE: Final = {"51": "association", "52": "service_institution", "53": "foundation"}

Record = tuple[str, dict[str, Any]]
Rows = dict[str, list[dict[str, Any]]]
_KEYS = {
    "filings": "filing_id",
    "fund_flows": "flow_id",
    "penalties": "penalty_id",
    "inspections": "inspection_id",
    "positions": "position_id",
    "listings": "listing_id",
    "assessments": "assessment_id",
    "exemptions": "exemption_id",
    "procedures": "procedure_id",
}


def given(*records: Record | list[Record]) -> Rows:
    """Rows by table; every row gets a key of its own unless it names one, and counts as known when its last event happened."""
    tables: Rows = {}
    numbers = count(1)
    for record in records:
        for table, row in record if isinstance(record, list) else [record]:
            key = {_KEYS[table]: f"{table[:3].upper()}{next(numbers)}"} if table in _KEYS else {}
            tables.setdefault(table, []).append({**key, **row})
    return tables


def org(of: str = A, registered: str = "2020-01-08", **more: Any) -> Record:
    """An organisation of the type its code names, neither charity nor industry association."""
    plain = {"org_id": of, "org_type": OF_TYPE[of[:2]], "registered_on": registered, "status": "active"}
    flags = dict.fromkeys(("is_charity", "has_public_fundraising", "is_industry_association"), False)
    return "organizations", {**plain, **flags, "recorded_at": registered, **more}


def report(year: int, of: str = A, filed: str | None = None, **more: Any) -> Record:
    """The annual report of a year, filed in March and accepted; ``filed``: another day, not accepted."""
    days = {"filed_on": f"{year + 1}-03-10", "accepted_on": f"{year + 1}-03-25", "recorded_at": f"{year + 1}-03-25"}
    if filed is not None:
        days = {"filed_on": filed, "recorded_at": filed}
    return "filings", {"org_id": of, "kind": "annual_report", "fiscal_year": year, **days, **more}


def reports(*years: int, of: str = A, **more: Any) -> list[Record]:
    """The annual reports of several years."""
    return [report(year, of, **more) for year in years]


def clean(of: str = A, registered: str = "2020-01-08", last: int = 2024, **more: Any) -> list[Record]:
    """An organisation that filed every report up to a year."""
    years = range(int(registered[:4]), last + 1)
    return [org(of, registered, **more), *reports(*years, of=of)]


def filing(kind: str, filed: str | None, of: str = A, **more: Any) -> Record:
    """Any other filing."""
    known = more.pop("recorded_at", filed or more.get("due_on"))
    return "filings", {"org_id": of, "kind": kind, "filed_on": filed, "recorded_at": known, **more}


def penalty(kind: str, day: str, of: str = A, **more: Any) -> Record:
    """A penalty, known on the day of the decision."""
    return "penalties", {"org_id": of, "kind": kind, "decided_on": day, "recorded_at": day, **more}


def inspection(kind: str, issued: str, of: str = A, outcome: str | None = None, **more: Any) -> Record:
    """An inspection, an order or a letter."""
    known = more.pop("recorded_at", more.get("completed_on") or issued)
    return "inspections", {
        "org_id": of,
        "kind": kind,
        "issued_on": issued,
        "outcome": outcome,
        "recorded_at": known,
        **more,
    }


def listing(day: str, ground: str, action: str = "listed", of: str = A, on: str = "", **more: Any) -> Record:
    """A decision on a list; which one, the ground tells unless ``on`` does."""
    which = on or ("serious_dishonesty" if ground.startswith("SL") else "abnormal")
    row = {"org_id": of, "list": which, "action": action, "decided_on": day, "ground": ground, "recorded_at": day}
    return "listings", {**row, **more}


def exemption(kind: str, refers_to: str, day: str, of: str = A, outcome: str = "granted", **more: Any) -> Record:
    """A certificate, an objection or a repair."""
    row = {
        "org_id": of,
        "kind": kind,
        "refers_to": refers_to,
        "decided_on": day,
        "outcome": outcome,
        "recorded_at": day,
    }
    return "exemptions", {**row, **more}


def post(role: str, of: str = A, person: str = "P1", started: str = "2022-03-01", **more: Any) -> Record:
    """A position held since a day."""
    return "positions", {
        "org_id": of,
        "person_id": person,
        "role": role,
        "started_on": started,
        "recorded_at": started,
        **more,
    }


def flow(day: str, amount: float, direction: str = "out", of: str = A, **more: Any) -> Record:
    """A fund flow on the registered account."""
    row = {"org_id": of, "booked_on": day, "direction": direction, "amount": amount, "account": "registered"}
    return "fund_flows", {**row, "recorded_at": day, **more}


def step(name: str, day: str, ground: str, of: str = A, on: str = "abnormal", **more: Any) -> Record:
    """A procedural step."""
    row = {"org_id": of, "list": on, "ground": ground, "step": name, "done_on": day, "recorded_at": day}
    return "procedures", {**row, **more}


def assessment(grade: str, granted: str, of: str = A, **more: Any) -> Record:
    """A grade assessment."""
    return "assessments", {"org_id": of, "grade": grade, "granted_on": granted, "recorded_at": granted, **more}
