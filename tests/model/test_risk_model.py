"""The model as a whole: it learns, it is deterministic, its points are a straight line and its parts sum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sorg_risk.errors import ModelError
from sorg_risk.model import RiskModel
from sorg_risk.model.bundle import packed
from sorg_risk.model.metrics import auc

from .made import drawn, fitted


def test_it_learns() -> None:
    made = drawn(seed=1)
    assert auc(made.y, fitted().margin(made.X)) > 0.64


def test_probability_is_calibrated() -> None:
    made = drawn(seed=1)
    assert abs(fitted().predict_proba(made.X)[:, 1].mean() - made.y.mean()) < 0.03


def test_points_are_linear_in_log_odds() -> None:
    model, X = fitted(), drawn().X
    assert np.allclose(model.points(X), model.offset - model.factor * model.margin(X), rtol=0, atol=1e-9)


def test_contributions_sum() -> None:
    model, X = fitted(), drawn().X
    values, base = model.contributions(X)
    assert np.abs(values.sum(axis=1) + base - model.margin(X)).max() < 1e-9


def test_same_data_and_seed_same_bytes() -> None:
    made = drawn(orgs=80)
    one, two = (RiskModel(seeds=2).fit(made.X, made.y, days=made.days, groups=made.orgs) for _ in range(2))
    assert packed(one) == packed(two)


def test_columns_are_matched_by_name() -> None:
    X = drawn().X
    assert np.array_equal(fitted().margin(X), fitted().margin(X[X.columns[::-1]]))


def test_missing_columns_are_refused_by_name() -> None:
    with pytest.raises(ModelError, match="late"):
        fitted().margin(drawn().X.drop(columns="late"))


def test_columns_it_does_not_know_are_left_out_with_one_notice() -> None:
    X = drawn().X
    with pytest.warns(UserWarning, match="2 columns that the model does not know are left out: strange, odd") as told:
        found = fitted().margin(X.assign(strange=1.0, odd="x"))
    assert len(told) == 1
    assert np.array_equal(found, fitted().margin(X))


def test_unknown_word_counts_as_missing() -> None:
    X = drawn().X.head(20)
    new = X.assign(kind=pd.Categorical(["something else"] * 20))
    empty = X.assign(kind=pd.Categorical([None] * 20, categories=X["kind"].cat.categories))
    with pytest.warns(UserWarning, match=r"never seen count as missing: kind 100\.0% of the known cells"):
        found = fitted().margin(new)
    assert np.array_equal(found, fitted().margin(empty))
    assert fitted().unseen(new).to_dict() == {"kind": 1.0}
    assert fitted().unseen(empty).to_dict() == {"kind": 0.0}


def test_few_unseen_words_are_counted_and_not_warned_of() -> None:
    X = drawn().X.astype({"kind": object})
    X.loc[X.index[: len(X) // 50], "kind"] = "new"
    assert fitted().unseen(X)["kind"] == pytest.approx(0.02, abs=0.001)
    fitted().margin(X)
    model = fitted()
    assert "kind 2.0%" in RiskModel(max_unseen=0.01).unseen_words(model.unseen(X))


WORDS = {
    "numbers": ([1, 2, 12], [[1.0, 2.0, 12.0], ["1", "2", "12"], ["1.0", " ２", "12\u200b"], ["01", "02", "12"]]),
    "zeros": (["01", "02", "12"], [[1, 2, 12], [1.0, 2.0, 12.0], ["1", "2", "12"], ["０1 ", "02", "12"]]),
    "flags": (
        [True, False, True],
        [["true", "false", "true"], ["TRUE", "False", "True"], [1, 0, 1], ["1", "0", "1.0"]],
    ),
    "text": (["社团", "基金 会", "民非"], [[" 社团", "基金　会", "民非 "], ["社团\ufeff", "基金\t会", "民非"]]),
}


@pytest.mark.parametrize("case", WORDS)
def test_a_category_is_the_same_however_it_is_delivered(case: str) -> None:
    made, (words, others) = drawn(orgs=100), WORDS[case]
    at = np.arange(len(made.X)) * 7 % 3
    word = pd.Series(words, dtype=object)[at].to_numpy()
    y = (at == 0) & (np.arange(len(at)) % 10 < 6)
    X = made.X[["noise_0"]].assign(word=pd.Categorical(word))
    model = RiskModel(seeds=1).fit(X, y)
    known = model.margin(X)
    assert len(np.unique(known.round(6))) > 1
    for delivered in others:
        for dtype in (None, object, "category"):
            cells = pd.Series(delivered, dtype=object)[at].reset_index(drop=True)
            again = X.assign(word=(cells.infer_objects() if dtype is None else cells.astype(dtype)).to_numpy())
            assert np.array_equal(model.margin(again), known), (delivered, dtype)
            assert model.unseen(again)["word"] == 0


def test_saved_and_loaded(tmp_path) -> None:
    model, X = fitted(), drawn().X
    loaded = RiskModel.load(model.save(tmp_path / "m"))
    assert np.array_equal(loaded.margin(X), model.margin(X))
    assert np.array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert np.array_equal(loaded.warning(X), model.warning(X))
    assert packed(loaded) == packed(model)
