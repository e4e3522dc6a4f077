"""Rows that are no longer delivered, or were refused, only make flags provisional: they never add or clear one, whatever they are."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from sorg_risk.law import apply_law
from sorg_risk.records import TABLES
from sorg_risk.records import open as open_source
from sorg_risk.records.ledger import Ledger
from sorg_risk.records.ledger.losses import losses
from sorg_risk.records.ledger.wide import WideSource
from sorg_risk.simulate import simulate

DAY = "2026-06-15"
MAY_DIFFER = ["next_step", "next_step_due", "provisional", "evidence"]
DROPPED = ("filings", "fund_flows", "penalties", "inspections", "positions", "listings", "assessments", "exemptions")
Frames = dict[str, pd.DataFrame]


@cache
def registry() -> Frames:
    return dict(simulate(20, 11, flows_per_org=6.0))


@cache
def ledger() -> Ledger:
    """A ledger whose first delivery is the whole registry."""
    made = Ledger.open(Path(mkdtemp()) / "ledger")
    made.bring(registry())
    return made


def thinned(seed: int, tables: list[str], share: float) -> Frames:
    """The registry without some of the rows of some tables."""
    chance, frames = np.random.default_rng(seed), dict(registry())
    for name in tables:
        frames[name] = frames[name].loc[chance.random(len(frames[name])) >= share]
    return frames


def spoilt(seed: int, tables: list[str], share: float) -> Frames:
    """The registry with further rows of any organisation and year that are refused, of every kind there is."""
    chance, frames = np.random.default_rng(seed), dict(registry())
    for name in tables:
        rows = frames[name].astype(object)
        more = rows.loc[chance.random(len(rows)) < share].copy()
        more[TABLES[name].key] = [f"more-{number}" for number in range(len(more))]
        more["org_id"] = chance.choice(frames["organizations"]["org_id"], len(more))
        if "fiscal_year" in more:
            more["fiscal_year"] = "some year"
        frames[name] = pd.concat([rows, more.assign(recorded_at="the other day")], ignore_index=True)
    return frames


def demand_only_doubts(plain: pd.DataFrame, doubted: pd.DataFrame, prefix: str) -> int:
    """Asserts that flags differ by doubts alone; how many do."""
    same = [name for name in plain.columns if name not in MAY_DIFFER]
    pd.testing.assert_frame_equal(doubted[same], plain[same])
    touched = doubted["evidence"].map(lambda keys: any(key.startswith(prefix) for key in keys)).astype(bool)
    pd.testing.assert_frame_equal(doubted[~touched], plain[~touched])
    assert doubted.loc[touched, "provisional"].all()
    assert (doubted.loc[touched, "next_step"] == "inspect").all()
    bare = doubted["evidence"].map(lambda keys: [key for key in keys if not key.startswith(prefix)])
    assert bare.tolist() == plain["evidence"].map(list).tolist()
    return int(touched.sum())


CHANGES = {
    "seed": st.integers(0, 2**16),
    "tables": st.lists(st.sampled_from(DROPPED), min_size=1, max_size=4, unique=True),
    "share": st.sampled_from([0.05, 0.3, 1.0]),
    "mode": st.sampled_from(["decided", "assumed"]),
}


@settings(max_examples=4, deadline=None)
@given(**CHANGES)
def test_vanished_rows_never_add_or_clear_a_flag(seed, tables, share, mode):
    number = ledger().bring(thinned(seed, tables, share))
    edition = ledger().at(number)
    alone = WideSource(edition, held=lambda rows, _view: rows)
    beside = alone.against(losses(edition, [ledger().at(1)], "2026-06-14"))
    plain, doubted = (apply_law(source.as_of(DAY), mode) for source in (alone, beside))
    demand_only_doubts(plain, doubted, "vanished:")


@settings(max_examples=4, deadline=None)
@given(**CHANGES)
def test_refused_rows_never_add_or_clear_a_flag(seed, tables, share, mode):
    plain, doubted = (
        apply_law(open_source(frames).as_of(DAY), mode) for frames in (registry(), spoilt(seed, tables, share))
    )
    demand_only_doubts(plain, doubted, "quarantine:")


def test_what_vanished_is_seen_at_all():
    number = ledger().bring(thinned(1, ["filings"], 0.3))
    edition = ledger().at(number)
    alone = WideSource(edition, held=lambda rows, _view: rows)
    beside = alone.against(losses(edition, [ledger().at(1)], "2026-06-14"))
    assert demand_only_doubts(apply_law(alone.as_of(DAY)), apply_law(beside.as_of(DAY)), "vanished:") > 0
    assert (
        demand_only_doubts(
            apply_law(open_source(registry()).as_of(DAY)),
            apply_law(open_source(spoilt(1, ["filings"], 0.3)).as_of(DAY)),
            "quarantine:",
        )
        > 2
    )
