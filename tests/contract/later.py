"""News that comes after a day: whatever is appended here must leave every result of that day as it was."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from sorg_risk.records import TABLES

Tables = dict[str, pd.DataFrame]
KINDS: dict[str, Callable[[str, pd.DataFrame, pd.Timestamp, np.random.Generator], pd.DataFrame]] = {}


def news(kind: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    KINDS[kind.__name__] = kind
    return kind


def _some(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return rows.iloc[rng.permutation(len(rows))[: max(1, len(rows) // 5)]]


def _known_later(rows: pd.DataFrame, day: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    late = day + pd.to_timedelta(rng.integers(1, 400, len(rows)), unit="D")
    return rows.assign(recorded_at=late)


@news
def late_news_of_old_events(name: str, rows: pd.DataFrame, day: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    key = TABLES[name].key
    chosen = _known_later(_some(rows, rng), day, rng)
    return (
        chosen if name == "organizations" or "org_id" not in chosen else chosen.assign(**{key: "late-" + chosen[key]})
    )


@news
def later_versions(name: str, rows: pd.DataFrame, day: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    changed = _known_later(_some(rows, rng), day, rng)
    for column in TABLES[name].columns:
        if column.is_number and column.kind == "money" and column.name in changed:
            changed[column.name] = changed[column.name] * 7 + 1
    return changed


@news
def later_voids(name: str, rows: pd.DataFrame, day: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    return _known_later(_some(rows, rng), day, rng).assign(voided=True)


@news
def later_conflicts(name: str, rows: pd.DataFrame, day: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    one = _known_later(_some(rows, rng), day, rng)
    other = one.copy()
    event = next((c.name for c in TABLES[name].columns if c.event and c.name in one), None)
    if event is not None:
        other[event] = other[event].fillna(day) - pd.Timedelta(days=3)
    return pd.concat([one, other])


@news
def later_moves_to_another_organisation(
    name: str, rows: pd.DataFrame, day: pd.Timestamp, rng: np.random.Generator
) -> pd.DataFrame:
    chosen = _known_later(_some(rows, rng), day, rng)
    return (
        chosen if name == "organizations" or "org_id" not in chosen else chosen.assign(org_id=chosen["org_id"].iloc[0])
    )


@news
def later_rubbish(name: str, rows: pd.DataFrame, day: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    chosen = _known_later(_some(rows, rng), day, rng)
    column = next((c.name for c in TABLES[name].columns if c.codes and c.name in chosen), None)
    return chosen if column is None else chosen.assign(**{column: "no such word"})


def with_news(tables: Tables, kinds: list[str], day: str, seed: int) -> Tables:
    """The same tables with news of some kinds appended, all of it recorded after the day."""
    rng = np.random.default_rng(seed)
    found = dict(tables)
    for kind in kinds:
        for name, rows in tables.items():
            if len(rows):
                more = KINDS[kind](name, rows, pd.Timestamp(day), rng)
                found[name] = pd.concat([found[name], more], ignore_index=True)
    return {name: rows.sample(frac=1, random_state=seed) for name, rows in found.items()}
