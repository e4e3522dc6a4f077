"""Global views: what drives the scores as a whole, whether reasons are stable from night to night, and how rule and model meet.

All of them work on the tables of a run or on its exact contributions, so they add up as these do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..errors import UsageError
from ..features import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WARNED: Final = ("yellow", "orange", "red")
TOP: Final = 5
"""Stability looks at so many of the largest reasons."""


def by_concept(values: NDArray[np.float64], features: Sequence[str]) -> pd.DataFrame:
    """Contributions added up by subject (the family of each feature): one row an organisation, one column a subject.

    A feature outside the catalogue counts as ``other``. Each row keeps its sum.

    >>> by_concept(np.array([[1.0, 2.0, -4.0]]), ["complaints_90d", "complaints_365d", "staff"])
       accounts  complaints
    0      -4.0         3.0
    """
    if values.shape[1] != len(features):
        raise UsageError(
            f"{values.shape[1]} columns of contributions and {len(features)} names were given; give one name a column."
        )
    concepts = [CATALOGUE[name].family if name in CATALOGUE else "other" for name in features]
    names = sorted(set(concepts))
    belongs = np.array([[concept == name for name in names] for concept in concepts], dtype=np.float64)
    return pd.DataFrame(values @ belongs.reshape(len(concepts), len(names)), columns=pd.Index(names))


def mean_contributions(concepts: pd.DataFrame, groups: pd.Series | Sequence[str] | None = None) -> pd.DataFrame:
    """Mean contribution of each subject, in all and by group (type, district, grade ...).

    Parameters
    ----------
    concepts
        As `by_concept` gives them; single features do as well.
    groups
        The group of each row; None: no groups. Rows without one are left out of the groups.

    Returns
    -------
    pandas.DataFrame
        One row a group, ``(all)`` first: ``organisations``, then the mean contribution to each subject. The sum of a row's means is the mean
        distance of the group's scores from the base.

    Examples
    --------
    >>> concepts = by_concept(np.array([[1.0, 0.0], [3.0, -2.0]]), ["complaints_90d", "staff"])
    >>> mean_contributions(concepts, ["foundation", "association"])
                 organisations  accounts  complaints
    (all)                    2      -1.0         2.0
    association              1      -2.0         3.0
    foundation               1       0.0         1.0
    """
    whole = concepts.mean().to_frame("(all)").T
    whole.insert(0, "organisations", len(concepts))
    if groups is None:
        return whole
    by = pd.Series(np.asarray(groups, dtype=object), index=concepts.index)
    grouped = concepts.groupby(by, sort=True)
    means = grouped.mean()
    means.insert(0, "organisations", grouped.size())
    return pd.concat([whole, means.rename_axis(None)])


def stability(before: pd.DataFrame, now: pd.DataFrame, most: int = TOP) -> pd.DataFrame:
    """How far the largest reasons of each organisation's score stayed the same from one night to the next.

    Parameters
    ----------
    before, now
        Reasons of the two nights; only those of scores are looked at, and only of organisations scored on both.
    most
        So many of the largest reasons are compared.

    Returns
    -------
    pandas.DataFrame
        Indexed by org_id: ``same`` (share of reasons named on both nights among those named on either), ``first_same`` (the largest reason is
        the same), ``turned`` (reasons named on both nights whose sign turned), ``moved`` (points by which the reasons named on both nights
        moved, added up without sign).

    Examples
    --------
    >>> night = pd.DataFrame({"org_id": "A", "flag_id": None, "feature": ["(base)", "late", "staff"], "rank": [0, 1, 2],
    ...                       "contribution": [600.0, -9.0, 2.0]})
    >>> later = night.assign(feature=["(base)", "late", "fined"], contribution=[600.0, -7.0, -3.0])
    >>> stability(night, later).round(2).to_dict("records")
    [{'same': 0.33, 'first_same': True, 'turned': 0, 'moved': 2.0}]
    """
    then, today = (_largest(night, most) for night in (before, now))
    both = sorted(set(then["org_id"]) & set(today["org_id"]))
    joined = then.merge(today, on=["org_id", "feature"], how="outer", suffixes=("_then", "_now"))
    joined = joined.loc[joined["org_id"].isin(both)]
    old, new = joined["contribution_then"], joined["contribution_now"]
    shared = old.notna() & new.notna()
    told = pd.DataFrame(
        {
            "org_id": joined["org_id"],
            "same": shared.astype(np.float64),
            "first_same": (joined["rank_then"] == 1) & (joined["rank_now"] == 1),
            "turned": (shared & (np.sign(old) != np.sign(new))).astype(np.int64),
            "moved": (new - old).abs().where(shared, 0.0),
        }
    )
    return told.groupby("org_id").agg({"same": "mean", "first_same": "any", "turned": "sum", "moved": "sum"})


def rule_and_model(scores: pd.DataFrame, flags: pd.DataFrame) -> pd.DataFrame:
    """How rule and model meet: for each statutory ground, what the model says of those it speaks of.

    Parameters
    ----------
    scores, flags
        The tables of a run.

    Returns
    -------
    pandas.DataFrame
        One row a flag and ground (and ``(none)``: no statutory matter), the commonest first: ``organisations`` scored, ``mean_score``,
        ``warned`` (share with warning yellow or above), ``lift`` (that share over the share among all; NaN where nobody is warned of),
        ``below`` (median rank as a share of all: small is risky). Where ``warned`` is low, the law sees what the model does not; where the
        law sees nothing and many are warned of, the model looks ahead.

    Examples
    --------
    >>> scores = pd.DataFrame({"org_id": list("ABCD"), "score": [500.0, 520.0, 600.0, 620.0], "rank": [1, 2, 3, 4],
    ...                        "warning": ["red", "none", "none", "yellow"]})
    >>> flags = pd.DataFrame({"org_id": ["A", "B"], "flag": "abnormal_list", "ground": "AL-01", "basis": "statutory"})
    >>> rule_and_model(scores, flags)[["flag", "ground", "organisations", "mean_score", "warned", "lift"]]
                flag  ground  organisations  mean_score  warned  lift
    0  abnormal_list   AL-01              2       510.0     0.5   1.0
    1         (none)                      2       610.0     0.5   1.0
    """
    ruled = flags.loc[flags["basis"] == "statutory", ["org_id", "flag", "ground"]].drop_duplicates()
    rest = scores.loc[~scores["org_id"].isin(ruled["org_id"]), ["org_id"]].assign(flag="(none)", ground="")
    told = scores.assign(
        warned=scores["warning"].isin(WARNED).astype(np.float64), below=scores["rank"] / max(len(scores), 1)
    )
    overall = float(told["warned"].mean()) if len(told) else 0.0
    joined = pd.concat([ruled, rest]).merge(told.loc[:, ["org_id", "score", "warned", "below"]], on="org_id")
    found = joined.groupby(["flag", "ground"], dropna=False).agg(
        organisations=("org_id", "nunique"),
        mean_score=("score", "mean"),
        warned=("warned", "mean"),
        below=("below", "median"),
    )
    found.insert(3, "lift", found["warned"] / overall if overall else np.nan)
    found = found.reset_index()
    order = np.lexsort((found["ground"].astype(str), found["flag"] == "(none)", -found["organisations"]))
    return found.iloc[order].reset_index(drop=True)


def _largest(reasons: pd.DataFrame, most: int) -> pd.DataFrame:
    """The largest named reasons of every score."""
    named = reasons["flag_id"].isna() & ~reasons["feature"].isin(["(base)", "(rest)"]) & (reasons["rank"] <= most)
    return reasons.loc[named, ["org_id", "feature", "rank", "contribution"]]
