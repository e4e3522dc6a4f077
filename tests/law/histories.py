"""Random histories of organisations: rows as an authority would keep them, and what the statute makes of them, read in plain Python."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

import chinese_calendar
import pandas as pd
from stdnum.cn import uscc

from sorg_risk.law.worked import Rows, given, inspection, org, penalty, report

from .replay import Fact, months_after

Row = dict[str, Any]
FIRST_YEAR = 2019
AMOUNTS = (100.0, 49_999.99, 50_000.0, 80_000.0)
LAST_PUBLISHED = 2026
O60 = dt.date(2018, 1, 24)


def code(number: int) -> str:
    """The code of an association of Shenzhen."""
    body = f"51440300{number:09d}"
    return body + str(uscc.calc_check_digit(body))


def registry(count: int, seed: int, until: dt.date) -> Rows:
    """So many associations with reports, penalties and orders up to a day, some of them known late."""
    rng = Random(seed)
    records = [record for number in range(count) for record in _history(rng, code(number + 1), until)]
    return given(*[record for record in records if record[1]["recorded_at"] <= str(until)])


def _history(rng: Random, one: str, until: dt.date) -> list[tuple[str, Row]]:
    records = [org(one, registered="2019-03-01")]
    for year in range(FIRST_YEAR, until.year):
        records += _report(rng, one, year)
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        kind = rng.choice(["warning", "warning", "fine", "suspension", "confiscation", "court_dishonest"])
        decided = _any_day(rng, dt.date(2019, 6, 1), until)
        lifted = decided + dt.timedelta(days=rng.randint(100, 1200)) if rng.random() < 0.6 else None
        more: Row = {"amount": rng.choice(AMOUNTS)} if kind == "fine" else {}
        if kind == "court_dishonest" and lifted and lifted <= until:
            more |= {"lifted_on": str(lifted), "recorded_at": str(lifted)}
        else:
            more |= {"recorded_at": str(decided + dt.timedelta(days=rng.choice([0, 0, 3, 90])))}
        records.append(penalty(kind, str(decided), one, **more))
    if rng.random() < 0.4:
        records.append(_order(rng, one, until))
    return records


def _report(rng: Random, one: str, year: int) -> list[tuple[str, Row]]:
    """In time, missing, late and accepted, late and not, returned, or returned and corrected."""
    way = rng.choices(["in_time", "missing", "late_accepted", "late", "returned", "corrected"], [60, 12, 12, 6, 5, 5])[
        0
    ]
    if way == "in_time":
        return [report(year, one)]
    if way == "missing":
        return []
    filed = (
        dt.date(year + 1, 5, 10)
        if way in ("returned", "corrected")
        else dt.date(year + 1, 6, 5) + dt.timedelta(days=rng.randint(0, 700))
    )
    sent_back = filed + dt.timedelta(days=30)
    accepted = filed + dt.timedelta(days=rng.randint(40, 300))
    days: Row = {}
    if way in ("returned", "corrected"):
        days["returned_on"] = days["recorded_at"] = str(sent_back)
    if way in ("late_accepted", "corrected"):
        days["accepted_on"] = days["recorded_at"] = str(accepted)
    return [report(year, one, filed=str(filed), **days)]


def _order(rng: Random, one: str, until: dt.date) -> tuple[str, Row]:
    issued = _any_day(rng, dt.date(2019, 6, 1), until)
    deadline = issued + dt.timedelta(days=rng.choice([20, 30, 45]))
    done = deadline + dt.timedelta(days=rng.randint(-10, 400))
    more: Row = {"deadline_on": str(deadline)}
    if rng.random() < 0.6 and done <= until:
        more |= {"completed_on": str(done), "outcome": "accepted"}
    return inspection("rectification_order", str(issued), one, **more)


def _any_day(rng: Random, first: dt.date, last: dt.date) -> dt.date:
    return first + dt.timedelta(days=rng.randint(0, (last - first).days))


def facts(rows: Rows, one: str, day: dt.date) -> list[Fact]:
    """The grounds of both lists of one organisation by O60 art. 11 and 15, as the rows recorded by a day show them."""
    mine = {
        name: [row for row in table if row["org_id"] == one and row["recorded_at"] <= str(day)]
        for name, table in rows.items()
    }
    found = [
        *_missed_reports(mine.get("filings", []), day),
        *_orders(mine.get("inspections", []), day),
        *_penalties(mine.get("penalties", [])),
    ]
    return [fact for fact in found if fact["since"] <= day]


def _missed_reports(filings: list[Row], day: dt.date) -> list[Fact]:
    found = []
    for year in range(FIRST_YEAR, day.year):
        deadline = working_day(dt.date(year + 1, 5, 31))
        row = next((row for row in filings if row["fiscal_year"] == year), {})
        filed, sent_back, accepted, known = (
            _day(row, n) for n in ("filed_on", "returned_on", "accepted_on", "recorded_at")
        )
        sound = filed is not None and (sent_back is None or (accepted is not None and accepted > sent_back))
        if deadline >= day or (sound and filed <= deadline and not (sent_back and accepted > deadline)):
            continue
        since = deadline + dt.timedelta(days=1)
        seen = sent_back if accepted else known
        found.append(_duty(since, accepted if sound else None, seen if sent_back else None))
    return found


def _orders(inspections: list[Row], day: dt.date) -> list[Fact]:
    found = []
    for row in inspections:
        deadline, done = working_day(_day(row, "deadline_on")), _day(row, "completed_on")
        if deadline < day and not (done and done <= deadline):
            found.append(_duty(deadline + dt.timedelta(days=1), done, _day(row, "recorded_at")))
    return found


def _penalties(penalties: list[Row]) -> list[Fact]:
    found = []
    minor = []
    for row in sorted(penalties, key=lambda row: (row["decided_on"], row["penalty_id"])):
        decided, known, kind = _day(row, "decided_on"), _day(row, "recorded_at"), row["kind"]
        small = kind == "warning" or (kind == "fine" and row["amount"] < 50_000)
        large = kind == "suspension" or (kind == "fine" and row["amount"] >= 50_000)
        if small:
            found.append(_passing(False, decided, known, 6))
            if minor and decided < months_after(minor[-1][0], 36):
                found.append(_passing(True, decided, max(known, minor[-1][1]), 24))
            minor.append((decided, known))
        elif large:
            found.append(_passing(True, decided, known, 24))
        elif kind == "court_dishonest":
            enter = max(decided, known)
            found.append(
                {"serious": True, "duty": True, "since": decided, "enter": enter, "ends": _day(row, "lifted_on")}
            )
    return found


def _duty(since: dt.date, ends: dt.date | None, known: dt.date | None) -> Fact:
    """A duty: notice on its day, ten working days for a statement, and never before it was known."""
    heard = since
    for _ in range(10):
        heard = working_day(heard + dt.timedelta(days=1))
    return {"serious": False, "duty": True, "since": since, "enter": max(heard, known or heard), "ends": ends}


def _passing(serious: bool, decided: dt.date, known: dt.date, months: int) -> Fact:
    """A penalty: listed on its day, never before it was known; the stay it would have brought passes by time."""
    enter = max(decided, known)
    return {"serious": serious, "duty": False, "since": decided, "enter": enter, "ends": months_after(decided, months)}


def working_day(day: dt.date) -> dt.date:
    """The day itself or the next working day; beyond the published calendar the day itself."""
    while day.year <= LAST_PUBLISHED and not chinese_calendar.is_workday(day):
        day += dt.timedelta(days=1)
    return day


def _day(row: Row, name: str) -> dt.date:
    told = row.get(name)
    return dt.date.fromisoformat(told) if told else None  # type: ignore[return-value]


def tables(rows: Rows) -> dict[str, pd.DataFrame]:
    """Rows as frames."""
    return {name: pd.DataFrame(part) for name, part in rows.items()}
