"""What the authority decided: both lists, the steps before a decision, grades, certificates, objections and repairs.

The authority lists some of the grounds, months late, and removes after the cause is gone. Only organisations with a
ground are walked one by one; everything else is drawn at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from .causes import Causes
from .clock import END, FAR, FISCAL_YEARS, NONE, chance, keys, month_of
from .filings import Reports
from .knowledge import frame, lag, versions
from .population import Population

_SERIOUS = {"suspension": "SL-03", "court_dishonest": "SL-06", "certificate_revoked": "SL-07"}
_TWO_YEARS = 731


@dataclass(frozen=True, order=True)
class _Ground:
    org: int
    decided: int
    ground: str
    serious: bool
    cured: int
    refers: str
    fact: int


@dataclass(frozen=True)
class _Decision:
    org: int
    list_name: str
    action: str
    decided: int
    ground: str


def draw_listings(
    population: Population,
    reports: Reports,
    penalties: pd.DataFrame,
    inspections: pd.DataFrame,
    causes: Causes,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables ``listings`` and ``procedures``."""
    rng = chance(seed, "listings")
    grounds = sorted(
        [
            *_late_reports(reports, rng),
            *_penalised(population, penalties, rng),
            *_unrectified(population, inspections, rng),
        ]
    )
    grounds = [g for g in grounds if g.decided < min(END, int(causes.ended[g.org]) + 1 + 60 * (g.ground == "SL-07"))]
    decisions = [d for _, group in groupby(grounds, key=lambda g: g.org) for d in _list_history(list(group), rng)]
    decisions = [d for d in decisions if d.decided <= END and (d.decided < causes.ended[d.org] or d.ground == "SL-07")]
    count = len(decisions)
    listings = frame(
        {
            "listing_id": keys("SIM-L", count),
            "org_id": population.org_id[[d.org for d in decisions]] if count else np.array([], dtype=object),
            "list": _texts(d.list_name for d in decisions),
            "action": _texts(d.action for d in decisions),
            "decided_on": np.array([d.decided for d in decisions], dtype=np.int64),
            "ground": _texts(d.ground for d in decisions),
            "recorded_at": np.array([d.decided for d in decisions], dtype=np.int64) + lag(rng, count, 1.5),
        },
        "listing_id",
    )
    return listings, _procedures(population, [g for g in grounds if g.ground in ("AL-01", "AL-03")], rng)


def _texts(values: Iterator[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
    return np.array(list(values), dtype=object)


def _late_reports(reports: Reports, rng: np.random.Generator) -> Iterator[_Ground]:
    """Two of three late reports are listed after notice and statement, unless they came in before."""
    for org, year in np.argwhere(reports.late).tolist():
        due, accepted = int(reports.due[org, year]), int(reports.accepted[org, year])
        decided = due + 45 + int(rng.exponential(40))
        cured = accepted if accepted != NONE else FAR
        if rng.random() < 0.8 and cured > decided:
            yield _Ground(org, decided, "AL-01", False, cured, f"AL-01:{FISCAL_YEARS[year]}", due + 1)


def _penalised(population: Population, penalties: pd.DataFrame, rng: np.random.Generator) -> Iterator[_Ground]:
    rows = penalties[~penalties["penalty_id"].duplicated() & (penalties["kind"] != "confiscation")]
    place = pd.Index(population.org_id).get_indexer(pd.Index(rows["org_id"]))
    known = rows["recorded_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
    facts = rows["decided_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    for org, day, fact, kind, amount, key in zip(
        place, known, facts, rows["kind"], rows["amount"], rows["penalty_id"], strict=True
    ):
        ground = _SERIOUS.get(kind) or ("AL-05a" if kind == "warning" else "SL-04" if amount >= 50_000 else "AL-05b")
        decided, serious = int(day) + 5 + int(rng.exponential(20)), ground.startswith("SL")
        cured = FAR if ground == "SL-07" else decided + (_TWO_YEARS if serious else 184)
        if rng.random() < 0.85:
            yield _Ground(int(org), decided, ground, serious, cured, key, int(fact))


def _unrectified(population: Population, inspections: pd.DataFrame, rng: np.random.Generator) -> Iterator[_Ground]:
    orders = inspections[inspections["kind"] == "rectification_order"].drop_duplicates("inspection_id", keep="last")
    place = pd.Index(population.org_id).get_indexer(pd.Index(orders["org_id"]))
    deadline = orders["deadline_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    done = orders["completed_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    for org, due, finished, key in zip(
        place.tolist(), deadline.tolist(), done.tolist(), orders["inspection_id"], strict=True
    ):
        cured = finished if finished != NONE else FAR
        decided = due + 40 + int(rng.exponential(30))
        if cured > decided and rng.random() < 0.7:
            yield _Ground(org, decided, "AL-03", False, cured, key, due + 1)


def _list_history(grounds: list[_Ground], rng: np.random.Generator) -> Iterator[_Decision]:
    """The decisions on one organisation, each list on its own; two full years on the first lead to the second."""
    serious = [g for g in grounds if g.serious]
    for spell in _spells([g for g in grounds if not g.serious]):
        yield from _entries(spell, "abnormal")
        last, cured = spell[-1].decided, max(g.cured for g in spell)
        removed = max(cured, last) + 15 + int(rng.exponential(25))
        transfer = last + _TWO_YEARS + 10 + int(rng.exponential(25))
        if removed < transfer:
            yield _Decision(spell[0].org, "abnormal", "removed", removed, spell[-1].ground)
        else:
            yield _Decision(spell[0].org, "abnormal", "removed", transfer, spell[-1].ground)
            serious.append(
                _Ground(
                    spell[0].org, transfer, "SL-01", True, FAR if cured == FAR else transfer + _TWO_YEARS, "", transfer
                )
            )
    for spell in _spells(sorted(serious)):
        yield from _entries(spell, "serious_dishonesty")
        cured = max(g.cured for g in spell)
        if cured < FAR:
            yield _Decision(
                spell[0].org, "serious_dishonesty", "removed", cured + 20 + int(rng.exponential(60)), spell[-1].ground
            )


def _spells(grounds: list[_Ground]) -> Iterator[list[_Ground]]:
    """Grounds that follow each other while the organisation is (nearly) still on the list belong to one stay."""
    spell: list[_Ground] = []
    for ground in grounds:
        if (spell and ground.decided > max(g.cured for g in spell) + 200) or (
            spell and ground.decided > spell[-1].decided + _TWO_YEARS
        ):
            yield spell
            spell = []
        spell.append(ground)
    if spell:
        yield spell


def _entries(spell: list[_Ground], list_name: str) -> Iterator[_Decision]:
    for place, ground in enumerate(spell):
        yield _Decision(ground.org, list_name, "relisted" if place else "listed", ground.decided, ground.ground)


def _procedures(population: Population, grounds: list[_Ground], rng: np.random.Generator) -> pd.DataFrame:
    """Notice, its receipt and in a third of the cases a statement, all before the decision to list."""
    rows = []
    for ground in grounds:
        sent = ground.fact + 5 + int(rng.integers(0, 10))
        rows += [(ground, "notice_sent", sent), (ground, "notice_received", sent + 4)]
        if rng.random() < 0.33:
            rows += [(ground, "statement_received", sent + 12), (ground, "verified", sent + 22)]
    done = np.array([r[2] for r in rows], dtype=np.int64)
    return frame(
        {
            "procedure_id": keys("SIM-PR", len(rows)),
            "org_id": _texts(population.org_id[r[0].org] for r in rows),
            "list": np.full(len(rows), "abnormal", dtype=object),
            "ground": _texts(r[0].ground for r in rows),
            "refers_to": _texts(r[0].refers for r in rows),
            "step": _texts(r[1] for r in rows),
            "done_on": done,
            "author": np.full(len(rows), "SIM-OFFICER", dtype=object),
            "expires_on": np.full(len(rows), NONE),
            "recorded_at": done + lag(rng, len(rows), 1.0),
        },
        "procedure_id",
    )


def draw_assessments(population: Population, causes: Causes, seed: int) -> pd.DataFrame:
    """The table ``assessments``: a third hold a grade, renewed after five years; a few are withdrawn."""
    rng = chance(seed, "assessments")
    owner = np.repeat(np.flatnonzero(rng.random(len(population)) < 0.35), 2)
    second = np.tile((0, 1), len(owner) // 2)
    begin = population.seen + 400 + rng.integers(0, 900, len(population))
    granted = begin[owner] + second * 1830
    keep = granted < np.minimum(np.minimum(causes.ended, causes.dormant), END)[owner]
    owner, granted = owner[keep], granted[keep]
    count = len(owner)
    level = np.clip(np.round(3.3 - 0.5 * causes.disorder[owner, month_of(granted)] + rng.normal(0, 0.8, count)), 1, 5)
    columns = {
        "assessment_id": keys("SIM-AS", count),
        "org_id": population.org_id[owner],
        "grade": _texts(f"{int(x)}A" for x in level),
        "granted_on": granted,
        "expires_on": granted + 5 * 365 + 1,
        "withdrawn_on": np.full(count, NONE),
        "recorded_at": granted + lag(rng, count, 5.0),
    }
    withdrawn = granted + rng.integers(200, 1500, count)
    known = np.where(rng.random(count) < 0.04, withdrawn + 3, END + 1)
    later = {**columns, "withdrawn_on": withdrawn, "recorded_at": known}
    return versions(frame(columns, "assessment_id"), frame(later, "assessment_id"), "assessment_id")


def draw_exemptions(population: Population, reports: Reports, penalties: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The table ``exemptions``: certificates for late reports, objections to penalties and repairs after them."""
    rng = chance(seed, "exemptions")
    late = np.argwhere(reports.late & (rng.random(reports.late.shape) < 0.03))
    objected = penalties[~penalties["penalty_id"].duplicated() & (rng.random(len(penalties)) < 0.06)]
    org = [*population.org_id[late[:, 0]], *objected["org_id"]]
    refers = [*(f"AL-01:{FISCAL_YEARS[year]}" for year in late[:, 1]), *objected["penalty_id"]]
    fact = np.concatenate(
        [
            reports.due[late[:, 0], late[:, 1]],
            objected["recorded_at"].to_numpy().astype("datetime64[D]").astype(np.int64),
        ]
    )
    count = len(org)
    asked = rng.choice(np.array(["objection", "repair"], dtype=object), len(objected), p=(0.6, 0.4))
    decided = fact + rng.integers(20, 90, count)
    return frame(
        {
            "exemption_id": keys("SIM-EX", count),
            "org_id": np.array(org, dtype=object),
            "kind": np.concatenate([np.full(len(late), "no_direct_responsibility", dtype=object), asked]),
            "refers_to": np.array(refers, dtype=object),
            "decided_on": decided,
            "outcome": rng.choice(
                np.array(["granted", "rejected", "pending"], dtype=object), count, p=(0.3, 0.55, 0.15)
            ),
            "recorded_at": decided + lag(rng, count, 2.0),
        },
        "exemption_id",
    )
