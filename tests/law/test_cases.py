"""Every worked case beside its rule holds."""

from __future__ import annotations

import pandas as pd
import pytest

from sorg_risk.law.evaluate import facts_of
from sorg_risk.law.known import Known
from sorg_risk.law.registry import RULES
from sorg_risk.law.rule import Case, Rule
from sorg_risk.records import open as open_source

CASES = [pytest.param(rule, case, id=f"{rule.id}: {case.story}") for rule in RULES for case in rule.cases]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_worked_case(rule: Rule, case: Case) -> None:
    source = open_source({name: pd.DataFrame(rows) for name, rows in case.rows.items()})
    found = facts_of(Known(source.as_of(case.day)), (rule.flag,))
    own = found.loc[found["rule"] == rule.id, "since"]
    assert tuple(sorted(f"{day:%Y-%m-%d}" for day in own)) == case.since


def test_every_rule_that_finds_facts_has_cases() -> None:
    assert all(len(rule.cases) >= 1 for rule in RULES if rule.facts is not None)
