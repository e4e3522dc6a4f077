"""Who holds office, and when elections come: positions by term, election filings, changes of registration."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .causes import Causes
from .clock import END, NONE, Bools, Ints, chance, keys, month_of
from .knowledge import frame, lag, versions
from .population import FOUNDATION, Population

_ROLES = np.array(
    ["legal_representative", "chair", "secretary_general", "supervisor", "finance", "party_secretary", "director"],
    dtype=object,
)
_SEATS = np.array([0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6])
_TERMS = 4
_TERM_DAYS = 4 * 365


def draw_offices(population: Population, causes: Causes, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table ``positions`` and the ``election`` rows of ``filings``.

    Terms last four years. Elections come within weeks of the term's end, months or years late where disorder rules.
    """
    rng = chance(seed, "positions")
    held = _elections(population, causes, rng)
    positions = _positions(population, causes, held, rng)
    org, term = np.nonzero(held[:, 1:] < np.minimum(causes.ended, END)[:, None])
    day = held[org, term + 1]
    elections = frame(
        {
            "filing_id": keys("SIM-EL", len(org)),
            "org_id": population.org_id[org],
            "kind": np.full(len(org), "election", dtype=object),
            "filed_on": day + 10,
            "accepted_on": day + 10,
            "recorded_at": day + 10 + lag(rng, len(org), 3.0),
        },
        "filing_id",
    )
    return positions, elections


def _elections(population: Population, causes: Causes, rng: np.random.Generator) -> Ints:
    """(orgs, 4) days on which each term began; the first is that under way when the decade began, or the founding."""
    orgs = len(population)
    age = np.maximum(population.seen - population.registered, 0)
    held = np.empty((orgs, _TERMS), dtype=np.int64)
    held[:, 0] = population.seen - np.where(age > 0, np.minimum(age, rng.integers(0, _TERM_DAYS, orgs)), 0)
    for term in range(1, _TERMS):
        due = held[:, term - 1] + _TERM_DAYS
        disorder = causes.disorder[np.arange(orgs), month_of(due)]
        late = rng.random(orgs) < np.clip(0.04 + 0.05 * disorder, 0.005, 0.4)
        late &= (
            ~population.industry
        )  # an overdue election of theirs would be a ground that the true risk does not count
        held[:, term] = due + np.where(
            late, 60 + rng.exponential(300, orgs).astype(np.int64), -rng.integers(0, 50, orgs)
        )
        held[:, term] = np.where(causes.dormant < held[:, term], END + 4000, held[:, term])
    return held


def _positions(population: Population, causes: Causes, held: Ints, rng: np.random.Generator) -> pd.DataFrame:
    orgs, seats = len(population), len(_SEATS)
    org, term, seat = (a.ravel() for a in np.indices((orgs, _TERMS, seats)))
    started = held[org, term]
    there: Bools = started < np.minimum(causes.ended, END)[org]
    org, term, seat, started = org[there], term[there], seat[there], started[there]
    count = len(org)
    stays = rng.random((orgs, seats, _TERMS)) < 0.7
    generation = np.cumsum(~stays, axis=2)[org, seat, term]
    person = (org * seats + np.where(seat == 1, 0, seat)) * 8 + generation
    shared = rng.random(count) < 0.01
    person = np.where(shared, rng.integers(0, orgs * seats * 8, count), person)
    ending = np.where(term + 1 < _TERMS, held[org, np.minimum(term + 1, _TERMS - 1)], END + 4000)
    ending = np.minimum(ending, causes.ended[org])
    columns = {
        "position_id": keys("SIM-PO", count),
        "person_id": np.char.add("SIM-P", person.astype(np.str_)).astype(object),
        "org_id": population.org_id[org],
        "role": _ROLES[_SEATS[seat]],
        "started_on": started,
        "term_ends_on": started + _TERM_DAYS,
        "ended_on": np.full(count, NONE),
        "is_official": rng.random(count) < 0.004,
        "is_paid": np.where(
            seat == 3, False, rng.random(count) < np.where(seat == 2, 0.6, np.where(seat == 4, 0.5, 0.05))
        ),
        "birth_year": 1950 + (person * 7919) % 45,
        "kin_group": _kin(org, seat, population, rng),
        "recorded_at": np.maximum(started + lag(rng, count, 12.0), population.seen[org] + 5),
    }
    over = np.where(ending < END, ending + lag(rng, count, 12.0, 1), END + 1)
    second = {**columns, "ended_on": ending, "recorded_at": over}
    return versions(frame(columns, "position_id"), frame(second, "position_id"), "position_id")


def _kin(
    org: Ints, seat: Ints, population: Population, rng: np.random.Generator
) -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
    """A few organisations are led by relatives: chair, finance and one director share a group."""
    family = rng.random(len(population)) < np.where(population.kind == FOUNDATION, 0.03, 0.05)
    related = family[org] & np.isin(seat, (1, 4, 6))
    group = np.full(len(org), None, dtype=object)
    group[related] = np.char.add("SIM-K", org[related].astype(np.str_))
    return group
