"""Other libraries on the same models: where they are exact, they agree."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import shap

from sorg_risk import RiskModel
from sorg_risk.explain import ExactExplainer

from .made import grown, rows, target


def test_shap_path_dependent() -> None:
    X = rows()
    booster = grown(X, target(X))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = np.asarray(shap.TreeExplainer(booster).shap_values(X[:100]))
    assert np.abs(ExactExplainer(booster).prepare().shap_values(X[:100]) - told).max() <= 1e-12


def test_shap_interventional_to_its_single_precision() -> None:
    X = rows(missing=0.0)
    booster = grown(X, target(X))
    background = X[:80]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        masker = shap.maskers.Independent(background, max_samples=len(background))
        explainer = shap.TreeExplainer(booster, masker, feature_perturbation="interventional")
        told = np.asarray(explainer.shap_values(X[:60], check_additivity=False))
    for way in (ExactExplainer(booster, background), ExactExplainer(booster, background).prepare()):
        assert np.abs(way.shap_values(X[:60]) - told).max() <= 1e-5


def test_woodelf_interventional_to_its_single_precision() -> None:
    woodelf = pytest.importorskip("woodelf", reason="woodelf-explainer is not installed")
    X = pd.DataFrame(rows(), columns=[f"x{j}" for j in range(8)])
    booster = grown(X, target(X.to_numpy()))
    background = X.iloc[:80]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = np.asarray(woodelf.WoodelfExplainer(booster, background).shap_values(X.iloc[:60]))
    assert np.abs(ExactExplainer(booster, background).prepare().shap_values(X.iloc[:60]) - told).max() <= 1e-5


@pytest.fixture(scope="module")
def of_every_kind() -> tuple[RiskModel, pd.DataFrame]:
    """Several seeds beside a scorecard where it earns a weight; numbers and words missing."""
    X = pd.DataFrame(rows(700, 5), columns=list("abcde"))
    X["kind"] = pd.Categorical(np.random.default_rng(0).choice(["x", "y", None], len(X)))  # type: ignore[arg-type]
    X["whole"] = pd.array([None if i % 5 == 0 else i % 7 for i in range(len(X))], dtype="Int64")
    return RiskModel(seeds=2).fit(X, (X["a"].fillna(0) + (X["kind"] == "x") > 0.5).astype(int)), X


@pytest.mark.parametrize("compared", [False, True], ids=["path", "interventional"])
def test_members_of_every_kind_by_every_way(of_every_kind: tuple[RiskModel, pd.DataFrame], compared: bool) -> None:
    model, X = of_every_kind
    background = X.iloc[:60] if compared else None
    plain, tabled = ExactExplainer(model, background), ExactExplainer(model, background).prepare()
    found = [explainer.shap_values(X) for explainer in (plain, tabled)]
    for explainer, values in zip((plain, tabled), found, strict=True):
        points = model.offset - model.factor * (explainer.expected_value + values.sum(axis=1))
        assert np.abs(points - model.points(X)).max() <= 1e-9
    assert np.abs(found[0] - found[1]).max() <= 1e-12
