"""Every worked case beside its rule holds."""

from __future__ import annotations

import pandas as pd
import pytest

from sorg_risk.law import apply_law
from sorg_risk.law.registry import RULES
from sorg_risk.law.rule import Case, Rule
from sorg_risk.records import open as open_source

from .crowd import Crowd

CASES = [(rule, case) for rule in RULES for case in rule.cases]
CROWD = Crowd()
for _, written in CASES:
    CROWD.take(written)
ONE_SIDED = {"AL-04b", "GO-04s"}
"""Rules whose outside is shown by the other version of the rule."""


def told(flags: pd.DataFrame, shows: str) -> list[str]:
    """The rows a case speaks of, in its words."""
    rows = flags[["flag", "status", "ground", "since"]].itertuples(index=False)
    return sorted(
        f"{flag} {status} {ground} {since:%Y-%m-%d}"
        for flag, status, ground, since in rows
        if meant(flag, ground, shows)
    )


def meant(flag: str, ground: str, shows: str) -> bool:
    return flag.endswith("_list") if shows == "*list" else flag == shows or ground.startswith(shows)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{rule.id}: {case.story}" for rule, case in CASES])
def test_worked_case(number: int) -> None:
    rule, case = CASES[number]
    assert told(CROWD[number], case.shows or rule.id) == sorted(case.gives)


@pytest.mark.parametrize("number", range(0, len(CASES), 61))
def test_a_case_alone_gives_the_same(number: int) -> None:
    rule, case = CASES[number]
    source = open_source({name: pd.DataFrame(rows) for name, rows in case.rows.items()})
    assert told(apply_law(source.as_of(case.day), lists=case.lists), case.shows or rule.id) == sorted(case.gives)


def test_every_rule_that_finds_facts_has_a_case_inside_and_one_outside() -> None:
    by_name: dict[str, list[Case]] = {}
    for rule, case in CASES:
        by_name.setdefault(rule.id, []).append(case)
    for rule in [rule for rule in RULES if rule.facts is not None]:
        cases = by_name.get(rule.id, [])
        assert any(case.gives for case in cases), rule.id
        assert rule.id in ONE_SIDED or any(not case.gives for case in cases), rule.id


def test_the_comparison_can_fail() -> None:
    rule, case = next((rule, case) for rule, case in CASES if case.gives)
    assert isinstance(rule, Rule)
    assert told(CROWD[CASES.index((rule, case))], rule.id) != []
