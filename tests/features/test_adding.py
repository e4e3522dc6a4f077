"""The feature that the README adds: one file, and everything else follows."""

from __future__ import annotations

import datetime as dt
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from sorg_risk.features import CATALOGUE, Feature, families, registry
from sorg_risk.features.definitions import definition
from sorg_risk.features.examples import AS_OF, Registry
from sorg_risk.features.measure import measured

NAME = "cash_out_max_90d"


@pytest.fixture(name="added")
def _added(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Feature:
    """The declaration of the README as one more file among the families."""
    text = (root / "README.md").read_text(encoding="utf-8")
    (block,) = [one for one in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL) if NAME in one]
    assert len(block.strip().splitlines()) <= 12
    (tmp_path / "cash.py").write_text(block, encoding="utf-8")
    monkeypatch.setattr(families, "__path__", [*families.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, f"{families.__name__}.cash", raising=False)
    whole = registry.registered(registry._walk())
    assert set(whole) - set(CATALOGUE) == {NAME}
    return whole[NAME]


def test_one_file_gives_value_definition_and_examples(added: Feature) -> None:
    assert added.family == "cash"
    assert "max of amount" in definition(added)
    examples = Registry.of([added])
    view = examples.source().as_of(AS_OF)
    today = np.array([AS_OF], dtype="datetime64[D]").astype(np.int64)
    found = measured(view.packs, today, [added])
    values = dict(zip(found.orgs, found.values[NAME][:, 0]))
    want = {org_id: one.value for org_id, (_, one) in examples.asked.items()}
    assert {org_id: None if np.isnan(value) else value for org_id, value in values.items()} == want


def test_it_leaves_its_window_on_the_day(added: Feature) -> None:
    source = Registry.of([added]).source()
    days = np.array([AS_OF, AS_OF + dt.timedelta(days=1)], dtype="datetime64[D]").astype(np.int64)
    found = measured(source.packs, days, [added]).values[NAME]
    np.testing.assert_array_equal(found, [[500.0, np.nan], [np.nan, np.nan]])
