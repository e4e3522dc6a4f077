"""Reasons rows: the contributions behind every score, the largest named and the rest in one line.

For each organisation the rows sum to its score: a ``(base)`` row, at most twelve named features by size (ties by name), and one
``(rest)`` row for all others. ``full=True`` names every feature and needs no rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from . import words

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

NAMED = 12


def score_reasons(
    org_ids: pd.Index,
    X: pd.DataFrame,
    values: NDArray[np.float64],
    base: float,
    score: NDArray[np.float64],
    *,
    day: dt.date,
    full: bool = False,
) -> pd.DataFrame:
    """Return the reasons of every score.

    Parameters
    ----------
    org_ids
        The organisations, one a row of the other arguments.
    X
        Feature values (organisations x features), the columns in the order of ``values``.
    values
        Exact contributions in points, same shape.
    base, score
        ``base + values.sum(axis=1) == score``.
    day
        The as-of day.
    full
        Name every feature instead of the twelve largest.

    Returns
    -------
    pandas.DataFrame
        org_id, as_of, flag_id (missing: the score), part, feature, value, contribution, unit, rank, text_zh, text_en;
        the contributions of one organisation sum to its score within 1e-9.
    """
    named = _named(X, values, None if full else NAMED)
    frame = pd.concat(
        [_base_rows(len(org_ids), base), named, _rest_rows(named, values, base, score)], ignore_index=True
    )
    frame["org_id"] = pd.Series(np.asarray(org_ids, dtype=object)[frame["at"].to_numpy()], dtype="str")
    frame["as_of"] = pd.Timestamp(day).as_unit("s")
    frame["flag_id"] = pd.Series([None] * len(frame), dtype="str")
    frame["part"], frame["unit"] = "model", "points"
    return frame.sort_values(["at", "rank"], kind="stable").drop(columns="at").reset_index(drop=True)


def _base_rows(count: int, base: float) -> pd.DataFrame:
    text = {lang: words.BASE[lang].format(value=f"{base:.1f}") for lang in ("zh", "en")}
    return pd.DataFrame(
        {
            "at": np.arange(count),
            "feature": "(base)",
            "value": "",
            "contribution": base,
            "rank": np.int64(0),
            "text_zh": text["zh"],
            "text_en": text["en"],
        }
    )


def _named(X: pd.DataFrame, values: NDArray[np.float64], most: int | None) -> pd.DataFrame:
    """The named rows: largest first, ties by name, nothing for a contribution of exactly zero."""
    by_name = np.argsort(np.asarray(X.columns, dtype=str), kind="stable")
    size = -np.abs(values[:, by_name])
    order = np.argsort(size, axis=1, kind="stable")[:, :most]
    at = np.repeat(np.arange(len(values)), order.shape[1])
    column = by_name[order.ravel()]
    rank = np.tile(np.arange(1, order.shape[1] + 1), len(values))
    points = values[at, column]
    kept = points != 0
    at, column, rank, points = at[kept], column[kept], rank[kept], points[kept]
    raw = _cells(X, at, column)
    feature = np.asarray(X.columns, dtype=object)[column]
    return pd.DataFrame(
        {
            "at": at,
            "feature": pd.Series(feature, dtype="str"),
            "value": pd.Series([words.shown(v) for v in raw], dtype="str"),
            "contribution": points,
            "rank": rank.astype(np.int64),
            "text_zh": [words.reason(f, v, p, "zh") for f, v, p in zip(feature, raw, points, strict=True)],
            "text_en": [words.reason(f, v, p, "en") for f, v, p in zip(feature, raw, points, strict=True)],
        }
    )


def _cells(X: pd.DataFrame, at: NDArray[np.intp], column: NDArray[np.intp]) -> list[object]:
    """The values at (row, column) as plain Python objects: numbers stay numbers, categories become their words, missing None."""
    found = np.empty(len(at), dtype=object)
    for j in np.unique(column):
        here = column == j
        cells = X.iloc[:, j].iloc[at[here]].astype(object)
        found[here] = cells.where(cells.notna(), None).to_numpy()
    return found.tolist()


def _rest_rows(
    named: pd.DataFrame, values: NDArray[np.float64], base: float, score: NDArray[np.float64]
) -> pd.DataFrame:
    """What the named features leave over, so that every organisation's rows sum to its score."""
    told = named.groupby("at")["contribution"].agg(["sum", "size"]).reindex(range(len(values)), fill_value=0.0)
    others = (values != 0).sum(axis=1) - told["size"].to_numpy()
    at = np.flatnonzero(others > 0)
    points = (score - base - told["sum"].to_numpy())[at]
    count = others[at].astype(int)
    text = {
        lang: [
            words.REST[lang].format(count=n, effect=words.effect(p, lang)) for n, p in zip(count, points, strict=True)
        ]
        for lang in ("zh", "en")
    }
    last = named["rank"].max() if len(named) else 0
    return pd.DataFrame(
        {
            "at": at,
            "feature": "(rest)",
            "value": "",
            "contribution": points,
            "rank": np.full(len(at), last + 1, dtype=np.int64),
            "text_zh": text["zh"],
            "text_en": text["en"],
        }
    )
