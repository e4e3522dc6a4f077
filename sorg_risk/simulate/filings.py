"""What organisations hand in: annual reports with their accounts, audits, disclosures, elections, fee schedules.

Accounts follow the booked flows of the year, with a gap that grows with disorder. A report is first known as filed and,
in a second version, as accepted; a returned one says so in between. A report that was never handed in leaves no row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .causes import Causes, due_days, late_chance, owes_report
from .clock import END, FAR, FISCAL_YEARS, NONE, Bools, Floats, Ints, chance, keys, month_of
from .knowledge import frame, lag, versions
from .population import ASSOCIATION, FOUNDATION, Population

_YEARS = len(FISCAL_YEARS)
_CAMPAIGNS = 62
"""As many as fit into the decade at the shortest gap."""


@dataclass(frozen=True)
class Reports:
    """(orgs, 10) the fate of each annual report; ``late``: not in order on the due day; days or ``NONE``."""

    due: Ints
    owed: Bools
    late: Bools
    filed: Ints
    returned: Ints
    accepted: Ints


def draw_reports(population: Population, causes: Causes, seed: int) -> Reports:
    """Decide for every organisation and fiscal year whether and when the annual report came in order."""
    rng = chance(seed, "reports")
    due = due_days(population)
    shape = due.shape
    owed = owes_report(population, causes)
    late = owed & (rng.random(shape) < late_chance(population, causes))
    asleep = causes.dormant[:, None] < due - 60
    punctual = due - np.minimum(rng.exponential(14, shape), 58).astype(np.int64)
    overdue = due + 6 + rng.exponential(110, shape).astype(np.int64)
    fate = rng.random(shape)
    overdue += np.where((fate > 0.74) & (fate <= 0.93), rng.integers(200, 600, shape), 0)
    sent_back = (late & (fate < 0.14)) | (~late & (fate < 0.03))
    never = asleep | (late & (fate > 0.93))
    filed = np.where(late & ~sent_back, overdue, punctual)
    filed = np.where(sent_back, np.minimum(filed, due - 45), filed)
    returned = np.where(sent_back, filed + rng.integers(5, 16, shape), NONE)
    accepted = np.where(sent_back & ~late, returned + rng.integers(8, 25, shape), filed + rng.integers(3, 45, shape))
    accepted = np.where(sent_back & late, overdue + 15, accepted)
    gone = never | ~owed | (filed >= causes.ended[:, None])
    open_end = gone | (accepted >= causes.ended[:, None])
    return Reports(
        due, owed, late,
        np.where(gone, NONE, filed), np.where(gone, NONE, returned), np.where(open_end, NONE, accepted),
    )  # fmt: skip


def draw_filings(
    population: Population, causes: Causes, reports: Reports, flows: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """The table ``filings`` of all kinds, in their versions."""
    rng = chance(seed, "filings")
    annual = _annual(population, causes, reports, flows, rng)
    tables = [
        annual,
        *_companions(population, causes, reports, rng),
        _schedules(population, rng),
        _campaigns(population, causes, rng),
    ]
    return pd.concat(tables, ignore_index=True).sort_values(
        ["filing_id", "recorded_at"], kind="stable", ignore_index=True
    )


def _annual(
    population: Population, causes: Causes, reports: Reports, flows: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    org, year = np.nonzero(reports.filed != NONE)
    filed, returned, accepted, due = (
        a[org, year] for a in (reports.filed, reports.returned, reports.accepted, reports.due)
    )
    count = len(org)
    fiscal = FISCAL_YEARS[year]
    first = {
        "filing_id": keys("SIM-AR", count),
        "org_id": population.org_id[org],
        "kind": np.full(count, "annual_report", dtype=object),
        "fiscal_year": fiscal,
        "due_on": np.where(fiscal == 2018, due, NONE),
        "filed_on": filed,
        "accepted_on": np.full(count, NONE),
        "returned_on": np.full(count, NONE),
        "recorded_at": filed + lag(rng, count, 0.7),
        **_accounts(population, causes, flows, org, year, rng),
    }
    table = frame(first, "filing_id")
    sent_back = returned != NONE
    told = {
        **first,
        "returned_on": returned,
        "recorded_at": np.where(sent_back, returned + lag(rng, count, 0.5), END + 1),
    }
    taken = {
        **told,
        "accepted_on": accepted,
        "recorded_at": np.where(accepted != NONE, accepted + lag(rng, count, 2.0), END + 1),
    }
    table = versions(table, frame(told, "filing_id"), "filing_id")
    return _latest_after(table, frame(taken, "filing_id"))


def _latest_after(table: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Acceptance is recorded after everything else that is known of the same report."""
    latest = table.drop_duplicates("filing_id", keep="last")
    joined = versions(latest, later, "filing_id")
    new = joined[joined["accepted_on"].notna()]
    return pd.concat([table, new], ignore_index=True)


def _accounts(
    population: Population, causes: Causes, flows: pd.DataFrame, org: Ints, year: Ints, rng: np.random.Generator
) -> dict[str, object]:
    """Figures of the report, from the flows of its fiscal year; one entry a report."""
    count = len(org)
    month = month_of(_closing(year))
    disorder, stress = causes.disorder[org, month], causes.stress[org, month]
    booked = _booked(population, flows)
    gap = np.exp(rng.normal(0, 0.03 + 0.05 * np.clip(disorder + 0.5, 0, 3)))
    total_in = booked["in"][org, year] * gap
    total_out = booked["out"][org, year] * np.exp(rng.normal(0, 0.03, count))
    management = booked["management"][org, year] * rng.uniform(0.25, 0.6, count)
    pay = booked["staff_pay"][org, year] * rng.uniform(0.3, 0.7, count)
    kind = population.kind[org]
    floor = np.array([30_000.0, 100_000.0, 2_000_000.0])[kind]
    net = (
        floor
        * np.exp(np.abs(rng.normal(0.8, 0.6, count)) + 0.4 * population.size[org].clip(0))
        * np.exp(-0.2 * stress - 0.25 * (stress > 1.5))
    )
    staff = np.maximum(np.round(np.exp(1.3 + 0.5 * population.size[org] + rng.normal(0, 0.2, count))), 0)
    party = np.minimum(rng.poisson(0.5 + 0.12 * staff), staff)
    directors = np.where(kind == FOUNDATION, rng.integers(5, 16, count), rng.integers(3, 30, count))
    is_member_body = kind == ASSOCIATION
    return {
        "total_income": np.round(total_in, 2),
        "donation_income": np.round(booked["donation"][org, year] * gap, 2),
        "government_income": np.round(booked["government_purchase"][org, year], 2),
        "fee_income": np.round(booked["membership_fee"][org, year] * gap, 2),
        "total_spending": np.round(total_out, 2),
        "charitable_spending": np.round(np.minimum(booked["charitable_spending"][org, year], total_out), 2),
        "management_fee": np.round(np.minimum(management, total_out), 2),
        "fundraising_cost": np.where(population.fundraising[org], np.round(0.015 * total_in, 2), np.nan),
        "staff_pay": np.round(np.minimum(pay, total_out), 2),
        "office_cost": np.round(management * 0.4, 2),
        "total_assets": np.round(net * rng.uniform(1.02, 1.4, count), 2),
        "net_assets": np.round(net, 2),
        "registered_capital_now": floor,
        "staff": staff,
        "members": np.where(is_member_body, population.members[org], np.nan),
        "party_members": party,
        "has_party_organization": (party >= 3) & (rng.random(count) < 0.985),
        "directors": directors,
        "paid_directors": rng.binomial(directors, 0.06),
        "related_directors": rng.binomial(directors, np.clip(0.03 + 0.03 * disorder, 0.0, 0.25)),
        "supervisors": rng.integers(1, 4, count),
        "council_meetings": np.maximum(
            rng.poisson(np.clip(3.2 - 0.4 * disorder, 1.2, 6)), (disorder < 0.8).astype(np.int64) * 2
        ),
        "activities_held": rng.poisson(np.clip(8 - 2 * stress, 1, 20)) + (causes.dormant[org] == FAR),
    }


def _closing(year: Ints) -> Ints:
    return (FISCAL_YEARS[year] + 1 - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64) - 1


def _booked(population: Population, flows: pd.DataFrame) -> dict[str, Floats]:
    """(orgs, 10) sums of the first-known flows by direction and by purpose."""
    rows = flows[~flows["flow_id"].duplicated()]
    place = pd.Index(population.org_id).get_indexer(pd.Index(rows["org_id"]))
    year = rows["booked_on"].dt.year.to_numpy() - FISCAL_YEARS[0]
    inside = year < _YEARS
    amount, cell = rows["amount"].to_numpy(), place * _YEARS + year
    groups = {name: (rows["direction"] == name).to_numpy() for name in ("in", "out")}
    purposes = ("donation", "government_purchase", "membership_fee", "charitable_spending", "management", "staff_pay")
    groups |= {name: (rows["purpose"] == name).to_numpy() for name in purposes}
    size = len(population) * _YEARS
    return {
        name: np.bincount(cell[chosen & inside], amount[chosen & inside], size).reshape(-1, _YEARS).astype(np.float64)
        for name, chosen in groups.items()
    }


def _companions(
    population: Population, causes: Causes, reports: Reports, rng: np.random.Generator
) -> list[pd.DataFrame]:
    """Audits (foundations, charities, a third of the others) and public disclosures (charities) beside the reports."""
    org, year = np.nonzero(reports.filed != NONE)
    disorder = causes.disorder[org, month_of(reports.filed[org, year])]
    draw = rng.random(len(org))
    bad = np.exp(0.6 * disorder)
    opinion = np.select(
        [draw < 0.004 * bad, draw < 0.012 * bad, draw < 0.06 * bad],
        ["adverse", "disclaimer", "qualified"],
        "unqualified",
    ).astype(object)
    audited = (population.kind[org] == FOUNDATION) | population.charity[org] | (rng.random(len(org)) < 0.33)
    audited &= rng.random(len(org)) < 0.97
    shown = population.charity[org] & (rng.random(len(org)) < 0.95)
    return [
        _beside(population, reports, org[audited], year[audited], "audit_report", "SIM-AU", rng, opinion[audited]),
        _beside(population, reports, org[shown], year[shown], "disclosure", "SIM-DI", rng, None),
    ]


def _beside(
    population: Population,
    reports: Reports,
    org: Ints,
    year: Ints,
    kind: str,
    prefix: str,
    rng: np.random.Generator,
    opinion: object,
) -> pd.DataFrame:
    filed = reports.filed[org, year] - rng.integers(0, 20, len(org)) * (kind == "audit_report")
    columns = {
        "filing_id": keys(prefix, len(org)),
        "org_id": population.org_id[org],
        "kind": np.full(len(org), kind, dtype=object),
        "fiscal_year": FISCAL_YEARS[year],
        "filed_on": filed,
        "accepted_on": filed,
        "recorded_at": np.maximum(filed, population.seen[org]) + lag(rng, len(org), 2.0),
    }
    return frame(columns if opinion is None else {**columns, "audit_opinion": opinion}, "filing_id")


def _schedules(population: Population, rng: np.random.Generator) -> pd.DataFrame:
    """Fee schedules of associations: soon after first seen and about four years later; mostly in order."""
    org = np.repeat(np.flatnonzero(population.kind == ASSOCIATION), 2)
    filed = population.seen[org] + rng.integers(30, 400, len(org)) + np.tile((0, 1460), len(org) // 2)
    return frame(
        {
            "filing_id": keys("SIM-FE", len(org)),
            "org_id": population.org_id[org],
            "kind": np.full(len(org), "fee_schedule", dtype=object),
            "filed_on": filed,
            "accepted_on": filed,
            "fee_tiers": rng.choice(7, len(org), p=(0, 0.12, 0.22, 0.36, 0.26, 0.03, 0.01)),
            "fee_by_secret_ballot": rng.random(len(org)) < 0.96,
            "recorded_at": filed + lag(rng, len(org), 3.0),
        },
        "filing_id",
    )


def _campaigns(population: Population, causes: Causes, rng: np.random.Generator) -> pd.DataFrame:
    """Public fundraising campaigns of those allowed to: one in two to five months, so that none lies idle for six."""
    holders = np.flatnonzero(population.fundraising)
    gaps = rng.integers(60, 150, (len(holders), _CAMPAIGNS))
    days = population.seen[holders][:, None] + np.cumsum(gaps, axis=1)
    place, turn = np.nonzero(days < np.minimum(np.minimum(causes.ended, causes.dormant), END)[holders][:, None])
    org, filed = holders[place], days[place, turn]
    return frame(
        {
            "filing_id": keys("SIM-CA", len(org)),
            "org_id": population.org_id[org],
            "kind": np.full(len(org), "fundraising", dtype=object),
            "filed_on": filed,
            "accepted_on": filed,
            "recorded_at": filed + lag(rng, len(org), 3.0),
        },
        "filing_id",
    )
