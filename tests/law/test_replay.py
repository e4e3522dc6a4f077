"""Membership on a day equals the replay of every evening up to it: by the statute where it is assumed, by the decisions where it is decided."""

from __future__ import annotations

import datetime as dt
from collections import deque
from random import Random

import pytest

from sorg_risk.law import statutory
from sorg_risk.law.worked import Rows, given, listing, org
from sorg_risk.records import open as open_source

from .histories import code, facts, registry, tables
from .replay import evenings

COUNT = 150
GROUND = {"abnormal": ["AL-01", "AL-03", "AL-05a"], "serious_dishonesty": ["SL-03", "SL-04"]}


@pytest.mark.parametrize(("day", "seed"), [("2021-12-31", 1), ("2024-06-17", 2), ("2026-10-31", 3)])
def test_assumed_lists_equal_the_replay_of_every_evening(day: str, seed: int) -> None:
    today = dt.date.fromisoformat(day)
    rows = registry(COUNT, seed, today)
    expected = {}
    for number in range(COUNT):
        one = code(number + 1)
        last = deque(evenings(facts(rows, one, today), today), maxlen=1)
        for name, stay in zip(("abnormal", "serious_dishonesty"), last[0][1:] if last else (), strict=False):
            if stay:
                expected[one, name] = stay["since"]
    members = statutory(open_source(tables(rows)).as_of(day), "assumed").members
    found = {(m.org_id, m.list): m.listed_on.date() for m in members.itertuples()}
    assert found == expected
    assert len(expected) > COUNT // 5


@pytest.mark.parametrize("seed", [4, 5])
def test_decided_lists_equal_the_replay_of_the_decisions(seed: int) -> None:
    rows, expected = decisions(Random(seed))
    members = statutory(open_source(tables(rows)).as_of("2026-10-31")).members
    found = {(m.org_id, m.list): (str(m.listed_on.date()), m.ground) for m in members.itertuples()}
    assert found == expected
    assert len(expected) > COUNT // 3


def decisions(rng: Random) -> tuple[Rows, dict[tuple[str, str], tuple[str, str]]]:
    """Random decisions on both lists, and who is on them in the end: the last one before that is not a removal."""
    records = []
    state = {}
    for number in range(COUNT):
        one = code(number + 1)
        records.append(org(one, registered="2019-03-01"))
        for day in sorted(rng.sample(range(1_800), rng.randint(0, 5))):
            name = rng.choice(list(GROUND))
            action = rng.choice(["listed", "relisted", "removed"])
            on = str(dt.date(2020, 1, 1) + dt.timedelta(days=day))
            ground = rng.choice(GROUND[name])
            records.append(listing(on, ground, action, one, name))
            if action == "removed":
                state.pop((one, name), None)
            else:
                state[one, name] = (on, ground)
    return given(*rng.sample(records, len(records))), state
