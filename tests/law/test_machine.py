"""The walk of both lists equals the replay of every evening."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorg_risk.calendar.periods import plus_months
from sorg_risk.law.machine import NEVER, OFF, Column, S, walk
from sorg_risk.law.machine import A as ABNORMAL

from .replay import Fact, evenings, months_after

START = dt.date(2020, 1, 31)
LAST = dt.date(2027, 3, 1)


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Up to six facts of one organisation within five years; many on days at the border of a period."""
    near = st.sampled_from([0, 29, 182, 183, 365, 730, 731, 1095, 1461, 1462])
    found = []
    for _ in range(draw(st.integers(1, 6))):
        enter = START + dt.timedelta(days=draw(st.one_of(near, st.integers(0, 1900))))
        lasts = draw(st.one_of(st.none(), near, st.integers(-30, 1500)))
        duty = draw(st.booleans())
        serious = draw(st.booleans())
        ends = None if duty and lasts is None else enter + dt.timedelta(days=lasts or 1)
        found.append({"serious": serious, "duty": duty, "enter": enter, "ends": ends})
    return sorted(found, key=lambda fact: (fact["enter"], fact["serious"]))


def column(facts: list[Fact]) -> Column:
    """The facts as the machine reads them."""
    enter = pd.Series(pd.to_datetime([fact["enter"] for fact in facts])).astype("datetime64[s]")
    two = plus_months(enter, 24)
    ends = np.array([number(fact["ends"]) for fact in facts])
    duty = np.array([fact["duty"] for fact in facts])
    serious = np.array([fact["serious"] for fact in facts])
    start = numbers(enter)
    return Column(
        serious=serious,
        passes=(~duty & ~serious).astype(np.int64),
        enter=start,
        ends=ends,
        held=np.where(duty, ends, start),
        stays=np.stack([numbers(plus_months(enter, 6))]),
        grows=numbers(two),
        clean=numbers(two),
        grown=numbers(plus_months(two, 24)),
    )


def number(day: dt.date | None) -> int:
    return NEVER if day is None else (day - dt.date(1970, 1, 1)).days


def numbers(days: pd.Series) -> np.ndarray:
    return days.to_numpy().astype("datetime64[D]").astype(np.int64)


def walked(facts: list[Fact], day: dt.date) -> tuple[tuple[bool, bool], tuple[int, int]]:
    """Whether it is on each list on an evening, and when each stay would end."""
    begins = np.array([0, len(facts)])
    state, leaves, _ = walk(begins, column(facts), number(day))
    return (state[0, ABNORMAL] != OFF, state[0, S] != OFF), (int(leaves[0, 0]), int(leaves[0, 1]))


@given(histories(), st.lists(st.integers(0, (LAST - START).days), min_size=1, max_size=6))
@settings(max_examples=100)
def test_an_evening_equals_the_replay_of_all_before_it(facts: list[Fact], asked: list[int]) -> None:
    replayed = {day: (a is not None, s is not None) for day, a, s in evenings(facts, LAST)}
    for day in [START + dt.timedelta(days=n) for n in asked] + [months_after(facts[-1]["enter"], n) for n in (6, 24)]:
        assert walked(facts, day)[0] == replayed.get(day, (False, False)), day


@given(histories())
@settings(max_examples=50)
def test_a_stay_ends_on_the_day_that_was_foretold(facts: list[Fact]) -> None:
    """Unless something new happens, the day on which each stay is said to end is the first evening without it."""
    on, leaves = walked(facts, facts[-1]["enter"])
    for place in (0, 1):
        if not on[place] or leaves[place] == NEVER:
            continue
        ends = dt.date(1970, 1, 1) + dt.timedelta(days=leaves[place])
        eve = walked(facts, ends - dt.timedelta(days=1))[0]
        grown = place == 0 and not eve[0]
        renewed = place == 1 and on[0]
        assert eve[place] or grown
        assert not walked(facts, ends)[0][place] or renewed


@pytest.mark.parametrize(
    ("facts", "day", "on"),
    [
        ([("AL", "passes", "2024-08-31", "2025-02-28")], "2025-02-27", (True, False)),
        ([("AL", "passes", "2024-08-31", "2025-02-28")], "2025-02-28", (False, False)),
        ([("AL", "duty", "2024-02-29", None)], "2026-02-27", (True, False)),
        ([("AL", "duty", "2024-02-29", None)], "2026-02-28", (False, True)),
        ([("AL", "duty", "2023-02-28", "2025-02-28")], "2025-02-28", (False, False)),
        ([("AL", "duty", "2023-02-28", "2025-03-01")], "2025-02-28", (False, True)),
        ([("AL", "duty", "2023-02-28", "2025-03-01")], "2027-02-27", (False, True)),
        ([("AL", "duty", "2023-02-28", "2025-03-01")], "2027-02-28", (False, False)),
        ([("AL", "duty", "2023-02-28", None)], "2040-01-01", (False, True)),
        (
            [("AL", "duty", "2023-01-10", None), ("AL", "passes", "2024-06-10", "2024-12-10")],
            "2025-01-10",
            (True, False),
        ),
        (
            [("AL", "duty", "2023-01-10", None), ("AL", "passes", "2024-06-10", "2024-12-10")],
            "2026-06-10",
            (False, True),
        ),
        ([("SL", "passes", "2023-05-20", "2025-05-20")], "2025-05-19", (False, True)),
        ([("SL", "passes", "2023-05-20", "2025-05-20")], "2025-05-20", (False, False)),
        (
            [("SL", "passes", "2023-05-20", "2025-05-20"), ("AL", "passes", "2025-05-19", "2025-11-19")],
            "2027-05-18",
            (False, True),
        ),
        (
            [("SL", "passes", "2023-05-20", "2025-05-20"), ("AL", "passes", "2025-05-20", "2025-11-20")],
            "2025-05-20",
            (True, False),
        ),
        ([("SL", "duty", "2023-05-20", "2024-01-01")], "2025-05-19", (False, True)),
        (
            [("AL", "passes", "2023-05-20", "2023-11-20"), ("SL", "passes", "2023-05-20", "2025-05-20")],
            "2023-06-01",
            (True, True),
        ),
        ([("AL", "passes", "2023-05-20", "2023-05-20")], "2023-05-20", (False, False)),
    ],
)
def test_borders(facts: list[tuple[str, str, str, str | None]], day: str, on: tuple[bool, bool]) -> None:
    given_facts = [
        {
            "serious": name == "SL",
            "duty": kind == "duty",
            "enter": dt.date.fromisoformat(enter),
            "ends": dt.date.fromisoformat(ends) if ends else None,
        }
        for name, kind, enter, ends in facts
    ]
    asked = dt.date.fromisoformat(day)
    assert walked(given_facts, asked)[0] == on
    replayed = {at: (a is not None, s is not None) for at, a, s in evenings(given_facts, asked)}
    assert replayed[asked] == on
