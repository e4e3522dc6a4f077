"""Readers beside a writer: what they opened stays, and what nobody needs any more is tidied away."""

from __future__ import annotations

import gc
from pathlib import Path

import pandas as pd

from sorg_risk.records.ledger import Ledger, state
from tests.records.made import A, organizations


def states_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("state-*.json"))


def bring_more(ledger: Ledger, days: int) -> None:
    """Deliveries that each add a row."""
    for day in range(1, days + 1):
        flows = [flow(f"f{n}", amount=n) for n in range(1, day + 1)]
        ledger.bring({"organizations": organizations(A), "fund_flows": pd.DataFrame(flows)})


def flow(key: str, amount: float) -> dict[str, object]:
    day = {"booked_on": "2021-01-01", "recorded_at": "2021-01-02"}
    return {"flow_id": key, "org_id": A, "direction": "in", "amount": amount, **day}


def test_only_the_last_two_states_stay(tmp_path):
    ledger = Ledger.open(tmp_path / "ledger")
    bring_more(ledger, 5)
    assert states_of(ledger.folder) == ["state-000004.json", "state-000005.json"]
    assert len(list((ledger.folder / "generations").iterdir())) == 5
    assert ledger.verify() == []


def test_a_reader_opened_before_a_compaction_goes_on_reading(tmp_path):
    ledger = Ledger.open(tmp_path / "ledger")
    bring_more(ledger, 3)
    reader = Ledger.open(ledger.folder).at()
    before = {path.name for path in (ledger.folder / "segments").iterdir()}

    ledger.compact()

    after = {path.name for path in (ledger.folder / "segments").iterdir()}
    assert before < after, "what the reader needs is still there"
    assert len(reader.as_of("2021-12-31").table("fund_flows")) == 3

    del reader
    gc.collect()
    bring_more(ledger, 4)
    assert not before & {path.name for path in (ledger.folder / "segments").iterdir()}
    assert ledger.verify() == []


def test_a_reader_between_two_writes_finds_its_state(tmp_path, monkeypatch):
    ledger = Ledger.open(tmp_path / "ledger")
    bring_more(ledger, 2)
    looks = []
    pointer = state._pointer

    def look_late(folder):
        answer = pointer(folder)
        if not looks:
            looks.append(answer)
            monkeypatch.setattr(state, "_pointer", pointer)
            bring_more(Ledger.open(folder), 5)
        return answer

    monkeypatch.setattr(state, "_pointer", look_late)
    assert Ledger.open(ledger.folder).at().as_of("2021-12-31").table("fund_flows").shape[0] == 5
    assert looks
