"""The exact engine against its oracles: LightGBM's own contributions, and enumeration over all subsets."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from sorg_risk import RiskModel
from sorg_risk.errors import ModelError
from sorg_risk.explain import ExactExplainer, exact
from sorg_risk.explain import engine as engine_module

from .made import QUIET, grown, rows, target, with_categories


def by_tables(booster: Any, X: Any, background: Any = None) -> tuple[np.ndarray, float]:
    """Contributions by the tables, also for few rows."""
    explainer = ExactExplainer(booster, background).prepare()
    return explainer.shap_values(X), explainer.expected_value


def lightgbm_says(booster: lgb.Booster, X: Any) -> tuple[np.ndarray, float]:
    told = np.asarray(booster.predict(X, pred_contrib=True))
    return told[:, :-1], float(told[0, -1])


KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": ({"missing": 0.0}, {}),
    "nan": ({}, {}),
    "zero is missing": ({}, {"zero_as_missing": True}),
    "no missing handling": ({}, {"use_missing": False}),
    "many leaves": ({}, {"num_leaves": 63, "max_depth": 8}),
    "stumps": ({}, {"num_leaves": 2}),
    "dart": ({}, {"boosting": "dart"}),
    "random forest": ({}, {"boosting": "rf", "bagging_fraction": 0.6, "bagging_freq": 1}),
    "regression": ({}, {"objective": "regression"}),
    "linear in the name only": ({}, {"extra_trees": True, "feature_fraction": 0.4}),
    "monotone": ({}, {"monotone_constraints": [1, 0, 0, 0, 0, 0, 0, -1]}),
}


@pytest.mark.parametrize(("data", "params"), KINDS.values(), ids=KINDS.keys())
def test_equals_lightgbm(data: dict[str, Any], params: dict[str, Any]) -> None:
    X = rows(**data)
    booster = grown(X, target(X), **params)
    asked = np.vstack(
        [rows(200, seed=9), np.zeros((2, 8)), np.full((1, 8), np.nan), np.full((1, 8), 1e300), -np.full((1, 8), np.inf)]
    )
    values, base = by_tables(booster, asked)
    told, told_base = lightgbm_says(booster, asked)
    scale = max(1.0, np.abs(told).max())
    assert np.abs(values - told).max() <= 1e-12 * scale
    assert abs(base - told_base) <= 1e-12 * scale
    assert np.abs(values.sum(axis=1) + base - booster.predict(asked, raw_score=True)).max() <= 1e-11 * scale


@pytest.mark.parametrize(
    "params", [{}, {"max_cat_to_onehot": 40}, {"zero_as_missing": True}], ids=["sets", "one hot", "zero"]
)
def test_equals_lightgbm_with_categories_also_unseen_ones(params: dict[str, Any]) -> None:
    X = with_categories()
    y = (np.isin(X[:, 1] % 7, [1, 4]) ^ (X[:, 4] == 1)).astype(int)
    booster = grown(X, y, categories=[1, 4], min_data_per_group=5, cat_smooth=1.0, **params)
    assert "num_cat=0" not in booster.model_to_string().split("Tree=")[1]
    asked = with_categories(200, seed=5)
    odd = np.tile(asked[0], (9, 1))
    odd[:, 1] = [-1, -0.5, 0, 0.9, 39.7, 40, 1000, 3e9, np.nan]
    asked = np.vstack([asked, odd])
    values, base = by_tables(booster, asked)
    told, told_base = lightgbm_says(booster, asked)
    assert np.abs(values - told).max() <= 1e-12
    assert abs(base - told_base) <= 1e-12


def test_values_at_and_beside_thresholds_go_the_right_way() -> None:
    X = rows()
    booster = grown(X, target(X))
    cuts = booster.trees_to_dataframe()["threshold"].dropna().astype(float).unique()[:60]
    asked = np.vstack(
        [np.tile(value, (1, 8)) for c in cuts for value in (c, np.nextafter(c, np.inf), np.nextafter(c, -np.inf))]
    )
    asked = np.vstack([asked, np.tile([[1e-35], [1.0000000180025095e-35], [-1e-36], [2e-35]], (1, 8))])
    for params in ({}, {"zero_as_missing": True}):
        model = grown(X, target(X), **params)
        assert np.abs(by_tables(model, asked)[0] - lightgbm_says(model, asked)[0]).max() <= 1e-12


# --- by the definition --------------------------------------------------------------------------------------------------------------------


def shapley(worth: Any, players: int) -> np.ndarray:
    """Shapley values of a game on subsets, by enumeration."""
    known = {s: worth(s) for k in range(players + 1) for s in combinations(range(players), k)}
    found = np.zeros(players)
    for i in range(players):
        for s, value in known.items():
            if i not in s:
                weight = factorial(len(s)) * factorial(players - len(s) - 1) / factorial(players)
                found[i] += weight * (known[tuple(sorted((*s, i)))] - value)
    return found


def interventional_by_definition(booster: lgb.Booster, x: np.ndarray, background: np.ndarray) -> np.ndarray:
    def worth(s: tuple[int, ...]) -> float:
        mixed = background.copy()
        mixed[:, list(s)] = x[list(s)]
        return float(np.mean(booster.predict(mixed, raw_score=True)))

    return shapley(worth, len(x))


@pytest.mark.parametrize(
    "params",
    [{}, {"zero_as_missing": True}, {"use_missing": False}, {"num_leaves": 40}],
    ids=["nan", "zero", "none", "deeper"],
)
def test_interventional_equals_enumeration(params: dict[str, Any]) -> None:
    X = rows(400, 6)
    booster = grown(X, target(X), trees=12, **params)
    background = rows(37, 6, seed=4)
    asked = rows(8, 6, seed=5, missing=0.3)
    values, base = by_tables(booster, asked, background)
    for x, found in zip(asked, values, strict=True):
        assert np.abs(found - interventional_by_definition(booster, x, background)).max() <= 1e-9
    assert abs(base - booster.predict(background, raw_score=True).mean()) <= 1e-12
    assert np.abs(values.sum(axis=1) + base - booster.predict(asked, raw_score=True)).max() <= 1e-11


def test_interventional_equals_enumeration_with_categories() -> None:
    X = with_categories()[:, :6]
    y = (np.isin(X[:, 1] % 7, [1, 4]) ^ (X[:, 4] == 1)).astype(int)
    booster = grown(X, y, trees=10, categories=[1, 4], min_data_per_group=5, cat_smooth=1.0)
    background, asked = X[:25], with_categories(6, seed=8)[:, :6]
    values, _ = by_tables(booster, asked, background)
    for x, found in zip(asked, values, strict=True):
        assert np.abs(found - interventional_by_definition(booster, x, background)).max() <= 1e-9


def test_one_background_row_gives_the_baseline_game() -> None:
    X = rows(400, 5)
    booster = grown(X, target(X), trees=8)
    values, _ = by_tables(booster, X[:4], X[7:8])
    for x, found in zip(X[:4], values, strict=True):
        assert np.abs(found - interventional_by_definition(booster, x, X[7:8])).max() <= 1e-10


def test_every_background_row_counts() -> None:
    X = rows(500)
    booster = grown(X, target(X))
    background = rows(3000, seed=6)
    whole, _ = by_tables(booster, X[:20], background)
    halves = [by_tables(booster, X[:20], background[part])[0] for part in (slice(0, 1000), slice(1000, 3000))]
    assert np.abs(whole - (halves[0] / 3 + halves[1] * 2 / 3)).max() <= 1e-12


# --- leaves too deep for tables -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shallow_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let leaves of more than three conditions count as deep."""
    real = engine_module.Plan.of
    monkeypatch.setattr(engine_module.Plan, "of", lambda tree, bins: real(tree, bins, 64, 3))


@pytest.mark.usefixtures("shallow_tables")
def test_deep_leaves_fall_back_exactly() -> None:
    X = rows(600, 8)
    booster = grown(X, target(X), trees=15, num_leaves=40)
    explainer = ExactExplainer(booster).prepare()
    assert len(explainer.engine._held.deep.value) > 50
    assert np.abs(explainer.shap_values(X[:100]) - lightgbm_says(booster, X[:100])[0]).max() <= 1e-12
    few = grown(X[:, :6], target(X), trees=6, num_leaves=30)
    values, base = by_tables(few, X[:5, :6], X[10:40, :6])
    for x, found in zip(X[:5, :6], values, strict=True):
        assert np.abs(found - interventional_by_definition(few, x, X[10:40, :6])).max() <= 1e-9
    assert np.abs(values.sum(axis=1) + base - few.predict(X[:5, :6], raw_score=True)).max() <= 1e-11


def test_a_chain_of_thirty_conditions_stays_exact() -> None:
    """One very unbalanced tree: LightGBM itself loses digits here, the sum does not."""
    rng = np.random.default_rng(0)
    X = rng.random((4000, 30))
    y = np.argmax(np.column_stack([X < 0.12, np.ones(len(X))]), axis=1).astype(float)
    booster = grown(X, y, trees=3, objective="regression", num_leaves=60, min_data_in_leaf=1, learning_rate=0.5)
    explainer = ExactExplainer(booster).prepare()
    assert explainer.engine.deepest > 20
    raw = booster.predict(X[:300], raw_score=True)
    values = explainer.shap_values(X[:300])
    assert np.abs(values.sum(axis=1) + explainer.expected_value - raw).max() <= 1e-11
    assert np.abs(values - lightgbm_says(booster, X[:300])[0]).max() <= 1e-7
    compared = ExactExplainer(booster, X[500:700]).prepare()
    assert np.abs(compared.shap_values(X[:300]).sum(axis=1) + compared.expected_value - raw).max() <= 1e-11


# --- the same by every road ---------------------------------------------------------------------------------------------------------------


def test_few_rows_by_lightgbm_many_by_tables_all_the_same() -> None:
    X = rows(1000)
    booster = grown(X, target(X))
    explainer = ExactExplainer(booster)
    few = explainer.shap_values(X[: exact.FEW])
    assert not explainer.engine.ready
    many = explainer.shap_values(X)
    assert explainer.engine.ready
    assert np.abs(few - many[: exact.FEW]).max() <= 1e-12


def test_blocks_batches_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    X = rows(1200)
    booster = grown(X, target(X))
    whole = ExactExplainer(booster, X[:100], threads=1).shap_values(X)
    assert np.array_equal(ExactExplainer(booster, X[:100], threads=3).shap_values(X), whole)
    assert np.array_equal(np.concatenate(list(ExactExplainer(booster, X[:100]).blocks(X, 300))), whole)
    monkeypatch.setattr(engine_module, "ROWS", 128)
    assert np.array_equal(ExactExplainer(booster, X[:100]).shap_values(X), whole)
    monkeypatch.setattr(engine_module, "HELD", 4000)
    streamed = ExactExplainer(booster, X[:100])
    assert np.abs(streamed.shap_values(X) - whole).max() <= 1e-13
    assert not streamed.engine.ready
    assert len(streamed.engine._batches) > 3


def test_early_stopping_explains_what_is_predicted() -> None:
    X, V = rows(600), rows(300, seed=7)
    data = lgb.Dataset(X, target(X))
    held = lgb.Dataset(V, target(V, 5), reference=data)
    stop = lgb.early_stopping(5, verbose=False)
    params = QUIET | {"learning_rate": 0.5}
    booster = lgb.train(params, data, 60, valid_sets=[held], callbacks=[stop], keep_training_booster=True)
    assert 0 < booster.best_iteration < booster.num_trees()
    values, base = by_tables(booster, V)
    assert np.abs(values.sum(axis=1) + base - booster.predict(V, raw_score=True)).max() <= 1e-11


def test_a_model_that_learnt_nothing_is_all_base() -> None:
    X = rows(100)
    booster = grown(X, np.zeros(100))
    for background in (None, X[:10]):
        values, base = by_tables(booster, X, background)
        assert not values.any()
        assert base == pytest.approx(booster.predict(X[:1], raw_score=True)[0])


def test_no_rows_give_no_contributions() -> None:
    X = rows(300)
    booster = grown(X, target(X))
    assert ExactExplainer(booster).shap_values(X[:0]).shape == (0, 8)
    assert ExactExplainer(booster, X[:9]).shap_values(X[:0]).shape == (0, 8)


# --- frames, wrappers, models of several members ------------------------------------------------------------------------------------------


def frame(n: int = 500, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rows(n, 4, seed=seed), columns=["late", "净资产", "a b", "x4"])
    X["kind"] = pd.Categorical(rng.choice(["基金会", "association", "其他"], n))
    X["charity"] = rng.random(n) < 0.5
    X["count"] = rng.integers(0, 5, n)
    return X


@pytest.fixture(scope="module")
def of_frame() -> tuple[lgb.Booster, pd.DataFrame]:
    X = frame()
    y = ((X["kind"] == "基金会") ^ (X["late"].fillna(0) > 0) | X["charity"] & (X["count"] > 3)).astype(int)
    return grown(X, y), X


def test_pandas_categories_and_column_order(of_frame: tuple[lgb.Booster, pd.DataFrame]) -> None:
    booster, X = of_frame
    told, base = lightgbm_says(booster, X)
    for asked in (
        X,
        X.iloc[:, ::-1],
        X.assign(kind=X["kind"].cat.set_categories(["其他", "association", "基金会", "new"])),
    ):
        values, start = by_tables(booster, asked)
        assert np.abs(values - told).max() <= 1e-12
        assert abs(start - base) <= 1e-12
    values, _ = by_tables(booster, X[:50], X[100:200])
    assert np.isfinite(values).all()


def test_unknown_words_are_missing(of_frame: tuple[lgb.Booster, pd.DataFrame]) -> None:
    booster, X = of_frame
    new = X.assign(kind=pd.Categorical(["外国"] * len(X)))
    gone = X.assign(kind=pd.Categorical([None] * len(X), categories=["基金会"]))
    assert np.array_equal(by_tables(booster, new)[0], by_tables(booster, gone)[0])
    assert np.abs(by_tables(booster, new)[0] - lightgbm_says(booster, new)[0]).max() <= 1e-12


def test_wrong_columns_are_named(of_frame: tuple[lgb.Booster, pd.DataFrame]) -> None:
    booster, X = of_frame
    explainer = ExactExplainer(booster)
    with pytest.raises(ModelError, match="missing \\['late'\\], not known to it \\['early'\\]"):
        explainer.shap_values(X.rename(columns={"late": "early"}))
    with pytest.raises(ModelError, match="category columns"):
        explainer.shap_values(X.assign(kind=1.0))
    with pytest.raises(ModelError, match="column 'late' holds"):
        explainer.shap_values(X.assign(late="three"))
    with pytest.raises(ModelError, match="do not fit a model of 7 features"):
        explainer.shap_values(np.zeros((3, 5)))


def test_other_tables_and_wrappers(of_frame: tuple[lgb.Booster, pd.DataFrame]) -> None:
    import polars as pl
    import scipy.sparse

    X = rows(300, 5, missing=0.0)
    wrapped = lgb.LGBMClassifier(n_estimators=10, num_leaves=7, verbosity=-1).fit(X, target(np.column_stack([X, X])))
    values, _ = by_tables(wrapped, X)
    assert np.abs(values - lightgbm_says(wrapped.booster_, X)[0]).max() <= 1e-12
    named = pl.DataFrame(X, schema=[f"Column_{i}" for i in range(5)])
    assert np.array_equal(by_tables(wrapped, named)[0], values)
    assert np.array_equal(by_tables(wrapped, pd.DataFrame(X, columns=list("abcde")))[0], values)
    assert np.array_equal(by_tables(wrapped, scipy.sparse.csr_matrix(X))[0], values)
    assert np.array_equal(
        by_tables(wrapped, X.astype(np.float32))[0], by_tables(wrapped, X.astype(np.float32).astype(float))[0]
    )


@pytest.fixture(scope="module")
def risk_model() -> tuple[RiskModel, pd.DataFrame]:
    X = frame(600)
    y = ((X["kind"] == "基金会") ^ (X["late"].fillna(0) > 0)).astype(int)
    return RiskModel(seeds=2).fit(X, y), X


@pytest.mark.parametrize("compared", [False, True], ids=["path", "interventional"])
def test_risk_model_of_several_members_sums_to_its_points(
    risk_model: tuple[RiskModel, pd.DataFrame], compared: bool
) -> None:
    model, X = risk_model
    assert len(model.members) > 1
    explainer = ExactExplainer(model, X[:80] if compared else None).prepare()
    values = explainer.shap_values(X)
    points = model.offset - model.factor * (explainer.expected_value + values.sum(axis=1))
    assert np.abs(points - model.points(X)).max() <= 1e-9
    if not compared:
        told, base = model.contributions(X)
        assert np.abs(values - told).max() <= 1e-12
        assert abs(base - explainer.expected_value) <= 1e-12


def test_explanation_for_shap(risk_model: tuple[RiskModel, pd.DataFrame]) -> None:
    model, X = risk_model
    told = ExactExplainer(model, X[:50])(X[:7])
    assert told.values.shape == told.data.shape == (7, 7)
    assert list(told.feature_names) == list(X.columns)
    assert np.abs(told.values.sum(axis=1) + told.base_values - model.margin(X[:7])).max() <= 1e-9


# --- what cannot be exact is refused ------------------------------------------------------------------------------------------------------


def test_refusals_say_why() -> None:
    X = rows(300, missing=0.0)
    with pytest.raises(ModelError, match="3 outputs"):
        ExactExplainer(grown(X, np.arange(300) % 3, trees=2, objective="multiclass", num_class=3))
    with pytest.raises(ModelError, match="linear trees"):
        ExactExplainer(grown(X, target(X), trees=2, linear_tree=True))
    with pytest.raises(ModelError, match="LightGBM booster or a fitted RiskModel"):
        ExactExplainer(object())
    with pytest.raises(ModelError, match="no rows"):
        ExactExplainer(grown(X, target(X), trees=2), X[:0])


def test_what_exceeds_the_bounds_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    X = rows(600, 8)
    booster = grown(X, target(X), trees=15, num_leaves=40)
    with monkeypatch.context() as patch:
        patch.setattr("sorg_risk.explain.bins.MOST", 3)
        with pytest.raises(
            ModelError, match=r"a feature is split at \d+ different values; at most 3 can be told apart"
        ):
            ExactExplainer(booster).prepare()
    real = engine_module.Plan.of
    monkeypatch.setattr(engine_module.Plan, "of", lambda tree, bins: real(tree, bins, 64, 3))
    monkeypatch.setattr("sorg_risk.explain.deep.WIDEST", 3)
    with pytest.raises(ModelError, match=r"a leaf depends on \d features; .* at most 3 .*Train with less depth"):
        ExactExplainer(booster, X[:40]).prepare()
    ExactExplainer(booster).prepare()  # without a background no leaf is too wide


def test_an_engine_without_trees_contributes_nothing() -> None:
    assert not engine_module.Engine([], 4, None, 1).contributions(np.ones((3, 4))).any()


# --- tables beside the model --------------------------------------------------------------------------------------------------------------


def test_kept_tables_give_the_same_and_damage_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    X = rows(500)
    booster = grown(X, target(X))
    first = ExactExplainer(booster, X[:50], cache=tmp_path).prepare().shap_values(X)
    (file,) = tmp_path.iterdir()
    with monkeypatch.context() as never:
        never.setattr(engine_module.Engine, "_made", lambda self: pytest.fail("made again"))
        assert np.array_equal(ExactExplainer(booster, X[:50], cache=tmp_path).prepare().shap_values(X), first)
    whole = file.read_bytes()
    for damaged in (
        whole[:-1000],
        whole[:2000] + b"x" + whole[2001:],
        b"",
        b"{}\n",
        whole.replace(b"cells-2", b"cells-1"),
    ):
        file.write_bytes(damaged)
        assert np.array_equal(ExactExplainer(booster, X[:50], cache=tmp_path).prepare().shap_values(X), first)
        assert file.read_bytes() == whole
    ExactExplainer(booster, X[:51], cache=tmp_path).prepare()
    ExactExplainer(booster, cache=tmp_path).prepare()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_that_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    X = rows(300)
    booster = grown(X, target(X), trees=3)
    (tmp_path / "file").write_text("no folder")
    explainer = ExactExplainer(booster, X[:9], cache=tmp_path / "file" / "below").prepare()
    assert explainer.shap_values(X).shape == X.shape
