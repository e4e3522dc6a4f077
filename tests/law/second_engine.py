"""The two lists read from the articles once more, in plain Python, evening by evening: a second engine to compare the product with.

It knows associations of Shenzhen, the grounds AL-01, AL-03, AL-05, AL-06 and SL-01 to SL-07, both clocks, exemptions, and both ways to know
who is listed. Slow on purpose: what was known on an evening is worked out from the raw rows, one organisation at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from .histories import O60, working_day
from .replay import evenings, months_after

Row = dict[str, Any]
DAY = dt.timedelta(days=1)
KEYS = {
    "organizations": "org_id",
    "filings": "filing_id",
    "penalties": "penalty_id",
    "inspections": "inspection_id",
    "listings": "listing_id",
    "exemptions": "exemption_id",
}
SERIOUS, ABNORMAL = "serious_dishonesty_list", "abnormal_list"
PENALTY = {"warning": "AL-05a", "change_revoked": "SL-02", "suspension": "SL-03"}


class Fact(NamedTuple):
    """A ground as known on an evening. ``name``: the record or the year; ``names``: all by which it may be called; ``duty``: it lasts until done."""

    ground: str
    since: dt.date
    ends: dt.date | None
    name: str
    names: frozenset[str]
    duty: bool
    alert_until: dt.date | None = None

    @property
    def family(self) -> str:
        return self.ground[:5]

    @property
    def serious(self) -> bool:
        return self.ground.startswith("SL")

    @property
    def on_record(self) -> bool:
        """Whether a record shows it, not the mere lack of one."""
        return any(":" not in name for name in self.names)

    def stands(self, day: dt.date) -> bool:
        return self.since <= day and not (self.ends and self.ends <= day)


def as_day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


class Registry:
    """All rows of one organisation."""

    def __init__(self, rows: dict[str, list[Row]], org_id: str) -> None:
        self.rows = {name: [row for row in table if row["org_id"] == org_id] for name, table in rows.items()}
        self._facts: dict[dt.date, list[Fact]] = {}

    @cached_property
    def news(self) -> list[dt.date]:
        """The days on which anything was learnt."""
        return sorted({as_day(row["recorded_at"]) for table in self.rows.values() for row in table})  # type: ignore[type-var]

    def known(self, table: str, evening: dt.date) -> list[Row]:
        """The newest version of each record known on an evening, without those taken back."""
        newest: dict[str, Row] = {}
        for row in sorted(self.rows.get(table, []), key=lambda row: row["recorded_at"]):
            if row["recorded_at"] <= str(evening):
                newest[row[KEYS[table]]] = row
        return [row for row in newest.values() if not row.get("voided")]

    def granted(self, kind: str, evening: dt.date) -> set[str]:
        return {
            row["refers_to"]
            for row in self.known("exemptions", evening)
            if row["kind"] == kind and row["outcome"] == "granted"
        }

    def counted(self, table: str, evening: dt.date) -> list[Row]:
        """Known rows without those an objection took out."""
        out = self.granted("objection", evening)
        return [row for row in self.known(table, evening) if row[KEYS[table]] not in out]

    def facts(self, evening: dt.date) -> list[Fact]:
        """Every ground of both lists as known on an evening that had arisen by then."""
        learnt = max((day for day in self.news if day <= evening), default=None)
        if learnt is None or not self.known("organizations", evening):
            return []
        if learnt not in self._facts:
            self._facts[learnt] = list(self._as_known(learnt))
        return [fact for fact in self._facts[learnt] if fact.since <= evening]

    def _as_known(self, evening: dt.date) -> Iterator[Fact]:
        (organization,) = self.known("organizations", evening)
        left = as_day(organization.get("status_on")) if organization["status"] != "active" else None
        objected, excused = self.granted("objection", evening), self.granted("no_direct_responsibility", evening)
        for fact in [
            *self._reports(evening, organization),
            *self._orders(evening),
            *self._letters(evening),
            *self._penalties(evening, organization),
        ]:
            if fact.since < O60 or (left and fact.since > left):
                continue
            if fact.names & objected or (not fact.serious and fact.names & excused):
                continue
            yield fact

    def _deadline(self, year: int, evening: dt.date) -> dt.date:
        rows = [row for row in self._filed(year, evening) if row.get("due_on")]
        newest = max(rows, key=lambda row: (row["recorded_at"], row["filing_id"]), default=None)
        return working_day(as_day(newest["due_on"]) if newest else dt.date(year + 1, 5, 31))  # type: ignore[arg-type]

    def _filed(self, year: int, evening: dt.date) -> list[Row]:
        return [row for row in self.counted("filings", evening) if row["fiscal_year"] == year]

    def _reports(self, evening: dt.date, organization: Row) -> Iterator[Fact]:
        registered = as_day(organization["registered_on"])
        assert registered is not None
        objected = self.granted("objection", evening)
        every = self.known("filings", evening)
        for year in range(max(registered.year, 2017), 2027):
            if f"AL-01:{year}" in objected or any(
                row["filing_id"] in objected for row in every if row["fiscal_year"] == year
            ):
                continue
            found = self._report(year, evening)
            if found:
                yield found

    def _report(self, year: int, evening: dt.date) -> Fact | None:
        deadline = self._deadline(year, evening)
        judged = []
        for row in self._filed(year, evening):
            filed, back, accepted = (as_day(row.get(name)) for name in ("filed_on", "returned_on", "accepted_on"))
            if filed:
                sound = not back or bool(accepted and accepted > back)
                judged.append((row, filed, back, accepted if sound else None, sound))
        ends, keys = None, set()
        in_time = [one for one in judged if one[4] and one[1] <= deadline]
        if in_time:
            row, _, back, accepted, _ = in_time[0]
            if not (back and accepted and accepted > deadline):
                return None
            ends, keys = accepted, {row["filing_id"]}
        elif judged:
            sound = sorted((one for one in judged if one[4]), key=lambda one: one[3] or dt.date.max)
            row = (sound or judged[::-1])[0][0]
            ends, keys = (sound[0][3] if sound else None), {row["filing_id"]}
        late = not in_time and ends is not None
        names = frozenset({*keys, f"AL-01:{year}"})
        return Fact(
            "AL-01", deadline + DAY, ends, str(year), names, True, self._next_due(ends, evening) if late else None
        )

    def _next_due(self, day: dt.date | None, evening: dt.date) -> dt.date | None:
        """The first day on which the next report after a day is overdue."""
        if day is None:
            return None
        deadlines = sorted(self._deadline(year, evening) for year in range(2019, 2028))
        return next((deadline + DAY for deadline in deadlines if deadline > day), None)

    def _orders(self, evening: dt.date) -> Iterator[Fact]:
        for row in self.counted("inspections", evening):
            if row["kind"] == "rectification_order":
                deadline = working_day(as_day(row["deadline_on"]))  # type: ignore[arg-type]
                done = None
                if row["outcome"] == "accepted":
                    done = as_day(row.get("completed_on")) or as_day(row["recorded_at"])
                if not (done and done <= deadline):
                    key = row["inspection_id"]
                    yield Fact(
                        "AL-03", deadline + DAY, done, key, frozenset({key}), True, self._next_due(done, evening)
                    )

    def _letters(self, evening: dt.date) -> Iterator[Fact]:
        letters = [row for row in self.counted("inspections", evening) if row["kind"] == "special_letter"]
        run: list[Row] = []
        for row in [*sorted(letters, key=lambda row: (row["issued_on"], row["inspection_id"])), {"outcome": None}]:
            if row["outcome"] == "unsigned":
                run.append(row)
                continue
            pairs = [
                (one, two)
                for one in run
                for two in run
                if 15 <= (as_day(two["issued_on"]) - as_day(one["issued_on"])).days <= 30  # type: ignore[operator]
            ]
            if pairs:
                since = min(as_day(two["issued_on"]) for _, two in pairs)  # type: ignore[type-var]
                names = frozenset(one["inspection_id"] for pair in pairs for one in pair)
                yield Fact("AL-06", since, as_day(row.get("issued_on")), "", names, True)  # type: ignore[arg-type]
            run = []

    def _penalties(self, evening: dt.date, organization: Row) -> Iterator[Fact]:
        status, status_on = organization["status"], as_day(organization.get("status_on"))
        gone = status_on if status == "deregistered" else None
        minor: dict[str, tuple[dt.date, list[str]]] = {}
        revoked = False
        for row in sorted(self.counted("penalties", evening), key=lambda row: row["penalty_id"]):
            decided, kind, key = as_day(row["decided_on"]), row["kind"], row["penalty_id"]
            assert decided is not None
            if decided < O60:
                continue
            amount = row.get("amount") or 0.0
            ground = PENALTY.get(kind) or ("SL-04" if kind == "fine" and amount >= 50_000 else "")
            ground = ground or ("AL-05b" if kind == "fine" and amount > 0 else "")
            if ground:
                months = 6 if ground.startswith("AL") else 24
                yield Fact(ground, decided, months_after(decided, months), key, frozenset({key}), False, dt.date.max)
            if ground.startswith("AL"):
                day, keys = minor.get(row.get("decision_id") or key, (decided, []))
                minor[row.get("decision_id") or key] = (min(day, decided), [*keys, key])
            if kind == "court_dishonest":
                yield Fact("SL-06", decided, as_day(row.get("lifted_on")), key, frozenset({key}), False)
            if kind in ("certificate_revoked", "registration_revoked"):
                revoked = True
                yield Fact("SL-07", decided, gone, key, frozenset({key}), False)
        if status == "revoked" and not revoked:
            assert status_on is not None
            yield Fact("SL-07", status_on, None, "status", frozenset(), False)
        ordered = sorted((day, decision, keys) for decision, (day, keys) in minor.items())
        for (first, _, earlier), (second, decision, later) in pairwise(ordered):
            if second < months_after(first, 36):
                names = frozenset([*earlier, *later])
                yield Fact("SL-05", second, months_after(second, 24), decision, names, False, dt.date.max)


def ever(registry: Registry, today: dt.date) -> Iterator[tuple[dt.date, list[Fact]]]:
    """The facts as known on every evening up to a day."""
    evening = registry.news[0]
    while evening <= today:
        yield evening, registry.facts(evening)
        evening += DAY


def assumed(registry: Registry, today: dt.date) -> dict[str, dt.date]:
    """Who is on which list where the authority acts on the first lawful day: the list and the listing in force."""
    if not registry.known("organizations", today):
        return {}
    seen: dict[tuple[str, str], list[dt.date]] = {}
    for evening, facts in ever(registry, today):
        for fact in facts:
            if fact.stands(evening):
                seen.setdefault((fact.ground, fact.name), []).append(evening)
    entries = []
    for fact in registry.facts(today):
        first = next((day for day in seen.get((fact.ground, fact.name), []) if day >= fact.since), None)
        if fact.ground == "AL-06" and first:
            first = max(first, _both_letters(registry, fact, today))
        if first is None:
            continue
        lasting = fact.duty or fact.ground in ("SL-06", "SL-07")
        heard = fact.since
        for _ in range(10 if fact.duty else 0):
            heard = working_day(heard + DAY)
        entries.append({"serious": fact.serious, "duty": lasting, "enter": max(heard, first), "ends": fact.ends})
    stays = (None, None)
    for _, abnormal, serious in evenings(entries, today):
        stays = (abnormal, serious)
    names = (ABNORMAL, SERIOUS)
    return {name: stay["since"] for name, stay in zip(names, stays, strict=True) if stay}


def _both_letters(registry: Registry, fact: Fact, today: dt.date) -> dt.date:
    """The day on which both letters of a pair were first known."""
    letters = {row["inspection_id"]: as_day(row["issued_on"]) for row in registry.known("inspections", today)}
    first: dict[str, dt.date] = {}
    for row in registry.rows["inspections"]:
        recorded = as_day(row["recorded_at"])
        assert recorded is not None
        if not row.get("voided"):
            first[row["inspection_id"]] = min(first.get(row["inspection_id"], recorded), recorded)
    return min(
        max(first[one], first[two])
        for one in fact.names
        for two in fact.names
        if 15 <= (letters[two] - letters[one]).days <= 30  # type: ignore[operator]
    )
