"""What decides the grounds of the lists on an earlier evening: no rule reads a table that its situation is not watched in."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from sorg_risk.law.evaluate import base_rules
from sorg_risk.law.knowledge import ALWAYS_WATCHED, FILINGS, WATCHED
from sorg_risk.law.known import Known
from sorg_risk.law.registry import situation
from sorg_risk.law.rule import Rule
from sorg_risk.records import View
from sorg_risk.records import open as open_source

from .adversarial import registry
from .histories import tables

DAY = dt.date(2024, 6, 17)


class ReadingView(View):
    """A view that remembers which tables were asked for."""

    read: set[str]

    def table(self, name: str) -> pd.DataFrame:
        self.read.add(name)
        return super().table(name)

    def history(self, name: str) -> pd.DataFrame:
        self.read.add(name)
        return super().history(name)


@pytest.mark.parametrize("rule", base_rules(), ids=lambda rule: rule.id)
def test_a_rule_reads_only_what_its_situation_is_watched_in(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside how long an ended fact is still alerted, which no earlier evening is asked for."""
    monkeypatch.setattr(Known, "next_report_due", lambda _known, org_ids, _after: pd.Series(pd.NaT, org_ids.index))
    rows = registry(30, 3, DAY)
    view = ReadingView(open_source(tables({**rows, "exemptions": []})), DAY)
    view.read = set()
    assert rule.facts is not None
    found = rule.facts(Known(view))
    assert set(found.frame["ground"]) <= {rule.id}
    watched = WATCHED[situation(rule.id)]
    lines = {"report_notices"} if FILINGS in watched else set()
    assert view.read <= {*watched, *ALWAYS_WATCHED, *lines}
