"""Why things go wrong: two hidden quantities that drift, and the chances that follow from them.

*Disorder* (how badly an organisation is governed) and *stress* (how short of money it is) are sums of a lasting part
and a part that fades over months. No table shows them; they only shift the chances of late reports, complaints,
penalties and odd flows. A few organisations fall dormant for good. ``year_ahead`` is therefore the true risk:
what a reader who knew every cause, and not the dice, would say.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtr

from ..calendar.reports import day_numbers, known_lines, report_days, stamps
from .clock import FAR, FISCAL_YEARS, MONTH_STARTS, MONTHS, NONE, Bools, Floats, Ints, chance, month_of
from .population import TYPES, Population

_FADE = 0.97
_RULING_DELAY = 3
"""Months from a spot check to the deadline of the order it leads to."""


@dataclass(frozen=True)
class Causes:
    """What lies behind the tables.

    ``disorder`` and ``stress``: (orgs, 120) standard scores by month; ``dormant``: day of falling dormant or ``FAR``;
    ``ended``: day of leaving the register or ``FAR``; ``revoked``: whether that was by revocation; ``lasting``:
    (2, orgs) the part of disorder and of stress that never fades."""

    disorder: Floats
    stress: Floats
    dormant: Ints
    ended: Ints
    revoked: Bools
    lasting: Floats


def draw_causes(population: Population, seed: int) -> Causes:
    """Draw the hidden quantities and the two ways out: dormancy and leaving the register."""
    rng = chance(seed, "causes")
    orgs = len(population)
    disorder, lasting_disorder = _drift(rng, orgs, lasting=0.75)
    stress, lasting_stress = _drift(rng, orgs, lasting=0.5)
    first = population.seen
    leaning = np.clip(np.exp(0.8 * disorder.mean(axis=1) - 0.3), 0.1, 6.0)
    dormant = first + 400 + (rng.exponential(1.0, orgs) / leaning * 365 * 240).astype(np.int64)
    leaves = first + 600 + (rng.exponential(1.0, orgs) * 365 * 70).astype(np.int64)
    struck = rng.random(orgs) < 0.6
    fall = dormant + rng.integers(900, 1900, orgs)
    ended = np.where(struck, np.minimum(leaves, fall), leaves)
    revoked = struck & (fall <= leaves)
    last = MONTH_STARTS[-1]
    dormant = np.where(dormant < np.minimum(ended, last), dormant, FAR)
    ended = np.where(ended < last - 30, ended, FAR)
    place = population.stories
    disorder[place], stress[place], dormant[place], ended[place] = 0.0, 0.0, FAR, FAR
    return Causes(
        disorder, stress, dormant, ended, revoked & (ended < FAR), np.stack([lasting_disorder, lasting_stress])
    )


def _drift(rng: np.random.Generator, orgs: int, lasting: float) -> tuple[Floats, Floats]:
    fading = np.sqrt(1 - lasting**2)
    path = np.empty((orgs, MONTHS))
    path[:, 0] = rng.normal(0, fading, orgs)
    shocks = rng.normal(0, fading * np.sqrt(1 - _FADE**2), (orgs, MONTHS))
    for month in range(1, MONTHS):
        path[:, month] = _FADE * path[:, month - 1] + shocks[:, month]
    level = rng.normal(0, lasting, orgs)
    return path + level[:, None], level


def foreseen(causes: Causes, on: int) -> Causes:
    """The causes as they stand on a day, carried on as they may be expected: what fades fades, nobody new falls out."""
    month = int(month_of(np.array([on]))[0])
    fade = _FADE ** np.maximum(np.arange(MONTHS) - month, 0)
    paths = []
    for path, level in zip((causes.disorder, causes.stress), causes.lasting, strict=True):
        ahead = level[:, None] + (path[:, month] - level)[:, None] * fade
        paths.append(np.where(np.arange(MONTHS) <= month, path, ahead))
    dormant = np.where(causes.dormant <= on, causes.dormant, FAR)
    ended = np.where(causes.ended <= on, causes.ended, FAR)
    return replace(causes, disorder=paths[0], stress=paths[1], dormant=dormant, ended=ended)


def due_days(population: Population) -> Ints:
    """(orgs, 10) last day for the annual report of fiscal years 2016 to 2025, for those who owe it and those who do not."""
    return _days_by_law(population, np.zeros(len(population), dtype=np.int64))


def owes_report(population: Population, causes: Causes) -> Bools:
    """(orgs, 10) whether a report is owed: registered in time for the fiscal year, still there on the due day."""
    owed = _days_by_law(population, population.registered) != NONE
    return np.asarray(owed & (causes.ended[:, None] > due_days(population)))


def _days_by_law(population: Population, registered: Ints) -> Ints:
    """(orgs, 10) when the annual reports are due by the calendar of the law, ``NONE`` where none is owed."""
    orgs = pd.DataFrame(
        {
            "org_type": TYPES[population.kind],
            "authority": population.district,
            "is_charity": population.charity,
            "is_industry_association": population.industry,
            "registered_on": stamps(registered),
        }
    )
    place = np.repeat(np.arange(len(orgs)), len(FISCAL_YEARS))
    due = report_days(orgs, place, np.tile(FISCAL_YEARS, len(orgs)), known_lines(pd.DataFrame(), dt.date.max))
    return day_numbers(due["due_on"]).reshape(len(orgs), -1)


def late_chance(population: Population, causes: Causes) -> Floats:
    """(orgs, 10) chance that the report is not in order on the due day; certain once dormant."""
    due = due_days(population)
    month = month_of(due)
    rows = np.arange(len(population))[:, None]
    index = (
        -2.15
        + 0.62 * causes.disorder[rows, month]
        + 0.30 * causes.stress[rows, month]
        - 0.08 * population.size[:, None]
    )
    return np.where(causes.dormant[:, None] < due - 60, 1.0, ndtr(index))


def penalty_chance(population: Population, causes: Causes) -> Floats:
    """(orgs, 120) chance of a penalty in each month."""
    rate = np.exp(-7.5 + 0.85 * causes.disorder + 0.3 * causes.stress + 0.15 * population.size[:, None])
    return np.minimum(rate, 0.5) * _there(population, causes)


def check_chance(population: Population, causes: Causes) -> Floats:
    """(orgs, 120) chance of a spot check in each month: by lot, a little more often where there was trouble."""
    return np.exp(-5.3 + 0.2 * causes.disorder) * _there(population, causes)


def problem_chance(disorder: Floats) -> Floats:
    """Chance that a spot check finds a problem and leads to a rectification order."""
    return np.asarray(ndtr(-0.8 + 0.6 * disorder))


def unrectified_chance(disorder: Floats) -> Floats:
    """Chance that the order is not fulfilled by its deadline."""
    return np.asarray(ndtr(-0.7 + 0.5 * disorder))


def _there(population: Population, causes: Causes) -> Floats:
    start, end = MONTH_STARTS[:-1][None, :], MONTH_STARTS[1:][None, :]
    until = np.minimum(causes.ended, causes.dormant)
    return ((population.seen[:, None] + 60 <= start) & (until[:, None] >= end)).astype(np.float64)


def year_ahead(population: Population, causes: Causes, on: int) -> Floats:
    """True chance of each organisation to give a new listing ground in the 365 days after day ``on``.

    Length ``orgs``; NaN where the organisation is not on the register that day.
    """
    due = due_days(population)
    ahead = owes_report(population, causes) & (due + 1 > on) & (due + 1 <= on + 365)
    spared = np.prod(1 - np.where(ahead, late_chance(population, causes), 0.0), axis=1)
    failing = check_chance(population, causes) * problem_chance(causes.disorder) * unrectified_chance(causes.disorder)
    first = int(month_of(np.array([on + 1]))[0])
    spared *= np.prod(1 - penalty_chance(population, causes)[:, first : first + 12], axis=1)
    spared *= np.prod(1 - failing[:, max(first - _RULING_DELAY, 0) : first - _RULING_DELAY + 12], axis=1)
    there = (population.seen <= on) & (causes.ended > on)
    return np.where(there, 1 - spared, np.nan)


def expected_auc(risk: Floats, score: Floats | None = None) -> float:
    """AUC to be expected of a score when every event comes with its true chance ``risk``; ties count half.

    Without a score the chances themselves rank: the ceiling for every model. Organisations with NaN are left out.

    >>> round(expected_auc(np.array([0.1, 0.1, 0.9])), 3)
    0.94
    """
    p = risk[~np.isnan(risk)]
    ranked = p if score is None else score[~np.isnan(risk)]
    _, level = np.unique(ranked, return_inverse=True)
    spared = np.bincount(level, 1 - p)
    below = np.cumsum(spared) - spared
    wins = float(np.sum(p * (below[level] + (spared[level] - (1 - p)) / 2)))
    pairs = float(p.sum() * (1 - p).sum() - np.sum(p * (1 - p)))
    return wins / pairs if pairs > 0 else 0.5
