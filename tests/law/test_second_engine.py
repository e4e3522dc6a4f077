"""The product equals the second engine on registries that look for trouble, whether lists are decided or assumed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import pandas as pd
import pytest

from sorg_risk.law import statutory
from sorg_risk.records import View
from sorg_risk.records import open as open_source

from .adversarial import registry
from .decided_engine import FLAG, Decided, Line
from .histories import code, tables
from .second_engine import Registry, assumed

COUNT = 40
EVENINGS = [(1, "2022-08-31"), (2, "2024-02-29"), (3, "2024-06-17"), (4, "2026-02-28"), (5, "2026-10-31")]


def lines(flags: pd.DataFrame) -> dict[str, set[Line]]:
    """The rows of both lists and the alerts of their grounds, by organisation."""
    of_lists = flags["flag"].isin(list(FLAG.values()))
    alerts = (flags["flag"] == "alert") & flags["ground"].str.match(r"AL-0[1356]|SL-")
    found: dict[str, set[Line]] = defaultdict(set)
    for row in flags.loc[of_lists | alerts].itertuples():
        found[str(row.org_id)].add((str(row.flag), str(row.status), str(row.ground), row.since.date()))
    return found


def members(view: View) -> dict[str, dict[str, dt.date]]:
    """Who is on which list since when, where lists are assumed."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in statutory(view, "assumed").members.itertuples():
        found[str(row.org_id)][FLAG[str(row.list)]] = row.listed_on.date()
    return found


@pytest.mark.parametrize(("seed", "day"), EVENINGS)
def test_both_engines_agree(seed: int, day: str) -> None:
    today = dt.date.fromisoformat(day)
    rows = registry(COUNT, seed, today)
    view = open_source(tables(rows)).as_of(day)
    flags, on_lists = lines(statutory(view).flags), members(view)
    for number in range(1, COUNT + 1):
        one = Registry(rows, code(number))
        assert flags[code(number)] == Decided(one, today).rows(), code(number)
        assert on_lists[code(number)] == assumed(one, today), code(number)


def test_the_registries_hold_what_is_hard() -> None:
    """Every status and ground of both lists comes up, and listings are undone for more than one reason."""
    seen: set[tuple[str, str]] = set()
    rules: set[str] = set()
    for seed, day in EVENINGS:
        flags = statutory(open_source(tables(registry(COUNT, seed, dt.date.fromisoformat(day)))).as_of(day)).flags
        seen |= set(zip(flags["status"], flags["ground"].str[:5], strict=True))
        rules |= set(
            flags.loc[flags["status"] == "recommend_removal", "citation"].str.extract(r"（([A-Z]{2}-R?\d+)）")[0]
        )
    assert {ground for status, ground in seen if status == "recommend_listing"} >= {"AL-01", "AL-03", "AL-05", "SL-05"}
    assert {"AL-01", "AL-05"} <= {ground for status, ground in seen if status == "restart"}
    assert {"EX-02", "AL-R1", "SL-R2"} <= rules
