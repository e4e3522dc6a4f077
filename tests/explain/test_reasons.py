"""Reasons of scores: named, ordered, summed, worded."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.explain.peers import Peers
from sorg_risk.explain.reasons import score_reasons
from sorg_risk.explain.top import largest

DAY = dt.date(2026, 10, 31)


def made(rows: int = 60, columns: int = 20, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray, float, np.ndarray]:
    """Features with missing values and a category, and contributions with zeros and ties."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({f"x{j:02}": rng.integers(0, 4, rows).astype(float) for j in range(columns)})
    X = X.mask(rng.random(X.shape) < 0.2)
    X["org_type"] = pd.Categorical(rng.choice(["foundation", "association"], rows))
    X["complaints_90d"] = rng.integers(0, 3, rows).astype(float)
    X.index = pd.Index([f"ORG{i:04}" for i in range(rows)], name="org_id", dtype="str")
    values = np.round(rng.normal(size=X.shape), 1) * (rng.random(X.shape) < 0.8)
    return X, values, 512.25, 512.25 + values.sum(axis=1)


@pytest.mark.parametrize("full", [False, True])
def test_rows_sum_to_the_score(full: bool) -> None:
    X, values, base, score = made()
    rows = score_reasons(X.index, X, values, base, score, day=DAY, full=full)
    assert np.abs(rows.groupby("org_id")["contribution"].sum() - score).max() < 1e-9
    assert rows["flag_id"].isna().all()
    assert (rows.groupby("org_id")["rank"].apply(list).map(lambda r: r == list(range(len(r))))).all()
    assert ("(rest)" in set(rows["feature"])) is not full


def test_at_most_twelve_are_named_largest_first_ties_by_name() -> None:
    X, values, base, score = made()
    rows = score_reasons(X.index, X, values, base, score, day=DAY)
    for i, org in enumerate(X.index):
        mine = rows.loc[(rows["org_id"] == org) & ~rows["feature"].isin(["(base)", "(rest)"])]
        wanted = sorted(
            (name for name in X.columns if values[i, X.columns.get_loc(name)] != 0),
            key=lambda name: (-abs(values[i, X.columns.get_loc(name)]), name),
        )
        assert mine["feature"].tolist() == wanted[:12]


@given(st.integers(0, 10_000), st.integers(1, 9))
def test_selection_equals_sorting(seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(-3, 4, (7, 9)).astype(float)
    order = rng.permutation(9)
    chosen = largest(values, order, most)
    whole = largest(values, order, 99)
    kept = whole[1] < most
    assert all(np.array_equal(a, b[kept]) for a, b in zip(chosen, whole, strict=True))


def test_sentences_carry_value_comparison_and_effect() -> None:
    X = pd.DataFrame(
        {"org_type": pd.Categorical(["foundation"] * 50), "complaints_90d": [0.0] * 49 + [3.0]},
        index=pd.Index([f"O{i:02}" for i in range(50)], dtype="str"),
    )
    values = np.zeros((50, 2))
    values[-1] = [4.0, -12.34]
    rows = score_reasons(X.index, X, values, 600.0, 600 + values.sum(axis=1), day=DAY, peers=Peers.of(X))
    last = rows.loc[rows["org_id"] == "O49"].set_index("feature")
    assert last.loc["complaints_90d", "text_zh"] == "近90天收到投诉举报3件（高于98%的同类组织），使评分降低12.3分"
    assert last.loc["complaints_90d", "text_en"].endswith(
        "(higher than 98% of its peers): lowers the score by 12.3 points"
    )
    assert last.loc["complaints_90d", "value"] == "3"
    assert last.loc["org_type", "value"] == "foundation"
    assert len(rows.loc[rows["org_id"] == "O00"]) == 1


def test_blocks_of_organisations_give_the_same_rows() -> None:
    X, values, base, score = made()
    peers = Peers.of(X)
    whole = score_reasons(X.index, X, values, base, score, day=DAY, peers=peers)
    parts = [
        score_reasons(X.index[at], X.iloc[at], values[at], base, score[at], day=DAY, peers=peers)
        for at in (slice(0, 17), slice(17, 60))
    ]
    pd.testing.assert_frame_equal(whole, pd.concat(parts, ignore_index=True))


def test_nobody_scored_gives_an_empty_table_of_the_same_types() -> None:
    X, values, base, score = made()
    some = score_reasons(X.index, X, values, base, score, day=DAY)
    none = score_reasons(X.index[:0], X.iloc[:0], values[:0], base, score[:0], day=DAY)
    assert none.empty
    assert (none.dtypes == some.dtypes).all()


def test_peers_are_of_the_same_type_and_need_to_be_enough() -> None:
    X = pd.DataFrame(
        {
            "org_type": ["a"] * 30 + ["b"] * 5 + [None],
            "late": [0.0] * 10 + [1.0] * 10 + [2.0] * 9 + [np.nan] + [9.0] * 6,
        }
    )
    below, equal, above = Peers.of(X).standing("late", X)
    assert (below[10], equal[10], above[10]) == pytest.approx((10 / 29, 10 / 29, 9 / 29))
    assert np.isnan(below[[29, 30, 34, 35]]).all()  # missing; too few of the type; no type
    assert np.isnan(Peers.of(X).standing("org_type", X).below).all()
    assert np.isnan(Peers.none().standing("late", X).below).all()
    together = Peers.of(X[["late"]]).standing("late", X[["late"]])
    assert (together.below[-1], together.equal[-1], together.above[-1]) == pytest.approx((29 / 35, 6 / 35, 0))


@given(st.integers(0, 1000))
def test_peers_of_very_many_values_never_say_too_much(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.round(rng.normal(size=20_000), 4)
    X = pd.DataFrame({"money": values[:10_000]})
    asked = pd.DataFrame({"money": values})
    told = Peers.of(X).standing("money", asked)
    below = np.searchsorted(np.sort(X["money"]), values) / len(X)
    above = 1 - np.searchsorted(np.sort(X["money"]), values, "right") / len(X)
    assert (told.below <= below + 1e-12).all()
    assert (told.above <= above + 1e-12).all()
    assert np.abs(told.below - below).max() < 0.002
    assert np.abs(told.above - above).max() < 0.002
