"""Complaints, inspections and penalties: what the authority hears, finds and decides."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr

from .causes import Causes, check_chance, penalty_chance, problem_chance, unrectified_chance
from .clock import END, MONTH_STARTS, NONE, Bools, Floats, Ints, chance, keys, month_of
from .knowledge import frame, lag, versions
from .population import Population

CATEGORIES = np.array(["fee", "service", "governance", "finance", "fraud", "disclosure", "other"], dtype=object)
_CHANNELS = np.array(["hotline", "letter", "visit", "online", "transfer", "media"], dtype=object)
_TEXTS = np.array(
    [
        "（模拟）反映收费项目不明、收费偏高", "（模拟）反映服务质量与承诺不符",
        "（模拟）反映负责人任职和决策程序不规范",
        "（模拟）反映资金使用去向不清", "（模拟）反映以组织名义骗取钱款", "（模拟）反映应公开信息未公开",
        "（模拟）其他反映事项",
    ],
    dtype=object,
)  # fmt: skip


def _events(rng: np.random.Generator, rate: Floats) -> tuple[Ints, Ints]:
    """Owners and days of events that come at monthly rates (orgs, 120)."""
    counts = rng.poisson(rate)
    owner, month = np.nonzero(counts)
    times = counts[owner, month]
    owner, month = np.repeat(owner, times), np.repeat(month, times)
    start, end = MONTH_STARTS[month], MONTH_STARTS[month + 1]
    return owner.astype(np.int64), start + (rng.random(len(owner)) * (end - start)).astype(np.int64)


def draw_complaints(population: Population, causes: Causes, seed: int) -> pd.DataFrame:
    """The table ``complaints``: received in a first version, closed with a verdict in a second."""
    rng = chance(seed, "complaints")
    start = MONTH_STARTS[:-1][None, :]
    there = (population.seen[:, None] + 30 <= start) & (
        np.minimum(causes.ended, causes.dormant + 400)[:, None] > start + 31
    )
    owner, received = _events(rng, np.exp(-4.3 + 0.7 * causes.disorder + 0.25 * population.size[:, None]) * there)
    count = len(owner)
    disorder = causes.disorder[owner, month_of(received)]
    category = rng.choice(len(CATEGORIES), count, p=(0.2, 0.3, 0.14, 0.12, 0.05, 0.07, 0.12))
    closed = received + 5 + np.minimum(rng.exponential(40, count), 300).astype(np.int64)
    columns = {
        "complaint_id": keys("SIM-C", count),
        "org_id": population.org_id[owner],
        "received_on": received,
        "channel": rng.choice(_CHANNELS, count, p=(0.42, 0.1, 0.06, 0.3, 0.09, 0.03)),
        "category": CATEGORIES[category],
        "text": _TEXTS[category],
        "severity": np.clip(np.round(2.2 + 0.5 * disorder + rng.normal(0, 0.9, count)), 1, 5),
        "substantiated": pd.array([None] * count, dtype="boolean"),
        "closed_on": np.full(count, NONE),
        "recorded_at": received + lag(rng, count, 3.0),
    }
    verdict = rng.random(count) < np.asarray(ndtr(-0.7 + 0.45 * disorder))
    known = np.where(rng.random(count) < 0.93, closed + lag(rng, count, 3.0), END + 1)
    second = {**columns, "closed_on": closed, "substantiated": verdict, "recorded_at": known}
    return versions(frame(columns, "complaint_id"), frame(second, "complaint_id"), "complaint_id")


def draw_inspections(population: Population, causes: Causes, seed: int) -> pd.DataFrame:
    """The table ``inspections``: checks by lot, the orders they lead to, party-duty checks, special letters."""
    rng = chance(seed, "inspections")
    owner, issued = _events(rng, check_chance(population, causes))
    disorder = causes.disorder[owner, month_of(issued)]
    problem = rng.random(len(owner)) < problem_chance(disorder)
    checks = {
        "inspection_id": keys("SIM-SC", len(owner)),
        "org_id": population.org_id[owner],
        "kind": np.full(len(owner), "spot_check", dtype=object),
        "issued_on": issued,
        "outcome": np.where(problem, "problem", "clean").astype(object),
        "completed_on": issued,
        "recorded_at": issued + lag(rng, len(owner), 4.0),
    }
    orders = _orders(population, owner[problem], issued[problem], disorder[problem], rng)
    parts = [frame(checks, "inspection_id"), orders, _letters(population, causes, rng), _party(population, causes, rng)]
    return pd.concat(parts, ignore_index=True).sort_values(
        ["inspection_id", "recorded_at"], kind="stable", ignore_index=True
    )


def _orders(
    population: Population, owner: Ints, found: Ints, disorder: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    count = len(owner)
    issued = found + rng.integers(10, 30, count)
    deadline = issued + rng.choice((30, 60, 90), count)
    failed: Bools = rng.random(count) < unrectified_chance(disorder)
    done = np.where(
        failed, deadline + 20 + rng.exponential(120, count).astype(np.int64), deadline - rng.integers(0, 25, count)
    )
    known = np.where(failed & (rng.random(count) < 0.25), END + 1, done + lag(rng, count, 1.0))
    columns = {
        "inspection_id": keys("SIM-RO", count),
        "org_id": population.org_id[owner],
        "kind": np.full(count, "rectification_order", dtype=object),
        "issued_on": issued,
        "deadline_on": deadline,
        "outcome": np.full(count, None, dtype=object),
        "completed_on": np.full(count, NONE),
        "recorded_at": issued + lag(rng, count, 2.0),
    }
    second = {
        **columns,
        "outcome": np.full(count, "accepted", dtype=object),
        "completed_on": done,
        "recorded_at": known,
    }
    return versions(frame(columns, "inspection_id"), frame(second, "inspection_id"), "inspection_id")


def _letters(population: Population, causes: Causes, rng: np.random.Generator) -> pd.DataFrame:
    """Two special letters to half of the dormant a year on, both unsigned; single signed ones to a few others."""
    silent = np.flatnonzero(
        (causes.dormant + 365 < np.minimum(causes.ended, END)) & (rng.random(len(population)) < 0.5)
    )
    first = causes.dormant[silent] + 365 + rng.integers(0, 200, len(silent))
    awake = np.flatnonzero(rng.random(len(population)) < 0.02)
    reached = np.maximum(population.seen[awake] + 60, 0) + (rng.random(len(awake)) * 900).astype(np.int64)
    owner = np.concatenate([silent, silent, awake])
    issued = np.concatenate([first, first + rng.integers(16, 30, len(silent)), reached])
    signed = np.arange(len(owner)) >= 2 * len(silent)
    keep = issued < np.minimum(causes.ended[owner], END - 30)
    owner, issued, signed = owner[keep], issued[keep], signed[keep]
    completed = issued + rng.integers(3, 12, len(owner))
    return frame(
        {
            "inspection_id": keys("SIM-SL", len(owner)),
            "org_id": population.org_id[owner],
            "kind": np.full(len(owner), "special_letter", dtype=object),
            "issued_on": issued,
            "outcome": np.where(signed, "signed", "unsigned").astype(object),
            "completed_on": completed,
            "recorded_at": completed + lag(rng, len(owner), 2.0),
        },
        "inspection_id",
    )


def _party(population: Population, causes: Causes, rng: np.random.Generator) -> pd.DataFrame:
    """Party-duty checks: every fifth organisation once; nearly all meet the duty, the unmet are met a year later."""
    owner = np.flatnonzero(
        (rng.random(len(population)) < 0.2) & (np.minimum(causes.ended, causes.dormant) > population.seen + 600)
    )
    issued = population.seen[owner] + rng.integers(60, 500, len(owner))
    unmet = rng.random(len(owner)) < 0.01
    owner = np.concatenate([owner, owner[unmet]])
    met = np.concatenate([~unmet, np.ones(int(unmet.sum()), dtype=bool)])
    issued = np.concatenate([issued, issued[unmet] + 90])
    return frame(
        {
            "inspection_id": keys("SIM-PD", len(owner)),
            "org_id": population.org_id[owner],
            "kind": np.full(len(owner), "party_duty", dtype=object),
            "issued_on": issued,
            "outcome": np.where(met, "met", "unmet").astype(object),
            "completed_on": issued,
            "recorded_at": issued + lag(rng, len(owner), 4.0),
        },
        "inspection_id",
    )


def draw_penalties(population: Population, causes: Causes, seed: int) -> pd.DataFrame:
    """The table ``penalties``: warnings and small fines mostly; some decisions carry a confiscation as a second row.

    Revoked organisations get the decision that ended them.
    """
    rng = chance(seed, "penalties")
    owner, decided = _events(rng, penalty_chance(population, causes))
    kinds = np.array(["warning", "fine", "suspension", "court_dishonest"], dtype=object)
    kind = rng.choice(kinds, len(owner), p=(0.50, 0.34, 0.11, 0.05))
    large = rng.random(len(owner)) < 0.25
    fine = np.where(large, rng.integers(50, 300, len(owner)), rng.integers(2, 50, len(owner))) * 1000.0
    revoked = np.flatnonzero(causes.revoked)
    owner = np.concatenate([owner, revoked])
    decided = np.concatenate([decided, causes.ended[revoked]])
    kind = np.concatenate([kind, np.full(len(revoked), "certificate_revoked", dtype=object)])
    amount = np.where(kind == "fine", np.concatenate([fine, np.zeros(len(revoked))]), np.nan)
    number = keys("SIM-PEN", len(owner))
    decision = keys("SIM-DEC", len(owner))
    also = (kind == "warning") & (rng.random(len(owner)) < 0.15)
    seized = np.round(np.exp(rng.normal(11.0, 1.2, len(owner))), 2)
    columns = {
        "penalty_id": np.concatenate([number, np.array([f"{n}-2" for n in number[also]], dtype=object)]),
        "decision_id": np.concatenate([decision, decision[also]]),
        "org_id": population.org_id[np.concatenate([owner, owner[also]])],
        "decided_on": np.concatenate([decided, decided[also]]),
        "kind": np.concatenate([kind, np.full(int(also.sum()), "confiscation", dtype=object)]),
        "amount": np.concatenate([amount, seized[also]]),
        "authority": np.full(len(owner) + int(also.sum()), "（模拟）深圳市民政局", dtype=object),
        "lifted_on": np.full(len(owner) + int(also.sum()), NONE),
    }
    columns["authority"] = np.where(columns["kind"] == "court_dishonest", "（模拟）人民法院", columns["authority"])
    known = columns["decided_on"] + np.concatenate([x := lag(rng, len(owner), 6.0), x[also]])
    first = frame({**columns, "recorded_at": known}, "penalty_id")
    wait = np.where(columns["kind"] == "suspension", 90, np.where(columns["kind"] == "court_dishonest", 400, 0))
    lifted = {
        **columns,
        "lifted_on": columns["decided_on"] + wait,
        "recorded_at": np.where(wait > 0, known + wait, END + 1),
    }
    return versions(first, frame(lifted, "penalty_id"), "penalty_id")
