"""Money in and out: heavy-tailed amounts, habitual counterparties, and the odd things that disorder brings.

Each organisation has a small circle of payers and payees it deals with again and again (drawn with falling odds along
the circle). Disorder raises the odds of related parties, of accounts that were never filed and of cash.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .causes import Causes
from .clock import END, Ints, Texts, chance, keys, month_of
from .knowledge import amend, frame, lag
from .population import Population

PURPOSES = np.array(
    [
        "donation", "membership_fee", "service_fee", "government_purchase", "grant",
        "charitable_spending", "management", "staff_pay", "investment", "loan", "transfer", "other",
    ],
    dtype=object,
)  # fmt: skip
_INCOMING = 5
_MIX = np.array(
    [
        [0.06, 0.24, 0.12, 0.06, 0.02, 0.16, 0.14, 0.13, 0.01, 0.004, 0.026, 0.03],
        [0.04, 0.00, 0.33, 0.12, 0.02, 0.14, 0.14, 0.16, 0.01, 0.004, 0.016, 0.02],
        [0.40, 0.00, 0.02, 0.02, 0.04, 0.33, 0.06, 0.06, 0.03, 0.004, 0.016, 0.02],
    ]
)
_KINDS = np.array(["person", "enterprise", "organization", "government", "bank", "unknown"], dtype=object)
_PARTNER_MIX = {
    "donation": (0.35, 0.55, 0.08, 0, 0, 0.02), "membership_fee": (0.1, 0.88, 0.02, 0, 0, 0),
    "service_fee": (0.55, 0.38, 0.05, 0, 0, 0.02), "government_purchase": (0, 0, 0, 1, 0, 0),
    "grant": (0, 0.1, 0.5, 0.4, 0, 0), "charitable_spending": (0.3, 0.35, 0.33, 0, 0, 0.02),
    "management": (0.05, 0.9, 0.02, 0, 0.02, 0.01), "staff_pay": (1, 0, 0, 0, 0, 0),
    "investment": (0, 0.4, 0, 0, 0.6, 0), "loan": (0.3, 0.6, 0.1, 0, 0, 0),
    "transfer": (0.1, 0.5, 0.35, 0, 0, 0.05), "other": (0.3, 0.5, 0.1, 0, 0.05, 0.05),
}  # fmt: skip


def draw_flows(population: Population, causes: Causes, seed: int, flows_per_org: float) -> pd.DataFrame:
    """The table ``fund_flows``; ``flows_per_org`` is the mean over organisations present for the whole decade."""
    rng = chance(seed, "fund_flows")
    owner = _owners(population, causes, rng, flows_per_org)
    count = len(owner)
    until = np.minimum(np.minimum(causes.ended, causes.dormant), END + 1)
    first = population.seen + 20
    booked = first[owner] + (rng.random(count) * np.maximum(until - first, 1)[owner]).astype(np.int64)
    booked = np.minimum(booked, until[owner] - 1)
    disorder = causes.disorder[owner, month_of(booked)]
    purpose = _pick(rng, _MIX[population.kind[owner]])
    incoming = (purpose < _INCOMING) | ((purpose >= 10) & (rng.random(count) < 0.4))
    kind = _pick(rng, np.array([_PARTNER_MIX[p] for p in PURPOSES])[purpose])
    related = rng.random(count) < 0.012 * np.exp(np.clip(0.7 * disorder, -2, 3)) * np.isin(kind, (0, 1, 2))
    odd = rng.random(count)
    account = np.where(odd < 0.004 * np.exp(np.clip(0.9 * disorder, -3, 3)), 1, np.where(odd > 0.985, 2, 0))
    flows = frame(
        {
            "flow_id": keys("SIM-F", count),
            "org_id": population.org_id[owner],
            "booked_on": booked,
            "direction": np.array(["out", "in"], dtype=object)[incoming.astype(np.int64)],
            "amount": _amounts(population, causes, owner, booked, rng),
            "counterparty_id": _partners(population, owner, kind, rng),
            "counterparty_kind": _KINDS[kind],
            "is_related_party": related,
            "purpose": PURPOSES[purpose],
            "account": np.array(["registered", "unregistered", "cash"], dtype=object)[account],
            "recorded_at": booked + lag(rng, count, 8.0, 1),
        },
        "flow_id",
    )
    return amend(flows, rng, "flow_id", "amount", 0.003)


def _owners(population: Population, causes: Causes, rng: np.random.Generator, flows_per_org: float) -> Ints:
    until = np.minimum(np.minimum(causes.ended, causes.dormant), END + 1)
    share = np.clip((until - population.seen - 20) / (END - population.seen.min()), 0, 1)
    busy = np.exp(np.clip(0.35 * population.size, -1.5, 1.5)) * rng.gamma(2.0, 0.5, len(population))
    mean = flows_per_org * share * busy / max(float(np.mean(busy)), 1e-9)
    return np.repeat(np.arange(len(population)), rng.poisson(mean))


def _pick(rng: np.random.Generator, shares: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Ints:
    edges = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)[:, :-1]
    drawn: Ints = (rng.random(len(shares))[:, None] >= edges).sum(axis=1).astype(np.int64)
    return drawn


def _amounts(
    population: Population, causes: Causes, owner: Ints, booked: Ints, rng: np.random.Generator
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Log-normal with a fat tail; round thousands are common; stress makes sums smaller. At least one yuan."""
    spread = rng.standard_t(6, len(owner)) * 1.1
    level = 10.3 + 0.9 * population.size[owner] - 0.25 * causes.stress[owner, month_of(booked)]
    amount = np.exp(np.clip(level + spread, 3, 18.5))
    rounded = rng.random(len(owner)) < 0.4
    return np.maximum(np.where(rounded, np.round(amount, -3), np.round(amount, 2)), 1.0)


def _partners(population: Population, owner: Ints, kind: Ints, rng: np.random.Generator) -> Texts:
    """Members of the owner's own circle of twelve a kind; organisations are drawn from the register itself."""
    place = np.minimum(rng.geometric(0.28, len(owner)) - 1, 11)
    number = (owner * 6 + kind) * 12 + place
    scattered = (number * 2_654_435_761) % 4_294_967_291
    person = np.char.add("SIM-P", (scattered % 9_999_991).astype(np.str_))
    enterprise = np.char.add("SIM-E", (scattered % 9_999_991).astype(np.str_))
    other = (owner + 1 + scattered % max(len(population) - 1, 1)) % len(population)
    government = np.array([f"SIM-GOV-{i}" for i in range(20)], dtype=object)[scattered % 20]
    bank = np.array([f"SIM-BANK-{i}" for i in range(12)], dtype=object)[scattered % 12]
    out = np.full(len(owner), None, dtype=object)
    for code, values in enumerate((person, enterprise, population.org_id[other], government, bank)):
        chosen = kind == code
        out[chosen] = values[chosen]
    return out
