"""Reasons rows of scores: the contributions behind every score, the largest named and the rest in one line.

For each organisation the rows sum to its score: a ``(base)`` row, at most twelve named features by size (ties by name), and one ``(rest)``
row for all others. ``full=True`` names every feature and needs no rest. Sentences are made once for each different value, then taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from . import words
from .peers import BY, Peers
from .table import NAMED, reasons_table, shown
from .top import largest

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

LANGS = ("zh", "en")


def score_reasons(
    org_ids: pd.Index,
    X: pd.DataFrame,
    values: NDArray[np.float64],
    base: float,
    score: NDArray[np.float64],
    *,
    day: dt.date,
    full: bool = False,
    peers: Peers | None = None,
    against_good_standing: bool = True,
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
    peers
        Organisations to compare values with in the sentences; None: no comparison.
    against_good_standing
        Whether ``base`` is the mean of organisations in good standing (a background was given), or the mean of all that were learnt from.

    Returns
    -------
    pandas.DataFrame
        org_id, as_of, flag_id (missing: the score), part, feature, value, contribution, unit, rank, text_zh, text_en;
        the contributions of one organisation sum to its score within 1e-9.
    """
    names = np.asarray([str(c) for c in X.columns], dtype=object)
    by_name = np.argsort(names.astype(str), kind="stable")
    at, place, column = largest(values, by_name, values.shape[1] if full else NAMED)
    points = values[at, column]
    named = _worded(X, at, column, points, peers or Peers.none())
    named["rank"] = place + 1
    parts = [
        _base_rows(len(org_ids), base, words.BASE_COMPARED if against_good_standing else words.BASE),
        named,
        _rest_rows(at, points, values, base, score),
    ]
    return reasons_table(
        parts, org_id=org_ids.to_series(), as_of=pd.Timestamp(day), flag_id=None, part="model", unit="points"
    )


def _base_rows(count: int, base: float, said: dict[str, str]) -> pd.DataFrame:
    text = {lang: said[lang].format(value=f"{base:.1f}") for lang in LANGS}
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


def _worded(
    X: pd.DataFrame, at: NDArray[np.int64], column: NDArray[np.int64], points: NDArray[np.float64], peers: Peers
) -> pd.DataFrame:
    """The named rows with value and sentences; ``said`` holds each different sentence once."""
    said: dict[str, list[str]] = {"value": [], "zh": [], "en": []}
    beside: dict[str, list[str]] = {"zh": [], "en": []}
    take, compare = np.empty(len(at), dtype=np.int64), np.empty(len(at), dtype=np.int64)
    for j in np.unique(column).tolist():
        here = np.flatnonzero(column == j)
        name = str(X.columns[j])
        cells, which = _different(X.iloc[:, j], at[here])
        take[here] = len(said["value"]) + which
        said["value"] += [shown(cell) for cell in cells]
        placed, texts = words.comparisons(peers.standing(name, X.loc[:, X.columns.isin([name, BY])].iloc[at[here]]))
        compare[here] = len(beside["zh"]) + placed
        for lang in LANGS:
            said[lang] += [words.said(name, cell, lang) for cell in cells]
            beside[lang] += texts[lang]
    effects, tenth = _effects(points)
    frame = pd.DataFrame({"at": at, "feature": pd.Series(X.columns.astype("str").array.take(column), dtype="str")})
    frame["value"] = _taken(said["value"], take)
    frame["contribution"] = points
    for lang in LANGS:
        parts = ((said[lang], take), (beside[lang], compare), (effects[lang], tenth))
        first, then, last = (pa.array(texts, pa.large_string()).take(pa.array(which)) for texts, which in parts)
        told = pc.binary_join_element_wise(first, then, pa.scalar("", pa.large_string()))
        joined = pc.binary_join_element_wise(told, last, pa.scalar(words.LINK[lang], pa.large_string()))
        frame[f"text_{lang}"] = pd.Series(joined, dtype="str")
    return frame


def _different(cells: pd.Series, at: NDArray[np.int64]) -> tuple[list[Any], NDArray[np.int64]]:
    """The different values among the cells as plain objects (missing: None), and which one each cell has."""
    codes, uniques = pd.factorize(cells.array.take(at), sort=False, use_na_sentinel=True)
    found = [None if pd.isna(u) else u.item() if isinstance(u, np.generic) else u for u in uniques]
    return [*found, None], np.where(codes < 0, len(found), codes).astype(np.int64)


def _effects(points: NDArray[np.float64]) -> tuple[dict[str, list[str]], NDArray[np.int64]]:
    """Each different effect in words (they are told to a tenth of a point), and which one each row has."""
    key = np.where(np.abs(points) < words.SMALLEST, np.sign(points) * 0.01, np.round(points, 1))
    unique, which = np.unique(key, return_inverse=True)
    told = {lang: [words.effect(p, lang) for p in unique.tolist()] for lang in LANGS}
    return told, which.astype(np.int64)


def _taken(texts: list[str], take: NDArray[np.int64]) -> pd.Series:
    return pd.Series(pa.array(texts, pa.large_string()).take(pa.array(take)), dtype="str")


def _rest_rows(
    at: NDArray[np.int64],
    points: NDArray[np.float64],
    values: NDArray[np.float64],
    base: float,
    score: NDArray[np.float64],
) -> pd.DataFrame:
    """What the named features leave over, so that every organisation's rows sum to its score."""
    count = np.bincount(at, minlength=len(values))
    told = np.bincount(at, weights=points, minlength=len(values))
    others = (values != 0).sum(axis=1) - count
    left = np.flatnonzero(others > 0)
    rest = (score - base - told)[left]
    effects, which = _effects(rest)
    text = {
        lang: [
            words.rest(n, effects[lang][e], lang) for n, e in zip(others[left].tolist(), which.tolist(), strict=True)
        ]
        for lang in LANGS
    }
    return pd.DataFrame(
        {
            "at": left,
            "feature": "(rest)",
            "value": "",
            "contribution": rest,
            "rank": count[left].astype(np.int64) + 1,
            "text_zh": text["zh"],
            "text_en": text["en"],
        }
    )
