"""Metrics of the running list: how early it warned, how steady it is from night to night, and whether its probabilities hold by group."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .metrics import auc

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

FEWEST = 5
"""Groups with fewer rows are put together as "(other)"."""


def top(risk: ArrayLike, share: float) -> NDArray[np.bool_]:
    """The riskiest share of rows, at least one; ties go to the earlier row.

    >>> top([0.1, 0.9, 0.9, 0.2], 0.25)
    array([False,  True, False, False])
    """
    risk = np.asarray(risk, dtype=np.float64)
    chosen = np.zeros(len(risk), dtype=bool)
    if len(risk):
        chosen[np.argsort(-risk, kind="stable")[: max(1, round(share * len(risk)))]] = True
    return chosen


def top_each_day(days: ArrayLike, risk: ArrayLike, share: float) -> NDArray[np.bool_]:
    """The riskiest share of every as-of day: the list an authority with that capacity would work through."""
    days, risk = np.asarray(days), np.asarray(risk, dtype=np.float64)
    chosen = np.zeros(len(risk), dtype=bool)
    for day in np.unique(days):
        rows = np.flatnonzero(days == day)
        chosen[rows[top(risk[rows], share)]] = True
    return chosen


def lead_time(after: ArrayLike, y: ArrayLike, warned: ArrayLike, days: ArrayLike, orgs: ArrayLike) -> dict[str, float]:
    """Days between the first warning and the event, over the events that were warned of.

    ``after`` are days from each row's day to its event. An event (organisation, day of event) counts once, with its earliest warning among
    the rows whose horizon it falls in. Returns events, warned_of, and the median, lower and upper quartile in days (NaN without any).
    """
    frame = pd.DataFrame(
        {
            "org": np.asarray(orgs),
            "event": np.asarray(days).astype("datetime64[D]").astype(np.int64) + np.nan_to_num(np.asarray(after)),
            "after": np.asarray(after, dtype=np.float64),
            "warned": np.asarray(warned, dtype=bool),
        }
    ).loc[np.asarray(y, dtype=bool)]
    first = frame.loc[frame["warned"]].groupby(["org", "event"])["after"].max()
    quartiles = first.quantile([0.5, 0.25, 0.75]).to_numpy() if len(first) else np.full(3, np.nan)
    return {
        "events": float(frame.groupby(["org", "event"]).ngroups),
        "warned_of": float(len(first)),
        "median_days": float(quartiles[0]),
        "lower_days": float(quartiles[1]),
        "upper_days": float(quartiles[2]),
    }


def stability(days: ArrayLike, orgs: ArrayLike, risk: ArrayLike, share: float) -> pd.DataFrame:
    """Share of the list of one as-of day that is still on the list of the next, among organisations scored on both days.

    Columns: as_of, next, kept (share), new (count), dropped (count), rank_correlation (Spearman, all organisations of both days).
    """
    frame = pd.DataFrame({"day": np.asarray(days), "org": np.asarray(orgs), "risk": np.asarray(risk, dtype=np.float64)})
    frame["listed"] = top_each_day(frame["day"], frame["risk"], share)
    distinct = np.unique(frame["day"].to_numpy())
    lines = []
    for first, second in pairwise(distinct):
        both = frame.loc[frame["day"] == first].merge(frame.loc[frame["day"] == second], on="org")
        was, now = both["listed_x"], both["listed_y"]
        lines.append(
            {
                "as_of": first,
                "next": second,
                "kept": float((was & now).sum() / was.sum()) if was.any() else np.nan,
                "new": int((now & ~was).sum()),
                "dropped": int((was & ~now).sum()),
                "rank_correlation": float(both["risk_x"].corr(both["risk_y"], method="spearman")),
            }
        )
    return pd.DataFrame(lines, columns=["as_of", "next", "kept", "new", "dropped", "rank_correlation"])


def by_group(y: ArrayLike, probability: ArrayLike, labels: ArrayLike, warned: ArrayLike | None = None) -> pd.DataFrame:
    """Calibration and ranking in each group: rows, events, expected (sum of probabilities), observed and expected rate, ratio, AUC.

    ``ratio`` is observed over expected with a 95 % interval of the Poisson count (exact, Garwood 1936); a group whose interval excludes 1 is
    over- or under-rated. With ``warned``: the share of the group warned of, and how often a warned one had the event.
    """
    frame = pd.DataFrame({"y": np.asarray(y, float), "p": np.asarray(probability, float), "group": _named(labels)})
    if warned is not None:
        frame["warned"] = np.asarray(warned, dtype=bool)
    return pd.DataFrame([_group(str(name), part) for name, part in frame.groupby("group", sort=True)])


def _group(name: str, part: pd.DataFrame) -> dict[str, object]:
    from scipy.stats import chi2

    seen, hoped = float(part["y"].sum()), float(part["p"].sum())
    low = chi2.ppf(0.025, 2 * seen) / 2 if seen else 0.0
    high = chi2.ppf(0.975, 2 * seen + 2) / 2
    line: dict[str, object] = {
        "group": name,
        "rows": len(part),
        "events": int(seen),
        "observed": seen / len(part),
        "expected": hoped / len(part),
        "ratio": seen / hoped if hoped else np.nan,
        "ratio_low": low / hoped if hoped else np.nan,
        "ratio_high": high / hoped if hoped else np.nan,
        "auc": auc(part["y"], part["p"]),
    }
    if "warned" in part:
        line["warned"] = float(part["warned"].mean())
        line["precision"] = float(part.loc[part["warned"], "y"].mean()) if part["warned"].any() else np.nan
    return line


def _named(labels: ArrayLike) -> NDArray[np.object_]:
    """Group names as words; what is missing or too small is "(other)"."""
    words = (
        pd.Series(np.asarray(labels, dtype=object)).astype("object").where(lambda s: s.notna(), "(other)").astype(str)
    )
    counts = words.map(words.value_counts())
    return words.where(counts >= FEWEST, "(other)").to_numpy(dtype=object)
