"""`shap.Explanation` of scores and flags, drawn by six of shap's plots, with Chinese names that render."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt
import shap

from sorg_risk.explain.plots import chinese_font, chinese_signs, explanation_of_rules, explanation_of_scores
from sorg_risk.features import CATALOGUE

from .test_rules import made as rules_made

NAMES = [name for name, one in CATALOGUE.items() if one.unit == "count"][:9]


def scored(lang: str | None = None) -> shap.Explanation:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.integers(0, 5, (40, len(NAMES))).astype(float), columns=NAMES)
    X.iloc[::7, 2] = np.nan
    X["org_type"] = pd.Categorical(rng.choice(["foundation", "association"], len(X)))
    return explanation_of_scores(X, rng.normal(size=X.shape), 600.0, lang)


def ruled(lang: str | None = None) -> shap.Explanation:
    from sorg_risk.explain.rules import rule_reasons

    formulas = {f"f{i}": [["on_list", "over"], ["never_listed"]][: 1 + i % 2] for i in range(12)}
    flags, clauses = rules_made(formulas)
    return explanation_of_rules(flags, rule_reasons(flags, clauses), lang)


def decision(told: shap.Explanation) -> None:
    names = list(told.feature_names)
    shap.decision_plot(told.base_values[0], told.values, told.data, feature_names=names, show=False)


DRAWN: dict[str, Callable[[Any], Any]] = {
    "waterfall": lambda told: shap.plots.waterfall(told[0], show=False),
    "beeswarm": lambda told: shap.plots.beeswarm(told, show=False),
    "bar": lambda told: shap.plots.bar(told, show=False),
    "heatmap": lambda told: shap.plots.heatmap(told, show=False),
    "scatter": lambda told: shap.plots.scatter(told[:, 0], color=told[:, 1], show=False),
    "decision": decision,
}


def shown_names() -> set[str]:
    """Everything written in the current figure."""
    figure = plt.gcf()
    figure.canvas.draw()
    return {text.get_text() for text in figure.findobj(mpl.text.Text)}


@pytest.mark.parametrize("of", [scored, ruled], ids=["scores", "flags"])
@pytest.mark.parametrize("name", DRAWN)
def test_drawn_with_chinese_names(name: str, of: Callable[[str], shap.Explanation]) -> None:
    if chinese_font() is None:
        pytest.skip("no font with Chinese signs on this machine")
    told = of("zh")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning)
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", category=PendingDeprecationWarning)
        warnings.filterwarnings("error", message=".*Glyph.*missing")
        with chinese_signs():
            DRAWN[name](told)
            written = " ".join(shown_names())
        plt.close("all")
    assert any(one in written for one in told.feature_names)


@pytest.mark.parametrize("lang", [None, "zh", "en"])
def test_names_and_sums(lang: str | None) -> None:
    scores, rules = scored(lang), ruled(lang)
    assert rules.values.sum(axis=1) == pytest.approx(1)
    assert set(np.unique(rules.data)) <= {0.0, 1.0}
    assert scores.data.shape == scores.values.shape == (40, len(scores.feature_names))
    assert np.isnan(scores.data[0, 2])
    assert (next(iter(scores.feature_names)) == NAMES[0]) == (lang is None)
    assert ("on_list" in list(rules.feature_names)) == (lang is None)


def test_the_font_is_put_back() -> None:
    before = list(mpl.rcParams["font.family"])
    with chinese_signs():
        pass
    assert list(mpl.rcParams["font.family"]) == before
