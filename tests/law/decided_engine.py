"""The rows of both lists from the authority's decisions, read from the contract in plain Python: part of the second engine."""

from __future__ import annotations

import datetime as dt

from .replay import months_after
from .second_engine import ABNORMAL, SERIOUS, Fact, Registry, Row, as_day, ever

FLAG = {"abnormal": ABNORMAL, "serious_dishonesty": SERIOUS}
Line = tuple[str, str, str, dt.date]
"""flag, status, ground, since."""


class Decided:
    """One organisation on one evening."""

    def __init__(self, registry: Registry, today: dt.date) -> None:
        self.registry, self.today = registry, today
        self.facts = registry.facts(today)
        rows = sorted(registry.known("listings", today), key=lambda row: (row["decided_on"], row["recorded_at"]))
        self.decisions = {name: [row for row in rows if row["list"] == name] for name in FLAG}
        self.past = list(ever(registry, today))

    def stay(self, name: str) -> list[Row]:
        """The listings since the last removal, the one in force last; empty where it is not on the list."""
        stay: list[Row] = []
        for row in self.decisions[name]:
            stay = [] if row["action"] == "removed" else [*stay, row]
        return stay

    def rows(self) -> set[Line]:
        """Every row of the two lists, and the alerts of their grounds."""
        organization = self.registry.known("organizations", self.today)
        if not organization:
            return set()
        status = organization[0]["status"]
        found: set[tuple[str, str, str, dt.date]] = set()
        for name, flag in FLAG.items():
            stay = self.stay(name)
            if stay:
                found.add((flag, "listed", stay[-1]["ground"], day_of(stay[-1])))
            removal = self.removal(name, stay) if stay else None
            if removal:
                found.add((flag, "recommend_removal", stay[-1]["ground"], removal))
        grouped: dict[tuple[str, str, str], dt.date] = {}
        for fact in [*self.facts, *self.two_years()]:
            for said in self.of_fact(fact):
                key = (*said, fact.ground)
                grouped[key] = min(grouped.get(key, fact.since), fact.since)
        found |= {(*key, since) for key, since in grouped.items()}
        if status == "deregistered":
            gone = as_day(organization[0]["status_on"])
            return {row for row in found if row[:3] == (SERIOUS, "recommend_removal", "SL-07") and row[3] == gone}
        if status == "revoked":
            return {row for row in found if row[1] == "listed" or (row[2] == "SL-07" and row[1] != "recommend_removal")}
        return found

    def of_fact(self, fact: Fact) -> list[tuple[str, str]]:
        """The flags and statuses of a fact."""
        own = self.stay("serious_dishonesty" if fact.serious else "abnormal")
        serious = self.stay("serious_dishonesty")
        flag = SERIOUS if fact.serious else ABNORMAL
        if self.answered(fact):
            return []
        if not fact.stands(self.today):
            alert = fact.alert_until and fact.alert_until > self.today and not own
            return [("alert", "attention")] if alert else []
        again = [(flag, "restart")] if own and fact.since > day_of(own[-1]) else []
        if not fact.serious and serious and fact.since > day_of(serious[-1]):
            return [*again, (SERIOUS, "restart")]
        return again if own else [(flag, "recommend_listing")]

    def answered(self, fact: Fact) -> bool:
        """A listing of the same ground on its day or later; a duty stands again once that was lifted."""
        name = "serious_dishonesty" if fact.serious else "abnormal"
        answer, lifted = None, False
        for row in self.decisions[name]:
            if row["action"] == "removed":
                lifted = lifted or answer is not None
            elif answer is None and row["ground"][:5] == fact.family and day_of(row) >= fact.since:
                answer = row
        if answer is None:
            return False
        grown = [row for row in self.decisions["serious_dishonesty"] if row["ground"] == "SL-01"]
        grown = [row for row in grown if row["action"] != "removed" and day_of(row) >= day_of(answer)]
        return not (fact.duty and lifted and not grown)

    def gone(self, listing: Row) -> dt.date | None:
        """Since when the fact of a listing is gone, None where it is not, or never was on record."""
        objected = [row for row in self.granted("objection") if row["refers_to"] == listing["listing_id"]]
        days = [max(day_of(row) for row in objected)] if objected else []
        by_fact = self.grown_gone(listing) if listing["ground"] == "SL-01" else self.fact_gone(listing)
        return min([*days, by_fact] if by_fact else days, default=None)

    def fact_gone(self, listing: Row) -> dt.date | None:
        """The same, from the facts of its ground as known on every evening."""
        listed, family = day_of(listing), listing["ground"][:5]

        def behind(facts: list[Fact], stood: bool) -> list[Fact]:
            mine = [fact for fact in facts if fact.family == family and fact.since <= listed]
            return [fact for fact in mine if not (stood and fact.ends and fact.ends < listed)]

        if behind(self.facts, True):
            return None
        on_day = [(evening, behind(facts, True)) for evening, facts in self.past if evening >= listed]
        before = [(evening, recorded(behind(facts, True))) for evening, facts in self.past]
        over = [
            (evening, facts if evening >= listed else recorded(facts))
            for evening, facts in ((evening, behind(facts, False)) for evening, facts in self.past)
        ]
        for ways in (on_day, before, over):
            then = [(evening, facts) for evening, facts in ways if facts]
            if then:
                names = frozenset().union(*(fact.names for _, facts in then for fact in facts))
                if any(fact.names & names for fact in behind(self.facts, False)):
                    return None
                return self.event(then[-1][0] + dt.timedelta(days=1), listed)
        return None

    def granted(self, *kinds: str) -> list[Row]:
        rows = self.registry.known("exemptions", self.today)
        return [row for row in rows if row["kind"] in kinds and row["outcome"] == "granted"]

    def event(self, learnt: dt.date, listed: dt.date) -> dt.date:
        """The day an exemption was granted, else the day of the news; never before the listing."""
        rows = self.granted("objection", "no_direct_responsibility")
        days = [day_of(row) for row in rows if as_day(row["recorded_at"]) == learnt]
        return max(listed, max(days, default=learnt))

    def grown(self, evening: dt.date) -> list[tuple[Row, dt.date]]:
        """Listings on the abnormal list, as known on an evening, that reached two full years, and the day."""
        rows = sorted(
            (row for row in self.registry.known("listings", evening) if row["list"] == "abnormal"),
            key=lambda row: (row["decided_on"], row["recorded_at"]),
        )
        found = []
        for place, row in enumerate(rows):
            full = months_after(day_of(row), 24)
            until = day_of(rows[place + 1]) if place + 1 < len(rows) else None
            if row["action"] != "removed" and not (until and until < full):
                found.append((row, full))
        return found

    def grown_gone(self, listing: Row) -> dt.date | None:
        """Since when what a listing for two full years rested on is gone."""
        listed = day_of(listing)
        now = [(row, full) for row, full in self.grown(self.today) if full <= listed]
        sound = [(row, full) for row, full in now if not self.gone(row)]
        if not sound:
            days = [self.gone(row) for row, _ in now]
            kept = {row["listing_id"] for row in self.registry.known("listings", self.today)}
            last: dict[str, Row] = {}
            taken: dict[str, dt.date] = {}
            for row in sorted(self.registry.rows["listings"], key=lambda row: row["recorded_at"]):
                if row["recorded_at"] <= str(self.today) and row["listing_id"] not in kept:
                    if row.get("voided"):
                        taken[row["listing_id"]] = as_day(row["recorded_at"])  # type: ignore[assignment]
                    else:
                        last[row["listing_id"]] = row
            for key, row in last.items():
                old = row["list"] == "abnormal" and row["action"] != "removed"
                if old and months_after(day_of(row), 24) <= listed:
                    days.append(taken[key])
            return max((day for day in days if day), default=None)
        (_, full) = sound[0]

        def undone(facts: list[Fact]) -> bool:
            return any(not fact.serious and fact.stands(full) for fact in facts)

        if undone(self.facts) or not undone(self.registry.facts(listed)):
            return None
        return max(listed, [evening for evening, facts in self.past if undone(facts)][-1] + dt.timedelta(days=1))

    def two_years(self) -> list[Fact]:
        """SL-01 from the decisions: no clock of a listing whose fact is gone, or from which the law lets off by then."""
        found = []
        for row, full in self.grown(self.today):
            rows = self.decisions["abnormal"]
            place = rows.index(row)
            until = day_of(rows[place + 1]) if place + 1 < len(rows) else None
            stay = self.stay("abnormal")
            off = self.removal("abnormal", stay) if stay and stay[-1] is row else None
            if full <= self.today and not self.gone(row) and not (off and off <= full):
                found.append(Fact("SL-01", full, until, row["listing_id"], frozenset({row["listing_id"]}), False))
        return found

    def removal(self, name: str, stay: list[Row]) -> dt.date | None:
        """The day removal became lawful."""
        gone = self.gone(stay[-1])
        if gone:
            return gone
        listed, first = day_of(stay[-1]), day_of(stay[0])
        if name == "serious_dishonesty":
            return self.off_serious(stay, listed)
        off = self.off_abnormal(stay, listed, first)
        if off:
            return off
        serious = self.stay("serious_dishonesty")
        if serious and serious[-1]["ground"] == "SL-01" and day_of(serious[-1]) >= listed:
            return day_of(serious[-1])
        return None

    def off_abnormal(self, stay: list[Row], listed: dt.date, first: dt.date) -> dt.date | None:
        """Art. 14: every duty of the stay done, or six full months over where there is nothing to do, and nothing else stands."""
        sound = [row for row in stay if row is stay[-1] or not self.gone(row)]
        days, behind = [], []
        for family in {row["ground"][:5] for row in sound}:
            mine = [fact for fact in self.facts if fact.family == family and fact.since <= listed]
            stood = [fact for fact in mine if not (fact.ends and fact.ends < first)]
            behind += stood or mine
            if family == "AL-05":
                days.append(months_after(listed, 6))
            elif not (stood or mine) or any(fact.stands(self.today) for fact in stood or mine):
                return None
            else:
                days.append(max(first, max(fact.ends for fact in stood or mine if fact.ends)))
        standing = [fact for fact in self.facts if not fact.serious and fact.stands(self.today)]
        if any(fact not in behind for fact in standing) or max(days) > self.today:
            return None
        return max(days)

    def off_serious(self, stay: list[Row], listed: dt.date) -> dt.date | None:
        """Art. 17: two full years without anything new, nothing left undone; after revocation only deregistration."""
        grounds = {row["ground"][:5] for row in stay}
        organization = self.registry.known("organizations", self.today)[0]
        if organization["status"] == "deregistered" and stay[-1]["ground"][:5] == "SL-07":
            return as_day(organization["status_on"])
        newer = [fact for fact in self.facts if fact.since > listed]
        over = months_after(max([listed, *(fact.since for fact in newer)]), 24)
        holds = [fact for fact in self.facts if fact.family in ("SL-06", "SL-07")]
        duties = [fact for fact in self.facts if fact.duty and fact.since <= listed] if "SL-01" in grounds else []
        if "SL-07" in grounds or any(fact.stands(self.today) for fact in [*newer, *holds, *duties]):
            return None
        day = max([over, *(fact.ends for fact in [*holds, *duties] if fact.ends)])
        return day if day <= self.today else None


def recorded(facts: list[Fact]) -> list[Fact]:
    """Those that a record shows."""
    return [fact for fact in facts if fact.on_record]


def day_of(row: Row) -> dt.date:
    """The day of a decision."""
    day = as_day(row["decided_on"])
    assert day is not None
    return day
