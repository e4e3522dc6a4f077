"""Rule and model in one game, against enumeration over features and facts together."""

from __future__ import annotations

import time
from itertools import combinations
from math import factorial
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from sorg_risk import RiskModel
from sorg_risk.errors import ModelError, UsageError
from sorg_risk.explain import ExactExplainer, engine
from sorg_risk.explain.override import Override, either

RULES: list[list[tuple[str, ...]]] = [
    [],
    [("a",)],
    [("a", "b")],
    [("a",), ("b",), ("c",)],
    [("a", "b"), ("c",)],
    [("a", "b"), ("b", "c"), ("a", "c")],
]


def made(features: int = 4) -> tuple[lgb.Booster, np.ndarray]:
    rng = np.random.default_rng(0)
    X = np.round(rng.normal(size=(300, features)), 1)
    X[rng.random(X.shape) < 0.1] = np.nan
    y = np.nan_to_num(X[:, 0]) * np.nan_to_num(X[:, 1]) + np.nan_to_num(X[:, 2]) + rng.normal(size=300) > 0.3
    params = {"objective": "binary", "num_leaves": 8, "verbosity": -1, "min_data_in_leaf": 5, "num_threads": 1}
    return lgb.train(params, lgb.Dataset(X, y.astype(int)), 8), X


def by_enumeration(worth: Any, players: list[Any]) -> dict[Any, float]:
    known = {frozenset(s): worth(frozenset(s)) for k in range(len(players) + 1) for s in combinations(players, k)}
    found = dict.fromkeys(players, 0.0)
    for player in players:
        for s, value in known.items():
            if player not in s:
                weight = factorial(len(s)) * factorial(len(players) - len(s) - 1) / factorial(len(players))
                found[player] += weight * (known[s | {player}] - value)
    return found


@pytest.mark.parametrize("terms", RULES, ids=str)
def test_override_equals_enumeration(terms: list[tuple[str, ...]]) -> None:
    booster, X = made()
    background, x, constant = X[:17], X[40:41], 350.0
    factor, offset = 57.7, 487.0

    def worth(s: frozenset[Any]) -> float:
        if any(set(term) <= s for term in terms):
            return constant
        mixed = background.copy()
        given = [f for f in s if isinstance(f, int)]
        mixed[:, given] = x[0, given]
        return float(offset - factor * np.mean(booster.predict(mixed, raw_score=True)))

    facts = sorted({fact for term in terms for fact in term})
    wanted = by_enumeration(worth, [*range(4), *facts])
    told = Override(ExactExplainer(booster, background), factor=factor, offset=offset).explain(x, terms, constant)
    assert told.base == pytest.approx(worth(frozenset()), abs=1e-9)
    assert [*told.features] == pytest.approx([wanted[i] for i in range(4)], abs=1e-9)
    assert told.facts == pytest.approx({fact: wanted[fact] for fact in facts}, abs=1e-9)
    assert told.base + told.features.sum() + sum(told.facts.values()) == pytest.approx(told.value, abs=1e-9)
    points = offset - factor * booster.predict(x, raw_score=True)[0]
    assert told.value == pytest.approx(constant if terms else points, abs=1e-9)


def test_override_of_a_model_with_a_scorecard() -> None:
    _, X = made(6)
    y = (np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1]) > 0).astype(int)
    model = RiskModel(seeds=1).fit(X, y)
    explainer = ExactExplainer(model, X[:40])
    override = Override(explainer, factor=model.factor, offset=model.offset)
    for row in range(50, 55):
        free = override.explain(X[row : row + 1], [], 0.0)
        assert free.features == pytest.approx(-model.factor * explainer.shap_values(X[row : row + 1])[0], abs=1e-9)
        assert free.value == pytest.approx(model.points(X[row : row + 1])[0], abs=1e-9)
        capped = override.explain(X[row : row + 1], [("a", "b"), ("c",)], 350.0)
        assert capped.base + capped.features.sum() + sum(capped.facts.values()) == pytest.approx(350.0, abs=1e-9)


def test_override_needs_a_background_and_one_row() -> None:
    booster, X = made()
    with pytest.raises(ModelError, match="needs a reference"):
        Override(ExactExplainer(booster))
    with pytest.raises(UsageError, match="2 rows, 1 rules"):
        Override(ExactExplainer(booster, X[:5])).explain(X[:2], [], 0.0)


def test_many_rows_each_under_its_own_rule_as_one_by_one_and_quick() -> None:
    booster, X = made()
    override = Override(ExactExplainer(booster, X[:50]), factor=57.7, offset=487.0)
    rules = [RULES[i % len(RULES)] for i in range(len(X))]
    constants = [300.0 + i for i in range(len(X))]
    override.explain_each(X, rules, constants)
    start = time.process_time()
    together = override.explain_each(X, rules, constants)
    assert (time.process_time() - start) / len(X) < 1e-3
    for i in range(0, len(X), 37):
        alone = override.explain(X[i : i + 1], rules[i], constants[i])
        assert alone.features == pytest.approx(together[i].features, abs=1e-10)
        assert alone.facts == pytest.approx(together[i].facts, abs=1e-10)
    for told in together:
        assert told.base + told.features.sum() + sum(told.facts.values()) == pytest.approx(told.value, abs=1e-9)


def test_override_of_leaves_too_deep_for_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    booster, X = made()
    wanted = Override(ExactExplainer(booster, X[:17])).explain(X[40:41], RULES[-1], 350.0)
    real = engine.Plan.of
    monkeypatch.setattr(engine.Plan, "of", lambda tree, bins: real(tree, bins, 64, 2))
    deep = Override(ExactExplainer(booster, X[:17])).explain(X[40:41], RULES[-1], 350.0)
    assert deep.features == pytest.approx(wanted.features, abs=1e-10)
    assert deep.facts == pytest.approx(wanted.facts, abs=1e-10)


def test_a_rule_of_more_facts_than_conditions_still_sums() -> None:
    booster, X = made()
    told = Override(ExactExplainer(booster, X[:17])).explain(X[40:41], [(f"x{i}",) for i in range(20)], 350.0)
    assert told.base + told.features.sum() + sum(told.facts.values()) == pytest.approx(350.0, abs=1e-9)
    assert len(set(np.round(list(told.facts.values()), 9))) == 1


@pytest.mark.parametrize("terms", [t for t in RULES if t], ids=str)
def test_rule_or_model_splits_fairly_on_its_first_level(terms: list[tuple[str, ...]]) -> None:
    facts = sorted({fact for term in terms for fact in term})
    wanted = by_enumeration(lambda s: float("model" in s or any(set(t) <= s for t in terms)), [*facts, "model"])
    split = either(terms, {"x": 2.0, "y": -0.5}, over_line=True)
    assert split.facts == pytest.approx({fact: wanted[fact] for fact in facts}, abs=1e-12)
    assert split.model == pytest.approx(wanted["model"], abs=1e-12)
    assert split.features == pytest.approx({"x": split.model * 2 / 1.5, "y": -split.model / 3}, abs=1e-12)
    assert sum(split.facts.values()) + sum(split.features.values()) == pytest.approx(1, abs=1e-12)
    assert frozenset({None}) in split.reasons
    assert "not the Shapley value" in split.note["en"]


def test_rule_or_model_when_only_one_of_them_speaks() -> None:
    ruled = either([("a", "b")], {"x": 1.0}, over_line=False)
    assert (ruled.model, ruled.features) == (0.0, {})
    assert ruled.facts == pytest.approx({"a": 0.5, "b": 0.5})
    modelled = either([], {"x": 1.0, "y": 3.0}, over_line=True)
    assert modelled.model == pytest.approx(1)
    assert modelled.features == pytest.approx({"x": 0.25, "y": 0.75})
    with pytest.raises(UsageError, match="no flag to explain"):
        either([], {"x": 1.0}, over_line=False)
    with pytest.raises(UsageError, match="do not push it"):
        either([], {"x": -1.0}, over_line=True)
