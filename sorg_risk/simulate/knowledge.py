"""When the authority knew: lags, later versions, corrections and withdrawn rows.

Every table leaves the simulator through :func:`frame`, which types the columns by their names (``…_on`` and
``recorded_at`` are days), keeps only what was known by the last day, and sorts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .clock import END, Ints

Columns = Mapping[str, Any]
_FLAGS = frozenset(
    [
        "voided",
        "is_industry_association",
        "is_charity",
        "has_public_fundraising",
        "is_community",
        "is_related_party",
        "substantiated",
        "is_official",
        "is_paid",
        "has_party_organization",
        "fee_by_secret_ballot",
    ]
)


def lag(rng: np.random.Generator, count: int, typical: float, least: int = 0) -> Ints:
    """Days between an event and its record: mostly short, now and then long; never more than 120."""
    return least + np.minimum(rng.exponential(typical, count), 120).astype(np.int64)


def frame(columns: Columns, key: str) -> pd.DataFrame:
    """A table as pandas keeps it, rows sorted by key and record day, nothing recorded after the last day."""
    out = pd.DataFrame({name: _typed(name, values) for name, values in columns.items()})
    out["voided"] = pd.array(np.zeros(len(out), dtype=bool), dtype="boolean")
    return _until_the_end(out).sort_values([key, "recorded_at"], kind="stable", ignore_index=True)


def _typed(name: str, values: Any) -> Any:
    if name.endswith("_on") or name in ("recorded_at", "registered_by"):
        return np.asarray(values, dtype=np.int64).view("datetime64[D]").astype("datetime64[s]")
    if name in _FLAGS:
        return pd.array(values, dtype="boolean")
    array = np.asarray(values)
    if array.dtype == object:
        return pd.array(array, dtype="str")
    return array.astype(np.float64)


def versions(first: pd.DataFrame, later: pd.DataFrame, key: str) -> pd.DataFrame:
    """First and later versions in one table; a later version is recorded at least one day after the first.

    ``first`` is sorted by key and has each key once; of ``later`` the rows with a known key are taken.
    """
    place = pd.Index(first[key]).get_indexer(pd.Index(later[key]))
    later, place = later[place >= 0].copy(), place[place >= 0]
    least = first["recorded_at"].to_numpy()[place] + np.timedelta64(1, "D")
    later["recorded_at"] = np.maximum(later["recorded_at"].to_numpy(), least)
    both = pd.concat([first, later], ignore_index=True)
    order = np.lexsort((both["recorded_at"].to_numpy(), np.concatenate([np.arange(len(first)), place])))
    return _until_the_end(both.iloc[order])


def _until_the_end(table: pd.DataFrame) -> pd.DataFrame:
    known = table["recorded_at"].to_numpy() <= np.datetime64(END, "D")
    return table[known].reset_index(drop=True)


def amend(table: pd.DataFrame, rng: np.random.Generator, key: str, column: str, share: float) -> pd.DataFrame:
    """Correct a number in a small share of single-version rows weeks later, and withdraw a third as many altogether."""
    single = ~table[key].duplicated(keep=False).to_numpy()
    draw = rng.random(len(table))
    wait = rng.integers(10, 200, len(table))
    corrected = _later(table, single & (draw < share), wait)
    corrected[column] = (corrected[column] * 1.1).round(2)
    withdrawn = _later(table, single & (draw > 1 - share / 3), wait)
    withdrawn["voided"] = pd.array(np.ones(len(withdrawn), dtype=bool), dtype="boolean")
    return versions(table, pd.concat([corrected, withdrawn], ignore_index=True), key)


def _later(table: pd.DataFrame, chosen: np.ndarray[Any, np.dtype[np.bool_]], wait: Ints) -> pd.DataFrame:
    rows = table[chosen].copy()
    rows["recorded_at"] = rows["recorded_at"] + pd.to_timedelta(wait[chosen], unit="D").as_unit("s")
    return rows
