"""Random registries that look for trouble: days at the border of a period, 29 February, late knowledge, versions, voids and restores."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from sorg_risk.law.worked import Record, Rows, exemption, given, inspection, listing, org, penalty, report

from .histories import code, working_day
from .replay import months_after
from .second_engine import KEYS

DAY = dt.timedelta(days=1)
ANCHORS = [dt.date(2020, 2, 29), dt.date(2021, 6, 1), dt.date(2022, 8, 31), dt.date(2023, 5, 31), dt.date(2024, 2, 29)]
MONTHS = (0, 0, 6, 12, 24, 36, 48)
KINDS = ["warning", "warning", "warning", "fine", "fine", "fine", "suspension", "confiscation", "court_dishonest"]
KINDS += ["change_revoked"]
AMOUNTS = (0.0, 100.0, 49_999.99, 50_000.0, 80_000.0)
GROUNDS = {
    "abnormal": ["AL-01", "AL-01", "AL-03", "AL-05a", "AL-05b", "AL-06"],
    "serious_dishonesty": ["SL-01", "SL-02", "SL-03", "SL-04", "SL-05", "SL-06", "AL-05a"],
}


class Writer:
    """The records of one organisation, with keys of its own."""

    def __init__(self, rng: Random, number: int, until: dt.date) -> None:
        self.rng, self.until, self.of = rng, until, code(number)
        self.number, self.records = number, list[Record]()
        self.keys: list[str] = []
        self.days = [self.near() for _ in range(3)]

    def near(self) -> dt.date:
        """A day at or beside the border of a period from an anchor."""
        day = months_after(self.rng.choice(ANCHORS), self.rng.choice(MONTHS)) + self.rng.choice([-1, 0, 0, 1]) * DAY
        return min(day, self.until)

    def some_day(self) -> dt.date:
        """Often one that another record has, or a period from it."""
        rng = self.rng
        if rng.random() < 0.3:
            return dt.date(2019, 7, 1) + rng.randrange((self.until - dt.date(2019, 7, 1)).days) * DAY
        day = months_after(rng.choice(self.days), rng.choice(MONTHS)) + rng.choice([-1, 0, 0, 0, 1]) * DAY
        self.days.append(min(day, self.until))
        return self.days[-1]

    def later(self, day: dt.date, *most: int) -> dt.date:
        return day + self.rng.choice([0, 0, 0, 1, 20, *most]) * DAY

    def add(self, record: Record, known: dt.date, key: str, **change: Any) -> None:
        """A record under a key, perhaps corrected, taken back and restored later; ``change``: what a correction may say."""
        rng = self.rng
        table, row = record
        row = {**row, KEYS[table]: f"{key}-{self.number}", "recorded_at": str(known)}
        self.records.append((table, row))
        self.keys.append(row[KEYS[table]])
        if change and rng.random() < 0.25:
            known = known + rng.choice([1, 10, 100, 400]) * DAY
            changed = {**row, **{what: rng.choice(values) for what, values in change.items()}}
            self.records.append((table, {**changed, "recorded_at": str(known)}))
            if rng.random() < 0.3:
                known = known + rng.choice([1, 30, 300]) * DAY
                self.records.append((table, {**row, "recorded_at": str(known)}))
        if rng.random() < (0.12 if table != "listings" else 0.06):
            known = known + rng.choice([1, 15, 200]) * DAY
            last = next(one for _, one in self.records[::-1] if one.get(KEYS[table]) == row[KEYS[table]])
            self.records.append((table, {**last, "recorded_at": str(known), "voided": True}))
            if rng.random() < 0.5:
                known = known + rng.choice([1, 40, 500]) * DAY
                self.records.append((table, {**last, "recorded_at": str(known)}))

    def reports(self) -> None:
        for year in range(2019, self.until.year):
            way = self.rng.choices(["in_time", "missing", "late", "returned"], [70, 10, 12, 8])[0]
            deadline = working_day(dt.date(year + 1, 5, 31))
            if way == "missing":
                continue
            filed = deadline - self.rng.choice([0, 0, 1, 60]) * DAY
            if way == "late":
                filed = deadline + self.rng.choice([1, 1, 14, 16, 200, 500]) * DAY
            accepted = filed + self.rng.choice([0, 10, 60]) * DAY
            row: dict[str, Any] = {"accepted_on": str(accepted) if self.rng.random() < 0.7 else None}
            known = max(filed, accepted if row["accepted_on"] else filed)
            if way == "returned":
                back = filed + self.rng.choice([1, 30]) * DAY
                again = back + self.rng.choice([1, 40, 300]) * DAY
                row = {"returned_on": str(back), "accepted_on": str(again) if self.rng.random() < 0.5 else None}
                known = max(back, again if row["accepted_on"] else back)
            if self.rng.random() < 0.15:
                row["due_on"] = str(deadline + self.rng.choice([-20, 1, 30, 61]) * DAY)
            due = [row.get("due_on"), str(filed), str(filed + DAY), str(deadline + 61 * DAY)]
            record = report(year, self.of, filed=str(filed), **row)
            self.add(record, self.later(known, 300), f"R{year}", due_on=due, total_assets=[1.0, 2.0])

    def penalties(self) -> None:
        for number in range(self.rng.choice([0, 1, 1, 2, 3, 4])):
            decided, kind = self.some_day(), self.rng.choice(KINDS)
            more: dict[str, Any] = {"amount": self.rng.choice(AMOUNTS)} if kind == "fine" else {}
            if self.rng.random() < 0.5:
                more["decision_id"] = f"D{self.rng.randrange(3)}-{self.number}"
            known = self.later(decided, 100, 700)
            change: dict[str, list[Any]] = {"kind": [kind, "confiscation", "warning"]}
            if kind == "fine":
                change["amount"] = [more["amount"], *AMOUNTS]
            if kind == "court_dishonest":
                change = {"lifted_on": [str(known)]}
            self.add(penalty(kind, str(decided), self.of, **more), known, f"P{number}", **change)

    def inspections(self) -> None:
        for number in range(self.rng.choice([0, 0, 1, 1, 2])):
            issued = self.some_day()
            deadline = issued + self.rng.choice([20, 30]) * DAY
            done = deadline + self.rng.choice([-1, 0, 1, 15, 200, 731]) * DAY
            row: dict[str, Any] = {"deadline_on": str(deadline), "outcome": None}
            known = self.later(issued, 40, 90)
            if self.rng.random() < 0.6:
                row |= {"outcome": "accepted", "completed_on": str(done)}
                known = self.later(done, 100)
            moved = [str(deadline), str(deadline + 10 * DAY), str(deadline + 61 * DAY)]
            self.add(
                inspection("rectification_order", str(issued), self.of, **row),
                known,
                f"O{number}",
                deadline_on=moved,
            )
        if self.rng.random() < 0.3:
            day = self.some_day()
            for number in range(self.rng.choice([2, 2, 3, 4])):
                signed = ["unsigned", "unsigned", "unsigned", "unsigned", "signed"]
                record = inspection("special_letter", str(day), self.of, self.rng.choice(signed))
                self.add(record, self.later(day, 60, 300), f"L{number}", outcome=["signed", "unsigned"])
                day = day + self.rng.choice([14, 15, 20, 30, 31]) * DAY

    def exemptions(self) -> None:
        names = [*self.keys, *(f"AL-01:{year}" for year in range(2019, self.until.year))]
        for number in range(self.rng.choice([0, 0, 1, 1, 2, 3])):
            decided = self.some_day()
            kind = self.rng.choice(["objection", "objection", "no_direct_responsibility", "repair"])
            outcome = self.rng.choice(["granted", "granted", "granted", "pending"])
            record = exemption(kind, self.rng.choice(names), str(decided), self.of, outcome)
            self.add(record, self.later(decided, 60), f"E{number}", outcome=["granted", "rejected"])

    def listings(self) -> None:
        for name, grounds in GROUNDS.items():
            day = self.some_day()
            for number in range(self.rng.choice([0, 0, 1, 1, 2, 3])):
                action = self.rng.choice(["listed", "listed", "relisted", "removed"])
                ground = self.rng.choice(grounds)
                if ground == "AL-01" and not number:
                    deadline = working_day(dt.date(self.rng.randrange(2020, self.until.year), 5, 31))
                    day = deadline + self.rng.choice([1, 15, 60]) * DAY
                record = listing(str(day), ground, action, self.of, name)
                self.add(record, self.later(day, 10), f"{name[0]}{number}")
                day = months_after(day, self.rng.choice([1, 6, 12, 24])) + self.rng.choice([0, 1]) * DAY
                if day > self.until:
                    break


def registry(count: int, seed: int, until: dt.date) -> Rows:
    """So many associations of Shenzhen with everything that makes lists hard, as recorded up to a day."""
    rng = Random(seed)
    records: list[Record] = []
    for number in range(1, count + 1):
        writer = Writer(rng, number, until)
        for part in (writer.reports, writer.penalties, writer.inspections, writer.listings, writer.exemptions):
            part()
        records += [*_organization(rng, writer), *writer.records]
    once = {(table, str(row.get(KEYS[table])), row["recorded_at"]): (table, row) for table, row in records}
    records = [record for record in once.values() if record[1]["recorded_at"] <= str(until)]
    rng.shuffle(records)
    return given(*[record for record in records if not _impossible(record[1])])


EVENTS = ("filed_on", "accepted_on", "returned_on", "decided_on", "lifted_on", "issued_on", "completed_on", "status_on")


def _impossible(row: dict[str, Any]) -> bool:
    """An event after the day it was known is refused at the door."""
    return any((row.get(name) or "") > row["recorded_at"] for name in EVENTS)


def _organization(rng: Random, writer: Writer) -> list[Record]:
    first = org(writer.of, registered="2019-03-01")
    if rng.random() < 0.05:
        first[1]["recorded_at"] = str(writer.some_day())
    found = [first]
    if rng.random() < 0.12:
        day = writer.some_day()
        status = rng.choice(["deregistered", "revoked"])
        known = max(str(day), first[1]["recorded_at"])
        found.append(org(writer.of, registered="2019-03-01", status=status, status_on=str(day), recorded_at=known))
    return found
