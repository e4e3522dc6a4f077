"""What must hold whatever the records say: no later row counts, no order counts, no neighbour counts, and no day is too early or too late."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sorg_risk.law import Statutory, grounds, statutory
from sorg_risk.records import TABLES, Source
from sorg_risk.records import open as open_source
from sorg_risk.simulate import simulate

Tables = dict[str, pd.DataFrame]
DAY = "2024-10-15"
MODES = ("decided", "assumed")
ORGS = 80
SHARE = 0.15


@cache
def register() -> Tables:
    return dict(simulate(ORGS, 7, flows_per_org=8.0))


@cache
def known_by_day() -> Tables:
    """The rows recorded by the day."""
    return {name: rows.loc[recorded(rows) <= pd.Timestamp(DAY)] for name, rows in register().items()}


@cache
def judged(lists: str) -> Statutory:
    return statutory(open_source(known_by_day()).as_of(DAY), lists)


def recorded(rows: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(rows["recorded_at"]).dt.floor("D")


def same(found: Statutory, expected: Statutory, orgs: set[str] | None = None) -> None:
    """Flags, members and trace are the same to the letter."""
    for part in ("flags", "members"):
        mine, theirs = getattr(found, part), getattr(expected, part)
        if orgs is not None:
            theirs = theirs.loc[theirs["org_id"].isin(orgs)]
        pd.testing.assert_frame_equal(mine.reset_index(drop=True), theirs.reset_index(drop=True))
    theirs = expected.clauses
    theirs = theirs.loc[theirs["flag_id"].isin(found.flags["flag_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.clauses, theirs)


def changed(rows: pd.DataFrame, name: str, later: str) -> pd.DataFrame:
    """The same records with other content: other words, days and figures, recorded later."""
    key = TABLES[name].key
    other = rows.sample(frac=1.0, random_state=3).reset_index(drop=True)
    kept = {column: rows[column].to_numpy() for column in (key, "org_id") if column in rows}
    return other.assign(**kept, recorded_at=pd.Timestamp(later))


def of_orgs(rows: pd.DataFrame, org_ids: Iterable[str]) -> pd.DataFrame:
    """The rows of some organisations; a table that belongs to none is everybody's."""
    return rows.loc[rows["org_id"].isin(list(org_ids))] if "org_id" in rows else rows


def some(rows: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    return rows.sample(frac=SHARE, random_state=seed) if len(rows) > 3 else rows


def joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def new_rows(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """News of the day after, also of events long past."""
    key = TABLES[name].key
    if key == "org_id":
        return rows.iloc[:0]
    late = changed(some(rows), name, "2024-10-16")
    return late.assign(**{key: late[key] + "-late"})


def versions(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    return changed(some(rows, 1), name, "2024-10-17")


def voids(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    return some(rows, 2).assign(recorded_at=pd.Timestamp("2024-10-18"), voided=True)


def conflicts(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    part = some(rows, 4)
    return pd.concat([part.assign(recorded_at=pd.Timestamp("2024-10-19")), changed(part, name, "2024-10-19")])


LATER: list[Callable[[str, pd.DataFrame], pd.DataFrame]] = [new_rows, versions, voids, conflicts]


@cache
def with_later_rows() -> Source:
    """Everything that can be recorded after the day, at once: the rest of the register, news, versions, voids and conflicts."""
    tables = {}
    for name, rows in known_by_day().items():
        rest = register()[name].loc[recorded(register()[name]) > pd.Timestamp(DAY)]
        parts = [rows, rest, *(more(name, rows) for more in LATER)]
        tables[name] = joined(parts)
    return open_source(tables)


@pytest.mark.parametrize("lists", MODES)
def test_what_is_recorded_after_the_day_changes_nothing(lists: str) -> None:
    later = with_later_rows()
    same(statutory(later.as_of(DAY), lists), judged(lists))


def test_the_later_rows_do_change_a_later_day() -> None:
    later = statutory(with_later_rows().as_of("2024-10-20")).flags
    untouched = statutory(open_source(known_by_day()).as_of("2024-10-20")).flags
    assert set(later["flag_id"]) != set(untouched["flag_id"])


@pytest.mark.parametrize("lists", MODES)
def test_the_order_of_rows_changes_nothing(lists: str) -> None:
    shuffled = {name: rows.sample(frac=1.0, random_state=11) for name, rows in known_by_day().items()}
    same(statutory(open_source(shuffled).as_of(DAY), lists), judged(lists))


@pytest.mark.parametrize("lists", MODES)
def test_some_organisations_alone_give_the_same_as_in_the_crowd(lists: str) -> None:
    flags = judged(lists).flags
    chosen = flags["org_id"].drop_duplicates().sample(6, random_state=5)
    for org_id in chosen.iloc[:2]:
        alone = {name: of_orgs(rows, [org_id]) for name, rows in known_by_day().items()}
        same(statutory(open_source(alone).as_of(DAY), lists), judged(lists), {org_id})
    view = open_source(known_by_day()).as_of(DAY).restricted_to(chosen)
    same(statutory(view, lists), judged(lists), set(chosen))


@pytest.mark.parametrize("lists", MODES)
def test_voiding_what_was_recorded_restores_the_earlier_state(lists: str) -> None:
    """Records that were made and taken back the same week leave no trace, except where a listing rested on them."""
    tables = {}
    for name, rows in known_by_day().items():
        made = new_rows(name, rows).assign(recorded_at=pd.Timestamp("2024-10-01"))
        made = made.loc[made[events(name)].max(axis=1) <= pd.Timestamp("2024-10-01")] if events(name) else made
        gone = made.assign(recorded_at=pd.Timestamp("2024-10-05"), voided=True)
        tables[name] = joined([rows, made, gone])
    source = open_source(tables)
    assert len(source.history("penalties")) > len(open_source(known_by_day()).history("penalties"))
    same(statutory(source.as_of(DAY), lists), judged(lists))


def events(name: str) -> list[str]:
    """The columns of a table that hold days of events."""
    return [column.name for column in TABLES[name].columns if column.event]


DAYS = ("1990-01-01", "2018-01-24", "2020-02-29", "2027-01-01", "2040-12-31")


def due_on(folder: Path) -> Path:
    """A mapping of the same tables as foreign records."""
    lines = ['code_scheme = "any"', 'calendar = "due_on"', *(f'[{name}]\nfrom = "{name}"' for name in register())]
    file = folder / "mapping.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


@pytest.mark.parametrize("foreign", [False, True], ids=["law", "due_on"])
def test_no_day_is_refused(foreign: bool, tmp_path: Path) -> None:
    few = register()["organizations"]["org_id"].head(20)
    small = {name: of_orgs(rows, few) for name, rows in register().items()}
    source = open_source(small, due_on(tmp_path) if foreign else None)
    for day, lists in itertools.product(DAYS, MODES):
        found = statutory(source.as_of(day), lists)
        assert (found.flags["since"] <= pd.Timestamp(day)).all()
        assert found.flags["flag_id"].is_unique
    assert len(found.clauses) >= len(found.flags) > 0
    assert set(found.remedies["flag_id"]) <= set(found.flags["flag_id"])


def test_nothing_was_a_ground_before_the_measures() -> None:
    source = open_source(register())
    assert grounds(source.as_of("2018-01-23")).empty
    assert (grounds(source.as_of("2026-10-31"))["since"] >= pd.Timestamp("2018-01-24")).all()


@pytest.mark.parametrize("lists", MODES)
def test_what_the_contract_promises_of_every_row(lists: str) -> None:
    found = judged(lists)
    flags = found.flags
    assert not flags.duplicated(["org_id", "flag", "status", "ground"]).any()
    order = flags.sort_values(["org_id", "flag", "status", "ground"], kind="stable").index
    assert np.array_equal(order, flags.index)
    assert flags["citation"].str.len().gt(0).all()
    assert flags["evidence"].map(lambda records: len(records) > 0 and records == sorted(set(records))).all()
    assert (flags.loc[flags["clears_on"].notna(), "clears_on"] > pd.Timestamp(DAY)).all()
    keys = {f"{name}:{key}" for name, rows in known_by_day().items() for key in rows[TABLES[name].key]}
    assert set(flags["evidence"].explode()) <= keys
    assert set(found.clauses["flag_id"]) == set(flags["flag_id"])
