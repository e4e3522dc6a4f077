"""The written panel is the panel, from memory or from a ledger."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sorg_risk.errors import UsageError
from sorg_risk.model import panel, write_panel
from sorg_risk.records import Source
from sorg_risk.records import open as open_source
from sorg_risk.records.ledger import Ledger

DAYS = ["2023-12-31", "2024-12-31"]


@pytest.fixture(scope="module")
def source(root: Path) -> Source:
    return open_source(root / "data" / "sample")


def _read(files: list[Path]) -> pd.DataFrame:
    whole = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    return whole.assign(as_of=whole["as_of"].astype("datetime64[s]")).set_index(["as_of", "org_id"]).sort_index()


def test_new_grounds(source: Source, tmp_path: Path) -> None:
    found, want = _read(write_panel(source, DAYS, tmp_path)), panel(source, DAYS)
    assert found.index.tolist() == want.X.index.tolist()
    assert found["y"].tolist() == want.y.tolist()
    assert list(found) == ["y", *want.X]
    numbers = want.X.select_dtypes("number")
    pd.testing.assert_frame_equal(found[numbers.columns], numbers, check_exact=True, check_index_type=False)


def test_events_of_the_caller_from_a_ledger(source: Source, tmp_path: Path) -> None:
    outcome = pd.DataFrame({"org_id": source.as_of(DAYS[0]).active[:40], "event_on": "2024-03-05"})
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.bring(source)
    found = _read(write_panel(ledger, DAYS, tmp_path / "out", 120, outcome))
    want = panel(source, DAYS, 120, outcome)
    assert found["y"].sum() == want.y.sum() == 40
    assert found.index.tolist() == want.X.index.tolist()


def test_refusals(source: Source, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("x")
    with pytest.raises(UsageError, match="not empty"):
        write_panel(source, DAYS, tmp_path)
    with pytest.raises(UsageError, match="last day known"):
        write_panel(source, ["2026-10-31"], tmp_path / "new")
